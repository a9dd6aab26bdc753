//! A catalog: open it, look things up, check it, plan changes and apply them.

mod entry;

pub use entry::{ModuleEntry, ReleaseEntry};
