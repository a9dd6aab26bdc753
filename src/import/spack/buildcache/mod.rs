//! Build caches.

pub mod signature;
