//! The record of a release, `apptainer.image`: all that its images and sidecars say.
//!
//! By item: `file`, `size` (bytes), `sha256`; `attributes` as `apptainer inspect` prints
//! them; `sif` with the header, the objects, the signatures and what could not be read;
//! `bases` of the definition's stages; `sidecar` as the site wrote it; `nodes` that have the
//! image, as `node_availability.json` says.

use std::collections::BTreeSet;

use serde_json::json;

use super::definition::Definition;
use super::image::ImageFile;
use super::secrets;
use super::sidecar::Sidecar;
use crate::import::report::Diagnostics;
use crate::model::{ItemLabel, Map, Record, RecordCapsule, Value};

const KIND: &str = "apptainer.image";
/// Most that is kept of one image, in bytes of JSON: a release has at most 14 of them, and a
/// document 16 MiB.
const MAX_PART: usize = 1024 * 1024;

/// What is kept of one image.
pub(super) fn part(
    image: &ImageFile,
    sidecar: Option<&Sidecar>,
    nodes: Option<&BTreeSet<String>>,
    told: &mut Diagnostics,
) -> Value {
    let mut part = Map::new();
    let mut room = MAX_PART;
    for (key, json) in [
        ("file", image.file().into()),
        ("size", image.size.into()),
        ("sha256", image.digest.hex().into()),
        ("bases", bases(image)),
        ("nodes", json!(nodes)),
        ("sidecar", json!(sidecar.map(|sidecar| &sidecar.fields))),
        ("sif", image.facts.sif.clone()),
        ("attributes", json!(image.facts.attributes)),
    ] {
        if json.is_null() || json.as_object().is_some_and(serde_json::Map::is_empty) {
            continue;
        }
        let size = json.to_string().len();
        match serde_json::from_value::<Value>(json) {
            Ok(value) if size <= room => {
                room -= size;
                part.insert(key.to_owned(), value);
            }
            Ok(_) => told.odd(&image.path, "", format!("the record lacks its `{key}`, of {size} bytes")),
            Err(error) => told.odd(&image.path, "", format!("the record lacks its `{key}`: {error}")),
        }
    }
    let mut whole = Value::Map(part);
    if secrets::remove(&mut whole) {
        told.odd(&image.path, "", "it holds a password or token, which was left out");
    }
    whole
}

/// The record of a release.
pub(super) fn capsule(parts: Vec<(ItemLabel, Value)>) -> RecordCapsule {
    let images: Map<String, Value> = parts.into_iter().map(|(item, part)| (item.as_str().to_owned(), part)).collect();
    let data = Value::Map([("images".to_owned(), Value::Map(images))].into_iter().collect());
    RecordCapsule::V1(Record { kind: KIND.to_owned(), data })
}

/// What each stage is built from, as the definition writes it.
fn bases(image: &ImageFile) -> serde_json::Value {
    let stages = Definition::parse(&image.facts.attributes.deffile).stages;
    let base = |stage: &super::definition::Stage| {
        let (agent, from) = stage.base();
        json!({"bootstrap": agent, "from": from})
    };
    stages.iter().map(base).collect()
}
