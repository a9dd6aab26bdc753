//! What changed, as pages: the last commits of the catalog, one page for each, and the
//! part of the first page that names the latest.
//!
//! What a commit changed depends on that commit alone, so its JSON twin in the output
//! folder is kept as it is by later builds; see [`twin`].

mod page;
mod recent;
mod rows;
mod summary;
mod timeline;
mod twin;

pub(super) use page::{commit_page, index_page};
pub(super) use recent::{Recent, recent};
pub(super) use rows::fact_text;
pub(super) use summary::{Scope, summary};
pub(super) use timeline::{Timeline, Told};
pub(super) use twin::{commit_twin, index_twin};

use super::links::Place;

/// The page of the last commits.
pub(super) fn place() -> Place {
    Place::ours("_changes/index.html")
}

/// The same as JSON.
pub(super) fn data_place() -> Place {
    Place::ours("_changes/index.json")
}

/// The page of a commit, by the name that it has among files.
pub(super) fn commit_place(stem: &str) -> Place {
    Place::ours(&format!("_changes/{stem}.html"))
}

/// The same as JSON.
pub(super) fn commit_data(stem: &str) -> Place {
    Place::ours(&format!("_changes/{stem}.json"))
}
