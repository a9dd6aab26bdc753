//! A folder of 1,000 images, and one large image: import and inspection.
//!
//! `cargo bench --bench apptainer`. The floor of the cold scan is `sha256sum` over the same
//! files with the same number of processes; both read from the page cache. It needs 2.5 GB
//! of room for its files, and is skipped where there is none.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod support;
// The same writer that the tests use.
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/sif_writer.rs"]
mod sif_writer;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use backhand::compression::Compressor;
use serde_json::json;
use sif_writer::{Node, Sif, container, squashfs};
use support::{Cost, median, row, run, scratch};

const IMAGES: usize = 1000;
/// Of each image, in bytes.
const SIZE: usize = 1024 * 1024;
const FILES: usize = 50_000;
const GIB: u64 = 1024 * 1024 * 1024;

fn main() {
    let work = scratch(&format!("apptainer-{}", std::process::id()));
    if !has_room(&work) {
        std::fs::remove_dir_all(&work).unwrap();
        return println!("skipped: there is no room for 2.5 GB in {}", work.display());
    }
    println!("| what | warecat | floor |\n| --- | --- | --- |");
    folder(&work);
    large(&work);
    std::fs::remove_dir_all(&work).unwrap();
}

fn has_room(work: &Path) -> bool {
    let free = rustix::fs::statvfs(work).map_or(0, |found| found.f_bavail * found.f_frsize);
    free > 5 * GIB / 2
}

fn folder(work: &Path) {
    let root = work.join("root");
    write_images(&root);
    let (catalog, hashes) = (work.join("catalog"), work.join("hashes"));
    std::fs::create_dir_all(&catalog).unwrap();
    std::fs::write(catalog.join("catalog.toml"), "").unwrap();
    let threads = std::thread::available_parallelism().unwrap().get().to_string();
    // What changed in the last two seconds is not kept.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (catalog, root_text, hashes_text) = (text(&catalog), text(&root), text(&hashes));
    let args = ["-C", &catalog, "import", "apptainer", "--prefix", "s.example", "--root", &root_text];
    let args: Vec<&str> = args.into_iter().chain(["--hash-cache", &hashes_text, "-j", &threads]).collect();
    let dry: Vec<&str> = args.iter().copied().chain(["--dry-run"]).collect();
    let cold = median(5, || {
        let _ = std::fs::remove_file(&hashes);
        run(&dry, &[5])
    });
    let floor = median(5, || sha256sum(&root, &threads));
    row(
        "scan of 1,000 images of 1 MiB, nothing known (`--dry-run`)",
        &cost(cold),
        &format!("{:.2} s: `sha256sum`, {threads} at a time ({:.2}x)", floor.wall, cold.wall / floor.wall),
    );
    row("the same, imported", &cost(run(&args, &[0])), "-");
    row("the same again: nothing changed", &cost(median(10, || run(&args, &[0]))), "-");
}

fn write_images(root: &Path) {
    let squashfs = container(Compressor::Gzip, r#"{"Version": "1.0"}"#);
    let mut state = 1_u64;
    let mut filler = vec![0; SIZE];
    for n in 0..IMAGES {
        for chunk in filler.chunks_exact_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chunk.copy_from_slice(&state.to_le_bytes());
        }
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

fn sha256sum(root: &Path, threads: &str) -> Cost {
    let start = Instant::now();
    let script = format!("find . -name '*.sif' -print0 | xargs -0 -n 25 -P {threads} sha256sum");
    let mut command = Command::new("sh");
    let status = command.args(["-c", &script]).current_dir(root.join("images")).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    Cost { wall: start.elapsed().as_secs_f64(), ..Cost::default() }
}

/// An image of 1 GiB whose squashfs has 50,000 files; the rest of it is a hole.
fn large(work: &Path) {
    let names: Vec<String> = (0..FILES).map(|n| format!("/opt/tool/lib{}/file{n}", n / 500)).collect();
    let mut nodes: Vec<Node<'_>> = names.iter().map(|name| Node::File(name, name.as_bytes())).collect();
    nodes.push(Node::File("/.singularity.d/labels.json", br#"{"Version": "1.0"}"#));
    let image = Sif::new().root(&squashfs(Compressor::Gzip, &nodes)).object(0x4007, "data", &[], b"");
    let mut bytes = image.bytes();
    let size = GIB - bytes.len() as u64;
    // The size in the descriptor of the second object.
    bytes[128 + 585 + 25..][..8].copy_from_slice(&size.to_le_bytes());
    let path = work.join("large_1.0.sif");
    std::fs::write(&path, &bytes).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(GIB).unwrap();
    let inspect = median(20, || run(&["--json", "inspect", path.to_str().unwrap()], &[0]));
    row(
        "`inspect` of an image of 1 GiB with 50,000 files",
        &format!("{:.0} ms wall, {:.0} MB", inspect.wall * 1e3, inspect.peak),
        "-",
    );
}

fn cost(cost: Cost) -> String {
    format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", cost.wall, cost.cpu, cost.peak)
}
