//! HTML: what the parser complains of, what is unknown or obsolete, what stands where it
//! may not.

use super::page::{Page, cut};
use super::tree::Element;
use crate::code::Code;

/// So many complaints of the parser are told of one page: one fault often makes many.
const TOLD: usize = 20;

/// Every element of the HTML standard.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "bdi",
    "bdo",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "mark",
    "menu",
    "meta",
    "meter",
    "nav",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "picture",
    "pre",
    "progress",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "script",
    "search",
    "section",
    "select",
    "slot",
    "small",
    "source",
    "span",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

/// Elements that HTML has no more.
const OBSOLETE: &[&str] = &[
    "acronym",
    "applet",
    "basefont",
    "bgsound",
    "big",
    "blink",
    "center",
    "dir",
    "font",
    "frame",
    "frameset",
    "isindex",
    "keygen",
    "listing",
    "marquee",
    "menuitem",
    "multicol",
    "nextid",
    "nobr",
    "noembed",
    "noframes",
    "plaintext",
    "rb",
    "rtc",
    "spacer",
    "strike",
    "tt",
    "xmp",
];

/// Attributes that HTML has no more, on these elements; on all where none is named.
const OBSOLETE_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("abbr", &["td"]),
    ("align", &[]),
    ("alink", &[]),
    ("axis", &[]),
    ("background", &[]),
    ("bgcolor", &[]),
    ("border", &["table", "img", "object"]),
    ("bordercolor", &[]),
    ("cellpadding", &[]),
    ("cellspacing", &[]),
    ("char", &[]),
    ("charoff", &[]),
    ("charset", &["a", "link", "script"]),
    ("clear", &["br"]),
    ("compact", &[]),
    ("frame", &["table"]),
    ("frameborder", &[]),
    ("height", &["table", "tr", "td", "th"]),
    ("hspace", &[]),
    ("language", &["script"]),
    ("link", &["body"]),
    ("longdesc", &[]),
    ("marginheight", &[]),
    ("marginwidth", &[]),
    ("name", &["a", "img", "embed", "option"]),
    ("noshade", &[]),
    ("nowrap", &[]),
    ("profile", &["head"]),
    ("rev", &[]),
    ("rules", &[]),
    ("scope", &["td"]),
    ("scrolling", &[]),
    ("size", &["hr"]),
    ("summary", &["table"]),
    ("text", &["body"]),
    ("type", &["li", "ul", "menu"]),
    ("valign", &[]),
    ("version", &["html"]),
    ("vlink", &[]),
    ("vspace", &[]),
    ("width", &["table", "td", "th", "col", "colgroup", "hr", "pre"]),
];

/// What holds a line of text and no block.
const LINES: &[&str] = &[
    "abbr", "b", "button", "cite", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "kbd", "label", "mark", "p",
    "pre", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var",
];

/// Blocks, which a line of text cannot hold.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

pub(super) fn check(page: &mut Page<'_>) {
    let tree = page.tree;
    for (line, message) in tree.errors.iter().take(TOLD) {
        page.tell(Code::SiteHtmlInvalid, *line, format!("the parser tells: {}", cut(message)));
    }
    if !tree.is_standard {
        page.tell(Code::SiteHtmlInvalid, 1, "the page does not begin with `<!doctype html>`");
    }
    for element in tree.elements().filter(|element| element.is_html()) {
        known(page, element);
        obsolete_attributes(page, element);
        place(page, element);
    }
}

fn known(page: &mut Page<'_>, element: Element<'_>) {
    let name = element.name();
    if OBSOLETE.contains(&name) {
        page.tell(
            Code::SiteHtmlObsolete,
            element.line,
            format!("`<{name}>` is obsolete; use a class and the style sheet"),
        );
    } else if ELEMENTS.binary_search(&name).is_err() {
        page.tell(Code::SiteHtmlInvalid, element.line, format!("`<{}>` is no element of HTML", cut(name)));
    }
}

fn obsolete_attributes(page: &mut Page<'_>, element: Element<'_>) {
    for (name, _) in element.attributes() {
        let Ok(at) = OBSOLETE_ATTRIBUTES.binary_search_by_key(&name, |(known, _)| known) else { continue };
        let elements = OBSOLETE_ATTRIBUTES[at].1;
        if elements.is_empty() || elements.contains(&element.name()) {
            let message = format!("`{name}` of `<{}>` is obsolete; use a class and the style sheet", element.name());
            page.tell(Code::SiteHtmlObsolete, element.line, message);
        }
    }
}

/// Whether an element stands where it may.
fn place(page: &mut Page<'_>, element: Element<'_>) {
    let Some(parent) = element.parent().filter(|parent| parent.is_html()) else { return };
    let (name, above) = (element.name(), parent.name());
    let may = match name {
        "li" => matches!(above, "ul" | "ol" | "menu"),
        "dt" | "dd" => above == "dl" || above == "div" && parent.parent().is_some_and(|outer| outer.is("dl")),
        "summary" => above == "details" && parent.children().next() == Some(element),
        "legend" => above == "fieldset" || above == "optgroup",
        "figcaption" => above == "figure",
        "option" => matches!(above, "select" | "datalist" | "optgroup"),
        "source" => matches!(above, "picture" | "audio" | "video"),
        "script" | "template" => true,
        _ => match above {
            "ul" | "ol" | "menu" => false,
            "dl" => name == "div",
            _ => true,
        },
    };
    if !may {
        page.tell(Code::SiteHtmlInvalid, element.line, format!("`<{name}>` may not stand in `<{above}>`"));
    }
    // What a heading or link in the line is, a link in between does not change.
    let line = element.ancestors().find(|above| !above.is_one_of(&["a", "ins", "del"]));
    if let Some(line) = line.filter(|line| line.is_one_of(LINES) && element.is_one_of(BLOCKS)) {
        let message = format!("`<{name}>` is a block, and `<{}>` holds a line of text", line.name());
        page.tell(Code::SiteHtmlInvalid, element.line, message);
    }
    if name == "details" && !element.children().any(|child| child.is("summary")) {
        page.tell(Code::SiteHtmlInvalid, element.line, "`<details>` has no `<summary>`");
    }
    if matches!(name, "ul" | "ol" | "dl") && element.has_own_text() {
        page.tell(Code::SiteHtmlInvalid, element.line, format!("text stands right in `<{name}>`; put it in an entry"));
    }
}

#[cfg(test)]
mod tests {
    use super::{ELEMENTS, OBSOLETE_ATTRIBUTES};

    #[test]
    fn what_is_searched_is_sorted() {
        assert!(ELEMENTS.is_sorted() && OBSOLETE_ATTRIBUTES.is_sorted_by_key(|(name, _)| name));
    }
}
