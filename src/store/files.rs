//! Reading a catalog's files, wherever they are: in a folder or in a git revision.

use super::error::StoreError;

/// What a folder holds under one name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name; what is not UTF-8 in it is replaced, and its kind is `Other` then.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link; it is never followed.
    Link,
    /// A device, a pipe, a submodule, or a name that is not UTF-8.
    Other,
}

/// A tree of files that can be read from many threads. Implemented by the working tree
/// ([`super::Disk`]) and by a git revision (`catalog`).
pub trait Files: Send + Sync {
    /// The bytes of a file; `None` when there is none.
    ///
    /// # Errors
    /// `io`; `file-unsafe` when the path leads through a link or to no plain file;
    /// `document-too-large` when it has more than `limit` bytes.
    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, StoreError>;

    /// What a folder holds, in no particular order; `None` when there is none. The empty
    /// path is the catalog's own folder.
    ///
    /// # Errors
    /// `io`; `file-unsafe` when the path leads through a link or to no folder.
    fn entries(&self, folder: &str) -> Result<Option<Vec<Entry>>, StoreError>;

    /// Looks again for changes that another process committed since the last look; says
    /// whether such a change may be under way, so that reading again can help.
    fn refresh(&self) -> bool {
        false
    }
}
