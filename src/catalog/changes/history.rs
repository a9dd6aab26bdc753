//! The last commits of a catalog, and what each of them changed.

use std::path::Path;

use rayon::prelude::*;

use super::module::{Documents, Pair, State};
use super::touched::{self, Parts};
use super::value::{Changes, Fault, ModuleChange, SourceChange, cut};
use crate::catalog::error::CatalogError;
use crate::catalog::read;
use crate::catalog::revision::RevisionFiles;
use crate::git::{LogEntry, Repo};
use crate::model::{ModuleName, SourceCapsule};
use crate::store::{Entry, Files, Place, StoreError};

/// Up to how many new releases a commit's are read, for their items. A first import has
/// all of a catalog's, of which the modules' documents say enough.
const DETAILED: usize = 10_000;

/// A commit that touched the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Its first parent's id; `None` for the first commit of all.
    pub parent: Option<String>,
    /// When it was committed, RFC 3339.
    pub date: String,
    /// The first line of its message: anybody's text.
    pub subject: String,
    entry: LogEntry,
}

/// The last commits of a catalog that is kept in git.
#[derive(Debug)]
pub struct History {
    repo: Repo,
    commits: Vec<Commit>,
    begins: Option<(String, String)>,
    cut: bool,
}

impl History {
    /// The last commits, at most `most`, that touched the catalog in `folder`, up to the
    /// revision `rev`; `None` where no repository holds it, or where it has no commit.
    ///
    /// # Errors
    /// `revision-not-found`, `git-failed`.
    pub fn open(folder: &Path, rev: &str, most: usize) -> Result<Option<Self>, CatalogError> {
        let Some(repo) = Repo::discover(folder)? else { return Ok(None) };
        let log = match repo.log(rev, most) {
            Ok(log) => log,
            Err(crate::git::GitError::RevisionNotFound { .. }) if rev == "HEAD" => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let commit = |entry: LogEntry| Commit {
            id: entry.id.to_string(),
            parent: entry.parent.map(|id| id.to_string()),
            date: entry.when.to_string(),
            subject: entry.subject.clone(),
            entry,
        };
        let commits = log.entries.into_iter().map(commit).collect();
        Ok(Some(Self {
            repo,
            commits,
            begins: log.begins.map(|(id, when)| (id.to_string(), when.to_string())),
            cut: log.cut,
        }))
    }

    /// The commits, newest first. Some may have changed nothing of the catalog.
    #[must_use]
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    /// When the first commit of all was made; not known where the history is cut.
    #[must_use]
    pub fn begins(&self) -> Option<&str> {
        self.begins.as_ref().map(|(_, date)| date.as_str())
    }

    /// The id of the first commit of all, which tells this catalog from others.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.begins.as_ref().map(|(id, _)| id.as_str())
    }

    /// Whether earlier commits are missing here, as they are in a shallow clone.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The catalog's folder in the repository; empty for its root.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.repo.prefix()
    }

    /// What a commit changed. What cannot be read is a fault in it.
    #[must_use]
    pub fn changes(&self, commit: &Commit) -> Changes {
        self.try_changes(commit).unwrap_or_else(|error| {
            let fault = Fault {
                path: String::new(),
                state: "commit".into(),
                code: error.code().to_string(),
                message: error.to_string(),
            };
            Changes { faults: vec![fault], ..Changes::default() }
        })
    }

    fn try_changes(&self, commit: &Commit) -> Result<Changes, CatalogError> {
        let LogEntry { id, parent, .. } = commit.entry;
        let touched = touched::touched(&self.repo.difference(parent, id, &touched::look)?);
        let after = RevisionFiles::new(self.repo.revision_at(id)?);
        let before = parent.map(|id| self.repo.revision_at(id)).transpose()?.map(RevisionFiles::new);
        let before: &dyn Files = before.as_ref().map_or(&Nothing, |files| files);
        let states = (State { files: before, name: "before" }, State { files: &after, name: "after" });
        let mut changes = Changes { configuration: touched.configuration, ..Changes::default() };
        let modules: Vec<(&ModuleName, &Parts)> = touched.modules.iter().collect();
        for (change, faults) in compare(&modules, states) {
            changes.modules.extend(change);
            changes.faults.extend(faults);
        }
        for prefix in &touched.sources {
            match source(states.1, prefix) {
                Ok(source) => changes.sources.push(source),
                Err(fault) => changes.faults.push(fault),
            }
        }
        changes.faults.sort();
        Ok(changes)
    }
}

/// Compares modules: their own documents first, to know how much there is to tell.
fn compare(
    modules: &[(&ModuleName, &Parts)],
    (before, after): (State<'_>, State<'_>),
) -> Vec<(Option<ModuleChange>, Vec<Fault>)> {
    let pair = |name| Pair { name, before, after, detailed: false, faults: Vec::new() };
    let read: Vec<(Pair<'_>, Option<Documents>)> = modules
        .par_iter()
        .map(|(name, _)| {
            let mut pair = pair(name);
            let documents = pair.documents();
            (pair, documents)
        })
        .collect();
    let new: usize = read.iter().filter_map(|(_, documents)| documents.as_ref()).map(Documents::new_releases).sum();
    let compared = |((mut pair, documents), (_, parts)): ((Pair<'_>, Option<Documents>), &(&ModuleName, &Parts))| {
        pair.detailed = new <= DETAILED;
        let change = documents.and_then(|documents| pair.compare(&documents, parts));
        (change, pair.faults)
    };
    read.into_par_iter().zip(modules).map(compared).collect()
}

/// What a source says in the later state.
fn source(state: State<'_>, prefix: &ModuleName) -> Result<SourceChange, Fault> {
    let place = Place::Source(prefix.clone());
    let capsule = read::document::<SourceCapsule>(state.files, &place).map_err(|error| state.fault(&place, &error))?;
    let source = capsule.map(SourceCapsule::into_inner);
    let text = |text: Option<&String>| text.map(|text| cut(text));
    Ok(SourceChange {
        prefix: prefix.clone(),
        name: text(source.as_ref().map(|source| &source.name)),
        version: text(source.as_ref().and_then(|source| source.version.as_ref())),
        timestamp: text(source.as_ref().and_then(|source| source.timestamp.as_ref())),
    })
}

/// The state before the first commit.
struct Nothing;

impl Files for Nothing {
    fn read(&self, _path: &str, _limit: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    fn entries(&self, _folder: &str) -> Result<Option<Vec<Entry>>, StoreError> {
        Ok(None)
    }
}
