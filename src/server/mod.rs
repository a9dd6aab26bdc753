//! Serves a built site on this machine, to look at it.
//!
//! One thread answers on loopback addresses, with what a good host would send: types,
//! compression, tags, security headers, the site's own page for what is not there. It is
//! made for one person and hostile pages in the same browser: only `GET` and `HEAD`, only
//! requests that name this machine as their host, nothing outside of the folder, no link
//! followed, bounded heads, connections and times. It ends by itself when it is told to.
//!
//! Also here: whether the files of a catalog changed ([`Watched`]). Building is the
//! caller's.

mod answer;
mod error;
mod listen;
mod request;
mod serve;
mod watch;

pub use answer::POLICY;
pub use error::ServeError;
pub use listen::{PORT, bind};
pub use serve::{Served, Stop, serve};
pub use watch::Watched;
