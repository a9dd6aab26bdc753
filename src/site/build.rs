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
use super::error::SiteError;
use super::index::{self, Facts, Index, Table};
use super::links::{Base, Place};
use super::listing::{self, Lists};
use super::module_data::module_data;
use super::module_page::{module_page, page_count};
use super::note::Note;
use super::options::{Commit, Modules, Options, Progress, Report, Stage};
use super::output::{Files, Output};
use super::pages::{CommitView, Count, Head, Link, PlainPage, Site, Sitemap, SourceFileView, SourceView};
use super::recipe_view::needed_by_page;
use super::release_section::fact;
use super::render::Renderer;
use super::replay_page::replay_page;
use super::state::{ModuleState, State};
use super::templates::{self, Template};
use super::twins;
use super::weight::Weight;
use super::words::{counted, number, one_line, shown};
use crate::catalog::{ModuleEntry, ModuleKey, ReleaseEntry};
use crate::model::{ModuleName, Source, metadata};

/// Most addresses of one map for search engines: the limit of sitemaps.org.
const SITEMAP_URLS: usize = 50_000;

/// What every page of a build is made with.
pub(super) struct Frame<'a> {
    pub(super) index: &'a Index,
    pub(super) description: String,
    title: String,
    base: Option<Base>,
}

impl Frame<'_> {
    /// The same, with another view of the index.
    fn with<'i>(&self, index: &'i Index) -> Frame<'i> {
        let Self { index: _, description, title, base } = self;
        Frame { index, description: description.clone(), title: title.clone(), base: base.clone() }
    }

    /// The head of a page; `title` is empty for the first page.
    pub(super) fn head(&self, place: &Place, title: &str, description: &str, crumbs: Vec<Link>) -> Head {
        let joined = if title.is_empty() { self.title.clone() } else { format!("{title} – {}", self.title) };
        Head {
            title: joined,
            description: description.to_owned(),
            canonical: self.base.as_ref().and_then(|base| base.absolute(place)),
            home: place.link(&Place::ours("index.html")),
            all: place.link(&listing::all_place()),
            css: place.link(&Place::ours(templates::STYLE)),
            script: place.link(&Place::ours(templates::SCRIPT)),
            root: place.root(),
            icon: place.link(&Place::ours("_assets/icon.svg")),
            data: None,
            crumbs,
        }
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
    let settings = settings(options, &templates);
    let earlier = match options.fresh || options.tool_id.is_empty() {
        true => State::default(),
        false => State::load(output.root(), settings),
    };
    output.set_kept(earlier.kept);
    let (facts, modules_found) = gather(modules, &names, &earlier, options)?;
    let table = Arc::new(Table::link(facts));
    let index = Index::new(table.clone());
    let frame = Frame { index: &index, description: options.description.clone(), title: options.title.clone(), base };
    let files = Files::new(&output, earlier.files.values());
    let state = format!("{:?}", options.commit);
    let writer = Writer { frame: &frame, renderer: &renderer, steady: &steady, output: &files, made_of: Some(&state) };
    writer.assets(&templates)?;
    writer.lists(options)?;
    writer.data(&table)?;
    let second = Second { writer: &writer, output: &output, truths: &table.truths(), table: &table, modules, options };
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
fn settings(options: &Options<'_>, templates: &[Template]) -> u128 {
    // Named one by one, so that none that is added is forgotten.
    let Options {
        title,
        description,
        base_url,
        templates: _,
        sources,
        commit: _,
        tool_version,
        tool_id,
        fresh: _,
        progress: _,
    } = options;
    let texts: Vec<_> = templates.iter().map(|template| (&template.name, &template.text)).collect();
    let all = (title, description, base_url, sources, tool_version, tool_id, texts);
    digest(&serde_json::to_vec(&all).expect("plain values always have a text"))
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
        self.search_engines(&lists)
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
                [&mut head.home, &mut head.all, &mut head.css, &mut head.script, &mut head.icon, &mut head.root];
            for link in links {
                *link = format!("{}{link}", base.path);
            }
        }
        head.canonical = None;
        self.page(&place, "404.html", &PlainPage { head })
    }

    /// `sitemap.xml` and `robots.txt`, which need the site's whole address.
    fn search_engines(&self, lists: &Lists<'_>) -> Result<(), SiteError> {
        let Some(base) = self.frame.base.as_ref().filter(|base| !base.origin.is_empty()) else { return Ok(()) };
        let mut places = vec![Place::ours("index.html")];
        places.extend(lists.places());
        places.extend(self.frame.index.all().iter().map(|card| Place::module(card.name.as_str())));
        let mut maps = Vec::new();
        for (number, places) in (1..).zip(places.chunks(SITEMAP_URLS)) {
            let map = Place::ours(&format!("_sitemap/{number}.xml"));
            let urls = places.iter().filter_map(|place| base.absolute(place)).collect();
            self.page(&map, "sitemap.xml", &Sitemap { urls })?;
            maps.push(map);
        }
        let urls = maps.iter().filter_map(|place| base.absolute(place)).collect();
        let map = Place::ours("sitemap.xml");
        self.page(&map, "sitemap-index.xml", &Sitemap { urls })?;
        let urls = base.absolute(&map).into_iter().collect();
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
    Site {
        title: options.title.clone(),
        description: options.description.clone(),
        tool_version: options.tool_version.clone(),
        sources: options.sources.iter().map(source).collect(),
        commit: None,
    }
}

fn commit(commit: &Commit) -> CommitView {
    let short = commit.id.chars().take(12).collect();
    CommitView { id: commit.id.clone(), short, date: commit.date.clone() }
}

fn source(source: &Source) -> SourceView {
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
    }
}
