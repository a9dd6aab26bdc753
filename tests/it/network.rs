//! Importing over HTTP: from a server on loopback that ends with its test.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use crate::support::TestCatalog;

/// Serves a folder's files, a connection at a time.
pub(crate) struct Server {
    address: String,
    requests: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&str) -> (u16, Vec<u8>) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (requests, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, stopping) = (requests.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().take(1_000) {
                if stopping.load(Ordering::SeqCst) {
                    break;
                }
                seen.fetch_add(1, Ordering::SeqCst);
                serve(stream.unwrap(), &answer);
            }
        });
        Self { address, requests, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/api/", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&str) -> (u16, Vec<u8>)) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else { return };
    let _: Vec<_> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let path = first.split(' ').nth(1).unwrap_or("/");
    let (status, body) = answer(path.strip_prefix("/api/").unwrap_or(path));
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

/// The example's sources.
fn example(path: &str) -> (u16, Vec<u8>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("catalog-example/sources/eessi");
    match std::fs::read(folder.join(path)) {
        Ok(bytes) if !path.contains("..") => (200, bytes),
        _ => (404, b"not found".to_vec()),
    }
}

fn warecat(test: &TestCatalog, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_warecat")).arg("-C").arg(test.path()).args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_api_is_read_from_a_url_and_the_source_is_noted() {
    let (test, server) = (TestCatalog::new(), Server::start(example));
    let done = warecat(&test, &["import", "eessi", "--from", &server.url()]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(test.check().totals(), (0, 0));
    assert_eq!(test.check().counts.releases, 55);
    let noted = test.read("eessi.io/_source.json");
    assert!(noted.contains(&server.url()), "{noted}");
    assert!(!noted.contains(env!("CARGO_MANIFEST_DIR")));
    let again = warecat(&test, &["import", "eessi", "--from", &server.url()]);
    assert!(stderr(&again).contains("0 files change"), "{}", stderr(&again));
}

#[test]
fn offline_asks_no_server() {
    let (test, server) = (TestCatalog::new(), Server::start(example));
    let done = warecat(&test, &["import", "eessi", "--offline", "--from", &server.url()]);
    assert_eq!(done.status.code(), Some(6), "{}", stderr(&done));
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}

#[test]
fn t18_what_catalog_toml_names_is_not_fetched_from_a_private_network() {
    let (test, server) = (TestCatalog::new(), Server::start(example));
    let source = format!(
        "[[source]]\nname = \"eessi\"\nkind = \"eessi\"\nprefix = \"eessi.io\"\nlocation = [\"{}\"]\n",
        server.url()
    );
    test.write("catalog.toml", source);
    let done = warecat(&test, &["sync"]);
    assert!(stderr(&done).contains("network-refused"), "{}", stderr(&done));
    assert_eq!((done.status.code(), server.requests.load(Ordering::SeqCst)), (Some(6), 0));
    let done = warecat(&test, &["sync", "--allow-private"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
}

#[test]
fn t20_a_web_page_in_place_of_the_api_is_told_and_nothing_is_written() {
    let test = TestCatalog::new();
    let server = Server::start(|path| match path {
        "hashes.json" => (404, Vec::new()),
        _ => (200, b"<!DOCTYPE html><html><title>Sign in</title>".to_vec()),
    });
    let done = warecat(&test, &["import", "eessi", "--from", &server.url()]);
    assert_eq!(done.status.code(), Some(1), "{}", stderr(&done));
    assert!(stderr(&done).contains("is a web page"), "{}", stderr(&done));
    assert!(test.documents().is_empty());
}

#[test]
fn a_file_that_is_not_the_published_one_is_refused_and_nothing_is_written() {
    let test = TestCatalog::new();
    let server = Server::start(|path| {
        let (status, mut bytes) = example(path);
        if path.ends_with("ext-perl.json") {
            bytes.push(b' ');
        }
        (status, bytes)
    });
    let done = warecat(&test, &["import", "eessi", "--from", &server.url()]);
    assert_eq!(done.status.code(), Some(4), "{}", stderr(&done));
    assert!(stderr(&done).contains("source-hash-mismatch"), "{}", stderr(&done));
    assert!(test.documents().is_empty());
}
