//! Signatures of images: three facts that are kept apart.
//!
//! 1. *Present*: an object says that it is a signature, of which objects, and names a key.
//!    Anyone can write that.
//! 2. *Digests right*: what it speaks of has the digests that it says ([`Integrity`]). This
//!    finds damage, and no attacker, who would write other digests.
//! 3. *Verified*: it was made with a key of a keyring that the user gave ([`Verdict`]).
//!
//! An image is as its signer made it when 2 and 3 hold of one signature. Three generations
//! (`pkg/integrity` of `apptainer/sif` and `sylabs/sif`): a JSON text that is clearsigned
//! with OpenPGP; the same JSON in a DSSE envelope; and, before Singularity 3.6, a clearsigned
//! `SIFHASH:` with a hash of the data alone. DSSE is not verified.
//!
//! Not covered by any signature: the header's architecture and times, where objects lie,
//! and objects of no group.

mod envelope;
mod integrity;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use self::statement::Statement;
use super::error::SifError;
use super::image::Image;
use super::inspection::Inspection;
use super::object::{Kind, Link, Object};
use super::source::Source;
use crate::import::openpgp::{self, Keyring, SignatureError};
use crate::text::shown;

pub use self::integrity::Integrity;

/// Largest signature that is read, in bytes: one of 16,384 objects has 4 MB.
const MAX_SIGNATURE: u64 = 8 * 1024 * 1024;
/// Most signatures of an image that are read.
const MAX_SIGNATURES: usize = 64;

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON text, clearsigned with OpenPGP.
    OpenPgp,
    /// A JSON text in a DSSE envelope.
    Dsse,
    /// `SIFHASH:` and a hash of data, clearsigned, as before Singularity 3.6.
    Legacy,
    /// None of these.
    Unreadable,
}

/// What a keyring says of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No keyring was given.
    NotTried,
    /// No key of the keyring is the one that the signature names.
    KeyUnknown,
    /// It was made with the key of the certificate with this fingerprint.
    Verified(String),
    /// The keyring has the key, and it did not make this signature; in words, why.
    Bad(String),
    /// Its form is not verified yet.
    Unsupported,
}

/// A signature in an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The id of its object.
    pub object: u32,
    /// How it is written.
    pub form: Form,
    /// The key that it claims: a fingerprint in upper-case hexadecimal, or what a DSSE
    /// envelope calls it. It proves nothing.
    pub claims: Option<String>,
    /// The ids of the objects that it speaks of and that are there, in order.
    pub covers: Vec<u32>,
    /// What the keyring says.
    pub verdict: Verdict,
    /// Why it cannot be read, in words.
    pub problem: Option<String>,
    /// The object or group that it is linked to.
    link: Option<Link>,
    statement: Option<Statement>,
}

impl Signature {
    /// Reads the signatures of an image, in the order of their descriptors. Signed data is
    /// not read; [`Signature::integrity`] does that.
    ///
    /// # Errors
    /// `io` when the file cannot be read, `limit-exceeded` when it has more than 64.
    pub fn all<S: Source + ?Sized>(image: &Image<'_, S>, keyring: Option<&Keyring>) -> Result<Vec<Self>, SifError> {
        let is_signature = |object: &&Object| matches!(object.kind, Kind::Signature { .. });
        let objects: Vec<&Object> = image.objects().iter().filter(is_signature).collect();
        if objects.len() > MAX_SIGNATURES {
            let (found, limit) = (objects.len() as u64, MAX_SIGNATURES as u64);
            return Err(SifError::TooMany { what: "signatures", found, limit });
        }
        objects.into_iter().map(|object| Self::read(image, object, keyring)).collect()
    }

    /// The keys whose signatures together cover the primary partition and every object that
    /// the inspection read; and in words, which of the others miss what. Whoever may add an
    /// object to a signed image must not speak in the signer's name.
    pub fn keys_over<'k, S: Source + ?Sized>(
        image: &Image<'_, S>,
        inspection: &Inspection,
        by_key: impl IntoIterator<Item = (&'k str, &'k Self)>,
    ) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut covered: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for (key, signature) in by_key {
            covered.entry(key).or_default().extend(&signature.covers);
        }
        covered.retain(|_, covers| image.primary().is_some_and(|primary| covers.contains(&primary.id)));
        let (mut keys, mut problems) = (BTreeSet::new(), BTreeSet::new());
        for (key, covers) in covered {
            match inspection.sources.difference(&covers).next() {
                None => drop(keys.insert(key.to_owned())),
                Some(id) => drop(problems.insert(format!(
                    "metadata are read from object {id}, which no signature by `{}` covers; the image is not held to be signed by it",
                    shown(key)
                ))),
            }
        }
        (keys, problems)
    }

    fn read<S: Source + ?Sized>(
        image: &Image<'_, S>,
        object: &Object,
        keyring: Option<&Keyring>,
    ) -> Result<Self, SifError> {
        let fingerprint = match &object.kind {
            Kind::Signature { fingerprint, .. } => fingerprint.map(|bytes| upper(&bytes)),
            _ => None,
        };
        let mut found = Self {
            object: object.id,
            form: Form::Unreadable,
            claims: fingerprint.clone(),
            covers: Vec::new(),
            verdict: Verdict::NotTried,
            problem: None,
            link: object.link,
            statement: None,
        };
        let text = match image.data(object, MAX_SIGNATURE) {
            Ok(text) => text,
            Err(error @ SifError::Io(_)) => return Err(error),
            Err(problem) => {
                found.problem = Some(problem.to_string());
                return Ok(found);
            }
        };
        let read = if openpgp::is_signed(&text) { found.clearsigned(&text, keyring) } else { found.envelope(&text) };
        match read {
            Ok(statement) => {
                found.covers = statement.covers(object.link, image.objects());
                found.statement = Some(statement);
            }
            Err(problem) => found.problem = Some(problem),
        }
        Ok(found)
    }

    fn clearsigned(&mut self, text: &[u8], keyring: Option<&Keyring>) -> Result<Statement, String> {
        let signed = openpgp::open(text, None).map_err(|error| error.to_string())?;
        self.verdict = match keyring.map(|keyring| openpgp::open(text, Some(keyring))) {
            None => Verdict::NotTried,
            Some(Ok(again)) => match again.verdict {
                openpgp::Verdict::Verified(key) if self.claims.as_ref().is_some_and(|claimed| *claimed != key) => {
                    Verdict::Bad("its descriptor names another key than the one that made it".into())
                }
                openpgp::Verdict::Verified(key) => Verdict::Verified(key),
                openpgp::Verdict::KeyUnknown | openpgp::Verdict::NotTried => Verdict::KeyUnknown,
            },
            Some(Err(SignatureError::Bad { reason, .. })) => Verdict::Bad(reason.into()),
            Some(Err(unreadable)) => Verdict::Bad(unreadable.to_string()),
        };
        self.claims.get_or_insert(signed.signed_by);
        let statement = Statement::parse(signed.text.as_bytes())?;
        self.form = if matches!(statement, Statement::Legacy(_)) { Form::Legacy } else { Form::OpenPgp };
        Ok(statement)
    }

    fn envelope(&mut self, text: &[u8]) -> Result<Statement, String> {
        let envelope = envelope::open(text)?;
        (self.form, self.verdict) = (Form::Dsse, Verdict::Unsupported);
        self.claims = self.claims.take().or(envelope.key);
        Statement::parse_json(&envelope.payload)
    }
}

fn upper(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
