//! The bodies of the fuzz targets, which the ordinary tests replay a corpus through.
//!
//! They stand in `tests/it/fuzz_targets.rs`, so that `cargo test` needs nothing of this
//! folder.

pub mod memory;

#[path = "../../tests/it/fuzz_targets.rs"]
mod targets;

pub use targets::{config, dag_cbor, jobs, json_document, names, references, sif, spack_recipes, spack_spec};
