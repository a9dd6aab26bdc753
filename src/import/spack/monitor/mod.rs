//! What `spack install --monitor-save-local` leaves: specs, builds, phases, states.
//!
//! | file | holds |
//! | --- | --- |
//! | `spec-<name>-<version>-config.json` | spec JSON with the `spack_version` |
//! | `build-metadata-<id>.json` | the build's environment, its tags, the `full_hash` of its spec |
//! | `build-<id>-phase-<name>.json` | a phase's status and output |
//! | `build-<id>-status.json` | the build's status |
//! | `build-<id>-analyze.json` | environment variables and installed files, as `spack analyze` posts them |
//!
//! Specs become releases as in [`super::spec`]; a build becomes a record `spack.build` on
//! the release of its spec, and a build with another outcome another record. Any of a
//! build's files may be missing but its metadata: a build that failed, or was stopped, has
//! no status. The order of the phases is nowhere in the files; they are sorted by name.
//!
//! Invariants: the same files in any order give an equal [`Import`]. No secret is kept
//! (`secrets.rs`), of the environment only what Spack names `SPACK_…`, and no output of
//! any length (`output.rs`). Sources: `monitor.py` of Spack 0.17.3; the files that it left.

mod build;
mod files;
mod name;
mod output;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};

use self::build::Parts;
use self::name::{BuildId, Kind};
use super::spec::{DagHash, Document, Graph, Options, propose, refuse_file};
use crate::import::names::KnownNames;
use crate::import::report::{Diagnostics, quoted};
use crate::import::{Import, SourceError, SourceFacts};
use crate::model::{Digest, Map, ModuleProposal, RecordCapsule, SourceFile, Value};

/// Largest file that is read, in bytes: Spack puts whole logs into them.
pub const MAX_FILE: usize = 128 * 1024 * 1024;
/// The letters of a `dag_hash`, in which each release's name ends.
const HASH: usize = 32;

/// Takes files one by one, in any order, and makes proposals of them all.
#[derive(Debug)]
pub struct Importer {
    options: Options,
    known: KnownNames,
    graph: Graph,
    /// Which specs have this hash, of any kind.
    aliases: BTreeMap<String, BTreeSet<DagHash>>,
    builds: BTreeMap<BuildId, Parts>,
    files: BTreeMap<String, SourceFile>,
    diagnostics: Diagnostics,
}

impl Importer {
    /// An importer that has read nothing; `known` are the modules that the catalog has.
    #[must_use]
    pub fn new(options: Options, known: KnownNames) -> Self {
        let (graph, aliases, builds, files, diagnostics) = Default::default();
        Self { options, known, graph, aliases, builds, files, diagnostics }
    }

    /// Reads a file; what it holds is told by its name, which may have the folder of one
    /// run before it. What is wrong with it is a diagnostic.
    ///
    /// # Errors
    /// `source-invalid` when a file of this name was given before.
    pub fn add_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
        if self.files.contains_key(name) {
            return Err(SourceError::Repeated { file: name.to_owned() });
        }
        let Some(kind) = Kind::of(name) else {
            self.diagnostics.odd(name, ".", "its name is none that Spack's monitor gives: it is left out");
            return Ok(());
        };
        if let Err(error) = self.add(name, kind, bytes) {
            refuse_file(name, &error, &mut self.diagnostics);
        }
        let (sha256, size) = (Digest::of(bytes).hex(), bytes.len() as u64);
        self.files.insert(name.to_owned(), SourceFile { name: name.to_owned(), sha256, size, header: None });
        Ok(())
    }

    fn add(&mut self, name: &str, kind: Kind, bytes: &[u8]) -> Result<(), SourceError> {
        if bytes.len() > MAX_FILE {
            return Err(SourceError::TooLarge { file: name.to_owned(), size: bytes.len(), limit: MAX_FILE });
        }
        if kind == Kind::Spec {
            return self.add_spec(name, bytes);
        }
        let fields: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| SourceError::json(name, &error))?;
        let (Kind::Metadata(id) | Kind::Status(id) | Kind::Phase(id, _) | Kind::Analysis(id)) = &kind else {
            return Ok(());
        };
        if let Some(own) = fields.get("build_id").filter(|own| own.as_text() != Some(id.id())) {
            let message =
                format!("it is {}, and not that of the file's name", quoted(own.as_text().unwrap_or("no text")));
            self.diagnostics.refused(name, "build_id", message);
            return Ok(());
        }
        // A build whose spec was not announced brings it along.
        if let (Kind::Metadata(_), Some(spec)) = (&kind, fields.get("spec")) {
            let text = serde_json::to_vec(spec).expect("a value has text keys and finite numbers");
            self.add_spec(name, &text)?;
        }
        self.builds.entry(id.clone()).or_default().add(name, kind, fields);
        Ok(())
    }

    fn add_spec(&mut self, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
        let document = Document::parse(name, bytes, &mut self.diagnostics)?;
        for (alias, hash) in &document.aliases {
            self.aliases.entry(alias.clone()).or_default().insert(*hash);
        }
        self.graph.add(document);
        Ok(())
    }

    /// Makes proposals of all files that were read.
    #[must_use]
    pub fn finish(mut self) -> Import {
        let mut records: BTreeMap<DagHash, Vec<RecordCapsule>> = BTreeMap::new();
        let mut failed = 0;
        for (id, parts) in std::mem::take(&mut self.builds) {
            let Some((hash, build)) = self.build(&id, parts) else { continue };
            failed += usize::from(build.has_failed);
            let known = records.entry(hash).or_default();
            if !known.contains(&build.record) {
                known.push(build.record);
            }
        }
        let Self { options, known, graph, files, mut diagnostics, .. } = self;
        let mut modules = propose(&options, &known, &graph, &BTreeMap::new(), &mut diagnostics);
        let builds = records.values().map(Vec::len).sum();
        attach(&mut modules, records);
        let counts = [("modules", modules.len()), ("releases", graph.len()), ("builds", builds), ("failed", failed)];
        let source = SourceFacts {
            kind: "spack-monitor",
            version: None,
            timestamp: None,
            files: files.into_values().collect(),
            counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count as u64)).collect(),
        };
        Import { modules, diagnostics: diagnostics.into_sorted(), source }
    }

    /// The record of a build, and the spec that it is of.
    fn build(&mut self, id: &BuildId, parts: Parts) -> Option<(DagHash, build::Build)> {
        let Some(asked) = parts.spec_hash() else {
            let message = "the build has no metadata with the hash of its spec, so it can hang nowhere";
            self.diagnostics.refused(&parts.file(id), ".", message);
            return None;
        };
        let specs = self.aliases.get(asked).into_iter().flatten().filter(|hash| self.graph.get(hash).is_some());
        let specs: Vec<DagHash> = specs.copied().collect();
        let [hash] = specs.as_slice() else {
            let what = if specs.is_empty() { "no spec" } else { "more than one spec" };
            let message = format!("{what} of the folder has its hash {}, so the build can hang nowhere", quoted(asked));
            self.diagnostics.refused(&parts.file(id), "full_hash", message);
            return None;
        };
        Some((*hash, parts.into_build(id, hash, &mut self.diagnostics)))
    }
}

/// Hangs the builds on the releases of their specs.
fn attach(modules: &mut [ModuleProposal], mut records: BTreeMap<DagHash, Vec<RecordCapsule>>) {
    for release in modules.iter_mut().flat_map(|module| &mut module.releases) {
        let name = release.name.as_str();
        let hash = name.len().checked_sub(HASH).and_then(|at| name.get(at..)).and_then(|hash| hash.parse().ok());
        if let Some(builds) = hash.and_then(|hash: DagHash| records.remove(&hash)) {
            release.builds = builds;
        }
    }
}
