//! Whether all of the catalog is committed, which is quicker to tell than what is not.
//!
//! Files are compared with the index by their length and times, as git does, on all
//! processors; libgit2 is asked only of those that differ so, or that the index does not
//! have. What is unusual in any other way is left to [`Repo::status`], so that both
//! always agree.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{DiffOptions, IndexEntry, Oid, Repository, Status};
use rayon::prelude::*;

use super::error::GitError;
use super::repo::Repo;
use super::status::state;

/// Up to this many files libgit2 is asked about one by one.
const FEW: usize = 64;
/// In the flags of an entry of the index: the file is taken to be as it was.
const ASSUMED: u16 = 1 << 15;
/// In its further flags: the file is not to be in the work tree.
const SKIPPED: u16 = 1 << 14;
const KIND: u32 = 0o170_000;
const SUBMODULE: u32 = 0o160_000;
const SYMLINK: u32 = 0o120_000;
const EXECUTABLE: u32 = 0o100;

impl Repo {
    /// Whether [`Repo::status`] has nothing to list.
    ///
    /// # Errors
    /// As [`Repo::status`].
    pub fn is_clean(&self) -> Result<bool, GitError> {
        let Some(workdir) = &self.workdir else { return Ok(true) };
        // It gets a place for objects that is not of the pool's handles.
        let repo = self.pool.open()?;
        let tracked = self.tracked(&repo)?;
        if self.is_staged(&repo)? {
            return Ok(false);
        }
        match tracked.and_then(|tracked| self.odd(workdir, &tracked)) {
            Some(odd) if odd.len() <= FEW => self.all_committed(&repo, &odd),
            _ => Ok(self.status()?.is_empty()),
        }
    }

    /// Whether the index differs from HEAD below the catalog. The tree that a commit of the
    /// index would have is mostly known from the last one; reading all trees of HEAD takes
    /// long.
    fn is_staged(&self, repo: &Repository) -> Result<bool, GitError> {
        let failed = || GitError::git("compare the index with HEAD");
        let tree = match repo.head() {
            Ok(head) => Some(head.peel_to_tree().map_err(failed())?),
            Err(_) => None,
        };
        if let (Some(tree), Some(next)) = (&tree, next_tree(repo))
            && tree.id() == next
        {
            return Ok(false);
        }
        let mut options = DiffOptions::new();
        options.disable_pathspec_match(true);
        if !self.prefix.is_empty() {
            options.pathspec(self.prefix.as_str());
        }
        options.ignore_submodules(true);
        let diff = repo.diff_tree_to_index(tree.as_ref(), None, Some(&mut options)).map_err(failed())?;
        let of_catalog = |file: git2::DiffFile<'_>| file.path_bytes().is_some_and(|path| self.is_of_catalog(path));
        Ok(diff.deltas().any(|delta| of_catalog(delta.old_file()) || of_catalog(delta.new_file())))
    }

    /// The paths below the catalog that may not be as the index has them; `None` where
    /// only a full comparison can tell.
    fn odd(&self, workdir: &Path, tracked: &Tracked) -> Option<Vec<Vec<u8>>> {
        let walk = Walk { workdir, catalog: self.prefix.as_bytes(), tracked };
        let found = walk.folder(self.prefix.as_bytes());
        let wanted = tracked.entries.values().filter(|entry| entry.is_there()).count();
        (!found.is_unusual && found.seen == wanted).then_some(found.odd)
    }

    fn tracked(&self, repo: &Repository) -> Result<Option<Tracked>, GitError> {
        let index = repo.index().map_err(GitError::git("read the index"))?;
        let written = index.path().and_then(|path| fs::symlink_metadata(path).ok());
        let Some(written) = written.filter(|_| !index.has_conflicts()) else { return Ok(None) };
        let below = index.iter().filter(|entry| self.is_of_catalog(&entry.path));
        let entries = below.map(|mut entry| (std::mem::take(&mut entry.path), Entry::of(&entry))).collect();
        Ok(Some(Tracked { written: (written.mtime(), written.mtime_nsec()), entries }))
    }

    /// Whether a path lies below the catalog, and not where we keep what is not of it.
    fn is_of_catalog(&self, path: &[u8]) -> bool {
        let below = match self.prefix.as_bytes() {
            b"" => Some(path),
            prefix => path.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(b"/")),
        };
        below.is_some_and(|below| below.split(|byte| *byte == b'/').next() != Some(b".warecat"))
    }

    fn all_committed(&self, repo: &Repository, paths: &[Vec<u8>]) -> Result<bool, GitError> {
        for path in paths {
            match repo.status_file(Path::new(OsStr::from_bytes(path))) {
                Ok(found) if state(found - Status::IGNORED).is_none() => {}
                Ok(_) => return Ok(false),
                Err(_) => return Ok(self.status()?.is_empty()),
            }
        }
        Ok(true)
    }
}

/// The tree that a commit of the whole index would have. Its objects stay in memory.
fn next_tree(repo: &Repository) -> Option<Oid> {
    const BEFORE_OTHERS: i32 = 1000;
    let odb = repo.odb().ok()?;
    odb.add_new_mempack_backend(BEFORE_OTHERS).ok()?;
    repo.index().ok()?.write_tree().ok()
}

/// The index, as far as files are compared with it.
struct Tracked {
    /// When it was written. A file of that time or later may have been changed since
    /// without its times showing it.
    written: (i64, i64),
    entries: HashMap<Vec<u8>, Entry>,
}

/// What the index has of a file.
struct Entry {
    mode: u32,
    size: u32,
    modified: (i32, u32),
    inode: u32,
    is_left_out: bool,
}

impl Entry {
    fn of(entry: &IndexEntry) -> Self {
        Self {
            mode: entry.mode,
            size: entry.file_size,
            modified: (entry.mtime.seconds(), entry.mtime.nanoseconds()),
            inode: entry.ino,
            is_left_out: entry.flags & ASSUMED != 0 || entry.flags_extended & SKIPPED != 0,
        }
    }

    /// Whether it should be found among the files and be compared.
    fn is_there(&self) -> bool {
        !self.is_left_out && self.mode & KIND != SUBMODULE
    }

    /// Whether a file is the one that the index has. It keeps the low 32 bits of numbers.
    fn is(&self, found: &Metadata, written: (i64, i64)) -> bool {
        let kind = self.mode & KIND;
        found.mode() & KIND == kind
            && (kind == SYMLINK || (found.mode() ^ self.mode) & EXECUTABLE == 0)
            && found.len() as u32 == self.size
            && (found.mtime() as i32, found.mtime_nsec() as u32) == self.modified
            && (self.inode == 0 || found.ino() as u32 == self.inode)
            && (found.mtime(), found.mtime_nsec()) < written
    }
}

/// What a folder holds.
#[derive(Default)]
struct Seen {
    /// How many files the index has too.
    seen: usize,
    /// Files that may be other ones.
    odd: Vec<Vec<u8>>,
    is_unusual: bool,
}

impl Seen {
    fn with(mut self, other: Self) -> Self {
        self.seen += other.seen;
        self.odd.extend(other.odd);
        self.is_unusual |= other.is_unusual;
        self
    }
}

struct Walk<'a> {
    workdir: &'a Path,
    catalog: &'a [u8],
    tracked: &'a Tracked,
}

impl Walk<'_> {
    /// Compares a folder, by its path from the work tree's root.
    fn folder(&self, path: &[u8]) -> Seen {
        let unusual = || Seen { is_unusual: true, ..Seen::default() };
        let Ok(entries) = fs::read_dir(self.place(path)) else { return unusual() };
        let Ok(entries) = entries.collect::<Result<Vec<DirEntry>, _>>() else { return unusual() };
        let mut seen = Seen::default();
        let mut folders = Vec::new();
        for entry in entries {
            let name = entry.file_name();
            let below = [path, name.as_bytes()].join(if path.is_empty() { &b""[..] } else { b"/" });
            let is_root = path.is_empty();
            if is_root && name == ".git" || path == self.catalog && name == ".warecat" {
                continue;
            }
            match entry.file_type() {
                // Another repository in the work tree.
                _ if name == ".git" => seen.is_unusual = true,
                Ok(kind) if kind.is_dir() => folders.push(below),
                Ok(_) => self.file(below, &entry, &mut seen),
                Err(_) => seen.is_unusual = true,
            }
        }
        folders.par_iter().map(|folder| self.folder(folder)).reduce(Seen::default, Seen::with).with(seen)
    }

    fn file(&self, path: Vec<u8>, entry: &DirEntry, seen: &mut Seen) {
        let Some(tracked) = self.tracked.entries.get(&path) else {
            seen.odd.push(path);
            return;
        };
        if !tracked.is_there() {
            return;
        }
        seen.seen += 1;
        // Does not follow a link.
        if !entry.metadata().is_ok_and(|found| tracked.is(&found, self.tracked.written)) {
            seen.odd.push(path);
        }
    }

    fn place(&self, path: &[u8]) -> PathBuf {
        self.workdir.join(OsStr::from_bytes(path))
    }
}
