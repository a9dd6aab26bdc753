//! A small HTTP server on loopback, which ends with its test and keeps what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use warecat::model::Digest;

/// What a server answers.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

type Answers = dyn Fn(&str, &str) -> Answer + Send + Sync;

pub(super) struct Server {
    address: String,
    log: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that answers by method and path.
    pub(super) fn start(answers: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (log, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, stopping, answers) = (Arc::clone(&log), Arc::clone(&stop), Arc::new(answers));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    break;
                }
                let (seen, answers) = (Arc::clone(&seen), Arc::clone(&answers));
                std::thread::spawn(move || serve(stream.unwrap(), &seen, &*answers));
            }
        });
        Self { address, log, stop, thread: Some(thread) }
    }

    /// A server of a folder's files, which it can say to be unchanged.
    pub(super) fn of_folder(folder: PathBuf) -> Self {
        Self::start(move |_, path| match std::fs::read(folder.join(&path[1..])) {
            Ok(bytes) if !path.contains("..") => {
                let etag = format!("\"{}\"", Digest::of(&bytes).hex());
                Answer::new(200, bytes).with("ETag", etag)
            }
            _ => Answer::new(404, "not found"),
        })
    }

    pub(super) fn host(&self) -> &str {
        &self.address
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// What was asked since the last look, as `METHOD path status`.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, answers: &Answers) {
    let mut first = [0];
    if stream.peek(&mut first).is_err() || first == [0x16] {
        // A handshake of TLS, which is not spoken here.
        return;
    }
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else { return };
    let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let mut answer = answers(method, path);
    let etag = answer.headers.iter().find(|(name, _)| *name == "ETag").map(|(_, value)| value.clone());
    let is_same = |line: &String| {
        let (name, value) = line.split_once(':').unwrap_or_default();
        name.eq_ignore_ascii_case("if-none-match") && Some(value.trim()) == etag.as_deref()
    };
    if head.iter().any(is_same) {
        answer = Answer { body: Vec::new(), status: 304, ..answer };
    }
    log.lock().unwrap().push(format!("{method} {path} {}", answer.status));
    let mut text =
        format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let body = if method == "HEAD" { &[][..] } else { &answer.body };
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(body));
}
