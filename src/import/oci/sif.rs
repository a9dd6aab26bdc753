//! What is read of a SIF image in a registry, without pulling it.
//!
//! Header, descriptors and metadata are a few tens of kilobytes at the start of the file;
//! where the metadata are in the file system only, its tables are read if they fit into the
//! budget. Signed data is never read whole, so signatures are listed and not judged; and
//! nothing that is read in parts can be held against the digest of the file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::source::BlobSource;
use crate::import::sif::{Architecture, Attributes, Image, Inspection, Report, Signature};
use crate::mirror::oci::{Registry, Repository};
use crate::model::Digest;

/// What a SIF image says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SifFacts {
    /// What `apptainer inspect` would print.
    pub attributes: Attributes,
    /// For which architecture it is.
    pub architecture: Option<Architecture>,
    /// When it was made, in Unix seconds.
    pub created: Option<i64>,
    /// The keys that signatures of the primary partition claim.
    pub signed_by: BTreeSet<String>,
    /// What could not be read, in words.
    pub problems: Vec<String>,
    /// As `sif` in what `warecat inspect --json` prints; its signatures are not judged.
    pub sif: serde_json::Value,
}

impl SifFacts {
    /// Reads what an image says. What is damaged, or would cost too much, is among the
    /// problems; an error is that it is no image, or that the registry fails: what is read
    /// then must not be taken for all that there is.
    pub(super) fn read(
        registry: &Registry,
        repository: &Repository,
        digest: Digest,
        size: u64,
    ) -> Result<Self, String> {
        let source = BlobSource::new(registry, repository, digest, size);
        let read = Image::open(&source).map(|image| Self::of(&image));
        match source.failure() {
            Some(problem) => Err(problem),
            None => read.map_err(|error| format!("its layer: {error}")),
        }
    }

    fn of(image: &Image<'_, BlobSource<'_>>) -> Self {
        let mut found = Self { created: image.header().created, ..Self::default() };
        let mut inspection = Inspection::of(image).unwrap_or_else(|error| {
            let architecture = image.header().architecture;
            let problems = vec![format!("its metadata cannot be read: {error}")];
            Inspection::unread(architecture, problems)
        });
        let signatures = Signature::all(image, None).unwrap_or_else(|error| {
            found.problems.push(format!("its signatures cannot be read: {error}"));
            Vec::new()
        });
        let claims = signatures.iter().filter_map(|signature| Some((signature.claims.as_deref()?, signature)));
        let (signed_by, unsigned) = Signature::keys_over(image, &inspection, claims);
        found.signed_by = signed_by.into_iter().collect();
        inspection.problems.extend(unsigned);
        let report = Report { image, inspection: &inspection, signatures: &[], integrity: &[] };
        found.sif = report.sif();
        found.sif["signatures"] = signatures.iter().map(listed).collect();
        found.problems.extend(inspection.problems.iter().cloned());
        found.architecture = inspection.architecture;
        found.attributes = inspection.attributes;
        found
    }

    /// Its labels.
    pub(super) fn labels(&self) -> &BTreeMap<String, String> {
        &self.attributes.labels
    }
}

fn listed(signature: &Signature) -> serde_json::Value {
    json!({
        "object": signature.object,
        "form": signature.form.words(),
        "claims-key": signature.claims,
        "covers": signature.covers,
        "verified": signature.verdict.words(),
    })
}
