//! Files of concrete specs, one by one, to an import.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::graph::Graph;
use super::propose::propose;
use super::shape::NO_SPECS;
use super::{Options, Proof};
use crate::import::names::KnownNames;
use crate::import::report::Diagnostics;
use crate::import::{Import, SourceError, SourceFacts};
use crate::model::{Digest, SourceFile};
use crate::text::shown;

/// The JSON path of a whole file.
const WHOLE: &str = ".";

/// Refuses a whole file, and the others are taken.
pub(crate) fn refuse_file(file: &str, error: &SourceError, diagnostics: &mut Diagnostics) {
    let message = error.to_string();
    // The diagnostic names the file already.
    let message = message.strip_prefix(&format!("{}: ", shown(file))).unwrap_or(&message);
    diagnostics.refused(file, WHOLE, message);
}

/// Takes files one by one, in any order, and makes proposals of them all.
#[derive(Debug)]
pub struct Importer {
    options: Options,
    known: KnownNames,
    graph: Graph,
    files: BTreeSet<(String, String, u64)>,
    diagnostics: Diagnostics,
}

impl Importer {
    /// An importer that has read nothing; `known` are the modules that the catalog has.
    #[must_use]
    pub fn new(options: Options, known: KnownNames) -> Self {
        let (graph, files, diagnostics) = Default::default();
        Self { options, known, graph, files, diagnostics }
    }

    /// Reads a file and says how many nodes it took from it. The name stands in diagnostics
    /// and in the source document, so it should hold no path of a machine; the bytes can be
    /// dropped afterwards.
    ///
    /// # Errors
    /// `source-invalid` when it is not JSON of a known shape, is signed, or is of a format
    /// whose hashes cannot be recomputed; `limit-exceeded`.
    pub fn add_file(&mut self, name: &str, bytes: &[u8]) -> Result<usize, SourceError> {
        let document = Document::parse(name, bytes, &mut self.diagnostics)?;
        let count = document.nodes.len();
        self.files.insert((name.to_owned(), Digest::of(bytes).hex(), bytes.len() as u64));
        self.graph.add(document);
        Ok(count)
    }

    /// Reads a file that nobody named, but that lay in a folder: what is wrong with it is a
    /// diagnostic.
    pub fn add_found(&mut self, name: &str, bytes: &[u8]) {
        match self.add_file(name, bytes) {
            Ok(_) => {}
            Err(SourceError::KindUnknown { reason: NO_SPECS, .. }) => self.diagnostics.odd(name, WHOLE, NO_SPECS),
            Err(error) => refuse_file(name, &error, &mut self.diagnostics),
        }
    }

    /// The nodes of all files that were read.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Makes proposals of all files that were read.
    #[must_use]
    pub fn finish(self) -> Import {
        let Self { options, known, graph, files, mut diagnostics } = self;
        let modules = propose(&options, &known, &graph, &BTreeMap::new(), &mut diagnostics);
        let count = |is: &dyn Fn(&super::Node) -> bool| graph.nodes().filter(|node| is(node)).count();
        let counts = [
            ("modules", modules.len()),
            ("releases", graph.len()),
            ("externals", count(&|node| node.external.is_some())),
            ("spliced", count(&|node| node.proof != Proof::Whole)),
        ];
        let file = |(name, sha256, size)| SourceFile { name, sha256, size, header: None };
        let source = SourceFacts {
            kind: "spack-spec",
            version: None,
            timestamp: None,
            files: files.into_iter().map(file).collect(),
            counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count as u64)).collect(),
        };
        Import { modules, diagnostics: diagnostics.into_sorted(), source }
    }
}
