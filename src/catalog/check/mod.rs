//! Checking a whole catalog: every document, every link, every name, in one run.
//!
//! Findings are collected, never thrown: a check ends with all that is wrong. Folders
//! are walked in parallel and each module is checked by itself; what needs several
//! modules (references, look-alike names) is checked at the end. Where a writer may be
//! at work, a module that does not match is read again before it is reported.

mod document;
mod finding;
mod local;
mod lookalike;
mod module;
mod references;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use finding::{Finding, Severity};

use self::module::Verdict;
use super::open::Catalog;
use super::walk::{self, Visit};
use crate::code::Code;
use crate::model::codec::MAX_DOCUMENT;
use crate::model::{ModuleName, folded};
use crate::store::{Entry, EntryKind, Files, layout};

/// Where `quickstart` puts a site: beside the modules, and never one of them.
const SITE: &str = "_site";

/// What to look at beyond the documents.
#[derive(Debug, Clone, Copy, Default)]
pub struct CheckOptions {
    /// Whether locations on this machine are looked at too.
    pub local: bool,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CheckReport {
    /// All findings, sorted by path.
    pub findings: Vec<Finding>,
    /// How many documents were checked.
    pub counts: Counts,
}

/// How many documents there are of which kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Modules.
    pub modules: usize,
    /// Releases that modules name.
    pub releases: usize,
    /// Items of those releases.
    pub items: usize,
    /// Replays.
    pub replays: usize,
    /// Records.
    pub records: usize,
    /// Wares with addresses of their own.
    pub mirrored: usize,
}

impl CheckReport {
    /// The number of errors and of warnings.
    #[must_use]
    pub fn totals(&self) -> (usize, usize) {
        let errors = self.findings.iter().filter(|f| f.severity == Severity::Error).count();
        (errors, self.findings.len() - errors)
    }
}

impl Catalog {
    /// Checks every document and link of the catalog; `progress` is called once for each
    /// module, from several threads.
    #[must_use]
    pub fn check(&self, options: CheckOptions, progress: &(dyn Fn() + Sync)) -> CheckReport {
        let gathered = Mutex::new(Gathered::default());
        let files = self.files();
        walk::walk(files, &|visit| {
            let found = folder(files, visit, options);
            if visit.has(layout::MODULE) {
                progress();
            }
            if let Some(found) = found {
                gathered.lock().unwrap_or_else(PoisonError::into_inner).add(found);
            }
        });
        let mut gathered = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut findings = std::mem::take(&mut gathered.findings);
        findings.extend(references::dangling(self, gathered.references));
        findings.extend(lookalike::findings(&mut gathered.modules));
        findings.sort();
        findings.dedup();
        CheckReport { findings, counts: gathered.counts }
    }
}

/// What all folders gave.
#[derive(Default)]
struct Gathered {
    findings: Vec<Finding>,
    counts: Counts,
    modules: Vec<ModuleName>,
    references: Vec<(references::Target, String)>,
}

impl Gathered {
    fn add(&mut self, verdict: Verdict) {
        self.findings.extend(verdict.findings);
        self.modules.extend(verdict.name);
        let (sum, more) = (&mut self.counts, verdict.counts);
        sum.modules += more.modules;
        sum.releases += more.releases;
        sum.items += more.items;
        sum.replays += more.replays;
        sum.records += more.records;
        sum.mirrored += more.mirrored;
        self.references.extend(verdict.references);
    }
}

/// Checks a folder and the module in it; `None` when there is nothing to say.
fn folder(files: &dyn Files, visit: &Visit, options: CheckOptions) -> Option<Verdict> {
    let entries = match &visit.entries {
        Ok(entries) => entries,
        Err(error) => {
            let mut verdict = Verdict::default();
            verdict.findings.push(Finding::new(error.code(), &visit.path, error.to_string()));
            return Some(verdict);
        }
    };
    let mut findings = Vec::new();
    let mut folders = BTreeMap::new();
    for entry in entries {
        let path = walk::join(&visit.path, &entry.name);
        match entry.kind {
            EntryKind::Link => findings.push(Finding::new(Code::FileUnsafe, &path, "it is a symbolic link")),
            EntryKind::Other => findings.push(Finding::new(
                Code::FileUnsafe,
                &path,
                "it is neither a plain file nor a folder, or its name is not UTF-8",
            )),
            EntryKind::Folder if !entry.name.starts_with(['.', '_']) => {
                if let Some(other) = folders.insert(folded(&entry.name), path.clone()) {
                    findings.push(finding::collision(&path, &other));
                }
            }
            _ => {}
        }
    }
    findings.extend(stray(visit));
    if !visit.has(layout::MODULE) {
        findings.extend(without_module(files, visit));
        return (!findings.is_empty()).then(|| Verdict { findings, ..Verdict::default() });
    }
    if let Some(above) = &visit.below {
        let message = format!("it lies below the module `{above}`, where Warpforge does not see it");
        findings.push(Finding::new(Code::ModuleNested, &visit.path, message));
    }
    let mut verdict = settled(files, &visit.path, entries, options);
    verdict.findings.append(&mut findings);
    Some(verdict)
}

/// What a folder without a module should not hold. A writer may be taking the module
/// away, so that is looked at until it is certain.
fn without_module(files: &dyn Files, visit: &Visit) -> Option<Finding> {
    let holds =
        |kind: &str| files.entries(&walk::join(&visit.path, kind)).is_ok_and(|e| e.is_some_and(|e| !e.is_empty()));
    let found =
        || [layout::RELEASES, layout::REPLAYS, layout::RECORDS].into_iter().find(|kind| visit.has(kind) && holds(kind));
    let mut tries = 0;
    while found().is_some() && tries < 20 {
        tries += 1;
        if !files.refresh() && tries > 1 {
            let has_module =
                files.read(&walk::join(&visit.path, layout::MODULE), MAX_DOCUMENT).is_ok_and(|text| text.is_some());
            let kind = found().filter(|_| !has_module)?;
            let message = format!("it holds `{kind}` but no `{}`", layout::MODULE);
            return Some(Finding::new(Code::ModuleMissing, &visit.path, message));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let path = walk::join(&visit.path, layout::MIRRORS);
    let is_stray = visit.has(layout::MIRRORS) && files.read(&path, MAX_DOCUMENT).is_ok_and(|text| text.is_some());
    is_stray.then(|| Finding::new(Code::DocumentOrphaned, &path, "there is no module beside it"))
}

/// Names beginning with `_` that the layout does not know.
fn stray(visit: &Visit) -> Vec<Finding> {
    let known = [
        (layout::MODULE, EntryKind::File),
        (layout::MIRRORS, EntryKind::File),
        (layout::SOURCE, EntryKind::File),
        (layout::RELEASES, EntryKind::Folder),
        (layout::REPLAYS, EntryKind::Folder),
        (layout::RECORDS, EntryKind::Folder),
    ];
    let entries = visit.entries.as_deref().unwrap_or_default();
    let own = entries.iter().filter(|entry| entry.name.starts_with('_') && entry.name != SITE && entry.name != "_html");
    own.filter(|entry| matches!(entry.kind, EntryKind::File | EntryKind::Folder))
        .filter(|entry| !known.contains(&(entry.name.as_str(), entry.kind)))
        .map(|entry| {
            let path = walk::join(&visit.path, &entry.name);
            Finding::new(Code::DocumentOrphaned, &path, "no part of a catalog has this name")
        })
        .collect()
}

/// Checks a module until two looks agree or no writer can be the reason.
fn settled(files: &dyn Files, path: &str, entries: &[Entry], options: CheckOptions) -> Verdict {
    let mut verdict = module::check(files, path, entries, options);
    for _ in 0..20 {
        if verdict.findings.iter().all(|finding| finding.severity == Severity::Warning) {
            break;
        }
        let is_writing = files.refresh();
        if is_writing {
            std::thread::sleep(Duration::from_millis(5));
        }
        let entries = files.entries(path).ok().flatten().unwrap_or_default();
        let again = module::check(files, path, &entries, options);
        let is_settled = again.findings == verdict.findings && !is_writing;
        verdict = again;
        if is_settled {
            break;
        }
    }
    verdict
}
