//! What a cache was found to hold, and what becomes of it.
//!
//! Two things speak of a cache: its index, which may be older than the cache, and the
//! specs that lie in it, each with its tarball. What is imported are the nodes of both;
//! tarballs only of specs that lie there. Where the two differ, that is told.
//!
//! Invariants: the same index and specs, in any order, give an equal import; whether the
//! specs were found by the index or by listing them changes nothing where the two agree.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::names::KnownNames;
use crate::import::report::{Diagnostics, quoted};
use crate::import::spack::spec::{DagHash, Document, Graph, Node, Options, Tarball, propose};
use crate::import::{Import, SourceError, SourceFacts};
use crate::model::{Digest, ModuleName, metadata};

/// Which source the releases are said to come from.
const SOURCE: &str = "spack-buildcache";

/// The path of the first node of a spec: the one that the tarball is of.
const ROOT: &str = "spec.nodes[0]";

/// A spec that lies in a cache.
#[derive(Debug)]
pub(super) struct Found {
    /// Its file or tag.
    pub(super) place: String,
    /// The node that the tarball is of.
    pub(super) root: DagHash,
    /// The SHA-256 of that node's text, which is what a signature is of.
    pub(super) text: Digest,
    /// Whether it lies where Spack puts it. Users may give images further tags.
    pub(super) is_in_place: bool,
    /// Its tarball, if it is there.
    pub(super) tarball: Option<Tarball>,
}

/// What the index says.
#[derive(Debug)]
struct Index {
    place: String,
    /// The specs of which it says that the cache has them.
    listed: BTreeSet<DagHash>,
}

/// A cache, as far as it was read.
#[derive(Debug, Default)]
pub struct Inventory {
    graph: Graph,
    index: Option<Index>,
    found: Vec<Found>,
    /// What was refused or odd.
    pub(super) diagnostics: Diagnostics,
}

/// What was read of one place: the nodes of its spec, and whose tarball is there.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) document: Option<Document>,
    pub(super) found: Option<Found>,
    pub(super) diagnostics: Diagnostics,
}

impl Piece {
    /// Reads a spec; gives the node that the cache has it for, unless it is refused.
    pub(super) fn read(&mut self, place: &str, bytes: &[u8]) -> Option<Node> {
        match Document::parse(place, bytes, &mut self.diagnostics) {
            Ok(document) => {
                let root = document.nodes.iter().find(|node| node.place.path == ROOT).cloned();
                self.document = Some(document);
                root
            }
            Err(error) => {
                self.refuse(place, error.to_string());
                None
            }
        }
    }

    /// Nothing of this place is taken.
    pub(super) fn refuse(&mut self, place: &str, message: impl Into<String>) {
        self.diagnostics.refused(place, "", message);
    }

    /// It is taken as far as it can be.
    pub(super) fn odd(&mut self, place: &str, message: impl Into<String>) {
        self.diagnostics.odd(place, "", message);
    }
}

impl Inventory {
    /// Reads the index.
    ///
    /// # Errors
    /// `source-invalid`: it is not a database of Spack 0.18 or later. `limit-exceeded`.
    pub(super) fn add_index(&mut self, place: &str, bytes: &[u8]) -> Result<(), SourceError> {
        let document = Document::parse(place, bytes, &mut self.diagnostics)?;
        self.index = Some(Index { place: place.to_owned(), listed: document.in_buildcache.clone() });
        self.graph.add(document);
        Ok(())
    }

    /// The specs that the index says are in the cache.
    pub(super) fn listed(&self) -> Vec<&Node> {
        let listed = self.index.iter().flat_map(|index| &index.listed);
        listed.filter_map(|hash| self.graph.get(hash)).collect()
    }

    /// Adds what was read of one place.
    pub(super) fn add(&mut self, piece: Piece) {
        let Piece { document, found, diagnostics } = piece;
        if let Some(document) = document {
            self.graph.add(document);
        }
        self.found.extend(found);
        self.diagnostics.append(diagnostics);
    }

    /// Makes proposals of all that was read, below `prefix`; `known` are the modules that
    /// the catalog has.
    #[must_use]
    pub fn finish(mut self, prefix: &ModuleName, known: &KnownNames) -> Import {
        self.tell_drift();
        let specs: BTreeSet<DagHash> = self.found.iter().map(|found| found.root).collect();
        let tarballs = tarballs(std::mem::take(&mut self.found), &self.graph, &mut self.diagnostics);
        let Self { graph, mut diagnostics, .. } = self;
        let options = Options { prefix: prefix.clone(), kind: "spec", source: SOURCE };
        let modules = propose(&options, known, &graph, &tarballs, &mut diagnostics);
        let with = |key: &str| tarballs.values().filter(|tarball| tarball.facts.contains_key(key)).count();
        let counts = [
            ("modules", modules.len()),
            ("releases", graph.len()),
            ("specs", specs.len()),
            ("tarballs", tarballs.len()),
            ("signed", with(metadata::SIGNED_BY)),
            ("verified", with(metadata::VERIFIED_BY)),
        ];
        let source = SourceFacts {
            kind: SOURCE,
            version: None,
            timestamp: None,
            // Of which files it was read depends on how it was asked for.
            files: Vec::new(),
            counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count as u64)).collect(),
        };
        Import { modules, diagnostics: diagnostics.into_sorted(), source }
    }

    /// Tells where the index and the specs that lie there differ.
    fn tell_drift(&mut self) {
        let Some(index) = &self.index else { return };
        let there: BTreeSet<DagHash> = self.found.iter().map(|found| found.root).collect();
        for node in index.listed.difference(&there).filter_map(|hash| self.graph.get(hash)) {
            let message = format!(
                "the index says that the cache has {} {}, but no spec of it was found there that can be taken",
                quoted(&node.name),
                quoted(&node.version)
            );
            self.diagnostics.odd(&index.place, format!("database.installs[\"{}\"]", node.hash), message);
        }
        for found in self.found.iter().filter(|found| !index.listed.contains(&found.root)) {
            let message =
                format!("`{}` does not say that the cache has it: the index is older than the cache", index.place);
            self.diagnostics.odd(&found.place, "", message);
        }
    }
}

/// One tarball for each spec: that of the place where Spack puts it, else of the first.
///
/// A signature is told only where the node that is taken is the one that was signed.
fn tarballs(mut found: Vec<Found>, graph: &Graph, diagnostics: &mut Diagnostics) -> BTreeMap<DagHash, Tarball> {
    found.sort_by(|a, b| (!a.is_in_place, &a.place).cmp(&(!b.is_in_place, &b.place)));
    let mut taken: BTreeMap<DagHash, (String, Tarball)> = BTreeMap::new();
    for Found { place, root, text, tarball, .. } in found {
        let Some(mut tarball) = tarball else { continue };
        if graph.get(&root).is_none_or(|node| Digest::of(node.text().as_bytes()) != text) {
            let facts = [metadata::SIGNED_BY, metadata::VERIFIED_BY].map(|key| tarball.facts.shift_remove(key));
            if facts.iter().any(Option::is_some) {
                diagnostics.odd(&place, ROOT, "other content of its hash is taken, which its signature does not cover");
            }
        }
        match taken.get(&root) {
            Some((_, other)) if other.digest == tarball.digest => {}
            Some((first, _)) => {
                let message =
                    format!("it has another tarball of the spec than {}, whose tarball is taken", quoted(first));
                diagnostics.odd(&place, "", message);
            }
            None => drop(taken.insert(root, (place, tarball))),
        }
    }
    taken.into_iter().map(|(root, (_, tarball))| (root, tarball)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Found, Inventory, KnownNames, Piece, Tarball};
    use crate::model::{Digest, Map, Metadata, metadata};

    /// A spliced spec whose hash does not hold, with this version.
    fn spec(version: &str) -> String {
        let hash = "a".repeat(32);
        format!(
            r#"{{"spec":{{"_meta":{{"version":5}},"nodes":[{{"name":"app","version":"{version}",
"arch":{{"platform":"linux","platform_os":"testos1","target":"x"}},"build_spec":{{"name":"app","hash":"{hash}"}},
"hash":"{hash}"}}]}}}}"#
        )
    }

    fn signed(version: &str) -> Piece {
        let mut piece = Piece::default();
        let node = piece.read("signed", spec(version).as_bytes()).unwrap();
        let mut facts = Metadata::new();
        facts.insert(metadata::SIGNED_BY.to_owned(), "k".to_owned());
        facts.insert(metadata::VERIFIED_BY.to_owned(), "k".to_owned());
        let tarball = Tarball { digest: Digest::of(b"x"), mirrors: Vec::new(), facts, record: Map::new() };
        let text = Digest::of(node.text().as_bytes());
        piece.found =
            Some(Found { place: "signed".into(), root: node.hash, text, is_in_place: true, tarball: Some(tarball) });
        piece
    }

    #[test]
    fn t09_a_signature_is_not_told_of_content_that_it_does_not_cover() {
        for (version, is_verified) in [("1", true), ("3", false)] {
            let mut inventory = Inventory::default();
            let mut other = Piece::default();
            other.read("other", spec("2").as_bytes()).unwrap();
            inventory.add(signed(version));
            inventory.add(other);
            let import = inventory.finish(&"specs.spack.io".parse().unwrap(), &KnownNames::new());
            let facts = &import.modules[0].releases[0].metadata;
            for key in [metadata::SIGNED_BY, metadata::VERIFIED_BY] {
                assert_eq!(facts.contains_key(key), is_verified, "{version} {key}");
            }
            let told = import.diagnostics.iter().any(|one| one.message.contains("does not cover"));
            assert_eq!(told, !is_verified, "{:?}", import.diagnostics);
        }
    }
}
