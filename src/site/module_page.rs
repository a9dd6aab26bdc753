//! A module's pages: everything that its entry holds, and what others say of it.

use std::collections::BTreeSet;

use super::chooser::chooser;
use super::commands::UseIt;
use super::compare_view::compare_view;
use super::feeds;
use super::frame::Frame;
use super::graph::graph;
use super::index::{self, RELEASES_A_PAGE};
use super::knowledge::trust;
use super::links::Place;
use super::matrix::{self, matrix};
use super::pages::{About, FeedLink, Link, ModulePage, PageLink, ProvidedBy, ReleaseSection};
use super::recipe_view::is_row;
use super::release_section::{Beside, Sections, fact};
use super::spack::{self, Recipe};
use super::structured::software;
use super::version_table::version_table;
use super::words::{self, Shown, counted, number, one_line};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{Module, ModuleCapsule, codec, metadata, order};

/// A description up to this length is shown at once, in bytes.
const SHORT_DESCRIPTION: usize = 700;

/// Versions in rows are shown open up to this number.
const OPEN_VERSIONS: usize = 25;

/// How much of what the latest release holds is shown at once, of each kind.
const PROVIDED: usize = 60;

/// Keys that a page shows at a place of their own.
const SHOWN_ELSEWHERE: &[&str] = &[metadata::DESCRIPTION, metadata::HOMEPAGE, metadata::LICENSE, metadata::RECORD];

/// How many pages a module has, at least one.
pub(super) fn page_count(entry: &ModuleEntry) -> usize {
    entry.releases.len().div_ceil(RELEASES_A_PAGE).max(1)
}

/// One of a module's pages, with the files that it needs beside it. `releases` are all
/// of the module's, in the order of views.
pub(super) fn module_page(
    frame: &Frame<'_>,
    entry: &ModuleEntry,
    releases: &[&ReleaseEntry],
    page: usize,
) -> (Place, ModulePage, Vec<Beside>) {
    let place = Place::older(&entry.name, page);
    let start = page * RELEASES_A_PAGE;
    let shown = &releases[start..releases.len().min(start + RELEASES_A_PAGE)];
    let mut sections = Sections { index: frame.index, entry, place: &place, beside: Vec::new() };
    let id_of = |release: &ReleaseEntry| frame.index.release(&entry.name, release.name());
    let latest = latest(entry, releases);
    let recipe = Recipe::of(entry);
    let (mut versions, mut made, mut with_section) = (Vec::new(), Vec::new(), Vec::new());
    for (at, release) in (start..).zip(shown.iter().copied()) {
        match recipe.filter(|_| is_row(recipe, release)) {
            Some(recipe) => versions.push(sections.version(recipe, release, latest == Some(at))),
            None => {
                let section = sections.section(release, id_of(release), latest == Some(at));
                let before = releases.get(at + 1).copied();
                let compare = before.and_then(|before| compare_view(frame.index, entry, before, release));
                made.push(ReleaseSection { compare, ..section });
                with_section.push(release);
            }
        }
    }
    let older_versions = versions.split_off(versions.len().min(OPEN_VERSIONS));
    let title = index::title(entry);
    let (lead, description) = description(entry);
    let is_first = page == 0;
    let latest_name = latest.map(|latest| releases[latest].name());
    let made = ModulePage {
        head: head(frame, entry, &place, &title, (page, latest.map(|at| releases[at]))),
        name: entry.name.to_string(),
        kind: entry.kind().and_then(|kind| one_line(words::kind_label(kind))),
        part_of: part_of(frame, &place, entry),
        use_it: use_it(&sections, releases, latest),
        virtual_package: sections.virtual_package(),
        recipe: recipe.filter(|_| is_first).map(|recipe| sections.recipe(recipe)),
        needed_by: sections.needed_by().filter(|_| is_first),
        chooser: chooser(&with_section, latest.map(|at| releases[at])),
        table: version_table(entry, &with_section, with_section.iter().position(|r| latest_name == Some(r.name()))),
        provides: provides(&made),
        matrix: matrix(&with_section, |at| format!("#{}", super::links::anchor(with_section[at].name().as_str()))),
        versions,
        older_versions,
        releases: made,
        releases_text: counted(releases.len(), "release", "releases"),
        pages: pages(entry, releases, &place, page),
        graph: latest.filter(|_| is_first).and_then(|at| graph(frame.index, &place, id_of(releases[at])?, false)),
        trust: latest.filter(|_| is_first).map(|at| trust(frame, &place, entry, releases[at])),
        about: about(&mut sections, &title, description.as_ref()),
        places: places(shown),
        lead,
        description_open: is_short(entry),
        description,
        title,
    };
    (place.clone(), made, sections.beside)
}

/// The place of the release that is called the latest: what Spack prefers, or else the
/// newest that is a numbered version; nothing yanked, and no external where there is more.
pub(super) fn latest(entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Option<usize> {
    let recipe = Recipe::of(entry);
    let preferred = recipe.and_then(Recipe::preferred);
    let version =
        |release: &ReleaseEntry| release.fact(metadata::VERSION).unwrap_or(release.name().as_str()).to_owned();
    let is_usable = |release: &&ReleaseEntry| release.fact(metadata::YANKED).is_none();
    let find = |is_wanted: &dyn Fn(&ReleaseEntry) -> bool| {
        releases.iter().position(|release| is_usable(release) && is_wanted(release))
    };
    let of_recipe = || {
        recipe?;
        preferred
            .and_then(|preferred| find(&|release| version(release) == preferred))
            .or_else(|| find(&|release| !order::is_unreleased(&version(release))))
    };
    of_recipe()
        .or_else(|| find(&|release| release.fact(metadata::KIND) != Some("external")))
        .or_else(|| find(&|_| true))
}

/// What is known of the module as a whole.
fn about(sections: &mut Sections<'_>, title: &str, description: Option<&Shown>) -> About {
    let entry = sections.entry;
    let recipe = Recipe::of(entry);
    let is_further = |(key, value): &(&String, &String)| {
        let is_title = *key == metadata::NAME && *value == title;
        let of_virtual = [metadata::PROVIDERS, metadata::MODULE_KIND];
        let is_listed = of_virtual.contains(&key.as_str()) && spack::is_virtual(entry);
        !is_title && !is_listed && !SHOWN_ELSEWHERE.contains(&key.as_str())
    };
    let mut facts: Vec<_> = entry.metadata.iter().filter(is_further).map(|(key, value)| fact(key, value)).collect();
    facts.extend(recipe.and_then(Recipe::build_system).map(|text| fact("build system", text)));
    let homepage = entry.metadata.get(metadata::HOMEPAGE).map(|text| fact("homepage", text));
    let licence = entry.metadata.get(metadata::LICENSE).map(|text| words::shown(text));
    let values = facts.iter().chain(&homepage).map(|fact| &fact.value);
    let is_cut = values.chain(description).chain(&licence).any(|value| value.cut.is_some());
    About {
        // A recipe's record has a place of its own on the page.
        record: entry.metadata.get(metadata::RECORD).filter(|_| recipe.is_none()).map(|cid| sections.record(cid)),
        data: is_cut.then(|| sections.put(Place::module_text(&entry.name), module_text(entry))),
        cid: entry.cid.to_string(),
        homepage,
        licence,
        facts,
    }
}

fn head(
    frame: &Frame<'_>,
    entry: &ModuleEntry,
    place: &Place,
    title: &str,
    (page, latest): (usize, Option<&ReleaseEntry>),
) -> super::pages::Head {
    let older = if page == 0 { String::new() } else { format!(", page {}", page + 1) };
    let line = entry.metadata.get(metadata::DESCRIPTION).and_then(|text| one_line(text));
    let described = line.unwrap_or_else(|| {
        format!("{title} ({}): {}", entry.name, counted(entry.releases.len(), "release", "releases"))
    });
    let title = format!("{title} · {}{older}", entry.name);
    let head = frame.head(place, &title, &described, frame.crumbs(place, entry.name.as_str(), page > 0));
    let mut feeds = head.feeds;
    if frame.module_feeds {
        let own = FeedLink {
            title: format!("Releases of {}", index::title(entry)),
            href: place.link(&feeds::module_place(&entry.name)),
        };
        feeds.insert(0, own);
    }
    let structured = (page == 0).then(|| software(entry, latest, head.canonical.as_deref()));
    super::pages::Head { data: Some(place.link(&Place::module_data(&entry.name))), feeds, structured, ..head }
}

/// The lead, and what the description says beyond it: of a short one the paragraphs after
/// the first, of a long one the whole.
fn description(entry: &ModuleEntry) -> (Option<String>, Option<Shown>) {
    let text = entry.metadata.get(metadata::DESCRIPTION).map(|text| text.trim_matches([' ', '\n']));
    let Some(text) = text.filter(|text| !text.is_empty()) else { return (None, None) };
    if text.len() > SHORT_DESCRIPTION {
        return (one_line(text), Some(words::shown(text)));
    }
    match text.split_once("\n\n") {
        Some((first, rest)) => (Some(first.to_owned()), Some(words::shown(rest.trim_start()))),
        None => (Some(text.to_owned()), None),
    }
}

/// Whether a description is short enough to be shown at once.
fn is_short(entry: &ModuleEntry) -> bool {
    entry.metadata.get(metadata::DESCRIPTION).is_none_or(|text| text.len() <= SHORT_DESCRIPTION)
}

/// What to type for the latest release; and before it for the latest that needs no
/// accelerator, when that is another one.
fn use_it(sections: &Sections<'_>, releases: &[&ReleaseEntry], latest: Option<usize>) -> Vec<UseIt> {
    let is_general = |release: &&&ReleaseEntry| {
        release.fact(metadata::YANKED).is_none() && !matrix::needs_accelerator(&release.release)
    };
    let Some(newest) = latest.map(|latest| releases[latest]) else { return Vec::new() };
    let general = if is_general(&&newest) { None } else { releases.iter().find(is_general) };
    let mut found = Vec::new();
    if let Some(general) = general {
        found.extend(sections.use_it(general, "Latest release"));
        found.extend(sections.use_it(newest, "Latest release, with an accelerator"));
    } else {
        found.extend(sections.use_it(newest, "Latest release"));
    }
    found
}

/// What the latest release holds, the beginning of each list; its section has the whole.
fn provides(sections: &[ReleaseSection]) -> Option<ProvidedBy> {
    let latest = sections.iter().find(|section| section.latest && !section.provides.is_empty())?;
    let mut groups = latest.provides.clone();
    for group in &mut groups {
        let more = group.entries.len().saturating_sub(PROVIDED);
        group.entries.truncate(PROVIDED);
        group.more = (more > 0).then(|| number(more));
    }
    Some(ProvidedBy { release: Link { text: latest.name.clone(), href: Some(format!("#{}", latest.id)) }, groups })
}

/// The modules whose releases hold those of this one.
fn part_of(frame: &Frame<'_>, place: &Place, entry: &ModuleEntry) -> Vec<Link> {
    let Some(module) = frame.index.module(&entry.name) else { return Vec::new() };
    let releases = &frame.index.card(module).releases;
    let holders: BTreeSet<u32> =
        releases.iter().filter_map(|release| release.parent).map(|(holder, _)| holder).collect();
    let link = |holder: u32| {
        let card = frame.index.label(holder);
        Link { text: card.title.to_owned(), href: Some(place.link(&Place::module(card.name.as_str()))) }
    };
    holders.into_iter().map(link).collect()
}

/// The packtypes of a page whose ids name a place instead of bytes.
fn places(releases: &[&ReleaseEntry]) -> Vec<String> {
    let has =
        |packtype: &str| releases.iter().any(|r| r.release.items.values().any(|ware| ware.packtype() == packtype));
    ["cvmfs", "source", "spec"].into_iter().filter(|packtype: &&str| has(packtype)).map(str::to_owned).collect()
}

/// Links to all pages of a module that has several.
fn pages(entry: &ModuleEntry, releases: &[&ReleaseEntry], place: &Place, current: usize) -> Vec<PageLink> {
    let count = page_count(entry);
    if count < 2 {
        return Vec::new();
    }
    let link = |page: usize| {
        let (first, last) = (page * RELEASES_A_PAGE, releases.len().min((page + 1) * RELEASES_A_PAGE));
        PageLink {
            label: format!("{}–{}", number(first + 1), number(last)),
            href: place.link(&Place::older(&entry.name, page)),
            current: page == current,
        }
    };
    (0..count).map(link).collect()
}

/// The module's own document.
fn module_text(entry: &ModuleEntry) -> Vec<u8> {
    let mut module = Module::new(entry.name.clone());
    module.metadata = entry.metadata.clone();
    module.releases = entry.releases.iter().map(|r| (r.name().clone(), r.cid.clone())).collect();
    codec::encode(&ModuleCapsule::V1(module))
}
