//! Runs `sif` of `tests/it/fuzz_targets.rs` under libFuzzer, within 64 MB of memory.
#![no_main]

use warecat_fuzz::memory::{Counting, within};

#[global_allocator]
static MEMORY: Counting = Counting;

libfuzzer_sys::fuzz_target!(|data: &[u8]| within(64_000_000, || warecat_fuzz::sif(data)));
