//! How old what the sources gave is.
//!
//! Nothing here looks at a clock: a source is old beside the newest date that the catalog
//! itself holds, so the same catalog says the same for ever. What has become old since is
//! told by the page's script, which has a clock.

use serde::Serialize;

use super::links::{Place, folder};
use super::options::{Options, SourceAt};
use super::pages::Fact;
use super::release_section::fact;
use super::words::{self, one_line};

/// A source that is older than the newest date by more days than this is called old.
const OLD: i64 = 60;

/// What a page says of a source that it is made of.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Freshness {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) timestamp: Option<Fact>,
}

/// The sources of a site, each with the folder below which its modules' pages lie.
#[derive(Debug, Default)]
pub(super) struct Freshnesses(Vec<(String, Freshness)>);

impl Freshnesses {
    /// Reads what the sources say of themselves.
    pub(super) fn new(sources: &[SourceAt]) -> Self {
        let of = |at: &SourceAt| Freshness {
            name: one_line(&at.source.name).unwrap_or_default(),
            version: at.source.version.as_deref().and_then(one_line),
            timestamp: at.source.timestamp.as_deref().map(|text| fact("timestamp", text)),
        };
        Self(sources.iter().map(|at| (format!("{}/", folder(at.prefix.as_str())), of(at))).collect())
    }

    /// The sources that a page is made of: those below whose prefix it lies, or that lie
    /// below it. A page of our own that lists all modules is made of all.
    pub(super) fn of(&self, place: &Place) -> Vec<Freshness> {
        let path = place.path();
        let here = path.rfind('/').map_or("", |at| &path[..=at]);
        let is_of = |prefix: &str| path.starts_with('_') || path.starts_with(prefix) || prefix.starts_with(here);
        let found = self.0.iter().filter(|(prefix, _)| !here.is_empty() && is_of(prefix));
        found.map(|(_, freshness)| freshness.clone()).collect()
    }
}

/// How many days a source is behind the newest date of the catalog, where these are many.
pub(super) fn days_behind(source: &SourceAt, options: &Options<'_>) -> Option<String> {
    let commit = options.commit.get().and_then(|commit| commit.date.as_deref());
    let stamps = options.sources.iter().filter_map(|at| at.source.timestamp.as_deref());
    let newest = stamps.chain(commit).filter_map(day).max()?;
    let behind = newest - day(source.source.timestamp.as_deref()?)?;
    (behind > OLD).then(|| words::number(usize::try_from(behind).unwrap_or(0)))
}

/// The number of a date's day, counted from a day long ago.
fn day(text: &str) -> Option<i64> {
    let text = words::date(text)?;
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    // March is the first month, so that a leap day ends a year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_between_dates_are_counted() {
        let between = |a: &str, b: &str| day(b).unwrap() - day(a).unwrap();
        assert_eq!(between("2026-02-28", "2026-03-01"), 1);
        assert_eq!(between("2024-02-28", "2024-03-01T00:00:00Z"), 2);
        assert_eq!(between("2025-12-31", "2026-01-01"), 1);
        assert_eq!(between("2000-01-01", "2026-01-01"), 9497);
        assert_eq!(day("yesterday"), None);
    }
}
