//! How much may be done for one image: a small one can ask for much, since its blocks are
//! compressed, its folders may share their entries and its links lead anywhere.

use std::cell::Cell;

/// Most metadata blocks that are unpacked, of 8 KiB each: 64 MiB.
const BLOCKS: u64 = 8192;
/// Most entries of folders that are looked at.
const ENTRIES: u64 = 10_000_000;

/// What is left.
#[derive(Debug)]
pub(super) struct Budget {
    blocks: Cell<u64>,
    entries: Cell<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { blocks: Cell::new(BLOCKS), entries: Cell::new(ENTRIES) }
    }
}

impl Budget {
    /// A metadata block is unpacked.
    pub(super) fn block(&self) -> Result<(), String> {
        spend(&self.blocks, || format!("more than {BLOCKS} blocks of metadata would have to be unpacked"))
    }

    /// An entry of a folder is looked at.
    pub(super) fn entry(&self) -> Result<(), String> {
        spend(&self.entries, || format!("more than {ENTRIES} entries of folders would have to be looked at"))
    }
}

fn spend(left: &Cell<u64>, words: impl Fn() -> String) -> Result<(), String> {
    left.set(left.get().checked_sub(1).ok_or_else(words)?);
    Ok(())
}
