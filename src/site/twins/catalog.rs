//! The whole catalog as data: one line a module, in the order of their names.
//!
//! `catalog.ndjson` holds all lines. Where that would be a file larger than [`SHARD`], the
//! lines lie in several below `_catalog/` instead; `_catalog/index.json` says which, with
//! their hashes, in either case.

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::super::answers::digest;
use super::super::error::SiteError;
use super::super::links::Place;
use super::super::output::Files;
use super::{schema, text};
use crate::model::ModuleName;

/// Most bytes of one file of lines, unless one line alone has more.
const SHARD: usize = 50_000_000;

#[derive(Serialize)]
struct CatalogData {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    /// The schema of each line.
    line_schema: String,
    modules: usize,
    files: Vec<Shard>,
}

#[derive(Serialize)]
struct Shard {
    path: String,
    modules: usize,
    /// The first and the last module of the file.
    first: String,
    last: String,
    bytes: usize,
    sha256: String,
}

/// Where the list of the files lies.
pub(in super::super) fn index_place() -> Place {
    Place::ours("_catalog/index.json")
}

/// Writes the lines and the list of their files; `state` is a digest of all lines. Nothing
/// is made when all of it lies there already. `modules` are the names and lines.
pub(in super::super) fn write(
    files: &Files<'_>,
    state: u128,
    modules: &[(&ModuleName, &RawValue)],
) -> Result<(), SiteError> {
    let shards = shards(modules);
    let place = |number: usize| match shards.len() {
        1 => Place::ours("catalog.ndjson"),
        _ => Place::ours(&format!("_catalog/{}.ndjson", number + 1)),
    };
    for (number, shard) in shards.iter().enumerate() {
        let made_of = digest(format!("{state} {number} {}", shards.len()).as_bytes());
        files.write_made_of(&place(number), made_of, || Ok(lines(shard)))?;
    }
    let index = index_place();
    files.write_made_of(&index, digest(format!("{state} index").as_bytes()), || {
        let shards = shards.iter().enumerate().map(|(at, shard)| of_shard(index.link(&place(at)), shard));
        Ok(text(&CatalogData {
            schema: schema(&index, "catalog"),
            format: "warecat.site.catalog.v1",
            line_schema: schema(&index, "line"),
            modules: modules.len(),
            files: shards.collect(),
        }))
    })
}

/// The modules of each file, at least of one.
fn shards<'m, 'a>(modules: &'m [(&'a ModuleName, &'a RawValue)]) -> Vec<&'m [(&'a ModuleName, &'a RawValue)]> {
    let mut shards = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, (_, line)) in modules.iter().enumerate() {
        let length = line.get().len() + 1;
        if at > start && bytes + length > SHARD {
            shards.push(&modules[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += length;
    }
    shards.push(&modules[start..]);
    shards
}

fn lines(shard: &[(&ModuleName, &RawValue)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(shard.iter().map(|(_, line)| line.get().len() + 1).sum());
    for (_, line) in shard {
        bytes.extend_from_slice(line.get().as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

fn of_shard(path: String, shard: &[(&ModuleName, &RawValue)]) -> Shard {
    let name = |at: Option<&(&ModuleName, &RawValue)>| at.map(|(name, _)| name.to_string()).unwrap_or_default();
    let (mut bytes, mut hasher) = (0, Sha256::new());
    for (_, line) in shard {
        bytes += line.get().len() + 1;
        hasher.update(line.get().as_bytes());
        hasher.update(b"\n");
    }
    let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Shard { path, modules: shard.len(), first: name(shard.first()), last: name(shard.last()), bytes, sha256 }
}
