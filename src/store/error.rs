//! What can go wrong between a catalog and its files.

use std::io;
use std::path::PathBuf;

use crate::code::Code;
use crate::text::shown;

/// A fault of the store; see [`StoreError::code`] for the stable codes.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system failed.
    #[error("cannot {action} `{}`: {source}", shown(.path))]
    Io {
        /// What was being done: `read`, `write`, …
        action: &'static str,
        /// The path within the catalog.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// The catalog's folder itself cannot be opened.
    #[error("cannot open the folder `{}`: {source}", shown(&.path.display().to_string()))]
    Root {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A path leads through a link or to something that is not a plain file or folder.
    #[error("`{}` is {what}, and a catalog holds plain files and folders only", shown(.path))]
    Unsafe {
        /// The path within the catalog.
        path: String,
        /// What is there.
        what: &'static str,
    },
    /// A file is larger than any real document.
    #[error("`{}` is larger than {limit} bytes", shown(.path))]
    TooLarge {
        /// The path within the catalog.
        path: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Another process is changing the catalog.
    #[error("another process is changing this catalog (it holds `{path}`)")]
    Locked {
        /// The lock's path within the catalog.
        path: &'static str,
    },
    /// The journal of an unfinished write is damaged.
    #[error("the journal `{path}` of an unfinished write cannot be trusted: {reason}")]
    Journal {
        /// The journal's path within the catalog.
        path: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// The stable code of this error: `io`, `file-unsafe`, `document-too-large`,
    /// `locked` or `journal-invalid`.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Io { .. } | Self::Root { .. } => Code::Io,
            Self::Unsafe { .. } => Code::FileUnsafe,
            Self::TooLarge { .. } => Code::DocumentTooLarge,
            Self::Locked { .. } => Code::Locked,
            Self::Journal { .. } => Code::JournalInvalid,
        }
    }

    /// What to do about it, when there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Locked { .. } => Some("wait until it is done, or stop it; the lock goes with its process".into()),
            Self::Journal { path, .. } => Some(format!(
                "look at the catalog with `git status`, then remove `{path}`; what it wanted to write is lost"
            )),
            Self::Unsafe { .. } => Some("remove it from the catalog, or put the real file in its place".into()),
            _ => None,
        }
    }

    /// The same error once more: an I/O error by its kind and text.
    #[must_use]
    pub fn again(&self) -> Self {
        let copy = |source: &io::Error| match source.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(source.kind(), source.to_string()),
        };
        match self {
            Self::Io { action, path, source } => Self::Io { action, path: path.clone(), source: copy(source) },
            Self::Root { path, source } => Self::Root { path: path.clone(), source: copy(source) },
            Self::Unsafe { path, what } => Self::Unsafe { path: path.clone(), what },
            Self::TooLarge { path, limit } => Self::TooLarge { path: path.clone(), limit: *limit },
            Self::Locked { path } => Self::Locked { path },
            Self::Journal { path, reason } => Self::Journal { path, reason: reason.clone() },
        }
    }

    pub(super) fn io(action: &'static str, path: &str, source: impl Into<io::Error>) -> Self {
        Self::Io { action, path: path.to_owned(), source: source.into() }
    }
}
