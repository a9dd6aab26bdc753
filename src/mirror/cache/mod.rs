//! The download cache: bytes by their SHA-256, so that nothing is fetched twice.
//!
//! ```text
//! <dir>/sha256/ab/<64 digits>   bytes, named by their digest
//! <dir>/notes/ab/<64 digits>    what a server said of a file or tag, named by the digest of its address
//! <dir>/tmp/                    what is being written
//! ```
//!
//! Invariants: bytes are handed out only if they have the digest that they are asked for
//! by, whatever lies in the folder; what does not is removed. No link below the folder is
//! followed. Folders are made for the user alone (0700), files too (0600). Any number of
//! processes may use a cache at once: a file is written aside and renamed into place, and
//! nobody minds that one is gone.
//!
//! A cache holds nothing that cannot be had again, so nothing is synced to disk. Absent:
//! names, URLs and credentials, none of which are ever written.

mod files;
mod note;
mod sweep;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::{fmt, io};

use rustix::fd::OwnedFd;

use crate::code::Code;
use crate::model::Digest;
use crate::text::shown;

pub(super) use self::note::Note;
pub use self::sweep::{CacheInfo, GcOptions, GcReport};

/// The largest entry, in bytes: 1 GiB, what a fetch takes at most unless told otherwise.
const MAX_ENTRY: u64 = 1 << 30;

/// Why the cache cannot be used; always code `io`.
#[derive(Debug, thiserror::Error)]
#[error("the download cache `{}`: cannot {doing}: {source}", shown(.dir))]
pub struct CacheError {
    /// The cache's folder.
    pub dir: String,
    /// What was tried, in words.
    pub doing: &'static str,
    /// What the system said.
    pub source: io::Error,
}

impl CacheError {
    /// The error's code, always [`Code::Io`].
    #[must_use]
    pub fn code(&self) -> Code {
        Code::Io
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "name another folder with `--cache-dir` or `WARECAT_CACHE_DIR`, or do without: `--no-cache`"
    }
}

/// A download cache in a folder. It may be shared by threads.
///
/// ```
/// use warecat::{mirror::Cache, model::Digest};
/// let dir = tempfile::tempdir().unwrap();
/// let cache = Cache::open(dir.path()).unwrap();
/// let digest = Digest::of(b"abc");
/// assert_eq!(cache.get(&digest).unwrap(), None);
/// cache.put(&digest, b"abc").unwrap();
/// assert_eq!(cache.get(&digest).unwrap().as_deref(), Some(&b"abc"[..]));
/// ```
pub struct Cache {
    dir: PathBuf,
    root: OwnedFd,
    /// For names of files that are being written.
    next: AtomicU64,
}

impl Cache {
    /// Opens the cache in `dir`, a folder that is made if it is absent.
    ///
    /// # Errors
    /// `io`: it cannot be made, or is no folder.
    pub fn open(dir: &Path) -> Result<Self, CacheError> {
        let failed = |doing| move |source| CacheError { dir: dir.to_string_lossy().into_owned(), doing, source };
        files::make_root(dir).map_err(failed("make the folder"))?;
        let root = files::open_root(dir).map_err(failed("open the folder"))?;
        Ok(Self { dir: dir.to_owned(), root, next: AtomicU64::new(0) })
    }

    /// The cache's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The bytes that have this digest, if they are here. Says that they were used. An
    /// entry that is damaged, or no plain file, is removed and not there.
    ///
    /// # Errors
    /// `io`: the folder cannot be read.
    pub fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, CacheError> {
        let hex = digest.hex();
        let found = files::read(&self.root, files::BYTES, &hex, MAX_ENTRY).map_err(self.failed("read an entry"))?;
        match found {
            files::Found::Absent => Ok(None),
            files::Found::Bytes(bytes) if Digest::of(&bytes) == *digest => Ok(Some(bytes)),
            files::Found::Bytes(_) | files::Found::Unusable => {
                files::remove(&self.root, files::BYTES, &hex).map_err(self.failed("remove a damaged entry"))?;
                Ok(None)
            }
        }
    }

    /// Keeps `bytes`, if they have this digest; says whether they do. What is here already
    /// is left, and what is larger than 1 GiB is not kept.
    ///
    /// # Errors
    /// `io`: it cannot be written.
    pub fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<bool, CacheError> {
        if Digest::of(bytes) != *digest {
            return Ok(false);
        }
        if bytes.len() as u64 <= MAX_ENTRY {
            files::write(&self.root, files::BYTES, &digest.hex(), bytes, false, &self.next)
                .map_err(self.failed("write an entry"))?;
        }
        Ok(true)
    }

    fn failed(&self, doing: &'static str) -> impl Fn(io::Error) -> CacheError + '_ {
        move |source| CacheError { dir: self.dir.to_string_lossy().into_owned(), doing, source }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("dir", &self.dir).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
