//! Counts, limits and hashes the bytes of a source, as they are stored or sent.
//!
//! What cannot be said with an `io::Error` travels inside one as a [`FetchError`], through
//! whatever decoder stands between; [`unwrapped`] gets it back.

use std::cell::Cell;
use std::fmt::Write;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::error::{FetchError, Limit};

/// A reader that counts, limits and hashes what passes.
pub(super) struct Meter<'a> {
    inner: &'a mut dyn Read,
    at: &'a str,
    max: u64,
    count: &'a Cell<u64>,
    hasher: Sha256,
}

impl<'a> Meter<'a> {
    /// A meter that lets at most `max` bytes pass and counts them in `count`.
    pub(super) fn new(inner: &'a mut dyn Read, at: &'a str, max: u64, count: &'a Cell<u64>) -> Self {
        Self { inner, at, max, count, hasher: Sha256::new() }
    }

    /// The SHA-256 of what has passed, as hex.
    pub(super) fn sha256(self) -> String {
        hex(&self.hasher.finalize())
    }
}

impl Read for Meter<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        let count = self.count.get() + n as u64;
        self.count.set(count);
        if count > self.max {
            return Err(io::Error::other(FetchError::TooLarge {
                at: self.at.to_owned(),
                what: Limit::Raw,
                limit: self.max,
                met: count,
            }));
        }
        self.hasher.update(&buf[..n]);
        Ok(n)
    }
}

/// The [`FetchError`] that travels inside `error`, or `error` itself.
pub(super) fn unwrapped(error: io::Error) -> Result<FetchError, io::Error> {
    error.downcast::<FetchError>()
}

/// Bytes as lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
