//! The page to search on, and the page to browse from.

use serde::Serialize;

use super::lists::list_place;
use crate::search::{Facet, Index};
use crate::site::frame::Frame;
use crate::site::links::Place;
use crate::site::pages::{Head, Link, PageLink};

/// The page to search on.
pub(in crate::site) fn search_place() -> Place {
    Place::ours("_search/index.html")
}

/// The page to browse from.
pub(in crate::site) fn browse_place() -> Place {
    Place::ours("_browse/index.html")
}

/// The page to search on; its results are made by its script.
#[derive(Debug, Serialize)]
pub(in crate::site) struct SearchPage {
    head: Head,
    browse: Vec<Link>,
}

/// The page to browse from, or the page of a facet's values.
#[derive(Debug, Serialize)]
pub(in crate::site) struct BrowsePage {
    pub(super) head: Head,
    pub(super) heading: String,
    pub(super) summary: String,
    pub(super) sections: Vec<Values>,
    pub(super) pages: Vec<PageLink>,
}

/// Values of one facet.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Values {
    pub(super) id: String,
    pub(super) heading: Option<String>,
    pub(super) values: Vec<Value>,
    /// The page of all values, where these are not all.
    pub(super) all: Option<Link>,
}

/// A value, and how many modules have it.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Value {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) number: String,
}

/// Makes the page to search on.
pub(in crate::site) fn page(frame: &Frame<'_>, index: &Index) -> (Place, SearchPage) {
    let place = search_place();
    let link = |text: &str, to: &Place| Link { text: text.to_owned(), href: Some(place.link(to)) };
    let facets = super::lists::listed(index);
    let lists = facets.map(|facet| link(&by(facet), &list_place(facet, 0)));
    let browse = std::iter::once(link("A to Z", &frame.all_place())).chain(lists).collect();
    let head = frame.head_with_data(
        &place,
        "Search",
        "Search the modules of the catalog by name, text, extension, target, toolchain, licence and source.",
        vec![frame.home_crumb(&place), Link { text: "search".into(), href: None }],
    );
    (place, SearchPage { head, browse })
}

/// What a list of a facet is called.
pub(super) fn by(facet: &Facet) -> String {
    let label = super::data::label(facet.field);
    let mut letters = label.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    let label = match label.starts_with("CPU") {
        true => label.to_owned(),
        false => first.into_iter().chain(letters).collect(),
    };
    format!("by {label}")
}
