//! What a reader sees while a transaction's renames are under way, or after they were
//! cut off: the journal's state, as if all of them were done.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::disk::Disk;
use super::error::StoreError;
use super::files::{Entry, EntryKind};
use super::journal::{self, Change};

/// The journal's changes, by path and by folder.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    /// Where each path's new content is staged; `None` for a path that goes away.
    staged: HashMap<String, Option<String>>,
    /// The names that each folder gains, with what they are, or loses.
    folders: HashMap<String, BTreeMap<String, Option<EntryKind>>>,
}

impl Overlay {
    /// Reads the journal; an empty overlay when there is none.
    pub(super) fn load(disk: &Disk) -> Result<Self, StoreError> {
        let Some(text) = disk.read_plain(journal::PATH, journal::MAX_LENGTH)? else { return Ok(Self::default()) };
        let mut overlay = Self::default();
        for change in journal::parse(&text, disk.identity()?)?.into_iter().flatten() {
            overlay.add(change);
        }
        Ok(overlay)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.staged.is_empty()
    }

    fn add(&mut self, change: Change) {
        let (path, staged) = match change {
            Change::Write { place, staged } => (place.to_string(), Some(staged)),
            Change::Remove { place } => (place.to_string(), None),
        };
        let mut kind = staged.as_ref().map(|_| EntryKind::File);
        let mut below = path.as_str();
        while let Some((folder, name)) = below.rsplit_once('/').or(Some(("", below))) {
            self.folders.entry(folder.to_owned()).or_default().insert(name.to_owned(), kind);
            // A file that comes brings its folders; one that goes leaves them.
            if folder.is_empty() || kind.is_none() {
                break;
            }
            kind = Some(EntryKind::Folder);
            below = folder;
        }
        self.staged.insert(path, staged);
    }

    /// Where a path's content is: not touched, gone, or staged there.
    pub(super) fn staged(&self, path: &str) -> Option<Option<&str>> {
        if self.staged.is_empty() {
            return None;
        }
        self.staged.get(path).map(Option::as_deref)
    }

    /// A folder's entries with the journal's changes made.
    pub(super) fn entries(&self, folder: &str, listed: Option<Vec<Entry>>) -> Option<Vec<Entry>> {
        let Some(changes) = self.folders.get(folder) else { return listed };
        let mut entries = listed.unwrap_or_default();
        let known: BTreeSet<String> = entries.iter().map(|entry| entry.name.clone()).collect();
        entries.retain(|entry| changes.get(&entry.name) != Some(&None));
        for (name, kind) in changes {
            if let (Some(kind), false) = (kind, known.contains(name)) {
                entries.push(Entry { name: name.clone(), kind: *kind });
            }
        }
        Some(entries)
    }
}
