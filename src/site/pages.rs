//! The data of each page: plain values, all that a template gets.
//!
//! Invariants: every `href` was made by us or let through by [`super::safe::web_link`];
//! every text is shown as text. Maps never reach a template, since their order there is
//! not defined.

use serde::Serialize;

use super::changes::Recent;
use super::chooser::Chooser;
use super::commands::UseIt;
use super::compare_view::CompareView;
use super::freshness::Freshness;
use super::graph::GraphView;
use super::knowledge::Trust;
use super::recipe_view::{NeededBy, RecipeView, VersionRow, VirtualView};
use super::record_view::Node;
use super::spec_view::{BuildView, SpecView};
use super::version_table::VersionTable;
use super::words::Shown;

/// What every page shows.
#[derive(Debug, Serialize)]
pub(super) struct Site {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tool_version: String,
    pub(super) sources: Vec<SourceView>,
    pub(super) commit: Option<CommitView>,
}

/// What a source last gave.
#[derive(Debug, Serialize)]
pub(super) struct SourceView {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) version: Option<String>,
    pub(super) timestamp: Option<Fact>,
    pub(super) address: Option<Fact>,
    pub(super) counts: Vec<Count>,
    pub(super) files: Vec<SourceFileView>,
    pub(super) files_text: String,
    /// How many days it is behind the newest date of the catalog, where these are many.
    pub(super) behind: Option<String>,
    /// The way to its page from the site's first folder.
    pub(super) page: String,
}

/// A file of a source.
#[derive(Debug, Serialize)]
pub(super) struct SourceFileView {
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) size: String,
}

/// The commit that a site shows.
#[derive(Debug, Serialize)]
pub(super) struct CommitView {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) date: Option<String>,
}

/// A number and what it counts.
#[derive(Debug, Serialize)]
pub(super) struct Count {
    pub(super) number: String,
    pub(super) what: String,
}

/// The head of a page, and its way to the others.
#[derive(Debug, Serialize)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) canonical: Option<String>,
    pub(super) home: String,
    pub(super) all: String,
    /// The page that answers the search form.
    pub(super) search: String,
    /// The page to browse from.
    pub(super) browse: String,
    /// What changed, when the site has such a page.
    pub(super) changes: Option<String>,
    /// What the catalog is and how to get its data, when the site has such a page.
    pub(super) about: Option<String>,
    pub(super) css: String,
    /// What sets the theme before anything is painted.
    pub(super) theme: String,
    pub(super) script: String,
    pub(super) icon: String,
    /// The way up to the site's first folder, empty or ending in `/`, for scripts.
    pub(super) root: String,
    /// The page as data, when it has such a twin.
    pub(super) data: Option<String>,
    pub(super) feeds: Vec<FeedLink>,
    /// What the page is about, as JSON-LD text for search engines.
    pub(super) structured: Option<String>,
    pub(super) crumbs: Vec<Link>,
    /// The sources that the page is made of.
    pub(super) sources: Vec<Freshness>,
}

/// A feed, for the head of a page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FeedLink {
    pub(super) title: String,
    pub(super) href: String,
}

/// A text that may lead somewhere.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Link {
    pub(super) text: String,
    pub(super) href: Option<String>,
}

/// A metadata entry.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Fact {
    pub(super) key: String,
    pub(super) value: Shown,
    /// Where it leads, when it is a web address or a reference of this catalog.
    pub(super) href: Option<String>,
    /// Whether `href` leads away from this site.
    pub(super) away: bool,
    /// Whether a machine reads it as a date.
    pub(super) is_date: bool,
}

/// The first page.
#[derive(Debug, Serialize)]
pub(super) struct HomePage {
    pub(super) head: Head,
    pub(super) counts: Vec<Count>,
    pub(super) letters: Vec<Letter>,
    pub(super) groups: Vec<Group>,
    pub(super) kinds: Vec<Count>,
    pub(super) recent: Option<Recent>,
}

/// A letter of the list of all modules.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Letter {
    pub(super) label: String,
    pub(super) href: Option<String>,
    pub(super) number: String,
    pub(super) current: bool,
}

/// Modules that share a prefix.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Group {
    pub(super) prefix: String,
    pub(super) href: String,
    pub(super) modules: String,
    pub(super) releases: String,
}

/// A page that lists modules.
#[derive(Debug, Serialize)]
pub(super) struct ListingPage {
    pub(super) head: Head,
    pub(super) heading: String,
    pub(super) summary: String,
    pub(super) letters: Vec<Letter>,
    pub(super) groups: Vec<Group>,
    pub(super) sections: Vec<Section>,
    pub(super) pages: Vec<PageLink>,
}

/// Modules below one heading.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    pub(super) id: String,
    pub(super) heading: Option<String>,
    pub(super) rows: Vec<Row>,
}

/// A module in a list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) line: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) newest: Option<Link>,
    pub(super) releases: String,
    pub(super) targets: String,
}

/// One of the pages of a long list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PageLink {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) current: bool,
}

/// The page of a module.
#[derive(Debug, Serialize)]
pub(super) struct ModulePage {
    pub(super) head: Head,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) kind: Option<String>,
    pub(super) lead: Option<String>,
    /// The rest of the description where it is short; the whole where it is long.
    pub(super) description: Option<Shown>,
    pub(super) description_open: bool,
    pub(super) part_of: Vec<Link>,
    pub(super) use_it: Vec<UseIt>,
    pub(super) virtual_package: Option<VirtualView>,
    pub(super) recipe: Option<RecipeView>,
    pub(super) needed_by: Option<NeededBy>,
    /// Which build fits the visitor's machine.
    pub(super) chooser: Option<Chooser>,
    pub(super) matrix: Option<Matrix>,
    /// The releases that have a section each, a row each.
    pub(super) table: Option<VersionTable>,
    /// What the latest release holds.
    pub(super) provides: Option<ProvidedBy>,
    /// Releases of which a row says all, in place of a section each.
    pub(super) versions: Vec<VersionRow>,
    /// More of them, shown closed.
    pub(super) older_versions: Vec<VersionRow>,
    pub(super) releases: Vec<ReleaseSection>,
    pub(super) releases_text: String,
    pub(super) pages: Vec<PageLink>,
    /// The surroundings of the latest release.
    pub(super) graph: Option<GraphView>,
    /// How to check and to cite the latest release.
    pub(super) trust: Option<Trust>,
    pub(super) about: About,
    pub(super) places: Vec<String>,
}

/// What is known of a module as a whole.
#[derive(Debug, Serialize)]
pub(super) struct About {
    pub(super) homepage: Option<Fact>,
    pub(super) licence: Option<Shown>,
    pub(super) facts: Vec<Fact>,
    pub(super) record: Option<RecordView>,
    pub(super) cid: String,
    /// The whole document, when not all of it is shown.
    pub(super) data: Option<String>,
}

/// Releases against targets.
#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    pub(super) families: Vec<Family>,
    pub(super) targets: Vec<String>,
    pub(super) has_toolchain: bool,
    pub(super) has_date: bool,
    pub(super) has_some: bool,
    pub(super) has_accelerated: bool,
    pub(super) rows: Vec<MatrixRow>,
}

/// Columns that belong together.
#[derive(Debug, Serialize)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) columns: usize,
}

/// A release's row.
#[derive(Debug, Serialize)]
pub(super) struct MatrixRow {
    pub(super) release: Link,
    pub(super) yanked: bool,
    pub(super) toolchain: Option<String>,
    pub(super) date: Option<String>,
    /// `yes`, `no`, `gpu` (only with an accelerator) or `some` (on some of its targets).
    pub(super) cells: Vec<&'static str>,
    /// How many items it has, where there are too many targets for columns.
    pub(super) items: Option<String>,
}

/// A release's section.
#[derive(Debug, Serialize)]
pub(super) struct ReleaseSection {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) latest: bool,
    pub(super) yanked: Option<Shown>,
    pub(super) facts: Vec<Fact>,
    pub(super) parent: Option<Link>,
    pub(super) items: Vec<Item>,
    pub(super) items_text: String,
    pub(super) items_open: bool,
    /// Whether any of its items could have a mirror: a concrete spec is nowhere.
    pub(super) has_places: bool,
    /// Whether a mirror of any of its items is known.
    pub(super) has_mirrors: bool,
    pub(super) provides: Vec<Provided>,
    pub(super) provides_text: String,
    pub(super) spec: Option<SpecView>,
    pub(super) signature: Vec<Shown>,
    pub(super) builds: Vec<BuildView>,
    pub(super) builds_text: String,
    /// How many builds are not shown.
    pub(super) builds_more: Option<String>,
    pub(super) requires: Vec<Link>,
    pub(super) required_by: Vec<Link>,
    pub(super) required_by_more: Option<String>,
    pub(super) replay: Option<ReplayLink>,
    /// How it differs from the release before it.
    pub(super) compare: Option<CompareView>,
    pub(super) record: Option<RecordView>,
    pub(super) cid: String,
    /// The whole document, when not all of it is shown.
    pub(super) data: Option<String>,
}

/// An item of a release.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) label: String,
    pub(super) ware: String,
    /// Whether it can have no mirror, being a concrete spec.
    pub(super) nowhere: bool,
    pub(super) mirrors: Vec<Link>,
}

/// What a release holds, of one kind.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Provided {
    pub(super) heading: String,
    pub(super) entries: Vec<ProvidedEntry>,
    pub(super) more: Option<String>,
}

/// What one release holds, shortened.
#[derive(Debug, Serialize)]
pub(super) struct ProvidedBy {
    pub(super) release: Link,
    pub(super) groups: Vec<Provided>,
}

/// One thing that a release holds.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ProvidedEntry {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) href: Option<String>,
}

/// How a release was made.
#[derive(Debug, Serialize)]
pub(super) struct ReplayLink {
    pub(super) cid: String,
    pub(super) href: Option<String>,
    /// `derived`, `published`, or what else the release says.
    pub(super) origin: Option<String>,
    /// Whether evaluating it depends on the machine that does.
    pub(super) leaks: bool,
}

/// What upstream says.
#[derive(Debug, Serialize)]
pub(super) struct RecordView {
    pub(super) cid: String,
    pub(super) kind: String,
    pub(super) node: Option<Node>,
    /// The whole record, when not all of it is shown.
    pub(super) data: Option<String>,
}

/// The page of a replay.
#[derive(Debug, Serialize)]
pub(super) struct ReplayPage {
    pub(super) head: Head,
    pub(super) title: String,
    pub(super) cid: String,
    pub(super) origin: Option<String>,
    pub(super) leaks: Vec<String>,
    /// Whether there may be more of them.
    pub(super) leaks_cut: bool,
    pub(super) used_by: Vec<Link>,
    pub(super) graph: Option<GraphView>,
    pub(super) inputs: Vec<InputView>,
    pub(super) steps: Vec<StepView>,
    pub(super) outputs: Vec<OutputView>,
    /// Whether inputs, steps, lines or outputs are left out.
    pub(super) rows_cut: bool,
    /// Whether `tokens` are only the beginning.
    pub(super) text_cut: bool,
    pub(super) tokens: Vec<Token>,
    /// The whole text, when not all of it is shown.
    pub(super) data: Option<String>,
}

/// An input of a plot.
#[derive(Debug, Serialize)]
pub(super) struct InputView {
    pub(super) label: String,
    pub(super) source: Shown,
    pub(super) href: Option<String>,
    /// Whether it is a reference that leads nowhere in this catalog.
    pub(super) dangling: bool,
    pub(super) filters: Vec<String>,
}

/// A step of a plot.
#[derive(Debug, Serialize)]
pub(super) struct StepView {
    pub(super) name: String,
    pub(super) action: String,
    pub(super) lines: Vec<Shown>,
    pub(super) network: bool,
    pub(super) inputs: Vec<InputView>,
    pub(super) outputs: Vec<OutputView>,
}

/// An output of a plot or of a step.
#[derive(Debug, Serialize)]
pub(super) struct OutputView {
    pub(super) label: String,
    pub(super) from: String,
    pub(super) packtype: Option<String>,
}

/// A piece of JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Token {
    /// `k` for a key, `s` for a text, `n` for a number or a word; nothing for the rest.
    pub(super) class: Option<&'static str>,
    pub(super) text: String,
    pub(super) href: Option<String>,
}

/// A page of the map for search engines.
#[derive(Debug, Serialize)]
pub(super) struct Sitemap {
    pub(super) urls: Vec<SitemapUrl>,
}

/// An address of that map.
#[derive(Debug, Serialize)]
pub(super) struct SitemapUrl {
    pub(super) loc: String,
    /// When what is there last changed, RFC 3339, where that is known.
    pub(super) lastmod: Option<String>,
}

/// The page for what is not there.
#[derive(Debug, Serialize)]
pub(super) struct PlainPage {
    pub(super) head: Head,
}
