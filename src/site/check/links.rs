//! Links: each leads to a file and an id of the site, or openly away; nothing is fetched
//! from elsewhere.

use super::address::{Here, Leads};
use super::page::{Page, cut};
use super::tree::Element;
use crate::code::Code;

/// What a browser does with an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Loads it with the page.
    Fetch,
    /// Sends something there.
    Send,
    /// Goes there when asked to.
    Go,
    /// Nothing: it says what belongs to the page.
    Name,
}

/// `rel` of what is loaded with the page.
const FETCHED: &[&str] = &[
    "stylesheet",
    "icon",
    "apple-touch-icon",
    "mask-icon",
    "manifest",
    "preload",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "pingback",
];

pub(super) fn check(page: &mut Page<'_>) {
    for element in page.tree.elements() {
        if element.is("base") {
            page.tell(Code::SiteLinkInvalid, element.line, "`<base>` changes where every link leads; remove it");
        }
        for (name, value) in element.attributes() {
            if name == "srcset" {
                for part in value.split(',').filter_map(|part| part.split_whitespace().next()) {
                    link(page, element, part, Use::Fetch);
                }
            } else if let Some(used) = usage(element, name) {
                link(page, element, value, used);
            }
        }
        if element.is("meta") && element.says("http-equiv", "refresh") {
            refresh(page, element);
        }
    }
}

/// What an attribute's address is used for, when it holds one.
fn usage(element: Element<'_>, attribute: &str) -> Option<Use> {
    let rel = || element.get("rel").unwrap_or_default().to_ascii_lowercase();
    match (element.name(), attribute) {
        ("a" | "area", "href") => Some(Use::Go),
        ("link", "href") if rel().split_whitespace().any(|rel| FETCHED.contains(&rel)) => Some(Use::Fetch),
        ("link", "href") => Some(Use::Name),
        (_, "href") if !element.is_html() => Some(Use::Fetch),
        (_, "src" | "poster" | "background") | ("object", "data") => Some(Use::Fetch),
        (_, "action" | "formaction" | "ping") => Some(Use::Send),
        ("blockquote" | "q" | "ins" | "del", "cite") => Some(Use::Name),
        _ => None,
    }
}

/// A page that leads on at once.
fn refresh(page: &mut Page<'_>, element: Element<'_>) {
    let content = element.get("content").unwrap_or_default();
    let (wait, rest) = content.split_once([';', ',']).unwrap_or((content, ""));
    if wait.trim() != "0" {
        let message = "a page that changes by itself after a while is taken from under its reader; wait 0 or remove it";
        page.tell(Code::SiteHtmlInvalid, element.line, message);
    }
    let url = rest.trim().get(..4).filter(|head| head.eq_ignore_ascii_case("url=")).map(|_| &rest.trim()[4..]);
    match url {
        Some(url) => link(page, element, url.trim_matches(['"', '\'']), Use::Name),
        None => page.tell(Code::SiteHtmlInvalid, element.line, "the redirect names no `url=`"),
    }
}

fn link(page: &mut Page<'_>, element: Element<'_>, value: &str, used: Use) {
    page.found.links += 1;
    let (line, shown) = (element.line, cut(value));
    match page.leads(value) {
        Leads::Invalid(reason) => page.tell(Code::SiteLinkInvalid, line, format!("`{shown}` is no URL: {reason}")),
        Leads::Outside => {
            page.tell(Code::SiteLinkOutside, line, format!("`{shown}` leads out of the site; write a relative link"));
        }
        Leads::Data if used == Use::Fetch && element.is("img") => {}
        Leads::Mail if used == Use::Go => {}
        Leads::Away => away(page, element, value, used),
        Leads::Data => unsafe_scheme(page, element, "data"),
        Leads::Mail => unsafe_scheme(page, element, "mailto"),
        Leads::Scheme(scheme) => unsafe_scheme(page, element, &scheme),
        Leads::Here(here) => local(page, element, value, &here),
    }
}

fn unsafe_scheme(page: &mut Page<'_>, element: Element<'_>, scheme: &str) {
    let message = format!("`{}` has a link of the scheme `{scheme}`; show the address as text", element.name());
    page.tell(Code::SiteLinkUnsafe, element.line, message);
}

fn away(page: &mut Page<'_>, element: Element<'_>, value: &str, used: Use) {
    let (line, shown) = (element.line, cut(value));
    let has = |word: &str| element.get("rel").is_some_and(|rel| rel.split_whitespace().any(|rel| rel == word));
    match used {
        Use::Fetch => {
            let message = format!("`{}` fetches `{shown}` from another host; put it into the site", element.name());
            page.tell(Code::SiteRequestForeign, line, message);
        }
        Use::Send => {
            let message = format!("`{}` sends to `{shown}`, another host", element.name());
            page.tell(Code::SiteRequestForeign, line, message);
        }
        Use::Go if !(has("nofollow") && has("noopener")) => {
            let message = format!("`{shown}` leads away without `rel=\"nofollow noopener\"`");
            page.tell(Code::SiteLinkUnsafe, line, message);
        }
        Use::Name if element.is("link") && (has("alternate") || has("canonical") && page.site.base.is_some()) => {
            let message = format!("`{shown}` should be an address of this site, and is one of another");
            page.tell(Code::SiteLinkBroken, line, message);
        }
        Use::Name if element.is("meta") => {
            page.tell(Code::SiteLinkUnsafe, line, format!("the page leads to `{shown}`, another site, by itself"));
        }
        Use::Go | Use::Name => {}
    }
}

fn local(page: &mut Page<'_>, element: Element<'_>, value: &str, here: &Here) {
    let (line, shown) = (element.line, cut(value));
    if here.is_folder {
        let message = format!("`{shown}` leads to a folder; name its `index.html`, so that it works from a disk too");
        return page.tell(Code::SiteLinkInvalid, line, message);
    }
    let Some(file) = page.site.find(&here.path) else {
        let message = format!("`{shown}` leads to `{}`, which is not there", cut(&here.path));
        return page.tell(Code::SiteLinkBroken, line, message);
    };
    let is_asset = element.is("script") || element.is("link") && element.says("rel", "stylesheet");
    if is_asset {
        page.found.assets.push(file);
    }
    // An empty fragment and `top` are the top of the page.
    let Some(id) = here.fragment.as_deref().filter(|id| !id.is_empty() && *id != "top") else { return };
    if here.path == page.path {
        if !page.ids.contains_key(id) {
            let message = format!("`{shown}` leads to an id that this page does not have");
            page.tell(Code::SiteAnchorMissing, line, message);
        }
    } else if here.path.ends_with(".html") {
        page.found.wanted.push((line, file, id.into()));
    }
}
