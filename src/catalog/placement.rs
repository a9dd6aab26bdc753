//! Whether a new module can stand where its name puts it.
//!
//! A module below another is invisible to Warpforge, and two names that differ only in
//! case are one folder on many machines; neither is ever written.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::error::CatalogError;
use super::open::Catalog;
use super::walk;
use crate::code::Code;
use crate::model::{ModuleName, folded};
use crate::store::{EntryKind, Files, layout};

/// Folders that were looked at, so that many new modules cost one look each.
pub(super) struct Placement<'a> {
    files: &'a dyn Files,
    /// For each folder, its subfolders by folded name.
    folders: Mutex<HashMap<String, HashMap<String, String>>>,
    /// Names above which no module was found.
    free: Mutex<HashSet<String>>,
}

impl<'a> Placement<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self { files: catalog.files(), folders: Mutex::default(), free: Mutex::default() }
    }

    /// Checks a module that is not in the catalog yet.
    ///
    /// # Errors
    /// `module-nested`, `name-collision`, `io`, `file-unsafe`.
    pub(super) fn check(&self, name: &ModuleName) -> Result<(), CatalogError> {
        let mut above = String::new();
        for part in name.segments() {
            if !above.is_empty() {
                self.check_above(name, &above)?;
            }
            self.check_sibling(name, &above, part)?;
            above = walk::join(&above, part);
        }
        self.check_below(name)
    }

    fn refused(name: &ModuleName, code: Code, reason: String) -> CatalogError {
        CatalogError::Placement { code, name: name.to_string(), reason }
    }

    fn check_above(&self, name: &ModuleName, above: &str) -> Result<(), CatalogError> {
        if self.free.lock().unwrap_or_else(PoisonError::into_inner).contains(above) {
            return Ok(());
        }
        if self.files.entries(above)?.is_some_and(|entries| entries.iter().any(|entry| entry.name == layout::MODULE)) {
            let reason = format!("it would lie below the module `{above}`");
            return Err(Self::refused(name, Code::ModuleNested, reason));
        }
        self.free.lock().unwrap_or_else(PoisonError::into_inner).insert(above.to_owned());
        Ok(())
    }

    fn check_sibling(&self, name: &ModuleName, above: &str, part: &str) -> Result<(), CatalogError> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if !folders.contains_key(above) {
            let entries = self.files.entries(above)?.unwrap_or_default();
            let by_fold = entries.into_iter().map(|entry| (folded(&entry.name), entry.name)).collect();
            folders.insert(above.to_owned(), by_fold);
        }
        let siblings = folders.entry(above.to_owned()).or_default();
        let sibling = siblings.entry(folded(part)).or_insert_with(|| part.to_owned());
        if sibling == part {
            return Ok(());
        }
        let reason = format!("where case is ignored, it is `{}`", walk::join(above, sibling));
        Err(Self::refused(name, Code::NameCollision, reason))
    }

    /// Refuses a module whose folder holds modules already.
    fn check_below(&self, name: &ModuleName) -> Result<(), CatalogError> {
        let mut waiting = vec![name.to_string()];
        while let Some(folder) = waiting.pop() {
            for entry in self.files.entries(&folder)?.unwrap_or_default() {
                let is_folder = entry.kind == EntryKind::Folder && !entry.name.starts_with(['.', '_']);
                if is_folder {
                    waiting.push(walk::join(&folder, &entry.name));
                } else if entry.name == layout::MODULE && folder != name.as_str() {
                    let reason = format!("the module `{folder}` would lie below it");
                    return Err(Self::refused(name, Code::ModuleNested, reason));
                }
            }
        }
        Ok(())
    }
}
