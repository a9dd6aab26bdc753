//! Opens local files, and only regular ones.
//!
//! A FIFO would block, a device could do anything, a socket is no file. The kind is
//! looked at before opening, as opening a device can have effects, and again on what was
//! opened, as it may have been exchanged between. The path itself may be a symbolic link:
//! the user named it.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use super::error::FetchError;

/// An open regular file, and what was known of it then.
#[derive(Debug)]
pub(super) struct LocalFile {
    file: File,
    meta: Metadata,
    at: String,
}

impl LocalFile {
    /// Opens `path`; errors name `at`.
    pub(super) fn open(path: &Path, at: &str) -> Result<Self, FetchError> {
        let failed = |e| io_failed(e, at);
        check_kind(std::fs::metadata(path).map_err(failed)?.file_type(), at)?;
        // Not to wait for a FIFO's writer, nor to take over a terminal.
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
        let mut open = OpenOptions::new();
        open.read(true).custom_flags(flags.cast_signed());
        let file = open.open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        check_kind(meta.file_type(), at)?;
        Ok(Self { file, meta, at: at.to_owned() })
    }

    /// The size in bytes, when it was opened.
    pub(super) fn len(&self) -> u64 {
        self.meta.len()
    }

    /// Fails when the file is not the one that was opened any more: a writer was at work,
    /// and what was read may be neither the old nor the new content.
    pub(super) fn check_unchanged(&self) -> Result<(), FetchError> {
        let now = self.file.metadata().map_err(|e| io_failed(e, &self.at))?;
        let state = |meta: &Metadata| (meta.len(), meta.modified().ok());
        if state(&now) == state(&self.meta) { Ok(()) } else { Err(FetchError::Changed { at: self.at.clone() }) }
    }
}

impl Read for LocalFile {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read(buf)
    }
}

/// What an error of the file system means for the place `at`.
pub(super) fn io_failed(source: io::Error, at: &str) -> FetchError {
    let at = at.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => FetchError::Missing { at },
        _ => FetchError::Read { at, source },
    }
}

fn check_kind(kind: FileType, at: &str) -> Result<(), FetchError> {
    if kind.is_file() {
        return Ok(());
    }
    let (at, expected) = (at.to_owned(), "a regular file");
    Err(FetchError::Kind { at, found: kind_words(kind), expected })
}

/// A kind of file, in words.
pub(super) fn kind_words(kind: FileType) -> &'static str {
    match kind {
        _ if kind.is_file() => "a regular file",
        _ if kind.is_dir() => "a folder",
        _ if kind.is_symlink() => "a symbolic link",
        _ if kind.is_fifo() => "a FIFO",
        _ if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(test)]
mod tests {
    use super::{FetchError, LocalFile, Path};
    use std::io::Write;

    fn found(path: &Path) -> &'static str {
        match LocalFile::open(path, "x") {
            Err(FetchError::Kind { found, .. }) => found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_regular_files_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let socket = dir.path().join("socket");
        let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(found(&fifo), "a FIFO");
        assert_eq!(found(&socket), "a socket");
        assert_eq!(found(dir.path()), "a folder");
        assert_eq!(found(Path::new("/dev/null")), "a device");
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&fifo, &link).unwrap();
        assert_eq!(found(&link), "a FIFO");
    }

    #[test]
    fn a_named_link_is_followed_and_a_dangling_one_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(matches!(LocalFile::open(&link, "x"), Err(FetchError::Missing { .. })));
        std::fs::write(&file, "abc").unwrap();
        assert_eq!(LocalFile::open(&link, "x").unwrap().len(), 3);
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_noticed() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let open = LocalFile::open(file.path(), "x").unwrap();
        assert!(open.check_unchanged().is_ok());
        file.write_all(b"more").unwrap();
        assert!(matches!(open.check_unchanged(), Err(FetchError::Changed { .. })));
    }
}
