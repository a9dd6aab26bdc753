//! Changing a catalog: as Warpforge does, and as it should have.

use serde::Deserialize;
use warecat::catalog::{ApplyOptions, Catalog, CatalogError, Edit, Query};
use warecat::model::codec::decode;
use warecat::model::{ModuleName, PlotCapsule};

use crate::shared;
use crate::support::{GIT, TAR, TestCatalog, addition};

#[derive(Deserialize)]
struct Operations {
    operations: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    steps: Vec<Operation>,
    files: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Operation {
    op: String,
    args: Vec<String>,
    #[serde(default)]
    force: bool,
    result: String,
}

fn plan(catalog: &Catalog, step: &Operation) -> Result<Edit, CatalogError> {
    let args = &step.args;
    match step.op.as_str() {
        "additem" => {
            catalog.plan_add(&warecat::catalog::Addition { force: step.force, ..addition(&args[0], &args[1]) })
        }
        "byware" => {
            let module: ModuleName = args[0].split(':').next().unwrap().parse().unwrap();
            catalog.plan_mirror(&module, &args[1].parse().unwrap(), args[2].parse().unwrap())
        }
        "bymodule" => {
            catalog.plan_module_mirror(&args[0].parse().unwrap(), &args[1].parse().unwrap(), args[2].parse().unwrap())
        }
        "addreplay" => {
            let path = format!("warpforge/warpsys-catalog/warpsys.org/vim/_replays/{}", args[1]);
            let text = std::fs::read(shared::data(&path).unwrap()).unwrap();
            let plot = decode::<PlotCapsule>(&text).unwrap().into_inner();
            catalog.plan_replay(&args[0].parse()?, plot, step.force)
        }
        _ => Ok(Edit::default()),
    }
}

#[test]
fn warpforges_operations_give_its_trees() {
    let Some(path) = shared::data("warpforge/operations.json") else { return };
    let operations: Operations = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(operations.operations.len() >= 8);
    for scenario in operations.operations {
        let test = TestCatalog::new();
        for step in &scenario.steps {
            let is_ok = step.result == "ok";
            // Warpforge refuses to hold both kinds of mirrors and reports the same item
            // twice; neither is wrong here, and the tree is the one without the step.
            if !is_ok && (step.op.starts_with("by") || step.op == "additem") {
                continue;
            }
            let answer = test.open().apply(ApplyOptions::default(), |catalog| plan(catalog, step));
            if ["additem", "byware", "bymodule", "addreplay"].contains(&step.op.as_str()) {
                assert_eq!(answer.is_ok(), is_ok, "{}: {} {:?}: {answer:?}", scenario.name, step.op, step.args);
            }
        }
        assert_eq!(test.documents(), scenario.files, "{}", scenario.name);
    }
}

#[test]
fn a_catalog_that_warpforge_wrote_opens_and_one_change_touches_one_module() {
    let Some(source) = shared::data("warpforge/warpsys-catalog") else { return };
    let test = TestCatalog::new();
    std::fs::remove_file(test.file("catalog.toml")).unwrap();
    copy(&source, test.path());
    let before = test.documents();
    let catalog = test.open();
    assert_eq!(catalog.module_names().unwrap().len(), 43);
    let report = test.check();
    assert_eq!(report.totals().0, 0, "{:?}", report.findings);
    let texts = report.findings.iter().filter(|finding| finding.code.as_str() == "text-not-canonical").count();
    assert_eq!(texts, 17);
    let edit = addition("warpsys.org/bash:v5.1.16:extra", TAR);
    let committed = catalog.apply(ApplyOptions::default(), |catalog| catalog.plan_add(&edit)).unwrap();
    assert_eq!(committed.written, ["warpsys.org/bash/_module.json", "warpsys.org/bash/_releases/v5.1.16.json"]);
    let changed: Vec<_> = test.documents().into_iter().filter(|(path, text)| before.get(path) != Some(text)).collect();
    assert_eq!(changed.len(), 2);
    assert_eq!(test.check().totals().0, 0);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            // Not `fs::copy`, which keeps the data's read-only mode.
            std::fs::write(target, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

#[test]
fn an_item_never_changes_its_ware_without_force() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR);
    let catalog = test.open();
    let other = addition("a.org/b:v1:x", GIT);
    let error = catalog.plan_add(&other).unwrap_err();
    assert_eq!(error.code().as_str(), "already-exists");
    assert!(error.to_string().contains(TAR), "{error}");
    assert!(catalog.plan_add(&addition("a.org/b:v1:x", TAR)).unwrap().is_empty(), "the same again is no change");
    let forced = warecat::catalog::Addition { force: true, ..other };
    assert!(!catalog.plan_add(&forced).unwrap().is_empty());
}

#[test]
fn both_kinds_of_mirrors_stand_together_and_the_wares_own_come_first() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR);
    let module: ModuleName = "a.org/b".parse().unwrap();
    let catalog = test.open();
    let apply = |edit: &dyn Fn(&Catalog) -> Result<Edit, CatalogError>| {
        catalog.apply(ApplyOptions::default(), edit).unwrap();
    };
    apply(&|c| c.plan_module_mirror(&module, &"tar".parse()?, "ca+https://w.example".parse()?));
    apply(&|c| c.plan_mirror(&module, &TAR.parse()?, "https://one.example/x".parse()?));
    apply(&|c| c.plan_mirror(&module, &TAR.parse()?, "https://two.example/x".parse()?));
    let found = catalog.resolve(&Query::parse("a.org/b:v1:x").unwrap()).unwrap();
    let mirrors: Vec<_> = found.mirrors.iter().map(|mirror| mirror.as_str()).collect();
    assert_eq!(mirrors, ["https://one.example/x", "https://two.example/x", "ca+https://w.example"]);
    assert_eq!(test.check().totals(), (0, 0));
}

#[test]
fn what_is_not_there_is_told_with_what_is_near() {
    let test = TestCatalog::new().item("a.org/gromacs:2024.4:x86", TAR).item("a.org/gcc:13:src", GIT);
    let catalog = test.open();
    let near = |text: &str| match catalog.resolve(&Query::parse(text).unwrap()).unwrap_err() {
        CatalogError::NotFound { what, near, .. } => (what, near),
        other => panic!("{other}"),
    };
    assert_eq!(near("a.org/gromax:2024.4:x86"), ("module", vec!["a.org/gromacs".to_owned()]));
    assert_eq!(near("gromacs:2024.4:x86"), ("module", vec!["a.org/gromacs".to_owned()]));
    assert_eq!(near("a.org/gromacs:2024.5:x86"), ("release", vec!["2024.4".to_owned()]));
    assert_eq!(near("a.org/gromacs:2024.4:x87"), ("item", vec!["x86".to_owned()]));
    assert_eq!(near("a.org/gromacs:2024.4"), ("item", vec!["x86".to_owned()]));
}

#[test]
fn modules_neither_nest_nor_collide() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR).item("a.org/c/d:v1:x", TAR);
    let code = |reference: &str| test.open().plan_add(&addition(reference, TAR)).unwrap_err().code().to_string();
    assert_eq!(code("a.org/b/c:v1:x"), "module-nested");
    assert_eq!(code("a.org/c:v1:x"), "module-nested");
    assert_eq!(code("a.org/B:v1:x"), "name-collision");
    assert_eq!(code("A.org/e:v1:x"), "name-collision");
}

#[test]
fn t31_two_writers_lose_nothing() {
    let test = TestCatalog::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = test.path();
            scope.spawn(move || {
                for n in 0..10 {
                    let edit = addition(&format!("a.org/b:v{writer}.{n}:x"), TAR);
                    let catalog = Catalog::open(path).unwrap();
                    catalog.apply(ApplyOptions::default(), |catalog| catalog.plan_add(&edit)).unwrap();
                }
            });
        }
    });
    let module = test.open().module(&"a.org/b".parse().unwrap()).unwrap().unwrap();
    assert_eq!(module.releases.len(), 40);
    assert_eq!(test.check().totals(), (0, 0));
}

#[test]
fn a_fact_of_a_module_changes_and_nothing_else_does() {
    let test = TestCatalog::new().item("a.org/b:v1:x", TAR);
    let module: ModuleName = "a.org/b".parse().unwrap();
    let before = test.documents();
    let catalog = test.open();
    let edit = |catalog: &Catalog| catalog.plan_fact(&module, "license", "MIT");
    let committed = catalog.apply(ApplyOptions::default(), edit).unwrap();
    assert_eq!(committed.written, ["a.org/b/_module.json"]);
    assert_eq!(catalog.module(&module).unwrap().unwrap().metadata["license"], "MIT");
    assert_eq!(test.documents().get("a.org/b/_releases/v1.json"), before.get("a.org/b/_releases/v1.json"));
    let missing = catalog.plan_fact(&"a.org/none".parse().unwrap(), "license", "MIT").unwrap_err();
    assert_eq!(missing.code().as_str(), "not-found");
}
