//! A catalog in a folder of its own, for one test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use warecat::catalog::check::{CheckOptions, CheckReport};
use warecat::catalog::{Addition, ApplyOptions, Catalog};

pub(crate) const TAR: &str = "tar:4z9DCTxoKkStqXQRwtf9nimpfQQ36dbndDsAPCQgECfbXt3edanUrsVKCjE9TkX2v9";
pub(crate) const GIT: &str = "git:5a4fff4d948cd12a5cf5f637ad2c561815a77d8e";

pub(crate) struct TestCatalog {
    dir: tempfile::TempDir,
}

impl TestCatalog {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("catalog.toml"), "").unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn open(&self) -> Catalog {
        Catalog::open(self.path()).unwrap()
    }

    /// Adds an item, `module:release:item`.
    pub(crate) fn item(self, reference: &str, ware: &str) -> Self {
        let addition = addition(reference, ware);
        self.open().apply(ApplyOptions::default(), |catalog| catalog.plan_add(&addition)).unwrap();
        self
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.file(path).parent().unwrap()).unwrap();
        std::fs::write(self.file(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.file(path)).unwrap()
    }

    pub(crate) fn check(&self) -> CheckReport {
        self.open().check(CheckOptions::default(), &|| {})
    }

    /// The codes and paths of all findings.
    pub(crate) fn findings(&self) -> Vec<(String, String)> {
        let found = self.check().findings;
        found.into_iter().map(|finding| (finding.code.to_string(), finding.path)).collect()
    }

    /// Every document, by path.
    pub(crate) fn documents(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        gather(self.path(), self.path(), &mut found);
        found
    }
}

pub(crate) fn addition(reference: &str, ware: &str) -> Addition {
    Addition {
        reference: reference.parse().unwrap(),
        ware: ware.parse().unwrap(),
        mirrors: Vec::new(),
        facts: Vec::new(),
        force: false,
    }
}

fn gather(root: &Path, dir: &Path, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let inner = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if inner.starts_with('.') || inner == "catalog.toml" {
            continue;
        }
        if path.is_dir() {
            gather(root, &path, found);
        } else {
            found.insert(inner, std::fs::read_to_string(&path).unwrap());
        }
    }
}
