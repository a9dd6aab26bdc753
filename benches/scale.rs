//! A catalog of 20,000 modules and 120,000 releases (160,000 files): check, resolve, add.
//!
//! `cargo bench --bench scale`; `WARECAT_BENCH_MODULES=N` for another size. The catalog is
//! the one that Warpforge's own code was measured on: three items a release, a mirror
//! each.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod support;
#[path = "support/synthetic.rs"]
mod synthetic;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use support::{median, row, run, seconds};
use synthetic::{RELEASES, catalog, modules, name, release_name};
use warecat::model::codec::{block, decode};
use warecat::model::{Release, WarpforgeCid};

fn main() {
    let modules = modules();
    let catalog = catalog(modules);
    let dir = catalog.to_str().unwrap();
    println!("{modules} modules, {} releases, {} files", modules * RELEASES, modules * (RELEASES + 2));
    println!("| what | warecat | floor |\n| --- | --- | --- |");

    let paths = releases(&catalog, modules);
    let floor = seconds(3, || verify(&paths));
    let check = median(5, || run(&["-C", dir, "check"], &[0]));
    row(
        "`check`",
        &format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", check.wall, check.cpu, check.peak),
        &format!("{floor:.2} s: read and hash the releases, two threads ({:.1}x)", check.wall / floor),
    );
    let name = name(modules / 2);
    let reference = format!("{name}:{}:src", release_name(3));
    let resolve = median(20, || run(&["-C", dir, "resolve", &reference], &[0]));
    row("`resolve`, whole process", &format!("{:.1} ms", resolve.wall * 1e3), "1 to 5 ms");
    let count = std::sync::atomic::AtomicUsize::new(0);
    let add = median(20, || {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let item = format!("{name}:{}:bench-{}-{n}", release_name(3), std::process::id());
        run(&["-C", dir, "add", &item, "tar:4z9DCTxoKkStqXQRwtf9nimpfQQ36dbndDsAPCQgECfbXt3edanUrsVKCjE9TkX2v9"], &[0])
    });
    row("`add`, without a commit", &format!("{:.1} ms", add.wall * 1e3), "-");
    let list = median(5, || run(&["-C", dir, "ls"], &[0]));
    row("`ls`, all names", &format!("{:.2} s", list.wall), "-");
}

fn releases(catalog: &Path, modules: usize) -> Vec<PathBuf> {
    let of = |n| (0..RELEASES).map(move |r| format!("{}/_releases/{}.json", name(n), release_name(r)));
    (0..modules).flat_map(of).map(|path| catalog.join(path)).collect()
}

/// The floor: each release read, parsed, encoded and hashed, without finding it first.
fn verify(paths: &[PathBuf]) {
    paths.par_iter().for_each(|path| {
        let release: Release = decode(&std::fs::read(path).unwrap()).unwrap();
        std::hint::black_box(WarpforgeCid::of_block(&block(&release)));
    });
}
