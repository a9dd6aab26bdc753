//! HEAD: where the next commit goes, and moving it there only if nobody else did.

use std::path::PathBuf;

use git2::{ErrorCode, Oid, Reference, Repository, Signature, Transaction};

use super::error::GitError;

/// What HEAD stood at when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The branch's full name, or `HEAD` itself when it is detached.
    reference: String,
    /// The commit; `None` for a branch without one.
    pub(super) commit: Option<Oid>,
}

impl Head {
    /// Reads HEAD.
    pub(super) fn read(repo: &Repository) -> Result<Head, GitError> {
        let failed = || GitError::git("read HEAD");
        match repo.head() {
            Ok(found) => Head::at(&found).map_err(failed()),
            Err(error) if error.code() == ErrorCode::UnbornBranch => {
                let head = repo.find_reference("HEAD").map_err(failed())?;
                let reference = head.symbolic_target().map_err(failed())?;
                Ok(Head {
                    reference: reference.unwrap_or("HEAD").to_owned(),
                    commit: None,
                })
            }
            Err(error) => Err(failed()(error)),
        }
    }

    fn at(found: &Reference<'_>) -> Result<Head, git2::Error> {
        Ok(Head {
            reference: found.name()?.to_owned(),
            commit: found.target(),
        })
    }

    /// Locks HEAD and its branch, and makes sure that both are as they were read.
    pub(super) fn lock<'r>(&self, repo: &'r Repository) -> Result<HeadLock<'r>, GitError> {
        let failed = || GitError::git("lock HEAD");
        let mut transaction = repo.transaction().map_err(failed())?;
        let mut names = vec!["HEAD", self.reference.as_str()];
        names.dedup();
        for name in names {
            transaction.lock_ref(name).map_err(|error| {
                if error.code() == ErrorCode::Locked {
                    let path = lock_file(repo, name);
                    return GitError::Locked { path };
                }
                failed()(error)
            })?;
        }
        let now = Head::read(repo)?;
        if now != *self {
            return Err(GitError::HeadMoved {
                expected: self.in_words(),
                found: now.in_words(),
            });
        }
        Ok(HeadLock {
            transaction,
            reference: self.reference.clone(),
        })
    }

    fn in_words(&self) -> String {
        match self.commit {
            Some(id) => format!("{} at {id}", self.reference),
            None => format!("{} without a commit", self.reference),
        }
    }
}

/// HEAD and its branch, locked against others until this is dropped.
pub(super) struct HeadLock<'r> {
    transaction: Transaction<'r>,
    reference: String,
}

impl HeadLock<'_> {
    /// Moves the branch, or a detached HEAD, to the new commit.
    pub(super) fn advance(
        mut self,
        commit: Oid,
        by: &Signature<'_>,
        log: &str,
    ) -> Result<(), GitError> {
        self.transaction
            .set_target(&self.reference, commit, Some(by), log)
            .and_then(|()| self.transaction.commit())
            .map_err(GitError::git(format!("move `{}`", self.reference)))
    }
}

fn lock_file(repo: &Repository, name: &str) -> PathBuf {
    let folder = if name == "HEAD" {
        repo.path()
    } else {
        repo.commondir()
    };
    folder.join(format!("{name}.lock"))
}
