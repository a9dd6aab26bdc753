//! `catalog.toml`: what a catalog is, its sources, its site. Data only, without commands
//! or secrets; `docs/catalog-toml.md` documents each key.

use serde::{Deserialize, Serialize};

use super::error::CatalogError;
use crate::model::{ModuleName, WarehouseAddr};

/// The configuration of a catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the catalog is.
    pub catalog: About,
    /// How its site looks.
    pub site: Site,
    /// Where its content comes from; `[[source]]` in the file.
    #[serde(rename = "source", skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceConfig>,
}

/// What a catalog is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct About {
    /// Its name, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it holds, in a sentence or two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How a catalog's site looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Site {
    /// The title; the catalog's name where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The URL, or path on its host, at which the site is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// How many of the last commits it tells of; 20 where there is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<usize>,
}

/// A source that `sync` imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SourceConfig {
    /// Its name, by which `sync NAME` chooses it.
    pub name: String,
    /// Which importer reads it.
    pub kind: SourceKind,
    /// The name below which its modules lie.
    pub prefix: ModuleName,
    /// Files, folders or URLs; a relative path is relative to the catalog.
    pub location: Vec<String>,
    /// Whether `sync` without names runs it.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The SPDX expression under which the source publishes its facts, for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Options of its importer.
    #[serde(default)]
    pub options: SourceOptions,
}

/// The importers that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// EESSI's API files.
    Eessi,
    /// Spack's recipes: `repology.json`, and the files of packages.
    Spack,
    /// Concrete specs of Spack: spec JSON, lock files, install folders.
    SpackSpec,
    /// What `spack install --monitor-save-local` leaves.
    SpackMonitor,
    /// A build cache of Spack.
    SpackBuildcache,
    /// A folder of Apptainer images.
    Apptainer,
    /// Repositories of an OCI registry, or all of them.
    Oci,
}

/// Options of importers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SourceOptions {
    /// Only this EESSI version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eessi_version: Option<String>,
    /// Whether extensions become modules of their own.
    pub extensions: bool,
    /// Whether what upstream dropped is removed.
    pub prune: bool,
    /// A file of OpenPGP certificates that signatures are verified with, relative to the
    /// catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyring: Option<String>,
    /// Only these partitions of a folder of images; all when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<String>,
    /// The URL of a folder of images, for mirrors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror_root: Option<WarehouseAddr>,
}

impl Default for SourceOptions {
    fn default() -> Self {
        let (eessi_version, keyring, partitions, mirror_root) = Default::default();
        Self { eessi_version, extensions: true, prune: false, keyring, partitions, mirror_root }
    }
}

fn yes() -> bool {
    true
}

impl Config {
    /// Reads the text of `catalog.toml`.
    ///
    /// # Errors
    /// `config-invalid`: not TOML, an unknown key (with the nearest known one), a
    /// malformed name, two sources of one name or with overlapping prefixes.
    pub fn parse(text: &[u8]) -> Result<Self, CatalogError> {
        let text = std::str::from_utf8(text).map_err(|error| refused(error, None))?;
        let config: Self = toml::from_str(text).map_err(|error| {
            let hint = suggestion(error.message());
            refused(error.to_string().trim_end(), hint)
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), CatalogError> {
        for (at, source) in self.sources.iter().enumerate() {
            if source.location.is_empty() {
                let message = format!("the source `{}` has no location", source.name);
                return Err(refused(message, Some("name a file, a folder or a URL".into())));
            }
            if source.name.is_empty() || source.name.starts_with('-') || source.name.chars().any(crate::text::is_hidden)
            {
                return Err(refused("a source has no usable name", None));
            }
            for other in &self.sources[..at] {
                if source.name == other.name {
                    return Err(refused(format!("two sources are called `{}`", source.name), None));
                }
                if source.prefix.is_within(&other.prefix) || other.prefix.is_within(&source.prefix) {
                    let message = format!(
                        "the prefixes of the sources `{}` and `{}` overlap: `{}` and `{}`",
                        other.name, source.name, other.prefix, source.prefix
                    );
                    return Err(refused(message, Some("give each source a prefix of its own".into())));
                }
            }
        }
        Ok(())
    }

    /// The text of `catalog.toml` for this configuration.
    #[must_use]
    pub fn to_text(&self) -> String {
        toml::to_string_pretty(self).expect("texts, lists and tables can be written as TOML")
    }
}

fn refused(message: impl ToString, hint: Option<String>) -> CatalogError {
    CatalogError::Config { message: message.to_string(), hint }
}

/// The known key that is nearest to an unknown one, from serde's message.
fn suggestion(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("unknown variant `"))?;
    let (unknown, known) = rest.split_once('`')?;
    let known = known.split('`').skip(1).step_by(2);
    let nearest = known.max_by(|a, b| strsim::jaro_winkler(a, unknown).total_cmp(&strsim::jaro_winkler(b, unknown)))?;
    Some(format!("did you mean `{nearest}`?"))
}

#[cfg(test)]
mod tests {
    use super::Config;

    const SOURCE: &str = "[[source]]\nname = \"a\"\nkind = \"eessi\"\nprefix = \"eessi.io\"\nlocation = [\"x\"]\n";

    #[test]
    fn an_empty_file_is_a_configuration_and_texts_round_trip() {
        assert_eq!(Config::parse(b"").unwrap(), Config::default());
        let config = Config::parse(SOURCE.as_bytes()).unwrap();
        assert_eq!(Config::parse(config.to_text().as_bytes()).unwrap(), config);
        assert!(config.sources[0].enabled && config.sources[0].options.extensions);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_a_suggestion() {
        let error = Config::parse(b"[catalog]\nnmae = \"x\"\n").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert_eq!(error.hint().unwrap(), "did you mean `name`?");
        let error = Config::parse(SOURCE.replace("eessi\"\np", "easi\"\np").as_bytes()).unwrap_err();
        assert_eq!(error.hint().unwrap(), "did you mean `eessi`?");
    }

    #[test]
    fn overlapping_prefixes_are_refused() {
        let other = SOURCE.replace("\"a\"", "\"b\"").replace("eessi.io", "eessi.io/x");
        let error = Config::parse(format!("{SOURCE}{other}").as_bytes()).unwrap_err();
        assert!(error.to_string().contains("overlap"), "{error}");
        let error = Config::parse(format!("{SOURCE}{SOURCE}").as_bytes()).unwrap_err();
        assert!(error.to_string().contains("two sources"), "{error}");
    }

    #[test]
    fn a_prefix_that_leaves_the_catalog_is_refused() {
        assert!(Config::parse(SOURCE.replace("eessi.io", "../x").as_bytes()).is_err());
    }
}
