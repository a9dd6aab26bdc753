//! All of Spack's recipes: import, alone and with the packages' files, again, check.
//! Needs the real data beside the checkout.
//!
//! `cargo bench --bench spack`. The floor of an import parses the same bytes with
//! serde_json into typed structs, then writes the same files to a staging folder, syncs
//! once and renames them into place.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use support::{Cost, median, row, run, scratch, seconds};

fn main() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/spack");
    if !data.exists() {
        return println!("skipped: the real data is not beside this checkout");
    }
    let work = scratch(&format!("spack-{}", std::process::id()));
    let sources = unpack(&data, &work);
    println!("| what | warecat | floor |\n| --- | --- | --- |");
    let repology = sources.join("repology.json");
    measure(&work, "`repology.json` alone (19 MB)", &repology);
    let catalog = measure(&work, "with the packages' 8,052 files (19 + 43 MB)", &sources);
    let (from, dir) = (sources.to_str().unwrap(), catalog.to_str().unwrap());
    let again = median(3, || run(&["-C", dir, "import", "spack", "--from", from], &[0]));
    row("the same again: nothing changes", &words(again), "-");
    let check = median(5, || run(&["-C", dir, "check"], &[0]));
    row("`check`", &words(check), "-");
    std::fs::remove_dir_all(&work).unwrap();
}

fn words(cost: Cost) -> String {
    format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", cost.wall, cost.cpu, cost.peak)
}

/// Imports, and does what no import can do without; gives the last catalog.
fn measure(work: &Path, what: &str, from: &Path) -> PathBuf {
    let (import, catalog) = imports(work, from);
    let mut files = Vec::new();
    gather(&catalog, Path::new(""), &mut files);
    let parsed = seconds(3, || parse_all(from));
    let count = std::sync::atomic::AtomicUsize::new(0);
    let staged = seconds(3, || {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = work.join(format!("floor-{n}"));
        stage_all(&root, &files);
    });
    for n in 0..count.into_inner() {
        std::fs::remove_dir_all(work.join(format!("floor-{n}"))).unwrap();
    }
    row(
        &format!("import of {what}, {} files", files.len()),
        &words(import),
        &format!(
            "{:.2} s: parse {parsed:.2}, stage, sync and rename {staged:.2} ({:.2}x)",
            parsed + staged,
            import.wall / (parsed + staged)
        ),
    );
    catalog
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

/// Imports into new catalogs, once more than is counted; gives the median and the last.
fn imports(work: &Path, from: &Path) -> (Cost, PathBuf) {
    let mut all = Vec::new();
    let catalog = work.join("catalog");
    for _ in 0..4 {
        let _ = std::fs::remove_dir_all(&catalog);
        run(&["init", catalog.to_str().unwrap()], &[0]);
        let args = ["-C", catalog.to_str().unwrap(), "import", "spack", "--from", from.to_str().unwrap()];
        all.push(run(&args, &[0]));
    }
    all.remove(0);
    let peak = all.iter().map(|cost| cost.peak).fold(0.0, f64::max);
    all.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    (Cost { peak, ..all[1] }, catalog)
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if path.starts_with(".warecat") {
            continue;
        }
        if root.join(&path).is_dir() {
            gather(root, &path, files);
        } else {
            let bytes = std::fs::read(root.join(&path)).unwrap();
            files.push((path, bytes));
        }
    }
}

fn stage_all(root: &Path, files: &[(PathBuf, Vec<u8>)]) {
    let stage = root.join("stage");
    std::fs::create_dir_all(&stage).unwrap();
    for (n, (_, bytes)) in files.iter().enumerate() {
        std::fs::write(stage.join(n.to_string()), bytes).unwrap();
    }
    rustix::fs::syncfs(std::fs::File::open(root).unwrap()).unwrap();
    let mut last = PathBuf::new();
    for (n, (path, _)) in files.iter().enumerate() {
        let target = root.join(path);
        let folder = target.parent().unwrap();
        if folder != last {
            std::fs::create_dir_all(folder).unwrap();
            last = folder.to_owned();
        }
        std::fs::rename(stage.join(n.to_string()), target).unwrap();
    }
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
