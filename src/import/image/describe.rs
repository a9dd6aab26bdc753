//! What images say of themselves, as metadata of modules and releases.

use std::collections::{BTreeMap, BTreeSet};

use super::secrets;
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

/// What is said of an image, what is nearest to it first: its labels, then the annotations
/// of what names it.
#[derive(Debug, Clone, Default)]
pub(in crate::import) struct Said<'a>(Vec<BTreeMap<&'a str, &'a str>>);

impl<'a> Said<'a> {
    /// What labels say.
    pub(in crate::import) fn of_labels(labels: &'a BTreeMap<String, String>) -> Self {
        Self(vec![labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()])
    }

    /// And then what a map of texts says; anything else says nothing.
    #[must_use]
    pub(in crate::import) fn then(mut self, map: Option<&'a Value>) -> Self {
        if let Some(Value::Map(map)) = map {
            self.0.push(map.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_text()?))).collect());
        }
        self
    }

    /// The first of these keys that says something.
    pub(in crate::import) fn first(&self, keys: &[&str]) -> Option<&'a str> {
        let found = keys.iter().flat_map(|key| self.0.iter().filter_map(|map| map.get(*key)));
        found.map(|text| text.trim()).find(|text| !text.is_empty())
    }
}

/// The first line of a text that has more than signs.
pub(in crate::import) fn first_words(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric))
}

/// What an image says of its software as a whole: labels before its `help`, and that before
/// what is said `elsewhere`.
pub(in crate::import) fn module(said: &Said<'_>, help: Option<&str>, elsewhere: Option<&str>) -> Metadata {
    let mut found = Metadata::new();
    if let Some(text) = said.first(&DESCRIPTION).or(help).or(elsewhere).or_else(|| said.first(&TITLE)) {
        let text: String = text.chars().take(MAX_DESCRIPTION).collect();
        found.insert(metadata::DESCRIPTION.to_owned(), secrets::without(&text).into_owned());
    }
    let links = HOMEPAGE.iter().filter_map(|name| said.first(&[name])).map(secrets::without);
    if let Some(link) = links.into_iter().find(|text| is_link(text) && !text.starts_with("ftp:")) {
        found.insert(metadata::HOMEPAGE.to_owned(), link.into_owned());
    }
    let is_license = |text: &&str| text.len() <= MAX_WORD && spdx::Expression::parse(text).is_ok();
    if let Some(license) = said.first(&LICENSE).filter(is_license) {
        found.insert(metadata::LICENSE.to_owned(), license.to_owned());
    }
    found
}

/// What a release of images is said to be.
pub(in crate::import) struct ReleaseFacts<'a> {
    /// Its name.
    pub(in crate::import) name: &'a str,
    /// The version that its first image says.
    pub(in crate::import) version: Option<&'a str>,
    /// When that was made.
    pub(in crate::import) date: Option<String>,
    /// Which importer read it.
    pub(in crate::import) source: &'a str,
    /// Of each image, the keys that claim to have signed it; none where there is none.
    pub(in crate::import) signed_by: Vec<Option<&'a BTreeSet<String>>>,
    /// Of each image, the keys with which it was verified.
    pub(in crate::import) verified_by: Vec<Option<&'a BTreeSet<String>>>,
}

impl ReleaseFacts<'_> {
    /// As metadata; what is not known is absent.
    pub(in crate::import) fn metadata(self) -> Metadata {
        let is_other = |text: &&str| *text != self.name && text.len() <= MAX_WORD;
        let version = self.version.filter(is_other).map(|text| secrets::without(text).into_owned());
        let all = [
            (metadata::VERSION, version),
            (metadata::DATE, self.date),
            (metadata::KIND, Some("image".to_owned())),
            (metadata::SOURCE, Some(self.source.to_owned())),
            (metadata::SIGNED_BY, keys(&self.signed_by)),
            (metadata::VERIFIED_BY, keys(&self.verified_by)),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}

/// The keys of all images, when each image has one: a release is no better signed than the
/// worst of its images.
fn keys(sets: &[Option<&BTreeSet<String>>]) -> Option<String> {
    let mut all = BTreeSet::new();
    for set in sets {
        all.extend(set.filter(|set| !set.is_empty())?.iter().map(String::as_str));
    }
    let list: Vec<&str> = all.into_iter().collect();
    (!list.is_empty()).then(|| list.join(metadata::LIST_SEPARATOR))
}
