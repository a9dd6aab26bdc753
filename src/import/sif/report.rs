//! All that can be told of an image, as one JSON value.
//!
//! `data` and `type` are what `apptainer inspect --json --all` prints; `sif` is what else
//! there is: the header, the objects, the signatures, and what could not be read.

use serde_json::{Value, json};

use super::image::Image;
use super::inspection::{Found, Inspection};
use super::object::{Kind, Object};
use super::signature::{Form, Integrity, Signature, Verdict};
use super::source::Source;

/// What was found of an image, to be shown together.
pub struct Report<'r, 's, S: Source + ?Sized> {
    /// The image.
    pub image: &'r Image<'s, S>,
    /// What it says of itself.
    pub inspection: &'r Inspection,
    /// Its signatures.
    pub signatures: &'r [Signature],
    /// Whether the digests of each signature are right, in the same order; nothing where
    /// what they cover was not read.
    pub integrity: Option<&'r [Integrity]>,
}

impl<S: Source + ?Sized> Report<'_, '_, S> {
    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "data": {"attributes": self.inspection.attributes},
            "type": "container",
            "sif": self.sif(),
        })
    }

    /// What there is beside the attributes.
    #[must_use]
    pub fn sif(&self) -> Value {
        let header = self.image.header();
        let objects: Vec<Value> = self.image.objects().iter().map(object).collect();
        let integrity = |number: usize| self.integrity.and_then(|all| all.get(number));
        let signatures: Vec<Value> =
            self.signatures.iter().enumerate().map(|(number, one)| signature(one, integrity(number))).collect();
        json!({
            "architecture": self.inspection.architecture.map(|a| a.as_str()),
            "uuid": header.uuid_text(),
            "created": header.created,
            "modified": header.modified,
            "launch": header.launch,
            "metadata-from": self.inspection.found.map(Found::words),
            "objects": objects,
            "signatures": signatures,
            "problems": self.inspection.problems,
        })
    }
}

fn object(object: &Object) -> Value {
    let mut value = json!({
        "id": object.id, "group": object.group, "type": object.kind.words(), "name": object.name,
        "offset": object.offset, "size": object.size, "created": object.created,
    });
    match &object.kind {
        Kind::Partition { file_system, kind, architecture } => {
            value["file-system"] = file_system.to_string().into();
            value["partition"] = kind.to_string().into();
            value["architecture"] = architecture.map(|a| a.as_str()).into();
        }
        Kind::Signature { hash, .. } => value["hash"] = hash.to_string().into(),
        Kind::Sbom(format) => value["format"] = (*format).into(),
        Kind::OciIndex(digest) | Kind::OciBlob(digest) => value["digest"] = digest.as_str().into(),
        _ => {}
    }
    value
}

fn signature(one: &Signature, integrity: Option<&Integrity>) -> Value {
    let mut value = json!({
        "object": one.object,
        "form": one.form.words(),
        "claims-key": one.claims,
        "covers": one.covers,
    });
    if let Some(integrity) = integrity {
        value["digests-right"] = integrity.is_right().into();
        value["problems"] = integrity.problems().into();
    }
    value["verified"] = one.verdict.words().into();
    match &one.verdict {
        Verdict::Verified(key) => value["verified-by"] = key.as_str().into(),
        Verdict::Bad(reason) => value["reason"] = reason.as_str().into(),
        Verdict::NotTried | Verdict::KeyUnknown | Verdict::Unsupported => {}
    }
    value
}

impl Kind {
    /// What it is, in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Definition => "definition file",
            Self::Environment => "environment",
            Self::Labels => "labels",
            Self::Partition { .. } => "partition",
            Self::Signature { .. } => "signature",
            Self::Json => "JSON",
            Self::Generic => "generic",
            Self::Message => "encrypted message",
            Self::Sbom(_) => "bill of materials",
            Self::OciIndex(_) => "OCI index",
            Self::OciBlob(_) => "OCI blob",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Found {
    /// Where it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Descriptor => "inspect-metadata.json",
            Self::FileSystem => "file system",
            Self::OciConfig => "OCI configuration",
        }
    }
}

impl Form {
    /// What it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::OpenPgp => "OpenPGP",
            Self::Dsse => "DSSE",
            Self::Legacy => "legacy OpenPGP",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Verdict {
    /// What it is, in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::NotTried => "not tried",
            Self::KeyUnknown => "key unknown",
            Self::Verified(_) => "good",
            Self::Bad(_) => "bad",
            Self::Unsupported => "not supported",
        }
    }
}
