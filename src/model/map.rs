//! A map that keeps the order of its text and refuses a key that stands twice.
//!
//! Warpforge's maps keep their order on disk although it never reaches a hash; its
//! decoder lets a repeated key through and then writes invalid dag-cbor. Ours refuses.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use indexmap::IndexMap;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::text::shown;

/// Up to this many entries are looked through one by one for a key.
const FEW: usize = 8;

/// A map in the order of its document.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Map<K, V>(IndexMap<K, V>)
where
    K: Hash + Eq + Serialize,
    V: Serialize;

impl<K: Hash + Eq + Serialize, V: Serialize> Map<K, V> {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self(IndexMap::new())
    }

    /// The value of a key. Small maps, which most are, are looked through: it takes less
    /// than hashing the key.
    #[must_use]
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if self.0.len() > FEW {
            return self.0.get(key);
        }
        self.0.iter().find(|(own, _)| (*own).borrow() == key).map(|(_, value)| value)
    }
}

impl<K: Hash + Eq + Serialize, V: Serialize> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

/// Equal when they hold the same entries in the same order, so that equal values are
/// equal texts.
impl<K: Hash + Eq + Serialize, V: Serialize + PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().eq(other.0.iter())
    }
}

impl<K: Hash + Eq + Serialize, V: Serialize + Eq> Eq for Map<K, V> {}

impl<K: Hash + Eq + Serialize, V: Serialize> Deref for Map<K, V> {
    type Target = IndexMap<K, V>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<K: Hash + Eq + Serialize, V: Serialize> DerefMut for Map<K, V> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<K: Hash + Eq + Serialize, V: Serialize> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<K: Hash + Eq + Serialize, V: Serialize> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = indexmap::map::IntoIter<K, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K: Hash + Eq + Serialize, V: Serialize> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = indexmap::map::Iter<'a, K, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, K, V> Deserialize<'de> for Map<K, V>
where
    K: Deserialize<'de> + Hash + Eq + Serialize,
    V: Deserialize<'de> + Serialize,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}

struct MapVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for MapVisitor<K, V>
where
    K: Deserialize<'de> + Hash + Eq + Serialize,
    V: Deserialize<'de> + Serialize,
{
    type Value = Map<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut map = IndexMap::new();
        while let Some(key) = access.next_key::<K>()? {
            match map.entry(key) {
                indexmap::map::Entry::Occupied(entry) => {
                    let key = serde_json::to_string(entry.key()).unwrap_or_default();
                    return Err(A::Error::custom(format_args!("the key {} stands twice", shown(&key))));
                }
                indexmap::map::Entry::Vacant(entry) => {
                    entry.insert(access.next_value()?);
                }
            }
        }
        Ok(Map(map))
    }
}
