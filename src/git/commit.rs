//! Committing a set of paths on top of HEAD.
//!
//! The order is what makes it safe: objects first, which harm nobody if nothing follows;
//! then the new index, complete under git's lock; then the branch, moved only if it is
//! where it was read; last the index is renamed into place. An error at any point before
//! the branch moves leaves everything as it was.

use std::fmt;

use git2::{ObjectType, Oid, Repository, RepositoryState, Tree};

use super::change::{Change, Content, Folder};
use super::error::GitError;
use super::graft::Graft;
use super::head::Head;
use super::identity::{Identity, Signatures};
use super::index::{self, Edits, NewIndex};
use super::objects::Objects;
use super::path;
use super::repo::Repo;
use super::when::When;
use super::worktree::{Reader, Stat};
use crate::text::is_hidden;

/// A commit's hash, shown in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommitId(pub(super) Oid);

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a commit says about itself.
#[derive(Debug, Clone, Copy)]
pub struct CommitOptions<'a> {
    /// The message; surplus white space is removed as git does.
    pub message: &'a str,
    /// Names that go before git's configuration.
    pub identity: &'a Identity,
    /// The time of authoring and committing.
    pub when: When,
}

impl Repo {
    /// Commits `changes` on top of HEAD and returns the new commit; `None` if they are in
    /// HEAD already. Other staged or modified files stay as they are. Files go in byte
    /// for byte, with mode 100644, whatever filters are configured; the commit is not
    /// signed and no hook runs. `changes` are taken one at a time, so that their contents
    /// need not be in memory together.
    ///
    /// Fails with `git-identity-missing`; with `locked` if another git holds a lock; with
    /// `git-failed` if HEAD moved meanwhile or a merge is under way; with `file-unsafe`
    /// if a file of the work tree is behind a symbolic link. Nothing is changed then.
    pub fn commit(
        &self,
        changes: impl IntoIterator<Item = Change>,
        options: &CommitOptions<'_>,
    ) -> Result<Option<CommitId>, GitError> {
        // New objects may stay in a handle's memory, so it is not one of the pool's.
        let repo = self.pool.open()?;
        let signatures = ready(&repo, options.identity, options.when)?;
        let head = Head::read(&repo)?;
        let odb = repo.odb().map_err(GitError::git("open the objects"))?;
        let mut objects = Objects::new(&repo, &odb);
        let (folder, edits) = self.gather(changes, &mut objects)?;
        objects.end_blobs(folder.count() + 1)?;

        let base = head.commit.map(|id| tree_of(&repo, id)).transpose()?;
        let mut graft = Graft { repo: &repo, objects: &mut objects };
        let tree = graft.root(base.as_ref(), &folder)?;
        let nothing_new = match &base {
            Some(base) => base.id() == tree,
            None => edits.values().all(Option::is_none),
        };
        if nothing_new {
            return Ok(None);
        }
        let commit = write_commit(&repo, &mut objects, &head, tree, &signatures, options)?;
        objects.flush()?;
        move_head(&repo, &head, commit, &signatures, &edits, options)?;
        Ok(Some(CommitId(commit)))
    }

    /// Fails as [`Repo::commit`] would by this identity, before anything is changed for it.
    pub fn ensure_ready(&self, identity: &Identity, when: When) -> Result<(), GitError> {
        self.pool.with(|repo| ready(repo, identity, when).map(drop))
    }

    /// Writes the files of the changes and sorts their paths for tree and index.
    fn gather(
        &self,
        changes: impl IntoIterator<Item = Change>,
        objects: &mut Objects<'_>,
    ) -> Result<(Folder, Edits), GitError> {
        let mut folder = Folder::default();
        let mut edits = Edits::new();
        let mut reader = self.workdir.clone().map(Reader::new);
        for Change { path, content } in changes {
            check_change(&path)?;
            let full = self.full_path(&path);
            let file = match content {
                Content::Removed => None,
                Content::Bytes(bytes) => Some((objects.blob(bytes)?, Stat::default())),
                Content::WorkTree => {
                    let reader = reader.as_mut().ok_or_else(|| no_work_tree(&path))?;
                    let (bytes, stat) = reader.read(&full)?;
                    Some((objects.blob(bytes)?, stat))
                }
            };
            folder.insert(&full, file.map(|(id, _)| id))?;
            edits.insert(full.into_bytes(), file);
        }
        Ok((folder, edits))
    }
}

/// Our own working folder never goes into a commit, nor does a name that only looks like
/// another: some file systems skip invisible characters, so that it could be `.git`.
fn check_change(path: &str) -> Result<(), GitError> {
    path::check(path)?;
    let reason = if path.split('/').next() == Some(".warecat") {
        "`.warecat` is not committed"
    } else if path.chars().any(is_hidden) {
        "it holds invisible characters"
    } else {
        return Ok(());
    };
    Err(GitError::PathInvalid { path: path.to_owned(), reason })
}

fn no_work_tree(path: &str) -> GitError {
    GitError::PathConflict { path: path.to_owned(), reason: "a bare repository has no work tree to read it from" }
}

/// Whether a commit can be made now, and who it is by.
fn ready(repo: &Repository, identity: &Identity, when: When) -> Result<Signatures, GitError> {
    ensure_idle(repo)?;
    if !repo.is_bare() {
        index::ensure_unlocked(repo.path())?;
    }
    identity.sign(repo, when)
}

/// Refuses to commit in the middle of something that the next commit would end.
fn ensure_idle(repo: &Repository) -> Result<(), GitError> {
    let operation = match repo.state() {
        RepositoryState::Clean | RepositoryState::Bisect => return Ok(()),
        RepositoryState::Merge => "merge",
        RepositoryState::Revert | RepositoryState::RevertSequence => "revert",
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "cherry-pick",
        _ => "rebase",
    };
    Err(GitError::Busy { operation })
}

fn tree_of(repo: &Repository, commit: Oid) -> Result<Tree<'_>, GitError> {
    repo.find_commit(commit).and_then(|commit| commit.tree()).map_err(GitError::git("read the tree of HEAD"))
}

fn write_commit(
    repo: &Repository,
    objects: &mut Objects<'_>,
    head: &Head,
    tree: Oid,
    signatures: &Signatures,
    options: &CommitOptions<'_>,
) -> Result<Oid, GitError> {
    let failed = || GitError::git("make the commit");
    let message = git2::message_prettify(options.message, None).map_err(failed())?;
    let parent = head.commit.map(|id| repo.find_commit(id)).transpose();
    let parent = parent.map_err(failed())?;
    let tree = repo.find_tree(tree).map_err(failed())?;
    let (author, committer) = (&signatures.author, &signatures.committer);
    let parents: Vec<_> = parent.iter().collect();
    let bytes = repo.commit_create_buffer(author, committer, &message, &tree, &parents).map_err(failed())?;
    objects.write(ObjectType::Commit, &bytes)
}

fn move_head(
    repo: &Repository,
    head: &Head,
    commit: Oid,
    signatures: &Signatures,
    edits: &Edits,
    options: &CommitOptions<'_>,
) -> Result<(), GitError> {
    let index = match repo.is_bare() {
        true => None,
        false => Some(NewIndex::prepare(repo.path(), edits)?),
    };
    let subject = options.message.trim().lines().next().unwrap_or_default();
    let initial = if head.commit.is_none() { " (initial)" } else { "" };
    let log = format!("commit{initial}: {subject}");
    head.lock(repo)?.advance(commit, &signatures.committer, &log)?;
    match index.map(NewIndex::publish) {
        Some(Err(source)) => Err(GitError::IndexStale { commit: CommitId(commit), source }),
        Some(Ok(())) | None => Ok(()),
    }
}
