//! What changed as data: `_changes/index.json`, and a file for each commit, which is also
//! where a later build finds what it need not find out again.
//!
//! A commit's file is taken for ours when an earlier build listed it, and when what it
//! says of this commit, written anew, gives the same bytes. All else is made again. A
//! change of what is compared, or how, needs another [`COMMIT`].

use serde::{Deserialize, Serialize};

use super::super::output::Output;
use super::super::twins;
use super::summary::{Scope, summary};
use super::timeline::{Standing, Timeline, Told};
use super::{commit_data, commit_place};
use crate::catalog::changes::{Changes, Commit};

/// The name of the shape of a commit's file.
const COMMIT: &str = "warecat.site.commit.v1";
/// The name of the shape of the list.
const INDEX: &str = "warecat.site.changes.v1";

#[derive(Serialize)]
struct CommitTwin<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'a str,
    id: &'a str,
    parent: Option<&'a str>,
    date: &'a str,
    subject: &'a str,
    folder: &'a str,
    summary: &'a str,
    changes: &'a Changes,
}

/// What is read of a kept file; the rest is compared as bytes.
#[derive(Deserialize)]
struct KeptTwin {
    changes: Changes,
}

#[derive(Serialize)]
struct IndexTwin<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'a str,
    state: &'a str,
    complete: bool,
    commits: Vec<IndexEntry<'a>>,
}

#[derive(Serialize)]
struct IndexEntry<'a> {
    id: &'a str,
    date: &'a str,
    subject: &'a str,
    summary: &'a str,
    page: String,
    data: String,
}

/// A commit's file.
pub(in super::super) fn commit_twin(told: &Told) -> Vec<u8> {
    line(&CommitTwin {
        schema: commit_schema(),
        format: COMMIT,
        id: &told.id,
        parent: told.parent.as_deref(),
        date: told.when.as_str(),
        subject: &told.subject,
        folder: &told.folder,
        summary: &told.summary,
        changes: &told.changes,
    })
}

/// What an earlier build kept of a commit.
pub(super) fn kept(output: &Output, stem: &str, commit: &Commit, folder: &str) -> Option<Changes> {
    let bytes = output.kept(&commit_data(stem))?;
    let KeptTwin { changes } = serde_json::from_slice(&bytes).ok()?;
    let again = line(&CommitTwin {
        schema: commit_schema(),
        format: COMMIT,
        id: &commit.id,
        parent: commit.parent.as_deref(),
        date: &commit.date,
        subject: &commit.subject,
        folder,
        summary: &summary(&Scope::all(&changes)),
        changes: &changes,
    });
    // What is damaged may be mended by now, as in a clone that was partial.
    (again == bytes && changes.faults.is_empty()).then_some(changes)
}

/// The list of commits.
pub(in super::super) fn index_twin(timeline: &Timeline, is_exact: bool) -> Vec<u8> {
    let here = super::data_place();
    let commits = timeline.commits.iter().map(|told| IndexEntry {
        id: &told.id,
        date: told.when.as_str(),
        subject: &told.subject,
        summary: &told.summary,
        page: here.link(&commit_place(&told.stem)),
        data: here.link(&commit_data(&told.stem)),
    });
    let state = match timeline.standing {
        Standing::Hidden | Standing::Unknown => "unknown",
        Standing::Known if is_exact => "exact",
        Standing::Known => "differs",
    };
    line(&IndexTwin {
        schema: twins::schema(&here, "changes"),
        format: INDEX,
        state,
        complete: !timeline.is_cut,
        commits: commits.collect(),
    })
}

fn commit_schema() -> String {
    twins::schema(&super::data_place(), "commit")
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("texts, lists and numbers can be written as JSON");
    bytes.push(b'\n');
    bytes
}
