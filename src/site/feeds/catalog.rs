//! The feeds of what changed: of the whole catalog, and of what lies below a source's
//! prefix. Each entry is a commit.

use super::super::changes::{self, Scope, summary};
use super::super::frame::Frame;
use super::super::links::Place;
use super::atom::{Entry, Feed};
use crate::model::ModuleName;

/// The feed of the whole catalog.
pub(in super::super) fn catalog_place() -> Place {
    Place::ours("_changes/feed.xml")
}

/// The feed of a source.
pub(in super::super) fn source_place(prefix: &ModuleName) -> Place {
    Place::below(prefix.as_str(), "_feed.xml")
}

/// The feed of the whole catalog.
pub(in super::super) fn catalog_feed(frame: &Frame<'_>) -> Vec<u8> {
    let feed = Feed {
        id: ids(frame, "catalog"),
        title: format!("{}: what changed", frame.title),
        author: frame.title,
        place: &catalog_place(),
        page: &changes::place(),
        base: frame.base,
    };
    let told = &frame.timeline.commits;
    let pages: Vec<Place> = told.iter().map(|told| changes::commit_place(&told.stem)).collect();
    let entry = |(told, page): (&changes::Told, _)| entry(told, page, told.summary.clone(), "");
    let entries: Vec<Entry<'_>> = told.iter().zip(&pages).map(entry).collect();
    feed.write(&entries, &frame.timeline.dates.fallback())
}

/// The feed of what lies below a prefix.
pub(in super::super) fn source_feed(frame: &Frame<'_>, prefix: &ModuleName) -> Vec<u8> {
    let place = source_place(prefix);
    let feed = Feed {
        id: format!("{}:{}", ids(frame, "source"), Place::ours(prefix.as_str()).url()),
        title: format!("{prefix}: what changed"),
        author: frame.title,
        place: &place,
        page: &Place::module(prefix.as_str()),
        base: frame.base,
    };
    let scoped = frame.timeline.commits.iter().map(|told| (told, Scope::within(&told.changes, prefix)));
    let told: Vec<_> = scoped
        .filter(|(_, scope)| !scope.is_empty())
        .map(|(told, scope)| (told, changes::commit_place(&told.stem), scope))
        .collect();
    let suffix = format!(":{}", Place::ours(prefix.as_str()).url());
    let entries: Vec<Entry<'_>> =
        told.iter().map(|(told, page, scope)| entry(told, page, summary(scope), &suffix)).collect();
    feed.write(&entries, &frame.timeline.dates.fallback())
}

/// The first commit tells a catalog's feeds from another's, wherever they lie.
fn ids(frame: &Frame<'_>, kind: &str) -> String {
    match &frame.timeline.first {
        Some(first) => format!("{kind}:{first}"),
        None => kind.to_owned(),
    }
}

fn entry<'a>(told: &changes::Told, page: &'a Place, title: String, suffix: &str) -> Entry<'a> {
    let mut summary = format!("{title}.");
    if !told.subject.trim().is_empty() {
        summary.push_str(" Message of the commit: ");
        summary.push_str(told.subject.trim());
    }
    Entry {
        id: format!("commit:{}{suffix}", told.id),
        title,
        updated: told.when.clone(),
        published: None,
        page,
        anchor: None,
        summary,
    }
}
