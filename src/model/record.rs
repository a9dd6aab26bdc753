//! Records: what upstream says beyond a release's metadata, kept whole.
//!
//! A record is ours, so it is hashed with BLAKE3; it lies at `_records/<cid>.json` of
//! its module and is named by the metadata key `record`.

use serde::{Deserialize, Serialize};

use super::cid::RecordCid;
use super::codec;
use super::value::Value;

/// The capsule that gives a record its version; it has exactly one member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RecordCapsule {
    /// Version 1.
    #[serde(rename = "record.v1")]
    V1(Record),
}

/// What upstream says, in its own shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What the data is, such as `eessi.version`; importers document their kinds.
    pub kind: String,
    /// Upstream's own data.
    pub data: Value,
}

impl RecordCapsule {
    /// The record's CID: of the capsule.
    #[must_use]
    pub fn cid(&self) -> RecordCid {
        RecordCid::of_block(&codec::block(self))
    }

    /// The record inside.
    #[must_use]
    pub fn into_inner(self) -> Record {
        let Self::V1(record) = self;
        record
    }
}
