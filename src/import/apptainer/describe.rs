//! What an image and its sidecar say, as metadata of the module and the release.

use super::image::ImageFile;
use super::sidecar::Sidecar;
use crate::import::image::describe::{self, ReleaseFacts};
use crate::model::Metadata;

/// What an image says of its software as a whole; its sidecar after its help.
pub(super) fn module(image: &ImageFile, sidecar: Option<&Sidecar>) -> Metadata {
    let facts = &image.facts;
    describe::module(&facts.said(), facts.help(), sidecar.and_then(Sidecar::description))
}

/// What the images of a release say of it; there is at least one.
pub(super) fn release(images: &[&ImageFile]) -> Metadata {
    let Some(first) = images.first() else { return Metadata::new() };
    let facts = ReleaseFacts {
        name: &first.name.release,
        version: first.facts.version(),
        date: first.facts.date(),
        source: "apptainer",
        signed_by: images.iter().map(|image| Some(&image.facts.signed_by)).collect(),
        verified_by: images.iter().map(|image| Some(&image.facts.verified_by)).collect(),
    };
    facts.metadata()
}
