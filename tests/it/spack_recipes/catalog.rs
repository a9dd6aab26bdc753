//! The real data in a catalog: imported, checked, imported again, with more and with less
//! said.

use std::collections::BTreeMap;

use warecat::catalog::{ApplyOptions, ImportPolicy, ImportReport, Proposals};
use warecat::import::names::KnownNames;
use warecat::model::ModuleName;
use warecat::store::Committed;

use super::{Files, import_knowing, real, real_packages};
use crate::network::Server;
use crate::support::TestCatalog;

fn put(test: &TestCatalog, repology: &[u8], files: &Files) -> (ImportReport, Committed) {
    let prefix: ModuleName = "spack.io".parse().unwrap();
    let catalog = test.open();
    let mut known = KnownNames::new();
    for name in catalog.module_names().unwrap() {
        let module = catalog.module(&name).unwrap().unwrap();
        let spelling = module.metadata.get("name").map_or(name.last_segment(), String::as_str).to_owned();
        known.insert(name, &spelling);
    }
    let import = import_knowing(repology, files, known);
    let source = Some(import.source.into_source("spack".into(), None));
    let proposals = Proposals { modules: import.modules, prefix: &prefix, source, covers: &|_| true };
    let policy = ImportPolicy { update_existing: true, prune: false };
    catalog.import(proposals, policy, ApplyOptions::default()).unwrap()
}

fn check(test: &TestCatalog) -> u64 {
    let checked = test.check();
    assert_eq!(checked.totals().0, 0, "{:?}", checked.findings.first());
    assert!(checked.findings.iter().all(|f| f.code.as_str() == "name-lookalike"), "{:?}", checked.findings);
    checked.counts.releases as u64
}

/// Every item, by its release's file and label.
fn items(documents: &BTreeMap<String, String>) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for (path, text) in documents.iter().filter(|(path, _)| path.contains("/_releases/")) {
        let release: serde_json::Value = serde_json::from_str(text).unwrap();
        for (label, ware) in release["items"].as_object().unwrap() {
            found.insert((path.clone(), label.clone()), ware.as_str().unwrap().to_owned());
        }
    }
    found
}

#[test]
fn with_the_packages_files_it_imports_checks_and_does_not_change_again() {
    let Some(repology) = real("repology.json.zst") else { return };
    let (test, files) = (TestCatalog::new(), real_packages());
    let (report, committed) = put(&test, &repology, &files);
    assert_eq!(report.releases["package"].created, 34_739);
    assert_eq!((report.modules["package"].created, report.modules["virtual"].created), (8_007, 45));
    assert!(committed.written.len() <= 60_000, "{}", committed.written.len());
    assert_eq!(check(&test), 34_739);
    let (again, committed) = put(&test, &repology, &files);
    assert_eq!((again.files, committed), (0, Committed::default()));
}

#[test]
fn learning_checksums_adds_items_and_changes_none_and_forgetting_them_takes_none_away() {
    let Some(repology) = real("repology.json.zst") else { return };
    let (test, files) = (TestCatalog::new(), real_packages());
    let (report, _) = put(&test, &repology, &Files::new());
    assert_eq!(report.releases["package"].created, 34_739);
    assert_eq!(check(&test), 34_739);
    let before = items(&test.documents());

    let (report, _) = put(&test, &repology, &files);
    assert!(report.broken_pins.is_empty() && report.dropped.is_empty() && report.items_not_upstream.is_empty());
    assert_eq!(check(&test), 34_739);
    let learned = items(&test.documents());
    assert!(before.iter().all(|(item, ware)| learned.get(item) == Some(ware)), "an item changed");
    assert_eq!(learned.len() - before.len(), 33_186 - 3_198);
    assert_eq!(report.releases["package"].updated, 33_186 - 3_198);

    let (report, committed) = put(&test, &repology, &Files::new());
    assert!(report.broken_pins.is_empty() && report.dropped.is_empty());
    assert_eq!(report.releases["package"].unchanged, 34_739);
    assert!(!committed.written.iter().any(|path| path.contains("/_releases/") || path.ends_with("_mirrors.json")));
    assert_eq!(check(&test), 34_739);
    assert!(items(&test.documents()) == learned, "an item was taken away");
}

/// The catalog's documents, without where they were read.
fn documents(test: &TestCatalog) -> BTreeMap<String, String> {
    let mut found = test.documents();
    found.retain(|path, _| !path.ends_with("_source.json"));
    found
}

fn run(test: &TestCatalog, from: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_warecat"));
    let done = command.arg("-C").arg(test.path()).args(["import", "spack", "--json", "-j", "2", "--from"]).args(from);
    let done = done.output().unwrap();
    assert_eq!(done.status.code(), Some(7), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_folder_an_archive_and_a_server_say_the_same() {
    const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/spack/recipes");
    let folder = TestCatalog::new();
    run(&folder, &[DATA]);
    assert_eq!(folder.check().totals(), (0, 0));

    let mut builder = tar::Builder::new(Vec::new());
    builder.append_dir_all("data/packages", format!("{DATA}/packages")).unwrap();
    let (archived, packed) = (TestCatalog::new(), tempfile::tempdir().unwrap());
    let path = packed.path().join("packages.tar.zst");
    std::fs::write(&path, zstd::encode_all(&builder.into_inner().unwrap()[..], 1).unwrap()).unwrap();
    run(&archived, &[path.to_str().unwrap(), &format!("{DATA}/repology.json")]);
    assert!(documents(&archived) == documents(&folder), "an archive and a folder differ");

    // As packages.spack.io publishes it: below `data/`.
    let server = Server::start(|path| match std::fs::read(format!("{DATA}/{}", path.trim_start_matches("data/"))) {
        Ok(bytes) if path.starts_with("data/") => (200, bytes),
        _ => (404, Vec::new()),
    });
    let served = TestCatalog::new();
    let told = run(&served, &[&server.url()]);
    assert!(documents(&served) == documents(&folder), "a server and a folder differ");
    assert!(told.contains("packages/flint.json") && told.contains("it is not there"), "{told}");
    assert!(served.read("spack.io/_source.json").contains(&server.url()));
}
