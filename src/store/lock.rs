//! The lock that one writer holds at a time.
//!
//! It is an advisory lock of the system on `.warecat/lock`, so it goes with its process;
//! readers take none.

use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};

use super::disk::Disk;
use super::error::StoreError;
use super::layout::PRIVATE;

const PATH: &str = ".warecat/lock";
const PAUSE: Duration = Duration::from_millis(10);

/// How long a writer waits for another to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience(
    /// The longest wait.
    pub Duration,
);

impl Default for Patience {
    /// Ten seconds: longer than a change by hand, shorter than an import.
    fn default() -> Self {
        Self(Duration::from_secs(10))
    }
}

/// The lock while it is held.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Makes the private folder, which git ignores by itself.
fn prepare(disk: &Disk) -> Result<(), StoreError> {
    let failed = |errno: rustix::io::Errno| StoreError::io("make", PRIVATE, errno);
    match rustix::fs::mkdirat(disk.folder(), PRIVATE, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(errno) => return Err(failed(errno)),
    }
    let folder = disk.open_at(PRIVATE, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC)?;
    let folder = folder.ok_or_else(|| failed(rustix::io::Errno::NOENT))?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(&folder, ".gitignore", flags, Mode::from_raw_mode(0o644)) {
        Ok(fd) => std::io::Write::write_all(&mut File::from(fd), b"*\n")
            .map_err(|error| StoreError::io("write", ".warecat/.gitignore", error)),
        Err(rustix::io::Errno::EXIST) => Ok(()),
        Err(errno) => Err(StoreError::io("write", ".warecat/.gitignore", errno)),
    }
}

impl Lock {
    pub(super) fn take(disk: &Disk, patience: Patience) -> Result<Self, StoreError> {
        prepare(disk)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(disk.folder(), PATH, flags, Mode::from_raw_mode(0o644))
            .map_err(|errno| StoreError::io("open", PATH, errno))?;
        let file = File::from(fd);
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if start.elapsed() < patience.0 => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { path: PATH }),
                Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", PATH, error)),
            }
        }
    }
}
