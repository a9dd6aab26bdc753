//! What an import must not do: take what was refused for dropped, or what was made by
//! hand for upstream's, or call a damaged catalog unchanged.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::TestCatalog;

fn warecat(test: &TestCatalog, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_warecat")).arg("-C").arg(test.path()).args(args).output().unwrap()
}

/// The example's software, in a file of the test's own, perhaps changed.
fn source(test: &TestCatalog, change: impl Fn(&mut Value)) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog-example/sources/eessi/eessi_api_metadata_software.json");
    let mut api: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut api["software"]);
    let file = test.file(".source/eessi_api_metadata_software.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, api.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn imported(change: impl Fn(&mut Value), args: &[&str]) -> (TestCatalog, Output) {
    let test = TestCatalog::new();
    let from = source(&test, |_| {});
    assert_eq!(warecat(&test, &["import", "eessi", "--from", &from]).status.code(), Some(0));
    let hand = ["add", "eessi.io/2023.06/zstd:by-hand:x", "git:5a4fff4d948cd12a5cf5f637ad2c561815a77d8e"];
    assert!(warecat(&test, &hand).status.success());
    let from = source(&test, change);
    let done = warecat(&test, &[&["import", "eessi", "--from", &from], args].concat());
    (test, done)
}

#[test]
fn what_was_refused_is_not_pruned() {
    let broken = |software: &mut Value| {
        software["zstd"]["versions"] = json!("oops");
        software["Boost"]["versions"][0]["cpu_arch"] = json!(17);
    };
    let (test, done) = imported(broken, &["--prune"]);
    assert_eq!(done.status.code(), Some(7), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(test.file("eessi.io/2023.06/zstd/_releases/1.5.5-GCCcore-12.3.0.json").exists());
    assert!(test.file("eessi.io/2023.06/boost/_module.json").exists());
}

#[test]
fn what_upstream_dropped_is_pruned_and_what_was_made_by_hand_is_not() {
    let drop = |software: &mut Value| drop(software.as_object_mut().unwrap().remove("zstd"));
    let (test, _) = imported(drop, &["--prune"]);
    let module = test.read("eessi.io/2023.06/zstd/_module.json");
    assert!(module.contains("by-hand") && !module.contains("1.5.5-GCCcore-12.3.0"), "{module}");
    assert_eq!(test.check().totals().0, 0);
}

#[test]
fn a_document_that_went_missing_is_put_back_and_a_tampered_one_is_told() {
    let (test, _) = imported(|_| {}, &[]);
    let from = source(&test, |_| {});
    let before = test.documents();
    for folder in ["_releases", "_records", "_replays"] {
        let folder = test.file(&format!("eessi.io/2023.06/boost/{folder}"));
        std::fs::remove_dir_all(folder).unwrap();
    }
    assert!(test.check().totals().0 > 0);
    let again = ["import", "eessi", "--from", &from];
    assert_eq!(warecat(&test, &again).status.code(), Some(0));
    assert_eq!(test.documents(), before);
    let path = "eessi.io/2023.06/boost/_releases/1.82.0-GCC-12.3.0.json";
    test.write(path, test.read(path).replace("zen4", "zen9"));
    let done = warecat(&test, &again);
    assert_eq!(done.status.code(), Some(4), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn releases_that_differ_in_case_are_refused_by_hand() {
    let test = TestCatalog::new();
    let add = |release: &str| warecat(&test, &["add", &format!("a.org/b:{release}:x"), "tar:abc"]).status.code();
    assert_eq!((add("v1"), add("V1")), (Some(0), Some(4)));
    assert_eq!(test.check().totals(), (0, 0));
}

#[test]
fn a_commit_holds_all_of_the_modules_that_it_touches() {
    let test = TestCatalog::new();
    let git = |args: &[&str]| {
        let output = Command::new("git").arg("-C").arg(test.path()).args(args).output();
        output.map(|output| output.status.success()).unwrap_or(false)
    };
    if !(git(&["init", "-q"]) && git(&["config", "user.name", "T"]) && git(&["config", "user.email", "t@t.example"])) {
        return eprintln!("skipped: git is not here");
    }
    assert!(warecat(&test, &["add", "p.q/m:v1:x", "tar:aaa"]).status.success());
    assert!(warecat(&test, &["add", "p.q/other:v1:x", "tar:aaa"]).status.success());
    let done = warecat(&test, &["add", "p.q/m:v2:x", "tar:bbb", "--commit"]);
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && told.contains("other modules: 2"), "{told}");
    let check = warecat(&test, &["--rev", "HEAD", "check", "--strict"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
}

#[test]
fn a_folder_within_a_catalog_is_not_taken_for_one() {
    let test = TestCatalog::new();
    assert!(warecat(&test, &["add", "p.q/m:v1:x", "tar:aaa"]).status.success());
    let inner = test.file("p.q");
    let done =
        Command::new(env!("CARGO_BIN_EXE_warecat")).arg("-C").arg(&inner).args(["add", "n:v1:x", "tar:a"]).output();
    assert_eq!(done.unwrap().status.code(), Some(1));
    // Warpforge's catalogs have no `catalog.toml` to tell where they begin.
    std::fs::remove_file(test.file("catalog.toml")).unwrap();
    for command in [&["check"][..], &["add", "n:v1:x", "tar:a"]] {
        let done = Command::new(env!("CARGO_BIN_EXE_warecat")).arg("-C").arg(&inner).args(command).output().unwrap();
        assert!(String::from_utf8_lossy(&done.stderr).contains("is a part of a catalog"), "{done:?}");
    }
    test.write("catalog.toml", "");
    let site = test.file("p.q/site");
    let done = warecat(&test, &["site", "build", "-o", site.to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(test.check().totals(), (0, 0));
}
