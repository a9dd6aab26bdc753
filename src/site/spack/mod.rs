//! Spack's records, read for people: what pages, their JSON and `show` say alike.
//!
//! Records hold what upstream gave, so every reader here takes any shape: what is not as
//! it should be is left out of the view, and stands in the record itself. Formats:
//! `docs/spack.md`.
//!
//! Absent: anything that writes, and any judgement of what upstream says.

mod install;
mod recipe;
mod spec;

pub use install::{Install, Way, install};
pub use recipe::{Conflict, Patch, Provision, Recipe, Variant};
pub use spec::{Dependency, External, Spec, by_hash};

use crate::catalog::ModuleEntry;
use crate::model::metadata;

/// The kind of a recipe's record, on its module.
pub const RECIPE: &str = "spack.recipe";
/// The kind of a concrete spec's record, on its release.
pub const SPEC: &str = "spack.spec";
/// What metadata `kind` says of a virtual package's module.
pub const VIRTUAL: &str = "virtual";

/// The package name that a spec begins with; empty when it begins with none.
///
/// ```
/// use warecat::site::spack::package_of;
/// assert_eq!(package_of("openblas@0.3.15:"), "openblas");
/// assert_eq!(package_of("amdblis+blas"), "amdblis");
/// assert_eq!(package_of("@1.2"), "");
/// ```
#[must_use]
pub fn package_of(spec: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !spec.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return "";
    }
    &spec[..spec.find(|c| !is_part(c)).unwrap_or(spec.len())]
}

/// The specs that provide a virtual package, as upstream writes them; none for a module
/// that is no virtual package.
#[must_use]
pub fn providers(entry: &ModuleEntry) -> Vec<&str> {
    let list = entry.metadata.get(metadata::PROVIDERS).filter(|_| is_virtual(entry));
    list.into_iter().flat_map(|list| list.split(metadata::LIST_SEPARATOR)).filter(|spec| !spec.is_empty()).collect()
}

/// Whether a module is a virtual package: a name that packages provide.
#[must_use]
pub fn is_virtual(entry: &ModuleEntry) -> bool {
    entry.metadata.get(metadata::MODULE_KIND).is_some_and(|kind| kind == VIRTUAL)
}
