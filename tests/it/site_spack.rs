//! Pages of what Spack publishes, and the same as JSON.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::site::spack::{
    CACHE, GLIBC, HDF5, Node, RECIPES, ZLIB, cache, imported, module, recipes, record, release, site_of, spec, ware,
    write_site,
};
use crate::site::{HOSTILE, check_site, html, text};

type Site = BTreeMap<String, Vec<u8>>;

fn whole() -> &'static Site {
    static SITE: LazyLock<Site> =
        LazyLock::new(|| site_of(&imported(recipes().into_iter().chain(cache()).collect()).open()));
    &SITE
}

/// A page's text.
fn shown(site: &Site, path: &str) -> String {
    html::read(text(site, path)).unwrap_or_else(|error| panic!("{path}: {error}")).1
}

fn data(site: &Site, module: &str) -> Value {
    serde_json::from_slice(&site[&format!("{module}/index.json")]).unwrap()
}

#[test]
#[ignore = "writes a site to look at, below the folder that WARECAT_SITE names"]
fn look() {
    let test = imported(recipes().into_iter().chain(cache()).collect());
    write_site(&test.open(), std::path::Path::new(&std::env::var("WARECAT_SITE").unwrap()));
}

#[test]
fn every_link_of_a_catalog_of_spack_leads_somewhere() {
    check_site(whole());
}

#[test]
fn a_recipe_page_says_what_spack_s_users_look_for() {
    let site = whole();
    let page = shown(site, &format!("{RECIPES}/zlib/index.html"));
    for words in [
        "Latest release: 1.3.1",
        "spack install zlib@=1.3.1\n",
        "licence\u{0}unknown",
        "alice, bob",
        "build-tools, detectable",
        "MakefilePackage",
        "names a package and its version, not bytes",
        "sha256 9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23",
        "commit 5a4fff4d948cd12a5cf5f637ad2c561815a77d8e",
        "not known, branch trunk",
        "zlib.example/…/zlib-1.3.1.tar.gz",
        "ftp://zlib.example/zlib.tgz",
        "+shared",
        "~optimize",
        "build_system=makefile",
        "Build a shared library",
        "zlib-api",
        "nowhere-to-be-found not in this catalog",
        "Required by 3 recipes",
        "no such thing there",
        "@1.2.11%cce",
        "Deprecated versions: 1",
        "novel",
    ] {
        // A term and its description are told apart by their tags only.
        let found = words.split('\u{0}').all(|part| page.contains(part));
        assert!(found, "{words:?} is not shown: {page}");
    }
    let (tags, _) = html::read(text(site, &format!("{RECIPES}/zlib/index.html"))).unwrap();
    let links: Vec<_> = tags.iter().filter_map(|tag| tag.get("href")).collect();
    for link in ["../gmake/index.html", "../py-odd-name/index.html", "../solver/index.html", "index.json"] {
        assert!(links.contains(&link), "{link}: {links:?}");
    }
    let rows: Vec<_> = tags.iter().filter_map(|tag| tag.get("id")?.strip_prefix("r-")).collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(!page.contains("Versions and targets"));
}

#[test]
fn what_many_recipes_need_has_the_whole_list_on_a_page_of_its_own() {
    let site = whole();
    let page = shown(site, &format!("{RECIPES}/gmake/index.html"));
    assert!(page.contains("Required by 132 recipes") && page.contains("All 132 recipes that may need it"), "{page}");
    let (tags, list) = html::read(text(site, &format!("{RECIPES}/gmake/_needed-by.html"))).unwrap();
    assert!(list.contains("132 recipes may need gmake"));
    let users = tags.iter().filter(|t| t.get("href").is_some_and(|href| href.starts_with("../p"))).count();
    assert_eq!(users, 131);
    assert_eq!(data(site, &format!("{RECIPES}/gmake"))["dependents"].as_array().unwrap().len(), 132);
    assert!(!site.contains_key(&format!("{RECIPES}/zlib/_needed-by.html")));
}

#[test]
fn a_virtual_package_has_providers_and_no_releases() {
    let site = whole();
    let path = format!("{RECIPES}/mpi/index.html");
    let page = shown(site, &path);
    for words in [
        "virtual package",
        "Provided by 3 packages",
        "openmpi@1.7.5:",
        "absent-mpi not in this catalog",
        "Required by 1 recipe",
    ] {
        assert!(page.contains(words), "{words:?} is not shown: {page}");
    }
    assert!(!page.contains("0 releases") && !page.contains("Use it"), "{page}");
    let list = shown(site, &format!("{RECIPES}/index.html"));
    assert!(list.contains("mpi virtual package") && list.contains("Provided by 3 packages"), "{list}");
    let (tags, _) = html::read(text(site, &path)).unwrap();
    for link in ["../openmpi/index.html", "../mpich/index.html", "../solver/index.html"] {
        assert!(tags.iter().any(|tag| tag.get("href") == Some(link)), "{link}");
    }
    assert!(shown(site, &format!("{RECIPES}/solver/index.html")).contains("mpi virtual"));
    let data = data(site, &format!("{RECIPES}/mpi"));
    assert_eq!((&data["kind"], &data["releases"]), (&json!("virtual"), &json!([])));
    assert_eq!(
        data["providers"][0],
        json!({"name": "openmpi", "module": format!("{RECIPES}/openmpi"), "spec": "openmpi@1.7.5:"})
    );
}

#[test]
fn a_concrete_spec_is_shown_as_spack_writes_it() {
    let site = whole();
    let page = shown(site, &format!("{CACHE}/zlib/index.html"));
    for words in [
        "spack mirror add builds https://cache.example/mirror\n".to_owned(),
        format!("spack install --cache-only /{ZLIB}\n"),
        format!("spack install /{ZLIB}\n"),
        "names a concrete spec by Spack’s hash of it, not bytes".into(),
        "gcc@12.2.0".into(),
        "skylake".into(),
        "~mpi".into(),
        "fabrics=none".into(),
        "cflags=\"-O2 -g\"".into(),
        "glibc 2.36".into(),
        "libc".into(),
        "Signed by 00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF, not verified here".into(),
        "Required by 1".into(),
        "2 builds".into(),
        "all is well".into(),
        "FAILED".into(),
        "the beginning of 40000 bytes".into(),
        "configure: SUCCESS, without output".into(),
        "node1".into(),
    ] {
        assert!(page.contains(&words), "{words:?} is not shown: {page}");
    }
    assert_eq!(site.keys().filter(|path| path.starts_with(&format!("{CACHE}/zlib/_records/"))).count(), 1);
    let page = shown(site, &format!("{CACHE}/hdf5/index.html"));
    for words in [
        "spack mirror add --unsigned builds oci://registry.example:5000/team/cache\n",
        "Spliced: it was built",
        "build, link",
        "gone not in this catalog",
        "Not signed.",
        "Signed, and verified at import with the key BB22.",
    ] {
        assert!(page.contains(words), "{words:?} is not shown: {page}");
    }
    let page = shown(site, &format!("{CACHE}/glibc/index.html"));
    assert!(page.contains("External: it was on the machine before Spack") && page.contains("/usr"), "{page}");
    assert!(page.contains("Required by 2") && !page.contains("spack install") && !page.contains("warecat resolve"));
    assert!(!shown(site, &format!("{CACHE}/index.html")).contains("external"), "external is a release's kind");
}

#[test]
fn the_data_beside_a_page_says_what_it_says() {
    let site = whole();
    let zlib = data(site, &format!("{RECIPES}/zlib"));
    assert_eq!(zlib["format"], "warecat.site.module.v1");
    assert_eq!(zlib["latest"], "1.3.1");
    assert_eq!(zlib["install"], json!(["spack install zlib@=1.3.1"]));
    assert_eq!(
        zlib["variants"][0],
        json!({"name": "shared", "default": "+shared", "description": "Build a shared library"})
    );
    let expected = json!([
        {"name": "gmake", "module": format!("{RECIPES}/gmake")},
        {"name": "nowhere-to-be-found", "module": null},
        {"name": "py-odd_name", "module": format!("{RECIPES}/py-odd-name")},
    ]);
    assert_eq!(zlib["dependencies"], expected);
    assert_eq!(zlib["dependents"], json!(["mpich", "openmpi", "solver"].map(|name| format!("{RECIPES}/{name}"))));
    assert_eq!(zlib["provides"], json!([{"name": "zlib-api", "module": null, "spec": "zlib"}]));
    let release = zlib["releases"].as_array().unwrap().iter().find(|r| r["version"] == "1.3.1").unwrap();
    assert_eq!(release["page"], "index.html#r-1.3.1");
    assert_eq!(release["items"][0]["mirrors"].as_array().unwrap().len(), 2);

    let spec = &data(site, &format!("{CACHE}/hdf5"))["releases"][0];
    assert_eq!(spec["spec"]["hash"], HDF5);
    assert_eq!(spec["spec"]["parameters"][1], "~mpi");
    let needed = json!({"name": "glibc", "hash": GLIBC, "types": ["link"], "virtuals": ["libc"],
        "release": format!("{CACHE}/glibc:2.36-{GLIBC}")});
    assert_eq!(spec["spec"]["dependencies"][1], needed);
    assert_eq!(spec["spec"]["dependencies"][2]["release"], Value::Null);
    let zlib = &data(site, &format!("{CACHE}/zlib"))["releases"][0];
    assert_eq!(zlib["required_by"], json!([format!("{CACHE}/hdf5:1.14.3-{HDF5}")]));
    assert_eq!(zlib["builds"][1]["status"], "FAILED");
    for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with("/index.json") && !path.starts_with('_')) {
        let page = path.replace("index.json", "index.html");
        assert!(text(site, &page).contains("<link rel=\"alternate\" type=\"application/json\" href=\"index.json\">"));
        assert!(serde_json::from_slice::<Value>(bytes).is_ok(), "{path}");
    }
}

#[test]
fn two_imports_in_other_orders_give_the_same_site() {
    let mut modules: Vec<_> = recipes().into_iter().chain(cache()).collect();
    modules.reverse();
    assert!(*whole() == site_of(&imported(modules).open()));
}

/// A recipe and a concrete spec that say one text wherever they can.
fn saying(number: usize, text: &str) -> [warecat::model::ModuleProposal; 2] {
    let data = json!({
        "repology": {"dependencies": [text, "../../zlib", "zlib"], "alias": [{"name": text, "alias_for": text}],
            "patches": [text], "version": [{"version": text, "branch": text}], text: {text: [text]}},
        "package": {"build_system": text, "latest_version": text, "versions_deprecated": [{"name": text}],
            "conflicts": [{"name": text, "spec": text, "description": text}, text],
            "patches": [{"url": text, "version": text, "sha256": text}],
            "variants": [{"name": format!("v{text}"), "default": text, "description": text}, {"name": "list", "default": [text]}, 7],
            "versions": [{"name": text, "sha256": text}, null]},
    });
    let facts = [("name", text), ("description", text), ("license", text), ("maintainers", text), ("categories", text)];
    let mut recipe = module(&format!("{RECIPES}/x{number}"), &facts, Some(record("spack.recipe", data)));
    recipe.releases.push(release("1", &[("version", text), ("source", "spack")], &[("src", &ware("file", text))]));
    recipe.releases.push(release(
        "2",
        &[("version", "2"), ("source", "spack")],
        &[("upstream", &ware("source", text))],
    ));

    let more = json!({
        "namespace": text, "package_hash": text, "hash": text, "compiler": {"name": text, "version": text},
        "arch": {"platform": text, "platform_os": text, "target": text},
        "parameters": {text: text, "list": [text, text], "cflags": [text]},
        "external": number.is_multiple_of(2).then(|| json!({"path": text, "module": [text]})),
        "build_spec": {"hash": text},
        "dependencies": [{"name": format!("n{text}"), "hash": text, "parameters": {"deptypes": [text], "virtuals": text}}, text],
    });
    let tarball = ware("spack", text);
    let facts = [("signed-by", text), ("kind", text), ("source", text)];
    let node = Node { name: text, version: "1", hash: ZLIB, more };
    let mut made = spec(&node, &facts, &[("linux", &tarball)], &[]);
    let phase = json!({"name": text, "status": text, "output": text});
    made.builds.push(record(
        "spack.build",
        json!({"id": text, "status": text, "phases": [phase, text], "environment": {"host_os": text}}),
    ));
    made.builds.push(record("spack.build", json!([text])));
    let mut concrete = module(&format!("{CACHE}/x{number}"), &[("name", text)], None);
    concrete.releases.push(made);
    let address = "https://h.example/$(id)/build_cache/x.spack";
    concrete.mirrors.push((tarball.parse().unwrap(), vec![address.parse().unwrap()]));
    [recipe, concrete]
}

#[test]
fn t24_t25_whatever_spack_s_records_say_is_text_and_no_command() {
    let texts: Vec<&str> = HOSTILE.iter().copied().chain(["x;rm -rf ~", "-rf", "a b", "1:2", "$(id)"]).collect();
    let mut modules: Vec<_> = (0..).zip(&texts).flat_map(|(number, text)| saying(number, text)).collect();
    let virtual_facts = [("kind", "virtual"), ("providers", "<script>alert(1)</script>, ../x0@1, x1+\u{202e}, , @")];
    modules.push(module(&format!("{RECIPES}/virtual"), &virtual_facts, None));
    let site = site_of(&imported(modules).open());
    check_site(&site);
    for (number, hostile) in (0..).zip(&texts) {
        let recipe = format!("{RECIPES}/x{number}");
        let page = shown(&site, &format!("{recipe}/index.html"));
        // The second version is a plain one, but the package's name never is.
        assert!(!page.contains("spack install"), "{hostile:?}: {page}");
        assert!(page.contains("A command is not shown") || page.contains("withheld"), "{hostile:?}: {page}");
        let concrete = format!("{CACHE}/x{number}");
        assert!(!shown(&site, &format!("{concrete}/index.html")).contains("spack "), "{hostile:?}");
        let recipe = data(&site, &recipe);
        assert_eq!(recipe["variants"][0]["default"], format!("v{hostile}={hostile}"), "nothing is lost");
        assert_eq!(recipe["install"], json!([]));
        assert_eq!(data(&site, &concrete)["releases"][0]["spec"]["parameters"].as_array().unwrap().len(), 3);
    }
    let page = shown(&site, &format!("{RECIPES}/x0/index.html"));
    assert!(page.contains("v<script>alert(1)</script>"), "{page}");
    assert!(shown(&site, &format!("{RECIPES}/virtual/index.html")).contains("<script>alert(1)</script>"));
}

#[test]
fn t25_a_version_that_is_more_than_a_word_has_no_command_of_its_own() {
    let mut zlib = recipes().swap_remove(0);
    zlib.releases.push(release("9", &[("version", "9;rm -rf ~"), ("source", "spack")], &[("src", &ware("file", "9"))]));
    let site = site_of(&imported(vec![zlib]).open());
    let page = shown(&site, &format!("{RECIPES}/zlib/index.html"));
    assert!(page.contains("withheld") && page.contains("spack install zlib@=1.3.1") && !page.contains("@=9"), "{page}");
}

#[test]
fn records_of_other_shapes_and_lists_without_end_are_shown_as_far_as_they_go() {
    let many: Vec<String> = (0..5000).map(|n| format!("need{n}")).collect();
    let shapes =
        [json!([]), json!("x"), json!({"repology": [], "package": 3}), json!({"repology": {"dependencies": many}})];
    let odd = (0..).zip(shapes).map(|(n, data): (usize, _)| {
        module(&format!("{RECIPES}/odd{n}"), &[("description", "Odd.")], Some(record("spack.recipe", data)))
    });
    let mut spec_module = module(&format!("{CACHE}/odd"), &[], None);
    for (n, node) in
        ["", "[]", "{\"name\": 7, \"arch\": [], \"parameters\": [], \"dependencies\": {}}"].iter().enumerate()
    {
        let mut made = release(&format!("{n}-{ZLIB}"), &[], &[]);
        made.record = Some(record("spack.spec", json!({"node": node})));
        spec_module.releases.push(made);
    }
    let site = site_of(&imported(odd.chain([spec_module]).collect()).open());
    check_site(&site);
    let page = shown(&site, &format!("{RECIPES}/odd3/index.html"));
    assert!(page.contains("5,000 packages") && page.contains("Not all of it is shown"), "{page:.2000}");
    assert_eq!(data(&site, &format!("{RECIPES}/odd3"))["dependencies"].as_array().unwrap().len(), 5000);
}

/// What `warecat show` prints.
fn show(catalog: &std::path::Path, args: &[&str]) -> String {
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_warecat"));
    run.arg("-C").arg(catalog).arg("show").args(args);
    let output = run.output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn show_says_what_recipes_and_specs_need_and_how_to_install_them() {
    let test = imported(recipes().into_iter().take(7).chain(cache()).collect());
    let json = |what: &str| serde_json::from_str::<Value>(&show(test.path(), &["--json", what])).unwrap();
    let zlib = json(&format!("{RECIPES}/zlib"));
    assert_eq!(zlib["record"]["kind"], "spack.recipe");
    assert_eq!(zlib["dependencies"][1], json!({"name": "nowhere-to-be-found", "module": null}));
    assert_eq!(zlib["dependencies"][2], json!({"name": "py-odd_name", "module": format!("{RECIPES}/py-odd-name")}));
    assert!(zlib["releases"].as_array().unwrap().iter().any(|r| r["install"] == json!(["spack install zlib@=1.2.13"])));
    let hdf5 = json(&format!("{CACHE}/hdf5:1.14.3-{HDF5}"));
    assert_eq!(hdf5["dependencies"][0]["reference"], format!("{CACHE}/zlib:1.3.1-{ZLIB}"));
    assert_eq!(hdf5["dependencies"][2]["reference"], Value::Null);
    assert_eq!(hdf5["install"][1], format!("spack install --cache-only /{HDF5}"));
    let built = json(&format!("{CACHE}/zlib:1.3.1-{ZLIB}"));
    assert_eq!(built["builds"][0]["record"]["data"]["id"], "b1");
    let text = show(test.path(), &[&format!("{RECIPES}/zlib")]);
    assert!(text.contains("  depends on\tgmake\tspack.example/gmake\n"), "{text}");
    assert!(text.contains("  depends on\tnowhere-to-be-found\tnot in this catalog\n"), "{text}");
    let text = show(test.path(), &[&format!("{CACHE}/zlib:1.3.1-{ZLIB}")]);
    assert!(text.contains(&format!("  install\tspack install --cache-only /{ZLIB}\n")), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("  build\t")).count(), 2);
}

#[test]
fn every_field_of_the_data_is_documented() {
    fn keys(value: &Value, found: &mut BTreeMap<String, ()>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                found.insert(key.clone(), ());
                if key != "metadata" {
                    keys(value, found);
                }
            }),
            Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
            _ => {}
        }
    }
    let document = include_str!("../../docs/site.md");
    let mut found = BTreeMap::new();
    for module in [format!("{RECIPES}/zlib"), format!("{RECIPES}/mpi"), format!("{CACHE}/zlib")] {
        keys(&data(whole(), &module), &mut found);
    }
    assert!(found.len() > 30, "{found:?}");
    for key in found.keys() {
        assert!(document.contains(&format!("`{key}`")), "{key} is not in docs/site.md");
    }
}
