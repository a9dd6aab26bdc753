//! Whether the files of a catalog changed.
//!
//! The names, sizes and times of all files are looked at, one look after another. That
//! sees changes on every file system, network ones too, which send no events; it costs
//! one call of the system for each file.

use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Files of git whose change is a commit, a checkout or a fetch.
const GIT: &[&str] = &[".git/HEAD", ".git/logs/HEAD", ".git/packed-refs"];

/// Files that are looked at.
#[derive(Debug)]
pub struct Watched {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
    without: Vec<PathBuf>,
}

impl Watched {
    /// A catalog and other folders; `without` are folders in them that are written to
    /// meanwhile. Names that begin with a dot are not looked at, apart from git's head.
    #[must_use]
    pub fn new(catalog: &Path, others: Vec<PathBuf>, without: Vec<PathBuf>) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let catalog = real(catalog);
        let repository = catalog.ancestors().find(|folder| folder.join(".git").exists());
        let files = repository.into_iter().flat_map(|folder| GIT.iter().map(move |file| folder.join(file))).collect();
        let folders = std::iter::once(catalog).chain(others.iter().map(|path| real(path))).collect();
        Self { folders, files, without: without.iter().map(|path| real(path)).collect() }
    }

    /// A number that is another one when a file changed, came or went.
    #[must_use]
    pub fn state(&self) -> u64 {
        let mut sum = 0_u64;
        for file in &self.files {
            sum = sum.wrapping_add(stamp(file, fs::symlink_metadata(file).ok().as_ref()));
        }
        let mut left = self.folders.clone();
        while let Some(folder) = left.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if is_hidden || self.without.contains(&path) {
                    continue;
                }
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => left.push(path),
                    // The order of a folder's entries is not always the same, and a sum has none.
                    _ => sum = sum.wrapping_add(stamp(&path, entry.metadata().ok().as_ref())),
                }
            }
        }
        sum
    }
}

fn stamp(path: &Path, found: Option<&Metadata>) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    found.map(|found| (found.len(), found.modified().ok())).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Watched;

    #[test]
    fn every_change_is_seen_but_those_of_what_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for folder in ["a/b", "_site", ".git/logs", ".warecat"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        fs::write(path("a/b/_module.json"), "1").unwrap();
        let watched = Watched::new(dir.path(), Vec::new(), vec![path("_site")]);
        let mut last = watched.state();
        assert_eq!(watched.state(), last);
        for silent in ["_site/index.html", ".warecat/lock", ".git/index"] {
            fs::write(path(silent), "x").unwrap();
            assert_eq!(watched.state(), last, "{silent}");
        }
        for seen in ["a/b/_module.json", "a/new", ".git/HEAD", ".git/logs/HEAD"] {
            fs::write(path(seen), "longer than before").unwrap();
            assert_ne!(watched.state(), last, "{seen}");
            last = watched.state();
        }
        fs::remove_file(path("a/new")).unwrap();
        assert_ne!(watched.state(), last);
    }
}
