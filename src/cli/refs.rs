//! `refs`: whether the catalog has what jobs ask for.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use warecat::catalog::references::{Answer, AnswerOptions, Verdict};
use warecat::code::{Code, Exit};
use warecat::import::references::{self, MAX_FILE};
use warecat::model::{Architecture, Demand, Job, JobPlace, ModuleName, Wanted, WantedKind};

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// References of jobs into the catalog.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(CheckArgs),
}

/// Check that the catalog has what job templates and scripts ask for.
///
/// Reads job templates (YAML, JSON) and shell scripts: images that Apptainer runs, `module
/// load`, `catalog:` references. Exits with 3 when the catalog does not have one of them, or
/// has it for another partition, architecture or version. Nothing is run.
#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// The templates and scripts; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Look for images below PREFIX only.
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<ModuleName>,
    /// The partitions that the jobs go to, whatever the files say, as with `sbatch`.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    partition: Vec<String>,
    /// The architecture of the nodes, whatever the files say.
    #[arg(long, value_name = "ARCH", value_parser = architecture)]
    arch: Option<Architecture>,
    /// Check references of this kind only; may be given several times.
    #[arg(long, value_name = "KIND")]
    only: Vec<Kind>,
    /// Take what only the running job knows for a failure.
    #[arg(long)]
    strict: bool,
}

/// A kind of reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// Images that Apptainer runs.
    Image,
    /// Environment modules.
    Module,
    /// References `catalog:module:release:item`.
    Catalog,
}

impl Kind {
    fn is_of(self, wanted: WantedKind) -> bool {
        match self {
            Self::Image => wanted == WantedKind::Image,
            Self::Module => wanted == WantedKind::Module,
            Self::Catalog => wanted == WantedKind::Item,
        }
    }
}

fn architecture(text: &str) -> Result<Architecture, String> {
    Architecture::parse(text).ok_or_else(|| "name one as `uname -m` or OCI does: `x86_64`, `arm64`".to_owned())
}

/// What is said of one file: first in the words of the seed project's `validate`.
#[derive(Serialize)]
struct Report {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<String>,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_exists: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_partition: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    available_images: Vec<String>,
    references: Vec<Line>,
}

/// What is said of one reference.
#[derive(Serialize)]
struct Line {
    line: usize,
    kind: &'static str,
    text: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<String>,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let Command::Check(args) = &args.command;
    let catalog = context::open(global)?;
    let read: Vec<(String, Result<Job, Failure>)> =
        args.files.iter().map(|path| (path.display().to_string(), read(path, args))).collect();
    let jobs: Vec<Job> = read.iter().filter_map(|(_, job)| job.as_ref().ok().cloned()).collect();
    let place = JobPlace { partitions: args.partition.clone(), architecture: args.arch };
    let mut answers = catalog.answer(&jobs, &AnswerOptions { within: args.prefix.clone(), place })?.into_iter();
    let mut reports = Vec::new();
    let mut failed = None;
    for (file, job) in read {
        match job {
            Ok(job) => reports.push(report(file, job, answers.next().unwrap_or_default(), args.strict, ui)),
            Err(failure) => {
                reports.push(unreadable(file, &failure));
                // All are told; the first decides how the command ends.
                match &failed {
                    None => failed = Some(failure),
                    Some(_) => ui.failure(&failure),
                }
            }
        }
    }
    if ui.is_json() {
        ui.json(&reports)?;
    } else {
        ui.lines(reports.iter().flat_map(|report| report.references.iter().map(|line| text(&report.file, line))))?;
    }
    tell(&reports, ui);
    match failed {
        Some(failure) => Err(failure),
        None if reports.iter().all(|report| report.valid) => Ok(Exit::Done),
        None => Ok(Exit::NotFound),
    }
}

fn read(path: &Path, args: &CheckArgs) -> Result<Job, Failure> {
    let shown = path.display();
    let io = |error: std::io::Error| Failure::new(Code::Io, format!("`{shown}` cannot be read: {error}"));
    let mut bytes = Vec::new();
    let limit = MAX_FILE as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(io)?;
    } else {
        // A pipe or a device would be waited for.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(Failure::new(Code::SourceInvalid, format!("`{shown}` is not a file")));
        }
        File::open(path).map_err(io)?.take(limit).read_to_end(&mut bytes).map_err(io)?;
    }
    let mut job = references::read(&path.to_string_lossy(), &bytes)
        .map_err(|error| Failure::new(error.code(), format!("`{shown}`: {error}")))?;
    job.demands.retain(|demand| args.only.is_empty() || args.only.iter().any(|kind| kind.is_of(demand.wanted.kind())));
    Ok(job)
}

fn report(file: String, job: Job, answers: Vec<Answer>, is_strict: bool, ui: &Ui) -> Report {
    let found: Vec<(&Demand, &Answer)> = job.demands.iter().zip(&answers).collect();
    for (demand, answer) in &found {
        if let Some(reason) = &answer.yanked {
            ui.warn(format!("{file}:{}: `{}` should not be used any more: {reason}", demand.line, demand.text));
        }
    }
    let is_bad = |answer: &Answer| match answer.verdict {
        Verdict::Fails(_) => true,
        Verdict::Unknown => is_strict,
        Verdict::Resolves => false,
    };
    let bad = found.iter().find(|(_, answer)| is_bad(answer));
    let image = |found: &&(&Demand, &Answer)| matches!(found.0.wanted, Wanted::Image(_));
    let first_image = bad.filter(image).or_else(|| found.iter().find(image));
    let told = bad.or(first_image).or(found.first());
    let lies = first_image.and_then(|(_, answer)| answer.image.as_ref());
    Report {
        valid: bad.is_none(),
        image_name: first_image.and_then(|(demand, _)| match &demand.wanted {
            Wanted::Image(image) => Some(image.file.clone()),
            _ => None,
        }),
        image_exists: first_image.map(|(_, answer)| answer.image.is_some()),
        image_path: lies.map(|image| image.path.clone()),
        image_partition: lies.map(|image| image.partition.clone()),
        message: told.map_or_else(|| "No references found".to_owned(), |(_, answer)| answer.message.clone()),
        problem: bad.map(|(_, answer)| problem(answer)),
        suggestion: bad.and_then(|(_, answer)| answer.near.first().cloned()),
        available_images: bad.map(|(_, answer)| answer.available.clone()).unwrap_or_default(),
        references: found.iter().map(|(demand, answer)| line(demand, answer)).collect(),
        template_id: job.template_id,
        file,
    }
}

/// Why a reference fails.
fn problem(answer: &Answer) -> &'static str {
    match answer.verdict {
        Verdict::Fails(problem) => problem.as_str(),
        _ => "not_checkable",
    }
}

fn unreadable(file: String, failure: &Failure) -> Report {
    Report {
        file,
        template_id: None,
        valid: false,
        image_name: None,
        image_exists: None,
        image_path: None,
        image_partition: None,
        message: failure.message.clone(),
        problem: Some("unreadable"),
        suggestion: None,
        available_images: Vec::new(),
        references: Vec::new(),
    }
}

fn line(demand: &Demand, answer: &Answer) -> Line {
    let status = match answer.verdict {
        Verdict::Resolves => "ok",
        Verdict::Fails(problem) if problem.is_absence() => "missing",
        Verdict::Fails(_) => "wrong",
        Verdict::Unknown => "unknown",
    };
    Line {
        line: demand.line,
        kind: demand.wanted.kind().as_str(),
        text: demand.text.clone(),
        status,
        problem: (answer.verdict != Verdict::Resolves).then(|| problem(answer)),
        reference: answer.reference.clone(),
        message: answer.message.clone(),
        near: answer.near.clone(),
    }
}

fn text(file: &str, line: &Line) -> String {
    let to = line.reference.as_ref().map(|reference| format!(" → {reference}")).unwrap_or_default();
    let head = format!("{}\t{file}:{}\t{}{to}", line.status, line.line, line.text);
    if line.status == "ok" {
        return head;
    }
    let near: Vec<String> = line.near.iter().map(|name| format!("`{name}`")).collect();
    let near = if near.is_empty() { String::new() } else { format!("; there is {}", near.join(", ")) };
    format!("{head}\t{}{near}", line.message)
}

fn tell(reports: &[Report], ui: &Ui) {
    let count = |is: &[&str]| {
        reports.iter().flat_map(|report| &report.references).filter(|line| is.contains(&line.status)).count()
    };
    ui.note(format!(
        "{} files: {} references resolve, {} do not, {} cannot be checked",
        reports.len(),
        count(&["ok"]),
        count(&["missing", "wrong"]),
        count(&["unknown"])
    ));
}
