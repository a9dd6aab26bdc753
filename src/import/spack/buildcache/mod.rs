//! Build caches: what a group has built and keeps for others, in a folder, on a web server
//! or in a registry.
//!
//! - [`mod@gather`]: reads a cache; the only part that fetches
//! - [`inventory`]: what was found, compared with the index, and what becomes of it
//! - [`layout2`], [`layout3`], [`image`]: where what lies in the three forms of a cache
//! - [`spec_file`]: what a cache's spec says of its tarball
//!
//! Nodes become what [`super::spec`] says; a spec's tarball becomes its release's item. The
//! record has two more fields: `path` of the tarball in a folder or on a web server, or
//! `tag` and `manifest` of the image in a registry.
//!
//! Deliberately absent: downloading tarballs, trusting keys that lie in a cache, pushing.

pub mod gather;
pub mod image;
pub mod inventory;
pub mod layout2;
pub mod layout3;
pub mod spec_file;

pub use crate::import::openpgp::Keyring;
pub use gather::{Clients, GatherError, Place, PlaceError, Reading, Request, gather};
pub use inventory::Inventory;
