//! Importers: foreign bytes to proposals and diagnostics.
//!
//! Invariants: an importer is pure. It reads bytes that it is given, never a file, a
//! clock or the environment, and never writes; the same bytes give the same proposals
//! and diagnostics. Every field is held against a grammar before it becomes data, and
//! one bad entry is a [`crate::model::Diagnostic`] with its JSON path, not the end.
//!
//! What must fetch, because only what was read says what to read next, is in a module
//! named `gather` and uses `mirror`; it hands bytes to the pure rest. It may keep downloads
//! in the cache that it is given, and writes nothing else.
//!
//! [`references`] is pure in the same way and gives what jobs ask for, no proposals.

pub mod apptainer;
pub mod eessi;
pub mod image;
pub mod names;
pub mod oci;
pub mod openpgp;
pub mod references;
pub mod sif;
pub mod spack;

mod error;
mod link;
mod redact;
mod report;

pub use error::SourceError;
pub use report::{Import, SourceFacts};
