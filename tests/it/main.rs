//! All integration tests, linked once: a module for each folder of `src/` that has some.
//!
//! Tests on the project's own small fixtures always run. Tests on the real data of
//! `../shared/data` say so and skip where that folder is absent (see `shared`).
// A skipped test says so on standard error.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod apptainer;
mod buildcache;
mod catalog;
mod check;
mod dependencies;
mod docs;
mod eessi;
mod eessi_catalog;
mod fuzz_corpus;
#[allow(unreachable_pub, reason = "the fuzz crate includes this file as well, and exports it")]
mod fuzz_targets;
mod hostile;
mod import_merge;
mod kill;
mod layers;
mod model;
mod network;
mod oci;
mod refs;
mod refused;
mod registry;
mod registry_hostile;
mod schema;
mod search;
mod server;
mod shared;
mod sif;
mod sif_writer;
mod site;
mod site_changes;
mod site_check;
mod site_hostile;
mod site_knowledge;
mod site_spack;
mod spack_monitor;
mod spack_recipes;
mod spack_specs;
mod squashfs;
mod support;
mod support_mock;
mod support_registry;
mod targets;
mod transcripts;
