//! `hashes.json`: the SHA-256 of each file, as EESSI publishes it beside them.
//!
//! `{"<relative path>": {"hash": "<sha256, hex>", "timestamp": "<the file's own>"}}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::import::SourceError;
use crate::model::{Map, codec};

/// The published hashes of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes(BTreeMap<String, Published>);

/// What is published of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// SHA-256 in lower-case hexadecimal.
    pub hash: String,
    /// The file's own time stamp.
    #[serde(default)]
    pub timestamp: String,
}

/// What [`Hashes::check`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The hash is the published one.
    Matches,
    /// No hash was published for a file of this name.
    NotListed,
}

impl Hashes {
    /// Reads `hashes.json`.
    ///
    /// # Errors
    /// `source-invalid`: not JSON, not of that shape, or a hash that is not 64
    /// hexadecimal digits.
    pub fn parse(bytes: &[u8]) -> Result<Self, SourceError> {
        let unreadable =
            |line, column, message| SourceError::Unreadable { file: "hashes.json".into(), line, column, message };
        let map: Map<String, Published> = codec::decode(bytes).map_err(|error| {
            let (line, column) = (error.line, error.column);
            unreadable(line, column, codec::DecodeError { line: 0, ..error }.to_string())
        })?;
        let mut hashes = BTreeMap::new();
        for (name, mut published) in map {
            if published.hash.len() != 64 || !published.hash.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(unreadable(0, 0, format!("the hash of `{name}` is not 64 hexadecimal digits")));
            }
            published.hash.make_ascii_lowercase();
            hashes.insert(name.strip_prefix("./").unwrap_or(&name).to_owned(), published);
        }
        Ok(Self(hashes))
    }

    /// What is published of the file with this relative path, or with this name in any
    /// folder when only one has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Published> {
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        self.0.get(name).or_else(|| {
            let mut found = self.0.iter().filter(|(path, _)| last(path) == last(name));
            found.next().filter(|_| found.next().is_none()).map(|(_, published)| published)
        })
    }

    /// Compares a file's SHA-256, in hexadecimal, with the published one.
    ///
    /// # Errors
    /// `source-hash-mismatch` when they differ.
    pub fn check(&self, name: &str, sha256: &str) -> Result<Checked, SourceError> {
        match self.get(name) {
            None => Ok(Checked::NotListed),
            Some(published) if published.hash.eq_ignore_ascii_case(sha256) => Ok(Checked::Matches),
            Some(published) => Err(SourceError::HashMismatch {
                file: name.to_owned(),
                expected: published.hash.clone(),
                found: sha256.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Checked, Hashes};
    use crate::code::Code;

    fn hashes() -> Hashes {
        let text = format!(r#"{{"a.json": {{"hash": "{}", "timestamp": "2026-01-01T00:00:00Z"}}}}"#, "AB".repeat(32));
        Hashes::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_file_is_checked_by_its_name() {
        assert_eq!(hashes().check("a.json", &"ab".repeat(32)), Ok(Checked::Matches));
        assert_eq!(hashes().check("data/a.json", &"ab".repeat(32)), Ok(Checked::Matches));
        assert_eq!(hashes().check("b.json", &"ab".repeat(32)), Ok(Checked::NotListed));
        let error = hashes().check("a.json", &"00".repeat(32)).unwrap_err();
        assert_eq!(error.code(), Code::SourceHashMismatch);
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for bad in ["", "[]", r#"{"a": 1}"#, r#"{"a": {"hash": "../x"}}"#, r#"{"a": {"hash": ""}, "a": {"hash": ""}}"#]
        {
            assert!(Hashes::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
