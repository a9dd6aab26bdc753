//! The index brought up to date for just the committed paths.
//!
//! The new index is made in full beside the old one, while git's own lock file is held,
//! and takes its place by a rename after the branch moved. What the user staged for other
//! paths stays. libgit2's own way of writing would compare every recent file again,
//! through filters; here, entries that might have changed within the clock's resolution
//! are marked as unsure instead, as git does, so that git looks at them itself.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{Index, IndexEntry, IndexTime, Oid};

use super::error::GitError;
use super::worktree::Stat;

/// Paths from the root, each with its new file; `None` where it was removed.
pub(super) type Edits = BTreeMap<Vec<u8>, Option<(Oid, Stat)>>;

/// Fails if another process holds the index.
pub(super) fn ensure_unlocked(git_dir: &Path) -> Result<(), GitError> {
    let path = git_dir.join("index.lock");
    match fs::symlink_metadata(&path) {
        Ok(_) => Err(GitError::Locked { path }),
        Err(_) => Ok(()),
    }
}

/// A new index, complete in the lock file and not yet in its place.
pub(super) struct NewIndex {
    index: PathBuf,
    lock: PathBuf,
    draft: PathBuf,
}

impl NewIndex {
    /// Takes the lock and writes the old index with the edits made into it.
    pub(super) fn prepare(git_dir: &Path, edits: &Edits) -> Result<NewIndex, GitError> {
        let new = NewIndex::lock(git_dir)?;
        let failed = || GitError::git("write git's index");
        let old = Index::open(&new.index).map_err(GitError::git("read git's index"))?;
        match fs::remove_file(&new.draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(GitError::io("remove", &new.draft)(error));
            }
            _ => {}
        }
        let mut draft = Index::open(&new.draft).map_err(failed())?;
        draft.set_version(old.version().max(2)).map_err(failed())?;
        merge(&old, edits, written_at(&new.index), &mut draft).map_err(failed())?;
        draft.write().map_err(failed())?;
        File::open(&new.draft)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&new.draft, &new.lock))
            .map_err(GitError::io("write", &new.lock))?;
        Ok(new)
    }

    /// Puts the new index into its place, which also frees the lock.
    pub(super) fn publish(self) -> io::Result<()> {
        fs::rename(&self.lock, &self.index)?;
        // The lock is gone with the rename; another process may hold a new one already.
        std::mem::forget(self);
        Ok(())
    }

    fn lock(git_dir: &Path) -> Result<NewIndex, GitError> {
        let lock = git_dir.join("index.lock");
        match OpenOptions::new().write(true).create_new(true).open(&lock) {
            Ok(_) => Ok(NewIndex {
                index: git_dir.join("index"),
                draft: git_dir.join("warecat-index"),
                lock,
            }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(GitError::Locked { path: lock })
            }
            Err(error) => Err(GitError::io("create", lock)(error)),
        }
    }
}

impl Drop for NewIndex {
    fn drop(&mut self) {
        // Nothing better can be done about a failure here than to leave the file.
        let _ = fs::remove_file(&self.draft);
        let _ = fs::remove_file(&self.lock);
    }
}

/// Adds the entries of `old` and the edits to `draft` in the index's own order, since
/// adding at the end is what libgit2 is fast at.
fn merge(old: &Index, edits: &Edits, written: i32, draft: &mut Index) -> Result<(), git2::Error> {
    let mut edits = edits.iter().peekable();
    for mut entry in old.iter() {
        while let Some((path, file)) = edits.next_if(|(path, _)| **path < entry.path) {
            add(draft, path, file)?;
        }
        // The edit replaces every stage of its path, and is added when the next path comes.
        if edits.peek().is_some_and(|(path, _)| **path == entry.path) {
            continue;
        }
        // Whole seconds, since most builds of git compare no more of a file's time: what
        // changed later in that second would look clean beside a newer index.
        if entry.mtime.seconds() >= written {
            entry.file_size = 0;
        }
        draft.add(&entry)?;
    }
    for (path, file) in edits {
        add(draft, path, file)?;
    }
    Ok(())
}

fn add(draft: &mut Index, path: &[u8], file: &Option<(Oid, Stat)>) -> Result<(), git2::Error> {
    match file {
        Some((id, stat)) => draft.add(&entry(path, *id, stat)),
        None => Ok(()),
    }
}

fn entry(path: &[u8], id: Oid, stat: &Stat) -> IndexEntry {
    let time = |(seconds, nanoseconds): (i64, i64)| {
        // The index keeps the low 32 bits of each number; they only serve to compare.
        let seconds = i32::try_from(seconds).unwrap_or(0);
        IndexTime::new(seconds, u32::try_from(nanoseconds).unwrap_or(0))
    };
    IndexEntry {
        ctime: time(stat.ctime),
        mtime: time(stat.mtime),
        dev: low_bits(stat.dev),
        ino: low_bits(stat.ino),
        mode: 0o100_644,
        uid: stat.uid,
        gid: stat.gid,
        file_size: low_bits(stat.size),
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

fn low_bits(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).expect("only the low 32 bits are left")
}

/// The second in which the index was last written; the beginning of time if it never was.
fn written_at(index: &Path) -> i32 {
    let Ok(metadata) = fs::symlink_metadata(index) else {
        return 0;
    };
    i32::try_from(metadata.mtime()).unwrap_or(i32::MAX)
}
