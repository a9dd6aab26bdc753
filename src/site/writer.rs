//! Makes and writes pages: those of a module, and those of no single one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::answers::digest;
use super::changes;
use super::chooser;
use super::error::SiteError;
use super::feeds;
use super::frame::Frame;
use super::index::{self, Table};
use super::knowledge::{self, Sample, Sources};
use super::links::Place;
use super::listing::Lists;
use super::module_data::module_data;
use super::module_page::{latest, module_page, page_count};
use super::options::{Modules, Options};
use super::output::Files;
use super::pages::{PlainPage, Sitemap};
use super::passes::load;
use super::permalink::{cid_pages, release_page};
use super::recipe_view::needed_by_page;
use super::render::Renderer;
use super::replay_page::replay_page;
use super::search::{self, FacetLists, FacetPage};
use super::sitemap;
use super::structured;
use super::templates::{self, Template};
use super::twins;
use super::words::one_line;
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::metadata;

thread_local! {
    /// Where a page is rendered to, or its data are written to be hashed, so that the memory
    /// serves for the next.
    static PAGE: RefCell<Vec<u8>> = RefCell::default();
}

/// Makes and writes pages.
pub(super) struct Writer<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) renderer: &'a Renderer,
    pub(super) output: &'a Files<'a>,
    /// What pages depend on beside their data and the settings, where they are kept when
    /// these are the same.
    pub(super) made_of: Option<&'a str>,
}

impl Writer<'_> {
    fn page<P: serde::Serialize>(&self, place: &Place, template: &str, page: &P) -> Result<(), SiteError> {
        let Some(state) = self.made_of else {
            return PAGE.with_borrow_mut(|bytes| {
                self.renderer.render_to(template, page, bytes)?;
                self.output.write(place, bytes)
            });
        };
        let made_of = PAGE.with_borrow_mut(|data| {
            data.clear();
            serde_json::to_writer(&mut *data, &(template, state, page)).expect("plain values always have a text");
            digest(data)
        });
        self.output.write_made_of(place, made_of, || self.renderer.render(template, page))
    }

    /// What is of no single module, but for the pages that [`Writer::dated`] makes.
    pub(super) fn common(&self, options: &Options<'_>, templates: &[Template], table: &Table) -> Result<(), SiteError> {
        self.assets(templates)?;
        let sources = Sources::new(options);
        sources.places().try_for_each(|(place, at)| {
            let page = sources.page(self.frame, place, at);
            let (data, twin) = twins::source(options, place, at, page.modules.is_some());
            self.output.write(&data, &twin)?;
            self.page(place, "source.html", &page)
        })?;
        self.changes()?;
        self.data(table)?;
        self.lists()
    }

    /// The pages that show which commit the site is made of.
    pub(super) fn dated(&self, modules: &Modules<'_>, options: &Options<'_>) -> Result<(), SiteError> {
        let (place, mut page) = Lists::new(self.frame).home();
        let (data, twin) = twins::home(self.frame.index, options);
        page.head.data = Some(place.link(&data));
        page.head.structured = Some(structured(self.frame, options, &place));
        self.output.write(&data, &twin)?;
        self.page(&place, "home.html", &page)?;
        self.explained(modules, options)?;
        let timeline = &self.frame.timeline;
        if timeline.has_page() {
            let is_exact = options.commit.get().is_some();
            self.page(&changes::place(), "changes.html", &changes::index_page(self.frame, is_exact))?;
            self.output.write(&changes::data_place(), &changes::index_twin(timeline, is_exact))?;
        }
        Ok(())
    }

    fn assets(&self, templates: &[Template]) -> Result<(), SiteError> {
        let icon = templates.iter().find(|t| t.name == "icon.svg").map(|t| t.text.as_str()).unwrap_or_default();
        self.output.write(&Place::ours("_assets/icon.svg"), icon.as_bytes())?;
        let theme = templates.iter().find(|t| t.name == templates::THEME_FILE).map(|t| t.text.as_str());
        self.output.write(&Place::ours(templates::THEME), theme.unwrap_or_default().as_bytes())?;
        let targets = format!("_data/{}.js", chooser::DATA);
        self.output.write(&Place::ours(&targets), chooser::data())?;
        for (file, kind) in [(templates::STYLE, ".css"), (templates::SCRIPT, ".js")] {
            self.output.write(&Place::ours(file), templates::joined(templates, kind).as_bytes())?;
        }
        Ok(())
    }

    fn lists(&self) -> Result<(), SiteError> {
        let lists = Lists::new(self.frame);
        lists.wanted().par_iter().try_for_each(|wanted| {
            let (place, mut page) = lists.page(wanted);
            let (data, twin) = twins::list(&lists, self.frame.index, wanted);
            page.head.data = Some(place.link(&data));
            self.output.write(&data, &twin)?;
            self.page(&place, "listing.html", &page)
        })?;
        self.not_found()?;
        let facets = self.search()?;
        self.search_engines(&lists, facets)
    }

    /// What there is to search, the page to search on, and the lists of facets; says
    /// where those lie.
    fn search(&self) -> Result<Vec<Place>, SiteError> {
        let searched = &search::Index::new(self.frame.index.documents().to_vec());
        let files = search::files(searched);
        files.par_iter().try_for_each(|(place, bytes)| self.output.write(place, bytes))?;
        let (data, twin) = twins::search(&files);
        self.output.write(&data, &twin)?;
        let (place, page) = search::page(self.frame, searched);
        self.page(&place, "search.html", &page)?;
        let lists = FacetLists::new(self.frame, searched);
        lists.wanted().into_par_iter().try_for_each(|wanted| {
            let (data, twin) = lists.twin(wanted);
            self.output.write(&data, &twin)?;
            match lists.page(wanted) {
                FacetPage::Browse(place, page) => self.page(&place, "browse.html", &page),
                FacetPage::Listing(place, page) => self.page(&place, "listing.html", &page),
            }
        })?;
        Ok(lists.places())
    }

    /// What changed: a page and a file for each commit, feeds.
    fn changes(&self) -> Result<(), SiteError> {
        let timeline = &self.frame.timeline;
        if !timeline.has_page() {
            return Ok(());
        }
        timeline.commits.par_iter().try_for_each(|told| {
            let (place, page) = changes::commit_page(self.frame, told);
            self.page(&place, "commit.html", &page)?;
            self.output.write(&changes::commit_data(&told.stem), &changes::commit_twin(told))
        })?;
        if timeline.has_feed() {
            self.output.write(&feeds::catalog_place(), &feeds::catalog_feed(self.frame))?;
        }
        for prefix in self.frame.feed_prefixes() {
            self.output.write(&feeds::source_place(prefix), &feeds::source_feed(self.frame, prefix))?;
        }
        Ok(())
    }

    /// The pages that explain.
    fn explained(&self, modules: &Modules<'_>, options: &Options<'_>) -> Result<(), SiteError> {
        let sources = Sources::new(options);
        let sample = self.sample(modules)?;
        let (place, page) = knowledge::about_page(self.frame, &sources, sample.as_ref());
        let counts = twins::Counts::of(self.frame.index);
        let (data, twin) = twins::about(options, &place, &sources, &page.data, counts);
        self.output.write(&data, &twin)?;
        self.page(&place, "about.html", &page)?;
        let (data, twin) = twins::verify(options, &knowledge::verify_place(), &sources, sample.as_ref());
        self.output.write(&data, &twin)?;
        let (place, page) = knowledge::verify_page(self.frame, options, &sources, sample);
        self.page(&place, "verify.html", &page)
    }

    /// A release to explain with: of the first modules, one whose names are plain.
    fn sample(&self, modules: &Modules<'_>) -> Result<Option<Sample>, SiteError> {
        const TRIES: usize = 20;
        for card in self.frame.index.all().iter().filter(|card| card.items > 0).take(TRIES) {
            if let Some(sample) = load(modules, &card.name)?.and_then(|(_, entry)| knowledge::sample(&entry)) {
                return Ok(Some(sample));
            }
        }
        Ok(None)
    }

    /// The whole catalog as data, and the schemas of all data.
    fn data(&self, table: &Table) -> Result<(), SiteError> {
        for (shape, schema) in twins::SCHEMAS {
            self.output.write(&twins::schema_place(shape), schema.as_bytes())?;
        }
        let lines: Vec<_> = table.modules.iter().map(|card| &card.name).zip(table.lines()).collect();
        twins::write(self.output, table.digest(), &lines)
    }

    /// The pages of releases and CIDs, where they are wanted.
    fn permalinks(&self, entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Result<(), SiteError> {
        if self.frame.release_pages {
            let latest = latest(entry, releases);
            for (at, release) in releases.iter().enumerate() {
                let (place, page, beside) = release_page(self.frame, entry, release, latest == Some(at));
                self.page(&place, "release-page.html", &page)?;
                beside.iter().try_for_each(|(place, bytes)| self.output.write(place, bytes))?;
            }
        }
        if self.frame.cid_pages {
            for (place, page) in cid_pages(self.frame, entry, releases) {
                self.page(&place, "cid.html", &page)?;
            }
        }
        Ok(())
    }

    /// The page for what is not there. A server shows it at any path, so its links are
    /// absolute where the site's path is known.
    fn not_found(&self) -> Result<(), SiteError> {
        let place = Place::ours("404.html");
        let mut head = self.frame.head(&place, "Not found", "This page is not part of the catalog.", Vec::new());
        if let Some(base) = &self.frame.base {
            let links =
                [&mut head.home, &mut head.all, &mut head.search, &mut head.browse, &mut head.css, &mut head.theme];
            let links = links.into_iter().chain([&mut head.script, &mut head.icon, &mut head.root]);
            for link in links.chain(&mut head.changes).chain(&mut head.about) {
                *link = format!("{}{link}", base.path);
            }
        }
        head.canonical = None;
        head.feeds.clear();
        self.page(&place, "404.html", &PlainPage { head })
    }

    /// `sitemap.xml` and `robots.txt`, which need the site's whole address.
    fn search_engines(&self, lists: &Lists<'_>, facets: Vec<Place>) -> Result<(), SiteError> {
        let Some(base) = self.frame.base.filter(|base| !base.origin.is_empty()) else { return Ok(()) };
        let (maps, list) = sitemap::maps(self.frame, lists, facets, base);
        for (place, map) in maps {
            self.page(&place, "sitemap.xml", &map)?;
        }
        let place = Place::ours("sitemap.xml");
        self.page(&place, "sitemap-index.xml", &list)?;
        let urls = sitemap::url(base, &place, None).into_iter().collect();
        self.page(&Place::ours("robots.txt"), "robots.txt", &Sitemap { urls })
    }

    /// Says which files every module has.
    fn announce(&self, entry: &ModuleEntry) -> Result<(), SiteError> {
        let pages = (0..page_count(entry)).map(|page| Place::older(&entry.name, page));
        let feed = self.frame.module_feeds.then(|| feeds::module_place(&entry.name));
        let places: Vec<_> = pages.chain([Place::module_data(&entry.name)]).chain(feed).collect();
        self.output.announce(&places)
    }

    /// The pages of a module, and its data.
    pub(super) fn module(&self, entry: &ModuleEntry) -> Result<(), SiteError> {
        let releases = index::in_order(entry);
        self.announce(entry)?;
        for page in 0..page_count(entry) {
            let (place, page, beside) = module_page(self.frame, entry, &releases, page);
            self.page(&place, "module.html", &page)?;
            for (place, bytes) in beside {
                self.output.write(&place, &bytes)?;
            }
        }
        self.permalinks(entry, &releases)?;
        if let Some((place, page)) = needed_by_page(self.frame, entry) {
            self.page(&place, "needed-by.html", &page)?;
        }
        self.output.write(&Place::module_data(&entry.name), &module_data(self.frame.index, entry, &releases))?;
        if self.frame.module_feeds {
            self.frame.index.told(self.frame.timeline.dates.answer(&entry.name));
            self.output.write(&feeds::module_place(&entry.name), &feeds::module_feed(self.frame, entry, &releases))?;
        }
        let mut users: BTreeMap<&str, Vec<&ReleaseEntry>> = BTreeMap::new();
        for release in releases {
            if let Some(cid) = release.fact(metadata::REPLAY) {
                users.entry(cid).or_default().push(release);
            }
        }
        for (cid, plot) in &entry.replays {
            let users = users.get(cid.as_str()).map(Vec::as_slice).unwrap_or_default();
            let (place, page, beside) = replay_page(self.frame, entry, cid, plot, users);
            self.page(&place, "replay.html", &page)?;
            self.output.write(&beside.0, &beside.1)?;
        }
        Ok(())
    }
}

/// What the first page says of itself for search engines.
fn structured(frame: &Frame<'_>, options: &Options<'_>, home: &Place) -> String {
    let mut licences: Vec<&str> = options.licences.values().filter_map(|text| structured::licence_id(text)).collect();
    licences.sort_unstable();
    licences.dedup();
    let description = one_line(&options.description);
    let (url, search) = (frame.absolute(home), frame.absolute(&search::search_place()));
    structured::home(&options.title, description.as_deref(), url.as_deref(), search.as_deref(), &licences)
}
