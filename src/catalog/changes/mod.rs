//! What changed: between two commits of a catalog, and between two releases.
//!
//! A commit is compared with its first parent. Only the documents of modules whose files
//! differ are read, each verified against its CID as everywhere. History cannot be
//! mended, so a document that is damaged in one of the two states is a [`Fault`] of that
//! commit and never an error.
//!
//! The values are data: what they mean to a visitor is said by who shows them. Modules
//! stand in the order of their names, releases newest first.

mod history;
mod module;
mod release;
mod seen;
mod touched;
mod value;

pub use history::{Commit, History};
pub use release::{Difference, Side, compare};
pub use seen::FirstSeen;
pub use value::{
    Changes, FactChange, Fault, Kept, ModuleChange, Moved, NewRelease, ReleaseChange, SourceChange, Yanking,
};
