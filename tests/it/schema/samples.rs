//! Documents built through the Rust types, which together use all that a schema has.
//!
//! Every struct is written field by field and every enum is matched without a wildcard,
//! so that a new field or variant does not compile until it has a sample here.

use serde::Serialize;
use warecat::model::codec::encode;
use warecat::model::{
    Action, EchoAction, ExecAction, GatherDirective, Ingest, Map, Mirrors, MirrorsCapsule, Module, ModuleCapsule,
    Mount, MountMode, Pipe, Plot, PlotCapsule, PlotInput, PlotInputComplex, PlotInputSimple, PlotOutput, Protoformula,
    Record, RecordCapsule, Release, SandboxPort, ScriptAction, Source, SourceCapsule, SourceFile, Step, Value,
    WarpforgeCid,
};

/// A document's text, and its type in the schema.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) text: Vec<u8>,
}

fn sample<T: Serialize>(name: &'static str, document: &T) -> Sample {
    Sample { name, text: encode(document) }
}

/// All samples.
pub(super) fn all() -> Vec<Sample> {
    let mut found = vec![
        sample("CatalogModuleCapsule", &ModuleCapsule::V1(module())),
        sample("CatalogModuleCapsule", &ModuleCapsule::V1(Module::new("a".parse().unwrap()))),
        sample("CatalogRelease", &release()),
        sample("CatalogRelease", &Release::new("é 1".parse().unwrap())),
        sample("ReplayCapsule", &PlotCapsule::V1(plot())),
        sample("ReplayCapsule", &PlotCapsule::V1(Plot::default())),
    ];
    found.extend(mirrors().map(|mirrors| sample("CatalogMirrorsCapsule", &MirrorsCapsule::V1(mirrors))));
    found.extend(values().map(|data| {
        let record = Record { kind: kind_of(&data).to_owned(), data };
        sample("RecordCapsule", &RecordCapsule::V1(record))
    }));
    found.extend(sources().map(|source| sample("SourceCapsule", &SourceCapsule::V1(source))));
    found
}

fn map<V: Serialize>(entries: impl IntoIterator<Item = (&'static str, V)>) -> Map<String, V> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn facts() -> Map<String, String> {
    map([("description", "a \"quoted\"\n\u{2028}text"), ("", "")].map(|(key, value)| (key, value.to_owned())))
}

fn module() -> Module {
    Module {
        name: "a.org/b".parse().unwrap(),
        releases: [("v1".parse().unwrap(), WarpforgeCid::of_block(b"1"))].into_iter().collect(),
        metadata: facts(),
    }
}

fn release() -> Release {
    Release {
        release_name: "v1".parse().unwrap(),
        items: [("amd64".parse().unwrap(), "tar:x".parse().unwrap())].into_iter().collect(),
        metadata: facts(),
    }
}

fn mirrors() -> impl Iterator<Item = Mirrors> {
    let mut both = Mirrors { by_ware: None, by_module: None };
    both.add_by_ware(&"tar:x".parse().unwrap(), "https://a.example/x".parse().unwrap());
    both.add_by_ware(&"tar:x".parse().unwrap(), "ca+https://a.example".parse().unwrap());
    both.add_by_module(
        &"a.org/b".parse().unwrap(),
        &"git".parse().unwrap(),
        "https://a.example/b.git".parse().unwrap(),
    );
    let empty = Mirrors { by_ware: Some(Map::new()), by_module: Some(Map::new()) };
    [both, empty, Mirrors { by_ware: None, by_module: None }].into_iter()
}

fn plot() -> Plot {
    let steps = actions().into_iter().enumerate().map(|(index, action)| {
        name_of_action(&action);
        (format!("step{index}"), Step::Protoformula(protoformula(action)))
    });
    let inner = Plot { inputs: Map::new(), steps: Map::new(), outputs: Map::new() };
    Plot {
        inputs: plot_inputs().enumerate().map(|(index, input)| (format!("in{index}"), input)).collect(),
        steps: steps.chain([("within".to_owned(), Step::Plot(inner))]).map(checked_step).collect(),
        outputs: map([("out", PlotOutput(Pipe { step: "step0".into(), label: "out".into() }))]),
    }
}

fn checked_step(step: (String, Step)) -> (String, Step) {
    match &step.1 {
        Step::Plot(_) | Step::Protoformula(_) => step,
    }
}

fn protoformula(action: Action) -> Protoformula {
    let inputs = [SandboxPort::Path(String::new()), SandboxPort::Var("PATH".into())].map(|port| {
        match &port {
            SandboxPort::Path(_) | SandboxPort::Var(_) => {}
        }
        (port, PlotInput::Simple(PlotInputSimple::Literal("a:b".into())))
    });
    let from = || SandboxPort::Path("out".into());
    let outputs = [
        ("bare", GatherDirective { from: from(), packtype: None, filters: None }),
        ("full", GatherDirective { from: from(), packtype: Some("tar".parse().unwrap()), filters: Some(facts()) }),
    ];
    Protoformula { inputs: inputs.into_iter().collect(), action, outputs: map(outputs) }
}

fn actions() -> Vec<Action> {
    let mut found = vec![Action::Echo(EchoAction {})];
    for network in [None, Some(false), Some(true)] {
        found.push(Action::Exec(ExecAction { command: vec!["/bin/true".into(), String::new()], network }));
        found.push(Action::Script(ScriptAction { interpreter: "/bin/sh".into(), contents: vec![], network }));
    }
    found
}

fn name_of_action(action: &Action) -> &'static str {
    match action {
        Action::Echo(_) => "echo",
        Action::Exec(_) => "exec",
        Action::Script(_) => "script",
    }
}

/// Every simple input, and each of them with filters.
fn plot_inputs() -> impl Iterator<Item = PlotInput> {
    let modes = [MountMode::ReadOnly, MountMode::ReadWrite, MountMode::Overlay];
    let mounts = modes.map(|mode| PlotInputSimple::Mount(Mount { mode, host_path: "/x".into() }));
    let others = [
        PlotInputSimple::Ware("tar:x".parse().unwrap()),
        PlotInputSimple::Literal("any:thing".into()),
        PlotInputSimple::Pipe(Pipe { step: String::new(), label: "in".into() }),
        PlotInputSimple::Catalog("a.org/b:v1:amd64".parse().unwrap()),
        PlotInputSimple::Ingest(Ingest::Git { host_path: ".".into(), reference: "HEAD".into() }),
    ];
    mounts.into_iter().chain(others).flat_map(|basis| {
        match &basis {
            PlotInputSimple::Mount(mount) => match mount.mode {
                MountMode::ReadOnly | MountMode::ReadWrite | MountMode::Overlay => {}
            },
            PlotInputSimple::Ingest(Ingest::Git { .. })
            | PlotInputSimple::Ware(_)
            | PlotInputSimple::Literal(_)
            | PlotInputSimple::Pipe(_)
            | PlotInputSimple::Catalog(_) => {}
        }
        let complex = PlotInputComplex { basis: basis.clone(), filters: facts() };
        [PlotInput::Simple(basis), PlotInput::Complex(complex)]
    })
}

/// Every kind of upstream's data, alone and within a list and a map.
fn values() -> impl Iterator<Item = Value> {
    let scalars = vec![
        Value::Null,
        Value::Bool(true),
        Value::Integer(i64::MIN),
        Value::Unsigned(u64::MAX),
        Value::Float(-0.1),
        Value::Text("\u{7f}🚀".into()),
    ];
    let list = Value::List(scalars.clone());
    scalars.into_iter().chain([list.clone(), Value::Map(map([("a", list), ("", Value::Null)]))])
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Integer(_) | Value::Unsigned(_) => "int",
        Value::Float(_) => "float",
        Value::Text(_) => "text",
        Value::List(_) => "list",
        Value::Map(_) => "map",
    }
}

fn sources() -> impl Iterator<Item = Source> {
    let file = |header| SourceFile { name: "a.json".into(), sha256: "00".repeat(32), size: u64::MAX, header };
    let full = Source {
        kind: "eessi".into(),
        name: "eessi".into(),
        version: Some("1".into()),
        timestamp: Some("2026-01-01T00:00:00Z".into()),
        url: Some("https://a.example/".into()),
        files: vec![file(None), file(Some(Value::Map(Map::new())))],
        counts: map([("releases", 0), ("software", u64::MAX)]),
    };
    let bare = Source {
        kind: String::new(),
        name: String::new(),
        version: None,
        timestamp: None,
        url: None,
        files: vec![],
        counts: Map::new(),
    };
    [full, bare].into_iter()
}
