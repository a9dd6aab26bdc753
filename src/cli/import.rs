//! `import`: what a source publishes becomes modules and releases.

use clap::Subcommand;
use warecat::catalog::{Catalog, ImportPolicy};
use warecat::import::eessi::Options;
use warecat::import::spack::recipe;
use warecat::mirror::Location;
use warecat::model::ModuleName;

use super::apptainer::{self, ApptainerArgs};
use super::buildcache::{self, BuildcacheArgs};
use super::commit::CommitArgs;
use super::eessi::Reading;
use super::failure::Failure;
use super::job::{Done, Gathered, Job, fetch_options};
use super::oci::{self, OciArgs};
use super::ui::Ui;
use super::{Global, Outcome, context, report, spack, spack_monitor, spack_spec};

/// Import what a source publishes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Eessi(EessiArgs),
    Apptainer(ApptainerArgs),
    Oci(OciArgs),
    Spack(SpackArgs),
    SpackBuildcache(BuildcacheArgs),
    SpackSpec(spack_spec::Args),
    SpackMonitor(spack_monitor::Args),
}

/// Options of every import.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ImportArgs {
    /// Rewrite what changed upstream; otherwise it is only told.
    #[arg(long)]
    update_existing: bool,
    /// Remove the releases that upstream dropped; not what was made by hand or refused.
    #[arg(long)]
    prune: bool,
    /// Do not use the network.
    #[arg(long)]
    offline: bool,
    /// How many threads to use; as many as there are processors otherwise.
    #[arg(short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    #[command(flatten)]
    pub(crate) commit: CommitArgs,
}

impl ImportArgs {
    pub(crate) fn policy(&self) -> ImportPolicy {
        ImportPolicy { update_existing: self.update_existing, prune: self.prune }
    }

    /// Whether the network must not be used.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline
    }

    pub(crate) fn jobs(&self) -> Option<u16> {
        self.jobs
    }
}

/// Import EESSI's API files: software and six kinds of extension.
///
/// Adds what is new and says what changed upstream. Exits with 7 when entries were
/// refused and the others were taken.
#[derive(Debug, clap::Args)]
pub(crate) struct EessiArgs {
    /// Files, folders or URLs, plain or packed with zstd or gzip; may be given several times.
    #[arg(long, value_name = "PATH_OR_URL", required = true, num_args = 1..)]
    from: Vec<Location>,
    /// Only this EESSI version.
    #[arg(long, value_name = "V")]
    eessi_version: Option<String>,
    /// Leave extensions out.
    #[arg(long)]
    no_extensions: bool,
    /// The name below which the modules lie.
    #[arg(long, value_name = "P", default_value = "eessi.io")]
    prefix: ModuleName,
    #[command(flatten)]
    import: ImportArgs,
}

/// Import Spack's recipes: what packages.spack.io publishes.
///
/// Takes `repology.json`, and the files `packages/NAME.json` beside it, which bring
/// checksums. Adds what is new and says what changed upstream. Exits with 7 when entries
/// were refused and the others were taken.
#[derive(Debug, clap::Args)]
pub(crate) struct SpackArgs {
    /// `repology.json`, a folder or URL of a folder with it and `packages/`, or a tar archive of
    /// these; plain or packed with zstd or gzip; may be given several times.
    #[arg(long, value_name = "PATH_OR_URL", required = true, num_args = 1..)]
    from: Vec<Location>,
    /// The name below which the modules lie.
    #[arg(long, value_name = "P", default_value = "spack.io")]
    prefix: ModuleName,
    #[command(flatten)]
    import: ImportArgs,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    match &args.source {
        Source::Eessi(args) => eessi(args, global, ui),
        Source::Apptainer(args) => apptainer::run(args, global, ui),
        Source::Oci(args) => oci::run(args, global, ui),
        Source::Spack(args) => spack(args, global, ui),
        Source::SpackBuildcache(args) => buildcache::run(args, global, ui),
        Source::SpackSpec(args) => spack_spec::run(args, global, ui),
        Source::SpackMonitor(args) => spack_monitor::run(args, global, ui),
    }
}

fn eessi(args: &EessiArgs, global: &Global, ui: &Ui) -> Outcome {
    import("eessi", &args.prefix, &args.import, global, ui, |catalog| {
        let options = Options {
            prefix: args.prefix.clone(),
            eessi_version: args.eessi_version.clone(),
            extensions: !args.no_extensions,
        };
        let fetch = fetch_options(args.import.offline, &args.from);
        Reading { locations: &args.from, options, fetch }.gather(catalog, ui)
    })
}

fn spack(args: &SpackArgs, global: &Global, ui: &Ui) -> Outcome {
    import("spack", &args.prefix, &args.import, global, ui, |catalog| {
        let options = recipe::Options { prefix: args.prefix.clone() };
        let fetch = fetch_options(args.import.offline, &args.from);
        spack::Reading { locations: &args.from, options, fetch }.gather(catalog, ui)
    })
}

/// Imports what `gather` reads, and tells it.
pub(crate) fn import(
    name: &str,
    prefix: &ModuleName,
    args: &ImportArgs,
    global: &Global,
    ui: &Ui,
    gather: impl FnOnce(&Catalog) -> Result<Gathered, Failure>,
) -> Outcome {
    set_jobs(args.jobs)?;
    let catalog = context::open_to_write(global)?;
    args.commit.check(&catalog)?;
    let gathered = gather(&catalog)?;
    let job = Job { name, prefix, policy: args.policy(), commit: &args.commit };
    let done: Done = job.run(&catalog, gathered, ui)?;
    if ui.is_json() {
        ui.json(&done.to_json())?;
    }
    report::tell(name, &done, ui);
    Ok(report::exit(&[&done], args.commit.dry_run))
}

/// Sets how many threads work.
pub(crate) fn set_jobs(jobs: Option<u16>) -> Result<(), Failure> {
    let Some(jobs) = jobs else { return Ok(()) };
    let built = rayon::ThreadPoolBuilder::new().num_threads(usize::from(jobs)).build_global();
    built.map_err(|error| Failure::new(warecat::code::Code::UsageInvalid, format!("`-j {jobs}`: {error}")))
}
