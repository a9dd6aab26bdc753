//! Unpacking one block.

use std::panic::{AssertUnwindSafe, catch_unwind};

use backhand::compression::{CompressionAction, Compressor, DefaultCompressor};

/// The bytes of a block, of which there are at most `limit`.
pub(super) fn unpack(packed: &[u8], compressor: Compressor, limit: usize) -> Result<Vec<u8>, String> {
    let run = || {
        let mut bytes = Vec::with_capacity(limit);
        DefaultCompressor.decompress(packed, &mut bytes, compressor).map(|()| bytes)
    };
    // Decoders have met millions of damaged blocks without a panic; one more must not end a
    // scan.
    let bytes = catch_unwind(AssertUnwindSafe(run)).map_err(|_panic| "a block is damaged")?;
    let bytes = bytes.map_err(|_error| "a block cannot be unpacked")?;
    if bytes.len() > limit { Err("a block is larger than it may be".into()) } else { Ok(bytes) }
}
