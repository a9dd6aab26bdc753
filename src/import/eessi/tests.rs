//! The importer as a whole, on fixtures of our own.
