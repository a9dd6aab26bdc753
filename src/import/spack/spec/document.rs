//! A file's nodes, each compared with its hash before it is taken.
//!
//! A node that is refused leaves the others. In format 2 a node may name its dependencies
//! by another hash than their `hash`; they are then looked up in the same file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::aliases::Aliases;
use super::hash::DagHash;
use super::node::{Dependency, Fault, Identity, Named, Node, Place, build_spec, dependencies};
use super::shape::{self, Entry, Shape};
use super::verify::{BUILD_HASH, FULL_HASH, HASHES, Proof, other_hash, verify};
use crate::import::SourceError;
use crate::import::redact::without_secrets;
use crate::import::report::{Diagnostics, quoted};
use crate::model::{Digest, Map, Value};

/// Largest file that is read, in bytes; the largest known index has about 500 MB.
pub const MAX_FILE: usize = 1024 * 1024 * 1024;
/// Largest node that is read, in bytes; real ones have about 1,300.
const MAX_NODE: usize = 1024 * 1024;
/// Most nodes of a file.
const MAX_NODES: usize = 1_000_000;

/// The concrete specs of a file.
#[derive(Debug, Default)]
pub struct Document {
    /// The nodes whose hashes hold, in the file's order.
    pub nodes: Vec<Node>,
    /// The roots: the first node of spec JSON, those that a lock file names.
    pub roots: Vec<DagHash>,
    /// The nodes that a database says are in the build cache.
    pub in_buildcache: BTreeSet<DagHash>,
    /// Which node is meant by a hash of any kind: its `hash`, and in format 2 its
    /// `full_hash` and `build_hash`.
    pub aliases: BTreeMap<String, DagHash>,
    /// `buildcache_layout_version`, in a build cache's own spec JSON.
    pub layout: Option<u64>,
    /// `binary_cache_checksum`, there too: the SHA-256 of the tarball.
    pub checksum: Option<Digest>,
}

impl Document {
    /// Reads a file. `file` stands in diagnostics, so it should hold no path of a machine.
    ///
    /// # Errors
    /// `source-invalid` when it is not JSON of a known shape, is signed, or is of a format
    /// whose hashes cannot be recomputed; `limit-exceeded`.
    pub(crate) fn parse(file: &str, bytes: &[u8], diagnostics: &mut Diagnostics) -> Result<Self, SourceError> {
        let too_large = |size, limit| Err(SourceError::TooLarge { file: file.to_owned(), size, limit });
        if bytes.len() > MAX_FILE {
            return too_large(bytes.len(), MAX_FILE);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| SourceError::utf8(file, bytes, error))?;
        let shape = shape::read(file, text)?;
        if shape.entries.len() > MAX_NODES {
            return too_large(shape.entries.len(), MAX_NODES);
        }
        let mut reader = Reader { file: file.into(), format: shape.format, diagnostics };
        Ok(reader.document(shape))
    }
}

struct Reader<'d> {
    file: Arc<str>,
    format: u64,
    diagnostics: &'d mut Diagnostics,
}

/// A node whose own hash could be read.
struct Draft {
    path: String,
    hash: DagHash,
    fields: Map<String, Value>,
    in_buildcache: bool,
}

impl Reader<'_> {
    fn document(&mut self, shape: Shape<'_>) -> Document {
        let Shape { entries, roots, layout, checksum, .. } = shape;
        let mut aliases = Aliases::default();
        let mut drafts = Vec::with_capacity(entries.len());
        let is_list = entries.iter().all(|entry| entry.key.is_none());
        for entry in entries {
            let (path, key) = (entry.path.clone(), entry.key.clone());
            match draft(entry) {
                Ok(draft) => {
                    aliases.add(draft.hash, &draft.fields, key.as_deref());
                    drafts.push(draft);
                }
                Err(fault) => self.refuse(&path, fault),
            }
        }
        let mut document = Document { layout, checksum, ..Document::default() };
        document.roots = roots.iter().filter_map(|root| aliases.find(root)).collect();
        if is_list {
            document.roots.extend(drafts.first().map(|draft| draft.hash));
        }
        for draft in drafts {
            let (path, hash, in_buildcache) = (draft.path.clone(), draft.hash, draft.in_buildcache);
            match self.node(draft, &aliases) {
                Ok(node) => {
                    document.nodes.push(node);
                    if in_buildcache {
                        document.in_buildcache.insert(hash);
                    }
                }
                Err(fault) => self.refuse(&path, fault),
            }
        }
        document.aliases = aliases.unambiguous();
        document
    }

    fn refuse(&mut self, path: &str, fault: Fault) {
        let path = if fault.field.is_empty() { path.to_owned() } else { format!("{path}.{}", fault.field) };
        self.diagnostics.refused(&self.file, path, fault.message);
    }

    fn node(&mut self, draft: Draft, aliases: &Aliases) -> Result<Node, Fault> {
        let Draft { path, hash, fields, .. } = draft;
        let built = build_spec(&fields)?;
        let named = dependencies(&fields)?;
        let found: Vec<Option<DagHash>> = named.iter().map(|one| aliases.node_of(one)).collect();
        let own = own(&fields, &found);
        let proof = verify(&own, hash, built).map_err(|other| self.mismatch(hash, other, &named, &found))?;
        self.say_spliced(&path, proof);
        for key in [FULL_HASH, BUILD_HASH].into_iter().filter(|_| proof == Proof::Whole) {
            let Some(said) = fields.get(key).and_then(Value::as_text) else { continue };
            let content = other_hash(&own, key, |at| aliases.other(&(*found.get(at)?)?, key));
            self.say_other_hash(&format!("{path}.{key}"), said, content);
        }
        let known = self.known(&path, &named, &found);
        let place = Place { file: self.file.clone(), path };
        let node = Node::parse(fields, Identity { hash, format: self.format, proof, place }, known)?;
        if let Cow::Owned(_) = without_secrets(node.text()) {
            let message = "it holds what looks like a password or token; it is kept, since the hash covers it";
            self.diagnostics.odd(&self.file, &node.place.path, message);
        }
        Ok(node)
    }

    /// The dependencies whose nodes could be told.
    fn known(&mut self, path: &str, named: &[Named<'_>], found: &[Option<DagHash>]) -> Vec<Dependency> {
        let mut known = Vec::with_capacity(named.len());
        for (one, found) in named.iter().zip(found) {
            match found {
                Some(hash) => known.push(one.with_hash(*hash)),
                None => {
                    let message = format!(
                        "its dependency {} is named by the hash {}, which no node of the file has: it is left out",
                        quoted(one.name),
                        quoted(one.reference)
                    );
                    self.diagnostics.odd(&self.file, format!("{path}.dependencies"), message);
                }
            }
        }
        known
    }

    /// Says why a node's hash was not found to hold.
    fn mismatch(&self, hash: DagHash, found: DagHash, named: &[Named<'_>], nodes: &[Option<DagHash>]) -> Fault {
        if let Some((one, _)) = named.iter().zip(nodes).find(|(_, node)| node.is_none()) {
            let message = format!(
                "its hash `{hash}` cannot be verified: its dependency {} is named by the hash {}, which no node of the file has",
                quoted(one.name),
                quoted(one.reference)
            );
            return Fault::new("hash", message);
        }
        let newer = if self.format > 6 { "; its format is newer than those that warecat knows" } else { "" };
        Fault::new("hash", format!("it is `{hash}`, but the node's content has the hash `{found}`{newer}"))
    }

    /// Says that another hash of format 2 is not proven; only the `hash` identifies a spec.
    fn say_other_hash(&mut self, path: &str, said: &str, content: Option<DagHash>) {
        let message = match content {
            Some(content) if content.as_str() == said => return,
            Some(content) => {
                format!("it is {}, but the node's content has `{content}`: it is not proven", quoted(said))
            }
            None => "it cannot be verified: the recipe's hash, or such a hash of a dependency, is absent".to_owned(),
        };
        self.diagnostics.odd(&self.file, path, message);
    }

    fn say_spliced(&mut self, path: &str, proof: Proof) {
        let message = match proof {
            Proof::Whole => return,
            Proof::Spliced => {
                "the spec is spliced: its hash holds but for the letters taken from the spec that was built"
            }
            Proof::None => "the spec says that it is spliced, and its hash does not hold: it is taken unverified",
        };
        self.diagnostics.odd(&self.file, format!("{path}.hash"), message);
    }
}

fn draft(entry: Entry<'_>) -> Result<Draft, Fault> {
    let Entry { path, key, json, in_buildcache } = entry;
    let mut fields = fields(json)?;
    if fields.get("concrete") == Some(&Value::Bool(false)) {
        return Err(Fault::new("", "the spec is not concrete"));
    }
    if !fields.contains_key("hash") {
        // Where nodes stand by their hash they need not repeat it.
        let key = key.ok_or_else(|| Fault::new("hash", "it is absent"))?;
        fields.insert("hash".to_owned(), Value::from(key));
    }
    let hash = fields.get("hash").and_then(Value::as_text).ok_or_else(|| Fault::new("hash", "it is not a text"))?;
    let hash = hash.parse().map_err(|error: super::hash::DagHashError| Fault::new("hash", error.to_string()))?;
    Ok(Draft { path, hash, fields, in_buildcache })
}

fn fields(json: &RawValue) -> Result<Map<String, Value>, Fault> {
    if json.get().len() > MAX_NODE {
        let message = format!("its {} bytes are more than the limit of {MAX_NODE}", json.get().len());
        return Err(Fault::new("", message));
    }
    match serde_json::from_str(json.get()) {
        Ok(Value::Map(fields)) => Ok(fields),
        Ok(_) => Err(Fault::new("", "it is not a map")),
        Err(error) => Err(Fault::new("", format!("it cannot be read: {}", crate::text::shown(&error.to_string())))),
    }
}

/// The fields that a hash covers, each dependency by its `hash` where it is known.
fn own(fields: &Map<String, Value>, found: &[Option<DagHash>]) -> Map<String, Value> {
    let mut own: Map<String, Value> =
        fields.iter().filter(|(key, _)| !HASHES.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    if let Some(Value::List(list)) = own.get_mut("dependencies") {
        for (item, hash) in list.iter_mut().zip(found) {
            if let (Value::Map(dependency), Some(hash)) = (item, hash) {
                *dependency = by_hash(dependency, *hash);
            }
        }
    }
    own
}

/// A dependency with its `hash` where another hash stood.
fn by_hash(dependency: &Map<String, Value>, hash: DagHash) -> Map<String, Value> {
    if dependency.contains_key("hash") {
        return dependency.clone();
    }
    let renamed = |(key, value): (&String, &Value)| {
        if HASHES.contains(&key.as_str()) {
            ("hash".to_owned(), Value::from(hash.as_str()))
        } else {
            (key.clone(), value.clone())
        }
    };
    dependency.iter().map(renamed).collect()
}
