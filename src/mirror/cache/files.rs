//! The files of a cache, reached from its open folder and never through a link.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, Timestamps};
use rustix::io::Errno;

/// The folder of bytes by their digest.
pub(super) const BYTES: &str = "sha256";
/// The folder of what servers said, by the digest of an address.
pub(super) const NOTES: &str = "notes";
/// The folder of what is being written.
pub(super) const TEMPORARY: &str = "tmp";

/// For the user alone.
const FOLDER: Mode = Mode::RWXU;
const FILE: Mode = Mode::RUSR.union(Mode::WUSR);

/// What lies at a place.
pub(super) enum Found {
    /// Nothing.
    Absent,
    /// A plain file's bytes.
    Bytes(Vec<u8>),
    /// A link, a device, or a file that is too large.
    Unusable,
}

/// Makes the cache's folder, and those above it that are absent.
pub(super) fn make_root(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(above) = dir.parent().filter(|above| !above.as_os_str().is_empty()) {
        std::fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(0o700).create(dir) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        made => made,
    }
}

/// Opens the cache's folder. It may be a link itself: the user named it.
pub(super) fn open_root(dir: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::openat(CWD, dir, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Opens a folder in a folder; nothing if it is absent.
pub(super) fn open_folder(above: impl AsFd, name: &str) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(above, name, flags, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn make_folder(above: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    match rustix::fs::mkdirat(above, name, FOLDER) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    open_folder(above, name)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

/// The folder that `hex` lies in, `<kind>/<first two digits>`; nothing if it is absent.
fn shelf(root: &OwnedFd, kind: &str, hex: &str) -> io::Result<Option<OwnedFd>> {
    match open_folder(root, kind)? {
        Some(folder) => open_folder(folder, &hex[..2]),
        None => Ok(None),
    }
}

/// Reads an entry of at most `max` bytes, and says that it was used.
pub(super) fn read(root: &OwnedFd, kind: &str, hex: &str, max: u64) -> io::Result<Found> {
    let Some(shelf) = shelf(root, kind, hex)? else { return Ok(Found::Absent) };
    // Not to wait for the writer of a FIFO.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut file = match rustix::fs::openat(&shelf, hex, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(Found::Absent),
        // A link, or a socket.
        Err(Errno::LOOP | Errno::NXIO) => return Ok(Found::Unusable),
        Err(error) => return Err(error.into()),
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > max {
        return Ok(Found::Unusable);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
    Read::by_ref(&mut file).take(max + 1).read_to_end(&mut bytes)?;
    // A cache of another user is still one that can be read.
    let _ = rustix::fs::futimens(&file, &just_now());
    Ok(Found::Bytes(bytes))
}

/// The system's own time, without asking for it.
fn just_now() -> Timestamps {
    let now = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
    Timestamps { last_access: now, last_modification: now }
}

/// Writes an entry, whole or not at all; one that is there is left unless `replace`.
pub(super) fn write(
    root: &OwnedFd,
    kind: &str,
    hex: &str,
    bytes: &[u8],
    replace: bool,
    next: &AtomicU64,
) -> io::Result<()> {
    let shelf = make_folder(&make_folder(root, kind)?, &hex[..2])?;
    if !replace && rustix::fs::statat(&shelf, hex, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
        return Ok(());
    }
    let folder = make_folder(root, TEMPORARY)?;
    let (name, mut file) = temporary(&folder, next)?;
    let put = file.write_all(bytes).and_then(|()| Ok(rustix::fs::renameat(&folder, &name, &shelf, hex)?));
    if put.is_err() {
        // What is left behind goes with the next clean-up.
        let _ = rustix::fs::unlinkat(&folder, &name, AtFlags::empty());
    }
    put
}

/// A new file; no other process has one of this name.
fn temporary(folder: &OwnedFd, next: &AtomicU64) -> io::Result<(String, File)> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    loop {
        let name = format!("{}-{}", std::process::id(), next.fetch_add(1, Ordering::Relaxed));
        match rustix::fs::openat(folder, &name, flags, FILE) {
            Ok(file) => return Ok((name, File::from(file))),
            // Left by a process of the same number, or of another machine.
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Removes an entry, if it is there.
pub(super) fn remove(root: &OwnedFd, kind: &str, hex: &str) -> io::Result<()> {
    match shelf(root, kind, hex)? {
        Some(shelf) => remove_in(&shelf, hex),
        None => Ok(()),
    }
}

/// Removes a file of a folder, if it is there.
pub(super) fn remove_in(folder: &OwnedFd, name: &str) -> io::Result<()> {
    match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
