//! Adding by hand: items, mirrors, metadata.

use super::draft::{Draft, FileChange};
use super::error::CatalogError;
use super::open::Catalog;
use super::placement::Placement;
use crate::model::{CatalogRef, ModuleName, Packtype, Plot, Release, ReleaseRef, WareId, WarehouseAddr, metadata};

/// What is added to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The item.
    pub reference: CatalogRef,
    /// Its ware.
    pub ware: WareId,
    /// Where the ware can be had, the best place first.
    pub mirrors: Vec<WarehouseAddr>,
    /// Facts about the release.
    pub facts: Vec<(String, String)>,
    /// Whether an item that is there is replaced.
    pub force: bool,
}

/// Changes that are computed but not made.
#[derive(Debug, Default)]
pub struct Edit {
    pub(super) changes: Vec<FileChange>,
}

impl Edit {
    /// The paths that change, sorted, with whether each is written or removed.
    #[must_use]
    pub fn paths(&self) -> Vec<(String, bool)> {
        let mut paths: Vec<_> = self.changes.iter().map(|(place, text)| (place.to_string(), text.is_some())).collect();
        paths.sort();
        paths
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Catalog {
    fn draft(&self, name: &ModuleName) -> Result<Draft<'_>, CatalogError> {
        let draft = Draft::open(self, name)?;
        if draft.is_new() {
            Placement::new(self).check(name)?;
        }
        Ok(draft)
    }

    /// Plans adding an item. The same item with the same ware is no change.
    ///
    /// # Errors
    /// `already-exists` when the item is there with another ware and `force` is not set;
    /// `module-nested`, `name-collision`; what reading can meet.
    pub fn plan_add(&self, addition: &Addition) -> Result<Edit, CatalogError> {
        let CatalogRef { module, release, item } = &addition.reference;
        let mut draft = self.draft(module)?;
        let mut document = draft.release(release)?.unwrap_or_else(|| Release::new(release.clone()));
        match document.items.get(item) {
            Some(ware) if *ware != addition.ware && !addition.force => {
                return Err(CatalogError::AlreadyExists { reference: addition.reference.clone(), ware: ware.clone() });
            }
            _ => document.items.insert(item.clone(), addition.ware.clone()),
        };
        for (key, value) in &addition.facts {
            document.metadata.insert(key.clone(), value.clone());
        }
        for address in &addition.mirrors {
            draft.mirrors.add_by_ware(&addition.ware, address.clone());
        }
        draft.put(document)?;
        Ok(Edit { changes: draft.finish()? })
    }

    /// Plans adding an address of one ware of a module.
    ///
    /// # Errors
    /// What reading can meet.
    pub fn plan_mirror(
        &self,
        module: &ModuleName,
        ware: &WareId,
        address: WarehouseAddr,
    ) -> Result<Edit, CatalogError> {
        let mut draft = self.draft(module)?;
        draft.mirrors.add_by_ware(ware, address);
        Ok(Edit { changes: draft.finish()? })
    }

    /// Plans adding an address that holds a module's wares of a packtype; the module may
    /// come later.
    ///
    /// # Errors
    /// What reading can meet.
    pub fn plan_module_mirror(
        &self,
        module: &ModuleName,
        packtype: &Packtype,
        address: WarehouseAddr,
    ) -> Result<Edit, CatalogError> {
        let mut draft = self.draft(module)?;
        draft.mirrors.add_by_module(module, packtype, address);
        Ok(Edit { changes: draft.finish()? })
    }

    /// Plans naming a replay for a release. With `force` it may have another one, whose
    /// file stays, as Warpforge leaves it.
    ///
    /// # Errors
    /// `not-found` when there is no such release; `already-exists`; what reading can meet.
    pub fn plan_replay(&self, release: &ReleaseRef, plot: Plot, force: bool) -> Result<Edit, CatalogError> {
        let mut draft = self.existing(&release.module)?;
        let Some(mut document) = draft.release(&release.release)? else {
            return Err(not_found("release", release.release.as_str(), Some(release.module.to_string())));
        };
        let cid = draft.add_replay(plot).to_string();
        let old = document.metadata.insert(metadata::REPLAY.to_owned(), cid.clone());
        if let Some(replay) = old.filter(|old| *old != cid && !force) {
            return Err(CatalogError::HasReplay { release: release.clone(), replay });
        }
        draft.put(document)?;
        draft.keep_displaced();
        Ok(Edit { changes: draft.finish()? })
    }

    /// Plans replacing one fact of a module.
    ///
    /// # Errors
    /// `not-found` when there is no such module; what reading can meet.
    pub fn plan_fact(&self, module: &ModuleName, key: &str, value: &str) -> Result<Edit, CatalogError> {
        let mut draft = self.existing(module)?;
        let mut facts = draft.module.metadata.clone();
        facts.insert(key.to_owned(), value.to_owned());
        draft.set_metadata(facts);
        Ok(Edit { changes: draft.finish()? })
    }

    fn existing(&self, module: &ModuleName) -> Result<Draft<'_>, CatalogError> {
        let draft = Draft::open(self, module)?;
        if draft.is_new() { Err(not_found("module", module.as_str(), None)) } else { Ok(draft) }
    }
}

fn not_found(what: &'static str, asked: &str, within: Option<String>) -> CatalogError {
    CatalogError::NotFound { what, asked: asked.to_owned(), within, near: Vec::new() }
}
