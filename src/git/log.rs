//! The commits that touched a catalog, newest first, along first parents alone: the
//! states that a branch really had, whatever was merged into it.
//!
//! Where a clone is shallow, a commit's parent is named but not there. Such a commit is
//! never taken for the first one: what it changed is not known, and the log says that it
//! was cut.

use git2::{Commit, Oid, Repository};

use super::commit::CommitId;
use super::error::GitError;
use super::repo::Repo;
use super::revision::root;
use super::revspec;
use super::when::When;

/// How many commits are looked at; a history without end must not hold up a reader.
const MAX_COMMITS: usize = 50_000;
/// Longest subject line that is kept, in characters.
const MAX_SUBJECT: usize = 400;

/// A commit that touched the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The commit.
    pub id: CommitId,
    /// Its first parent; `None` for the first commit of all.
    pub parent: Option<CommitId>,
    /// When it was committed.
    pub when: When,
    /// The first line of its message: anybody's text. Bytes that are not UTF-8 are replaced.
    pub subject: String,
}

/// What [`Repo::log`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The newest commits that touched the catalog's folder, newest first.
    pub entries: Vec<LogEntry>,
    /// The first commit of all, and when it was made; not known where the history is cut.
    pub begins: Option<(CommitId, When)>,
    /// Whether earlier commits are missing here, as they are in a shallow clone.
    pub cut: bool,
}

impl Repo {
    /// The newest commits, at most `most`, from `rev` along first parents, whose catalog
    /// folder differs from their first parent's.
    ///
    /// # Errors
    /// As [`Repo::revision`].
    pub fn log(&self, rev: &str, most: usize) -> Result<Log, GitError> {
        self.pool.with(|repo| {
            let mut next = Some(revspec::resolve(repo, rev)?);
            let mut log = Log { entries: Vec::new(), begins: None, cut: false };
            let mut looked = 0;
            while let Some(id) = next {
                let failed = || GitError::git(format!("read the commit `{id}`"));
                let commit = repo.find_commit(id).map_err(failed())?;
                let parent = match parent(repo, &commit) {
                    Parent::First => None,
                    Parent::There(id) => Some(id),
                    Parent::Missing => {
                        log.cut = true;
                        return Ok(log);
                    }
                };
                if log.entries.len() < most && self.touched(repo, &commit, parent)? {
                    log.entries.push(entry(&commit, parent));
                }
                looked += 1;
                if looked >= MAX_COMMITS {
                    log.cut = true;
                    return Ok(log);
                }
                if parent.is_none() {
                    log.begins = Some((CommitId(id), When::from_git(commit.committer().when())));
                }
                next = parent;
            }
            Ok(log)
        })
    }

    /// Whether the catalog's folder is another tree than in the parent. A folder that is
    /// behind a link is none.
    fn touched(&self, repo: &Repository, commit: &Commit<'_>, parent: Option<Oid>) -> Result<bool, GitError> {
        let folder = |tree| root(repo, tree, &self.prefix).unwrap_or(None);
        let before = match parent {
            Some(id) => {
                let parent = repo.find_commit(id).map_err(GitError::git(format!("read the commit `{id}`")))?;
                folder(parent.tree_id())
            }
            None => None,
        };
        Ok(folder(commit.tree_id()) != before)
    }
}

enum Parent {
    First,
    There(Oid),
    Missing,
}

/// The first parent that the commit's own text names: libgit2 hides those that a shallow
/// clone has not.
fn parent(repo: &Repository, commit: &Commit<'_>) -> Parent {
    let header = commit.raw_header_bytes();
    let mut lines = header.split(|byte| *byte == b'\n');
    let named = lines.find_map(|line| line.strip_prefix(b"parent "));
    let Some(named) = named else { return Parent::First };
    let id = std::str::from_utf8(named).ok().and_then(|text| Oid::from_str(text.trim()).ok());
    match id {
        Some(id) if repo.odb().is_ok_and(|odb| odb.exists(id)) => Parent::There(id),
        _ => Parent::Missing,
    }
}

fn entry(commit: &Commit<'_>, parent: Option<Oid>) -> LogEntry {
    let message = String::from_utf8_lossy(commit.message_bytes());
    let subject = message.trim_start_matches('\n').lines().next().unwrap_or_default();
    LogEntry {
        id: CommitId(commit.id()),
        parent: parent.map(CommitId),
        when: When::from_git(commit.committer().when()),
        subject: subject.chars().take(MAX_SUBJECT).collect(),
    }
}
