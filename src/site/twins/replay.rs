//! A replay as data: the plot, and the releases that were made so.

use serde::Serialize;

use super::super::links::Place;
use super::{schema, text};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{ModuleName, Plot, WarpforgeCid, metadata};

#[derive(Serialize)]
struct ReplayData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    module: &'a ModuleName,
    cid: &'a WarpforgeCid,
    /// Its page, relative to this file.
    page: String,
    origin: Option<&'a str>,
    used_by: Vec<String>,
    leaks: Vec<String>,
    plot: &'a Plot,
}

/// The file beside a replay's page; `users` are the releases that name it.
pub(in super::super) fn replay(
    entry: &ModuleEntry,
    cid: &WarpforgeCid,
    plot: &Plot,
    users: &[&ReleaseEntry],
) -> (Place, Vec<u8>) {
    let place = Place::replay(&entry.name, cid).twin();
    let data = ReplayData {
        schema: schema(&place, "replay"),
        format: "warecat.site.replay.v1",
        module: &entry.name,
        cid,
        page: place.link(&Place::replay(&entry.name, cid)),
        origin: users.iter().find_map(|release| release.fact(metadata::REPLAY_ORIGIN)),
        used_by: users.iter().map(|release| format!("{}:{}", entry.name, release.name())).collect(),
        leaks: plot.leaks(),
        plot,
    };
    let bytes = text(&data);
    (place, bytes)
}
