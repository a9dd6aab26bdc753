//! The pages that list modules: home, A to Z, and one for each prefix.

use std::collections::BTreeMap;

use super::changes;
use super::feeds;
use super::frame::Frame;
use super::index::Card;
use super::links::{Place, anchor};
use super::pages::{Count, FeedLink, Group, Head, HomePage, Letter, Link, ListingPage, PageLink, Row, Section};
use super::words::{self, counted, number};
use crate::model::folded;

/// Most rows of one page.
pub(super) const ROWS: usize = 500;
/// Most prefixes that the home page names.
const MAX_GROUPS: usize = 24;

/// The page of all modules.
pub(super) fn all_place() -> Place {
    Place::ours("_all/index.html")
}

/// Everything that lists need, sorted once.
pub(super) struct Lists<'a> {
    frame: &'a Frame<'a>,
    /// Module numbers by letter, in the order of their titles.
    letters: BTreeMap<char, Vec<u32>>,
    prefixes: BTreeMap<&'a str, Prefix<'a>>,
}

#[derive(Default)]
struct Prefix<'a> {
    /// Modules right below it, in the order of their titles.
    modules: Vec<u32>,
    /// Prefixes right below it.
    folders: std::collections::BTreeSet<&'a str>,
    /// Modules and releases anywhere below it.
    total: usize,
    releases: usize,
    /// Releases of the modules right below it.
    own_releases: usize,
}

/// A page of a list that is still to be made, so that no two need to be held at once.
#[derive(Debug, Clone)]
pub(super) enum Wanted<'a> {
    /// The page of all modules.
    All,
    /// A page of a letter.
    Letter(char, usize),
    /// A page of a prefix.
    Prefix(&'a str, usize),
}

/// The letter below which a title stands.
fn letter(title: &str) -> char {
    match folded(title).chars().next() {
        Some(c) if c.is_ascii_digit() => '0',
        Some(c) if c.is_ascii_lowercase() => c,
        _ => '~',
    }
}

fn letter_label(letter: char) -> String {
    match letter {
        '0' => "0–9".into(),
        '~' => "other".into(),
        letter => letter.to_ascii_uppercase().to_string(),
    }
}

fn letter_place(letter: char, page: usize) -> Place {
    let name = match letter {
        '0' => "0-9".into(),
        '~' => "other".into(),
        letter => letter.to_string(),
    };
    let number = if page == 0 { String::new() } else { format!("-page-{}", page + 1) };
    Place::ours(&format!("_all/{name}{number}.html"))
}

fn prefix_place(prefix: &str, page: usize) -> Place {
    match page {
        0 => Place::module(prefix),
        _ => Place::below(prefix, &format!("_list/{}.html", page + 1)),
    }
}

impl<'a> Lists<'a> {
    /// Sorts all modules into letters and prefixes.
    pub(super) fn new(frame: &'a Frame<'a>) -> Self {
        let mut order: Vec<(String, u32)> =
            (0u32..).zip(frame.index.all()).map(|(at, card)| (folded(&card.title), at)).collect();
        order.sort();
        let mut lists = Self { frame, letters: BTreeMap::new(), prefixes: BTreeMap::new() };
        for (_, at) in order {
            let card = frame.index.card(at);
            lists.letters.entry(letter(&card.title)).or_default().push(at);
            lists.add_to_prefixes(at, card);
        }
        lists
    }

    fn add_to_prefixes(&mut self, at: u32, card: &'a Card) {
        let name = card.name.as_str();
        let mut below = name;
        for (slash, _) in name.rmatch_indices('/') {
            let prefix = self.prefixes.entry(&name[..slash]).or_default();
            prefix.total += 1;
            prefix.releases += card.releases.len();
            if below.len() == name.len() {
                prefix.modules.push(at);
                prefix.own_releases += card.releases.len();
            } else {
                prefix.folders.insert(below);
            }
            below = &name[..slash];
        }
    }

    fn is_module(&self, prefix: &str) -> bool {
        prefix.parse().is_ok_and(|name| self.frame.index.module(&name).is_some())
    }

    /// Every page that there is to make.
    pub(super) fn wanted(&self) -> Vec<Wanted<'a>> {
        let mut wanted = vec![Wanted::All];
        if self.is_long() {
            for (letter, modules) in &self.letters {
                wanted.extend((0..modules.len().div_ceil(ROWS)).map(|page| Wanted::Letter(*letter, page)));
            }
        }
        for (prefix, found) in &self.prefixes {
            // A module's page takes the place of the list of what lies below it.
            if !self.is_module(prefix) {
                let rows = found.modules.len() + found.folders.len();
                wanted.extend((0..rows.div_ceil(ROWS).max(1)).map(|page| Wanted::Prefix(prefix, page)));
            }
        }
        wanted
    }

    fn is_long(&self) -> bool {
        self.frame.index.all().len() > ROWS
    }

    /// Makes one page.
    pub(super) fn page(&self, wanted: &Wanted<'a>) -> (Place, ListingPage) {
        match wanted {
            Wanted::All => self.all(),
            Wanted::Letter(letter, page) => self.letter(*letter, *page),
            Wanted::Prefix(prefix, page) => self.prefix(prefix, *page),
        }
    }

    fn all(&self) -> (Place, ListingPage) {
        let place = all_place();
        let sections = match self.is_long() {
            true => Vec::new(),
            false => self.letters.iter().map(|(letter, modules)| self.section(&place, *letter, modules)).collect(),
        };
        let total = self.frame.index.all().len();
        let page = ListingPage {
            head: self.frame.head(
                &place,
                "All modules",
                "All modules of the catalog, A to Z and by source.",
                vec![self.frame.home_crumb(&place), Link { text: "all modules".into(), href: None }],
            ),
            heading: "All modules".into(),
            summary: counted(total, "module", "modules"),
            letters: self.letter_links(&place, None),
            groups: self.groups(&place, usize::MAX),
            sections,
            pages: Vec::new(),
        };
        (place, page)
    }

    fn section(&self, place: &Place, letter: char, modules: &[u32]) -> Section {
        let id = letter_id(letter);
        Section { id, heading: Some(letter_label(letter)), rows: rows(self.frame, place, modules) }
    }

    fn letter(&self, letter: char, page: usize) -> (Place, ListingPage) {
        let place = letter_place(letter, page);
        let modules = self.letters.get(&letter).map(Vec::as_slice).unwrap_or_default();
        let label = letter_label(letter);
        let title = format!("Modules: {label}{}", page_suffix(page));
        let page = ListingPage {
            head: self.frame.head(
                &place,
                &title,
                &format!("The modules of the catalog whose names begin with {label}."),
                vec![
                    self.frame.home_crumb(&place),
                    Link { text: "all modules".into(), href: Some(place.link(&all_place())) },
                    Link { text: label.clone(), href: None },
                ],
            ),
            heading: format!("Modules: {label}"),
            summary: counted(modules.len(), "module", "modules"),
            letters: self.letter_links(&place, Some(letter)),
            groups: Vec::new(),
            sections: vec![Section {
                id: "modules".into(),
                heading: None,
                rows: rows(self.frame, &place, page_of(modules, page)),
            }],
            pages: pages(self.frame, &place, modules, 0, page, |page| letter_place(letter, page)),
        };
        (place, page)
    }

    fn prefix(&self, prefix: &'a str, page: usize) -> (Place, ListingPage) {
        let place = prefix_place(prefix, page);
        let found = &self.prefixes[prefix];
        let (folders_here, modules) = self.rows_of(prefix, page);
        let below = if found.folders.is_empty() { "" } else { ", folders included" };
        let head = self.frame.head(
            &place,
            &format!("{prefix}{}", page_suffix(page)),
            &format!("The modules below {prefix}."),
            self.frame.crumbs(&place, prefix, page > 0),
        );
        let page_view = ListingPage {
            head: Head { feeds: self.feeds(&place, prefix, head.feeds), ..head },
            heading: format!("{prefix}/"),
            summary: format!(
                "{}, {}{below}",
                counted(found.total, "module", "modules"),
                counted(found.releases, "release", "releases")
            ),
            letters: Vec::new(),
            groups: folders_here.iter().map(|folder| self.group(&place, folder, true)).collect(),
            sections: vec![Section { id: "modules".into(), heading: None, rows: rows(self.frame, &place, modules) }],
            pages: pages(self.frame, &place, &found.modules, found.folders.len(), page, |page| {
                prefix_place(prefix, page)
            }),
        };
        (place, page_view)
    }

    /// The feed of a source, where the prefix is one's, before those of every page.
    fn feeds(&self, place: &Place, prefix: &str, others: Vec<FeedLink>) -> Vec<FeedLink> {
        let own = self.frame.feed_prefixes().find(|source| source.as_str() == prefix).map(|source| FeedLink {
            title: format!("What changed below {prefix}"),
            href: place.link(&feeds::source_place(source)),
        });
        own.into_iter().chain(others).collect()
    }

    fn letter_links(&self, place: &Place, current: Option<char>) -> Vec<Letter> {
        let link = |letter: char| {
            let modules = self.letters.get(&letter);
            let href = match self.is_long() {
                true => place.link(&letter_place(letter, 0)),
                false if *place == all_place() => format!("#{}", letter_id(letter)),
                false => format!("{}#{}", place.link(&all_place()), letter_id(letter)),
            };
            Letter {
                label: letter_label(letter),
                href: modules.map(|_| href),
                number: number(modules.map_or(0, Vec::len)),
                current: current == Some(letter),
            }
        };
        let shown = ['0'].into_iter().chain('a'..='z').chain(self.letters.contains_key(&'~').then_some('~'));
        shown.filter(|letter| letter.is_ascii_lowercase() || self.letters.contains_key(letter)).map(link).collect()
    }

    /// A prefix with all that lies below it, or with what lies right below it.
    fn group(&self, place: &Place, prefix: &str, all_below: bool) -> Group {
        let found = &self.prefixes[prefix];
        let (modules, releases) = match all_below {
            true => (found.total, found.releases),
            false => (found.modules.len(), found.own_releases),
        };
        Group {
            prefix: prefix.to_owned(),
            href: place.link(&Place::module(prefix)),
            modules: counted(modules, "module", "modules"),
            releases: counted(releases, "release", "releases"),
        }
    }

    /// The prefixes that hold modules, cut at a depth where there are not too many.
    fn groups(&self, place: &Place, most: usize) -> Vec<Group> {
        let at_depth = |depth: usize| -> Vec<&'a str> {
            let holds = |(prefix, found): (&&'a str, &Prefix<'a>)| {
                (parts(prefix) == depth || (parts(prefix) < depth && !found.modules.is_empty())).then_some(*prefix)
            };
            self.prefixes.iter().filter_map(holds).collect()
        };
        let deepest = self.prefixes.keys().map(|prefix| parts(prefix)).max().unwrap_or(0);
        let most = most.min(ROWS);
        let chosen = (1..=deepest).rev().map(at_depth).find(|found| found.len() <= most);
        let chosen = chosen.unwrap_or_else(|| at_depth(1).into_iter().take(most).collect());
        let depth = chosen.iter().map(|prefix| parts(prefix)).max().unwrap_or(0);
        chosen.into_iter().map(|prefix| self.group(place, prefix, parts(prefix) == depth)).collect()
    }

    /// The first page.
    pub(super) fn home(&self) -> (Place, HomePage) {
        let place = Place::ours("index.html");
        let cards = self.frame.index.all();
        let sum = |of: fn(&Card) -> usize| number(cards.iter().map(of).sum());
        let count = |number, what: &str| Count { number, what: what.into() };
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for card in cards {
            *kinds.entry(card.kind.as_deref().unwrap_or("")).or_default() += 1;
        }
        let kind = |(kind, n): (&str, usize)| Count {
            number: number(n),
            what: if kind.is_empty() {
                "software".into()
            } else {
                words::one_line(&words::kind_plural(kind)).unwrap_or_default()
            },
        };
        let described = words::one_line(self.frame.description).unwrap_or_else(|| "A catalog of software.".into());
        let page = HomePage {
            head: self.frame.head(&place, "", &described, Vec::new()),
            counts: vec![
                count(number(cards.len()), "modules"),
                count(sum(|card| card.releases.len()), "releases"),
                count(sum(|card| card.items), "items"),
                count(sum(|card| card.replays), "replays"),
            ],
            letters: self.letter_links(&place, None),
            groups: self.groups(&place, MAX_GROUPS),
            recent: changes::recent(self.frame, &place),
            kinds: if kinds.len() > 1 { kinds.into_iter().take(MAX_GROUPS).map(kind).collect() } else { Vec::new() },
        };
        (place, page)
    }

    /// The pages of all lists, for search engines.
    pub(super) fn places(&self) -> Vec<Place> {
        self.wanted().iter().map(Self::place).collect()
    }

    /// Where a page lies.
    pub(super) fn place(wanted: &Wanted<'_>) -> Place {
        match wanted {
            Wanted::All => all_place(),
            Wanted::Letter(letter, page) => letter_place(*letter, *page),
            Wanted::Prefix(prefix, page) => prefix_place(prefix, *page),
        }
    }

    /// What a page shows, by itself.
    pub(super) fn shown(&self, wanted: &Wanted<'a>) -> Shown<'a> {
        let pages = |rows: usize, place: &dyn Fn(usize) -> Place| match rows.div_ceil(ROWS) {
            0 | 1 => Vec::new(),
            count => (0..count).map(place).collect(),
        };
        match wanted {
            Wanted::All if self.is_long() => {
                let lists = self.wanted().into_iter().filter(|wanted| matches!(wanted, Wanted::Letter(..)));
                Shown { pages: lists.map(|wanted| Self::place(&wanted)).collect(), ..Shown::default() }
            }
            Wanted::All => Shown { modules: self.letters.values().flatten().copied().collect(), ..Shown::default() },
            Wanted::Letter(letter, page) => {
                let modules = self.letters.get(letter).map(Vec::as_slice).unwrap_or_default();
                let pages = pages(modules.len(), &|page| letter_place(*letter, page));
                Shown { modules: page_of(modules, *page).to_vec(), pages, ..Shown::default() }
            }
            Wanted::Prefix(prefix, page) => {
                let found = &self.prefixes[prefix];
                let (folders, modules) = self.rows_of(prefix, *page);
                let rows = found.folders.len() + found.modules.len();
                let pages = pages(rows, &|page| prefix_place(prefix, page));
                Shown { folders, modules: modules.to_vec(), pages }
            }
        }
    }

    /// The folders and modules of a page of a prefix: folders come first and count as rows
    /// of the first pages.
    fn rows_of(&self, prefix: &str, page: usize) -> (Vec<&'a str>, &[u32]) {
        let found = &self.prefixes[prefix];
        let folders: Vec<&str> = found.folders.iter().copied().skip(page * ROWS).take(ROWS).collect();
        let from = (page * ROWS).saturating_sub(found.folders.len()).min(found.modules.len());
        let modules = &found.modules[from..found.modules.len().min(from + ROWS - folders.len())];
        (folders, modules)
    }

    /// How many modules and releases lie below a prefix.
    pub(super) fn below(&self, prefix: &str) -> (usize, usize) {
        self.prefixes.get(prefix).map(|found| (found.total, found.releases)).unwrap_or_default()
    }
}

/// What a page of a list shows.
#[derive(Debug, Default)]
pub(super) struct Shown<'a> {
    /// Prefixes of modules.
    pub(super) folders: Vec<&'a str>,
    /// The numbers of modules.
    pub(super) modules: Vec<u32>,
    /// The pages that the list is spread over, when it is.
    pub(super) pages: Vec<Place>,
}

/// The rows of some modules, from a page.
pub(super) fn rows(frame: &Frame<'_>, place: &Place, modules: &[u32]) -> Vec<Row> {
    modules.iter().map(|module| row(frame, place, *module)).collect()
}

fn row(frame: &Frame<'_>, place: &Place, module: u32) -> Row {
    let card = frame.index.card(module);
    let page = place.link(&Place::module(card.name.as_str()));
    let newest = card.releases.first().map(|release| Link {
        text: release.name.to_string(),
        href: Some(format!("{page}#{}", anchor(release.name.as_str()))),
    });
    Row {
        title: card.title.clone(),
        name: card.name.to_string(),
        line: card.line.clone().or_else(|| holder(frame, card)).or_else(|| provided(card)),
        kind: card.kind.as_deref().and_then(|kind| words::one_line(words::kind_label(kind))),
        newest,
        releases: number(card.releases.len()),
        targets: number(card.targets),
        href: page,
    }
}

/// What a module without a description is part of.
fn holder(frame: &Frame<'_>, card: &Card) -> Option<String> {
    let (holder, _) = card.releases.iter().find_map(|release| release.parent)?;
    Some(format!("Part of {}", frame.index.card(holder).title))
}

/// Links to all pages of a list, by the titles that they begin and end with.
pub(super) fn pages(
    frame: &Frame<'_>,
    from: &Place,
    modules: &[u32],
    folders: usize,
    current: usize,
    place: impl Fn(usize) -> Place,
) -> Vec<PageLink> {
    let count = (modules.len() + folders).div_ceil(ROWS);
    if count < 2 {
        return Vec::new();
    }
    let title = |at: usize| match at.checked_sub(folders).and_then(|at| modules.get(at)) {
        Some(module) => short(&frame.index.card(*module).title),
        None => "…".into(),
    };
    let label = |page: usize| {
        let last = ((page + 1) * ROWS).min(modules.len() + folders) - 1;
        format!("{} – {}", title(page * ROWS), title(last))
    };
    (0..count)
        .map(|page| PageLink { label: label(page), href: from.link(&place(page)), current: page == current })
        .collect()
}

/// What a virtual package without a description is.
fn provided(card: &Card) -> Option<String> {
    (card.providers > 0).then(|| format!("Provided by {}", counted(card.providers, "package", "packages")))
}

/// How many parts a prefix has.
fn parts(prefix: &str) -> usize {
    prefix.matches('/').count() + 1
}

fn letter_id(letter: char) -> String {
    match letter {
        '~' => "letter-other".into(),
        letter => format!("letter-{letter}"),
    }
}

fn page_of(modules: &[u32], page: usize) -> &[u32] {
    let start = (page * ROWS).min(modules.len());
    &modules[start..modules.len().min(start + ROWS)]
}

pub(super) fn page_suffix(page: usize) -> String {
    if page == 0 { String::new() } else { format!(", page {}", page + 1) }
}

/// The beginning of a title, for a label.
fn short(title: &str) -> String {
    let mut short: String = title.chars().take(16).collect();
    if short.len() < title.len() {
        short.push('…');
    }
    short
}
