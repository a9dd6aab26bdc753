//! Whether what a signature speaks of has the digests that it says.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::statement::{SignedObject, Statement, base, group_of, is_linked};
use super::{Link, Signature};
use crate::import::sif::error::SifError;
use crate::import::sif::image::Image;
use crate::import::sif::object::{HashKind, Kind, Object};
use crate::import::sif::source::Source;
use crate::text::shown;

/// How much data is hashed at a time, in bytes.
const CHUNK: usize = 128 * 1024;
/// The parts of the header that are signed: launch script, magic and version; UUID.
const HEADER: [std::ops::Range<usize>; 2] = [0..45, 48..64];

/// What is not as a signature says; nothing when its digests are right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Integrity(Vec<String>);

impl Integrity {
    /// Whether everything that the signature speaks of is as it says.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.0.is_empty()
    }

    /// What is not, in words.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.0
    }

    fn expect(&mut self, what: impl FnOnce() -> String, said: &str, found: &str) {
        if said != found {
            self.0.push(format!("{} has not the digest that was signed", what()));
        }
    }
}

impl Signature {
    /// Hashes all that the signature speaks of.
    ///
    /// # Errors
    /// `io` when it cannot be read.
    pub fn integrity<S: Source + ?Sized>(&self, image: &Image<'_, S>) -> Result<Integrity, SifError> {
        let mut found = Integrity::default();
        match &self.statement {
            None => found.0.push(self.problem.clone().unwrap_or_default()),
            Some(Statement::Legacy(hash)) => self.legacy(image, hash, &mut found)?,
            Some(Statement::Modern { header, objects }) => {
                let mut bytes = [0; 64];
                image.source().read_at(0, &mut bytes)?;
                let signed = HEADER.map(|part| &bytes[part]).concat();
                match Hasher::of_digest(header) {
                    Some(hasher) => found.expect(|| "the header".into(), header, &hasher.with(&signed).digest()),
                    None => found.0.push(unknown(header)),
                }
                self.modern(image, objects, &mut found)?;
            }
        }
        Ok(found)
    }

    fn modern<S: Source + ?Sized>(
        &self,
        image: &Image<'_, S>,
        signed: &[SignedObject],
        found: &mut Integrity,
    ) -> Result<(), SifError> {
        let within = group_of(self.link, image.objects());
        let base = base(&within);
        for one in signed {
            let id = u64::from(base) + u64::from(one.relative);
            let Some(object) = within.iter().find(|object| u64::from(object.id) == id) else {
                found.0.push(format!("object {id}, which was signed, is not there"));
                continue;
            };
            let (Some(descriptor), Some(data)) = (Hasher::of_digest(&one.descriptor), Hasher::of_digest(&one.data))
            else {
                found.0.push(unknown(&one.data));
                continue;
            };
            let digest = descriptor.with(&signed_descriptor(object, one.relative)).digest();
            found.expect(|| format!("the descriptor of object {id}"), &one.descriptor, &digest);
            found.expect(|| format!("object {id}"), &one.data, &data.over(image, object)?.digest());
        }
        let is_missing = |object: &&&Object| is_linked(self.link, object) && !self.covers.contains(&object.id);
        for object in within.iter().filter(is_missing) {
            let of = if matches!(self.link, Some(Link::Group(_))) { " of the group" } else { "" };
            found.0.push(format!("object {}{of} was not signed", object.id));
        }
        Ok(())
    }

    /// The hash of the data of the linked objects, one after the other.
    fn legacy<S: Source + ?Sized>(
        &self,
        image: &Image<'_, S>,
        said: &str,
        found: &mut Integrity,
    ) -> Result<(), SifError> {
        let own = image.objects().iter().find(|object| object.id == self.object).map(|object| &object.kind);
        let Some(Kind::Signature { hash, .. }) = own else { return Ok(()) };
        let Some(mut hasher) = Hasher::of_kind(*hash) else {
            found.0.push(unknown(&hash.to_string()));
            return Ok(());
        };
        if self.covers.is_empty() {
            found.0.push("what was signed is not there".into());
            return Ok(());
        }
        for object in image.objects().iter().filter(|object| self.covers.contains(&object.id)) {
            hasher = hasher.over(image, object)?;
        }
        found.expect(|| "the data".into(), said, &hasher.hex());
        Ok(())
    }
}

fn unknown(digest: &str) -> String {
    let algorithm: String = digest.split(':').next().unwrap_or_default().chars().take(40).collect();
    format!("digests by `{}` are not computed", shown(&algorithm))
}

/// The parts of a descriptor that are signed: not its place, its group nor when it was
/// modified; its id counted from the group's first.
fn signed_descriptor(object: &Object, relative: u32) -> Vec<u8> {
    let bytes = &object.descriptor;
    let parts: [&[u8]; 6] =
        [&bytes[0..5], &relative.to_le_bytes(), &bytes[13..17], &bytes[25..33], &bytes[41..49], &bytes[57..585]];
    parts.concat()
}

/// A hash that is being computed, by the algorithms that signatures name.
enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    fn of_digest(digest: &str) -> Option<Self> {
        match digest.split_once(':')?.0 {
            "sha256" => Some(Self::Sha256(Sha256::new())),
            "sha384" => Some(Self::Sha384(Sha384::new())),
            "sha512" => Some(Self::Sha512(Sha512::new())),
            _ => None,
        }
    }

    fn of_kind(kind: HashKind) -> Option<Self> {
        match kind {
            HashKind::Sha256 => Some(Self::Sha256(Sha256::new())),
            HashKind::Sha384 => Some(Self::Sha384(Sha384::new())),
            HashKind::Sha512 => Some(Self::Sha512(Sha512::new())),
            _ => None,
        }
    }

    fn with(mut self, bytes: &[u8]) -> Self {
        match &mut self {
            Self::Sha256(state) => state.update(bytes),
            Self::Sha384(state) => state.update(bytes),
            Self::Sha512(state) => state.update(bytes),
        }
        self
    }

    /// Adds the data of an object.
    fn over<S: Source + ?Sized>(mut self, image: &Image<'_, S>, object: &Object) -> Result<Self, SifError> {
        let mut chunk = vec![0; CHUNK];
        let mut at = 0;
        while at < object.size {
            let length = usize::try_from(object.size - at).unwrap_or(CHUNK).min(CHUNK);
            image.source().read_at(object.offset + at, &mut chunk[..length])?;
            self = self.with(&chunk[..length]);
            at += length as u64;
        }
        Ok(self)
    }

    fn hex(self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sha256(state) => hex(&state.finalize()),
            Self::Sha384(state) => hex(&state.finalize()),
            Self::Sha512(state) => hex(&state.finalize()),
        }
    }

    fn digest(self) -> String {
        let name = match self {
            Self::Sha256(_) => "sha256",
            Self::Sha384(_) => "sha384",
            Self::Sha512(_) => "sha512",
        };
        format!("{name}:{}", self.hex())
    }
}
