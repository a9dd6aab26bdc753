//! A recipe's record: the entry of `repology.json`, and `packages/NAME.json` beside it.

use std::collections::BTreeSet;

use super::RECIPE;
use crate::catalog::ModuleEntry;
use crate::model::{Map, Value};

/// A recipe's record.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    record: &'a Value,
}

/// A build option of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value when nobody chooses, as Spack writes it: `+shared`, `~shared`, `fabrics=none`.
    pub default: String,
    /// What it does, in upstream's words.
    pub description: Option<&'a str>,
}

/// Two things that do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// What cannot be chosen.
    pub what: &'a str,
    /// When it cannot.
    pub when: Option<&'a str>,
    /// Why, in upstream's words.
    pub description: Option<&'a str>,
}

/// A change that Spack makes to the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch<'a> {
    /// A file beside the recipe, or an address.
    pub file: &'a str,
    /// For which specs it is made.
    pub when: Option<&'a str>,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: Option<&'a str>,
}

/// A virtual package that the recipe provides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Provision<'a> {
    /// The virtual package.
    pub name: &'a str,
    /// The spec that provides it.
    pub spec: &'a str,
}

/// A member that is a text with something in it.
fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_text).filter(|text| !text.trim().is_empty())
}

impl<'a> Recipe<'a> {
    /// A module's recipe, when its record is one.
    #[must_use]
    pub fn of(entry: &'a ModuleEntry) -> Option<Self> {
        entry.record().filter(|(_, record)| record.kind == RECIPE).map(|(_, record)| Self { record: &record.data })
    }

    fn list(self, part: &str, key: &str) -> &'a [Value] {
        self.record.get(part).and_then(|part| part.get(key)).map(Value::items).unwrap_or_default()
    }

    fn texts(self, part: &str, key: &str) -> impl Iterator<Item = &'a str> {
        self.list(part, key).iter().filter_map(Value::as_text).filter(|text| !text.trim().is_empty())
    }

    /// The packages and virtual packages that it may need, of all types and conditions,
    /// in upstream's order, each once.
    #[must_use]
    pub fn dependencies(self) -> Vec<&'a str> {
        let mut seen = BTreeSet::new();
        self.texts("repology", "dependencies").filter(|name| seen.insert(*name)).collect()
    }

    /// The virtual packages that it provides, each pair once, sorted.
    #[must_use]
    pub fn provides(self) -> Vec<Provision<'a>> {
        let pair = |alias: &'a Value| {
            Some(Provision { name: text(alias, "name")?, spec: text(alias, "alias_for").unwrap_or_default() })
        };
        let pairs: BTreeSet<_> = self.list("repology", "alias").iter().filter_map(pair).collect();
        pairs.into_iter().collect()
    }

    /// Its build options, in upstream's order.
    #[must_use]
    pub fn variants(self) -> Vec<Variant<'a>> {
        let variant = |value: &'a Value| {
            let name = text(value, "name")?;
            let default = match value.get("default") {
                Some(Value::Bool(true)) => format!("+{name}"),
                Some(Value::Bool(false)) => format!("~{name}"),
                Some(value) => format!("{name}={}", plain(value)),
                None => String::new(),
            };
            Some(Variant { name, default, description: text(value, "description") })
        };
        self.list("package", "variants").iter().filter_map(variant).collect()
    }

    /// What does not go together, in upstream's order.
    #[must_use]
    pub fn conflicts(self) -> Vec<Conflict<'a>> {
        let conflict = |value: &'a Value| {
            let (what, when) = (text(value, "name"), text(value, "spec"));
            let description = text(value, "description");
            Some(Conflict { what: what.or(when)?, when: what.and(when), description })
        };
        self.list("package", "conflicts").iter().filter_map(conflict).collect()
    }

    /// What it changes in the sources, in upstream's order; with checksums where the
    /// package's own file is there.
    #[must_use]
    pub fn patches(self) -> Vec<Patch<'a>> {
        let known = |value: &'a Value| {
            let file = text(value, "relative_path").or_else(|| text(value, "url"))?;
            Some(Patch { file, when: text(value, "version"), sha256: text(value, "sha256") })
        };
        let known: Vec<_> = self.list("package", "patches").iter().filter_map(known).collect();
        if !known.is_empty() {
            return known;
        }
        let named = |line: &'a str| {
            let (file, when) = line.split_once(" when ").map_or((line, None), |(file, when)| (file, Some(when)));
            Patch { file, when, sha256: None }
        };
        self.texts("repology", "patches").map(named).collect()
    }

    /// The versions that upstream deprecates.
    #[must_use]
    pub fn deprecated(self) -> Vec<&'a str> {
        self.list("package", "versions_deprecated").iter().filter_map(|version| text(version, "name")).collect()
    }

    /// The version that Spack takes when nobody chooses.
    #[must_use]
    pub fn preferred(self) -> Option<&'a str> {
        text(self.record.get("package")?, "latest_version")
    }

    /// How it is built, such as `CMakePackage`.
    #[must_use]
    pub fn build_system(self) -> Option<&'a str> {
        text(self.record.get("package")?, "build_system")
    }

    /// What says which content a version has: a key (`sha256`, `commit`, `tag`, `branch`)
    /// and its value, the most certain one.
    #[must_use]
    pub fn content_of(self, version: &str) -> Option<(&'static str, &'a str)> {
        let of = |part: &str, list: &str, key: &str| {
            let found = self.list(part, list).iter().find(|value| text(value, key) == Some(version))?;
            let nested = found.get("repositories").map(Value::items).unwrap_or_default().first();
            let member = |key: &'static str| {
                Some((key, text(found, key).or_else(|| nested.and_then(|nested| text(nested, key)))?))
            };
            ["sha256", "commit", "tag", "branch"].into_iter().find_map(member)
        };
        of("package", "versions", "name").or_else(|| of("repology", "version", "version"))
    }

    /// All that this view and the module's metadata do not show: the record without what
    /// they do, and without what is empty.
    #[must_use]
    pub fn rest(self) -> Value {
        let Value::Map(record) = self.record else { return self.record.clone() };
        let further = |part: &Map<String, Value>| {
            let is_further = |(key, value): &(&String, &Value)| {
                let is_homepage = key.as_str() == "homepages" && value.items().len() == 1;
                !is_homepage && !SHOWN.contains(&key.as_str()) && !says_nothing(value)
            };
            part.iter().filter(is_further).map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let parts = record.iter().map(|(key, part)| match part {
            Value::Map(part) if matches!(key.as_str(), "repology" | "package") => {
                (key.clone(), Value::Map(further(part)))
            }
            _ => (key.clone(), part.clone()),
        });
        Value::Map(parts.filter(|(_, part)| !says_nothing(part)).collect::<Map<_, _>>())
    }
}

/// Keys of both parts of a record that are shown as metadata, in tables or as releases.
const SHOWN: &[&str] = &[
    "alias",
    "aliases",
    "build_system",
    "categories",
    "conflicts",
    "dependencies",
    "description",
    "downloads",
    "homepage",
    "latest_version",
    "licenses",
    "maintainers",
    "name",
    "patches",
    "summary",
    "variants",
    "version",
    "versions",
    "versions_deprecated",
];

/// Whether a value is nothing, or a list of nothing.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.iter().all(says_nothing),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// A default that is no `true` or `false`, as Spack writes it.
fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
