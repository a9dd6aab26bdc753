//! Registries that lie about parts, sizes and catalogs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::json;
use warecat::code::Code;
use warecat::import::oci::gather;
use warecat::mirror::Cache;
use warecat::mirror::oci::{Registry, RegistryOptions};
use warecat::model::Digest;

use super::{client, imported, items, messages, record, release, wanted};
use crate::support_mock::{Asked, Mock, Step, json as json_reply, reply};
use crate::support_registry::options;

const GIB: u64 = 1 << 30;
const BLOB: &[u8] = b"0123456789";

fn insecure(server: &Mock, rest: &str) -> String {
    format!("oci+http://{}{rest}", server.host())
}

// T-21: catalogs.

#[test]
fn t21_a_registry_without_a_catalog_is_told_and_repositories_are_asked_for() {
    for status in ["404 Not Found", "401 Unauthorized", "403 Forbidden", "405 Method Not Allowed"] {
        let server = Mock::start(move |_, _| reply(status, "", "{}"));
        let error = gather(&client(), &wanted(&insecure(&server, "")), &|| {}).unwrap_err();
        let text = format!("{error} {}", error.hint());
        assert!(
            text.contains("does not tell which repositories it has") && text.contains("name repositories"),
            "{text}"
        );
        assert!(matches!(error.code(), Code::NotFound | Code::NetworkFailed), "{text}");
    }
}

#[test]
fn t19_an_endless_catalog_ends() {
    let count = AtomicUsize::new(0);
    let server = Mock::start(move |_, _| {
        let next = count.fetch_add(1, SeqCst);
        let headers = format!("Content-Type: application/json\r\nLink: </v2/_catalog?last={next}>; rel=\"next\"\r\n");
        reply("200 OK", &headers, format!("{{\"repositories\":[\"r{next}\"]}}"))
    });
    let mut options: RegistryOptions = options();
    options.limits.max_listed = 20;
    let error = gather(&Registry::new(options, |_| None, None), &wanted(&insecure(&server, "/")), &|| {}).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded, "{error}");
    assert!(server.asked().len() < 25);
}

#[test]
fn t19_a_catalog_that_leads_elsewhere_is_not_followed() {
    let headers = "Content-Type: application/json\r\nLink: <http://169.254.169.254/v2/_catalog>; rel=\"next\"\r\n";
    let server = Mock::start(move |_, _| reply("200 OK", headers, r#"{"repositories":["a"]}"#));
    let error = gather(&client(), &wanted(&insecure(&server, "")), &|| {}).unwrap_err();
    assert_eq!(error.code(), Code::NetworkRefused, "{error}");
}

#[test]
fn t01_names_in_a_catalog_that_are_none_are_refused() {
    let server = Mock::start(|asked, _| match asked.path.as_str() {
        path if path.starts_with("/v2/_catalog") => json_reply(r#"{"repositories":["../../etc","A","a@b",7,"ok"]}"#),
        _ => json_reply(r#"{"tags":[]}"#),
    });
    let found = imported(&client(), &wanted(&insecure(&server, "")));
    let told = messages(&found.import.diagnostics);
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(server.paths().iter().all(|path| !path.contains("..")), "{:?}", server.paths());
}

// Parts of blobs.

/// A registry that answers any request for a blob in one way.
fn blobs(answer: impl Fn(&Asked) -> Vec<Step> + Send + Sync + 'static) -> Mock {
    Mock::start(move |asked, _| answer(asked))
}

fn part(server: &Mock, range: std::ops::Range<u64>) -> Result<Vec<u8>, String> {
    let digest = Digest::of(BLOB);
    let read = client().blob_range(&server.repository("a"), &digest, BLOB.len() as u64, range);
    read.map_err(|error| format!("{} {error}", error.code()))
}

#[test]
fn a_part_is_asked_for_and_given() {
    let server = blobs(|_| reply("206 Partial Content", "Content-Range: bytes 2-4/10\r\n", "234"));
    assert_eq!(part(&server, 2..5).unwrap(), b"234");
    assert_eq!(server.asked()[0].header("range"), Some("bytes=2-4"));
}

#[test]
fn t20_another_part_than_the_one_that_was_asked_for_is_refused() {
    for (headers, body) in [
        ("", "234"),
        ("Content-Range: bytes 0-2/10\r\n", "012"),
        ("Content-Range: bytes 2-4/11\r\n", "234"),
        ("Content-Range: bytes 2-5/10\r\n", "2345"),
        ("Content-Range: bytes 2-4/10\r\n", "23"),
        ("Content-Range: bytes 2-4/10\r\nContent-Encoding: gzip\r\n", "234"),
        ("Content-Range: \u{7f}\r\n", "234"),
    ] {
        let server = blobs(move |_| reply("206 Partial Content", headers, body));
        let error = part(&server, 2..5).unwrap_err();
        assert!(error.starts_with("source-invalid") || error.starts_with("network-failed"), "{headers}: {error}");
    }
}

#[test]
fn t20_a_part_that_came_without_encryption_is_not_given_for_one_with_it() {
    let server = blobs(|_| reply("206 Partial Content", "Content-Range: bytes 2-4/10\r\n", "234"));
    let dir = tempfile::tempdir().unwrap();
    let client = |offline: bool, proxy: Option<String>| {
        let mut options = RegistryOptions { offline, ..options() };
        options.http.proxy = proxy.map(|proxy| proxy.parse().unwrap());
        Registry::new(options, |_| None, Some(Cache::open(dir.path()).unwrap()))
    };
    let part = |registry: &Registry, address: String| {
        let read = registry.blob_range(&address.parse().unwrap(), &Digest::of(BLOB), BLOB.len() as u64, 2..5);
        read.map_err(|error| error.code())
    };
    // From this machine it is kept, for the scheme that was asked.
    let own = |scheme: &str| format!("{scheme}://{}/a", server.host());
    assert_eq!(part(&client(false, None), own("oci+http")), Ok(b"234".to_vec()));
    assert_eq!(part(&client(true, None), own("oci+http")), Ok(b"234".to_vec()));
    assert_eq!(part(&client(true, None), own("oci")), Err(Code::NetworkOffline));
    // From another one it is not kept at all; the proxy stands for it.
    let other = |scheme: &str| format!("{scheme}://registry.invalid/a");
    let proxied = client(false, Some(server.url("")));
    assert_eq!(part(&proxied, other("oci+http")), Ok(b"234".to_vec()));
    for scheme in ["oci+http", "oci"] {
        assert_eq!(part(&client(true, None), other(scheme)), Err(Code::NetworkOffline), "{scheme}");
    }
}

#[test]
fn t05_a_whole_blob_in_the_place_of_a_part_is_read_only_as_far_as_needed() {
    let server = blobs(|_| reply("200 OK", "", BLOB));
    assert_eq!(part(&server, 2..5).unwrap(), b"234");
    // One that would have to be read for long is not read at all.
    let far = client().blob_range(&server.repository("a"), &Digest::of(BLOB), GIB, GIB - 9..GIB).unwrap_err();
    assert_eq!(far.code(), Code::LimitExceeded, "{far}");
    // One that is too short is told.
    let short = client().blob_range(&server.repository("a"), &Digest::of(BLOB), 20, 8..12).unwrap_err();
    assert_eq!(short.code(), Code::SourceInvalid, "{short}");
    // One that never ends is left.
    let endless = blobs(|_| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n".to_vec();
        vec![Step::Send(head), Step::Flood(b"0123456789".to_vec(), std::time::Duration::ZERO)]
    });
    assert_eq!(part(&endless, 2..5).unwrap(), b"234");
}

// A large image.

/// A SIF image of one GiB, of which only the first bytes are not zero: header, descriptors,
/// metadata, which are said to have so many bytes, and a partition that fills the rest.
fn large(metadata: &[u8], said: u64) -> Vec<u8> {
    let mut bytes = vec![0; 65_536];
    let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
    put(0, b"#!/usr/bin/env run-singularity\n");
    put(32, b"SIF_MAGIC\x0001\x0002\x00");
    for (at, number) in [(64, 1_700_000_000), (88, 48), (96, 4096), (104, 48 * 585), (112, 32_768_u64)] {
        put(at, &number.to_le_bytes());
    }
    let root = 65_536.max(32_768 + said);
    let descriptors = [(0x4006_u32, 32_768, said), (0x4004, root, GIB - root)];
    for (number, (kind, offset, size)) in descriptors.into_iter().enumerate() {
        let at = 4096 + number * 585;
        put(at, &kind.to_le_bytes());
        put(at + 4, &[1]);
        put(at + 5, &(number as u32 + 1).to_le_bytes());
        put(at + 17, &u64::to_le_bytes(offset));
        put(at + 25, &size.to_le_bytes());
        if kind == 0x4006 {
            put(at + 73, b"inspect-metadata.json");
        } else {
            put(at + 201, &[1, 0, 0, 0, 2, 0, 0, 0]);
            put(at + 209, b"02\0");
        }
    }
    put(32_768, metadata);
    bytes
}

/// A registry with that image, and how many bytes it has sent.
fn large_registry(metadata: &[u8], said: u64, ranges: bool) -> (Mock, Arc<AtomicUsize>) {
    let image = large(metadata, said);
    let layer = Digest::of(b"the digest of a large image that nobody reads whole");
    let config = Digest::of(b"{}");
    let manifest = json!({"schemaVersion": 2,
        "config": {"mediaType": "application/vnd.sylabs.sif.config.v1+json", "digest": config.to_string(), "size": 2},
        "layers": [{"mediaType": "application/vnd.sylabs.sif.layer.v1.sif", "digest": layer.to_string(), "size": GIB}]})
    .to_string();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let server = Mock::start(move |asked, _| {
        let oci = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";
        let steps = match asked.path.strip_prefix("/v2/big/").unwrap() {
            "tags/list?n=1000" => json_reply(r#"{"tags":["1"]}"#),
            path if path.starts_with("manifests/") => {
                let headers = format!("{oci}Docker-Content-Digest: {}\r\n", Digest::of(manifest.as_bytes()));
                reply("200 OK", &headers, if asked.method == "HEAD" { "" } else { &manifest })
            }
            path if path.starts_with("blobs/") => {
                let range = asked.header("range").unwrap().strip_prefix("bytes=").unwrap().to_owned();
                let (first, last) = range.split_once('-').unwrap();
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                if ranges {
                    let part: Vec<u8> = (first..=last).map(|at| image.get(at).copied().unwrap_or(0)).collect();
                    reply("206 Partial Content", &format!("Content-Range: bytes {first}-{last}/{GIB}\r\n"), part)
                } else {
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {GIB}\r\n\r\n");
                    vec![Step::Send([head.as_bytes(), &image].concat())]
                }
            }
            _ => reply("404 Not Found", "", ""),
        };
        let bytes = steps.iter().map(|step| if let Step::Send(bytes) = step { bytes.len() } else { 0 });
        counted.fetch_add(asked.head.len() + bytes.sum::<usize>(), SeqCst);
        steps
    });
    (server, sent)
}

const METADATA: &[u8] = br#"{"data":{"attributes":{"labels":{"Version":"7.1"},"runscript":"x"}},"type":"container"}"#;

#[test]
fn the_metadata_of_a_gib_costs_less_than_a_megabyte() {
    for ranges in [true, false] {
        let (server, sent) = large_registry(METADATA, METADATA.len() as u64, ranges);
        let found = imported(&client(), &wanted(&insecure(&server, "/big")));
        assert_eq!(messages(&found.import.diagnostics), Vec::<String>::new());
        let release = release(&found, "r.example/big/image", "1");
        assert_eq!(items(release)[0].0, "linux-amd64");
        assert_eq!(release.metadata.get("version").map(String::as_str), Some("7.1"));
        assert_eq!(release.metadata.get("date").map(String::as_str), Some("2023-11-14T22:13:20Z"));
        let sent = sent.load(SeqCst);
        assert!(sent < 1_000_000, "{sent} bytes, ranges: {ranges}");
        eprintln!("{sent} bytes for the metadata of 1 GiB, ranges: {ranges}");
    }
}

#[test]
fn t30_an_image_that_makes_us_read_on_meets_the_budget() {
    // Metadata that are none, and metadata of which it says that they are many.
    for (said, words) in [(0, "`inspect-metadata.json`"), (4 << 20, "more than 768 KiB of the image")] {
        let (server, sent) = large_registry(b"", said, true);
        let found = imported(&client(), &wanted(&insecure(&server, "/big")));
        let told = messages(&found.import.diagnostics);
        assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
        assert!(sent.load(SeqCst) < 1_000_000);
        // What was read before that is taken.
        let record = record(release(&found, "r.example/big/image", "1"));
        assert_eq!(record["data"]["images"]["linux-amd64"]["sif"]["architecture"], "amd64");
    }
}

#[test]
fn t20_a_registry_that_fails_between_parts_gives_no_release() {
    let (honest, _) = large_registry(METADATA, METADATA.len() as u64, true);
    let host = honest.host();
    let server = Mock::start(move |asked, _| {
        // The header comes, the metadata do not.
        if asked.header("range").is_some_and(|range| !range.starts_with("bytes=0-")) {
            return reply("403 Forbidden", "", "");
        }
        crate::support_mock::redirect(&format!("http://{host}{}", asked.path))
    });
    let found = imported(&client(), &wanted(&insecure(&server, "/big")));
    let told = messages(&found.import.diagnostics);
    assert!(found.import.modules.is_empty() && told.len() == 1 && told[0].contains("403 Forbidden"), "{told:?}");
    assert_eq!((found.whole.len(), found.unclear.len()), (0, 1));
}

#[test]
fn t22_a_tag_that_moves_while_it_is_read_is_read_by_its_digest() {
    let (one, two) = (r#"{"schemaVersion":2,"config":{}"#, "other");
    let first = Digest::of(one.as_bytes());
    let server = Mock::start(move |asked, _| {
        let oci = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";
        match (asked.method.as_str(), asked.path.as_str()) {
            (_, "/v2/a/tags/list?n=1000") => json_reply(r#"{"tags":["1"]}"#),
            ("HEAD", "/v2/a/manifests/1") => reply("200 OK", &format!("{oci}Docker-Content-Digest: {first}\r\n"), ""),
            _ => reply("200 OK", oci, two),
        }
    });
    let found = imported(&client(), &wanted(&insecure(&server, "/a")));
    let told = messages(&found.import.diagnostics);
    assert!(told.len() == 1 && told[0].contains("gave bytes with the digest"), "{told:?}");
    let by_digest = format!("/v2/a/manifests/{first}");
    assert!(server.asked().iter().any(|asked| asked.method == "GET" && asked.path == by_digest));
    assert!(!server.asked().iter().any(|asked| asked.method == "GET" && asked.path == "/v2/a/manifests/1"));
}

#[test]
fn t19_referrers_are_read_where_there_is_an_api_and_end() {
    let digest = Digest::of(b"x");
    let endless = Mock::start(|asked, _| {
        let headers = format!("Content-Type: application/json\r\nLink: <{}x>; rel=\"next\"\r\n", asked.path);
        reply("200 OK", &headers, r#"{"manifests":[{"digest":"a"}]}"#)
    });
    let mut limited = options();
    limited.limits.max_listed = 20;
    let registry = Registry::new(limited, |_| None, None);
    // The path changes with each page, so the second one is elsewhere.
    let error = registry.referrers(&endless.repository("a"), &digest).unwrap_err();
    assert_eq!(error.code(), Code::NetworkRefused, "{error}");
    let paged = Mock::start(|asked, _| {
        let next = if asked.path.contains("page=2") { "" } else { "Link: <?page=2>; rel=\"next\"\r\n" };
        reply("200 OK", &format!("Content-Type: application/json\r\n{next}"), r#"{"manifests":[{"digest":"a"}]}"#)
    });
    assert_eq!(registry.referrers(&paged.repository("a"), &digest).unwrap().unwrap().len(), 2);
    for status in ["404 Not Found", "405 Method Not Allowed", "400 Bad Request", "501 Not Implemented"] {
        let without = Mock::start(move |_, _| reply(status, "", ""));
        assert_eq!(registry.referrers(&without.repository("a"), &digest).unwrap(), None, "{status}");
    }
}

#[test]
fn an_image_without_a_list_of_referrers_does_not_hide_those_of_others() {
    const TYPE: &str = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";
    let config = json!({"os": "linux", "architecture": "amd64"}).to_string();
    let described = json!({"mediaType": "application/vnd.oci.image.config.v1+json",
        "digest": Digest::of(config.as_bytes()).to_string(), "size": config.len()});
    let manifest = |tag: &str| {
        json!({"schemaVersion": 2, "config": described, "layers": [], "annotations": {"tag": tag}}).to_string()
    };
    let manifests = ["1", "2"].map(|tag| (tag, manifest(tag)));
    for without in ["1", "2"] {
        let (manifests, config) = (manifests.clone(), config.clone());
        let server = Mock::start(move |asked, _| {
            let path = asked.path.split('?').next().unwrap().strip_prefix("/v2/a/").unwrap();
            if path == "tags/list" {
                return json_reply(r#"{"tags":["1","2"]}"#);
            }
            let named = |(tag, text): &&(&str, String)| {
                path.ends_with(&Digest::of(text.as_bytes()).hex()) || path.ends_with(&format!("/{tag}"))
            };
            let Some((tag, text)) = manifests.iter().find(named) else { return reply("200 OK", "", &config) };
            match path.split('/').next().unwrap() {
                "referrers" if *tag == without => reply("404 Not Found", "", ""),
                "referrers" => json_reply(r#"{"manifests":[{"digest":"sha256:00"}]}"#),
                _ if asked.method == "HEAD" => {
                    let digest = Digest::of(text.as_bytes());
                    reply("200 OK", &format!("{TYPE}Docker-Content-Digest: {digest}\r\n"), "")
                }
                _ => reply("200 OK", TYPE, text),
            }
        });
        // One thread, so that the order of the answers is known.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let found = pool.install(|| gather(&client(), &wanted(&insecure(&server, "/a")), &|| {})).unwrap();
        let found = &found.repositories[0];
        assert_eq!(found.notices.len(), 0, "{:?}", found.notices);
        let counts: Vec<(&str, usize)> = found.tags.iter().map(|tag| (tag.tag.as_str(), tag.referrers.len())).collect();
        let expected = ["1", "2"].map(|tag| (tag, usize::from(tag != without)));
        assert_eq!(counts, expected, "without {without}");
    }
}
