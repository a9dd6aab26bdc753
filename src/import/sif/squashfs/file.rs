//! The content of a file: blocks in a row, and what is left over in a shared fragment.

use super::inode::File;
use super::metadata::Place;
use super::unpack::unpack;
use super::{Squashfs, number};
use crate::import::sif::source::Source;

/// Set in the size of a block that is not compressed.
const PLAIN: u64 = 1 << 24;
/// How many fragments one metadata block describes, each in 16 bytes.
const FRAGMENTS: u64 = 512;

impl<S: Source + ?Sized> Squashfs<'_, S> {
    /// The content of a file whose size was held against a limit.
    pub(in crate::import::sif) fn content(&self, file: &File) -> Result<Vec<u8>, String> {
        let size = usize::try_from(file.size).map_err(|_wide| "it is too large")?;
        let block = self.superblock.block;
        let whole = if file.fragment.is_some() { size / block } else { size.div_ceil(block) };
        let mut content = Vec::with_capacity(size);
        let (inode, into) = file.sizes;
        let mut sizes = self.cursor(self.superblock.inode_table, inode)?;
        sizes.fill(&mut vec![0; into])?;
        let mut at = file.start;
        for _ in 0..whole {
            let said = number::<4>(&sizes.take::<4>()?, 0);
            let length = block.min(size - content.len());
            let (bytes, on_disk) = self.data(at, said, length)?;
            if bytes.len() < length {
                return Err("a block has less than its part of the file".into());
            }
            content.extend_from_slice(&bytes);
            at = at.checked_add(on_disk).ok_or("it leads outside of its partition")?;
        }
        let left = size - content.len();
        if let Some((number, offset)) = file.fragment.filter(|_| left > 0) {
            let (at, said) = self.fragment(number)?;
            let (bytes, _on_disk) = self.data(at, said, block)?;
            let end = offset.checked_add(left).ok_or("it leads outside of its fragment")?;
            content.extend_from_slice(bytes.get(offset..end).ok_or("it leads outside of its fragment")?);
        }
        Ok(content)
    }

    /// A block at a place of the partition, of which at most `most` bytes are to be there,
    /// and how much room it takes. One without any on disk is all zero.
    fn data(&self, at: u64, said: u64, most: usize) -> Result<(Vec<u8>, u64), String> {
        let on_disk = said & !PLAIN;
        if on_disk == 0 {
            return Ok((vec![0; most], 0));
        }
        let length = usize::try_from(on_disk).unwrap_or(usize::MAX);
        if length > self.superblock.block {
            return Err("a block is larger than it may be".into());
        }
        let mut bytes = vec![0; length];
        self.part.read(at, &mut bytes)?;
        if said & PLAIN == 0 {
            bytes = unpack(&bytes, self.superblock.compressor, self.superblock.block)?;
        }
        if bytes.len() > most {
            return Err("a block has more than is left of its file".into());
        }
        Ok((bytes, on_disk))
    }

    /// Where a fragment is, and its size as it is said.
    fn fragment(&self, wanted: u64) -> Result<(u64, u64), String> {
        if wanted >= self.superblock.fragments {
            return Err("it names a fragment that is not there".into());
        }
        let mut place = [0; 8];
        let listed = (wanted / FRAGMENTS).checked_mul(8);
        let listed = listed.and_then(|listed| listed.checked_add(self.superblock.fragment_table));
        self.part.read(listed.ok_or("it leads outside of its partition")?, &mut place)?;
        let offset = usize::try_from(wanted % FRAGMENTS).unwrap_or(usize::MAX) * 16;
        let mut cursor = self.cursor(number::<8>(&place, 0), Place { block: 0, offset })?;
        let entry: [u8; 16] = cursor.take()?;
        Ok((number::<8>(&entry, 0), number::<4>(&entry, 8)))
    }
}
