//! Spack's importers: recipes, concrete specs, records of builds, build caches.
//!
//! - [`recipe`]: what `repology.json` and the per-package files say of packages
//! - [`spec`]: concrete specs: nodes, their hashes, what they become
//! - [`monitor`]: what `spack install --monitor-save-local` leaves
//! - [`buildcache`]: build caches in folders, on web servers and in OCI registries

pub mod buildcache;
pub mod monitor;
pub mod recipe;
pub mod spec;
