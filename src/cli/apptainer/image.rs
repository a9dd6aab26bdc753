//! Reading images: opened, checked, hashed unless that is known, inspected; in parallel.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use warecat::import::apptainer::{Importer, Place};
use warecat::import::image::SifFacts;
use warecat::import::openpgp::Keyring;
use warecat::import::sif::{FileSource, Image, Inspection, Integrity, SifError, Signature};
use warecat::mirror::beneath::Stamp;
use warecat::model::Digest;

use super::hashes::{Hashes, Known};
use super::scan::{Scan, Shelf};

/// How much is read at a time, in bytes.
const CHUNK: usize = 1024 * 1024;
/// A file that changed so shortly ago can change again without its times doing so; in
/// nanoseconds.
const RACY: i128 = 2_000_000_000;

/// How images are read.
pub(super) struct Reading<'a> {
    /// The root as the cache knows it.
    pub(super) root: &'a Path,
    pub(super) keyring: Option<&'a Keyring>,
    pub(super) known: &'a Hashes,
    /// When the scan began, in nanoseconds since 1970.
    pub(super) now: i128,
    /// Is told of bytes that were read, or need not be.
    pub(super) read: &'a (dyn Fn(u64) + Sync),
}

/// What was read of one image.
struct Found {
    size: u64,
    digest: Digest,
    facts: SifFacts,
    known: Option<Known>,
}

impl Reading<'_> {
    /// Reads all images and gives them to the importer; gives back what may be kept of each,
    /// by its path below the root.
    pub(super) fn all(&self, scan: &Scan, importer: &mut Importer) -> Vec<(String, Known)> {
        let images: Vec<(&Shelf, &str, u64)> = scan
            .shelves
            .iter()
            .flat_map(|shelf| shelf.images.iter().map(move |(name, size)| (shelf, name.as_str(), *size)))
            .collect();
        let found: Vec<Result<Found, String>> = images
            .par_iter()
            .with_max_len(1)
            .map(|(shelf, name, size)| self.image(shelf, name).inspect_err(|_reason| (self.read)(*size)))
            .collect();
        let mut kept = Vec::new();
        for ((shelf, name, _), found) in images.into_iter().zip(found) {
            let path = shelf.path(name);
            let place = Place { path: &path, partition: shelf.partition.as_deref() };
            match found {
                Ok(Found { size, digest, facts, known }) => {
                    importer.add_image(place, size, digest, facts);
                    kept.extend(known.map(|known| (path, known)));
                }
                Err(reason) => importer.refuse(place, &reason),
            }
        }
        kept
    }

    fn image(&self, shelf: &Shelf, name: &str) -> Result<Found, String> {
        let io = |error: std::io::Error| format!("it cannot be read: {error}");
        let wrong = |error: SifError| error.to_string();
        let (file, stamp) = shelf.folder.file(OsStr::new(name)).map_err(io)?;
        let copy = file.try_clone().map_err(io)?;
        let source = FileSource::new(file).map_err(io)?;
        let image = Image::open(&source).map_err(wrong)?;
        let signatures = Signature::all(&image, self.keyring).map_err(wrong)?;
        let known =
            self.known.get(self.root, &shelf.path(name), &stamp).filter(|k| k.integrity.len() == signatures.len());
        let known = match known {
            Some(known) => {
                (self.read)(stamp.size);
                known.clone()
            }
            None => {
                let digest = self.hash(&copy, stamp.size).map_err(io)?;
                let integrity: Result<Vec<Integrity>, SifError> =
                    signatures.iter().map(|signature| signature.integrity(&image)).collect();
                Known { stamp, digest, integrity: integrity.map_err(wrong)? }
            }
        };
        let inspection = Inspection::of(&image).map_err(wrong)?;
        let facts = SifFacts::of(&image, inspection, &signatures, Some(&known.integrity));
        if Stamp::now(&copy).map_err(io)? != stamp {
            return Err("it changed while it was read".into());
        }
        let is_quiet = self.now - stamp.modified.max(stamp.changed) >= RACY;
        Ok(Found { size: stamp.size, digest: known.digest, facts, known: is_quiet.then_some(known) })
    }

    fn hash(&self, file: &File, size: u64) -> std::io::Result<Digest> {
        let (mut state, mut at) = (Sha256::new(), 0);
        let mut chunk = vec![0; CHUNK.min(usize::try_from(size).unwrap_or(CHUNK))];
        while at < size {
            let length = usize::try_from(size - at).unwrap_or(CHUNK).min(chunk.len());
            file.read_exact_at(&mut chunk[..length], at)?;
            state.update(&chunk[..length]);
            at += length as u64;
            (self.read)(length as u64);
        }
        Ok(Digest::from_bytes(state.finalize().into()))
    }
}
