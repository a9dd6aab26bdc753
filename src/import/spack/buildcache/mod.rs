//! Build caches: their layouts, what they hold.
