//! Making changes: one transaction, planned under its lock.

use super::add::Edit;
use super::error::CatalogError;
use super::open::Catalog;
use crate::model::codec::encode;
use crate::model::{ModuleName, Source, SourceCapsule};
use crate::store::{Committed, Patience, Place, Step, Transaction};

/// How a change is made.
#[derive(Clone, Copy)]
pub struct ApplyOptions<'a> {
    /// How long to wait for another writer.
    pub patience: Patience,
    /// Told each step, from several threads: for progress, and for tests that stop there.
    pub observer: &'a (dyn Fn(Step) + Sync),
}

impl Default for ApplyOptions<'_> {
    fn default() -> Self {
        Self { patience: Patience::default(), observer: &|_| {} }
    }
}

impl std::fmt::Debug for ApplyOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApplyOptions").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Catalog {
    /// Takes the lock, plans on what is there then, and makes the change.
    ///
    /// # Errors
    /// What `plan` returns; `locked`, `io`, `journal-invalid`.
    pub fn apply(
        &self,
        options: ApplyOptions<'_>,
        plan: impl FnOnce(&Self) -> Result<Edit, CatalogError>,
    ) -> Result<Committed, CatalogError> {
        let tx = Transaction::begin(self.disk()?, options.patience, options.observer)?;
        for (place, text) in plan(self)?.changes {
            match text {
                Some(text) => tx.stage(place, &text)?,
                None => tx.remove(place),
            }
        }
        Ok(tx.commit()?)
    }

    /// Plans writing the catalog's configuration.
    #[must_use]
    pub fn plan_config(text: &str) -> Edit {
        Edit { changes: vec![(Place::Config, Some(text.as_bytes().to_vec()))] }
    }

    /// Plans noting what a source last gave; no change when that is what is noted.
    ///
    /// # Errors
    /// What reading can meet.
    pub fn plan_source(&self, prefix: &ModuleName, source: &Source) -> Result<Edit, CatalogError> {
        if self.source(prefix)?.as_ref() == Some(source) {
            return Ok(Edit::default());
        }
        let text = encode(&SourceCapsule::V1(source.clone()));
        Ok(Edit { changes: vec![(Place::Source(prefix.clone()), Some(text))] })
    }
}
