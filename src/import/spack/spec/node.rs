//! One concrete spec: a node of spec JSON, its fields held against their grammar.
//!
//! A node is only made by [`super::document`], which has compared its hash with its
//! content. Its text is kept whole, since the hash depends on the order of its keys.

use std::sync::Arc;

use super::hash::DagHash;
use super::python::{Layout, dump};
use super::verify::Proof;
use crate::import::report::quoted;
use crate::model::{Map, Value};
use crate::text::is_hidden;

/// Longest name, version or other short text, in bytes; real ones have below 80.
const MAX_TEXT: usize = 256;
/// Most dependencies; real nodes have below 100.
const MAX_DEPENDENCIES: usize = 4096;
/// The virtuals that a compiler provides, the first that is there naming the toolchain.
const LANGUAGES: [&str; 3] = ["c", "cxx", "fortran"];

/// Where a node stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's name.
    pub file: Arc<str>,
    /// The JSON path in the file.
    pub path: String,
}

/// A concrete spec whose hash was compared with its content.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The package.
    pub name: String,
    /// Its version as Spack writes it, such as `1.3.1` or `git.<commit>=1.9`.
    pub version: String,
    /// What identifies the node.
    pub hash: DagHash,
    /// The format of spec JSON that it stands in: 2 to 6.
    pub format: u64,
    /// What it was built for.
    pub arch: Arch,
    /// What it was built with, where the node says so itself (formats 2 to 4, and later
    /// ones that were rewritten from them); see [`super::Graph::compiler_of`].
    pub compiler: Option<Compiler>,
    /// The repository of recipes, such as `builtin`.
    pub namespace: Option<String>,
    /// Variants and compiler flags.
    pub parameters: Map<String, Value>,
    /// Where it lies, when Spack did not build it.
    pub external: Option<External>,
    /// The spec that was built, when this one was spliced from it.
    pub build_spec: Option<DagHash>,
    /// What it depends on directly, in upstream's order.
    pub dependencies: Vec<Dependency>,
    /// How its hash was found to hold.
    pub proof: Proof,
    /// Where it stands.
    pub place: Place,
    text: String,
}

/// Platform, operating system and target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arch {
    /// Such as `linux`.
    pub platform: String,
    /// Such as `debian12`.
    pub os: String,
    /// The target's name, such as `x86_64_v3`.
    pub target: String,
    /// The whole target as JSON: its name, or a map with its features.
    pub target_text: String,
}

/// A compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiler {
    /// Such as `gcc`.
    pub name: String,
    /// Such as `12.2.0`.
    pub version: String,
}

/// Where software lies that Spack did not build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// Its folder.
    pub path: Option<String>,
    /// The environment modules to load.
    pub modules: Vec<String>,
}

/// What a dependency is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DepType {
    /// While it is built.
    Build,
    /// Linked with it.
    Link,
    /// While it runs.
    Run,
    /// While it is tested.
    Test,
}

impl DepType {
    /// The type of this name; none for a name that Spack had not in 1.0.
    fn of(name: &str) -> Option<Self> {
        match name {
            "build" => Some(Self::Build),
            "link" => Some(Self::Link),
            "run" => Some(Self::Run),
            "test" => Some(Self::Test),
            _ => None,
        }
    }
}

/// A direct dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package.
    pub name: String,
    /// The node, by its `dag_hash`.
    pub hash: DagHash,
    /// What it is needed for.
    pub types: Vec<DepType>,
    /// The virtual packages that it provides here, such as `mpi`.
    pub virtuals: Vec<String>,
}

impl Dependency {
    /// Which language it compiles here, the first of C, C++ and Fortran counting least.
    pub(super) fn language(&self) -> Option<usize> {
        LANGUAGES.iter().position(|language| self.virtuals.iter().any(|name| name == language))
    }
}

impl Node {
    /// The node's JSON as upstream gave it, its keys in upstream's order, its `hash`
    /// included, in the compact form that Spack hashes since 0.21 (format 4).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads a node's fields; `dependencies` are those whose nodes could be told.
    pub(super) fn parse(
        fields: Map<String, Value>,
        identity: Identity,
        dependencies: Vec<Dependency>,
    ) -> Result<Self, Fault> {
        let Identity { hash, format, proof, place } = identity;
        let name = package_name(&fields, "name")?;
        let version = short(&fields, "version")?;
        let arch = arch(&fields)?;
        let compiler = compiler(&fields)?;
        let namespace = fields.get("namespace").map(|_| short(&fields, "namespace")).transpose()?;
        let parameters = match fields.get("parameters") {
            Some(Value::Map(map)) => map.clone(),
            None => Map::new(),
            Some(_) => return Err(Fault::new("parameters", "it is not a map")),
        };
        let external = external(&fields)?;
        let build_spec = build_spec(&fields)?;
        let text = dump(&Value::Map(fields), Layout::Compact);
        Ok(Self {
            name,
            version,
            hash,
            format,
            arch,
            compiler,
            namespace,
            parameters,
            external,
            build_spec,
            dependencies,
            proof,
            place,
            text,
        })
    }
}

/// What is known of a node before its fields are read.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) hash: DagHash,
    pub(super) format: u64,
    pub(super) proof: Proof,
    pub(super) place: Place,
}

/// Why a node is refused, and where in it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) field: &'static str,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// A short text of one line.
fn short_text(value: Option<&Value>) -> Result<String, String> {
    let text = value.ok_or("it is absent")?.as_text().ok_or("it is not a text")?;
    match text {
        "" => Err("it is empty".into()),
        _ if text.len() > MAX_TEXT => Err(format!("it is longer than {MAX_TEXT} bytes")),
        _ if text.chars().any(|c| is_hidden(c) || c.is_whitespace()) => {
            Err(format!("{} holds a blank or a control character", quoted(text)))
        }
        _ => Ok(text.to_owned()),
    }
}

fn short(fields: &Map<String, Value>, field: &'static str) -> Result<String, Fault> {
    short_text(fields.get(field)).map_err(|message| Fault::new(field, message))
}

/// A package's name: letters, digits, `_`, `-` and `.`, beginning with no sign.
fn package_name(fields: &Map<String, Value>, field: &'static str) -> Result<String, Fault> {
    let name = short(fields, field)?;
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    let is_name = name.bytes().all(letter) && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if is_name { Ok(name) } else { Err(Fault::new(field, format!("{} is no name of a package", quoted(&name)))) }
}

fn arch(fields: &Map<String, Value>) -> Result<Arch, Fault> {
    let value = fields.get("arch").ok_or_else(|| Fault::new("arch", "it is absent"))?;
    let target = value.get("target");
    let name = match target {
        Some(Value::Map(map)) => map.get("name"),
        other => other,
    };
    let part = |value| short_text(value).map_err(|message| Fault::new("arch", message));
    Ok(Arch {
        platform: part(value.get("platform"))?,
        os: part(value.get("platform_os"))?,
        target: part(name)?,
        target_text: target.map(|target| dump(target, Layout::Compact)).unwrap_or_default(),
    })
}

/// `compiler`, or from format 5 on `annotations.compiler` (`gcc@12.2.0` or `gcc@=12.2.0`).
fn compiler(fields: &Map<String, Value>) -> Result<Option<Compiler>, Fault> {
    if let Some(value) = fields.get("compiler").filter(|value| **value != Value::Null) {
        let part = |key| short_text(value.get(key)).map_err(|message| Fault::new("compiler", message));
        return Ok(Some(Compiler { name: part("name")?, version: part("version")? }));
    }
    let Some(text) = fields.get("annotations").and_then(|all| all.get("compiler")) else { return Ok(None) };
    let text = short_text(Some(text)).map_err(|message| Fault::new("annotations", message))?;
    let Some((name, version)) = text.split_once('@') else { return Ok(None) };
    Ok(Some(Compiler { name: name.to_owned(), version: version.trim_start_matches('=').to_owned() }))
}

fn external(fields: &Map<String, Value>) -> Result<Option<External>, Fault> {
    let Some(value) = fields.get("external").filter(|value| **value != Value::Null) else { return Ok(None) };
    let wrong = |message: &str| Fault::new("external", message);
    let Value::Map(external) = value else { return Err(wrong("it is not a map")) };
    let path = match external.get("path") {
        None | Some(Value::Null) => None,
        Some(Value::Text(path)) => Some(path.clone()),
        Some(_) => return Err(wrong("its path is not a text")),
    };
    let modules = match external.get("module") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Text(module)) => vec![module.clone()],
        Some(list) => list.items().iter().filter_map(Value::as_text).map(str::to_owned).collect(),
    };
    Ok(Some(External { path, modules }))
}

/// The hash in `build_spec`, which only spliced specs have.
pub(super) fn build_spec(fields: &Map<String, Value>) -> Result<Option<DagHash>, Fault> {
    let Some(value) = fields.get("build_spec").filter(|value| **value != Value::Null) else { return Ok(None) };
    let hash = value.get("hash").and_then(Value::as_text);
    let hash = hash.and_then(|hash| hash.parse().ok());
    hash.map(Some).ok_or_else(|| Fault::new("build_spec", "it names no spec by its hash"))
}

/// A dependency as a node names it: by its `hash`, or in format 2 by another hash.
#[derive(Debug)]
pub(super) struct Named<'v> {
    pub(super) name: &'v str,
    pub(super) reference: &'v str,
    /// Whether the reference is a `hash` itself.
    pub(super) is_hash: bool,
    fields: &'v Map<String, Value>,
}

impl Named<'_> {
    /// The dependency, the hash of its node being known.
    pub(super) fn with_hash(&self, hash: DagHash) -> Dependency {
        let parameters = self.fields.get("parameters");
        let types = parameters.and_then(|all| all.get("deptypes")).or_else(|| self.fields.get("type"));
        let virtuals = parameters.and_then(|all| all.get("virtuals"));
        let texts = |list: Option<&Value>| -> Vec<String> {
            let items = list.map(Value::items).unwrap_or_default();
            items.iter().filter_map(Value::as_text).map(str::to_owned).collect()
        };
        let types = texts(types).iter().filter_map(|name| DepType::of(name)).collect();
        Dependency { name: self.name.to_owned(), hash, types, virtuals: texts(virtuals) }
    }
}

/// The dependencies that a node names.
pub(super) fn dependencies(fields: &Map<String, Value>) -> Result<Vec<Named<'_>>, Fault> {
    let wrong = |message: String| Fault::new("dependencies", message);
    let list = match fields.get("dependencies") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::List(list)) => list,
        Some(_) => return Err(wrong("it is not a list, as it is since format 2 of spec JSON".into())),
    };
    if list.len() > MAX_DEPENDENCIES {
        return Err(wrong(format!("{} are more than the limit of {MAX_DEPENDENCIES}", list.len())));
    }
    list.iter().map(|value| named(value).map_err(|message| wrong(message.into()))).collect()
}

fn named(value: &Value) -> Result<Named<'_>, &'static str> {
    let Value::Map(fields) = value else { return Err("a member is not a map") };
    let name = fields.get("name").and_then(Value::as_text).ok_or("a member has no name")?;
    if name.is_empty() || name.len() > MAX_TEXT {
        return Err("the name of a member is empty or too long");
    }
    let by = |key: &str| fields.get(key).and_then(Value::as_text);
    let other = || super::verify::HASHES.iter().find_map(|key| by(key));
    let (reference, is_hash) = match by("hash") {
        Some(hash) => (hash, true),
        None => (other().ok_or("a member has no hash")?, false),
    };
    Ok(Named { name, reference, is_hash, fields })
}
