//! What to type to have Spack install a release.
//!
//! A line is made from words that were each checked: names, versions and hashes against
//! Spack's own characters, addresses against those that no shell reads anything into
//! (`threats.md` T-25). Where a word does not pass, there is no line.

use super::{Recipe, Spec};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::metadata;
use crate::site::safe::is_shell_word;

/// What an address of a tarball has after that of its build cache: layout 2, layout 3.
const BELOW_A_CACHE: &[&str] = &["/build_cache/", "/blobs/sha256/"];
/// What metadata `source` says of a recipe's releases.
const FROM_RECIPES: &str = "spack";
/// The packtype of a tarball in a build cache.
const TARBALL: &str = "spack";

/// One way to install a release.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Way {
    /// What the lines do.
    pub label: &'static str,
    /// The lines, in the order in which they are typed.
    pub lines: Vec<String>,
}

/// The ways to install a release, the best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Install {
    /// The ways.
    pub ways: Vec<Way>,
    /// Whether there would be one, had not some word more in it than a word.
    pub withheld: bool,
}

impl Install {
    fn add(&mut self, label: &'static str, lines: Option<Vec<String>>) {
        match lines {
            Some(lines) => self.ways.push(Way { label, lines }),
            None => self.withheld = true,
        }
    }

    /// The lines of the best way; none when there is none.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        self.ways.first().map(|way| way.lines.as_slice()).unwrap_or_default()
    }
}

/// How Spack installs a release: by exact version for a recipe's, by hash for a concrete
/// spec's, from its build cache where one is known. None for any other release, nor for
/// an external, which Spack does not install.
#[must_use]
pub fn install(entry: &ModuleEntry, release: &ReleaseEntry) -> Install {
    let mut found = Install::default();
    if let Some(spec) = entry.record_of(release).and_then(|(_, record)| Spec::of(record)) {
        if spec.external().is_none() {
            of_spec(&mut found, entry, release, &spec);
        }
    } else if release.fact(metadata::SOURCE) == Some(FROM_RECIPES) && Recipe::of(entry).is_some() {
        let version = release.fact(metadata::VERSION).unwrap_or(release.name().as_str());
        found.add("Install it with Spack", by_version(entry.title(), version).map(|line| vec![line]));
    }
    found
}

fn of_spec(found: &mut Install, entry: &ModuleEntry, release: &ReleaseEntry, spec: &Spec) {
    let hash = spec.hash().filter(|hash| is_hash(hash) && release.name().as_str().ends_with(hash));
    if let Some(url) = cache(entry, release) {
        let lines = hash.and_then(|hash| from_cache(entry, &url, hash, release.fact(metadata::SIGNED_BY).is_some()));
        found.add("Install it from the build cache", lines);
    }
    let line = hash.map(|hash| vec![format!("spack install /{hash}")]);
    found.add("Install it where Spack knows this spec already", line);
}

fn by_version(name: &str, version: &str) -> Option<String> {
    (is_name(name) && is_version(version)).then(|| format!("spack install {name}@={version}"))
}

fn from_cache(entry: &ModuleEntry, url: &str, hash: &str, is_signed: bool) -> Option<Vec<String>> {
    let (prefix, _) = entry.name.as_str().rsplit_once('/')?;
    let name = prefix.rsplit('/').next().unwrap_or(prefix);
    let unsigned = if is_signed { "" } else { "--unsigned " };
    (is_shell_word(name) && is_shell_word(url)).then(|| {
        vec![format!("spack mirror add {unsigned}{name} {url}"), format!("spack install --cache-only /{hash}")]
    })
}

/// The address of the build cache that a release's tarball lies in.
fn cache(entry: &ModuleEntry, release: &ReleaseEntry) -> Option<String> {
    let tarballs = release.release.items.values().filter(|ware| ware.packtype() == TARBALL);
    let addresses: Vec<_> = tarballs.flat_map(|ware| entry.mirrors.addresses(&entry.name, ware)).collect();
    addresses.iter().find_map(|address| cache_of(address.as_str()))
}

/// The address of the build cache that an address of a tarball begins with.
fn cache_of(address: &str) -> Option<String> {
    if let Some(image) = address.strip_prefix("oci://") {
        let (registry, name) = image.split_once('/')?;
        let name = name.split('@').next()?;
        let tag = name.rfind(':').unwrap_or(name.len());
        return Some(format!("oci://{registry}/{}", &name[..tag]));
    }
    let at = BELOW_A_CACHE.iter().filter_map(|below| address.rfind(below)).max()?;
    Some(address[..at].to_owned())
}

/// A package's name: Spack's characters for one, none of which a shell reads.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A version: a word in which Spack reads no range, list or variant either.
fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A whole hash: 160 bits in lower-case base 32.
fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
}

#[cfg(test)]
mod tests {
    use super::{by_version, cache_of, is_hash};

    #[test]
    fn t25_only_spack_s_own_characters_make_a_line() {
        assert_eq!(by_version("py-numpy", "1.26.4").as_deref(), Some("spack install py-numpy@=1.26.4"));
        for (name, version) in [
            ("x;rm -rf ~", "1"),
            ("x", "1;rm"),
            ("-x", "1"),
            ("x", "-1"),
            ("x", "1:2"),
            ("x", "1,2"),
            ("x", "1+y"),
            ("", "1"),
            ("x", ""),
        ] {
            assert_eq!(by_version(name, version), None, "{name} {version}");
        }
        assert!(is_hash("e2d3q5kw4tcrrzabatj3jvi7ige42hbp") && !is_hash("e2d3q5kw4tcrrzabatj3jvi7ige42hb;"));
    }

    #[test]
    fn a_cache_is_what_its_tarballs_lie_below() {
        let check = |address, cache: Option<&str>| assert_eq!(cache_of(address).as_deref(), cache, "{address}");
        check("https://a.org/c/build_cache/linux/gcc/zlib/x.spack", Some("https://a.org/c"));
        check("https://a.org/c/blobs/sha256/ab/abcd", Some("https://a.org/c"));
        check("oci://a.org:5000/b/c@sha256:00", Some("oci://a.org:5000/b/c"));
        check("oci://a.org/b:zlib-1.3.spack", Some("oci://a.org/b"));
        check("https://a.org/x.spack", None);
    }
}
