//! `quickstart`: a catalog with git and a site, from sources in this program.

use std::path::{Path, PathBuf};

use warecat::catalog::check::CheckOptions;
use warecat::catalog::{ApplyOptions, Catalog, ImportPolicy};
use warecat::code::{Code, Exit};
use warecat::git::{Change, Content, GitError, Identity, Repo};
use warecat::import::eessi::Options;
use warecat::mirror::Location;

use super::commit::CommitArgs;
use super::commit::{identity, make_commit};
use super::eessi::Reading;
use super::failure::Failure;
use super::init::make_folder;
use super::job::{Job, fetch_options};
use super::ui::Ui;
use super::{Global, Outcome, context, example, report, site};

/// Make a small catalog with git and a site, to look around in.
///
/// The sources are in this program; no network is used. The folder must be new or empty.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder; it is made.
    dir: PathBuf,
    /// Say what would be made, and make nothing; exits with 5.
    #[arg(long)]
    dry_run: bool,
}

/// Where the site lies in the catalog's folder; git ignores it.
const SITE: &str = "_site";
/// How many of its commits the site tells of: all.
const QUICK_CHANGES: usize = 20;

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    context::refuse_revision(global)?;
    let dir = global.catalog.as_ref().map_or_else(|| args.dir.clone(), |base| base.join(&args.dir));
    if args.dry_run {
        let paths = example::FILES.iter().map(|(path, _)| format!("would write {}", dir.join(path).display()));
        paths.for_each(|line| ui.note(line));
        ui.note(format!("would import them, commit, and write the site to `{}`", dir.join(SITE).display()));
        return Ok(Exit::WouldChange);
    }
    make_empty_folder(&dir)?;
    write_files(&dir)?;
    // One of its own, also within another repository, which it has no business to change.
    let repo = Repo::init(&dir)?;
    let catalog = Catalog::open(&dir)?;
    let files = example::FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    commit_all(&repo, files, "catalog: begin, with its sources", ui)?;
    import_sources(&catalog, &repo, ui)?;
    add_by_hand(&catalog, &repo, ui)?;
    check(&catalog, ui)?;
    let past = site::told(&dir, "HEAD", QUICK_CHANGES)?;
    let options = site::BuildOptions { commit: site::head(&repo).into(), past, ..Default::default() };
    site::build(&catalog, &dir.join(SITE), options, ui)?;
    tell(&dir, ui)
}

fn make_empty_folder(dir: &Path) -> Result<(), Failure> {
    make_folder(dir)?;
    let is_empty = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty {
        return Ok(());
    }
    let message = format!("`{}` is not an empty folder", dir.display());
    Err(Failure::new(Code::FolderNotEmpty, message).with_hint("name a new folder"))
}

/// Writes the configuration and the sources.
fn write_files(dir: &Path) -> Result<(), Failure> {
    for (path, bytes) in example::FILES {
        let file = dir.join(path);
        let failed = |error| Failure::new(Code::Io, format!("cannot write `{}`: {error}", file.display()));
        std::fs::create_dir_all(file.parent().unwrap_or(dir)).map_err(failed)?;
        std::fs::write(&file, bytes).map_err(failed)?;
    }
    Ok(())
}

fn import_sources(catalog: &Catalog, repo: &Repo, ui: &Ui) -> Result<(), Failure> {
    let folder = catalog.disk()?.path();
    for source in &catalog.config().sources {
        let locations: Vec<Location> = source
            .location
            .iter()
            .map(|text| text.parse::<Location>().map(|location| location.anchored(folder)))
            .collect::<Result<_, _>>()?;
        let options = Options { prefix: source.prefix.clone(), ..Options::default() };
        let gathered =
            Reading { locations: &locations, options, fetch: fetch_options(true, &[]) }.gather(catalog, ui)?;
        let not_here = CommitArgs::default();
        let job =
            Job { name: &source.name, prefix: &source.prefix, policy: ImportPolicy::default(), commit: &not_here };
        let done = job.run(catalog, gathered, ui)?;
        report::tell(&source.name, &done, ui);
        let message = report::message(&source.name, &source.prefix, &done);
        commit_all(repo, done.committed.written, &message, ui)?;
    }
    Ok(())
}

fn add_by_hand(catalog: &Catalog, repo: &Repo, ui: &Ui) -> Result<(), Failure> {
    let mut written = Vec::new();
    for addition in example::additions()? {
        let committed = catalog.apply(ApplyOptions::default(), |catalog| catalog.plan_add(&addition))?;
        written.extend(committed.written);
    }
    for (module, packtype, address) in example::warehouses()? {
        let plan = |catalog: &Catalog| catalog.plan_module_mirror(&module, &packtype, address);
        written.extend(catalog.apply(ApplyOptions::default(), plan)?.written);
    }
    written.sort();
    written.dedup();
    commit_all(repo, written, "warpsys.org: add two modules by hand", ui)
}

fn check(catalog: &Catalog, ui: &Ui) -> Result<(), Failure> {
    let report = catalog.check(CheckOptions::default(), &|| {});
    let ((errors, warnings), counts) = (report.totals(), report.counts);
    ui.note(format!(
        "checked {} modules, {} releases, {} items: {errors} errors, {warnings} warnings",
        counts.modules, counts.releases, counts.items
    ));
    match report.findings.first() {
        Some(finding) if errors > 0 => {
            Err(Failure::new(finding.code, format!("{}: {}", finding.path, finding.message)))
        }
        _ => Ok(()),
    }
}

/// Commits these paths; where git does not know who commits, as the quickstart.
fn commit_all(repo: &Repo, paths: Vec<String>, message: &str, ui: &Ui) -> Result<(), Failure> {
    let changes = || paths.iter().map(|path| Change { path: path.clone(), content: Content::WorkTree });
    let committed = match make_commit(repo, changes(), message, &identity()) {
        Err(GitError::IdentityMissing { .. }) => make_commit(repo, changes(), message, &quickstart_identity()),
        other => other,
    };
    if let Some(id) = committed? {
        ui.note(format!("committed {id}"));
    }
    Ok(())
}

fn quickstart_identity() -> Identity {
    let (name, email) = (Some("warecat quickstart".to_owned()), Some("quickstart@localhost".to_owned()));
    Identity { author_name: name.clone(), author_email: email.clone(), committer_name: name, committer_email: email }
}

fn tell(dir: &Path, ui: &Ui) -> Outcome {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    ui.lines([
        format!("catalog: {}", whole.display()),
        format!("site:    {}", whole.join(SITE).join("index.html").display()),
        format!("try:     warecat -C {} resolve {}", dir.display(), example::REFERENCE),
    ])?;
    Ok(Exit::Done)
}
