//! Virtual packages and who provides them.
//!
//! Each provider lists what it provides: a virtual's name, and the spec under which it
//! does (`amdblis+cblas`). A virtual is a name that is provided, or whose entry is a copy
//! of another's, and that is no package itself.

use std::collections::{BTreeMap, BTreeSet};

use super::members::{list, text};
use super::names::is_package;
use super::notes::Notes;
use crate::import::report::quoted;
use crate::model::{Value, metadata};
use crate::text::is_hidden;

/// Longest spec, in bytes.
const MAX_SPEC: usize = 512;

/// A package that provides a virtual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Provider {
    /// The package.
    pub(super) package: String,
    /// The spec under which it does, in upstream's words.
    pub(super) spec: String,
}

/// The providers of each virtual, by its name.
pub(super) type Providers = BTreeMap<String, BTreeSet<Provider>>;

/// Adds what a package provides.
pub(super) fn gather(package: &str, entry: &Value, providers: &mut Providers, notes: &mut Notes<'_>) {
    for (index, alias) in list(entry, "alias", "", notes).iter().enumerate() {
        let at = format!(".alias[{index}]");
        let (name, spec) = (text(alias, "name", &at, notes), text(alias, "alias_for", &at, notes));
        let Some((name, spec)) = name.zip(spec) else {
            notes.refused(&at, "it does not have the texts `name` and `alias_for`");
            continue;
        };
        let is_spec =
            spec.len() <= MAX_SPEC && !spec.contains(metadata::LIST_SEPARATOR) && !spec.chars().any(is_hidden);
        if !is_package(name) || !is_spec {
            notes.refused(&at, format!("{} for {} is not a provider of a virtual", quoted(spec), quoted(name)));
            continue;
        }
        let provider = Provider { package: package.to_owned(), spec: spec.to_owned() };
        providers.entry(name.to_owned()).or_default().insert(provider);
    }
}

/// The specs as metadata has them, each once, in the order of their packages.
pub(super) fn specs(providers: &BTreeSet<Provider>) -> Option<String> {
    let mut found: Vec<&str> = providers.iter().map(|provider| provider.spec.as_str()).collect();
    found.dedup();
    (!found.is_empty()).then(|| found.join(metadata::LIST_SEPARATOR))
}
