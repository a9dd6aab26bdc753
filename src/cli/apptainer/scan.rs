//! Which images there are: folders and files, looked at and not opened.
//!
//! 1. Where the root has a folder `images`, the folders in it are partitions; where that has
//!    none, images lie in it by themselves.
//! 2. Otherwise images that lie in the root by themselves are taken;
//! 3. and where there are none, the folders in the root, but `metadata`, are partitions.
//!
//! Partitions that are named are looked for as 1 or 3 say. Sidecars are `metadata/*.json`.
//! What begins with a dot is left out, silently: it is some program's own.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use warecat::code::Code;
use warecat::import::apptainer::{Importer, MAX_SIDECAR, Place};
use warecat::mirror::beneath::{EntryKind, Folder};
use warecat::text::shown;

use super::unreadable;
use crate::cli::failure::Failure;

const IMAGES: &str = "images";
const METADATA: &str = "metadata";
const ENDING: &str = ".sif";

/// The images of a root.
pub(super) struct Scan {
    /// The folders that images lie in.
    pub(super) shelves: Vec<Shelf>,
}

/// A folder of images.
pub(super) struct Shelf {
    pub(super) folder: Folder,
    /// Its name, where folders are partitions.
    pub(super) partition: Option<String>,
    /// Its path below the root; empty for the root itself.
    path: String,
    /// The regular files named as images, with their sizes in bytes.
    pub(super) images: Vec<(String, u64)>,
}

impl Shelf {
    /// A file's path below the root.
    pub(super) fn path(&self, file: &str) -> String {
        if self.path.is_empty() { file.to_owned() } else { format!("{}/{file}", self.path) }
    }
}

impl Scan {
    /// Looks at a root; what is no image is told to the importer, and sidecars given to it.
    pub(super) fn of(root: &Path, named: &[String], importer: &mut Importer) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| unreadable(root, &error);
        let top = Folder::open(root).map_err(failed)?;
        sidecars(&top, importer);
        let has_images = matches!(top.look(OsStr::new(IMAGES)).map_err(failed)?, Some(EntryKind::Folder));
        let (base, path) =
            if has_images { (top.folder(OsStr::new(IMAGES)).map_err(failed)?, IMAGES) } else { (top, "") };
        let names = base.names().map_err(failed)?;
        let mut scan = Self { shelves: Vec::new() };
        if !named.is_empty() {
            for name in named {
                if !is_folder(&base, OsStr::new(name)) {
                    let message = format!("`{}` has no partition `{name}` that is a plain folder", root.display());
                    return Err(Failure::new(Code::NotFound, message));
                }
                scan.partition(&base, path, OsStr::new(name), importer);
            }
            return Ok(scan);
        }
        let folders: Vec<&OsString> = names.iter().filter(|name| is_partition(&base, name, has_images)).collect();
        let has_loose = names.iter().any(|name| is_image(name) && !is_folder(&base, name));
        if folders.is_empty() || (!has_images && has_loose) {
            scan.shelve(base, path.to_owned(), None, importer);
            return Ok(scan);
        }
        for name in names.iter().filter(|name| !name.as_bytes().starts_with(b".")) {
            if folders.contains(&name) {
                scan.partition(&base, path, name, importer);
            } else {
                stray(&base, path, name, importer);
            }
        }
        Ok(scan)
    }

    /// Whether a folder, by its path below the root, was looked at.
    pub(super) fn has(&self, folder: &str) -> bool {
        self.shelves.iter().any(|shelf| shelf.path == folder)
    }

    /// How many bytes the images have.
    pub(super) fn bytes(&self) -> u64 {
        self.shelves.iter().flat_map(|shelf| &shelf.images).map(|(_, size)| size).sum()
    }

    fn partition(&mut self, base: &Folder, path: &str, name: &OsStr, importer: &mut Importer) {
        let below = joined(path, &lossy(name));
        let Some(partition) = name.to_str() else { return importer.tell(&below, "its name is not UTF-8") };
        match base.folder(name) {
            Ok(folder) => self.shelve(folder, below, Some(partition.to_owned()), importer),
            Err(error) => importer.tell(&below, &format!("the folder cannot be read: {error}")),
        }
    }

    /// Takes the images of a folder; a folder that cannot be listed covers nothing.
    fn shelve(&mut self, folder: Folder, path: String, partition: Option<String>, importer: &mut Importer) {
        let names = match folder.names() {
            Ok(names) => names,
            Err(error) => return importer.tell(&path, &format!("the folder cannot be read: {error}")),
        };
        importer.add_partition(partition.as_deref());
        let mut shelf = Shelf { folder, partition, path, images: Vec::new() };
        for name in names.iter().filter(|name| !name.as_bytes().starts_with(b".")) {
            shelf.look(name, importer);
        }
        self.shelves.push(shelf);
    }
}

impl Shelf {
    fn look(&mut self, name: &OsStr, importer: &mut Importer) {
        let path = self.path(&lossy(name));
        let kind = self.folder.look(name);
        if !is_image(name) {
            // `x.sif.part`, `x.sif.tmp`: a copy that has not ended, or never will.
            if lossy(name).contains(".sif.") && matches!(kind, Ok(Some(EntryKind::File(_)))) {
                importer.tell(&path, "it is named as a part of an image, and not taken");
            }
            return importer.count_other();
        }
        let place = Place { path: &path, partition: self.partition.as_deref() };
        match (kind, name.to_str()) {
            (Ok(Some(EntryKind::File(size))), Some(name)) => self.images.push((name.to_owned(), size)),
            (Ok(Some(EntryKind::File(_))), None) => importer.refuse(place, "its name is not UTF-8"),
            (Ok(kind), _) => importer.tell(&path, &other(kind)),
            (Err(error), _) => importer.refuse(place, &format!("it cannot be looked at: {error}")),
        }
    }
}

/// What lies beside partitions.
fn stray(base: &Folder, path: &str, name: &OsStr, importer: &mut Importer) {
    let path = joined(path, &lossy(name));
    match base.look(name) {
        Ok(Some(EntryKind::File(_))) if is_image(name) => {
            importer.tell(&path, "it lies in no partition, and is not taken");
        }
        Ok(Some(kind @ (EntryKind::Link(_) | EntryKind::Other(_)))) => importer.tell(&path, &other(Some(kind))),
        _ => importer.count_other(),
    }
}

/// What is no regular file, in words.
fn other(kind: Option<EntryKind>) -> String {
    match kind {
        Some(EntryKind::Link(target)) => {
            format!("it is a symbolic link to `{}`, which is not followed", shown(&target.to_string_lossy()))
        }
        Some(EntryKind::Folder) => "it is a folder".into(),
        Some(EntryKind::Other(kind)) => format!("it is {kind}"),
        Some(EntryKind::File(_)) => "it is a file".into(),
        None => "it vanished".into(),
    }
}

/// Reads the sidecars.
fn sidecars(top: &Folder, importer: &mut Importer) {
    match top.look(OsStr::new(METADATA)) {
        Ok(Some(EntryKind::Folder)) => {}
        Ok(Some(kind @ EntryKind::Link(_))) => return importer.tell(METADATA, &other(Some(kind))),
        _ => return,
    }
    let folder = match top.folder(OsStr::new(METADATA)) {
        Ok(folder) => folder,
        Err(error) => return importer.tell(METADATA, &format!("the folder cannot be read: {error}")),
    };
    for name in folder.names().unwrap_or_default() {
        let is_sidecar = name.as_bytes().ends_with(b".json") && !name.as_bytes().starts_with(b".");
        let path = joined(METADATA, &lossy(&name));
        match folder.look(&name) {
            Ok(Some(EntryKind::File(_))) if is_sidecar => {
                let mut bytes = Vec::new();
                let read = folder.file(&name).and_then(|(file, _)| file.take(MAX_SIDECAR + 1).read_to_end(&mut bytes));
                match read {
                    Ok(_length) => importer.add_sidecar(&path, &bytes),
                    Err(error) => importer.tell(&path, &format!("it cannot be read: {error}")),
                }
            }
            Ok(Some(kind)) if is_sidecar => importer.tell(&path, &other(Some(kind))),
            _ => importer.count_other(),
        }
    }
}

fn is_image(name: &OsStr) -> bool {
    name.as_bytes().ends_with(ENDING.as_bytes()) && !name.as_bytes().starts_with(b".")
}

fn is_folder(base: &Folder, name: &OsStr) -> bool {
    matches!(base.look(name), Ok(Some(EntryKind::Folder)))
}

fn is_partition(base: &Folder, name: &OsStr, in_images: bool) -> bool {
    !name.as_bytes().starts_with(b".") && (in_images || name != METADATA) && is_folder(base, name)
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

fn lossy(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}
