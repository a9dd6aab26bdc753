//! From nodes to proposals.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::graph::Graph;
use super::hash::DagHash;
use super::node::Node;
use super::replay::{self, Site};
use super::verify::Proof;
use super::{Options, Tarball};
use crate::import::names::{KnownNames, assign};
use crate::import::report::Diagnostics;
use crate::model::{
    ItemLabel, MAX_RELEASE, Metadata, ModuleName, ModuleProposal, Record, RecordCapsule, ReleaseName, ReleaseProposal,
    Value, WareId, metadata,
};

const RECORD: &str = "spack.spec";
const DERIVED: &str = "derived";
const EXTERNAL: &str = "external";
const SPLICED: &str = "spliced";
/// The packtype of tarballs in build caches.
pub(super) const PACKTYPE: &str = "spack";

/// Makes proposals of all nodes; `tarballs` are those that are known.
pub(crate) fn propose(
    options: &Options,
    known: &KnownNames,
    graph: &Graph,
    tarballs: &BTreeMap<DagHash, Tarball>,
    diagnostics: &mut Diagnostics,
) -> Vec<ModuleProposal> {
    graph.examine(diagnostics);
    let packages: BTreeSet<&str> = graph.nodes().map(|node| node.name.as_str()).collect();
    let names = match assign(&options.prefix, &packages, known) {
        Ok(names) => names,
        Err(error) => {
            diagnostics.refused("", "", error.to_string());
            return Vec::new();
        }
    };
    let sites = sites(graph, &names, tarballs);
    let closing = graph.closing_edges();
    for (hash, _) in &closing {
        if let Some(node) = graph.get(hash) {
            let message =
                "it depends on itself through its dependencies: the replay lacks the one that closes the circle";
            diagnostics.odd(&node.place.file, format!("{}.dependencies", node.place.path), message);
        }
    }
    let mut modules: BTreeMap<&ModuleName, ModuleProposal> = BTreeMap::new();
    for node in graph.nodes() {
        let Some(site) = sites.get(&node.hash) else { continue };
        let tarball = tarballs.get(&node.hash);
        let module = modules.entry(&site.module).or_insert_with(|| module(options, &site.module, &node.name));
        if let Some(tarball) = tarball {
            module.mirrors.push((ware(tarball), tarball.mirrors.clone()));
        }
        let is_input = |to: &DagHash| !closing.contains(&(node.hash, *to));
        let plot = node.external.is_none().then(|| replay::plot(node, &sites, is_input));
        let facts = facts(options, node, graph, tarball, plot.is_some());
        module.releases.push(release(node, site, tarball, facts, plot));
    }
    let mut modules: Vec<ModuleProposal> = modules.into_values().collect();
    for module in &mut modules {
        merge_mirrors(module);
    }
    modules
}

/// Two nodes may have one tarball.
fn merge_mirrors(module: &mut ModuleProposal) {
    let mut merged: BTreeMap<WareId, BTreeSet<_>> = BTreeMap::new();
    for (ware, mirrors) in std::mem::take(&mut module.mirrors) {
        merged.entry(ware).or_default().extend(mirrors);
    }
    module.mirrors = merged.into_iter().map(|(ware, mirrors)| (ware, mirrors.into_iter().collect())).collect();
}

/// Where each node's release lies in the catalog.
fn sites(
    graph: &Graph,
    names: &HashMap<String, ModuleName>,
    tarballs: &BTreeMap<DagHash, Tarball>,
) -> BTreeMap<DagHash, Site> {
    let site = |node: &Node| {
        let module = names.get(&node.name)?.clone();
        let item = if tarballs.contains_key(&node.hash) { platform_item(node) } else { spec_item() };
        Some((node.hash, Site { module, release: release_name(node), item }))
    };
    graph.nodes().filter_map(site).collect()
}

fn module(options: &Options, name: &ModuleName, package: &str) -> ModuleProposal {
    let mut metadata = Metadata::new();
    if name.last_segment() != package {
        metadata.insert(metadata::NAME.to_owned(), package.to_owned());
    }
    let (record, releases, mirrors, warehouses) = Default::default();
    ModuleProposal { name: name.clone(), kind: options.kind, metadata, record, releases, mirrors, warehouses }
}

fn facts(options: &Options, node: &Node, graph: &Graph, tarball: Option<&Tarball>, has_replay: bool) -> Metadata {
    let mut facts = Metadata::new();
    let mut say = |key: &str, value: String| drop(facts.insert(key.to_owned(), value));
    say(metadata::VERSION, node.version.clone());
    if let Some(compiler) = graph.compiler_of(node) {
        say(metadata::TOOLCHAIN, format!("{}/{}", compiler.name, compiler.version));
    }
    match (&node.external, node.proof) {
        (Some(_), _) => say(metadata::KIND, EXTERNAL.to_owned()),
        (None, Proof::Spliced | Proof::None) => say(metadata::KIND, SPLICED.to_owned()),
        (None, Proof::Whole) => {}
    }
    say(metadata::SOURCE, options.source.to_owned());
    if has_replay {
        say(metadata::REPLAY_ORIGIN, DERIVED.to_owned());
    }
    if let Some(tarball) = tarball {
        facts.extend(tarball.facts.clone());
    }
    facts
}

fn release(
    node: &Node,
    site: &Site,
    tarball: Option<&Tarball>,
    metadata: Metadata,
    replay: Option<crate::model::Plot>,
) -> ReleaseProposal {
    let ware = tarball.map_or_else(|| node.hash.ware(), ware);
    ReleaseProposal {
        name: site.release.clone(),
        items: [(site.item.clone(), ware)].into_iter().collect(),
        metadata,
        replay,
        record: Some(record(node, tarball)),
        builds: Vec::new(),
        stand_in: Some(spec_item()),
    }
}

fn record(node: &Node, tarball: Option<&Tarball>) -> RecordCapsule {
    let format = i64::try_from(node.format).map_or(Value::Unsigned(node.format), Value::Integer);
    let own = [("format".to_owned(), format), ("node".to_owned(), Value::from(node.text()))];
    let more = tarball.map(|tarball| tarball.record.clone()).unwrap_or_default();
    let data = Value::Map(own.into_iter().chain(more).collect());
    RecordCapsule::V1(Record { kind: RECORD.to_owned(), data })
}

fn ware(tarball: &Tarball) -> WareId {
    format!("{PACKTYPE}:{}", tarball.digest.to_cid()).parse().expect("a CID has no colon and no blank")
}

/// The item that stands in for a tarball.
fn spec_item() -> ItemLabel {
    "spec".parse().expect("it obeys the rules of names")
}

/// `<platform>-<os>-<target>`.
fn platform_item(node: &Node) -> ItemLabel {
    let arch = &node.arch;
    let label = safe(&format!("{}-{}-{}", arch.platform, arch.os, arch.target));
    // A text of signs alone is no label.
    label.parse().unwrap_or_else(|_| "other".parse().expect("it obeys the rules of names"))
}

/// `<version>-<dag hash>`, the version shortened when it is too long.
fn release_name(node: &Node) -> ReleaseName {
    let hash = node.hash.as_str();
    let version = safe(&node.version);
    let room = (MAX_RELEASE - hash.len() - 1).min(version.len());
    let cut = (0..=room).rev().find(|at| version.is_char_boundary(*at)).unwrap_or(0);
    let name = format!("{}-{hash}", &version[..cut]);
    // A word that Windows reserves, such as `nul.1`.
    name.parse()
        .or_else(|_| format!("v{}-{hash}", &version[..cut.min(1)]).parse())
        .unwrap_or_else(|_| hash.parse().expect("a hash obeys the rules of names"))
}

/// A text with `-` for what no path may hold, and for a sign that no name may begin with.
fn safe(text: &str) -> String {
    let is_bad = |(at, c): (usize, char)| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => true,
        '.' | '_' | '~' | '-' => at == 0,
        _ => crate::text::is_hidden(c) || c.is_whitespace(),
    };
    text.char_indices().map(|(at, c)| if is_bad((at, c)) { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{DagHash, Document, Graph, Options, Tarball};
    use super::propose;
    use crate::import::names::KnownNames;
    use crate::import::report::Diagnostics;
    use crate::model::{Digest, Value, WareId};

    fn node(name: &str, more: &str) -> (DagHash, String) {
        let arch = r#"{"platform":"linux","platform_os":"o","target":"zen2"}"#;
        let fields = format!(r#""name":"{name}","version":"1","arch":{arch}{more}"#);
        let hash = DagHash::of(&format!("{{{fields}}}"));
        (hash, format!(r#"{{{fields},"hash":"{hash}"}}"#))
    }

    #[test]
    fn a_tarball_is_an_item_and_what_others_take_in() {
        let (base, base_text) = node("base", "");
        let (app, app_text) = node("app", &format!(r#","dependencies":[{{"name":"base","hash":"{base}"}}]"#));
        let text = format!(r#"{{"spec":{{"_meta":{{"version":4}},"nodes":[{app_text},{base_text}]}}}}"#);
        let mut diagnostics = Diagnostics::default();
        let mut graph = Graph::new();
        graph.add(Document::parse("a", text.as_bytes(), &mut diagnostics).unwrap());
        let tarball = Tarball {
            digest: Digest::of(b"tarball"),
            mirrors: vec!["https://example.org/b".parse().unwrap(), "https://example.org/a".parse().unwrap()],
            facts: [("signed-by".to_owned(), "0123".to_owned())].into_iter().collect(),
            record: [("tag".to_owned(), Value::from("base-1"))].into_iter().collect(),
        };
        let options = Options::new("cache.example.org".parse().unwrap());
        let tarballs = BTreeMap::from([(base, tarball)]);
        let modules = propose(&options, &KnownNames::new(), &graph, &tarballs, &mut diagnostics);
        assert_eq!(diagnostics.into_sorted(), Vec::new());

        let ware: WareId = format!("spack:{}", Digest::of(b"tarball").to_cid()).parse().unwrap();
        let found = &modules[1].releases[0];
        assert_eq!((found.items.len(), &found.items["linux-o-zen2"]), (1, &ware));
        assert_eq!(found.stand_in.as_ref().unwrap().as_str(), "spec");
        assert_eq!(found.metadata["signed-by"], "0123");
        let record = found.record.clone().unwrap().into_inner().data;
        assert_eq!(record.get("tag"), Some(&Value::from("base-1")));
        let (held, mirrors) = &modules[1].mirrors[0];
        assert_eq!((held, mirrors[0].as_str(), mirrors.len()), (&ware, "https://example.org/a", 2));

        let plot = modules[0].releases[0].replay.as_ref().unwrap();
        assert_eq!(plot.catalog_refs()[0].to_string(), format!("cache.example.org/base:1-{base}:linux-o-zen2"));
        assert_eq!(modules[0].releases[0].items["spec"], app.ware());
    }
}
