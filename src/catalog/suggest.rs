//! What someone may have meant: upstream's spelling of a name, or a near miss.

use super::error::CatalogError;
use super::open::Catalog;
use crate::model::{ModuleName, metadata, upstream};

/// The most suggestions that are made.
const MOST: usize = 5;

/// The module whose `name` is the asked one's last part, in upstream's spelling.
pub(super) fn by_spelling(catalog: &Catalog, asked: &str) -> Result<Option<ModuleName>, CatalogError> {
    let Some((folder, spelling)) = asked.rsplit_once('/') else { return Ok(None) };
    let Ok(folder) = folder.to_ascii_lowercase().parse::<ModuleName>() else { return Ok(None) };
    let hashed = upstream::hashed_segment(spelling, upstream::SHORT);
    let candidates = std::iter::once(hashed).chain(upstream::segment(spelling));
    for candidate in candidates.filter_map(|part| folder.join(&part).ok()) {
        if let Some(module) = catalog.module(&candidate)? {
            let name = module.metadata.get(metadata::NAME).map_or(candidate.last_segment(), String::as_str);
            if name.eq_ignore_ascii_case(spelling) {
                return Ok(Some(candidate));
            }
        }
    }
    Ok(None)
}

/// The modules below what was asked for, or else those whose names are near it.
pub(super) fn modules(asked: &str, names: &[ModuleName]) -> Vec<String> {
    let is_below = |name: &&ModuleName| name.as_str().strip_prefix(asked).is_some_and(|rest| rest.starts_with('/'));
    let below: Vec<String> = names.iter().filter(is_below).take(MOST).map(ToString::to_string).collect();
    if below.is_empty() { near(asked, names.iter().map(ModuleName::as_str)) } else { below }
}

/// The names that are nearest to what was asked for, best first.
pub(super) fn near<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let asked = asked.to_lowercase();
    let mut scored: Vec<(f64, &str)> =
        names.map(|name| (likeness(&asked, &name.to_lowercase()), name)).filter(|(score, _)| *score > 0.6).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(MOST).map(|(_, name)| name.to_owned()).collect()
}

/// How alike two names are, from 0 to 1: by their last parts above all.
fn likeness(asked: &str, name: &str) -> f64 {
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    let (asked_last, name_last) = (last(asked), last(name));
    let begins = asked_last.len() > 2 && (name_last.starts_with(&asked_last) || asked_last.starts_with(&name_last));
    let parts = match asked_last == name_last {
        true => 1.0,
        false if begins => 0.9,
        false => strsim::normalized_damerau_levenshtein(&asked_last, &name_last),
    };
    parts * 0.9 + strsim::jaro_winkler(asked, name) * 0.1
}
