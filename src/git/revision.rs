//! A commit's files, read from git's objects without a checkout.
//!
//! Folders are read when first asked for and kept, so that one look-up in a large
//! catalog costs a few objects, and reading all of it costs each folder once. A revision
//! is shared freely between threads: the listings are behind a lock that readers share,
//! and file contents come through a pool of repository handles.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use git2::{Oid, Repository};

use super::commit::CommitId;
use super::error::GitError;
use super::listing::{Entry, EntryKind, Listing, Slot};
use super::path;
use super::pool::Pool;
use super::repo::Repo;
use super::when::When;
use super::{revspec, trailer};

/// How many entries a revision lists before it is refused. A few forged objects can
/// unfold into a tree without end, each folder holding the same one many times.
const MAX_ENTRIES: usize = 16_000_000;

/// A commit, seen from the catalog's folder.
pub struct Revision {
    pool: Arc<Pool>,
    commit: CommitId,
    when: When,
    message: String,
    root: Option<Oid>,
    folders: RwLock<HashMap<Box<str>, Arc<Listing>>>,
    listed: AtomicUsize,
    pub(super) max_entries: usize,
}

impl Repo {
    /// Opens the commit that `rev` names: a branch, a tag, a hash or its beginning,
    /// `HEAD~2` and the like.
    ///
    /// Fails with `revision-not-found`, or with `usage-invalid` for what is no expression
    /// or begins with `-`.
    pub fn revision(&self, rev: &str) -> Result<Revision, GitError> {
        let id = self.pool.with(|repo| revspec::resolve(repo, rev))?;
        self.revision_at(CommitId(id))
    }

    /// Opens a commit that is known by its id.
    ///
    /// Fails with `git-failed` where it is not there.
    pub fn revision_at(&self, CommitId(id): CommitId) -> Result<Revision, GitError> {
        self.pool.with(|repo| {
            let failed = || GitError::git(format!("read the commit `{id}`"));
            let commit = repo.find_commit(id).map_err(failed())?;
            let root = root(repo, commit.tree_id(), &self.prefix)?;
            Ok(Revision {
                pool: Arc::clone(&self.pool),
                commit: CommitId(id),
                when: When::from_git(commit.committer().when()),
                message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
                root,
                folders: RwLock::default(),
                listed: AtomicUsize::new(0),
                max_entries: MAX_ENTRIES,
            })
        })
    }
}

impl Revision {
    /// The commit's id.
    #[must_use]
    pub fn commit(&self) -> CommitId {
        self.commit
    }

    /// When it was committed; shown as RFC 3339.
    #[must_use]
    pub fn when(&self) -> When {
        self.when
    }

    /// When it was committed, as RFC 3339.
    #[must_use]
    pub fn date(&self) -> String {
        self.when.to_string()
    }

    /// The commit's message; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The last value of a trailer such as `Catalog-Root` in the commit's message.
    #[must_use]
    pub fn trailer(&self, key: &str) -> Option<String> {
        trailer::find(&self.message, key)
    }

    /// Reads the file at `path` below the catalog; `None` if no file is there.
    ///
    /// Fails with `document-too-large` for more than `limit` bytes, which is known before
    /// they are read, and with `file-unsafe` if the path leads to or through a symbolic
    /// link, a submodule or an oddly named entry.
    pub fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
        path::check(path)?;
        let (folder, name) = path::split(path);
        let Some(listing) = self.folder(folder)? else {
            return Ok(None);
        };
        match plain(listing.get(name), path)? {
            Some(slot) if slot.kind == EntryKind::File => {
                let id = slot.id;
                self.pool.with(|repo| read_blob(repo, id, path, limit).map(Some))
            }
            _ => Ok(None),
        }
    }

    /// Lists the folder `path` below the catalog, sorted by name; the catalog itself is
    /// the empty path. `None` if no folder is there.
    ///
    /// Fails with `file-unsafe` as [`Revision::read`] does, and with `limit-exceeded` for
    /// a tree larger than any real catalog.
    pub fn entries(&self, path: &str) -> Result<Option<Vec<Entry>>, GitError> {
        path::check_folder(path)?;
        Ok(self.folder(path)?.map(|listing| listing.entries()))
    }

    /// The listing of a folder, from memory or from git.
    fn folder(&self, path: &str) -> Result<Option<Arc<Listing>>, GitError> {
        let known = self.folders.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = known.get(path) {
            return Ok(Some(Arc::clone(listing)));
        }
        drop(known);
        let id = if path.is_empty() { self.root } else { self.folder_id(path)? };
        id.map(|id| self.load(path, id)).transpose()
    }

    /// The tree object of a folder, by its parent; depth is bounded by the path's check.
    fn folder_id(&self, path: &str) -> Result<Option<Oid>, GitError> {
        let (parent, name) = path::split(path);
        let Some(listing) = self.folder(parent)? else {
            return Ok(None);
        };
        let slot = plain(listing.get(name), path)?;
        Ok(slot.filter(|slot| slot.kind == EntryKind::Folder).map(|slot| slot.id))
    }

    fn load(&self, path: &str, id: Oid) -> Result<Arc<Listing>, GitError> {
        let listing = self.pool.with(|repo| Listing::load(repo, id, path))?;
        let before = self.listed.fetch_add(listing.len(), Ordering::Relaxed);
        if before.saturating_add(listing.len()) > self.max_entries {
            return Err(GitError::TreeTooLarge {
                path: path.to_owned(),
                what: "the number of entries",
                limit: self.max_entries as u64,
            });
        }
        let mut known = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster; both read the same object.
        Ok(Arc::clone(known.entry(path.into()).or_insert(Arc::new(listing))))
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revision").field("commit", &self.commit).field("when", &self.when).finish_non_exhaustive()
    }
}

/// The tree of the catalog's folder; `None` if the commit has none.
pub(super) fn root(repo: &Repository, tree: Oid, prefix: &str) -> Result<Option<Oid>, GitError> {
    let mut id = tree;
    let mut path = String::new();
    for name in prefix.split('/').filter(|name| !name.is_empty()) {
        let listing = Listing::load(repo, id, &path)?;
        path = path::join(&path, name);
        match plain(listing.get(name), &path)? {
            Some(slot) if slot.kind == EntryKind::Folder => id = slot.id,
            _ => return Ok(None),
        }
    }
    Ok(Some(id))
}

/// Refuses what is neither a file nor a folder.
fn plain<'a>(slot: Option<&'a Slot>, path: &str) -> Result<Option<&'a Slot>, GitError> {
    match slot {
        Some(slot) if matches!(slot.kind, EntryKind::Link | EntryKind::Other) => {
            Err(GitError::Unsafe { path: path.to_owned(), found: slot.kind.in_words() })
        }
        other => Ok(other),
    }
}

fn read_blob(repo: &Repository, id: Oid, path: &str, limit: u64) -> Result<Vec<u8>, GitError> {
    let failed = || GitError::git(format!("read the file `{path}`"));
    let odb = repo.odb().map_err(failed())?;
    let (size, kind) = odb.read_header(id).map_err(failed())?;
    if kind != git2::ObjectType::Blob {
        return Err(GitError::Unsafe { path: path.to_owned(), found: "a file whose object is not one" });
    }
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    if size > limit {
        return Err(GitError::TooLarge { path: path.to_owned(), size, limit });
    }
    let object = odb.read(id).map_err(failed())?;
    Ok(object.data().to_vec())
}
