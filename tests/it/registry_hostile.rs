//! Registries that lie, stall and fish for credentials: servers on loopback that do it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use warecat::code::Code;
use warecat::mirror::oci::{Credential, Manifest, Registry, RegistryError, RegistryOptions, Secret, Tag};
use warecat::mirror::{Cache, Hosts};
use warecat::model::Digest;

use crate::support_mock::{Asked, Mock, Step, challenge, json, redirect, reply};
use crate::support_registry::options;

/// What must be shown and sent to nobody else.
const PASSWORD: &str = "s3cr3t-password";
const TOKEN: &str = "s3cr3t-token";

const MANIFEST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;
const OCI: &str = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";

fn password() -> Credential {
    Credential::Password { username: Secret::new("me".into()), password: Secret::new(PASSWORD.into()) }
}

/// A client without credentials.
fn anonymous() -> Registry {
    Registry::new(options(), |_| None, None)
}

/// A client that has a password for every host.
fn known() -> Registry {
    known_with(options())
}

fn known_with(options: RegistryOptions) -> Registry {
    Registry::new(options, |_| Some(password()), None)
}

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

/// The error's text, which has this code and these words, and no secret.
#[track_caller]
fn told<T>(result: Result<T, RegistryError>, code: Code, words: &[&str]) -> String {
    let Err(error) = result else { panic!("it was taken") };
    let text = format!("{error} (hint: {})", error.hint());
    assert_eq!(error.code(), code, "{text}");
    for words in words {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    let all = format!("{text} {error:?}");
    assert!(!all.contains("s3cr3t") && !all.contains("czNjcjN0") && !all.contains('\u{1b}'), "{all}");
    text
}

/// A registry with a blob, a manifest and a tag, open to all.
fn honest(asked: &Asked) -> Vec<Step> {
    let digest = Digest::of(MANIFEST.as_bytes());
    let headers = format!("{OCI}Docker-Content-Digest: {digest}\r\n");
    match asked.path.split("/v2/a/").nth(1) {
        Some("tags/list?n=1000") => json(r#"{"name":"a","tags":["v1"]}"#),
        Some("manifests/v1") => reply("200 OK", &headers, if asked.method == "HEAD" { "" } else { MANIFEST }),
        Some(path) if path == format!("manifests/{digest}") => reply("200 OK", &headers, MANIFEST),
        Some(path) if path == format!("blobs/{}", Digest::of(b"{}")) => reply("200 OK", "", "{}"),
        _ => reply("404 Not Found", "", r#"{"errors":[{"code":"NAME_UNKNOWN","message":"none \u001b[31m"}]}"#),
    }
}

#[test]
fn t21_no_catalog_and_no_version_check_are_needed() {
    let server = Mock::start(|asked, _| honest(asked));
    let (registry, repository) = (anonymous(), server.repository("a"));
    let list = registry.tags(&repository).unwrap();
    assert_eq!(list.tags, [tag("v1")]);
    let digest = registry.resolve(&repository, &tag("v1")).unwrap().unwrap();
    let manifest: Manifest = registry.manifest(&repository, &digest).unwrap();
    assert_eq!((manifest.digest, manifest.bytes.as_slice()), (digest, MANIFEST.as_bytes()));
    assert_eq!(registry.blob(&repository, &Digest::of(b"{}"), 2).unwrap(), b"{}");
    assert_eq!(registry.resolve(&repository, &tag("v2")).unwrap(), None);
    assert_eq!(registry.manifest_by_tag(&repository, &tag("v2")).unwrap(), None);
    assert!(server.paths().iter().all(|path| path.starts_with("/v2/a/")), "{:?}", server.paths());
    told(
        registry.blob(&repository, &Digest::of(b"x"), 9),
        Code::NotFound,
        &["does not exist", "NAME_UNKNOWN: `none \\u{1b}[31m`"],
    );
}

// T-14: redirects.

/// A registry that wants a password, and leads to `target` for blobs.
fn leading_to(target: String) -> Mock {
    Mock::start(move |asked, _| match asked.authorization() {
        None if asked.path.starts_with("/v2/") => challenge("Basic realm=\"x\""),
        _ if asked.path.starts_with("/v2/a/blobs/") => redirect(&target),
        _ => reply("200 OK", "", "{}"),
    })
}

#[test]
fn t14_another_port_gets_no_credentials() {
    let other = Mock::start(|_, _| reply("200 OK", "", "{}"));
    let server = leading_to(other.url("/somewhere?sig=1"));
    let blob = known().blob(&server.repository("a"), &Digest::of(b"{}"), 9);
    assert_eq!(blob.unwrap(), b"{}");
    assert!(server.asked()[1].authorization().is_some_and(|value| value.starts_with("Basic ")));
    let asked = other.asked();
    assert_eq!((asked.len(), asked[0].authorization()), (1, None));
}

#[test]
fn t14_another_host_gets_no_credentials() {
    let other = Mock::start(|_, _| reply("200 OK", "", "{}"));
    let target = other.url("/x").replace("127.0.0.1", "localhost");
    let server = leading_to(target);
    let mut options = options();
    options.http.allow_private = Hosts::named(["127.0.0.1", "localhost"]);
    assert!(known_with(options).blob(&server.repository("a"), &Digest::of(b"{}"), 9).is_ok());
    let asked = other.asked();
    assert_eq!((asked.len(), asked[0].authorization()), (1, None));
}

#[test]
fn t14_another_namespace_of_the_same_host_gets_no_credentials() {
    let server = Mock::start(|asked, _| match (asked.path.as_str(), asked.authorization()) {
        (path, _) if path.starts_with("/mallory/") => reply("200 OK", "", "{}"),
        (_, None) => challenge("Basic realm=\"x\""),
        _ => redirect("/mallory/x"),
    });
    assert!(known().blob(&server.repository("a"), &Digest::of(b"{}"), 9).is_ok());
    let asked = server.asked();
    assert_eq!((asked[2].path.as_str(), asked[2].authorization()), ("/mallory/x", None));
}

#[test]
fn t14_a_host_that_is_redirected_to_is_not_told_who_asks_when_it_wants_to_know() {
    let other = Mock::start(|_, _| challenge("Basic realm=\"x\""));
    let server = leading_to(other.url("/x"));
    let refused = known().blob(&server.repository("a"), &Digest::of(b"{}"), 9);
    told(refused, Code::NetworkFailed, &[&other.url("/x"), "401"]);
    assert!(other.asked().iter().all(|asked| asked.authorization().is_none()));
}

// T-15: hostile realms.

#[test]
fn t15_credentials_go_to_no_token_service_but_the_registrys_own() {
    let service = Mock::start(|_, _| json(r#"{"token":"x"}"#));
    for realm in [
        service.url("/token"),
        service.url("/token").replace("127.0.0.1", "localhost"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://token.example.com/".to_owned(),
        "https://127.0.0.2/token".to_owned(),
        "https://me:s3cr3t-in-realm@127.0.0.1/token".to_owned(),
        "file:///etc/passwd".to_owned(),
        "//127.0.0.1/token".to_owned(),
        "\\\u{1b}[31m".to_owned(),
    ] {
        let value = format!("Bearer realm=\"{realm}\",service=\"registry\"");
        let server = Mock::start(move |_, _| challenge(&value));
        let result = known().tags(&server.repository("a"));
        if realm.contains('\u{1b}') {
            // That is no header at all.
            told(result, Code::NetworkFailed, &[]);
        } else {
            told(result, Code::NetworkRefused, &["sends us to", "for a token, which is refused", "--auth-realm"]);
        }
        assert!(server.asked().iter().all(|asked| asked.authorization().is_none()));
    }
    assert_eq!(service.asked().len(), 0);
}

/// A registry with a token service on its own origin, which gives `TOKEN` for repository
/// `a` and another for any other.
fn with_tokens(asked: &Asked, host: &str) -> Vec<Step> {
    if let Some(query) = asked.path.strip_prefix("/token?") {
        let own = query.contains("scope=repository%3Aa%3Apull");
        return json(&format!("{{\"token\":\"{TOKEN}-{}\"}}", if own { "a" } else { "other" }));
    }
    let wanted = format!("Bearer {TOKEN}-{}", if asked.path.starts_with("/v2/a/") { "a" } else { "other" });
    if asked.authorization() != Some(&wanted) {
        return challenge(&format!(
            "Bearer realm=\"http://{host}/token\",service=\"the registry\",scope=\"repository:b:pull,push,delete\""
        ));
    }
    honest(asked)
}

#[test]
fn t15_a_token_is_asked_for_once_for_reading_one_repository_only() {
    let server = Mock::start(with_tokens);
    let (registry, repository) = (known(), server.repository("a"));
    for _ in 0..3 {
        registry.tags(&repository).unwrap();
        registry.blob(&repository, &Digest::of(b"{}"), 9).unwrap();
    }
    assert_eq!((registry.traffic().tokens, registry.traffic().requests), (1, 8));
    let asked = server.asked();
    assert_eq!(asked[1].path, "/token?service=the+registry&scope=repository%3Aa%3Apull");
    // `me:s3cr3t-password`
    assert_eq!(asked[1].authorization(), Some("Basic bWU6czNjcjN0LXBhc3N3b3Jk"));
    let with_token = asked.iter().filter(|asked| asked.authorization() == Some("Bearer s3cr3t-token-a"));
    assert_eq!(with_token.count(), 6);
}

#[test]
fn t15_threads_that_start_together_ask_for_one_token() {
    let server = Mock::start(with_tokens);
    let (registry, repository) = (known(), server.repository("a"));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| registry.blob(&repository, &Digest::of(b"{}"), 9).unwrap());
        }
    });
    assert_eq!(registry.traffic().tokens, 1);
}

#[test]
fn t15_a_token_that_is_refused_is_renewed_once() {
    let server = Mock::start(|asked, host| {
        if asked.path.starts_with("/token") {
            return json(r#"{"access_token":"s3cr3t-and-never-right"}"#);
        }
        challenge(&format!("Bearer realm=\"http://{host}/token\""))
    });
    let registry = known();
    let refused = registry.tags(&server.repository("a"));
    told(
        refused,
        Code::NetworkFailed,
        &["does not let us in: 401 Unauthorized, though we said who asks", "docker login"],
    );
    assert_eq!((server.asked().len(), registry.traffic().requests), (3, 3));
}

#[test]
fn t15_an_identity_token_is_posted_and_not_redirected() {
    let other = Mock::start(|_, _| json(r#"{"token":"x"}"#));
    let target = other.url("/token");
    let server = Mock::start(move |asked, host| match asked.path.as_str() {
        "/token" => redirect(&target),
        _ => challenge(&format!("Bearer realm=\"http://{host}/token\",service=\"s\"")),
    });
    let identity = |_: &_| Some(Credential::Identity(Secret::new(TOKEN.into())));
    let refused = Registry::new(options(), identity, None).tags(&server.repository("a"));
    told(refused, Code::NetworkFailed, &["/token` answered with status 307"]);
    assert_eq!(other.asked().len(), 0);
    let posted = &server.asked()[1];
    assert_eq!((posted.method.as_str(), posted.authorization()), ("POST", None));
    assert_eq!(
        posted.body,
        format!(
            "grant_type=refresh_token&client_id=warecat&service=s&scope=repository%3Aa%3Apull&refresh_token={TOKEN}"
        )
    );
}

#[test]
fn t15_what_a_token_service_says_is_not_shown() {
    for (answer, words) in [
        (json(r#"{"token":{"inner":"s3cr3t"}}"#), "what is not a token"),
        (json(r#"{"token":"s3cr3t\nX-Injected: 1"}"#), "what is not a token"),
        (json(r#"{"token":""}"#), "what is not a token"),
        (json("s3cr3t"), "what is not a token"),
        (json(&format!("{{\"token\":\"s3cr3t{}\"}}", "x".repeat(300_000))), "more than 262144 bytes"),
        (reply("403 Forbidden", "", "s3cr3t"), "no token for `repository:a:pull`: 403 Forbidden"),
    ] {
        let server = Mock::start(move |asked, host| match asked.path.split('?').next() {
            Some("/token") => answer.clone(),
            _ => challenge(&format!("Bearer realm=\"http://{host}/token\"")),
        });
        let Err(error) = known().tags(&server.repository("a")) else { panic!("{words}") };
        told::<()>(Err(error), error_code(words), &[words]);
    }
}

fn error_code(words: &str) -> Code {
    match words {
        "what is not a token" => Code::SourceInvalid,
        words if words.contains("bytes") => Code::LimitExceeded,
        _ => Code::NetworkFailed,
    }
}

#[test]
fn who_asks_is_said_to_be_unknown_where_it_is() {
    for (value, words) in [
        ("Basic realm=\"x\"", "401 Unauthorized, and there are no credentials for it"),
        ("Negotiate", "401 Unauthorized, and does not say how to prove who asks"),
    ] {
        let server = Mock::start(move |_, _| challenge(value));
        told(anonymous().tags(&server.repository("a")), Code::NetworkFailed, &[words]);
        assert_eq!(server.asked().len(), 1);
    }
}

// T-16: blobs elsewhere.

#[test]
fn t16_a_blobs_location_passes_the_gate() {
    for target in ["http://169.254.169.254/latest", "http://10.0.0.1/x", "http://[::1]:1/x", "http://1.1.1.1/x"] {
        let server = leading_to(target.to_owned());
        told(known().blob(&server.repository("a"), &Digest::of(b"{}"), 9), Code::NetworkRefused, &["is refused"]);
    }
    for target in ["file:///etc/passwd", "https://u:s3cr3t@127.0.0.1/x"] {
        let server = leading_to(target.to_owned());
        let words = "redirects to what is not a usable address";
        told(known().blob(&server.repository("a"), &Digest::of(b"{}"), 9), Code::NetworkRefused, &[words]);
    }
}

#[test]
fn t16_redirects_end() {
    let server = Mock::start(|asked, _| redirect(&asked.path));
    let refused = anonymous().blob(&server.repository("a"), &Digest::of(b"{}"), 9);
    told(refused, Code::NetworkFailed, &["redirects more than 5 times"]);
}

// T-17: siblings.

#[test]
fn t17_a_sibling_repository_gets_no_token_of_another() {
    let server = Mock::start(with_tokens);
    let registry = known();
    registry.tags(&server.repository("a")).unwrap();
    for name in ["b", "a/b", "ab"] {
        // What it answers does not matter, only what it was told.
        let _ = registry.tags(&server.repository(name));
    }
    for asked in server.asked().iter().filter(|asked| asked.path.starts_with("/v2/")) {
        let is_a = asked.path.starts_with("/v2/a/tags/");
        let held = asked.authorization().is_some_and(|value| value.ends_with("-a"));
        assert!(is_a || !held, "{asked:?}");
    }
    assert_eq!(registry.traffic().tokens, 4);
}

#[test]
fn t17_credentials_are_for_one_host_and_port() {
    let (own, sibling) = (Mock::start(with_tokens), Mock::start(with_tokens));
    let host = own.host();
    let credentials = move |asked: &warecat::mirror::oci::RegistryHost| (asked.as_str() == host).then(password);
    let registry = Registry::new(options(), credentials, None);
    registry.tags(&own.repository("a")).unwrap();
    registry.tags(&sibling.repository("a")).unwrap();
    assert!(own.asked().iter().any(|asked| asked.authorization().is_some_and(|value| value.starts_with("Basic "))));
    let told =
        sibling.asked().iter().any(|asked| asked.authorization().is_some_and(|value| value.starts_with("Basic ")));
    assert!(!told, "{:?}", sibling.asked());
}

// T-18: private networks.

#[test]
fn t18_a_registry_in_a_private_network_must_be_named_by_the_user() {
    let server = Mock::start(|asked, _| honest(asked));
    let registry = Registry::new(RegistryOptions::default(), |_| None, None);
    told(registry.tags(&server.repository("a")), Code::NetworkRefused, &["127.0.0.1, which is this machine"]);
    let loopback = format!("oci://{}/a", server.host()).parse().unwrap();
    told(registry.tags(&loopback), Code::NetworkRefused, &["127.0.0.1, which is this machine"]);
    assert_eq!(server.asked().len(), 0);
    let elsewhere = "oci+http://10.1.2.3/a".parse().unwrap();
    told(registry.tags(&elsewhere), Code::NetworkRefused, &["10.1.2.3, which is in a private network"]);
}

#[test]
fn offline_asks_nothing_and_gives_what_is_kept() {
    let server = Mock::start(|asked, _| honest(asked));
    let dir = tempfile::tempdir().unwrap();
    let cache = || Some(Cache::open(dir.path()).unwrap());
    let offline = Registry::new(RegistryOptions { offline: true, ..options() }, |_| None, cache());
    let (repository, digest) = (server.repository("a"), Digest::of(b"{}"));
    told(offline.blob(&repository, &digest, 9), Code::NetworkOffline, &["--offline"]);
    assert_eq!(server.asked().len(), 0);
    Registry::new(options(), |_| None, cache()).blob(&repository, &digest, 9).unwrap();
    assert_eq!(offline.blob(&repository, &digest, 9).unwrap(), b"{}");
    told(offline.tags(&repository), Code::NetworkOffline, &["--offline"]);
    told(offline.tags(&format!("oci://{}/a", server.host()).parse().unwrap()), Code::NetworkOffline, &["--offline"]);
    assert_eq!(server.asked().len(), 1);
}

// T-19: paging.

/// A page of tags, and where the next one is.
fn paged(tags: &str, next: &str) -> Vec<Step> {
    let headers = format!("Content-Type: application/json\r\nLink: <{next}>; rel=\"next\"\r\n");
    reply("200 OK", &headers, format!("{{\"name\":\"a\",\"tags\":{tags}}}"))
}

#[test]
fn pages_are_followed_to_the_last() {
    let server = Mock::start(|asked, host| match asked.path.split("last=").nth(1) {
        None => paged(r#"["b","a"]"#, "/v2/a/tags/list?last=b"),
        Some("b") => paged("null", &format!("http://{host}/v2/a/tags/list?last=c")),
        Some(_) => json(r#"{"tags":["c","a","-odd","x/y",7,null,"\u001b"]}"#),
    });
    let list = anonymous().tags(&server.repository("a")).unwrap();
    assert_eq!(list.tags, [tag("a"), tag("b"), tag("c")]);
    assert_eq!(list.odd, ["-odd", "7", "\\u{1b}", "null", "x/y"]);
}

#[test]
fn t19_endless_pages_end() {
    let server = Mock::start(|asked, _| {
        let last: u64 = asked.path.split("last=").nth(1).map_or(0, |n| n.parse().unwrap());
        paged(&format!("[\"t{last}\"]"), &format!("?last={}", last + 1))
    });
    let mut options = options();
    options.limits.max_pages = 20;
    let registry = Registry::new(options.clone(), |_| None, None);
    told(registry.tags(&server.repository("a")), Code::LimitExceeded, &["more than 20 pages"]);
    assert_eq!(server.asked().len(), 20);
    options.limits.max_tags = 5;
    let registry = Registry::new(options, |_| None, None);
    told(registry.tags(&server.repository("a")), Code::LimitExceeded, &["more than 5 tags"]);
}

#[test]
fn t19_the_same_page_for_ever_ends() {
    let server = Mock::start(|_, _| paged(r#"["a"]"#, "?last=a"));
    told(anonymous().tags(&server.repository("a")), Code::NetworkRefused, &["leads back to this page"]);
    assert_eq!(server.asked().len(), 2);
    // Under ever new addresses.
    let calls = AtomicUsize::new(0);
    let server = Mock::start(move |_, _| paged(r#"["a"]"#, &format!("?last={}", calls.fetch_add(1, SeqCst))));
    told(anonymous().tags(&server.repository("a")), Code::NetworkRefused, &["in a row have nothing new"]);
    assert!(server.asked().len() < 20);
}

#[test]
fn t19_pages_elsewhere_are_not_asked_for() {
    let other = Mock::start(|_, _| json(r#"{"tags":["b"]}"#));
    for next in [
        other.url("/v2/a/tags/list"),
        "//evil.example.com/v2/a/tags/list".to_owned(),
        "https://127.0.0.1/v2/a/tags/list".to_owned(),
        "/v2/b/tags/list".to_owned(),
        "/v2/a/tags/../../b/tags/list".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://[".to_owned(),
    ] {
        let target = next.clone();
        let server = Mock::start(move |asked, host| match asked.path.contains("second") {
            true => reply("500 X", "", ""),
            false => paged(r#"["a"]"#, &target.replace("HOST", host)),
        });
        told(known().tags(&server.repository("a")), Code::NetworkRefused, &["its next page"]);
        assert_eq!(server.asked().len(), 1, "{next}");
    }
    assert_eq!(other.asked().len(), 0);
}

// T-20: web pages.

#[test]
fn t20_a_web_page_is_told_by_its_first_line() {
    let page = "\n<!DOCTYPE html><title>Sign in \u{1b}[31m</title>\nmore";
    for kind in ["text/html", "application/json", "application/vnd.oci.image.manifest.v1+json"] {
        let server = Mock::start(move |_, _| reply("200 OK", &format!("Content-Type: {kind}\r\n"), page));
        let (registry, repository, digest) = (anonymous(), server.repository("a"), Digest::of(b"{}"));
        let words = ["is a web page; its first line: `<!DOCTYPE html><title>Sign in \\u{1b}[31m</title>`"];
        told(registry.tags(&repository), Code::SourceInvalid, &words);
        told(registry.resolve(&repository, &tag("v1")), Code::SourceInvalid, &words);
        told(registry.manifest(&repository, &digest), Code::SourceInvalid, &words);
        told(registry.blob(&repository, &digest, 999), Code::SourceInvalid, &words);
    }
}

#[test]
fn t20_what_is_no_listing_and_no_manifest_is_refused() {
    for body in ["{}", "[]", "{\"tags\":1}", "{\"tags\":[", "", "hello", r#"{"errors":[]}"#] {
        let server = Mock::start(move |_, _| json(body));
        told(anonymous().tags(&server.repository("a")), Code::SourceInvalid, &["what is not a list of tags"]);
    }
    for (kind, body, words) in [
        ("text/plain", MANIFEST, "its type is `text/plain`"),
        ("application/json", "hello", "it begins `hello`"),
        ("application/json", "{}", "neither an image's manifest nor an index"),
        ("application/json", r#"{"mediaType":"application/x-\u001b"}"#, "its type `application/x-\\u{1b}` is not one"),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", "{}", "manifest.v1+prettyjws"),
    ] {
        let server = Mock::start(move |_, _| reply("200 OK", &format!("Content-Type: {kind}\r\n"), body));
        told(anonymous().manifest_by_tag(&server.repository("a"), &tag("v1")), Code::SourceInvalid, &[words]);
    }
}

#[test]
fn t20_a_page_with_another_status_is_told_as_well() {
    let server = Mock::start(|_, _| reply("418 Teapot", "Content-Type: text/html\r\n", "<html>short and stout"));
    let words = ["answered with status 418", "it is a web page: `<html>short and stout`"];
    told(anonymous().tags(&server.repository("a")), Code::NetworkFailed, &words);
}

// T-22: digests.

#[test]
fn t22_a_tag_that_moves_is_what_it_was_when_it_was_resolved() {
    let (old, new) = (Digest::of(MANIFEST.as_bytes()), Digest::of(b"new"));
    let server = Mock::start(move |asked, _| match asked.method.as_str() {
        "HEAD" => reply("200 OK", &format!("Docker-Content-Digest: {old}\r\n"), ""),
        _ if asked.path.ends_with("/v1") => reply("200 OK", &format!("Docker-Content-Digest: {new}\r\n"), "new"),
        _ if asked.path.ends_with(&old.hex()) => reply("200 OK", OCI, MANIFEST),
        _ => reply("404 Not Found", "", ""),
    });
    let (registry, repository) = (anonymous(), server.repository("a"));
    let digest = registry.resolve(&repository, &tag("v1")).unwrap().unwrap();
    assert_eq!(registry.manifest(&repository, &digest).unwrap().digest, old);
    assert!(server.paths().iter().filter(|path| path.ends_with("/v1")).count() == 1, "{:?}", server.paths());
    told(registry.manifest(&repository, &new), Code::NotFound, &["does not exist"]);
}

#[test]
fn t22_what_a_tag_named_before_is_not_believed() {
    let moved = Arc::new(AtomicBool::new(false));
    let other = MANIFEST.replace("\"layers\":[]", "\"layers\":[],\"annotations\":{}");
    let (is_moved, now) = (moved.clone(), other.clone());
    let server = Mock::start(move |asked, _| {
        let manifest = if is_moved.load(SeqCst) { &now } else { MANIFEST };
        let headers = format!("{OCI}Docker-Content-Digest: {}\r\n", Digest::of(manifest.as_bytes()));
        reply("200 OK", &headers, if asked.method == "HEAD" { "" } else { manifest })
    });
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::new(options(), |_| None, Some(Cache::open(dir.path()).unwrap()));
    let current = || registry.current(&server.repository("a"), &tag("v1")).unwrap().unwrap().bytes;
    let methods = || server.asked().into_iter().map(|asked| asked.method).collect::<Vec<_>>().join(" ");
    assert_eq!((current(), methods().as_str()), (MANIFEST.into(), "GET"));
    assert_eq!((current(), methods().as_str()), (MANIFEST.into(), "GET HEAD"));
    moved.store(true, SeqCst);
    assert_eq!((current(), methods().as_str()), (other.clone().into(), "GET HEAD HEAD GET"));
    assert_eq!((current(), methods().as_str()), (other.into(), "GET HEAD HEAD GET HEAD"));
}

#[test]
fn t22_other_bytes_than_were_asked_for_are_refused_and_not_kept() {
    let server = Mock::start(|_, _| {
        let headers = format!("{OCI}Docker-Content-Digest: {}\r\n", Digest::of(b"asked for"));
        reply("200 OK", &headers, MANIFEST)
    });
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::new(options(), |_| None, Some(Cache::open(dir.path()).unwrap()));
    let (repository, asked_for) = (server.repository("a"), Digest::of(b"asked for"));
    let found = Digest::of(MANIFEST.as_bytes()).to_string();
    for _ in 0..2 {
        let words = ["gave bytes with the digest", found.as_str()];
        told(registry.manifest(&repository, &asked_for), Code::SourceHashMismatch, &words);
        told(registry.manifest_by_tag(&repository, &tag("v1")), Code::SourceHashMismatch, &words);
        told(registry.blob(&repository, &asked_for, 999), Code::SourceHashMismatch, &words);
    }
    assert_eq!(Cache::open(dir.path()).unwrap().info().unwrap().entries, 0);
    assert_eq!(server.asked().len(), 6);
}

#[test]
fn a_registry_that_does_not_say_digests_is_asked_for_the_manifest() {
    for status in ["200 OK", "405 Method Not Allowed"] {
        let server = Mock::start(move |asked, _| match asked.method.as_str() {
            "HEAD" => reply(status, OCI, ""),
            _ => reply("200 OK", OCI, MANIFEST),
        });
        let digest = anonymous().resolve(&server.repository("a"), &tag("v1")).unwrap();
        assert_eq!(digest, Some(Digest::of(MANIFEST.as_bytes())));
        let asked = server.asked();
        let accept = asked[0].header("accept").unwrap();
        assert_eq!((asked.len(), accept.split(", ").count()), (2, 4), "{accept}");
        assert!(accept.contains("image.index.v1+json") && accept.contains("manifest.list.v2+json"), "{accept}");
    }
}

// T-05: sizes and times.

#[test]
fn t05_manifests_and_blobs_over_their_limits_are_refused() {
    let announced = |_: &Asked, _: &str| reply("200 OK", OCI, vec![b' '; 70_000]);
    let flood = |_: &Asked, _: &str| {
        let head = format!("HTTP/1.1 200 OK\r\n{OCI}\r\n");
        vec![Step::Send(head.into()), Step::Flood(vec![b' '; 4096], Duration::ZERO)]
    };
    for server in [Mock::start(announced), Mock::start(flood)] {
        let mut options = options();
        options.limits.max_manifest = 65_536;
        options.limits.max_page = 65_536;
        options.limits.max_blob = 65_536;
        let (registry, repository) = (Registry::new(options, |_| None, None), server.repository("a"));
        let digest = Digest::of(b"");
        let words = ["has more than 65536 bytes"];
        told(registry.manifest(&repository, &digest), Code::LimitExceeded, &words);
        told(registry.manifest_by_tag(&repository, &tag("v1")), Code::LimitExceeded, &words);
        told(registry.tags(&repository), Code::LimitExceeded, &words);
        told(registry.blob(&repository, &digest, u64::MAX), Code::LimitExceeded, &words);
        told(registry.blob(&repository, &digest, 10), Code::LimitExceeded, &["has more than 10 bytes"]);
    }
}

#[test]
fn t05_a_kept_blob_over_the_callers_limit_is_refused_and_left() {
    let server = Mock::start(|asked, _| honest(asked));
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::new(options(), |_| None, Some(Cache::open(dir.path()).unwrap()));
    let (repository, digest) = (server.repository("a"), Digest::of(b"{}"));
    registry.blob(&repository, &digest, 2).unwrap();
    told(registry.blob(&repository, &digest, 1), Code::LimitExceeded, &["has more than 1 bytes"]);
    registry.blob(&repository, &digest, 2).unwrap();
    assert_eq!(registry.traffic().blobs, 1);
}

#[test]
fn t05_truncated_blobs_are_told_with_what_came() {
    let server =
        Mock::start(|_, _| vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this".to_vec())]);
    let cut = anonymous().blob(&server.repository("a"), &Digest::of(b""), 999);
    told(cut, Code::NetworkFailed, &["broke off after 9 of 100 bytes"]);
}

#[test]
fn t05_slow_bodies_are_given_up() {
    let mut options = options();
    options.http.idle_timeout = Duration::from_millis(200);
    options.http.request_timeout = Duration::from_millis(600);
    let (digest, start) = (Digest::of(b""), Instant::now());
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc";
    let silent = Mock::start(|_, _| vec![Step::Send(head.to_vec()), Step::Pause(Duration::from_secs(20))]);
    let dripping =
        Mock::start(|_, _| vec![Step::Send(head.to_vec()), Step::Flood(b"x".to_vec(), Duration::from_millis(20))]);
    let registry = Registry::new(options, |_| None, None);
    let stalled = registry.blob(&silent.repository("a"), &digest, 999_999);
    told(stalled, Code::NetworkFailed, &["sent nothing for 0.2 s (after 3 bytes)"]);
    let overdue = registry.blob(&dripping.repository("a"), &digest, 999_999);
    told(overdue, Code::NetworkFailed, &["was not fetched within 0.6 s"]);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_busy_registry_is_asked_again_as_it_says() {
    let calls = AtomicUsize::new(0);
    let server = Mock::start(move |asked, _| match calls.fetch_add(1, SeqCst) {
        0 => reply("429 Too Many Requests", "Retry-After: 0\r\n", ""),
        1 => reply("503 Service Unavailable", "", ""),
        _ => honest(asked),
    });
    assert_eq!(anonymous().tags(&server.repository("a")).unwrap().tags.len(), 1);
    let server = Mock::start(|_, _| reply("429 Too Many Requests", "Retry-After: 999\r\n", ""));
    told(anonymous().tags(&server.repository("a")), Code::NetworkFailed, &["429", "retry after `999`"]);
    assert_eq!(server.asked().len(), 1);
}
