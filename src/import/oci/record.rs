//! The record of a release: all that the registry says of what a tag names.
//!
//! Kind `apptainer.image` where every image is a SIF image, else `oci.image`. By item, in
//! `images`: the `manifest` as it is, with annotations, layers and their sizes; of an image
//! its `config`; of a SIF image what [`crate::import::image::record`] keeps. Beside them
//! `index`, the annotations of an index; `attestations`, the entries of an index that are no
//! images; `referrers`, the descriptors that refer to the manifest, and cosign's tags.

use serde_json::json;

use super::found::{Content, EntryFound, Holds, ImageFound, Notice, RepositoryFound, TagFound};
use super::reading::{is_attestation, path_of};
use super::satellite::{self, Satellite};
use crate::import::image::record::{MAX_PART, Part, SIF_KIND};
use crate::import::image::secrets;
use crate::model::{ItemLabel, Map, Record, RecordCapsule, Value};

const OCI: &str = "oci.image";
/// Most that is kept of all images of a release, in bytes of JSON.
const MAX_PARTS: usize = 12 * 1024 * 1024;

/// The record of a release.
pub(super) fn of(
    repository: &RepositoryFound,
    tag: &TagFound,
    images: &[(ItemLabel, &ImageFound)],
    told: &mut Vec<Notice>,
) -> RecordCapsule {
    let path = path_of(&tag.tag);
    let mut room = MAX_PARTS;
    let mut parts = Map::new();
    for (label, image) in images {
        let path = format!("{path}[{label}]", label = serde_json::Value::from(label.as_str()));
        let (part, size) = part(image, room.min(MAX_PART), &path, told);
        room -= size;
        parts.insert(label.as_str().to_owned(), part);
    }
    let mut data: Map<String, Value> = [("images".to_owned(), Value::Map(parts))].into_iter().collect();
    let mut set = |key: &str, value: Vec<Value>| {
        if !value.is_empty() {
            data.insert(key.to_owned(), Value::List(value));
        }
    };
    set("attestations", attestations(tag));
    set("referrers", referrers(repository, tag, images));
    if let Holds::Index { whole, .. } = &tag.holds {
        let index = [("digest".to_owned(), Value::from(tag.digest.to_string()))].into_iter();
        let annotations = whole.get("annotations").map(|all| ("annotations".to_owned(), all.clone()));
        data.insert("index".to_owned(), Value::Map(index.chain(annotations).collect()));
    }
    let mut data = Value::Map(data);
    if secrets::remove(&mut data) {
        told.push(Notice::odd(path, "it holds a password or token, which was left out"));
    }
    let is_sif = images.iter().all(|(_, image)| matches!(image.content, Content::Sif { .. }));
    RecordCapsule::V1(Record { kind: if is_sif { SIF_KIND } else { OCI }.to_owned(), data })
}

/// What is kept of one image, and how much that is.
fn part(image: &ImageFound, most: usize, path: &str, told: &mut Vec<Notice>) -> (Value, usize) {
    let mut part = Part::new(most);
    part.put("digest", image.digest.to_string().into());
    part.put("manifest", json!(image.whole));
    match &image.content {
        Content::Image { config, .. } => part.put("config", json!(config)),
        Content::Sif { digest, size, facts } => {
            let title = image.manifest.layers.first().and_then(|layer| layer.annotations.as_ref());
            let title = title.and_then(|all| all.get("org.opencontainers.image.title"));
            part.sif(title.map(String::as_str), *size, digest, facts);
            part.said(facts);
        }
        Content::Artifact(_) => {}
    }
    told.extend(part.missing.iter().map(|problem| Notice::odd(path, problem)));
    let (value, room) = part.into_value();
    (value, most - room)
}

/// The entries of an index that are no images.
fn attestations(tag: &TagFound) -> Vec<Value> {
    let Holds::Index { entries, .. } = &tag.holds else { return Vec::new() };
    let is_one = |found: &&EntryFound| is_attestation(&found.entry);
    let value = |found: &EntryFound| serde_json::from_value(serde_json::to_value(&found.entry).ok()?).ok();
    entries.iter().filter(is_one).filter_map(value).collect()
}

/// What refers to the manifest or to one of its images.
fn referrers(repository: &RepositoryFound, tag: &TagFound, images: &[(ItemLabel, &ImageFound)]) -> Vec<Value> {
    let mut found = tag.referrers.clone();
    for satellite in &repository.satellites {
        let Some((digest, Satellite::Cosign(kind))) = satellite::of_tag(satellite) else { continue };
        if digest == tag.digest || images.iter().any(|(_, image)| image.digest == digest) {
            let fields = [("tag", satellite.as_str()), ("kind", kind)];
            found.push(Value::Map(fields.map(|(key, text)| (key.to_owned(), Value::from(text))).into_iter().collect()));
        }
    }
    found
}
