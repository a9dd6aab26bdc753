//! Policy: no script or style of the page's own, and a content security policy that says so.

use super::page::{Page, cut};
use super::tree::Element;
use crate::code::Code;

/// Types of script elements that hold data and are never run.
const DATA: &[&str] = &["application/ld+json", "application/json"];

pub(super) fn check(page: &mut Page<'_>) {
    for element in page.tree.elements() {
        inline(page, element);
        data_block(page, element);
    }
    policy(page);
}

fn inline(page: &mut Page<'_>, element: Element<'_>) {
    let is_data = element.get("type").is_some_and(|kind| DATA.contains(&kind.to_ascii_lowercase().as_str()));
    if element.name() == "style" || element.name() == "script" && element.get("src").is_none() && !is_data {
        let message = format!("`<{}>` in the page; move it to a file of the site", element.name());
        page.tell(Code::SiteInlineCode, element.line, message);
    }
    for (name, _) in element.attributes() {
        if name.starts_with("on") || name == "style" || name == "srcdoc" {
            let message = format!("`{}` of `<{}>`; move it to a file of the site", cut(name), element.name());
            page.tell(Code::SiteInlineCode, element.line, message);
        }
    }
}

fn data_block(page: &mut Page<'_>, element: Element<'_>) {
    let is_data = element.is("script") && element.get("type").is_some_and(|kind| DATA.contains(&kind));
    if is_data && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&element.raw_text()) {
        page.tell(Code::SiteDataInvalid, element.line, format!("the data block is not JSON: {error}"));
    }
}

fn policy(page: &mut Page<'_>) {
    let tree = page.tree;
    let is_policy = |element: &Element<'_>| element.is("meta") && element.says("http-equiv", "content-security-policy");
    let governed = |element: &Element<'_>| element.is("script") || element.is("link") || element.is("style");
    let Some(meta) = tree.elements().find(is_policy) else {
        return page.tell(Code::SitePolicyMissing, 1, "the head has no `Content-Security-Policy`");
    };
    if tree.elements().find(|element| is_policy(element) || governed(element)) != Some(meta) {
        page.tell(Code::SitePolicyMissing, meta.line, "the policy stands after what it governs; put it first");
    }
    let text = meta.get("content").unwrap_or_default();
    let directives: Vec<&str> = text.split(';').map(str::trim).collect();
    let has = |name: &str| directives.iter().any(|directive| directive.split_whitespace().next() == Some(name));
    for name in ["default-src", "base-uri", "form-action"] {
        if !has(name) {
            page.tell(Code::SitePolicyMissing, meta.line, format!("the policy has no `{name}`"));
        }
    }
    for source in directives.iter().flat_map(|directive| directive.split_whitespace().skip(1)) {
        if !matches!(source, "'none'" | "'self'" | "data:") {
            page.tell(Code::SitePolicyMissing, meta.line, format!("the policy lets `{}` through", cut(source)));
        }
    }
}
