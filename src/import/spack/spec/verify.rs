//! What Spack hashed: the forms of a node that its `dag_hash` can be the hash of.
//!
//! | written by | hashed |
//! | --- | --- |
//! | 0.17 (format 2) | without `package_hash`, with the dependencies of type link or run only, each by its own `hash`; with line breaks, indented by two blanks |
//! | 0.18 and 0.19 (format 3) | all of it, with line breaks, indented by two blanks |
//! | 0.21 on (formats 4 to 6) | all of it, compact |
//!
//! A newer Spack writes nodes of older ones in its own format and keeps their hashes, so
//! each form is tried, the likeliest first: with the `type` of dependencies of format 3,
//! and with the `compiler` of format 4. A form is proven by its hash alone, so trying
//! more of them admits no node that none of them made. In format 2 neither the recipe's
//! hash nor what is needed for the build only is covered by `hash`: there `full_hash`
//! covers both, each dependency by its own `full_hash`, and `build_hash` what is needed for
//! the build, each by its own `build_hash` and without the recipe's hash.
//!
//! Sources: `specfile_format` in Spack's documentation; documents of Spack 0.17.3, 0.18.1,
//! 0.23 and 1.0, which the tests hold this against, and nodes of 0.19 in Spack's own tests.

use super::hash::DagHash;
use super::python::{Layout, dump};
use crate::model::{Map, Value};

/// The keys of a node's own hashes, which no hash covers.
pub(super) const HASHES: [&str; 3] = ["hash", FULL_HASH, BUILD_HASH];

/// The hash that covers all of a node in format 2.
pub(super) const FULL_HASH: &str = "full_hash";
/// The hash that covers what is needed for the build in format 2.
pub(super) const BUILD_HASH: &str = "build_hash";

/// How a node's hash was found to hold, the stronger proof first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// It is the hash of its content.
    Whole,
    /// It is that, but for the seven letters that a spliced spec takes from the spec which
    /// was built.
    Spliced,
    /// It is not, and the node says that it is spliced.
    None,
}

/// Compares a node's hash with its content; the hash of its content when they differ.
///
/// `own` holds the node's fields without its hashes, each dependency by its `hash` where
/// that is known.
pub(super) fn verify(own: &Map<String, Value>, hash: DagHash, built: Option<DagHash>) -> Result<Proof, DagHash> {
    let proof = |found: DagHash| match built {
        _ if found == hash => Some(Proof::Whole),
        Some(built) if found.spliced(&built) == hash => Some(Proof::Spliced),
        _ => None,
    };
    let content = DagHash::of(&dump(&Value::Map(own.clone()), Layout::Compact));
    let older = || forms(own).iter().find_map(|text| proof(DagHash::of(text)));
    match proof(content).or_else(older) {
        Some(proof) => Ok(proof),
        None if built.is_some() => Ok(Proof::None),
        None => Err(content),
    }
}

/// The other texts of the node that Spack may have hashed.
fn forms(own: &Map<String, Value>) -> Vec<String> {
    let mut bases = vec![own.clone()];
    bases.extend(before_format_5(own));
    for base in bases.clone() {
        bases.extend(before_format_4(&base));
    }
    let texts = bases.into_iter().flat_map(|base| {
        let linked = Value::Map(of_format_2(&base));
        let whole = Value::Map(base);
        [dump(&whole, Layout::Compact), dump(&whole, Layout::Indented), dump(&linked, Layout::Indented)]
    });
    texts.collect()
}

/// With the compiler in its old place and without annotations.
fn before_format_5(own: &Map<String, Value>) -> Option<Map<String, Value>> {
    let annotations = own.get("annotations")?;
    let compiler = annotations.get("compiler").and_then(Value::as_text);
    let mut old = Map::new();
    for (key, value) in own {
        match (key.as_str(), compiler.and_then(|text| text.split_once('@'))) {
            ("annotations", _) => {}
            ("arch", Some((name, version))) => {
                old.insert(key.clone(), value.clone());
                let fields = [("name", name), ("version", version.trim_start_matches('='))];
                let fields = fields.into_iter().map(|(key, text)| (key.to_owned(), Value::from(text)));
                old.insert("compiler".to_owned(), Value::Map(fields.collect()));
            }
            ("dependencies", _) => drop(old.insert(key.clone(), each(value, without_direct))),
            _ => drop(old.insert(key.clone(), value.clone())),
        }
    }
    Some(old)
}

fn without_direct(dependency: &Map<String, Value>) -> Map<String, Value> {
    let mut old = dependency.clone();
    if let Some(Value::Map(parameters)) = old.get_mut("parameters") {
        parameters.shift_remove("direct");
    }
    old
}

/// With the types of dependencies beside their hashes.
fn before_format_4(own: &Map<String, Value>) -> Option<Map<String, Value>> {
    let list = own.get("dependencies")?;
    list.items().iter().any(|item| item.get("parameters").is_some()).then(|| {
        let mut old = own.clone();
        old.insert("dependencies".to_owned(), each(list, typed));
        old
    })
}

fn typed(dependency: &Map<String, Value>) -> Map<String, Value> {
    let mut old = dependency.clone();
    if let Some(parameters) = old.shift_remove("parameters")
        && let Some(types) = parameters.get("deptypes")
    {
        old.insert("type".to_owned(), types.clone());
    }
    old
}

/// Without the recipe's hash and what is needed for the build only.
fn of_format_2(own: &Map<String, Value>) -> Map<String, Value> {
    let mut old = own.clone();
    old.shift_remove("package_hash");
    if let Some(Value::List(list)) = old.get_mut("dependencies") {
        let is_linked = |kind: &Value| matches!(kind.as_text(), Some("link" | "run"));
        list.retain(|item| item.get("type").is_some_and(|types| types.items().iter().any(is_linked)));
        if list.is_empty() {
            old.shift_remove("dependencies");
        }
    }
    old
}

/// What one of the other hashes of a node is found to be, where it has it and all of its
/// dependencies have theirs: `hash_of` gives that of the dependency at a place in the list.
pub(super) fn other_hash<'v>(
    own: &Map<String, Value>,
    key: &str,
    hash_of: impl Fn(usize) -> Option<&'v str>,
) -> Option<DagHash> {
    let mut own = own.clone();
    if key == BUILD_HASH {
        own.shift_remove("package_hash");
    } else if !own.contains_key("package_hash") {
        return None;
    }
    if let Some(Value::List(list)) = own.get_mut("dependencies") {
        for (at, item) in list.iter_mut().enumerate() {
            let (Value::Map(dependency), hash) = (item, hash_of(at)?) else { return None };
            let renamed = |(name, value): (&String, &Value)| match name.as_str() {
                "hash" => (key.to_owned(), Value::from(hash)),
                _ => (name.clone(), value.clone()),
            };
            *dependency = dependency.iter().map(renamed).collect();
        }
    }
    Some(DagHash::of(&dump(&Value::Map(own), Layout::Indented)))
}

fn each(list: &Value, change: impl Fn(&Map<String, Value>) -> Map<String, Value>) -> Value {
    let changed = list.items().iter().map(|item| match item {
        Value::Map(dependency) => Value::Map(change(dependency)),
        other => other.clone(),
    });
    Value::List(changed.collect())
}
