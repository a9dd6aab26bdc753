//! What the catalog is, and every file of it that is for machines.

use serde::Serialize;

use super::source::Sources;
use super::verify::{Sample, verify_place};
use crate::model::ModuleName;
use crate::site::changes;
use crate::site::feeds;
use crate::site::frame::Frame;
use crate::site::index::Card;
use crate::site::links::Place;
use crate::site::options::SourceAt;
use crate::site::pages::{Count, Fact, Head, Link};
use crate::site::release_section::fact;
use crate::site::safe::is_shell_word;
use crate::site::twins;
use crate::site::words::{Shown, number, one_line};

/// The page about the catalog, its data and its feeds.
pub(in crate::site) fn about_place() -> Place {
    Place::ours("_about/index.html")
}

/// The page about the catalog, its data and its feeds.
#[derive(Debug, Serialize)]
pub(in crate::site) struct AboutPage {
    pub(in crate::site) head: Head,
    pub(in crate::site) counts: Vec<Count>,
    pub(in crate::site) sources: Vec<SourceLine>,
    pub(in crate::site) data: Vec<DataRow>,
    pub(in crate::site) verify: String,
}

/// A source in a line.
#[derive(Debug, Serialize)]
pub(in crate::site) struct SourceLine {
    pub(in crate::site) link: Link,
    pub(in crate::site) prefix: String,
    pub(in crate::site) version: Option<String>,
    pub(in crate::site) timestamp: Option<Fact>,
    pub(in crate::site) licence: Option<Shown>,
}

/// A kind of file for machines.
#[derive(Debug, Serialize)]
pub(in crate::site) struct DataRow {
    pub(in crate::site) what: &'static str,
    pub(in crate::site) text: &'static str,
    /// Such a file.
    pub(in crate::site) file: Link,
    /// A line that reads it.
    pub(in crate::site) example: Option<String>,
}

/// Makes the page; `sample` is a module to show files of.
pub(in crate::site) fn about_page(
    frame: &Frame<'_>,
    sources: &Sources<'_>,
    sample: Option<&Sample>,
) -> (Place, AboutPage) {
    let place = about_place();
    let source = |(page, at): &(Place, &SourceAt)| SourceLine {
        link: Link {
            text: one_line(&at.source.name).unwrap_or_else(|| at.prefix.to_string()),
            href: Some(place.link(page)),
        },
        prefix: at.prefix.to_string(),
        version: at.source.version.as_deref().and_then(one_line),
        timestamp: at.source.timestamp.as_deref().map(|text| fact("timestamp", text)),
        licence: sources.licence(&at.prefix),
    };
    let page = AboutPage {
        head: frame.head_with_data(
            &place,
            "About, data and feeds",
            "What this catalog is, where its facts come from, and every file of it that is for machines.",
            vec![frame.home_crumb(&place), Link { text: "about, data and feeds".into(), href: None }],
        ),
        counts: counts(frame),
        sources: sources.places().map(source).collect(),
        data: data(frame, &place, sample),
        verify: place.link(&verify_place()),
    };
    (place, page)
}

fn counts(frame: &Frame<'_>) -> Vec<Count> {
    let cards = frame.index.all();
    let sum = |of: fn(&Card) -> usize| number(cards.iter().map(of).sum());
    let count = |number, what: &str| Count { number, what: what.into() };
    vec![
        count(number(cards.len()), "modules"),
        count(sum(|card| card.releases.len()), "releases"),
        count(sum(|card| card.items), "items"),
        count(sum(|card| card.replays), "replays"),
    ]
}

/// What there is for machines, on this site.
fn data(frame: &Frame<'_>, place: &Place, sample: Option<&Sample>) -> Vec<DataRow> {
    let row = |what, text, file: Place, read: &str| {
        let address = frame.absolute(&file).unwrap_or_else(|| file.path().to_owned());
        let example = is_shell_word(&address).then(|| match frame.absolute(&file) {
            Some(address) => format!("curl -s {address}{read}"),
            None => format!("cat {address}{read}"),
        });
        DataRow { what, text, file: Link { text: file.path().to_owned(), href: Some(place.link(&file)) }, example }
    };
    let text = "Every module as one line of JSON: this file says where the lines lie, and how many there are.";
    let mut rows = vec![row("The whole catalog", text, twins::index_place(), "")];
    let text = "A JSON Schema of each shape of data; every file names its own in its field $schema.";
    rows.push(row("Schemas", text, twins::schema_place("module"), ""));
    if let Some(name) = sample.and_then(|sample| sample.module.parse::<ModuleName>().ok()) {
        rows.push(row(
            "A module",
            "Beside each module’s page: its releases, items, mirrors, and what it requires, in full.",
            Place::module_data(&name),
            " | jq -r '.releases[].name'",
        ));
        if frame.timeline.has_feed() && frame.module_feeds {
            rows.push(row("A module’s feed", "Atom: its releases, the newest first.", feeds::module_place(&name), ""));
        }
    }
    if frame.timeline.has_feed() {
        let text = "Atom: what the last commits of the catalog changed.";
        rows.push(row("The catalog’s feed", text, feeds::catalog_place(), ""));
        if let Some(prefix) = frame.feed_prefixes().next() {
            let text = "Atom: the same, of the modules of one source.";
            rows.push(row("A source’s feed", text, feeds::source_place(prefix), ""));
        }
    }
    if frame.timeline.has_page() {
        let text = "What the last commits changed, and a file for each of them.";
        rows.push(row("What changed", text, changes::data_place(), ""));
    }
    if frame.absolute(place).is_some() {
        rows.push(row("The map of pages", "For search engines.", Place::ours("sitemap.xml"), ""));
    }
    rows
}
