//! What every page of a build is made with: the index, what the site is called, where it
//! is, and the way from any page to the others.

use super::changes::{self, Timeline};
use super::feeds;
use super::freshness::Freshnesses;
use super::index::Index;
use super::knowledge;
use super::links::{Base, Place};
use super::listing;
use super::pages::{FeedLink, Head, Link};
use super::search;
use super::templates;
use crate::model::ModuleName;

/// What every page of a build is made with.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) index: &'a Index,
    pub(super) description: &'a str,
    pub(super) sources: &'a Freshnesses,
    pub(super) title: &'a str,
    pub(super) base: Option<&'a Base>,
    pub(super) timeline: &'a Timeline,
    /// The prefixes of sources, sorted.
    pub(super) prefixes: &'a [ModuleName],
    pub(super) module_feeds: bool,
    pub(super) release_pages: bool,
    pub(super) cid_pages: bool,
}

impl<'a> Frame<'a> {
    /// The same, with another view of the index.
    pub(super) fn with<'i>(self, index: &'i Index) -> Frame<'i>
    where
        'a: 'i,
    {
        Frame { index, ..self }
    }

    /// The head of a page; `title` is empty for the first page.
    pub(super) fn head(&self, place: &Place, title: &str, description: &str, crumbs: Vec<Link>) -> Head {
        let joined = if title.is_empty() { self.title.to_owned() } else { format!("{title} – {}", self.title) };
        Head {
            title: joined,
            description: description.to_owned(),
            canonical: self.base.and_then(|base| base.absolute(place)),
            home: place.link(&Place::ours("index.html")),
            all: place.link(&listing::all_place()),
            search: place.link(&search::search_place()),
            browse: place.link(&search::browse_place()),
            about: Some(place.link(&knowledge::about_place())),
            css: place.link(&Place::ours(templates::STYLE)),
            theme: place.link(&Place::ours(templates::THEME)),
            script: place.link(&Place::ours(templates::SCRIPT)),
            root: place.root(),
            icon: place.link(&Place::ours("_assets/icon.svg")),
            data: None,
            changes: self.timeline.has_page().then(|| place.link(&changes::place())),
            feeds: self.feeds(place),
            structured: None,
            crumbs,
            sources: self.sources.of(place),
        }
    }

    /// The head of a page with data beside it; see [`Frame::head`].
    pub(super) fn head_with_data(&self, place: &Place, title: &str, description: &str, crumbs: Vec<Link>) -> Head {
        Head { data: Some(place.link(&place.twin())), ..self.head(place, title, description, crumbs) }
    }

    /// The page of all modules.
    pub(super) fn all_place(&self) -> Place {
        listing::all_place()
    }

    /// The feed that every page names.
    fn feeds(&self, place: &Place) -> Vec<FeedLink> {
        let feed = FeedLink { title: "What changed".into(), href: place.link(&feeds::catalog_place()) };
        if self.timeline.has_feed() { vec![feed] } else { Vec::new() }
    }

    /// The prefixes that have a feed: of sources whose modules are listed on a page, which
    /// a module of that name would take the place of.
    pub(super) fn feed_prefixes(&self) -> impl Iterator<Item = &ModuleName> {
        let has_list = |prefix: &&ModuleName| self.index.module(prefix).is_none() && self.index.holds(prefix.as_str());
        let prefixes = if self.timeline.has_feed() { self.prefixes } else { &[] };
        prefixes.iter().filter(has_list)
    }

    /// The prefix of the source that a module came from, or what its name begins with.
    pub(super) fn source_prefix<'m>(&'m self, module: &'m ModuleName) -> &'m str {
        let longest = self.prefixes.iter().filter(|prefix| module.is_within(prefix)).max_by_key(|p| p.as_str().len());
        longest.map_or_else(|| module.segments().next().unwrap_or_default(), ModuleName::as_str)
    }

    /// The site's title.
    pub(super) fn title(&self) -> &str {
        self.title
    }

    /// The whole address of a file, when the site's is known.
    pub(super) fn absolute(&self, place: &Place) -> Option<String> {
        self.base.and_then(|base| base.absolute(place))
    }

    /// The way to the first page.
    pub(super) fn home_crumb(&self, place: &Place) -> Link {
        Link { text: "home".into(), href: Some(place.link(&Place::ours("index.html"))) }
    }

    /// The way down to a module or prefix; its own entry is a link when the page is
    /// another one.
    pub(super) fn crumbs(&self, place: &Place, name: &str, link_last: bool) -> Vec<Link> {
        let mut crumbs = vec![self.home_crumb(place)];
        let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
        let mut start = 0;
        for end in ends {
            let is_last = end == name.len();
            let href = (!is_last || link_last).then(|| place.link(&Place::module(&name[..end])));
            crumbs.push(Link { text: name[start..end].to_owned(), href });
            start = end + 1;
        }
        crumbs
    }
}
