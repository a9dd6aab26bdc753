//! Entries of folders: runs of at most 256, each run with a header for all of its inodes.

use super::inode::{Folder, Inode};
use super::metadata::{Cursor, Place};
use super::{Squashfs, number};
use crate::import::sif::source::Source;

/// Most entries behind one header.
const MAX_RUN: u64 = 256;
/// Longest name, in bytes; that of Linux.
const MAX_NAME: u64 = 256;
/// The type of a folder, as entries say it.
const FOLDER: u64 = 1;

/// An entry of a folder.
pub(in crate::import::sif) struct Entry {
    /// Its name, which is no path.
    pub(in crate::import::sif) name: Vec<u8>,
    /// Whether it says that it is a folder.
    pub(in crate::import::sif) is_folder: bool,
    inode: Place,
}

impl<S: Source + ?Sized> Squashfs<'_, S> {
    /// What stands in a folder under a name.
    pub(in crate::import::sif) fn look_up(&self, folder: Folder, name: &[u8]) -> Result<Option<Inode>, String> {
        let mut found = None;
        self.walk(folder, |entry| {
            if entry.name == name {
                found = Some(entry.inode);
            }
            found.is_none()
        })?;
        found.map(|place| self.inode(place)).transpose()
    }

    /// What an entry stands for.
    pub(in crate::import::sif) fn inode_of(&self, entry: &Entry) -> Result<Inode, String> {
        self.inode(entry.inode)
    }

    /// The entries of a folder, at most so many.
    pub(in crate::import::sif) fn entries(&self, folder: Folder, most: usize) -> Result<Vec<Entry>, String> {
        let mut found = Vec::new();
        self.walk(folder, |entry| {
            found.push(entry);
            found.len() < most
        })?;
        Ok(found)
    }

    /// Goes through the entries of a folder for as long as `next` wants more.
    fn walk(&self, folder: Folder, mut next: impl FnMut(Entry) -> bool) -> Result<(), String> {
        let mut left = folder.length;
        if left == 0 {
            return Ok(());
        }
        let mut cursor = self.cursor(self.superblock.directory_table, folder.entries)?;
        let mut spend = |bytes: u64| {
            left = left.checked_sub(bytes).ok_or("a folder ends within an entry")?;
            Ok::<_, String>(left)
        };
        loop {
            spend(12)?;
            let header: [u8; 12] = cursor.take()?;
            let (count, block) = (number::<4>(&header, 0) + 1, number::<4>(&header, 4));
            if count > MAX_RUN {
                return Err(format!("a folder has {count} entries behind one header"));
            }
            let mut rest = 0;
            for _ in 0..count {
                self.budget.entry()?;
                spend(8)?;
                let (entry, name_length) = entry(&mut cursor, block)?;
                rest = spend(name_length)?;
                if is_name(&entry.name) && !next(entry) {
                    return Ok(());
                }
            }
            if rest == 0 {
                return Ok(());
            }
        }
    }
}

/// The entry at a cursor, and how many bytes its name has.
fn entry<S: Source + ?Sized>(cursor: &mut Cursor<'_, '_, S>, block: u64) -> Result<(Entry, u64), String> {
    let head: [u8; 8] = cursor.take()?;
    let length = number::<2>(&head, 6) + 1;
    if length > MAX_NAME {
        return Err(format!("a name has {length} bytes, more than {MAX_NAME}"));
    }
    let mut name = vec![0; usize::try_from(length).map_err(|_wide| "a name is too long")?];
    cursor.fill(&mut name)?;
    let offset = usize::try_from(number::<2>(&head, 0)).unwrap_or(usize::MAX);
    let is_folder = number::<2>(&head, 4) == FOLDER;
    Ok((Entry { name, is_folder, inode: Place { block, offset } }, length))
}

/// Whether bytes are one part of a path. What is not cannot be reached, and is passed over.
fn is_name(name: &[u8]) -> bool {
    !matches!(name, b"." | b"..") && !name.iter().any(|byte| matches!(byte, b'/' | 0))
}
