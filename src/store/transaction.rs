//! Changing many documents at once, so that no one ever sees half.
//!
//! New content is staged under `.warecat/` and synced; the list of renames is written
//! as the journal, synced and put in place by one rename: from then on the change is
//! made, since readers look through the journal ([`super::overlay`]) and the next
//! writer completes it. Then the renames are made and the journal is dropped. A process
//! that is killed before the journal is in place has changed nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::disk::Disk;
use super::error::StoreError;
use super::files::{EntryKind, Files};
use super::folders::{FOLDER, Parent, SINGLE_SYNCS, is_gone, sync};
use super::journal::{self, Change};
use super::layout::{PRIVATE, Place};
use super::lock::{Lock, Patience};

/// Staged files lie in so many folders, so that threads do not wait for one folder.
const BUCKETS: u64 = 16;

/// What a transaction just did; for progress, and for tests that stop at each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The lock was taken and what another writer left was completed.
    Begun,
    /// One more file was staged.
    Staged,
    /// All staged files are on the disk.
    Synced,
    /// The journal is in place: the change is made.
    Journaled,
    /// One more document is in its place, or gone.
    Placed,
    /// The journal was dropped.
    Dropped,
}

/// What a committed transaction changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// The paths that were written, sorted.
    pub written: Vec<String>,
    /// The paths that were removed, sorted.
    pub removed: Vec<String>,
}

impl Committed {
    /// What these changes come to after what was changed `before`.
    fn of(changes: &[Change], before: &Committed) -> Self {
        let mut written: BTreeSet<String> = before.written.iter().cloned().collect();
        let mut removed: BTreeSet<String> = before.removed.iter().cloned().collect();
        for change in changes {
            let (Change::Write { place, .. } | Change::Remove { place }) = change;
            let path = place.to_string();
            let (to, from) = match change {
                Change::Write { .. } => (&mut written, &mut removed),
                Change::Remove { .. } => (&mut removed, &mut written),
            };
            from.remove(&path);
            to.insert(path);
        }
        Self { written: written.into_iter().collect(), removed: removed.into_iter().collect() }
    }
}

/// A transaction under way; dropped without [`Transaction::commit`], it changes nothing.
pub struct Transaction<'a> {
    disk: &'a Disk,
    observer: &'a (dyn Fn(Step) + Sync),
    id: u64,
    counter: AtomicU64,
    changes: Mutex<BTreeMap<Place, Option<String>>>,
    /// What another writer left half done, and this one completed.
    recovered: Committed,
    _lock: Lock,
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("disk", &self.disk.path()).finish_non_exhaustive()
    }
}

impl<'a> Transaction<'a> {
    /// Takes the lock, completes a transaction that was cut off, and clears what one
    /// that never came to its journal left.
    ///
    /// # Errors
    /// `locked` when another process holds the lock longer than `patience`;
    /// `journal-invalid`; `io`.
    pub fn begin(disk: &'a Disk, patience: Patience, observer: &'a (dyn Fn(Step) + Sync)) -> Result<Self, StoreError> {
        let lock = Lock::take(disk, patience)?;
        let id = std::hash::RandomState::new().build_hasher().finish();
        let mut tx = Self {
            disk,
            observer,
            id,
            counter: AtomicU64::new(0),
            changes: Mutex::default(),
            recovered: Committed::default(),
            _lock: lock,
        };
        tx.recovered = tx.recover()?;
        disk.refresh();
        tx.make_private(&journal::stage_folder(id))?;
        (tx.observer)(Step::Begun);
        Ok(tx)
    }

    /// Stages new content for a place; it may be called from several threads.
    ///
    /// # Errors
    /// `io`, for example when the disk is full; nothing in the catalog has changed then.
    pub fn stage(&self, place: Place, content: &[u8]) -> Result<(), StoreError> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let bucket = format!("{}/{:02x}", journal::stage_folder(self.id), number % BUCKETS);
        let staged = format!("{bucket}/{number:x}");
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let failed = |error: std::io::Error| StoreError::io("write", &place.to_string(), error);
        let open = || rustix::fs::openat(self.disk.folder(), &*staged, flags, Mode::from_raw_mode(0o644));
        let mut opened = open();
        if matches!(opened, Err(Errno::NOENT)) {
            self.make_private(&bucket)?;
            opened = open();
        }
        let fd = opened.map_err(|errno| failed(errno.into()))?;
        File::from(fd).write_all(content).map_err(failed)?;
        self.changes().insert(place, Some(staged));
        (self.observer)(Step::Staged);
        Ok(())
    }

    /// Takes a document away.
    pub fn remove(&self, place: Place) {
        self.changes().insert(place, None);
    }

    fn changes(&self) -> std::sync::MutexGuard<'_, BTreeMap<Place, Option<String>>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the change. What was completed for another writer is told as well, since no
    /// one else will.
    ///
    /// # Errors
    /// `io`; `file-unsafe` when something that is no plain file is in a document's place.
    /// When the journal was in place by then, the change is made all the same: readers
    /// see it, and the next writer completes it.
    pub fn commit(self) -> Result<Committed, StoreError> {
        let changes: Vec<Change> = std::mem::take(&mut *self.changes())
            .into_iter()
            .map(|(place, staged)| match staged {
                Some(staged) => Change::Write { place, staged },
                None => Change::Remove { place },
            })
            .collect();
        let committed = Committed::of(&changes, &self.recovered);
        if changes.is_empty() {
            return Ok(committed);
        }
        let made = self.make(&changes);
        // Readers of this process see what was made, also when it was cut off.
        self.disk.refresh();
        made.map(|()| committed)
    }

    fn make(&self, changes: &[Change]) -> Result<(), StoreError> {
        {
            self.check_targets(changes)?;
            self.write_journal(changes)?;
            self.sync_staged(changes)?;
            (self.observer)(Step::Synced);
            self.put_journal()?;
            (self.observer)(Step::Journaled);
            self.place_all(changes)?;
            self.drop_journal()?;
            (self.observer)(Step::Dropped);
        }
        Ok(())
    }

    /// Refuses, while nothing is changed yet, what could not be completed later.
    fn check_targets(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut checked: Option<(String, Option<OwnedFd>)> = None;
        for change in changes {
            let (Change::Write { place, .. } | Change::Remove { place }) = change;
            let path = place.to_string();
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if checked.as_ref().is_none_or(|(last, _)| last != folder) {
                checked = Some((folder.to_owned(), self.check_folder(folder)?));
            }
            let Some((_, Some(fd))) = &checked else { continue };
            let stat = rustix::fs::statat(fd, name, AtFlags::SYMLINK_NOFOLLOW);
            if stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile) {
                return Err(StoreError::Unsafe { path, what: "no plain file" });
            }
        }
        Ok(())
    }

    /// Opens a folder; one that is not there must be possible to make.
    fn check_folder(&self, folder: &str) -> Result<Option<OwnedFd>, StoreError> {
        let found = self.disk.open_at(folder, FOLDER)?;
        let mut above = folder;
        while found.is_none() && !above.is_empty() {
            above = above.rsplit_once('/').map_or("", |(above, _)| above);
            if self.disk.open_at(above, FOLDER)?.is_some() {
                break;
            }
        }
        Ok(found)
    }

    /// Brings the staged files and the journal to the disk.
    fn sync_staged(&self, changes: &[Change]) -> Result<(), StoreError> {
        let stage = journal::stage_folder(self.id);
        let buckets = BUCKETS.min(self.counter.load(Ordering::Relaxed));
        let folders: Vec<String> = (0..buckets).map(|bucket| format!("{stage}/{bucket:02x}")).collect();
        let mut written = vec![journal::NEW_PATH];
        written.push(&stage);
        written.extend(folders.iter().map(String::as_str));
        for change in changes {
            if let Change::Write { staged, .. } = change {
                written.push(staged);
            }
        }
        sync(self.disk, &written, OFlags::RDONLY | OFlags::CLOEXEC)
    }

    fn write_journal(&self, changes: &[Change]) -> Result<(), StoreError> {
        let failed = |error: std::io::Error| StoreError::io("write", journal::PATH, error);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(self.disk.folder(), journal::NEW_PATH, flags, Mode::from_raw_mode(0o644))
            .map_err(|errno| failed(errno.into()))?;
        let text = journal::write(changes, self.disk.identity()?);
        if text.len() > journal::MAX_LENGTH {
            return Err(StoreError::TooLarge { path: journal::PATH.into(), limit: journal::MAX_LENGTH });
        }
        File::from(fd).write_all(&text).map_err(failed)
    }

    /// Puts the journal in place: the one rename that makes the change.
    fn put_journal(&self) -> Result<(), StoreError> {
        let folder = self.disk.folder();
        rustix::fs::renameat(folder, journal::NEW_PATH, folder, journal::PATH)
            .map_err(|errno| StoreError::io("write", journal::PATH, errno))?;
        sync(self.disk, &[PRIVATE], FOLDER)
    }

    /// Makes the journal's renames; made before, they are skipped.
    fn place_all(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut parent = Parent::default();
        for change in changes {
            match change {
                Change::Write { place, staged } => self.place(&place.to_string(), staged, &mut parent)?,
                Change::Remove { place } => self.take_away(&place.to_string(), &mut parent.touched)?,
            }
            (self.observer)(Step::Placed);
        }
        let touched: Vec<&str> = parent.touched.iter().map(String::as_str).collect();
        sync(self.disk, &touched, FOLDER)
    }

    fn place(&self, path: &str, staged: &str, parent: &mut Parent) -> Result<(), StoreError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let target = parent.open(self.disk, folder)?;
        match rustix::fs::renameat(self.disk.folder(), staged, target, name) {
            Ok(()) => Ok(()),
            // Renamed before the process was killed, or lost: the journal knows that it was synced.
            Err(Errno::NOENT) if rustix::fs::statat(target, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() => Ok(()),
            Err(errno) => Err(StoreError::io("write", path, errno)),
        }
    }

    fn take_away(&self, path: &str, touched: &mut Vec<String>) -> Result<(), StoreError> {
        let (mut folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(fd) = self.disk.open_at(folder, FOLDER)? else { return Ok(()) };
        match rustix::fs::unlinkat(&fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(StoreError::io("remove", path, errno)),
        }
        // Folders that are empty now go too, as git does not keep them either.
        while !folder.is_empty() {
            let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
            let Some(fd) = self.disk.open_at(above, FOLDER)? else { break };
            if rustix::fs::unlinkat(&fd, name, AtFlags::REMOVEDIR).is_err() {
                break;
            }
            folder = above;
        }
        // Above that number the whole file system is synced, whatever they are.
        if touched.len() <= SINGLE_SYNCS {
            touched.retain(|other| !is_gone(other, path, folder));
            touched.push(folder.to_owned());
        }
        Ok(())
    }

    fn drop_journal(&self) -> Result<(), StoreError> {
        match rustix::fs::unlinkat(self.disk.folder(), journal::PATH, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(StoreError::io("remove", journal::PATH, errno)),
        }
    }

    /// Completes a transaction that was cut off after its journal was in place.
    fn recover(&self) -> Result<Committed, StoreError> {
        let mut completed = Vec::new();
        if let Some(text) = self.disk.read_plain(journal::PATH, journal::MAX_LENGTH)? {
            // One that came with a clone or a copy is dropped.
            completed = journal::parse(&text, self.disk.identity()?)?.unwrap_or_default();
            self.place_all(&completed)?;
            self.drop_journal()?;
        }
        clear_stages(self.disk)?;
        Ok(Committed::of(&completed, &Committed::default()))
    }

    fn make_private(&self, folder: &str) -> Result<(), StoreError> {
        match rustix::fs::mkdirat(self.disk.folder(), folder, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(StoreError::io("make", folder, errno)),
        }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // What is left is cleared by the next writer.
        let _ = clear_stages(self.disk);
    }
}

/// Clears the staged files of transactions that ended; only under the lock. A journal
/// in place still needs its own.
fn clear_stages(disk: &Disk) -> Result<(), StoreError> {
    if disk.read_plain(journal::PATH, journal::MAX_LENGTH)?.is_some() {
        return Ok(());
    }
    let entries = disk.entries(PRIVATE)?.unwrap_or_default();
    for stage in entries.into_iter().filter(|e| e.kind == EntryKind::Folder && e.name.starts_with("tx-")) {
        let stage = format!("{PRIVATE}/{}", stage.name);
        for bucket in disk.entries(&stage)?.unwrap_or_default() {
            let bucket = format!("{stage}/{}", bucket.name);
            for file in disk.entries(&bucket)?.unwrap_or_default() {
                let _ = rustix::fs::unlinkat(disk.folder(), format!("{bucket}/{}", file.name), AtFlags::empty());
            }
            let _ = rustix::fs::unlinkat(disk.folder(), &*bucket, AtFlags::REMOVEDIR);
        }
        let _ = rustix::fs::unlinkat(disk.folder(), &*stage, AtFlags::REMOVEDIR);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Step, Transaction};
    use crate::store::{Disk, Files, Patience, Place};
    use std::time::Duration;

    fn place(path: &str) -> Place {
        Place::parse(path).unwrap()
    }

    fn begin<'a>(disk: &'a Disk) -> Transaction<'a> {
        Transaction::begin(disk, Patience(Duration::ZERO), &|_: Step| {}).unwrap()
    }

    #[test]
    fn what_is_committed_is_read_and_what_is_dropped_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::open(dir.path()).unwrap();
        let tx = begin(&disk);
        tx.stage(place("a.org/b/_module.json"), b"one").unwrap();
        assert_eq!(disk.read("a.org/b/_module.json", 100).unwrap(), None);
        let committed = tx.commit().unwrap();
        assert_eq!(committed.written, ["a.org/b/_module.json"]);
        assert_eq!(disk.read("a.org/b/_module.json", 100).unwrap().unwrap(), b"one");

        let tx = begin(&disk);
        tx.stage(place("a.org/b/_module.json"), b"two").unwrap();
        drop(tx);
        assert_eq!(disk.read("a.org/b/_module.json", 100).unwrap().unwrap(), b"one");
        let left: Vec<_> = disk.entries(".warecat").unwrap().unwrap().into_iter().map(|e| e.name).collect();
        assert!(!left.iter().any(|name| name.starts_with("tx-")), "{left:?}");
    }

    #[test]
    fn removing_the_last_document_removes_its_empty_folders() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::open(dir.path()).unwrap();
        let tx = begin(&disk);
        tx.stage(place("a.org/b/_releases/v1.json"), b"x").unwrap();
        tx.commit().unwrap();
        let tx = begin(&disk);
        tx.remove(place("a.org/b/_releases/v1.json"));
        tx.commit().unwrap();
        assert!(!dir.path().join("a.org").exists());
    }

    #[test]
    fn a_second_writer_is_told_to_wait() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::open(dir.path()).unwrap();
        let _held = begin(&disk);
        let other = Disk::open(dir.path()).unwrap();
        let error = Transaction::begin(&other, Patience(Duration::from_millis(30)), &|_: Step| {}).unwrap_err();
        assert_eq!(error.code().as_str(), "locked");
    }

    #[test]
    fn t03_links_are_refused_on_the_way_and_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("_module.json"), "secret").unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("a.org")).unwrap();
        std::fs::create_dir(dir.path().join("b.org")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("_module.json"), dir.path().join("b.org/_module.json")).unwrap();
        let disk = Disk::open(dir.path()).unwrap();
        for path in ["a.org/_module.json", "b.org/_module.json"] {
            assert_eq!(disk.read(path, 100).unwrap_err().code().as_str(), "file-unsafe", "{path}");
        }
        assert_eq!(disk.entries("a.org").unwrap_err().code().as_str(), "file-unsafe");
        let tx = begin(&disk);
        tx.stage(place("a.org/x/_module.json"), b"x").unwrap();
        assert!(tx.commit().is_err());
        assert!(!outside.path().join("x").exists());
        assert!(!dir.path().join(".warecat/journal").exists(), "it cannot be completed, so it is not promised");
    }

    #[test]
    fn a_folder_in_a_documents_place_is_refused_before_anything_is_changed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a.org/b/_releases/v2.json")).unwrap();
        let disk = Disk::open(dir.path()).unwrap();
        for is_write in [true, false] {
            let tx = begin(&disk);
            let target = place("a.org/b/_releases/v2.json");
            if is_write {
                tx.stage(target, b"x").unwrap()
            } else {
                tx.remove(target)
            }
            assert_eq!(tx.commit().unwrap_err().code().as_str(), "file-unsafe");
        }
        let tx = begin(&disk);
        tx.stage(place("a.org/b/_releases/v3.json"), b"x").unwrap();
        tx.commit().unwrap();
    }

    #[test]
    fn t12_a_journal_that_came_with_a_copy_is_dropped_and_one_of_its_own_completed() {
        use super::journal::{Change, write};
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::open(dir.path()).unwrap();
        let staged = ".warecat/tx-0123456789abcdef/00/0";
        for (folder, expected) in [((1, 2), None), (disk.identity().unwrap(), Some(b"x".to_vec()))] {
            std::fs::create_dir_all(dir.path().join(".warecat/tx-0123456789abcdef/00")).unwrap();
            std::fs::write(dir.path().join(staged), "x").unwrap();
            let change = Change::Write { place: place("a.org/b/_mirrors.json"), staged: staged.into() };
            std::fs::write(dir.path().join(".warecat/journal"), write(&[change], folder)).unwrap();
            disk.refresh();
            assert_eq!(disk.read("a.org/b/_mirrors.json", 10).unwrap(), expected);
            let committed = begin(&disk).commit().unwrap();
            assert_eq!(committed.written.len(), usize::from(expected.is_some()), "what was completed is told");
            assert!(!dir.path().join(".warecat/journal").exists());
        }
    }

    #[test]
    fn t03_a_pipe_or_folder_is_not_read_as_a_document() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a.org/_module.json")).unwrap();
        let disk = Disk::open(dir.path()).unwrap();
        assert_eq!(disk.read("a.org/_module.json", 100).unwrap_err().code().as_str(), "file-unsafe");
        rustix::fs::mkfifoat(rustix::fs::CWD, dir.path().join("a.org/_mirrors.json"), 0o644.into()).unwrap();
        assert_eq!(disk.read("a.org/_mirrors.json", 100).unwrap_err().code().as_str(), "file-unsafe");
    }

    #[test]
    fn t06_a_document_has_a_largest_size() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("a")).unwrap();
        for size in [10, 16 * 1024, 16 * 1024 + 1, 50_000] {
            std::fs::write(dir.path().join("a/_module.json"), vec![b'x'; size]).unwrap();
            let disk = Disk::open(dir.path()).unwrap();
            assert_eq!(disk.read("a/_module.json", size).unwrap().unwrap().len(), size);
            assert_eq!(disk.read("a/_module.json", size - 1).unwrap_err().code().as_str(), "document-too-large");
        }
    }
}
