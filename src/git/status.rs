//! What of the catalog is not committed.
//!
//! Built on libgit2's comparison of HEAD, index and work tree, which runs no filter
//! command and no file system monitor. Submodules are left out, and so is `.warecat/`.

use git2::{Status, StatusOptions};

use super::error::GitError;
use super::repo::Repo;

/// How a path differs from HEAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It is not in HEAD.
    New,
    /// Its content, mode or kind differs.
    Modified,
    /// It is gone from the work tree or the index.
    Deleted,
    /// A merge left it undecided.
    Conflicted,
}

/// A path that is not committed as it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncommitted {
    /// The path below the catalog; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// How it differs from HEAD.
    pub state: State,
    /// Whether the index differs from HEAD for it, so that a plain `git commit` takes it.
    pub staged: bool,
}

impl Repo {
    /// Lists what is not committed below the catalog, sorted by path; files that git
    /// ignores are left out. A bare repository has nothing uncommitted.
    pub fn status(&self) -> Result<Vec<Uncommitted>, GitError> {
        if self.workdir.is_none() {
            return Ok(Vec::new());
        }
        let failed = || GitError::git("compare the work tree with HEAD");
        // The rule below stays in the handle's memory, so it is not one of the pool's.
        let repo = self.pool.open()?;
        // Spares walking a large staging area.
        repo.add_ignore_rule(".warecat/").map_err(failed())?;
        let statuses = repo.statuses(Some(&mut self.options())).map_err(failed())?;
        let mut found: Vec<Uncommitted> =
            statuses.iter().filter_map(|entry| self.uncommitted(entry.path_bytes(), entry.status())).collect();
        found.sort();
        Ok(found)
    }

    fn options(&self) -> StatusOptions {
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .include_ignored(false)
            .exclude_submodules(true)
            .update_index(false)
            .disable_pathspec_match(true);
        if !self.prefix.is_empty() {
            options.pathspec(self.prefix.as_str());
        }
        options
    }

    fn uncommitted(&self, full: &[u8], status: Status) -> Option<Uncommitted> {
        let full = String::from_utf8_lossy(full);
        let below = match self.prefix.as_str() {
            "" => full.as_ref(),
            prefix => full.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        let path = below.trim_end_matches('/');
        let is_ours = path.split('/').next() == Some(".warecat");
        (!is_ours).then_some(Uncommitted {
            path: path.to_owned(),
            state: state(status)?,
            staged: status.intersects(STAGED),
        })
    }
}

const STAGED: Status = Status::INDEX_NEW
    .union(Status::INDEX_MODIFIED)
    .union(Status::INDEX_DELETED)
    .union(Status::INDEX_RENAMED)
    .union(Status::INDEX_TYPECHANGE);

/// HEAD against what is there now; `None` if they agree.
pub(super) fn state(status: Status) -> Option<State> {
    let back_again = Status::INDEX_DELETED.union(Status::WT_NEW);
    let gone = Status::WT_DELETED.union(Status::INDEX_DELETED);
    let new = Status::WT_NEW.union(Status::INDEX_NEW);
    let all = STAGED
        .union(gone)
        .union(new)
        .union(Status::WT_MODIFIED.union(Status::WT_TYPECHANGE).union(Status::WT_RENAMED).union(Status::WT_UNREADABLE));
    if status.contains(Status::CONFLICTED) {
        Some(State::Conflicted)
    } else if status.contains(back_again) {
        Some(State::Modified)
    } else if status.intersects(gone) {
        Some(State::Deleted)
    } else if status.intersects(new) {
        Some(State::New)
    } else {
        status.intersects(all).then_some(State::Modified)
    }
}
