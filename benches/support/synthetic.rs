//! A made-up catalog of any size, as the one that Warpforge's own code was measured on:
//! three items a release, a mirror each.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use warecat::model::codec::encode;
use warecat::model::{Mirrors, MirrorsCapsule, Module, ModuleCapsule, Release, WarpforgeCid};

use crate::support::scratch;

/// Releases of each module.
pub const RELEASES: usize = 6;

/// How many modules the benchmark is of: 20,000, or what `WARECAT_BENCH_MODULES` says.
pub fn modules() -> usize {
    std::env::var("WARECAT_BENCH_MODULES").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000)
}

/// The catalog, made when it is not there.
pub fn catalog(modules: usize) -> PathBuf {
    let catalog = scratch(&format!("scale-{modules}"));
    if !catalog.join("catalog.toml").exists() {
        (0..modules).into_par_iter().for_each(|n| write_module(&catalog, n));
        std::fs::write(catalog.join("catalog.toml"), "").unwrap();
    }
    catalog
}

fn hash(text: &str) -> String {
    WarpforgeCid::of_block(text.as_bytes()).as_str()[6..].to_owned()
}

/// The name of a module.
pub fn name(n: usize) -> String {
    let h = hash(&n.to_string()).to_lowercase();
    format!("example.org/{}/pkg-{}-{n}", &h[..1], &h[1..8])
}

/// The name of a release.
pub fn release_name(r: usize) -> String {
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
