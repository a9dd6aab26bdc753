//! What a commit changed, as plain values that can be kept as JSON.

use serde::{Deserialize, Serialize};

use crate::model::{ItemLabel, ModuleName, ReleaseName, WareId};

/// Longest text of a fact that is kept, in characters; a description can be a book.
const MAX_FACT: usize = 240;

/// What a commit changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// The modules that changed, by name.
    pub modules: Vec<ModuleChange>,
    /// The sources that were read anew, by prefix.
    pub sources: Vec<SourceChange>,
    /// Whether the catalog's configuration changed.
    pub configuration: bool,
    /// What could not be read, in the order of paths.
    pub faults: Vec<Fault>,
}

impl Changes {
    /// Whether nothing of the catalog changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty() && self.sources.is_empty() && !self.configuration && self.faults.is_empty()
    }
}

/// Whether a module is new, gone, or was there and is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// Only the later state has it.
    New,
    /// Only the earlier state has it.
    Gone,
    /// Both have it.
    Changed,
}

/// What changed of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleChange {
    /// The module.
    pub name: ModuleName,
    /// The name that people know it by; upstream's text.
    pub title: String,
    /// Whether it is new or gone.
    pub kept: Kept,
    /// Releases that only the later state has, newest first.
    pub new: Vec<NewRelease>,
    /// Releases that only the earlier state has, newest first.
    pub gone: Vec<ReleaseName>,
    /// Releases of both states that differ, newest first.
    pub changed: Vec<ReleaseChange>,
    /// Metadata of the module that differ, by key.
    pub facts: Vec<FactChange>,
    /// How many addresses were added to its mirrors.
    pub mirrors_added: usize,
    /// How many addresses were dropped from its mirrors.
    pub mirrors_dropped: usize,
}

impl ModuleChange {
    /// Whether nothing that has a meaning differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept == Kept::Changed
            && self.new.is_empty()
            && self.gone.is_empty()
            && self.changed.is_empty()
            && self.facts.is_empty()
            && self.mirrors_added + self.mirrors_dropped == 0
    }
}

/// A release that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRelease {
    /// The release.
    pub name: ReleaseName,
    /// Its items, in its own order; absent where a commit adds so many releases that
    /// their documents are not read, or where its document is damaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<ItemLabel>>,
}

/// What changed of a release that both states have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseChange {
    /// The release.
    pub name: ReleaseName,
    /// Items that were added.
    pub gained: Vec<ItemLabel>,
    /// Items that were dropped.
    pub lost: Vec<ItemLabel>,
    /// Items whose ware changed under their name.
    pub moved: Vec<Moved>,
    /// Whether it was yanked, or is no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanking: Option<Yanking>,
    /// Other metadata that differ, by key.
    pub facts: Vec<FactChange>,
}

impl ReleaseChange {
    /// Whether nothing that has a meaning differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty()
            && self.lost.is_empty()
            && self.moved.is_empty()
            && self.yanking.is_none()
            && self.facts.is_empty()
    }
}

/// An item that names other content than before: what a catalog is there to prevent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The item.
    pub item: ItemLabel,
    /// Its ware before.
    pub before: WareId,
    /// Its ware after.
    pub after: WareId,
}

/// A change of whether a release should be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Yanking {
    /// It should not be used any more, and why; upstream's text, or its beginning.
    Yanked(String),
    /// It can be used again.
    Unyanked,
}

/// A metadata entry that differs; texts are upstream's, or their beginnings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactChange {
    /// The key.
    pub key: String,
    /// Its value before; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Its value after; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A source that was read anew, or is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceChange {
    /// The prefix that its modules lie below.
    pub prefix: ModuleName,
    /// Its name; absent when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Upstream's version of what it gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When upstream made what it gave, as upstream writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// Something that could not be read in one of the two states.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The path within the catalog; empty for the whole of it.
    pub path: String,
    /// Which of the two states it is of: `before` or `after`, or `commit` for both.
    pub state: String,
    /// The stable code of what is wrong.
    pub code: String,
    /// What is wrong, in words.
    pub message: String,
}

/// A text, or its beginning.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_FACT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
