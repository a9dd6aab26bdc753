//! What `spack install --monitor-save-local` leaves: whole and half builds, secrets,
//! outputs of any length.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use warecat::catalog::{ApplyOptions, Catalog, ImportPolicy, ImportReport, Proposals};
use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::import::spack::monitor::Importer;
use warecat::import::spack::spec::Options;
use warecat::model::{ModuleName, RecordCapsule, Value, metadata};

use crate::shared;
use crate::spack_specs::{Spec, document, refused};
use crate::support::TestCatalog;

const ID: &str = "0123456789abcdef0123456789abcdef";

type Files = BTreeMap<String, String>;

fn prefix() -> ModuleName {
    "specs.spack.io".parse().unwrap()
}

fn import(files: &Files) -> Import {
    import_in(files.iter())
}

fn import_in<'f>(files: impl Iterator<Item = (&'f String, &'f String)>) -> Import {
    let mut importer = Importer::new(Options::new(prefix()), KnownNames::new());
    for (name, text) in files {
        importer.add_file(name, text.as_bytes()).unwrap();
    }
    importer.finish()
}

fn put(catalog: &Catalog, import: Import) -> ImportReport {
    let prefix = prefix();
    let source = Some(import.source.into_source("spack-monitor".into(), None));
    let proposals = Proposals { modules: import.modules, prefix: &prefix, source, covers: &|_| false };
    catalog.import(proposals, ImportPolicy::default(), ApplyOptions::default()).unwrap().0
}

/// The records of all builds.
fn builds(import: &Import) -> Vec<Value> {
    let releases = import.modules.iter().flat_map(|module| &module.releases);
    let records = releases.flat_map(|release| &release.builds).cloned().map(RecordCapsule::into_inner);
    records.inspect(|record| assert_eq!(record.kind, "spack.build")).map(|record| record.data).collect()
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_text)
}

/// A spec, and the files of a build of it that went well.
fn run() -> (Spec, Files) {
    let spec = Spec::new("app", "1.0").hashed();
    let metadata = json!({
        "host_os": "testos1", "platform": "linux", "host_target": "zen2", "hostname": "node1", "kernel_version": "#1",
        "spack_version": "0.18.1", "full_hash": spec.hash(), "tags": "one, two",
    });
    let mut files = Files::new();
    files.insert("spec-app-1.0-config.json".into(), document(4, &[&spec]));
    files.insert(format!("build-metadata-{ID}.json"), metadata.to_string());
    files.insert(format!("build-{ID}-status.json"), json!({"build_id": ID, "status": "SUCCESS"}).to_string());
    for (name, output) in [("build", Json::Null), ("configure", json!("")), ("install", json!("done\n"))] {
        add_phase(&mut files, name, "SUCCESS", output);
    }
    (spec, files)
}

fn add_phase(files: &mut Files, name: &str, status: &str, output: Json) {
    let phase = json!({"build_id": ID, "phase_name": name, "status": status, "output": output});
    files.insert(format!("build-{ID}-phase-{name}.json"), phase.to_string());
}

#[test]
fn the_real_folder_is_imported_and_stays_as_it_is() {
    let Some(folder) = shared::data("spackmon/save-local") else { return };
    let files: Files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    let found = import(&files);
    assert_eq!(found.diagnostics, Vec::new(), "all three hashes of each node hold");
    assert_eq!((found.modules.len(), builds(&found).len()), (3, 2));
    // The order of the files says nothing.
    assert_eq!(import_in(files.iter().rev()), found);

    let test = TestCatalog::new();
    assert_eq!(put(&test.open(), found.clone()).releases["spec"].created, 3);
    assert_eq!(test.check().totals(), (0, 0));
    let before = test.documents();
    assert_eq!(put(&test.open(), found).files, 0);
    assert_eq!(test.documents(), before);

    let module = test.open().load_module(&"specs.spack.io/monbase".parse().unwrap()).unwrap().unwrap();
    let built: Vec<_> = module.builds_of(&module.releases[0]).collect();
    assert_eq!(built.len(), 1);
    let phases = built[0].1.data.get("phases").unwrap().items();
    let states: Vec<_> =
        phases.iter().map(|phase| (text(phase, "name").unwrap(), phase.get("output").unwrap())).collect();
    assert!(matches!(states[0], ("build", Value::Null)));
    assert!(matches!(states[1], ("configure", Value::Text(log)) if log.contains("Executing phase")));
    assert!(matches!(states[2], ("install", Value::Text(log)) if log.is_empty()));
}

#[test]
fn a_build_is_a_record_on_the_release_of_its_spec() {
    let (_, files) = run();
    let found = import(&files);
    assert_eq!(found.diagnostics, Vec::new());
    let [build] = &builds(&found)[..] else { panic!() };
    assert_eq!(
        (text(build, "build_id"), text(build, "status"), text(build, "spack_version")),
        (Some(ID), Some("SUCCESS"), Some("0.18.1"))
    );
    let environment = build.get("environment").unwrap();
    assert_eq!((text(environment, "hostname"), text(environment, "host_target")), (Some("node1"), Some("zen2")));
    let tags: Vec<_> = build.get("tags").unwrap().items().iter().filter_map(Value::as_text).collect();
    assert_eq!(tags, ["one", "two"]);
    assert!(build.get("failed_in").is_none());
}

#[test]
fn another_outcome_is_another_record_and_none_is_lost() {
    let test = TestCatalog::new();
    let (spec, mut files) = run();
    let good = files.clone();
    files.remove(&format!("build-{ID}-status.json"));
    files.remove(&format!("build-{ID}-phase-install.json"));
    add_phase(&mut files, "build", "ERROR", json!("a.c:1: error"));
    let failed = import(&files);
    assert_eq!(failed.diagnostics, Vec::new());
    assert_eq!(failed.source.counts["failed"], 1);
    let [build] = &builds(&failed)[..] else { panic!() };
    let places: Vec<_> = build.get("failed_in").unwrap().items().iter().filter_map(Value::as_text).collect();
    assert_eq!((places, text(build, "status")), (vec!["build"], None), "where it failed is in its phases");

    let count = |test: &TestCatalog| {
        let module = test.open().load_module(&"specs.spack.io/app".parse().unwrap()).unwrap().unwrap();
        assert_eq!(module.releases[0].name().as_str(), spec.release());
        assert_eq!(
            module.releases[0].fact(metadata::BUILDS).unwrap().split(", ").count(),
            module.builds_of(&module.releases[0]).count()
        );
        module.builds_of(&module.releases[0]).count()
    };
    put(&test.open(), failed.clone());
    assert_eq!(count(&test), 1);
    let report = put(&test.open(), import(&good));
    assert_eq!((count(&test), report.releases["spec"].updated), (2, 1));
    assert_eq!(put(&test.open(), import(&good)).releases["spec"].unchanged, 1);
    put(&test.open(), failed);
    assert_eq!(count(&test), 2, "what is there is neither repeated nor lost");
    assert_eq!(test.check().totals(), (0, 0));
}

#[test]
fn builds_that_can_hang_nowhere_are_refused_and_the_others_are_taken() {
    let (_, mut files) = run();
    let other = "ffffffffffffffffffffffffffffffff";
    files.insert(format!("build-{other}-status.json"), json!({"build_id": other, "status": "SUCCESS"}).to_string());
    let found = import(&files);
    assert_eq!((builds(&found).len(), refused(&found).len()), (1, 1));
    assert!(refused(&found)[0].1.contains("no metadata"), "{:?}", refused(&found));

    files.insert(format!("build-metadata-{other}.json"), json!({"full_hash": "a".repeat(32)}).to_string());
    let found = import(&files);
    assert_eq!(builds(&found).len(), 1);
    assert!(refused(&found)[0].1.contains("no spec of the folder"), "{:?}", refused(&found));
}

#[test]
fn a_build_may_bring_its_own_spec_along() {
    let (spec, mut files) = run();
    files.remove("spec-app-1.0-config.json");
    let inline: Json = serde_json::from_str(&document(4, &[&spec])).unwrap();
    let metadata = json!({"full_hash": spec.hash(), "spack_version": "0.18.1", "spec": inline});
    files.insert(format!("build-metadata-{ID}.json"), metadata.to_string());
    let found = import(&files);
    assert_eq!(found.diagnostics, Vec::new());
    assert_eq!((found.modules.len(), builds(&found).len()), (1, 1));
}

#[test]
fn a_tampered_spec_takes_its_build_with_it() {
    let (spec, mut files) = run();
    files.insert("spec-app-1.0-config.json".into(), document(4, &[&spec.with("version", json!("9"))]));
    let found = import(&files);
    assert_eq!((found.modules.len(), refused(&found).len()), (0, 2));
}

#[test]
fn t06_broken_and_foreign_files_are_told_and_the_rest_is_taken() {
    let (_, mut files) = run();
    files.insert("notes.json".into(), "{}".into());
    files.insert(format!("build-{ID}-phase-a.json"), "{\"build_id\": ".into());
    files.insert(format!("build-{ID}-phase-b.json"), json!({"build_id": "other", "status": "ERROR"}).to_string());
    files.insert(format!("build-{ID}-phase-c.json"), "[]".into());
    files.insert(format!("build-{ID}-phase-d.json"), "[".repeat(100_000));
    let found = import(&files);
    assert_eq!((refused(&found).len(), found.diagnostics.len(), builds(&found).len()), (4, 5, 1));
    assert_eq!(found.source.counts["failed"], 0);
}

#[test]
fn t33_secrets_of_builds_are_not_kept() {
    let (spec, mut files) = run();
    let log = "export SPACK_TOKEN=hunter2\ncurl -H 'Authorization: Bearer hunter2' https://me:hunter2@example.org/x?token=hunter2\n";
    add_phase(&mut files, "install", "SUCCESS", json!(log));
    let variables = json!({
        "SPACK_ENV": "/srv/env", "SPACK_CC": "/usr/bin/gcc", "SPACK_GITLAB_TOKEN": "hunter2", "SPACK_KEY": "hunter2",
        "SPACK_MIRROR": "https://me:hunter2@example.org/", "HOME": "/home/hunter2", "AWS_SECRET_ACCESS_KEY": "hunter2",
    });
    let place = format!("/opt/spack/linux/app-1.0-{}", spec.hash());
    let installed = json!({
        (format!("{place}/lib/libapp.so")): {"mode": 33261, "owner": 0, "group": 0, "type": "file", "hash": "ABC", "size": 3},
        (format!("{place}/bin")): {"mode": 17901, "owner": 0, "group": 0, "type": "dir"},
        (place.clone()): {"type": "dir"},
        "/etc/passwd": {"type": "file"},
    });
    let analysis =
        json!({"build_id": ID, "metadata": {"environment_variables": variables, "install_files": installed}});
    files.insert(format!("build-{ID}-analyze.json"), analysis.to_string());
    let found = import(&files);
    assert_eq!(found.diagnostics, Vec::new());
    let [build] = &builds(&found)[..] else { panic!() };
    let all = serde_json::to_string(build).unwrap();
    assert!(!all.contains("hunter2"), "{all}");
    let Some(Value::Map(kept)) = build.get("environment_variables") else { panic!() };
    let names: Vec<_> = kept.keys().map(String::as_str).collect();
    assert_eq!(names, ["SPACK_CC", "SPACK_ENV", "SPACK_GITLAB_TOKEN", "SPACK_KEY", "SPACK_MIRROR"]);
    assert_eq!(kept["SPACK_CC"], Value::from("/usr/bin/gcc"));
    let paths: Vec<_> =
        build.get("install_files").unwrap().items().iter().map(|file| text(file, "path").unwrap()).collect();
    assert_eq!(paths, ["bin", "lib/libapp.so"], "relative to the prefix");
}

#[test]
fn t06_an_output_of_any_length_leaves_a_small_record() {
    let (_, mut files) = run();
    let log = "0123456789\n".repeat(500_000);
    add_phase(&mut files, "install", "SUCCESS", json!(log));
    let found = import(&files);
    let [build] = &builds(&found)[..] else { panic!() };
    let phase =
        build.get("phases").unwrap().items().iter().find(|phase| text(phase, "name") == Some("install")).unwrap();
    assert!(log.starts_with(text(phase, "output_head").unwrap()) && log.ends_with(text(phase, "output_tail").unwrap()));
    assert_eq!(text(phase, "output_sha256").unwrap(), warecat::model::Digest::of(log.as_bytes()).hex());
    assert_eq!(phase.get("output_length"), Some(&Value::Integer(5_500_000)));
    assert!(serde_json::to_string(build).unwrap().len() < 100_000);
}

#[test]
fn t33_metadata_with_a_secret_name_is_not_kept() {
    let (_, mut files) = run();
    let name = format!("build-metadata-{ID}.json");
    let mut metadata: Json = serde_json::from_str(&files[&name]).unwrap();
    metadata["api_token"] = json!("hunter2");
    metadata["note"] = json!("kept");
    files.insert(name, metadata.to_string());
    let [build] = &builds(&import(&files))[..] else { panic!() };
    let more = build.get("more").unwrap();
    assert_eq!((text(more, "api_token"), text(more, "note")), (Some("…"), Some("kept")));
}
