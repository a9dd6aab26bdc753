//! The first page as data: what the catalog is, and where everything else lies.

use serde::Serialize;

use super::super::index::{Card, Index};
use super::super::links::Place;
use super::super::listing::all_place;
use super::super::options::Options;
use super::{index_place, schema, text};
use crate::model::Source;

#[derive(Serialize)]
struct HomeData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    title: &'a str,
    description: &'a str,
    tool_version: &'a str,
    commit: Option<Commit<'a>>,
    counts: Counts,
    sources: Vec<&'a Source>,
    /// The page, relative to this file, as all that follow.
    page: String,
    /// The list of all modules.
    list: String,
    /// The files that hold one line for each module.
    catalog: String,
}

/// The commit that the site is made of.
#[derive(Serialize)]
pub(in super::super) struct Commit<'a> {
    id: &'a str,
    date: Option<&'a str>,
}

impl<'a> Commit<'a> {
    /// The commit of a build, if it is made of one.
    pub(in super::super) fn of(options: &'a Options<'_>) -> Option<Self> {
        options.commit.get().map(|commit| Self { id: &commit.id, date: commit.date.as_deref() })
    }
}

/// How much there is of what.
#[derive(Serialize)]
pub(in super::super) struct Counts {
    modules: usize,
    releases: usize,
    items: usize,
    replays: usize,
}

impl Counts {
    /// Counts what an index has.
    pub(in super::super) fn of(index: &Index) -> Self {
        let sum = |of: fn(&Card) -> usize| index.all().iter().map(of).sum();
        Self {
            modules: index.all().len(),
            releases: sum(|card| card.releases.len()),
            items: sum(|card| card.items),
            replays: sum(|card| card.replays),
        }
    }
}

/// The file beside the first page.
pub(in super::super) fn home(index: &Index, options: &Options<'_>) -> (Place, Vec<u8>) {
    let page = Place::ours("index.html");
    let place = page.twin();
    let data = HomeData {
        schema: schema(&place, "home"),
        format: "warecat.site.home.v1",
        title: &options.title,
        description: &options.description,
        tool_version: &options.tool_version,
        commit: Commit::of(options),
        counts: Counts::of(index),
        sources: options.sources.iter().map(|at| &at.source).collect(),
        page: place.link(&page),
        list: place.link(&all_place().twin()),
        catalog: place.link(&index_place()),
    };
    let bytes = text(&data);
    (place, bytes)
}
