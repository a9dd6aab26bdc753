//! The output folder: written only where it changes, and never left.
//!
//! The file `.warecat-site` says that the folder is ours and lists the files that we
//! put there; a build removes those that the site has no more, and nothing else. A file
//! that is there is replaced in one step; the name of a new one is written down before it
//! is made, so that a build that was stopped leaves no file that nobody knows. No symbolic
//! link inside the folder is followed, and a list that names something outside is not
//! obeyed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::answers::digest;
use super::error::SiteError;
use super::links::Place;
use super::note::{Left, Note};
use super::state::STATE;

pub(super) const MARKER: &str = ".warecat-site";
const MARKER_HEAD: &str = "warecat-site 1\n";
const STAGING: &str = ".warecat-site.tmp";
/// In the staging folder: the files that a build made beyond those of the marker.
const NEW: &str = "new";

/// An output folder that is being written.
pub(super) struct Output {
    root: PathBuf,
    earlier: BTreeSet<String>,
    /// When the notes of an earlier build were kept.
    kept: i64,
    new: Mutex<fs::File>,
    /// The folders that are known, and whether this build made them.
    folders: Mutex<HashMap<String, bool>>,
    staged: AtomicUsize,
    written: AtomicUsize,
}

/// Files that belong together: those of a module, or those of no single one.
pub(super) struct Files<'a> {
    output: &'a Output,
    earlier: HashMap<&'a str, &'a Note>,
    /// The names that were written down already.
    announced: Mutex<BTreeSet<String>>,
    notes: Mutex<BTreeMap<String, Note>>,
}

/// What a build did with files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Files that were written.
    pub(super) written: usize,
    /// Files that were removed.
    pub(super) removed: usize,
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SiteError {
    let path = path.to_owned();
    move |source| SiteError::Io { what, path, source }
}

fn foreign(path: &Path, reason: &'static str) -> SiteError {
    SiteError::Foreign { path: path.to_owned(), reason }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Files<'a> {
    /// No files yet; `earlier` are the notes of those that an earlier build left.
    pub(super) fn new(output: &'a Output, earlier: impl IntoIterator<Item = &'a Note>) -> Self {
        let earlier = earlier.into_iter().map(|note| (note.path.as_str(), note)).collect();
        Self { output, earlier, announced: Mutex::default(), notes: Mutex::default() }
    }

    /// Says which files will be put there, which costs less than writing their names down
    /// one by one. A file that is not put there after all does no harm.
    pub(super) fn announce(&self, places: &[Place]) -> Result<(), SiteError> {
        let paths = || places.iter().map(Place::path);
        self.output.note_new(paths())?;
        lock(&self.announced).extend(paths().map(str::to_owned));
        Ok(())
    }

    /// Puts a file there, unless it is there already with these bytes.
    pub(super) fn write(&self, place: &Place, bytes: &[u8]) -> Result<(), SiteError> {
        self.put(place, bytes, 0)
    }

    /// As [`Files::write`], of bytes that are only made when the file there was not made
    /// of the same: `made_of` is a hash of all that decides them.
    pub(super) fn write_made_of(
        &self,
        place: &Place,
        made_of: u128,
        bytes: impl FnOnce() -> Result<Vec<u8>, SiteError>,
    ) -> Result<(), SiteError> {
        let earlier = self.earlier.get(place.path()).filter(|note| note.made_of == made_of);
        if let Some(note) = earlier.map(|note| self.output.as_left(note)).transpose()?.flatten() {
            lock(&self.notes).insert(note.path.clone(), note);
            return Ok(());
        }
        self.put(place, &bytes()?, made_of)
    }

    fn put(&self, place: &Place, bytes: &[u8], made_of: u128) -> Result<(), SiteError> {
        if lock(&self.notes).contains_key(place.path()) {
            return Ok(());
        }
        let hash = digest(bytes);
        let earlier = self.earlier.get(place.path()).filter(|note| note.hash == hash);
        let note = match earlier.map(|note| self.output.as_left(note)).transpose()?.flatten() {
            Some(note) => Note { made_of, ..note },
            None => {
                let is_noted = lock(&self.announced).contains(place.path());
                Note::new(place.path(), hash, made_of, &self.output.put(place, bytes, is_noted)?)
            }
        };
        lock(&self.notes).insert(note.path.clone(), note);
        Ok(())
    }

    /// The notes of all files, in the order of their paths.
    pub(super) fn notes(self) -> Vec<Note> {
        self.notes.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
    }
}

impl Output {
    /// Opens a folder for a build: a new or empty one, or one that holds a site of ours.
    pub(super) fn open(root: &Path) -> Result<Self, SiteError> {
        let mut earlier = match fs::read_dir(root) {
            Ok(entries) => read_marker(root, entries.count() == 0)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(root).map_err(failed("create the folder", root))?;
                BTreeSet::new()
            }
            Err(error) => return Err(failed("read the folder", root)(error)),
        };
        let new = prepare(root, &mut earlier)?;
        Ok(Self {
            root: root.to_owned(),
            earlier,
            kept: 0,
            new: Mutex::new(new),
            folders: Mutex::default(),
            staged: AtomicUsize::new(0),
            written: AtomicUsize::new(0),
        })
    }

    /// The folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Says when the notes were kept that files are compared with.
    pub(super) fn set_kept(&mut self, kept: i64) {
        self.kept = kept;
    }

    /// The note of a file, as it is now, when the file still lies there as it was left.
    pub(super) fn as_left(&self, note: &Note) -> Result<Option<Note>, SiteError> {
        if let Some((folder, _)) = note.path.rsplit_once('/')
            && !self.is_folder(folder)
        {
            return Ok(None);
        }
        Ok(match note.look(&self.root.join(&note.path), self.kept) {
            Left::Same => Some(note.clone()),
            Left::Again(note) => Some(note),
            Left::Otherwise => None,
        })
    }

    /// Whether all of these files lie there as they were left; gives their notes as they
    /// are now, and whether any of them is another one.
    pub(super) fn all_as_left(&self, notes: &[Note]) -> Result<Option<(Vec<Note>, bool)>, SiteError> {
        let mut now = Vec::with_capacity(notes.len());
        let mut is_other = false;
        for note in notes {
            let Some(found) = self.as_left(note)? else { return Ok(None) };
            is_other |= found != *note;
            now.push(found);
        }
        Ok(Some((now, is_other)))
    }

    /// Whether a path leads to a folder, and no link is on the way.
    fn is_folder(&self, folder: &str) -> bool {
        if folder.is_empty() || lock(&self.folders).contains_key(folder) {
            return true;
        }
        let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        let is_one =
            self.is_folder(above) && fs::symlink_metadata(self.root.join(folder)).is_ok_and(|found| found.is_dir());
        if is_one {
            lock(&self.folders).insert(folder.to_owned(), false);
        }
        is_one
    }

    /// Puts a file there, unless it is there already with these bytes; `is_noted` when its
    /// name was written down.
    fn put(&self, place: &Place, bytes: &[u8], is_noted: bool) -> Result<fs::Metadata, SiteError> {
        let path = self.root.join(place.path());
        let folder = place.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_new = self.ensure_folder(folder)?;
        match if is_new { Found::Nothing } else { found(&path, bytes)? } {
            Found::Same => {}
            Found::Other => self.replace(&path, bytes)?,
            Found::Nothing => {
                if !is_noted {
                    self.note_new([place.path()])?;
                }
                return self.create(&path, bytes);
            }
        }
        fs::symlink_metadata(&path).map_err(failed("look at", &path))
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
    fn create(&self, path: &Path, bytes: &[u8]) -> Result<fs::Metadata, SiteError> {
        let mut file = fs::File::create_new(path).map_err(failed("create", path))?;
        file.write_all(bytes).map_err(failed("write", path))?;
        self.written.fetch_add(1, Ordering::Relaxed);
        file.metadata().map_err(failed("look at", path))
    }

    /// Writes down the names of files that are about to be made.
    fn note_new<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Result<(), SiteError> {
        let is_new = |path: &&str| !self.earlier.contains(*path);
        let lines: String = paths.into_iter().filter(is_new).flat_map(|path| [path, "\n"]).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let written = lock(&self.new).write_all(lines.as_bytes());
        written.map_err(failed("write down new names in", &self.root.join(STAGING).join(NEW)))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), SiteError> {
        let number = self.staged.fetch_add(1, Ordering::Relaxed);
        let staged = self.root.join(STAGING).join(number.to_string());
        fs::write(&staged, bytes).map_err(failed("write", &staged))?;
        fs::rename(&staged, path).map_err(failed("replace", path))?;
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Makes a folder below the root, and those above it; says whether this build made it,
    /// so that nothing lies there but what it put there.
    fn ensure_folder(&self, folder: &str) -> Result<bool, SiteError> {
        if folder.is_empty() {
            return Ok(false);
        }
        if let Some(is_new) = lock(&self.folders).get(folder) {
            return Ok(*is_new);
        }
        if let Some((above, _)) = folder.rsplit_once('/') {
            self.ensure_folder(above)?;
        }
        let path = self.root.join(folder);
        let is_new = match fs::create_dir(&path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = fs::symlink_metadata(&path).map_err(failed("look at", &path))?;
                if !found.is_dir() {
                    return Err(foreign(&path, "a folder of the site should be there"));
                }
                false
            }
            Err(error) => return Err(failed("create the folder", &path)(error)),
        };
        // Another thread may have made it in between, and said so.
        Ok(*lock(&self.folders).entry(folder.to_owned()).or_insert(is_new))
    }

    /// Removes what an earlier build wrote and this one did not, and keeps the new list:
    /// `files`, sorted. `state` is what the next build is to know, where that is not what
    /// it knows already.
    pub(super) fn finish(self, files: &BTreeSet<&str>, state: Option<Vec<u8>>) -> Result<Counts, SiteError> {
        let mut removed = 0;
        for path in self.earlier.iter().filter(|path| !files.contains(path.as_str())) {
            removed += usize::from(remove(&self.root, path)?);
        }
        let mut marker = String::from(MARKER_HEAD);
        for path in files {
            marker.push_str(path);
            marker.push('\n');
        }
        for (name, bytes) in [(MARKER, Some(marker.into_bytes())), (STATE, state)] {
            let Some(bytes) = bytes else { continue };
            let path = self.root.join(name);
            if found(&path, &bytes)? != Found::Same {
                let staged = self.root.join(STAGING).join(name);
                fs::write(&staged, &bytes).map_err(failed("write", &staged))?;
                fs::rename(&staged, &path).map_err(failed("replace", &path))?;
            }
        }
        let staging = self.root.join(STAGING);
        fs::remove_dir_all(&staging).map_err(failed("remove the folder", &staging))?;
        Ok(Counts { written: self.written.into_inner(), removed })
    }
}

/// Marks the folder as ours before anything else is put there. Adds what a build that was
/// stopped made to the `earlier` files; gives the file that takes the names of new ones.
fn prepare(root: &Path, earlier: &mut BTreeSet<String>) -> Result<fs::File, SiteError> {
    let staging = root.join(STAGING);
    match fs::symlink_metadata(&staging) {
        Ok(found) if !found.is_dir() => return Err(foreign(&staging, "it is no folder")),
        Ok(_) => clear(&staging)?,
        Err(_) => fs::create_dir(&staging).map_err(failed("create the folder", &staging))?,
    }
    let marker = root.join(MARKER);
    if fs::symlink_metadata(&marker).is_err() {
        fs::write(&marker, MARKER_HEAD).map_err(failed("write", &marker))?;
    }
    let names = staging.join(NEW);
    let left = fs::read(&names).unwrap_or_default();
    earlier.extend(String::from_utf8_lossy(&left).lines().map(str::to_owned));
    let mut file = fs::File::options().append(true).create(true).open(&names).map_err(failed("open", &names))?;
    // The last name may not be whole.
    file.write_all(b"\n").map_err(failed("write", &names))?;
    Ok(file)
}

/// Empties the staging folder, but for the names of new files.
fn clear(staging: &Path) -> Result<(), SiteError> {
    let read = failed("read the folder", staging);
    let entries: Vec<_> = fs::read_dir(staging).and_then(Iterator::collect).map_err(read)?;
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type().map_err(failed("look at", &path))?;
        if kind.is_dir() {
            fs::remove_dir_all(&path).map_err(failed("remove the folder", &path))?;
        } else if entry.file_name() != NEW || !kind.is_file() {
            fs::remove_file(&path).map_err(failed("remove", &path))?;
        }
    }
    Ok(())
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
