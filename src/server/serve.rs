//! The loop that accepts connections, and its limits.

use std::convert::Infallible;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, Semaphore};
use tokio::time::{sleep, timeout};

use super::answer::{Answer, answer};
use super::error::ServeError;

/// So many connections are open at once; others wait.
const CONNECTIONS: usize = 64;
/// So long a head may take to come, and a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// So long a connection lives before it is asked to end.
const LIFE: Duration = Duration::from_secs(120);
/// So long it may take to end.
const GRACE: Duration = Duration::from_secs(30);
/// Largest head of a request, in bytes.
const MAX_HEAD: usize = 16 << 10;
/// Most lines of a head.
const MAX_LINES: usize = 64;
/// So many files are read at once.
const READERS: usize = 8;

/// A site to serve.
#[derive(Debug)]
pub struct Served {
    pub(super) root: PathBuf,
    pub(super) base_path: String,
}

impl Served {
    /// The site in a folder, to be served below a path.
    ///
    /// # Errors
    /// `usage-invalid` for what is no path; `io` for what is no folder.
    pub fn new(root: &Path, base_path: &str) -> Result<Self, ServeError> {
        let is_part = |part: &str| {
            part != "." && part != ".." && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        };
        let inner = base_path.trim_matches('/');
        if !base_path.starts_with('/') || inner.contains("//") || !inner.split('/').all(is_part) {
            return Err(ServeError::BasePath(base_path.chars().take(200).collect()));
        }
        let base_path = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
        // The folder may be a link; what is in it may not be.
        let failed = |source| ServeError::Folder { path: root.to_owned(), source };
        Ok(Self { root: root.canonicalize().map_err(failed)?, base_path })
    }

    /// The path that the site is served below, with a slash at both ends.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.base_path
    }
}

/// When to end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stop {
    /// After so long.
    pub after: Option<Duration>,
}

/// Serves a site until the process is interrupted, told to end, or the time is over.
/// `ready` is called once signals are heeded, and says whether to go on.
///
/// # Errors
/// `server-failed` when the system has no threads, sockets or signals left.
pub fn serve(
    listeners: Vec<TcpListener>,
    site: Served,
    stop: Stop,
    ready: impl FnOnce() -> bool,
) -> Result<(), ServeError> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_io().enable_time().max_blocking_threads(READERS).build();
    runtime.map_err(ServeError::System)?.block_on(run(listeners, Arc::new(site), stop, ready))
}

async fn run(
    listeners: Vec<TcpListener>,
    site: Arc<Served>,
    stop: Stop,
    ready: impl FnOnce() -> bool,
) -> Result<(), ServeError> {
    let over = Arc::new(Notify::new());
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut told = signal(kind).map_err(ServeError::System)?;
        let over = Arc::clone(&over);
        tokio::spawn(async move {
            told.recv().await;
            over.notify_one();
        });
    }
    if let Some(after) = stop.after {
        let over = Arc::clone(&over);
        tokio::spawn(async move {
            sleep(after).await;
            over.notify_one();
        });
    }
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    for listener in listeners {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(ServeError::System)?;
        tokio::spawn(accept(listener, Arc::clone(&site), Arc::clone(&free)));
    }
    if ready() {
        over.notified().await;
    }
    Ok(())
}

async fn accept(listener: tokio::net::TcpListener, site: Arc<Served>, free: Arc<Semaphore>) {
    loop {
        let Ok(place) = Arc::clone(&free).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // No descriptors are left, say: others may be given back soon.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            connection(stream, site).await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, site: Arc<Served>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let site = Arc::clone(&site);
        async move { Ok::<Answer, Infallible>(on_a_thread(site, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(MAX_HEAD).max_headers(MAX_LINES);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // That a connection broke is the asker's business.
    if timeout(LIFE, serving.as_mut()).await.is_err() {
        serving.as_mut().graceful_shutdown();
        let _ = timeout(GRACE, serving).await;
    }
}

/// Files are read and compressed beside the loop, so that one large file holds up no one.
async fn on_a_thread(site: Arc<Served>, request: Request<Incoming>) -> Answer {
    // A body is not read: the connection ends with the answer.
    let (head, _) = request.into_parts();
    let request = Request::from_parts(head, ());
    tokio::task::spawn_blocking(move || answer(&site, &request)).await.unwrap_or_else(|_| {
        let mut failed = Response::default();
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
