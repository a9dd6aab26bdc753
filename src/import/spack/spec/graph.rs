//! Nodes of many files, by their hashes: a Merkle graph, walked from its roots.
//!
//! Invariant: the same documents, added in any order, make an equal graph.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::hash::DagHash;
use super::node::{Compiler, Node};
use super::verify::Proof;
use crate::import::report::Diagnostics;

/// Most texts of one hash; real data has two at most.
const MAX_TEXTS: usize = 64;

/// Nodes by their hashes.
#[derive(Debug, Default)]
pub struct Graph {
    /// The nodes of each hash with different texts, the one that counts first. Only in
    /// format 2, and between formats, can there be more than one.
    nodes: BTreeMap<DagHash, Vec<Node>>,
    /// The hashes that more texts had than are kept.
    crowded: BTreeSet<DagHash>,
}

impl Graph {
    /// A graph without nodes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the nodes of a file.
    pub fn add(&mut self, document: Document) {
        for node in document.nodes {
            self.add_node(node);
        }
    }

    fn add_node(&mut self, node: Node) {
        let hash = node.hash;
        let texts = self.nodes.entry(hash).or_default();
        if let Some(at) = texts.iter().position(|other| other.text() == node.text()) {
            if (rank(&texts[at]), &texts[at].place) <= (rank(&node), &node.place) {
                return;
            }
            texts.remove(at);
        }
        let at = texts.partition_point(|other| rank(other) < rank(&node));
        texts.insert(at, node);
        if texts.len() > MAX_TEXTS {
            texts.pop();
            self.crowded.insert(hash);
        }
    }

    /// The node of this hash.
    #[must_use]
    pub fn get(&self, hash: &DagHash) -> Option<&Node> {
        self.nodes.get(hash).and_then(|texts| texts.first())
    }

    /// All nodes, sorted by their hashes.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter_map(|texts| texts.first())
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What a node was built with: the compiler that it names, or the dependency that
    /// compiles C, else C++, else Fortran for it.
    #[must_use]
    pub fn compiler_of(&self, node: &Node) -> Option<Compiler> {
        let by_edge = || {
            let compilers = node.dependencies.iter().filter_map(|one| Some((one.language()?, one.hash)));
            let compiler = self.get(&compilers.min()?.1)?;
            Some(Compiler { name: compiler.name.clone(), version: compiler.version.clone() })
        };
        node.compiler.clone().or_else(by_edge)
    }

    /// Tells hashes that stand with different texts, and dependencies of which there is no
    /// node.
    pub(crate) fn examine(&self, diagnostics: &mut Diagnostics) {
        for texts in self.nodes.values() {
            let Some(kept) = texts.first() else { continue };
            if self.crowded.contains(&kept.hash) {
                let message = format!(
                    "the hash `{}` stands with more than {MAX_TEXTS} contents: the rest is left out",
                    kept.hash
                );
                diagnostics.refused(&kept.place.file, &kept.place.path, message);
            }
            for other in &texts[1..] {
                let message = format!(
                    "the hash `{}` stands with other content at {} in {}, which is taken",
                    other.hash,
                    kept.place.path,
                    crate::text::shown(&kept.place.file)
                );
                diagnostics.odd(&other.place.file, &other.place.path, message);
            }
            for dependency in kept.dependencies.iter().filter(|one| !self.nodes.contains_key(&one.hash)) {
                let message = format!(
                    "there is no node of its dependency `{}` with the hash `{}`: the replay lacks it",
                    crate::text::shown(&dependency.name),
                    dependency.hash
                );
                diagnostics.odd(&kept.place.file, format!("{}.dependencies", kept.place.path), message);
            }
        }
    }

    /// Edges, from a node to its dependency, without which the graph has no cycle. Only
    /// spliced nodes whose hashes do not hold can be in one.
    #[must_use]
    pub fn closing_edges(&self) -> BTreeSet<(DagHash, DagHash)> {
        let mut walk = Walk::default();
        for start in self.nodes.keys() {
            walk.from(*start, self);
        }
        walk.closing
    }
}

/// The node whose hash is proven counts before one that is spliced or unverified; then the
/// one with more dependencies, since an older Spack forgets what was needed for the build
/// only; then the smaller text.
fn rank(node: &Node) -> (Proof, std::cmp::Reverse<usize>, &str) {
    (node.proof, std::cmp::Reverse(node.dependencies.len()), node.text())
}

/// A walk in depth, without recursion.
#[derive(Default)]
struct Walk {
    done: BTreeSet<DagHash>,
    above: BTreeSet<DagHash>,
    closing: BTreeSet<(DagHash, DagHash)>,
}

impl Walk {
    fn from(&mut self, start: DagHash, graph: &Graph) {
        let mut stack = vec![(start, 0)];
        while let Some((hash, next)) = stack.pop() {
            if next == 0 && !self.done.insert(hash) {
                continue;
            }
            self.above.insert(hash);
            let dependency = graph.get(&hash).and_then(|node| node.dependencies.get(next));
            let Some(dependency) = dependency else {
                self.above.remove(&hash);
                continue;
            };
            stack.push((hash, next + 1));
            if self.above.contains(&dependency.hash) {
                self.closing.insert((hash, dependency.hash));
            } else if !self.done.contains(&dependency.hash) {
                stack.push((dependency.hash, 0));
            }
        }
    }
}
