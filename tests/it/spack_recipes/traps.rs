//! Each odd shape of the files, on small ones of our own.

use std::fmt::Write;

use warecat::import::Import;
use warecat::model::{ModuleProposal, SourceVersion};

use super::{Files, import, module};

const NAMES: [&str; 4] = ["airlock", "dusk", "ember", "port"];

fn read(name: &str) -> Vec<u8> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/spack/recipes");
    std::fs::read(root.join(name)).unwrap()
}

fn files() -> Files {
    NAMES.map(|name| (format!("{name}.json"), read(&format!("packages/{name}.json")))).into()
}

fn rich() -> Import {
    import(&read("repology.json"), &files())
}

fn alone() -> Import {
    import(&read("repology.json"), &[])
}

fn facts(module: &ModuleProposal) -> String {
    module.metadata.iter().fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(text, "{key}: {value}");
        text
    })
}

/// Each release with its items, their mirrors and its version where its name differs.
fn releases(module: &ModuleProposal) -> String {
    let mut text = String::new();
    for release in &module.releases {
        for (label, ware) in &release.items {
            let mirrors = module.mirrors.iter().find(|(other, _)| other == ware).map(|(_, list)| list.as_slice());
            let mirrors: Vec<&str> = mirrors.unwrap_or_default().iter().map(|address| address.as_str()).collect();
            let version = release.metadata.get("version").map(|text| format!(" ({text})")).unwrap_or_default();
            let packtype = ware.packtype();
            let _ = writeln!(text, "{}{version} {label} {packtype} {}", release.name, mirrors.join(" "));
        }
    }
    text
}

#[test]
fn a_package_with_its_file_has_content() {
    let import = rich();
    let airlock = module(&import, "airlock");
    snapbox::assert_data_eq!(
        facts(airlock),
        snapbox::str![[r#"
description: Keeps the outside where it is. It has two doors, and opens one at a time.
homepage: https://airlock.example
license: MIT AND (Apache-2.0 OR ISC)
categories: hpc, detectable
maintainers: someone, another

"#]]
    );
    snapbox::assert_data_eq!(
        releases(airlock),
        snapbox::str![[r#"
1.10 src file https://airlock.example/airlock-1.10.tar.gz
1.10rc1 src file https://airlock.example/airlock-1.10rc1.tar.gz
1.9 src file https://airlock.example/airlock-1.9.tar.gz https://old.example/airlock-1.9.tgz
develop upstream source https://git.example/airlock.git

"#]]
    );
}

#[test]
fn alone_a_version_stands_for_itself() {
    let import = alone();
    let airlock = module(&import, "airlock");
    assert!(airlock.releases.iter().all(|release| release.items.keys().all(|label| label.as_str() == "upstream")));
    let ware = SourceVersion::new("airlock", "1.9").unwrap().ware();
    assert_eq!(airlock.mirrors.iter().find(|(other, _)| *other == ware).unwrap().1.len(), 1);
    assert_eq!(import.source.counts["archives"], 0);
}

#[test]
fn a_record_holds_all_that_is_said_once() {
    let import = rich();
    let record = module(&import, "airlock").record.clone().unwrap().into_inner();
    assert_eq!(record.kind, "spack.recipe");
    let data = serde_json::to_value(&record.data).unwrap();
    let repology: serde_json::Value = serde_json::from_slice(&read("repology.json")).unwrap();
    assert_eq!(data["repology"], repology["packages"]["airlock"]);
    let keys: Vec<_> = data["package"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "build_system",
        "conflicts",
        "latest_version",
        "patches",
        "resources",
        "variants",
        "versions",
        "versions_deprecated",
    ];
    assert_eq!(keys, expected);
    let ember = module(&import, "ember").record.clone().unwrap().into_inner();
    assert_eq!(ember.data.get("repology").unwrap().get("colour").unwrap().as_text(), Some("red"));
}

#[test]
fn a_virtual_is_no_package_and_names_its_providers() {
    let import = rich();
    let found: Vec<_> = import.modules.iter().filter(|m| m.kind == "virtual").map(|m| m.name.as_str()).collect();
    assert_eq!(found, ["spack.io/gate", "spack.io/port"], "one without an entry, one with a copy");
    let port = module(&import, "port");
    snapbox::assert_data_eq!(
        facts(port),
        snapbox::str![[r#"
kind: virtual
providers: airlock+double, ember

"#]]
    );
    assert!(port.releases.is_empty() && port.mirrors.is_empty());
    let record = port.record.clone().unwrap().into_inner();
    assert_eq!(record.kind, "spack.virtual");
    assert_eq!(record.data.get("copy_of").and_then(|text| text.as_text()), Some("airlock"));
    assert!(record.data.get("repology").is_none() && record.data.get("package").is_none(), "a copy is kept once");
}

#[test]
fn commits_are_content_and_repositories_are_mirrors() {
    snapbox::assert_data_eq!(
        releases(module(&alone(), "flint")),
        snapbox::str![[r#"
1.0 src git https://git.example/flint.git
1.1 upstream source ssh://git@git.example/flint.git
main upstream source https://git.example/flint.git

"#]]
    );
    snapbox::assert_data_eq!(
        facts(module(&alone(), "flint")),
        snapbox::str![[r#"
description: Starts a fire.

Or two of them.

"#]]
    );
}

#[test]
fn odd_shapes_cost_what_is_odd() {
    let import = rich();
    let ember = module(&import, "ember");
    snapbox::assert_data_eq!(
        facts(ember),
        snapbox::str![[r#"
description: Glows.
categories: I/O

"#]]
    );
    snapbox::assert_data_eq!(
        releases(ember),
        snapbox::str![[r#"
1 upstream source 
2 src file https://a.example/ember-2.zip ftp://b.example/ember-2.zip
3 upstream source 
4 src file 
7 src file 
git.a-b=6 (git.a/b=6) src git https://git.example/ember

"#]]
    );
    let breeze = module(&import, "py-breeze");
    snapbox::assert_data_eq!(
        facts(breeze),
        snapbox::str![[r#"
name: Py_Breeze
description: A library of wind.
license: GPL-2.0-or-later WITH Classpath-exception-2.0

"#]]
    );
    assert!(module(&import, "dusk").releases.is_empty(), "deprecated versions are in the record only");
    let told: String = import.diagnostics.iter().fold(String::new(), |mut text, d| {
        let _ = writeln!(text, "{} {} {}: {}", d.code, d.file, d.path, d.message);
        text
    });
    snapbox::assert_data_eq!(
        told,
        snapbox::str![[r#"
entry-refused repology.json packages["ember"].alias[1]: it does not have the texts `name` and `alias_for`
entry-refused repology.json packages["ember"].version[4].version: `5 beta` is not a version
entry-refused repology.json packages["ember"].version[5]: it has no text `version`
entry-refused repology.json packages["ember"].version[8]: it has no text `version`
entry-refused repology.json packages["x; rm -rf ~"]: `x; rm -rf ~` is not the name of a package
entry-odd packages/ember.json versions[2].sha256: `000000000000000000000000000000000000000000000000000000000000000` is not a SHA-256; only the record has it
entry-odd repology.json packages["ember"]: `file:///home/ci/ember-1.tar.gz` (and 1 more) is no address that others can use; only the record has it
entry-odd repology.json packages["ember"].alias[1].alias_for: it is not a text; only the record has it
entry-odd repology.json packages["ember"].categories: `a,b` cannot stand in a list; only the record has it
entry-odd repology.json packages["ember"].homepages[0]: `A library that glows` is not an address of the web; only the record has it
entry-odd repology.json packages["ember"].licenses: `UNKNOWN` is not an SPDX expression; only the record has it
entry-odd repology.json packages["ember"].version: `7` is not in it but in the package's own file, and is taken
entry-odd repology.json packages["ember"].version[6].downloads: it is not a text; only the record has it
entry-odd repology.json packages["ember"].version[6].repositories.commit: `abc1234` is not a whole commit id; only the record has it
entry-odd repology.json packages["ember"].version[7]: the version `3` stands twice, and is taken once
entry-odd repology.json packages["flint"].homepages[0]: `http://flint.example/a b` is not an address of the web; only the record has it

"#]]
    );
}

#[test]
fn the_older_shape_says_the_same_of_versions() {
    let older = import(&read("older.json"), &files());
    for name in ["airlock", "flint", "ember"] {
        assert_eq!(releases(module(&older, name)), releases(module(&rich(), name)), "{name}");
    }
    assert!(!module(&older, "airlock").metadata.contains_key("license"));
}

#[test]
fn the_order_of_files_does_not_matter() {
    let mut reversed = files();
    reversed.reverse();
    assert!(import(&read("repology.json"), &reversed) == rich());
}
