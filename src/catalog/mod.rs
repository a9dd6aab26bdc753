//! A catalog: open it, look things up, check it, plan changes and apply them.
//!
//! Invariants: a document is verified against its CID before anything of it is used;
//! every change is made through one transaction of the store; a change touches the
//! documents that differ and no others. May use `model`, `store` and `git`.

pub mod changes;
pub mod check;
pub mod config;
pub mod references;

mod add;
mod apply;
mod canonical;
mod draft;
mod entry;
mod error;
mod import;
mod key;
mod open;
mod placement;
mod read;
mod resolve;
mod revision;
mod suggest;
mod walk;

pub use add::{Addition, Edit};
pub use apply::ApplyOptions;
pub use entry::{ModuleEntry, ReleaseEntry};
pub use error::CatalogError;
pub use import::{BrokenPin, ImportPolicy, ImportReport, Proposals, Tally};
pub use key::ModuleKey;
pub use open::Catalog;
pub use resolve::{Query, Resolved};
