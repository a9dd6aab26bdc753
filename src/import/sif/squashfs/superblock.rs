//! The superblock, 96 bytes at the start: sizes, and where the tables are.

use backhand::compression::Compressor;

use super::metadata::Place;
use super::{Part, number};
use crate::import::sif::source::Source;

const LENGTH: usize = 96;
/// The limits of Linux for the size of a data block, in bytes.
const BLOCK: std::ops::RangeInclusive<u64> = 4096..=1 << 20;

/// What the superblock says, checked.
#[derive(Debug)]
pub(super) struct Superblock {
    /// How blocks are compressed.
    pub(super) compressor: Compressor,
    /// The size of a data block, in bytes.
    pub(super) block: usize,
    /// How many fragments there are.
    pub(super) fragments: u64,
    /// Where the list of the blocks of fragments is.
    pub(super) fragment_table: u64,
    /// Where inodes begin.
    pub(super) inode_table: u64,
    /// Where entries of folders begin.
    pub(super) directory_table: u64,
    /// The inode of the root folder.
    pub(super) root: Place,
}

impl Superblock {
    pub(super) fn read(part: &Part<'_, impl Source + ?Sized>) -> Result<Self, String> {
        let mut bytes = [0; LENGTH];
        part.read(0, &mut bytes)?;
        if bytes[..4] != *b"hsqs" {
            return Err("it has no squashfs superblock".into());
        }
        let version = (number::<2>(&bytes, 28), number::<2>(&bytes, 30));
        if version != (4, 0) {
            return Err(format!("its version {}.{} is not known; 4.0 is", version.0, version.1));
        }
        let block = number::<4>(&bytes, 12);
        if !BLOCK.contains(&block) || !block.is_power_of_two() || number::<2>(&bytes, 22) != u64::from(block.ilog2()) {
            return Err(format!("its blocks cannot have {block} bytes"));
        }
        let used = number::<8>(&bytes, 40);
        if used > part.size {
            return Err(format!("it says that it has {used} bytes, but its partition has {}", part.size));
        }
        Ok(Self {
            compressor: compressor(number::<2>(&bytes, 20))?,
            block: usize::try_from(block).map_err(|_wide| "its blocks are too large")?,
            fragments: number::<4>(&bytes, 16),
            fragment_table: number::<8>(&bytes, 80),
            inode_table: number::<8>(&bytes, 64),
            directory_table: number::<8>(&bytes, 72),
            root: Place::of_reference(number::<8>(&bytes, 32)),
        })
    }
}

fn compressor(number: u64) -> Result<Compressor, String> {
    match number {
        1 => Ok(Compressor::Gzip),
        4 => Ok(Compressor::Xz),
        5 => Ok(Compressor::Lz4),
        6 => Ok(Compressor::Zstd),
        2 => Err("its compression by LZMA is not read".into()),
        3 => Err("its compression by LZO is not read".into()),
        other => Err(format!("its compression has the unknown number {other}")),
    }
}
