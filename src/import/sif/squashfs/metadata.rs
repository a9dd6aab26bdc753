//! Metadata: inodes and entries of folders, in a chain of blocks of at most 8 KiB.
//!
//! A block is two bytes, its length on disk and whether it is *not* compressed, and so many
//! bytes. What is larger than the rest of a block goes on in the next.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::unpack::unpack;
use super::{Squashfs, number};
use crate::import::sif::source::Source;

/// The size of a block, unpacked.
const BLOCK: usize = 8192;
/// Set in the length of a block that is not compressed.
const PLAIN: u64 = 1 << 15;
/// How many unpacked blocks are kept.
const KEPT: usize = 256;

/// A place in a table: a block, by its place on disk from the table's start, and how far
/// into that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: u64,
    pub(super) offset: usize,
}

impl Place {
    /// The place that an inode is named by: 48 bits and 16 bits.
    pub(super) fn of_reference(reference: u64) -> Self {
        Self { block: reference >> 16, offset: usize::from(reference as u16) }
    }
}

/// Blocks that were unpacked, by their place in the partition.
#[derive(Default)]
pub(super) struct Blocks(RefCell<BTreeMap<u64, Rc<Block>>>);

struct Block {
    bytes: Vec<u8>,
    /// Where the next one is, in the partition.
    next: u64,
}

/// Reads a table from a place on.
pub(super) struct Cursor<'f, 's, S: Source + ?Sized> {
    files: &'f Squashfs<'s, S>,
    block: Rc<Block>,
    at: usize,
}

impl<'s, S: Source + ?Sized> Squashfs<'s, S> {
    /// A cursor at a place of the table that begins at `table`.
    pub(super) fn cursor(&self, table: u64, place: Place) -> Result<Cursor<'_, 's, S>, String> {
        let block = self.block(table.checked_add(place.block).ok_or("it leads outside of its partition")?)?;
        if place.offset > block.bytes.len() {
            return Err("it leads outside of a block".into());
        }
        Ok(Cursor { files: self, block, at: place.offset })
    }

    fn block(&self, at: u64) -> Result<Rc<Block>, String> {
        if let Some(block) = self.blocks.0.borrow().get(&at) {
            return Ok(block.clone());
        }
        self.budget.block()?;
        let mut head = [0; 2];
        self.part.read(at, &mut head)?;
        let head = number::<2>(&head, 0);
        let length = usize::try_from(head & !PLAIN).unwrap_or(usize::MAX);
        if length == 0 || length > BLOCK {
            return Err("a block of metadata has no possible length".into());
        }
        let mut bytes = vec![0; length];
        self.part.read(at + 2, &mut bytes)?;
        if head & PLAIN == 0 {
            bytes = unpack(&bytes, self.superblock.compressor, BLOCK)?;
        }
        let block = Rc::new(Block { bytes, next: at + 2 + length as u64 });
        let mut kept = self.blocks.0.borrow_mut();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(at, block.clone());
        Ok(block)
    }
}

impl<S: Source + ?Sized> Cursor<'_, '_, S> {
    /// The next `N` bytes.
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Fills `into` with the next bytes.
    pub(super) fn fill(&mut self, mut into: &mut [u8]) -> Result<(), String> {
        while !into.is_empty() {
            if self.at == self.block.bytes.len() {
                self.block = self.files.block(self.block.next)?;
                self.at = 0;
            }
            let rest = &self.block.bytes[self.at..];
            let length = rest.len().min(into.len());
            if length == 0 {
                return Err("a block of metadata is empty".into());
            }
            let (now, later) = into.split_at_mut(length);
            now.copy_from_slice(&rest[..length]);
            self.at += length;
            into = later;
        }
        Ok(())
    }
}
