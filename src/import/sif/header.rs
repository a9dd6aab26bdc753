//! The header: what the file says of itself, and where its descriptors are.

use super::architecture::Architecture;
use super::error::SifError;
use super::source::Source;

/// Length of the header, in bytes.
pub(super) const LENGTH: u64 = 128;
/// Length of a descriptor, in bytes.
pub(super) const DESCRIPTOR: u64 = 585;
/// Most descriptors that are read; images have 48 slots.
const MAX_DESCRIPTORS: u64 = 16_384;
/// Go's zero time, the year 1, as Unix seconds: what deterministic images say.
const NO_TIME: i64 = -62_135_596_800;

/// The header of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The line that the file begins with, `#!/usr/bin/env run-singularity`; may be empty.
    pub launch: String,
    /// The architecture of the primary partition, where it is said. A signature does not
    /// cover it.
    pub architecture: Option<Architecture>,
    /// The image's UUID; none in a deterministic image.
    pub uuid: Option<[u8; 16]>,
    /// When it was made, in Unix seconds; nothing where the image says no time.
    pub created: Option<i64>,
    /// When it was last changed, in Unix seconds.
    pub modified: Option<i64>,
    /// Slots of the descriptor table that are free, as the header says.
    pub free: i64,
    /// Slots of the descriptor table.
    pub total: u64,
    /// Where the descriptor table begins, in bytes from the start of the file.
    pub table: u64,
    /// Where the data begins.
    pub data: i64,
    /// How long the data is, in bytes, with its padding.
    pub data_size: i64,
}

impl Header {
    /// The UUID as people write it, in five groups of hexadecimal digits.
    #[must_use]
    pub fn uuid_text(&self) -> Option<String> {
        let hex: String = self.uuid?.iter().map(|byte| format!("{byte:02x}")).collect();
        Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
    }

    /// Reads and checks the header.
    pub(super) fn read(source: &(impl Source + ?Sized)) -> Result<Self, SifError> {
        let mut bytes = [0; LENGTH as usize];
        if source.len() < LENGTH {
            let shorter = usize::try_from(source.len()).unwrap_or(0);
            source.read_at(0, &mut bytes[..shorter])?;
            return Err(too_short(&bytes[..shorter]));
        }
        source.read_at(0, &mut bytes)?;
        if bytes[32..42] != *b"SIF_MAGIC\0" {
            return Err(SifError::NotSif(what_else(&bytes)));
        }
        if bytes[42..45] != *b"01\0" {
            return Err(SifError::Version(text(&bytes[42..45])));
        }
        let number = |at: usize| integer(&bytes, at);
        let (total, table) = check_table(number(88), number(96), number(104), source.len())?;
        let uuid: [u8; 16] = bytes[48..64].try_into().expect("the range has 16 bytes");
        Ok(Self {
            launch: text(&bytes[..32]),
            architecture: Architecture::of_code([bytes[45], bytes[46], bytes[47]]),
            uuid: (uuid != [0; 16]).then_some(uuid),
            created: moment(number(64)),
            modified: moment(number(72)),
            free: number(80),
            total,
            table,
            data: number(112),
            data_size: number(120),
        })
    }
}

/// The descriptor table's slots and offset, when it lies in the file.
fn check_table(total: i64, offset: i64, size: i64, len: u64) -> Result<(u64, u64), SifError> {
    let damaged = |what: &str| SifError::Damaged(format!("the header says {what}"));
    let total = u64::try_from(total).map_err(|_negative| damaged("a negative number of descriptors"))?;
    let offset = u64::try_from(offset).map_err(|_negative| damaged("a negative place of the descriptors"))?;
    let size = u64::try_from(size).map_err(|_negative| damaged("a negative size of the descriptors"))?;
    if total > MAX_DESCRIPTORS {
        return Err(SifError::TooMany { what: "descriptors", found: total, limit: MAX_DESCRIPTORS });
    }
    if total * DESCRIPTOR > size {
        return Err(damaged(&format!("{total} descriptors in {size} bytes, which hold {}", size / DESCRIPTOR)));
    }
    let end = offset.checked_add(total * DESCRIPTOR).ok_or_else(|| damaged("a place beyond any file"))?;
    if end > len {
        return Err(SifError::Truncated { what: "the table of descriptors".into(), end, len });
    }
    if total > 0 && offset < LENGTH {
        return Err(damaged("that the descriptors begin within the header"));
    }
    Ok((total, offset))
}

fn too_short(bytes: &[u8]) -> SifError {
    if bytes.get(32..42) == Some(b"SIF_MAGIC\0") {
        return SifError::Truncated { what: "the header".into(), end: LENGTH, len: bytes.len() as u64 };
    }
    SifError::NotSif(what_else(bytes))
}

/// What a file that is no SIF image seems to be.
fn what_else(bytes: &[u8]) -> &'static str {
    let begins = |magic: &[u8]| bytes.windows(magic.len()).take(64).any(|window| window == magic);
    let lower: Vec<u8> = bytes.iter().take(64).map(u8::to_ascii_lowercase).collect();
    if bytes.is_empty() {
        "the file is empty"
    } else if begins(b"hsqs") {
        "it is a bare squashfs image, as Singularity 2 made them"
    } else if lower.starts_with(b"<!doctype") || lower.starts_with(b"<html") {
        "it is a web page, perhaps from a failed download"
    } else if bytes.starts_with(b"version https://git-lfs") {
        "it is a pointer of Git LFS, not the file itself"
    } else {
        "it has no `SIF_MAGIC` in its header"
    }
}

/// A time, unless the image says none.
pub(super) fn moment(seconds: i64) -> Option<i64> {
    (seconds != NO_TIME).then_some(seconds)
}

/// The signed 64-bit integer at `at`, which lies within `bytes`.
pub(super) fn integer(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(bytes[at..at + 8].try_into().expect("the range has 8 bytes"))
}

/// Text up to the first NUL; what is not UTF-8 becomes U+FFFD.
pub(super) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).trim_end_matches('\n').to_owned()
}
