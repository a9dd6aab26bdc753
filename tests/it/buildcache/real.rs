//! Caches that Spack made: unpacked from the real data, and in a real registry.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use warecat::import::Import;
use warecat::import::spack::buildcache::{Keyring, Reading};
use warecat::mirror::oci::RegistryOptions;
use warecat::model::metadata;

use super::server::Server;
use super::support::{Read, mirrors, told};
use crate::shared;
use crate::support::TestCatalog;
use crate::support_registry::{PASSWORD, RealRegistry, USER};

fn unpacked(name: &str) -> Option<tempfile::TempDir> {
    let packed = std::fs::File::open(shared::data(&format!("spack/file-buildcache/{name}.tar.zst"))?).unwrap();
    let dir = tempfile::tempdir().unwrap();
    tar::Archive::new(zstd::Decoder::new(packed).unwrap()).unpack(dir.path()).unwrap();
    Some(dir)
}

fn root(dir: &tempfile::TempDir) -> std::path::PathBuf {
    std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path()
}

fn count(import: &Import, what: &str) -> u64 {
    import.source.counts[what]
}

/// What a release is, whatever cache it lies in.
fn essence(import: &Import) -> BTreeMap<String, (BTreeSet<String>, Option<String>)> {
    let releases = import.modules.iter().flat_map(|module| &module.releases);
    let of = |release: &warecat::model::ReleaseProposal| {
        let items = release.items.iter().map(|(label, ware)| format!("{label} {ware}")).collect();
        (release.name.to_string(), (items, release.metadata.get(metadata::TOOLCHAIN).cloned()))
    };
    releases.map(of).collect()
}

#[test]
fn a_folder_and_a_server_give_the_same_from_index_and_specs() {
    let Some(dir) = unpacked("filebc") else { return };
    let (root, server) = (root(&dir), Server::of_folder(root(&dir)));
    let place = root.to_str().unwrap();
    let [index, specs, both] = [Reading::Index, Reading::Specs, Reading::Both].map(|by| Read::of(by).import(place));
    assert_eq!((told(&both), count(&both, "releases"), count(&both, "tarballs")), (Vec::new(), 26, 23));
    assert_eq!((&index, &specs), (&both, &both));
    let web = Read::default().import(&server.url());
    assert_eq!((essence(&web), told(&web)), (essence(&both), Vec::new()));
    assert_eq!(mirrors(&web).len(), 23);
}

#[test]
fn the_signed_cache_is_verified_with_its_key() {
    let Some(dir) = unpacked("signedbc") else { return };
    let root = root(&dir);
    let file = root.join("build_cache/_pgp/1457CE67E183F9FADED07995E3629DCFF5912F67.pub");
    let keys = Keyring::parse("key", &std::fs::read(file).unwrap()).unwrap();
    let place = root.to_str().unwrap();
    let import = Read::default().import(place);
    assert_eq!((count(&import, "signed"), count(&import, "verified")), (10, 0));
    let import = Read { keyring: Some(&keys), ..Read::default() }.import(place);
    assert_eq!((count(&import, "signed"), count(&import, "verified"), told(&import).len()), (10, 10, 0));
}

#[test]
fn specs_without_tarballs_are_imported_and_each_tarball_is_missed() {
    let Some(dir) = unpacked("realbc-specs-only") else { return };
    let import = Read::default().import(root(&dir).to_str().unwrap());
    assert_eq!((count(&import, "releases"), count(&import, "specs"), count(&import, "tarballs")), (231, 230, 0));
    let told = told(&import);
    assert!(told.len() == 230 && told.iter().all(|line| line.ends_with("is not there")), "{}", told[0]);
}

/// What `tags-summary.json` says: for each repository, tag to digest.
fn summary() -> Option<BTreeMap<String, BTreeMap<String, String>>> {
    let text = std::fs::read(shared::data("spack/oci-buildcache/tags-summary.json")?).unwrap();
    let value: BTreeMap<String, BTreeMap<String, serde_json::Value>> = serde_json::from_slice(&text).unwrap();
    let digest = |fact: serde_json::Value| fact["digest"].as_str().unwrap().to_owned();
    Some(
        value.into_iter().map(|(name, tags)| (name, tags.into_iter().map(|(t, f)| (t, digest(f))).collect())).collect(),
    )
}

/// The tags and digests that the records name.
fn images(import: &Import) -> BTreeMap<String, String> {
    let records =
        import.modules.iter().flat_map(|module| &module.releases).filter_map(|release| release.record.clone());
    let text = |record: &warecat::model::Record, key: &str| record.data.get(key)?.as_text().map(str::to_owned);
    records.map(|record| record.into_inner()).filter_map(|r| Some((text(&r, "tag")?, text(&r, "manifest")?))).collect()
}

#[test]
fn every_tag_of_a_real_registry_is_imported_identically_from_index_and_tags() {
    let (Some(registry), Some(summary)) = (RealRegistry::start(), summary()) else { return };
    for (name, tags) in &summary {
        let place = format!("oci://{}/{name}", registry.host());
        let import = Read::default().import(&place);
        let is_spec = |tag: &str| tag.ends_with(".spack") && tag != "index.spack" && tag != "notspack.spack";
        let expected: BTreeMap<_, _> =
            tags.iter().filter(|(tag, _)| is_spec(tag)).map(|(t, d)| (t.clone(), d.clone())).collect();
        assert_eq!(images(&import), expected, "{name}");
        assert!(told(&import).iter().all(|line| line.starts_with("entry-odd")), "{name}: {:#?}", told(&import));
    }
    for (name, specs) in [("plain", 23), ("withdocker", 10), ("real", 230)] {
        let place = format!("oci://{}/lab/{name}", registry.host());
        let [index, tags, both] = [Reading::Index, Reading::Specs, Reading::Both].map(|by| Read::of(by).import(&place));
        assert_eq!((told(&both), count(&both, "tarballs")), (Vec::new(), specs), "{name}");
        assert_eq!((&index, &tags), (&both, &both), "{name}");
    }
}

#[test]
fn what_is_no_spec_and_what_the_index_lacks_is_told() {
    let Some(registry) = RealRegistry::start() else { return };
    let import = |name: &str| told(&Read::default().import(&format!("oci://{}/lab/{name}", registry.host())));
    let withbase = import("withbase");
    assert_eq!(
        withbase.iter().filter(|line| line.contains("the index is older than the cache")).count(),
        2,
        "{withbase:#?}"
    );
    assert!(
        withbase.iter().any(|line| line.starts_with("entry-odd my-env-1 : its image holds no spec")),
        "{withbase:#?}"
    );
    assert!(import("rogue").iter().any(|line| line.starts_with("entry-odd notspack.spack : its image holds no spec")));
    assert_eq!(import("base").iter().filter(|line| line.contains("its image holds no spec")).count(), 2);
}

#[test]
fn a_folder_and_a_registry_have_the_same_tarballs() {
    let (Some(registry), Some(dir)) = (RealRegistry::start(), unpacked("filebc")) else { return };
    let folder = Read::default().import(root(&dir).to_str().unwrap());
    let oci = Read::default().import(&format!("oci://{}/lab/plain", registry.host()));
    assert_eq!(essence(&oci), essence(&folder));
}

#[test]
fn nothing_is_fetched_twice_of_230_images() {
    let (Some(registry), dir) = (RealRegistry::start(), tempfile::tempdir().unwrap()) else { return };
    let place = format!("oci://{}/lab/real", registry.host());
    let read = Read { cache: Some(dir.path()), ..Read::default() };
    let options = RegistryOptions::default;
    let (first, cold) = read.import_with(&place, options(), |_| None).unwrap();
    assert_eq!((cold.manifests, cold.blobs), (231, 231));
    let (again, warm) = read.import_with(&place, options(), |_| None).unwrap();
    // The list, each tag, and once whether a registry of this machine speaks TLS.
    assert!(warm.requests <= 233, "{warm:?}");
    assert_eq!((warm.manifests, warm.blobs), (0, 0));
    assert_eq!(first, again);
}

fn warecat(test: &TestCatalog, home: &Path, args: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warecat"));
    command.arg("-C").arg(test.path()).args(args).env("HOME", home);
    command.output().unwrap()
}

#[test]
fn the_whole_cache_is_imported_checked_and_imported_again_over_tls_with_a_password() {
    let Some(registry) = RealRegistry::start_closed() else { return };
    let (test, home) = (TestCatalog::new(), tempfile::tempdir().unwrap());
    let place = format!("oci://{}/lab/plain", registry.host());
    let import = |with_password: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warecat"));
        command.arg("-C").arg(test.path()).args(["import", "spack-buildcache", "--prefix", "bc.example.org", "--from"]);
        command.arg(&place).env("HOME", home.path()).env("SSL_CERT_FILE", registry.authority());
        if with_password {
            command.env("WARECAT_REGISTRY_HOST", registry.host());
            command.env("WARECAT_REGISTRY_USERNAME", USER).env("WARECAT_REGISTRY_PASSWORD", PASSWORD);
        }
        command.output().unwrap()
    };
    let refused = import(false);
    assert_eq!(refused.status.code(), Some(6), "{}", String::from_utf8_lossy(&refused.stderr));
    assert!(test.documents().is_empty());
    let done = import(true);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(test.check().totals(), (0, 0), "{:?}", test.check().findings.first());
    assert_eq!(test.check().counts.releases, 26);
    assert!(!test.documents().values().any(|text| text.contains(PASSWORD)));
    let before = test.documents();
    assert_eq!(import(true).status.code(), Some(0));
    assert_eq!(test.documents(), before);
    let offline = warecat(
        &test,
        home.path(),
        &["import", "spack-buildcache", "--offline", "--prefix", "x.org", "--from", &place],
    );
    assert_eq!(offline.status.code(), Some(6));
}
