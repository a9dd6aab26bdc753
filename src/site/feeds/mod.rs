//! Atom feeds (RFC 4287): of the whole catalog, of each source, of each module.
//!
//! Invariants: times come from documents and commits, never from the clock; ids are made
//! from CIDs, commit ids and names alone, so that they stay when a site moves; the same
//! input gives the same bytes; every text goes through the one escaping function.

mod atom;
mod catalog;
mod dates;
mod module;

pub(super) use catalog::{catalog_feed, catalog_place, source_feed, source_place};
pub(super) use dates::Dates;
pub(super) use module::{module_feed, module_place};
