//! Where a module's wares can be had (`CatalogMirrors` in its capsule).

use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::cid::WarpforgeCid;
use super::codec;
use super::map::Map;
use super::names::ModuleName;
use super::present;
use super::ware::{Packtype, RawWareId, WareId, WarehouseAddr};

/// The capsule that gives a mirrors document its version; it has exactly one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "W: Hash + Eq + Serialize, M: Hash + Eq + Serialize, P: Hash + Eq + Serialize, A: Serialize",
    deserialize = "W: Hash + Eq + Serialize + Deserialize<'de>, M: Hash + Eq + Serialize + Deserialize<'de>, P: Hash + Eq + Serialize + Deserialize<'de>, A: Serialize + Deserialize<'de>"
))]
pub enum MirrorsCapsuleOf<W, M, P, A>
where
    W: Hash + Eq + Serialize,
    M: Hash + Eq + Serialize,
    P: Hash + Eq + Serialize,
    A: Serialize,
{
    /// Version 1.
    #[serde(rename = "catalogmirrors.v1")]
    V1(MirrorsOf<W, M, P, A>),
}

/// Mirrors, generic in how far their names are checked; see [`Mirrors`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[serde(bound(
    serialize = "W: Hash + Eq + Serialize, M: Hash + Eq + Serialize, P: Hash + Eq + Serialize, A: Serialize",
    deserialize = "W: Hash + Eq + Serialize + Deserialize<'de>, M: Hash + Eq + Serialize + Deserialize<'de>, P: Hash + Eq + Serialize + Deserialize<'de>, A: Serialize + Deserialize<'de>"
))]
pub struct MirrorsOf<W, M, P, A>
where
    W: Hash + Eq + Serialize,
    M: Hash + Eq + Serialize,
    P: Hash + Eq + Serialize,
    A: Serialize,
{
    /// Addresses of single wares; the first is tried first.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub by_ware: Option<Map<W, Vec<A>>>,
    /// Addresses that may hold any ware of a packtype, by module.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub by_module: Option<Map<M, Map<P, Vec<A>>>>,
}

/// Mirrors whose names are all checked.
pub type Mirrors = MirrorsOf<WareId, ModuleName, Packtype, WarehouseAddr>;
/// The capsule of [`Mirrors`].
pub type MirrorsCapsule = MirrorsCapsuleOf<WareId, ModuleName, Packtype, WarehouseAddr>;
/// A mirrors capsule as Warpforge's parser takes it, with any names.
pub type RawMirrorsCapsule = MirrorsCapsuleOf<RawWareId, String, String, String>;

impl<W, M, P, A> MirrorsCapsuleOf<W, M, P, A>
where
    W: Hash + Eq + Serialize,
    M: Hash + Eq + Serialize,
    P: Hash + Eq + Serialize,
    A: Serialize,
{
    /// The CID of the capsule; Warpforge does not hash mirrors, but this is the CID
    /// that its codec gives.
    #[must_use]
    pub fn cid(&self) -> WarpforgeCid {
        WarpforgeCid::of_block(&codec::block(self))
    }

    /// The mirrors inside.
    #[must_use]
    pub fn into_inner(self) -> MirrorsOf<W, M, P, A> {
        let Self::V1(mirrors) = self;
        mirrors
    }
}

impl Default for Mirrors {
    fn default() -> Self {
        Self { by_ware: None, by_module: None }
    }
}

impl Mirrors {
    /// Adds an address of a ware, last; says whether it was new.
    pub fn add_by_ware(&mut self, ware: &WareId, address: WarehouseAddr) -> bool {
        let addresses = self.by_ware.get_or_insert_default().entry(ware.clone()).or_default();
        push_new(addresses, address)
    }

    /// Adds an address that holds wares of a packtype for a module, last; says whether
    /// it was new.
    pub fn add_by_module(&mut self, module: &ModuleName, packtype: &Packtype, address: WarehouseAddr) -> bool {
        let by_packtype = self.by_module.get_or_insert_default().entry(module.clone()).or_default();
        push_new(by_packtype.entry(packtype.clone()).or_default(), address)
    }

    /// Where this ware of this module can be had, the best place first: its own
    /// addresses, then the module's warehouses for its packtype.
    #[must_use]
    pub fn addresses(&self, module: &ModuleName, ware: &WareId) -> Vec<WarehouseAddr> {
        let own = self.by_ware.iter().filter_map(|map| map.get(ware)).flatten();
        let warehouses = self
            .by_module
            .iter()
            .filter_map(|map| map.get(module))
            .flat_map(|by_packtype| by_packtype.iter())
            .filter(|(packtype, _)| packtype.as_str() == ware.packtype())
            .flat_map(|(_, addresses)| addresses);
        let mut found = Vec::new();
        for address in own.chain(warehouses) {
            push_new(&mut found, address.clone());
        }
        found
    }
}

fn push_new(addresses: &mut Vec<WarehouseAddr>, address: WarehouseAddr) -> bool {
    let is_new = !addresses.contains(&address);
    if is_new {
        addresses.push(address);
    }
    is_new
}
