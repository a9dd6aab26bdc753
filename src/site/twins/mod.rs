//! The same as pages say, as JSON for programs: a file beside each page, and the whole
//! catalog as one line a module.
//!
//! Each file names its shape in `format` and its schema, relative to itself, in `$schema`.
//! Within a format, fields are only added. Texts are upstream's, as they stand in the
//! documents. A module's own twin is made in [`super::module_data`].

mod catalog;
mod facet;
mod home;
mod line;
mod list;
mod pages;
mod replay;
mod schemas;

use serde::Serialize;

use super::links::Place;

pub(super) use catalog::{index_place, write};
pub(super) use facet::{Value, Values, facet};
pub(super) use home::{Commit, Counts, home};
pub(super) use line::line;
pub(super) use list::{list, modules};
pub(super) use pages::{about, search, source, verify};
pub(super) use replay::replay;
pub(super) use schemas::{SCHEMAS, schema_place};

/// The way from a file to the schema of a shape.
pub(super) fn schema(from: &Place, shape: &str) -> String {
    from.link(&schema_place(shape))
}

/// A file's bytes: one line.
pub(super) fn text(value: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::with_capacity(8 * 1024);
    serde_json::to_writer(&mut text, value).expect("plain values always have a text");
    text.push(b'\n');
    text
}
