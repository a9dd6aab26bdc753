//! The page of the last commits, and the page of one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::frame::Frame;
use super::super::links::{Place, anchor};
use super::super::pages::{Head, Link};
use super::super::words::{counted, number, one_line};
use super::rows::{Budget, List, Rows};
use super::summary::{Scope, summary};
use super::timeline::{Standing, Told};
use super::{commit_data, commit_place, data_place, place};
use crate::catalog::changes::{Fault, ModuleChange, SourceChange};

/// Most rows of a commit's page; its JSON twin has all.
const MAX_ROWS: usize = 1000;
/// Most wares that changed under their names, and most faults, of a commit's page.
const MAX_LOUD: usize = 200;

/// The page of the last commits.
#[derive(Debug, Serialize)]
pub(in super::super) struct IndexPage {
    head: Head,
    lead: String,
    notes: Vec<String>,
    feed: Option<String>,
    commits: Vec<CommitRow>,
}

/// A commit in a list.
#[derive(Debug, Serialize)]
pub(super) struct CommitRow {
    href: String,
    summary: String,
    subject: Option<String>,
    short: String,
    date: String,
    day: String,
    /// Whether content changed under the same name.
    loud: bool,
}

impl CommitRow {
    pub(super) fn new(from: &Place, told: &Told) -> Self {
        Self {
            href: from.link(&commit_place(&told.stem)),
            summary: told.summary.clone(),
            subject: one_line(&told.subject),
            short: told.stem.chars().take(12).collect(),
            date: told.when.as_str().to_owned(),
            day: told.when.day().to_owned(),
            loud: told.changes.modules.iter().any(is_loud),
        }
    }
}

fn is_loud(module: &ModuleChange) -> bool {
    module.changed.iter().any(|release| !release.moved.is_empty())
}

/// The page of the last commits.
pub(in super::super) fn index_page(frame: &Frame<'_>, is_exact: bool) -> IndexPage {
    let here = place();
    let timeline = &frame.timeline;
    let commits: Vec<CommitRow> = timeline.commits.iter().map(|told| CommitRow::new(&here, told)).collect();
    let lead = match commits.len() {
        0 => "No change is known.".to_owned(),
        1 => "The last change of this catalog.".to_owned(),
        n => format!("The last {} changes of this catalog, the newest first.", number(n)),
    };
    let crumbs = vec![frame.home_crumb(&here), Link { text: "what changed".into(), href: None }];
    let described = "What the last changes of the catalog brought: new software, new versions, targets.";
    let head = Head { data: Some(here.link(&data_place())), ..frame.head(&here, "What changed", described, crumbs) };
    let feed = timeline.has_feed().then(|| here.link(&super::super::feeds::catalog_place()));
    IndexPage { head, lead, notes: notes(frame, is_exact), feed, commits }
}

/// What the list does not tell.
fn notes(frame: &Frame<'_>, is_exact: bool) -> Vec<String> {
    let mut notes = Vec::new();
    match frame.timeline.standing {
        Standing::Unknown => notes.push(
            "This catalog is not kept in git, or has no commit yet, so that what changed is not known.".to_owned(),
        ),
        Standing::Known if !is_exact => notes.push(
            "The site shows files that differ from the last commit. What is not committed is not told here.".to_owned(),
        ),
        Standing::Hidden | Standing::Known => {}
    }
    if frame.timeline.is_cut {
        notes.push("Earlier commits are not in the clone that this site was built from.".to_owned());
    }
    notes
}

/// The page of a commit.
#[derive(Debug, Serialize)]
pub(in super::super) struct CommitPage {
    head: Head,
    id: String,
    parent: Option<String>,
    subject: Option<String>,
    summary: String,
    date: String,
    day: String,
    moved: Vec<MovedRow>,
    moved_more: Option<String>,
    groups: Vec<Group>,
    sources: Vec<SourceRow>,
    configuration: bool,
    faults: Vec<FaultRow>,
    faults_more: Option<String>,
    hidden: Option<String>,
}

/// A ware that changed under its name.
#[derive(Debug, Serialize)]
struct MovedRow {
    release: Link,
    item: String,
    before: String,
    after: String,
}

/// What changed below a source's prefix.
#[derive(Debug, Serialize)]
struct Group {
    id: String,
    prefix: Link,
    summary: String,
    lists: Vec<List>,
}

/// A source that was read anew.
#[derive(Debug, Serialize)]
struct SourceRow {
    prefix: String,
    text: String,
}

/// Something that could not be read.
#[derive(Debug, Serialize)]
struct FaultRow {
    path: String,
    state: String,
    message: String,
}

/// The page of a commit.
pub(in super::super) fn commit_page(frame: &Frame<'_>, told: &Told) -> (Place, CommitPage) {
    let here = commit_place(&told.stem);
    let rows = Rows { frame, place: &here };
    let mut moved = moved(&rows, &told.changes.modules);
    let moved_more = cut(&mut moved);
    let mut faults: Vec<FaultRow> = told.changes.faults.iter().map(fault).collect();
    let faults_more = cut(&mut faults);
    let mut budget = Budget { left: MAX_ROWS, hidden: 0 };
    let groups = groups(&rows, told, &mut budget);
    let page = CommitPage {
        head: head(frame, &here, told),
        id: told.id.clone(),
        parent: told.parent.clone(),
        subject: one_line(&told.subject),
        summary: told.summary.clone(),
        date: told.when.as_str().to_owned(),
        day: told.when.day().to_owned(),
        moved,
        moved_more,
        groups,
        sources: told.changes.sources.iter().map(source).collect(),
        configuration: told.changes.configuration,
        faults,
        faults_more,
        hidden: (budget.hidden > 0).then(|| counted(budget.hidden, "row is", "rows are")),
    };
    (here, page)
}

fn head(frame: &Frame<'_>, here: &Place, told: &Told) -> Head {
    let crumbs = vec![
        frame.home_crumb(here),
        Link { text: "what changed".into(), href: Some(here.link(&place())) },
        Link { text: told.stem.clone(), href: None },
    ];
    let title = format!("Changes of {}, {}", told.when.day(), told.stem);
    Head { data: Some(here.link(&commit_data(&told.stem))), ..frame.head(here, &title, &told.summary, crumbs) }
}

/// Takes what is too much for a page; says how much it was.
fn cut<T>(rows: &mut Vec<T>) -> Option<String> {
    let more = rows.len().saturating_sub(MAX_LOUD);
    rows.truncate(MAX_LOUD);
    (more > 0).then(|| number(more))
}

fn moved(rows: &Rows<'_>, modules: &[ModuleChange]) -> Vec<MovedRow> {
    let mut found = Vec::new();
    for module in modules {
        for release in &module.changed {
            found.extend(release.moved.iter().map(|moved| MovedRow {
                release: rows.release(module, &release.name),
                item: moved.item.to_string(),
                before: moved.before.to_string(),
                after: moved.after.to_string(),
            }));
        }
    }
    found
}

/// The modules by the source that they lie below, each group in the order of names.
fn groups(rows: &Rows<'_>, told: &Told, budget: &mut Budget) -> Vec<Group> {
    let mut by_prefix: BTreeMap<&str, Vec<&ModuleChange>> = BTreeMap::new();
    for module in &told.changes.modules {
        by_prefix.entry(rows.frame.source_prefix(&module.name)).or_default().push(module);
    }
    let mut found = Vec::new();
    for (prefix, modules) in by_prefix {
        let href = rows.frame.index.holds(prefix).then(|| rows.place.link(&Place::module(prefix)));
        found.push(Group {
            id: format!("in-{}", anchor(prefix)),
            prefix: Link { text: prefix.to_owned(), href },
            summary: summary(&Scope::of(modules.clone())),
            lists: rows.lists(&modules, budget),
        });
    }
    found
}

fn source(source: &SourceChange) -> SourceRow {
    let line = |text: &Option<String>| text.as_deref().and_then(one_line);
    let text = match (line(&source.name), line(&source.timestamp)) {
        (None, _) => "no source any more".to_owned(),
        (Some(name), Some(timestamp)) => format!("{name}, as of {timestamp}"),
        (Some(name), None) => name,
    };
    SourceRow { prefix: source.prefix.to_string(), text }
}

fn fault(fault: &Fault) -> FaultRow {
    let state = match fault.state.as_str() {
        "before" => "before the commit",
        "after" => "after the commit",
        _ => "the commit",
    };
    FaultRow { path: fault.path.clone(), state: state.to_owned(), message: fault.message.clone() }
}
