//! The file system inside an image, as far as its metadata need it: paths to files.
//!
//! Symbolic links are followed within the image, as its root directory would be `/`, and at
//! most [`MAX_HOPS`] of them. A file's declared size is held against a limit before it is
//! read.

use super::source::Source;
use super::squashfs::{Entry, Inode, Squashfs};

/// Most symbolic links that are followed for one path.
const MAX_HOPS: u32 = 40;
/// Most parts that a path may have when its links are followed.
const MAX_PARTS: usize = 10_000;

/// An opened file system.
pub(super) struct Tree<'s, S: Source + ?Sized> {
    files: Squashfs<'s, S>,
    root: Inode,
}

impl<'s, S: Source + ?Sized> Tree<'s, S> {
    /// Opens a squashfs at `start` with `size` bytes.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub(super) fn open(source: &'s S, start: u64, size: u64) -> Result<Self, String> {
        let files = Squashfs::open(source, start, size)?;
        let root = files.root()?;
        match root {
            Inode::Folder(_) => Ok(Self { files, root }),
            _ => Err("its root is no folder".into()),
        }
    }

    /// The content of the file at `path`; nothing when there is no such file.
    ///
    /// # Errors
    /// In words: it is larger than `limit` bytes, its links lead nowhere or in a circle, or
    /// it cannot be read.
    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
        let Some(Inode::File(file)) = self.resolve(path)? else { return Ok(None) };
        if file.size > limit {
            return Err(format!("`{path}` is larger than {limit} bytes"));
        }
        self.files.content(&file).map(Some).map_err(|problem| format!("`{path}` cannot be read: {problem}"))
    }

    /// How many bytes the file at `path` says that it has; none where there is no such file.
    pub(super) fn size(&self, path: &str) -> u64 {
        match self.resolve(path) {
            Ok(Some(Inode::File(file))) => file.size,
            _ => 0,
        }
    }

    /// The names in the folder at `path`, those of anything but folders, sorted; at most so
    /// many entries are looked at.
    pub(super) fn files(&self, path: &str, most: usize) -> Result<Vec<String>, String> {
        self.children(path, most, |entry| Ok(!entry.is_folder))
    }

    /// The names of the folders in the folder at `path` that have a folder `inner`.
    pub(super) fn folders_with(&self, path: &str, inner: &str, most: usize) -> Result<Vec<String>, String> {
        self.children(path, most, |entry| {
            let found = match self.files.inode_of(entry)? {
                Inode::Folder(folder) => self.files.look_up(folder, inner.as_bytes())?,
                other => Some(other),
            };
            Ok(match found {
                Some(Inode::Folder(_)) => true,
                // A link that leads nowhere is no folder.
                Some(Inode::Link(_)) => std::str::from_utf8(&entry.name).is_ok_and(|name| {
                    matches!(self.resolve(&format!("{path}/{name}/{inner}")), Ok(Some(Inode::Folder(_))))
                }),
                _ => false,
            })
        })
    }

    fn children(
        &self,
        path: &str,
        most: usize,
        is_wanted: impl Fn(&Entry) -> Result<bool, String>,
    ) -> Result<Vec<String>, String> {
        let Some(Inode::Folder(folder)) = self.resolve(path)? else { return Ok(Vec::new()) };
        let damaged = |problem: String| format!("`{path}` cannot be read: {problem}");
        let mut names = Vec::new();
        for entry in self.files.entries(folder, most).map_err(damaged)? {
            if is_wanted(&entry).map_err(damaged)? {
                names.extend(String::from_utf8(entry.name).ok());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The inode at `path`, after its links.
    fn resolve(&self, path: &str) -> Result<Option<Inode>, String> {
        let damaged = |problem: String| format!("`{path}` cannot be read: {problem}");
        // The folders above, the root aside, and where they have led to.
        let (mut above, mut at) = (Vec::new(), self.root.clone());
        let mut left = parts(path.as_bytes());
        let mut hops = 0;
        while let Some(part) = left.pop() {
            if part == b".." {
                at = above.pop().unwrap_or_else(|| self.root.clone());
                continue;
            }
            let Inode::Folder(folder) = at else { return Ok(None) };
            let Some(found) = self.files.look_up(folder, &part).map_err(damaged)? else { return Ok(None) };
            let Inode::Link(target) = found else {
                above.push(std::mem::replace(&mut at, found));
                continue;
            };
            hops += 1;
            if hops > MAX_HOPS {
                return Err(format!("the links of `{path}` lead in a circle"));
            }
            if target.starts_with(b"/") {
                (above, at) = (Vec::new(), self.root.clone());
            }
            left.extend(parts(&target));
            if left.len() > MAX_PARTS {
                return Err(format!("the links of `{path}` are too long"));
            }
        }
        Ok(Some(at))
    }
}

/// The parts of a path, the last one first; `..` is kept.
fn parts(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b"."));
    let mut parts: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
    parts.reverse();
    parts
}
