//! The real data: what there is of it, that order does not matter, that pins hold.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use warecat::model::{Location, WareId};

use super::*;
use crate::shared;

const KINDS: [&str; 6] = ["component", "octave", "perl", "python", "r", "ruby"];

fn read(path: &PathBuf) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|e| e == "zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes }
}

fn bytes(folder: &str, name: &str) -> Option<Vec<u8>> {
    let folder = shared::data(folder)?;
    let plain = folder.join(name);
    let path = if plain.exists() { plain } else { folder.join(format!("{name}.zst")) };
    Some(read(&path))
}

/// The names of the seven files.
fn names() -> Vec<String> {
    let extensions = KINDS.map(|kind| format!("eessi_api_metadata_ext-{kind}.json"));
    extensions.into_iter().chain([SOFTWARE.to_owned()]).collect()
}

/// Imports these files of a folder, one at a time.
fn run(folder: &str, names: &[String], known: KnownNames) -> Option<Import> {
    let mut importer = Importer::new(Options::default(), known);
    for name in names {
        importer.add_file(name, &bytes(folder, name)?).unwrap();
    }
    Some(importer.finish())
}

fn count(import: &Import, key: &str) -> u64 {
    import.source.counts[key]
}

#[test]
fn all_of_it_becomes_what_it_should_in_any_order() {
    let mut order = names();
    let Some(all) = run("eessi", &order, KnownNames::new()) else { return };
    check_counts(&all);
    check_modules(&all);
    check_diagnostics(&all);
    order.reverse();
    order.swap(1, 4);
    assert!(run("eessi", &order, KnownNames::new()).unwrap() == all, "another order of files gives another import");
    let known = all.modules.iter().map(|module| (module.name.clone(), spelling(module).to_owned())).collect();
    assert!(run("eessi", &order, known).unwrap() == all, "a second import gives another one");
}

fn spelling(module: &ModuleProposal) -> &str {
    module.metadata.get("name").map_or(module.name.last_segment(), String::as_str)
}

fn check_counts(all: &Import) {
    let within = |prefix: &str| {
        let prefix = prefix.parse().unwrap();
        all.modules.iter().filter(|m| m.kind == "software" && m.name.is_within(&prefix)).count()
    };
    assert_eq!((within("eessi.io/2023.06"), within("eessi.io/2025.06")), (675, 510));
    assert_eq!((count(all, "software"), count(all, "wares")), (784, 34_600));
    // 2,295 installed versions, and 13,948 of extensions less 54 pairs of letters less one
    // that stands twice (mctc-lib). The format notes count two: they merge spellings that
    // differ in case or dash, which here are modules of their own.
    assert_eq!(count(all, "releases"), 2_295 + 13_948 - 54 - 1);
    assert_eq!((count(all, "r"), count(all, "python"), count(all, "component")), (9_192 - 54, 2_526, 467 - 1));
    // The format notes count 6,696: 18 are the nine letters in two EESSI versions, and 45
    // spellings that share a name with another have one with a hash.
    assert_eq!(count(all, "modules"), 6_696 - 18 + 45);
    let inputs = all.modules.iter().flat_map(|m| &m.releases).filter_map(|r| r.replay.as_ref()).map(|p| p.inputs.len());
    assert_eq!(inputs.sum::<usize>(), 4_626);
    assert_eq!(all.source.files.len(), 7);
}

fn check_modules(all: &Import) {
    let items: HashMap<String, &ReleaseProposal> = (all.modules.iter())
        .flat_map(|m| m.releases.iter().map(move |r| (format!("{}:{}", m.name, r.name), r)))
        .collect();
    for module in &all.modules {
        assert!(module.name.is_strict(), "{}", module.name);
        let mirrors: BTreeMap<&WareId, _> = module.mirrors.iter().map(|(ware, list)| (ware, list)).collect();
        for release in &module.releases {
            match release.metadata.get("parent") {
                Some(parent) => assert_eq!(items[parent].items, release.items, "{}", module.name),
                None => {
                    for ware in release.items.values() {
                        let place = Location::from_address(&mirrors[ware][0]).unwrap();
                        assert_eq!(place.ware(), *ware);
                    }
                }
            }
            for reference in release.replay.iter().flat_map(|plot| plot.catalog_refs()) {
                let input = items[&format!("{}:{}", reference.module, reference.release)];
                assert!(input.items.contains_key(&reference.item), "{reference}");
            }
        }
    }
    let is_derived = |module: &&ModuleProposal| format!("{module:?}").contains("included in the software module for");
    assert_eq!(all.modules.iter().find(is_derived).map(|module| &module.name), None, "a derived text was kept");
}

fn check_diagnostics(all: &Import) {
    let of = |code, file: &str, part: &str| {
        let is = |d: &&warecat::model::Diagnostic| d.code == code && d.file == file && d.message.contains(part);
        all.diagnostics.iter().filter(is).count()
    };
    assert_eq!(of(Code::EntryRefused, R, "built into R"), 54);
    assert_eq!(of(Code::EntryRefused, SOFTWARE, "built into R"), 6, "once for each release of R");
    assert_eq!(of(Code::EntryOdd, SOFTWARE, "`Java/"), 53);
    assert_eq!(of(Code::EntryOdd, SOFTWARE, "hhttps"), 1);
    assert_eq!(of(Code::EntryOdd, "eessi_api_metadata_ext-component.json", "taken once"), 1);
    assert_eq!(all.diagnostics.len(), 54 + 6 + 53 + 1 + 1, "{:?}", all.diagnostics.last());
}

/// Every ware by its reference.
fn wares(import: &Import) -> BTreeMap<String, WareId> {
    let mut found = BTreeMap::new();
    for module in &import.modules {
        for release in &module.releases {
            for (label, ware) in &release.items {
                found.insert(format!("{}:{}:{label}", module.name, release.name), ware.clone());
            }
        }
    }
    found
}

#[test]
fn pins_hold_from_snapshot_to_snapshot() {
    let folders = ["eessi/history/2026-03-18", "eessi/history/2026-06-03", "eessi/history/2026-08-14", "eessi"];
    let mut known: BTreeMap<_, String> = BTreeMap::new();
    let mut before: Option<Import> = None;
    let mut sizes = Vec::new();
    for folder in folders {
        let Some(path) = shared::data(folder) else { return };
        let held = |name: &String| path.join(name).exists() || path.join(format!("{name}.zst")).exists();
        let names: Vec<String> = names().into_iter().filter(|name| held(name) && *name != R).collect();
        let now = run(folder, &names, known.clone().into_iter().collect()).unwrap();
        sizes.push((
            count(&now, "software"),
            now.modules.iter().filter(|m| m.kind == "software").map(|m| m.releases.len()).sum::<usize>(),
        ));
        if let Some(before) = &before {
            let new = wares(&now);
            assert!(wares(before).iter().all(|(name, ware)| new.get(name) == Some(ware)), "a ware moved in {folder}");
            check_replays(before, &now);
        }
        known.extend(now.modules.iter().map(|module| (module.name.clone(), spelling(module).to_owned())));
        before = Some(now);
    }
    // One release less in the first: LHAPDF does not say its EESSI version there.
    assert_eq!(sizes, [(743, 1_984), (761, 2_138), (781, 2_287), (784, 2_295)]);
}

/// A replay changes only where upstream says that other modules are required.
fn check_replays(before: &Import, now: &Import) {
    let replays = |import: &Import| -> HashMap<String, (Value, Option<warecat::model::Plot>)> {
        let all = import.modules.iter().filter(|m| m.kind == "software");
        let all = all.flat_map(|m| m.releases.iter().map(move |r| (format!("{}:{}", m.name, r.name), r)));
        all.map(|(name, r)| (name, (data(r.record.as_ref())["required_modules"].clone(), r.replay.clone()))).collect()
    };
    let now = replays(now);
    let before = replays(before);
    for (name, (required, plot)) in &before {
        assert!(now[name].0 != *required || now[name].1 == *plot, "the replay of {name} changed by itself");
    }
}

#[test]
fn eessis_own_samples_are_read() {
    let Some(folder) = shared::data("eessi/samples") else { return };
    let import = import(
        &["eessi_api_metadata_software.json", "eessi_api_metadata-riscv_software.json"]
            .map(|name| (name, std::fs::read(folder.join(name)).unwrap())),
    );
    assert_eq!(refusals(&import), 0, "{:?}", import.diagnostics);
    assert_eq!(import.source.version.as_deref(), Some("2023.06, 2025.06, 2025.06-001"));
    assert_eq!(import.source.timestamp.as_deref(), Some("2026-03-19T11:41:00.544447Z"));
    assert_eq!(count(&import, "software"), 13, "hatchling is in both files");
    assert_eq!(count(&import, "releases"), 30);
    let antlr = release(&import, "eessi.io/2025.06-001/antlr:2.7.7-GCCcore-14.3.0");
    assert_eq!(labels(antlr), ["riscv64-generic"]);
    let address = &module(&import, "eessi.io/2025.06-001/antlr").mirrors[0].1[0];
    let place = "cvmfs://dev.eessi.io/riscv/versions/2025.06-001/software/linux/riscv64/generic/software/ANTLR/2.7.7-GCCcore-14.3.0";
    assert_eq!(address.as_str(), place);
    let espresso = release(&import, "eessi.io/2023.06/espresso:4.2.2-foss-2023a-CUDA-12.1.1");
    assert_eq!(espresso.items.len(), 13 * 3);
}
