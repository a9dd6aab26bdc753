//! Releases against targets: one column for each processor, one for each accelerator.
//!
//! What a label names is `model::target`'s to say; builds of one processor for several
//! systems share its column. A processor's cell says `gpu` when the release is there only
//! with an accelerator; an accelerator's cell says `some` when it is not there for every
//! processor of the release.

use std::collections::{BTreeMap, BTreeSet};

use super::pages::{Family, Link, Matrix, MatrixRow};
use crate::catalog::ReleaseEntry;
use crate::model::order::natural;
use crate::model::target::{Accelerator, Cpu, Target};
use crate::model::{Release, WareId, metadata};

/// Most columns; beyond, a row says how many items there are.
const MAX_COLUMNS: usize = 40;

/// A column for items without an accelerator: those of a processor, or those of a label
/// that is for none. In the order of columns: families by name, in each the generic
/// processor, then by maker from the oldest to the newest, then those that archspec does
/// not know; last what is for no processor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Cpu { family: &'static str, rank: (u8, &'static str, (usize, usize)), cpu: Cpu },
    Label(String),
}

impl Column {
    fn of(cpu: Cpu) -> Self {
        let rank = match cpu.microarchitecture() {
            Some(found) if found.vendor == "generic" => (0, "", found.depth()),
            Some(found) => (1, found.vendor, found.depth()),
            None => (2, "", (0, 0)),
        };
        Self::Cpu { family: cpu.family.unwrap_or_default(), rank, cpu }
    }

    fn family(&self) -> &str {
        match self {
            Self::Cpu { family, .. } => family,
            Self::Label(_) => "",
        }
    }

    fn heading(&self) -> &str {
        match self {
            Self::Cpu { cpu, .. } => cpu.short(),
            Self::Label(label) => label,
        }
    }
}

/// The column and the accelerator of a label.
fn place(label: &str) -> (Column, Option<Accelerator>) {
    match Target::parse(label) {
        Some(target) => (Column::of(target.cpu), target.accelerator),
        None => (Column::Label(label.to_owned()), None),
    }
}

/// Whether every item of a release is for an accelerator.
pub(super) fn needs_accelerator(release: &Release) -> bool {
    let needs = |label: &str| Target::parse(label).is_some_and(|target| target.accelerator.is_some());
    !release.items.is_empty() && release.items.keys().all(|label| needs(label.as_str()))
}

/// The items of a release that are for a target: not those that name no bytes, and so
/// are for none.
fn built(release: &Release) -> impl Iterator<Item = &str> {
    let names_bytes = |ware: &WareId| !matches!(ware.packtype(), "spec" | "source");
    release.items.iter().filter(move |(_, ware)| names_bytes(ware)).map(|(label, _)| label.as_str())
}

/// Builds the table; `link` gives the way to a release's section.
pub(super) fn matrix(releases: &[&ReleaseEntry], link: impl Fn(usize) -> String) -> Option<Matrix> {
    if releases.is_empty() {
        return None;
    }
    let labels: BTreeSet<&str> = releases.iter().flat_map(|r| built(&r.release)).collect();
    let places: BTreeMap<&str, _> = labels.into_iter().map(|label| (label, place(label))).collect();
    let cpus: BTreeSet<&Column> = places.values().map(|(column, _)| column).collect();
    let accelerators: BTreeSet<&Accelerator> = places.values().filter_map(|(_, built)| built.as_ref()).collect();
    let mut accelerators: Vec<&Accelerator> = accelerators.into_iter().collect();
    accelerators.sort_by(|a, b| natural(&a.to_string(), &b.to_string()));
    let fits = (1..=MAX_COLUMNS).contains(&(cpus.len() + accelerators.len()))
        || releases.iter().all(|r| r.release.items.is_empty());
    let (cpus, accelerators) = if fits { (cpus, accelerators) } else { Default::default() };
    let columns = Columns { places: &places, cpus: &cpus, accelerators: &accelerators };
    let rows = |(at, release): (usize, &&ReleaseEntry)| columns.row(release, link(at), fits);
    let rows: Vec<_> = releases.iter().enumerate().map(rows).collect();
    let mut families = families(&cpus);
    if families.iter().all(|family| family.name.is_empty()) && accelerators.is_empty() {
        families.clear();
    }
    if !accelerators.is_empty() {
        families.push(Family { name: "accelerator".into(), columns: accelerators.len() });
    }
    let heading = |column: &&Column| column.heading().to_owned();
    let model = |accelerator: &&Accelerator| accelerator.model().to_owned();
    Some(Matrix {
        families,
        targets: cpus.iter().map(heading).chain(accelerators.iter().map(model)).collect(),
        has_toolchain: rows.iter().any(|row| row.toolchain.is_some()),
        has_date: rows.iter().any(|row| row.date.is_some()),
        has_some: rows.iter().any(|row| row.cells.contains(&"some")),
        has_accelerated: rows.iter().any(|row| row.cells.contains(&"gpu")),
        rows,
    })
}

fn families(cpus: &BTreeSet<&Column>) -> Vec<Family> {
    let mut found: Vec<Family> = Vec::new();
    for column in cpus {
        match found.last_mut() {
            Some(last) if last.name == column.family() => last.columns += 1,
            _ => found.push(Family { name: column.family().to_owned(), columns: 1 }),
        }
    }
    found
}

/// The columns of a table, and where each label stands.
struct Columns<'a> {
    places: &'a BTreeMap<&'a str, (Column, Option<Accelerator>)>,
    cpus: &'a BTreeSet<&'a Column>,
    accelerators: &'a [&'a Accelerator],
}

impl Columns<'_> {
    fn row(&self, release: &ReleaseEntry, href: String, fits: bool) -> MatrixRow {
        // Of each processor: whether it is there alone, and with which accelerators.
        let mut there: BTreeMap<&Column, (bool, BTreeSet<&Accelerator>)> = BTreeMap::new();
        for (column, accelerator) in built(&release.release).filter_map(|label| self.places.get(label)) {
            let cell = there.entry(column).or_default();
            match accelerator {
                None => cell.0 = true,
                Some(accelerator) => drop(cell.1.insert(accelerator)),
            }
        }
        let cpu_cell = |cpu: &&Column| match there.get(*cpu) {
            Some((true, _)) => "yes",
            Some((false, _)) => "gpu",
            None => "no",
        };
        let accelerator_cell =
            |accelerator: &&Accelerator| match there.values().filter(|(_, with)| with.contains(*accelerator)).count() {
                0 => "no",
                n if n == there.len() => "yes",
                _ => "some",
            };
        let cells = self.cpus.iter().map(cpu_cell).chain(self.accelerators.iter().map(accelerator_cell)).collect();
        let short = |key| release.fact(key).and_then(super::words::one_line);
        MatrixRow {
            release: Link { text: release.name().to_string(), href: Some(href) },
            yanked: release.fact(metadata::YANKED).is_some(),
            toolchain: short(metadata::TOOLCHAIN),
            date: short(metadata::DATE),
            cells,
            items: (!fits).then(|| super::words::counted(release.release.items.len(), "item", "items")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Column, place};

    fn headings(labels: &[&str]) -> String {
        let columns: BTreeSet<Column> = labels.iter().map(|label| place(label).0).collect();
        columns.iter().map(|column| format!("{}/{}", column.family(), column.heading())).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn columns_stand_by_family_and_maker_the_oldest_first() {
        let labels = [
            "x86_64-intel-sapphirerapids",
            "x86_64-intel-haswell",
            "src",
            "x86_64-amd-zen4",
            "x86_64-amd-zen2",
            "x86_64-generic",
            "x86_64-amd-zen99",
            "aarch64-generic",
        ];
        let expected = "aarch64/generic x86_64/generic x86_64/zen2 x86_64/zen4 x86_64/haswell \
                        x86_64/sapphirerapids x86_64/amd-zen99 /src";
        assert_eq!(headings(&labels), expected);
    }

    #[test]
    fn builds_of_one_processor_share_a_column() {
        assert_eq!(headings(&["linux-rocky9-zen3", "linux-ubuntu22.04-zen3", "x86_64-amd-zen3"]), "x86_64/zen3");
        assert_eq!(headings(&["linux-amd64", "x86_64-generic"]), "x86_64/generic");
    }
}
