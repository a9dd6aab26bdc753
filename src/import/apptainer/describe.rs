//! What an image says of itself as metadata: the module's and the release's.

use std::collections::BTreeSet;

use super::date::rfc3339;
use super::image::ImageFile;
use super::secrets;
use super::sidecar::Sidecar;
use crate::import::link::is_link;
use crate::model::{Metadata, metadata};

/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 2000;
/// Longest version and licence, in bytes.
const MAX_WORD: usize = 200;

const DESCRIPTION: [&str; 3] = ["org.opencontainers.image.description", "org.label-schema.description", "Description"];
const TITLE: [&str; 3] = ["org.opencontainers.image.title", "org.label-schema.name", "Title"];
const HOMEPAGE: [&str; 4] = [
    "org.opencontainers.image.url",
    "org.label-schema.url",
    "org.opencontainers.image.source",
    "org.label-schema.vcs-url",
];
const LICENSE: [&str; 3] = ["org.opencontainers.image.licenses", "License", "LICENSE"];

/// What an image says of its software as a whole.
pub(super) fn module(image: &ImageFile, sidecar: Option<&Sidecar>) -> Metadata {
    let facts = &image.facts;
    let mut found = Metadata::new();
    let help = facts.attributes.helpfile.lines().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric));
    let description = facts.label(&DESCRIPTION).or(help);
    let description = description.or_else(|| sidecar?.description()).or_else(|| facts.label(&TITLE));
    if let Some(text) = description {
        let text: String = text.chars().take(MAX_DESCRIPTION).collect();
        found.insert(metadata::DESCRIPTION.to_owned(), secrets::without(&text).into_owned());
    }
    let links = HOMEPAGE.iter().filter_map(|name| facts.label(&[name]));
    if let Some(link) = links.map(secrets::without).find(|text| is_link(text) && !text.starts_with("ftp:")) {
        found.insert(metadata::HOMEPAGE.to_owned(), link.into_owned());
    }
    if let Some(license) = facts.label(&LICENSE).filter(|text| is_license(text)) {
        found.insert(metadata::LICENSE.to_owned(), license.to_owned());
    }
    found
}

fn is_license(text: &str) -> bool {
    text.len() <= MAX_WORD && spdx::Expression::parse(text).is_ok()
}

/// What the images of a release say of it; there is at least one.
pub(super) fn release(images: &[&ImageFile]) -> Metadata {
    let mut found = Metadata::new();
    let Some(first) = images.first() else { return found };
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            found.insert(key.to_owned(), value);
        }
    };
    let is_other = |text: &&str| *text != first.name.release && text.len() <= MAX_WORD;
    set(metadata::VERSION, first.label_version().filter(is_other).map(|text| secrets::without(text).into_owned()));
    set(metadata::DATE, first.facts.created.and_then(rfc3339));
    set(metadata::KIND, Some("image".into()));
    set(metadata::SOURCE, Some("apptainer".into()));
    set(metadata::SIGNED_BY, keys(images.iter().map(|image| &image.facts.signed_by)));
    set(metadata::VERIFIED_BY, keys(images.iter().map(|image| &image.facts.verified_by)));
    found
}

/// The keys of all images, when each image has one: a release is no better signed than the
/// worst of its images.
fn keys<'i>(sets: impl Iterator<Item = &'i BTreeSet<String>>) -> Option<String> {
    let mut all = BTreeSet::new();
    for set in sets {
        if set.is_empty() {
            return None;
        }
        all.extend(set.iter().map(String::as_str));
    }
    let list: Vec<&str> = all.into_iter().collect();
    (!list.is_empty()).then(|| list.join(metadata::LIST_SEPARATOR))
}
