//! Drives a build: index, pages, files.
//!
//! What an earlier build left is used where it is known to be the same. A module's facts
//! are kept when its documents have the same key; its pages are kept when that is so, all
//! that they asked of the index is answered as before, and their files lie there as they
//! were left. A page of no single module is kept when its data are the same. All of it
//! holds only for one program with one set of templates and options ([`settings`]).

use std::path::Path;
use std::sync::Arc;

use super::answers::digest;
use super::changes::Timeline;
use super::error::SiteError;
use super::frame::Frame;
use super::freshness::Freshnesses;
use super::index::{Index, Table};
use super::links::Base;
use super::note::Note;
use super::options::{Modules, Options, Report};
use super::output::{Files, Output};
use super::passes::{Part, Second, gather};
use super::render::Renderer;
use super::site_view::{dated_site, site};
use super::state::{Kept, State};
use super::templates::{self, Template};
use super::writer::Writer;
use crate::model::ModuleName;

/// Builds the site of all modules in the folder `out`.
///
/// # Errors
/// `output-foreign` when the folder holds something else; `template-invalid`;
/// `usage-invalid` for a base URL that is none; `io`; or the code of a module that
/// cannot be read.
pub fn build(modules: &Modules<'_>, out: &Path, options: &Options<'_>) -> Result<Report, SiteError> {
    let base = options.base_url.as_deref().map(Base::parse).transpose()?;
    let templates = templates::load(options.templates.as_deref())?;
    let plain = Renderer::new(&templates, options.templates.as_deref())?;
    let mut names = modules.names.clone();
    names.sort();
    names.dedup();
    let mut output = Output::open(out)?;
    let timeline = Timeline::gather(options, &output);
    let settings = settings(options, &templates, &timeline);
    let is_fresh = options.fresh || options.tool_id.is_empty();
    let kept = if is_fresh { None } else { Kept::load(output.root(), settings) };
    let earlier = kept.as_ref().map(State::of).unwrap_or_default();
    output.set_kept(earlier.kept);
    let (facts, modules_found) = gather(modules, &names, &earlier, options)?;
    let table = Arc::new(Table::link(facts));
    let index = Index::new(table.clone());
    let mut truths = table.truths();
    truths.add(table.modules.iter().map(|card| timeline.dates.answer(&card.name)));
    let renderer = plain.with(&site(options))?;
    let (sources, prefixes) = (Freshnesses::new(&options.sources), prefixes(options));
    let frame = Frame {
        index: &index,
        description: &options.description,
        title: &options.title,
        base: base.as_ref(),
        sources: &sources,
        timeline: &timeline,
        prefixes: &prefixes,
        module_feeds: options.module_feeds,
        release_pages: options.release_pages,
        cid_pages: options.cid_pages,
    };
    let files = Files::new(&output, earlier.files.values());
    let writer = Writer { frame: &frame, renderer: &renderer, output: &files, made_of: Some("") };
    let second = Second { writer: &writer, output: &output, truths: &truths, table: &table, modules, options };
    // Beside one another, since making the search and the lists keeps one processor busy.
    let (common, parts) = rayon::join(|| writer.common(options, &templates, &table), || second.run(modules_found));
    common?;
    let parts = parts?;
    let renderer = plain.with(&dated_site(options))?;
    let state = format!("{:?}", options.commit.get());
    Writer { renderer: &renderer, made_of: Some(&state), ..writer }.dated(modules, options)?;
    let notes = files.notes();
    let report = report(&table, &parts, &notes);
    let finish = || {
        let bytes = (!earlier.is(&parts, &notes))
            .then(|| State::bytes(settings, &notes, parts.iter().map(|part| (part.name, part.state.as_ref()))));
        let all = parts.iter().flat_map(|part| &part.state.files).chain(&notes);
        output.finish(&all.map(|note| note.path.as_str()).collect(), bytes)
    };
    // What pages looked at is large enough that forgetting it takes time.
    let (counts, ()) = rayon::join(finish, || drop((index, table, truths)));
    let counts = counts?;
    Ok(Report { written: counts.written, unchanged: report.files - counts.written, removed: counts.removed, ..report })
}

/// What every build must have in common with the one whose pages it keeps. The commit is
/// not part of it: few pages show it, and those depend on it by themselves.
fn settings(options: &Options<'_>, templates: &[Template], timeline: &Timeline) -> u128 {
    // Named one by one, so that none that is added is forgotten.
    let Options {
        title,
        description,
        base_url,
        templates: _,
        sources,
        licences,
        commit: _,
        past: _,
        module_feeds,
        release_pages,
        cid_pages,
        tool_version,
        tool_id,
        fresh: _,
        progress: _,
    } = options;
    let texts: Vec<_> = templates.iter().map(|template| (&template.name, &template.text)).collect();
    // Which commits are told of is no part of it: what a module's pages say of them is an
    // answer of its own.
    let past = (timeline.has_page(), timeline.has_feed(), timeline.first.as_deref(), timeline.dates.common());
    let sources: Vec<_> = sources.iter().map(|at| (&at.prefix, &at.source)).collect();
    let files = (module_feeds, release_pages, cid_pages);
    let shown = (title, description, base_url, sources, licences, files);
    let all = (shown, past, tool_version, tool_id, texts);
    digest(&serde_json::to_vec(&all).expect("plain values always have a text"))
}

fn prefixes(options: &Options<'_>) -> Vec<ModuleName> {
    let mut prefixes: Vec<ModuleName> = options.sources.iter().map(|at| at.prefix.clone()).collect();
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

fn report(table: &Table, parts: &[Part<'_>], notes: &[Note]) -> Report {
    let files = || parts.iter().flat_map(|part| &part.state.files).chain(notes);
    Report {
        modules: table.modules.len(),
        releases: table.modules.iter().map(|card| card.releases.len()).sum(),
        files: files().count(),
        bytes: files().map(|note| note.length).sum(),
        made: parts.iter().filter(|part| part.is_made).count(),
        ..Report::default()
    }
}
