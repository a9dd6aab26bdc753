//! Pages that one can point to for ever, where a host has room for so many files: a release
//! by its name, and a module, release or replay by its CID.
//!
//! What they show is of one module alone, as it stands on that module's page.

use serde::Serialize;

use super::frame::Frame;
use super::index;
use super::links::{Place, anchor};
use super::pages::{Head, Link, ReleaseSection};
use super::release_section::{Beside, Sections};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::WarpforgeCid;

/// The page of a release.
#[derive(Debug, Serialize)]
pub(super) struct ReleasePage {
    head: Head,
    title: String,
    module: Link,
    release: ReleaseSection,
}

/// Makes the page of a release, with the files that it needs beside it.
pub(super) fn release_page(
    frame: &Frame<'_>,
    entry: &ModuleEntry,
    release: &ReleaseEntry,
    is_latest: bool,
) -> (Place, ReleasePage, Vec<Beside>) {
    let place = Place::release(&entry.name, release.name());
    let title = format!("{} {}", index::title(entry), release.name());
    let mut sections = Sections { index: frame.index, entry, place: &place, beside: Vec::new() };
    let section = sections.section(release, frame.index.release(&entry.name, release.name()), is_latest);
    let mut crumbs = frame.crumbs(&place, entry.name.as_str(), true);
    crumbs.push(Link { text: release.name().to_string(), href: None });
    let described =
        format!("The release {} of {}: its items, what it needs and where it is.", release.name(), entry.name);
    let head = Head {
        data: Some(place.link(&Place::module_data(&entry.name))),
        ..frame.head(&place, &format!("{title} · {}", entry.name), &described, crumbs)
    };
    let page = ReleasePage { head, title, module: module(entry, &place), release: section };
    (place.clone(), page, sections.beside)
}

fn module(entry: &ModuleEntry, from: &Place) -> Link {
    Link { text: entry.name.to_string(), href: Some(from.link(&Place::module(entry.name.as_str()))) }
}

/// The page of a CID.
#[derive(Debug, Serialize)]
pub(super) struct CidPage {
    head: Head,
    cid: String,
    /// `module`, `release` or `replay`.
    kind: &'static str,
    is: Link,
    module: Link,
}

/// Makes the pages of all CIDs that a module names; `releases` in the order of views.
pub(super) fn cid_pages(frame: &Frame<'_>, entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Vec<(Place, CidPage)> {
    let whole = Place::module(entry.name.as_str());
    let mut pages = vec![cid_page(frame, entry, &entry.cid, ("module", entry.name.to_string(), &whole, None))];
    for (at, release) in releases.iter().enumerate() {
        let page = Place::older(&entry.name, at / index::RELEASES_A_PAGE);
        let text = format!("{}:{}", entry.name, release.name());
        let id = anchor(release.name().as_str());
        pages.push(cid_page(frame, entry, &release.cid, ("release", text, &page, Some(id))));
    }
    for cid in entry.replays.keys() {
        pages.push(cid_page(frame, entry, cid, ("replay", cid.to_string(), &Place::replay(&entry.name, cid), None)));
    }
    pages
}

fn cid_page(
    frame: &Frame<'_>,
    entry: &ModuleEntry,
    cid: &WarpforgeCid,
    (kind, text, page, id): (&'static str, String, &Place, Option<String>),
) -> (Place, CidPage) {
    let place = Place::cid(cid);
    let id = id.map(|id| format!("#{id}")).unwrap_or_default();
    let crumbs = vec![frame.home_crumb(&place), Link { text: cid.to_string(), href: None }];
    let head = Head {
        data: Some(place.link(&Place::module_data(&entry.name))),
        ..frame.head(&place, &cid.to_string(), &format!("{cid} is a {kind} of {}.", entry.name), crumbs)
    };
    let is = Link { text, href: Some(format!("{}{id}", place.link(page))) };
    let page = CidPage { head, cid: cid.to_string(), kind, is, module: module(entry, &place) };
    (place, page)
}
