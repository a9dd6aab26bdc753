//! The commits that a site tells of, each with what it changed.

use std::collections::HashSet;

use super::super::feeds::Dates;
use super::super::options::{Options, Past};
use super::super::output::Output;
use super::summary::{Scope, summary};
use super::twin;
use crate::catalog::changes::{Changes, Commit, FirstSeen, History};
use crate::model::Moment;

/// How many characters of a commit's id name its files.
const SHORT: usize = 12;

/// A commit and what it changed.
#[derive(Debug)]
pub(in super::super) struct Told {
    pub(in super::super) id: String,
    pub(in super::super) parent: Option<String>,
    /// The name of its files, without what they end in.
    pub(in super::super) stem: String,
    pub(in super::super) when: Moment,
    /// The first line of its message.
    pub(in super::super) subject: String,
    /// What it changed, in a sentence.
    pub(in super::super) summary: String,
    pub(in super::super) changes: Changes,
    /// The catalog's folder in the repository.
    pub(in super::super) folder: String,
}

/// What is known of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Standing {
    /// The site is not to tell of it.
    Hidden,
    /// The catalog is not kept in git.
    Unknown,
    /// It is.
    Known,
}

/// The last commits, newest first.
#[derive(Debug)]
pub(in super::super) struct Timeline {
    pub(in super::super) standing: Standing,
    pub(in super::super) commits: Vec<Told>,
    /// Whether earlier commits are missing in the repository.
    pub(in super::super) is_cut: bool,
    /// The first commit of all, which tells this catalog from others.
    pub(in super::super) first: Option<String>,
    pub(in super::super) dates: Dates,
}

impl Timeline {
    /// Gathers the last commits that changed the catalog: what an earlier build kept in
    /// the output folder is taken from there.
    pub(in super::super) fn gather(options: &Options<'_>, output: &Output) -> Self {
        let (standing, commits, history) = match options.past {
            Past::Hidden => (Standing::Hidden, Vec::new(), None),
            Past::Unknown => (Standing::Unknown, Vec::new(), None),
            Past::Known { history, commits } => (Standing::Known, told(history, commits, output), Some(history)),
        };
        let seen = FirstSeen::of(commits.iter().map(|told| (told.when.as_str(), &told.changes)));
        let begins = history.and_then(History::begins).and_then(Moment::parse);
        let dates = Dates::new(options, seen, begins);
        let first = history.and_then(History::first).map(str::to_owned);
        Self { standing, commits, is_cut: history.is_some_and(History::is_cut), first, dates }
    }

    /// Whether there is a page of what changed.
    pub(in super::super) fn has_page(&self) -> bool {
        self.standing != Standing::Hidden
    }

    /// Whether there is a feed of what changed.
    pub(in super::super) fn has_feed(&self) -> bool {
        self.standing == Standing::Known
    }
}

fn told(history: &History, most: usize, output: &Output) -> Vec<Told> {
    let mut stems = HashSet::new();
    let mut found = Vec::new();
    for commit in history.commits() {
        if found.len() == most {
            break;
        }
        let short: String = commit.id.chars().take(SHORT).collect();
        let kept = twin::kept(output, &short, commit, history.folder());
        let changes = kept.unwrap_or_else(|| history.changes(commit));
        if changes.is_empty() {
            continue;
        }
        // Two ids that begin alike do so because somebody meant them to.
        let stem = if stems.insert(short.clone()) { short } else { commit.id.clone() };
        found.push(one(commit, stem, changes, history.folder()));
    }
    found
}

fn one(commit: &Commit, stem: String, changes: Changes, folder: &str) -> Told {
    Told {
        id: commit.id.clone(),
        parent: commit.parent.clone(),
        stem,
        when: Moment::parse(&commit.date).unwrap_or_else(Moment::epoch),
        subject: commit.subject.clone(),
        summary: summary(&Scope::all(&changes)),
        changes,
        folder: folder.to_owned(),
    }
}
