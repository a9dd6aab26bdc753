//! Releases against targets: one column for each CPU, one for each accelerator.
//!
//! An item is named `<cpu>` or `<cpu>-<accelerator>`. A CPU's cell says `gpu` when the
//! release is there only with an accelerator; an accelerator's cell says `some` when it
//! is not there for every CPU of the release.

use std::collections::{BTreeMap, BTreeSet};

use super::pages::{Family, Link, Matrix, MatrixRow};
use crate::catalog::ReleaseEntry;
use crate::model::metadata;

/// Most columns; beyond, a row says how many items there are.
const MAX_COLUMNS: usize = 40;

/// An item's label, taken apart.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
struct Target<'a> {
    family: &'a str,
    cpu: &'a str,
    accelerator: Option<&'a str>,
}

fn target(label: &str) -> Target<'_> {
    let (whole, accelerator) = split_accelerator(label);
    match whole.split_once('-') {
        Some((family, cpu)) if !family.is_empty() && !cpu.is_empty() => Target { family, cpu, accelerator },
        _ => Target { family: "", cpu: whole, accelerator },
    }
}

/// Splits `…-nvidia-cc80` and `…-amd-gfx90a` off.
fn split_accelerator(label: &str) -> (&str, Option<&str>) {
    for maker in ["-nvidia-cc", "-amd-gfx"] {
        if let Some(at) = label.rfind(maker) {
            let model = &label[at + maker.len()..];
            if at > 0 && !model.is_empty() && model.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return (&label[..at], Some(&label[at + 1..]));
            }
        }
    }
    (label, None)
}

/// Whether every item of a release is for an accelerator.
pub(super) fn needs_accelerator(release: &crate::model::Release) -> bool {
    !release.items.is_empty() && release.items.keys().all(|label| split_accelerator(label.as_str()).1.is_some())
}

/// The items of a release that are for a target: not those that name no bytes, and so
/// are for none.
fn built(release: &crate::model::Release) -> impl Iterator<Item = &str> {
    let names_bytes = |ware: &crate::model::WareId| !matches!(ware.packtype(), "spec" | "source");
    release.items.iter().filter(move |(_, ware)| names_bytes(ware)).map(|(label, _)| label.as_str())
}

/// Builds the table; `link` gives the way to a release's section.
pub(super) fn matrix(releases: &[&ReleaseEntry], link: impl Fn(usize) -> String) -> Option<Matrix> {
    if releases.is_empty() {
        return None;
    }
    let labels: BTreeSet<&str> = releases.iter().flat_map(|r| built(&r.release)).collect();
    let targets: Vec<Target<'_>> = labels.into_iter().map(target).collect();
    let cpus: BTreeSet<(&str, &str)> = targets.iter().map(|t| (t.family, t.cpu)).collect();
    let accelerators: BTreeSet<&str> = targets.iter().filter_map(|t| t.accelerator).collect();
    let mut accelerators: Vec<&str> = accelerators.into_iter().collect();
    accelerators.sort_by(|a, b| crate::model::order::natural(a, b));
    let fits = (1..=MAX_COLUMNS).contains(&(cpus.len() + accelerators.len()))
        || releases.iter().all(|r| r.release.items.is_empty());
    let (cpus, accelerators) = if fits { (cpus, accelerators) } else { Default::default() };
    let rows: Vec<_> =
        releases.iter().enumerate().map(|(at, release)| row(release, link(at), &cpus, &accelerators, fits)).collect();
    let mut families = families(&cpus);
    if families.iter().all(|family| family.name.is_empty()) && accelerators.is_empty() {
        families.clear();
    }
    if !accelerators.is_empty() {
        families.push(Family { name: "accelerator".into(), columns: accelerators.len() });
    }
    let short = |a: &&str| a.split_once('-').map_or(*a, |(_, model)| model).to_owned();
    Some(Matrix {
        families,
        targets: cpus.iter().map(|(_, cpu)| (*cpu).to_owned()).chain(accelerators.iter().map(short)).collect(),
        has_toolchain: rows.iter().any(|row| row.toolchain.is_some()),
        has_date: rows.iter().any(|row| row.date.is_some()),
        has_some: rows.iter().any(|row| row.cells.contains(&"some")),
        has_accelerated: rows.iter().any(|row| row.cells.contains(&"gpu")),
        rows,
    })
}

fn families(cpus: &BTreeSet<(&str, &str)>) -> Vec<Family> {
    let mut found: Vec<Family> = Vec::new();
    for (family, _) in cpus {
        match found.last_mut() {
            Some(last) if last.name == *family => last.columns += 1,
            _ => found.push(Family { name: (*family).to_owned(), columns: 1 }),
        }
    }
    found
}

fn row(
    release: &ReleaseEntry,
    href: String,
    cpus: &BTreeSet<(&str, &str)>,
    accelerators: &[&str],
    fits: bool,
) -> MatrixRow {
    // Of each CPU: whether it is there alone, and with which accelerators.
    let mut there: BTreeMap<(&str, &str), (bool, BTreeSet<&str>)> = BTreeMap::new();
    for label in built(&release.release) {
        let target = target(label);
        let cell = there.entry((target.family, target.cpu)).or_default();
        match target.accelerator {
            None => cell.0 = true,
            Some(accelerator) => drop(cell.1.insert(accelerator)),
        }
    }
    let cpu_cell = |cpu: &(&str, &str)| match there.get(cpu) {
        Some((true, _)) => "yes",
        Some((false, _)) => "gpu",
        None => "no",
    };
    let accelerator_cell =
        |accelerator: &&str| match there.values().filter(|(_, with)| with.contains(accelerator)).count() {
            0 => "no",
            n if n == there.len() => "yes",
            _ => "some",
        };
    let cells = cpus.iter().map(cpu_cell).chain(accelerators.iter().map(accelerator_cell)).collect();
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

#[cfg(test)]
mod tests {
    use super::{Target, target};

    #[test]
    fn an_accelerator_is_told_from_a_cpu() {
        let check = |label, family, cpu, accelerator| {
            assert_eq!(target(label), Target { family, cpu, accelerator });
        };
        check("x86_64-amd-zen2", "x86_64", "amd-zen2", None);
        check("x86_64-amd-zen2-nvidia-cc80", "x86_64", "amd-zen2", Some("nvidia-cc80"));
        check("aarch64-nvidia-grace", "aarch64", "nvidia-grace", None);
        check("aarch64-nvidia-grace-nvidia-cc90", "aarch64", "nvidia-grace", Some("nvidia-cc90"));
        check("src", "", "src", None);
        check("nvidia-cc80", "nvidia", "cc80", None);
        check("-nvidia-cc80", "", "-nvidia-cc80", None);
    }
}
