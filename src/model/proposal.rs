//! What an importer proposes for a catalog: pure values, not yet compared with it.
//!
//! Importers make proposals and diagnostics from foreign bytes; the catalog plans what
//! would change and applies it. Proposals are sorted by name, so the same input gives
//! the same proposals.

use super::map::Map;
use super::names::{ItemLabel, ModuleName, ReleaseName};
use super::plot::Plot;
use super::record::RecordCapsule;
use super::release::Metadata;
use super::ware::{Packtype, WareId, WarehouseAddr};
use crate::code::Code;

/// A module as its source describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleProposal {
    /// The module's name in the catalog.
    pub name: ModuleName,
    /// What it counts as in a report, such as `software` or `python`.
    pub kind: &'static str,
    /// The module's metadata, without `record`.
    pub metadata: Metadata,
    /// What upstream says of the module beyond its metadata.
    pub record: Option<RecordCapsule>,
    /// The releases, each name once, in any order.
    pub releases: Vec<ReleaseProposal>,
    /// Where the wares can be had, each ware once.
    pub mirrors: Vec<(WareId, Vec<WarehouseAddr>)>,
    /// Where all wares of a packtype can be had, of this module and of those below it.
    pub warehouses: Vec<(Packtype, WarehouseAddr)>,
}

/// A release as its source describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseProposal {
    /// The release's name.
    pub name: ReleaseName,
    /// Its items, in the source's order.
    pub items: Map<ItemLabel, WareId>,
    /// Its metadata, without `record` and `replay`, which the catalog adds.
    pub metadata: Metadata,
    /// How it was made.
    pub replay: Option<Plot>,
    /// What upstream says of it beyond its metadata.
    pub record: Option<RecordCapsule>,
    /// What is known of its builds: added to those that the release has, and never
    /// changed or taken away.
    pub builds: Vec<RecordCapsule>,
    /// The label of the item that stands in as long as no content is known. Where the
    /// release has another item, its presence or absence says nothing.
    pub stand_in: Option<ItemLabel>,
}

/// Something that an importer refused or found odd, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// `entry-refused` or `entry-odd`, or another code for what is wrong with it.
    pub code: Code,
    /// The file it stands in.
    pub file: String,
    /// Its JSON path in that file.
    pub path: String,
    /// What is wrong, and what was done about it.
    pub message: String,
}
