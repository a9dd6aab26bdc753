//! `--dry-run` and `--commit` of every command that writes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use warecat::catalog::Catalog;
use warecat::git::{Change, CommitId, CommitOptions, Content, GitError, Identity, Repo, State, Uncommitted, When};
use warecat::model::ModuleName;
use warecat::store::{Committed, Place};

use super::failure::Failure;
use super::ui::Ui;

/// Options of every command that writes.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct CommitArgs {
    /// Say what would change, and change nothing; exits with 5 when something would.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Commit to git what changed, with what else of the same modules is not committed.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) commit: bool,
    /// The commit's message, in place of one that says what changed.
    #[arg(short, long, value_name = "TEXT", requires = "commit")]
    pub(crate) message: Option<String>,
}

impl CommitArgs {
    /// Refuses, before anything is changed, a commit that could not be made.
    pub(crate) fn check(&self, catalog: &Catalog) -> Result<(), Failure> {
        if self.commit {
            repository(catalog)?.ensure_ready(&identity(), now())?;
        }
        Ok(())
    }

    /// Commits what a transaction changed, when asked to.
    pub(crate) fn commit(
        &self,
        catalog: &Catalog,
        committed: &Committed,
        message: &str,
        ui: &Ui,
    ) -> Result<(), Failure> {
        if !self.commit {
            return Ok(());
        }
        let repo = repository(catalog)?;
        let (changes, left) = coherent(committed, repo.status()?);
        let message = self.message.as_deref().unwrap_or(message);
        match make_commit(&repo, changes.into_iter(), message, &identity())? {
            Some(id) => ui.note(format!("committed {id}")),
            None => ui.note("nothing to commit"),
        }
        if left > 0 {
            ui.note(format!("not committed are documents of other modules: {left}; `git add` takes them"));
        }
        Ok(())
    }
}

/// What goes into a commit: what the transaction changed, and whatever of the same
/// modules is not committed yet, since a module's document names its releases and the
/// revision must check. And how many documents of other modules are left.
fn coherent(committed: &Committed, uncommitted: Vec<Uncommitted>) -> (Vec<Change>, usize) {
    let modules: BTreeSet<ModuleName> =
        committed.written.iter().chain(&committed.removed).filter_map(|path| module_of(path)).collect();
    let mut changes: BTreeMap<String, Content> = BTreeMap::new();
    changes.extend(committed.written.iter().map(|path| (path.clone(), Content::WorkTree)));
    changes.extend(committed.removed.iter().map(|path| (path.clone(), Content::Removed)));
    let mut left = 0;
    for entry in uncommitted {
        let is_new_config = Place::parse(&entry.path) == Some(Place::Config) && entry.state == State::New;
        if is_new_config || module_of(&entry.path).is_some_and(|module| modules.contains(&module)) {
            let content = if entry.state == State::Deleted { Content::Removed } else { Content::WorkTree };
            changes.entry(entry.path).or_insert(content);
        } else if Place::parse(&entry.path).is_some() && !changes.contains_key(&entry.path) {
            left += 1;
        }
    }
    (changes.into_iter().map(|(path, content)| Change { path, content }).collect(), left)
}

/// The module that a document belongs to.
fn module_of(path: &str) -> Option<ModuleName> {
    match Place::parse(path)? {
        Place::Module(module)
        | Place::Mirrors(module)
        | Place::Release(module, _)
        | Place::Replay(module, _)
        | Place::Record(module, _) => Some(module),
        Place::Config | Place::Source(_) => None,
    }
}

fn repository(catalog: &Catalog) -> Result<Repo, Failure> {
    let folder = catalog.disk()?.path();
    match Repo::discover(folder)? {
        Some(repo) => Ok(repo),
        None => Err(GitError::Missing { path: folder.to_owned() }.into()),
    }
}

/// Commits these changes now.
pub(crate) fn make_commit(
    repo: &Repo,
    changes: impl Iterator<Item = Change>,
    message: &str,
    identity: &Identity,
) -> Result<Option<CommitId>, GitError> {
    repo.commit(changes, &CommitOptions { message, identity, when: now() })
}

/// The names that git's own variables give, which go before its configuration.
pub(crate) fn identity() -> Identity {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    Identity {
        author_name: variable("GIT_AUTHOR_NAME"),
        author_email: variable("GIT_AUTHOR_EMAIL"),
        committer_name: variable("GIT_COMMITTER_NAME"),
        committer_email: variable("GIT_COMMITTER_EMAIL"),
    }
}

/// The time of a commit: `SOURCE_DATE_EPOCH` where it is a number of seconds, else the
/// clock.
fn now() -> When {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let seconds = fixed.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    });
    When { seconds, offset_minutes: 0 }
}
