//! Bringing every document's text into its canonical form, without changing a CID.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::add::Edit;
use super::check::Finding;
use super::error::CatalogError;
use super::open::Catalog;
use super::walk::{self, Visit};
use crate::code::Code;
use crate::model::codec::{MAX_DOCUMENT, decode, encode};
use crate::model::{MirrorsCapsule, ModuleCapsule, PlotCapsule, RecordCapsule, Release, SourceCapsule};
use crate::store::{EntryKind, Files, Place, layout};

impl Catalog {
    /// Plans rewriting every document whose text is not canonical. Documents that cannot
    /// be read are left alone and reported.
    ///
    /// # Errors
    /// `io`.
    pub fn plan_canonical(&self) -> Result<(Edit, Vec<Finding>), CatalogError> {
        let edit = Mutex::new(Edit::default());
        let findings = Mutex::new(Vec::new());
        let files = self.files();
        walk::walk(files, &|visit| {
            for place in places(files, visit) {
                match rewritten(files, &place) {
                    Ok(None) => {}
                    Ok(Some(text)) => {
                        edit.lock().unwrap_or_else(PoisonError::into_inner).changes.push((place, Some(text)));
                    }
                    Err(finding) => findings.lock().unwrap_or_else(PoisonError::into_inner).push(finding),
                }
            }
        });
        let mut edit = edit.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut findings = findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        edit.changes.sort_by(|a, b| a.0.cmp(&b.0));
        findings.sort();
        Ok((edit, findings))
    }
}

/// The documents of a folder.
fn places(files: &dyn Files, visit: &Visit) -> Vec<Place> {
    let mut places = Vec::new();
    for entry in visit.entries.as_deref().unwrap_or_default() {
        let path = walk::join(&visit.path, &entry.name);
        let is_kept = [layout::RELEASES, layout::REPLAYS, layout::RECORDS].contains(&entry.name.as_str());
        if entry.kind == EntryKind::File {
            places.extend(Place::parse(&path));
        } else if entry.kind == EntryKind::Folder && is_kept {
            let inner = files.entries(&path).ok().flatten().unwrap_or_default();
            places.extend(inner.iter().filter_map(|file| Place::parse(&walk::join(&path, &file.name))));
        }
    }
    places.retain(|place| *place != Place::Config);
    places
}

fn rewritten(files: &dyn Files, place: &Place) -> Result<Option<Vec<u8>>, Finding> {
    match place {
        Place::Config => Ok(None),
        Place::Module(_) => again::<ModuleCapsule>(files, place),
        Place::Mirrors(_) => again::<MirrorsCapsule>(files, place),
        Place::Release(..) => again::<Release>(files, place),
        Place::Replay(..) => again::<PlotCapsule>(files, place),
        Place::Record(..) => again::<RecordCapsule>(files, place),
        Place::Source(_) => again::<SourceCapsule>(files, place),
    }
}

fn again<T: Serialize + DeserializeOwned>(files: &dyn Files, place: &Place) -> Result<Option<Vec<u8>>, Finding> {
    let path = place.to_string();
    let text = match files.read(&path, MAX_DOCUMENT) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error) => return Err(Finding::new(error.code(), &path, error.to_string())),
    };
    let document: T =
        decode(&text).map_err(|error| Finding::new(Code::DocumentUnreadable, &path, error.to_string()))?;
    let canonical = encode(&document);
    Ok((canonical != text).then_some(canonical))
}
