//! Budgets: what a visitor has to load.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::finding::SiteFinding;
use super::{SiteCounts, SiteFiles};
use crate::code::Code;

/// The median page as gzip sends it, in bytes.
const PAGE: usize = 60_000;
/// All style sheets that pages load, in bytes.
const STYLES: u64 = 12_000;
/// All scripts that pages load, in bytes; not those of `_data/`, which are data.
const SCRIPTS: u64 = 20_000;
/// So many pages are compressed, evenly from all.
const SAMPLE: usize = 500;

/// Which of so many pages are compressed: every so manieth.
pub(super) fn step(pages: usize) -> usize {
    pages.div_ceil(SAMPLE).max(1)
}

/// How many bytes a page has as gzip sends it.
pub(super) fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_or(bytes.len(), |done| done.len())
}

/// Compares what was measured with the budgets.
pub(super) fn check(
    site: &SiteFiles,
    mut pages: Vec<usize>,
    assets: &BTreeSet<u32>,
    counts: &mut SiteCounts,
) -> Vec<SiteFinding> {
    pages.sort_unstable();
    let mut found = Vec::new();
    counts.median_page = pages.get(pages.len() / 2).copied().unwrap_or_default();
    if counts.median_page > PAGE {
        let message =
            format!("the median page has {} bytes as gzip sends it, above {PAGE}; show less of it", counts.median_page);
        found.push(SiteFinding::new(Code::SiteTooHeavy, "index.html", 0, message));
    }
    let sum = |kind: &str, budget: u64, found: &mut Vec<SiteFinding>| {
        let is_counted = |path: &&str| path.ends_with(kind) && !path.starts_with("_data/");
        let all: Vec<&str> = assets.iter().map(|number| site.path(*number)).filter(is_counted).collect();
        let bytes: u64 = all.iter().map(|path| site.size(path)).sum();
        let largest = all.iter().max_by_key(|path| site.size(path));
        if let Some(largest) = largest.filter(|_| bytes > budget) {
            let message = format!("the pages load {bytes} bytes of `{kind}`, above {budget}");
            found.push(SiteFinding::new(Code::SiteTooHeavy, largest, 0, message));
        }
        bytes
    };
    counts.styles = sum(".css", STYLES, &mut found);
    counts.scripts = sum(".js", SCRIPTS, &mut found);
    found
}
