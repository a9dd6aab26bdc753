//! What every import has in common: what was read from a source goes into the catalog,
//! is told and committed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use warecat::catalog::{ApplyOptions, BrokenPin, Catalog, ImportPolicy, ImportReport, Proposals};
use warecat::code::Code;
use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::mirror::{FetchOptions, Hosts, Location};
use warecat::model::{Diagnostic, ModuleName, metadata};
use warecat::store::{Committed, Step};

use super::commit::CommitArgs;
use super::failure::Failure;
use super::report;
use super::ui::Ui;

/// Whether a module's absence from a source means that upstream dropped it.
pub(crate) type Covers = Box<dyn Fn(&ModuleName) -> bool + Sync>;

/// What was read from a source.
pub(crate) struct Gathered {
    /// What the importer made of it.
    pub(crate) import: Import,
    /// Of which modules it speaks.
    pub(crate) covers: Covers,
    /// The URL that it was read from, if it was.
    pub(crate) url: Option<String>,
}

/// An import of one source.
pub(crate) struct Job<'a> {
    /// The source's name, for reports and `_source.json`.
    pub(crate) name: &'a str,
    /// The name above its modules.
    pub(crate) prefix: &'a ModuleName,
    /// What to do to what is there.
    pub(crate) policy: ImportPolicy,
    /// `--dry-run` and `--commit`.
    pub(crate) commit: &'a CommitArgs,
}

/// What an import did.
pub(crate) struct Done {
    /// What changed, or would.
    pub(crate) report: ImportReport,
    /// What was refused or odd.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The files that were written.
    pub(crate) committed: Committed,
    /// Upstream's versions.
    pub(crate) version: Option<String>,
}

impl Done {
    /// How many entries were refused.
    pub(crate) fn refused(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.code == Code::EntryRefused).count()
    }

    /// Whether a pin no longer holds.
    pub(crate) fn broken_pins(&self) -> &BTreeSet<BrokenPin> {
        &self.report.broken_pins
    }

    /// The report as scripts read it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let diagnostics: Vec<_> = self
            .diagnostics
            .iter()
            .map(|d| json!({"code": d.code.as_str(), "file": d.file, "path": d.path, "message": d.message}))
            .collect();
        json!({
            "version": self.version, "refused": self.refused(), "changes": self.report,
            "diagnostics": diagnostics, "written": self.committed.written.len(),
            "removed": self.committed.removed.len(),
        })
    }
}

impl Job<'_> {
    /// Puts what was read into the catalog, and commits it when asked to.
    pub(crate) fn run(&self, catalog: &Catalog, gathered: Gathered, ui: &Ui) -> Result<Done, Failure> {
        let Gathered { import: Import { modules, diagnostics, source }, covers, url } = gathered;
        let version = source.version.clone();
        let proposals = Proposals {
            modules,
            prefix: self.prefix,
            source: Some(source.into_source(self.name.to_owned(), url)),
            covers: &*covers,
        };
        let (report, committed) = self.apply(catalog, proposals, ui)?;
        let done = Done { report, diagnostics, committed, version };
        let message = report::message(self.name, self.prefix, &done);
        self.commit.commit(catalog, &done.committed, &message, ui)?;
        Ok(done)
    }

    fn apply(
        &self,
        catalog: &Catalog,
        proposals: Proposals<'_>,
        ui: &Ui,
    ) -> Result<(ImportReport, Committed), Failure> {
        if self.commit.dry_run {
            return Ok((catalog.plan_import(proposals, self.policy)?, Committed::default()));
        }
        let bar = ui.progress("files written");
        let observer = |step| {
            if step == Step::Staged {
                bar.inc(1);
            }
        };
        let options = ApplyOptions { observer: &observer, ..ApplyOptions::default() };
        let done = catalog.import(proposals, self.policy, options);
        bar.finish_and_clear();
        Ok(done?)
    }
}

/// The modules that the catalog has already, with upstream's spelling of their names.
pub(crate) fn spellings(catalog: &Catalog, prefix: &ModuleName) -> Result<BTreeMap<ModuleName, String>, Failure> {
    let mut found = BTreeMap::new();
    for name in catalog.module_names_within(prefix)? {
        if let Some(module) = catalog.module(&name)? {
            let spelling = module.metadata.get(metadata::NAME).map_or(name.last_segment(), String::as_str).to_owned();
            found.insert(name, spelling);
        }
    }
    Ok(found)
}

/// The names that are taken below a prefix, for an importer.
pub(crate) fn known_names(spellings: &BTreeMap<ModuleName, String>) -> KnownNames {
    spellings.iter().map(|(name, spelling)| (name.clone(), spelling.clone())).collect()
}

/// The first URL among the places that a source was read from.
pub(crate) fn first_url(locations: &[Location]) -> Option<String> {
    locations.iter().find(|location| location.is_remote()).map(ToString::to_string)
}

/// How a URL that a person named is fetched: its own host may be a private one.
pub(crate) fn fetch_options(offline: bool, named_by_a_person: &[Location]) -> FetchOptions {
    let mut options = FetchOptions { offline, want_content_hash: false, ..FetchOptions::default() };
    options.http.allow_private = Hosts::named(named_by_a_person.iter().filter_map(Location::host));
    options
}
