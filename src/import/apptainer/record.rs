//! The record of a release, `apptainer.image`: all that its images and sidecars say.
//!
//! By item what [`crate::import::image::record`] keeps; `nodes` that have the image, as
//! `node_availability.json` says; `sidecar` as the site wrote it.

use std::collections::BTreeSet;

use serde_json::json;

use super::image::ImageFile;
use super::sidecar::Sidecar;
use crate::import::image::record::{MAX_PART, Part, SIF_KIND};
use crate::import::image::secrets;
use crate::import::report::Diagnostics;
use crate::model::{ItemLabel, Map, Record, RecordCapsule, Value};

/// What is kept of one image.
pub(super) fn part(
    image: &ImageFile,
    sidecar: Option<&Sidecar>,
    nodes: Option<&BTreeSet<String>>,
    told: &mut Diagnostics,
) -> Value {
    let mut part = Part::new(MAX_PART);
    part.sif(Some(image.file()), image.size, &image.digest, &image.facts);
    part.put("nodes", json!(nodes));
    part.put("sidecar", json!(sidecar.map(|sidecar| &sidecar.fields)));
    part.said(&image.facts);
    for problem in &part.missing {
        told.odd(&image.path, "", problem.as_str());
    }
    let (mut whole, _room) = part.into_value();
    if secrets::remove(&mut whole) {
        told.odd(&image.path, "", "it holds a password or token, which was left out");
    }
    whole
}

/// The record of a release.
pub(super) fn capsule(parts: Vec<(ItemLabel, Value)>) -> RecordCapsule {
    let images: Map<String, Value> = parts.into_iter().map(|(item, part)| (item.as_str().to_owned(), part)).collect();
    let data = Value::Map([("images".to_owned(), Value::Map(images))].into_iter().collect());
    RecordCapsule::V1(Record { kind: SIF_KIND.to_owned(), data })
}
