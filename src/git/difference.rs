//! The paths that differ between two commits, below the catalog's folder.
//!
//! Folders whose tree object is the same are never opened, so the cost follows the
//! change. Renames are not looked for: a path is there or it is not. Contents are not
//! read, and nothing that a repository configures has a part in it.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use git2::Oid;
use rayon::prelude::*;

use super::commit::CommitId;
use super::error::GitError;
use super::listing::{EntryKind, Listing, Slot};
use super::path::{self, MAX_DEPTH};
use super::repo::Repo;
use super::revision::root;

/// How many entries are looked at before a difference is refused. A few forged objects
/// can unfold into trees without end.
const MAX_LOOKED: usize = 8_000_000;

/// A path that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// The path below the catalog; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// What happened to it.
    pub how: How,
    /// Whether it stands for a folder with all that is in it.
    pub is_folder: bool,
}

/// What happened to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Only the later state has it.
    Added,
    /// Only the earlier state has it.
    Removed,
    /// Both have it, with other content or another kind.
    Modified,
}

/// What is wanted of a folder that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Every path in it.
    Into,
    /// The folder itself where only one state has it; every path in it otherwise.
    Whole,
    /// Nothing.
    Not,
}

struct Walk<'a> {
    repo: &'a Repo,
    look: &'a (dyn Fn(&str) -> Look + Sync),
    looked: AtomicUsize,
    limit: usize,
}

impl Repo {
    /// The paths that differ between `before` (an empty catalog where there is none) and
    /// `after`, sorted; `look` is asked about each folder that differs.
    ///
    /// # Errors
    /// `limit-exceeded` for trees larger than any real catalog; `git-failed`.
    pub fn difference(
        &self,
        before: Option<CommitId>,
        after: CommitId,
        look: &(dyn Fn(&str) -> Look + Sync),
    ) -> Result<Vec<Changed>, GitError> {
        self.difference_within(before, after, look, MAX_LOOKED)
    }

    pub(super) fn difference_within(
        &self,
        before: Option<CommitId>,
        after: CommitId,
        look: &(dyn Fn(&str) -> Look + Sync),
        limit: usize,
    ) -> Result<Vec<Changed>, GitError> {
        let walk = Walk { repo: self, look, looked: AtomicUsize::new(0), limit };
        let before = before.map(|id| self.folder_of(id)).transpose()?.flatten();
        let after = self.folder_of(after)?;
        let mut found = if before == after { Vec::new() } else { walk.folders("", before, after, 0)? };
        found.sort_unstable();
        Ok(found)
    }

    /// The tree of the catalog's folder in a commit.
    fn folder_of(&self, id: CommitId) -> Result<Option<Oid>, GitError> {
        self.pool.with(|repo| {
            let commit = repo.find_commit(id.0).map_err(GitError::git(format!("read the commit `{id}`")))?;
            root(repo, commit.tree_id(), &self.prefix)
        })
    }
}

impl Walk<'_> {
    fn slots(&self, folder: &str, id: Option<Oid>) -> Result<Vec<Slot>, GitError> {
        let Some(id) = id else { return Ok(Vec::new()) };
        let listing = self.repo.pool.with(|repo| Listing::load(repo, id, folder))?;
        let looked = self.looked.fetch_add(listing.len(), Relaxed).saturating_add(listing.len());
        if looked > self.limit {
            return Err(too_large(folder, "the number of entries", self.limit));
        }
        Ok(listing.into_slots())
    }

    /// What differs in a folder, of which each state may have a tree.
    fn folders(
        &self,
        folder: &str,
        before: Option<Oid>,
        after: Option<Oid>,
        depth: usize,
    ) -> Result<Vec<Changed>, GitError> {
        if depth > MAX_DEPTH {
            return Err(too_large(folder, "its depth", MAX_DEPTH));
        }
        let pairs = paired(self.slots(folder, before)?, self.slots(folder, after)?);
        let found: Result<Vec<Vec<Changed>>, GitError> =
            pairs.par_iter().map(|pair| self.pair(folder, pair, depth)).collect();
        Ok(found?.into_iter().flatten().collect())
    }

    fn pair(&self, folder: &str, (before, after): &Pair, depth: usize) -> Result<Vec<Changed>, GitError> {
        let Some(slot) = before.as_ref().or(after.as_ref()) else { return Ok(Vec::new()) };
        let path = path::join(folder, &slot.name);
        let tree = |slot: &Option<Slot>| slot.as_ref().filter(|s| s.kind == EntryKind::Folder).map(|s| s.id);
        let (old, new) = (tree(before), tree(after));
        let mut found = Vec::new();
        if old.is_some() || new.is_some() {
            let is_in_both = old.is_some() && new.is_some();
            match (self.look)(&path) {
                Look::Whole if !is_in_both => {
                    let how = if new.is_some() { How::Added } else { How::Removed };
                    found.push(Changed { path: path.clone(), how, is_folder: true });
                }
                Look::Into | Look::Whole => found = self.folders(&path, old, new, depth + 1)?,
                Look::Not => {}
            }
        }
        let file = |slot: &Option<Slot>| slot.as_ref().is_some_and(|s| s.kind != EntryKind::Folder);
        let how = match (file(before), file(after)) {
            (true, true) => How::Modified,
            (true, false) => How::Removed,
            (false, true) => How::Added,
            (false, false) => return Ok(found),
        };
        found.push(Changed { path, how, is_folder: false });
        Ok(found)
    }
}

type Pair = (Option<Slot>, Option<Slot>);

/// Entries of one name side by side, without those that are the same; both lists are
/// sorted by name.
fn paired(before: Vec<Slot>, after: Vec<Slot>) -> Vec<Pair> {
    let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
    let mut pairs = Vec::new();
    loop {
        let order = match (before.peek(), after.peek()) {
            (Some(old), Some(new)) => old.name.cmp(&new.name),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return pairs,
        };
        let old = if order.is_gt() { None } else { before.next() };
        let new = if order.is_lt() { None } else { after.next() };
        let same = matches!((&old, &new), (Some(old), Some(new)) if old.id == new.id && old.kind == new.kind);
        if !same {
            pairs.push((old, new));
        }
    }
}

fn too_large(folder: &str, what: &'static str, limit: usize) -> GitError {
    GitError::TreeTooLarge { path: folder.to_owned(), what, limit: limit as u64 }
}
