//! Compressions, told by their magic bytes and never by a name.
//!
//! One layer is undone: a gzip file inside a zstd file stays a gzip file. Limits are not
//! kept here, but by who reads; only the memory that zstd may ask for is (`WINDOW_LOG`).

use std::fmt;
use std::io::{self, BufReader, Read};

/// The largest zstd window is 2 to this power, in bytes: 128 MiB, what `zstd --ultra -22`
/// needs and what `zstd -d` takes unless told otherwise. Up to that much memory is used
/// while such a file is read; `zstd -19` needs 8 MiB.
pub(super) const WINDOW_LOG: u32 = 27;

/// How many of the first bytes tell a compression.
pub(super) const HEAD_LEN: usize = 10;

/// How bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all, or in a way that is not known.
    None,
    /// Zstandard (RFC 8878), one frame or several.
    Zstd,
    /// gzip (RFC 1952), one member or several.
    Gzip,
    /// xz, which is recognised but not read.
    Xz,
    /// bzip2, which is recognised but not read.
    Bzip2,
}

impl Compression {
    /// The compression that `head`, the first bytes of a file, tells.
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A skippable frame, with which seekable and parallel files may begin.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Self::Bzip2,
            _ => Self::None,
        }
    }

    /// The compression's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }

    /// A reader of the decompressed bytes of `raw`, or nothing if this is not read.
    pub(super) fn reader<'a>(self, raw: impl Read + 'a) -> io::Result<Option<Box<dyn Read + 'a>>> {
        Ok(match self {
            Self::None => Some(Box::new(raw)),
            Self::Gzip => {
                let raw = BufReader::with_capacity(64 << 10, raw);
                Some(Box::new(flate2::bufread::MultiGzDecoder::new(raw)))
            }
            Self::Zstd => {
                let mut decoder = zstd::Decoder::new(raw)?;
                decoder.window_log_max(WINDOW_LOG)?;
                Some(Box::new(decoder))
            }
            Self::Xz | Self::Bzip2 => None,
        })
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether zstd refused a frame because of its window.
pub(super) fn is_window_refusal(error: &io::Error) -> bool {
    // The zstd crate hands on libzstd's words only; a test holds them.
    error.to_string().contains("requires too much memory")
}

#[cfg(test)]
mod tests {
    use super::Compression;

    #[test]
    fn compressions_are_told_by_magic_bytes() {
        let check = |head: &[u8], expected| assert_eq!(Compression::of(head), expected);
        check(b"", Compression::None);
        check(b"{\"a\":1}", Compression::None);
        check(b"BZh is a name", Compression::None);
        check(b"\x28\xb5\x2f\xfd", Compression::Zstd);
        check(b"\x50\x2a\x4d\x18\x04", Compression::Zstd);
        check(b"\x1f\x8b\x08\0", Compression::Gzip);
        check(b"\x1f\x8b", Compression::None);
        check(b"\xfd7zXZ\0", Compression::Xz);
        check(b"BZh91AY&SY", Compression::Bzip2);
    }
}
