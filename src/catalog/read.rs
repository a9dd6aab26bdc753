//! Reading documents, each verified before it is used.
//!
//! A module and its documents are read as one: what does not match is read again, since
//! a writer may have changed it in between, and is an error when it still does not.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::entry::{ModuleEntry, ReleaseEntry};
use super::error::CatalogError;
use super::key::ModuleKey;
use super::open::Catalog;
use crate::code::Code;
use crate::model::codec::{MAX_DOCUMENT, decode};
use crate::model::{
    Metadata, Mirrors, MirrorsCapsule, Module, ModuleCapsule, ModuleName, Plot, PlotCapsule, Record, RecordCapsule,
    RecordCid, Release, ReleaseName, Source, SourceCapsule, WarpforgeCid, metadata,
};
use crate::store::{Files, Place};

/// How often something that does not match is read again, and how long after.
const RETRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// Does `read` again while it fails and a writer may be the reason.
pub(super) fn retrying<T>(files: &dyn Files, read: impl Fn() -> Result<T, CatalogError>) -> Result<T, CatalogError> {
    let mut tries = 0;
    loop {
        let answer = read();
        let Err(error) = &answer else { return answer };
        if !matches!(error.code().exit(), crate::code::Exit::Unverified) || tries > RETRIES {
            return answer;
        }
        // Twice without a writer in sight is no coincidence.
        if !files.refresh() && tries > 1 {
            return answer;
        }
        tries += 1;
        std::thread::sleep(PAUSE);
    }
}

/// Reads a document; `None` when it is not there.
pub(super) fn document<T: DeserializeOwned>(files: &dyn Files, place: &Place) -> Result<Option<T>, CatalogError> {
    let path = place.to_string();
    let Some(text) = files.read(&path, MAX_DOCUMENT)? else { return Ok(None) };
    decode(&text).map(Some).map_err(|source| CatalogError::Decode { path, source })
}

/// Reads a module's document and checks that it is in its place.
pub(super) fn module(files: &dyn Files, name: &ModuleName) -> Result<Option<ModuleCapsule>, CatalogError> {
    let Some(text) = files.read(&Place::Module(name.clone()).to_string(), MAX_DOCUMENT)? else { return Ok(None) };
    module_of(&text, name).map(Some)
}

/// A module's document from its text; it must be in its place.
fn module_of(text: &[u8], name: &ModuleName) -> Result<ModuleCapsule, CatalogError> {
    let place = Place::Module(name.clone());
    let capsule: ModuleCapsule =
        decode(text).map_err(|source| CatalogError::Decode { path: place.to_string(), source })?;
    let ModuleCapsule::V1(module) = &capsule;
    if module.name != *name {
        return Err(CatalogError::Misplaced { path: place.to_string(), says: module.name.to_string() });
    }
    Ok(capsule)
}

/// Reads a release that its module names, and checks its CID.
pub(super) fn release(
    files: &dyn Files,
    module: &ModuleName,
    name: &ReleaseName,
    cid: &WarpforgeCid,
) -> Result<Release, CatalogError> {
    let place = Place::Release(module.clone(), name.clone());
    let named_by = format!("`{}`", Place::Module(module.clone()));
    let release: Release = match document(files, &place)? {
        Some(release) => release,
        None => return Err(CatalogError::Missing { code: Code::ReleaseMissing, path: place.to_string(), named_by }),
    };
    let found = release.cid();
    if found != *cid {
        return Err(CatalogError::Tampered {
            code: Code::ReleaseTampered,
            path: place.to_string(),
            named_by,
            expected: cid.to_string(),
            found: found.to_string(),
        });
    }
    if release.release_name != *name {
        return Err(CatalogError::Misplaced { path: place.to_string(), says: release.release_name.to_string() });
    }
    Ok(release)
}

/// Reads a replay or record by its CID.
fn by_cid<T: DeserializeOwned, C: std::fmt::Display + PartialEq>(
    files: &dyn Files,
    place: &Place,
    expected: &C,
    missing: Code,
    cid_of: impl Fn(&T) -> C,
) -> Result<T, CatalogError> {
    let document: T = match document(files, place)? {
        Some(document) => document,
        None => {
            let named_by = "a release of the module".to_owned();
            return Err(CatalogError::Missing { code: missing, path: place.to_string(), named_by });
        }
    };
    let found = cid_of(&document);
    if found != *expected {
        return Err(CatalogError::Tampered {
            code: Code::DocumentMisnamed,
            path: place.to_string(),
            named_by: "its name".into(),
            expected: expected.to_string(),
            found: found.to_string(),
        });
    }
    Ok(document)
}

pub(super) fn replay(files: &dyn Files, module: &ModuleName, cid: &WarpforgeCid) -> Result<Plot, CatalogError> {
    let place = Place::Replay(module.clone(), cid.clone());
    let capsule = by_cid(files, &place, cid, Code::ReplayMissing, |PlotCapsule::V1(plot)| plot.cid())?;
    Ok(capsule.into_inner())
}

pub(super) fn record(files: &dyn Files, module: &ModuleName, cid: &RecordCid) -> Result<Record, CatalogError> {
    let place = Place::Record(module.clone(), cid.clone());
    let capsule = by_cid(files, &place, cid, Code::RecordMissing, RecordCapsule::cid)?;
    Ok(capsule.into_inner())
}

impl Catalog {
    /// Reads a module's document; `None` when there is no such module.
    ///
    /// # Errors
    /// `document-unreadable`, `document-misplaced`, `file-unsafe`, `io`.
    pub fn module(&self, name: &ModuleName) -> Result<Option<Module>, CatalogError> {
        let files = self.files();
        retrying(files, || Ok(module(files, name)?.map(ModuleCapsule::into_inner)))
    }

    /// Reads one release, verified; `None` when there is no such module or release.
    ///
    /// # Errors
    /// As [`Catalog::module`], and `release-missing`, `release-cid-mismatch`.
    pub fn release(&self, name: &ModuleName, release_name: &ReleaseName) -> Result<Option<ReleaseEntry>, CatalogError> {
        let files = self.files();
        retrying(files, || {
            let Some(module) = module(files, name)?.map(ModuleCapsule::into_inner) else { return Ok(None) };
            let Some(cid) = module.releases.get(release_name) else { return Ok(None) };
            let release = release(files, name, release_name, cid)?;
            Ok(Some(ReleaseEntry { cid: cid.clone(), release }))
        })
    }

    /// Reads a module's mirrors; none when there is no such document.
    ///
    /// # Errors
    /// `document-unreadable`, `file-unsafe`, `io`.
    pub fn mirrors(&self, name: &ModuleName) -> Result<Mirrors, CatalogError> {
        let capsule = document::<MirrorsCapsule>(self.files(), &Place::Mirrors(name.clone()))?;
        Ok(capsule.map(MirrorsCapsule::into_inner).unwrap_or_default())
    }

    /// Reads what the source of a prefix last gave.
    ///
    /// # Errors
    /// `document-unreadable`, `file-unsafe`, `io`.
    pub fn source(&self, prefix: &ModuleName) -> Result<Option<Source>, CatalogError> {
        let capsule = document::<SourceCapsule>(self.files(), &Place::Source(prefix.clone()))?;
        Ok(capsule.map(SourceCapsule::into_inner))
    }

    /// Reads a module with all that belongs to it, verified; `None` when there is none.
    ///
    /// # Errors
    /// As [`Catalog::release`], and `replay-missing`, `record-missing`,
    /// `document-misnamed`.
    pub fn load_module(&self, name: &ModuleName) -> Result<Option<ModuleEntry>, CatalogError> {
        Ok(self.load_module_keyed(name)?.map(|(_, entry)| entry))
    }

    /// As [`Catalog::load_module`], with the key of what was read.
    ///
    /// # Errors
    /// As [`Catalog::load_module`].
    pub fn load_module_keyed(&self, name: &ModuleName) -> Result<Option<(ModuleKey, ModuleEntry)>, CatalogError> {
        let files = self.files();
        retrying(files, || {
            let Some((module, mirrors)) = texts(files, name)? else { return Ok(None) };
            let entry = load(files, name, &module, mirrors.as_deref(), true)?;
            Ok(Some((ModuleKey::of(&module, mirrors.as_deref()), entry)))
        })
    }

    /// Reads a module with its releases, verified, and without what they only name:
    /// mirrors, replays and records.
    ///
    /// # Errors
    /// As [`Catalog::release`].
    pub fn outline(&self, name: &ModuleName) -> Result<Option<ModuleEntry>, CatalogError> {
        let files = self.files();
        retrying(files, || {
            let text = files.read(&Place::Module(name.clone()).to_string(), MAX_DOCUMENT)?;
            text.map(|module| load(files, name, &module, None, false)).transpose()
        })
    }

    /// The key of a module, for which nothing is verified; `None` when there is none.
    ///
    /// # Errors
    /// `file-unsafe`, `io`.
    pub fn module_key(&self, name: &ModuleName) -> Result<Option<ModuleKey>, CatalogError> {
        let texts = texts(self.files(), name)?;
        Ok(texts.map(|(module, mirrors)| ModuleKey::of(&module, mirrors.as_deref())))
    }
}

/// The texts of a module's document and of its mirrors.
type Texts = (Vec<u8>, Option<Vec<u8>>);

fn texts(files: &dyn Files, name: &ModuleName) -> Result<Option<Texts>, CatalogError> {
    let Some(module) = files.read(&Place::Module(name.clone()).to_string(), MAX_DOCUMENT)? else { return Ok(None) };
    let mirrors = files.read(&Place::Mirrors(name.clone()).to_string(), MAX_DOCUMENT)?;
    Ok(Some((module, mirrors)))
}

fn load(
    files: &dyn Files,
    name: &ModuleName,
    module: &[u8],
    mirrors: Option<&[u8]>,
    is_whole: bool,
) -> Result<ModuleEntry, CatalogError> {
    let capsule = module_of(module, name)?;
    let cid = capsule.cid();
    let document = capsule.into_inner();
    let unreadable = |source| CatalogError::Decode { path: Place::Mirrors(name.clone()).to_string(), source };
    let mirrors: Option<MirrorsCapsule> = mirrors.map(decode).transpose().map_err(unreadable)?;
    let mut entry = ModuleEntry {
        name: name.clone(),
        cid,
        metadata: document.metadata,
        releases: Vec::with_capacity(document.releases.len()),
        mirrors: mirrors.map(MirrorsCapsule::into_inner).unwrap_or_default(),
        replays: BTreeMap::new(),
        records: BTreeMap::new(),
    };
    for (release_name, cid) in document.releases {
        let release = release(files, name, &release_name, &cid)?;
        if !is_whole {
            entry.releases.push(ReleaseEntry { cid, release });
            continue;
        }
        if let Some(cid) = named::<WarpforgeCid>(&release.metadata, metadata::REPLAY)?
            && !entry.replays.contains_key(&cid)
        {
            let plot = replay(files, name, &cid)?;
            entry.replays.insert(cid, plot);
        }
        add_record(files, name, &release.metadata, &mut entry.records)?;
        entry.releases.push(ReleaseEntry { cid, release });
    }
    if is_whole {
        let own = std::mem::take(&mut entry.metadata);
        add_record(files, name, &own, &mut entry.records)?;
        entry.metadata = own;
    }
    Ok(entry)
}

fn add_record(
    files: &dyn Files,
    name: &ModuleName,
    facts: &Metadata,
    records: &mut BTreeMap<RecordCid, Record>,
) -> Result<(), CatalogError> {
    for (_, text) in metadata::records_named(facts) {
        let cid: RecordCid = text.parse()?;
        if let Entry::Vacant(free) = records.entry(cid) {
            let record = record(files, name, free.key())?;
            free.insert(record);
        }
    }
    Ok(())
}

/// The CID that a metadata key holds.
pub(super) fn named<C>(facts: &Metadata, key: &str) -> Result<Option<C>, CatalogError>
where
    C: std::str::FromStr,
    CatalogError: From<C::Err>,
{
    Ok(facts.get(key).map(|text| text.parse()).transpose()?)
}
