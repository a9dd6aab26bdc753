//! The output folder: written only where it changes, and never left.
//!
//! The file `.warecat-site` says that the folder is ours and lists the files that we
//! put there; a build removes those that the site has no more, and nothing else. A file
//! that is there is replaced in one step. No symbolic link inside the folder is followed, and a list
//! that names something outside is not obeyed.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::SiteError;
use super::links::Place;
use super::options::Report;

pub(super) const MARKER: &str = ".warecat-site";
const MARKER_HEAD: &str = "warecat-site 1\n";
const STAGING: &str = ".warecat-site.tmp";

/// An output folder that is being written.
pub(super) struct Output {
    root: PathBuf,
    earlier: BTreeSet<String>,
    files: Mutex<BTreeSet<String>>,
    folders: Mutex<HashSet<PathBuf>>,
    staged: AtomicUsize,
    written: AtomicUsize,
    bytes: AtomicU64,
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SiteError {
    let path = path.to_owned();
    move |source| SiteError::Io { what, path, source }
}

fn foreign(path: &Path, reason: &'static str) -> SiteError {
    SiteError::Foreign { path: path.to_owned(), reason }
}

impl Output {
    /// Opens a folder for a build: a new or empty one, or one that holds a site of ours.
    pub(super) fn open(root: &Path) -> Result<Self, SiteError> {
        let earlier = match fs::read_dir(root) {
            Ok(entries) => read_marker(root, entries.count() == 0)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(root).map_err(failed("create the folder", root))?;
                BTreeSet::new()
            }
            Err(error) => return Err(failed("read the folder", root)(error)),
        };
        let output = Self {
            root: root.to_owned(),
            earlier,
            files: Mutex::default(),
            folders: Mutex::default(),
            staged: AtomicUsize::new(0),
            written: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
        };
        output.prepare()?;
        Ok(output)
    }

    /// Marks the folder as ours before anything else is put there.
    fn prepare(&self) -> Result<(), SiteError> {
        let staging = self.root.join(STAGING);
        if let Ok(found) = fs::symlink_metadata(&staging) {
            if !found.is_dir() {
                return Err(foreign(&staging, "it is no folder"));
            }
            fs::remove_dir_all(&staging).map_err(failed("remove the folder", &staging))?;
        }
        fs::create_dir(&staging).map_err(failed("create the folder", &staging))?;
        let marker = self.root.join(MARKER);
        if fs::symlink_metadata(&marker).is_err() {
            fs::write(&marker, MARKER_HEAD).map_err(failed("write", &marker))?;
        }
        Ok(())
    }

    /// Puts a file there, unless it is there already with these bytes.
    pub(super) fn write(&self, place: &Place, bytes: &[u8]) -> Result<(), SiteError> {
        let path = self.root.join(place.path());
        if let Some(folder) = Path::new(place.path()).parent() {
            self.ensure_folder(folder)?;
        }
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let is_new = self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(place.path().to_owned());
        if !is_new {
            return Ok(());
        }
        match found(&path, bytes)? {
            Found::Same => Ok(()),
            Found::Other => self.replace(&path, bytes),
            Found::Nothing => self.create(&path, bytes),
        }
    }

    /// The bytes of a file that an earlier build put there, as they are now.
    pub(super) fn kept(&self, place: &Place) -> Option<Vec<u8>> {
        let path = self.root.join(place.path());
        let is_ours = self.earlier.contains(place.path());
        let is_folder = |folder: &Path| fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
        let is_plain =
            || path.parent().is_some_and(is_folder) && fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        if is_ours && is_plain() { fs::read(&path).ok() } else { None }
    }

    /// A file that was not there is written in place: nothing is replaced by half of it,
    /// and a build that was stopped is mended by the next. It costs half of a rename.
    fn create(&self, path: &Path, bytes: &[u8]) -> Result<(), SiteError> {
        let mut file = fs::File::create_new(path).map_err(failed("create", path))?;
        file.write_all(bytes).map_err(failed("write", path))?;
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), SiteError> {
        let number = self.staged.fetch_add(1, Ordering::Relaxed);
        let staged = self.root.join(STAGING).join(number.to_string());
        fs::write(&staged, bytes).map_err(failed("write", &staged))?;
        fs::rename(&staged, path).map_err(failed("replace", path))?;
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Makes a folder below the root, and those above it.
    fn ensure_folder(&self, folder: &Path) -> Result<(), SiteError> {
        if folder.as_os_str().is_empty() || self.folders().contains(folder) {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.ensure_folder(above)?;
        }
        let path = self.root.join(folder);
        match fs::create_dir(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = fs::symlink_metadata(&path).map_err(failed("look at", &path))?;
                if !found.is_dir() {
                    return Err(foreign(&path, "a folder of the site should be there"));
                }
            }
            Err(error) => return Err(failed("create the folder", &path)(error)),
        }
        self.folders().insert(folder.to_owned());
        Ok(())
    }

    fn folders(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes what an earlier build wrote and this one did not, and keeps the new list.
    pub(super) fn finish(self) -> Result<Report, SiteError> {
        let files = self.files.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut removed = 0;
        for path in self.earlier.difference(&files) {
            removed += usize::from(remove(&self.root, path)?);
        }
        let mut marker = String::from(MARKER_HEAD);
        for path in &files {
            marker.push_str(path);
            marker.push('\n');
        }
        let path = self.root.join(MARKER);
        if found(&path, marker.as_bytes())? != Found::Same {
            let staged = self.root.join(STAGING).join("marker");
            fs::write(&staged, &marker).map_err(failed("write", &staged))?;
            fs::rename(&staged, &path).map_err(failed("replace", &path))?;
        }
        let staging = self.root.join(STAGING);
        fs::remove_dir_all(&staging).map_err(failed("remove the folder", &staging))?;
        let written = self.written.into_inner();
        let unchanged = files.len() - written;
        let bytes = self.bytes.into_inner();
        Ok(Report { files: files.len(), written, unchanged, removed, bytes, ..Report::default() })
    }
}

/// The files that an earlier build put there.
fn read_marker(root: &Path, is_empty: bool) -> Result<BTreeSet<String>, SiteError> {
    let marker = root.join(MARKER);
    match fs::symlink_metadata(&marker) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(foreign(&marker, "it is no plain file")),
        Err(_) if is_empty => return Ok(BTreeSet::new()),
        Err(_) => return Err(foreign(root, "it holds files, but no `.warecat-site`")),
    }
    let text = fs::read_to_string(&marker).map_err(failed("read", &marker))?;
    match text.strip_prefix(MARKER_HEAD) {
        Some(list) => Ok(list.lines().map(str::to_owned).collect()),
        None if text.is_empty() => Ok(BTreeSet::new()),
        None => Err(foreign(&marker, "it is of another version of warecat")),
    }
}

/// What is at a path, compared with what should be.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Same,
    Other,
    Nothing,
}

fn found(path: &Path, bytes: &[u8]) -> Result<Found, SiteError> {
    let there = match fs::symlink_metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed("look at", path)(error)),
    };
    if there.is_dir() {
        return Err(foreign(path, "a file of the site should be there"));
    }
    let is_same =
        there.is_file() && there.len() == bytes.len() as u64 && fs::read(path).map_err(failed("read", path))? == bytes;
    Ok(if is_same { Found::Same } else { Found::Other })
}

/// Removes a plain file below the root, and the folders that this leaves empty; says
/// whether there was one.
fn remove(root: &Path, listed: &str) -> Result<bool, SiteError> {
    let relative = Path::new(listed);
    let stays_inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
    if listed.is_empty() || !stays_inside {
        return Ok(false);
    }
    let folders: Vec<PathBuf> =
        relative.ancestors().skip(1).filter(|f| !f.as_os_str().is_empty()).map(|f| root.join(f)).collect();
    let is_real = |folder: &PathBuf| fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    let path = root.join(relative);
    if !folders.iter().all(is_real) || !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        return Ok(false);
    }
    fs::remove_file(&path).map_err(failed("remove", &path))?;
    // A folder that still holds something refuses, which is what is wanted.
    folders.iter().take_while(|folder| fs::remove_dir(folder).is_ok()).count();
    Ok(true)
}
