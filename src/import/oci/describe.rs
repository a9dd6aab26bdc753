//! What images say of themselves, as metadata of modules and releases.

use std::collections::BTreeMap;

use super::found::{Content, Holds, ImageFound, TagFound};
use crate::import::apptainer::{date::rfc3339, secrets};
use crate::import::link::is_link;
use crate::model::{Metadata, Value, metadata};

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
const VERSION: [&str; 5] =
    ["org.opencontainers.image.version", "org.label-schema.version", "Version", "VERSION", "version"];
const CREATED: &str = "org.opencontainers.image.created";

/// What is said of an image, the nearest to it first: its labels, the annotations of its
/// manifest, those of the index.
pub(super) struct Said<'a>(Vec<BTreeMap<&'a str, &'a str>>);

impl<'a> Said<'a> {
    /// All that is said of an image that a tag names.
    pub(super) fn of(tag: &'a TagFound, image: &'a ImageFound) -> Self {
        let labels = match &image.content {
            Content::Image { config, .. } => texts(config.get("config").and_then(|inner| inner.get("Labels"))),
            Content::Sif { facts, .. } => {
                facts.labels().iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
            }
            Content::Artifact(_) => BTreeMap::new(),
        };
        let mut all = vec![labels, texts(image.whole.get("annotations"))];
        if let Holds::Index { whole, .. } = &tag.holds {
            all.push(texts(whole.get("annotations")));
        }
        Self(all)
    }

    /// The first of these keys that says something.
    pub(super) fn first(&self, keys: &[&str]) -> Option<&'a str> {
        let found = keys.iter().flat_map(|key| self.0.iter().filter_map(|map| map.get(*key)));
        found.map(|text| text.trim()).find(|text| !text.is_empty())
    }
}

fn texts(value: Option<&Value>) -> BTreeMap<&str, &str> {
    let Some(Value::Map(map)) = value else { return BTreeMap::new() };
    map.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_text()?))).collect()
}

/// What an image says of its software as a whole.
pub(super) fn module(said: &Said<'_>, image: &ImageFound) -> Metadata {
    let mut found = Metadata::new();
    let help = match &image.content {
        Content::Sif { facts, .. } => facts.attributes.helpfile.lines().map(str::trim).find(|line| !line.is_empty()),
        Content::Image { .. } | Content::Artifact(_) => None,
    };
    if let Some(text) = said.first(&DESCRIPTION).or(help).or_else(|| said.first(&TITLE)) {
        let text: String = text.chars().take(MAX_DESCRIPTION).collect();
        found.insert(metadata::DESCRIPTION.to_owned(), secrets::without(&text).into_owned());
    }
    let links = HOMEPAGE.iter().filter_map(|key| said.first(&[key])).map(secrets::without);
    if let Some(link) = links.into_iter().find(|text| is_link(text) && !text.starts_with("ftp:")) {
        found.insert(metadata::HOMEPAGE.to_owned(), link.into_owned());
    }
    let is_license = |text: &&str| text.len() <= MAX_WORD && spdx::Expression::parse(text).is_ok();
    if let Some(license) = said.first(&LICENSE).filter(is_license) {
        found.insert(metadata::LICENSE.to_owned(), license.to_owned());
    }
    found
}

/// What the images of a tag, of which there is at least one, say of the release.
pub(super) fn release(tag: &TagFound, images: &[&ImageFound]) -> Metadata {
    let mut found = Metadata::new();
    let Some(first) = images.first() else { return found };
    let said = Said::of(tag, first);
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            found.insert(key.to_owned(), value);
        }
    };
    let is_other = |text: &&str| *text != tag.tag.as_str() && text.len() <= MAX_WORD;
    set(metadata::VERSION, said.first(&VERSION).filter(is_other).map(|text| secrets::without(text).into_owned()));
    let created = match &first.content {
        Content::Image { config, .. } => config.get("created").and_then(Value::as_text).map(str::to_owned),
        Content::Sif { facts, .. } => facts.created.and_then(rfc3339),
        Content::Artifact(_) => None,
    };
    let created = created.filter(|text| is_date(text)).or_else(|| said.first(&[CREATED]).map(str::to_owned));
    set(metadata::DATE, created.filter(|text| is_date(text)));
    set(metadata::KIND, Some("image".into()));
    set(metadata::SOURCE, Some("oci".into()));
    set(metadata::SIGNED_BY, signed_by(images));
    found
}

/// The keys that all images claim to be signed with, when each has one.
fn signed_by(images: &[&ImageFound]) -> Option<String> {
    let mut all = std::collections::BTreeSet::new();
    for image in images {
        match &image.content {
            Content::Sif { facts, .. } if !facts.signed_by.is_empty() => {
                all.extend(facts.signed_by.iter().map(String::as_str));
            }
            _ => return None,
        }
    }
    Some(all.into_iter().collect::<Vec<_>>().join(metadata::LIST_SEPARATOR)).filter(|list| !list.is_empty())
}

/// Whether a text is a moment as RFC 3339 writes it, and not Go's word for none.
fn is_date(text: &str) -> bool {
    let shape = |text: &str| -> String { text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() };
    let Some((start, rest)) = text.split_at_checked(19) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    text.len() <= 40
        && shape(start) == "0000-00-00T00:00:00"
        && matches!(shape(rest).as_str(), "Z" | "+00:00" | "-00:00")
        && !start.starts_with("0001-01-01")
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn t23_dates_are_dates() {
        for good in ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456789+02:00", "1970-01-01T00:00:00Z"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "2024-01-01",
            "0001-01-01T00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00Zx",
            "2024-01-01 00:00:00Z",
            "error: no such image",
            "２０２４-01-01T00:00:00Z",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
