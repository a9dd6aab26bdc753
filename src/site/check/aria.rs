//! Roles and `aria-` attributes of WAI-ARIA 1.2: that they exist, have values that they can
//! have, and name what is there.

use super::page::{Page, cut};
use super::tree::Element;
use crate::code::Code;

/// Every role that an author may write, with those of `graphics-aria`.
const ROLES: &[&str] = &[
    "alert",
    "alertdialog",
    "application",
    "article",
    "banner",
    "blockquote",
    "button",
    "caption",
    "cell",
    "checkbox",
    "code",
    "columnheader",
    "combobox",
    "complementary",
    "contentinfo",
    "definition",
    "deletion",
    "dialog",
    "document",
    "emphasis",
    "feed",
    "figure",
    "form",
    "generic",
    "graphics-document",
    "graphics-object",
    "graphics-symbol",
    "grid",
    "gridcell",
    "group",
    "heading",
    "img",
    "insertion",
    "link",
    "list",
    "listbox",
    "listitem",
    "log",
    "main",
    "marquee",
    "math",
    "menu",
    "menubar",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "meter",
    "navigation",
    "none",
    "note",
    "option",
    "paragraph",
    "presentation",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "row",
    "rowgroup",
    "rowheader",
    "scrollbar",
    "search",
    "searchbox",
    "separator",
    "slider",
    "spinbutton",
    "status",
    "strong",
    "subscript",
    "superscript",
    "switch",
    "tab",
    "table",
    "tablist",
    "tabpanel",
    "term",
    "textbox",
    "time",
    "timer",
    "toolbar",
    "tooltip",
    "tree",
    "treegrid",
    "treeitem",
];

/// What an attribute's value is.
enum Value {
    /// `true` or `false`.
    Flag,
    /// One of these.
    One(&'static [&'static str]),
    /// Some of these.
    Some(&'static [&'static str]),
    /// An id of the page, or several.
    Ids,
    /// A number.
    Number,
    /// Any text but an empty one.
    Text,
}

use Value::{Flag, Ids, Number, One, Text};

/// Every `aria-` attribute.
const ATTRIBUTES: &[(&str, Value)] = &[
    ("aria-activedescendant", Ids),
    ("aria-atomic", Flag),
    ("aria-autocomplete", One(&["inline", "list", "both", "none"])),
    ("aria-braillelabel", Text),
    ("aria-brailleroledescription", Text),
    ("aria-busy", Flag),
    ("aria-checked", One(&["true", "false", "mixed"])),
    ("aria-colcount", Number),
    ("aria-colindex", Number),
    ("aria-colspan", Number),
    ("aria-controls", Ids),
    ("aria-current", One(&["page", "step", "location", "date", "time", "true", "false"])),
    ("aria-describedby", Ids),
    ("aria-description", Text),
    ("aria-details", Ids),
    ("aria-disabled", Flag),
    ("aria-errormessage", Ids),
    ("aria-expanded", Flag),
    ("aria-flowto", Ids),
    ("aria-haspopup", One(&["true", "false", "menu", "listbox", "tree", "grid", "dialog"])),
    ("aria-hidden", Flag),
    ("aria-invalid", One(&["true", "false", "grammar", "spelling"])),
    ("aria-keyshortcuts", Text),
    ("aria-label", Text),
    ("aria-labelledby", Ids),
    ("aria-level", Number),
    ("aria-live", One(&["assertive", "off", "polite"])),
    ("aria-modal", Flag),
    ("aria-multiline", Flag),
    ("aria-multiselectable", Flag),
    ("aria-orientation", One(&["horizontal", "vertical", "undefined"])),
    ("aria-owns", Ids),
    ("aria-placeholder", Text),
    ("aria-posinset", Number),
    ("aria-pressed", One(&["true", "false", "mixed"])),
    ("aria-readonly", Flag),
    ("aria-relevant", Value::Some(&["additions", "removals", "text", "all"])),
    ("aria-required", Flag),
    ("aria-roledescription", Text),
    ("aria-rowcount", Number),
    ("aria-rowindex", Number),
    ("aria-rowspan", Number),
    ("aria-selected", Flag),
    ("aria-setsize", Number),
    ("aria-sort", One(&["ascending", "descending", "none", "other"])),
    ("aria-valuemax", Number),
    ("aria-valuemin", Number),
    ("aria-valuenow", Number),
    ("aria-valuetext", Text),
];

/// Attributes that a role needs.
const NEEDED: &[(&str, &[&str])] = &[
    ("checkbox", &["aria-checked"]),
    ("combobox", &["aria-expanded"]),
    ("heading", &["aria-level"]),
    ("menuitemcheckbox", &["aria-checked"]),
    ("menuitemradio", &["aria-checked"]),
    ("meter", &["aria-valuenow"]),
    ("radio", &["aria-checked"]),
    ("scrollbar", &["aria-controls", "aria-valuenow"]),
    ("slider", &["aria-valuenow"]),
    ("switch", &["aria-checked"]),
];

/// Roles that lie in one of others.
const WITHIN: &[(&str, &[&str])] = &[
    ("cell", &["row"]),
    ("columnheader", &["row"]),
    ("gridcell", &["row"]),
    ("listitem", &["list"]),
    ("menuitem", &["menu", "menubar", "group"]),
    ("option", &["listbox", "group"]),
    ("row", &["table", "grid", "treegrid", "rowgroup"]),
    ("rowheader", &["row"]),
    ("tab", &["tablist"]),
    ("treeitem", &["tree", "group"]),
];

/// Elements that are nothing by themselves, so that a name of theirs is not read.
const NAMELESS: &[&str] = &["b", "code", "del", "div", "em", "i", "ins", "p", "small", "span", "strong", "sub", "sup"];

pub(super) fn check(page: &mut Page<'_>) {
    for element in page.tree.elements() {
        role(page, element);
        for (name, value) in element.attributes().filter(|(name, _)| name.starts_with("aria-")) {
            attribute(page, element, name, value);
        }
        let has_name = element.get("aria-label").is_some() || element.get("aria-labelledby").is_some();
        if has_name && element.get("role").is_none() && element.is_one_of(NAMELESS) {
            let message = format!("`<{}>` has a name and no role, so it is not read; give it a role", element.name());
            page.tell(Code::SiteAriaInvalid, element.line, message);
        }
    }
}

fn role(page: &mut Page<'_>, element: Element<'_>) {
    let Some(role) = element.get("role") else { return };
    if ROLES.binary_search(&role).is_err() {
        return page.tell(Code::SiteAriaInvalid, element.line, format!("there is no role `{}`", cut(role)));
    }
    let needed = NEEDED.iter().find(|(name, _)| *name == role).map_or(&[][..], |(_, needed)| needed);
    // A real check box or heading has by itself what the role needs.
    let is_native = element.is("input") || element.is_one_of(&["h1", "h2", "h3", "h4", "h5", "h6", "meter"]);
    for name in needed.iter().filter(|name| element.get(name).is_none()) {
        if !is_native || role == "combobox" {
            page.tell(Code::SiteAriaInvalid, element.line, format!("the role `{role}` needs `{name}`"));
        }
    }
    let Some((_, within)) = WITHIN.iter().find(|(name, _)| *name == role) else { return };
    let holder = element
        .ancestors()
        .find(|above| above.get("role").is_some_and(|role| role != "presentation" && role != "none"));
    if !holder.and_then(|holder| holder.get("role")).is_some_and(|role| within.contains(&role)) {
        let message = format!("the role `{role}` stands alone; it lies in `{}`", within.join("` or `"));
        page.tell(Code::SiteAriaInvalid, element.line, message);
    }
}

fn attribute(page: &mut Page<'_>, element: Element<'_>, name: &str, value: &str) {
    let Ok(at) = ATTRIBUTES.binary_search_by_key(&name, |(known, _)| known) else {
        return page.tell(Code::SiteAriaInvalid, element.line, format!("there is no attribute `{}`", cut(name)));
    };
    let is_fine = match &ATTRIBUTES[at].1 {
        Flag => matches!(value, "true" | "false"),
        One(known) => known.contains(&value),
        Value::Some(known) => !value.is_empty() && value.split_whitespace().all(|word| known.contains(&word)),
        Number => value.parse::<f64>().is_ok(),
        Text => !value.trim().is_empty(),
        Ids => {
            let missing: Vec<&str> = value.split_whitespace().filter(|id| !page.ids.contains_key(id)).collect();
            for id in missing {
                let message = format!("`{name}` names the id `{}`, which the page does not have", cut(id));
                page.tell(Code::SiteAriaInvalid, element.line, message);
            }
            // Nothing is active while nothing is open.
            !value.trim().is_empty() || name == "aria-activedescendant"
        }
    };
    if !is_fine {
        page.tell(Code::SiteAriaInvalid, element.line, format!("`{name}` cannot be `{}`", cut(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::{ATTRIBUTES, ROLES};

    #[test]
    fn what_is_searched_is_sorted() {
        assert!(ROLES.is_sorted() && ATTRIBUTES.is_sorted_by_key(|(name, _)| name));
    }
}
