//! A SIF image in a registry, read in parts.
//!
//! Invariant: no more than [`BUDGET`] bytes are ever read of one image. What was read is
//! not read again.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::import::sif::Source;
use crate::mirror::oci::{Registry, Repository};
use crate::model::Digest;

/// How much is asked for at least, in bytes.
const BLOCK: u64 = 32 << 10;
/// The most that is read of one image, in bytes; what requests and answers add to that
/// stays below another 64 KiB.
pub(super) const BUDGET: u64 = 768 << 10;

/// A blob that is read in parts.
pub(super) struct BlobSource<'r> {
    registry: &'r Registry,
    repository: &'r Repository,
    digest: Digest,
    size: u64,
    blocks: Mutex<BTreeMap<u64, Vec<u8>>>,
    /// What the registry did not give, the first time.
    failed: Mutex<Option<String>>,
}

impl<'r> BlobSource<'r> {
    /// The blob with this digest and size.
    pub(super) fn new(registry: &'r Registry, repository: &'r Repository, digest: Digest, size: u64) -> Self {
        Self { registry, repository, digest, size, blocks: Mutex::default(), failed: Mutex::default() }
    }

    /// Why the registry did not give what was asked for, if it did not: what was read then
    /// is not all that there is.
    pub(super) fn failure(self) -> Option<String> {
        self.failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the blocks from `first` to before `end` that are not there yet, in as few
    /// requests as possible.
    fn fill(&self, blocks: &mut BTreeMap<u64, Vec<u8>>, first: u64, end: u64) -> io::Result<()> {
        let held: u64 = blocks.values().map(|block| block.len() as u64).sum();
        let missing: Vec<u64> = (first..end).take(usize::try_from(BUDGET / BLOCK + 1).unwrap_or(1)).collect();
        let missing: Vec<u64> = missing.into_iter().filter(|number| !blocks.contains_key(number)).collect();
        if held + missing.len() as u64 * BLOCK > BUDGET {
            let message = format!("more than {} KiB of the image would have to be transferred", BUDGET >> 10);
            return Err(io::Error::other(message));
        }
        for run in missing.chunk_by(|a, b| a + 1 == *b) {
            let (Some(start), Some(last)) = (run.first(), run.last()) else { continue };
            let range = start * BLOCK..((last + 1) * BLOCK).min(self.size);
            let read = self.registry.blob_range(self.repository, &self.digest, self.size, range);
            let bytes = read.map_err(|error| {
                let problem = error.to_string();
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert_with(|| problem.clone());
                io::Error::other(problem)
            })?;
            let parts = bytes.chunks(usize::try_from(BLOCK).unwrap_or(usize::MAX));
            blocks.extend(run.iter().copied().zip(parts.map(<[u8]>::to_vec)));
        }
        Ok(())
    }
}

impl Source for BlobSource<'_> {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(into.len() as u64).filter(|end| *end <= self.size);
        let Some(end) = end else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        if into.is_empty() {
            return Ok(());
        }
        let (first, last) = (offset / BLOCK, (end - 1) / BLOCK);
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        self.fill(&mut blocks, first, last + 1)?;
        let mut at = offset;
        for number in first..=last {
            let block = blocks.get(&number).ok_or(io::ErrorKind::UnexpectedEof)?;
            let inner = usize::try_from(at - number * BLOCK).map_err(io::Error::other)?;
            let done = usize::try_from(at - offset).map_err(io::Error::other)?;
            let part = block.get(inner..).ok_or(io::ErrorKind::UnexpectedEof)?;
            let length = part.len().min(into.len() - done);
            into[done..done + length].copy_from_slice(&part[..length]);
            at += length as u64;
        }
        Ok(())
    }
}
