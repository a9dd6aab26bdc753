//! A stream to its content: decompressed, limited, and hashed on both sides in one pass.
//!
//! Memory: the content once, the decoder's own buffers, and nothing of the raw bytes
//! beyond those. The limits hold while reading, so a bomb ends at the limit and not at
//! its end.

use std::cell::Cell;
use std::io::{self, Cursor, Read};

use sha2::{Digest, Sha256};

use super::decompress::{Compression, HEAD_LEN, WINDOW_LOG, is_window_refusal};
use super::error::{FetchError, Limit};
use super::meter::{Meter, hex, unwrapped};
use super::options::{FetchOptions, Limits};

/// How much is read at once, in bytes; small enough for the processor's cache, so that
/// hashing finds the bytes there.
const CHUNK: usize = 256 << 10;

/// The most that is set aside because a source announces its size, in bytes; what is
/// announced may be a lie, and growing costs little.
const MAX_SET_ASIDE: u64 = 256 << 20;

/// What a stream held.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) sha256_of_raw: String,
    pub(super) sha256_of_content: Option<String>,
    pub(super) raw_len: u64,
    pub(super) compression: Compression,
}

/// Reads `source` to its end; `size` is what it announces, in raw bytes. Errors name `at`.
pub(super) fn read(
    source: &mut dyn Read,
    size: Option<u64>,
    at: &str,
    options: &FetchOptions,
) -> Result<Content, FetchError> {
    check_announced(size, at, &options.limits)?;
    let count = Cell::new(0);
    let mut meter = Meter::new(source, at, options.limits.max_raw, &count);
    let mut head = [0; HEAD_LEN];
    let head_len = read_head(&mut meter, &mut head).map_err(|e| failed(e, at, Compression::None))?;
    let head = &head[..head_len];
    let compression = if options.decompress { Compression::of(head) } else { Compression::None };
    let compressed = compression != Compression::None;

    let mut sink = Sink {
        bytes: Vec::new(),
        hasher: (compressed && options.want_content_hash).then(Sha256::new),
        limits: &options.limits,
        raw: &count,
        at,
    };
    if !compressed {
        // One chunk more than announced, so that finding the end makes nothing grow.
        let size = size.unwrap_or_default().min(MAX_SET_ASIDE);
        sink.bytes.reserve_exact(usize::try_from(size).unwrap_or_default() + CHUNK);
    }
    let raw = Cursor::new(head).chain(&mut meter);
    let decoder = compression.reader(raw).map_err(|e| failed(e, at, compression))?;
    let mut decoder =
        decoder.ok_or_else(|| FetchError::Compression { at: at.to_owned(), format: compression.to_string() })?;
    sink.fill(&mut *decoder).map_err(|e| failed(e, at, compression))?;
    drop(decoder);

    let sha256_of_raw = meter.sha256();
    let (bytes, hash) = sink.finish();
    let plain = || (!compressed && options.want_content_hash).then(|| sha256_of_raw.clone());
    let sha256_of_content = hash.or_else(plain);
    Ok(Content { bytes, sha256_of_content, sha256_of_raw, raw_len: count.get(), compression })
}

/// Refuses a source that announces more than is taken, before a byte is read.
fn check_announced(size: Option<u64>, at: &str, limits: &Limits) -> Result<(), FetchError> {
    match size {
        Some(met) if met > limits.max_raw => {
            Err(FetchError::TooLarge { at: at.to_owned(), what: Limit::Raw, limit: limits.max_raw, met })
        }
        _ => Ok(()),
    }
}

/// Fills `head` as far as the source goes.
fn read_head(source: &mut dyn Read, head: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < head.len() {
        match source.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// Where content is gathered.
struct Sink<'a> {
    bytes: Vec<u8>,
    hasher: Option<Sha256>,
    limits: &'a Limits,
    raw: &'a Cell<u64>,
    at: &'a str,
}

impl Sink<'_> {
    fn fill(&mut self, decoder: &mut dyn Read) -> io::Result<()> {
        loop {
            let start = self.bytes.len();
            self.bytes.resize(start + CHUNK, 0);
            let read = decoder.read(&mut self.bytes[start..]);
            self.bytes.truncate(start + read.as_ref().map_or(0, |n| *n));
            match read {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
            if let Some(hasher) = &mut self.hasher {
                hasher.update(&self.bytes[start..]);
            }
            self.check().map_err(io::Error::other)?;
        }
    }

    fn check(&self) -> Result<(), FetchError> {
        let len = self.bytes.len() as u64;
        let Limits { max_content, max_ratio, ratio_from, .. } = *self.limits;
        let ratio = len / self.raw.get().max(1);
        let (what, limit, met) = if len > max_content {
            (Limit::Content, max_content, len)
        } else if len > ratio_from && ratio > max_ratio {
            (Limit::Ratio, max_ratio, ratio)
        } else {
            return Ok(());
        };
        Err(FetchError::TooLarge { at: self.at.to_owned(), what, limit, met })
    }

    fn finish(mut self) -> (Vec<u8>, Option<String>) {
        // Growing doubles; a caller that keeps the bytes should not keep the other half.
        self.bytes.shrink_to_fit();
        (self.bytes, self.hasher.map(|hasher| hex(&hasher.finalize())))
    }
}

/// What an error of the decoder or of the source below it means.
fn failed(error: io::Error, at: &str, compression: Compression) -> FetchError {
    let at = at.to_owned();
    match unwrapped(error) {
        Ok(inner) => inner,
        Err(source) if compression == Compression::None || source.raw_os_error().is_some() => {
            FetchError::Read { at, source }
        }
        Err(source) if is_window_refusal(&source) => {
            let limit = 1 << WINDOW_LOG;
            FetchError::TooLarge { at, what: Limit::Window, limit, met: limit + 1 }
        }
        Err(source) => {
            let cut = source.kind() == io::ErrorKind::UnexpectedEof;
            let problem = if cut { "it is cut off".to_owned() } else { source.to_string() };
            FetchError::Damaged { at, format: compression.as_str(), problem }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Compression, Content, FetchError, FetchOptions, Limit, read};
    use std::io::Write;

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn small() -> FetchOptions {
        let mut options = FetchOptions::default();
        options.limits.max_raw = 1 << 20;
        options.limits.max_content = 4 << 20;
        options
    }

    fn read_with(mut raw: &[u8], options: &FetchOptions) -> Result<Content, FetchError> {
        read(&mut raw, None, "x", options)
    }

    fn read_all(raw: &[u8]) -> Result<Content, FetchError> {
        read_with(raw, &small())
    }

    fn limit(result: Result<Content, FetchError>) -> Limit {
        match result {
            Err(FetchError::TooLarge { what, .. }) => what,
            other => panic!("{:?}", other.map(|c| c.bytes.len())),
        }
    }

    #[test]
    fn both_hashes_are_those_of_sha256sum() {
        const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let plain = read_all(b"abc").unwrap();
        assert_eq!(plain.sha256_of_raw, ABC);
        assert_eq!(plain.sha256_of_content.as_deref(), Some(ABC));
        let raw = zstd(b"abc");
        let packed = read_all(&raw).unwrap();
        assert_eq!(packed.bytes, b"abc");
        assert_eq!(packed.raw_len, raw.len() as u64);
        assert_ne!(packed.sha256_of_raw, ABC);
        assert_eq!(packed.sha256_of_content.as_deref(), Some(ABC));
        let options = FetchOptions { decompress: false, ..small() };
        let kept = read_with(&raw, &options).unwrap();
        assert_eq!((kept.bytes, kept.compression), (raw, Compression::None));
    }

    #[test]
    fn the_content_hash_is_left_out_when_not_wanted() {
        let options = FetchOptions { want_content_hash: false, ..small() };
        for raw in [b"abc".to_vec(), zstd(b"abc")] {
            assert_eq!(read_with(&raw, &options).unwrap().sha256_of_content, None);
        }
    }

    #[test]
    fn frames_and_members_are_read_to_the_last() {
        let long = vec![b'x'; 700_000];
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0][..], b"hi"].concat();
        for raw in [
            [zstd(b"one"), zstd(&long)].concat(),
            [skippable, zstd(b"one"), zstd(&long)].concat(),
            [gzip(b"one"), gzip(&long)].concat(),
        ] {
            let content = read_all(&raw).unwrap();
            assert_eq!(content.bytes, [b"one", &long[..]].concat());
            assert_eq!(content.raw_len, raw.len() as u64);
        }
    }

    #[test]
    fn empty_and_tiny_inputs_are_content() {
        for raw in [&b""[..], b"x", b"\x1f", b"\x28\xb5"] {
            assert_eq!(read_all(raw).unwrap().bytes, raw);
        }
        assert_eq!(read_all(&zstd(b"")).unwrap().bytes, b"");
    }

    #[test]
    fn bombs_end_at_the_limit() {
        let zeros = vec![0; 32 << 20];
        for raw in [zstd(&zeros), gzip(&zeros)] {
            assert_eq!(limit(read_all(&raw)), Limit::Content);
            let mut options = FetchOptions::default();
            options.limits.max_ratio = 100;
            options.limits.ratio_from = 1 << 20;
            assert_eq!(limit(read_with(&raw, &options)), Limit::Ratio);
            let options = FetchOptions::default();
            assert_eq!(read_with(&raw, &options).unwrap().bytes.len(), zeros.len());
        }
    }

    #[test]
    fn the_limit_and_what_was_met_are_in_the_error() {
        let error = read_all(&vec![b'x'; 2 << 20]).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("`x` has more than 1048576 bytes as stored (met: "), "{text}");
        let announced = read(&mut &b""[..], Some(9 << 20), "x", &small());
        assert_eq!(limit(announced), Limit::Raw);
    }

    #[test]
    fn a_frame_that_wants_too_much_memory_is_refused() {
        // Magic, no flags, a window of 2^28, one empty last block.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (28 - 10) << 3, 1, 0, 0];
        assert_eq!(limit(read_all(&frame)), Limit::Window);
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3, 1, 0, 0];
        assert_eq!(read_all(&frame).unwrap().bytes, b"");
    }

    #[test]
    fn truncated_and_damaged_inputs_are_errors() {
        let text: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        for whole in [zstd(&text), gzip(&text)] {
            for cut in [12, whole.len() / 2, whole.len() - 1] {
                let error = read_all(&whole[..cut]).unwrap_err();
                assert!(matches!(&error, FetchError::Damaged { problem, .. } if problem == "it is cut off"), "{error}");
            }
            let trailing = [&whole[..], b"trailing"].concat();
            assert!(matches!(read_all(&trailing), Err(FetchError::Damaged { .. })));
        }
        let mut flipped = gzip(&text);
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0xff;
        assert!(matches!(read_all(&flipped), Err(FetchError::Damaged { .. })));
    }

    #[test]
    fn other_compressions_are_named() {
        let error = read_all(b"\xfd7zXZ\0rest").unwrap_err();
        assert_eq!(error.to_string(), "`x` is compressed with `xz`, which is not read");
    }
}
