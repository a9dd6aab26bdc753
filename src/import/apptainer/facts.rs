//! What an opened image gives to the catalog.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::import::sif::{Architecture, Attributes, Image, Inspection, Integrity, Report, Signature, Source, Verdict};

/// What was found in an image. It holds no place of a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageFacts {
    pub(super) attributes: Attributes,
    pub(super) architecture: Option<Architecture>,
    /// Unix seconds.
    pub(super) created: Option<i64>,
    pub(super) problems: Vec<String>,
    /// The keys that signatures of the primary partition claim.
    pub(super) signed_by: BTreeSet<String>,
    /// The keys with which signatures of it were verified, their digests being right.
    pub(super) verified_by: BTreeSet<String>,
    /// What is wrong with signatures, in words.
    pub(super) bad_signatures: Vec<String>,
    /// What [`Report::sif`] says.
    pub(super) sif: Value,
}

impl ImageFacts {
    /// The facts of an image; `integrity` is that of each signature, in their order.
    #[must_use]
    pub fn of<S: Source + ?Sized>(
        image: &Image<'_, S>,
        mut inspection: Inspection,
        signatures: &[Signature],
        integrity: &[Integrity],
    ) -> Self {
        let (mut claims, mut verified, mut bad_signatures) = (Vec::new(), Vec::new(), Vec::new());
        for (signature, integrity) in signatures.iter().zip(integrity) {
            let problems = integrity.problems().iter().cloned();
            let bad = match &signature.verdict {
                Verdict::Bad(reason) => Some(reason.clone()),
                _ => None,
            };
            bad_signatures
                .extend(problems.chain(bad).map(|problem| format!("signature {}: {problem}", signature.object)));
            claims.extend(signature.claims.as_deref().map(|key| (key, signature)));
            if let (Verdict::Verified(key), true) = (&signature.verdict, integrity.is_right()) {
                verified.push((key.as_str(), signature));
            }
        }
        let (signed_by, unsigned) = Signature::keys_over(image, &inspection, claims);
        let (verified_by, unverified) = Signature::keys_over(image, &inspection, verified);
        inspection.problems.extend(unsigned.union(&unverified).cloned());
        let sif = Report { image, inspection: &inspection, signatures, integrity }.sif();
        let Inspection { attributes, architecture, problems, .. } = inspection;
        let created = image.header().created;
        Self { attributes, architecture, created, problems, signed_by, verified_by, bad_signatures, sif }
    }

    /// The first of these labels that says something.
    pub(super) fn label(&self, names: &[&str]) -> Option<&str> {
        let said = |name: &&str| self.attributes.labels.get(*name).map(|text| text.trim());
        names.iter().filter_map(said).find(|text| !text.is_empty())
    }
}
