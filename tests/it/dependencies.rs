//! `docs/dependencies.md` against `Cargo.toml`.

use std::collections::BTreeSet;

fn file(path: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The crates and versions that a table of `Cargo.toml` asks for.
fn asked_for(table: &str) -> BTreeSet<(String, String)> {
    let manifest: toml::Table = file("Cargo.toml").parse().unwrap();
    let of = |spec: &toml::Value| spec.get("version").unwrap_or(spec).as_str().unwrap().to_owned();
    manifest[table].as_table().unwrap().iter().map(|(name, spec)| (name.clone(), of(spec))).collect()
}

/// The crates and versions of a section's rows, each of which has all five cells filled.
fn documented(section: &str) -> BTreeSet<(String, String)> {
    let text = file("docs/dependencies.md");
    let start = text.find(section).unwrap();
    let section = text[start + section.len()..].split("\n## ").next().unwrap().to_owned();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 5 && cells.iter().all(|cell| !cell.is_empty()), "{row}");
        (cells[0].trim_matches('`').to_owned(), cells[1].to_owned())
    })
    .collect()
}

#[test]
fn every_dependency_has_a_row_that_says_why() {
    assert_eq!(documented("## In the program"), asked_for("dependencies"));
    assert_eq!(documented("## In the tests"), asked_for("dev-dependencies"));
}
