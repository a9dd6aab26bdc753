//! The site and its catalog, for the first page.

use serde::Serialize;

use super::{CONTEXT, text};

#[derive(Debug, Serialize)]
struct Graph<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@graph")]
    graph: (WebSite<'a>, DataCatalog<'a>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WebSite<'a> {
    #[serde(rename = "@type")]
    of_type: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    potential_action: Option<SearchAction>,
}

#[derive(Debug, Serialize)]
struct SearchAction {
    #[serde(rename = "@type")]
    of_type: &'static str,
    target: EntryPoint,
    #[serde(rename = "query-input")]
    query_input: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryPoint {
    #[serde(rename = "@type")]
    of_type: &'static str,
    url_template: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DataCatalog<'a> {
    #[serde(rename = "@type")]
    of_type: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    license: Vec<String>,
}

/// The JSON-LD of the first page; `search` is the whole address of the page that answers
/// searches, `licences` the SPDX identifiers of the facts.
pub(in crate::site) fn home(
    name: &str,
    description: Option<&str>,
    url: Option<&str>,
    search: Option<&str>,
    licences: &[&str],
) -> String {
    let action = |address: &str| SearchAction {
        of_type: "SearchAction",
        target: EntryPoint { of_type: "EntryPoint", url_template: format!("{address}?q={{search_term_string}}") },
        query_input: "required name=search_term_string",
    };
    let site = WebSite { of_type: "WebSite", name, url, potential_action: search.map(action) };
    let license = licences.iter().map(|id| format!("https://spdx.org/licenses/{id}")).collect();
    let catalog = DataCatalog { of_type: "DataCatalog", name, description, url, license };
    text(&Graph { context: CONTEXT, graph: (site, catalog) })
}
