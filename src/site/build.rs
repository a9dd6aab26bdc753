//! Drives a build: index, pages, files.
//!
//! What an earlier build left is used where it is known to be the same. A module's facts
//! are kept when its documents have the same key; its pages are kept when that is so, all
//! that they asked of the index is answered as before, and their files lie there as they
//! were left. A page of no single module is kept when its data are the same. All of it
//! holds only for one program with one set of templates and options ([`settings`]).

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::answers::{Truths, digest};
use super::changes::{self, Timeline};
use super::chooser;
use super::error::SiteError;
use super::feeds;
use super::freshness::{Freshnesses, days_behind};
use super::index::{self, Facts, Index, Table};
use super::knowledge::{self, Sample, Sources};
use super::links::{Base, Place};
use super::listing::{self, Lists};
use super::module_data::module_data;
use super::module_page::{module_page, page_count};
use super::note::Note;
use super::options::{Commit, Modules, Options, Progress, Report, SourceAt, Stage};
use super::output::{Files, Output};
use super::pages::{CommitView, Count, FeedLink, Head, Link, PlainPage, Site, Sitemap, SourceFileView, SourceView};
use super::recipe_view::needed_by_page;
use super::release_section::fact;
use super::render::Renderer;
use super::replay_page::replay_page;
use super::search::{self, FacetLists, FacetPage};
use super::sitemap;
use super::state::{ModuleState, State};
use super::structured;
use super::templates::{self, Template};
use super::twins;
use super::weight::Weight;
use super::words::{counted, number, one_line, shown};
use crate::catalog::{ModuleEntry, ModuleKey, ReleaseEntry};
use crate::model::{ModuleName, metadata};

/// What every page of a build is made with.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) index: &'a Index,
    pub(super) description: &'a str,
    sources: &'a Freshnesses,
    pub(super) title: &'a str,
    pub(super) base: Option<&'a Base>,
    pub(super) timeline: &'a Timeline,
    /// The prefixes of sources, sorted.
    prefixes: &'a [ModuleName],
    pub(super) module_feeds: bool,
}

impl<'a> Frame<'a> {
    /// The same, with another view of the index.
    fn with<'i>(self, index: &'i Index) -> Frame<'i>
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

/// Builds the site of all modules in the folder `out`.
///
/// # Errors
/// `output-foreign` when the folder holds something else; `template-invalid`;
/// `usage-invalid` for a base URL that is none; `io`; or the code of a module that
/// cannot be read.
pub fn build(modules: &Modules<'_>, out: &Path, options: &Options<'_>) -> Result<Report, SiteError> {
    let base = options.base_url.as_deref().map(Base::parse).transpose()?;
    let templates = templates::load(options.templates.as_deref())?;
    let steady = Renderer::new(&templates, options.templates.as_deref(), &site(options))?;
    let commit = options.commit.as_ref().map(commit);
    let renderer = steady.with(&Site { commit, ..site(options) })?;
    let mut names = modules.names.clone();
    names.sort();
    names.dedup();
    let mut output = Output::open(out)?;
    let timeline = Timeline::gather(options, &output);
    let settings = settings(options, &templates, &timeline);
    let earlier = match options.fresh || options.tool_id.is_empty() {
        true => State::default(),
        false => State::load(output.root(), settings),
    };
    output.set_kept(earlier.kept);
    let (facts, modules_found) = gather(modules, &names, &earlier, options)?;
    let table = Arc::new(Table::link(facts));
    let index = Index::new(table.clone());
    let (sources, prefixes) = (Freshnesses::new(&options.sources), prefixes(options));
    let frame = Frame {
        index: &index,
        description: &options.description,
        title: &options.title,
        base: base.as_ref(),
        sources: &sources,
        timeline: &timeline,
        prefixes: &prefixes,
        module_feeds: options.module_feeds,
    };
    let files = Files::new(&output, earlier.files.values());
    let state = format!("{:?}", options.commit);
    let writer = Writer { frame: &frame, renderer: &renderer, steady: &steady, output: &files, made_of: Some(&state) };
    writer.assets(&templates)?;
    writer.lists(options)?;
    writer.changes()?;
    writer.knowledge(modules, options)?;
    writer.data(&table)?;
    let mut truths = table.truths();
    truths.add(table.modules.iter().map(|card| timeline.dates.answer(&card.name)));
    let second = Second { writer: &writer, output: &output, truths: &truths, table: &table, modules, options };
    let parts = second.run(modules_found)?;
    let notes = files.notes();
    let report = report(&table, &parts, &notes);
    let bytes = (!earlier.is(&parts, &notes))
        .then(|| State::bytes(settings, &notes, parts.iter().map(|part| (part.name, part.state.as_ref()))));
    let all = parts.iter().flat_map(|part| &part.state.files).chain(&notes);
    let counts = output.finish(&all.map(|note| note.path.as_str()).collect(), bytes)?;
    Ok(Report { written: counts.written, unchanged: report.files - counts.written, removed: counts.removed, ..report })
}

/// What every build must have in common with the one whose pages it keeps. The commit is
/// not part of it: few pages show it, and those depend on it by themselves.
fn settings(options: &Options<'_>, templates: &[Template], timeline: &Timeline) -> u128 {
    // Named one by one, so that none that is added is forgotten.
    let Options {
        title,
        description,
        base_url,
        templates: _,
        sources,
        licences,
        commit: _,
        past: _,
        module_feeds,
        tool_version,
        tool_id,
        fresh: _,
        progress: _,
    } = options;
    let texts: Vec<_> = templates.iter().map(|template| (&template.name, &template.text)).collect();
    // Which commits are told of is no part of it: what a module's pages say of them is an
    // answer of its own.
    let past = (timeline.has_page(), timeline.has_feed(), timeline.first.as_deref(), timeline.dates.common());
    let sources: Vec<_> = sources.iter().map(|at| (&at.prefix, &at.source)).collect();
    let shown = (title, description, base_url, sources, licences, module_feeds);
    let all = (shown, past, tool_version, tool_id, texts);
    digest(&serde_json::to_vec(&all).expect("plain values always have a text"))
}

fn prefixes(options: &Options<'_>) -> Vec<ModuleName> {
    let mut prefixes: Vec<ModuleName> = options.sources.iter().map(|at| at.prefix.clone()).collect();
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

fn report(table: &Table, parts: &[Part<'_>], notes: &[Note]) -> Report {
    let files = || parts.iter().flat_map(|part| &part.state.files).chain(notes);
    Report {
        modules: table.modules.len(),
        releases: table.modules.iter().map(|card| card.releases.len()).sum(),
        files: files().count(),
        bytes: files().map(|note| note.length).sum(),
        made: parts.iter().filter(|part| part.is_made).count(),
        ..Report::default()
    }
}

fn load(modules: &Modules<'_>, name: &ModuleName) -> Result<Option<(ModuleKey, ModuleEntry)>, SiteError> {
    (modules.load)(name).map_err(|error| SiteError::Load { module: name.clone(), error })
}

/// Tells how far a pass is.
fn tick(options: &Options<'_>, stage: Stage, done: &AtomicUsize, total: usize) {
    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
    if let Some(progress) = options.progress {
        progress(Progress { stage, done, total });
    }
}

/// A module after the first pass.
struct Found<'a> {
    name: &'a ModuleName,
    key: ModuleKey,
    /// Its facts as they are kept.
    facts: Cow<'a, [u8]>,
    /// What an earlier build left, when it was made of the same documents.
    earlier: Option<&'a ModuleState>,
    /// The files that an earlier build left of it, whatever they were made of.
    files: &'a [Note],
    /// The module, when it was read and there was room to keep it.
    entry: Option<Box<ModuleEntry>>,
}

type Facted<'a> = (Vec<(Facts, u128)>, Vec<Found<'a>>);

/// The first pass.
fn gather<'a>(
    modules: &Modules<'_>,
    names: &'a [ModuleName],
    earlier: &'a State,
    options: &Options<'_>,
) -> Result<Facted<'a>, SiteError> {
    let done = AtomicUsize::new(0);
    let weight = Weight::default();
    let facts = |name: &'a ModuleName| {
        let found = find(modules, name, earlier.modules.get(name), &weight)?;
        tick(options, Stage::Index, &done, names.len());
        Ok(found.map(|(facts, found)| ((facts, digest(&found.facts)), found)))
    };
    let found: Vec<_> = names.par_iter().map(facts).collect::<Result<_, SiteError>>()?;
    Ok(found.into_iter().flatten().unzip())
}

/// A module's facts, read from what an earlier build left or else from its documents.
fn find<'a>(
    modules: &Modules<'_>,
    name: &'a ModuleName,
    earlier: Option<&'a ModuleState>,
    weight: &Weight,
) -> Result<Option<(Facts, Found<'a>)>, SiteError> {
    let failed = |error| SiteError::Load { module: name.clone(), error };
    let files = earlier.map(|state| state.files.as_slice()).unwrap_or_default();
    if let Some(state) = earlier
        && let Some(key) = (modules.key)(name).map_err(failed)?
        && state.key == Some(key)
        && let Ok(facts) = serde_json::from_slice(&state.facts)
    {
        let kept = Cow::Borrowed(state.facts.as_slice());
        return Ok(Some((facts, Found { name, key, facts: kept, earlier, files, entry: None })));
    }
    let Some((key, entry)) = load(modules, name)? else { return Ok(None) };
    let facts = index::facts(&entry);
    let text = serde_json::to_vec(&facts).expect("plain values always have a text");
    Ok(Some((facts, Found { name, key, facts: Cow::Owned(text), earlier: None, files, entry: weight.keep(entry) })))
}

/// A module after the second pass.
pub(super) struct Part<'a> {
    pub(super) name: &'a ModuleName,
    pub(super) state: Cow<'a, ModuleState>,
    /// Whether its pages were made.
    is_made: bool,
}

/// The second pass: what each module needs.
struct Second<'a> {
    writer: &'a Writer<'a>,
    output: &'a Output,
    truths: &'a Truths,
    table: &'a Table,
    modules: &'a Modules<'a>,
    options: &'a Options<'a>,
}

impl Second<'_> {
    fn run<'f>(&self, found: Vec<Found<'f>>) -> Result<Vec<Part<'f>>, SiteError> {
        let done = AtomicUsize::new(0);
        let total = found.len();
        let part = |found: Found<'f>| {
            let part = match self.kept(&found)? {
                Some(part) => Some(part),
                None => self.made(found)?,
            };
            tick(self.options, Stage::Render, &done, total);
            Ok(part)
        };
        let parts: Vec<_> = found.into_par_iter().map(part).collect::<Result<_, SiteError>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// What an earlier build left of a module, when that is what would be made.
    fn kept<'f>(&self, found: &Found<'f>) -> Result<Option<Part<'f>>, SiteError> {
        let Some(state) = found.earlier else { return Ok(None) };
        let is_current =
            !state.all && self.truths.hold(&state.answers) && state.misses.iter().all(|miss| self.table.misses(miss));
        if !is_current {
            return Ok(None);
        }
        let Some((files, is_other)) = self.output.all_as_left(&state.files)? else { return Ok(None) };
        let state = match is_other {
            true => Cow::Owned(ModuleState { files, ..state.clone() }),
            false => Cow::Borrowed(state),
        };
        Ok(Some(Part { name: found.name, state, is_made: false }))
    }

    fn made<'f>(&self, found: Found<'f>) -> Result<Option<Part<'f>>, SiteError> {
        let entry = found.entry.map(|entry| (found.key, *entry));
        let Some((key, entry)) = entry.map_or_else(|| load(self.modules, found.name), |entry| Ok(Some(entry)))? else {
            return Ok(None);
        };
        let index = self.writer.frame.index.noting();
        let files = Files::new(self.output, found.files);
        let frame = self.writer.frame.with(&index);
        let steady = self.writer.steady;
        Writer { frame: &frame, renderer: steady, steady, output: &files, made_of: None }.module(&entry)?;
        // What changed between the passes is made again by the next build.
        let key = (key == found.key).then_some(key);
        let state = ModuleState::new(key, found.facts.into_owned(), index.asked(), files.notes());
        Ok(Some(Part { name: found.name, state: Cow::Owned(state), is_made: true }))
    }
}

thread_local! {
    /// Where a page is rendered to, so that its memory serves for the next.
    static PAGE: RefCell<Vec<u8>> = RefCell::default();
}

/// Makes and writes pages.
struct Writer<'a> {
    frame: &'a Frame<'a>,
    renderer: &'a Renderer,
    /// As `renderer`, but it does not show the commit.
    steady: &'a Renderer,
    output: &'a Files<'a>,
    /// What pages depend on beside their data and the settings, where they are kept when
    /// these are the same.
    made_of: Option<&'a str>,
}

impl Writer<'_> {
    fn page<P: serde::Serialize>(&self, place: &Place, template: &str, page: &P) -> Result<(), SiteError> {
        let Some(state) = self.made_of else {
            return PAGE.with_borrow_mut(|bytes| {
                self.renderer.render_to(template, page, bytes)?;
                self.output.write(place, bytes)
            });
        };
        let data = serde_json::to_vec(&(template, state, page)).expect("plain values always have a text");
        self.output.write_made_of(place, digest(&data), || self.renderer.render(template, page))
    }

    /// The same for pages that do not show the commit, and so do not change with it.
    fn steady(&self) -> Self {
        Self { renderer: self.steady, made_of: self.made_of.map(|_| ""), ..*self }
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
        let (data, twin) = twins::home(self.frame.index, options);
        page.head.data = Some(place.link(&data));
        page.head.structured = Some(structured(self.frame, options, &place));
        self.output.write(&data, &twin)?;
        self.page(&place, "home.html", &page)?;
        let steady = self.steady();
        lists.wanted().par_iter().try_for_each(|wanted| {
            let (place, mut page) = lists.page(wanted);
            let (data, twin) = twins::list(&lists, self.frame.index, wanted);
            page.head.data = Some(place.link(&data));
            self.output.write(&data, &twin)?;
            steady.page(&place, "listing.html", &page)
        })?;
        self.not_found()?;
        let facets = steady.search()?;
        self.search_engines(&lists, facets)
    }

    /// What there is to search, the page to search on, and the lists of facets; says
    /// where those lie.
    fn search(&self) -> Result<Vec<Place>, SiteError> {
        let searched = &search::Index::new(self.frame.index.documents().to_vec());
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

/// What every page shows; the commit is not part of it.
fn site(options: &Options<'_>) -> Site {
    let pages = knowledge::Sources::new(options);
    let sources = pages.places().map(|(place, at)| SourceView { page: place.url(), ..source(at, options) });
    Site {
        title: options.title.clone(),
        description: options.description.clone(),
        tool_version: options.tool_version.clone(),
        sources: sources.collect(),
        commit: None,
    }
}

fn commit(commit: &Commit) -> CommitView {
    let short = commit.id.chars().take(12).collect();
    CommitView { id: commit.id.clone(), short, date: commit.date.clone() }
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
        page: String::new(),
    }
}
