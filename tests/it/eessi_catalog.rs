//! The whole of EESSI in a catalog: imported, checked, imported again, followed through
//! its history, and compared with the pages that EESSI publishes. Needs the real data.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use warecat::catalog::{ApplyOptions, Catalog, ImportPolicy, ImportReport, ModuleEntry, Proposals};
use warecat::import::eessi::{Importer, Options};
use warecat::import::names::KnownNames;
use warecat::model::{ModuleName, Record, ReleaseRef, metadata};
use warecat::store::{Committed, Place};

use crate::shared;
use crate::support::TestCatalog;

/// The API's files of a folder, unpacked one at a time.
fn files(folder: &Path) -> impl Iterator<Item = (String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let is_api = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("eessi_api_metadata_");
    paths.into_iter().filter(is_api).map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().trim_end_matches(".zst").to_owned();
        let bytes = std::fs::read(&path).unwrap();
        let is_packed = path.extension().is_some_and(|end| end == "zst");
        (name, if is_packed { zstd::decode_all(&bytes[..]).unwrap() } else { bytes })
    })
}

fn import(catalog: &Catalog, folder: &Path) -> (ImportReport, Committed) {
    let prefix: ModuleName = "eessi.io".parse().unwrap();
    let mut known = KnownNames::new();
    for name in catalog.module_names().unwrap() {
        let module = catalog.module(&name).unwrap().unwrap();
        let spelling = module.metadata.get(metadata::NAME).map_or(name.last_segment(), String::as_str).to_owned();
        known.insert(name, &spelling);
    }
    let mut importer = Importer::new(Options::default(), known);
    for (name, bytes) in files(folder) {
        importer.add_file(&name, &bytes).unwrap();
    }
    let import = importer.finish();
    let source = Some(import.source.into_source("eessi".into(), None));
    let proposals = Proposals { modules: import.modules, prefix: &prefix, source, covers: &|_| true };
    let policy = ImportPolicy { update_existing: true, prune: false };
    catalog.import(proposals, policy, ApplyOptions::default()).unwrap()
}

/// What the API's files of a folder give, without a catalog.
pub(crate) fn proposals(folder: &Path) -> warecat::import::Import {
    let mut importer = Importer::new(Options::default(), KnownNames::new());
    for (name, bytes) in files(folder) {
        importer.add_file(&name, &bytes).unwrap();
    }
    importer.finish()
}

fn entries(catalog: &Catalog) -> Vec<ModuleEntry> {
    use rayon::prelude::*;
    let names = catalog.module_names().unwrap();
    names.par_iter().map(|name| catalog.load_module(name).unwrap().unwrap()).collect()
}

#[test]
fn all_of_eessi_imports_checks_and_says_what_its_pages_say() {
    let Some(folder) = shared::data("eessi") else { return };
    let test = TestCatalog::new();
    let (report, _) = import(&test.open(), &folder);
    let created = |kind: &str| report.releases[kind].created;
    assert_eq!((created("software"), created("r"), created("perl")), (2_295, 9_192 - 54, 1_693));
    let checked = test.check();
    assert_eq!(checked.totals().0, 0, "{:?}", checked.findings.first());
    assert_eq!(checked.counts.releases, 2_295 + 13_948 - 54 - 1);

    let (again, committed) = import(&test.open(), &folder);
    assert_eq!((again.files, committed), (0, Committed::default()));
    compare_with_pages(&test.open(), &folder.join("reference_detail.tar.zst"));
}

/// What the catalog says, by what a page names.
struct Facts {
    entries: HashMap<ModuleName, ModuleEntry>,
    /// Extensions: spelling, version and the parent's environment module.
    extensions: BTreeSet<(String, String, String)>,
}

impl Facts {
    fn gather(catalog: &Catalog) -> Self {
        let entries: HashMap<_, _> = entries(catalog).into_iter().map(|entry| (entry.name.clone(), entry)).collect();
        let mut extensions = BTreeSet::new();
        for entry in entries.values() {
            for release in &entry.releases {
                let Some(parent) = release.fact(metadata::PARENT) else {
                    let Some((_, record)) = entry.record_of(release) else { continue };
                    let module = release.fact(metadata::MODULE).unwrap();
                    extensions.extend(listed(record).map(|(name, version)| (name, version, module.to_owned())));
                    continue;
                };
                let parent: ReleaseRef = parent.parse().unwrap();
                let holder = entries[&parent.module].releases.iter().find(|r| *r.name() == parent.release).unwrap();
                let module = holder.fact(metadata::MODULE).unwrap().to_owned();
                extensions.insert((entry.title().to_owned(), release.fact("version").unwrap().to_owned(), module));
            }
        }
        Self { entries, extensions }
    }
}

/// The extensions that a release's record lists.
fn listed(record: &Record) -> impl Iterator<Item = (String, String)> {
    let all = record.data.get("extensions").map(|list| list.items()).unwrap_or_default();
    let text = |value: &warecat::model::Value, key: &str| value.get(key).and_then(|v| v.as_text()).map(str::to_owned);
    all.iter().filter_map(move |value| Some((text(value, "name")?, text(value, "version")?)))
}

fn compare_with_pages(catalog: &Catalog, archive: &Path) {
    let facts = Facts::gather(catalog);
    let (mut pages, mut installations, mut extensions) = (0, 0, 0);
    for text in pages_of(archive) {
        pages += 1;
        let name = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap().trim();
        let mut extension: Option<&str> = None;
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("### ") {
                extension = Some(heading.trim());
            }
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').collect();
            let is_row = line.starts_with('|') && !line.contains("---") && !line.contains(" version|");
            match (is_row, cells.as_slice(), extension) {
                (true, [version, cpus, gpus, eessi, module], None) => {
                    compare_installation(catalog, &facts, name, [version, cpus, gpus, eessi, module]);
                    installations += 1;
                }
                (true, [version, modules], Some(extension)) => {
                    for module in codes(modules) {
                        let is_rs_bug = extension.len() == 1 && version.len() == 1;
                        let key = (extension.to_owned(), (*version).to_owned(), module);
                        // A heading may stand for the software itself.
                        let is_own = key.2.starts_with(&format!("{extension}/"));
                        assert!(is_own || is_rs_bug != facts.extensions.contains(&key), "{name}: {key:?}");
                        extensions += 1;
                    }
                }
                _ => {}
            }
        }
    }
    assert_eq!((pages, installations), (784, 2_295));
    assert!(extensions > 13_000, "{extensions}");
}

fn compare_installation(catalog: &Catalog, facts: &Facts, name: &str, cells: [&str; 5]) {
    let [version, cpus, gpus, eessi, module] = cells;
    let eessi = eessi.split('>').nth(1).unwrap().split('<').next().unwrap();
    let module = codes(module).pop().unwrap();
    // In the spelling of the page.
    let found = catalog.find_module(&format!("eessi.io/{eessi}/{name}")).unwrap();
    let entry = &facts.entries[&found];
    assert_eq!(entry.title(), name);
    let release_name = module.split_once('/').unwrap().1;
    let release = entry.releases.iter().find(|release| release.name().as_str() == release_name);
    let release = release.unwrap_or_else(|| panic!("{found} has no {release_name}"));
    assert_eq!(release.fact(metadata::VERSION), Some(version));
    assert_eq!(release.fact(metadata::MODULE), Some(module.as_str()));
    let items: BTreeSet<String> = release.release.items.keys().map(ToString::to_string).collect();
    assert_eq!(items, expected_items(cpus, gpus), "{found}:{release_name}");
}

/// The items that a page's targets stand for.
fn expected_items(cpus: &str, gpus: &str) -> BTreeSet<String> {
    let mut targets = Vec::new();
    for group in cpus.split("<br/>").filter(|group| !group.trim().is_empty()) {
        let (family, rest) = group.split_once(": ").unwrap();
        for target in codes(rest) {
            targets.push(match family {
                "`generic`" => format!("{target}-generic"),
                _ if family.contains("Arm") => format!("aarch64-{}", target.replace('/', "-")),
                _ if family.contains("AMD") => format!("x86_64-amd-{target}"),
                _ if family.contains("Intel") => format!("x86_64-intel-{target}"),
                other => panic!("an unknown family: {other}"),
            });
        }
    }
    let gpus = codes(gpus);
    if gpus.is_empty() {
        return targets.into_iter().collect();
    }
    targets.iter().flat_map(|cpu| gpus.iter().map(move |gpu| format!("{cpu}-nvidia-{gpu}"))).collect()
}

/// The texts in backticks.
fn codes(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The pages of a packed tar archive (ustar: a header of 512 bytes, then the file, padded).
fn pages_of(archive: &Path) -> Vec<String> {
    let tar = zstd::decode_all(&std::fs::read(archive).unwrap()[..]).unwrap();
    let (mut at, mut pages) = (0, Vec::new());
    while at + 512 <= tar.len() && tar[at] != 0 {
        let header = &tar[at..at + 512];
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&header[range]).trim_matches(['\0', ' ']).to_owned()
        };
        let size = usize::from_str_radix(&text(124..135), 8).unwrap();
        if text(0..100).ends_with(".md") {
            pages.push(String::from_utf8(tar[at + 512..at + 512 + size].to_vec()).unwrap());
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    pages
}

type Wares = BTreeMap<String, String>;

fn wares(catalog: &Catalog) -> Wares {
    let mut found = Wares::new();
    for entry in entries(catalog) {
        for release in &entry.releases {
            for (item, ware) in &release.release.items {
                found.insert(format!("{}:{}:{item}", entry.name, release.name()), ware.to_string());
            }
        }
    }
    found
}

#[test]
fn through_its_history_only_what_changed_is_touched_and_every_pin_holds() {
    let Some(folder) = shared::data("eessi") else { return };
    let test = TestCatalog::new();
    let mut before = BTreeMap::new();
    let mut pinned = Wares::new();
    let states = ["history/2026-03-18", "history/2026-06-03", "history/2026-08-14", ""];
    for state in states {
        let (report, committed) = import(&test.open(), &folder.join(state));
        let after = test.documents();
        assert_eq!(report.broken_pins.len(), 0, "{state}");
        assert_eq!(report.held_back.len(), 0, "{state}");
        assert_touched(&before, &after, &committed);
        let now = wares(&test.open());
        for (reference, ware) in &pinned {
            assert_eq!(now.get(reference), Some(ware), "{state}: {reference}");
        }
        let checked = test.check();
        assert_eq!(checked.totals().0, 0, "{state}: {:?}", checked.findings.first());
        assert!(checked.findings.iter().all(|f| f.code.as_str() != "document-orphaned"), "{state}");
        (before, pinned) = (after, now);
    }
}

/// Every file that was written is other than before, and belongs to a release that
/// changed, or is its module's own.
fn assert_touched(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>, committed: &Committed) {
    let is_other = |path: &String| before.get(path) != after.get(path);
    let mut named = BTreeSet::new();
    for path in committed
        .written
        .iter()
        .filter(|path| matches!(Place::parse(path), Some(Place::Release(..) | Place::Module(_))))
    {
        named.extend(after[path].split('"').filter(|text| text.starts_with("zM5K3") || text.starts_with("bafyr4i")));
    }
    for path in &committed.written {
        assert!(is_other(path), "{path} was written for nothing");
        let is_named = match Place::parse(path).unwrap() {
            Place::Replay(_, cid) => named.contains(cid.as_str()),
            Place::Record(_, cid) => named.contains(cid.as_str()),
            _ => true,
        };
        assert!(is_named, "{path} belongs to nothing that changed");
    }
    let touched: BTreeSet<&String> = committed.written.iter().chain(&committed.removed).collect();
    let differing = before.keys().chain(after.keys()).filter(|path| is_other(path));
    assert!(differing.clone().all(|path| touched.contains(path)), "a file changed that was not told");
}
