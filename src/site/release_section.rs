//! A release's section on its module's page.

use std::collections::BTreeMap;

use super::commands::{self, UseIt};
use super::index::{Index, ReleaseId};
use super::links::{Place, anchor};
use super::pages::{Fact, Item, Link, Provided, ProvidedEntry, RecordView, ReleaseSection, ReplayLink};
use super::record_view;
use super::safe::web_link;
use super::spec_view;
use super::words::{self, Shown, counted, number, one_line};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{CatalogRef, Record, RecordCapsule, RecordCid, Value, WarpforgeCid, codec, metadata};

/// Most rows of one list that are shown.
const MAX_ROWS: usize = 3000;
/// Items are shown open up to this number.
const FEW: usize = 4;

/// Keys that a section shows at a place of their own.
const SHOWN_ELSEWHERE: &[&str] = &[
    metadata::REPLAY,
    metadata::REPLAY_ORIGIN,
    metadata::RECORD,
    metadata::YANKED,
    metadata::BUILDS,
    metadata::SIGNED_BY,
    metadata::VERIFIED_BY,
];

/// A file beside a page, for what the page does not show whole.
pub(super) type Beside = (Place, Vec<u8>);

/// Makes the sections of one module's page.
pub(super) struct Sections<'a> {
    /// What is known of other modules.
    pub(super) index: &'a Index,
    /// The module.
    pub(super) entry: &'a ModuleEntry,
    /// The page that the sections are for.
    pub(super) place: &'a Place,
    /// Files that the page needs beside it.
    pub(super) beside: Vec<Beside>,
}

/// A metadata entry as a page shows it.
pub(super) fn fact(key: &str, value: &str) -> Fact {
    Fact {
        key: key.to_owned(),
        value: words::shown(value),
        href: web_link(value).map(str::to_owned),
        away: true,
        is_date: words::date(value).is_some(),
    }
}

impl Sections<'_> {
    /// The section of a release; `id` is its place in the index.
    pub(super) fn section(&mut self, release: &ReleaseEntry, id: Option<ReleaseId>, latest: bool) -> ReleaseSection {
        let name = release.name().as_str();
        let facts = self.facts(release);
        let yanked = release.fact(metadata::YANKED).map(words::shown);
        let is_cut = |value: &Shown| value.cut.is_some();
        let cut = facts.iter().any(|fact| is_cut(&fact.value)) || yanked.as_ref().is_some_and(is_cut);
        let items = self.items(release);
        let provides = self.provides(release, id);
        let (required_by, required_by_more) = self.required_by(id);
        let mut wanted = self.entry.replay_of(release).map(|(_, plot)| plot.catalog_refs()).unwrap_or_default();
        let spec = self.spec(release, &mut wanted);
        let builds = self.builds(release);
        let all_builds = self.entry.builds_of(release).count();
        ReleaseSection {
            id: anchor(name),
            name: name.to_owned(),
            latest,
            yanked,
            facts,
            parent: self.parent(release, id),
            items_text: counted(items.len(), "item", "items"),
            items_open: items.len() <= FEW,
            has_places: items.iter().any(|item| !item.nowhere),
            has_mirrors: items.iter().any(|item| !item.mirrors.is_empty()),
            items,
            provides_text: provides_text(&provides),
            provides: provides.into_iter().map(|(kind, entries)| provided(&kind, entries)).collect(),
            requires: self.requires(&wanted),
            spec,
            signature: spec_view::signature(release),
            builds_text: counted(all_builds, "build", "builds"),
            builds_more: (all_builds > builds.len()).then(|| number(all_builds - builds.len())),
            builds,
            required_by,
            required_by_more,
            replay: self.replay(release),
            compare: None,
            record: release.fact(metadata::RECORD).map(|cid| self.record(cid)),
            cid: release.cid.to_string(),
            data: cut.then(|| {
                let place = Place::release_text(&self.entry.name, release.name());
                self.put(place, codec::encode(&release.release))
            }),
        }
    }

    /// What to type to use a release, below a heading.
    pub(super) fn use_it(&self, release: &ReleaseEntry, heading: &str) -> Option<UseIt> {
        let id = self.index.release(&self.entry.name, release.name())?;
        let href = self.index.link_to(self.place, id);
        Some(commands::use_it(self.index, self.entry, release, id, (heading, href)))
    }

    /// Puts a file beside the page; gives the way to it.
    pub(super) fn put(&mut self, place: Place, bytes: Vec<u8>) -> String {
        let href = self.place.link(&place);
        self.beside.push((place, bytes));
        href
    }

    fn facts(&self, release: &ReleaseEntry) -> Vec<Fact> {
        let known = release.release.metadata.iter().filter(|(key, _)| !SHOWN_ELSEWHERE.contains(&key.as_str()));
        known
            .map(|(key, value)| {
                let mut fact = fact(key, value);
                if key == metadata::PARENT {
                    fact.href = self.reference(value);
                    fact.away = false;
                }
                fact
            })
            .collect()
    }

    /// The way to a release that is named `module:release`.
    fn reference(&self, text: &str) -> Option<String> {
        let reference: crate::model::ReleaseRef = text.parse().ok()?;
        let id = self.index.release(&reference.module, &reference.release)?;
        Some(self.index.link_to(self.place, id))
    }

    fn parent(&self, release: &ReleaseEntry, id: Option<ReleaseId>) -> Option<Link> {
        let text = release.fact(metadata::PARENT)?;
        let Some(parent) = id.and_then(|id| self.index.release_card(id).parent) else {
            return Some(Link { text: one_line(text)?, href: None });
        };
        Some(self.named(parent))
    }

    /// A release by its module's title and its own name.
    fn named(&self, id: ReleaseId) -> Link {
        let text = format!("{} {}", self.index.label(id.0).title, self.index.release_name(id));
        Link { text, href: Some(self.index.link_to(self.place, id)) }
    }

    fn items(&self, release: &ReleaseEntry) -> Vec<Item> {
        let entry = self.entry;
        let mirrors = |ware| entry.mirrors.addresses(&entry.name, ware).into_iter();
        let link = |address: &str| Link { text: address.to_owned(), href: web_link(address).map(str::to_owned) };
        release
            .release
            .items
            .iter()
            .map(|(label, ware)| Item {
                label: label.to_string(),
                ware: ware.to_string(),
                nowhere: ware.packtype() == "spec",
                mirrors: mirrors(ware).map(|address| link(address.as_str())).collect(),
            })
            .collect()
    }

    /// What a release holds, by kind: the releases that name it as their parent, or else
    /// what its record lists.
    fn provides(&self, release: &ReleaseEntry, id: Option<ReleaseId>) -> BTreeMap<String, Vec<ProvidedEntry>> {
        let mut found: BTreeMap<String, Vec<ProvidedEntry>> = BTreeMap::new();
        let extensions = id.map(|id| self.index.release_card(id).extensions.as_slice()).unwrap_or_default();
        for &extension in extensions {
            let label = self.index.label(extension.0);
            let own = self.index.release_name(extension);
            found.entry(label.kind.unwrap_or_default().to_owned()).or_default().push(ProvidedEntry {
                name: label.title.to_owned(),
                version: Some(version_of(own.as_str(), release.name().as_str(), self.index, extension)),
                href: Some(self.index.link_to(self.place, extension)),
            });
        }
        if found.is_empty() {
            self.listed(release, &mut found);
        }
        for entries in found.values_mut() {
            entries.sort_by_cached_key(|entry| (entry.name.to_lowercase(), entry.name.clone()));
        }
        found
    }

    /// What a release's record lists as its extensions.
    fn listed(&self, release: &ReleaseEntry, found: &mut BTreeMap<String, Vec<ProvidedEntry>>) {
        let Some((_, record)) = self.entry.record_of(release) else { return };
        for item in record.data.get("extensions").map(Value::items).unwrap_or_default() {
            let text = |key| item.get(key).and_then(Value::as_text).and_then(one_line);
            let Some(name) = text("name") else { continue };
            let entry = ProvidedEntry { name, version: text("version"), href: None };
            found.entry(text("type").unwrap_or_default()).or_default().push(entry);
        }
    }

    /// Releases that the replay of this one takes as inputs.
    fn requires(&self, wanted: &[&CatalogRef]) -> Vec<Link> {
        let mut seen = std::collections::BTreeSet::new();
        let mut found = Vec::new();
        for wanted in wanted {
            if !seen.insert((&wanted.module, &wanted.release)) {
                continue;
            }
            found.push(match self.index.release(&wanted.module, &wanted.release) {
                Some(id) => self.named(id),
                None => Link { text: format!("{}:{}", wanted.module, wanted.release), href: None },
            });
        }
        found
    }

    fn required_by(&self, id: Option<ReleaseId>) -> (Vec<Link>, Option<String>) {
        let users = id.map(|id| self.index.release_card(id).required_by.as_slice()).unwrap_or_default();
        let shown = users.iter().take(MAX_ROWS).map(|&user| self.named(user)).collect();
        (shown, (users.len() > MAX_ROWS).then(|| number(users.len() - MAX_ROWS)))
    }

    fn replay(&self, release: &ReleaseEntry) -> Option<ReplayLink> {
        let cid = release.fact(metadata::REPLAY)?;
        let place = cid
            .parse::<WarpforgeCid>()
            .ok()
            .filter(|cid| self.entry.replays.contains_key(cid))
            .map(|cid| Place::replay(&self.entry.name, &cid));
        Some(ReplayLink {
            cid: words::shown(cid).text,
            href: place.map(|place| self.place.link(&place)),
            origin: release.fact(metadata::REPLAY_ORIGIN).and_then(one_line),
            leaks: self.entry.replay_of(release).is_some_and(|(_, plot)| !plot.leaks().is_empty()),
        })
    }

    /// A record by the CID that names it.
    pub(super) fn record(&mut self, cid: &str) -> RecordView {
        let found = cid.parse::<RecordCid>().ok().and_then(|cid| self.entry.records.get_key_value(&cid));
        let Some((cid, record)) = found else {
            return RecordView { cid: words::shown(cid).text, kind: String::new(), node: None, data: None };
        };
        self.spec_record(cid, record).unwrap_or_else(|| self.record_as(cid, record, &record.data))
    }

    /// A record, with `data` shown in place of what it holds.
    pub(super) fn record_as(&mut self, cid: &RecordCid, record: &Record, data: &Value) -> RecordView {
        let mut cut = record.kind.len() > 4096;
        let node = record_view::node(data, &mut cut);
        RecordView {
            cid: cid.to_string(),
            kind: one_line(&record.kind).unwrap_or_default(),
            node: Some(node),
            data: cut.then(|| self.record_data(cid, record)),
        }
    }

    /// Puts a record beside the page; gives the way to it.
    pub(super) fn record_data(&mut self, cid: &RecordCid, record: &Record) -> String {
        self.put(Place::record_text(&self.entry.name, cid), record_text(record))
    }
}

fn record_text(record: &Record) -> Vec<u8> {
    codec::encode(&RecordCapsule::V1(record.clone()))
}

/// An extension's own version: its release's name without the parent's part.
fn version_of(own: &str, parent: &str, index: &Index, id: ReleaseId) -> String {
    let holder = index.release_card(id).parent.map(|parent| index.label(parent.0).title.to_owned());
    let stem = own.strip_suffix(parent).and_then(|stem| stem.strip_suffix('-'));
    let version =
        stem.zip(holder).and_then(|(stem, holder)| stem.strip_suffix(&holder)?.strip_suffix('-').map(str::to_owned));
    version.unwrap_or_else(|| own.to_owned())
}

fn provided(kind: &str, mut entries: Vec<ProvidedEntry>) -> Provided {
    let more = entries.len().saturating_sub(MAX_ROWS);
    let heading = match (kind, entries.len()) {
        ("", n) => counted(n, "part", "parts"),
        (kind, n) => counted(n, words::kind_label(kind), &words::kind_plural(kind)),
    };
    entries.truncate(MAX_ROWS);
    Provided { heading, entries, more: (more > 0).then(|| number(more)) }
}

fn provides_text(provides: &BTreeMap<String, Vec<ProvidedEntry>>) -> String {
    number(provides.values().map(Vec::len).sum())
}
