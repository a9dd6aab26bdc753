//! A server on loopback that does what a test says, and remembers what it was asked. It
//! ends with its test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use warecat::mirror::oci::Repository;

/// The longest that a server lives.
const LIFE: Duration = Duration::from_secs(30);

/// What a server was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The path, with the query.
    pub(crate) path: String,
    /// The head as it came.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.split(':').next().is_some_and(|start| start.eq_ignore_ascii_case(name));
        self.head.lines().skip(1).find(named).and_then(|line| Some(line.split_once(':')?.1.trim()))
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }
}

/// What a server does.
#[derive(Clone)]
pub(crate) enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits, but not beyond the server's end.
    Pause(Duration),
    /// Sends these bytes again and again, with pauses, until the client hangs up.
    Flood(Vec<u8>, Duration),
}

/// A reply with a body and its length.
pub(crate) fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    vec![Step::Send([head.as_bytes(), body].concat())]
}

/// A reply of JSON.
pub(crate) fn json(body: &str) -> Vec<Step> {
    reply("200 OK", "Content-Type: application/json\r\n", body)
}

/// A redirect.
pub(crate) fn redirect(target: &str) -> Vec<Step> {
    reply("307 Temporary Redirect", &format!("Location: {target}\r\n"), "")
}

/// A refusal that asks who asks.
pub(crate) fn challenge(value: &str) -> Vec<Step> {
    reply("401 Unauthorized", &format!("WWW-Authenticate: {value}\r\n"), "")
}

struct State {
    stop: AtomicBool,
    asked: Mutex<Vec<Asked>>,
}

/// A server; see the module.
pub(crate) struct Mock {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

impl Mock {
    /// A server that answers by `answer`, which is told the server's own `host:port`.
    pub(crate) fn start(answer: impl Fn(&Asked, &str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { stop: AtomicBool::new(false), asked: Mutex::default() });
        let (shared, answer) = (state.clone(), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            let end = Instant::now() + LIFE;
            let mut workers = Vec::new();
            while Instant::now() < end && !shared.stop.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        let (state, answer) = (shared.clone(), answer.clone());
                        // A client that hangs up is what many tests are about.
                        workers.push(std::thread::spawn(move || drop(serve(stream, &state, &*answer, address, end))));
                    }
                    Err(_) => std::thread::sleep(Duration::from_millis(1)),
                }
            }
            workers.into_iter().for_each(|worker| worker.join().unwrap());
        });
        Self { address, state, thread: Some(thread) }
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A repository of this server, asked without encryption.
    pub(crate) fn repository(&self, name: &str) -> Repository {
        format!("oci+http://{}/{name}", self.address).parse().unwrap()
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// The paths that it was asked for.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        let _ = self.thread.take().unwrap().join();
    }
}

fn serve(
    mut stream: TcpStream,
    state: &State,
    answer: &(impl Fn(&Asked, &str) -> Vec<Step> + ?Sized),
    address: SocketAddr,
    end: Instant,
) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.set_write_timeout(Some(Duration::from_secs(2)))?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 65_536 && stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut asked = Asked { method, path, head, body: String::new() };
    let length: usize = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    asked.body = String::from_utf8(body).unwrap();
    state.asked.lock().unwrap().push(asked.clone());
    let running = || Instant::now() < end && !state.stop.load(Ordering::SeqCst);
    for step in answer(&asked, &address.to_string()) {
        match step {
            Step::Send(bytes) => stream.write_all(&bytes)?,
            Step::Pause(time) => pause(time, &running),
            Step::Flood(bytes, time) => {
                while running() {
                    stream.write_all(&bytes)?;
                    pause(time, &running);
                }
            }
        }
    }
    Ok(())
}

fn pause(time: Duration, running: &impl Fn() -> bool) {
    let until = Instant::now() + time;
    while running() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(2));
    }
}
