//! Names: what is used or seen can be told by those who do not see it.
//!
//! This is the part of "Accessible Name and Description Computation" that our pages use:
//! `aria-labelledby`, `aria-label`, what HTML gives (labels, `alt`, `title` of drawings),
//! the content, `title`.

use super::page::{Page, cut};
use super::tree::Element;
use crate::code::Code;

/// Roles that must have a name, beside the elements that have one by themselves.
const NAMED_ROLES: &[&str] = &[
    "alertdialog",
    "button",
    "checkbox",
    "combobox",
    "dialog",
    "figure",
    "graphics-document",
    "grid",
    "heading",
    "img",
    "link",
    "listbox",
    "menuitem",
    "meter",
    "option",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "searchbox",
    "slider",
    "spinbutton",
    "switch",
    "tab",
    "table",
    "tabpanel",
    "textbox",
    "tree",
    "treeitem",
];

/// Roles whose name is what they hold.
const NAMED_BY_CONTENT: &[&str] = &[
    "button",
    "cell",
    "checkbox",
    "columnheader",
    "gridcell",
    "heading",
    "link",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "option",
    "radio",
    "row",
    "rowheader",
    "switch",
    "tab",
    "tooltip",
    "treeitem",
];

/// Texts that do not say where a link leads.
const VAGUE: &[&str] = &[
    "click here",
    "details",
    "here",
    "learn more",
    "link",
    "more",
    "read more",
    "see here",
    "this",
    "this link",
    "this page",
];

pub(super) fn check(page: &mut Page<'_>) {
    for element in page.tree.elements() {
        named(page, element);
        image(page, element);
        link_text(page, element);
        label_of_something(page, element);
    }
}

/// The name that an author gave an element by `aria-labelledby` or `aria-label`.
pub(super) fn label(page: &Page<'_>, element: Element<'_>) -> String {
    let by = element.get("aria-labelledby").unwrap_or_default();
    let parts = by.split_whitespace().filter_map(|id| page.ids.get(id)).map(|target| {
        let said = target.get("aria-label").map(str::to_owned);
        said.unwrap_or_else(|| target.spoken())
    });
    let joined = parts.collect::<Vec<_>>().join(" ");
    let joined = joined.trim();
    if joined.is_empty() { element.get("aria-label").unwrap_or_default().trim().to_owned() } else { joined.to_owned() }
}

/// The name of an element, from whatever gives it one.
fn name(page: &Page<'_>, element: Element<'_>) -> String {
    let label = label(page, element);
    if !label.is_empty() {
        return label;
    }
    let native = native(page, element);
    if !native.trim().is_empty() {
        return native.trim().to_owned();
    }
    element.get("title").unwrap_or_default().trim().to_owned()
}

/// The name that HTML gives an element.
fn native(page: &Page<'_>, element: Element<'_>) -> String {
    let inner = |name: &str| element.children().find(|child| child.name() == name).map(Element::spoken);
    let attribute = |name: &str| element.get(name).unwrap_or_default().to_owned();
    match element.name() {
        "img" | "area" => attribute("alt"),
        "input" => match element.get("type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "image" => attribute("alt"),
            "submit" | "reset" if element.get("value").is_none() => "by default".into(),
            "submit" | "reset" | "button" => attribute("value"),
            _ => labels(page, element),
        },
        "select" | "textarea" | "meter" | "progress" | "output" => labels(page, element),
        "button" => {
            let said = element.spoken();
            if said.is_empty() { labels(page, element) } else { said }
        }
        "svg" => inner("title").unwrap_or_default(),
        "fieldset" => inner("legend").unwrap_or_default(),
        "table" => inner("caption").unwrap_or_default(),
        "figure" => inner("figcaption").unwrap_or_default(),
        "iframe" | "dialog" => String::new(),
        _ if element.get("role").is_some_and(|role| !NAMED_BY_CONTENT.contains(&role)) => String::new(),
        _ => {
            // A drawing in a link or button names it by its title.
            let drawn = || element.descendants().find(|inner| inner.name() == "title" && !inner.is_html());
            let said = element.spoken();
            if said.is_empty() { drawn().map(Element::raw_text).unwrap_or_default() } else { said }
        }
    }
}

/// What the labels of a field say.
fn labels(page: &Page<'_>, element: Element<'_>) -> String {
    let around = element.ancestors().find(|above| above.is("label"));
    let id = element.get("id");
    let is_for = |label: &Element<'_>| label.is("label") && id.is_some() && label.get("for") == id;
    let mut said = around.map(Element::spoken).unwrap_or_default();
    for label in page.tree.elements().filter(is_for) {
        said.push_str(&label.spoken());
    }
    said
}

/// Whether an element must have a name.
fn needs_name(element: Element<'_>) -> bool {
    if element.says("aria-hidden", "true") || element.ancestors().any(|above| above.says("aria-hidden", "true")) {
        return false;
    }
    if let Some(role) = element.get("role") {
        return NAMED_ROLES.contains(&role);
    }
    match element.name() {
        _ if !element.is_html() => false,
        "a" | "area" => element.get("href").is_some(),
        "input" => !element.says("type", "hidden"),
        "button" | "select" | "textarea" | "summary" | "meter" | "progress" | "iframe" | "dialog" => true,
        "option" => element.get("label").is_none(),
        "fieldset" | "figcaption" | "legend" | "label" | "caption" => true,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => true,
        _ => false,
    }
}

fn named(page: &mut Page<'_>, element: Element<'_>) {
    if !needs_name(element) || !name(page, element).is_empty() {
        return;
    }
    let how = match element.name() {
        "input" | "select" | "textarea" => "give it a `<label for>`",
        "svg" | "img" => "give it a title or `alt`",
        "iframe" | "section" | "div" | "pre" | "dialog" => "give it `aria-label` or `aria-labelledby`",
        _ => "write text in it, or give it `aria-label`",
    };
    page.tell(Code::SiteNameMissing, element.line, format!("`<{}>` has no name; {how}", element.name()));
}

/// An image says what it shows, or that it shows nothing.
fn image(page: &mut Page<'_>, element: Element<'_>) {
    let is_decoration = element.says("role", "presentation") || element.says("role", "none");
    let is_hidden = |element: Element<'_>| element.says("aria-hidden", "true");
    if element.is("img") && element.get("alt").is_none() && !is_decoration {
        page.tell(Code::SiteNameMissing, element.line, "`<img>` has no `alt`; write `alt=\"\"` if it shows nothing");
    }
    let is_drawing = element.name() == "svg" && !element.is_html();
    let is_inner = element.ancestors().any(|above| above.name() == "svg" || is_hidden(above));
    if is_drawing && !is_inner && !is_hidden(element) && !is_decoration && element.get("role").is_none() {
        let message = "`<svg>` needs `role=\"img\"` and a name, or `aria-hidden=\"true\"`";
        page.tell(Code::SiteNameMissing, element.line, message);
    }
}

fn link_text(page: &mut Page<'_>, element: Element<'_>) {
    if !element.is("a") || element.get("href").is_none() {
        return;
    }
    let said = name(page, element).to_lowercase();
    let words = said.trim_end_matches(['.', '…', '»', '>', ' ', ':']);
    if VAGUE.contains(&words) && !leads_to(element.get("href").unwrap_or_default(), words) {
        page.tell(Code::SiteLinkVague, element.line, format!("a link says `{}`; say where it leads", cut(words)));
    }
}

/// Whether a link leads to what is called so: software may be named `here`.
fn leads_to(href: &str, name: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|segment| segment.eq_ignore_ascii_case(name))
}

/// A label is of something that can be labelled.
fn label_of_something(page: &mut Page<'_>, element: Element<'_>) {
    if !element.is("label") {
        return;
    }
    let is_field = |element: Element<'_>| {
        element.is_one_of(&["button", "input", "meter", "output", "progress", "select", "textarea"])
            && !element.says("type", "hidden")
    };
    let is_of_something = match element.get("for") {
        Some(id) => page.ids.get(id).is_some_and(|target| is_field(*target)),
        None => element.descendants().any(is_field),
    };
    if !is_of_something {
        let message = "`<label>` is the label of nothing; name the `id` of a field with `for`";
        page.tell(Code::SiteNameMissing, element.line, message);
    }
}
