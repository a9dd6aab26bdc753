//! A module as one line of `catalog.ndjson`.
//!
//! It follows from the module's own documents, so that it is kept with its facts.

use serde::Serialize;
use serde_json::value::RawValue;

use super::super::index;
use super::super::links::Place;
use super::super::module_page::latest;
use super::super::words;
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{ModuleName, ReleaseName, WarpforgeCid, metadata};

#[derive(Serialize)]
struct Line<'a> {
    name: &'a ModuleName,
    title: String,
    kind: Option<&'a str>,
    description: Option<&'a str>,
    homepage: Option<&'a str>,
    license: Option<&'a str>,
    cid: &'a WarpforgeCid,
    /// Its page and its twin, from the site's first folder.
    page: String,
    data: String,
    latest: Option<&'a ReleaseName>,
    releases: Vec<Release<'a>>,
}

#[derive(Serialize)]
struct Release<'a> {
    name: &'a ReleaseName,
    version: &'a str,
    date: Option<&'a str>,
    cid: &'a WarpforgeCid,
    toolchain: Option<&'a str>,
    yanked: bool,
    targets: Vec<&'a str>,
}

/// The line, without its end.
pub(in super::super) fn line(entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Box<RawValue> {
    let own = |key: &str| entry.metadata.get(key).map(String::as_str);
    let line = Line {
        name: &entry.name,
        title: index::title(entry),
        kind: entry.kind(),
        description: own(metadata::DESCRIPTION),
        homepage: own(metadata::HOMEPAGE),
        license: own(metadata::LICENSE),
        cid: &entry.cid,
        page: Place::module(entry.name.as_str()).url(),
        data: Place::module_data(&entry.name).url(),
        latest: latest(entry, releases).map(|at| releases[at].name()),
        releases: releases.iter().map(|release| of_release(release)).collect(),
    };
    serde_json::value::to_raw_value(&line).expect("plain values always have a text")
}

fn of_release(release: &ReleaseEntry) -> Release<'_> {
    Release {
        name: release.name(),
        version: release.fact(metadata::VERSION).unwrap_or(release.name().as_str()),
        date: release.fact(metadata::DATE).and_then(words::date),
        cid: &release.cid,
        toolchain: release.fact(metadata::TOOLCHAIN),
        yanked: release.fact(metadata::YANKED).is_some(),
        targets: release.release.items.keys().map(|item| item.as_str()).collect(),
    }
}
