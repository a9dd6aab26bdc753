//! `site`: the catalog as web pages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Subcommand;
use warecat::catalog::changes::History;
use warecat::catalog::{Catalog, CatalogError};
use warecat::code::{Code, Exit};
use warecat::git::Repo;
use warecat::model::ModuleName;
use warecat::site::{self, Commit, LoadError, Modules, Options, Past, Progress, Report, Shown, SourceAt, Stage};

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context, site_check, site_serve};

/// The catalog as a static web site.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(BuildArgs),
    Check(site_check::Args),
    Serve(site_serve::Args),
}

/// Write the catalog as a static web site.
///
/// Only what changed is written again, and nothing that is not of the site is touched. A
/// folder that holds other files is refused.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// The URL at which the site is published, for absolute links; that of `catalog.toml` otherwise.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// How many of the last commits to tell of; 0 for none. That of `catalog.toml` otherwise, or 20.
    #[arg(long, value_name = "N")]
    changes: Option<usize>,
    /// Write no feed for each module, where a host limits the number of files.
    #[arg(long)]
    no_module_feeds: bool,
    /// Write a page for each release beside its section on the module's page, where Warpforge's
    /// site has it.
    #[arg(long)]
    release_pages: bool,
    /// Write a page for each CID of a module, release or replay: `_cid/<cid>/`.
    #[arg(long)]
    cid_pages: bool,
    /// Say what would be written, and write nothing; exits with 5.
    #[arg(long)]
    dry_run: bool,
    /// Make every page again, instead of keeping those that are known to be the same.
    #[arg(long)]
    fresh: bool,
    /// A folder of templates in place of the built-in ones.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    match &args.command {
        Command::Build(args) => write(args, global, ui),
        Command::Check(args) => site_check::run(args, ui),
        Command::Serve(args) => site_serve::run(args, global, ui),
    }
}

fn write(args: &BuildArgs, global: &Global, ui: &Ui) -> Outcome {
    let catalog = context::open(global)?;
    check_output(global, &args.output)?;
    if args.dry_run {
        let modules = catalog.module_names()?.len();
        ui.note(format!("would write the site of {modules} modules to `{}`", args.output.display()));
        return Ok(Exit::WouldChange);
    }
    let commit = commit(global)?;
    let past = past(global, &catalog, args.changes, ui)?;
    let (base_url, templates) = (args.base_url.clone(), args.templates.clone());
    let options = BuildOptions {
        base_url,
        templates,
        commit,
        past,
        no_module_feeds: args.no_module_feeds,
        release_pages: args.release_pages,
        cid_pages: args.cid_pages,
        fresh: args.fresh,
    };
    let report = build(&catalog, &args.output, options, ui)?;
    if ui.is_json() {
        ui.json(&serde_json::json!({
            "modules": report.modules, "releases": report.releases, "files": report.files,
            "written": report.written, "unchanged": report.unchanged, "removed": report.removed,
        }))?;
    }
    Ok(Exit::Done)
}

/// What [`build`] is told beside the catalog.
#[derive(Default)]
pub(crate) struct BuildOptions<'a> {
    pub(crate) base_url: Option<String>,
    pub(crate) templates: Option<PathBuf>,
    pub(crate) commit: Shown<'a>,
    pub(crate) past: CommitsTold,
    pub(crate) no_module_feeds: bool,
    pub(crate) release_pages: bool,
    pub(crate) cid_pages: bool,
    pub(crate) fresh: bool,
}

/// The last commits that a site tells of.
#[derive(Default)]
pub(crate) struct CommitsTold {
    /// How many; with none, nothing is told of the past.
    pub(crate) number: usize,
    /// The commits, where git keeps the catalog.
    pub(crate) history: Option<History>,
}

/// How many commits a site tells of, where nothing else is said.
const CHANGES: usize = 20;
/// How many commits are looked at for one that is told: some change nothing of the catalog.
const LOOKED_AT: usize = 20;

/// Finds the last commits of the catalog. A repository that cannot be read is told, and
/// the site says that the past is not known.
pub(crate) fn past(global: &Global, catalog: &Catalog, asked: Option<usize>, ui: &Ui) -> Result<CommitsTold, Failure> {
    let number = asked.or(catalog.config().site.changes).unwrap_or(CHANGES);
    let rev = global.rev.as_deref().unwrap_or("HEAD");
    let found = told(&context::folder(global)?, rev, number);
    Ok(found.unwrap_or_else(|error| {
        ui.warn(format!("what changed is not known: {error}"));
        CommitsTold { number, history: None }
    }))
}

/// The last commits of the catalog in a folder.
pub(crate) fn told(folder: &Path, rev: &str, number: usize) -> Result<CommitsTold, CatalogError> {
    let history = match number {
        0 => None,
        number => History::open(folder, rev, number.saturating_mul(LOOKED_AT))?,
    };
    Ok(CommitsTold { number, history })
}

/// Writes a catalog's site; whether it is that of a commit is found out meanwhile.
pub(crate) fn build(catalog: &Catalog, out: &Path, args: BuildOptions<'_>, ui: &Ui) -> Result<Report, Failure> {
    thread::scope(|scope| {
        let commit = args.commit.clone();
        scope.spawn(move || drop(commit.get().cloned()));
        build_now(catalog, out, args, ui)
    })
}

fn build_now(catalog: &Catalog, out: &Path, args: BuildOptions<'_>, ui: &Ui) -> Result<Report, Failure> {
    let config = catalog.config();
    let names = catalog.module_names()?;
    let bar = ui.progress("pages written");
    let progress = |progress: Progress| {
        if progress.stage == Stage::Render {
            bar.inc(1);
        }
    };
    let options = Options {
        title: config.site.title.clone().or_else(|| config.catalog.name.clone()).unwrap_or_else(|| "Catalog".into()),
        description: config.catalog.description.clone().unwrap_or_default(),
        base_url: args.base_url.or_else(|| config.site.base_url.clone()),
        templates: args.templates,
        sources: sources(catalog, &names)?,
        past: match (&args.past.history, args.past.number) {
            (_, 0) => Past::Hidden,
            (None, _) => Past::Unknown,
            (Some(history), commits) => Past::Known { history, commits },
        },
        module_feeds: !args.no_module_feeds,
        release_pages: args.release_pages,
        cid_pages: args.cid_pages,
        licences: config.sources.iter().filter_map(|s| Some((s.prefix.clone(), s.licence.clone()?))).collect(),
        commit: args.commit,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        tool_id: tool_id().unwrap_or_default(),
        fresh: args.fresh,
        progress: Some(&progress),
    };
    let failed = |error: CatalogError| LoadError { code: error.code(), message: error.to_string() };
    let key = |name: &ModuleName| catalog.module_key(name).map_err(failed);
    let load = |name: &ModuleName| catalog.load_module_keyed(name).map_err(failed);
    let modules = Modules { names, key: &key, load: &load };
    let report = site::build(&modules, out, &options)?;
    bar.finish_and_clear();
    ui.note(format!(
        "site of {} modules and {} releases: {} files written, {} unchanged, {} removed",
        report.modules, report.releases, report.written, report.unchanged, report.removed
    ));
    Ok(report)
}

/// The hash of this program: pages that another one made are not kept, be it of the same
/// version.
fn tool_id() -> Option<String> {
    let program = std::fs::read(std::env::current_exe().ok()?).ok()?;
    Some(blake3::hash(&program).to_hex().to_string())
}

/// The commit that the pages are made from; none when files differ from it, or when git
/// cannot tell.
pub(crate) fn commit(global: &Global) -> Result<Shown<'_>, Failure> {
    let folder = context::folder(global)?;
    Ok(Shown::by(move || {
        let repo = Repo::discover(&folder).ok()??;
        let is_exact = global.rev.is_some() || repo.is_clean().unwrap_or(false);
        if is_exact { at(&repo, global.rev.as_deref().unwrap_or("HEAD")) } else { None }
    }))
}

/// Refuses to write pages among the documents: within the catalog, only a folder whose
/// name begins with `_` is no place for modules.
pub(crate) fn check_output(global: &Global, output: &Path) -> Result<(), Failure> {
    let whole = |path: &Path| {
        let existing = path.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
        existing.map(|(part, real)| real.join(path.strip_prefix(part).unwrap_or(Path::new(""))))
    };
    let catalog = whole(&std::path::absolute(context::folder(global)?).unwrap_or_default());
    let output_path = whole(&std::path::absolute(output).unwrap_or_default());
    let (Some(catalog), Some(output_path)) = (catalog, output_path) else { return Ok(()) };
    let Ok(inner) = output_path.strip_prefix(&catalog) else { return Ok(()) };
    match inner.iter().next().and_then(|first| first.to_str()) {
        Some(first) if first.starts_with('_') => Ok(()),
        _ => {
            let message = format!("`{}` lies within the catalog, among its modules", output.display());
            Err(Failure::new(Code::OutputForeign, message).with_hint("name a folder outside of it, or `_site` in it"))
        }
    }
}

/// The commit of HEAD.
pub(crate) fn head(repo: &Repo) -> Option<Commit> {
    at(repo, "HEAD")
}

/// A revision's commit; a repository without commits has none.
fn at(repo: &Repo, rev: &str) -> Option<Commit> {
    let revision = repo.revision(rev).ok()?;
    Some(Commit { id: revision.commit().to_string(), date: Some(revision.date()) })
}

/// What the sources last gave: of those that `catalog.toml` names, and of the first
/// parts of module names.
fn sources(catalog: &Catalog, names: &[ModuleName]) -> Result<Vec<SourceAt>, Failure> {
    let mut prefixes: BTreeSet<ModuleName> = catalog.config().sources.iter().map(|s| s.prefix.clone()).collect();
    for name in names {
        if let Some(Ok(first)) = name.segments().next().map(str::parse) {
            prefixes.insert(first);
        }
    }
    let mut found = Vec::new();
    for prefix in prefixes {
        let source = catalog.source(&prefix)?;
        found.extend(source.map(|source| SourceAt { prefix, source }));
    }
    Ok(found)
}
