//! From a reference to a ware and the places where it can be had.

use super::ReleaseEntry;
use super::error::CatalogError;
use super::open::Catalog;
use super::suggest;
use crate::model::target::{Choice, Wanted, choose};
use crate::model::{
    CatalogRef, ItemLabel, ModuleName, ReleaseName, ReleaseRef, WareId, WarehouseAddr, WarpforgeCid, metadata,
};

/// What a person asks for: `module`, `module:release` or `module:release:item`, the
/// module by its name or by upstream's spelling (in which `::` may stand).
///
/// ```
/// use warecat::catalog::Query;
/// let query = Query::parse("eessi.io/2023.06/ext/perl/Archive::Zip:1.68").unwrap();
/// assert_eq!(query.module, "eessi.io/2023.06/ext/perl/Archive::Zip");
/// assert_eq!(query.release.unwrap().as_str(), "1.68");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The module as it was asked for; not yet a name.
    pub module: String,
    /// The release.
    pub release: Option<ReleaseName>,
    /// The item.
    pub item: Option<ItemLabel>,
}

impl Query {
    /// Reads what a person asks for.
    ///
    /// # Errors
    /// `reference-invalid`, `name-invalid`.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        // No release or item holds a colon, so `::` is part of the module's name.
        const HOLD: &str = "\u{0}";
        if text.contains(HOLD) {
            return Err(text.parse::<ModuleName>().map(|_| ()).expect_err("no name holds a NUL").into());
        }
        let held = text.replace("::", HOLD);
        let parts: Vec<String> = held.split(':').map(|part| part.replace(HOLD, "::")).collect();
        let (module, release, item) = match parts.as_slice() {
            [module] => (module, None, None),
            [module, release] => (module, Some(release.parse()?), None),
            [module, release, item] => (module, Some(release.parse()?), Some(item.parse()?)),
            _ => return Err(text.parse::<CatalogRef>().map(|_| ()).expect_err("it has more than three parts").into()),
        };
        Ok(Self { module: module.clone(), release, item })
    }
}

/// A ware that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The item.
    pub reference: CatalogRef,
    /// The CID of its release.
    pub release: WarpforgeCid,
    /// Its ware.
    pub ware: WareId,
    /// Where it can be had, the best place first.
    pub mirrors: Vec<WarehouseAddr>,
    /// The release that the mirrors were taken from, when it is not the item's own.
    pub parent: Option<ReleaseRef>,
    /// Why it should not be used any more, when it should not.
    pub yanked: Option<String>,
}

impl Catalog {
    /// The module that is asked for, by its name or by upstream's spelling.
    ///
    /// # Errors
    /// `not-found`, with what is near; `io`.
    pub fn find_module(&self, asked: &str) -> Result<ModuleName, CatalogError> {
        if let Ok(name) = asked.parse::<ModuleName>()
            && self.module(&name)?.is_some()
        {
            return Ok(name);
        }
        if let Some(name) = suggest::by_spelling(self, asked)? {
            return Ok(name);
        }
        let names = self.module_names()?;
        Err(missing("module", asked, None, suggest::modules(asked, &names)))
    }

    /// The release that is asked for.
    fn find_release(&self, query: &Query) -> Result<(ModuleName, ReleaseEntry), CatalogError> {
        let module = self.find_module(&query.module)?;
        let document = self.module(&module)?.ok_or_else(|| missing("module", module.as_str(), None, Vec::new()))?;
        let releases = || document.releases.keys().map(ReleaseName::as_str);
        let Some(name) = &query.release else {
            return Err(missing("release", "", Some(module.to_string()), newest(releases())));
        };
        match self.release(&module, name)? {
            Some(entry) => Ok((module, entry)),
            None => {
                let near = near_or(suggest::near(name.as_str(), releases()), || newest(releases()));
                Err(missing("release", name.as_str(), Some(module.to_string()), near))
            }
        }
    }

    /// Chooses the item of a release that fits a machine best; `query`'s own item is not
    /// looked at. The query then asks for what was chosen.
    ///
    /// # Errors
    /// `not-found` for the module or the release; what reading can meet. That nothing
    /// fits is no error.
    pub fn choose(&self, query: &Query, wanted: &Wanted) -> Result<(Query, Choice), CatalogError> {
        let (module, entry) = self.find_release(query)?;
        let choice = choose(wanted, entry.release.items.keys().map(ItemLabel::as_str));
        let item = choice.item.as_deref().and_then(|item| entry.release.items.get_key_value(item));
        let query = Query {
            module: module.into(),
            release: Some(entry.release.release_name.clone()),
            item: item.map(|(label, _)| label.clone()),
        };
        Ok((query, choice))
    }

    /// Looks up an item.
    ///
    /// # Errors
    /// `not-found`, with what is near or else there is; what reading can meet.
    pub fn resolve(&self, query: &Query) -> Result<Resolved, CatalogError> {
        let (module, entry) = self.find_release(query)?;
        let name = entry.name();
        let within = || Some(format!("{module}:{name}"));
        let items = || entry.release.items.keys().map(ItemLabel::as_str);
        let all = || items().map(str::to_owned).collect();
        let Some(item) = &query.item else {
            return Err(missing("item", "", within(), all()));
        };
        let Some(ware) = entry.release.items.get(item) else {
            let near = near_or(suggest::near(item.as_str(), items()), all);
            return Err(missing("item", item.as_str(), within(), near));
        };
        let (mirrors, parent) = self.addresses(&module, ware, entry.fact(metadata::PARENT))?;
        Ok(Resolved {
            reference: CatalogRef { module, release: name.clone(), item: item.clone() },
            yanked: entry.fact(metadata::YANKED).map(str::to_owned),
            ware: ware.clone(),
            release: entry.cid,
            mirrors,
            parent,
        })
    }

    /// A ware's addresses, from its module or else from its release's parent.
    fn addresses(
        &self,
        module: &ModuleName,
        ware: &WareId,
        parent: Option<&str>,
    ) -> Result<(Vec<WarehouseAddr>, Option<ReleaseRef>), CatalogError> {
        let own = self.mirrors(module)?.addresses(module, ware);
        let Some(parent) = parent.and_then(|text| text.parse::<ReleaseRef>().ok()).filter(|_| own.is_empty()) else {
            return Ok((own, None));
        };
        let mirrors = self.mirrors(&parent.module)?.addresses(&parent.module, ware);
        Ok((mirrors, Some(parent)))
    }
}

/// What is near, or else what there is.
fn near_or(near: Vec<String>, some: impl FnOnce() -> Vec<String>) -> Vec<String> {
    if near.is_empty() { some() } else { near }
}

fn newest<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort_by(|a, b| crate::model::order::newest_first(a, b));
    names.truncate(5);
    names
}

fn missing(what: &'static str, asked: &str, within: Option<String>, near: Vec<String>) -> CatalogError {
    CatalogError::NotFound { what, asked: asked.to_owned(), within, near }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn a_query_asks_for_its_text_and_nothing_else() {
        let query = Query::parse("p/Archive::Zip:1.68:src").unwrap();
        assert_eq!((query.module.as_str(), query.item.unwrap().as_str()), ("p/Archive::Zip", "src"));
        assert!(Query::parse("p/Archive\u{0}Zip:1.68").is_err());
        assert!(Query::parse("a:b:c:d").is_err());
    }
}
