//! What an import gives: proposals, diagnostics, facts about the source.

use crate::code::Code;
use crate::model::{Diagnostic, Map, ModuleProposal, Source, SourceFile};
use crate::text::shown;

/// All that an import gives. The same files, in any order, give an equal one.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The modules, sorted by name.
    pub modules: Vec<ModuleProposal>,
    /// What was refused or found odd, sorted, each once.
    pub diagnostics: Vec<Diagnostic>,
    /// What the files say of themselves.
    pub source: SourceFacts,
}

/// What [`Source`] says of a source, but for the names that its reader gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFacts {
    /// The EESSI versions that were imported, sorted, joined with `, `.
    pub version: Option<String>,
    /// The newest time stamp of the files.
    pub timestamp: Option<String>,
    /// The files, in the order of their names.
    pub files: Vec<SourceFile>,
    /// How many there are: `modules`, `releases`, `wares`, `software` (names), and one
    /// count of releases for each kind of extension, in the order of the kinds.
    pub counts: Map<String, u64>,
}

impl SourceFacts {
    /// The document for a source of this name, read from `url`.
    #[must_use]
    pub fn into_source(self, name: String, url: Option<String>) -> Source {
        let Self { version, timestamp, files, counts } = self;
        Source { kind: "eessi".into(), name, version, timestamp, url, files, counts }
    }
}

/// Collects diagnostics.
#[derive(Debug, Default)]
pub(super) struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Something was refused.
    pub(super) fn refused(&mut self, file: &str, path: impl Into<String>, message: impl Into<String>) {
        self.add(Code::EntryRefused, file, path, message);
    }

    /// Something is odd and was taken as far as it can be.
    pub(super) fn odd(&mut self, file: &str, path: impl Into<String>, message: impl Into<String>) {
        self.add(Code::EntryOdd, file, path, message);
    }

    pub(super) fn add(&mut self, code: Code, file: &str, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Diagnostic { code, file: file.to_owned(), path: path.into(), message: message.into() });
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// Upstream's text as a message shows it: in backticks, harmless, not too long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 120;
    let cut = text.char_indices().nth(LONGEST).map_or(text, |(at, _)| &text[..at]);
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{dots}`", shown(cut))
}
