//! Hostile catalogs at the command line: what a reader sees of them, and what order means.

use std::process::{Command, Output};

use warecat::model::codec::{decode, encode};
use warecat::model::{Map, ModuleCapsule, Release};

use crate::support::{GIT, TAR, TestCatalog};

fn warecat(test: &TestCatalog, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_warecat")).arg("-C").arg(test.path()).args(args).output().unwrap()
}

/// Puts a fact into the only release of `a.org/b`, with the CIDs set right.
fn with_fact(test: &TestCatalog, key: &str, value: &str) {
    let path = "a.org/b/_releases/v1.json";
    let mut release: Release = decode(test.read(path).as_bytes()).unwrap();
    release.metadata.insert(key.into(), value.into());
    let ModuleCapsule::V1(mut module) = decode(test.read("a.org/b/_module.json").as_bytes()).unwrap();
    module.releases.insert(release.release_name.clone(), release.cid());
    test.write(path, encode(&release));
    test.write("a.org/b/_module.json", encode(&ModuleCapsule::V1(module)));
}

#[test]
fn t26_no_control_character_of_a_catalog_reaches_the_terminal() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR);
    with_fact(&test, "evil\u{1b}]0;key\u{7}", "\u{1b}[2J\u{1b}[31mred\r\nline\u{202e}txt\u{9b}1m");
    for args in [&["show", "a.org/b:v1"][..], &["show", "a.org/b"], &["ls", "a.org/\u{1b}[31m"], &["check"]] {
        let done = warecat(&test, args);
        for bytes in [&done.stdout, &done.stderr] {
            let text = String::from_utf8_lossy(bytes);
            let is_bad = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || c == '\u{202e}';
            assert!(!text.contains(is_bad), "{args:?}: {text:?}");
        }
    }
    let json = warecat(&test, &["--json", "show", "a.org/b:v1"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(value.to_string().contains("red"), "nothing is lost in the JSON");
}

#[test]
fn t10_the_order_of_keys_carries_no_meaning() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR).item("a.org/b:v1:y", GIT).item("a.org/b:v2:x", TAR);
    let cids = |test: &TestCatalog| {
        let entry = test.open().load_module(&"a.org/b".parse().unwrap()).unwrap().unwrap();
        let releases: std::collections::BTreeMap<_, _> =
            entry.releases.iter().map(|r| (r.name().to_string(), r.cid.to_string())).collect();
        (entry.cid.to_string(), releases)
    };
    let before = (cids(&test), warecat(&test, &["ls", "a.org/b"]).stdout);
    let mut release: Release = decode(test.read("a.org/b/_releases/v1.json").as_bytes()).unwrap();
    release.items = Map::from_iter(release.items.into_iter().rev());
    test.write("a.org/b/_releases/v1.json", encode(&release));
    let ModuleCapsule::V1(mut module) = decode(test.read("a.org/b/_module.json").as_bytes()).unwrap();
    module.releases = Map::from_iter(module.releases.into_iter().rev());
    test.write("a.org/b/_module.json", encode(&ModuleCapsule::V1(module)));
    assert_eq!(test.check().totals(), (0, 0));
    assert_eq!((cids(&test), warecat(&test, &["ls", "a.org/b"]).stdout), before);
}

#[test]
fn t13_a_revision_or_source_is_never_an_option() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR);
    for args in [
        &["--rev=--upload-pack=touch x", "ls"][..],
        &["import", "eessi", "--from=--upload-pack=x"],
        &["import", "eessi", "--from", "ext::sh -c touch% x"],
    ] {
        let done = warecat(&test, args);
        assert!(!done.status.success(), "{args:?}");
        assert!(!test.file("x").exists() && !std::path::Path::new("x").exists());
    }
}

#[test]
fn t28_a_folder_of_very_many_and_very_deep_folders_is_walked_in_bounds() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR);
    let mut deep = test.file("deep.org");
    for _ in 0..300 {
        deep.push("d");
    }
    std::fs::create_dir_all(&deep).unwrap();
    for n in 0..2_000 {
        std::fs::create_dir(test.file(&format!("wide-{n}"))).unwrap();
    }
    assert_eq!(test.check().totals(), (0, 0));
    assert_eq!(test.open().module_names().unwrap().len(), 1);
}

#[test]
fn t32_no_clock_reaches_what_is_written() {
    let write = |epoch: &str| {
        let test = TestCatalog::new();
        let add = ["add", "a.org/b:v1:x", TAR, "--mirror", "https://a.example/x", "--meta", "license=MIT"];
        let command = env!("CARGO_BIN_EXE_warecat");
        let status =
            Command::new(command).arg("-C").arg(test.path()).args(add).env("SOURCE_DATE_EPOCH", epoch).status();
        assert!(status.unwrap().success());
        test.documents()
    };
    assert_eq!(write("0"), write("4102444800"));
}
