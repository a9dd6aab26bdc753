//! The modules of each value of a facet, as pages.

use super::data::label;
use super::page::{BrowsePage, Value, Values, browse_place, by};
use crate::search::{Facet, Field, Index};
use crate::site::frame::Frame;
use crate::site::links::Place;
use crate::site::listing::{self, ROWS};
use crate::site::pages::{Link, ListingPage, PageLink, Section};
use crate::site::twins;
use crate::site::words::{counted, number};

/// The facets that have lists.
const LISTED: &[Field] = &[
    Field::Source,
    Field::Kind,
    Field::Category,
    Field::Target,
    Field::Accelerator,
    Field::Toolchain,
    Field::Licence,
    Field::Maintainer,
];
/// Most values of a facet that the page to browse from names.
const SHOWN: usize = 12;
/// Longest name of a value's file.
const LONGEST: usize = 100;

/// The facets of an index that have lists, and values.
pub(super) fn listed(index: &Index) -> impl Iterator<Item = &Facet> {
    let facet = |field: &Field| index.facets().iter().find(|facet| facet.field == *field);
    LISTED.iter().filter_map(facet).filter(|facet| !facet.values.is_empty())
}

/// The page of all values of a facet.
pub(super) fn list_place(facet: &Facet, page: usize) -> Place {
    let name = if page == 0 { "index".into() } else { format!("~p{}", page + 1) };
    Place::ours(&format!("_browse/{}/{name}.html", facet.field))
}

/// The page of a value's modules.
fn value_place(facet: &Facet, value: usize, page: usize) -> Place {
    let text = &facet.values[value];
    if facet.field == Field::Source {
        // A source is what names begin with, and that has a page already.
        return Place::module(text);
    }
    let number = if page == 0 { String::new() } else { format!("~p{}", page + 1) };
    Place::ours(&format!("_browse/{}/{}{number}.html", facet.field, file_name(text)))
}

/// A file's name for a value: equal for values only that differ in case.
fn file_name(value: &str) -> String {
    let mut name = String::from("-");
    for byte in value.to_lowercase().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'+' => name.push(char::from(byte)),
            _ => name.push_str(&format!("~{byte:02x}")),
        }
    }
    if name.len() > LONGEST {
        name = format!("{}~-{}", &name[..LONGEST / 2], &blake3::hash(name.as_bytes()).to_hex()[..16]);
    }
    name
}

/// Whether a list is about builds. What lies in other modules is then listed with what
/// holds it: else each CPU target's list would name every package of R.
fn is_of_builds(field: Field) -> bool {
    matches!(field, Field::Target | Field::Accelerator | Field::Toolchain)
}

/// A page that is to be made.
#[derive(Debug, Clone, Copy)]
pub(in crate::site) enum Wanted<'a> {
    /// The page to browse from.
    Browse,
    /// A page of a facet's values.
    Values(&'a Facet, usize),
    /// A page of a value's modules.
    Modules(&'a Facet, usize, usize),
}

/// A page of either kind.
pub(in crate::site) enum Page {
    /// A page of values.
    Browse(Place, BrowsePage),
    /// A page of modules.
    Listing(Place, ListingPage),
}

/// The pages that so many rows take, when these are several.
fn several(rows: usize, place: impl Fn(usize) -> Place) -> Vec<Place> {
    let count = rows.div_ceil(ROWS);
    if count > 1 { (0..count).map(place).collect() } else { Vec::new() }
}

/// All lists of facets.
pub(in crate::site) struct FacetLists<'a> {
    frame: &'a Frame<'a>,
    index: &'a Index,
    /// The modules of each value, by the numbers that the site gives them, in the order
    /// of their titles: a list for each facet, in the order of the index.
    modules: Vec<Vec<Vec<u32>>>,
}

impl<'a> FacetLists<'a> {
    /// Sorts all modules into values.
    pub(in crate::site) fn new(frame: &'a Frame<'a>, index: &'a Index) -> Self {
        let numbers: Vec<Option<u32>> =
            index.entries().iter().map(|entry| frame.index.module(&entry.document.name)).collect();
        let of_facet = |facet: &Facet| -> Vec<Vec<u32>> {
            let mut all = vec![Vec::new(); facet.values.len()];
            let mut unheld = all.clone();
            let is_of_builds = is_of_builds(facet.field);
            for (entry, number) in numbers.iter().enumerate() {
                let is_held = !index.entries()[entry].document.holders.is_empty();
                for value in facet.values_of(entry).iter().map(|value| *value as usize) {
                    all[value].extend(number);
                    unheld[value].extend(number.filter(|_| !(is_of_builds && is_held)));
                }
            }
            let own = |(all, unheld): (Vec<u32>, Vec<u32>)| if unheld.is_empty() { all } else { unheld };
            all.into_iter().zip(unheld).map(own).collect()
        };
        Self { frame, index, modules: index.facets().iter().map(of_facet).collect() }
    }

    fn modules(&self, facet: &Facet, value: usize) -> &[u32] {
        let at = self.index.facets().iter().position(|known| known.field == facet.field).unwrap_or_default();
        &self.modules[at][value]
    }

    /// Every page that there is to make.
    pub(in crate::site) fn wanted(&self) -> Vec<Wanted<'a>> {
        let mut wanted = vec![Wanted::Browse];
        for facet in listed(self.index) {
            wanted.extend((0..facet.values.len().div_ceil(ROWS)).map(|page| Wanted::Values(facet, page)));
            if facet.field != Field::Source {
                for value in 0..facet.values.len() {
                    let pages = self.modules(facet, value).len().div_ceil(ROWS);
                    wanted.extend((0..pages).map(|page| Wanted::Modules(facet, value, page)));
                }
            }
        }
        wanted
    }

    /// The first page of each list, for search engines.
    pub(in crate::site) fn places(&self) -> Vec<Place> {
        let place = |wanted: Wanted<'_>| match wanted {
            Wanted::Browse => browse_place(),
            Wanted::Values(facet, page) => list_place(facet, page),
            Wanted::Modules(facet, value, page) => value_place(facet, value, page),
        };
        self.wanted().into_iter().map(place).collect()
    }

    /// Makes one page.
    pub(in crate::site) fn page(&self, wanted: Wanted<'a>) -> Page {
        match wanted {
            Wanted::Browse => self.browse(),
            Wanted::Values(facet, page) => self.values(facet, page),
            Wanted::Modules(facet, value, page) => self.value(facet, value, page),
        }
    }

    /// The file beside a page.
    pub(in crate::site) fn twin(&self, wanted: Wanted<'a>) -> (Place, Vec<u8>) {
        match wanted {
            Wanted::Browse => {
                let place = browse_place();
                let facets: Vec<_> =
                    listed(self.index).map(|facet| self.values_twin(&place, facet, &self.most_common(facet))).collect();
                twins::facet(&place, &facets, &[])
            }
            Wanted::Values(facet, page) => {
                let place = list_place(facet, page);
                let all: Vec<usize> = (0..facet.values.len()).collect();
                let here = all.chunks(ROWS).nth(page).unwrap_or_default();
                let mut values = self.values_twin(&place, facet, here);
                values.all = None;
                twins::facet(&place, &[values], &several(all.len(), |page| list_place(facet, page)))
            }
            Wanted::Modules(facet, value, page) => {
                let modules = self.modules(facet, value);
                let rows = modules.chunks(ROWS).nth(page).unwrap_or_default();
                let pages = several(modules.len(), |page| value_place(facet, value, page));
                twins::modules(&value_place(facet, value, page), self.frame.index, rows, &pages)
            }
        }
    }

    fn values_twin(&self, page: &Place, facet: &'a Facet, values: &[usize]) -> twins::Values<'a> {
        let from = page.twin();
        let value = |value: &usize| twins::Value {
            value: &facet.values[*value],
            modules: self.modules(facet, *value).len(),
            data: from.link(&value_place(facet, *value, 0).twin()),
        };
        let is_all = values.len() == facet.values.len();
        twins::Values {
            facet: facet.field.to_string(),
            values: values.iter().map(value).collect(),
            all: (!is_all).then(|| from.link(&list_place(facet, 0).twin())),
        }
    }

    /// The values that the page to browse from names.
    fn most_common(&self, facet: &Facet) -> Vec<usize> {
        let mut order: Vec<usize> = (0..facet.values.len()).collect();
        order.sort_by_key(|value| std::cmp::Reverse(self.modules(facet, *value).len()));
        order.truncate(SHOWN);
        order
    }

    /// A value with its link, from a page.
    fn link(&self, from: &Place, facet: &Facet, value: usize) -> Value {
        Value {
            text: facet.values[value].clone(),
            href: from.link(&value_place(facet, value, 0)),
            number: number(self.modules(facet, value).len()),
        }
    }

    fn browse(&self) -> Page {
        let place = browse_place();
        let section = |facet: &Facet| {
            let order = self.most_common(facet);
            let is_all = order.len() == facet.values.len();
            let text = format!("all {}", number(facet.values.len()));
            Values {
                id: facet.field.to_string(),
                heading: Some(label(facet.field).to_owned()),
                values: order.into_iter().map(|value| self.link(&place, facet, value)).collect(),
                all: (!is_all).then(|| Link { text, href: Some(place.link(&list_place(facet, 0))) }),
            }
        };
        let view = BrowsePage {
            head: self.frame.head_with_data(
                &place,
                "Browse",
                "The modules of the catalog by source, kind, target, toolchain, licence, category and maintainer.",
                vec![self.frame.home_crumb(&place), Link { text: "browse".into(), href: None }],
            ),
            heading: "Browse".into(),
            summary: counted(self.index.entries().len(), "module", "modules"),
            sections: listed(self.index).map(section).collect(),
            pages: Vec::new(),
        };
        Page::Browse(place, view)
    }

    fn values(&self, facet: &Facet, page: usize) -> Page {
        let place = list_place(facet, page);
        let by = by(facet);
        let all: Vec<usize> = (0..facet.values.len()).collect();
        let here = all.chunks(ROWS).nth(page).unwrap_or_default();
        let count = facet.values.len().div_ceil(ROWS);
        let link = |at: usize| PageLink {
            label: format!("{} – {}", facet.values[at * ROWS], facet.values[((at + 1) * ROWS).min(all.len()) - 1]),
            href: place.link(&list_place(facet, at)),
            current: at == page,
        };
        let section = Values {
            id: facet.field.to_string(),
            heading: None,
            values: here.iter().map(|at| self.link(&place, facet, *at)).collect(),
            all: None,
        };
        let view = BrowsePage {
            head: self.frame.head_with_data(
                &place,
                &format!("Modules {by}{}", listing::page_suffix(page)),
                &format!("The modules of the catalog {by}."),
                self.crumbs(&place, vec![Link { text: by.clone(), href: None }]),
            ),
            heading: format!("Modules {by}"),
            summary: counted(all.len(), "value", "values"),
            sections: vec![section],
            pages: if count > 1 { (0..count).map(link).collect() } else { Vec::new() },
        };
        Page::Browse(place, view)
    }

    fn value(&self, facet: &Facet, value: usize, page: usize) -> Page {
        let place = value_place(facet, value, page);
        let modules = self.modules(facet, value);
        let text = &facet.values[value];
        let heading = format!("{}: {text}", label(facet.field));
        let crumbs = vec![
            Link { text: by(facet), href: Some(place.link(&list_place(facet, 0))) },
            Link { text: text.clone(), href: None },
        ];
        let rows = modules.chunks(ROWS).nth(page).unwrap_or_default();
        let view = ListingPage {
            head: self.frame.head_with_data(
                &place,
                &format!("{heading}{}", listing::page_suffix(page)),
                &format!("The modules of the catalog with {heading}."),
                self.crumbs(&place, crumbs),
            ),
            summary: self.summary(facet, modules.len()),
            heading,
            letters: Vec::new(),
            groups: Vec::new(),
            sections: vec![Section {
                id: "modules".into(),
                heading: None,
                rows: listing::rows(self.frame, &place, rows),
            }],
            pages: listing::pages(self.frame, &place, modules, 0, page, |page| value_place(facet, value, page)),
        };
        Page::Listing(place, view)
    }

    fn summary(&self, facet: &Facet, count: usize) -> String {
        let count = counted(count, "module", "modules");
        match is_of_builds(facet.field) {
            true => format!("{count}; extensions are listed with what holds them"),
            false => count,
        }
    }

    fn crumbs(&self, place: &Place, last: Vec<Link>) -> Vec<Link> {
        let browse = Link { text: "browse".into(), href: Some(place.link(&browse_place())) };
        [self.frame.home_crumb(place), browse].into_iter().chain(last).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn no_two_values_share_a_file() {
        assert_eq!(file_name("GPL-3.0-only"), "-gpl-3.0-only");
        assert_eq!(file_name("foss/2023b"), "-foss~2f2023b");
        assert_ne!(file_name("a_2"), file_name("a~2"));
        assert!(file_name("../..").starts_with('-') && !file_name("../..").contains('/'));
        let long = "x".repeat(300);
        assert!(file_name(&long).len() < 100 && file_name(&long) != file_name(&format!("{long}y")));
    }
}
