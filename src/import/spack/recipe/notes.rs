//! Where a reader stands, for what it has to say: a file and a JSON path in it.

use crate::import::report::Diagnostics;
use crate::text::shown;

/// Takes notes of one place.
#[derive(Debug)]
pub(super) struct Notes<'d> {
    file: String,
    path: String,
    diagnostics: &'d mut Diagnostics,
}

impl<'d> Notes<'d> {
    /// Notes of the value at `path`; an empty path is the whole file.
    pub(super) fn new(file: &str, path: String, diagnostics: &'d mut Diagnostics) -> Self {
        Self { file: file.to_owned(), path, diagnostics }
    }

    /// Something below the place, such as `.version[3]`, was refused.
    pub(super) fn refused(&mut self, below: &str, message: impl Into<String>) {
        self.diagnostics.refused(&self.file, self.at(below), message);
    }

    /// Something below the place is odd and was taken as far as it can be.
    pub(super) fn odd(&mut self, below: &str, message: impl Into<String>) {
        self.diagnostics.odd(&self.file, self.at(below), message);
    }

    fn at(&self, below: &str) -> String {
        match self.path.as_str() {
            "" => below.trim_start_matches('.').to_owned(),
            path => format!("{path}{below}"),
        }
    }
}

/// The JSON path of an entry of `repology.json`.
pub(super) fn entry_path(key: &str) -> String {
    format!("packages[{}]", shown(&serde_json::Value::from(key).to_string()))
}
