//! What a caller allows a fetch to do: sizes, times and hosts.
//!
//! Every value is valid, so the fields are public. Nothing here is read from the
//! environment; whoever wants a proxy or other limits says so.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Location;

/// One mebibyte, in bytes.
const MIB: u64 = 1 << 20;

/// How a location is fetched.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// The largest input that is taken.
    pub limits: Limits,
    /// Whether compressed bytes are decompressed; without, they are handed over as they are.
    pub decompress: bool,
    /// Whether the decompressed bytes are hashed too. For input that is not compressed it
    /// costs nothing.
    pub want_content_hash: bool,
    /// Whether URLs are refused before any socket is opened.
    pub offline: bool,
    /// How servers are asked.
    pub http: HttpOptions,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            decompress: true,
            want_content_hash: true,
            offline: false,
            http: HttpOptions::default(),
        }
    }
}

/// The largest input that is taken.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes as stored or sent; 1 GiB unless told.
    pub max_raw: u64,
    /// Bytes after decompression; 1 GiB unless told.
    pub max_content: u64,
    /// Decompressed bytes for one compressed byte; 2000 unless told. Real inputs reach
    /// 800 (repetitive JSON under `zstd -19`) and gzip cannot reach more than 1032, so only
    /// a zstd bomb meets it.
    pub max_ratio: u64,
    /// The ratio is looked at only when there is more decompressed content than this,
    /// in bytes; 256 MiB unless told.
    pub ratio_from: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_raw: 1024 * MIB, max_content: 1024 * MIB, max_ratio: 2000, ratio_from: 256 * MIB }
    }
}

/// How servers are asked.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The longest wait for a name's addresses, and for a connection; 10 s unless told.
    pub connect_timeout: Duration,
    /// The longest wait for the next byte, of the answer's head or body; 30 s unless told.
    pub idle_timeout: Duration,
    /// The longest that one fetch takes, with redirects, retries and body; 300 s unless
    /// told. It is looked at between waits, so a fetch may end one wait later.
    pub request_timeout: Duration,
    /// How many redirects are followed; 5 unless told.
    pub max_redirects: u32,
    /// How often an address is asked when the connection fails or the server answers 429
    /// or 5xx; 3 unless told.
    pub tries: u32,
    /// The pause before the second try, doubled before each further one; 0.5 s unless told.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for; 30 s unless told. A server that asks
    /// for more is not asked again.
    pub max_retry_after: Duration,
    /// Hosts that may be asked over plain `http`, besides this machine's own names.
    pub allow_insecure: Hosts,
    /// Hosts that may have loopback, private or link-local addresses. Name the host that
    /// the user gave rather than allowing all: then a redirect cannot lead to another
    /// machine of the private network.
    pub allow_private: Hosts,
    /// A proxy for all requests. Names are then resolved by the proxy, so only hosts
    /// written as addresses, and this machine's own names, are checked here.
    pub proxy: Option<Location>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(300),
            max_redirects: 5,
            tries: 3,
            backoff: Duration::from_millis(500),
            max_retry_after: Duration::from_secs(30),
            allow_insecure: Hosts::None,
            allow_private: Hosts::None,
            proxy: None,
        }
    }
}

/// A set of hosts, compared without case, brackets and a final dot.
///
/// ```
/// use warecat::mirror::Hosts;
/// let hosts = Hosts::named(["Mirror.Lan", "::1"]);
/// assert!(hosts.contains("mirror.lan.") && hosts.contains("[::1]"));
/// assert!(!hosts.contains("www.mirror.lan"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Hosts {
    /// No host.
    #[default]
    None,
    /// Every host.
    All,
    /// These hosts; use [`Hosts::named`].
    Named(BTreeSet<String>),
}

impl Hosts {
    /// The hosts of these names and addresses, without port.
    pub fn named<'a>(hosts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Named(hosts.into_iter().map(normal).collect())
    }

    /// Whether `host` is in the set.
    #[must_use]
    pub fn contains(&self, host: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Named(hosts) => hosts.contains(&normal(host)),
        }
    }
}

/// One spelling for each host.
pub(super) fn normal(host: &str) -> String {
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.to_ascii_lowercase()
}
