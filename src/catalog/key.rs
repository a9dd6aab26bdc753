//! What fixes a module and all that belongs to it, without reading all of it.

/// A digest of a module's document and of its mirrors as they lie there. The document
/// names its releases, replays and records by CID, so two equal keys mean equal content
/// throughout, as long as each CID holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleKey([u8; 32]);

impl ModuleKey {
    /// The key of a module's document and of its mirrors, when it has some.
    #[must_use]
    pub fn of(module: &[u8], mirrors: Option<&[u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(module.len() as u64).to_le_bytes());
        hasher.update(module);
        if let Some(mirrors) = mirrors {
            hasher.update(b"mirrors");
            hasher.update(mirrors);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The digest, to be kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for ModuleKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}
