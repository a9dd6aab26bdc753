//! `sync`: every source that `catalog.toml` names.

use std::path::Path;

use serde_json::{Map, Value, json};
use warecat::catalog::config::{SourceConfig, SourceKind};
use warecat::catalog::{Catalog, ImportPolicy};
use warecat::code::{Code, Exit};
use warecat::import::eessi::Options;
use warecat::import::oci::Wanted;
use warecat::import::spack::buildcache::Place;
use warecat::import::spack::recipe;
use warecat::mirror::oci::RegistryHost;
use warecat::mirror::{FetchOptions, Hosts, Location};

use super::commit::CommitArgs;
use super::failure::Failure;
use super::import::set_jobs;
use super::job::{Done, Gathered, Job, fetch_options};
use super::registry::RegistryArgs;
use super::ui::Ui;
use super::{Global, Outcome, apptainer, buildcache, context, eessi, oci, report, spack, spack_monitor, spack_spec};

/// Import every enabled source of `catalog.toml`, or the named ones.
///
/// Rewrites what changed upstream. Each source runs on its own: one that fails leaves
/// the others done, and the command exits with 7; when all fail, with the first one's
/// status.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The sources, by their names in `catalog.toml`; a disabled one runs when it is named.
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Say what changed upstream, and rewrite nothing that is there.
    #[arg(long)]
    keep_existing: bool,
    /// Do not use the network.
    #[arg(long)]
    offline: bool,
    /// Fetch from hosts in private networks too.
    #[arg(long)]
    allow_private: bool,
    /// How many threads to use; as many as there are processors otherwise.
    #[arg(short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    #[command(flatten)]
    registry: RegistryArgs,
    #[command(flatten)]
    commit: CommitArgs,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    set_jobs(args.jobs)?;
    let catalog = context::open_to_write(global)?;
    args.commit.check(&catalog)?;
    let chosen = choose(&catalog, &args.sources)?;
    let (mut done, mut failed, mut answers) = (Vec::new(), Vec::new(), Map::new());
    for source in &chosen {
        match one(&catalog, source, args, ui) {
            Ok(outcome) => {
                report::tell(&source.name, &outcome, ui);
                answers.insert(source.name.clone(), outcome.to_json());
                done.push(outcome);
            }
            Err(mut failure) => {
                if failure.code == Code::NetworkRefused && !args.allow_private {
                    let hint = "for a host in a private network that you trust, add `--allow-private`";
                    failure = failure.with_hint(hint);
                }
                ui.failure(&failure);
                let error = json!({"code": failure.code.as_str(), "message": failure.message});
                answers.insert(source.name.clone(), json!({ "error": error }));
                failed.push(failure.code);
            }
        }
    }
    if ui.is_json() {
        ui.json(&Value::Object(answers))?;
    }
    match failed.first() {
        Some(code) if done.is_empty() => return Ok(code.exit()),
        Some(_) => {
            ui.warn(format!("{} of {} sources failed; the others are done", failed.len(), chosen.len()));
            return Ok(Exit::Partial);
        }
        None => {}
    }
    Ok(report::exit(&done.iter().collect::<Vec<_>>(), args.commit.dry_run))
}

fn choose(catalog: &Catalog, names: &[String]) -> Result<Vec<SourceConfig>, Failure> {
    let all = &catalog.config().sources;
    if names.is_empty() {
        return Ok(all.iter().filter(|source| source.enabled).cloned().collect());
    }
    names
        .iter()
        .map(|name| {
            all.iter().find(|source| source.name == *name).cloned().ok_or_else(|| {
                let known: Vec<String> = all.iter().map(|source| format!("`{}`", source.name)).collect();
                let hint = if known.is_empty() { "it has none".into() } else { format!("it has {}", known.join(", ")) };
                Failure::new(Code::NotFound, format!("`catalog.toml` has no source `{name}`")).with_hint(hint)
            })
        })
        .collect()
}

fn one(catalog: &Catalog, source: &SourceConfig, args: &Args, ui: &Ui) -> Result<Done, Failure> {
    let policy = ImportPolicy { update_existing: !args.keep_existing, prune: source.options.prune };
    let job = Job { name: &source.name, prefix: &source.prefix, policy, commit: &args.commit };
    job.run(catalog, gather(catalog, source, args, ui)?, ui)
}

/// Reads a source with the importer that it names. What `catalog.toml` names was perhaps
/// not written by who runs this, so no host is private and none insecure unless the command
/// line says so.
fn gather(catalog: &Catalog, source: &SourceConfig, args: &Args, ui: &Ui) -> Result<Gathered, Failure> {
    let located = || {
        let locations = locations(catalog, source)?;
        let fetch = fetch(args, &locations);
        Ok::<_, Failure>((locations, fetch))
    };
    match source.kind {
        SourceKind::Eessi => {
            let (locations, fetch) = located()?;
            let options = Options {
                prefix: source.prefix.clone(),
                eessi_version: source.options.eessi_version.clone(),
                extensions: source.options.extensions,
            };
            eessi::Reading { locations: &locations, options, fetch }.gather(catalog, ui)
        }
        SourceKind::Spack => {
            let (locations, fetch) = located()?;
            let options = recipe::Options { prefix: source.prefix.clone() };
            spack::Reading { locations: &locations, options, fetch }.gather(catalog, ui)
        }
        SourceKind::SpackSpec => {
            let (locations, fetch) = located()?;
            spack_spec::gather(&locations, &source.prefix, fetch, catalog, ui)
        }
        SourceKind::SpackMonitor => {
            let local = |location: Location| location.as_path().map(Path::to_path_buf);
            let folders: Option<Vec<_>> = located()?.0.into_iter().map(local).collect();
            spack_monitor::gather(&folders.ok_or_else(|| not_local(source))?, &source.prefix, catalog, ui)
        }
        SourceKind::SpackBuildcache => buildcache(catalog, source, args, ui),
        SourceKind::Apptainer => images(catalog, source, ui),
        SourceKind::Oci => {
            let from = oci::wanted(&source.location)?;
            for wanted in &from {
                refuse_insecure(wanted.is_insecure(), wanted.host(), args)?;
            }
            let hosts = from.iter().map(Wanted::host).filter(|_| args.allow_private);
            let registry = args.registry.registry_at(hosts, args.offline, ui)?;
            oci::read(&from, &source.prefix, &registry, catalog, ui)
        }
    }
}

fn locations(catalog: &Catalog, source: &SourceConfig) -> Result<Vec<Location>, Failure> {
    let folder = catalog.disk()?.path();
    let parse = |text: &String| text.parse::<Location>().map(|location| location.anchored(folder));
    Ok(source.location.iter().map(parse).collect::<Result<Vec<_>, _>>()?)
}

fn fetch(args: &Args, locations: &[Location]) -> FetchOptions {
    let mut fetch = fetch_options(args.offline, locations);
    if !args.allow_private {
        fetch.http.allow_private = Hosts::None;
    }
    fetch
}

fn not_local(source: &SourceConfig) -> Failure {
    let message = format!("the source `{}` is not in a folder of this machine", source.name);
    Failure::new(Code::ConfigInvalid, message)
}

/// A folder of images. One that is named relative to the catalog has no mirrors but those
/// that `mirror-root` gives.
fn images(catalog: &Catalog, source: &SourceConfig, ui: &Ui) -> Result<Gathered, Failure> {
    let [location] = source.location.as_slice() else {
        let message = format!("the source `{}` has several locations; a folder of images is one", source.name);
        return Err(Failure::new(Code::ConfigInvalid, message).with_hint("give each folder a source of its own"));
    };
    let folder = catalog.disk()?.path();
    let root = location.parse::<Location>()?.anchored(folder);
    let root = root.as_path().ok_or_else(|| not_local(source))?;
    let keyring = source.options.keyring.as_ref().map(|path| folder.join(path));
    let configured = source.options.mirror_root.as_ref().map(|address| address.as_str().to_owned());
    let own = || Path::new(location).is_absolute().then(|| apptainer::address(root)).flatten();
    let reading = apptainer::Folder {
        root,
        prefix: &source.prefix,
        partitions: &source.options.partitions,
        mirror_root: configured.or_else(own),
        keyring: keyring.as_deref(),
        hash_cache: None,
        rehash: false,
    };
    reading.gather(catalog, ui)
}

/// A build cache, the one kind of source that may lie in a registry.
fn buildcache(catalog: &Catalog, source: &SourceConfig, args: &Args, ui: &Ui) -> Result<Gathered, Failure> {
    let folder = catalog.disk()?.path();
    let [location] = source.location.as_slice() else {
        let message = format!("the source `{}` has several locations; a build cache has one", source.name);
        return Err(Failure::new(Code::ConfigInvalid, message).with_hint("give each cache a source of its own"));
    };
    let place = location.parse::<Place>().map_err(|error| Failure::new(error.code(), error.to_string()))?;
    let place = match place {
        Place::Files(location) => Place::Files(location.anchored(folder)),
        registry => registry,
    };
    let locations = match &place {
        Place::Files(location) => vec![location.clone()],
        Place::Registry(repository) => {
            refuse_insecure(repository.is_insecure(), repository.host(), args)?;
            Vec::new()
        }
    };
    let reading = buildcache::Reading {
        place: &place,
        prefix: &source.prefix,
        read: buildcache::Read::Both,
        keyring: source.options.keyring.as_ref().map(|path| folder.join(path)),
        names_folder: location.starts_with('/') || location.starts_with("file:"),
        may_be_private: args.allow_private,
        registry: &args.registry,
        fetch: fetch(args, &locations),
        jobs: args.jobs.unwrap_or(buildcache::JOBS),
    };
    reading.gather(catalog, ui)
}

/// A catalog that somebody else wrote must not make us send credentials in the open.
fn refuse_insecure(is_insecure: bool, host: &RegistryHost, args: &Args) -> Result<(), Failure> {
    if !is_insecure || args.registry.is_insecure(host) {
        return Ok(());
    }
    let message = format!("`catalog.toml` asks for `{host}` without encryption");
    let hint = format!("if you trust that network, add `--insecure {host}`");
    Err(Failure::new(Code::NetworkRefused, message).with_hint(hint))
}
