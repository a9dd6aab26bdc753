//! The map for search engines: every page once, with the day of its last change where
//! that is known.
//!
//! A page kind joins it in [`pages`]. A time is never made up: without a date of its own
//! content a page has none.

use super::changes;
use super::frame::Frame;
use super::knowledge;
use super::links::{Base, Place};
use super::listing::Lists;
use super::pages::{Sitemap, SitemapUrl};
use super::search;
use crate::model::Moment;

/// Most addresses of one map: the limit of sitemaps.org.
const MAX_URLS: usize = 50_000;

/// A page of the map.
pub(super) struct Mapped {
    place: Place,
    changed: Option<Moment>,
}

/// Every page of the site that is worth finding.
fn pages(frame: &Frame<'_>, lists: &Lists<'_>, facets: Vec<Place>) -> Vec<Mapped> {
    let undated = |place| Mapped { place, changed: None };
    let timeline = &frame.timeline;
    let newest = timeline.commits.first().map(|told| told.when.clone());
    let mut found = vec![undated(Place::ours("index.html"))];
    found.extend([knowledge::about_place(), knowledge::verify_place()].map(undated));
    found.extend(lists.places().into_iter().chain([search::search_place()]).chain(facets).map(undated));
    if timeline.has_page() {
        found.push(Mapped { place: changes::place(), changed: newest });
    }
    found.extend(
        timeline
            .commits
            .iter()
            .map(|told| Mapped { place: changes::commit_place(&told.stem), changed: Some(told.when.clone()) }),
    );
    found.extend(frame.index.all().iter().map(|card| Mapped {
        place: Place::module(card.name.as_str()),
        changed: card.dated.clone().max(timeline.dates.changed(&card.name)),
    }));
    found
}

/// The maps, each with its place, and the list of them last.
/// `facets` are the lists of facets' values.
pub(super) fn maps(
    frame: &Frame<'_>,
    lists: &Lists<'_>,
    facets: Vec<Place>,
    base: &Base,
) -> (Vec<(Place, Sitemap)>, Sitemap) {
    let mut maps = Vec::new();
    let mut list = Sitemap { urls: Vec::new() };
    for (number, pages) in (1..).zip(pages(frame, lists, facets).chunks(MAX_URLS)) {
        let place = Place::ours(&format!("_sitemap/{number}.xml"));
        let changed = pages.iter().filter_map(|page| page.changed.clone()).max();
        list.urls.extend(url(base, &place, changed.as_ref()));
        let urls = pages.iter().filter_map(|page| url(base, &page.place, page.changed.as_ref())).collect();
        maps.push((place, Sitemap { urls }));
    }
    (maps, list)
}

/// An address of a map.
pub(super) fn url(base: &Base, place: &Place, changed: Option<&Moment>) -> Option<SitemapUrl> {
    Some(SitemapUrl { loc: base.absolute(place)?, lastmod: changed.map(|moment| moment.as_str().to_owned()) })
}
