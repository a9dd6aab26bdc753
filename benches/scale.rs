//! A catalog of 20,000 modules and 120,000 releases (160,000 files): check, resolve, add.
//!
//! `cargo bench --bench scale`; `WARECAT_BENCH_MODULES=N` for another size. The catalog is
//! the one that Warpforge's own code was measured on: three items a release, a mirror
//! each.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod support;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use support::{median, row, run, scratch, seconds};
use warecat::model::codec::{block, decode, encode};
use warecat::model::{Mirrors, MirrorsCapsule, Module, ModuleCapsule, Release, WarpforgeCid};

const RELEASES: usize = 6;

fn main() {
    let modules: usize = std::env::var("WARECAT_BENCH_MODULES").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let catalog = scratch(&format!("scale-{modules}"));
    if !catalog.join("catalog.toml").exists() {
        (0..modules).into_par_iter().for_each(|n| write_module(&catalog, n));
        std::fs::write(catalog.join("catalog.toml"), "").unwrap();
    }
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

fn hash(text: &str) -> String {
    WarpforgeCid::of_block(text.as_bytes()).as_str()[6..].to_owned()
}

fn name(n: usize) -> String {
    let h = hash(&n.to_string()).to_lowercase();
    format!("example.org/{}/pkg-{}-{n}", &h[..1], &h[1..8])
}

fn release_name(r: usize) -> String {
    format!("v{}.{}.0", r / 3, r % 3)
}

fn write_module(catalog: &Path, n: usize) {
    let name = name(n);
    let folder = catalog.join(&name);
    std::fs::create_dir_all(folder.join("_releases")).unwrap();
    let mut module = Module::new(name.parse().unwrap());
    module.metadata.insert("homepage".into(), format!("https://example.org/{n}"));
    module.metadata.insert("description".into(), format!("A synthetic module, number {n}"));
    let mut mirrors = Mirrors::default();
    for r in 0..RELEASES {
        let mut release = Release::new(release_name(r).parse().unwrap());
        for label in ["linux-amd64", "linux-arm64", "src"] {
            let ware = format!("tar:{}", hash(&format!("{name}{r}{label}"))).parse().unwrap();
            mirrors.add_by_ware(&ware, format!("https://mirror.example.org/{n}/{r}-{label}.tar.gz").parse().unwrap());
            release.items.insert(label.parse().unwrap(), ware);
        }
        release.metadata.insert("description".into(), format!("Synthetic release {r} of {name}"));
        release.metadata.insert("license".into(), "MIT".into());
        module.releases.insert(release.release_name.clone(), release.cid());
        std::fs::write(folder.join(format!("_releases/{}.json", release.release_name)), encode(&release)).unwrap();
    }
    std::fs::write(folder.join("_module.json"), encode(&ModuleCapsule::V1(module))).unwrap();
    std::fs::write(folder.join("_mirrors.json"), encode(&MirrorsCapsule::V1(mirrors))).unwrap();
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
