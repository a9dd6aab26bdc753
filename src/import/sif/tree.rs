//! The file system inside an image, as far as its metadata need it.
//!
//! Squashfs only, through `backhand`. Symbolic links are followed within the image, as its
//! root directory would be `/`, and at most [`MAX_HOPS`] of them. Files are read up to a
//! limit that is held against their declared size first and against their content while it
//! is read.

use std::ffi::OsStr;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Component, Path, PathBuf};

use backhand::{FilesystemReader, InnerNode, Node, SquashfsFileReader};

use super::source::Source;
use super::window::Window;

/// Most symbolic links that are followed for one path.
const MAX_HOPS: u32 = 40;

/// An opened file system.
pub(super) struct Tree<'s> {
    files: FilesystemReader<'s>,
}

/// The nodes of a file system in the order of their paths.
pub(super) struct Nodes<'t, 's> {
    files: &'t FilesystemReader<'s>,
    sorted: Vec<&'t Node<SquashfsFileReader>>,
}

impl<'s> Tree<'s> {
    /// Reads the tables of a squashfs at `start` with `size` bytes.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub(super) fn open(source: &'s (impl Source + Sync + ?Sized), start: u64, size: u64) -> Result<Self, String> {
        let reader = BufReader::new(Window::new(source, start, size));
        let open = || FilesystemReader::from_reader(reader).map_err(words);
        // The crate has met millions of damaged images without a panic; one more must not
        // end a scan.
        let files = catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_panic| Err("its tables are damaged".into()));
        Ok(Self { files: files? })
    }

    /// Its nodes, to look paths up.
    pub(super) fn nodes(&self) -> Nodes<'_, 's> {
        let mut sorted: Vec<_> = self.files.files().collect();
        sorted.sort_by(|a, b| a.fullpath.cmp(&b.fullpath));
        Nodes { files: &self.files, sorted }
    }
}

impl Nodes<'_, '_> {
    /// The content of the file at `path`; nothing when there is no such file.
    ///
    /// # Errors
    /// In words: it is larger than `limit` bytes, its links lead nowhere or in a circle, or
    /// it cannot be read.
    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
        let Some(node) = self.resolve(Path::new(path))? else { return Ok(None) };
        let InnerNode::File(file) = &node.inner else { return Ok(None) };
        let too_large = || format!("`{path}` is larger than {limit} bytes");
        if file.file_len() as u64 > limit {
            return Err(too_large());
        }
        let read = || {
            let mut content = Vec::new();
            self.files.file(file).reader().take(limit + 1).read_to_end(&mut content).map(|_length| content)
        };
        let content = catch_unwind(AssertUnwindSafe(read))
            .map_err(|_panic| format!("`{path}` cannot be read: its blocks are damaged"))?
            .map_err(|error| format!("`{path}` cannot be read: {error}"))?;
        if content.len() as u64 > limit { Err(too_large()) } else { Ok(Some(content)) }
    }

    /// How many bytes the file at `path` says that it has; none where there is no such file.
    pub(super) fn size(&self, path: &str) -> u64 {
        match self.resolve(Path::new(path)) {
            Ok(Some(Node { inner: InnerNode::File(file), .. })) => file.file_len() as u64,
            _ => 0,
        }
    }

    /// The names in the folder at `path`, those of folders only.
    pub(super) fn folders(&self, path: &str) -> Result<Vec<String>, String> {
        let Some(folder) = self.resolve(Path::new(path))? else { return Ok(Vec::new()) };
        Ok(self.children(&folder.fullpath, |node| matches!(node.inner, InnerNode::Dir(_))))
    }

    /// The names in the folder at `path`, those of anything but folders.
    pub(super) fn files(&self, path: &str) -> Result<Vec<String>, String> {
        let Some(folder) = self.resolve(Path::new(path))? else { return Ok(Vec::new()) };
        Ok(self.children(&folder.fullpath, |node| !matches!(node.inner, InnerNode::Dir(_))))
    }

    fn children(&self, folder: &Path, is_wanted: impl Fn(&Node<SquashfsFileReader>) -> bool) -> Vec<String> {
        let start = self.sorted.partition_point(|node| node.fullpath.as_path() <= folder);
        let below = self.sorted[start..].iter().take_while(|node| node.fullpath.starts_with(folder));
        let direct = below.filter(|node| node.fullpath.parent() == Some(folder) && is_wanted(node));
        direct.filter_map(|node| Some(node.fullpath.file_name()?.to_str()?.to_owned())).collect()
    }

    /// The node at `path`, after its links.
    fn resolve(&self, path: &Path) -> Result<Option<&Node<SquashfsFileReader>>, String> {
        let (mut hops, mut at) = (0, PathBuf::from("/"));
        let mut left: Vec<PathBuf> = parts(path);
        while let Some(part) = left.pop() {
            if part == OsStr::new("..") {
                at.pop();
                continue;
            }
            let Some(node) = self.find(&at.join(&part)) else { return Ok(None) };
            let InnerNode::Symlink(link) = &node.inner else {
                at.push(part);
                continue;
            };
            hops += 1;
            if hops > MAX_HOPS {
                return Err(format!("the links of `{}` lead in a circle", path.display()));
            }
            if link.link.is_absolute() {
                at = PathBuf::from("/");
            }
            left.extend(parts(&link.link));
        }
        Ok(self.find(&at))
    }

    fn find(&self, path: &Path) -> Option<&Node<SquashfsFileReader>> {
        let at = self.sorted.binary_search_by(|node| node.fullpath.as_path().cmp(path)).ok()?;
        Some(self.sorted[at])
    }
}

/// What an error of the crate says; not all of them have words.
fn words(error: backhand::BackhandError) -> String {
    let said = error.to_string();
    if said.trim().is_empty() { "it is damaged, or in a form that is not known".into() } else { said }
}

/// The parts of a path, the last one first; `..` is kept.
fn parts(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().filter_map(|component| match component {
        Component::Normal(part) => Some(PathBuf::from(part)),
        Component::ParentDir => Some(PathBuf::from("..")),
        _ => None,
    });
    let mut parts: Vec<PathBuf> = parts.collect();
    parts.reverse();
    parts
}
