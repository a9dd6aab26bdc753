//! Hashes of files that were read before.
//!
//! A hash is used as long as the file at its path has the same size, times, number and
//! device. The file that keeps them is the user's own and can be had again: one that is
//! damaged, of another version or too large is as none. Its first line is the version and
//! the BLAKE3 of the rest, so that half a file is not believed; the rest is JSON.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use warecat::import::sif::Integrity;
use warecat::mirror::beneath::Stamp;
use warecat::model::Digest;

use crate::cli::cache;

/// The first word of the file; a new one whenever what is kept changes its meaning.
const VERSION: &str = "warecat-hashes-1";
/// Largest file that is read, in bytes; of an image it keeps about 300.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// What is known of the bytes of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) stamp: Stamp,
    pub(super) digest: Digest,
    /// Of each signature.
    pub(super) integrity: Vec<Integrity>,
}

/// All that is known, by the path of the root and below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hashes(BTreeMap<String, BTreeMap<String, Known>>);

#[derive(Serialize, Deserialize)]
struct Entry {
    size: u64,
    modified: i128,
    changed: i128,
    inode: u64,
    device: u64,
    sha256: String,
    integrity: Vec<Integrity>,
}

/// Where hashes are kept, if the environment says where the user's things are.
pub(super) fn file() -> Option<PathBuf> {
    cache::folder().map(|folder| folder.join(cache::SIF_HASHES))
}

impl Hashes {
    /// Reads what is kept; nothing where that cannot be believed.
    pub(super) fn read(file: &Path) -> Self {
        Self::try_read(file).unwrap_or_default()
    }

    fn try_read(file: &Path) -> Option<Self> {
        // A FIFO would be waited for.
        let is_file = std::fs::metadata(file).ok()?.is_file();
        let mut text = String::new();
        let open = is_file.then(|| std::fs::File::open(file).ok()).flatten()?;
        open.take(MAX_FILE).read_to_string(&mut text).ok()?;
        let (head, rest) = text.split_once('\n')?;
        let (version, sum) = head.split_once(' ')?;
        if version != VERSION || sum != blake3::hash(rest.as_bytes()).to_hex().as_str() {
            return None;
        }
        let roots: BTreeMap<String, BTreeMap<String, Entry>> = serde_json::from_str(rest).ok()?;
        let known = |(path, entry): (String, Entry)| Some((path, entry.known()?));
        Some(Self(
            roots.into_iter().map(|(root, files)| (root, files.into_iter().filter_map(known).collect())).collect(),
        ))
    }

    /// What is known of a file, when it is in the state that it was in.
    pub(super) fn get(&self, root: &Path, path: &str, stamp: &Stamp) -> Option<&Known> {
        self.0.get(&key(root))?.get(path).filter(|known| known.stamp == *stamp)
    }

    /// The same with what was found below a root, in place of what is known of the folders
    /// that were scanned.
    pub(super) fn replaced(
        mut self,
        root: &Path,
        is_scanned: impl Fn(&str) -> bool,
        found: Vec<(String, Known)>,
    ) -> Self {
        let known = self.0.entry(key(root)).or_default();
        known.retain(|path, _| !is_scanned(path.rsplit_once('/').map_or("", |(folder, _)| folder)));
        known.extend(found);
        self
    }

    /// Writes all of it, in one step.
    pub(super) fn write(&self, file: &Path) -> io::Result<()> {
        let entries = |files: &BTreeMap<String, Known>| -> BTreeMap<String, Entry> {
            files.iter().map(|(path, known)| (path.clone(), Entry::of(known))).collect()
        };
        let roots: BTreeMap<&String, BTreeMap<String, Entry>> =
            self.0.iter().map(|(root, files)| (root, entries(files))).collect();
        let rest = serde_json::to_string(&roots)?;
        let text = format!("{VERSION} {}\n{rest}", blake3::hash(rest.as_bytes()).to_hex());
        if Self::is_same(file, &text) {
            return Ok(());
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The paths of images are nobody else's business; the cache's folder is made so too.
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let staged = folder.join(format!(".{name}.{}", std::process::id()));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&staged)
            .and_then(|mut open| open.write_all(text.as_bytes()))
            .and_then(|()| std::fs::rename(&staged, file));
        if written.is_err() {
            // What is left there is of no use, and the error is told already.
            let _ = std::fs::remove_file(&staged);
        }
        written
    }

    fn is_same(file: &Path, text: &str) -> bool {
        std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.len() == text.len() as u64)
            && std::fs::read(file).is_ok_and(|found| found == text.as_bytes())
    }
}

fn key(root: &Path) -> String {
    root.to_string_lossy().into_owned()
}

impl Entry {
    fn of(known: &Known) -> Self {
        let Stamp { size, modified, changed, inode, device } = known.stamp;
        let (sha256, integrity) = (known.digest.hex(), known.integrity.clone());
        Self { size, modified, changed, inode, device, sha256, integrity }
    }

    fn known(self) -> Option<Known> {
        let Self { size, modified, changed, inode, device, sha256, integrity } = self;
        let stamp = Stamp { size, modified, changed, inode, device };
        Some(Known { stamp, digest: sha256.parse().ok()?, integrity })
    }
}

#[cfg(test)]
mod tests {
    use super::{Hashes, Known, Stamp};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use warecat::model::Digest;

    fn stamp() -> Stamp {
        Stamp { size: 1, modified: -5, changed: 1 << 70, inode: 3, device: 4 }
    }

    fn one() -> Hashes {
        let known = Known { stamp: stamp(), digest: Digest::of(b"x"), integrity: vec![Default::default()] };
        Hashes::default().replaced(Path::new("/r"), |_| true, vec![("a.sif".into(), known)])
    }

    #[test]
    fn what_is_written_is_read_again_and_a_change_forgets_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/hashes");
        one().write(&file).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(file.parent().unwrap()), mode(&file)), (0o700, 0o600));
        let read = Hashes::read(&file);
        assert_eq!(read, one());
        let get = |root: &str, path: &str, stamp: Stamp| read.get(Path::new(root), path, &stamp).is_some();
        assert!(get("/r", "a.sif", stamp()));
        assert!(!get("/other", "a.sif", stamp()) && !get("/r", "b.sif", stamp()));
        for changed in [
            Stamp { size: 2, ..stamp() },
            Stamp { modified: 6, ..stamp() },
            Stamp { changed: 6, ..stamp() },
            Stamp { inode: 6, ..stamp() },
            Stamp { device: 6, ..stamp() },
        ] {
            assert!(!get("/r", "a.sif", changed), "{changed:?}");
        }
    }

    #[test]
    fn a_damaged_file_is_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hashes");
        one().write(&file).unwrap();
        let whole = std::fs::read_to_string(&file).unwrap();
        for damaged in [
            whole.replace("a.sif", "b.sif"),
            whole[..whole.len() - 1].to_owned(),
            String::new(),
            whole.replacen('1', "2", 1),
        ] {
            std::fs::write(&file, damaged).unwrap();
            assert_eq!(Hashes::read(&file), Hashes::default());
        }
        assert_eq!(Hashes::read(dir.path()), Hashes::default());
    }
}
