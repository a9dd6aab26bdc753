//! What a second import does to releases that are there: builds are only ever added, an
//! item that stands in for content never takes its place, and what was made by hand stays.

use warecat::catalog::{ApplyOptions, ImportPolicy, ImportReport, Proposals};
use warecat::model::{
    Metadata, ModuleProposal, Plot, PlotInput, PlotInputSimple, Record, RecordCapsule, ReleaseProposal, Value,
};

use crate::support::{GIT, TAR, TestCatalog};

const KEEP: ImportPolicy = ImportPolicy { update_existing: false, prune: false };
const PRUNE: ImportPolicy = ImportPolicy { update_existing: true, prune: true };

fn build(id: &str) -> RecordCapsule {
    RecordCapsule::V1(Record { kind: "test.build".into(), data: Value::from(id) })
}

fn release(name: &str, items: &[(&str, &str)]) -> ReleaseProposal {
    ReleaseProposal {
        name: name.parse().unwrap(),
        items: items.iter().map(|(label, ware)| (label.parse().unwrap(), ware.parse().unwrap())).collect(),
        metadata: Metadata::from_iter([("source".to_owned(), "test".to_owned())]),
        replay: None,
        record: None,
        builds: Vec::new(),
        stand_in: Some("upstream".parse().unwrap()),
    }
}

fn import(test: &TestCatalog, releases: Vec<ReleaseProposal>, policy: ImportPolicy) -> ImportReport {
    let module = ModuleProposal {
        name: "a.io/b".parse().unwrap(),
        kind: "test",
        metadata: Metadata::new(),
        record: None,
        releases,
        mirrors: Vec::new(),
        warehouses: Vec::new(),
    };
    let prefix = "a.io".parse().unwrap();
    let proposals = Proposals { modules: vec![module], prefix: &prefix, source: None, covers: &|_| true };
    let (report, _) = test.open().import(proposals, policy, ApplyOptions::default()).unwrap();
    assert_eq!(test.findings(), []);
    report
}

fn items(test: &TestCatalog) -> Vec<String> {
    let entry = test.open().load_module(&"a.io/b".parse().unwrap()).unwrap().unwrap();
    entry.releases[0].release.items.keys().map(ToString::to_string).collect()
}

fn builds(test: &TestCatalog) -> Vec<String> {
    let entry = test.open().load_module(&"a.io/b".parse().unwrap()).unwrap().unwrap();
    entry.builds_of(&entry.releases[0]).map(|(_, record)| record.data.as_text().unwrap().to_owned()).collect()
}

fn with_builds(ids: &[&str]) -> ReleaseProposal {
    ReleaseProposal { builds: ids.iter().map(|id| build(id)).collect(), ..release("1", &[("upstream", TAR)]) }
}

#[test]
fn builds_are_added_by_any_import_and_never_taken_away() {
    let test = TestCatalog::new();
    import(&test, vec![with_builds(&["one"])], KEEP);
    let report = import(&test, vec![with_builds(&["two", "one"])], KEEP);
    assert_eq!((report.releases["test"].updated, report.held_back.len()), (1, 0));
    assert_eq!(builds(&test), ["one", "two"]);
    for (again, policy) in [(&["two"][..], KEEP), (&[], KEEP), (&[], PRUNE), (&["one", "two"], PRUNE)] {
        let before = test.documents();
        let report = import(&test, vec![with_builds(again)], policy);
        assert_eq!((report.files, test.documents()), (0, before), "{again:?}");
    }
}

#[test]
fn a_build_does_not_carry_another_change_past_the_policy() {
    let test = TestCatalog::new();
    import(&test, vec![with_builds(&["one"])], KEEP);
    let mut changed = with_builds(&["two"]);
    changed.metadata.insert("version".into(), "one".into());
    assert_eq!(import(&test, vec![changed.clone()], KEEP).held_back.len(), 1);
    assert_eq!((builds(&test), fact(&test, "version")), (vec!["one".to_owned(), "two".to_owned()], None));
    let before = test.documents();
    import(&test, vec![changed.clone()], KEEP);
    assert_eq!(test.documents(), before);
    import(&test, vec![changed], PRUNE);
    assert_eq!((builds(&test).len(), fact(&test, "version").as_deref()), (2, Some("one")));
}

fn fact(test: &TestCatalog, key: &str) -> Option<String> {
    let entry = test.open().load_module(&"a.io/b".parse().unwrap()).unwrap().unwrap();
    entry.releases[0].fact(key).map(str::to_owned)
}

fn signed(items: &[(&str, &str)], by: Option<&str>, verified: Option<&str>) -> ReleaseProposal {
    let mut release = release("1", items);
    for (key, value) in [("signed-by", by), ("verified-by", verified)] {
        release.metadata.extend(value.map(|value| (key.to_owned(), value.to_owned())));
    }
    release
}

#[test]
fn a_verification_is_of_what_was_there_when_it_was_made() {
    let verified = signed(&[("x", GIT)], Some("A"), Some("A"));
    let now = |other: ReleaseProposal| {
        let test = TestCatalog::new();
        import(&test, vec![verified.clone()], KEEP);
        import(&test, vec![other], PRUNE);
        (fact(&test, "signed-by"), fact(&test, "verified-by"))
    };
    let said = |by: Option<&str>, verified: Option<&str>| (by.map(str::to_owned), verified.map(str::to_owned));
    assert_eq!(now(signed(&[("x", GIT)], Some("A"), None)), said(Some("A"), Some("A")), "no keyring this time");
    assert_eq!(now(signed(&[("x", GIT)], Some("B"), None)), said(Some("B"), None), "signed anew");
    assert_eq!(now(signed(&[("x", TAR)], None, None)), said(None, None), "another ware");
    assert_eq!(now(signed(&[("x", GIT), ("y", TAR)], None, None)), said(None, None), "one more item");
    let mut other = signed(&[("x", GIT)], None, None);
    other.record = Some(build("something else"));
    assert_eq!(now(other), said(None, None), "another record");
}

#[test]
fn a_name_that_differs_in_case_only_costs_itself_and_is_free_once_pruned() {
    let test = TestCatalog::new();
    import(&test, vec![release("V1", &[("src", GIT)])], KEEP);
    let both = || vec![release("v1", &[("src", GIT)]), release("v2", &[("src", GIT)])];
    let report = import(&test, both(), KEEP);
    assert_eq!(report.colliding.iter().collect::<Vec<_>>(), ["a.io/b:v1"]);
    assert_eq!(report.releases["test"].created, 1);
    let report = import(&test, both(), PRUNE);
    assert_eq!((report.colliding.len(), report.dropped.len(), report.releases["test"].created), (0, 1, 1));
}

#[test]
fn learning_the_content_adds_an_item_and_not_knowing_it_takes_none_away() {
    let test = TestCatalog::new();
    import(&test, vec![release("1", &[("upstream", TAR)])], KEEP);
    let report = import(&test, vec![release("1", &[("src", GIT)])], PRUNE);
    assert_eq!(items(&test), ["upstream", "src"]);
    assert!(report.broken_pins.is_empty() && report.items_not_upstream.is_empty());
    let report = import(&test, vec![release("1", &[("upstream", TAR)])], PRUNE);
    assert_eq!((report.files, items(&test).len()), (0, 2));
    assert_eq!(report.items_not_upstream.len(), 1, "`src` is not upstream any more");
}

#[test]
fn a_stand_in_is_not_added_where_the_content_is_known() {
    let test = TestCatalog::new();
    import(&test, vec![release("1", &[("src", GIT)])], KEEP);
    let report = import(&test, vec![release("1", &[("upstream", TAR)])], PRUNE);
    assert_eq!((report.files, items(&test)), (0, vec!["src".to_owned()]));
}

#[test]
fn a_release_that_says_its_source_is_pruned_and_one_made_by_hand_is_not() {
    let test = TestCatalog::new().item("a.io/b:byhand:x", TAR);
    import(&test, vec![release("1", &[("src", GIT)]), release("2", &[("src", GIT)])], KEEP);
    let report = import(&test, vec![release("1", &[("src", GIT)])], PRUNE);
    assert_eq!(report.dropped.iter().collect::<Vec<_>>(), ["a.io/b:2"]);
    let module = test.open().module(&"a.io/b".parse().unwrap()).unwrap().unwrap();
    let mut names: Vec<&str> = module.releases.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["1", "byhand"]);
}

#[test]
fn a_stand_in_that_a_replay_names_is_there_also_where_the_content_was_known() {
    let test = TestCatalog::new();
    import(&test, vec![release("1", &[("src", GIT)])], KEEP);
    let input = PlotInput::Simple(PlotInputSimple::Catalog("a.io/b:1:upstream".parse().unwrap()));
    let mut dependant = release("2", &[("src", GIT)]);
    dependant.replay = Some(Plot { inputs: [("one".to_owned(), input)].into_iter().collect(), ..Plot::default() });
    import(&test, vec![release("1", &[("upstream", TAR)]), dependant], PRUNE);
    assert_eq!(items(&test), ["src", "upstream"]);
}
