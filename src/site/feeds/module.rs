//! The feed of a module: its releases, newest first.

use super::super::frame::Frame;
use super::super::index;
use super::super::links::{Place, anchor};
use super::super::words::{counted, one_line};
use super::atom::{Entry, Feed};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{ItemLabel, ModuleName, metadata};

/// Most releases of a feed.
const MAX_ENTRIES: usize = 30;
/// Most items that an entry names.
const MAX_ITEMS: usize = 20;

/// The feed of a module.
pub(in super::super) fn module_place(module: &ModuleName) -> Place {
    Place::below(module.as_str(), "_feed.xml")
}

/// The feed of a module, `releases` in the order of views.
///
/// It depends on the module, on when its releases were first seen, and on what the whole
/// site has in common; so it is written again when one of these changes.
pub(in super::super) fn module_feed(frame: &Frame<'_>, entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Vec<u8> {
    let title = index::title(entry);
    let place = module_place(&entry.name);
    let page = Place::module(entry.name.as_str());
    let id = Place::ours(entry.name.as_str()).url();
    let feed = Feed {
        id: format!("module:{id}"),
        title: format!("{title} · {}", entry.name),
        author: frame.title,
        place: &place,
        page: &page,
        base: frame.base,
    };
    let dates = &frame.timeline.dates;
    // The newest thirty lie on the first page.
    let entry = |release: &&ReleaseEntry| Entry {
        id: format!("release:{id}:{}", release.cid),
        title: format!("{title} {}", release.name()),
        updated: dates.updated(&entry.name, release),
        published: dates.known(&entry.name, release),
        page: &page,
        anchor: Some(anchor(release.name().as_str())),
        summary: summary(release),
    };
    let entries: Vec<Entry<'_>> = releases.iter().take(MAX_ENTRIES).map(entry).collect();
    feed.write(&entries, &dates.fallback())
}

/// What there is to say of a release, in a sentence or two.
fn summary(release: &ReleaseEntry) -> String {
    let mut text = String::new();
    if let Some(reason) = release.fact(metadata::YANKED) {
        text.push_str("Should not be used any more: ");
        text.push_str(&one_line(reason).unwrap_or_default());
        text.push_str(". ");
    }
    let items = &release.release.items;
    let named: Vec<&str> = items.keys().take(MAX_ITEMS).map(ItemLabel::as_str).collect();
    text.push_str(&counted(items.len(), "item", "items"));
    if !named.is_empty() {
        text.push_str(": ");
        text.push_str(&named.join(", "));
        if items.len() > MAX_ITEMS {
            text.push_str(", …");
        }
    }
    text.push('.');
    if let Some(toolchain) = release.fact(metadata::TOOLCHAIN).and_then(one_line) {
        text.push_str(" Built with ");
        text.push_str(&toolchain);
        text.push('.');
    }
    text
}
