//! The well-known metadata keys: one table, which `schema/metadata.md` repeats.
//!
//! Any key is allowed; these are what pages, look-ups and importers agree on. Lists are
//! joined with [`LIST_SEPARATOR`]; what is unknown is absent, never an empty text.

/// Joins the members of a list within one value.
pub const LIST_SEPARATOR: &str = ", ";

/// What a well-known key means.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value is.
    pub meaning: &'static str,
}

macro_rules! keys {
    ($(#[$doc:meta])* $table:ident: $( $name:ident = $key:literal, $meaning:literal; )+) => {
        $( #[doc = $meaning] pub const $name: &str = $key; )+
        $(#[$doc])*
        pub const $table: &[Key] = &[$(Key { name: $key, meaning: $meaning }),+];
    };
}

keys! {
    /// Keys of a module's metadata.
    MODULE_KEYS:
    DESCRIPTION = "description", "What the software is, as upstream describes it.";
    HOMEPAGE = "homepage", "The software's own site.";
    LICENSE = "license", "The licence, as an SPDX expression.";
    CATEGORIES = "categories", "Upstream's categories, a list.";
    MAINTAINERS = "maintainers", "Who looks after the package, a list.";
    NAME = "name", "Upstream's spelling of the name, where it differs from the module's.";
    MODULE_KIND = "kind", "What the module is, where it is no package: `virtual` for a name that packages provide.";
    PROVIDERS = "providers", "What provides a virtual package, each as upstream writes it, a list.";
}

keys! {
    /// Keys of a release's metadata.
    RELEASE_KEYS:
    VERSION = "version", "Upstream's version, where the release's name says more.";
    DATE = "date", "When upstream published it, `YYYY-MM-DD` or RFC 3339.";
    TOOLCHAIN = "toolchain", "What it was built with, `name/version`.";
    MODULE = "module", "The environment module to load.";
    REPLAY = "replay", "The CID of the plot that says how it was made.";
    REPLAY_ORIGIN = "replay-origin", "Who wrote the replay: `published` by upstream, or `derived` from what upstream says.";
    RECORD = "record", "The CID of the record that holds all that upstream says.";
    PARENT = "parent", "The release, `module:release`, whose wares hold this one.";
    KIND = "kind", "What kind of thing it is, such as `python` for a Python package.";
    SOURCE = "source", "Which source it came from.";
    YANKED = "yanked", "Why it should not be used any more.";
    BUILDS = "builds", "The CIDs of the records of its builds, a list; each is kept.";
    SIGNED_BY = "signed-by", "The key that its signature claims to be made with, a fingerprint; says nothing of the signature being good.";
    VERIFIED_BY = "verified-by", "The key of a given keyring with which its signature was verified at import, a fingerprint.";
}

/// The CIDs of records that metadata name, as texts: `record`, and each of `builds`.
pub fn records_named(facts: &super::Metadata) -> impl Iterator<Item = (&'static str, &str)> {
    let builds = facts.get(BUILDS).into_iter().flat_map(|list| list.split(LIST_SEPARATOR));
    let record = facts.get(RECORD).map(|cid| (RECORD, cid.as_str()));
    record.into_iter().chain(builds.map(|cid| (BUILDS, cid)))
}
