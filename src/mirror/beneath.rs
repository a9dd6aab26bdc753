//! Reading below an open folder without following a link.
//!
//! The user names a folder, which may be a link. Nothing in it is followed: a link in a
//! folder that others write to can lead anywhere, and be exchanged between a look and an
//! opening. So every step is relative to a folder that is open already, and only plain
//! files and folders are opened; a FIFO or device is never waited for.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};

/// The most entries of a folder that are listed.
const MAX_ENTRIES: usize = 1_000_000;

/// A folder that is open.
#[derive(Debug)]
pub struct Folder(OwnedFd);

/// What an entry of a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file, with its size in bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A symbolic link, with what it says.
    Link(OsString),
    /// Anything else, in words.
    Other(&'static str),
}

/// What tells one state of a file from another: as long as it is the same, its bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// In bytes.
    pub size: u64,
    /// When its bytes were last changed, in nanoseconds since 1970; anyone can set it.
    pub modified: i128,
    /// When it was last changed in any way, in nanoseconds since 1970; only the system sets it.
    pub changed: i128,
    /// The number of the file on its device.
    pub inode: u64,
    /// The number of its device.
    pub device: u64,
}

impl Folder {
    /// Opens the folder that a user named.
    ///
    /// # Errors
    /// Whatever opening can meet.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// Opens a folder in this one.
    ///
    /// # Errors
    /// Whatever opening can meet; `ENOTDIR` or `ELOOP` for what is no plain folder.
    pub fn folder(&self, name: &OsStr) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::openat(&self.0, part(name)?, flags, Mode::empty())?))
    }

    /// Opens a regular file in this folder, to be read.
    ///
    /// # Errors
    /// Whatever opening can meet; `InvalidInput` for what is no regular file.
    pub fn file(&self, name: &OsStr) -> io::Result<(File, Stamp)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.0, part(name)?, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Ok((File::from(fd), Stamp::of(&stat)))
    }

    /// What an entry is, without opening it; nothing when there is none.
    ///
    /// # Errors
    /// Whatever looking can meet.
    pub fn look(&self, name: &OsStr) -> io::Result<Option<EntryKind>> {
        let stat = match rustix::fs::statat(&self.0, part(name)?, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => EntryKind::File(u64::try_from(stat.st_size).unwrap_or_default()),
            FileType::Directory => EntryKind::Folder,
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(&self.0, name, Vec::new())?;
                EntryKind::Link(OsString::from_vec(target.into_bytes()))
            }
            FileType::Fifo => EntryKind::Other("a FIFO"),
            FileType::Socket => EntryKind::Other("a socket"),
            _ => EntryKind::Other("a device"),
        }))
    }

    /// The names in the folder, sorted by their bytes.
    ///
    /// # Errors
    /// Whatever listing can meet; `FileTooLarge` for more than a million entries.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            if name == "." || name == ".." {
                continue;
            }
            if names.len() == MAX_ENTRIES {
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than a million entries"));
            }
            names.push(name);
        }
        names.sort_unstable();
        Ok(names)
    }
}

impl Stamp {
    /// The state of an open file now.
    ///
    /// # Errors
    /// Whatever looking can meet.
    pub fn now(file: &File) -> io::Result<Self> {
        Ok(Self::of(&rustix::fs::fstat(file)?))
    }

    fn of(stat: &Stat) -> Self {
        let moment = |seconds: i64, nanoseconds: u64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        Self {
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            modified: moment(stat.st_mtime, stat.st_mtime_nsec),
            changed: moment(stat.st_ctime, stat.st_ctime_nsec),
            inode: stat.st_ino,
            device: stat.st_dev,
        }
    }
}

/// One part of a path, that does not lead out of its folder.
fn part(name: &OsStr) -> io::Result<&OsStr> {
    let is_part = !name.is_empty() && name != "." && name != ".." && !name.as_bytes().contains(&b'/');
    is_part.then_some(name).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it is not one part of a path"))
}

#[cfg(test)]
mod tests {
    use super::{EntryKind, Folder, OsStr};

    #[test]
    fn t03_nothing_but_plain_files_and_folders_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("file"), "abc").unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        std::os::unix::fs::symlink("file", path("link")).unwrap();
        std::os::unix::fs::symlink("folder", path("link-to-folder")).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, path("fifo"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        assert_eq!(folder.names().unwrap(), ["fifo", "file", "folder", "link", "link-to-folder"]);
        let look = |name: &str| folder.look(OsStr::new(name)).unwrap();
        assert_eq!(look("file"), Some(EntryKind::File(3)));
        assert_eq!(look("folder"), Some(EntryKind::Folder));
        assert_eq!(look("link"), Some(EntryKind::Link("file".into())));
        assert_eq!(look("fifo"), Some(EntryKind::Other("a FIFO")));
        assert_eq!(look("none"), None);
        assert_eq!(folder.file(OsStr::new("file")).unwrap().1.size, 3);
        for name in ["fifo", "folder", "link", "link-to-folder", "none", "..", ".", "", "folder/../file"] {
            assert!(folder.file(OsStr::new(name)).is_err(), "{name}");
        }
        assert!(folder.folder(OsStr::new("folder")).is_ok());
        for name in ["file", "link-to-folder", "fifo", "..", "."] {
            assert!(folder.folder(OsStr::new(name)).is_err(), "{name}");
        }
    }
}
