//! All integration tests, linked once: a module for each folder of `src/` that has some.
//!
//! Tests on the project's own small fixtures always run. Tests on the real data of
//! `../shared/data` say so and skip where that folder is absent (see `shared`).
#![allow(missing_docs, clippy::unwrap_used)]

mod dependencies;
mod layers;
mod model;
mod schema;
mod shared;
