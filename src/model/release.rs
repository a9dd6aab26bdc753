//! A release: named items, each a ware, with metadata (`CatalogRelease`).

use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::cid::WarpforgeCid;
use super::codec;
use super::map::Map;
use super::names::{ItemLabel, ReleaseName};
use super::ware::{RawWareId, WareId};

/// Free-form facts, text to text, in the order of their document.
pub type Metadata = Map<String, String>;

/// A release, generic in how far its names are checked; see [`Release`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[serde(bound(
    serialize = "R: Serialize, I: Hash + Eq + Serialize, W: Serialize",
    deserialize = "R: Deserialize<'de>, I: Hash + Eq + Serialize + Deserialize<'de>, W: Serialize + Deserialize<'de>"
))]
pub struct ReleaseOf<R, I, W>
where
    I: Hash + Eq + Serialize,
    W: Serialize,
{
    /// The release's name, the same that its module and its file give it.
    pub release_name: R,
    /// The wares, by label; new ones are added at the end.
    pub items: Map<I, W>,
    /// Facts about the release; `metadata::RELEASE_KEYS` lists the well-known ones.
    pub metadata: Metadata,
}

/// A release whose names are all checked.
pub type Release = ReleaseOf<ReleaseName, ItemLabel, WareId>;

/// A release as Warpforge's parser takes it, with any names: only for telling what is
/// wrong with one, and for its CID.
pub type RawRelease = ReleaseOf<String, String, RawWareId>;

impl<R: Serialize, I: Hash + Eq + Serialize, W: Serialize> ReleaseOf<R, I, W> {
    /// The release's CID: of the whole document.
    #[must_use]
    pub fn cid(&self) -> WarpforgeCid {
        WarpforgeCid::of_block(&codec::block(self))
    }
}

impl Release {
    /// A release without items.
    #[must_use]
    pub fn new(name: ReleaseName) -> Self {
        Self { release_name: name, items: Map::new(), metadata: Map::new() }
    }
}
