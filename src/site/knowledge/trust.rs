//! How to check and how to cite a release, on its module's page.

use serde::Serialize;

use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::metadata;
use crate::site::frame::Frame;
use crate::site::index;
use crate::site::links::{Place, anchor};
use crate::site::pages::Link;
use crate::site::safe::{is_shell_word, web_link};
use crate::site::structured::licence_id;
use crate::site::words::one_line;

use super::verify::{item_of, verify_place};

/// How to check and cite a release.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Trust {
    pub(in crate::site) release: Link,
    /// What the release's CID is, which the lines print too.
    pub(in crate::site) cid: String,
    /// Lines to type within a copy of the catalog; none when a shell would read more into
    /// a name.
    pub(in crate::site) check: Vec<String>,
    /// A sentence to cite it by.
    pub(in crate::site) citation: String,
    /// The same for machines.
    pub(in crate::site) codemeta: String,
    /// The page that explains checking.
    pub(in crate::site) verify: String,
}

/// What CodeMeta says of a release.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeMeta<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    of_type: &'static str,
    name: &'a str,
    version: &'a str,
    identifier: [&'a str; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// How to check and cite a release, on the page `place`.
pub(in crate::site) fn trust(frame: &Frame<'_>, place: &Place, entry: &ModuleEntry, release: &ReleaseEntry) -> Trust {
    let fact = |key: &str| entry.metadata.get(key).map(String::as_str);
    let title = index::title(entry);
    let cid = release.cid.to_string();
    let reference = format!("{}:{}", entry.name, release.name());
    let name = release.name().as_str();
    let href = frame.index.release(&entry.name, release.name()).map(|id| frame.index.link_to(place, id));
    let page = frame.absolute(place).map(|page| format!(" {page}#{}", anchor(name)));
    let catalog = one_line(frame.title()).unwrap_or_else(|| "a catalog".into());
    let version = release.fact(metadata::VERSION).and_then(one_line).unwrap_or_else(|| name.to_owned());
    let codemeta = CodeMeta {
        context: "https://w3id.org/codemeta/3.0",
        of_type: "SoftwareSourceCode",
        name: &title,
        version: &version,
        identifier: [&reference, &cid],
        description: fact(metadata::DESCRIPTION).and_then(one_line),
        license: fact(metadata::LICENSE).and_then(licence_id).map(|id| format!("https://spdx.org/licenses/{id}")),
        url: fact(metadata::HOMEPAGE).and_then(web_link),
    };
    Trust {
        release: Link { text: name.to_owned(), href },
        check: check_lines(&reference, release),
        citation: format!("{title} {version}. {catalog}, release {reference}, CID {cid}.{}", page.unwrap_or_default()),
        codemeta: serde_json::to_string_pretty(&codemeta).expect("plain values always have a text"),
        verify: place.link(&verify_place()),
        cid,
    }
}

/// Lines that recompute a release's hashes, print its CID and say where an item is.
fn check_lines(reference: &str, release: &ReleaseEntry) -> Vec<String> {
    if !is_shell_word(reference) {
        return Vec::new();
    }
    let item = item_of(release).map(|item| format!("{reference}:{item}")).filter(|item| is_shell_word(item));
    let lines = ["warecat check".to_owned(), format!("warecat show {reference}")];
    lines.into_iter().chain(item.map(|item| format!("warecat resolve {item}"))).collect()
}
