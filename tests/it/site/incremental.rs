//! A build that keeps what an earlier one left gives the bytes of one that keeps nothing.
//!
//! Random edits to a small catalog, to the settings and to the output folder, a build after
//! each; beside it a fresh one. This is what guards the design: whatever a page comes to
//! depend on, an edit here that it does not notice is a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError};
use warecat::catalog::ModuleEntry;
use warecat::code::Code;
use warecat::model::{ModuleName, Record, RecordCapsule, Value};
use warecat::site::{LoadError, Modules, Options, Progress, Report, Stage, build};

use super::fixture::{Draft, key, plot, serve, small};
use super::{at_commit, files, options};

/// Modules that edits make, change and drop: below each other, of one scope and of several,
/// and some whose upstream spelling is another module's name.
const NAMES: &[&str] = &["a.org/x", "a.org/x/y", "a.org/z", "s.io/one", "s.io/two", "s.io/py-three", "b.org/q"];
const RELEASES: &[&str] = &["1.0", "1.1", "2.0-foss-2023b", "v3"];
const SPELLINGS: &[&str] = &["one", "two", "py_three", "One", "blas"];
const TEXTS: &[&str] = &["first", "second", "<third>"];

/// A module before it is one.
#[derive(Debug, Clone, Default)]
struct Plan {
    facts: BTreeMap<&'static str, String>,
    needs: BTreeSet<&'static str>,
    releases: BTreeMap<&'static str, ReleasePlan>,
}

#[derive(Debug, Clone, Default)]
struct ReleasePlan {
    facts: BTreeMap<&'static str, String>,
    inputs: BTreeSet<String>,
    items: usize,
    mirror: Option<&'static str>,
    record: Option<&'static str>,
}

#[derive(Debug, Clone)]
enum Edit {
    /// A module comes or goes.
    Toggle(&'static str),
    /// A release comes or goes.
    Release(&'static str, &'static str),
    /// As many releases as fill two pages come, or go.
    Fact(&'static str, &'static str, &'static str),
    Need(&'static str, &'static str),
    ReleaseFact(&'static str, &'static str, &'static str, &'static str),
    /// A release lies in another one, or no more.
    Parent(&'static str, &'static str, &'static str, &'static str),
    /// The replay of a release takes another one, or no more.
    Input(&'static str, &'static str, &'static str, &'static str),
    Item(&'static str, &'static str),
    Mirror(&'static str, &'static str, &'static str),
    Record(&'static str, &'static str, &'static str),
    Title(&'static str),
    Commit(u8),
    Source(u8),
    Base(bool),
    /// A file of the site is removed, or changed to something of the same length or not.
    Tamper(Index, Damage),
    /// A build is stopped at some module.
    Stop(Index),
}

#[derive(Debug, Clone, Copy)]
enum Damage {
    Remove,
    Truncate,
    Flip,
    Link,
}

fn any_of(list: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(list)
}

fn edit() -> impl Strategy<Value = Edit> {
    let module = || any_of(NAMES);
    let release = || any_of(RELEASES);
    let damage = prop_oneof![Just(Damage::Remove), Just(Damage::Truncate), Just(Damage::Flip), Just(Damage::Link)];
    prop_oneof![
        1 => module().prop_map(Edit::Toggle),
        3 => (module(), release()).prop_map(|(m, r)| Edit::Release(m, r)),
        2 => (module(), any_of(&["name", "description", "kind", "homepage", "providers", "license"]), any_of(&["virtual", "one", "py_three", "Text\nof two lines"]))
            .prop_map(|(m, k, v)| Edit::Fact(m, k, v)),
        2 => (module(), any_of(SPELLINGS)).prop_map(|(m, s)| Edit::Need(m, s)),
        1 => (module(), release(), any_of(&["module", "version", "date", "toolchain", "kind", "yanked"]), any_of(TEXTS))
            .prop_map(|(m, r, k, v)| Edit::ReleaseFact(m, r, k, v)),
        2 => (module(), release(), module(), release()).prop_map(|(m, r, n, s)| Edit::Parent(m, r, n, s)),
        2 => (module(), release(), module(), release()).prop_map(|(m, r, n, s)| Edit::Input(m, r, n, s)),
        1 => (module(), release()).prop_map(|(m, r)| Edit::Item(m, r)),
        1 => (module(), release(), any_of(&["https://a.example/x", "cvmfs://software.eessi.io/versions/2023.06/x", "file:///x"]))
            .prop_map(|(m, r, a)| Edit::Mirror(m, r, a)),
        1 => (module(), release(), any_of(TEXTS)).prop_map(|(m, r, t)| Edit::Record(m, r, t)),
        1 => any_of(TEXTS).prop_map(Edit::Title),
        1 => any::<u8>().prop_map(Edit::Commit),
        1 => any::<u8>().prop_map(Edit::Source),
        1 => any::<bool>().prop_map(Edit::Base),
        2 => (any::<Index>(), damage).prop_map(|(file, damage)| Edit::Tamper(file, damage)),
        1 => any::<Index>().prop_map(Edit::Stop),
    ]
}

/// The catalog and the settings after some edits.
#[derive(Debug, Clone)]
struct World {
    modules: BTreeMap<&'static str, Plan>,
    title: &'static str,
    commit: u8,
    source: u8,
    base: bool,
}

impl World {
    fn new() -> Self {
        let modules = NAMES[..5].iter().map(|name| {
            let release = ReleasePlan { items: 2, ..ReleasePlan::default() };
            let releases = RELEASES[..2].iter().map(|name| (*name, release.clone())).collect();
            (*name, Plan { releases, ..Plan::default() })
        });
        Self { modules: modules.collect(), title: "first", commit: 0, source: 0, base: false }
    }

    fn release(&mut self, module: &str, release: &'static str) -> Option<&mut ReleasePlan> {
        self.modules.get_mut(module).map(|module| module.releases.entry(release).or_default())
    }

    fn change(&mut self, edit: &Edit) {
        fn toggle<T: Ord>(set: &mut BTreeSet<T>, value: T) {
            if !set.remove(&value) {
                set.insert(value);
            }
        }
        fn set(facts: &mut BTreeMap<&'static str, String>, key: &'static str, value: &str) {
            if facts.insert(key, value.to_owned()).as_deref() == Some(value) {
                facts.remove(key);
            }
        }
        match *edit {
            Edit::Toggle(name) => {
                if self.modules.remove(name).is_none() {
                    self.modules.insert(name, Plan::default());
                }
            }
            Edit::Release(module, release) => {
                if let Some(module) = self.modules.get_mut(module)
                    && module.releases.remove(release).is_none()
                {
                    module.releases.insert(release, ReleasePlan::default());
                }
            }
            Edit::Fact(module, key, value) => {
                self.modules.get_mut(module).into_iter().for_each(|module| set(&mut module.facts, key, value));
            }
            Edit::Need(module, spelling) => {
                self.modules.get_mut(module).into_iter().for_each(|module| toggle(&mut module.needs, spelling));
            }
            Edit::ReleaseFact(module, release, key, value) => {
                self.release(module, release).into_iter().for_each(|release| set(&mut release.facts, key, value));
            }
            Edit::Parent(module, release, parent, of) => {
                let parent = format!("{parent}:{of}");
                self.release(module, release)
                    .into_iter()
                    .for_each(|release| set(&mut release.facts, "parent", &parent));
            }
            Edit::Input(module, release, used, of) => {
                let input = format!("catalog:{used}:{of}:src");
                self.release(module, release)
                    .into_iter()
                    .for_each(|release| toggle(&mut release.inputs, input.clone()));
            }
            Edit::Item(module, release) => {
                self.release(module, release).into_iter().for_each(|release| release.items = (release.items + 1) % 4);
            }
            Edit::Mirror(module, release, address) => {
                self.release(module, release).into_iter().for_each(|release| {
                    release.items = release.items.max(1);
                    release.mirror = (release.mirror != Some(address)).then_some(address);
                });
            }
            Edit::Record(module, release, text) => {
                self.release(module, release).into_iter().for_each(|release| {
                    release.record = (release.record != Some(text)).then_some(text);
                });
            }
            Edit::Title(title) => self.title = title,
            Edit::Commit(commit) => self.commit = commit,
            Edit::Source(source) => self.source = source,
            Edit::Base(base) => self.base = base,
            Edit::Tamper(..) | Edit::Stop(_) => {}
        }
    }

    fn entries(&self) -> Vec<ModuleEntry> {
        self.modules.iter().map(|(name, plan)| plan.entry(name)).collect()
    }

    fn options(&self) -> Options<'static> {
        let mut options = options();
        options.tool_id = "a test".into();
        options.title = self.title.into();
        options.commit = at_commit(format!("{:040x}", self.commit));
        options.sources[0].source.version = Some(self.source.to_string());
        options.base_url = self.base.then(|| "https://site.example/a/".into());
        options
    }

    fn build(&self, out: &Path) -> Report {
        serve(&self.entries(), |modules| build(modules, out, &self.options())).unwrap()
    }

    fn fresh(&self) -> BTreeMap<String, Vec<u8>> {
        let out = tempfile::tempdir().unwrap();
        self.build(out.path());
        files(out.path())
    }

    /// A build that ends when it reads or looks at a module, or has made a module's pages,
    /// for the `n`th time.
    fn stopped(&self, out: &Path, n: usize) {
        let entries = self.entries();
        let left = AtomicUsize::new(n);
        let is_over = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_err();
        let failed = || LoadError { code: Code::Io, message: "stopped".into() };
        let find = |name: &ModuleName| entries.iter().find(|entry| entry.name == *name);
        let key_of = |name: &ModuleName| if is_over() { Err(failed()) } else { Ok(find(name).map(key)) };
        let load = |name: &ModuleName| match is_over() {
            true => Err(failed()),
            false => Ok(find(name).map(|entry| (key(entry), entry.clone()))),
        };
        let names = entries.iter().map(|entry| entry.name.clone()).collect();
        let progress = |progress: Progress| {
            if progress.stage == Stage::Render && is_over() {
                // As a killed process does, and without a message.
                std::panic::resume_unwind(Box::new("stopped"));
            }
        };
        let options = Options { progress: Some(&progress), ..self.options() };
        let modules = Modules { names, key: &key_of, load: &load };
        // It may also be over before it is stopped.
        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| build(&modules, out, &options)));
    }
}

impl Plan {
    fn entry(&self, name: &str) -> ModuleEntry {
        let mut draft = Draft::new(name);
        for (key, value) in &self.facts {
            draft = draft.meta(key, value);
        }
        if !self.needs.is_empty() {
            let list: Vec<_> = self.needs.iter().map(|name| format!("\"{name}\"")).collect();
            let data: Value =
                serde_json::from_str(&format!("{{\"repology\":{{\"dependencies\":[{}]}}}}", list.join(","))).unwrap();
            let record = Record { kind: "spack.recipe".into(), data };
            let cid = RecordCapsule::V1(record.clone()).cid();
            draft = draft.meta("record", &cid.to_string());
            draft.entry.records.insert(cid, record);
        }
        for (release, plan) in &self.releases {
            draft = draft.release(release, |draft, made| {
                for (key, value) in &plan.facts {
                    made.metadata.insert((*key).into(), value.clone());
                }
                for (at, label) in
                    ["src", "x86_64-generic", "x86_64-amd-zen2-nvidia-cc80"].iter().enumerate().take(plan.items)
                {
                    let ware = format!("tar:{name}-{release}-{at}").replace('/', "_").parse().unwrap();
                    if let Some(address) = plan.mirror {
                        draft.entry.mirrors.add_by_ware(&ware, format!("{address}/{at}").parse().unwrap());
                    }
                    made.items.insert(label.parse().unwrap(), ware);
                }
                if let Some(text) = plan.record {
                    draft.record(made, &format!("{{\"says\":\"{text}\"}}"));
                }
                if !plan.inputs.is_empty() {
                    let inputs: Vec<_> = plan.inputs.iter().cloned().collect();
                    draft.replay(made, "derived", plot(&inputs, "make"));
                }
            });
        }
        draft.done()
    }
}

/// The site's files, without the marker: names that nothing but the site has.
fn of_site(out: &Path) -> Vec<PathBuf> {
    files(out).into_keys().filter(|path| !path.starts_with('.')).map(|path| out.join(path)).collect()
}

fn damage(out: &Path, file: &Index, how: Damage) {
    let all = of_site(out);
    let Some(path) = all.get(file.index(all.len().max(1))) else { return };
    let bytes = std::fs::read(path).unwrap();
    match how {
        Damage::Remove => std::fs::remove_file(path).unwrap(),
        Damage::Truncate => std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
        Damage::Flip => std::fs::write(path, bytes.iter().map(|byte| byte ^ 1).collect::<Vec<_>>()).unwrap(),
        Damage::Link => {
            std::fs::remove_file(path).unwrap();
            std::os::unix::fs::symlink("/dev/null", path).unwrap();
        }
    }
}

fn same(edits: &[Edit]) -> Result<(), TestCaseError> {
    let out = tempfile::tempdir().unwrap();
    let mut world = World::new();
    world.build(out.path());
    for edit in edits {
        world.change(edit);
        match edit {
            Edit::Tamper(file, how) => damage(out.path(), file, *how),
            Edit::Stop(at) => world.stopped(out.path(), at.index(20)),
            _ => {}
        }
        world.build(out.path());
        let (found, expected) = (files(out.path()), world.fresh());
        let paths = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        prop_assert_eq!(paths(&found), paths(&expected), "after {:?}", edit);
        for (path, bytes) in &expected {
            let texts = (String::from_utf8_lossy(&found[path]), String::from_utf8_lossy(bytes));
            prop_assert_eq!(&texts.0, &texts.1, "{} after {:?}", path, edit);
        }
        // And what is kept is kept again, without a file being written.
        let again = world.build(out.path());
        prop_assert_eq!((again.made, again.written, again.removed), (0, 0, 0), "after {:?}", edit);
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 40, max_shrink_iters: 200, ..Config::default() })]

    #[test]
    fn an_incremental_build_gives_the_bytes_of_a_fresh_one(edits in proptest::collection::vec(edit(), 1..8)) {
        same(&edits)?;
    }
}

fn with_id() -> Options<'static> {
    Options { tool_id: "a test".into(), ..options() }
}

fn build_in(out: &Path, entries: &[ModuleEntry], options: &Options<'_>) -> Report {
    serve(entries, |modules| build(modules, out, options)).unwrap()
}

/// The small catalog with another release of a module.
fn with_release(module: &str, release: &str) -> Vec<ModuleEntry> {
    let mut entries = small();
    let at = entries.iter().position(|entry| entry.name.as_str() == module).unwrap();
    let entry = entries.remove(at);
    entries.push(Draft { entry }.release(release, |_, _| ()).done());
    entries
}

#[test]
fn pages_that_only_name_a_module_are_not_made_for_its_new_release() {
    let out = tempfile::tempdir().unwrap();
    assert_eq!(build_in(out.path(), &small(), &with_id()).made, 11);
    // GCC is named on the pages of what needs it, R on those of its extensions.
    for (module, release) in [("eessi.io/2023.06/gcc", "14.0"), ("eessi.io/2023.06/r", "5.0")] {
        build_in(out.path(), &small(), &with_id());
        assert_eq!(build_in(out.path(), &with_release(module, release), &with_id()).made, 1, "{module}");
    }
}

#[test]
fn another_commit_is_shown_without_a_module_being_made() {
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), &small(), &with_id());
    let mut options = with_id();
    options.commit = at_commit("f".repeat(40));
    let report = build_in(out.path(), &small(), &options);
    assert_eq!((report.made, report.written), (0, 6), "the first page, what tells of the state, and their data");
    assert!(String::from_utf8_lossy(&files(out.path())["index.html"]).contains("ffffffffffff"));
}

#[test]
fn what_another_program_or_none_left_is_not_used() {
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), &small(), &with_id());
    let made = |options: &Options<'_>| build_in(out.path(), &small(), options).made;
    assert_eq!(made(&with_id()), 0);
    assert_eq!(made(&Options { tool_id: "another".into(), ..options() }), 11);
    assert_eq!(made(&Options { tool_id: "another".into(), fresh: true, ..options() }), 11);
    assert_eq!(made(&options()), 11);
    assert_eq!(made(&options()), 11, "two programs without an id may be different ones");
}

#[test]
fn a_damaged_state_is_not_used() {
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), &small(), &with_id());
    let state = out.path().join(".warecat-site.state");
    let whole = std::fs::read(&state).unwrap();
    let expected = files(out.path());
    for at in (0..whole.len()).step_by(whole.len() / 97) {
        let mut other = whole.clone();
        other[at] ^= 0x55;
        for bytes in [&other[..], &whole[..at]] {
            std::fs::write(&state, bytes).unwrap();
            assert_eq!(build_in(out.path(), &small(), &with_id()).made, 11, "byte {at} of {}", whole.len());
            assert_eq!(files(out.path()), expected);
        }
    }
}

#[test]
fn a_file_of_the_same_length_and_time_is_noticed() {
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), &small(), &with_id());
    build_in(out.path(), &small(), &with_id());
    let expected = files(out.path());
    let page = out.path().join("warpsys.org/bash/index.html");
    let time = std::fs::metadata(&page).unwrap().modified().unwrap();
    let other: Vec<u8> = std::fs::read(&page).unwrap().iter().map(|byte| byte ^ 1).collect();
    std::fs::write(&page, other).unwrap();
    std::fs::File::options().write(true).open(&page).unwrap().set_modified(time).unwrap();
    build_in(out.path(), &small(), &with_id());
    assert_eq!(files(out.path()), expected);
}

#[test]
fn a_copy_of_a_site_is_kept_as_it_is() {
    let (out, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    build_in(out.path(), &small(), &with_id());
    let mut all = files(out.path());
    all.insert(".warecat-site.state".into(), std::fs::read(out.path().join(".warecat-site.state")).unwrap());
    for (path, bytes) in all {
        let path = copy.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let report = build_in(copy.path(), &small(), &with_id());
    assert_eq!((report.made, report.written), (0, 0));
}

#[test]
fn what_a_stopped_build_made_is_removed_when_nothing_needs_it() {
    let fresh = World::new().fresh();
    let mut made = 0;
    for n in 0..30 {
        let out = tempfile::tempdir().unwrap();
        let mut world = World::new();
        world.build(out.path());
        world.change(&Edit::Toggle("b.org/q"));
        world.stopped(out.path(), n);
        made += usize::from(out.path().join("b.org/q/index.html").exists());
        // And again, before anything is written.
        world.stopped(out.path(), 0);
        world.change(&Edit::Toggle("b.org/q"));
        world.build(out.path());
        let found = files(out.path());
        assert_eq!(found.keys().collect::<Vec<_>>(), fresh.keys().collect::<Vec<_>>(), "stopped at {n}");
        assert!(found == fresh, "stopped at {n}");
    }
    assert!((1..30).contains(&made), "{made} of 30 builds got so far");
}
