//! The site: a full build, one where nothing changed, and one after one module changed.
//!
//! `cargo bench --bench site` measures the synthetic catalog (see `scale`). With
//! `WARECAT_BENCH_CATALOG=DIR` it also measures a clone of the catalog in that folder, such as one of
//! EESSI, Spack and images (docs/benchmarks.md). The floor writes files of the same bytes to
//! the same places, on two threads.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod support;
#[path = "support/synthetic.rs"]
mod synthetic;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rayon::prelude::*;
use support::{Cost, median, row, run, scratch};

fn main() {
    let work = scratch(&format!("site-{}", std::process::id()));
    println!("| what | warecat | beside it |\n| --- | --- | --- |");
    if let Some(given) = std::env::var_os("WARECAT_BENCH_CATALOG") {
        let catalog = work.join("catalog");
        // As somebody gets it: copied file by file, git would take each for changed.
        assert!(Command::new("git").args(["clone", "--quiet"]).arg(given).arg(&catalog).status().unwrap().success());
        measure(&catalog, &work.join("real"), "EESSI's own generator: 243 s CPU for 784 pages");
    }
    let catalog = synthetic::catalog(synthetic::modules());
    measure(&catalog, &work.join("synthetic"), "Warpforge's generator: 45.4 s at 20,000 modules");
    std::fs::remove_dir_all(&work).unwrap();
}

/// Measures the builds of a catalog's site into folders whose names begin with `out`.
fn measure(catalog: &Path, out: &Path, peer: &str) {
    let dir = catalog.to_str().unwrap();
    let to = |n: usize| out.with_extension(n.to_string());
    let build = |site: &Path| run(&["-C", dir, "site", "build", "-o", site.to_str().unwrap()], &[0]);
    // Each into a new folder, when the files of the last are on the disk: nothing is deleted in
    // between, which would slow what follows.
    let rested = || assert!(Command::new("sync").status().unwrap().success());
    let mut all: Vec<Cost> = (0..4)
        .map(|n| {
            rested();
            build(&to(n))
        })
        .skip(1)
        .collect();
    all.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    let site = to(0);
    let files = files(&site);
    let bytes: u64 = files.iter().map(|path| std::fs::metadata(path).unwrap().len()).sum();
    rested();
    let floor = floor(&site, &files, &out.with_extension("floor"));
    let full = all[1];
    row(
        &format!("full build, {} files, {:.0} MB", files.len(), bytes as f64 / 1e6),
        &words(full),
        &format!("writing the same files: {floor:.2} s ({:.1}x); {peer}", full.wall / floor),
    );
    row("nothing changed", &words(median(3, || build(&site))), "-");
    let count = std::sync::atomic::AtomicUsize::new(0);
    let mut changed: Vec<Cost> = (0..4)
        .map(|_| {
            let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let item = format!("example.org/bench:v{n}:src");
            let ware = "tar:4z9DCTxoKkStqXQRwtf9nimpfQQ36dbndDsAPCQgECfbXt3edanUrsVKCjE9TkX2v9";
            run(&["-C", dir, "add", &item, ware], &[0]);
            build(&site)
        })
        .skip(1)
        .collect();
    changed.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    row("one module changed", &words(changed[1]), "-");
    row("the median page, gzipped", &format!("{:.1} kB", median_page(&files)), "-");
}

fn words(cost: Cost) -> String {
    format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", cost.wall, cost.cpu, cost.peak)
}

/// The files of a site, without what a build leaves for the next.
fn files(site: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![site.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else if !entry.file_name().to_string_lossy().starts_with('.') {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Seconds to write the same files, whose bytes are read before, to a new folder.
fn floor(site: &Path, files: &[PathBuf], to: &Path) -> f64 {
    let held: Vec<(PathBuf, Vec<u8>)> =
        files.iter().map(|path| (to.join(path.strip_prefix(site).unwrap()), std::fs::read(path).unwrap())).collect();
    let start = Instant::now();
    held.par_iter().for_each(|(path, bytes)| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create_new(path).unwrap().write_all(bytes).unwrap();
    });
    start.elapsed().as_secs_f64()
}

/// The median size of pages of modules as a server sends them, in kB.
fn median_page(files: &[PathBuf]) -> f64 {
    let pages = files.iter().filter(|path| path.ends_with("index.html") && path.with_extension("json").exists());
    let mut sizes: Vec<usize> = pages
        .map(|path| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            gzip.write_all(&std::fs::read(path).unwrap()).unwrap();
            gzip.finish().unwrap().len()
        })
        .collect();
    sizes.sort_unstable();
    sizes[sizes.len() / 2] as f64 / 1e3
}
