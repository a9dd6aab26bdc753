//! The small cache of our own, copied, changed and read.

use std::path::{Path, PathBuf};

use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::import::openpgp::open;
use warecat::import::spack::buildcache::{Clients, GatherError, Keyring, Reading, Request, gather};
use warecat::mirror::oci::{Credential, Registry, RegistryHost, RegistryOptions};
use warecat::mirror::{Cache, FetchOptions, Hosts};
use warecat::model::{Digest, ReleaseProposal};

/// The packages of the cache: the part of their file names that says which it is.
pub(super) const HELLO: &str = "hello-tool-git.main_3.0-e6mmpdih7ic4bmws7624dte6bvkyrdz4";
pub(super) const GREET: &str = "libgreet-1.2-57uttf54cijisxuyyg7t43ioj6zmgupn";
pub(super) const HELLO_HASH: &str = "e6mmpdih7ic4bmws7624dte6bvkyrdz4";
pub(super) const GREET_HASH: &str = "57uttf54cijisxuyyg7t43ioj6zmgupn";
/// The certificate that the cache is signed with.
pub(super) const BUILDER: &str = "D9989C84DE4564C443ADD561F9632B33785A1FB0";

const STEM: &str = "build_cache/linux-exampleos1-x86_64_v3-gcc-13.3.0-";

pub(super) fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/spack/buildcache").join(path)
}

pub(super) fn keyring(path: &str) -> Keyring {
    Keyring::parse(path, &std::fs::read(own(path)).unwrap()).unwrap()
}

/// A copy of the cache, to be changed.
pub(super) struct Copy {
    dir: tempfile::TempDir,
}

impl Copy {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(&own("signed"), dir.path());
        Self { dir }
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn place(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    /// The file of a spec.
    pub(super) fn spec(&self, package: &str) -> PathBuf {
        self.path().join(format!("{STEM}{package}.spec.json.sig"))
    }

    pub(super) fn tarball(&self, package: &str) -> PathBuf {
        let folder = package.rsplit_once('-').unwrap().0;
        let stem = STEM.strip_prefix("build_cache/").unwrap();
        self.path().join(format!("build_cache/linux-exampleos1-x86_64_v3/gcc-13.3.0/{folder}/{stem}{package}.spack"))
    }

    /// A spec's JSON, without its signature.
    pub(super) fn json(&self, package: &str) -> String {
        open(&std::fs::read(self.spec(package)).unwrap(), None).unwrap().text
    }

    /// Puts a spec without a signature in the place of the signed one.
    pub(super) fn put_unsigned(&self, package: &str, json: &str) {
        std::fs::remove_file(self.spec(package)).unwrap();
        std::fs::write(self.spec(package).with_extension(""), json).unwrap();
    }

    /// Changes the index, and its checksum with it.
    pub(super) fn change_index(&self, change: impl Fn(String) -> String) {
        let index = self.path().join("build_cache/index.json");
        let text = change(std::fs::read_to_string(&index).unwrap());
        std::fs::write(index.with_extension("json.hash"), Digest::of(text.as_bytes()).hex()).unwrap();
        std::fs::write(index, text).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// How a cache is read; the defaults are those of the command line.
pub(super) struct Read<'a> {
    pub(super) reading: Reading,
    pub(super) keyring: Option<&'a Keyring>,
    pub(super) names_folder: bool,
    pub(super) cache: Option<&'a Path>,
    pub(super) offline: bool,
}

impl Default for Read<'_> {
    fn default() -> Self {
        Self { reading: Reading::Both, keyring: None, names_folder: true, cache: None, offline: false }
    }
}

impl Read<'_> {
    pub(super) fn of(reading: Reading) -> Self {
        Self { reading, ..Self::default() }
    }

    pub(super) fn try_import(&self, place: &str) -> Result<Import, GatherError> {
        self.import_with(place, RegistryOptions::default(), |_| None).map(|(import, _)| import)
    }

    pub(super) fn import(&self, place: &str) -> Import {
        self.try_import(place).unwrap()
    }

    /// Imports, and says how many requests the registry was sent.
    pub(super) fn import_with(
        &self,
        place: &str,
        mut options: RegistryOptions,
        credentials: impl Fn(&RegistryHost) -> Option<Credential> + Send + Sync + 'static,
    ) -> Result<(Import, warecat::mirror::oci::Traffic), GatherError> {
        let open = || self.cache.map(|dir| Cache::open(dir).unwrap());
        options.http.allow_private = Hosts::named(["127.0.0.1"]);
        options.http.tries = 1;
        options.offline = self.offline;
        let registry = Registry::new(options, credentials, open());
        let mut fetch = FetchOptions { offline: self.offline, ..FetchOptions::default() };
        fetch.http.allow_private = Hosts::named(["127.0.0.1"]);
        let cache = open();
        let clients = Clients { fetch: &fetch, cache: cache.as_ref(), registry: &registry };
        let request = Request {
            place: &place.parse().unwrap(),
            reading: self.reading,
            keyring: self.keyring,
            names_folder: self.names_folder,
            jobs: 4,
        };
        let inventory = gather(&request, &clients, &|| {})?;
        Ok((inventory.finish(&"bc.example.org".parse().unwrap(), &KnownNames::new()), registry.traffic()))
    }
}

/// The release of a spec.
pub(super) fn release<'a>(import: &'a Import, hash: &str) -> &'a ReleaseProposal {
    let releases = import.modules.iter().flat_map(|module| &module.releases);
    releases.into_iter().find(|release| release.name.as_str().ends_with(hash)).unwrap()
}

/// The labels of a release's items.
pub(super) fn items(import: &Import, hash: &str) -> Vec<String> {
    release(import, hash).items.keys().map(ToString::to_string).collect()
}

/// All mirrors.
pub(super) fn mirrors(import: &Import) -> Vec<String> {
    let all = import.modules.iter().flat_map(|module| &module.mirrors).flat_map(|(_, mirrors)| mirrors);
    all.map(ToString::to_string).collect()
}

/// The diagnostics, as `code file path: message`.
pub(super) fn told(import: &Import) -> Vec<String> {
    import.diagnostics.iter().map(|d| format!("{} {} {}: {}", d.code, d.file, d.path, d.message)).collect()
}

/// The one diagnostic that there is.
pub(super) fn only(import: &Import) -> String {
    let told = told(import);
    assert_eq!(told.len(), 1, "{told:#?}");
    told.into_iter().next().unwrap()
}
