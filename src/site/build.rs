//! Drives a build: index, pages, files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::changes::{self, Timeline};
use super::chooser;
use super::error::SiteError;
use super::feeds;
use super::freshness::{Freshnesses, days_behind};
use super::index::{self, Facts, Index};
use super::knowledge::{self, Sample, Sources};
use super::links::{Base, Place};
use super::listing::{self, Lists};
use super::module_data::module_data;
use super::module_page::{module_page, page_count};
use super::options::{Modules, Options, Progress, Report, SourceAt, Stage};
use super::output::Output;
use super::pages::{CommitView, Count, FeedLink, Head, Link, PlainPage, Site, Sitemap, SourceFileView, SourceView};
use super::recipe_view::needed_by_page;
use super::release_section::fact;
use super::render::Renderer;
use super::replay_page::replay_page;
use super::search::{self, FacetLists, FacetPage};
use super::sitemap;
use super::structured;
use super::templates::{self, Template};
use super::words::{counted, number, one_line, shown};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{ModuleName, metadata};

/// What every page of a build is made with.
pub(super) struct Frame<'a> {
    pub(super) index: &'a Index,
    pub(super) description: String,
    sources: Freshnesses,
    pub(super) title: String,
    pub(super) base: Option<Base>,
    pub(super) timeline: Timeline,
    /// The prefixes of sources, sorted.
    prefixes: Vec<ModuleName>,
    pub(super) module_feeds: bool,
}

impl Frame<'_> {
    /// The head of a page; `title` is empty for the first page.
    pub(super) fn head(&self, place: &Place, title: &str, description: &str, crumbs: Vec<Link>) -> Head {
        let joined = if title.is_empty() { self.title.clone() } else { format!("{title} – {}", self.title) };
        Head {
            title: joined,
            description: description.to_owned(),
            canonical: self.base.as_ref().and_then(|base| base.absolute(place)),
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
        let prefixes = if self.timeline.has_feed() { self.prefixes.as_slice() } else { &[] };
        prefixes.iter().filter(has_list)
    }

    /// The prefix of the source that a module came from, or what its name begins with.
    pub(super) fn source_prefix<'m>(&'m self, module: &'m ModuleName) -> &'m str {
        let longest = self.prefixes.iter().filter(|prefix| module.is_within(prefix)).max_by_key(|p| p.as_str().len());
        longest.map_or_else(|| module.segments().next().unwrap_or_default(), ModuleName::as_str)
    }

    /// The site's title.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// The whole address of a file, when the site's is known.
    pub(super) fn absolute(&self, place: &Place) -> Option<String> {
        self.base.as_ref().and_then(|base| base.absolute(place))
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

/// Builds the site of all modules in the folder `out`.
///
/// # Errors
/// `output-foreign` when the folder holds something else; `template-invalid`;
/// `usage-invalid` for a base URL that is none; `io`; or the code of a module that
/// cannot be read.
pub fn build(modules: &Modules<'_>, out: &Path, options: &Options<'_>) -> Result<Report, SiteError> {
    let base = options.base_url.as_deref().map(Base::parse).transpose()?;
    let templates = templates::load(options.templates.as_deref())?;
    let renderer = Renderer::new(&templates, options.templates.as_deref(), &site(options))?;
    let mut names = modules.names.clone();
    names.sort();
    names.dedup();
    let output = Output::open(out)?;
    let index = gather(modules, &names, options)?;
    let frame = Frame {
        index: &index,
        description: options.description.clone(),
        title: options.title.clone(),
        base,
        sources: Freshnesses::new(&options.sources),
        timeline: Timeline::gather(options, &output),
        prefixes: prefixes(options),
        module_feeds: options.module_feeds,
    };
    let writer = Writer { frame: &frame, renderer: &renderer, output: &output };
    writer.assets(&templates)?;
    writer.lists(options)?;
    writer.changes()?;
    writer.knowledge(modules, options)?;
    writer.modules(modules, &names, options)?;
    let report = output.finish()?;
    let releases = index.modules.iter().map(|card| card.releases.len()).sum();
    Ok(Report { modules: index.modules.len(), releases, ..report })
}

fn prefixes(options: &Options<'_>) -> Vec<ModuleName> {
    let mut prefixes: Vec<ModuleName> = options.sources.iter().map(|at| at.prefix.clone()).collect();
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

fn load(modules: &Modules<'_>, name: &ModuleName) -> Result<Option<ModuleEntry>, SiteError> {
    (modules.load)(name).map_err(|error| SiteError::Load { module: name.clone(), error })
}

/// Tells how far a pass is.
fn tick(options: &Options<'_>, stage: Stage, done: &AtomicUsize, total: usize) {
    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
    if let Some(progress) = options.progress {
        progress(Progress { stage, done, total });
    }
}

/// The first pass.
fn gather(modules: &Modules<'_>, names: &[ModuleName], options: &Options<'_>) -> Result<Index, SiteError> {
    let done = AtomicUsize::new(0);
    let facts = |name: &ModuleName| {
        let entry = load(modules, name)?;
        tick(options, Stage::Index, &done, names.len());
        Ok(entry.map(|entry| index::facts(&entry, names)))
    };
    let facts: Vec<Option<Facts>> = names.par_iter().map(facts).collect::<Result<_, SiteError>>()?;
    Ok(Index::link(facts))
}

/// Makes and writes pages.
struct Writer<'a> {
    frame: &'a Frame<'a>,
    renderer: &'a Renderer,
    output: &'a Output,
}

impl Writer<'_> {
    fn page<P: serde::Serialize>(&self, place: &Place, template: &str, page: &P) -> Result<(), SiteError> {
        self.output.write(place, &self.renderer.render(template, page)?)
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

    fn lists(&self, options: &Options<'_>) -> Result<(), SiteError> {
        let lists = Lists::new(self.frame);
        let (place, mut page) = lists.home();
        page.head.structured = Some(structured(self.frame, options, &place));
        self.page(&place, "home.html", &page)?;
        lists.wanted().par_iter().try_for_each(|wanted| {
            let (place, page) = lists.page(wanted);
            self.page(&place, "listing.html", &page)
        })?;
        self.not_found()?;
        let facets = self.search()?;
        self.search_engines(&lists, facets)
    }

    /// What there is to search, the page to search on, and the lists of facets; says
    /// where those lie.
    fn search(&self) -> Result<Vec<Place>, SiteError> {
        let searched = &search::Index::new(self.frame.index.documents.clone());
        search::files(searched).into_par_iter().try_for_each(|(place, bytes)| self.output.write(&place, &bytes))?;
        let (place, page) = search::page(self.frame, searched);
        self.page(&place, "search.html", &page)?;
        let lists = FacetLists::new(self.frame, searched);
        lists.wanted().into_par_iter().try_for_each(|wanted| match lists.page(wanted) {
            FacetPage::Browse(place, page) => self.page(&place, "browse.html", &page),
            FacetPage::Listing(place, page) => self.page(&place, "listing.html", &page),
        })?;
        Ok(lists.places())
    }

    /// What changed: the list, a page and a file for each commit, feeds.
    fn changes(&self) -> Result<(), SiteError> {
        let timeline = &self.frame.timeline;
        if !timeline.has_page() {
            return Ok(());
        }
        self.page(&changes::place(), "changes.html", &changes::index_page(self.frame))?;
        self.output.write(&changes::data_place(), &changes::index_twin(timeline))?;
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
    fn knowledge(&self, modules: &Modules<'_>, options: &Options<'_>) -> Result<(), SiteError> {
        let sources = Sources::new(options);
        let sample = self.sample(modules)?;
        let (place, page) = knowledge::about_page(self.frame, &sources, sample.as_ref());
        self.page(&place, "about.html", &page)?;
        let (place, page) = knowledge::verify_page(self.frame, options, &sources, sample);
        self.page(&place, "verify.html", &page)?;
        sources
            .places()
            .try_for_each(|(place, at)| self.page(place, "source.html", &sources.page(self.frame, place, at)))
    }

    /// A release to explain with: of the first modules, one whose names are plain.
    fn sample(&self, modules: &Modules<'_>) -> Result<Option<Sample>, SiteError> {
        const TRIES: usize = 20;
        for card in self.frame.index.modules.iter().filter(|card| card.items > 0).take(TRIES) {
            if let Some(sample) = load(modules, &card.name)?.as_ref().and_then(knowledge::sample) {
                return Ok(Some(sample));
            }
        }
        Ok(None)
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
        let Some(base) = self.frame.base.as_ref().filter(|base| !base.origin.is_empty()) else { return Ok(()) };
        let (maps, list) = sitemap::maps(self.frame, lists, facets, base);
        for (place, map) in maps {
            self.page(&place, "sitemap.xml", &map)?;
        }
        let place = Place::ours("sitemap.xml");
        self.page(&place, "sitemap-index.xml", &list)?;
        let urls = sitemap::url(base, &place, None).into_iter().collect();
        self.page(&Place::ours("robots.txt"), "robots.txt", &Sitemap { urls })
    }

    /// The second pass.
    fn modules(&self, modules: &Modules<'_>, names: &[ModuleName], options: &Options<'_>) -> Result<(), SiteError> {
        let done = AtomicUsize::new(0);
        names.par_iter().try_for_each(|name| {
            if let Some(entry) = load(modules, name)? {
                self.module(&entry)?;
            }
            tick(options, Stage::Render, &done, names.len());
            Ok(())
        })
    }

    fn module(&self, entry: &ModuleEntry) -> Result<(), SiteError> {
        let releases = index::in_order(entry);
        for page in 0..page_count(entry) {
            let (place, page, beside) = module_page(self.frame, entry, &releases, page);
            self.page(&place, "module.html", &page)?;
            for (place, bytes) in beside {
                self.output.write(&place, &bytes)?;
            }
        }
        if let Some((place, page)) = needed_by_page(self.frame, entry) {
            self.page(&place, "needed-by.html", &page)?;
        }
        self.output.write(&Place::module_data(&entry.name), &module_data(self.frame.index, entry, &releases))?;
        if self.frame.module_feeds {
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
            if let Some((place, bytes)) = beside {
                self.output.write(&place, &bytes)?;
            }
        }
        Ok(())
    }
}

/// What every page shows.
fn site(options: &Options<'_>) -> Site {
    Site {
        title: options.title.clone(),
        description: options.description.clone(),
        tool_version: options.tool_version.clone(),
        sources: options.sources.iter().map(|at| source(at, options)).collect(),
        commit: options.commit.as_ref().map(|commit| CommitView {
            id: commit.id.clone(),
            short: commit.id.chars().take(12).collect(),
            date: commit.date.clone(),
        }),
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

/// What a source last gave, for pages.
pub(super) fn source(at: &SourceAt, options: &Options<'_>) -> SourceView {
    let source = &at.source;
    let file = |file: &crate::model::SourceFile| SourceFileView {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        size: number(usize::try_from(file.size).unwrap_or(usize::MAX)),
    };
    let count = |(what, n): (&String, &u64)| Count {
        number: number(usize::try_from(*n).unwrap_or(usize::MAX)),
        what: shown(what).text,
    };
    SourceView {
        name: one_line(&source.name).unwrap_or_default(),
        kind: one_line(&source.kind).unwrap_or_default(),
        version: source.version.as_deref().and_then(one_line),
        timestamp: source.timestamp.as_deref().map(|text| fact("timestamp", text)),
        address: source.url.as_deref().map(|text| fact("url", text)),
        counts: source.counts.iter().map(count).collect(),
        files: source.files.iter().map(file).collect(),
        files_text: counted(source.files.len(), "file", "files"),
        behind: days_behind(at, options),
    }
}
