//! The files of a local folder.
//!
//! Only regular files are listed: a link inside a folder was not named by the user and
//! may lead anywhere. What is left out is said, so that an importer can report it.

use std::path::Path;

use super::error::{FetchError, Limit};
use super::file::{io_failed, kind_words};
use super::location::Location;

/// The most entries that a folder may have.
const MAX_ENTRIES: u64 = 1_000_000;

/// What a folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The names of the regular files, sorted by their bytes. [`Location::join`] takes each.
    pub files: Vec<String>,
    /// The names of the folders in it, sorted likewise.
    pub folders: Vec<String>,
    /// What was left out, as shown: links, FIFOs, devices, and names that are not UTF-8 or
    /// that [`Location::join`] would refuse, of folders too. Sorted.
    pub skipped: Vec<String>,
}

/// Lists the files of a folder, or gives nothing for a URL, which cannot be listed.
///
/// # Errors
/// `not-found`: it does not exist. `source-invalid`: it is not a folder. `limit-exceeded`:
/// it has more than a million entries. `io`: it cannot be read.
pub fn list(location: &Location) -> Result<Option<Listing>, FetchError> {
    match location.as_path() {
        Some(path) => list_folder(path, location).map(Some),
        None => Ok(None),
    }
}

fn list_folder(path: &Path, location: &Location) -> Result<Listing, FetchError> {
    let at = location.to_string();
    let kind = std::fs::metadata(path).map_err(|e| io_failed(e, &at))?.file_type();
    if !kind.is_dir() {
        return Err(FetchError::Kind { at, found: kind_words(kind), expected: "a folder" });
    }
    let mut listing = Listing::default();
    let mut met = 0;
    for entry in std::fs::read_dir(path).map_err(|e| io_failed(e, &at))? {
        let entry = entry.map_err(|e| io_failed(e, &at))?;
        met += 1;
        if met > MAX_ENTRIES {
            return Err(FetchError::TooLarge { at, what: Limit::Entries, limit: MAX_ENTRIES, met });
        }
        let kind = entry.file_type().map_err(|e| io_failed(e, &at))?;
        match entry.file_name().into_string() {
            Ok(name) if kind.is_dir() && location.join(&name).is_ok() => listing.folders.push(name),
            Ok(name) if kind.is_file() && location.join(&name).is_ok() => listing.files.push(name),
            Ok(name) => listing.skipped.push(crate::text::shown(&name).to_string()),
            Err(name) => {
                let name = name.to_string_lossy();
                listing.skipped.push(crate::text::shown(&name).to_string());
            }
        }
    }
    listing.files.sort_unstable();
    listing.folders.sort_unstable();
    listing.skipped.sort_unstable();
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::{FetchError, Location, list};
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn regular_files_are_listed_in_order_and_others_named() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.json", "a.json", "Z"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        std::os::unix::fs::symlink("a.json", dir.path().join("link")).unwrap();
        let odd = std::ffi::OsStr::from_bytes(b"\xff.json");
        std::fs::write(dir.path().join(odd), "").unwrap();
        let listing = list(&Location::from_path(dir.path()).unwrap()).unwrap().unwrap();
        assert_eq!(listing.files, ["Z", "a.json", "b.json"]);
        assert_eq!(listing.folders, ["folder"]);
        assert_eq!(listing.skipped, ["link", "\u{fffd}.json"]);
    }

    #[test]
    fn what_is_no_folder_is_not_listed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let at = |path| Location::from_path(path).unwrap();
        assert!(matches!(list(&at(file.path())), Err(FetchError::Kind { .. })));
        assert!(matches!(list(&at(&file.path().with_extension("none"))), Err(FetchError::Missing { .. })));
        assert!(list(&"https://example.org/".parse().unwrap()).unwrap().is_none());
    }
}
