//! An address to bytes: the one place where importers get their input.
//!
//! - [`location`]: what may be named, a local path or an `http(s)` URL, and how it is shown
//! - [`options`]: what a caller allows: sizes, times, hosts
//! - [`mod@fetch`]: [`Fetcher`], which reads a location, undoes compression and hashes both
//!   sides; `revalidate`, which does so through the cache
//! - [`cache`]: [`Cache`], bytes by their SHA-256, so that nothing is fetched twice
//! - [`oci`]: registries of images and artifacts, the one place that knows credentials
//! - [`folder`]: the files of a local folder
//! - [`beneath`]: reading below an open folder without following a link
//! - [`raw`]: bytes at hand and in local files, under the same limits
//! - [`error`]: everything that can go wrong, each with its code and a hint
//!
//! Below them: `file` opens local files, `http` asks servers, `redirect` says where they
//! lead, `answer` reads what they give and `page` tells a web page from a file; `gate`
//! decides which hosts and addresses may be asked, `address` knows the ranges of addresses,
//! `dns` pins checked addresses; `meter` counts and hashes raw bytes, `content` reads the
//! decompressed ones, `decompress` tells compressions by their magic bytes, `redact` hides
//! secrets.
//!
//! Invariants: no secret of an address is ever shown; credentials are sent to registries
//! only, and to each only its own; every read has a limit of bytes and every network read
//! also one of time; the environment is not looked at (but the system's certificate store
//! is the TLS library's business); no network code runs, and no TLS state is built, unless
//! a URL is really fetched; nothing is written but the cache.
//!
//! Deliberately absent: standard input, where credentials come from, and addresses of
//! other schemes (`cvmfs:`), which belong to those who understand them.

pub mod beneath;
pub mod cache;
pub mod error;
pub mod fetch;
pub mod folder;
pub mod location;
pub mod oci;
pub mod options;
pub mod raw;

mod address;
mod answer;
mod content;
mod decompress;
mod dns;
mod file;
mod gate;
mod http;
mod meter;
mod page;
mod redact;
mod redirect;
mod revalidate;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use cache::{Cache, CacheError, CacheInfo, GcOptions, GcReport};
pub use decompress::Compression;
pub use error::{FetchError, Limit, LocationError, LocationRule, Refusal};
pub use fetch::{Fetched, Fetcher, fetch, fetch_optional};
pub use folder::{Listing, list};
pub use location::Location;
pub use options::{FetchOptions, Hosts, HttpOptions, Limits};
