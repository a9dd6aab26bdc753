//! Search on the site: the data files that the browser searches, the page to search on,
//! and the lists of what each value of a facet has, for those who do not type.
//!
//! The index is the one of [`crate::search`], made from the documents that the first pass
//! gathers. Pages never depend on it: data files are named with their hashes by one small
//! file, `_data/search.js`, so that a changed index changes no page.

pub(super) use crate::search::Index;

mod data;
mod lists;
mod page;

pub(super) use data::files;
pub(super) use lists::{FacetLists, Page as FacetPage};
pub(super) use page::{browse_place, page, search_place};

/// The data files that the site's script searches, by their paths below the site's folder.
#[must_use]
pub fn search_files(index: &Index) -> Vec<(String, Vec<u8>)> {
    files(index).into_iter().map(|(place, bytes)| (place.path().to_owned(), bytes)).collect()
}
