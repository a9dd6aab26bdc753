//! The real specs: every hash holds, and the graph in the catalog is that of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use warecat::catalog::{ApplyOptions, Catalog, ImportPolicy, ImportReport, Proposals, Query};
use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::import::spack::spec::{Importer, Options, Proof};
use warecat::model::{CatalogRef, ModuleName, ReleaseName, metadata};
use warecat::store::Committed;

use crate::shared;
use crate::support::TestCatalog;

fn prefix() -> ModuleName {
    "specs.spack.io".parse().unwrap()
}

/// The files of specs, the index and the lock file.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder.join("specs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.extend(["index-real-specs.json", "env-spack.lock.json"].map(|name| folder.join(name)));
    paths
}

/// The build caches' own spec JSON, index and images' configs.
fn build_caches(folder: &Path) -> Vec<PathBuf> {
    let mut paths = vec![
        folder.join("file-buildcache/index.json.pretty.json"),
        folder.join("file-buildcache/labz-1.3.1.spec.json"),
    ];
    for repository in std::fs::read_dir(folder.join("oci-buildcache/json")).unwrap() {
        for entry in std::fs::read_dir(repository.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let holds_specs = std::fs::read_to_string(&path).unwrap().contains("\"package_hash\"");
            if holds_specs && (name.ends_with("config.json") || name.contains("index")) {
                paths.push(path);
            }
        }
    }
    paths
}

fn read(paths: &[PathBuf]) -> (usize, Importer) {
    let mut importer = Importer::new(Options::new(prefix()), KnownNames::new());
    let mut nodes = 0;
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        nodes += importer.add_file(name, &std::fs::read(path).unwrap()).unwrap();
    }
    (nodes, importer)
}

fn put(catalog: &Catalog, import: Import) -> (ImportReport, Committed) {
    let prefix = prefix();
    let source = Some(import.source.into_source("spack-spec".into(), None));
    let proposals = Proposals { modules: import.modules, prefix: &prefix, source, covers: &|_| false };
    catalog.import(proposals, ImportPolicy::default(), ApplyOptions::default()).unwrap()
}

/// Every node in a JSON text, wherever it stands, by its hash.
fn nodes_in(value: &Value, found: &mut BTreeMap<String, Value>, count: &mut usize) {
    match value {
        Value::Object(map) if map.contains_key("package_hash") && map.contains_key("hash") => {
            *count += 1;
            found.insert(map["hash"].as_str().unwrap().to_owned(), value.clone());
        }
        Value::Object(map) => map.values().for_each(|value| nodes_in(value, found, count)),
        Value::Array(list) => list.iter().for_each(|value| nodes_in(value, found, count)),
        _ => {}
    }
}

fn expected(paths: &[PathBuf]) -> (usize, BTreeMap<String, Value>) {
    let (mut count, mut found) = (0, BTreeMap::new());
    for path in paths {
        nodes_in(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(), &mut found, &mut count);
    }
    (count, found)
}

#[test]
fn every_hash_of_the_real_specs_holds() {
    let Some(folder) = shared::data("spack") else { return };
    // 1,151 nodes in all.
    for (paths, count, distinct) in [(files(&folder), 806, 245), (build_caches(&folder), 345, 26)] {
        let (nodes, importer) = read(&paths);
        let (there, known) = expected(&paths);
        assert_eq!((nodes, importer.graph().len()), (there, known.len()), "a node was not taken");
        assert_eq!((nodes, importer.graph().len()), (count, distinct));
        for node in importer.graph().nodes() {
            assert_eq!(node.proof, Proof::Whole);
            let again: Value = serde_json::from_str(node.text()).unwrap();
            assert_eq!(again, known[node.hash.as_str()]);
            assert_eq!(node.external.is_some(), again.get("external").is_some());
        }
        assert_eq!(importer.finish().diagnostics, Vec::new());
    }
}

#[test]
fn the_real_specs_are_in_the_catalog_and_stay_as_they_are() {
    let Some(folder) = shared::data("spack") else { return };
    let test = TestCatalog::new();
    let (report, _) = put(&test.open(), read(&files(&folder)).1.finish());
    assert_eq!(report.releases["spec"].created, 245);
    let checked = test.check();
    assert_eq!(checked.totals(), (0, 0), "{:?}", checked.findings.first());

    let (again, committed) = put(&test.open(), read(&files(&folder)).1.finish());
    assert_eq!((again.files, again.releases["spec"].unchanged), (0, 245));
    assert_eq!(committed, Committed::default());
}

#[test]
fn gromacs_is_walked_from_its_root_to_its_leaves() {
    let Some(folder) = shared::data("spack") else { return };
    let test = TestCatalog::new();
    put(&test.open(), read(&files(&folder)).1.finish());
    let catalog = test.open();
    let (_, mut expected) = expected(&[folder.join("specs/gromacs.json")]);

    let root = expected.values().find(|node| node["name"] == "gromacs").unwrap().clone();
    let root =
        format!("specs.spack.io/gromacs:{}-{}:spec", root["version"].as_str().unwrap(), root["hash"].as_str().unwrap());
    let mut open: Vec<CatalogRef> = vec![root.parse().unwrap()];
    let (mut seen, mut leaves, mut externals) = (BTreeSet::new(), 0, BTreeSet::new());
    while let Some(at) = open.pop() {
        if !seen.insert(at.to_string()) {
            continue;
        }
        assert_eq!(at.item.as_str(), "spec");
        let hash = catalog.resolve(&Query::parse(&at.to_string()).unwrap()).unwrap().ware.hash().to_owned();
        let node = expected.remove(&hash).unwrap_or_else(|| panic!("{at} is not in the file, or was reached twice"));
        let name: ReleaseName = format!("{}-{hash}", node["version"].as_str().unwrap()).parse().unwrap();
        assert_eq!(at.release, name);
        let module = catalog.load_module(&at.module).unwrap().unwrap();
        assert_eq!(module.title(), node["name"].as_str().unwrap());
        let release = module.releases.iter().find(|release| *release.name() == at.release).unwrap();
        let toolchain = node["compiler"]["version"].as_str().unwrap();
        assert_eq!(release.fact(metadata::TOOLCHAIN), Some(format!("gcc/{toolchain}").as_str()));
        let inputs = match module.replay_of(release) {
            None => {
                assert!(node.get("external").is_some(), "{at} has no replay");
                assert_eq!(release.fact(metadata::KIND), Some("external"));
                externals.insert(module.title().to_owned());
                continue;
            }
            Some((_, plot)) => plot.catalog_refs().into_iter().cloned().collect::<Vec<_>>(),
        };
        assert!(node.get("external").is_none() && release.fact(metadata::KIND).is_none());
        let named: BTreeSet<&str> =
            node["dependencies"].as_array().into_iter().flatten().map(|d| d["hash"].as_str().unwrap()).collect();
        let walked: BTreeSet<&str> =
            inputs.iter().map(|input| input.release.as_str().rsplit('-').next().unwrap()).collect();
        assert_eq!(walked, named);
        leaves += usize::from(inputs.is_empty());
        open.extend(inputs);
    }
    assert!(expected.is_empty(), "not reached: {:?}", expected.keys());
    // All but the external C library need that at least.
    assert_eq!(leaves, 0);
    assert_eq!(externals.into_iter().collect::<Vec<_>>(), ["glibc"]);
}

/// The specs that real clients sent to Spack's monitor: format 2 of 0.17.3, format 3 of
/// 0.18.1, and a spec that the monitor itself ships.
#[test]
fn every_hash_that_spack_sent_to_its_monitor_holds() {
    let Some(folder) = shared::data("spackmon") else { return };
    let mut importer = Importer::new(Options::new(prefix()), KnownNames::new());
    let (mut nodes, mut bodies) = ((0, 0), 0);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let is_real =
            name.ends_with(".json") && ["a02", "a04", "a05", "b", "c"].iter().any(|start| name.starts_with(start));
        if !is_real {
            continue;
        }
        let exchanges: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for body in exchanges.as_array().unwrap().iter().map(|exchange| &exchange["request_body"]) {
            let Some(format) = body.pointer("/spec/_meta/version").and_then(Value::as_u64) else { continue };
            let taken = importer.add_file(&name, body.to_string().as_bytes()).unwrap();
            let there = body["spec"]["nodes"].as_array().unwrap();
            // A failed concretization was sent as a node.
            let concrete = there.iter().filter(|node| node["concrete"] != false).count();
            assert_eq!(taken, concrete, "{name}");
            *(if format == 2 { &mut nodes.0 } else { &mut nodes.1 }) += taken;
            bodies += 1;
        }
    }
    assert_eq!((bodies, nodes), (57, (442, 32)));
    assert!(importer.graph().nodes().all(|node| node.proof == Proof::Whole));
    // `full_hash` cannot be verified where the recipe's hash is absent, as in the shipped
    // spec, and where the installation's database had forgotten the build's dependencies.
    let import = importer.finish();
    let told = import.diagnostics.iter().filter(|one| one.path.ends_with("full_hash"));
    let told: BTreeSet<&str> = told.map(|one| &one.file[..3]).collect();
    assert_eq!(told.into_iter().collect::<Vec<_>>(), ["a02", "a04", "b11", "b12"]);
}
