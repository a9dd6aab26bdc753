//! A tiny HTTP server for tests: loopback only, one connection at a time, and bounded.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{FetchOptions, Hosts, Location};

/// The longest that a server lives.
const LIFE: Duration = Duration::from_secs(20);

/// What a server does when asked.
#[derive(Clone)]
pub(super) enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits, but not beyond the server's end.
    Pause(Duration),
    /// Sends these bytes again and again, until the client hangs up.
    Flood(Vec<u8>),
}

/// A server that gives its replies in order, and the last one again for any further
/// request. It stops when it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stop: AtomicBool,
    hits: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Server {
    /// A server on a free port.
    pub(super) fn start(replies: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let thread = Some(std::thread::spawn(move || serve(&listener, &replies, &shared)));
        Self { address, state, thread }
    }

    /// A server with one reply.
    pub(super) fn one(steps: Vec<Step>) -> Self {
        Self::start(vec![steps])
    }

    /// The address of `path` on this server.
    pub(super) fn at(&self, path: &str) -> Location {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    /// How many connections there were.
    pub(super) fn hits(&self) -> usize {
        self.state.hits.load(Ordering::SeqCst)
    }

    /// The heads of the requests.
    pub(super) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A reply with a body and its length.
pub(super) fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<Step> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    vec![Step::Send([head.as_bytes(), body].concat())]
}

/// A redirect.
pub(super) fn redirect(target: &str) -> Vec<Step> {
    reply("302 Found", &format!("Location: {target}\r\n"), b"")
}

/// Options that allow 127.0.0.1, with short waits.
pub(super) fn options() -> FetchOptions {
    let mut options = FetchOptions::default();
    options.http.allow_private = Hosts::named(["127.0.0.1"]);
    options.http.backoff = Duration::from_millis(5);
    options.http.idle_timeout = Duration::from_secs(5);
    options
}

fn serve(listener: &TcpListener, replies: &[Vec<Step>], state: &State) {
    let end = Instant::now() + LIFE;
    while Instant::now() < end && !state.stop.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((stream, _)) => {
                let hit = state.hits.fetch_add(1, Ordering::SeqCst);
                let steps = &replies[hit.min(replies.len() - 1)];
                // A client that hangs up is what many tests are about.
                let _ = answer(stream, steps, state, end);
            }
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn answer(mut stream: TcpStream, steps: &[Step], state: &State, end: Instant) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.set_write_timeout(Some(Duration::from_secs(2)))?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 && stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    state.requests.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
    let running = || Instant::now() < end && !state.stop.load(Ordering::SeqCst);
    for step in steps {
        match step {
            Step::Send(bytes) => stream.write_all(bytes)?,
            Step::Pause(time) => {
                let until = Instant::now() + *time;
                while running() && Instant::now() < until {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            Step::Flood(bytes) => {
                while running() {
                    stream.write_all(bytes)?;
                }
            }
        }
    }
    Ok(())
}
