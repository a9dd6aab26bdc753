//! A catalog as files: where each document lies, reading it safely, changing many of
//! them at once.
//!
//! Invariants: nothing outside the catalog's folder is ever read or written, no link is
//! followed, and a transaction is seen whole or not at all, by readers that run beside
//! it and after a kill at any point. What the documents say is `catalog`'s business.
//! May use `model` only.

pub mod layout;

mod disk;
mod error;
mod files;
mod folders;
mod journal;
mod lock;
mod overlay;
mod transaction;

pub use disk::Disk;
pub use error::StoreError;
pub use files::{Entry, EntryKind, Files};
pub use layout::Place;
pub use lock::Patience;
pub use transaction::{Committed, Step, Transaction};
