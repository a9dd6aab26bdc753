//! OCI registries: tags, manifests and blobs, each checked against its digest.
//!
//! - [`repository`]: which registry, and which repository of it; [`tag`]: names within it
//! - [`registry`]: [`Registry`], which reads repositories; `listing` follows the pages of
//!   `tags`, of the registry's `catalog` and of `referrers`, `link` finds the next one; `range`
//!   reads parts of blobs; `subject` is what a request is about; `session` asks, `refused` says why there is no answer, `traffic` counts
//! - [`options`]: what a caller allows
//! - [`mod@manifest`]: what a manifest is, and what is taken for one
//! - [`credential`]: who asks; `challenge` is what a registry wants to know, `realm` where
//!   it may send us to prove it, `token` what we get there
//! - [`error`]: everything that can go wrong, each with its code and a hint
//!
//! The protocol is that of the OCI distribution specification 1.1, of which only reading
//! is here; types and media types of manifests are those of the `oci-client` crate.
//!
//! Invariants: bytes are handed out only when they have the digest that names them. A
//! credential goes to the host that it is for and to the token service which that host may
//! name, over `https` (or to a host that was named as insecure), and to nobody else; it is
//! never stored, shown or sent after a redirect to another origin. Answers are bounded in
//! size, number and time.
//!
//! Parts of blobs are the one exception: no digest names them, so they are what the
//! registry says they are (`range`). Deliberately absent: pushing.

mod catalog;
mod challenge;
pub mod credential;
pub mod error;
mod link;
mod listing;
pub mod manifest;
pub mod options;
mod range;
mod realm;
mod referrers;
mod refused;
pub mod registry;
pub mod repository;
mod session;
mod subject;
pub mod tag;
mod tags;
mod token;
mod traffic;

#[cfg(test)]
mod tests;

pub use catalog::RepositoryList;
pub use credential::{Credential, Secret};
pub use error::RegistryError;
pub use manifest::Manifest;
pub use options::{RegistryLimits, RegistryOptions};
pub use registry::Registry;
pub use repository::{RegistryHost, Repository, RepositoryError};
pub use tag::{Tag, TagError};
pub use tags::TagList;
pub use traffic::Traffic;
