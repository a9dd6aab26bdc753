//! What a release was made from, and who was made from it: the part that is drawn.
//!
//! Made from the index alone. Requirements are taken breadth first, so that the nearest
//! are there when the room ends; what is left out is counted, at the node where it is.

use std::collections::HashMap;

use super::order::{Order, reduced};
use crate::site::index::{Index, ReleaseId};

/// Most releases that are drawn on the side of requirements, the first one included.
const MAX_REQUIRED: usize = 34;
/// Most releases that are drawn of those that require the first one.
const MAX_USERS: usize = 5;
/// How many steps requirements are followed.
const MAX_DEPTH: usize = 3;

/// A release with its surroundings.
#[derive(Debug)]
pub(super) struct Neighbourhood {
    /// The release itself, its requirements by distance, and then its users.
    pub(super) nodes: Vec<Node>,
    /// From what requires to what is required, by numbers of `nodes`; without those that
    /// a longer way implies.
    pub(super) edges: Vec<(usize, usize)>,
    /// How many releases the first one requires directly, the absent ones included.
    pub(super) direct: usize,
    /// How many of those that require it are not drawn.
    pub(super) users_left_out: usize,
}

/// A release that is drawn.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: ReleaseId,
    /// How many of the releases that it requires are in this catalog, but not drawn.
    pub(super) left_out: usize,
    /// How many of them are not in this catalog.
    pub(super) absent: usize,
    /// Whether it requires the first one, and is here for that.
    pub(super) is_user: bool,
}

impl Neighbourhood {
    /// The surroundings of a release; `None` when it requires nothing and nothing
    /// requires it.
    pub(super) fn of(index: &Index, id: ReleaseId) -> Option<Self> {
        let own = index.release_card(id);
        let direct = own.requires.len() + own.absent;
        if direct + own.required_by.len() == 0 {
            return None;
        }
        let mut ids = vec![id];
        let mut number = HashMap::from([(id, 0)]);
        let mut depth_ends = 1;
        let mut at = 0;
        for _ in 0..MAX_DEPTH {
            while at < depth_ends {
                for next in index.requires(ids[at]).0 {
                    if ids.len() < MAX_REQUIRED && !number.contains_key(next) {
                        number.insert(*next, ids.len());
                        ids.push(*next);
                    }
                }
                at += 1;
            }
            depth_ends = ids.len();
        }
        let required = ids.len();
        let mut users: Vec<ReleaseId> =
            own.required_by.iter().copied().filter(|user| !number.contains_key(user)).collect();
        let users_left_out = users.len().saturating_sub(MAX_USERS);
        users.truncate(MAX_USERS);
        ids.extend(users);
        let mut edges = Vec::new();
        let mut nodes = Vec::with_capacity(ids.len());
        for (from, id) in ids.iter().enumerate() {
            let is_user = from >= required;
            if is_user {
                edges.push((from, 0));
                nodes.push(Node { id: *id, left_out: 0, absent: 0, is_user });
                continue;
            }
            let before = edges.len();
            let (requires, absent) = index.requires(*id);
            edges.extend(requires.iter().filter_map(|to| Some((from, *number.get(to)?))));
            nodes.push(Node { id: *id, left_out: requires.len() - (edges.len() - before), absent, is_user });
        }
        let edges = reduced(nodes.len(), &edges);
        Some(Self { nodes, edges, direct, users_left_out })
    }

    /// How many releases are drawn that the first one requires, at any distance.
    pub(super) fn required(&self) -> usize {
        self.nodes.iter().filter(|node| !node.is_user).count() - 1
    }

    /// Whether requirements are left out anywhere.
    pub(super) fn is_cut(&self) -> bool {
        self.nodes.iter().any(|node| node.left_out > 0)
    }

    /// The edges by the node that they come from, with whether each leads forward.
    pub(super) fn required_of(&self) -> Vec<Vec<(usize, bool)>> {
        let order = Order::new(self.nodes.len(), &self.edges);
        let mut found = vec![Vec::new(); self.nodes.len()];
        for &edge in &self.edges {
            found[edge.0].push((edge.1, order.is_forward(edge)));
        }
        found
    }
}
