//! What a build notes of a file that it wrote, so that the next can tell whether it still
//! lies there as it was left.
//!
//! A file whose length, inode and times are those of the note is the same, unless it was
//! written at about the time at which the note was kept: then, and whenever the times
//! differ (a copy, a restored cache), its bytes are read and compared by their hash.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::answers::digest;
use super::bytes::{Decoder, Encoder};

/// How long before a note was kept a file must have been written, in nanoseconds: longer
/// than the steps in which file systems count time.
const MARGIN: i64 = 50_000_000;
/// The same where a file system counts in whole seconds.
const COARSE_MARGIN: i64 = 2_000_000_000;

/// A file as it was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// Its path below the output folder.
    pub(super) path: String,
    /// The hash of its bytes.
    pub(super) hash: u128,
    /// The hash of what it was made of, or 0 where nothing but its bytes is known.
    pub(super) made_of: u128,
    /// How many bytes it has.
    pub(super) length: u64,
    pub(super) stamp: Stamp,
}

/// What shows a change of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    modified: i64,
    changed: i64,
}

fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        Self {
            inode: found.ino(),
            modified: nanoseconds(found.mtime(), found.mtime_nsec()),
            changed: nanoseconds(found.ctime(), found.ctime_nsec()),
        }
    }

    /// Whether a change after this time would show, given when the note was kept.
    fn is_before(&self, kept: i64) -> bool {
        let is_coarse = self.changed % 1_000_000_000 == 0;
        self.changed.saturating_add(if is_coarse { COARSE_MARGIN } else { MARGIN }) < kept
    }
}

/// When a file was last changed, in nanoseconds.
pub(super) fn changed(found: &Metadata) -> i64 {
    Stamp::of(found).changed
}

/// How a file lies there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// As the note says.
    Same,
    /// The same bytes, but the note's times say less than those of this one.
    Again(Note),
    /// Otherwise, or not at all.
    Otherwise,
}

impl Note {
    /// The note of a file that was just written or compared.
    pub(super) fn new(path: &str, hash: u128, made_of: u128, found: &Metadata) -> Self {
        Self { path: path.to_owned(), hash, made_of, length: found.len(), stamp: Stamp::of(found) }
    }

    /// Whether the file is as it was left; `kept` is when the note was.
    pub(super) fn look(&self, path: &Path, kept: i64) -> Left {
        let Ok(found) = fs::symlink_metadata(path) else { return Left::Otherwise };
        if !found.is_file() || found.len() != self.length {
            return Left::Otherwise;
        }
        if Stamp::of(&found) == self.stamp && self.stamp.is_before(kept) {
            return Left::Same;
        }
        match fs::read(path) {
            Ok(bytes) if digest(&bytes) == self.hash => Left::Again(Self { stamp: Stamp::of(&found), ..self.clone() }),
            _ => Left::Otherwise,
        }
    }

    pub(super) fn write(&self, to: &mut Encoder) {
        to.bytes(self.path.as_bytes());
        to.wide(self.hash);
        to.wide(self.made_of);
        to.number(self.length);
        to.number(self.stamp.inode);
        to.number(self.stamp.modified.cast_unsigned());
        to.number(self.stamp.changed.cast_unsigned());
    }

    pub(super) fn read(from: &mut Decoder<'_>) -> Option<Self> {
        Some(Self {
            path: from.text()?.to_owned(),
            hash: from.wide()?,
            made_of: from.wide()?,
            length: from.number()?,
            stamp: Stamp {
                inode: from.number()?,
                modified: from.number()?.cast_signed(),
                changed: from.number()?.cast_signed(),
            },
        })
    }
}
