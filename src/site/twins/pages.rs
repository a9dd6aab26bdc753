//! The pages that explain, as data: about, how to check, a source, and the search.

use serde::Serialize;

use super::super::knowledge::{DataRow, Sample, Sources};
use super::super::links::Place;
use super::super::options::{Options, SourceAt};
use super::super::search;
use super::{Commit, Counts, schema, text};
use crate::model::Source;

#[derive(Serialize)]
struct SourceData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    /// The page, relative to this file, as all that follow.
    page: String,
    prefix: &'a str,
    /// The SPDX expression under which it publishes its facts, as far as the catalog says.
    licence: Option<&'a str>,
    /// The file that lists its modules.
    modules: Option<String>,
    source: &'a Source,
}

/// The file beside the page of a source; `has_modules` says whether any module is of it.
pub(in super::super) fn source(
    options: &Options<'_>,
    page: &Place,
    at: &SourceAt,
    has_modules: bool,
) -> (Place, Vec<u8>) {
    let place = page.twin();
    let data = SourceData {
        schema: schema(&place, "source"),
        format: "warecat.site.source.v1",
        page: place.link(page),
        prefix: at.prefix.as_str(),
        licence: options.licences.get(&at.prefix).map(String::as_str),
        modules: has_modules.then(|| place.link(&Place::module(at.prefix.as_str()).twin())),
        source: &at.source,
    };
    let bytes = text(&data);
    (place, bytes)
}

#[derive(Serialize)]
struct AboutData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    /// The page, relative to this file, as all that follow.
    page: String,
    title: &'a str,
    description: &'a str,
    commit: Option<Commit<'a>>,
    counts: Counts,
    sources: Vec<SourceLine<'a>>,
    files: Vec<FileLine<'a>>,
}

#[derive(Serialize)]
struct SourceLine<'a> {
    name: &'a str,
    prefix: &'a str,
    data: String,
}

#[derive(Serialize)]
struct FileLine<'a> {
    what: &'a str,
    description: &'a str,
    /// Such a file.
    file: &'a str,
}

/// The file beside the page about the catalog.
pub(in super::super) fn about(
    options: &Options<'_>,
    page: &Place,
    sources: &Sources<'_>,
    rows: &[DataRow],
    counts: Counts,
) -> (Place, Vec<u8>) {
    let place = page.twin();
    let line = |row: &'_ DataRow| (row.what, row.text, row.file.href.clone().unwrap_or_default());
    let rows: Vec<_> = rows.iter().map(line).collect();
    let data = AboutData {
        schema: schema(&place, "about"),
        format: "warecat.site.about.v1",
        page: place.link(page),
        title: &options.title,
        description: &options.description,
        commit: Commit::of(options),
        counts,
        sources: sources.places().map(|(page, at)| source_line(&place, page, at)).collect(),
        files: rows.iter().map(|(what, description, file)| FileLine { what, description, file }).collect(),
    };
    let bytes = text(&data);
    (place, bytes)
}

fn source_line<'a>(from: &Place, page: &Place, at: &'a SourceAt) -> SourceLine<'a> {
    SourceLine { name: &at.source.name, prefix: at.prefix.as_str(), data: from.link(&page.twin()) }
}

#[derive(Serialize)]
struct VerifyData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    /// The page, relative to this file, as all that follow.
    page: String,
    commit: Option<Commit<'a>>,
    /// A release of this catalog to try with.
    sample: Option<&'a Sample>,
    sources: Vec<SourceLine<'a>>,
}

/// The file beside the page that says how to check.
pub(in super::super) fn verify(
    options: &Options<'_>,
    page: &Place,
    sources: &Sources<'_>,
    sample: Option<&Sample>,
) -> (Place, Vec<u8>) {
    let place = page.twin();
    let data = VerifyData {
        schema: schema(&place, "verify"),
        format: "warecat.site.verify.v1",
        page: place.link(page),
        commit: Commit::of(options),
        sample,
        sources: sources.places().map(|(page, at)| source_line(&place, page, at)).collect(),
    };
    let bytes = text(&data);
    (place, bytes)
}

#[derive(Serialize)]
struct SearchData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    /// The page, relative to this file, as all that follow.
    page: String,
    /// The page to browse from, as data.
    browse: String,
    files: Vec<SearchFile<'a>>,
}

/// A file that the page's script searches.
#[derive(Serialize)]
struct SearchFile<'a> {
    file: &'a str,
    bytes: usize,
}

/// The file beside the page to search on; `files` are those that its script searches.
pub(in super::super) fn search(files: &[(Place, Vec<u8>)]) -> (Place, Vec<u8>) {
    let page = search::search_place();
    let place = page.twin();
    let links: Vec<_> = files.iter().map(|(file, bytes)| (place.link(file), bytes.len())).collect();
    let data = SearchData {
        schema: schema(&place, "search"),
        format: "warecat.site.search.v1",
        page: place.link(&page),
        browse: place.link(&search::browse_place().twin()),
        files: links.iter().map(|(file, bytes)| SearchFile { file, bytes: *bytes }).collect(),
    };
    let bytes = text(&data);
    (place, bytes)
}
