//! Which node of a file is meant by a hash: in format 2 nodes have three, and name each
//! other by any of them.

use std::collections::{BTreeMap, BTreeSet};

use super::hash::DagHash;
use super::node::Named;
use super::verify::{BUILD_HASH, FULL_HASH, HASHES};
use crate::model::{Map, Value};

/// Which nodes have which other hashes, or stand at which keys.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    nodes: BTreeMap<String, BTreeSet<DagHash>>,
    /// The other hashes of each node, by their keys.
    others: BTreeMap<(DagHash, &'static str), String>,
}

impl Aliases {
    /// Adds a node by its hashes, and by the key that it stands at.
    pub(super) fn add(&mut self, hash: DagHash, fields: &Map<String, Value>, key: Option<&str>) {
        let own = HASHES.iter().filter_map(|key| fields.get(*key)).filter_map(Value::as_text);
        for alias in own.chain(key) {
            self.nodes.entry(alias.to_owned()).or_default().insert(hash);
        }
        for key in [FULL_HASH, BUILD_HASH] {
            if let Some(other) = fields.get(key).and_then(Value::as_text) {
                self.others.entry((hash, key)).or_insert_with(|| other.to_owned());
            }
        }
    }

    /// Another hash of a node.
    pub(super) fn other(&self, node: &DagHash, key: &'static str) -> Option<&str> {
        self.others.get(&(*node, key)).map(String::as_str)
    }

    /// The one node that is meant by a hash of any kind.
    pub(super) fn find(&self, reference: &str) -> Option<DagHash> {
        match self.nodes.get(reference) {
            Some(nodes) => nodes.first().copied().filter(|_| nodes.len() == 1),
            None => reference.parse().ok(),
        }
    }

    /// The node of a dependency.
    pub(super) fn node_of(&self, named: &Named<'_>) -> Option<DagHash> {
        if named.is_hash {
            return named.reference.parse().ok();
        }
        self.nodes.get(named.reference).and_then(|nodes| nodes.first().copied().filter(|_| nodes.len() == 1))
    }

    /// The node of each hash that only one node has.
    pub(super) fn unambiguous(self) -> BTreeMap<String, DagHash> {
        let all = self.nodes.into_iter();
        all.filter(|(_, nodes)| nodes.len() == 1).filter_map(|(alias, nodes)| Some((alias, *nodes.first()?))).collect()
    }
}
