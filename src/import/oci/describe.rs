//! What images say of themselves, as metadata of modules and releases.

use super::found::{Content, Holds, ImageFound, TagFound};
use crate::import::image::describe::{self, ReleaseFacts, Said};
use crate::model::{Metadata, Value};

/// Labels that say the version; of SIF images others go first.
const VERSION: [&str; 5] =
    ["org.opencontainers.image.version", "org.label-schema.version", "Version", "VERSION", "version"];
const CREATED: &str = "org.opencontainers.image.created";

/// What is said of an image, the nearest to it first: its labels, the annotations of its
/// manifest, those of the index.
pub(super) fn said<'a>(tag: &'a TagFound, image: &'a ImageFound) -> Said<'a> {
    let labels = match &image.content {
        Content::Image { config, .. } => {
            Said::default().then(config.get("config").and_then(|inner| inner.get("Labels")))
        }
        Content::Sif { facts, .. } => facts.said(),
        Content::Artifact(_) => Said::default(),
    };
    let index = match &tag.holds {
        Holds::Index { whole, .. } => whole.get("annotations"),
        Holds::One(_) => None,
    };
    labels.then(image.whole.get("annotations")).then(index)
}

/// What an image says of its software as a whole.
pub(super) fn module(tag: &TagFound, image: &ImageFound) -> Metadata {
    let help = match &image.content {
        Content::Sif { facts, .. } => facts.help(),
        Content::Image { .. } | Content::Artifact(_) => None,
    };
    describe::module(&said(tag, image), help, None)
}

/// What the images of a tag, of which there is at least one, say of the release.
pub(super) fn release(tag: &TagFound, images: &[&ImageFound]) -> Metadata {
    let Some(first) = images.first() else { return Metadata::new() };
    let said = said(tag, first);
    let is_said = || said.first(&[CREATED]).map(str::to_owned);
    let (version, date) = match &first.content {
        Content::Sif { facts, .. } => (facts.version(), facts.date()),
        Content::Image { config, .. } => {
            let created = config.get("created").and_then(Value::as_text).map(str::to_owned);
            (None, created.filter(|text| is_date(text)).or_else(is_said))
        }
        Content::Artifact(_) => (None, is_said()),
    };
    let facts = ReleaseFacts {
        name: tag.tag.as_str(),
        version: version.or_else(|| said.first(&VERSION)),
        date: date.filter(|text| is_date(text)),
        source: "oci",
        signed_by: images
            .iter()
            .map(|image| match &image.content {
                Content::Sif { facts, .. } => Some(&facts.signed_by),
                _ => None,
            })
            .collect(),
        verified_by: Vec::new(),
    };
    facts.metadata()
}

/// Whether a text is a moment as RFC 3339 writes it, and not Go's word for none.
fn is_date(text: &str) -> bool {
    let shape = |text: &str| -> String { text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() };
    let Some((start, rest)) = text.split_at_checked(19) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    text.len() <= 40
        && shape(start) == "0000-00-00T00:00:00"
        && matches!(shape(rest).as_str(), "Z" | "+00:00" | "-00:00")
        && !start.starts_with("0001-01-01")
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn t23_dates_are_dates() {
        for good in ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456789+02:00", "1970-01-01T00:00:00Z"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "2024-01-01",
            "0001-01-01T00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00Zx",
            "2024-01-01 00:00:00Z",
            "error: no such image",
            "２０２４-01-01T00:00:00Z",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
