//! Images of a build cache in a registry: their tags, and which blobs they are made of.
//!
//! Spack pushes each spec as an image: the configuration has the spec beside what every
//! image's has, the last layer is the tarball, the layers before it are those of its
//! dependencies and of a base image. With a Docker base image, manifest and configuration
//! have Docker's media types, and nothing else differs.
//!
//! Invariants: a tag is made from a spec and never taken apart, since long ones are cut;
//! which spec an image is of, only its configuration says. Pure.

use oci_client::manifest::OciManifest;

use crate::mirror::oci::Manifest;
use crate::model::{Digest, DigestError};

/// The tag of a cache's index. Its one layer is the index itself, whatever media type it
/// is labelled with.
pub const INDEX_TAG: &str = "index.spack";

/// The longest tag (OCI distribution specification 1.1, "Pulling manifests").
const MAX_TAG: usize = 128;

/// The tag that Spack gives to a spec: what a tag may not hold becomes `_`, and of one
/// that is too long the middle is left out.
#[must_use]
pub fn tag(name: &str, version: &str, hash: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') { c } else { '_' };
    let tag: String = format!("{name}-{version}-{hash}.spack").chars().map(letter).collect();
    // Every character is ASCII now, so bytes can be counted.
    if tag.len() > MAX_TAG { format!("{}{}", &tag[..MAX_TAG / 2], &tag[tag.len() - MAX_TAG / 2..]) } else { tag }
}

/// The blobs of an image that a build cache cares for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The configuration.
    pub config: Digest,
    /// The last layer.
    pub last_layer: Digest,
}

impl Image {
    /// Reads an image's manifest; nothing for a list of images for several platforms.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn of(manifest: &Manifest) -> Result<Option<Self>, String> {
        let image = match manifest.parse().map_err(|error| error.to_string())? {
            OciManifest::Image(image) => image,
            OciManifest::ImageIndex(_) => return Ok(None),
        };
        let digest = |text: &str| text.parse().map_err(|error: DigestError| format!("its manifest: {error}"));
        let last = image.layers.last().ok_or("its manifest names no layer")?;
        Ok(Some(Self { config: digest(&image.config.digest)?, last_layer: digest(&last.digest)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Image, tag};
    use crate::mirror::oci::Manifest;
    use crate::model::Digest;

    const HASH: &str = "x5hva4r2tiyzv5q6a7fwijz7yj4yt2v6";
    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
    const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
    const LIST: &str = "application/vnd.oci.image.index.v1+json";

    fn image(media_type: &'static str, text: &str) -> Result<Option<Image>, String> {
        Image::of(&Manifest { digest: Digest::of(text.as_bytes()), media_type, bytes: text.as_bytes().to_vec() })
    }

    fn manifest(head: &str, layers: &str) -> String {
        let config = Digest::of(b"config");
        format!(r#"{{{head}"config":{{"mediaType":"x","digest":"{config}","size":2}},"layers":[{layers}]}}"#)
    }

    fn layer(name: &str) -> String {
        format!(r#"{{"mediaType":"x","digest":"{}","size":1}}"#, Digest::of(name.as_bytes()))
    }

    #[test]
    fn a_tag_has_only_what_tags_may_have_and_is_cut_in_the_middle() {
        assert_eq!(tag("zlib", "1.3.1", HASH), format!("zlib-1.3.1-{HASH}.spack"));
        assert_eq!(tag("a", "git.main=1.9+x", HASH), format!("a-git.main_1.9_x-{HASH}.spack"));
        let long = tag(&"n".repeat(100), "1.0", HASH);
        assert_eq!((long.len(), &long[..64]), (128, "n".repeat(64).as_str()));
        assert!(long.ends_with(&format!("1.0-{HASH}.spack")), "{long}");
        assert!(tag(&"é".repeat(300), "1", HASH).len() == 128);
    }

    #[test]
    fn the_tarball_is_the_last_layer_whatever_the_media_types_are() {
        let layers = format!("{},{}", layer("dependency"), layer("own"));
        let expected = Image { config: Digest::of(b"config"), last_layer: Digest::of(b"own") };
        for (media_type, head) in [
            (OCI, r#""schemaVersion":2,"#.to_owned()),
            (OCI, format!(r#""mediaType":"{OCI}","schemaVersion":2,"#)),
            (DOCKER, format!(r#""mediaType":"{DOCKER}","schemaVersion":2,"#)),
        ] {
            assert_eq!(image(media_type, &manifest(&head, &layers)), Ok(Some(expected.clone())), "{head}");
        }
    }

    #[test]
    fn lists_of_images_are_told_apart_and_what_has_no_layer_is_refused() {
        assert_eq!(image(LIST, r#"{"schemaVersion":2,"manifests":[]}"#), Ok(None));
        let head = r#""schemaVersion":2,"#;
        let bad = layer("x").replace("sha256:", "sha512:");
        for text in [manifest(head, ""), manifest(head, &bad), "{}".into(), "[]".into(), String::new()] {
            assert!(image(OCI, &text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text: String, name: String, layers: String) {
            let _ = image(OCI, &text);
            let _ = image(LIST, &text);
            let _ = image(OCI, &manifest(r#""schemaVersion":2,"#, &layers));
            let made = tag(&name, &text, HASH);
            proptest::prop_assert!(made.len() <= 128 && made.is_ascii());
        }
    }
}
