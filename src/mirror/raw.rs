//! Bytes that are at hand, or lie in a local file, under the limits of a fetch: what
//! importers need that know a digest before they know a content.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::content;
use super::error::FetchError;
use super::file::{LocalFile, io_failed};
use super::options::{FetchOptions, Limits};
use crate::model::Digest;

/// How much of a file is read at once, in bytes.
const CHUNK: usize = 256 << 10;

/// The digest of a local file's bytes, of any size, read once and not kept.
///
/// # Errors
/// `not-found`: there is none. `source-invalid`: it is not a regular file, or changed
/// while it was read. `io`: it cannot be read.
pub fn digest_of(path: &Path) -> Result<Digest, FetchError> {
    let at = crate::text::shown(&path.to_string_lossy()).to_string();
    let mut file = LocalFile::open(path, &at)?;
    let (mut hasher, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => hasher.update(&chunk[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io_failed(error, &at)),
        }
    }
    file.check_unchanged()?;
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

/// The content of bytes that may be compressed, within the limits; errors name `at`.
///
/// # Errors
/// `limit-exceeded`: it is larger. `source-invalid`: it is damaged, or compressed in a way
/// that is not read.
pub fn unpack(bytes: &[u8], at: &str, limits: &Limits) -> Result<Vec<u8>, FetchError> {
    let options = FetchOptions { limits: limits.clone(), want_content_hash: false, ..FetchOptions::default() };
    let mut source = bytes;
    Ok(content::read(&mut source, Some(bytes.len() as u64), at, &options)?.bytes)
}

#[cfg(test)]
mod tests {
    use super::{digest_of, unpack};
    use crate::code::Code;
    use crate::mirror::Limits;
    use crate::model::Digest;
    use std::io::Write;

    #[test]
    fn a_file_of_any_size_is_hashed() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let bytes = vec![7; 600_000];
        file.write_all(&bytes).unwrap();
        assert_eq!(digest_of(file.path()).unwrap(), Digest::of(&bytes));
        assert_eq!(digest_of(file.path().parent().unwrap()).unwrap_err().code(), Code::SourceInvalid);
    }

    #[test]
    fn t05_a_bomb_ends_at_the_limit() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![0; 1_000_000]).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(unpack(&packed, "x", &Limits::default()).unwrap().len(), 1_000_000);
        let limits = Limits { max_content: 10_000, ..Limits::default() };
        assert_eq!(unpack(&packed, "x", &limits).unwrap_err().code(), Code::LimitExceeded);
        assert_eq!(unpack(b"{}", "x", &limits).unwrap(), b"{}");
    }
}
