//! What a stage of a definition is built from, where that lies in a registry.
//!
//! `Bootstrap: docker` and `oras` name an image as Docker does (`distribution/reference`,
//! `normalize.go`): the first part is a host when it has a `.` or a `:` or is `localhost`,
//! else the host is `docker.io`; a name of one part there is below `library`; without a tag
//! and a digest, the tag is `latest`. Of the agent `docker`, the headers `registry` and
//! `namespace` stand before the name (Apptainer's documentation, "Docker and OCI
//! containers"). A name with build arguments (`{{ … }}`) is none.

use std::collections::BTreeMap;

use super::definition::Stage;
use crate::mirror::oci::{RegistryHost, Repository, Tag};
use crate::model::{CatalogRef, Digest, ItemLabel};

const HUB: &str = "docker.io";
/// Other names of the same registry.
const HUB_ALIASES: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];

/// An image in a registry, as a definition or a label names it.
///
/// ```
/// use warecat::import::image::RegistryImage;
/// let image = RegistryImage::parse("alpine:3.22").unwrap();
/// assert_eq!(image.to_string(), "docker.io/library/alpine:3.22");
/// assert!(RegistryImage::parse("{{ base }}").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegistryImage {
    host: RegistryHost,
    name: String,
    /// The digest, where it is said: then the tag only helps to read it.
    digest: Option<Digest>,
    tag: Option<Tag>,
}

/// The items that are such images, by what names them; in order.
pub type KnownImages = BTreeMap<RegistryImage, Vec<CatalogRef>>;

impl RegistryImage {
    /// Reads a name as Docker does.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest.strip_prefix("sha256:")?.parse().ok()?)),
            None => (text, None),
        };
        let (named, tag) = match named.rsplit_once(':') {
            Some((before, tag)) if !tag.contains('/') => (before, Some(tag.parse().ok()?)),
            _ => (named, None),
        };
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (host, path) = match named.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path),
            _ => (HUB, named),
        };
        if path.is_empty() || path.ends_with('/') {
            return None;
        }
        let host = if HUB_ALIASES.contains(&host) { HUB } else { host };
        let path = if host == HUB && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
        let repository: Repository = format!("oci://{host}/{path}").parse().ok()?;
        let tag = tag.or_else(|| if digest.is_none() { "latest".parse().ok() } else { None });
        Some(Self { host: repository.host().clone(), name: repository.name().to_owned(), digest, tag })
    }

    /// The image that a stage is built from, if it is one of a registry.
    pub(in crate::import) fn of_stage(stage: &Stage) -> Option<Self> {
        let (agent, from) = stage.base();
        let (agent, from) = (agent?.to_ascii_lowercase(), from?);
        let from = from.strip_prefix(&format!("{agent}://")).unwrap_or(from).trim_start_matches('/');
        match agent.as_str() {
            "docker" => {
                let plain = |header: &str| {
                    let value = stage.header.get(header)?.trim_end_matches('/');
                    Some(value.rsplit_once("://").map_or(value, |(_, rest)| rest)).filter(|value| !value.is_empty())
                };
                let parts = [plain("registry"), plain("namespace"), Some(from)];
                Self::parse(&parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
            }
            "oras" => Self::parse(from),
            _ => None,
        }
    }

    /// The same with this digest in the place of another.
    #[must_use]
    pub(in crate::import) fn at(self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self }
    }

    /// The registry's host.
    #[must_use]
    pub fn host(&self) -> &RegistryHost {
        &self.host
    }

    /// The repository's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The digest of its manifest or index, where it is named by that.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The tag that it is named by.
    #[must_use]
    pub fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }
}

impl std::fmt::Display for RegistryImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.host, self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// Of several items, the one that an image of this label is built from: the same label, or
/// the same with a variant behind it; the first by name.
pub(in crate::import) fn fitting<'i>(
    items: impl IntoIterator<Item = &'i CatalogRef>,
    label: &ItemLabel,
) -> Option<&'i CatalogRef> {
    let rank = |item: &ItemLabel| match item.as_str().strip_prefix(label.as_str()) {
        Some("") => Some(0),
        Some(rest) if rest.starts_with('-') => Some(1),
        _ => None,
    };
    items.into_iter().filter_map(|item| Some((rank(&item.item)?, item))).min().map(|(_, item)| item)
}

#[cfg(test)]
mod tests {
    use super::RegistryImage;
    use crate::import::image::definition::Definition;

    fn of(definition: &str) -> Option<String> {
        Definition::parse(definition).stages.first().and_then(RegistryImage::of_stage).map(|image| image.to_string())
    }

    #[test]
    fn names_are_read_as_docker_reads_them() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (text, whole) in [
            ("ubuntu", "docker.io/library/ubuntu:latest"),
            ("ubuntu:22.04", "docker.io/library/ubuntu:22.04"),
            ("index.docker.io/nvidia/cuda:12", "docker.io/nvidia/cuda:12"),
            ("ghcr.io/a/b", "ghcr.io/a/b:latest"),
            ("localhost/b:1", "localhost/b:1"),
            ("host:5000/a/b:1", "host:5000/a/b:1"),
        ] {
            assert_eq!(RegistryImage::parse(text).unwrap().to_string(), whole);
        }
        let pinned = RegistryImage::parse(&format!("a.example/b:1@{digest}")).unwrap();
        assert_eq!(pinned.to_string(), format!("a.example/b:1@{digest}"));
        for none in ["", "a.example/", "a/../b", "Upper/Case", "a:b:c", "x@sha512:00", "{{ base }}", "a b", "x:"] {
            assert_eq!(RegistryImage::parse(none), None, "{none}");
        }
    }

    #[test]
    fn stages_name_images_of_registries() {
        for (definition, whole) in [
            ("Bootstrap: docker\nFrom: a.example/b:1\n", "a.example/b:1"),
            ("bootstrap: Docker\nfrom: docker://a.example/b:1\n", "a.example/b:1"),
            ("Bootstrap: oras\nFrom: //a.example/b:1\n", "a.example/b:1"),
            ("Bootstrap: docker\nFrom: docker:dind\n", "docker.io/library/docker:dind"),
            ("Bootstrap: docker\nRegistry: http://r.example:5000/\nNamespace: n\nFrom: b:1\n", "r.example:5000/n/b:1"),
            ("Bootstrap: docker\nNamespace: n\nFrom: b\n", "docker.io/n/b:latest"),
        ] {
            assert_eq!(of(definition).as_deref(), Some(whole), "{definition}");
        }
        for none in ["Bootstrap: library\nFrom: a/b:1\n", "Bootstrap: localimage\nFrom: a.sif\n", "Bootstrap: docker\n"]
        {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
