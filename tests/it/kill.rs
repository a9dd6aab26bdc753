//! A process that is killed at each step of a write, with a reader beside it
//! (`threats.md` T-31).
//!
//! The test runs itself again as the process to be killed: `WARECAT_TEST_KILL` holds the
//! catalog's folder and the number of the step at which the process aborts.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use warecat::catalog::{Addition, ApplyOptions, Catalog, CatalogError};
use warecat::store::Step;

use crate::support::{GIT, TAR, TestCatalog, addition};

const VARIABLE: &str = "WARECAT_TEST_KILL";

/// Changes several documents of several modules in one transaction.
fn change(catalog: &Catalog, observer: &(dyn Fn(Step) + Sync)) -> Result<(), CatalogError> {
    let options = ApplyOptions { observer, ..ApplyOptions::default() };
    let proposals = warecat::catalog::Proposals {
        modules: ["a.org/b", "a.org/new", "c.org/d"].iter().map(|name| proposal(name)).collect(),
        prefix: &"a.org".parse()?,
        source: None,
        covers: &|_| false,
    };
    let policy = warecat::catalog::ImportPolicy { update_existing: true, prune: false };
    catalog.import(proposals, policy, options)?;
    Ok(())
}

fn proposal(name: &str) -> warecat::model::ModuleProposal {
    let release = |release: &str, ware: &str| warecat::model::ReleaseProposal {
        name: release.parse().unwrap(),
        items: [("x".parse().unwrap(), ware.parse().unwrap()), ("y".parse().unwrap(), TAR.parse().unwrap())]
            .into_iter()
            .collect(),
        metadata: [("version".to_owned(), release.to_owned())].into_iter().collect(),
        replay: None,
        record: None,
        builds: Vec::new(),
        stand_in: None,
    };
    warecat::model::ModuleProposal {
        name: name.parse().unwrap(),
        kind: "test",
        metadata: [("description".to_owned(), "changed".to_owned())].into_iter().collect(),
        record: None,
        releases: vec![release("v1", TAR), release("v2", GIT)],
        mirrors: vec![(TAR.parse().unwrap(), vec!["https://a.example/x".parse().unwrap()])],
        warehouses: Vec::new(),
    }
}

fn fixture() -> TestCatalog {
    TestCatalog::new().item("a.org/b:v1:x", TAR).item("c.org/d:v1:x", TAR).item("c.org/d:v0:x", GIT)
}

/// The process that is killed; does nothing in an ordinary run of the tests.
#[test]
fn child() {
    let Ok(order) = std::env::var(VARIABLE) else { return };
    let (step, folder) = order.split_once(' ').unwrap();
    let (step, seen): (usize, _) = (step.parse().unwrap(), AtomicUsize::new(0));
    let observer = |_: Step| {
        if seen.fetch_add(1, Ordering::SeqCst) == step {
            std::process::abort();
        }
    };
    change(&Catalog::open(std::path::Path::new(folder)).unwrap(), &observer).unwrap();
}

fn run_child(test: &TestCatalog, step: usize) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--quiet"])
        .env(VARIABLE, format!("{step} {}", test.path().display()))
        .output()
        .unwrap();
    status.status.success()
}

/// Reads every module again and again until told to stop; panics at the first mismatch.
fn read_all_the_while(test: &TestCatalog, stop: &AtomicBool) -> usize {
    let mut reads = 0;
    while !stop.load(Ordering::SeqCst) {
        let catalog = test.open();
        for name in catalog.module_names().unwrap() {
            catalog.load_module(&name).unwrap();
            reads += 1;
        }
        assert_eq!(test.check().totals().0, 0);
    }
    reads
}

#[test]
fn t31_killed_at_any_step_the_catalog_checks_and_the_change_can_be_made_again() {
    let finished = fixture();
    change(&finished.open(), &|_| {}).unwrap();
    let expected = finished.documents();
    for step in 0.. {
        let test = fixture();
        let before = test.documents();
        let stop = AtomicBool::new(false);
        let survived = std::thread::scope(|scope| {
            let reader = scope.spawn(|| read_all_the_while(&test, &stop));
            let survived = run_child(&test, step);
            stop.store(true, Ordering::SeqCst);
            reader.join().expect("the reader saw no mismatch");
            survived
        });
        assert_eq!(test.check().totals().0, 0, "killed at step {step}");
        let whole = test.open().module(&"a.org/new".parse().unwrap()).unwrap().is_some();
        let other = test.open().module(&"c.org/d".parse().unwrap()).unwrap().unwrap().releases.len() == 3;
        assert_eq!(whole, other, "half of the change is seen at step {step}");
        if !whole {
            assert_eq!(test.documents(), before, "killed at step {step}, before the change was made");
        }
        change(&test.open(), &|_| {}).unwrap();
        assert_eq!(test.documents(), expected, "made again after step {step}");
        assert!(!test.file(".warecat/journal").exists());
        if survived {
            assert!(step > 15, "only {step} steps were seen");
            return;
        }
    }
}

/// A file system of 64 kB, which only the system's administrator can mount.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(dir.path()).output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn t31_a_full_disk_changes_nothing() {
    let Some(disk) = SmallDisk::mount() else { return eprintln!("skipped: a small disk cannot be mounted here") };
    std::fs::write(disk.0.path().join("catalog.toml"), "").unwrap();
    let catalog = Catalog::open(disk.0.path()).unwrap();
    let add = |addition: &Addition| catalog.apply(ApplyOptions::default(), |catalog| catalog.plan_add(addition));
    add(&addition("a.org/b:v1:x", TAR)).unwrap();
    let big = Addition { facts: vec![("k".into(), "x".repeat(80_000))], ..addition("a.org/b:v1:y", TAR) };
    assert_eq!(add(&big).unwrap_err().code().as_str(), "io");
    let release = catalog.release(&"a.org/b".parse().unwrap(), &"v1".parse().unwrap()).unwrap().unwrap();
    assert_eq!(release.release.items.len(), 1);
    add(&addition("a.org/b:v1:z", TAR)).unwrap();
}

/// The process that is killed while it prunes; does nothing in an ordinary run.
#[test]
fn pruning_child() {
    let Ok(order) = std::env::var("WARECAT_TEST_KILL_PRUNE") else { return };
    let (step, folder) = order.split_once(' ').unwrap();
    let (step, seen): (usize, _) = (step.parse().unwrap(), AtomicUsize::new(0));
    let observer = |_: Step| {
        if seen.fetch_add(1, Ordering::SeqCst) == step {
            std::process::abort();
        }
    };
    prune(&Catalog::open(std::path::Path::new(folder)).unwrap(), &observer).unwrap();
}

/// Takes every imported module below `a.org` away.
fn prune(catalog: &Catalog, observer: &(dyn Fn(Step) + Sync)) -> Result<(), CatalogError> {
    let options = ApplyOptions { observer, ..ApplyOptions::default() };
    let proposals =
        warecat::catalog::Proposals { modules: Vec::new(), prefix: &"a.org".parse()?, source: None, covers: &|_| true };
    let policy = warecat::catalog::ImportPolicy { update_existing: true, prune: true };
    catalog.import(proposals, policy, options)?;
    Ok(())
}

#[test]
fn t31_a_module_that_is_taken_away_is_gone_whole_at_any_step() {
    for step in 0.. {
        let test = fixture();
        let record =
            warecat::model::RecordCapsule::V1(warecat::model::Record { kind: "test".into(), data: "x".into() });
        let mut imported = proposal("a.org/gone");
        for release in &mut imported.releases {
            release.record = Some(record.clone());
        }
        let proposals = warecat::catalog::Proposals {
            modules: vec![imported],
            prefix: &"a.org".parse().unwrap(),
            source: None,
            covers: &|_| false,
        };
        test.open().import(proposals, Default::default(), ApplyOptions::default()).unwrap();
        // An orphan, as Warpforge leaves them, goes with its module.
        let orphan = "zM5K3U7fXkrFHgJiECj7xDwsqnfQsGNAwmJhouy9GTniFnMepuC6v2TrNy9nk6aCyEGEp5M";
        test.write(&format!("a.org/gone/_replays/{orphan}.json"), "{}");
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::pruning_child", "--quiet"])
            .env("WARECAT_TEST_KILL_PRUNE", format!("{step} {}", test.path().display()))
            .output()
            .unwrap();
        let found = test.findings();
        assert!(
            found.iter().all(|(code, _)| code.contains("orphan") || code.contains("unreadable")),
            "{step}: {found:?}"
        );
        prune(&test.open(), &|_| {}).unwrap();
        assert!(!test.file("a.org/gone").exists(), "step {step}");
        // What was made by hand has no record and stays.
        assert!(test.file("a.org/b/_module.json").exists());
        assert_eq!(test.check().totals(), (0, 0));
        if output.status.success() {
            return assert!(step > 5, "only {step} steps were seen");
        }
    }
}
