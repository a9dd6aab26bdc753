//! Inodes: what an entry of a folder is, and where its content is.

use super::metadata::{Cursor, Place};
use super::{Squashfs, number};
use crate::import::sif::source::Source;

/// Longest target of a link that is read, in bytes; that of Linux.
const MAX_TARGET: u64 = 4096;
/// The fragment of a file that has none.
const NO_FRAGMENT: u64 = 0xFFFF_FFFF;

/// An inode, understood as far as it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import::sif) enum Inode {
    /// A folder.
    Folder(Folder),
    /// A regular file.
    File(File),
    /// A symbolic link, and where it leads to.
    Link(Vec<u8>),
    /// A device, a FIFO, a socket.
    Other,
}

/// Where the entries of a folder are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import::sif) struct Folder {
    pub(super) entries: Place,
    /// How many bytes of entries there are.
    pub(super) length: u64,
}

/// Where the content of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import::sif) struct File {
    /// Its size, in bytes.
    pub(in crate::import::sif) size: u64,
    /// Where its blocks begin, in the partition.
    pub(super) start: u64,
    /// Its last bytes, where they stand in a block with those of others: which, and where.
    pub(super) fragment: Option<(u64, usize)>,
    /// Where the sizes of its blocks stand: an inode, and how far into it.
    pub(super) sizes: (Place, usize),
}

impl<S: Source + ?Sized> Squashfs<'_, S> {
    /// The inode at a place.
    pub(super) fn inode(&self, at: Place) -> Result<Inode, String> {
        let mut cursor = self.cursor(self.superblock.inode_table, at)?;
        let header: [u8; 16] = cursor.take()?;
        let place = |block: u64, offset: u64| Place { block, offset: usize::try_from(offset).unwrap_or(usize::MAX) };
        // An empty folder is said to have 3 bytes, which stand for `.` and `..`.
        let folder = |entries: Place, size: u64| Inode::Folder(Folder { entries, length: size.saturating_sub(3) });
        let fragment = |number: u64, offset: u64| {
            (number != NO_FRAGMENT).then(|| (number, usize::try_from(offset).unwrap_or(usize::MAX)))
        };
        Ok(match number::<2>(&header, 0) {
            1 => {
                let own: [u8; 16] = cursor.take()?;
                folder(place(number::<4>(&own, 0), number::<2>(&own, 10)), number::<2>(&own, 8))
            }
            8 => {
                let own: [u8; 24] = cursor.take()?;
                folder(place(number::<4>(&own, 8), number::<2>(&own, 18)), number::<4>(&own, 4))
            }
            2 => {
                let own: [u8; 16] = cursor.take()?;
                Inode::File(File {
                    size: number::<4>(&own, 12),
                    start: number::<4>(&own, 0),
                    fragment: fragment(number::<4>(&own, 4), number::<4>(&own, 8)),
                    sizes: (at, 32),
                })
            }
            9 => {
                let own: [u8; 40] = cursor.take()?;
                Inode::File(File {
                    size: number::<8>(&own, 8),
                    start: number::<8>(&own, 0),
                    fragment: fragment(number::<4>(&own, 28), number::<4>(&own, 32)),
                    sizes: (at, 56),
                })
            }
            3 | 10 => Inode::Link(target(&mut cursor)?),
            4..=7 | 11..=14 => Inode::Other,
            other => return Err(format!("an inode has the unknown type {other}")),
        })
    }
}

fn target<S: Source + ?Sized>(cursor: &mut Cursor<'_, '_, S>) -> Result<Vec<u8>, String> {
    let own: [u8; 8] = cursor.take()?;
    let length = number::<4>(&own, 4);
    if length > MAX_TARGET {
        return Err(format!("a link has {length} bytes, more than {MAX_TARGET}"));
    }
    let mut target = vec![0; usize::try_from(length).map_err(|_wide| "a link is too long")?];
    cursor.fill(&mut target)?;
    Ok(target)
}
