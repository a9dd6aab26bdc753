//! warecat keeps catalogs of software in the Warpforge style: hashed documents,
//! laid out as files that git tracks, filled by importers and shown as a site.
//!
//! The modules, in reading order, and what each may use:
//!
//! | module | holds | may use |
//! | --- | --- | --- |
//! | [`code`] | the closed list of error codes | nothing |
//! | [`text`] | how text from outside is shown | nothing |
//! | [`model`] | names, wares, documents, codecs, CIDs: pure values | code, text |
//! | [`git`] | git repositories through libgit2 | code, text |
//! | [`store`] | the file layout, reading, transactions | model |
//! | [`mirror`] | an address (file or URL) to bytes | model |
//! | [`import`] | foreign bytes to proposals and diagnostics; never writes | model, mirror |
//! | [`catalog`] | open, resolve, check, plan, apply | model, store, git |
//! | [`search`] | what is searched, its index, its ranking | model, catalog |
//! | [`site`] | page data and templates | model, catalog, search |
//! | [`server`] | a site over HTTP, on this machine | model, mirror, catalog, site |
//!
//! The binary has one more module, `cli`, which may use all of these; only it
//! looks at the environment, the clock and the standard streams. A test scans
//! the `crate::` paths of every file against this table.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod code;
pub mod text;

pub mod model;

pub mod git;
pub mod mirror;
pub mod store;

pub mod catalog;
pub mod import;
pub mod search;
pub mod site;

pub mod server;
