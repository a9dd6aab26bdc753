//! Concrete specs: nodes of spec JSON, their hashes, what they become.
//!
//! | Spack | catalog |
//! | --- | --- |
//! | package | module `<prefix>/<package>` |
//! | node | release `<version>-<dag hash>` |
//! | tarball in a build cache | item `<platform>-<os>-<target>`, a `spack` ware |
//! | `dag_hash` | item `spec` as long as no tarball is known; a `spec` ware |
//! | dependencies of every type | inputs of a derived replay |
//!
//! Record: `spack.spec`, with `format` and `node`, the node's JSON verbatim; it is the
//! same whatever file the node stands in. Build caches add what they know of the tarball.
//!
//! Invariants: no node is taken whose hash does not hold (`verify.rs`), unless it says
//! that it is spliced; the same files in any order give an equal result. Absent: format 1
//! (Spack 0.16 and older), whose hashes were taken of YAML.

mod aliases;
mod document;
mod graph;
mod hash;
mod importer;
mod node;
mod propose;
mod python;
mod replay;
mod shape;
mod verify;

use crate::model::{Digest, Map, Metadata, ModuleName, Value, WarehouseAddr};

pub use self::document::{Document, MAX_FILE};
pub use self::graph::Graph;
pub use self::hash::{DagHash, DagHashError};
pub use self::importer::Importer;
pub(crate) use self::importer::refuse_file;
pub use self::node::{Arch, Compiler, DepType, Dependency, External, Node, Place};
pub(crate) use self::propose::propose;
pub use self::verify::Proof;

/// Where specs are imported to, and what they count as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name above all modules, such as `specs.spack.io`.
    pub prefix: ModuleName,
    /// What the modules count as in a report, such as `spec`.
    pub kind: &'static str,
    /// The metadata `source` of releases: which source they came from.
    pub source: &'static str,
}

impl Options {
    /// For specs as such, below this prefix. The source is the same whichever file they
    /// stand in, so that a release is too.
    #[must_use]
    pub fn new(prefix: ModuleName) -> Self {
        Self { prefix, kind: "spec", source: "spack" }
    }
}

/// What a build cache knows of a node's tarball.
#[derive(Debug, Clone, PartialEq)]
pub struct Tarball {
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// Where it can be had.
    pub mirrors: Vec<WarehouseAddr>,
    /// More metadata of the release, such as `signed-by`.
    pub facts: Metadata,
    /// More fields of the record, such as the image's tag.
    pub record: Map<String, Value>,
}
