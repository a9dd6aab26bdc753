//! Documents and names: pure values, their text, their dag-cbor and their CIDs.
//!
//! Invariants: a value of a checked type obeys its rules, since its constructors refuse
//! all else; nothing here reads a file, a clock or the environment. May use `code` and
//! `text` only.

pub mod codec;
pub mod metadata;
pub mod order;
pub mod target;
pub mod upstream;

mod architecture;
mod by_name;
mod cid;
mod demand;
mod digest;
mod lenient;
mod location;
mod map;
mod mirrors;
mod module;
mod moment;
mod names;
mod plot;
mod proposal;
mod record;
mod refs;
mod release;
mod source;
mod source_version;
mod text_form;
mod value;
mod ware;

pub use architecture::Architecture;
pub use cid::{BytesCid, CidError, RecordCid, WarpforgeCid};
pub use demand::{Demand, Job, JobPlace, Wanted, WantedImage, WantedKind};
pub use digest::{Digest, DigestError};
pub use location::{CVMFS, Location, LocationCapsule, LocationError};
pub use map::Map;
pub use mirrors::{Mirrors, MirrorsCapsule, RawMirrorsCapsule};
pub use module::{Module, ModuleCapsule, RawModuleCapsule};
pub use moment::Moment;
pub use names::{
    ItemLabel, LocalLabel, MAX_MODULE, MAX_PARTS, MAX_RELEASE, MAX_SEGMENT, ModuleName, NameError, NameKind,
    ReleaseName, Rule, folded,
};
pub use plot::{
    Action, EchoAction, ExecAction, FilterMap, GatherDirective, Ingest, MOST_LEAKS, Mount, MountMode, Pipe, Plot,
    PlotCapsule, PlotError, PlotInput, PlotInputComplex, PlotInputSimple, PlotOutput, Protoformula, SandboxPort,
    ScriptAction, Step,
};
pub use proposal::{Diagnostic, ModuleProposal, ReleaseProposal};
pub use record::{Record, RecordCapsule};
pub use refs::{CatalogRef, RefError, ReleaseRef};
pub use release::{Metadata, RawRelease, Release};
pub use source::{Source, SourceCapsule, SourceFile};
pub use source_version::{SOURCE, SourceVersion, SourceVersionCapsule, SourceVersionError};
pub use value::{MAX_DEPTH, Value};
pub use ware::{Packtype, RawWareId, WareError, WareId, WarehouseAddr};

/// Reads an optional field that is there: `null` is not a value of Warpforge's schema.
fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
