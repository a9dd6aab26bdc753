//! A page of a list as data.

use serde::Serialize;

use super::super::index::Index;
use super::super::links::Place;
use super::super::listing::{Lists, Wanted};
use super::{schema, text};

#[derive(Serialize)]
struct ListData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    /// The page, relative to this file, as all that follow.
    page: String,
    folders: Vec<Folder<'a>>,
    modules: Vec<Row<'a>>,
    /// The files that the list goes on in; this one among them, when it is one of several.
    pages: Vec<String>,
}

#[derive(Serialize)]
struct Folder<'a> {
    prefix: &'a str,
    modules: usize,
    releases: usize,
    data: String,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    title: &'a str,
    description: Option<&'a str>,
    kind: Option<&'a str>,
    releases: usize,
    targets: usize,
    newest: Option<&'a str>,
    page: String,
    data: String,
}

/// The file beside a page of a list.
pub(in super::super) fn list(lists: &Lists<'_>, index: &Index, wanted: &Wanted<'_>) -> (Place, Vec<u8>) {
    let page = Lists::place(wanted);
    let place = page.twin();
    let shown = lists.shown(wanted);
    let folder = |folder: &&'_ str| {
        let (modules, releases) = lists.below(folder);
        (folder.to_string(), modules, releases)
    };
    let folders: Vec<_> = shown.folders.iter().map(folder).collect();
    let data = ListData {
        schema: schema(&place, "list"),
        format: "warecat.site.list.v1",
        page: place.link(&page),
        folders: folders
            .iter()
            .map(|(prefix, modules, releases)| Folder {
                prefix,
                modules: *modules,
                releases: *releases,
                data: place.link(&Place::module(prefix).twin()),
            })
            .collect(),
        modules: rows(&place, index, &shown.modules),
        pages: shown.pages.iter().map(|page| place.link(&page.twin())).collect(),
    };
    let bytes = text(&data);
    (place, bytes)
}

/// The file beside a page of some modules, by their numbers in the index; `pages` are those
/// that the list goes on in.
pub(in super::super) fn modules(page: &Place, index: &Index, modules: &[u32], pages: &[Place]) -> (Place, Vec<u8>) {
    let place = page.twin();
    let data = ListData {
        schema: schema(&place, "list"),
        format: "warecat.site.list.v1",
        page: place.link(page),
        folders: Vec::new(),
        modules: rows(&place, index, modules),
        pages: pages.iter().map(|page| place.link(&page.twin())).collect(),
    };
    let bytes = text(&data);
    (place, bytes)
}

fn rows<'a>(place: &Place, index: &'a Index, modules: &[u32]) -> Vec<Row<'a>> {
    let row = |module: &u32| {
        let card = &index.all()[*module as usize];
        Row {
            name: card.name.as_str(),
            title: &card.title,
            description: card.line.as_deref(),
            kind: card.kind.as_deref(),
            releases: card.releases.len(),
            targets: card.targets,
            newest: card.releases.first().map(|release| release.name.as_str()),
            page: place.link(&Place::module(card.name.as_str())),
            data: place.link(&Place::module_data(&card.name)),
        }
    };
    modules.iter().map(row).collect()
}
