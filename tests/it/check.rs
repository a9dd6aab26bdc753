//! What `check` tells apart: one damage a test, each by its code and place.

use crate::support::{GIT, TAR, TestCatalog};

fn base() -> TestCatalog {
    TestCatalog::new().item("a.org/b:v1:x", TAR).item("a.org/b:v2:x", GIT)
}

#[track_caller]
fn check(test: &TestCatalog, expected: &[(&str, &str)]) {
    let found = test.findings();
    let found: Vec<_> = found.iter().map(|(code, path)| (code.as_str(), path.as_str())).collect();
    assert_eq!(found, expected);
}

const V1: &str = "a.org/b/_releases/v1.json";
const MODULE: &str = "a.org/b/_module.json";

#[test]
fn a_sound_catalog_has_no_findings() {
    let report = base().check();
    assert_eq!(report.findings, []);
    assert_eq!((report.counts.modules, report.counts.releases, report.counts.items), (1, 2, 2));
}

#[test]
fn t09_a_changed_release_is_tampered() {
    let test = base();
    test.write(V1, test.read(V1).replace("\"x\"", "\"y\""));
    check(&test, &[("release-cid-mismatch", V1)]);
}

#[test]
fn t09_a_release_under_anothers_name_is_tampered_and_misplaced() {
    let test = base();
    test.write(V1, test.read("a.org/b/_releases/v2.json"));
    check(&test, &[("release-cid-mismatch", V1), ("document-misplaced", V1)]);
}

#[test]
fn t09_a_missing_and_an_extra_release_are_told_apart() {
    let test = base();
    std::fs::rename(test.file(V1), test.file("a.org/b/_releases/v3.json")).unwrap();
    check(&test, &[("release-missing", V1), ("document-orphaned", "a.org/b/_releases/v3.json")]);
}

#[test]
fn a_module_in_anothers_place_is_misplaced() {
    let test = base();
    std::fs::rename(test.file("a.org/b"), test.file("a.org/c")).unwrap();
    check(&test, &[("document-misplaced", "a.org/c/_module.json")]);
}

#[test]
fn t06_what_cannot_be_read_is_unreadable_and_says_where() {
    for (text, place) in [
        ("{", "line 1"),
        ("{\"releaseName\":\"v1\",\n\"items\":{},\n\"items\":{},\"metadata\":{}}", "line 3"),
        ("{\"releaseName\":\"v1\",\"items\":{},\"metadata\":{\"a\":18446744073709551616}}", "metadata"),
        ("\u{feff}{\"releaseName\":\"v1\",\"items\":{},\"metadata\":{}}", "line 1"),
    ] {
        let test = base();
        test.write(V1, text);
        check(&test, &[("document-unreadable", V1)]);
        let finding = &test.check().findings[0];
        assert!(finding.message.contains(place), "{}", finding.message);
    }
}

#[test]
fn t01_an_unsafe_name_inside_a_document_is_told_as_such() {
    let test = base();
    test.write(MODULE, test.read(MODULE).replace("\"v1\"", "\"../../evil\""));
    check(&test, &[("name-unsafe", MODULE)]);
    assert!(!test.path().parent().unwrap().join("evil.json").exists());
}

#[test]
fn t02_a_folder_that_windows_reserves_is_unsafe() {
    let test = base();
    std::fs::rename(test.file("a.org/b"), test.file("a.org/nul")).unwrap();
    check(&test, &[("name-unsafe", "a.org/nul")]);
}

#[test]
fn t03_links_are_reported_and_not_followed() {
    let test = base();
    std::os::unix::fs::symlink("/etc", test.file("a.org/etc")).unwrap();
    std::fs::remove_file(test.file(V1)).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", test.file(V1)).unwrap();
    let codes: Vec<_> = test.findings().into_iter().map(|(code, path)| format!("{code} {path}")).collect();
    assert!(codes.contains(&"file-unsafe a.org/etc".to_owned()), "{codes:?}");
    assert!(codes.contains(&format!("file-unsafe {V1}")), "{codes:?}");
}

#[test]
fn t07_names_that_differ_in_case_collide() {
    let test = base();
    for name in ["Foo", "foo"] {
        let text = format!(
            "{{\n\t\"catalogmodule.v1\": {{\n\t\t\"name\": \"a.org/{name}\",\n\t\t\"releases\": {{}},\n\t\t\"metadata\": {{}}\n\t}}\n}}\n"
        );
        test.write(&format!("a.org/{name}/_module.json"), text);
    }
    let found = test.findings();
    if std::fs::read_dir(test.file("a.org")).unwrap().count() < 3 {
        return eprintln!("skipped: this file system ignores case");
    }
    assert!(found.contains(&("name-collision".into(), "a.org/foo".into())), "{found:?}");
}

#[test]
fn a_module_below_a_module_and_releases_without_one_are_errors() {
    let test = base().item("c.org/d:v1:x", TAR);
    std::fs::rename(test.file("c.org/d"), test.file("a.org/b/d")).unwrap();
    test.write("e.org/f/_releases/v1.json", "{}");
    let found = test.findings();
    assert!(found.contains(&("module-nested".into(), "a.org/b/d".into())), "{found:?}");
    assert!(found.contains(&("module-missing".into(), "e.org/f".into())), "{found:?}");
}

#[test]
fn text_that_is_not_canonical_is_a_warning_and_fmt_mends_it() {
    let test = base();
    test.write(V1, test.read(V1).trim_end());
    let module = test.read(MODULE);
    test.write(MODULE, module.replace('\t', "  "));
    check(&test, &[("text-not-canonical", MODULE), ("text-not-canonical", V1)]);
    assert_eq!(test.check().totals(), (0, 2));
    let catalog = test.open();
    let committed =
        catalog.apply(warecat::catalog::ApplyOptions::default(), |catalog| Ok(catalog.plan_canonical()?.0)).unwrap();
    assert_eq!(committed.written.len(), 2);
    assert_eq!(test.read(MODULE), module);
    check(&test, &[]);
}

#[test]
fn an_address_that_is_not_the_place_that_a_ware_names_is_an_error() {
    let ware = "cvmfs:bafyr4idaygmicvzzv4mhp5rqzhnki455343hvx3qa4yvtjj3rhe6dcd3ee";
    let test = TestCatalog::new().item("a.org/b:v1:x", ware);
    let place =
        "cvmfs://software.eessi.io/versions/2023.06/software/linux/x86_64/amd/zen4/software/Salmon/1.10.3-GCC-12.3.0";
    for (address, expected) in [(place.to_owned(), 0), (place.replace("zen4", "zen3"), 1)] {
        let edit = |catalog: &warecat::catalog::Catalog| {
            catalog.plan_mirror(&"a.org/b".parse()?, &ware.parse()?, address.parse()?)
        };
        test.open().apply(warecat::catalog::ApplyOptions::default(), edit).unwrap();
        let found = test.findings();
        assert_eq!(found.iter().filter(|(code, _)| code == "location-mismatch").count(), expected, "{found:?}");
    }
}

const REPLAY: &str = r#"{"plot.v1":{"inputs":{"a":"catalog:a.org/b:v1:x","b":"catalog:a.org/b:v9:x","m":"mount:ro:/x"},"steps":{"s":{"protoformula":{"inputs":{},"action":{"exec":{"command":["x"],"network":true}},"outputs":{}}}},"outputs":{}}}"#;

#[test]
fn t36_replays_that_leak_or_lead_nowhere_are_warnings() {
    let test = base();
    let plot = warecat::model::codec::decode::<warecat::model::PlotCapsule>(REPLAY.as_bytes()).unwrap().into_inner();
    let release = "a.org/b:v2".parse().unwrap();
    let edit = |catalog: &warecat::catalog::Catalog| catalog.plan_replay(&release, plot.clone(), false);
    test.open().apply(warecat::catalog::ApplyOptions::default(), edit).unwrap();
    let path = format!("a.org/b/_replays/{}.json", plot.cid());
    check(&test, &[("reference-dangling", &path), ("replay-not-hermetic", &path), ("replay-not-hermetic", &path)]);
    // The same replay under another name: missing where it is named, misnamed where it is.
    let other =
        path.replace(plot.cid().as_str(), "zM5K3U7fXkrFHgJiECj7xDwsqnfQsGNAwmJhouy9GTniFnMepuC6v2TrNy9nk6aCyEGEp5M");
    std::fs::rename(test.file(&path), test.file(&other)).unwrap();
    let codes: Vec<_> = test.findings().into_iter().map(|(code, _)| code).collect();
    for code in ["replay-missing", "document-misnamed", "document-orphaned"] {
        assert!(codes.iter().any(|found| found == code), "{code} is not among {codes:?}");
    }
}

#[test]
fn all_findings_come_in_one_run_in_one_order() {
    let test = base().item("c.org/d:v1:x", TAR);
    std::fs::remove_file(test.file(V1)).unwrap();
    test.write("c.org/d/_releases/v1.json", "x");
    test.write("c.org/d/_stray.json", "x");
    let found = test.findings();
    assert_eq!(found.len(), 3);
    for _ in 0..5 {
        assert_eq!(test.findings(), found);
    }
}
