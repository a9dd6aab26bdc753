//! All of EESSI's API: import, check, site. Needs the real data beside the checkout.
//!
//! `cargo bench --bench eessi`. The floor of the import parses the same bytes with
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
use support::{median, row, run, scratch};

const KINDS: [&str; 7] = ["software", "ext-python", "ext-r", "ext-perl", "ext-ruby", "ext-octave", "ext-component"];

fn main() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/eessi");
    if !data.exists() {
        return println!("skipped: the real data is not beside this checkout");
    }
    let work = scratch(&format!("eessi-{}", std::process::id()));
    let sources = unpack(&data, &work);
    println!("| what | warecat | floor |\n| --- | --- | --- |");
    let parse = || parse_all(&sources);
    let catalog = measure(&work, "all seven files (159 MB)", ("eessi", &sources), &[0, 7], &parse);
    let (from, dir) = (sources.to_str().unwrap(), catalog.to_str().unwrap());
    let again = median(3, || run(&["-C", dir, "import", "eessi", "--from", from], &[0, 7]));
    row("the same again: nothing changes", &words(again), "-");
    let check = median(5, || run(&["-C", dir, "check"], &[0]));
    row("`check`", &words(check), "-");
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
    row("site, first build", &words(first), "EESSI's own generator: 243 s CPU for 784 pages");
    let again = median(3, || run(&["-C", dir, "site", "build", "-o", site.to_str().unwrap()], &[0]));
    row("site, nothing changed", &words(again), "-");
    std::fs::remove_dir_all(&work).unwrap();
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
