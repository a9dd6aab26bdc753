//! A catalog of attacks: a text that would do something somewhere, in every field that a
//! catalog has. The same catalog can be written to a folder, for a real browser.

use std::path::Path;

use warecat::catalog::ModuleEntry;
use warecat::model::codec::encode;
use warecat::model::{
    MirrorsCapsule, Module, ModuleCapsule, Plot, PlotCapsule, PlotInput, PlotInputSimple, Record, RecordCapsule,
    Source, SourceCapsule,
};
use warecat::site::{Commit, Options, SourceAt};

use crate::site::fixture::{Draft, plot};

/// Texts, and what each is for.
pub(crate) const ATTACKS: &[(&str, &str)] = &[
    ("script", "<script>alert(1)</script>"),
    ("end-of-script", "</script><script>alert(1)</script><!--"),
    ("comment", "<!--<script>--!><img src=x onerror=alert(1)>"),
    ("cdata", "]]><![CDATA[<svg onload=alert(1)>"),
    ("doctype", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>"),
    ("attribute", "\"><img src=x onerror=alert(1)>"),
    ("attribute-single", "' onmouseover='alert(1)"),
    ("attribute-bare", "x onerror=alert(1) style=position:fixed"),
    ("rawtext", "</title></style></textarea></noscript></template><svg onload=alert(1)>"),
    (
        "svg",
        "</text></a></svg><svg><a xlink:href=javascript:alert(1)><animate attributeName=href values=javascript:alert(1)>",
    ),
    ("math", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>"),
    ("javascript", "javascript:alert(document.domain)"),
    ("javascript-hidden", "jAvA\tsCrIpT&colon;alert(1)"),
    ("data", "data:text/html,<script>alert(1)</script>"),
    ("other-host", "https://evil.example/\"onclick=\"alert(1)"),
    ("other-user", "https://good.example@evil.example/"),
    ("scheme-relative", "//evil.example/x.js"),
    ("tera", "{{ site.title }}{% include \"base.html\" %}{# x #}{{ get_env(name='HOME') }}"),
    ("tera-end", "{% endblock main %}{% raw %}"),
    ("javascript-text", "\\u003cscript\\u003e`${alert(1)}`'+alert(1)+'\u{2028}alert(1)\u{2029}"),
    ("bidi", "user\u{202e}gnp.exe\u{202c}\u{2066}x\u{2069}\u{200f}"),
    ("invisible", "a\u{200b}b\u{feff}c\u{ad}d\u{2060}e\u{e0001}f"),
    ("control", "a\0b\u{1}c\u{7f}d\u{85}e\rf\u{fffe}\u{ffff}\u{1fffe}"),
    ("terminal", "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[31mred\u{9b}1m\u{8}\u{1b}]8;;https://evil.example\u{1b}\\x"),
    ("shell", "x; rm -rf ~ $(touch pwned) `id` | sh & > y '\" \\"),
    ("option", "--upload-pack=touch pwned"),
    ("newline", "first\nwarecat resolve evil\r\n\n\tlast"),
    ("formula", "=cmd|' /C calc'!A0"),
    ("formula-plus", "+1+1@SUM(A1)"),
    ("path", "../../../etc/passwd"),
    ("path-encoded", "%2e%2e%2f%2e%2e%2fetc%00"),
    ("prototype", "__proto__"),
    ("regex", "(a+)+$[c++\\"),
    ("entities", "&lt;script&gt;alert(1)&#60;/script&#x3e;&amp;&nbsp;&"),
    ("empty", ""),
    ("blank", " \n\t\u{a0} "),
    ("combining", "Z\u{301}\u{302}\u{303}\u{304}\u{305}a\u{200d}b\u{fe0f}"),
];

/// A name with all that a module's name may hold.
pub(crate) const NAME: &str = "x.org/a;b$(c)'&%41#=+";

/// A plot with a text wherever a plot holds one.
fn hostile_plot(text: &str, requires: &[String]) -> Plot {
    let mut inputs: Vec<String> = requires.iter().map(|wanted| format!("catalog:{wanted}")).collect();
    inputs.push(format!("literal:{text}"));
    inputs.push("ingest:git:<b>:'x\"".into());
    let mut made = plot(&inputs, text);
    let literal: PlotInputSimple = format!("literal:{text}").parse().unwrap();
    made.inputs.insert(format!("{text}-input"), PlotInput::Simple(literal));
    let json = serde_json::json!({"protoformula": {
        "inputs": {"$PATH": format!("literal:{text}")},
        "action": {"script": {"interpreter": text, "contents": [text, "x"], "network": true}},
        "outputs": {text: {"from": "/out", "packtype": "tar"}},
    }});
    made.steps.insert(format!("{text}-step"), serde_json::from_value(json).unwrap());
    made
}

/// A record with a text wherever a record holds one.
fn record(text: &str) -> String {
    serde_json::json!({
        text: [text, {"a": text}, [[[text]]]],
        "table": [{text: text, "b": 1}],
        "extensions": [{"name": text, "type": text, "version": text}],
        "long": vec![text; 20],
    })
    .to_string()
}

/// A module with an attack in every field, and releases that require those of others.
fn module(name: &str, text: &str, requires: &[String]) -> ModuleEntry {
    let mut draft = Draft::new(name);
    for key in ["name", "description", "homepage", "license", "maintainers", "kind", text] {
        draft = draft.meta(key, text);
    }
    // An empty key is no key.
    draft.entry.metadata.shift_remove("");
    for version in ["1", "2"] {
        draft = draft.release(&format!("{version}'&é ;%\u{fe0f}#$(x)"), |draft, release| {
            let keys = ["version", "date", "toolchain", "module", "kind", "parent", "source", "signed-by"];
            for key in keys.into_iter().chain((!text.is_empty()).then_some(text)) {
                release.metadata.insert(key.into(), text.into());
            }
            if version == "1" {
                release.metadata.insert("yanked".into(), text.into());
            }
            let ware = format!("tar:{version}<'\"&>x").parse().unwrap();
            for address in ["javascript:alert(1)", "https://ok.example/<script>'\"", "https://ok.example/x?a=1&b=2"] {
                draft.entry.mirrors.add_by_ware(&ware, address.parse().unwrap());
            }
            release.items.insert(format!("'&é ;{version}").parse().unwrap(), ware);
            draft.record(release, &record(text));
            draft.replay(release, text, hostile_plot(text, requires));
        });
    }
    draft.done()
}

/// Every attack as a module, each requiring releases of the ones before it.
pub(crate) fn attacked() -> Vec<ModuleEntry> {
    let mut entries = vec![module(NAME, ATTACKS[0].1, &["x.org/none:1:x".into()])];
    let mut before: Vec<String> = Vec::new();
    for (name, text) in ATTACKS {
        let module_name = format!("x.org/attack/{name}");
        entries.push(module(&module_name, text, &before));
        before.push(format!("{module_name}:2'&é ;%\u{fe0f}#$(x):x"));
        if before.len() > 3 {
            before.remove(0);
        }
    }
    entries.push(Draft::new("x.org/empty").done());
    entries
}

/// What a source gave, all of it an attack.
fn source(text: &str) -> Source {
    serde_json::from_value(serde_json::json!({
        "kind": text, "name": text, "version": text, "timestamp": text, "url": text,
        "files": [{"name": text, "sha256": text, "size": 1}], "counts": {text: 1},
    }))
    .unwrap()
}

/// How the site of [`attacked`] is built: what the catalog says of itself is an attack too.
pub(crate) fn options(text: &str) -> Options<'static> {
    Options {
        title: text.into(),
        description: text.into(),
        base_url: Some("https://site.example/a/b/".into()),
        tool_version: "0.0.0-test".into(),
        sources: vec![
            SourceAt { prefix: "x.org".parse().unwrap(), source: source(text) },
            SourceAt { prefix: "x.org/attack".parse().unwrap(), source: source(text) },
        ],
        licences: [("x.org".parse().unwrap(), text.to_owned())].into(),
        commit: Some(Commit { id: "0123456789abcdef".into(), date: Some(text.into()) }).into(),
        ..Options::default()
    }
}

/// Writes a catalog of these modules, as `warecat` would find one.
pub(crate) fn write(folder: &Path, entries: &[ModuleEntry], text: &str) {
    let put = |path: String, bytes: Vec<u8>| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let of = |key: &str, text: &str| toml::Table::from_iter([(key.to_owned(), toml::Value::String(text.into()))]);
    let mut catalog = of("name", text);
    catalog.extend(of("description", text));
    let config = toml::Table::from_iter([
        ("catalog".to_owned(), toml::Value::Table(catalog)),
        ("site".to_owned(), toml::Value::Table(of("title", text))),
    ]);
    put("catalog.toml".into(), config.to_string().into_bytes());
    put("x.org/_source.json".into(), encode(&SourceCapsule::V1(source(text))));
    for entry in entries {
        let name = &entry.name;
        let mut module = Module::new(name.clone());
        module.metadata = entry.metadata.clone();
        for release in &entry.releases {
            module.releases.insert(release.name().clone(), release.cid.clone());
            put(format!("{name}/_releases/{}.json", release.name()), encode(&release.release));
        }
        put(format!("{name}/_module.json"), encode(&ModuleCapsule::V1(module)));
        put(format!("{name}/_mirrors.json"), encode(&MirrorsCapsule::V1(entry.mirrors.clone())));
        for (cid, plot) in &entry.replays {
            put(format!("{name}/_replays/{cid}.json"), encode(&PlotCapsule::V1(plot.clone())));
        }
        for (cid, record) in &entry.records {
            let record = Record { kind: record.kind.clone(), data: record.data.clone() };
            put(format!("{name}/_records/{cid}.json"), encode(&RecordCapsule::V1(record)));
        }
    }
}

/// Commits all that is in a folder, with an attack for a subject.
pub(crate) fn commit(folder: &Path, subject: &str) {
    let repo = git2::Repository::init(folder).unwrap();
    let mut index = repo.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::FORCE, None).unwrap();
    index.write().unwrap();
    let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
    let time = git2::Time::new(1_787_000_000, 0);
    let who = git2::Signature::new("<b>x</b>", "x@example.org", &time);
    let who = who.or_else(|_| git2::Signature::new("x", "x@example.org", &time)).unwrap();
    let parent = repo.head().ok().map(|head| head.peel_to_commit().unwrap());
    let message = subject.replace('\0', "");
    repo.commit(Some("HEAD"), &who, &who, &message, &tree, &parent.iter().collect::<Vec<_>>()).unwrap();
}
