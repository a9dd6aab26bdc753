//! All of Spack's recipes: import, alone and with the packages' files, again, check.
//! Needs the real data beside the checkout.
//!
//! `cargo bench --bench spack`. The floor of an import parses the same bytes with
//! serde_json into typed structs, then writes the same files to a staging folder, syncs
//! once and renames them into place.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

#[path = "support/import.rs"]
mod import;
mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use import::{measure, words};
use serde::Deserialize;
use serde_json::value::RawValue;
use support::{median, row, run, scratch};

fn main() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/spack");
    if !data.exists() {
        return println!("skipped: the real data is not beside this checkout");
    }
    let work = scratch(&format!("spack-{}", std::process::id()));
    let sources = unpack(&data, &work);
    println!("| what | warecat | floor |\n| --- | --- | --- |");
    let repology = sources.join("repology.json");
    measure(&work, "`repology.json` alone (19 MB)", ("spack", &repology), &[0], &|| parse_all(&repology));
    let what = "it and the packages' 8,052 files (19 + 43 MB)";
    let catalog = measure(&work, what, ("spack", &sources), &[0], &|| parse_all(&sources));
    let (from, dir) = (sources.to_str().unwrap(), catalog.to_str().unwrap());
    let again = median(3, || run(&["-C", dir, "import", "spack", "--from", from], &[0]));
    row("the same again: nothing changes", &words(again), "-");
    let check = median(5, || run(&["-C", dir, "check"], &[0]));
    row("`check`", &words(check), "-");
    std::fs::remove_dir_all(&work).unwrap();
}

/// `repology.json` and `packages/`, unpacked, in a folder.
fn unpack(data: &Path, work: &Path) -> PathBuf {
    let folder = work.join("sources");
    std::fs::create_dir_all(folder.join("packages")).unwrap();
    let read = |name: &str| zstd::decode_all(&std::fs::read(data.join(name)).unwrap()[..]).unwrap();
    std::fs::write(folder.join("repology.json"), read("repology.json.zst")).unwrap();
    let archive = read("packages-spack-io-data.tar.zst");
    for entry in tar::Archive::new(&archive[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap().starts_with("packages") {
            entry.unpack_in(&folder).unwrap();
        }
    }
    folder
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Repology<'a> {
    #[serde(borrow)]
    packages: BTreeMap<Cow<'a, str>, Entry<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Entry<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    summary: Cow<'a, str>,
    #[serde(borrow)]
    homepages: Vec<Option<Cow<'a, str>>>,
    #[serde(borrow)]
    licenses: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    maintainers: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    categories: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    dependencies: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    downloads: Vec<Option<Cow<'a, str>>>,
    #[serde(borrow)]
    patches: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    alias: Vec<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
    #[serde(borrow)]
    version: Vec<BTreeMap<Cow<'a, str>, &'a RawValue>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Package<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
    #[serde(borrow)]
    homepage: Option<Cow<'a, str>>,
    #[serde(borrow)]
    dependencies: Vec<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
    #[serde(borrow)]
    conflicts: Vec<BTreeMap<Cow<'a, str>, Option<Cow<'a, str>>>>,
    #[serde(borrow)]
    versions: Vec<BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow)]
    versions_deprecated: Vec<BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow)]
    variants: &'a RawValue,
    #[serde(borrow)]
    patches: &'a RawValue,
    #[serde(borrow)]
    resources: &'a RawValue,
}

/// Reads a file, or `repology.json` and all packages of a folder.
fn parse_all(from: &Path) {
    if from.is_file() {
        let bytes = std::fs::read(from).unwrap();
        let file: Repology<'_> = serde_json::from_slice(&bytes).unwrap();
        return assert!(!file.packages.is_empty());
    }
    parse_all(&from.join("repology.json"));
    for entry in std::fs::read_dir(from.join("packages")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let package: Package<'_> = serde_json::from_slice(&bytes).unwrap();
        assert!(!package.name.is_empty());
    }
}
