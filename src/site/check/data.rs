//! Files that are no pages: JSON, style sheets, `robots.txt`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use serde::de::IgnoredAny;

use super::SiteFiles;
use super::address::{self, Leads};
use super::files::MAX_FILE;
use super::page::{Found, cut};
use crate::code::Code;

/// A JSON document.
pub(super) fn json(bytes: &[u8], found: &mut Found<'_>) {
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        let line = u64::try_from(error.line()).unwrap_or_default();
        found.tell(Code::SiteDataInvalid, line, format!("it is not JSON: {error}"));
    }
}

/// One JSON document on each line, read line by line.
pub(super) fn json_lines(path: &str, site: &SiteFiles, found: &mut Found<'_>) -> std::io::Result<()> {
    let mut reader = BufReader::new(File::open(site.place(path))?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if (&mut reader).take(MAX_FILE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(&line) {
            found.tell(Code::SiteDataInvalid, number, format!("the line is not JSON: {error}"));
            break;
        }
    }
    Ok(())
}

/// A style sheet: what it fetches is of the site.
pub(super) fn style(text: &str, path: &str, site: &SiteFiles, found: &mut Found<'_>) {
    for (number, line) in (1..).zip(text.lines()) {
        let urls = line.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
        let imports = line.split("@import").skip(1).filter_map(|rest| rest.trim().strip_prefix(['"', '\'']));
        let imported = imports.filter_map(|rest| rest.split(['"', '\'']).next());
        for url in urls.chain(imported) {
            fetched(url.trim().trim_matches(['"', '\'']), number, path, site, found);
        }
    }
}

fn fetched(url: &str, line: u64, path: &str, site: &SiteFiles, found: &mut Found<'_>) {
    let shown = cut(url);
    match address::read(url, path, site.base.as_ref()) {
        Leads::Data => {}
        Leads::Here(here) if site.find(&here.path).is_some() => {}
        Leads::Here(here) => {
            let message = format!("`{shown}` leads to `{}`, which is not there", cut(&here.path));
            found.tell(Code::SiteLinkBroken, line, message);
        }
        Leads::Away => {
            let message = format!("the style sheet fetches `{shown}` from another host; put it into the site");
            found.tell(Code::SiteRequestForeign, line, message);
        }
        Leads::Outside => found.tell(Code::SiteLinkOutside, line, format!("`{shown}` leads out of the site")),
        Leads::Mail | Leads::Scheme(_) => {
            found.tell(Code::SiteLinkUnsafe, line, format!("`{shown}` has a scheme that nothing is fetched by"));
        }
        Leads::Invalid(reason) => {
            found.tell(Code::SiteLinkInvalid, line, format!("`{shown}` is no URL: {reason}"));
        }
    }
}

/// What search engines are told: where the sitemap is.
pub(super) fn robots(text: &str, site: &SiteFiles, found: &mut Found<'_>) {
    for (number, line) in (1..).zip(text.lines()) {
        let Some((key, url)) = line.split_once(':') else { continue };
        if key.trim().eq_ignore_ascii_case("sitemap") {
            whole_address(url.trim(), number, site, found);
        }
    }
}

/// A whole address that should be of this site: in a sitemap, a feed, `robots.txt`.
pub(super) fn whole_address(url: &str, line: u64, site: &SiteFiles, found: &mut Found<'_>) {
    let shown = cut(url);
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return found.tell(Code::SiteXmlInvalid, line, format!("`{shown}` is no whole address"));
    }
    match address::read(url, "", site.base.as_ref()) {
        Leads::Here(here) if site.find(&here.path).is_some() => {}
        Leads::Here(here) => {
            let message = format!("`{shown}` leads to `{}`, which is not there", cut(&here.path));
            found.tell(Code::SiteLinkBroken, line, message);
        }
        // Where the site is published is not known.
        Leads::Away if site.base.as_ref().is_none_or(|base| base.origin.is_empty()) => {}
        Leads::Invalid(reason) => {
            found.tell(Code::SiteLinkInvalid, line, format!("`{shown}` is no URL: {reason}"));
        }
        _ => found.tell(Code::SiteLinkBroken, line, format!("`{shown}` should be an address of this site")),
    }
}
