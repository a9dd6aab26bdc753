//! What every page shows of the site: its title, the sources, the commit.

use super::freshness::days_behind;
use super::knowledge;
use super::options::{Commit, Options, SourceAt};
use super::pages::{CommitView, Count, Site, SourceFileView, SourceView};
use super::release_section::fact;
use super::words::{counted, number, one_line, shown};

/// What every page shows; the commit is not part of it.
pub(super) fn site(options: &Options<'_>) -> Site {
    let pages = knowledge::Sources::new(options);
    let sources = pages.places().map(|(place, at)| SourceView { page: place.url(), ..source(at) });
    Site {
        title: options.title.clone(),
        description: options.description.clone(),
        tool_version: options.tool_version.clone(),
        sources: sources.collect(),
        commit: None,
    }
}

/// What the pages show that show the commit.
pub(super) fn dated_site(options: &Options<'_>) -> Site {
    let mut site = site(options);
    let pages = knowledge::Sources::new(options);
    for (view, (_, at)) in site.sources.iter_mut().zip(pages.places()) {
        view.behind = days_behind(at, options);
    }
    Site { commit: options.commit.get().map(commit), ..site }
}

fn commit(commit: &Commit) -> CommitView {
    let short = commit.id.chars().take(12).collect();
    CommitView { id: commit.id.clone(), short, date: commit.date.clone() }
}

/// What a source last gave, for pages.
pub(super) fn source(at: &SourceAt) -> SourceView {
    let source = &at.source;
    let file = |file: &crate::model::SourceFile| SourceFileView {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        size: number(usize::try_from(file.size).unwrap_or(usize::MAX)),
    };
    let count = |(what, n): (&String, &u64)| Count {
        number: number(usize::try_from(*n).unwrap_or(usize::MAX)),
        what: shown(what).text,
    };
    SourceView {
        name: one_line(&source.name).unwrap_or_default(),
        kind: one_line(&source.kind).unwrap_or_default(),
        version: source.version.as_deref().and_then(one_line),
        timestamp: source.timestamp.as_deref().map(|text| fact("timestamp", text)),
        address: source.url.as_deref().map(|text| fact("url", text)),
        counts: source.counts.iter().map(count).collect(),
        files: source.files.iter().map(file).collect(),
        files_text: counted(source.files.len(), "file", "files"),
        behind: None,
        page: String::new(),
    }
}
