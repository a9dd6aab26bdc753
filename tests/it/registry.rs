//! Reading a real registry, Debian's `docker-registry`, with real build caches in it.

use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use warecat::code::Code;
use warecat::mirror::Cache;
use warecat::mirror::oci::{Credential, Manifest, Registry, RegistryError, Repository, Secret, Tag};
use warecat::model::Digest;

use crate::support_registry::{PASSWORD, RealRegistry, USER, options};

/// A part of a manifest's descriptor of its configuration.
fn config(manifest: &Manifest) -> (Digest, u64) {
    let value: serde_json::Value = serde_json::from_slice(&manifest.bytes).unwrap();
    let config = &value["config"];
    (config["digest"].as_str().unwrap().parse().unwrap(), config["size"].as_u64().unwrap())
}

/// Reads every manifest and configuration of a repository with eight threads: how many,
/// their digests in order, and the time that it took.
fn read_all(registry: &Registry, repository: &Repository) -> (Vec<Digest>, Duration) {
    let start = Instant::now();
    let tags = Mutex::new(registry.tags(repository).unwrap().tags.into_iter());
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(tag) = { tags.lock().unwrap().next() } {
                    let manifest = registry.current(repository, &tag).unwrap().unwrap();
                    let (digest, size) = config(&manifest);
                    let config = registry.blob(repository, &digest, size).unwrap();
                    assert_eq!((Digest::of(&config), config.len() as u64), (digest, size));
                    found.lock().unwrap().push(digest);
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort();
    (found, start.elapsed())
}

#[test]
fn a_build_cache_is_read_once_and_then_only_asked_what_its_tags_are() {
    let Some(server) = RealRegistry::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let repository = server.repository("lab/real");
    let client = || Registry::new(options(), |_| None, Some(Cache::open(dir.path()).unwrap()));
    let registry = client();
    let (cold, took) = read_all(&registry, &repository);
    let first = registry.traffic();
    let mut distinct = cold.clone();
    distinct.dedup();
    assert_eq!((cold.len(), first.manifests, first.tokens), (231, 231, 0));
    assert!(first.blobs >= distinct.len() as u64);
    let registry = client();
    let (warm, took_warm) = read_all(&registry, &repository);
    let second = registry.traffic();
    assert_eq!(warm, cold);
    assert_eq!((second.manifests, second.blobs, second.requests), (0, 0, 1 + 1 + 231));
    eprintln!("lab/real: cold {took:?}, warm {took_warm:?}");
}

#[test]
fn docker_and_oci_manifests_are_told_apart() {
    let Some(server) = RealRegistry::start() else { return };
    let registry = Registry::new(options(), |_| None, None);
    for (name, kind) in [
        ("lab/plain", "application/vnd.oci.image.manifest.v1+json"),
        ("lab/withdocker", "application/vnd.docker.distribution.manifest.v2+json"),
    ] {
        let repository = server.repository(name);
        let tag = registry.tags(&repository).unwrap().tags.into_iter().find(|tag| tag.as_str() != "index.spack");
        let manifest = registry.manifest_by_tag(&repository, &tag.unwrap()).unwrap().unwrap();
        assert_eq!(manifest.media_type, kind);
        assert!(matches!(manifest.parse().unwrap(), oci_client::manifest::OciManifest::Image(_)));
    }
}

#[test]
fn what_is_not_there_is_told_in_the_registrys_words() {
    let Some(server) = RealRegistry::start() else { return };
    let registry = Registry::new(options(), |_| None, None);
    let error = registry.tags(&server.repository("lab/none")).unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert!(error.to_string().contains("does not exist; it says NAME_UNKNOWN: `repository name not known"), "{error}");
    let tag: Tag = "none".parse().unwrap();
    assert_eq!(registry.resolve(&server.repository("lab/plain"), &tag).unwrap(), None);
    assert_eq!(registry.manifest_by_tag(&server.repository("lab/plain"), &tag).unwrap(), None);
}

/// Runs an ignored test of this file in a process of its own, whose certificates are those
/// of `authority`: the environment of this process cannot be changed.
fn run_trusting(test: &str, server: &RealRegistry, authority: Option<&std::path::Path>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("registry::{test}"), "--ignored", "--nocapture"]);
    command.env("WARECAT_TEST_REGISTRY", server.host()).env_remove("SSL_CERT_DIR").env_remove("SSL_CERT_FILE");
    if let Some(authority) = authority {
        command.env("SSL_CERT_FILE", authority);
    }
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_closed_registry_with_an_authority_of_its_own_is_read() {
    let Some(server) = RealRegistry::start_closed() else { return };
    run_trusting("within_the_closed_registry", &server, Some(&server.authority()));
    run_trusting("without_the_authority", &server, None);
}

/// The repository of the process that [`run_trusting`] started; nothing in any other.
fn told_repository() -> Option<Repository> {
    let host = std::env::var("WARECAT_TEST_REGISTRY").ok()?;
    Some(format!("oci://{host}/lab/plain").parse().unwrap())
}

fn known(password: &'static str) -> Registry {
    let credential =
        Credential::Password { username: Secret::new(USER.into()), password: Secret::new(password.into()) };
    Registry::new(options(), move |_| Some(credential.clone()), None)
}

#[test]
#[ignore = "runs in a process that trusts the registry's authority"]
fn within_the_closed_registry() {
    let Some(repository) = told_repository() else { return };
    let registry = known(PASSWORD);
    let (found, _) = read_all(&registry, &repository);
    assert_eq!((found.len(), registry.traffic().tokens), (24, 0));
    let denied = |registry: &Registry| match registry.tags(&repository) {
        Err(RegistryError::Denied { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    let wrong = "s3cr3t-and-wrong";
    assert!(denied(&known(wrong)).starts_with("401 Unauthorized, though we said who asks; it says UNAUTHORIZED"));
    let nobody = Registry::new(options(), |_| None, None);
    assert!(denied(&nobody).starts_with("401 Unauthorized, and there are no credentials for it"));
}

#[test]
#[ignore = "runs in a process that does not trust the registry's authority"]
fn without_the_authority() {
    let Some(repository) = told_repository() else { return };
    // A registry of this machine that speaks TLS is not asked without it.
    let error = known(PASSWORD).tags(&repository).unwrap_err();
    assert_eq!(error.code(), Code::NetworkFailed);
    assert!(error.to_string().contains("certificate"), "{error}");
}
