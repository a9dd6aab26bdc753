//! Archives of what packages.spack.io publishes, read in memory.
//!
//! Nothing is extracted and no name in an archive is used as a path: `repology.json` and
//! `packages/NAME.json` are known by the ends of their names, in any folder. Only regular
//! files are read; what else there is, is left out.

use std::io::Read;

use super::{Importer, MAX_PACKAGE, MAX_REPOLOGY};
use crate::import::SourceError;
use crate::text::shown;

/// Most members of an archive; the real one has 8,055.
const MAX_MEMBERS: usize = 1_000_000;
const REPOLOGY: &str = "repology.json";

/// What a member of an archive is to the importer.
enum Member {
    Repology,
    Package(String),
}

impl Member {
    fn of(path: &str) -> Option<Self> {
        let mut parts = path.rsplit('/');
        let name = parts.next()?;
        match parts.next() {
            Some("packages") if name.ends_with(".json") => Some(Self::Package(name.to_owned())),
            _ if name == REPOLOGY => Some(Self::Repology),
            _ => None,
        }
    }

    fn limit(&self) -> usize {
        match self {
            Self::Repology => MAX_REPOLOGY,
            Self::Package(_) => MAX_PACKAGE,
        }
    }
}

/// Whether these are the bytes of a tar archive (POSIX `ustar`, GNU).
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// Reads an archive into the importer; says how many of its members it took.
pub(super) fn read(name: &str, bytes: &[u8], importer: &mut Importer) -> Result<usize, SourceError> {
    let damaged = |error: &std::io::Error| unreadable(name, format!("the archive is damaged: {error}"));
    let mut archive = tar::Archive::new(bytes);
    let mut taken = 0;
    for (index, member) in archive.entries().map_err(|error| damaged(&error))?.enumerate() {
        let mut member = member.map_err(|error| damaged(&error))?;
        if index >= MAX_MEMBERS {
            return Err(SourceError::TooLarge { file: name.to_owned(), size: index + 1, limit: MAX_MEMBERS });
        }
        let path = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        let Some(kind) = Member::of(&path) else { continue };
        if !member.header().entry_type().is_file() {
            importer.diagnostics.refused(name, shown(&path).to_string(), "it is not a regular file of the archive");
            continue;
        }
        let (limit, size) = (kind.limit(), usize::try_from(member.size()).unwrap_or(usize::MAX));
        if size > limit {
            return Err(SourceError::TooLarge { file: path, size, limit });
        }
        let mut text = Vec::with_capacity(size.min(bytes.len()));
        member.read_to_end(&mut text).map_err(|error| damaged(&error))?;
        match kind {
            Member::Repology => importer.add_repology(REPOLOGY, &text)?,
            Member::Package(package) => importer.add_package(&package, &text)?,
        }
        taken += 1;
    }
    Ok(taken)
}

fn unreadable(name: &str, message: String) -> SourceError {
    SourceError::Unreadable { file: name.to_owned(), line: 0, column: 0, message }
}
