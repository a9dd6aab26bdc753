//! A build cache of 230 images in Debian's `docker-registry` on loopback: cold, with
//! nothing downloaded before, and warm. Needs the real data beside the checkout.
//!
//! `cargo bench --bench buildcache`. The floor makes the requests of a cold reading, a
//! `HEAD` and two `GET`s for each tag, from as many threads, and throws the answers away.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

#[path = "support/registry.rs"]
mod registry;
mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use registry::Registry;
use support::{Cost, median, row, run, scratch, seconds};

const JOBS: usize = 8;

fn main() {
    let packed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/spack/oci-buildcache/registry-storage.tar.zst");
    if !packed.exists() {
        return println!("skipped: the real data is not beside this checkout");
    }
    let work = scratch(&format!("buildcache-{}", std::process::id()));
    let storage = std::fs::File::open(&packed).unwrap();
    tar::Archive::new(zstd::Decoder::new(storage).unwrap()).unpack(work.join("storage")).unwrap();
    let Some(registry) = Registry::start(&work) else {
        return println!("skipped: `docker-registry` is not installed");
    };
    let from = format!("oci://{}/lab/real", registry.address);
    println!("| what | warecat | floor |\n| --- | --- | --- |");
    let floor = seconds(5, || ask_everything(&registry));
    let cold = median(5, || import(&work, &from, true, true));
    row(
        "230 images, nothing downloaded before, into an empty catalog",
        &cost(cold),
        &format!("{floor:.2} s, {:.1}x", cold.wall / floor),
    );
    let warm = median(5, || import(&work, &from, false, true));
    row("the same with all of it in the download cache", &cost(warm), "-");
    let again = median(5, || import(&work, &from, false, false));
    row("the same again: nothing changes", &cost(again), "-");
    drop(registry);
    std::fs::remove_dir_all(&work).unwrap();
}

fn import(work: &Path, from: &str, is_cold: bool, is_new: bool) -> Cost {
    let (catalog, cache) = (work.join("catalog"), work.join("cache"));
    if is_cold {
        let _ = std::fs::remove_dir_all(&cache);
    }
    if is_new {
        let _ = std::fs::remove_dir_all(&catalog);
        std::fs::create_dir_all(&catalog).unwrap();
        std::fs::write(catalog.join("catalog.toml"), "").unwrap();
    }
    let [catalog, cache] = [&catalog, &cache].map(|path| path.to_str().unwrap());
    let more = ["--prefix", "bc.example.org", "--cache-dir", cache, "--from", from];
    run(&[&["-C", catalog, "import", "spack-buildcache"][..], &more].concat(), &[0])
}

fn cost(cost: Cost) -> String {
    format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", cost.wall, cost.cpu, cost.peak)
}

/// Asks for all that a cold reading asks for.
fn ask_everything(registry: &Registry) {
    let list = Connection::open(&registry.address).ask("GET", "tags/list");
    let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
    let tags: Vec<String> = serde_json::from_value(list["tags"].clone()).unwrap();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                let mut connection = Connection::open(&registry.address);
                while let Some(tag) = tags.get(next.fetch_add(1, Ordering::Relaxed)) {
                    connection.ask("HEAD", &format!("manifests/{tag}"));
                    let manifest = connection.ask("GET", &format!("manifests/{tag}"));
                    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
                    let config = manifest["config"]["digest"].as_str().unwrap();
                    connection.ask("GET", &format!("blobs/{config}"));
                }
            });
        }
    });
}

/// A connection that is kept open, as plain as can be.
struct Connection(TcpStream);

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    fn ask(&mut self, method: &str, path: &str) -> Vec<u8> {
        let accept = "application/vnd.oci.image.manifest.v1+json, application/json";
        let head = format!("{method} /v2/lab/real/{path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n");
        self.0.write_all(head.as_bytes()).unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        let mut reader = std::io::BufReader::with_capacity(1 << 16, &self.0);
        while !head.ends_with(b"\r\n\r\n") {
            reader.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let text = String::from_utf8(head).unwrap().to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200"), "{text}");
        let chunked = text.contains("transfer-encoding: chunked");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
        match (method, length) {
            ("HEAD", _) => Vec::new(),
            (_, Some(length)) => {
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                body
            }
            (_, None) if chunked => chunks(&mut reader),
            (_, None) => panic!("no length: {text}"),
        }
    }
}

fn chunks(reader: &mut impl std::io::BufRead) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
