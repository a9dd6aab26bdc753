//! The shapes of files that hold nodes: spec JSON, lock files, databases.
//!
//! | file | shape |
//! | --- | --- |
//! | spec JSON, `.spack/spec.json`, a build cache's `spec.json`, an OCI image's config | `{"spec": {"_meta": {"version": n}, "nodes": […]}, …}` |
//! | an environment's lock file | `{"_meta": {"file-type": "spack-lockfile", …}, "roots": […], "concrete_specs": {hash: node}, "include_concrete": {path: {"roots", "concrete_specs"}}}` |
//! | a build cache's `index.json`, an installation's database | `{"database": {"version": "n", "installs": {hash: {"spec": node, …}}}}` |
//!
//! Nodes are taken as JSON text and not looked into, so that what is wrong with one of
//! them leaves the others. Sources: `specfile_format` and `lockfile_format` in Spack's
//! documentation; its `database.py`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::import::SourceError;
use crate::model::{Digest, Map, Value};
use crate::text::shown;

/// The newest format that is known, and the one that a file of unknown version is read as.
const NEWEST: u64 = 6;
/// How deep environments include environments in one lock file.
const MAX_INCLUDES: usize = 8;

/// Why a file of JSON that is about something else is not read.
pub(super) const NO_SPECS: &str =
    "it holds no concrete specs: give spec JSON, a lock file (`spack.lock`) or a database";
const TOO_OLD: &str = "its specs are of format 1 (Spack 0.16 and older), whose hashes cannot be recomputed";
const SIGNED: &str = "it is signed; `import spack-buildcache` reads signed specs";

/// What a file holds, its nodes not yet read.
#[derive(Debug, Default)]
pub(super) struct Shape<'b> {
    /// The format of its nodes.
    pub(super) format: u64,
    pub(super) entries: Vec<Entry<'b>>,
    /// The hashes of the roots, as they are written.
    pub(super) roots: Vec<String>,
    /// `buildcache_layout_version`.
    pub(super) layout: Option<u64>,
    /// `binary_cache_checksum`: of the tarball.
    pub(super) checksum: Option<Digest>,
}

/// A node, not yet read.
#[derive(Debug)]
pub(super) struct Entry<'b> {
    pub(super) path: String,
    /// The key that it stands at, in a map of nodes.
    pub(super) key: Option<String>,
    pub(super) json: &'b RawValue,
    /// Whether a database says that it is in the build cache.
    pub(super) in_buildcache: bool,
}

type Raw<'b> = Map<String, &'b RawValue>;

/// Reads the shape of a file.
pub(super) fn read<'b>(file: &str, text: &'b str) -> Result<Shape<'b>, SourceError> {
    let unknown = |reason| SourceError::KindUnknown { file: file.to_owned(), reason };
    if text.trim_start().starts_with("-----BEGIN PGP SIGNED MESSAGE") {
        return Err(unknown(SIGNED));
    }
    let reader = Reader { file };
    let top: Raw<'_> = reader.parse(text)?;
    let mut shape = if let Some(spec) = top.get("spec") {
        reader.spec(spec)?
    } else if let Some(database) = top.get("database") {
        reader.database(database)?
    } else if top.contains_key("concrete_specs") {
        reader.lock(&top)?
    } else {
        return Err(unknown(NO_SPECS));
    };
    if shape.format < 2 {
        return Err(unknown(TOO_OLD));
    }
    shape.layout = top.get("buildcache_layout_version").and_then(|raw| serde_json::from_str(raw.get()).ok());
    let checksum: Option<Value> = top.get("binary_cache_checksum").and_then(|raw| serde_json::from_str(raw.get()).ok());
    let digest = checksum.as_ref().and_then(|checksum| checksum.get("hash")).and_then(Value::as_text);
    shape.checksum = digest.and_then(|digest| digest.parse().ok());
    Ok(shape)
}

struct Reader<'f> {
    file: &'f str,
}

impl Reader<'_> {
    fn parse<'b, T: Deserialize<'b>>(&self, text: &'b str) -> Result<T, SourceError> {
        serde_json::from_str(text).map_err(|error| SourceError::json(self.file, &error))
    }

    /// Reads a member of a map; its default when it is absent.
    fn member<'b, T: Deserialize<'b> + Default>(&self, map: &Raw<'b>, key: &str) -> Result<T, SourceError> {
        map.get(key).map_or_else(|| Ok(T::default()), |raw| self.parse(raw.get()))
    }

    fn spec<'b>(&self, raw: &'b RawValue) -> Result<Shape<'b>, SourceError> {
        if raw.get().starts_with('[') {
            return Ok(Shape::default());
        }
        let spec: Raw<'_> = self.parse(raw.get())?;
        let meta: Meta = self.member(&spec, "_meta")?;
        let nodes: Vec<&RawValue> = self.member(&spec, "nodes")?;
        let at = |(number, json)| {
            let path = format!("spec.nodes[{number}]");
            Entry { path, key: None, json, in_buildcache: false }
        };
        let entries = nodes.into_iter().enumerate().map(at).collect();
        Ok(Shape { format: meta.version.unwrap_or(1), entries, ..Shape::default() })
    }

    fn database<'b>(&self, raw: &'b RawValue) -> Result<Shape<'b>, SourceError> {
        let database: Raw<'_> = self.parse(raw.get())?;
        let version: Value = database.get("version").map_or(Ok(Value::Null), |raw| self.parse(raw.get()))?;
        let installs: Raw<'_> = self.member(&database, "installs")?;
        let mut entries = Vec::with_capacity(installs.len());
        for (key, raw) in installs {
            let install: Raw<'_> = self.parse(raw.get())?;
            // What was uninstalled and is still depended on may have no spec.
            let Some(json) = install.get("spec").copied() else { continue };
            let in_buildcache = install.get("in_buildcache").is_some_and(|raw| raw.get() == "true");
            let path = format!("database.installs[{}].spec", quoted_key(&key));
            entries.push(Entry { path, key: Some(key), json, in_buildcache });
        }
        let format = match version.as_text().and_then(|text| text.parse::<u64>().ok()) {
            Some(0..=5) => 1,
            Some(6) => 3,
            Some(7) => 4,
            Some(8) => 5,
            _ => NEWEST,
        };
        Ok(Shape { format, entries, ..Shape::default() })
    }

    fn lock<'b>(&self, top: &Raw<'b>) -> Result<Shape<'b>, SourceError> {
        let meta: Meta = self.member(top, "_meta")?;
        let format = match (meta.specfile, meta.lockfile) {
            (Some(format), _) => format,
            (None, Some(0..=2)) => 1,
            (None, Some(3)) => 2,
            (None, Some(4)) => 3,
            (None, Some(5)) => 4,
            (None, Some(6 | 7)) => 5,
            (None, _) => NEWEST,
        };
        let mut shape = Shape { format, ..Shape::default() };
        self.environment(top, "", MAX_INCLUDES, &mut shape)?;
        Ok(shape)
    }

    fn environment<'b>(
        &self,
        raw: &Raw<'b>,
        above: &str,
        depth: usize,
        shape: &mut Shape<'b>,
    ) -> Result<(), SourceError> {
        let roots: Vec<Root> = self.member(raw, "roots")?;
        shape.roots.extend(roots.into_iter().filter_map(|root| root.hash));
        let specs: Raw<'_> = self.member(raw, "concrete_specs")?;
        shape.entries.extend(specs.into_iter().map(|(key, json)| {
            let path = format!("{above}concrete_specs[{}]", quoted_key(&key));
            Entry { path, key: Some(key), json, in_buildcache: false }
        }));
        let included: Raw<'_> = self.member(raw, "include_concrete")?;
        for (number, (_, environment)) in included.into_iter().enumerate() {
            if depth == 0 {
                let reason = "its environments include each other too deep";
                return Err(SourceError::KindUnknown { file: self.file.to_owned(), reason });
            }
            let inner: Raw<'_> = self.parse(environment.get())?;
            self.environment(&inner, &format!("{above}include_concrete[{number}]."), depth - 1, shape)?;
        }
        Ok(())
    }
}

/// What a file says of its own format.
#[derive(Deserialize, Default)]
struct Meta {
    version: Option<u64>,
    #[serde(rename = "lockfile-version")]
    lockfile: Option<u64>,
    #[serde(rename = "specfile-version")]
    specfile: Option<u64>,
}

#[derive(Deserialize)]
struct Root {
    hash: Option<String>,
}

/// A key within a JSON path, harmless and not too long.
fn quoted_key(key: &str) -> String {
    let short: String = key.chars().take(64).collect();
    shown(&serde_json::Value::from(short).to_string()).to_string()
}
