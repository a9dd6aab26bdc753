//! `search`: which modules answer a query.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use warecat::catalog::{Catalog, CatalogError};
use warecat::code::{Code, Exit};
use warecat::search::{self, Document, Entry, Field, Filter, Found, Index, Query};

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Find modules by name, text, extension, target, toolchain, licence or source.
///
/// The words of QUERY must all stand in a module: in its name, its description, its
/// releases' descriptions, or the names of what it holds. The best match comes first. A
/// query may also hold `field:value`, and `-field:value` for what is to be left out; in
/// quotes, so that no flag is read into it: `warecat search "gromacs -licence:unknown"`.
///
/// A flag that is given more than once takes any of its values. `--licence=-unknown`
/// leaves a value out. A value may be a part: `--target zen4`, `--toolchain foss`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to look for.
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Only modules whose names begin with this part.
    #[arg(long, value_name = "SOURCE")]
    source: Vec<String>,
    /// Only modules of this kind: `software`, `python`, `r`, `virtual`, `image`, …
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only modules that are built for this CPU target.
    #[arg(long, value_name = "TARGET")]
    target: Vec<String>,
    /// Only modules that are built for this CPU family: `x86_64`, `aarch64`, …
    #[arg(long, value_name = "FAMILY")]
    family: Vec<String>,
    /// Only modules that are built for this accelerator.
    #[arg(long, value_name = "ACCELERATOR")]
    accelerator: Vec<String>,
    /// Only modules that are built with this toolchain.
    #[arg(long, value_name = "TOOLCHAIN")]
    toolchain: Vec<String>,
    /// Only modules under this licence, an SPDX identifier or `unknown`.
    #[arg(long, alias = "license", value_name = "LICENCE")]
    licence: Vec<String>,
    /// Only modules of this category.
    #[arg(long, value_name = "CATEGORY")]
    category: Vec<String>,
    /// Only modules that this person looks after.
    #[arg(long, value_name = "MAINTAINER")]
    maintainer: Vec<String>,
    /// Only modules that hold this extension, and in which releases.
    #[arg(long, value_name = "NAME")]
    extension: Vec<String>,
    /// The order of the results.
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = Sort::Relevance)]
    sort: Sort,
    /// Most results that are shown; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// The orders that results can have.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Sort {
    /// The best match first.
    Relevance,
    /// By title.
    Name,
    /// Most releases first.
    Releases,
}

/// A result, as `docs/search.md` describes it.
#[derive(Serialize)]
struct Answer<'a> {
    module: &'a str,
    title: &'a str,
    summary: Option<&'a str>,
    newest: Option<&'a str>,
    releases: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holding: Vec<String>,
    facets: &'a BTreeMap<Field, std::collections::BTreeSet<String>>,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let query = query(args);
    if query.is_empty() {
        let failure = Failure::new(Code::UsageInvalid, "there is nothing to search for");
        return Err(failure.with_hint("give a word, or a flag such as `--target zen4`"));
    }
    let catalog = context::open(global)?;
    let index = Index::new(documents(&catalog)?);
    let found = index.run(&query);
    let most = if args.limit == 0 { usize::MAX } else { args.limit };
    let shown: Vec<&Entry> = found.hits.iter().take(most).map(|hit| &index.entries()[hit.entry]).collect();
    let near = if found.hits.is_empty() { index.near(&query) } else { Vec::new() };
    if ui.is_json() {
        ui.json(&serde_json::json!({
            "query": query.to_string(),
            "total": found.hits.len(),
            "results": shown.iter().map(|entry| answer(&index, &query, entry)).collect::<Vec<_>>(),
            "facets": counts(&index, &found),
            "near": near,
        }))?;
    } else {
        ui.lines(table(&index, &query, &shown))?;
    }
    if found.hits.is_empty() {
        return Err(nothing(&index, &query, &near));
    }
    if shown.len() < found.hits.len() {
        ui.note(format!("{} of {} modules; `--limit 0` shows all", shown.len(), found.hits.len()));
    }
    Ok(Exit::Done)
}

/// What all flags and words ask for together.
fn query(args: &Args) -> Query {
    let mut query = Query::parse(&args.query.join(" "));
    query.sort = match args.sort {
        Sort::Relevance => search::Sort::Relevance,
        Sort::Name => search::Sort::Name,
        Sort::Releases => search::Sort::Releases,
    };
    let flags: [(Option<Field>, &[String]); 10] = [
        (Some(Field::Source), &args.source),
        (Some(Field::Kind), &args.kind),
        (Some(Field::Target), &args.target),
        (Some(Field::Arch), &args.family),
        (Some(Field::Accelerator), &args.accelerator),
        (Some(Field::Toolchain), &args.toolchain),
        (Some(Field::Licence), &args.licence),
        (Some(Field::Category), &args.category),
        (Some(Field::Maintainer), &args.maintainer),
        (None, &args.extension),
    ];
    for (field, values) in flags {
        values.iter().for_each(|value| query.add(Filter::new(field, value)));
    }
    query
}

/// What is searched of every module.
fn documents(catalog: &Catalog) -> Result<Vec<Document>, CatalogError> {
    let names = catalog.module_names()?;
    let document = |name| Ok(catalog.outline(name)?.map(|entry| Document::of(&entry)));
    let found: Vec<Option<Document>> = names.par_iter().map(document).collect::<Result<_, CatalogError>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn answer<'a>(index: &Index, query: &Query, entry: &'a Entry) -> Answer<'a> {
    let document = &entry.document;
    Answer {
        module: document.name.as_str(),
        title: &document.title,
        summary: document.summary.as_deref(),
        newest: document.newest.as_deref(),
        releases: document.releases,
        holding: index.holding(query, entry),
        facets: &document.values,
    }
}

/// How many results there are for each value that has some.
fn counts<'a>(index: &'a Index, found: &Found) -> BTreeMap<Field, BTreeMap<&'a str, u32>> {
    let of_facet = |(facet, counts): (&'a search::Facet, &Vec<u32>)| {
        let some = facet.values.iter().zip(counts).filter(|(_, count)| **count > 0);
        (facet.field, some.map(|(value, count)| (value.as_str(), *count)).collect())
    };
    index.facets().iter().zip(&found.counts).map(of_facet).collect()
}

/// A line for each result, in columns, and its summary below.
fn table(index: &Index, query: &Query, shown: &[&Entry]) -> Vec<String> {
    /// Longest text that others are aligned with.
    const WIDEST: usize = 48;
    let row = |entry: &Entry| {
        let document = &entry.document;
        [
            document.title.clone(),
            document.name.to_string(),
            document.newest.clone().unwrap_or_default(),
            targets(document),
        ]
    };
    let rows: Vec<[String; 4]> = shown.iter().map(|entry| row(entry)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count().min(WIDEST)).max().unwrap_or(0);
    let (title, module, newest) = (width(0), width(1), width(2));
    let mut lines = Vec::new();
    for (entry, row) in shown.iter().zip(&rows) {
        let line = format!("{:title$}  {:module$}  {:newest$}  {}", row[0], row[1], row[2], row[3]);
        lines.push(line.trim_end().to_owned());
        lines.extend(entry.document.summary.as_ref().map(|summary| format!("    {summary}")));
        lines.extend(index.holding(query, entry).into_iter().map(|release| format!("    in {release}")));
    }
    lines
}

/// For how many targets of each CPU family it is built.
fn targets(document: &Document) -> String {
    let of = |field| document.values.get(&field).into_iter().flatten();
    let family = |family: &String| {
        let count = of(Field::Target).filter(|target| target.starts_with(family.as_str())).count();
        if count > 1 { format!("{family} ({count})") } else { family.clone() }
    };
    of(Field::Arch).map(family).collect::<Vec<_>>().join(", ")
}

fn nothing(index: &Index, query: &Query, near: &[&str]) -> Failure {
    let failure = Failure::new(Code::NotFound, format!("no module answers `{query}`"));
    let words = Query { filters: Vec::new(), ..query.clone() };
    let without = if query.filters.is_empty() { 0 } else { index.run(&words).hits.len() };
    match near {
        _ if without > 0 => failure.with_hint(format!("without what narrows it, {without} would")),
        [] => failure,
        near => {
            let names: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            failure.with_hint(format!("there is {}", names.join(", ")))
        }
    }
}
