//! `import oci`: images and SIF artifacts of a registry.

use std::collections::BTreeSet;

use warecat::catalog::Catalog;
use warecat::code::Code;
use warecat::import::oci::{Imported, Wanted, bases as wanted_bases, gather, import as proposals};
use warecat::mirror::oci::{Registry, RepositoryError};
use warecat::model::ModuleName;

use super::failure::Failure;
use super::import::{ImportArgs, import};
use super::job::{Gathered, spellings};
use super::registry::RegistryArgs;
use super::ui::Ui;
use super::{Global, Outcome, bases};

/// Import the images of an OCI registry, SIF artifacts among them.
///
/// Each repository becomes a module, each tag a release, each platform an item. Layers are
/// not pulled: of a SIF image, at most 1 MB is read. What was downloaded is kept in the
/// cache, so a second run only asks what the tags name. Exits with 7 when something was
/// refused and the rest was taken.
#[derive(Debug, clap::Args)]
pub(crate) struct OciArgs {
    /// Repositories of one registry, or `oci://HOST` for all that its catalog lists; may be
    /// given several times.
    #[arg(long, value_name = "oci://HOST/REPOSITORY", required = true, num_args = 1..)]
    // Parsed here, since an address may hold a password that clap would show.
    from: Vec<String>,
    /// The name below which the modules lie.
    #[arg(long, value_name = "P")]
    prefix: ModuleName,
    #[command(flatten)]
    registry: RegistryArgs,
    #[command(flatten)]
    import: ImportArgs,
}

pub(crate) fn run(args: &OciArgs, global: &Global, ui: &Ui) -> Outcome {
    let from = wanted(&args.from)?;
    import("oci", &args.prefix, &args.import, global, ui, |catalog| {
        let hosts = from.iter().map(Wanted::host);
        let registry = args.registry.registry_at(hosts, args.import.is_offline(), ui)?;
        read(&from, &args.prefix, &registry, catalog, ui)
    })
}

/// The repositories of one registry that these texts name.
pub(crate) fn wanted(texts: &[String]) -> Result<Vec<Wanted>, Failure> {
    let from: Vec<Wanted> = texts
        .iter()
        .map(|text| text.parse::<Wanted>())
        .collect::<Result<_, _>>()
        .map_err(|error: RepositoryError| Failure::new(error.code(), error.to_string()).with_hint(error.hint()))?;
    let hosts: BTreeSet<_> = from.iter().map(Wanted::host).collect();
    if hosts.len() > 1 {
        let failure = Failure::new(Code::UsageInvalid, "repositories of several registries would share their modules");
        return Err(failure.with_hint("import each registry below a prefix of its own"));
    }
    Ok(from)
}

/// Reads the tags of repositories.
pub(crate) fn read(
    from: &[Wanted],
    prefix: &ModuleName,
    registry: &Registry,
    catalog: &Catalog,
    ui: &Ui,
) -> Result<Gathered, Failure> {
    let known = spellings(catalog, prefix)?;
    let bar = ui.progress("tags read");
    let gathered = gather(registry, from, &|| bar.inc(1));
    bar.finish_and_clear();
    let gathered = gathered?;
    // Where all of the registry was seen, what is not among it was dropped.
    let may_be = |name: &ModuleName| !(gathered.is_all && name.is_within(prefix));
    let others = bases::known(catalog, &wanted_bases(&gathered), may_be)?;
    let Imported { import, whole, unclear } = proposals(prefix, &gathered, &known, &others);
    // All that the catalog lists was seen: what it does not list was dropped.
    let is_all = gathered.is_all;
    let covers = move |name: &ModuleName| whole.contains(name) || is_all && !unclear.contains(name);
    let url = from.first().map(ToString::to_string);
    Ok(Gathered { import, covers: Box::new(covers), url })
}
