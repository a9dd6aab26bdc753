//! Checks a built site: links, HTML, accessibility, policy, weight.
//!
//! Every file is read once, in parallel, and forgotten; what is kept of a page is the
//! hashes of its ids and the ids that it wants of others, so memory follows the number of
//! links between pages. Findings are collected, never thrown, the first of each code are
//! kept (`finding.rs`), and the same site gives the same findings whatever the threads.
//!
//! What only a browser can tell is not looked at: contrast, the size of what is pressed,
//! whether the focus is seen, what scripts change.

mod address;
mod aria;
mod budget;
mod content;
mod data;
mod files;
mod finding;
mod head;
mod html;
mod landmarks;
mod links;
mod moment;
mod names;
mod page;
mod policy;
mod tree;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;

use self::files::SiteFiles;
use self::finding::Findings;
pub use self::finding::SiteFinding;
use self::page::{Facts, Found, hash};
use super::error::SiteError;
use super::links::Base;
use crate::code::{Code, Exit};

/// How a site is checked.
#[derive(Default)]
pub struct SiteCheck<'a> {
    /// Where the site is published; otherwise what its pages say.
    pub base_url: Option<&'a str>,
    /// Is called once for each file, from several threads.
    pub progress: Option<&'a (dyn Fn() + Sync)>,
}

/// What a check found.
#[derive(Debug, Serialize)]
pub struct SiteReport {
    /// The first findings of each code, sorted by place.
    pub findings: Vec<SiteFinding>,
    /// How many findings there are of each code, those that are not kept included.
    #[serde(serialize_with = "by_text")]
    pub totals: BTreeMap<Code, usize>,
    /// What was looked at.
    pub counts: SiteCounts,
}

/// What was looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SiteCounts {
    /// Files of the site.
    pub files: usize,
    /// Pages among them.
    pub pages: usize,
    /// Links of the pages, and what they fetch.
    pub links: usize,
    /// Bytes of the pages.
    pub page_bytes: u64,
    /// The median page as gzip sends it, of up to 500 pages, in bytes.
    pub median_page: usize,
    /// Bytes of the style sheets that pages load.
    pub styles: u64,
    /// Bytes of the scripts that pages load, without data.
    pub scripts: u64,
}

fn by_text<S: serde::Serializer>(totals: &BTreeMap<Code, usize>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(totals.iter().map(|(code, number)| (code.as_str(), number)))
}

impl SiteReport {
    /// The number of errors and of warnings.
    #[must_use]
    pub fn totals(&self) -> (usize, usize) {
        let of = |is_warning: bool| {
            let wanted = self.totals.iter().filter(|(code, _)| (code.exit() == Exit::Done) == is_warning);
            wanted.map(|(_, number)| number).sum()
        };
        (of(false), of(true))
    }

    /// The codes of which not all findings are kept, with how many more there are.
    #[must_use]
    pub fn more(&self) -> BTreeMap<Code, usize> {
        let mut more = self.totals.clone();
        for finding in &self.findings {
            if let Some(number) = more.get_mut(&finding.code) {
                *number -= 1;
            }
        }
        more.retain(|_, number| *number > 0);
        more
    }
}

/// Elements of a page that lie deeper are not looked at: rules look upwards, and no page
/// of people is so deep.
const MAX_DEPTH: usize = 256;

/// What one file gave.
#[derive(Default)]
struct Looked {
    facts: Option<Facts>,
    wanted: Vec<(u64, u32, Box<str>)>,
    assets: Vec<u32>,
    links: usize,
    bytes: u64,
    compressed: Option<usize>,
}

/// Checks the site in a folder.
///
/// # Errors
/// `site-missing` when the folder holds none; `usage-invalid` for a base URL that is none;
/// `io`.
pub fn check(root: &Path, options: &SiteCheck<'_>) -> Result<SiteReport, SiteError> {
    let base = options.base_url.map(Base::parse).transpose()?;
    let (site, unsafe_files) = SiteFiles::list(root, base)?;
    let findings = Mutex::new(Findings::default());
    let tell = |found: Vec<SiteFinding>| findings.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
    tell(unsafe_files);
    let pages = site.paths.iter().filter(|path| path.ends_with(".html"));
    let step = budget::step(pages.clone().count());
    let sample: BTreeSet<&str> = pages.step_by(step).map(String::as_str).collect();
    let look = |path: &String| {
        let (looked, found) = file(&site, path, sample.contains(path.as_str()))?;
        tell(found);
        if let Some(progress) = options.progress {
            progress();
        }
        Ok(looked)
    };
    let mut looked: Vec<Looked> = site.paths.par_iter().map(look).collect::<Result<_, SiteError>>()?;
    let mut findings = findings.into_inner().unwrap_or_else(PoisonError::into_inner);
    anchors(&site, &looked, &mut findings);
    titles(&site, &looked, &mut findings);
    let mut counts = SiteCounts {
        files: site.paths.len(),
        pages: looked.iter().filter(|file| file.facts.is_some()).count(),
        links: looked.iter().map(|file| file.links).sum(),
        page_bytes: looked.iter().map(|file| file.bytes).sum(),
        ..SiteCounts::default()
    };
    let assets = looked.iter_mut().flat_map(|file| std::mem::take(&mut file.assets)).collect();
    let sizes = looked.iter().filter_map(|file| file.compressed).collect();
    findings.extend(budget::check(&site, sizes, &assets, &mut counts));
    let (findings, totals) = findings.sorted();
    Ok(SiteReport { findings, totals, counts })
}

/// Looks at one file, by its kind.
fn file(site: &SiteFiles, path: &str, is_sample: bool) -> Result<(Looked, Vec<SiteFinding>), SiteError> {
    let mut found = Found::new(path);
    let kind = path.rsplit('.').next().unwrap_or_default();
    if kind == "ndjson" {
        let failed = |source| SiteError::Io { what: "read", path: site.place(path), source };
        data::json_lines(path, site, &mut found).map_err(failed)?;
        return Ok((Looked::default(), found.findings));
    }
    if !matches!(kind, "html" | "json" | "xml" | "atom" | "svg" | "css" | "webmanifest") && path != "robots.txt" {
        return Ok((Looked::default(), found.findings));
    }
    let Some(bytes) = site.read(path)? else {
        found.tell(Code::SiteTooHeavy, 0, "it is too large to be looked at, and to be read");
        return Ok((Looked::default(), found.findings));
    };
    if matches!(kind, "json" | "webmanifest") {
        data::json(&bytes, &mut found);
        return Ok((Looked::default(), found.findings));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        let code = if kind == "html" { Code::SiteHtmlInvalid } else { Code::SiteXmlInvalid };
        found.tell(code, 0, "it is not UTF-8");
        return Ok((Looked::default(), found.findings));
    };
    match kind {
        "html" => return Ok(one_page(site, path, text, is_sample)),
        "css" => data::style(text, path, site, &mut found),
        "txt" => data::robots(text, site, &mut found),
        _ => xml::check(text, path, site, &mut found),
    }
    Ok((Looked::default(), found.findings))
}

fn one_page(site: &SiteFiles, path: &str, text: &str, is_sample: bool) -> (Looked, Vec<SiteFinding>) {
    let too_deep = |tree: &tree::Tree| tree.depth() > MAX_DEPTH;
    let Some(tree) = tree::parse(text).filter(|tree| !too_deep(tree)) else {
        let mut found = Found::new(path);
        let message = format!("its elements lie in each other more than {MAX_DEPTH} deep; it is not looked at");
        found.tell(Code::SiteHtmlInvalid, 1, message);
        return (Looked::default(), found.findings);
    };
    let (mut found, facts) = page::check(path, &tree, site);
    // The first line of each is enough.
    found.wanted.sort_unstable_by(|a, b| (a.1, &a.2, a.0).cmp(&(b.1, &b.2, b.0)));
    found.wanted.dedup_by(|a, b| a.1 == b.1 && a.2 == b.2);
    found.assets.sort_unstable();
    found.assets.dedup();
    let looked = Looked {
        facts: Some(facts),
        wanted: found.wanted,
        assets: found.assets,
        links: found.links,
        bytes: u64::try_from(text.len()).unwrap_or_default(),
        compressed: is_sample.then(|| budget::compressed(text.as_bytes())),
    };
    (looked, found.findings)
}

/// The ids that pages want of other pages.
fn anchors(site: &SiteFiles, looked: &[Looked], findings: &mut Findings) {
    for (path, file) in site.paths.iter().zip(looked) {
        for (line, target, id) in &file.wanted {
            let facts = looked.get(*target as usize).and_then(|target| target.facts.as_ref());
            if facts.is_none_or(|facts| facts.ids.binary_search(&hash(id)).is_err()) {
                let message = format!("`{}` has no id `{}`, which a link leads to", site.path(*target), page::cut(id));
                findings.add(SiteFinding::new(Code::SiteAnchorMissing, path, *line, message));
            }
        }
    }
}

/// Titles that stand on two pages.
fn titles(site: &SiteFiles, looked: &[Looked], findings: &mut Findings) {
    let mut seen: BTreeMap<u64, &str> = BTreeMap::new();
    for (path, file) in site.paths.iter().zip(looked) {
        let Some(title) = file.facts.as_ref().and_then(|facts| facts.title) else { continue };
        match seen.get(&title) {
            Some(first) => {
                let message = format!("it has the title of `{first}`; name what this page shows");
                findings.add(SiteFinding::new(Code::SiteTitleRepeated, path, 1, message));
            }
            None => drop(seen.insert(title, path)),
        }
    }
}
