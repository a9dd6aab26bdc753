//! Hostile input: nothing panics, nothing leaves the catalog, and the rest is taken.

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Value, json};
use warecat::code::Code;
use warecat::import::SourceError;
use warecat::import::names::KnownNames;
use warecat::import::spack::recipe::{Importer, Options};

use super::import;

fn importer() -> Importer {
    Importer::new(Options::default(), KnownNames::new())
}

fn repology(packages: Value) -> Vec<u8> {
    json!({"packages": packages}).to_string().into_bytes()
}

#[test]
fn t06_a_file_of_another_shape_is_refused_as_a_whole() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for bad in ["", "[]", "{}", "null", r#"{"packages": []}"#, r#"{"packages": {}, "packages": {}}"#, &deep, "<html>"] {
        let error = importer().add_repology("repology.json", bad.as_bytes()).unwrap_err();
        assert_eq!(error.code(), Code::SourceInvalid, "{bad:.40}");
    }
    assert!(importer().add_repology("repology.json", b"{\"packages\": {\"\xff\": {}}}").is_err());
    let mut twice = importer();
    twice.add_repology("repology.json", b"{\"packages\": {}}").unwrap();
    let error = twice.add_repology("repology.json", b"{\"packages\": {}}").unwrap_err();
    assert!(matches!(error, SourceError::Repeated { .. }));
}

#[test]
fn t06_one_bad_entry_costs_that_entry() {
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    let text = format!(
        r#"{{"packages": {{"a": {{"name": "a", "name": "a"}}, "b": {{"name": "b", "x": {deep}}}, "c": {{"name": "c", "x": 1e999}},
        "d": {{"name": "d", "summary": "\ud800"}}, "\ud800": {{}}, "e": 1, "f": {{"name": "f"}}, "f": {{"name": "f"}},
        "g": {{"name": "g"}}, "h": {{}}}}}}"#
    );
    let import = import(text.as_bytes(), &[("g.json".into(), b"{\"versions\": 1, \"versions\": 2}".to_vec())]);
    let names: Vec<_> = import.modules.iter().map(|module| module.name.as_str()).collect();
    assert_eq!(names, ["spack.io/g", "spack.io/h"]);
    let refused = import.diagnostics.iter().filter(|d| d.code == Code::EntryRefused).count();
    assert_eq!(refused, 8, "{:#?}", import.diagnostics);
}

#[test]
fn a_package_that_cannot_be_read_does_not_become_a_virtual() {
    let provider = json!({"name": "a", "alias": [{"name": "b", "alias_for": "a"}, {"name": "c", "alias_for": "a"}]});
    let import = import(&repology(json!({"a": provider, "b": 1})), &[]);
    let kinds: Vec<_> = import.modules.iter().map(|module| (module.name.as_str(), module.kind)).collect();
    assert_eq!(kinds, [("spack.io/a", "package"), ("spack.io/c", "virtual")]);
}

#[test]
fn t01_no_name_leaves_the_catalog() {
    let versions = json!([{"version": "../../x"}, {"version": "a\\b"}, {"version": ".git"}, {"version": "nul"}]);
    let import = import(
        &repology(
            json!({"../up": {"name": "../up"}, "a/b": {"name": "a/b"}, "_x": {"name": "_x", "version": versions}}),
        ),
        &[("../../etc/passwd.json".into(), b"{}".to_vec())],
    );
    assert_eq!(import.modules.len(), 1);
    assert_eq!(import.modules[0].name.as_str(), "spack.io/x");
    let names: Vec<_> = import.modules[0].releases.iter().map(|release| release.name.as_str().to_owned()).collect();
    assert!(names.iter().all(|name| !name.contains(['/', '\\']) && !name.starts_with('.')), "{names:?}");
    assert_eq!(names.len(), 4);
    assert!(import.diagnostics.iter().any(|d| d.code == Code::EntryRefused && d.file.contains("passwd")));
}

#[test]
fn t33_secrets_are_left_out_of_records_and_mirrors() {
    let url = "https://me:hunter2@a.example/x.tar.gz?token=abc";
    let entry = json!({"name": "a", "homepages": [url], "downloads": [url], "summary": format!("see {url}"),
        "version": [{"version": "1", "downloads": [url], "repositories": [{"url": url}]}]});
    let import = import(&repology(json!({"a": entry})), &[]);
    let text = format!("{import:?}");
    assert!(!text.contains("hunter2") && !text.contains("token=abc"), "{text}");
    assert!(import.modules[0].mirrors.is_empty());
}

/// A tar archive of these members.
fn tar(members: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, kind, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // The library refuses to write such names.
        let name = &mut header.as_old_mut().name;
        name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        if kind.is_symlink() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn t04_an_archive_is_read_in_memory_and_its_names_are_no_paths() {
    let repology = repology(json!({"a": {"name": "a"}, "b": {"name": "b"}}));
    let file = tar::EntryType::Regular;
    let archive = tar(&[
        ("../../data/repology.json", file, &repology),
        ("/abs/packages/a.json", file, b"{\"versions\": [{\"name\": \"1\"}]}"),
        ("data/packages/b.json", tar::EntryType::Symlink, b""),
        ("data/packages.json", file, b"[]"),
    ]);
    let mut importer = importer();
    assert_eq!(importer.add_file("data.tar", &archive).unwrap(), 2);
    let import = importer.finish();
    assert_eq!(import.modules.len(), 2);
    assert_eq!(import.modules[0].releases.len(), 1);
    let refused: Vec<_> = import.diagnostics.iter().filter(|d| d.code == Code::EntryRefused).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].path, "data/packages/b.json");
}

#[test]
fn t05_a_damaged_or_lying_archive_is_refused() {
    let repology = repology(json!({}));
    let good = tar(&[("repology.json", tar::EntryType::Regular, &repology)]);
    let mut lying = good.clone();
    lying[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 =
        lying[..512].iter().enumerate().map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) }).sum();
    lying[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    for bad in [&good[..520], &lying] {
        let error = importer().add_file("data.tar", bad).unwrap_err();
        assert!(matches!(error.code(), Code::SourceInvalid | Code::LimitExceeded), "{error}");
    }
    let nothing = tar(&[("other.json", tar::EntryType::Regular, b"{}")]);
    assert_eq!(importer().add_file("data.tar", &nothing).unwrap_err().code(), Code::SourceInvalid);
}

/// JSON with the keys that the importer looks for.
fn values() -> impl Strategy<Value = Value> {
    const KEYS: &[&str] = &[
        "name",
        "version",
        "versions",
        "versions_deprecated",
        "downloads",
        "repositories",
        "alias",
        "alias_for",
        "url",
        "commit",
        "sha256",
        "branch",
        "summary",
        "homepages",
        "licenses",
        "categories",
        "maintainers",
        "dependencies",
        "description",
        "a",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-c1.]{1,4}".prop_map(Value::from),
        Just(Value::from("0123456789abcdef0123456789abcdef01234567")),
        Just(Value::from("https://a.example/x.git")),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(KEYS), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn t23_any_json_gives_only_what_obeys_the_rules(entries in proptest::collection::vec(("[a-c]", values()), 0..4), file in values()) {
        let packages: Value = entries.iter().cloned().collect();
        let files = [("a.json".to_owned(), file.to_string().into_bytes())];
        let found = import(&repology(packages.clone()), &files);
        for module in &found.modules {
            prop_assert!(module.name.is_strict());
            for release in &module.releases {
                prop_assert_eq!(release.items.len(), 1);
            }
        }
        prop_assert!(found == import(&repology(packages), &files));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut importer = importer();
        let _ = importer.add_file("x", &bytes);
        importer.add_package("a.json", &bytes).unwrap();
        let _ = importer.finish();
    }
}
