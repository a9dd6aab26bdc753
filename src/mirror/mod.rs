//! An address to bytes: the one place where importers get their input.
//!
//! - [`location`]: what may be named, a local path or an `http(s)` URL, and how it is shown
//! - [`error`]: everything that can go wrong, each with its code and a hint

pub mod error;
pub mod location;

mod redact;

pub use error::{FetchError, Limit, LocationError, LocationRule, Refusal};
pub use location::Location;
