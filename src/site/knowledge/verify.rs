//! How to check what the site says: lines that work today.

use serde::Serialize;

use super::source::Sources;
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::ItemLabel;
use crate::site::frame::Frame;
use crate::site::index;
use crate::site::links::Place;
use crate::site::options::Options;
use crate::site::pages::{Head, Link};
use crate::site::safe::is_shell_word;
use crate::site::words::one_line;

/// The page that says how to check.
pub(in crate::site) fn verify_place() -> Place {
    Place::ours("_verify/index.html")
}

/// The page that says how to check.
#[derive(Debug, Serialize)]
pub(in crate::site) struct VerifyPage {
    pub(in crate::site) head: Head,
    /// A release of this catalog, for the lines.
    pub(in crate::site) sample: Option<Sample>,
    /// The commit that the site was made of, when a shell would read nothing into it.
    pub(in crate::site) commit: Option<String>,
    pub(in crate::site) sources: Vec<Link>,
    pub(in crate::site) about: String,
}

/// A release whose reference is plain.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Sample {
    pub(in crate::site) module: String,
    pub(in crate::site) release: String,
    /// `module:release:item`.
    pub(in crate::site) item: String,
    pub(in crate::site) ware: String,
    pub(in crate::site) cid: String,
}

/// An item of a release that names content or a place.
pub(super) fn item_of(release: &ReleaseEntry) -> Option<&ItemLabel> {
    let items = release.release.items.iter();
    items.filter(|(_, ware)| ware.packtype() != "spec").map(|(item, _)| item).next()
}

/// The newest release of a module, as an example; `None` where a shell would read more
/// into its names.
pub(in crate::site) fn sample(entry: &ModuleEntry) -> Option<Sample> {
    let release = index::in_order(entry).into_iter().find(|release| item_of(release).is_some())?;
    let item = item_of(release)?;
    let ware = release.release.items.get(item)?;
    let reference = format!("{}:{}", entry.name, release.name());
    let whole = format!("{reference}:{item}");
    is_shell_word(&whole).then(|| Sample {
        module: entry.name.to_string(),
        release: reference,
        item: whole,
        ware: ware.to_string(),
        cid: release.cid.to_string(),
    })
}

/// Makes the page.
pub(in crate::site) fn verify_page(
    frame: &Frame<'_>,
    options: &Options<'_>,
    sources: &Sources<'_>,
    sample: Option<Sample>,
) -> (Place, VerifyPage) {
    let place = verify_place();
    let link = |(page, at): &(Place, &crate::site::SourceAt)| Link {
        text: one_line(&at.source.name).unwrap_or_else(|| at.prefix.to_string()),
        href: Some(place.link(page)),
    };
    let page = VerifyPage {
        head: frame.head_with_data(
            &place,
            "How to check this",
            "How to check what this catalog says: its hashes, its commit, its releases and its sources.",
            vec![frame.home_crumb(&place), Link { text: "how to check this".into(), href: None }],
        ),
        sample,
        commit: options.commit.get().map(|commit| commit.id.clone()).filter(|id| is_shell_word(id)),
        sources: sources.places().map(link).collect(),
        about: place.link(&super::about_place()),
    };
    (place, page)
}
