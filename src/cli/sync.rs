//! `sync`: every source that `catalog.toml` names.

use serde_json::{Map, Value, json};
use warecat::catalog::config::{SourceConfig, SourceKind};
use warecat::catalog::{Catalog, ImportPolicy};
use warecat::code::{Code, Exit};
use warecat::import::eessi::Options;
use warecat::mirror::{Hosts, Location};

use super::commit::CommitArgs;
use super::eessi;
use super::failure::Failure;
use super::import::set_jobs;
use super::job::{Done, Gathered, Job, fetch_options};
use super::ui::Ui;
use super::{Global, Outcome, context, report};

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

/// Reads a source with the importer that it names.
fn gather(catalog: &Catalog, source: &SourceConfig, args: &Args, ui: &Ui) -> Result<Gathered, Failure> {
    let folder = catalog.disk()?.path();
    let parse = |text: &String| text.parse::<Location>().map(|location| location.anchored(folder));
    let locations = source.location.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    // What `catalog.toml` names was perhaps not written by who runs this.
    let mut fetch = fetch_options(args.offline, &locations);
    if !args.allow_private {
        fetch.http.allow_private = Hosts::None;
    }
    match source.kind {
        SourceKind::Eessi => {
            let options = Options {
                prefix: source.prefix.clone(),
                eessi_version: source.options.eessi_version.clone(),
                extensions: source.options.extensions,
            };
            eessi::Reading { locations: &locations, options, fetch }.gather(catalog, ui)
        }
    }
}
