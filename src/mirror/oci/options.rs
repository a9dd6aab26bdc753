//! What a caller allows a registry's client to do.
//!
//! Every value is valid, so the fields are public.

use std::collections::BTreeSet;

use super::repository::RegistryHost;
use crate::mirror::{Hosts, HttpOptions};

/// One mebibyte, in bytes.
const MIB: u64 = 1 << 20;

/// How registries are asked.
#[derive(Debug, Clone, Default)]
pub struct RegistryOptions {
    /// Times, and hosts that may have private addresses.
    pub http: HttpOptions,
    /// Registries that are asked without encryption, besides the repositories that say so
    /// themselves and registries of this machine that speak no TLS.
    pub insecure: BTreeSet<RegistryHost>,
    /// Hosts of token services that any registry may name, besides its own domain's.
    pub auth_realms: Hosts,
    /// Whether nothing may be asked. What the cache has by its digest is still given.
    pub offline: bool,
    /// The most that is taken.
    pub limits: RegistryLimits,
}

/// The most that is taken of a registry.
#[derive(Debug, Clone)]
pub struct RegistryLimits {
    /// Bytes of a manifest; 4 MiB unless told, which is what registries take.
    pub max_manifest: u64,
    /// Bytes of a blob, whatever a caller allows; 1 GiB unless told.
    pub max_blob: u64,
    /// Bytes of a page of a listing; 32 MiB unless told.
    pub max_page: u64,
    /// Pages of a listing; 10 000 unless told.
    pub max_pages: usize,
    /// Tags of a repository; 1 000 000 unless told.
    pub max_tags: usize,
    /// Repositories of a registry, and manifests that refer to one; 100 000 unless told.
    pub max_listed: usize,
}

impl Default for RegistryLimits {
    fn default() -> Self {
        Self {
            max_manifest: 4 * MIB,
            max_blob: 1024 * MIB,
            max_page: 32 * MIB,
            max_pages: 10_000,
            max_tags: 1_000_000,
            max_listed: 100_000,
        }
    }
}
