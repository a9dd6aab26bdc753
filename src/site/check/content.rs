//! Content: tables with headers, dates, and the way of the keyboard.

use std::collections::BTreeSet;

use super::page::{Page, cut};
use super::tree::Element;
use crate::code::Code;
use crate::site::check::moment;

pub(super) fn check(page: &mut Page<'_>) {
    let mut keys = BTreeSet::new();
    for element in page.tree.elements() {
        table(page, element);
        time(page, element);
        focus(page, element);
        if let Some(key) = element.get("accesskey")
            && !keys.insert(key)
        {
            page.tell(Code::SiteFocusOrder, element.line, format!("two elements have the `accesskey` `{}`", cut(key)));
        }
    }
}

fn table(page: &mut Page<'_>, element: Element<'_>) {
    let is_layout = element.says("role", "presentation") || element.says("role", "none");
    if element.is("table") && !is_layout && !element.descendants().any(|inner| inner.is("th")) {
        page.tell(Code::SiteTableHeaders, element.line, "the table has no `<th>`; name its columns or rows");
    }
    if !element.is("th") {
        return;
    }
    if !element.get("scope").is_some_and(|scope| matches!(scope, "col" | "row" | "colgroup" | "rowgroup")) {
        page.tell(Code::SiteTableHeaders, element.line, "`<th>` has no `scope`; write `col` or `row`");
    }
    if element.spoken().is_empty() && element.get("aria-label").is_none() {
        page.tell(Code::SiteTableHeaders, element.line, "`<th>` has no text; use `<td>` for an empty corner");
    }
}

fn time(page: &mut Page<'_>, element: Element<'_>) {
    if !element.is("time") {
        return;
    }
    let text = element.get("datetime").map_or_else(|| element.raw_text(), str::to_owned);
    if !moment::is_moment(text.trim()) {
        let message = format!("`<time>` says `{}`; write `2026-08-22` or `2026-08-22T10:00:00Z`", cut(&text));
        page.tell(Code::SiteTimeInvalid, element.line, message);
    }
}

/// Whether the keyboard stops at an element.
fn takes_focus(element: Element<'_>) -> bool {
    if element.get("tabindex").and_then(|index| index.trim().parse::<i64>().ok()).is_some_and(|index| index < 0) {
        return false;
    }
    is_pressed(element) || element.is("summary") || element.get("tabindex").is_some()
}

/// Whether an element is there to be pressed or filled in.
fn is_pressed(element: Element<'_>) -> bool {
    let is_field = element.is_one_of(&["button", "select", "textarea", "iframe"]);
    let is_link = element.is_one_of(&["a", "area"]) && element.get("href").is_some();
    is_field || is_link || element.is("input") && !element.says("type", "hidden")
}

fn focus(page: &mut Page<'_>, element: Element<'_>) {
    match element.get("tabindex").map(|index| index.trim().parse::<i64>()) {
        Some(Ok(1..)) => {
            page.tell(Code::SiteFocusOrder, element.line, "a `tabindex` above 0 changes the order; write 0");
        }
        Some(Err(_)) => page.tell(Code::SiteHtmlInvalid, element.line, "`tabindex` is no number"),
        _ => {}
    }
    let is_hidden = |element: Element<'_>| element.says("aria-hidden", "true");
    if takes_focus(element) && (is_hidden(element) || element.ancestors().any(is_hidden)) {
        let message = format!("`<{}>` takes the focus and is hidden from those who listen", element.name());
        page.tell(Code::SiteFocusOrder, element.line, message);
    }
    let holder = element.ancestors().find(|above| above.is("a") && above.get("href").is_some() || above.is("button"));
    if let Some(holder) = holder.filter(|_| is_pressed(element)) {
        let message = format!("`<{}>` lies in `<{}>`, which is pressed itself", element.name(), holder.name());
        page.tell(Code::SiteFocusOrder, element.line, message);
    }
}
