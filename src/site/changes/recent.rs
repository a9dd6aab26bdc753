//! The part of the first page that names the latest changes.

use serde::Serialize;

use super::super::frame::Frame;
use super::super::links::Place;
use super::page::CommitRow;
use super::place;

/// Most changes that the first page names.
const MAX_RECENT: usize = 8;

/// The latest changes.
#[derive(Debug, Serialize)]
pub(in super::super) struct Recent {
    commits: Vec<CommitRow>,
    /// The page of all that are known.
    all: String,
}

/// The latest changes, for a page; `None` where none is known.
pub(in super::super) fn recent(frame: &Frame<'_>, from: &Place) -> Option<Recent> {
    let commits: Vec<CommitRow> =
        frame.timeline.commits.iter().take(MAX_RECENT).map(|told| CommitRow::new(from, told)).collect();
    (!commits.is_empty()).then(|| Recent { commits, all: from.link(&place()) })
}
