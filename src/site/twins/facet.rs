//! A page of a facet's values as data, and the page to browse from.

use serde::Serialize;

use super::super::links::Place;
use super::{schema, text};

#[derive(Serialize)]
struct FacetData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    /// The page, relative to this file, as all that follow.
    page: String,
    facets: &'a [Values<'a>],
    /// The files that the list goes on in; this one among them, when it is one of several.
    pages: Vec<String>,
}

/// Values of one facet.
#[derive(Serialize)]
pub(in super::super) struct Values<'a> {
    /// Its name in a query.
    pub(in super::super) facet: String,
    pub(in super::super) values: Vec<Value<'a>>,
    /// The file of all values, where these are not all.
    pub(in super::super) all: Option<String>,
}

/// A value, and what has it.
#[derive(Serialize)]
pub(in super::super) struct Value<'a> {
    pub(in super::super) value: &'a str,
    /// How many modules.
    pub(in super::super) modules: usize,
    /// The file that lists them.
    pub(in super::super) data: String,
}

/// The file beside a page of values.
pub(in super::super) fn facet(page: &Place, facets: &[Values<'_>], pages: &[Place]) -> (Place, Vec<u8>) {
    let place = page.twin();
    let data = FacetData {
        schema: schema(&place, "facet"),
        format: "warecat.site.facet.v1",
        page: place.link(page),
        facets,
        pages: pages.iter().map(|page| place.link(&page.twin())).collect(),
    };
    let bytes = text(&data);
    (place, bytes)
}
