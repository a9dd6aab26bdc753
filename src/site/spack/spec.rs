//! A concrete spec's record: the node as Spack hashes it, kept as text.

use std::collections::BTreeMap;

use super::SPEC;
use crate::model::{CatalogRef, Record, Value};

/// Flags that a node lists although none is set.
const FLAGS: &[&str] = &["cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs"];

/// A concrete spec.
#[derive(Debug, Clone)]
pub struct Spec {
    node: Value,
}

/// A spec that another one needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency<'a> {
    /// Its package.
    pub name: &'a str,
    /// Its hash.
    pub hash: Option<&'a str>,
    /// What it is needed for: `build`, `link`, `run`, `test`.
    pub types: Vec<&'a str>,
    /// The virtual packages that it stands for.
    pub virtuals: Vec<&'a str>,
}

/// Where a spec lies that Spack did not install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External<'a> {
    /// Its folder.
    pub path: Option<&'a str>,
    /// The environment modules that make it known.
    pub modules: Vec<&'a str>,
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_text).filter(|text| !text.is_empty())
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Text(text)) => vec![text],
        Some(list) => list.items().iter().filter_map(Value::as_text).collect(),
        None => Vec::new(),
    }
}

/// A key and its value as Spack writes them, quoted where Spack would have to.
fn assigned(key: &str, value: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "_-.,:/@+~%".contains(c);
    if !value.is_empty() && value.chars().all(is_bare) {
        format!("{key}={value}")
    } else {
        format!("{key}=\"{value}\"")
    }
}

impl Spec {
    /// The spec that a record holds, when it is one that can be read.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        if record.kind != SPEC {
            return None;
        }
        let node: Value = serde_json::from_str(record.data.get("node")?.as_text()?).ok()?;
        matches!(node, Value::Map(_)).then_some(Self { node })
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Value {
        &self.node
    }

    /// Its package.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        text(&self.node, "name")
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        text(&self.node, "version")
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        text(&self.node, "hash")
    }

    /// The repository of its recipe.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        text(&self.node, "namespace")
    }

    /// The hash of its recipe.
    #[must_use]
    pub fn package_hash(&self) -> Option<&str> {
        text(&self.node, "package_hash")
    }

    /// The compiler, `name@version`; none where the compiler is a dependency.
    #[must_use]
    pub fn compiler(&self) -> Option<String> {
        let compiler = self.node.get("compiler")?;
        let name = text(compiler, "name")?;
        Some(text(compiler, "version").map_or_else(|| name.to_owned(), |version| format!("{name}@{version}")))
    }

    /// The platform, such as `linux`.
    #[must_use]
    pub fn platform(&self) -> Option<&str> {
        text(self.node.get("arch")?, "platform")
    }

    /// The operating system.
    #[must_use]
    pub fn os(&self) -> Option<&str> {
        text(self.node.get("arch")?, "platform_os")
    }

    /// The processor that it is for.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        let arch = self.node.get("arch")?;
        text(arch, "target").or_else(|| text(arch.get("target")?, "name"))
    }

    /// Its parameters as Spack writes them: what is on or off first (`+shared`, `~mpi`),
    /// then what has values (`fabrics=none`), then the compiler's flags that are set.
    #[must_use]
    pub fn parameters(&self) -> Vec<String> {
        let Some(Value::Map(parameters)) = self.node.get("parameters") else { return Vec::new() };
        let (mut switches, mut values, mut flags) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in parameters {
            match value {
                Value::Bool(true) => switches.push(format!("+{name}")),
                Value::Bool(false) => switches.push(format!("~{name}")),
                Value::List(items) if FLAGS.contains(&name.as_str()) => {
                    let set: Vec<_> = items.iter().filter_map(Value::as_text).collect();
                    if !set.is_empty() {
                        flags.push(assigned(name, &set.join(" ")));
                    }
                }
                value => values.push(assigned(name, &texts(Some(value)).join(","))),
            }
        }
        switches.into_iter().chain(values).chain(flags).collect()
    }

    /// Where it lies, when Spack did not install it.
    #[must_use]
    pub fn external(&self) -> Option<External<'_>> {
        let external = self.node.get("external").filter(|value| matches!(value, Value::Map(_)))?;
        Some(External { path: text(external, "path"), modules: texts(external.get("module")) })
    }

    /// The hash of the spec that it was built as, when it was spliced since.
    #[must_use]
    pub fn built_as(&self) -> Option<&str> {
        text(self.node.get("build_spec")?, "hash")
    }

    /// What it needs directly, in the node's order.
    #[must_use]
    pub fn dependencies(&self) -> Vec<Dependency<'_>> {
        let dependency = |value| {
            let name = text(value, "name")?;
            let how = value.get("parameters");
            // Before format 4 the types stood beside the name.
            let types = how.and_then(|how| how.get("deptypes")).or_else(|| value.get("type"));
            let virtuals = texts(how.and_then(|how| how.get("virtuals")));
            Some(Dependency { name, hash: text(value, "hash"), types: texts(types), virtuals })
        };
        self.node.get("dependencies").map(Value::items).unwrap_or_default().iter().filter_map(dependency).collect()
    }
}

/// Releases of concrete specs by the hash that each is named after, the first of each.
#[must_use]
pub fn by_hash<'a>(wanted: &[&'a CatalogRef]) -> BTreeMap<&'a str, &'a CatalogRef> {
    let mut found = BTreeMap::new();
    for reference in wanted {
        if let Some((_, hash)) = reference.release.as_str().rsplit_once('-') {
            found.entry(hash).or_insert(*reference);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{SPEC, Spec};
    use crate::model::{Map, Record, Value};

    fn spec(node: &str) -> Option<Spec> {
        let data = Map::from_iter([("node".to_owned(), Value::from(node))]);
        Spec::of(&Record { kind: SPEC.into(), data: Value::Map(data) })
    }

    #[test]
    fn parameters_are_written_as_spack_writes_them() {
        let node = r#"{"parameters":{"fabrics":["none"],"shared":true,"build_system":"cmake","mpi":false,
            "cflags":["-O2","-g"],"ldflags":[],"libs":["shared","static"],"note":"a b"}}"#;
        let expected = [
            "+shared",
            "~mpi",
            "fabrics=none",
            "build_system=cmake",
            "libs=shared,static",
            "note=\"a b\"",
            "cflags=\"-O2 -g\"",
        ];
        assert_eq!(spec(node).unwrap().parameters(), expected);
    }

    #[test]
    fn older_and_newer_nodes_say_the_same() {
        let old = spec(r#"{"arch":{"target":"haswell"},"dependencies":[{"name":"a","hash":"h","type":["build"]}]}"#);
        let new = spec(
            r#"{"arch":{"target":{"name":"haswell"}},
            "dependencies":[{"name":"a","hash":"h","parameters":{"deptypes":["build"],"virtuals":[]}}]}"#,
        );
        let (old, new) = (old.unwrap(), new.unwrap());
        assert_eq!((old.target(), old.dependencies()), (new.target(), new.dependencies()));
        assert_eq!(old.target(), Some("haswell"));
    }

    #[test]
    fn what_is_no_node_is_no_spec() {
        for bad in ["", "[]", "null", "{", "{\"a\":1,\"a\":2}"] {
            assert!(spec(bad).is_none(), "{bad}");
        }
    }
}
