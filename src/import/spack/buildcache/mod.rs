//! Build caches.

pub mod layout2;
pub mod layout3;
pub mod signature;
pub mod spec_file;
