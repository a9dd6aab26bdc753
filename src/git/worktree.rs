//! Reading files of the work tree as they are, without following symbolic links.
//!
//! Each folder is opened relative to the one above it and refused if it is a link, so
//! that a path cannot be led out of the catalog, not even by a change made meanwhile.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, open, openat};
use rustix::io::Errno;

use super::error::GitError;
use super::path;

/// The largest file that is committed, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// What the index keeps about a file, to see later whether it changed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stat {
    pub(super) ctime: (i64, i64),
    pub(super) mtime: (i64, i64),
    pub(super) dev: u64,
    pub(super) ino: u64,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) size: u64,
}

/// Reads files below one folder, keeping the last file's folder open.
pub(super) struct Reader {
    root: PathBuf,
    folder: Option<(String, OwnedFd)>,
}

impl Reader {
    /// Starts at the root of the work tree.
    pub(super) fn new(root: PathBuf) -> Reader {
        Reader { root, folder: None }
    }

    /// Reads the regular file at `path`. Its state is taken before its bytes, so that a
    /// change in between makes the index look stale rather than fresh.
    pub(super) fn read(&mut self, path: &str) -> Result<(Vec<u8>, Stat), GitError> {
        let (folder, name) = path::split(path);
        if self.folder.as_ref().is_none_or(|(open, _)| open != folder) {
            let opened =
                open_folder(&self.root, folder).map_err(|errno| self.refused(path, errno))?;
            self.folder = Some((folder.to_owned(), opened));
        }
        let (_, parent) = self.folder.as_ref().expect("it was opened just above");
        // A named pipe must not make the opening wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(parent, name, flags, Mode::empty())
            .map_err(|errno| self.refused(path, errno))?;
        self.read_open(File::from(file), path)
    }

    fn read_open(&self, file: File, path: &str) -> Result<(Vec<u8>, Stat), GitError> {
        let failed = || GitError::io("read", self.root.join(path));
        let metadata = file.metadata().map_err(failed())?;
        if !metadata.is_file() {
            return Err(GitError::Unsafe {
                path: path.to_owned(),
                found: "a folder, device or pipe",
            });
        }
        let mut bytes =
            Vec::with_capacity(usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or(0));
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        let size = read.map_err(failed())?;
        if size as u64 > MAX_BYTES {
            return Err(GitError::TooLarge {
                path: path.to_owned(),
                size: metadata.len(),
                limit: MAX_BYTES,
            });
        }
        Ok((bytes, Stat::of(&metadata)))
    }

    fn refused(&self, path: &str, errno: Errno) -> GitError {
        if matches!(errno, Errno::LOOP | Errno::NOTDIR) {
            return GitError::Unsafe {
                path: path.to_owned(),
                found: "behind a symbolic link or a file",
            };
        }
        GitError::io("read", self.root.join(path))(io::Error::from(errno))
    }
}

impl Stat {
    fn of(metadata: &std::fs::Metadata) -> Stat {
        Stat {
            ctime: (metadata.ctime(), metadata.ctime_nsec()),
            mtime: (metadata.mtime(), metadata.mtime_nsec()),
            dev: metadata.dev(),
            ino: metadata.ino(),
            uid: metadata.uid(),
            gid: metadata.gid(),
            size: metadata.len(),
        }
    }
}

fn open_folder(root: &Path, folder: &str) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut opened = open(root, flags, Mode::empty())?;
    for name in folder.split('/').filter(|name| !name.is_empty()) {
        opened = openat(&opened, name, flags | OFlags::NOFOLLOW, Mode::empty())?;
    }
    Ok(opened)
}
