//! A pool of open handles on one repository, so that several threads can read at once.
//!
//! A `git2::Repository` may move between threads but not be used by two at a time; each
//! user takes a handle, opening one where none is idle, and puts it back. Their number
//! is thus the number of threads that ever read at the same moment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::{Repository, RepositoryOpenFlags};

use super::error::GitError;

/// Open handles on one repository.
pub(super) struct Pool {
    git_dir: PathBuf,
    idle: Mutex<Vec<Repository>>,
}

impl Pool {
    /// Starts a pool with one open handle.
    pub(super) fn new(first: Repository) -> Pool {
        Pool {
            git_dir: first.path().to_path_buf(),
            idle: Mutex::new(vec![first]),
        }
    }

    /// The repository's git directory; a linked work tree has its own.
    pub(super) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Opens a handle that is not shared with the pool.
    pub(super) fn open(&self) -> Result<Repository, GitError> {
        let flags = RepositoryOpenFlags::NO_SEARCH;
        Repository::open_ext(&self.git_dir, flags, std::iter::empty::<&OsStr>())
            .map_err(|source| open_error(&self.git_dir, source))
    }

    /// Runs `job` with a handle that no other thread uses meanwhile.
    pub(super) fn with<T>(
        &self,
        job: impl FnOnce(&Repository) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let idle = self.lock().pop();
        let handle = match idle {
            Some(handle) => handle,
            None => self.open()?,
        };
        let result = job(&handle);
        self.lock().push(handle);
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Repository>> {
        // A panic elsewhere cannot leave a list of idle handles half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells an untrusted owner from other failures to open.
pub(super) fn open_error(path: &Path, source: git2::Error) -> GitError {
    let path = path.to_path_buf();
    if source.code() == git2::ErrorCode::Owner {
        return GitError::Owner { path };
    }
    GitError::Git {
        doing: format!("open the repository at `{}`", path.display()),
        source,
    }
}
