//! What a commit changes: paths with their new content, gathered into folders.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use git2::Oid;

use super::error::GitError;

/// One path that a commit changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path below the catalog, with `/`.
    pub path: String,
    /// What it holds from now on.
    pub content: Content,
}

/// The new content of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of the file at that path in the work tree, read when its turn comes.
    WorkTree,
    /// None: the path is removed, if it is there.
    Removed,
}

/// Changes below one folder, by name.
#[derive(Debug, Default)]
pub(super) struct Folder(pub(super) BTreeMap<String, Node>);

/// What happens to one name in a folder.
#[derive(Debug)]
pub(super) enum Node {
    /// Something below it changes.
    Folder(Folder),
    /// It becomes this file.
    File(Oid),
    /// It is no longer a file.
    Removed,
}

impl Folder {
    /// Adds a change at the path from the root; `None` removes. The last one counts.
    pub(super) fn insert(&mut self, path: &str, file: Option<Oid>) -> Result<(), GitError> {
        let conflict = || GitError::PathConflict {
            path: path.to_owned(),
            reason: "it is a file and a folder at once",
        };
        let mut folder = self;
        let mut parts = path.split('/').peekable();
        while let Some(name) = parts.next() {
            let node = folder.0.entry(name.to_owned());
            if parts.peek().is_none() {
                return set(node, file).ok_or_else(conflict);
            }
            folder = descend(node).ok_or_else(conflict)?;
        }
        Ok(())
    }

    /// How many folders change, this one included.
    pub(super) fn count(&self) -> usize {
        let below = self.0.values().map(|node| match node {
            Node::Folder(folder) => folder.count(),
            Node::File(_) | Node::Removed => 0,
        });
        1 + below.sum::<usize>()
    }
}

/// The folder at a place, unless a file is to be there.
fn descend(place: Entry<'_, String, Node>) -> Option<&mut Folder> {
    let node = place.or_insert_with(|| Node::Folder(Folder::default()));
    if matches!(node, Node::Removed) {
        *node = Node::Folder(Folder::default());
    }
    match node {
        Node::Folder(folder) => Some(folder),
        Node::File(_) | Node::Removed => None,
    }
}

/// Puts a file or its removal at a place; `None` if a file collides with a folder.
fn set(place: Entry<'_, String, Node>, file: Option<Oid>) -> Option<()> {
    let new = file.map_or(Node::Removed, Node::File);
    let node = place.or_insert(Node::Removed);
    match (&node, &new) {
        (Node::Folder(_), Node::File(_)) => return None,
        // The file made way for a folder, whose changes say so already.
        (Node::Folder(_), _) => {}
        _ => *node = new,
    }
    Some(())
}
