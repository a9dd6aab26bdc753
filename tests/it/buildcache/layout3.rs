//! Caches of layout 3. No cache of Spack 1.x is at hand: these are written by the
//! documented format, from the specs of our own cache of layout 2.

use std::io::Write;
use std::path::Path;

use warecat::import::spack::buildcache::{Reading, layout3};
use warecat::model::{Digest, metadata};

use super::server::Server;
use super::support::{
    BUILDER, Copy, GREET, GREET_HASH, HELLO, HELLO_HASH, Read, items, keyring, mirrors, only, own, release, told,
};

/// A cache of layout 3 in a folder.
struct Cache {
    dir: tempfile::TempDir,
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn entry(root: &Path, bytes: &[u8], media_type: &str, compression: &str) -> serde_json::Value {
    let checksum = Digest::of(bytes).hex();
    put(root, &format!("blobs/sha256/{}/{checksum}", &checksum[..2]), bytes);
    serde_json::json!({
        "contentLength": bytes.len(), "mediaType": media_type, "compression": compression,
        "checksumAlgorithm": "sha256", "checksum": checksum,
    })
}

fn manifest(data: &[serde_json::Value]) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({"version": 3, "data": data})).unwrap()
}

fn place(package: &str) -> String {
    let (name, _) = package.rsplit_once('-').unwrap().0.rsplit_once('-').unwrap();
    format!("v3/manifests/spec/{name}/{package}.spec.manifest.json")
}

impl Cache {
    fn new() -> Self {
        let (dir, source) = (tempfile::tempdir().unwrap(), Copy::new());
        let root = dir.path();
        put(root, "v3/layout.json", br#"{"signing": "gpg"}"#);
        for package in [HELLO, GREET] {
            let mut spec: serde_json::Value = serde_json::from_str(&source.json(package)).unwrap();
            spec.as_object_mut().unwrap().shift_remove("binary_cache_checksum");
            let spec = gzip(&serde_json::to_vec(&spec).unwrap());
            let tarball = std::fs::read(source.tarball(package)).unwrap();
            let data = [
                entry(root, &tarball, "application/vnd.spack.install.v2.tar+gzip", "gzip"),
                entry(root, &spec, "application/vnd.spack.spec.v5+json", "gzip"),
            ];
            put(root, &place(package), &manifest(&data));
        }
        let index = std::fs::read(source.path().join("build_cache/index.json")).unwrap();
        let index = entry(root, &gzip(&index), "application/vnd.spack.db.v8+json", "gzip");
        put(root, layout3::INDEX, &manifest(&[index]));
        Self { dir }
    }

    fn place(&self) -> &str {
        self.dir.path().to_str().unwrap()
    }

    fn blob(&self, package: &str, at: usize) -> std::path::PathBuf {
        let text = std::fs::read(self.dir.path().join(place(package))).unwrap();
        self.dir.path().join(layout3::parse(&text).unwrap()[at].path())
    }
}

#[test]
fn index_and_manifests_are_imported_identically() {
    let cache = Cache::new();
    let [index, specs, both] =
        [Reading::Index, Reading::Specs, Reading::Both].map(|by| Read::of(by).import(cache.place()));
    assert_eq!((told(&both), both.source.counts["tarballs"]), (Vec::new(), 2));
    assert_eq!(index, specs);
    assert_eq!(index, both);
}

#[test]
fn the_tarballs_are_those_of_layout_2() {
    let [new, old] = [Cache::new().place(), own("signed").to_str().unwrap()].map(|place| {
        let import = Read::of(Reading::Specs).import(place);
        [HELLO_HASH, GREET_HASH].map(|hash| release(&import, hash).items.clone())
    });
    assert_eq!(new, old);
}

#[test]
fn over_http_what_is_in_the_cache_is_not_asked_for() {
    let (cache, dir) = (Cache::new(), tempfile::tempdir().unwrap());
    let server = Server::of_folder(cache.dir.path().to_owned());
    let read = Read { cache: Some(dir.path()), ..Read::default() };
    let web = read.import(&server.url());
    assert_eq!((told(&web), mirrors(&web).len()), (Vec::new(), 2));
    assert!(mirrors(&web).iter().all(|address| address.contains("/blobs/sha256/")));
    server.asked();
    assert_eq!(read.import(&server.url()), web);
    let asked = server.asked();
    assert!(asked.iter().all(|line| !line.contains("/blobs/") && line.ends_with(" 304")), "{asked:#?}");
}

#[test]
fn a_manifest_may_be_signed() {
    // The manifest of `by-builder.json.sig` is no manifest, but its signature is opened first.
    let (cache, keys) = (Cache::new(), keyring("signed/keyring.asc"));
    let signed = std::fs::read(own("signatures/by-builder.json.sig")).unwrap();
    put(cache.dir.path(), &place(GREET), &signed);
    let import = Read { keyring: Some(&keys), reading: Reading::Specs, ..Read::default() }.import(cache.place());
    assert!(
        told(&import).iter().any(|line| line.contains("its manifest cannot be read: missing field")),
        "{:#?}",
        told(&import)
    );
    let changed = String::from_utf8(signed).unwrap().replace("42", "43");
    put(cache.dir.path(), &place(GREET), changed.as_bytes());
    let import = Read { keyring: Some(&keys), reading: Reading::Specs, ..Read::default() }.import(cache.place());
    assert!(told(&import).iter().any(|line| line.contains(BUILDER) && line.contains("is bad")), "{:#?}", told(&import));
    assert!(!release(&import, HELLO_HASH).metadata.contains_key(metadata::SIGNED_BY));
}

#[test]
fn blobs_are_held_to_their_checksums() {
    let cache = Cache::new();
    std::fs::write(cache.blob(GREET, 1), gzip(b"{}")).unwrap();
    let line = told(&Read::default().import(cache.place())).into_iter().find(|line| line.starts_with("entry-refused"));
    assert!(line.unwrap().contains("has the digest"));
    let cache = Cache::new();
    std::fs::write(cache.blob(GREET, 0), "other").unwrap();
    let import = Read::default().import(cache.place());
    assert!(only(&import).starts_with("entry-refused") && only(&import).contains("but the spec says"));
    assert_eq!(items(&import, GREET_HASH), ["spec"]);
}

#[test]
fn blobs_that_are_not_there_are_told() {
    for (at, words) in [(0, "its tarball"), (1, "its spec")] {
        let cache = Cache::new();
        std::fs::remove_file(cache.blob(GREET, at)).unwrap();
        let told = told(&Read::default().import(cache.place()));
        assert!(told.iter().any(|line| line.contains(words) && line.ends_with("is not there")), "{told:#?}");
    }
}

#[test]
fn t05_a_spec_that_unpacks_without_end_is_refused() {
    let cache = Cache::new();
    let bomb = gzip(&vec![b' '; 40 << 20]);
    let tarball = entry(cache.dir.path(), b"x", "application/vnd.spack.install.v2.tar+gzip", "gzip");
    let spec = entry(cache.dir.path(), &bomb, "application/vnd.spack.spec.v5+json", "gzip");
    put(cache.dir.path(), &place(GREET), &manifest(&[tarball, spec]));
    let told = told(&Read::default().import(cache.place()));
    assert!(told.iter().any(|line| line.contains("bytes after decompression")), "{told:#?}");
}
