//! Writes Atom.

use super::super::links::{Base, Place};
use super::super::safe::escape;
use crate::model::Moment;

/// Who mints the ids. No domain is ours, and what a name of another's domain, or of the
/// host that a site has today, would say is not true for ever; `.invalid` is nobody's.
const AUTHORITY: &str = "tag:warecat.invalid,2026:";

/// A feed without its entries.
pub(super) struct Feed<'a> {
    /// What makes its id: a kind and names, already fit for a URL.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) author: &'a str,
    /// The feed's own file.
    pub(super) place: &'a Place,
    /// The page that shows the same.
    pub(super) page: &'a Place,
    pub(super) base: Option<&'a Base>,
}

/// An entry of a feed.
pub(super) struct Entry<'a> {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) updated: Moment,
    pub(super) published: Option<Moment>,
    /// The page that says more, and a part of it.
    pub(super) page: &'a Place,
    pub(super) anchor: Option<String>,
    pub(super) summary: String,
}

impl Feed<'_> {
    /// The feed's text; `updated` counts where it has no entry.
    pub(super) fn write(&self, entries: &[Entry<'_>], updated: &Moment) -> Vec<u8> {
        let updated = entries.iter().map(|entry| &entry.updated).max().unwrap_or(updated);
        let mut out = Vec::with_capacity(512 + entries.len() * 640);
        out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.extend_from_slice(b"<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n");
        element(&mut out, "id", &format!("{AUTHORITY}{}", self.id));
        element(&mut out, "title", &titled(&self.title));
        element(&mut out, "updated", updated.as_str());
        out.extend_from_slice(b"<author>");
        element(&mut out, "name", &titled(self.author));
        out.extend_from_slice(b"</author>\n");
        if let Some(own) = self.base.and_then(|base| base.absolute(self.place)) {
            link(&mut out, "self", "application/atom+xml", &own);
        }
        link(&mut out, "alternate", "text/html", &self.href(self.page, None));
        for entry in entries {
            self.entry(&mut out, entry);
        }
        out.extend_from_slice(b"</feed>\n");
        out
    }

    fn entry(&self, out: &mut Vec<u8>, entry: &Entry<'_>) {
        out.extend_from_slice(b"<entry>\n");
        element(out, "id", &format!("{AUTHORITY}{}", entry.id));
        element(out, "title", &titled(&entry.title));
        element(out, "updated", entry.updated.as_str());
        if let Some(published) = &entry.published {
            element(out, "published", published.as_str());
        }
        link(out, "alternate", "text/html", &self.href(entry.page, entry.anchor.as_deref()));
        element(out, "summary", &entry.summary);
        out.extend_from_slice(b"</entry>\n");
    }

    /// Absolute where the site's address is known, else relative to the feed.
    fn href(&self, page: &Place, anchor: Option<&str>) -> String {
        let mut href = self.base.and_then(|base| base.absolute(page)).unwrap_or_else(|| self.place.link(page));
        if let Some(anchor) = anchor {
            href.push('#');
            href.push_str(anchor);
        }
        href
    }
}

/// A title says something, whatever upstream wrote.
fn titled(text: &str) -> String {
    super::super::words::one_line(text).unwrap_or_else(|| "untitled".into())
}

fn element(out: &mut Vec<u8>, name: &str, text: &str) {
    out.extend_from_slice(format!("<{name}>").as_bytes());
    push(out, text);
    out.extend_from_slice(format!("</{name}>\n").as_bytes());
}

fn link(out: &mut Vec<u8>, rel: &str, kind: &str, href: &str) {
    out.extend_from_slice(format!("<link rel=\"{rel}\" type=\"{kind}\" href=\"").as_bytes());
    push(out, href);
    out.extend_from_slice(b"\"/>\n");
}

fn push(out: &mut Vec<u8>, text: &str) {
    escape(text, out).expect("a vector takes all that is written to it");
}
