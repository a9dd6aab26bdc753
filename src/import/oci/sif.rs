//! What is read of a SIF image in a registry, without pulling it.
//!
//! Header, descriptors and metadata are a few tens of kilobytes at the start of the file;
//! where the metadata are in the file system only, the blocks that their paths lead through
//! are read as far as the budget goes. Signed data is never read whole, so signatures are listed and not judged; and
//! nothing that is read in parts can be held against the digest of the file.

use super::source::BlobSource;
use crate::import::image::SifFacts;
use crate::import::sif::{Image, Inspection, Signature};
use crate::mirror::oci::{Registry, Repository};
use crate::model::Digest;

/// Reads what an image says. What is damaged, or would cost too much, is among the
/// problems; an error is that it is no image, or that the registry fails: what is read
/// then must not be taken for all that there is.
pub(super) fn read(
    registry: &Registry,
    repository: &Repository,
    digest: Digest,
    size: u64,
) -> Result<SifFacts, String> {
    let source = BlobSource::new(registry, repository, digest, size);
    let read = Image::open(&source).map(|image| facts(&image));
    match source.failure() {
        Some(problem) => Err(problem),
        None => read.map_err(|error| format!("its layer: {error}")),
    }
}

fn facts(image: &Image<'_, BlobSource<'_>>) -> SifFacts {
    let mut inspection = Inspection::of(image).unwrap_or_else(|error| {
        let problems = vec![format!("its metadata cannot be read: {error}")];
        Inspection::unread(image.header().architecture, problems)
    });
    let signatures = Signature::all(image, None).unwrap_or_else(|error| {
        inspection.problems.push(format!("its signatures cannot be read: {error}"));
        Vec::new()
    });
    SifFacts::of(image, inspection, &signatures, None)
}
