//! What a cache holds, and what is removed from it.

use std::io;
use std::time::{Duration, SystemTime};

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, FileType};
use serde::Serialize;

use super::{Cache, CacheError, files};

/// After so long a file that was being written is left over from a process that died.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// What a cache holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheInfo {
    /// How many files and blobs.
    pub entries: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// When the one that was not used for longest was used last, in seconds since 1970.
    pub oldest_use: Option<u64>,
}

/// What to remove. Nothing, unless told; each is applied after the one before it.
#[derive(Debug, Clone, Default)]
pub struct GcOptions {
    /// Everything.
    pub all: bool,
    /// What was not used for so long.
    pub older_than: Option<Duration>,
    /// What was not used for longest, until no more than so many bytes are left.
    pub max_bytes: Option<u64>,
}

/// What was removed, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GcReport {
    /// How many entries were removed.
    pub removed: u64,
    /// Their size, in bytes.
    pub removed_bytes: u64,
    /// How many entries are left.
    pub kept: u64,
    /// Their size, in bytes.
    pub kept_bytes: u64,
}

/// A file of the cache.
struct Entry {
    /// Seconds since 1970.
    used: u64,
    name: String,
    bytes: u64,
}

impl Cache {
    /// What the cache holds.
    ///
    /// # Errors
    /// `io`: the folder cannot be read.
    pub fn info(&self) -> Result<CacheInfo, CacheError> {
        let entries = self.entries(files::BYTES)?;
        Ok(CacheInfo {
            entries: entries.len() as u64,
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
            oldest_use: entries.first().map(|entry| entry.used),
        })
    }

    /// Removes what `options` say, by when it was last used; `now` is the present time.
    /// With `dry_run` it only says what would be.
    ///
    /// # Errors
    /// `io`: the folder cannot be read, or a file not removed.
    pub fn gc(&self, options: &GcOptions, now: SystemTime, dry_run: bool) -> Result<GcReport, CacheError> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let entries = self.entries(files::BYTES)?;
        let mut left: u64 = entries.iter().map(|entry| entry.bytes).sum();
        let mut report = GcReport::default();
        // The entries come in the order of their last use, so the first ones go first.
        for entry in &entries {
            let too_much = options.max_bytes.is_some_and(|max| left > max);
            if options.all || too_much || is_old(entry, options.older_than, now) {
                left -= entry.bytes;
                report.removed += 1;
                report.removed_bytes += entry.bytes;
                if !dry_run {
                    self.remove(files::BYTES, &entry.name)?;
                }
            } else {
                report.kept += 1;
                report.kept_bytes += entry.bytes;
            }
        }
        if !dry_run {
            self.sweep_notes(options, now)?;
            self.sweep_temporary(now)?;
        }
        Ok(report)
    }

    /// Notes are used with the bytes that they speak of, so they grow old with them.
    fn sweep_notes(&self, options: &GcOptions, now: Duration) -> Result<(), CacheError> {
        for note in self.entries(files::NOTES)? {
            if options.all || is_old(&note, options.older_than, now) {
                self.remove(files::NOTES, &note.name)?;
            }
        }
        Ok(())
    }

    fn sweep_temporary(&self, now: Duration) -> Result<(), CacheError> {
        let failed = self.failed("clear what was being written");
        let Some(folder) = files::open_folder(&self.root, files::TEMPORARY).map_err(&failed)? else { return Ok(()) };
        for entry in plain_files(&folder).map_err(&failed)? {
            if is_old(&entry, Some(ABANDONED), now) {
                files::remove_in(&folder, &entry.name).map_err(&failed)?;
            }
        }
        Ok(())
    }

    fn remove(&self, kind: &str, hex: &str) -> Result<(), CacheError> {
        files::remove(&self.root, kind, hex).map_err(self.failed("remove an entry"))
    }

    /// The entries of a kind, the one that was not used for longest first.
    fn entries(&self, kind: &str) -> Result<Vec<Entry>, CacheError> {
        let mut found = self.listed(kind).map_err(self.failed("list the folder"))?;
        found.sort_by(|a, b| (a.used, &a.name).cmp(&(b.used, &b.name)));
        Ok(found)
    }

    fn listed(&self, kind: &str) -> io::Result<Vec<Entry>> {
        let mut found = Vec::new();
        let Some(folder) = files::open_folder(&self.root, kind)? else { return Ok(found) };
        for first in 0..=u8::MAX {
            let shelf = format!("{first:02x}");
            if let Some(folder) = files::open_folder(&folder, &shelf)? {
                let plain = plain_files(&folder)?;
                // Only what is named as an entry is one; another file is not ours to touch.
                found.extend(plain.into_iter().filter(|entry| {
                    entry.name.starts_with(&shelf) && entry.name.parse::<crate::model::Digest>().is_ok()
                }));
            }
        }
        Ok(found)
    }
}

fn is_old(entry: &Entry, older_than: Option<Duration>, now: Duration) -> bool {
    older_than.is_some_and(|age| Duration::from_secs(entry.used).saturating_add(age) < now)
}

/// The plain files of a folder. One that goes away meanwhile is not there.
fn plain_files(folder: &OwnedFd) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in rustix::fs::Dir::read_from(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else { continue };
        let Ok(meta) = rustix::fs::statat(folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW) else { continue };
        if FileType::from_raw_mode(meta.st_mode) == FileType::RegularFile {
            let used = u64::try_from(meta.st_mtime).unwrap_or_default();
            let bytes = u64::try_from(meta.st_size).unwrap_or_default();
            found.push(Entry { used, name: name.to_owned(), bytes });
        }
    }
    Ok(found)
}
