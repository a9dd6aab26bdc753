//! The working tree: files read relative to an open folder, no link ever followed.
//!
//! On Linux the kernel itself refuses links and steps outside (`openat2` with
//! `RESOLVE_BENEATH` and `RESOLVE_NO_SYMLINKS`); elsewhere each part of a path is
//! opened by itself with `O_NOFOLLOW`.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::error::StoreError;
use super::files::{Entry, EntryKind, Files};
use super::overlay::Overlay;

/// How far a file is read at once; larger ones take further reads.
const CHUNK: usize = 64 * 1024;

thread_local! {
    /// Where files are read to first, so that a small one costs one small allocation.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; CHUNK]);
}

/// A catalog's folder, open for reading through the journal of an unfinished write.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    folder: OwnedFd,
    overlay: RwLock<Arc<Overlay>>,
}

impl Disk {
    /// Opens a catalog's folder. The folder itself may be reached through links.
    ///
    /// # Errors
    /// `io` when it cannot be opened; `journal-invalid` when an unfinished write left a
    /// journal that cannot be trusted.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let root = |errno: Errno| StoreError::Root { path: path.to_owned(), source: errno.into() };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty()).map_err(root)?;
        let disk = Self { path: path.to_owned(), folder, overlay: RwLock::default() };
        disk.load_overlay()?;
        Ok(disk)
    }

    /// The path by which the folder was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's device and inode.
    #[allow(clippy::unnecessary_cast, reason = "their types differ between systems")]
    pub(super) fn identity(&self) -> Result<(u64, u64), StoreError> {
        let stat = rustix::fs::fstat(&self.folder).map_err(|errno| StoreError::io("look at", ".", errno))?;
        Ok((stat.st_dev as u64, stat.st_ino as u64))
    }

    /// The open folder, to which paths are relative.
    pub(super) fn folder(&self) -> &OwnedFd {
        &self.folder
    }

    fn load_overlay(&self) -> Result<bool, StoreError> {
        // Loaded under the lock, so that an older state never replaces a newer one.
        let mut held = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(Overlay::load(self)?);
        Ok(!held.is_empty())
    }

    fn overlay(&self) -> Arc<Overlay> {
        self.overlay.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads a file as it lies there, without regard to a journal.
    pub(super) fn read_plain(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let Some(fd) = self.open_at(path, flags)? else { return Ok(None) };
        read_bounded(File::from(fd), path, limit).map(Some)
    }

    /// Opens what a path names; `None` when nothing is there.
    pub(super) fn open_at(&self, path: &str, flags: OFlags) -> Result<Option<OwnedFd>, StoreError> {
        match beneath(&self.folder, path, flags | OFlags::NOFOLLOW) {
            Ok(fd) => Ok(Some(fd)),
            Err(Errno::NOENT | Errno::NOTDIR) if !flags.contains(OFlags::DIRECTORY) => Ok(None),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR) => Err(unsafe_at(path, "not a folder")),
            Err(Errno::LOOP) => Err(unsafe_at(path, "behind a symbolic link")),
            Err(Errno::XDEV) => Err(unsafe_at(path, "outside the catalog")),
            Err(Errno::NXIO | Errno::NODEV) => Err(unsafe_at(path, "a pipe, socket or device")),
            Err(errno) => Err(StoreError::io("open", path, errno)),
        }
    }
}

fn unsafe_at(path: &str, what: &'static str) -> StoreError {
    StoreError::Unsafe { path: path.to_owned(), what }
}

#[cfg(target_os = "linux")]
fn beneath(folder: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    use rustix::fs::ResolveFlags;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let path = if path.is_empty() { "." } else { path };
    loop {
        match rustix::fs::openat2(folder, path, flags, Mode::empty(), resolve) {
            // The kernel could not rule out a race; it asks to be called again.
            Err(Errno::AGAIN | Errno::INTR) => {}
            // Kernels before 5.6 and some sandboxes lack the call.
            Err(Errno::NOSYS | Errno::PERM) => return part_by_part(folder, path, flags),
            answer => return answer,
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn beneath(folder: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    part_by_part(folder, path, flags)
}

/// Opens each part of a path by itself, refusing links at every step.
fn part_by_part(folder: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    let through = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    let mut at = rustix::fs::openat(folder, ".", through, Mode::empty())?;
    while let Some(part) = parts.next() {
        if part == ".." {
            return Err(Errno::XDEV);
        }
        let step = if parts.peek().is_some() { through } else { flags | OFlags::NOFOLLOW };
        at = match rustix::fs::openat(&at, part, step, Mode::empty()) {
            // A link opened with both flags is reported as "not a folder".
            Err(Errno::NOTDIR) if is_link(&at, part) => return Err(Errno::LOOP),
            answer => answer?,
        };
    }
    Ok(at)
}

fn is_link(folder: &OwnedFd, name: &str) -> bool {
    rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

fn read_bounded(mut file: File, path: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
    let failed = |error: std::io::Error| match error.raw_os_error() {
        Some(code) if Errno::from_raw_os_error(code) == Errno::ISDIR => unsafe_at(path, "a folder"),
        _ => StoreError::io("read", path, error),
    };
    let first = |buffer: &mut Vec<u8>| {
        let length = file.read(&mut buffer[..])?;
        Ok((buffer[..length].to_vec(), length == 0 || length == CHUNK))
    };
    let (mut bytes, is_more) = BUFFER.with_borrow_mut(first).map_err(failed)?;
    if is_more {
        if !file.metadata().map_err(failed)?.file_type().is_file() {
            return Err(unsafe_at(path, "not a plain file"));
        }
        let rest = (limit + 1).saturating_sub(bytes.len());
        file.take(u64::try_from(rest).unwrap_or(u64::MAX)).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() > limit {
        return Err(StoreError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

fn kind_of(folder: &Dir, name: &std::ffi::CStr, told: FileType) -> EntryKind {
    let stat = || rustix::fs::statat(folder.fd().ok()?, name, AtFlags::SYMLINK_NOFOLLOW).ok();
    let found = match told {
        // Some file systems do not tell with the name.
        FileType::Unknown => stat().map_or(told, |stat| FileType::from_raw_mode(stat.st_mode)),
        told => told,
    };
    match found {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Link,
        _ => EntryKind::Other,
    }
}

impl Files for Disk {
    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let overlay = self.overlay();
        match overlay.staged(path) {
            None => self.read_plain(path, limit),
            Some(None) => Ok(None),
            // Staged until its rename, then in its place.
            Some(Some(staged)) => match self.read_plain(staged, limit)? {
                Some(bytes) => Ok(Some(bytes)),
                None => self.read_plain(path, limit),
            },
        }
    }

    fn entries(&self, folder: &str) -> Result<Option<Vec<Entry>>, StoreError> {
        let overlay = self.overlay();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Some(fd) = self.open_at(folder, flags)? else { return Ok(overlay.entries(folder, None)) };
        let failed = |errno: Errno| StoreError::io("list", folder, errno);
        let mut listed = Vec::new();
        let mut dir = Dir::new(fd).map_err(failed)?;
        while let Some(entry) = dir.read() {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = kind_of(&dir, name, entry.file_type());
            listed.push(match name.to_str() {
                Ok(name) => Entry { name: name.to_owned(), kind },
                Err(_) => Entry { name: name.to_string_lossy().into_owned(), kind: EntryKind::Other },
            });
        }
        Ok(overlay.entries(folder, Some(listed)))
    }

    fn refresh(&self) -> bool {
        // A journal that cannot be trusted is reported when a catalog is opened.
        self.load_overlay().unwrap_or(false)
    }
}
