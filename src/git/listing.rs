//! One folder of a revision, as git's tree object lists it.
//!
//! A listing is made once and kept, sorted by name, so that look-ups need no access to
//! the repository. Whatever cannot be a file or folder of a catalog is kept as such:
//! nothing that the tree holds is dropped.

use git2::{Oid, Repository};

use super::error::GitError;
use super::path::is_plain_name;

/// The largest tree object that is read, in bytes; a million entries fit.
const MAX_TREE_BYTES: usize = 128 << 20;

/// What a tree entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file, executable or not.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, which is never followed.
    Link,
    /// Anything else: a submodule, a name that is not UTF-8 or not a plain name, a name
    /// that stands twice.
    Other,
}

impl EntryKind {
    /// The kind in words, with its article.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            EntryKind::File => "a file",
            EntryKind::Folder => "a folder",
            EntryKind::Link => "a symbolic link",
            EntryKind::Other => "a submodule or an oddly named entry",
        }
    }
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name; bytes that are not UTF-8 are replaced, and the kind is then `Other`.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// A tree entry with the object that it names.
pub(super) struct Slot {
    pub(super) name: Box<str>,
    pub(super) kind: EntryKind,
    pub(super) id: Oid,
}

/// A folder's entries, sorted by name.
pub(super) struct Listing(Vec<Slot>);

impl Listing {
    /// Reads the tree object `id`; `folder` is its path for messages.
    pub(super) fn load(repo: &Repository, id: Oid, folder: &str) -> Result<Listing, GitError> {
        let doing = || GitError::git(format!("read the folder `{folder}`"));
        let odb = repo.odb().map_err(doing())?;
        let (size, _) = odb.read_header(id).map_err(doing())?;
        if size > MAX_TREE_BYTES {
            return Err(GitError::TreeTooLarge {
                path: folder.to_owned(),
                what: "the size of its object in bytes",
                limit: MAX_TREE_BYTES as u64,
            });
        }
        let tree = repo.find_tree(id).map_err(doing())?;
        let mut slots: Vec<Slot> = tree.iter().map(|entry| slot(&entry)).collect();
        slots.sort_by(|a, b| a.name.cmp(&b.name));
        mark_twins(&mut slots);
        Ok(Listing(slots))
    }

    /// The entry of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Slot> {
        let found = self.0.binary_search_by(|slot| (*slot.name).cmp(name));
        found.ok().and_then(|at| self.0.get(at))
    }

    /// The entries with their objects.
    pub(super) fn into_slots(self) -> Vec<Slot> {
        self.0
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The entries without their objects.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let entry = |slot: &Slot| Entry { name: slot.name.to_string(), kind: slot.kind };
        self.0.iter().map(entry).collect()
    }
}

fn slot(entry: &git2::TreeEntry<'_>) -> Slot {
    let (name, plain) = match std::str::from_utf8(entry.name_bytes()) {
        Ok(name) => (name.into(), is_plain_name(name)),
        Err(_) => (String::from_utf8_lossy(entry.name_bytes()).into(), false),
    };
    // The upper four bits of git's mode are the type, as in `stat`.
    let kind = match entry.filemode_raw() & 0o170_000 {
        _ if !plain => EntryKind::Other,
        0o040_000 => EntryKind::Folder,
        0o100_000 => EntryKind::File,
        0o120_000 => EntryKind::Link,
        _ => EntryKind::Other,
    };
    Slot { name, kind, id: entry.id() }
}

/// A forged tree can hold a name twice; which of them git would take is not to matter.
fn mark_twins(slots: &mut [Slot]) {
    for at in 1..slots.len() {
        if slots[at - 1].name == slots[at].name {
            slots[at - 1].kind = EntryKind::Other;
            slots[at].kind = EntryKind::Other;
        }
    }
}
