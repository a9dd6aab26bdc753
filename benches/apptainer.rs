//! A folder of 1,000 images, and one large image: import, inspection, and what a registry
//! sends of it.
//!
//! `cargo bench --bench apptainer`. The floor of the cold scan is `sha256sum` over the same
//! files with the same number of processes; both read from the page cache, and they are
//! measured in turn, so that what else the machine does touches both. It needs 5 GB of room
//! for its files, and is skipped where there is none. The large image is made by
//! `mksquashfs`, and read from Debian's `docker-registry`; without them these rows are left
//! out.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

#[path = "support/counted.rs"]
mod counted;
#[path = "support/registry.rs"]
mod registry;
mod support;
// The same writer that the tests use.
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/sif_writer.rs"]
mod sif_writer;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use backhand::compression::Compressor;
use counted::Counted;
use registry::Registry;
use serde_json::json;
use sif_writer::{Sif, container};
use support::{Cost, median, row, run, scratch};
use warecat::model::Digest;

const IMAGES: usize = 1000;
/// Of each image, in bytes.
const SIZE: usize = 1024 * 1024;
const FILES: usize = 50_000;
const GIB: u64 = 1024 * 1024 * 1024;
/// How often a cold scan and its floor are measured.
const PAIRS: usize = 9;

fn main() {
    let work = scratch(&format!("apptainer-{}", std::process::id()));
    if !has_room(&work) {
        std::fs::remove_dir_all(&work).unwrap();
        return println!("skipped: there is no room for 5 GB in {}", work.display());
    }
    println!("| what | warecat | floor |\n| --- | --- | --- |");
    folder(&work);
    std::fs::remove_dir_all(work.join("root")).unwrap();
    if let Some(image) = large(&work) {
        inspect(&image);
        remote(&work, &image);
    }
    std::fs::remove_dir_all(&work).unwrap();
}

fn has_room(work: &Path) -> bool {
    let free = rustix::fs::statvfs(work).map_or(0, |found| found.f_bavail * found.f_frsize);
    free > 5 * GIB
}

fn folder(work: &Path) {
    let root = work.join("root");
    write_images(&root);
    let (catalog, hashes) = (work.join("catalog"), work.join("hashes"));
    new_catalog(&catalog);
    let threads = std::thread::available_parallelism().unwrap().get().to_string();
    // What changed in the last two seconds is not kept.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (catalog, root_text, hashes_text) = (text(&catalog), text(&root), text(&hashes));
    let args = ["-C", &catalog, "import", "apptainer", "--prefix", "s.example", "--root", &root_text];
    let args: Vec<&str> = args.into_iter().chain(["--hash-cache", &hashes_text, "-j", &threads]).collect();
    let dry: Vec<&str> = args.iter().copied().chain(["--dry-run"]).collect();
    let cold = || {
        let _ = std::fs::remove_file(&hashes);
        run(&dry, &[5])
    };
    let (cold, floor, ratio) = in_turn(cold, || sha256sum(&root, &threads));
    row(
        "scan of 1,000 images of 1 MiB, nothing known (`--dry-run`)",
        &cost(cold),
        &format!("{:.2} s: `sha256sum`, {threads} at a time ({ratio:.2}x, the median of pairs)", floor.wall),
    );
    row("the same, imported", &cost(run(&args, &[0])), "-");
    row("the same again: nothing changed", &cost(median(10, || run(&args, &[0]))), "-");
}

/// The medians of two costs that are measured in turn, and that of their ratios.
fn in_turn(one: impl Fn() -> Cost, other: impl Fn() -> Cost) -> (Cost, Cost, f64) {
    one();
    other();
    let mut pairs: Vec<(Cost, Cost)> = Vec::new();
    for number in 0..PAIRS {
        // Who goes first changes, so that neither always follows the other.
        let first = number.is_multiple_of(2).then(&one);
        let second = other();
        pairs.push((first.unwrap_or_else(&one), second));
    }
    let middle = |of: &dyn Fn(&(Cost, Cost)) -> f64| {
        let mut values: Vec<f64> = pairs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[PAIRS / 2]
    };
    let cost = |of: &dyn Fn(&(Cost, Cost)) -> Cost| Cost {
        wall: middle(&|pair| of(pair).wall),
        cpu: middle(&|pair| of(pair).cpu),
        peak: middle(&|pair| of(pair).peak),
    };
    (cost(&|pair| pair.0), cost(&|pair| pair.1), middle(&|pair| pair.0.wall / pair.1.wall))
}

fn new_catalog(catalog: &Path) {
    std::fs::create_dir_all(catalog).unwrap();
    std::fs::write(catalog.join("catalog.toml"), "").unwrap();
}

fn write_images(root: &Path) {
    let squashfs = container(Compressor::Gzip, r#"{"Version": "1.0"}"#);
    let mut filler = vec![0; SIZE];
    let mut noise = Noise(1);
    for n in 0..IMAGES {
        noise.fill(&mut filler);
        let image = Sif::new().definition("Bootstrap: docker\nFrom: example.org/base:1\n");
        let image = match n % 2 {
            0 => image.metadata(&json!({"labels": {"Version": "1.0"}, "helpfile": "A tool."})).root(b"hsqs"),
            _ => image.root(&squashfs),
        };
        let path = root.join(format!("images/p{}/tool{n}_1.0.sif", n % 4));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, image.object(0x4007, "data", &[], &filler).bytes()).unwrap();
    }
}

/// Bytes that do not compress, and are the same in each run.
struct Noise(u64);

impl Noise {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chunk.copy_from_slice(&self.0.to_le_bytes()[..chunk.len()]);
        }
    }
}

fn sha256sum(root: &Path, threads: &str) -> Cost {
    let start = Instant::now();
    let script = format!("find . -name '*.sif' -print0 | xargs -0 -n 25 -P {threads} sha256sum");
    let mut command = Command::new("sh");
    let status = command.args(["-c", &script]).current_dir(root.join("images")).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    Cost { wall: start.elapsed().as_secs_f64(), ..Cost::default() }
}

/// An image of 1 GiB whose squashfs has 50,000 files; its metadata are in there only, and
/// its tables at its end, as `mksquashfs` writes them.
fn large(work: &Path) -> Option<PathBuf> {
    let (tree, squashfs, path) = (work.join("tree"), work.join("squashfs"), work.join("large_1.0.sif"));
    let mut noise = Noise(7);
    let mut content = vec![0; usize::try_from(GIB).unwrap() / FILES - 200];
    for n in 0..FILES {
        let folder = tree.join(format!("opt/tool/lib{}", n / 500));
        if n % 500 == 0 {
            std::fs::create_dir_all(&folder).unwrap();
        }
        noise.fill(&mut content);
        std::fs::write(folder.join(format!("file{n}")), &content).unwrap();
    }
    std::fs::create_dir_all(tree.join(".singularity.d")).unwrap();
    std::fs::write(tree.join(".singularity.d/labels.json"), r#"{"Version": "1.0"}"#).unwrap();
    let mut command = Command::new("mksquashfs");
    command.arg(&tree).arg(&squashfs).args(["-noD", "-noF", "-quiet", "-no-progress"]);
    let made = command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    std::fs::remove_dir_all(&tree).unwrap();
    if !made {
        println!("left out: there is no `mksquashfs` to make a large image");
        return None;
    }
    // Written as one with an empty partition, whose size is then put right.
    let head = Sif::new().definition("Bootstrap: docker\nFrom: example.org/base:1\n").root(b"").bytes();
    let mut image = File::create(&path).unwrap();
    image.write_all(&head).unwrap();
    let size = std::io::copy(&mut File::open(&squashfs).unwrap(), &mut image).unwrap();
    image.seek(SeekFrom::Start(128 + 585 + 25)).unwrap();
    image.write_all(&size.to_le_bytes()).unwrap();
    std::fs::remove_file(squashfs).unwrap();
    Some(path)
}

fn inspect(image: &Path) {
    let size = std::fs::metadata(image).unwrap().len();
    let inspect = median(20, || run(&["--json", "inspect", image.to_str().unwrap()], &[0]));
    row(
        &format!("`inspect` of an image of {:.2} GiB with 50,000 files", size as f64 / GIB as f64),
        &format!("{:.0} ms wall, {:.0} ms CPU, {:.0} MB", inspect.wall * 1e3, inspect.cpu * 1e3, inspect.peak),
        "-",
    );
}

/// What `import oci` transfers of the large image, and of one of the same size that has
/// `inspect-metadata.json`.
fn remote(work: &Path, image: &Path) {
    let Some(registry) = Registry::start(work) else {
        return println!("left out: there is no `docker-registry`");
    };
    let counted = Counted::before(&registry.address);
    push(&registry.address, "large", image);
    let described = work.join("described_1.0.sif");
    let head = Sif::new()
        .definition("Bootstrap: docker\nFrom: example.org/base:1\n")
        .metadata(&json!({"labels": {"Version": "1.0"}, "helpfile": "A tool."}))
        .root(b"")
        .bytes();
    // Its partition is a hole.
    std::fs::write(&described, &head).unwrap();
    let mut file = File::options().write(true).open(&described).unwrap();
    file.set_len(GIB).unwrap();
    file.seek(SeekFrom::Start(128 + 2 * 585 + 25)).unwrap();
    file.write_all(&(GIB - head.len() as u64).to_le_bytes()).unwrap();
    push(&registry.address, "described", &described);
    for (name, what) in [("described", "with `inspect-metadata.json`"), ("large", "without, 50,000 files")] {
        let cost = median(5, || {
            let (catalog, cache) = (work.join("remote"), work.join("cache"));
            for folder in [&catalog, &cache] {
                let _ = std::fs::remove_dir_all(folder);
            }
            new_catalog(&catalog);
            counted.take();
            let from = format!("oci://{}/{name}", counted.address);
            let [catalog, cache] = [&catalog, &cache].map(|path| path.to_str().unwrap());
            run(&["-C", catalog, "import", "oci", "--prefix", "r.example", "--cache-dir", cache, "--from", &from], &[0])
        });
        row(
            &format!("`import oci` of a SIF image of 1 GiB, {what}"),
            &format!(
                "{:.0} kB both ways, {:.0} ms wall, {:.0} MB",
                counted.take() as f64 / 1e3,
                cost.wall * 1e3,
                cost.peak
            ),
            "-",
        );
    }
}

/// Pushes a SIF image as Apptainer does, past what counts.
fn push(address: &str, repository: &str, image: &Path) {
    let client = reqwest::blocking::Client::builder().timeout(None).build().unwrap();
    let base = format!("http://{address}/v2/{repository}");
    let blob = |digest: &str, body: reqwest::blocking::Body| {
        let begun = client.post(format!("{base}/blobs/uploads/")).send().unwrap();
        let location = begun.headers()["location"].to_str().unwrap();
        let target = reqwest::Url::parse(&base).unwrap().join(location).unwrap();
        let sent = client.put(target).query(&[("digest", digest)]).body(body).send().unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().unwrap());
    };
    let sum = Command::new("sha256sum").arg(image).output().unwrap().stdout;
    let layer = format!("sha256:{}", std::str::from_utf8(&sum[..64]).unwrap());
    let size = std::fs::metadata(image).unwrap().len();
    blob(&layer, reqwest::blocking::Body::sized(File::open(image).unwrap(), size));
    let config = Digest::of(b"{}").to_string();
    blob(&config, "{}".into());
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": kind,
        "config": {"mediaType": "application/vnd.sylabs.sif.config.v1+json", "digest": config, "size": 2},
        "layers": [{"mediaType": "application/vnd.sylabs.sif.layer.v1.sif", "digest": layer, "size": size}]});
    let sent =
        client.put(format!("{base}/manifests/1.0")).header("Content-Type", kind).body(manifest.to_string()).send();
    assert!(sent.unwrap().status().is_success());
}

fn cost(cost: Cost) -> String {
    format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", cost.wall, cost.cpu, cost.peak)
}
