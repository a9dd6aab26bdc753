//! SIF, the Singularity Image Format: a reader for the files of Apptainer and Singularity.
//!
//! A file is a header, a table of descriptors, and data objects that the descriptors say
//! the places of. All integers are little-endian and nothing is padded. The layout is that
//! of the two reference implementations (`apptainer/sif` and `sylabs/sif`, `pkg/sif`,
//! version 01), which agree byte for byte:
//!
//! | at | length | header |
//! | --- | --- | --- |
//! | 0 | 32 | launch script, padded with NUL |
//! | 32 | 10 | `SIF_MAGIC` and NUL |
//! | 42 | 3 | version, `01` and NUL |
//! | 45 | 3 | architecture of the primary partition, two digits and NUL |
//! | 48 | 16 | UUID; zero in deterministic images |
//! | 64, 72 | 8 | created, modified: Unix seconds, signed |
//! | 80, 88 | 8 | descriptors free, descriptors in all |
//! | 96, 104 | 8 | descriptor table: offset, size |
//! | 112, 120 | 8 | data: offset, size |
//!
//! | at | length | descriptor, 585 bytes |
//! | --- | --- | --- |
//! | 0 | 4 | type of the object |
//! | 4 | 1 | whether the slot is used; a deleted object leaves a hole |
//! | 5 | 4 | id |
//! | 9 | 4 | group, with `0xF0000000` set |
//! | 13 | 4 | link: an id, or a group with `0xF0000000` set |
//! | 17, 25, 33 | 8 | offset, size, size with the padding before it |
//! | 41, 49 | 8 | created, modified |
//! | 57, 65 | 8 | uid, gid |
//! | 73 | 128 | name, padded with NUL, may fill all of it |
//! | 201 | 384 | extra, by type |
//!
//! - [`Source`]: where bytes are read from: a file, memory
//! - [`Image`]: the header and the objects, every range checked
//! - [`Object`], [`Kind`]: a descriptor, understood
//! - [`Inspection`]: labels, scripts, apps, architecture: what `apptainer inspect` tells
//! - [`Signature`]: who claims to have signed what, whether the digests are right, what a
//!   keyring says: three facts
//! - [`Report`]: all of it as one JSON value
//!
//! Invariants: nothing is read before its range is checked against the size of the file,
//! with checked arithmetic; no size from the file is allocated before it is held against a
//! limit; of an image, only the header and the descriptors are read when it is opened.
//! What two programs could read differently is refused, not repaired.

mod architecture;
mod attributes;
mod error;
mod header;
mod image;
mod inspection;
mod object;
mod report;
mod signature;
mod source;
mod squashfs;
mod tree;

pub use architecture::Architecture;
pub use attributes::{App, Attributes};
pub use error::SifError;
pub use header::Header;
pub use image::Image;
pub use inspection::{Found, Inspection};
pub use object::{FileSystem, HashKind, Kind, Link, Object, PartitionKind};
pub use report::Report;
pub use signature::{Form, Integrity, Signature, Verdict};
pub use source::{FileSource, Source};

#[cfg(test)]
mod tests;
