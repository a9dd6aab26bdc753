//! An address to bytes: the one place where importers get their input.
//!
//! - [`location`]: what may be named, a local path or an `http(s)` URL, and how it is shown
//! - [`options`]: what a caller allows: sizes, times, hosts
//! - [`mod@fetch`]: [`Fetcher`], which reads a location, undoes compression and hashes both sides
//! - [`folder`]: the files of a local folder
//! - [`error`]: everything that can go wrong, each with its code and a hint

pub mod error;
pub mod fetch;
pub mod folder;
pub mod location;
pub mod options;

mod content;
mod decompress;
mod file;
mod meter;
mod redact;

#[cfg(test)]
mod tests;

pub use decompress::Compression;
pub use error::{FetchError, Limit, LocationError, LocationRule, Refusal};
pub use fetch::{Fetched, Fetcher, fetch, fetch_optional};
pub use folder::{Listing, list};
pub use location::Location;
pub use options::{FetchOptions, Hosts, HttpOptions, Limits};
