//! What is searched of one module.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::field::{FIELDS, Field, labels};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::order::is_unreleased;
use crate::model::target::Target;
use crate::model::{ModuleName, metadata};
use crate::text::{first_paragraph, one_line};

/// Most text of one module that is searched beside its name and summary, in bytes.
pub const MAX_TEXT: usize = 1000;

/// What is searched of one module. It is made from the module's own documents alone, so it
/// can be kept for as long as they do not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The module.
    pub name: ModuleName,
    /// The name that people know it by, on one line, never empty.
    pub title: String,
    /// The beginning of its description, on one line.
    pub summary: Option<String>,
    /// The rest of its description, and what its releases say, up to [`MAX_TEXT`] bytes.
    pub text: String,
    /// The newest release.
    pub newest: Option<String>,
    /// How many releases it has.
    pub releases: u32,
    /// The releases that hold one of its own, `module:release`.
    pub holders: BTreeSet<String>,
    /// What provides it, when it is a virtual package, as upstream spells names.
    pub providers: BTreeSet<String>,
    /// The labels of its items.
    pub labels: BTreeSet<String>,
    /// Its values of each field that has any.
    pub values: BTreeMap<Field, BTreeSet<String>>,
}

impl Document {
    /// What is searched of a module.
    #[must_use]
    pub fn of(entry: &ModuleEntry) -> Self {
        Self::of_sorted(entry, &entry.newest_first())
    }

    /// The same, given its releases, the newest first.
    pub(crate) fn of_sorted(entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Self {
        let labels: BTreeSet<&str> = labels(entry).collect();
        let targets: Vec<Target> = labels.iter().filter_map(|label| Target::parse(label)).collect();
        let description = entry.metadata.get(metadata::DESCRIPTION).map(String::as_str);
        let values = FIELDS.iter().map(|field| (*field, field.values(entry, &targets)));
        Self {
            name: entry.name.clone(),
            title: one_line(entry.title()).unwrap_or_else(|| entry.name.last_segment().to_owned()),
            summary: description.and_then(first_paragraph),
            text: text(releases, description),
            newest: newest(releases),
            releases: u32::try_from(entry.releases.len()).unwrap_or(u32::MAX),
            holders: entry.releases.iter().filter_map(|r| r.fact(metadata::PARENT)).map(str::to_owned).collect(),
            providers: providers(entry),
            labels: labels.into_iter().map(str::to_owned).collect(),
            values: values.filter(|(_, values)| !values.is_empty()).collect(),
        }
    }

    /// What stands above the module: its name without the last part.
    #[must_use]
    pub fn scope(&self) -> &str {
        self.name.as_str().rsplit_once('/').map_or("", |(scope, _)| scope)
    }
}

/// The newest release that is one: not withdrawn, and not a name for what is being
/// developed, where there is another.
fn newest(releases: &[&ReleaseEntry]) -> Option<String> {
    let is_released = |release: &&&ReleaseEntry| {
        let version = release.fact(metadata::VERSION).unwrap_or(release.name().as_str());
        release.fact(metadata::YANKED).is_none() && !is_unreleased(version)
    };
    let found = releases.iter().find(is_released).or(releases.first());
    found.map(|release| release.name().to_string())
}

/// The packages of a virtual one: the names that its list of specs begins with.
fn providers(entry: &ModuleEntry) -> BTreeSet<String> {
    let list = entry.metadata.get(metadata::PROVIDERS).map(String::as_str).unwrap_or_default();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let name = |spec: &str| spec.chars().take_while(|c| is_part(*c)).collect::<String>();
    list.split(metadata::LIST_SEPARATOR).map(name).filter(|name| !name.is_empty()).collect()
}

/// What is searched below the summary: all else that is said in sentences, words parted
/// by one space.
fn text(releases: &[&ReleaseEntry], description: Option<&str>) -> String {
    let mut said: Vec<&str> = description.into_iter().collect();
    said.extend(releases.iter().filter_map(|release| release.fact(metadata::DESCRIPTION)));
    let mut seen = BTreeSet::new();
    let mut text = String::new();
    for (at, part) in said.into_iter().filter(|part| seen.insert(*part)).enumerate() {
        let mut words = part.split_whitespace();
        // The summary has the beginning already.
        let shown = first_paragraph(part).filter(|_| at == 0 && description.is_some()).unwrap_or_default();
        let skipped = shown.strip_suffix('…').unwrap_or(&shown).split(' ').filter(|word| !word.is_empty()).count();
        words.by_ref().take(skipped).for_each(drop);
        for word in words {
            if text.len() + word.len() >= MAX_TEXT {
                return text;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
    text
}
