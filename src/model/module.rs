//! A module: its releases by CID, with metadata (`CatalogModule` in its capsule).

use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::cid::WarpforgeCid;
use super::codec;
use super::map::Map;
use super::names::{ModuleName, ReleaseName};
use super::release::Metadata;

/// The capsule that gives a module document its version; it has exactly one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "M: Serialize, R: Hash + Eq + Serialize, C: Serialize",
    deserialize = "M: Deserialize<'de>, R: Hash + Eq + Serialize + Deserialize<'de>, C: Serialize + Deserialize<'de>"
))]
pub enum ModuleCapsuleOf<M, R, C>
where
    R: Hash + Eq + Serialize,
    C: Serialize,
{
    /// Version 1.
    #[serde(rename = "catalogmodule.v1")]
    V1(ModuleOf<M, R, C>),
}

/// A module, generic in how far its names are checked; see [`Module`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    serialize = "M: Serialize, R: Hash + Eq + Serialize, C: Serialize",
    deserialize = "M: Deserialize<'de>, R: Hash + Eq + Serialize + Deserialize<'de>, C: Serialize + Deserialize<'de>"
))]
pub struct ModuleOf<M, R, C>
where
    R: Hash + Eq + Serialize,
    C: Serialize,
{
    /// The module's name, the same that its folder gives it.
    pub name: M,
    /// The releases, in natural order, each by the CID of its document.
    pub releases: Map<R, C>,
    /// Facts about the module; `metadata::MODULE_KEYS` lists the well-known ones.
    pub metadata: Metadata,
}

/// A module whose names and CIDs are all checked.
pub type Module = ModuleOf<ModuleName, ReleaseName, WarpforgeCid>;
/// The capsule of a [`Module`].
pub type ModuleCapsule = ModuleCapsuleOf<ModuleName, ReleaseName, WarpforgeCid>;
/// A module capsule as Warpforge's parser takes it, with any names.
pub type RawModuleCapsule = ModuleCapsuleOf<String, String, String>;

impl<M: Serialize, R: Hash + Eq + Serialize, C: Serialize> ModuleCapsuleOf<M, R, C> {
    /// The module's CID: of the capsule, as the schema's `&CatalogModuleCapsule` says.
    #[must_use]
    pub fn cid(&self) -> WarpforgeCid {
        WarpforgeCid::of_block(&codec::block(self))
    }

    /// The module inside.
    #[must_use]
    pub fn into_inner(self) -> ModuleOf<M, R, C> {
        let Self::V1(module) = self;
        module
    }
}

impl Module {
    /// A module without releases.
    #[must_use]
    pub fn new(name: ModuleName) -> Self {
        Self { name, releases: Map::new(), metadata: Map::new() }
    }
}
