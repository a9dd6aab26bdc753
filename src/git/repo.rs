//! Finding and making a repository, and where the catalog lies in it.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{Repository, RepositoryInitOptions, RepositoryOpenFlags};

use super::error::GitError;
use super::path;
use super::pool::{Pool, open_error};

/// A git repository, seen from a catalog's folder in it.
///
/// It may be cloned and shared between threads; no handle stays locked.
#[derive(Clone)]
pub struct Repo {
    pub(super) pool: Arc<Pool>,
    pub(super) workdir: Option<PathBuf>,
    pub(super) prefix: String,
}

impl Repo {
    /// Finds the repository that holds the existing folder `path`; `None` where there is
    /// none. The folder is the catalog; in a bare repository the catalog is the root.
    ///
    /// Fails with `git-failed` if the repository belongs to another user, or if the
    /// folder lies outside its work tree.
    pub fn discover(path: &Path) -> Result<Option<Repo>, GitError> {
        let folder = path
            .canonicalize()
            .map_err(GitError::io("open folder", path))?;
        let flags = RepositoryOpenFlags::empty();
        match Repository::open_ext(&folder, flags, std::iter::empty::<&OsStr>()) {
            Ok(found) => Repo::at(found, &folder).map(Some),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(open_error(&folder, error)),
        }
    }

    /// As [`Repo::discover`], where no repository is the error `git-missing`.
    pub fn open(path: &Path) -> Result<Repo, GitError> {
        Repo::discover(path)?.ok_or_else(|| GitError::Missing {
            path: path.to_path_buf(),
        })
    }

    /// Makes a new repository at `path`, whose root is the catalog, without the hooks or
    /// other files of a configured template. Fails with `already-exists` if there is one.
    pub fn init(path: &Path) -> Result<Repo, GitError> {
        let mut options = RepositoryInitOptions::new();
        options
            .mkpath(true)
            .no_reinit(true)
            .external_template(false);
        match Repository::init_opts(path, &options) {
            Ok(_) => Repo::open(path),
            Err(error) if error.code() == git2::ErrorCode::Exists => Err(GitError::AlreadyThere {
                path: path.to_path_buf(),
            }),
            Err(error) => Err(open_error(path, error)),
        }
    }

    /// The same repository with the catalog at another place, as is needed for a catalog
    /// in a subfolder of a bare repository. `prefix` is a path from the root, or empty.
    pub fn with_prefix(&self, prefix: &str) -> Result<Repo, GitError> {
        path::check_folder(prefix)?;
        Ok(Repo {
            prefix: prefix.to_owned(),
            ..self.clone()
        })
    }

    /// The catalog's path from the repository's root, with `/`; empty for the root itself.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The root of the work tree; `None` for a bare repository.
    #[must_use]
    pub fn workdir(&self) -> Option<&Path> {
        self.workdir.as_deref()
    }

    /// The git directory; a linked work tree has its own below the main one.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        self.pool.git_dir()
    }

    /// The catalog's path from the root for a path below the catalog.
    pub(super) fn full_path(&self, path: &str) -> String {
        path::join(&self.prefix, path)
    }

    fn at(found: Repository, folder: &Path) -> Result<Repo, GitError> {
        let git_dir = found.path().to_path_buf();
        let (workdir, prefix) = match found.workdir() {
            None => (None, Some(String::new())),
            Some(root) => {
                let root = root
                    .canonicalize()
                    .map_err(GitError::io("open the work tree", root))?;
                let prefix = folder.strip_prefix(&root).ok().and_then(slashed);
                (Some(root), prefix)
            }
        };
        match prefix {
            Some(prefix) if path::check_folder(&prefix).is_ok() => Ok(Repo {
                pool: Arc::new(Pool::new(found)),
                workdir,
                prefix,
            }),
            _ => Err(GitError::Outside {
                path: folder.to_path_buf(),
                repository: git_dir,
            }),
        }
    }
}

impl fmt::Debug for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repo")
            .field("git_dir", &self.git_dir())
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// A relative path with `/`; `None` if it is not UTF-8.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(OsStr::to_str).collect();
    parts.map(|parts| parts.join("/"))
}
