//! What can go wrong with a repository: typed, with a code and often a hint.
//!
//! Text from outside (paths, revisions, libgit2's messages) is escaped when shown.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::commit::CommitId;
use crate::code::Code;
use crate::text::shown;

/// An error of the git layer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GitError {
    /// No repository holds the folder.
    #[error("no git repository holds `{}`", shown(&path.to_string_lossy()))]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The repository belongs to another user, so that its configuration is not trusted.
    #[error("the git repository at `{}` belongs to another user", shown(&path.to_string_lossy()))]
    Owner {
        /// The folder for which the repository was sought.
        path: PathBuf,
    },
    /// The folder is not part of the repository's work tree.
    #[error("`{}` is not in the work tree of its git repository at `{}`",
        shown(&path.to_string_lossy()), shown(&repository.to_string_lossy()))]
    Outside {
        /// The folder.
        path: PathBuf,
        /// The repository's git directory.
        repository: PathBuf,
    },
    /// Something is in the way of a new repository.
    #[error("there is a git repository at `{}` already", shown(&path.to_string_lossy()))]
    AlreadyThere {
        /// The folder.
        path: PathBuf,
    },
    /// The file system failed.
    #[error("cannot {doing} `{}`: {source}", shown(&path.to_string_lossy()))]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A path cannot be used inside a catalog.
    #[error("path `{}` cannot be used: {reason}", shown(path))]
    PathInvalid {
        /// The path, below the catalog.
        path: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// Two changes, or a change and the tree, cannot both hold.
    #[error("path `{}` cannot be committed: {reason}", shown(path))]
    PathConflict {
        /// The path, below the work tree.
        path: String,
        /// What it collides with.
        reason: &'static str,
    },
    /// A path leads through or to something other than a plain file or folder.
    #[error("`{}` is {found}, not a plain file or folder", shown(path))]
    Unsafe {
        /// The path, below the catalog or, in the work tree, below its root.
        path: String,
        /// What is there.
        found: &'static str,
    },
    /// A file is larger than allowed.
    #[error("`{}` has {size} bytes, the limit is {limit}", shown(path))]
    TooLarge {
        /// The path, below the catalog.
        path: String,
        /// Its size in bytes, or a lower bound of it.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A tree has more entries than any real catalog.
    #[error(
        "the tree at `{}` is refused: {what} is over the limit of {limit}",
        shown(path)
    )]
    TreeTooLarge {
        /// The folder, below the catalog.
        path: String,
        /// What was counted.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A revision expression cannot be used.
    #[error("revision `{}` cannot be used: {reason}", shown(rev))]
    RevisionInvalid {
        /// The expression.
        rev: String,
        /// Why.
        reason: String,
    },
    /// A revision does not exist.
    #[error("there is no revision `{}` in this repository", shown(rev))]
    RevisionNotFound {
        /// The expression.
        rev: String,
        /// Branches and tags with a similar name, nearest first.
        near: Vec<String>,
    },
    /// Nobody is named as author or committer.
    #[error("git does not know who commits: no {field} of the {role} is configured")]
    IdentityMissing {
        /// `author` or `committer`.
        role: &'static str,
        /// `name` or `email`.
        field: &'static str,
    },
    /// Another process changes the index or a reference, or was killed doing so.
    #[error("git's lock `{}` is held by another process", shown(&path.to_string_lossy()))]
    Locked {
        /// The lock file, or the reference that is locked.
        path: PathBuf,
    },
    /// HEAD changed between reading it and committing on top of it.
    #[error(
        "HEAD moved while the commit was made: expected {}, found {}",
        shown(expected),
        shown(found)
    )]
    HeadMoved {
        /// Reference and commit at the start.
        expected: String,
        /// Reference and commit at the end.
        found: String,
    },
    /// A merge, rebase or the like is under way.
    #[error("a {operation} is under way in this repository")]
    Busy {
        /// Its name.
        operation: &'static str,
    },
    /// The commit was made, but the index could not be brought up to date.
    #[error("commit {commit} was made, but git's index could not be updated: {source}")]
    IndexStale {
        /// The new commit.
        commit: CommitId,
        /// The system's error.
        source: io::Error,
    },
    /// libgit2 reported an error.
    #[error("git: cannot {doing}: {}", shown(source.message()))]
    Git {
        /// What was tried, as a verb phrase.
        doing: String,
        /// libgit2's error.
        source: git2::Error,
    },
}

impl GitError {
    /// Wraps an error of libgit2 with what was tried.
    pub(super) fn git(doing: impl Into<String>) -> impl FnOnce(git2::Error) -> GitError {
        let doing = doing.into();
        move |source| GitError::Git { doing, source }
    }

    /// Wraps an error of the file system with what was tried and where.
    pub(super) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> GitError {
        let path = path.into();
        move |source| GitError::Io {
            doing,
            path,
            source,
        }
    }

    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            GitError::Missing { .. } => Code::GitMissing,
            GitError::AlreadyThere { .. } => Code::AlreadyExists,
            GitError::Io { .. } => Code::Io,
            GitError::PathInvalid { .. } => Code::NameInvalid,
            GitError::Unsafe { .. } => Code::FileUnsafe,
            GitError::TooLarge { .. } => Code::DocumentTooLarge,
            GitError::TreeTooLarge { .. } => Code::LimitExceeded,
            GitError::RevisionInvalid { .. } => Code::UsageInvalid,
            GitError::RevisionNotFound { .. } => Code::RevisionNotFound,
            GitError::IdentityMissing { .. } => Code::GitIdentityMissing,
            GitError::Locked { .. } => Code::Locked,
            GitError::Owner { .. }
            | GitError::Outside { .. }
            | GitError::PathConflict { .. }
            | GitError::HeadMoved { .. }
            | GitError::Busy { .. }
            | GitError::IndexStale { .. }
            | GitError::Git { .. } => Code::GitFailed,
        }
    }

    /// What the user can do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            GitError::Missing { .. } => "run `git init` there first".to_owned(),
            GitError::Owner { path } => format!(
                "if you trust it, run `git config --global --add safe.directory {}`",
                shown(&path.to_string_lossy())
            ),
            GitError::IdentityMissing { field, .. } => identity_hint(field),
            GitError::RevisionNotFound { near, .. } if !near.is_empty() => {
                let names: Vec<_> = near.iter().map(|n| format!("`{}`", shown(n))).collect();
                format!("near it: {}", names.join(", "))
            }
            GitError::Locked { path } => format!(
                "wait for the other git to end; if none runs, remove `{}`",
                shown(&path.to_string_lossy())
            ),
            GitError::HeadMoved { .. } => "nothing was changed; run the command again".to_owned(),
            GitError::Busy { operation } => {
                format!("finish or abort the {operation} first (`git status` says how)")
            }
            GitError::IndexStale { .. } => "run `git reset` to bring it up to date".to_owned(),
            GitError::Git { source, .. } if source.code() == git2::ErrorCode::NotFound => {
                "an object may be missing: run `git fsck`, or `git fetch` in a partial clone"
                    .to_owned()
            }
            _ => return None,
        })
    }
}

fn identity_hint(field: &str) -> String {
    let example = if field == "name" {
        "Your Name"
    } else {
        "you@example.org"
    };
    format!("run `git config --global user.{field} \"{example}\"`")
}
