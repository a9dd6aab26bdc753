//! A git revision as a tree of files.

use std::io;

use crate::git::{self, GitError, Revision};
use crate::store::{Entry, EntryKind, Files, StoreError};

/// The files of a catalog as a git revision has them.
#[derive(Debug)]
pub(super) struct RevisionFiles(Revision);

impl RevisionFiles {
    pub(super) fn new(revision: Revision) -> Self {
        Self(revision)
    }
}

fn store_error(path: &str, limit: usize, error: GitError) -> StoreError {
    match error {
        GitError::TooLarge { .. } => StoreError::TooLarge { path: path.to_owned(), limit },
        GitError::Unsafe { .. } => StoreError::Unsafe { path: path.to_owned(), what: "behind a link or no plain file" },
        other => StoreError::Io { action: "read", path: path.to_owned(), source: io::Error::other(other) },
    }
}

impl Files for RevisionFiles {
    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = u64::try_from(limit).unwrap_or(u64::MAX);
        self.0.read(path, bytes).map_err(|error| store_error(path, limit, error))
    }

    fn entries(&self, folder: &str) -> Result<Option<Vec<Entry>>, StoreError> {
        let entries = self.0.entries(folder).map_err(|error| store_error(folder, 0, error))?;
        let convert = |entry: git::Entry| Entry {
            name: entry.name,
            kind: match entry.kind {
                git::EntryKind::File => EntryKind::File,
                git::EntryKind::Folder => EntryKind::Folder,
                git::EntryKind::Link => EntryKind::Link,
                git::EntryKind::Other => EntryKind::Other,
            },
        };
        Ok(entries.map(|entries| entries.into_iter().map(convert).collect()))
    }
}
