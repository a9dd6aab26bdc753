//! The parts of a page that people jump between: headings, landmarks, the skip link.

use std::collections::BTreeSet;

use super::address::Leads;
use super::names;
use super::page::Page;
use super::tree::Element;
use crate::code::Code;

/// What a `header`, `footer` or `aside` belongs to, when it lies in it: then it is no
/// landmark of the page.
const SECTIONS: &[&str] = &["article", "aside", "main", "nav", "section"];

pub(super) fn check(page: &mut Page<'_>) {
    headings(page);
    main(page);
    ends(page);
    told_apart(page);
    skip_link(page);
    outside(page);
}

/// The level of a heading.
fn level(element: Element<'_>) -> Option<u32> {
    if element.says("role", "heading") {
        return element.get("aria-level").and_then(|level| level.parse().ok());
    }
    let is_heading = element.is_one_of(&["h1", "h2", "h3", "h4", "h5", "h6"]) && element.get("role").is_none();
    is_heading.then(|| element.name()[1..].parse().ok()).flatten()
}

fn headings(page: &mut Page<'_>) {
    let tree = page.tree;
    let mut last = 0;
    let mut first_level = 0;
    for element in tree.elements() {
        let Some(level) = level(element) else { continue };
        first_level += u32::from(level == 1);
        if level > last + 1 {
            let message = format!("a heading of level {level} follows one of level {last}; leave none out");
            page.tell(Code::SiteHeadingOrder, element.line, message);
        }
        last = level;
    }
    if first_level != 1 {
        page.tell(
            Code::SiteHeadingOrder,
            1,
            format!("the page has {first_level} headings `h1`, and needs exactly one"),
        );
    }
}

/// The landmark that an element is, if any.
fn landmark(element: Element<'_>) -> Option<&'static str> {
    let belongs_to_page = || !element.ancestors().any(|above| above.is_one_of(SECTIONS));
    let has_label = || element.get("aria-label").is_some() || element.get("aria-labelledby").is_some();
    let role = element.get("role").unwrap_or_default();
    let known = ["main", "banner", "contentinfo", "navigation", "complementary", "search", "region", "form"];
    if let Some(role) = known.into_iter().find(|known| *known == role) {
        return Some(role);
    }
    match element.name() {
        _ if !role.is_empty() || !element.is_html() => None,
        "main" => Some("main"),
        "header" if belongs_to_page() => Some("banner"),
        "footer" if belongs_to_page() => Some("contentinfo"),
        "nav" => Some("navigation"),
        "aside" => Some("complementary"),
        "search" => Some("search"),
        "section" if has_label() => Some("region"),
        _ => None,
    }
}

fn main(page: &mut Page<'_>) {
    let mains: Vec<Element<'_>> = page.tree.elements().filter(|element| landmark(*element) == Some("main")).collect();
    if mains.len() != 1 {
        page.tell(Code::SiteLandmarks, 1, format!("the page has {} `<main>`, and needs exactly one", mains.len()));
    }
    for main in mains {
        if main.ancestors().any(|above| landmark(above).is_some()) {
            page.tell(Code::SiteLandmarks, main.line, "`<main>` lies within another landmark");
        }
    }
}

/// What every page begins and ends with, once.
fn ends(page: &mut Page<'_>) {
    if page.is_redirect() {
        return;
    }
    for (kind, name) in [("banner", "header"), ("contentinfo", "footer")] {
        let number = page.tree.elements().filter(|element| landmark(*element) == Some(kind)).count();
        if number != 1 {
            page.tell(
                Code::SiteLandmarks,
                1,
                format!("the page has {number} `<{name}>` of its own, and needs exactly one"),
            );
        }
    }
}

/// Several landmarks of a kind have names of their own.
fn told_apart(page: &mut Page<'_>) {
    let tree = page.tree;
    for kind in ["navigation", "complementary", "search", "form"] {
        let all: Vec<Element<'_>> = tree.elements().filter(|element| landmark(*element) == Some(kind)).collect();
        if all.len() < 2 {
            continue;
        }
        let mut seen = BTreeSet::new();
        for element in all {
            let name = names::label(page, element);
            if name.is_empty() {
                let message = format!("`<{}>` is one of several and has no `aria-label`", element.name());
                page.tell(Code::SiteLandmarks, element.line, message);
            } else if !seen.insert(name.clone()) {
                let message = format!("two `<{}>` have the name `{}`", element.name(), super::page::cut(&name));
                page.tell(Code::SiteLandmarks, element.line, message);
            }
        }
    }
}

/// The first link of a page leads to its content.
fn skip_link(page: &mut Page<'_>) {
    if page.is_redirect() {
        return;
    }
    let tree = page.tree;
    let first = tree.elements().find(|element| element.is("a") && element.get("href").is_some());
    let target = first.and_then(|link| link.get("href")).and_then(|href| match page.leads(href) {
        Leads::Here(here) if here.path == page.path && href.starts_with('#') => here.fragment,
        _ => None,
    });
    let target = target.and_then(|id| page.ids.get(id.as_str()).copied());
    let is_content = |element: Element<'_>| landmark(element) == Some("main");
    if !target.is_some_and(|target| is_content(target) || target.ancestors().any(is_content)) {
        let line = first.map_or(1, |link| link.line);
        page.tell(Code::SiteLandmarks, line, "the first link does not skip to the content in `<main>`");
    }
}

/// All text lies in a landmark, so that none is passed over.
fn outside(page: &mut Page<'_>) {
    let tree = page.tree;
    let is_text = |element: &Element<'_>| {
        element.is_html()
            && element.has_own_text()
            && !element.is_one_of(&["script", "style", "template", "title", "noscript", "option"])
    };
    let is_skip =
        |element: Element<'_>| element.is("a") && element.get("href").is_some_and(|href| href.starts_with('#'));
    let is_fine = |element: Element<'_>| {
        landmark(element).is_some()
            || is_skip(element)
            || element.is("dialog")
            || element.get("hidden").is_some()
            || ["alert", "status", "log", "dialog"].iter().any(|role| element.says("role", role))
            || element.get("aria-live").is_some()
    };
    let lost = tree.elements().filter(is_text).find(|element| !is_fine(*element) && !element.ancestors().any(is_fine));
    if let Some(element) = lost {
        let message = format!("the text of `<{}>` lies in no landmark; put it in `<main>`", element.name());
        page.tell(Code::SiteLandmarks, element.line, message);
    }
}
