//! XML files: feeds, sitemaps, drawings, and what else there is.

use std::collections::BTreeSet;

use roxmltree::{Document, Node, ParsingOptions};

use super::SiteFiles;
use super::address::{self, Leads};
use super::data::whole_address;
use super::moment;
use super::page::{Found, cut};
use crate::code::Code;

/// Most addresses of one sitemap (sitemaps.org).
const SITEMAP_URLS: usize = 50_000;

/// Checks an XML file by what its root says it is.
pub(super) fn check(text: &str, path: &str, site: &SiteFiles, found: &mut Found<'_>) {
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => {
            let line = u64::from(error.pos().row);
            return found.tell(Code::SiteXmlInvalid, line, format!("it is not XML: {error}"));
        }
    };
    let root = document.root_element();
    match root.tag_name().name() {
        "urlset" | "sitemapindex" => sitemap(root, site, found),
        "feed" => feed(root, path, site, found),
        "svg" => drawing(root, path, site, found),
        _ => {}
    }
}

fn line(node: Node<'_, '_>) -> u64 {
    u64::from(node.document().text_pos_at(node.range().start).row)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == name)
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

/// A sitemap or the list of them: whole addresses of files that are there.
fn sitemap(root: Node<'_, '_>, site: &SiteFiles, found: &mut Found<'_>) {
    if root.tag_name().namespace() != Some("http://www.sitemaps.org/schemas/sitemap/0.9") {
        found.tell(Code::SiteXmlInvalid, 1, "the sitemap is not in the namespace of sitemaps");
    }
    let entries: Vec<Node<'_, '_>> = root.children().filter(Node::is_element).collect();
    if entries.len() > SITEMAP_URLS {
        let message = format!("the sitemap has {} addresses, and may have {SITEMAP_URLS}; split it", entries.len());
        found.tell(Code::SiteXmlInvalid, 1, message);
    }
    // The place of a node is found by counting lines, so it is asked for faults alone.
    for entry in entries {
        let mut told = Found::new("");
        match child(entry, "loc") {
            Some(loc) => whole_address(text(loc), 0, site, &mut told),
            None => told.tell(Code::SiteXmlInvalid, 0, "an entry has no `loc`"),
        }
        if let Some(changed) = child(entry, "lastmod")
            && !(moment::is_date(text(changed)) || moment::is_instant(text(changed)))
        {
            told.tell(Code::SiteXmlInvalid, 0, format!("`lastmod` is no date: `{}`", cut(text(changed))));
        }
        for finding in told.findings {
            found.tell(finding.code, line(entry), finding.message);
        }
    }
}

/// An Atom feed (RFC 4287): what it and each entry must have, ids once, links that lead
/// somewhere.
fn feed(root: Node<'_, '_>, path: &str, site: &SiteFiles, found: &mut Found<'_>) {
    if root.tag_name().namespace() != Some("http://www.w3.org/2005/Atom") {
        found.tell(Code::SiteXmlInvalid, 1, "the feed is not in the namespace of Atom");
    }
    let has_author = child(root, "author").is_some();
    let mut ids = BTreeSet::new();
    let entries = root.children().filter(|child| child.tag_name().name() == "entry");
    for part in std::iter::once(root).chain(entries) {
        for name in ["id", "title", "updated"] {
            if child(part, name).is_none_or(|node| text(node).is_empty()) {
                found.tell(Code::SiteXmlInvalid, line(part), format!("`{}` has no `{name}`", part.tag_name().name()));
            }
        }
        if let Some(updated) = child(part, "updated").filter(|node| !moment::is_instant(text(*node))) {
            let message = format!("`updated` is no instant with its zone: `{}`", cut(text(updated)));
            found.tell(Code::SiteXmlInvalid, line(updated), message);
        }
        if let Some(id) = child(part, "id").filter(|id| !ids.insert(text(*id))) {
            found.tell(Code::SiteXmlInvalid, line(id), format!("the id `{}` stands twice", cut(text(id))));
        }
        if !has_author && part != root && child(part, "author").is_none() {
            found.tell(Code::SiteXmlInvalid, line(part), "neither the feed nor the entry has an `author`");
        }
        for link in part.children().filter(|child| child.tag_name().name() == "link") {
            reference(link, path, site, found);
        }
    }
}

/// A drawing: nothing in it runs, and nothing is fetched from elsewhere.
fn drawing(root: Node<'_, '_>, path: &str, site: &SiteFiles, found: &mut Found<'_>) {
    for node in root.descendants().filter(Node::is_element) {
        if matches!(node.tag_name().name(), "script" | "foreignObject" | "handler") {
            found.tell(Code::SiteXmlInvalid, line(node), format!("a drawing has no `{}`", node.tag_name().name()));
        }
        if let Some(attribute) = node.attributes().find(|attribute| attribute.name().starts_with("on")) {
            found.tell(Code::SiteXmlInvalid, line(node), format!("`{}` would run something", attribute.name()));
        }
        reference(node, path, site, found);
    }
}

/// The `href` of a feed's link or of something in a drawing.
fn reference(node: Node<'_, '_>, path: &str, site: &SiteFiles, found: &mut Found<'_>) {
    let Some(href) = node.attributes().find(|attribute| attribute.name() == "href") else { return };
    let (href, shown) = (href.value(), cut(href.value()));
    let is_followed = matches!(node.tag_name().name(), "link" | "a");
    match address::read(href, path, site.base.as_ref()) {
        Leads::Here(here) if site.find(&here.path).is_some() => {}
        Leads::Here(here) => {
            let message = format!("`{shown}` leads to `{}`, which is not there", cut(&here.path));
            found.tell(Code::SiteLinkBroken, line(node), message);
        }
        Leads::Away if !is_followed => {
            found.tell(Code::SiteRequestForeign, line(node), format!("it fetches `{shown}` from another host"));
        }
        Leads::Data if node.tag_name().name() == "image" => {}
        Leads::Away | Leads::Mail => {}
        Leads::Data => found.tell(Code::SiteLinkUnsafe, line(node), "a link of the scheme `data`"),
        Leads::Scheme(scheme) => {
            found.tell(Code::SiteLinkUnsafe, line(node), format!("a link of the scheme `{scheme}`"));
        }
        Leads::Outside => found.tell(Code::SiteLinkOutside, line(node), format!("`{shown}` leads out of the site")),
        Leads::Invalid(reason) => {
            found.tell(Code::SiteLinkInvalid, line(node), format!("`{shown}` is no URL: {reason}"));
        }
    }
}
