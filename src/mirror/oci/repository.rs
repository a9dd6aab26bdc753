//! A registry's host, and a repository of it.
//!
//! Invariants: a host is in lower case and has no user part; a name is one of the
//! distribution specification, so that it is a plain path. Neither can hold a secret.

use std::fmt;
use std::str::FromStr;

use crate::code::Code;
use crate::model::Digest;
use crate::text::shown;

/// The longest host and name together, in bytes; what Docker takes.
const MAX_LEN: usize = 255;

/// Why a text is not a repository or a registry's host; always code `address-invalid`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not {wanted}: {rule}", shown(.text))]
pub struct RepositoryError {
    /// The text, shortened, without what stands before an `@`.
    pub text: String,
    /// What it should be.
    pub wanted: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
}

impl RepositoryError {
    fn new(text: &str, wanted: &'static str, rule: &'static str) -> Self {
        // A password may stand before the `@`.
        let text = text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, after)| format!("***@{after}"));
        Self { text: text.chars().take(200).collect(), wanted, rule }
    }

    /// The error's code, always [`Code::AddressInvalid`].
    #[must_use]
    pub fn code(&self) -> Code {
        Code::AddressInvalid
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "write `oci://HOST/NAME` or `oci://HOST:PORT/NAME`, the name in lower case and without a tag"
    }
}

/// The host of a registry, with its port where it has one: what credentials are for.
///
/// Compared by its text: `a.org` and `a.org:443` are not the same.
///
/// ```
/// use warecat::mirror::oci::RegistryHost;
/// let host: RegistryHost = "GHCR.io:5000".parse().unwrap();
/// assert_eq!((host.to_string().as_str(), host.name()), ("ghcr.io:5000", "ghcr.io"));
/// assert!("user@ghcr.io".parse::<RegistryHost>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryHost(String);

impl RegistryHost {
    /// The whole, `host` or `host:port`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without its port, as [`crate::mirror::Hosts`] takes it.
    #[must_use]
    pub fn name(&self) -> &str {
        split_port(&self.0).0
    }

    /// The host that is really asked: Docker Hub's API has another than its images.
    pub(super) fn of_api(&self) -> &str {
        if self.0 == "docker.io" { "registry-1.docker.io" } else { &self.0 }
    }
}

impl FromStr for RegistryHost {
    type Err = RepositoryError;

    fn from_str(text: &str) -> Result<Self, RepositoryError> {
        match check_host(text) {
            Ok(()) => Ok(Self(text.to_ascii_lowercase())),
            Err(rule) => Err(RepositoryError::new(text, "a registry's host", rule)),
        }
    }
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host and the port, which has no digits where there is none.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn check_host(text: &str) -> Result<(), &'static str> {
    let (host, port) = split_port(text);
    if port.is_some_and(|port| port.bytes().any(|b| !b.is_ascii_digit()) || !matches!(port.parse(), Ok(1..=u16::MAX))) {
        return Err("its port is not a number from 1 to 65535");
    }
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let is_address = inner.parse::<std::net::Ipv6Addr>().is_ok();
        return if is_address { Ok(()) } else { Err("it has no IPv6 address in its brackets") };
    }
    let is_label = |label: &str| {
        let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        !label.is_empty() && label.len() <= 63 && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    if host.split('.').all(is_label) { Ok(()) } else { Err("its host is not a name of letters, digits, `-` and `.`") }
}

/// A repository of a registry: `oci://HOST[:PORT]/NAME`.
///
/// `oci+http://…`, as Spack writes it, says that the host is asked without encryption.
///
/// ```
/// use warecat::{mirror::oci::Repository, model::Digest};
/// let repository: Repository = "oci://ghcr.io/spack/mirror".parse().unwrap();
/// assert_eq!((repository.host().as_str(), repository.name()), ("ghcr.io", "spack/mirror"));
/// assert!(repository.address(&Digest::of(b"")).starts_with("oci://ghcr.io/spack/mirror@sha256:e3b0"));
/// assert!("oci://ghcr.io/../x".parse::<Repository>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    host: RegistryHost,
    name: String,
    insecure: bool,
}

impl Repository {
    /// The repository of this name at a host; nothing if that is no name of one.
    pub(super) fn new(host: RegistryHost, name: &str, insecure: bool) -> Option<Self> {
        let is_name = host.as_str().len() + name.len() < MAX_LEN && name.split('/').all(is_component);
        is_name.then(|| Self { host, name: name.to_owned(), insecure })
    }

    /// The registry's host.
    #[must_use]
    pub fn host(&self) -> &RegistryHost {
        &self.host
    }

    /// The repository's name within the registry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was written with `oci+http`.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// The address of the manifest or blob with this digest: `oci://HOST/NAME@sha256:…`.
    #[must_use]
    pub fn address(&self, digest: &Digest) -> String {
        format!("oci://{}/{}@{digest}", self.host, self.name)
    }
}

impl FromStr for Repository {
    type Err = RepositoryError;

    fn from_str(text: &str) -> Result<Self, RepositoryError> {
        let refused = |rule| RepositoryError::new(text, "a repository", rule);
        let (insecure, rest) = match (text.strip_prefix("oci://"), text.strip_prefix("oci+http://")) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return Err(refused("it does not begin with `oci://` or `oci+http://`")),
        };
        if rest.len() > MAX_LEN {
            return Err(refused("it has more than 255 characters"));
        }
        if rest.contains('@') {
            return Err(refused("it has a user part or a digest"));
        }
        let (host, name) = rest.split_once('/').ok_or_else(|| refused("it has no name after the host"))?;
        let host = host.parse().map_err(|error: RepositoryError| refused(error.rule))?;
        // As people write it; the name itself never ends so.
        let name = name.strip_suffix('/').unwrap_or(name);
        Self::new(host, name, insecure)
            .ok_or_else(|| refused("its name is not of lower-case letters and digits, with single separators between"))
    }
}

/// Whether this is a component of a repository's name: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
/// (OCI distribution specification 1.1, "Pulling manifests").
fn is_component(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = text.split(is_word).filter(|separator| !separator.is_empty());
    text.starts_with(is_word)
        && text.ends_with(is_word)
        && separators.all(|separator| matches!(separator, "." | "_" | "__") || separator.bytes().all(|b| b == b'-'))
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.insecure { "oci+http" } else { "oci" };
        write!(f, "{scheme}://{}/{}", self.host, self.name)
    }
}
