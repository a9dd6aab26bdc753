//! Whole fetches, from files and from a server on this machine.

use std::io::Write;
use std::time::{Duration, Instant};

use super::testing::{Server, Step, options, redirect, reply};
use super::{Compression, FetchError, FetchOptions, Fetched, Fetcher, Hosts, Limit, Location, Refusal};
use super::{fetch, fetch_optional};
use crate::code::Code;

const JSON: &[u8] = b"{\"a\": 1}\n";

fn error(result: Result<Fetched, FetchError>) -> FetchError {
    match result {
        Err(error) => error,
        Ok(fetched) => panic!("{fetched:?}"),
    }
}

fn failure(server: &Server, options: &FetchOptions) -> FetchError {
    error(fetch(&server.at("/x"), options))
}

#[test]
fn a_file_is_fetched_with_its_hashes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.json");
    let packed = zstd::encode_all(JSON, 3).unwrap();
    std::fs::write(&path, &packed).unwrap();
    let url: Location = format!("file://{}", path.display()).parse().unwrap();
    let folder = Location::from_path(dir.path()).unwrap();
    for location in [url, folder.join("data.json").unwrap()] {
        let fetched = fetch(&location, &FetchOptions::default()).unwrap();
        assert_eq!(fetched.bytes, JSON);
        assert_eq!(fetched.raw_len, packed.len() as u64);
        assert_eq!(fetched.compression, Compression::Zstd);
        assert_eq!(fetched.final_url, None);
    }
    let missing = folder.join("other.json").unwrap();
    assert!(fetch_optional(&missing, &FetchOptions::default()).unwrap().is_none());
    assert_eq!(error(fetch(&missing, &FetchOptions::default())).code(), Code::NotFound);
    assert_eq!(error(fetch(&folder, &FetchOptions::default())).code(), Code::SourceInvalid);
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_read() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // Sparse: it has the size, but takes no place.
    file.as_file().set_len(1 << 40).unwrap();
    let location = Location::from_path(file.path()).unwrap();
    match error(fetch(&location, &FetchOptions::default())) {
        FetchError::TooLarge { what: Limit::Raw, limit, met, .. } => {
            assert_eq!((limit, met), (1 << 30, 1 << 40));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_url_is_fetched_and_nothing_about_the_user_is_sent() {
    let server = Server::one(reply("200 OK", "Content-Type: application/json\r\n", JSON));
    let fetched = fetch(&server.at("/a.json?token=s3cr3t"), &options()).unwrap();
    assert_eq!(fetched.bytes, JSON);
    assert_eq!(fetched.content_type.as_deref(), Some("application/json"));
    assert!(!fetched.looks_like_html());
    assert!(fetched.final_url.unwrap().to_string().ends_with("/a.json?token=***"));
    let head = server.requests().concat().to_ascii_lowercase();
    assert!(head.starts_with("get /a.json?token=s3cr3t http/1.1\r\n"), "{head}");
    for name in ["authorization", "cookie", "referer", "accept-encoding"] {
        assert!(!head.contains(&format!("{name}:")), "{head}");
    }
}

#[test]
fn compressed_answers_are_decompressed_by_their_bytes() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    gzip.write_all(JSON).unwrap();
    let gzip = gzip.finish().unwrap();
    for headers in ["", "Content-Encoding: gzip\r\n", "Content-Type: text/plain\r\n"] {
        let server = Server::one(reply("200 OK", headers, &gzip));
        let fetched = fetch(&server.at("/x"), &options()).unwrap();
        assert_eq!((fetched.bytes, fetched.raw_len), (JSON.to_vec(), gzip.len() as u64));
    }
    let server = Server::one(reply("200 OK", "Content-Encoding: br\r\n", JSON));
    assert!(matches!(failure(&server, &options()), FetchError::Compression { .. }));
}

#[test]
fn a_web_page_in_the_place_of_a_file_can_be_told() {
    let page = b"\n<!DOCTYPE html>\n<title>Please log in</title>";
    for headers in ["Content-Type: text/html; charset=utf-8\r\n", ""] {
        let server = Server::one(reply("200 OK", headers, page));
        let fetched = fetch(&server.at("/x"), &options()).unwrap();
        assert!(fetched.looks_like_html());
        assert_eq!(fetched.first_line(), "<!DOCTYPE html>");
    }
}

#[test]
fn a_missing_url_is_absent_and_other_statuses_are_errors() {
    let server = Server::one(reply("404 Not Found", "", b"no"));
    assert!(fetch_optional(&server.at("/x"), &options()).unwrap().is_none());
    assert_eq!(failure(&server, &options()).code(), Code::NotFound);
    let server = Server::one(reply("403 Forbidden", "", b"no"));
    let error = failure(&server, &options());
    assert_eq!(error.code(), Code::NetworkFailed);
    assert!(error.to_string().ends_with("/x` answered with status 403 Forbidden"), "{error}");
    assert!(fetch_optional(&server.at("/x"), &options()).is_err());
    assert_eq!(server.hits(), 2, "a refusal is not asked again");
}

#[test]
fn redirects_are_followed_and_their_end_is_told() {
    let replies = vec![redirect("/b#part"), redirect("c?key=1"), reply("200 OK", "", JSON)];
    let server = Server::start(replies);
    let fetched = fetch(&server.at("/a"), &options()).unwrap();
    assert_eq!(fetched.bytes, JSON);
    assert_eq!(fetched.location, server.at("/a"));
    assert_eq!(fetched.final_url, Some(server.at("/c?key=1")));
}

#[test]
fn redirects_to_other_schemes_and_private_hosts_are_refused() {
    let why = |target: &str| {
        let server = Server::one(redirect(target));
        match failure(&server, &options()) {
            FetchError::Refused { why, .. } => why,
            other => panic!("{target}: {other}"),
        }
    };
    for target in ["file:///etc/passwd", "ftp://a.org/x", "gopher://127.0.0.1/", "https://u:s3cr3t@a.org/"] {
        let why = why(target);
        assert!(matches!(why, Refusal::Target(_)), "{target}: {why}");
        assert!(!why.to_string().contains("s3cr3t"), "{why}");
    }
    for target in
        ["https://169.254.169.254/latest", "https://10.0.0.1/", "http://127.0.0.2/", "//[::1]/", "https://localhost/"]
    {
        let why = why(target);
        assert!(matches!(why, Refusal::Private { .. }), "{target}: {why}");
    }
    assert!(matches!(why("http://1.1.1.1/"), Refusal::Insecure(_)));
}

#[test]
fn endless_redirects_end() {
    let server = Server::one(redirect("/again"));
    let error = failure(&server, &options());
    assert!(matches!(error, FetchError::Redirects { limit: 5, .. }), "{error}");
    assert_eq!(server.hits(), 6);
}

#[test]
fn loopback_is_refused_unless_allowed() {
    let server = Server::one(reply("200 OK", "", JSON));
    let mut options = options();
    options.http.allow_private = Hosts::None;
    let error = failure(&server, &options);
    assert_eq!(error.code(), Code::NetworkRefused);
    assert!(error.to_string().contains("127.0.0.1, which is this machine"), "{error}");
    assert_eq!(server.hits(), 0);
}

#[test]
fn offline_opens_no_socket() {
    let server = Server::one(reply("200 OK", "", JSON));
    let options = FetchOptions { offline: true, ..options() };
    assert_eq!(failure(&server, &options).code(), Code::NetworkOffline);
    assert!(fetch_optional(&server.at("/x"), &options).is_err());
    assert_eq!(server.hits(), 0);
}

#[test]
fn a_busy_server_is_asked_again() {
    let busy = || reply("503 Service Unavailable", "Retry-After: 0\r\n", b"");
    let server = Server::start(vec![busy(), reply("429 Too Many Requests", "", b""), reply("200 OK", "", JSON)]);
    assert_eq!(fetch(&server.at("/x"), &options()).unwrap().bytes, JSON);
    let server = Server::one(busy());
    let error = failure(&server, &options());
    assert!(matches!(error, FetchError::Status { number: 503, .. }), "{error}");
    assert_eq!(server.hits(), 3);
}

#[test]
fn a_server_that_asks_for_a_long_pause_is_left_alone() {
    let server = Server::one(reply("429 Too Many Requests", "Retry-After: 3600\r\n", b""));
    let error = failure(&server, &options());
    assert!(error.to_string().ends_with("429 Too Many Requests, retry after `3600`"), "{error}");
    assert_eq!(server.hits(), 1);
}

#[test]
fn a_body_that_stops_is_an_error() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart".to_vec();
    let server = Server::one(vec![Step::Send(head), Step::Pause(Duration::from_secs(10))]);
    let mut options = options();
    options.http.idle_timeout = Duration::from_millis(200);
    let start = Instant::now();
    let error = failure(&server, &options);
    assert!(matches!(error, FetchError::Stalled { received: 5, .. }), "{error}");
    let server = Server::one(vec![Step::Pause(Duration::from_secs(10))]);
    let error = failure(&server, &options);
    assert!(matches!(error, FetchError::Stalled { received: 0, .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_body_that_trickles_ends_with_the_whole_time() {
    let mut steps = vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".to_vec())];
    for _ in 0..100 {
        steps.extend([Step::Send(b"x".to_vec()), Step::Pause(Duration::from_millis(50))]);
    }
    let server = Server::one(steps);
    let mut options = options();
    options.http.request_timeout = Duration::from_millis(300);
    let error = failure(&server, &options);
    assert!(matches!(error, FetchError::Overdue { .. }), "{error}");
}

#[test]
fn a_huge_body_ends_at_the_limit() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec();
    let silent = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    for head in [announced, silent] {
        let server = Server::one(vec![Step::Send(head), Step::Flood(vec![b'x'; 1 << 16])]);
        let mut options = options();
        options.limits.max_raw = 1 << 20;
        match failure(&server, &options) {
            FetchError::TooLarge { what: Limit::Raw, limit, met, .. } => assert!(met > limit),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_truncated_body_is_an_error() {
    let sized = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart".to_vec();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstart\r\n".to_vec();
    for head in [sized, chunked] {
        let server = Server::one(vec![Step::Send(head)]);
        let error = failure(&server, &options());
        assert_eq!(error.code(), Code::NetworkFailed);
        assert!(error.to_string().contains("it broke off after 5"), "{error}");
    }
}

#[test]
fn a_connection_that_fails_is_an_error_in_words() {
    let server = Server::one(reply("200 OK", "", JSON));
    let gone = server.at("/x?token=s3cr3t");
    drop(server);
    let error = error(fetch(&gone, &options()));
    assert_eq!(error.code(), Code::NetworkFailed);
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
}

#[test]
fn what_is_no_tls_server_is_an_error_in_words() {
    let server = Server::one(vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]);
    let url = server.at("/x").to_string().replace("http:", "https:");
    let mut options = options();
    options.http.tries = 1;
    let error = error(fetch(&url.parse().unwrap(), &options));
    assert_eq!(error.code(), Code::NetworkFailed, "{error}");
}

#[test]
fn a_proxy_is_asked_for_hosts_that_only_it_can_find() {
    let server = Server::one(reply("200 OK", "", JSON));
    let mut options = options();
    options.http.proxy = Some(server.at(""));
    options.http.allow_insecure = Hosts::named(["mirror.invalid"]);
    let fetched = fetch(&"http://mirror.invalid/x".parse().unwrap(), &options).unwrap();
    assert_eq!(fetched.bytes, JSON);
    assert!(server.requests().concat().starts_with("GET http://mirror.invalid/x "));
}

#[test]
fn a_fetcher_serves_several_threads() {
    let server = Server::one(reply("200 OK", "", JSON));
    let fetcher = Fetcher::new(options());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(fetcher.fetch(&server.at("/x")).unwrap().bytes, JSON));
        }
    });
}
