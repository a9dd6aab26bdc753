//! Tags that name no release, but what speaks of a manifest.
//!
//! `sha256-<digits>` is the list of what refers to the manifest with that digest (OCI
//! distribution specification 1.1, "Referrers tag schema"); with `.sig`, `.att` or `.sbom`
//! behind it, it is a signature, attestations or a bill of materials by cosign.

use crate::mirror::oci::Tag;
use crate::model::Digest;

/// What such a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Satellite {
    /// A list of referrers.
    Referrers,
    /// Cosign's, by what it is.
    Cosign(&'static str),
}

/// What a tag speaks of and as what; nothing for a release's.
pub(super) fn of_tag(tag: &Tag) -> Option<(Digest, Satellite)> {
    let rest = tag.as_str().strip_prefix("sha256-")?;
    let (digits, kind) = match rest.split_once('.') {
        None => (rest, Satellite::Referrers),
        Some((digits, "sig")) => (digits, Satellite::Cosign("signature")),
        Some((digits, "att")) => (digits, Satellite::Cosign("attestations")),
        Some((digits, "sbom")) => (digits, Satellite::Cosign("bill of materials")),
        Some(_) => return None,
    };
    // `parse` reads `sha256:` as well, which no tag can have.
    Some((digits.parse().ok()?, kind))
}

#[cfg(test)]
mod tests {
    use super::{Satellite, of_tag};
    use crate::mirror::oci::Tag;
    use crate::model::Digest;

    #[test]
    fn satellites_are_told_from_releases() {
        let digest = Digest::of(b"x");
        let tag = |end: &str| -> Tag { format!("sha256-{}{end}", digest.hex()).parse().unwrap() };
        assert_eq!(of_tag(&tag("")), Some((digest, Satellite::Referrers)));
        assert_eq!(of_tag(&Tag::of_referrers(&digest)), of_tag(&tag("")));
        assert_eq!(of_tag(&tag(".sig")), Some((digest, Satellite::Cosign("signature"))));
        for release in ["1.0", "sha256-1", "sha256-", "latest.sig"] {
            assert_eq!(of_tag(&release.parse().unwrap()), None, "{release}");
        }
        assert_eq!(of_tag(&tag(".exe")), None);
    }
}
