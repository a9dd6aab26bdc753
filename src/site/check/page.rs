//! One page and what the rules share of it; what the rest of the check needs to know of it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::address::{self, Leads};
use super::finding::SiteFinding;
use super::tree::{Element, Tree};
use super::{SiteFiles, aria, content, head, html, landmarks, links, names, policy};
use crate::code::Code;

/// A page while its rules run.
pub(super) struct Page<'a> {
    /// The file, below the site's folder.
    pub(super) path: &'a str,
    /// What it holds.
    pub(super) tree: &'a Tree,
    /// The site that it is of.
    pub(super) site: &'a SiteFiles,
    /// Its elements by id; the first where several have one.
    pub(super) ids: HashMap<&'a str, Element<'a>>,
    /// What is found.
    pub(super) found: Found<'a>,
}

/// The findings of one file, and what it means for others.
pub(super) struct Found<'a> {
    path: &'a str,
    pub(super) findings: Vec<SiteFinding>,
    /// The ids that links want of other pages: line, page, id.
    pub(super) wanted: Vec<(u64, u32, Box<str>)>,
    /// Style sheets and scripts that it loads.
    pub(super) assets: Vec<u32>,
    /// How many links it has.
    pub(super) links: usize,
}

impl<'a> Found<'a> {
    pub(super) fn new(path: &'a str) -> Self {
        Self { path, findings: Vec::new(), wanted: Vec::new(), assets: Vec::new(), links: 0 }
    }

    /// Tells something at a line.
    pub(super) fn tell(&mut self, code: Code, line: u64, message: impl Into<String>) {
        self.findings.push(SiteFinding::new(code, self.path, line, message));
    }
}

/// What is kept of a page once it is checked.
pub(super) struct Facts {
    /// Hashes of its ids, sorted.
    pub(super) ids: Vec<u64>,
    /// The hash of its title; none of a page that only leads on.
    pub(super) title: Option<u64>,
}

/// A hash of a text, the same in every run.
pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Runs all rules on a page.
pub(super) fn check<'a>(path: &'a str, tree: &'a Tree, site: &'a SiteFiles) -> (Found<'a>, Facts) {
    let mut page = Page { path, tree, site, ids: HashMap::new(), found: Found::new(path) };
    page.gather_ids();
    for rules in [
        html::check,
        head::check,
        policy::check,
        links::check,
        landmarks::check,
        names::check,
        aria::check,
        content::check,
    ] {
        rules(&mut page);
    }
    let mut ids: Vec<u64> = page.ids.keys().map(|id| hash(id)).collect();
    ids.sort_unstable();
    let title = tree.first("title").map(Element::raw_text).unwrap_or_default();
    let title = (!page.is_redirect()).then(|| hash(title.trim()));
    (page.found, Facts { ids, title })
}

impl<'a> Page<'a> {
    fn gather_ids(&mut self) {
        for element in self.tree.elements() {
            let Some(id) = element.get("id") else { continue };
            if id.is_empty() || id.contains(char::is_whitespace) {
                self.tell(
                    Code::SiteHtmlInvalid,
                    element.line,
                    format!("the id `{}` is empty or holds a space", cut(id)),
                );
            }
            if self.ids.contains_key(id) {
                let message = format!("the id `{}` stands twice; links and labels reach only the first", cut(id));
                self.tell(Code::SiteIdRepeated, element.line, message);
            } else {
                self.ids.insert(id, element);
            }
        }
    }

    /// Tells something at a line.
    pub(super) fn tell(&mut self, code: Code, line: u64, message: impl Into<String>) {
        self.found.tell(code, line, message);
    }

    /// Whether all that the page does is to lead to another one.
    pub(super) fn is_redirect(&self) -> bool {
        self.tree.elements().any(|element| element.is("meta") && element.says("http-equiv", "refresh"))
    }

    /// Where a link of this page leads.
    pub(super) fn leads(&self, link: &str) -> Leads {
        address::read(link, self.path, self.site.base.as_ref())
    }
}

/// The beginning of a text, for a message.
pub(super) fn cut(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
