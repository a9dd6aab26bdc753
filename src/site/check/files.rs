//! The files of a built site.

use std::fs;
use std::path::{Path, PathBuf};

use super::finding::SiteFinding;
use crate::code::Code;
use crate::site::error::SiteError;
use crate::site::links::Base;
use crate::site::output::MARKER;
use crate::site::templates::STYLE;

/// Largest file that is read whole, in bytes.
pub(super) const MAX_FILE: u64 = 64 << 20;

/// The files of a site, by number, and where it is published.
pub(super) struct SiteFiles {
    root: PathBuf,
    /// Paths below the root, sorted.
    pub(super) paths: Vec<String>,
    /// Where the site is published, when that is known.
    pub(super) base: Option<Base>,
}

impl SiteFiles {
    /// Lists the files of a folder that holds a site. What is no plain file is told, and
    /// no link is followed.
    pub(super) fn list(root: &Path, base: Option<Base>) -> Result<(Self, Vec<SiteFinding>), SiteError> {
        let marker = root.join(MARKER);
        if !fs::symlink_metadata(&marker).is_ok_and(|found| found.is_file()) {
            return Err(SiteError::Missing { path: root.to_owned() });
        }
        let mut found = Vec::new();
        let mut paths = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let path = root.join(&folder);
            let failed = |source| SiteError::Io { what: "read the folder", path: path.clone(), source };
            for entry in fs::read_dir(&path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let kind = entry.file_type().map_err(failed)?;
                let name = entry.file_name();
                let Some(name) = name.to_str() else {
                    let shown = format!("{folder}{}", name.to_string_lossy());
                    found.push(SiteFinding::new(Code::FileUnsafe, &shown, 0, "its name is not UTF-8; rename it"));
                    continue;
                };
                let path = format!("{folder}{name}");
                if kind.is_dir() {
                    folders.push(path + "/");
                } else if kind.is_file() {
                    // The list of files is ours, and no part of what is published.
                    if folder.is_empty() && name.starts_with(MARKER) {
                        continue;
                    }
                    paths.push(path);
                } else {
                    let message = "it is a link or device, which is not served everywhere; put a file in its place";
                    found.push(SiteFinding::new(Code::FileUnsafe, &path, 0, message));
                }
            }
        }
        paths.sort_unstable();
        let mut files = Self { root: root.to_owned(), paths, base };
        if files.base.is_none() {
            files.base = files.said_base();
        }
        Ok((files, found))
    }

    /// The number of a file.
    pub(super) fn find(&self, path: &str) -> Option<u32> {
        let at = self.paths.binary_search_by(|known| known.as_str().cmp(path)).ok()?;
        u32::try_from(at).ok()
    }

    /// The path of a file by its number.
    pub(super) fn path(&self, number: u32) -> &str {
        self.paths.get(number as usize).map_or("", String::as_str)
    }

    /// Where a file lies on this machine.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The size of a file, in bytes.
    pub(super) fn size(&self, path: &str) -> u64 {
        fs::symlink_metadata(self.place(path)).map_or(0, |found| found.len())
    }

    /// The bytes of a file; nothing when it is too large to be read whole.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SiteError> {
        if self.size(path) > MAX_FILE {
            return Ok(None);
        }
        let place = self.place(path);
        fs::read(&place).map(Some).map_err(|source| SiteError::Io { what: "read", path: place, source })
    }

    /// The base URL that the pages themselves say: the first page's canonical link, or the
    /// path that the page for what is not there puts before its style sheet.
    fn said_base(&self) -> Option<Base> {
        let said = |path: &str, rel: &str| {
            let bytes = self.read(path).ok()??;
            let tree = super::tree::parse(&String::from_utf8_lossy(&bytes))?;
            let link = tree.elements().find(|element| element.is("link") && element.says("rel", rel))?;
            link.get("href").map(str::to_owned)
        };
        let canonical = said("index.html", "canonical").and_then(|url| Base::parse(&url).ok());
        canonical.or_else(|| {
            let style = said("404.html", "stylesheet")?;
            Base::parse(style.strip_suffix(STYLE)?).ok()
        })
    }
}
