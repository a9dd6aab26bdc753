//! A tree with some paths changed: only the trees on the way to them are written anew.

use git2::{FileMode, ObjectType, Oid, Repository, Tree, TreeBuilder, TreeEntry};

use super::change::{Folder, Node};
use super::error::GitError;
use super::objects::Objects;
use super::path;

/// Writes changed trees into `objects`.
pub(super) struct Graft<'a, 'r> {
    pub(super) repo: &'r Repository,
    pub(super) objects: &'a mut Objects<'r>,
}

impl<'r> Graft<'_, 'r> {
    /// The root tree with the changes made; an empty one if nothing is left.
    pub(super) fn root(
        &mut self,
        base: Option<&Tree<'r>>,
        changes: &Folder,
    ) -> Result<Oid, GitError> {
        match self.folder(base, changes, "")? {
            Some(id) => Ok(id),
            None => self.objects.write(ObjectType::Tree, &[]),
        }
    }

    /// The folder at `at` with the changes made; `None` if it holds nothing any more,
    /// since git keeps no empty folders.
    fn folder(
        &mut self,
        base: Option<&Tree<'r>>,
        changes: &Folder,
        at: &str,
    ) -> Result<Option<Oid>, GitError> {
        let failed = || GitError::git(format!("write the folder `{at}`"));
        let mut builder = self.repo.treebuilder(base).map_err(failed())?;
        let mut size = 0;
        for (name, node) in &changes.0 {
            let path = path::join(at, name);
            size += name.len() + 30;
            self.apply(&mut builder, name, node, &path)?;
        }
        if builder.is_empty() {
            return Ok(None);
        }
        let id = builder.write().map_err(failed())?;
        if base.map(Tree::id) != Some(id) {
            self.objects.wrote(id, size)?;
        }
        Ok(Some(id))
    }

    fn apply(
        &mut self,
        builder: &mut TreeBuilder<'r>,
        name: &str,
        node: &Node,
        path: &str,
    ) -> Result<(), GitError> {
        let failed = || GitError::git(format!("change `{path}`"));
        let existing = builder.get(name).map_err(failed())?.map(Existing::of);
        let is_folder = existing.is_some_and(|entry| entry.mode == FileMode::Tree.into());
        let new = match node {
            Node::File(_) if is_folder => return Err(in_the_way(path, "a folder is there")),
            Node::File(id) => Some((*id, FileMode::Blob)),
            // Only files are removed; a folder goes when it is empty.
            Node::Removed if is_folder => return Ok(()),
            Node::Removed => None,
            Node::Folder(changes) => {
                let below = existing
                    .map(|entry| entry.subtree(self.repo, path))
                    .transpose()?;
                let id = self.folder(below.flatten().as_ref(), changes, path)?;
                id.map(|id| (id, FileMode::Tree))
            }
        };
        match new {
            Some((id, mode)) => {
                builder.insert(name, id, mode.into()).map_err(failed())?;
            }
            None if existing.is_some() => builder.remove(name).map_err(failed())?,
            None => {}
        }
        Ok(())
    }
}

/// What stands at a name before the change.
#[derive(Clone, Copy)]
struct Existing {
    id: Oid,
    mode: i32,
}

impl Existing {
    fn of(entry: TreeEntry<'_>) -> Existing {
        Existing {
            id: entry.id(),
            mode: entry.filemode(),
        }
    }

    /// The tree that it is; `None` for a plain file, which makes way for a folder.
    fn subtree<'r>(self, repo: &'r Repository, path: &str) -> Result<Option<Tree<'r>>, GitError> {
        if self.mode == FileMode::Tree.into() {
            let tree = repo.find_tree(self.id);
            return tree
                .map(Some)
                .map_err(GitError::git(format!("read the folder `{path}`")));
        }
        if self.mode == FileMode::Link.into() || self.mode == FileMode::Commit.into() {
            return Err(in_the_way(path, "a symbolic link or submodule is there"));
        }
        Ok(None)
    }
}

fn in_the_way(path: &str, reason: &'static str) -> GitError {
    GitError::PathConflict {
        path: path.to_owned(),
        reason,
    }
}
