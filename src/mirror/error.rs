//! Everything that can go wrong between an address and its bytes.
//!
//! Invariants: each error has one [`Code`] and one hint; no message holds a secret of an
//! address (`at` is a location as it is shown) or an unescaped control character.

use std::{io, net::IpAddr, time::Duration};

use super::cache::CacheError;
use crate::code::Code;

/// A text is not an address that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` cannot be used as an address: {rule}")]
pub struct LocationError {
    /// The text, without its user part and query.
    pub shown: String,
    /// The rule that it breaks.
    pub rule: LocationRule,
}

impl LocationError {
    /// The error's code, always [`Code::AddressInvalid`].
    #[must_use]
    pub fn code(&self) -> Code {
        Code::AddressInvalid
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.rule.hint()
    }
}

/// A rule of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationRule {
    /// It has at least one character.
    #[error("it is empty")]
    Empty,
    /// It has a bounded length.
    #[error("it has {met} bytes, more than {limit}")]
    TooLong {
        /// The longest that is taken, in bytes.
        limit: usize,
        /// The text's length in bytes.
        met: usize,
    },
    /// It does not look like an option.
    #[error("it begins with `-`")]
    Dash,
    /// It has no control characters.
    #[error("it has a control character")]
    Control,
    /// Its scheme is `https`, `http` or `file`.
    #[error("the scheme `{0}` is not one of `https`, `http` and `file`")]
    Scheme(String),
    /// Its scheme is followed by `//`.
    #[error("`{0}:` is not followed by `//`")]
    Slashes(String),
    /// It has no user name or password.
    #[error("it has a user name or password")]
    Credentials,
    /// It has no fragment.
    #[error("it has a fragment (`#…`)")]
    Fragment,
    /// It has no blanks or backslashes, which programs read differently.
    #[error("it has a blank or a backslash")]
    Ambiguous,
    /// It is a URL.
    #[error("it is not a URL: {0}")]
    Malformed(String),
    /// A `file` URL names an absolute path of this machine and nothing else.
    #[error("a `file` URL must be `file:///` and an absolute path")]
    FileUrl,
    /// What is joined is a plain relative path.
    #[error("`{0}` is not a plain relative path to join to it")]
    Joined(String),
    /// What is joined to is a folder.
    #[error("it names a file, so nothing can be joined to it")]
    NotFolder,
}

impl LocationRule {
    fn hint(&self) -> &'static str {
        match self {
            Self::Dash => "write `./` before a path that begins with `-`",
            Self::Credentials => "credentials are never sent: fetch the file with another program and give its path",
            Self::Fragment => "leave out the `#` and what follows (in a path, write `%23` in a `file` URL)",
            Self::Slashes(_) | Self::FileUrl => "write `file:///absolute/path`, or the plain path",
            Self::Ambiguous => "write a blank as `%20`",
            Self::NotFolder => "end the address with `/` if it is a folder",
            Self::Joined(_) => "name a file below the folder, without `..` and a leading `/`",
            _ => "give a local path or an `https://` URL",
        }
    }
}

/// A limit that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes as they are stored or sent.
    #[error("bytes as stored")]
    Raw,
    /// Bytes after decompression.
    #[error("bytes after decompression")]
    Content,
    /// Decompressed bytes for one compressed byte.
    #[error("decompressed bytes for each compressed one")]
    Ratio,
    /// The memory that zstd would need to decompress, in bytes.
    #[error("bytes of zstd window")]
    Window,
    /// Entries of a folder.
    #[error("entries of a folder")]
    Entries,
}

/// Why an address is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Plain `http` to another machine.
    #[error("`{0}` would be asked without encryption")]
    Insecure(String),
    /// The address is one of a private network, this machine or a link.
    #[error("`{host}` is at {address}, which is {kind}")]
    Private {
        /// The host of the URL.
        host: String,
        /// The address that it has.
        address: IpAddr,
        /// What kind of address that is, in words.
        kind: &'static str,
    },
    /// A redirect from `https` to `http`.
    #[error("it redirects from `https` to `{0}`")]
    Downgrade(String),
    /// A redirect to something that is not an `http(s)` URL without credentials.
    #[error("it redirects to what is not a usable address: {0}")]
    Target(String),
}

/// Why an address did not give its bytes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address itself cannot be used.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The download cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// There is no such file, or the server says so (404, 410).
    #[error("`{at}` does not exist")]
    Missing {
        /// The location, as shown.
        at: String,
    },
    /// The file system failed.
    #[error("cannot read `{at}`: {source}")]
    Read {
        /// The location, as shown.
        at: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a regular file (or, where one is needed, not a folder).
    #[error("`{at}` is {found}, not {expected}")]
    Kind {
        /// The location, as shown.
        at: String,
        /// What it is, in words.
        found: &'static str,
        /// What it should be, in words.
        expected: &'static str,
    },
    /// The file changed while it was read.
    #[error("`{at}` changed while it was read")]
    Changed {
        /// The location, as shown.
        at: String,
    },
    /// It is larger than its limit.
    #[error("`{at}` has more than {limit} {what} (met: {met})")]
    TooLarge {
        /// The location, as shown.
        at: String,
        /// What was counted.
        what: Limit,
        /// The most that is taken.
        limit: u64,
        /// What was found when reading stopped, or what the source announced.
        met: u64,
    },
    /// Its compressed bytes are damaged or cut off.
    #[error("`{at}` is damaged: {format}: {problem}")]
    Damaged {
        /// The location, as shown.
        at: String,
        /// The compression's name.
        format: &'static str,
        /// What the decoder said.
        problem: String,
    },
    /// Its compression is one that is not read.
    #[error("`{at}` is compressed with `{format}`, which is not read")]
    Compression {
        /// The location, as shown.
        at: String,
        /// The compression's name.
        format: String,
    },
    /// The network is needed but not allowed.
    #[error("`{at}` needs the network, which `--offline` forbids")]
    Offline {
        /// The location, as shown.
        at: String,
    },
    /// The address may not be asked.
    #[error("`{at}` is refused: {why}")]
    Refused {
        /// The location, as shown.
        at: String,
        /// Why.
        why: Refusal,
    },
    /// There were too many redirects.
    #[error("`{at}` redirects more than {limit} times")]
    Redirects {
        /// The location, as shown.
        at: String,
        /// The most that are followed.
        limit: u32,
    },
    /// The server answered, but not with the bytes.
    #[error("`{at}` answered with status {status}{note}")]
    Status {
        /// The location, as shown.
        at: String,
        /// The status and its usual name.
        status: String,
        /// The status as a number.
        number: u16,
        /// More about it, beginning with a comma, or nothing.
        note: String,
    },
    /// No connection, a failed TLS handshake, a broken answer.
    #[error("`{at}` cannot be fetched: {problem}")]
    Network {
        /// The location, as shown.
        at: String,
        /// What went wrong, in words.
        problem: String,
    },
    /// The server sent nothing for too long.
    #[error("`{at}` sent nothing for {} s (after {received} bytes)", limit.as_secs_f32())]
    Stalled {
        /// The location, as shown.
        at: String,
        /// The longest pause that is waited.
        limit: Duration,
        /// How many bytes of the body had come.
        received: u64,
    },
    /// The whole fetch took too long.
    #[error("`{at}` was not fetched within {} s ({received} bytes came)", limit.as_secs_f32())]
    Overdue {
        /// The location, as shown.
        at: String,
        /// The longest that a fetch may take.
        limit: Duration,
        /// How many bytes of the body had come.
        received: u64,
    },
}

impl FetchError {
    /// The error's code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Location(error) => error.code(),
            Self::Cache(error) => error.code(),
            Self::Missing { .. } => Code::NotFound,
            Self::Read { .. } => Code::Io,
            Self::Kind { .. } | Self::Changed { .. } | Self::Damaged { .. } | Self::Compression { .. } => {
                Code::SourceInvalid
            }
            Self::TooLarge { .. } => Code::LimitExceeded,
            Self::Offline { .. } => Code::NetworkOffline,
            Self::Refused { .. } => Code::NetworkRefused,
            Self::Redirects { .. }
            | Self::Status { .. }
            | Self::Network { .. }
            | Self::Stalled { .. }
            | Self::Overdue { .. } => Code::NetworkFailed,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Location(error) => error.hint(),
            Self::Cache(error) => error.hint(),
            Self::Missing { .. } => "check the spelling of the address",
            Self::Read { .. } => "check that the file can be read by this user",
            Self::Kind { .. } => "give a regular file, or a folder where one is asked for",
            Self::Changed { .. } => "wait until the file is written, then run the command again",
            Self::TooLarge { .. } => "if the file is what it should be, raise the limit",
            Self::Damaged { .. } => "get the file again; it is cut off or not what its first bytes say",
            Self::Compression { .. } => "decompress it first, or compress it with zstd or gzip",
            Self::Offline { .. } => "leave out `--offline`, or give a local file",
            Self::Refused { why, .. } => why.hint(),
            Self::Redirects { .. } => "give the address that it finally leads to",
            Self::Status { number, .. } => status_hint(*number),
            Self::Network { .. } => "check the address and the network; behind a proxy, configure it",
            Self::Stalled { .. } | Self::Overdue { .. } => "try again later, or raise the time limit",
        }
    }
}

impl Refusal {
    fn hint(&self) -> &'static str {
        match self {
            Self::Insecure(_) => "use `https`, or name the host in `allow_insecure`",
            Self::Private { .. } => "if this host is meant, allow private addresses for it",
            Self::Downgrade(_) | Self::Target(_) => "give the address that it should lead to, if that can be trusted",
        }
    }
}

fn status_hint(number: u16) -> &'static str {
    match number {
        401 | 403 | 407 => "credentials are never sent: fetch the file with another program and give its path",
        429 | 500..=599 => "the server is busy or broken: try again later",
        _ => "check the address in a browser",
    }
}

#[cfg(test)]
mod tests {
    use super::FetchError;

    #[test]
    fn errors_are_small_enough_to_return_by_value() {
        assert!(size_of::<FetchError>() <= 104, "{}", size_of::<FetchError>());
    }
}
