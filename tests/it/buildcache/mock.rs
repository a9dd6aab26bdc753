//! Registries on loopback that have lost, moved or mixed up something.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use warecat::code::Code;
use warecat::import::spack::buildcache::{Reading, image};
use warecat::model::Digest;

use super::server::{Answer, Server};
use super::support::{Copy, GREET, GREET_HASH, HELLO, HELLO_HASH, Read, items, mirrors, only, release, told};

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
const LIST: &str = "application/vnd.oci.image.index.v1+json";

/// What a registry holds.
#[derive(Default, Clone)]
struct Store {
    tags: BTreeMap<String, Digest>,
    manifests: BTreeMap<Digest, (String, Vec<u8>)>,
    blobs: BTreeMap<Digest, Vec<u8>>,
}

impl Store {
    /// Our own cache, pushed.
    fn new() -> Self {
        let (mut store, source) = (Self::default(), Copy::new());
        for (package, name, version, hash) in
            [(HELLO, "hello-tool", "git.main=3.0", HELLO_HASH), (GREET, "libgreet", "1.2", GREET_HASH)]
        {
            let tarball = store.blob(&std::fs::read(source.tarball(package)).unwrap());
            store.push(&image::tag(name, version, hash), source.json(package).as_bytes(), &[tarball]);
        }
        let index = store.blob(&std::fs::read(source.path().join("build_cache/index.json")).unwrap());
        store.push("index.spack", b"{}", &[index]);
        store
    }

    fn blob(&mut self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.blobs.insert(digest, bytes.to_vec());
        digest
    }

    fn push(&mut self, tag: &str, config: &[u8], layers: &[Digest]) -> Digest {
        let config = self.blob(config);
        let blob = |digest: &Digest| serde_json::json!({"mediaType": "x", "digest": digest.to_string(), "size": 1});
        let layers: Vec<_> = layers.iter().map(blob).collect();
        let manifest = serde_json::json!({
            "mediaType": OCI, "schemaVersion": 2, "config": blob(&config), "layers": layers,
        });
        self.manifest(tag, OCI, &serde_json::to_vec(&manifest).unwrap())
    }

    fn manifest(&mut self, tag: &str, media_type: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.manifests.insert(digest, (media_type.to_owned(), bytes.to_vec()));
        self.tags.insert(tag.to_owned(), digest);
        digest
    }

    /// The configuration of a tag's image.
    fn config(&self, tag: &str) -> Digest {
        let value: serde_json::Value = serde_json::from_slice(&self.manifests[&self.tags[tag]].1).unwrap();
        value["config"]["digest"].as_str().unwrap().parse().unwrap()
    }

    fn answer(&self, path: &str) -> Answer {
        let path = path.strip_prefix("/v2/lab/bc/").unwrap_or_default();
        if path.starts_with("tags/list") {
            let tags: Vec<&String> = self.tags.keys().collect();
            let body = serde_json::json!({"name": "lab/bc", "tags": tags}).to_string();
            return Answer::new(200, body).with("Content-Type", "application/json");
        }
        let missing = || Answer::new(404, r#"{"errors":[]}"#);
        if let Some(reference) = path.strip_prefix("manifests/") {
            let digest = self.tags.get(reference).copied().or_else(|| reference.parse().ok());
            let Some((digest, (media_type, bytes))) = digest.and_then(|d| Some((d, self.manifests.get(&d)?))) else {
                return missing();
            };
            let answer = Answer::new(200, bytes.clone()).with("Docker-Content-Digest", digest);
            return answer.with("Content-Type", media_type);
        }
        let blob = path.strip_prefix("blobs/").and_then(|text| self.blobs.get(&text.parse().ok()?));
        blob.map_or_else(missing, |bytes| Answer::new(200, bytes.clone()))
    }

    fn serve(self) -> Server {
        Server::start(move |_, path| self.answer(path))
    }
}

fn greet() -> String {
    image::tag("libgreet", "1.2", GREET_HASH)
}

fn place(server: &Server) -> String {
    format!("oci://{}/lab/bc", server.host())
}

#[test]
fn index_and_tags_are_imported_identically_and_no_tarball_is_downloaded() {
    let store = Store::new();
    let tarballs: Vec<String> = ["hello-tool", "libgreet"]
        .map(|name| Digest::of(format!("stands in for the tarball of {name}\n").as_bytes()).to_string())
        .to_vec();
    let server = store.serve();
    let [index, tags, both] =
        [Reading::Index, Reading::Specs, Reading::Both].map(|by| Read::of(by).import(&place(&server)));
    assert_eq!((told(&both), both.source.counts["tarballs"]), (Vec::new(), 2));
    assert_eq!((&index, &tags), (&both, &both));
    let mut found = mirrors(&both);
    found.sort();
    let mut expected: Vec<String> = tarballs.iter().map(|digest| format!("{}@{digest}", place(&server))).collect();
    expected.sort();
    assert_eq!(found, expected);
    assert!(!server.asked().iter().any(|line| tarballs.iter().any(|digest| line.contains(digest.as_str()))));
}

#[test]
fn a_second_reading_asks_for_the_list_and_for_the_digest_of_each_tag() {
    let (server, dir) = (Store::new().serve(), tempfile::tempdir().unwrap());
    let read = Read { cache: Some(dir.path()), ..Read::default() };
    let first = read.import(&place(&server));
    server.asked();
    assert_eq!(read.import(&place(&server)), first);
    let mut asked = server.asked();
    asked.sort();
    let heads = asked.iter().filter(|line| line.starts_with("HEAD /v2/lab/bc/manifests/")).count();
    assert_eq!((asked.len(), heads), (4, 3), "{asked:#?}");
}

#[test]
fn a_layer_that_is_not_the_specs_tarball_is_refused() {
    let mut store = Store::new();
    let (json, other) = (Copy::new().json(GREET), store.blob(b"another tarball"));
    store.push(&greet(), json.as_bytes(), &[other]);
    let import = Read::default().import(&place(&store.serve()));
    let line = only(&import);
    assert!(line.starts_with(&format!("entry-refused {}", greet())) && line.contains("its last layer is"), "{line}");
    assert_eq!(items(&import, GREET_HASH), ["spec"]);
    assert_eq!(items(&import, HELLO_HASH), ["linux-exampleos1-x86_64_v3"]);
}

#[test]
fn what_is_missing_is_told_of_its_tag_and_leaves_the_others() {
    let whole = Store::new();
    let mut no_config = whole.clone();
    no_config.blobs.remove(&whole.config(&greet()));
    let mut no_manifest = whole.clone();
    no_manifest.tags.insert(greet(), Digest::of(b"nothing"));
    for (store, words) in [(no_config, "its configuration"), (no_manifest, "there is no image of it")] {
        let import = Read::default().import(&place(&store.serve()));
        let told = told(&import);
        let refused = format!("entry-refused {}", greet());
        assert!(told.iter().any(|line| line.starts_with(&refused) && line.contains(words)), "{told:#?}");
        assert_eq!(import.source.counts["tarballs"], 1);
    }
}

#[test]
fn t22_a_tag_that_moves_meanwhile_changes_nothing() {
    let store = Store::new();
    let (old, mut moved) = (store.tags[&greet()], store.clone());
    let other = moved.blob(b"another tarball");
    moved.push(&greet(), b"{}", &[other]);
    let heads = Arc::new(Mutex::new(0));
    let seen = Arc::clone(&heads);
    let server = Server::start(move |method, path| {
        if method == "HEAD" && path.ends_with(&greet()) {
            *seen.lock().unwrap() += 1;
            return store.answer(path);
        }
        moved.answer(path)
    });
    let import = Read::default().import(&place(&server));
    assert_eq!((told(&import), *heads.lock().unwrap()), (Vec::new(), 1));
    let record = release(&import, GREET_HASH).record.clone().unwrap().into_inner();
    assert_eq!(record.data.get("manifest").unwrap().as_text(), Some(old.to_string().as_str()));
}

#[test]
fn t22_a_manifest_that_went_with_its_tag_is_told() {
    let (store, mut moved) = (Store::new(), Store::new());
    let old = moved.tags[&greet()];
    moved.manifests.remove(&old);
    let server = Server::start(move |method, path| match method {
        "HEAD" => store.answer(path),
        _ => moved.answer(path),
    });
    let told = told(&Read::default().import(&place(&server)));
    assert!(told.iter().any(|line| line.contains("the tag was moved, or the registry lost it")), "{told:#?}");
}

#[test]
fn bytes_with_another_digest_are_refused_of_their_tag() {
    let mut store = Store::new();
    let config = store.config(&greet());
    store.blobs.insert(config, b"{\"spec\":{}}".to_vec());
    let import = Read::default().import(&place(&store.serve()));
    let told = told(&import);
    let refused = format!("entry-refused {}", greet());
    assert!(told.iter().any(|line| line.starts_with(&refused) && line.contains("digest")), "{told:#?}");
    assert_eq!(import.source.counts["tarballs"], 1);
}

#[test]
fn images_of_others_are_odd_and_not_imported() {
    let mut store = Store::new();
    let layer = store.blob(b"a layer");
    store.push("my-env-1", br#"{"architecture":"amd64","os":"linux"}"#, &[layer]);
    store.push("not-json.spack", b"plain text", &[layer]);
    store.push("empty.spack", b"{}", &[]);
    store.manifest("multi", LIST, br#"{"schemaVersion":2,"manifests":[]}"#);
    let import = Read::default().import(&place(&store.serve()));
    let told = told(&import);
    for words in [
        "entry-odd my-env-1 : its image holds no spec",
        "entry-odd multi : it is a list of images",
        "entry-refused not-json.spack : its configuration",
        "entry-refused empty.spack : its manifest names no layer",
    ] {
        assert!(told.iter().any(|line| line.starts_with(words)), "{words}: {told:#?}");
    }
    assert_eq!((told.len(), import.modules.len()), (4, 3));
}

#[test]
fn a_further_tag_of_a_spec_changes_nothing() {
    let expected = Read::default().import(&place(&Store::new().serve())).modules;
    let mut store = Store::new();
    let json = Copy::new().json(GREET);
    let (own, other) = (store.blob(b"stands in for the tarball of libgreet\n"), store.blob(b"another tarball"));
    // Sorted before the tag that Spack gives.
    store.push("a-release-of-ours", json.as_bytes(), &[own]);
    store.push("another", json.replace(&own.hex(), &other.hex()).as_bytes(), &[other]);
    let server = store.serve();
    let import = Read::default().import(&place(&server));
    let told = told(&import);
    assert!(told.iter().any(|line| line.contains("another tarball of the spec than")), "{told:#?}");
    let strip = |modules: &[warecat::model::ModuleProposal]| {
        let all: Vec<_> = modules.iter().flat_map(|module| module.releases.clone()).collect();
        all
    };
    assert_eq!(strip(&import.modules), strip(&expected));
}

#[test]
fn a_docker_base_image_changes_media_types_alone() {
    let mut store = Store::new();
    let tag = greet();
    let text = String::from_utf8(store.manifests[&store.tags[&tag]].1.clone()).unwrap().replace(OCI, DOCKER);
    store.manifest(&tag, DOCKER, text.as_bytes());
    let import = Read::default().import(&place(&store.serve()));
    assert_eq!((told(&import), import.source.counts["tarballs"]), (Vec::new(), 2));
}

#[test]
fn a_packed_index_is_read_and_a_broken_one_is_told() {
    use std::io::Write;
    let index = std::fs::read(Copy::new().path().join("build_cache/index.json")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&index).unwrap();
    let mut store = Store::new();
    let layer = store.blob(&packed.finish().unwrap());
    store.push("index.spack", b"{}", &[layer]);
    assert_eq!(told(&Read::default().import(&place(&store.clone().serve()))), [""; 0]);
    let layer = store.blob(b"<html>");
    store.push("index.spack", b"{}", &[layer]);
    let server = store.serve();
    let import = Read::default().import(&place(&server));
    assert!(only(&import).starts_with("entry-refused index.spack"), "{}", only(&import));
    assert_eq!(import.source.counts["tarballs"], 2);
    assert!(Read::of(Reading::Index).try_import(&place(&server)).is_err());
}

#[test]
fn a_listing_that_fails_and_a_closed_door_end_the_import() {
    let server = Server::start(|_, _| Answer::new(404, "{}"));
    assert_eq!(Read::default().try_import(&place(&server)).unwrap_err().code(), Code::NotFound);
    let store = Store::new();
    let server = Server::start(move |_, path| match path.contains("/blobs/") {
        true => Answer::new(401, "").with("WWW-Authenticate", "Basic realm=\"x\""),
        false => store.answer(path),
    });
    assert_eq!(Read::default().try_import(&place(&server)).unwrap_err().code(), Code::NetworkFailed);
    let offline = Read { offline: true, ..Read::default() };
    assert_eq!(offline.try_import(&place(&server)).unwrap_err().code(), Code::NetworkOffline);
}

#[test]
fn t20_a_web_page_in_place_of_an_image_is_refused_of_its_tag() {
    let store = Store::new();
    let config = store.config(&greet()).to_string();
    let server = Server::start(move |_, path| match path.ends_with(&config) {
        true => Answer::new(200, "<!DOCTYPE html><title>Sign in</title>").with("Content-Type", "text/html"),
        false => store.answer(path),
    });
    let import = Read::default().import(&place(&server));
    assert!(told(&import).iter().any(|line| line.starts_with("entry-refused libgreet")), "{:#?}", told(&import));
    assert_eq!(import.source.counts["tarballs"], 1);
}
