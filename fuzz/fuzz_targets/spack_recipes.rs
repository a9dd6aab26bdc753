//! Runs `spack_recipes` of `tests/it/fuzz_targets.rs` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| warecat_fuzz::spack_recipes(data));
