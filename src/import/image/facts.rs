//! What an opened SIF image gives to the catalog.

use std::collections::BTreeSet;

use serde_json::Value;

use super::date::rfc3339;
use super::describe::{self, Said};
use crate::import::sif::{Architecture, Attributes, Image, Inspection, Integrity, Report, Signature, Source, Verdict};

/// Labels that say the version, a site's own before those that a base image hands down.
const VERSION: [&str; 5] =
    ["Version", "VERSION", "version", "org.label-schema.version", "org.opencontainers.image.version"];

/// What was found in an image. It holds no place of a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct SifFacts {
    pub(in crate::import) attributes: Attributes,
    pub(in crate::import) architecture: Option<Architecture>,
    /// Unix seconds.
    pub(in crate::import) created: Option<i64>,
    pub(in crate::import) problems: Vec<String>,
    /// The keys that signatures of the primary partition claim.
    pub(in crate::import) signed_by: BTreeSet<String>,
    /// The keys with which signatures of it were verified, their digests being right.
    pub(in crate::import) verified_by: BTreeSet<String>,
    /// What is wrong with signatures, in words.
    pub(in crate::import) bad_signatures: Vec<String>,
    /// What [`Report::sif`] says.
    pub(in crate::import) sif: Value,
}

impl SifFacts {
    /// The facts of an image; `integrity` is that of each signature, in their order, where
    /// all of what they cover was read.
    #[must_use]
    pub fn of<S: Source + ?Sized>(
        image: &Image<'_, S>,
        mut inspection: Inspection,
        signatures: &[Signature],
        integrity: Option<&[Integrity]>,
    ) -> Self {
        let (mut verified, mut bad_signatures) = (Vec::new(), Vec::new());
        for (signature, integrity) in signatures.iter().zip(integrity.unwrap_or_default()) {
            let problems = integrity.problems().iter().cloned();
            let bad = match &signature.verdict {
                Verdict::Bad(reason) => Some(reason.clone()),
                _ => None,
            };
            bad_signatures
                .extend(problems.chain(bad).map(|problem| format!("signature {}: {problem}", signature.object)));
            if let (Verdict::Verified(key), true) = (&signature.verdict, integrity.is_right()) {
                verified.push((key.as_str(), signature));
            }
        }
        let claims = signatures.iter().filter_map(|signature| Some((signature.claims.as_deref()?, signature)));
        let (signed_by, unsigned) = Signature::keys_over(image, &inspection, claims);
        let (verified_by, unverified) = Signature::keys_over(image, &inspection, verified);
        inspection.problems.extend(unsigned.union(&unverified).cloned());
        let sif = Report { image, inspection: &inspection, signatures, integrity }.sif();
        let Inspection { attributes, architecture, problems, .. } = inspection;
        let created = image.header().created;
        Self { attributes, architecture, created, problems, signed_by, verified_by, bad_signatures, sif }
    }

    /// What its labels say.
    pub(in crate::import) fn said(&self) -> Said<'_> {
        Said::of_labels(&self.attributes.labels)
    }

    /// The version that its labels say.
    pub(in crate::import) fn version(&self) -> Option<&str> {
        self.said().first(&VERSION)
    }

    /// The first line of its help that has words.
    pub(in crate::import) fn help(&self) -> Option<&str> {
        describe::first_words(&self.attributes.helpfile)
    }

    /// When it was made; a deterministic image does not say. Labels are not asked: they may
    /// be those of its base.
    pub(in crate::import) fn date(&self) -> Option<String> {
        self.created.and_then(rfc3339)
    }
}
