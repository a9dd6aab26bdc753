//! Squashfs 4.0, as far as a few files of known paths need it.
//!
//! The layout is that of Linux (`fs/squashfs/squashfs_fs.h`, and `Documentation/filesystems/
//! squashfs.rst`). Nothing is read but what a path leads through: the metadata blocks of its
//! folders and inodes, and the file's own blocks. So an image of a million files costs what
//! one of ten does, also where each byte has to be asked for from a registry.
//!
//! Blocks are unpacked by `backhand`. Its own tree is not used: it is made of the whole
//! image at once, by recursion and with the full path of each entry. A small image can make
//! that overflow the stack or take gigabytes, and neither can be caught.
//!
//! Invariants: every place is checked against the size of the partition; a metadata block
//! has at most 8 KiB and a data block what the superblock says; nothing is allocated by a
//! size in the image that was not held against a limit; [`budget`] bounds all work.

mod budget;
mod directory;
mod file;
mod inode;
mod metadata;
mod superblock;
mod unpack;

use super::source::Source;
use superblock::Superblock;

pub(super) use self::directory::Entry;
pub(super) use self::inode::Inode;

/// An opened file system: a part of a source.
pub(super) struct Squashfs<'s, S: Source + ?Sized> {
    part: Part<'s, S>,
    superblock: Superblock,
    blocks: metadata::Blocks,
    budget: budget::Budget,
}

/// The bytes of the file system: nothing outside of them is read.
struct Part<'s, S: Source + ?Sized> {
    source: &'s S,
    start: u64,
    size: u64,
}

impl<'s, S: Source + ?Sized> Squashfs<'s, S> {
    /// Reads the superblock of a file system at `start` with `size` bytes, which lie within
    /// the source.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub(super) fn open(source: &'s S, start: u64, size: u64) -> Result<Self, String> {
        let part = Part { source, start, size };
        let superblock = Superblock::read(&part)?;
        Ok(Self { part, superblock, blocks: metadata::Blocks::default(), budget: budget::Budget::default() })
    }

    /// The root folder's inode.
    pub(super) fn root(&self) -> Result<Inode, String> {
        self.inode(self.superblock.root)
    }
}

impl<S: Source + ?Sized> Part<'_, S> {
    /// Fills `into` with the bytes from `offset` on.
    fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), String> {
        let end = offset.checked_add(into.len() as u64).filter(|end| *end <= self.size);
        end.ok_or("it leads outside of its partition")?;
        self.source.read_at(self.start + offset, into).map_err(|error| format!("it cannot be read: {error}"))
    }
}

/// A little-endian number of the bytes at `at`, which are there.
fn number<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    let mut wide = [0; 8];
    wide[..N].copy_from_slice(&bytes[at..at + N]);
    u64::from_le_bytes(wide)
}
