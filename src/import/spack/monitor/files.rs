//! The files of an installation, by their paths relative to its prefix.

use crate::import::spack::spec::DagHash;
use crate::model::{Map, Value};

/// Most files that a record lists.
const MAX_FILES: usize = 10_000;
/// Longest path, in bytes.
const MAX_PATH: usize = 4096;

/// Adds the files to a build's fields, sorted by path: mode, owner, group, type, and the
/// hash, time, size and target that Spack says of each. The prefix is the folder whose
/// name ends in the spec's hash, as Spack names it; what lies elsewhere is left out. Above
/// [`MAX_FILES`] their number is kept.
pub(super) fn add(fields: &mut Map<String, Value>, files: Option<&Value>, hash: &DagHash) {
    let Some(Value::Map(files)) = files else { return };
    let mut found: Vec<(&str, &Value)> =
        files.iter().filter_map(|(path, facts)| Some((relative(path, hash)?, facts))).collect();
    found.sort_by_key(|(path, _)| *path);
    let total = found.len();
    let listed = found.into_iter().take(MAX_FILES).map(|(path, facts)| Value::Map(entry(path, facts, hash)));
    fields.insert("install_files".to_owned(), Value::List(listed.collect()));
    if total > MAX_FILES {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        fields.insert("install_files_total".to_owned(), Value::Integer(total));
    }
}

fn entry(path: &str, facts: &Value, hash: &DagHash) -> Map<String, Value> {
    let mut entry = Map::new();
    entry.insert("path".to_owned(), Value::from(path));
    let Value::Map(facts) = facts else { return entry };
    for key in ["type", "mode", "owner", "group", "size", "time", "hash", "dest"] {
        match facts.get(key) {
            Some(Value::Text(text)) if text.len() > MAX_PATH => {}
            Some(Value::Text(text)) if key == "dest" => {
                let inner = relative(text, hash).unwrap_or(text);
                entry.insert(key.to_owned(), Value::from(inner));
            }
            None | Some(Value::List(_) | Value::Map(_)) => {}
            Some(value) => drop(entry.insert(key.to_owned(), value.clone())),
        }
    }
    entry
}

/// The path below the prefix.
fn relative<'p>(path: &'p str, hash: &DagHash) -> Option<&'p str> {
    let at = path.find(&format!("-{hash}/"))?;
    let inner = &path[at + 1 + hash.as_str().len() + 1..];
    (!inner.is_empty() && path.len() <= MAX_PATH).then_some(inner)
}
