//! Reading a real registry, Debian's `docker-registry`, with real build caches in it.

use warecat::mirror::Cache;
use warecat::mirror::oci::Registry;
use warecat::model::Digest;

use crate::support_registry::{RealRegistry, options};

/// The digest of what a manifest names as its configuration.
fn config(registry: &Registry, manifest: &warecat::mirror::oci::Manifest) -> Digest {
    let _ = registry;
    let value: serde_json::Value = serde_json::from_slice(&manifest.bytes).unwrap();
    value["config"]["digest"].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_build_caches_tags_manifests_and_configs_are_read() {
    let Some(server) = RealRegistry::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::new(options(), |_| None, Some(Cache::open(dir.path()).unwrap()));
    let repository = server.repository("lab/plain");
    let list = registry.tags(&repository).unwrap();
    assert_eq!((list.tags.len(), list.odd.len()), (24, 0), "{list:?}");
    for tag in &list.tags {
        let digest = registry.resolve(&repository, tag).unwrap().unwrap();
        let manifest = registry.manifest(&repository, &digest).unwrap();
        let config = config(&registry, &manifest);
        let bytes = registry.blob(&repository, &config, 1 << 20).unwrap();
        assert_eq!(Digest::of(&bytes), config);
    }
}
