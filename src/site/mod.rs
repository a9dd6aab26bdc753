//! The static site: page data, templates, and the driver that writes only what changed.
//!
//! A build makes two passes over the modules, both parallel. The first gathers an
//! index of what pages need to know of other modules; the second makes each
//! module's pages from its entry and the index, renders and writes them, and forgets
//! them, so that memory follows the index and never the pages. Beside each module's page
//! lies the same as JSON. What the last commits changed has pages and feeds of its own.
//!
//! Invariants: the same input gives the same bytes, whatever the order of threads; no
//! clock and no environment is looked at; every value of a catalog passes through one
//! escaping function ([`escape`]; in data blocks, [`escape_json`]); nothing is written or removed outside the
//! output folder. Every page says all that it has to say without its script, which is
//! one file of ours; no request leaves the site.

mod answers;
mod build;
mod bytes;
mod changes;
pub mod check;
mod chooser;
mod commands;
mod compare_view;
mod error;
mod feeds;
mod frame;
mod freshness;
mod graph;
mod index;
mod json_text;
mod knowledge;
mod links;
mod listing;
mod matrix;
mod module_data;
mod module_page;
mod note;
mod options;
mod output;
mod pages;
mod passes;
mod permalink;
mod recipe_view;
mod record_view;
mod release_section;
mod render;
mod replay_page;
mod safe;
mod search;
mod site_view;
mod sitemap;
pub mod spack;
mod spec_view;
mod state;
mod structured;
mod templates;
mod twins;
mod version_table;
mod weight;
mod words;
mod writer;

pub use build::build;
pub use error::{LoadError, SiteError};
pub use options::{Commit, Load, Modules, Options, Past, Progress, Report, Shown, SourceAt, Stage};
pub use safe::{escape, escape_json, web_link};
pub use search::search_files;
pub use templates::TEMPLATES;
