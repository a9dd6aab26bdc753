//! All integration tests, linked once: a module for each folder of `src/` that has some.
//!
//! Tests on the project's own small fixtures always run. Tests on the real data of
//! `../shared/data` say so and skip where that folder is absent (see `shared`).
// A skipped test says so on standard error.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod catalog;
mod check;
mod docs;
mod eessi;
mod kill;
mod layers;
mod model;
mod shared;
mod site;
mod support;
mod transcripts;
