//! Pages of what Spack publishes, and the same as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::site::spack::{CACHE, GLIBC, HDF5, RECIPES, ZLIB, cache, imported, recipes, site_of, write_site};
use crate::site::{check_site, html, text};

type Site = BTreeMap<String, Vec<u8>>;

fn whole() -> Site {
    site_of(&imported(recipes().into_iter().chain(cache()).collect()).open())
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
    check_site(&whole());
}
