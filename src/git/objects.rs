//! Writing new objects: a few as loose files, many as packs.
//!
//! A loose object costs a file, which is too slow and too large for tens of thousands.
//! Blobs are held back until there are many; from then on objects go to memory and are
//! written out as a pack whenever they reach a size, so that memory stays bounded.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use git2::{ConfigLevel, Mempack, ObjectType, Odb, OdbLookupFlags, Oid, Repository};

use super::error::GitError;

/// From how many new objects on they go into a pack.
const PACK_FROM: usize = 256;
/// A pack is written when its objects have this many bytes in memory.
const PACK_BYTES: usize = 128 << 20;
/// Above every backend on disk, so that new objects reach memory first.
const FIRST: i32 = 1000;

/// Takes new objects and sees that they reach the disk.
pub(super) struct Objects<'r> {
    repo: &'r Repository,
    odb: &'r Odb<'r>,
    /// Blobs held back while there are few.
    held: Vec<Vec<u8>>,
    memory: Option<Mempack<'r>>,
    /// Objects that are in memory only.
    pending: Vec<Oid>,
    bytes: usize,
}

impl<'r> Objects<'r> {
    /// Starts with nothing. `odb` must be that of `repo`, and used for nothing else
    /// afterwards, since it may go on writing to memory.
    pub(super) fn new(repo: &'r Repository, odb: &'r Odb<'r>) -> Objects<'r> {
        Objects {
            repo,
            odb,
            held: Vec::new(),
            memory: None,
            pending: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds a file's bytes as they are, by no filter.
    pub(super) fn blob(&mut self, bytes: Vec<u8>) -> Result<Oid, GitError> {
        let id = Oid::hash_object(ObjectType::Blob, &bytes).map_err(failed())?;
        // Not looking for packs that others add meanwhile is at worst a copy too many.
        if self.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH) {
            return Ok(id);
        }
        if self.memory.is_some() {
            self.write(ObjectType::Blob, &bytes)?;
            return Ok(id);
        }
        self.held.push(bytes);
        if self.held.len() >= PACK_FROM {
            self.keep_in_memory()?;
        }
        Ok(id)
    }

    /// Ends the blobs; `more` objects will follow.
    pub(super) fn end_blobs(&mut self, more: usize) -> Result<(), GitError> {
        if self.memory.is_none() && self.held.len() + more >= PACK_FROM {
            self.keep_in_memory()?;
        }
        for bytes in std::mem::take(&mut self.held) {
            self.write(ObjectType::Blob, &bytes)?;
        }
        Ok(())
    }

    /// Writes any object.
    pub(super) fn write(&mut self, kind: ObjectType, bytes: &[u8]) -> Result<Oid, GitError> {
        let id = self.odb.write(kind, bytes).map_err(failed())?;
        self.wrote(id, bytes.len())?;
        Ok(id)
    }

    /// Counts an object that was written to the object database in another way.
    pub(super) fn wrote(&mut self, id: Oid, size: usize) -> Result<(), GitError> {
        if self.memory.is_none() {
            return Ok(());
        }
        self.pending.push(id);
        self.bytes += size;
        if self.bytes >= PACK_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes a pack of what is in memory only, and waits until the disk has it.
    pub(super) fn flush(&mut self) -> Result<(), GitError> {
        let Some(memory) = &self.memory else {
            return Ok(());
        };
        if self.pending.is_empty() {
            return Ok(());
        }
        let folder = self.repo.commondir().join("objects").join("pack");
        skip_deltas(self.repo);
        let mut pack = self.repo.packbuilder().map_err(failed())?;
        pack.set_threads(0);
        for id in self.pending.drain(..) {
            pack.insert_object(id, None).map_err(failed())?;
        }
        pack.write(&folder, 0o444).map_err(failed())?;
        let name = pack.name().map_err(failed())?.unwrap_or_default();
        sync(&folder, name)?;
        drop(pack);
        memory.reset().map_err(failed())?;
        self.odb.refresh().map_err(failed())?;
        self.bytes = 0;
        Ok(())
    }

    fn keep_in_memory(&mut self) -> Result<(), GitError> {
        self.memory = Some(self.odb.add_new_mempack_backend(FIRST).map_err(failed())?);
        for bytes in std::mem::take(&mut self.held) {
            self.write(ObjectType::Blob, &bytes)?;
        }
        Ok(())
    }
}

/// Makes this handle's packs hold whole objects, which takes half the time; `git gc`
/// finds the deltas later. libgit2 has only a configuration key for it, which it reads as
/// the size from which objects are left whole (`pack-objects.c`, `packbuilder_config`);
/// a file is the only way to set one for a handle alone. Only speed depends on it, so
/// that failing is no error.
fn skip_deltas(repo: &Repository) {
    let file = repo.path().join("warecat-pack-config");
    if fs::write(&file, "[pack]\n\tdeltaCacheSize = 1\n").is_ok() {
        let _ = repo
            .config()
            .and_then(|mut config| config.add_file(&file, ConfigLevel::App, true));
        // The handle has read it by now.
        let _ = fs::remove_file(&file);
    }
}

/// Waits until a pack, its index and their names are on the disk.
fn sync(folder: &Path, name: &str) -> Result<(), GitError> {
    let files = ["pack", "idx"].map(|kind| folder.join(format!("pack-{name}.{kind}")));
    for path in files.into_iter().chain([PathBuf::from(folder)]) {
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(GitError::io("sync", path))?;
    }
    Ok(())
}

fn failed() -> impl FnOnce(git2::Error) -> GitError {
    GitError::git("write new objects")
}
