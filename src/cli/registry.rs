//! What commands that read registries have in common.

use std::path::PathBuf;

use warecat::mirror::oci::{Registry, RegistryHost, RegistryOptions, Repository};
use warecat::mirror::{Cache, Hosts};

use super::cache;
use super::credentials::credentials;
use super::failure::Failure;
use super::ui::Ui;

/// Options of commands that read registries, or files over the network.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct RegistryArgs {
    /// A registry that is asked without encryption; may be given several times.
    #[arg(long, value_name = "HOST[:PORT]")]
    insecure: Vec<RegistryHost>,
    /// A host that registries may send us to for a token, besides their own domain.
    #[arg(long, value_name = "HOST")]
    auth_realm: Vec<RegistryHost>,
    /// Keep what was downloaded in DIR.
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache_dir: Option<PathBuf>,
    /// Keep nothing of what is downloaded, and use nothing that was kept.
    #[arg(long)]
    no_cache: bool,
}

impl RegistryArgs {
    /// A client for these repositories, which a person named: their hosts may be private
    /// ones.
    pub(crate) fn registry(&self, repositories: &[Repository], offline: bool, ui: &Ui) -> Result<Registry, Failure> {
        self.registry_at(repositories.iter().map(Repository::host), offline, ui)
    }

    /// A client for these registries, which a person named.
    pub(crate) fn registry_at<'h>(
        &self,
        hosts: impl Iterator<Item = &'h RegistryHost>,
        offline: bool,
        ui: &Ui,
    ) -> Result<Registry, Failure> {
        let mut options = RegistryOptions {
            insecure: self.insecure.iter().cloned().collect(),
            auth_realms: Hosts::named(self.auth_realm.iter().map(RegistryHost::name)),
            offline,
            ..RegistryOptions::default()
        };
        options.http.allow_private = Hosts::named(hosts.map(RegistryHost::name));
        Ok(Registry::new(options, credentials(*ui)?, self.cache()?))
    }

    /// Whether a registry was named as one that may be asked without encryption.
    pub(crate) fn is_insecure(&self, host: &RegistryHost) -> bool {
        self.insecure.contains(host)
    }

    /// The download cache, unless it is not wanted or there is no place for one.
    pub(crate) fn cache(&self) -> Result<Option<Cache>, Failure> {
        if self.no_cache {
            return Ok(None);
        }
        let dir = self.cache_dir.clone().or_else(cache::folder);
        Ok(dir.map(|dir| Cache::open(&dir)).transpose()?)
    }
}
