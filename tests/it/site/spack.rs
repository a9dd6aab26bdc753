//! A small catalog of what Spack publishes, imported from proposals: recipes, a virtual
//! package, a build cache, builds. No sentence here is upstream's.

use std::collections::BTreeMap;

use warecat::catalog::{ApplyOptions, Catalog, CatalogError, ImportPolicy, Proposals};
use warecat::model::{Metadata, ModuleName, ModuleProposal, Plot, Record, RecordCapsule, ReleaseProposal, Value};
use warecat::site::{LoadError, Modules, build};

use crate::support::TestCatalog;

pub(crate) const RECIPES: &str = "spack.example";
pub(crate) const CACHE: &str = "cache.example/builds";
pub(crate) const ZLIB: &str = "e2d3q5kw4tcrrzabatj3jvi7ige42hbp";
pub(crate) const GLIBC: &str = "bvqfy73zr3su2dnlqwc3y4e4ywpxurno";
pub(crate) const HDF5: &str = "t2szrl63tx6t3q3ujs6ff63obbzhkx4c";
const SHA256: &str = "9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23";

fn metadata(facts: &[(&str, &str)]) -> Metadata {
    facts.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn record(kind: &str, data: serde_json::Value) -> RecordCapsule {
    let data: Value = serde_json::from_str(&data.to_string()).unwrap();
    RecordCapsule::V1(Record { kind: kind.into(), data })
}

pub(crate) fn module(name: &str, facts: &[(&str, &str)], record: Option<RecordCapsule>) -> ModuleProposal {
    ModuleProposal {
        name: name.parse().unwrap(),
        kind: "recipe",
        metadata: metadata(facts),
        record,
        releases: Vec::new(),
        mirrors: Vec::new(),
        warehouses: Vec::new(),
    }
}

pub(crate) fn release(name: &str, facts: &[(&str, &str)], items: &[(&str, &str)]) -> ReleaseProposal {
    ReleaseProposal {
        name: name.parse().unwrap(),
        items: items.iter().map(|(item, ware)| (item.parse().unwrap(), ware.parse().unwrap())).collect(),
        metadata: metadata(facts),
        replay: None,
        record: None,
        builds: Vec::new(),
        stand_in: None,
    }
}

/// A recipe that needs others.
pub(crate) fn recipe(name: &str, needs: &[&str]) -> ModuleProposal {
    let data = serde_json::json!({"repology": {"name": name, "dependencies": needs, "alias": [], "version": []}});
    let mut made =
        module(&format!("{RECIPES}/{name}"), &[("description", "A tool.")], Some(record("spack.recipe", data)));
    made.releases.push(version("1.0", &ware("source", name)));
    made
}

fn version(name: &str, ware: &str) -> ReleaseProposal {
    let item = if ware.starts_with("source:") { "upstream" } else { "src" };
    release(name, &[("version", name), ("source", "spack")], &[(item, ware)])
}

pub(crate) fn ware(packtype: &str, of: &str) -> String {
    format!("{packtype}:{}", warecat::model::BytesCid::of_bytes(of.as_bytes()))
}

fn zlib() -> ModuleProposal {
    let data = serde_json::json!({
        "repology": {
            "name": "zlib", "dependencies": ["gmake", "nowhere-to-be-found", "py-odd_name"],
            "alias": [{"name": "zlib-api", "alias_for": "zlib"}, {"name": "zlib-api", "alias_for": "zlib"}],
            "patches": ["w.patch when @1.2.11%cce"], "homepages": ["https://zlib.example"], "licenses": [],
            "version": [{"version": "main", "branch": "trunk"}], "novel": {"a": [1, 2]},
        },
        "package": {
            "build_system": "MakefilePackage", "latest_version": "1.3.1",
            "conflicts": [{"name": "+shared", "spec": "platform=windows", "description": "no such thing there"}],
            "patches": [{"relative_path": "w.patch", "version": "@1.2.11%cce", "sha256": SHA256, "level": 1},
                        {"url": "https://patches.example/x.patch", "version": "@1:", "sha256": SHA256}],
            "variants": [{"name": "shared", "default": true, "description": "Build a shared library"},
                         {"name": "optimize", "default": false, "description": null},
                         {"name": "build_system", "default": "makefile", "description": "How to build"}],
            "versions": [{"name": "main", "branch": "trunk"}, {"name": "1.3.1", "sha256": SHA256}],
            "versions_deprecated": [{"name": "1.2.8"}],
        },
    });
    let facts = [
        ("description", "A library that makes things smaller."),
        ("homepage", "https://zlib.example/"),
        ("maintainers", "alice, bob"),
        ("categories", "build-tools, detectable"),
    ];
    let mut zlib = module(&format!("{RECIPES}/zlib"), &facts, Some(record("spack.recipe", data)));
    let src = ware("file", "zlib-1.3.1");
    zlib.releases.push(version("main", &ware("source", "zlib main")));
    zlib.releases.push(version("1.3.1", &src));
    zlib.releases.push(version("1.2.13", &ware("source", "zlib 1.2.13")));
    zlib.releases.push(version("1.2", "git:5a4fff4d948cd12a5cf5f637ad2c561815a77d8e"));
    let address = "https://zlib.example/a/rather/long/path/to/all/the/archives/zlib-1.3.1.tar.gz";
    zlib.mirrors
        .push((src.parse().unwrap(), vec![address.parse().unwrap(), "ftp://zlib.example/zlib.tgz".parse().unwrap()]));
    zlib
}

/// Recipes, two of them providers of a virtual package, and many that need one tool.
pub(crate) fn recipes() -> Vec<ModuleProposal> {
    let mut odd = recipe("py-odd-name", &["gmake"]);
    odd.metadata.insert("name".into(), "py-odd_name".into());
    let virtual_facts = [("kind", "virtual"), ("providers", "openmpi@1.7.5:, openmpi@2:, mpich, absent-mpi+x")];
    let mut all = vec![
        zlib(),
        odd,
        recipe("gmake", &[]),
        recipe("openmpi", &["zlib"]),
        recipe("mpich", &["zlib"]),
        recipe("solver", &["mpi", "zlib"]),
        module(&format!("{RECIPES}/mpi"), &virtual_facts, None),
    ];
    all.extend((0..130).map(|n| recipe(&format!("p{n:03}"), &["gmake"])));
    all
}

pub(crate) struct Node<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) hash: &'a str,
    pub(crate) more: serde_json::Value,
}

/// A concrete spec's release.
pub(crate) fn spec(
    node: &Node<'_>,
    facts: &[(&str, &str)],
    items: &[(&str, &str)],
    inputs: &[String],
) -> ReleaseProposal {
    let mut json = serde_json::json!({
        "name": node.name, "version": node.version, "namespace": "builtin",
        "arch": {"platform": "linux", "platform_os": "debian12", "target": {"name": "skylake", "features": ["avx"]}},
        "compiler": {"name": "gcc", "version": "12.2.0"},
        "parameters": {"shared": true, "mpi": false, "fabrics": ["none"], "build_system": "makefile",
                       "cflags": ["-O2", "-g"], "ldflags": []},
        "package_hash": "ldkjvs3eznqaffzea42zht6e4zhjf6dugbra3yhdbkamfmd3cgqq====", "hash": node.hash,
    });
    for (key, value) in node.more.as_object().unwrap() {
        json[key] = value.clone();
    }
    let mut made = release(&format!("{}-{}", node.version, node.hash), facts, items);
    made.metadata.insert("version".into(), node.version.into());
    made.metadata.insert("toolchain".into(), "gcc/12.2.0".into());
    made.record = Some(record("spack.spec", serde_json::json!({"format": 4, "node": json.to_string()})));
    if !inputs.is_empty() {
        made.replay = Some(plot(inputs, &format!("spack install /{}", node.hash)));
    }
    made
}

fn plot(inputs: &[String], command: &str) -> Plot {
    super::fixture::plot(inputs, command)
}

fn needed(name: &str, hash: &str, types: &[&str], virtuals: &[&str]) -> serde_json::Value {
    serde_json::json!({"name": name, "hash": hash, "parameters": {"deptypes": types, "virtuals": virtuals}})
}

/// A build cache of three specs: an external, a signed one with builds, and one that
/// needs both and something that the catalog does not have.
pub(crate) fn cache() -> Vec<ModuleProposal> {
    let none = serde_json::json!({});
    let external = serde_json::json!({"external": {"path": "/usr", "module": ["libc/2"]}});
    let mut glibc = module(&format!("{CACHE}/glibc"), &[], None);
    let node = Node { name: "glibc", version: "2.36", hash: GLIBC, more: external };
    glibc.releases.push(spec(&node, &[("kind", "external")], &[("spec", &format!("spec:{GLIBC}"))], &[]));

    let mut zlib = module(&format!("{CACHE}/zlib"), &[], None);
    let tarball = ware("spack", "zlib");
    let items = [("linux-debian12-skylake", tarball.as_str()), ("spec", &format!("spec:{ZLIB}"))];
    let node = Node {
        name: "zlib",
        version: "1.3.1",
        hash: ZLIB,
        more: serde_json::json!({"dependencies": [needed("glibc", GLIBC, &["link"], &["libc"])]}),
    };
    let glibc_ref = format!("catalog:{CACHE}/glibc:2.36-{GLIBC}:spec");
    let mut made = spec(
        &node,
        &[("signed-by", "00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF")],
        &items,
        std::slice::from_ref(&glibc_ref),
    );
    made.builds =
        vec![build_record("b1", "SUCCESS", "all is well\n"), build_record("b2", "FAILED", &"x".repeat(40_000))];
    zlib.releases.push(made);
    let address = "https://cache.example/mirror/build_cache/linux-debian12-skylake/gcc-12.2.0/zlib-1.3.1/x.spack";
    zlib.mirrors.push((tarball.parse().unwrap(), vec![address.parse().unwrap()]));

    let mut hdf5 = module(&format!("{CACHE}/hdf5"), &[], None);
    let tarball = ware("spack", "hdf5");
    let more = serde_json::json!({"build_spec": {"name": "hdf5", "hash": ZLIB}, "dependencies": [
        needed("zlib", ZLIB, &["build", "link"], &["zlib-api"]), needed("glibc", GLIBC, &["link"], &["libc"]),
        needed("gone", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &["run"], &[])]});
    let node = Node { name: "hdf5", version: "1.14.3", hash: HDF5, more };
    let inputs = [format!("catalog:{CACHE}/zlib:1.3.1-{ZLIB}:spec"), glibc_ref];
    hdf5.releases.push(spec(&node, &[("kind", "spliced")], &[("linux-debian12-skylake", &tarball)], &inputs));
    let node = Node { name: "hdf5", version: "1.12.0", hash: "cccccccccccccccccccccccccccccccc", more: none };
    let both = [("signed-by", "AA11"), ("verified-by", "BB22")];
    hdf5.releases.push(spec(&node, &both, &[("linux-debian12-skylake", &ware("spack", "old"))], &[]));
    hdf5.mirrors
        .push((tarball.parse().unwrap(), vec!["oci://registry.example:5000/team/cache@sha256:00".parse().unwrap()]));
    vec![glibc, zlib, hdf5]
}

fn build_record(id: &str, status: &str, output: &str) -> RecordCapsule {
    record(
        "spack.build",
        serde_json::json!({
            "id": id, "status": status, "spack_version": "0.17.3", "tags": "saved",
            "environment": {"hostname": "node1", "host_os": "debian12", "host_target": "skylake"},
            "phases": [{"name": "configure", "status": "SUCCESS", "output": ""}, {"name": "install", "status": status, "output": output}],
        }),
    )
}

/// A catalog of these modules.
pub(crate) fn imported(modules: Vec<ModuleProposal>) -> TestCatalog {
    let test = TestCatalog::new();
    let mut by_prefix: BTreeMap<ModuleName, Vec<ModuleProposal>> = BTreeMap::new();
    for module in modules {
        let (prefix, _) = module.name.as_str().rsplit_once('/').unwrap();
        by_prefix.entry(prefix.parse().unwrap()).or_default().push(module);
    }
    for (prefix, modules) in by_prefix {
        let proposals = Proposals { modules, prefix: &prefix, source: None, covers: &|_| false };
        test.open().import(proposals, ImportPolicy::default(), ApplyOptions::default()).unwrap();
    }
    test
}

/// The files of a catalog's site.
pub(crate) fn site_of(catalog: &Catalog) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().unwrap();
    write_site(catalog, out.path());
    super::files(out.path())
}

pub(crate) fn write_site(catalog: &Catalog, out: &std::path::Path) -> warecat::site::Report {
    let failed = |error: CatalogError| LoadError { code: error.code(), message: error.to_string() };
    let key = |name: &ModuleName| catalog.module_key(name).map_err(failed);
    let load = |name: &ModuleName| catalog.load_module_keyed(name).map_err(failed);
    let modules = Modules { names: catalog.module_names().unwrap(), key: &key, load: &load };
    build(&modules, out, &super::options()).unwrap()
}
