//! The data beside pages: valid by the schemas that the site publishes, and linked.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::Value;
use warecat::catalog::Catalog;

use super::fixture::{Draft, small};
use super::{built, html, target, text};

/// The validator of each shape, from the site itself.
fn validators(site: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Validator> {
    let schemas = site.iter().filter(|(path, _)| path.starts_with("_schema/"));
    let validators = schemas.map(|(path, bytes)| {
        let schema: Value = serde_json::from_slice(bytes).unwrap();
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{path} is no schema");
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        (path.clone(), validator)
    });
    validators.collect()
}

fn check(validator: &Validator, path: &str, value: &Value) {
    let errors: Vec<_> = validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).take(5).collect();
    assert!(errors.is_empty(), "{path}: {errors:#?}");
}

/// Holds every twin of a site against its schema; gives how many there are of each.
pub(crate) fn check_twins(site: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, usize> {
    let validators = validators(site);
    let mut counts = BTreeMap::new();
    for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with(".json") && !path.starts_with("_schema/")) {
        let value: Value = serde_json::from_slice(bytes).unwrap();
        let Some(schema) = value.get("$schema").and_then(Value::as_str) else { continue };
        let schema = target(path, schema);
        check(&validators[&schema], path, &value);
        *counts.entry(schema).or_default() += 1;
    }
    let index: Value = serde_json::from_slice(&site["_catalog/index.json"]).unwrap();
    for file in index["files"].as_array().unwrap() {
        let path = target("_catalog/index.json", file["path"].as_str().unwrap());
        let lines = text(site, &path);
        assert_eq!(file["bytes"], lines.len(), "{path}");
        assert_eq!(file["modules"], lines.lines().count(), "{path}");
        for line in lines.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            check(&validators["_schema/line.json"], line, &value);
            *counts.entry("_schema/line.json".into()).or_default() += 1;
            assert!(site.contains_key(&target("", value["page"].as_str().unwrap())), "{line}");
            assert!(site.contains_key(&target("", value["data"].as_str().unwrap())), "{line}");
        }
    }
    counts
}

#[test]
fn every_twin_is_valid_and_every_page_names_one() {
    let site = built(&small());
    let counts = check_twins(&site);
    for shape in ["about", "catalog", "facet", "home", "line", "list", "module", "replay", "search", "source", "verify"]
    {
        assert!(counts.contains_key(&format!("_schema/{shape}.json")), "{shape}: {counts:?}");
    }
    for path in site.keys().filter(|path| path.ends_with(".html") && *path != "404.html") {
        let (tags, _) = html::read(text(&site, path)).unwrap();
        let is_twin =
            |tag: &&html::Tag| tag.get("type") == Some("application/json") && tag.get("rel") == Some("alternate");
        let twin = tags.iter().find(is_twin).unwrap_or_else(|| panic!("{path} names no data"));
        let twin = target(path, twin.get("href").unwrap());
        assert!(site.contains_key(&twin), "{path}: {twin} is not there");
    }
}

#[test]
fn a_schema_refuses_what_it_does_not_know() {
    let site = built(&small());
    let validators = validators(&site);
    for (path, bytes) in &site {
        let Ok(Value::Object(value)) = serde_json::from_slice(bytes) else { continue };
        let Some(schema) = value.get("$schema").and_then(Value::as_str).filter(|_| !path.starts_with("_schema/"))
        else {
            continue;
        };
        let validator = &validators[&target(path, schema)];
        let mut more = value.clone();
        more.insert("surprise".into(), Value::Null);
        assert!(!validator.is_valid(&Value::Object(more)), "{path}");
        for key in value.keys() {
            let mut fewer = value.clone();
            fewer.shift_remove(key);
            assert!(!validator.is_valid(&Value::Object(fewer)), "{path} is valid without {key}");
        }
    }
}

#[test]
fn hostile_texts_are_valid_data_that_says_them() {
    let mut draft = Draft::new("x.org/a;b$(c)'&%41#=+");
    for (at, text) in super::HOSTILE.iter().enumerate() {
        draft = draft.meta(&format!("{text}{at}"), text);
    }
    for (key, text) in ["name", "description", "homepage", "license", "kind"].iter().zip(super::HOSTILE) {
        draft = draft.meta(key, text);
    }
    for (at, text) in super::HOSTILE.iter().enumerate() {
        draft = draft.release(&format!("{at}'&é ;%#$(x)"), |_, release| {
            for key in ["version", "date", "toolchain", "yanked", "kind", text] {
                release.metadata.insert(key.into(), (*text).into());
            }
        });
    }
    let site = built(&[draft.done()]);
    assert_eq!(check_twins(&site)["_schema/module.json"], 1);
    let line: Value = serde_json::from_str(text(&site, "catalog.ndjson")).unwrap();
    assert_eq!(line["description"], super::HOSTILE[1]);
}

#[test]
fn renovate_reads_versions_and_their_dates() {
    let site = built(&small());
    let bash: Value = serde_json::from_slice(&site["warpsys.org/bash/index.json"]).unwrap();
    assert_eq!(bash["releases"][0]["version"], "v5.1.16");
    assert_eq!(bash["releases"][0]["releaseTimestamp"], "2022-01-05");
}

/// Every twin of a real catalog, which `WARECAT_CATALOG` names.
#[test]
#[ignore = "needs a large catalog"]
fn every_twin_of_a_real_catalog_is_valid() {
    let catalog = Catalog::open(std::path::Path::new(&std::env::var("WARECAT_CATALOG").unwrap())).unwrap();
    println!("{:?}", check_twins(&super::spack::site_of(&catalog)));
}
