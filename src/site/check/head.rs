//! The head of a page: its encoding, language, title and viewport.

use super::page::{Page, cut};
use super::tree::Element;
use crate::code::Code;

pub(super) fn check(page: &mut Page<'_>) {
    language(page);
    encoding(page);
    title(page);
    viewport(page);
}

fn language(page: &mut Page<'_>) {
    let tree = page.tree;
    for element in tree.elements() {
        let Some(lang) = element.get("lang") else { continue };
        if !is_language(lang) {
            let message = format!("`lang=\"{}\"` is no language tag; write `en` or the like", cut(lang));
            page.tell(Code::SiteLanguageMissing, element.line, message);
        }
    }
    let root = tree.first("html");
    if root.is_none_or(|root| root.get("lang").is_none()) {
        page.tell(Code::SiteLanguageMissing, 1, "`<html>` has no `lang`");
    }
}

/// Whether a text looks as language tags do: letters first, then parts of up to eight
/// letters and digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()) && parts.all(is_part)
}

fn metas<'a>(page: &Page<'a>) -> impl Iterator<Item = Element<'a>> {
    page.tree.elements().filter(|element| element.is("meta"))
}

fn encoding(page: &mut Page<'_>) {
    let said = metas(page).find_map(|meta| meta.get("charset"));
    if !said.is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8")) {
        page.tell(Code::SiteHtmlInvalid, 1, "the head has no `<meta charset=\"utf-8\">`");
    }
}

fn title(page: &mut Page<'_>) {
    let titles: Vec<Element<'_>> = page.tree.elements().filter(|element| element.is("title")).collect();
    match titles.as_slice() {
        [title] if title.parent().is_some_and(|parent| parent.is("head")) && !title.raw_text().trim().is_empty() => {}
        _ => page.tell(Code::SiteHtmlInvalid, 1, "the head has not exactly one `<title>` with text"),
    }
}

/// The page fits a phone, and can be made larger.
fn viewport(page: &mut Page<'_>) {
    let Some(meta) = metas(page).find(|meta| meta.says("name", "viewport")) else {
        return page.tell(Code::SiteHtmlInvalid, 1, "the head has no `<meta name=\"viewport\">`");
    };
    let content = meta.get("content").unwrap_or_default().to_ascii_lowercase();
    let said = |key: &str| {
        let pairs = content.split([',', ';']).filter_map(|part| part.split_once('='));
        pairs.into_iter().find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    let is_fixed = said("user-scalable").is_some_and(|value| value == "no" || value == "0");
    let is_small = said("maximum-scale").is_some_and(|value| value.parse::<f32>().is_ok_and(|scale| scale < 2.0));
    if is_fixed || is_small {
        page.tell(Code::SiteHtmlInvalid, meta.line, "the viewport forbids to enlarge the page");
    }
}
