//! All of EESSI's API: import, check, site. Needs the real data beside the checkout.
//!
//! `cargo bench --bench eessi`. The floor of the import parses the same bytes with
//! serde_json into typed structs, then writes the same files to a staging folder, syncs
//! once and renames them into place.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Deserialize;
use support::{Cost, median, row, run, scratch};

const KINDS: [&str; 7] = ["software", "ext-python", "ext-r", "ext-perl", "ext-ruby", "ext-octave", "ext-component"];

fn main() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/eessi");
    if !data.exists() {
        return println!("skipped: the real data is not beside this checkout");
    }
    let work = scratch(&format!("eessi-{}", std::process::id()));
    let sources = unpack(&data, &work);
    println!("| what | warecat | floor |\n| --- | --- | --- |");
    let (import, catalog) = imports(&work, &sources);
    let floor = floor(&work, &sources, &catalog);
    row(
        "import of all seven files (159 MB)",
        &format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", import.wall, import.cpu, import.peak),
        &format!(
            "{:.2} s: parse {:.2}, stage, sync and rename {:.2} ({:.2}x)",
            floor.0 + floor.1,
            floor.0,
            floor.1,
            import.wall / (floor.0 + floor.1)
        ),
    );
    let (from, dir) = (sources.to_str().unwrap(), catalog.to_str().unwrap());
    let again = median(3, || run(&["-C", dir, "import", "eessi", "--from", from], &[0, 7]));
    row("the same again: nothing changes", &cost(again), "-");
    let check = median(5, || run(&["-C", dir, "check"], &[0]));
    row("`check`", &cost(check), "-");
    let reference = "eessi.io/2023.06/gromacs:2024.4-foss-2023b:x86_64-amd-zen4";
    let resolve = median(20, || run(&["-C", dir, "resolve", reference], &[0]));
    row("`resolve`, whole process", &format!("{:.1} ms", resolve.wall * 1e3), "1 to 5 ms");
    let count = std::sync::atomic::AtomicUsize::new(0);
    let add = median(10, || {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        run(
            &[
                "-C",
                dir,
                "add",
                &format!("example.org/bench:v1:x{n}"),
                "tar:4z9DCTxoKkStqXQRwtf9nimpfQQ36dbndDsAPCQgECfbXt3edanUrsVKCjE9TkX2v9",
            ],
            &[0],
        )
    });
    row("`add`, without a commit", &format!("{:.1} ms", add.wall * 1e3), "-");
    let site = work.join("site");
    let first = run(&["-C", dir, "site", "build", "-o", site.to_str().unwrap()], &[0]);
    row("site, first build", &cost(first), "EESSI's own generator: 243 s CPU for 784 pages");
    let again = median(3, || run(&["-C", dir, "site", "build", "-o", site.to_str().unwrap()], &[0]));
    row("site, nothing changed", &cost(again), "-");
    std::fs::remove_dir_all(&work).unwrap();
}

fn cost(cost: Cost) -> String {
    format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", cost.wall, cost.cpu, cost.peak)
}

/// The seven files, unpacked, in a folder.
fn unpack(data: &Path, work: &Path) -> PathBuf {
    let folder = work.join("sources");
    std::fs::create_dir_all(&folder).unwrap();
    for kind in KINDS {
        let name = format!("eessi_api_metadata_{kind}.json");
        let bytes = match std::fs::read(data.join(format!("{name}.zst"))) {
            Ok(packed) => zstd::decode_all(&packed[..]).unwrap(),
            Err(_) => std::fs::read(data.join(&name)).unwrap(),
        };
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    folder
}

/// Imports into new catalogs; gives the cost and the last catalog.
fn imports(work: &Path, sources: &Path) -> (Cost, PathBuf) {
    let mut all = Vec::new();
    let mut last = work.to_owned();
    for n in 0..4 {
        last = work.join(format!("catalog-{n}"));
        run(&["init", last.to_str().unwrap()], &[0]);
        let args = ["-C", last.to_str().unwrap(), "import", "eessi", "--from", sources.to_str().unwrap()];
        all.push(run(&args, &[0, 7]));
    }
    all.remove(0);
    all.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    (all[1], last)
}

/// Seconds for parsing, and for staging, syncing and renaming: the median of three.
fn floor(work: &Path, sources: &Path, catalog: &Path) -> (f64, f64) {
    let mut files = Vec::new();
    gather(catalog, Path::new(""), &mut files);
    let mut times: Vec<(f64, f64)> = (0..4)
        .map(|n| {
            let start = Instant::now();
            parse_all(sources);
            let parsed = start.elapsed().as_secs_f64();
            let start = Instant::now();
            stage_all(&work.join(format!("floor-{n}")), &files);
            (parsed, start.elapsed().as_secs_f64())
        })
        .collect();
    times.remove(0);
    times.sort_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
    times[1]
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
struct File<'a> {
    #[serde(borrow)]
    software: BTreeMap<Cow<'a, str>, Software<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Software<'a> {
    #[serde(borrow)]
    versions: Vec<Version<'a>>,
    #[serde(borrow)]
    homepage: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Version<'a> {
    #[serde(borrow)]
    homepage: Cow<'a, str>,
    #[serde(borrow)]
    toolchain: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(borrow)]
    toolchain_families_compatibility: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    module: ModuleName<'a>,
    #[serde(borrow)]
    required_modules: Vec<ModuleName<'a>>,
    #[serde(borrow)]
    cpu_arch: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    gpu_arch: BTreeMap<Cow<'a, str>, Vec<Cow<'a, str>>>,
    #[serde(borrow)]
    description: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    versionsuffix: Cow<'a, str>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct ModuleName<'a> {
    #[serde(borrow)]
    full_module_name: Cow<'a, str>,
    #[serde(borrow)]
    module_name: Cow<'a, str>,
    #[serde(borrow)]
    module_version: Cow<'a, str>,
}

fn parse_all(sources: &Path) {
    for kind in KINDS {
        let bytes = std::fs::read(sources.join(format!("eessi_api_metadata_{kind}.json"))).unwrap();
        let file: File<'_> = serde_json::from_slice(&bytes).unwrap();
        assert!(!file.software.is_empty());
    }
}
