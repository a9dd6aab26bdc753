//! What an import gives: proposals, diagnostics, facts about the source.

use crate::code::Code;
use crate::model::{Diagnostic, Map, ModuleProposal, Source, SourceFile};
use crate::text::shown;

/// All that an import gives. The same input, in any order, gives an equal one.
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
    /// Which importer read it, such as `eessi`.
    pub kind: &'static str,
    /// Upstream's version or versions.
    pub version: Option<String>,
    /// The newest time stamp of the files.
    pub timestamp: Option<String>,
    /// The files, in the order of their names.
    pub files: Vec<SourceFile>,
    /// How many there are of what; each importer says which.
    pub counts: Map<String, u64>,
}

impl SourceFacts {
    /// The document for a source of this name, read from `url`.
    #[must_use]
    pub fn into_source(self, name: String, url: Option<String>) -> Source {
        let Self { kind, version, timestamp, files, counts } = self;
        Source { kind: kind.into(), name, version, timestamp, url, files, counts }
    }
}

/// Collects diagnostics.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Something was refused.
    pub(crate) fn refused(&mut self, file: &str, path: impl Into<String>, message: impl Into<String>) {
        self.add(Code::EntryRefused, file, path, message);
    }

    /// Something is odd and was taken as far as it can be.
    pub(crate) fn odd(&mut self, file: &str, path: impl Into<String>, message: impl Into<String>) {
        self.add(Code::EntryOdd, file, path, message);
    }

    pub(crate) fn add(&mut self, code: Code, file: &str, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Diagnostic { code, file: file.to_owned(), path: path.into(), message: message.into() });
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// Upstream's text as a message shows it: in backticks, harmless, not too long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 120;
    let cut = text.char_indices().nth(LONGEST).map_or(text, |(at, _)| &text[..at]);
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{dots}`", shown(cut))
}
