//! Clearsigned texts (RFC 9580, section 7): what was signed, who claims to have signed it,
//! and whether a given keyring says so too.
//!
//! Spack signs spec files (layout 2) and manifests (layout 3) in this form, Apptainer what it
//! says of an image's objects. Two facts are kept apart: that a signature is there, which
//! anyone can write, and that it was verified with a key that the user gave. Keys that lie
//! beside what they signed are never trusted.
//!
//! Invariants: what is handed on is exactly what the signature covers, never text around
//! it. The clock is not looked at: a key is held to have been good when its lifetime
//! covers the time that the signature gives. Absent: trust between keys, user ids.

use pgp::composed::{CleartextSignedMessage, Deserializable, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::{Fingerprint, KeyDetails, KeyId, PublicKeyTrait};

use crate::import::SourceError;
use crate::text::shown;

/// How a clearsigned text begins.
const HEAD: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";

/// How an armored certificate begins.
const ARMOR: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

/// What is said of packets that cannot be read. The words of the crate's own errors can
/// hold a backtrace, which takes a hundred megabytes to write and means nothing to anyone.
const DAMAGED: &str = "it is damaged, or of a kind that is not known";

/// The most signatures of one text that are looked at; Spack makes one.
const MAX_SIGNATURES: usize = 16;

/// The most certificates of a keyring.
const MAX_CERTIFICATES: usize = 10_000;

/// The OpenPGP certificates that the user trusts.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    certificates: Vec<SignedPublicKey>,
}

impl Keyring {
    /// Reads certificates, armored (one block or several) or binary. Revoked ones are left
    /// out, since nothing that they sign is verified.
    ///
    /// # Errors
    /// `source-invalid`: it cannot be read, holds no certificate or too many.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, SourceError> {
        let unreadable = |message: String| SourceError::Malformed { file: file.to_owned(), message };
        let failed = |_words: pgp::errors::Error| unreadable(format!("not an OpenPGP keyring: {DAMAGED}"));
        let mut certificates = Vec::new();
        match std::str::from_utf8(bytes).ok().filter(|text| text.contains(ARMOR)) {
            Some(text) => {
                for block in text.split(ARMOR).skip(1) {
                    let block = format!("{ARMOR}{block}");
                    let (found, _) = SignedPublicKey::from_string_many(&block).map_err(failed)?;
                    for certificate in found.take(MAX_CERTIFICATES + 1) {
                        certificates.push(certificate.map_err(failed)?);
                    }
                }
            }
            None => {
                let found = SignedPublicKey::from_bytes_many(bytes).map_err(failed)?;
                for certificate in found.take(MAX_CERTIFICATES + 1) {
                    certificates.push(certificate.map_err(failed)?);
                }
            }
        }
        if certificates.is_empty() || certificates.len() > MAX_CERTIFICATES {
            let limit =
                format!("a keyring holds 1 to {MAX_CERTIFICATES} OpenPGP certificates, this {}", certificates.len());
            return Err(unreadable(limit));
        }
        certificates.retain(|certificate| !is_revoked(certificate));
        Ok(Self { certificates })
    }

    /// The certificate and the key in it that the signature says it was made with.
    fn signer(&self, signature: &Signature) -> Option<(&SignedPublicKey, Verifier<'_>)> {
        self.certificates.iter().find_map(|certificate| {
            let primary = &certificate.primary_key;
            if names(signature, primary) {
                return Some((certificate, Verifier::Primary(primary)));
            }
            // Verifying a binding costs much more than comparing names, so that comes last.
            let mut named = certificate.public_subkeys.iter().filter(|subkey| names(signature, &subkey.key));
            named.find(|subkey| may_sign(subkey, primary)).map(|found| (certificate, Verifier::Subkey(found)))
        })
    }
}

enum Verifier<'a> {
    Primary(&'a pgp::packet::PublicKey),
    Subkey(&'a SignedPublicSubKey),
}

impl Verifier<'_> {
    fn accepts(&self, signature: &Signature, text: &str) -> bool {
        match self {
            Self::Primary(key) => signature.verify(key, text.as_bytes()).is_ok(),
            Self::Subkey(subkey) => signature.verify(&subkey.key, text.as_bytes()).is_ok(),
        }
    }

    fn is_older_than(&self, signature: &Signature) -> bool {
        let created = match self {
            Self::Primary(key) => key.created_at(),
            Self::Subkey(subkey) => subkey.key.created_at(),
        };
        signature.created().is_some_and(|signed| created <= signed)
    }

    /// Whether the lifetime that a subkey's binding gives it had ended when the signature
    /// was made. That of the primary key is the certificate's.
    fn had_expired(&self, signature: &Signature) -> bool {
        let Self::Subkey(subkey) = self else { return false };
        let lifetime = binding(subkey).and_then(Signature::key_expiration_time);
        // A lifetime of zero is none (RFC 9580, 5.2.3.13).
        let end = lifetime.filter(|lifetime| !lifetime.is_zero()).map(|lifetime| *subkey.key.created_at() + *lifetime);
        end.zip(signature.created()).is_some_and(|(end, signed)| end <= *signed)
    }
}

/// The newest binding of a subkey to its certificate; an older one no longer holds.
fn binding(subkey: &SignedPublicSubKey) -> Option<&Signature> {
    let bindings = subkey.signatures.iter().filter(|one| one.typ() == Some(SignatureType::SubkeyBinding));
    bindings.max_by_key(|one| one.created().copied())
}

/// Whether a subkey is bound to its certificate, not revoked, and may sign.
fn may_sign(subkey: &SignedPublicSubKey, primary: &pgp::packet::PublicKey) -> bool {
    let is_revoked = subkey.signatures.iter().any(|one| one.typ() == Some(SignatureType::SubkeyRevocation));
    !is_revoked && binding(subkey).is_some_and(|one| one.key_flags().sign()) && subkey.verify(primary).is_ok()
}

fn is_revoked(certificate: &SignedPublicKey) -> bool {
    let mut revocations = certificate.details.revocation_signatures.iter();
    revocations.any(|signature| signature.verify_key(&certificate.primary_key).is_ok())
}

/// Whether the signature says that this key made it.
fn names(signature: &Signature, key: &impl KeyDetails) -> bool {
    let (fingerprints, ids) = (signature.issuer_fingerprint(), signature.issuer());
    match fingerprints.as_slice() {
        [] => ids.contains(&&key.key_id()),
        fingerprints => fingerprints.contains(&&key.fingerprint()),
    }
}

/// What a keyring says of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No keyring was given.
    NotTried,
    /// No key of the keyring is the one that the signature names.
    KeyUnknown,
    /// It was verified; the fingerprint is that of the certificate.
    Verified(String),
}

/// A text that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The text that the signature covers, with `\r\n` between lines and without the
    /// blanks at their ends, as OpenPGP hashes it.
    pub text: String,
    /// The fingerprint of the key that the signature names, or its 16-digit key id where
    /// the signature has no more; in upper-case hexadecimal. It proves nothing.
    pub signed_by: String,
    /// What the keyring says.
    pub verdict: Verdict,
}

/// Why a clearsigned text is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is not a clearsigned text with a signature.
    #[error("its signature cannot be read: {0}")]
    Unreadable(String),
    /// The keyring has the key, and the signature is not good.
    #[error(
        "its signature by `{signed_by}` is bad: {reason}; the file was changed after it was signed, or the key is not the signer's"
    )]
    Bad {
        /// The key that the signature names.
        signed_by: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// Whether the bytes begin as a clearsigned text.
#[must_use]
pub fn is_signed(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(HEAD)
}

/// Opens a clearsigned text, and verifies it where there is a keyring.
///
/// # Errors
/// It cannot be read; or the keyring has the key that it names and says that it is bad.
pub fn open(bytes: &[u8], keyring: Option<&Keyring>) -> Result<Signed, SignatureError> {
    let unreadable = |error: String| SignatureError::Unreadable(shown(&error).to_string());
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
    let (message, _) =
        CleartextSignedMessage::from_string(text.trim_ascii_start()).map_err(|_words| unreadable(DAMAGED.into()))?;
    let signatures = &message.signatures()[..message.signatures().len().min(MAX_SIGNATURES)];
    let Some(first) = signatures.first() else {
        return Err(SignatureError::Unreadable("it holds none".into()));
    };
    let (text, mut signed_by) = (message.signed_text(), claimed(first).unwrap_or_else(|| "unnamed".into()));
    let mut verdict = if keyring.is_some() { Verdict::KeyUnknown } else { Verdict::NotTried };
    for signature in signatures {
        let Some((certificate, key)) = keyring.and_then(|keyring| keyring.signer(signature)) else { continue };
        let name = claimed(signature).unwrap_or_default();
        if let Some(reason) = fault(signature, certificate, &key, &text) {
            return Err(SignatureError::Bad { signed_by: name, reason });
        }
        if verdict == Verdict::KeyUnknown {
            verdict = Verdict::Verified(upper(&certificate.primary_key.fingerprint()));
            signed_by = name;
        }
    }
    Ok(Signed { text, signed_by, verdict })
}

/// What is wrong with a signature by a key of the keyring.
fn fault(signature: &Signature, certificate: &SignedPublicKey, key: &Verifier<'_>, text: &str) -> Option<&'static str> {
    let is_over_text = matches!(signature.typ(), Some(SignatureType::Text | SignatureType::Binary));
    let is_strong = !matches!(
        signature.hash_alg(),
        None | Some(HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160 | HashAlgorithm::None)
    );
    let expired = certificate.expires_at().zip(signature.created()).is_some_and(|(end, signed)| end <= *signed);
    match () {
        () if !is_over_text => Some("it is not a signature of a text"),
        () if !is_strong => Some("it uses a hash that can be forged"),
        () if !key.accepts(signature, text) => Some("it does not belong to this text"),
        () if !key.is_older_than(signature) => Some("it says that it was made before its key"),
        () if expired || key.had_expired(signature) => Some("it was made after its key had expired"),
        () => None,
    }
}

/// The key that a signature names.
fn claimed(signature: &Signature) -> Option<String> {
    let fingerprint = signature.issuer_fingerprint().first().map(|fingerprint| upper(fingerprint));
    fingerprint.or_else(|| signature.issuer().first().map(|id: &&KeyId| id.to_string().to_uppercase()))
}

fn upper(fingerprint: &Fingerprint) -> String {
    format!("{fingerprint:X}")
}

#[cfg(test)]
mod tests {
    use super::{Keyring, SignatureError, Signed, Verdict, is_signed, open};

    const BUILDER: &str = "D9989C84DE4564C443ADD561F9632B33785A1FB0";

    fn file(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/spack/buildcache/signatures/");
        std::fs::read(format!("{folder}{name}")).unwrap()
    }

    fn keyring(name: &str) -> Keyring {
        Keyring::parse(name, &file(name)).unwrap()
    }

    fn opened(name: &str, keys: &str) -> Result<Signed, SignatureError> {
        open(&file(name), Some(&keyring(keys)))
    }

    fn reason(name: &str, keys: &str) -> &'static str {
        match opened(name, keys) {
            Err(SignatureError::Bad { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_signature_being_there_and_being_verified_are_two_facts() {
        let bytes = file("by-builder.json.sig");
        assert!(is_signed(&bytes) && !is_signed(b"{}"));
        let signed = open(&bytes, None).unwrap();
        assert_eq!((signed.signed_by.as_str(), signed.verdict), (BUILDER, Verdict::NotTried));
        let signed = opened("by-builder.json.sig", "builder.asc").unwrap();
        assert_eq!((signed.signed_by.as_str(), signed.verdict), (BUILDER, Verdict::Verified(BUILDER.into())));
        let signed = opened("by-builder.json.sig", "stranger.asc").unwrap();
        assert_eq!(signed.verdict, Verdict::KeyUnknown);
    }

    #[test]
    fn the_signed_text_comes_without_its_dash_escapes() {
        let signed = open(&file("by-builder.json.sig"), None).unwrap();
        let value: serde_json::Value = serde_json::from_str(&signed.text).unwrap();
        assert_eq!(value, serde_json::json!({"answer": 42, "dashes": [-1, -2]}));
    }

    #[test]
    fn a_changed_text_is_bad() {
        let text = String::from_utf8(file("by-builder.json.sig")).unwrap().replace("42", "43");
        let keys = keyring("builder.asc");
        assert!(matches!(open(text.as_bytes(), Some(&keys)), Err(SignatureError::Bad { .. })));
        assert_eq!(open(text.as_bytes(), None).unwrap().verdict, Verdict::NotTried);
    }

    #[test]
    fn text_around_the_signed_one_is_refused() {
        let text = String::from_utf8(file("by-builder.json.sig")).unwrap();
        for around in [format!("{{}}\n{text}"), format!("{text}{{}}\n"), text[..200].to_owned(), text[..60].to_owned()]
        {
            assert!(matches!(open(around.as_bytes(), None), Err(SignatureError::Unreadable(_))), "{around}");
        }
    }

    #[test]
    fn a_signature_is_held_to_the_lifetime_of_its_key() {
        assert!(matches!(opened("by-lapsed-in-time.json.sig", "lapsed.asc").unwrap().verdict, Verdict::Verified(_)));
        assert!(reason("by-lapsed-too-late.json.sig", "lapsed.asc").contains("expired"));
        assert_eq!(opened("by-stranger.json.sig", "stranger-revoked.asc").unwrap().verdict, Verdict::KeyUnknown);
    }

    #[test]
    fn a_hash_that_can_be_forged_is_bad() {
        assert!(reason("by-builder-sha1.json.sig", "builder.asc").contains("forged"));
    }

    #[test]
    fn a_signing_subkey_speaks_for_its_certificate() {
        let signed = opened("by-subkey.json.sig", "parent.asc").unwrap();
        let Verdict::Verified(certificate) = signed.verdict else { panic!("{signed:?}") };
        assert_ne!(certificate, signed.signed_by);
    }

    #[test]
    fn a_signature_is_held_to_the_lifetime_of_its_subkey() {
        let in_time = opened("by-waning-subkey-in-time.json.sig", "waning-subkey.asc").unwrap();
        assert!(matches!(in_time.verdict, Verdict::Verified(_)));
        assert!(reason("by-waning-subkey-too-late.json.sig", "waning-subkey.asc").contains("expired"));
    }

    #[test]
    fn keyrings_are_armored_or_binary_with_one_certificate_or_several() {
        let both = [file("builder.asc"), file("stranger.asc")].concat();
        for bytes in [both, [file("builder.asc"), file("lapsed.asc"), file("stranger.asc")].concat()] {
            let keys = Keyring::parse("keys", &bytes).unwrap();
            for text in ["by-builder.json.sig", "by-stranger.json.sig"] {
                assert!(matches!(open(&file(text), Some(&keys)).unwrap().verdict, Verdict::Verified(_)), "{text}");
            }
        }
        assert!(matches!(opened("by-stranger.json.sig", "stranger.gpg").unwrap().verdict, Verdict::Verified(_)));
        for bad in [&b""[..], b"{}", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", &file("by-builder.json.sig")] {
            assert!(Keyring::parse("keys", bad).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, at: usize, cut: usize) {
            let _ = open(&bytes, None);
            let _ = Keyring::parse("keys", &bytes);
            let keys = keyring("builder.asc");
            for name in ["by-builder.json.sig", "builder.asc", "stranger.gpg"] {
                let mut whole = file(name);
                let at = at % whole.len();
                whole.splice(at..(at + cut % 8).min(whole.len()), bytes.iter().copied());
                let _ = open(&whole, Some(&keys));
                let _ = Keyring::parse("keys", &whole);
            }
        }
    }
}
