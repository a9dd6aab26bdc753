//! Folders that documents are placed in, and bringing them to the disk.

use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::disk::Disk;
use super::error::StoreError;

/// How a folder is opened.
pub(super) const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Up to so many files are synced one by one; above, the whole file system is.
pub(super) const SINGLE_SYNCS: usize = 64;

/// Brings these paths to the disk: side by side when they are few, so that the file
/// system can do it in one go, and with the whole file system when they are many.
pub(super) fn sync(disk: &Disk, paths: &[&str], flags: OFlags) -> Result<(), StoreError> {
    if paths.len() > SINGLE_SYNCS {
        return sync_all(disk);
    }
    let one = |path: &str| sync_one(disk, path, flags);
    let [path] = paths else {
        return std::thread::scope(|scope| {
            let waiting: Vec<_> = paths.iter().map(|path| scope.spawn(move || one(path))).collect();
            waiting.into_iter().try_for_each(|thread| thread.join().expect("syncing does not panic"))
        });
    };
    one(path)
}

fn sync_one(disk: &Disk, path: &str, flags: OFlags) -> Result<(), StoreError> {
    let failed = |errno: Errno| StoreError::io("sync", path, errno);
    let fd = disk.open_at(path, flags)?.ok_or_else(|| failed(Errno::NOENT))?;
    rustix::fs::fsync(&fd).map_err(failed)
}

#[cfg(target_os = "linux")]
fn sync_all(disk: &Disk) -> Result<(), StoreError> {
    rustix::fs::syncfs(disk.folder()).map_err(|errno| StoreError::io("sync", "", errno))
}

#[cfg(not(target_os = "linux"))]
fn sync_all(_disk: &Disk) -> Result<(), StoreError> {
    rustix::fs::sync();
    Ok(())
}

/// Whether a folder went away when removing `path` left only `kept` of its folders.
pub(super) fn is_gone(folder: &str, path: &str, kept: &str) -> bool {
    folder.len() > kept.len() && path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The folder of the last document that was placed: documents come sorted, so most
/// share it with the one before.
#[derive(Default)]
pub(super) struct Parent {
    path: Option<String>,
    fd: Option<OwnedFd>,
    /// Folders that gained or lost something.
    pub(super) touched: Vec<String>,
}

impl Parent {
    /// Opens a folder, making it if need be.
    pub(super) fn open(&mut self, disk: &Disk, folder: &str) -> Result<&OwnedFd, StoreError> {
        if self.path.as_deref() != Some(folder) {
            self.fd = Some(make_folder(disk, folder, &mut self.touched)?);
            self.path = Some(folder.to_owned());
            if self.touched.len() <= SINGLE_SYNCS {
                self.touched.push(folder.to_owned());
            }
        }
        Ok(self.fd.as_ref().expect("it was opened with the path"))
    }
}

/// Opens a folder, making it and those above it; `made` lists the folders that gained one.
fn make_folder(disk: &Disk, folder: &str, made: &mut Vec<String>) -> Result<OwnedFd, StoreError> {
    if let Some(fd) = disk.open_at(folder, FOLDER)? {
        return Ok(fd);
    }
    let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
    let parent = make_folder(disk, above, made)?;
    match rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => made.push(above.to_owned()),
        Err(errno) => return Err(StoreError::io("make", folder, errno)),
    }
    disk.open_at(folder, FOLDER)?.ok_or_else(|| StoreError::io("make", folder, Errno::NOENT))
}
