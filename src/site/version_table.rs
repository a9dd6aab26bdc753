//! The table of a module's releases: one row each, in the one order of views.
//!
//! It says of each release what a visitor compares: date, targets, toolchain, the
//! environment module, size, the ware, and whether it should be used. A column that no row
//! fills is not there. The release's own section says the rest.

use serde::Serialize;

use super::links::anchor;
use super::pages::{Fact, Link};
use super::release_section::fact;
use super::words::{self, Shown, one_line};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{Value, metadata};

/// Targets are named up to this number, and counted beyond.
const NAMED_TARGETS: usize = 2;

/// The releases of a page.
#[derive(Debug, Serialize)]
pub(super) struct VersionTable {
    has_version: bool,
    has_date: bool,
    has_targets: bool,
    has_toolchain: bool,
    has_module: bool,
    has_size: bool,
    has_ware: bool,
    rows: Vec<ReleaseRow>,
}

/// A release.
#[derive(Debug, Serialize)]
struct ReleaseRow {
    release: Link,
    latest: bool,
    /// Why it should not be used any more.
    yanked: Option<Shown>,
    /// What it is, where that is out of the ordinary: `external`, `spliced`.
    kind: Option<String>,
    /// Upstream's version, where the name of the release is another.
    version: Option<String>,
    date: Option<Fact>,
    targets: Option<String>,
    toolchain: Option<String>,
    module: Option<String>,
    size: Option<String>,
    /// The one ware, where there is one.
    ware: Option<String>,
    /// How many there are, where there are several.
    wares: Option<String>,
}

/// Builds the table of `releases`; `latest` is the place of the latest among them.
pub(super) fn version_table(
    entry: &ModuleEntry,
    releases: &[&ReleaseEntry],
    latest: Option<usize>,
) -> Option<VersionTable> {
    let rows: Vec<_> =
        releases.iter().enumerate().map(|(at, release)| row(entry, release, latest == Some(at))).collect();
    if rows.is_empty() {
        return None;
    }
    let any = |is_there: fn(&ReleaseRow) -> bool| rows.iter().any(is_there);
    Some(VersionTable {
        has_version: any(|row| row.version.is_some()),
        has_date: any(|row| row.date.is_some()),
        has_targets: any(|row| row.targets.is_some()),
        has_toolchain: any(|row| row.toolchain.is_some()),
        has_module: any(|row| row.module.is_some()),
        has_size: any(|row| row.size.is_some()),
        has_ware: any(|row| row.ware.is_some() || row.wares.is_some()),
        rows,
    })
}

fn row(entry: &ModuleEntry, release: &ReleaseEntry, latest: bool) -> ReleaseRow {
    let name = release.name().as_str();
    let short = |key| release.fact(key).and_then(one_line);
    let items = &release.release.items;
    let mut wares = items.values();
    let (first, further) = (wares.next(), wares.next());
    ReleaseRow {
        release: Link { text: name.to_owned(), href: Some(format!("#{}", anchor(name))) },
        latest,
        yanked: release.fact(metadata::YANKED).map(words::shown),
        kind: short(metadata::KIND).filter(|kind| matches!(kind.as_str(), "external" | "spliced")),
        version: short(metadata::VERSION).filter(|version| version != name),
        date: release.fact(metadata::DATE).map(|text| fact(metadata::DATE, text)),
        targets: targets(release),
        toolchain: short(metadata::TOOLCHAIN),
        module: short(metadata::MODULE),
        size: size(entry, release),
        ware: first.filter(|_| further.is_none()).map(ToString::to_string),
        wares: further.map(|_| words::counted(items.len(), "item", "items")),
    }
}

/// The targets by name, or how many there are.
fn targets(release: &ReleaseEntry) -> Option<String> {
    let labels: Vec<&str> = release.release.items.keys().map(|label| label.as_str()).collect();
    match labels.len() {
        0 => None,
        1..=NAMED_TARGETS => Some(labels.join(metadata::LIST_SEPARATOR)),
        n => Some(words::number(n)),
    }
}

/// The size of a release's images, the smallest to the largest, as its record has them.
fn size(entry: &ModuleEntry, release: &ReleaseEntry) -> Option<String> {
    let (_, record) = entry.record_of(release)?;
    let Some(Value::Map(images)) = record.data.get("images") else { return None };
    let sizes = || images.iter().filter_map(|(_, image)| size_of(image));
    let (least, most) = (sizes().min()?, sizes().max()?);
    let (least, most) = (words::bytes(least), words::bytes(most));
    Some(if least == most { most } else { format!("{least} – {most}") })
}

/// The bytes of an image: of its file, or of all its layers.
fn size_of(image: &Value) -> Option<u64> {
    let whole = |value: &Value| match value {
        Value::Integer(n) => u64::try_from(*n).ok(),
        Value::Unsigned(n) => Some(*n),
        _ => None,
    };
    let of_layers = || {
        let layers = image.get("manifest")?.get("layers")?.items();
        layers.iter().try_fold(0u64, |sum, layer| Some(sum.saturating_add(whole(layer.get("size")?)?)))
    };
    image.get("size").and_then(whole).or_else(of_layers)
}
