//! Opening a catalog, in a folder or at a git revision.

use std::path::Path;

use super::config::Config;
use super::error::CatalogError;
use super::read;
use super::revision::RevisionFiles;
use super::walk;
use crate::git::Repo;
use crate::model::codec::MAX_DOCUMENT;
use crate::model::{ModuleCapsule, ModuleName};
use crate::store::{Disk, Files, Place, layout};

/// A catalog that can be read and, in a folder, changed.
#[derive(Debug)]
pub struct Catalog {
    origin: Origin,
    config: Config,
}

#[derive(Debug)]
enum Origin {
    Folder(Disk),
    Revision(RevisionFiles),
}

impl Catalog {
    /// Opens the catalog in a folder: one with a `catalog.toml`, or with modules, as
    /// Warpforge writes it.
    ///
    /// # Errors
    /// `catalog-missing`, `config-invalid`, `io`, `journal-invalid`.
    pub fn open(folder: &Path) -> Result<Self, CatalogError> {
        let disk = Disk::open(folder)?;
        let config = match disk.read(layout::CONFIG, MAX_DOCUMENT)? {
            Some(text) => Config::parse(&text)?,
            None => without_config(&disk, &folder.display().to_string())?,
        };
        Ok(Self { origin: Origin::Folder(disk), config })
    }

    /// Opens the catalog of a folder, which need not be one yet.
    ///
    /// # Errors
    /// `config-invalid`, `io`, `journal-invalid`.
    pub fn open_or_new(folder: &Path) -> Result<Self, CatalogError> {
        let disk = Disk::open(folder)?;
        let config = match disk.read(layout::CONFIG, MAX_DOCUMENT)? {
            Some(text) => Config::parse(&text)?,
            None => Config::default(),
        };
        Ok(Self { origin: Origin::Folder(disk), config })
    }

    /// Opens the catalog as a git revision has it, without a checkout; `folder` lies in
    /// the repository or is a bare one.
    ///
    /// # Errors
    /// `git-missing`, `revision-not-found`, `git-failed`, `config-invalid`.
    pub fn open_revision(folder: &Path, revision: &str) -> Result<Self, CatalogError> {
        let repo = Repo::discover(folder)?.ok_or_else(|| crate::git::GitError::Missing { path: folder.to_owned() })?;
        let files = RevisionFiles::new(repo.revision(revision)?);
        let config = match files.read(layout::CONFIG, MAX_DOCUMENT)? {
            Some(text) => Config::parse(&text)?,
            None => without_config(&files, &format!("{} at {revision}", folder.display()))?,
        };
        Ok(Self { origin: Origin::Revision(files), config })
    }

    /// The catalog's configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The catalog's files.
    #[must_use]
    pub fn files(&self) -> &dyn Files {
        match &self.origin {
            Origin::Folder(disk) => disk,
            Origin::Revision(files) => files,
        }
    }

    /// The folder to write to.
    ///
    /// # Errors
    /// `usage-invalid` for a catalog at a revision.
    pub fn disk(&self) -> Result<&Disk, CatalogError> {
        match &self.origin {
            Origin::Folder(disk) => Ok(disk),
            Origin::Revision(_) => Err(CatalogError::ReadOnly),
        }
    }

    /// The names of all modules, sorted. Folders whose names no module can have are
    /// left to `check`.
    ///
    /// # Errors
    /// `io`, `file-unsafe`.
    pub fn module_names(&self) -> Result<Vec<ModuleName>, CatalogError> {
        walk::module_names(self.files(), "")
    }

    /// The names of the modules below a prefix, sorted; see [`Catalog::module_names`].
    ///
    /// # Errors
    /// `io`, `file-unsafe`.
    pub fn module_names_within(&self, prefix: &ModuleName) -> Result<Vec<ModuleName>, CatalogError> {
        walk::module_names(self.files(), prefix.as_str())
    }
}

/// The configuration of a catalog that Warpforge wrote: a folder with modules that call
/// themselves by their places, and not by places in a folder above.
fn without_config(files: &dyn Files, folder: &str) -> Result<Config, CatalogError> {
    let Some(path) = walk::first_module(files)? else {
        return Err(CatalogError::NotACatalog { path: folder.to_owned() });
    };
    if let Ok(name) = path.parse::<ModuleName>()
        && let Ok(Some(ModuleCapsule::V1(module))) = read::document(files, &Place::Module(name))
        && module.name.as_str().ends_with(&format!("/{path}"))
    {
        return Err(CatalogError::WithinCatalog { path: folder.to_owned(), module: module.name.to_string() });
    }
    Ok(Config::default())
}
