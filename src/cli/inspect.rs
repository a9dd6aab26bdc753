//! `inspect`: what a SIF image says of itself, without Apptainer and for any architecture.

use std::fs::File;
use std::path::{Path, PathBuf};

use warecat::code::{Code, Exit};
use warecat::import::openpgp::Keyring;
use warecat::import::sif::{
    Attributes, FileSource, Image, Inspection, Integrity, Kind, Report, SifError, Signature, Verdict,
};

use super::Outcome;
use super::failure::Failure;
use super::ui::Ui;

/// Largest keyring that is read, in bytes.
const MAX_KEYRING: u64 = 64 * 1024 * 1024;

/// Show what a SIF image says of itself: labels, scripts, apps, objects, signatures.
///
/// Needs neither Apptainer nor the image's own architecture. With `--json`, `data` and
/// `type` are what `apptainer inspect --json --all` prints; `sif` is what else there is.
/// Of a signature three facts are told: that it is there and which key it claims, whether
/// the digests that it signs are those of the image, and, with `--keyring`, whether it was
/// made with one of the given keys. Exits with 4 when the second or third is not so.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The image.
    #[arg(value_name = "FILE.sif")]
    file: PathBuf,
    /// Verify signatures with the OpenPGP certificates in KEYS, armored or binary.
    #[arg(long, value_name = "KEYS")]
    keyring: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, ui: &Ui) -> Outcome {
    let keyring = args.keyring.as_deref().map(keyring).transpose()?;
    let shown = args.file.display().to_string();
    let source = FileSource::new(open(&args.file)?).map_err(|error| unreadable(&args.file, &error))?;
    let wrong = |error: SifError| Failure::new(error.code(), format!("`{shown}`: {error}"));
    let image = Image::open(&source).map_err(wrong)?;
    let inspection = Inspection::of(&image).map_err(wrong)?;
    let signatures = Signature::all(&image, keyring.as_ref()).map_err(wrong)?;
    let integrity: Result<Vec<Integrity>, SifError> = signatures.iter().map(|one| one.integrity(&image)).collect();
    let integrity = integrity.map_err(wrong)?;
    for problem in &inspection.problems {
        ui.warn(format!("{shown}: {problem}"));
    }
    let mut exit = Exit::Done;
    for (signature, integrity) in signatures.iter().zip(&integrity) {
        for problem in faults(signature, integrity) {
            ui.warn(format!("{shown}: signature {}: {problem}", signature.object));
            exit = Exit::Unverified;
        }
    }
    let integrity = Some(&integrity[..]);
    let report = Report { image: &image, inspection: &inspection, signatures: &signatures, integrity };
    if ui.is_json() {
        ui.json(&report.to_json())?;
    } else {
        ui.lines(lines(&report))?;
    }
    Ok(exit)
}

/// What is wrong with a signature.
fn faults(signature: &Signature, integrity: &Integrity) -> Vec<String> {
    let bad = match &signature.verdict {
        Verdict::Bad(reason) => Some(reason.clone()),
        _ => None,
    };
    integrity.problems().iter().cloned().chain(bad).collect()
}

/// Reads a file of certificates.
pub(super) fn keyring(path: &Path) -> Result<Keyring, Failure> {
    use std::io::Read;
    let mut bytes = Vec::new();
    open(path)?.take(MAX_KEYRING).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    Ok(Keyring::parse(&path.display().to_string(), &bytes)?)
}

/// Opens a plain file: a pipe or a device would be waited for.
fn open(path: &Path) -> Result<File, Failure> {
    if !std::fs::metadata(path).map_err(|error| unreadable(path, &error))?.is_file() {
        return Err(Failure::new(Code::SourceInvalid, format!("`{}` is not a file", path.display())));
    }
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let code = if error.kind() == std::io::ErrorKind::NotFound { Code::NotFound } else { Code::Io };
    Failure::new(code, format!("`{}` cannot be read: {error}", path.display()))
}

fn lines(report: &Report<'_, '_, FileSource>) -> Vec<String> {
    let (image, found) = (report.image, report.inspection);
    let mut lines = Vec::new();
    let architecture = found.architecture.map_or("unknown", |a| a.as_str());
    lines.push(format!("architecture\t{architecture}"));
    lines.extend(image.header().uuid_text().map(|uuid| format!("uuid\t{uuid}")));
    for object in image.objects() {
        let name = if object.name.is_empty() { String::new() } else { format!("\t{}", object.name) };
        lines.push(format!("object\t{}\t{}\t{} bytes{name}", object.id, describe(&object.kind), object.size));
    }
    for (signature, integrity) in report.signatures.iter().zip(report.integrity.unwrap_or_default()) {
        lines.push(signature_line(signature, integrity));
    }
    attributes(&found.attributes, &mut lines);
    lines
}

fn signature_line(signature: &Signature, integrity: &Integrity) -> String {
    let claims = signature.claims.as_deref().map_or("no key".to_owned(), |key| format!("key {key}"));
    let digests = if integrity.is_right() { "digests right" } else { "digests wrong" };
    let verdict = match &signature.verdict {
        Verdict::NotTried => "not verified: no keyring given".to_owned(),
        Verdict::KeyUnknown => "not verified: the keyring has not its key".to_owned(),
        Verdict::Verified(key) => format!("verified by {key}"),
        Verdict::Bad(_) => "bad".to_owned(),
        Verdict::Unsupported => "not verified: this form is not".to_owned(),
    };
    let covers: Vec<String> = signature.covers.iter().map(u32::to_string).collect();
    let (object, form) = (signature.object, signature.form.words());
    format!("signature\t{object}\t{form}, claims {claims}\tof {}\t{digests}\t{verdict}", covers.join(", "))
}

fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Partition { file_system, kind, .. } => format!("partition, {kind}, {file_system}"),
        other => other.words().to_owned(),
    }
}

fn attributes(said: &Attributes, lines: &mut Vec<String>) {
    lines.extend(said.labels.iter().map(|(key, value)| format!("label\t{key}\t{value}")));
    for (name, app) in &said.apps {
        lines.push(format!("app\t{name}"));
        lines.extend(app.labels.iter().map(|(key, value)| format!("app-label\t{name}\t{key}\t{value}")));
        text(&format!("app-help {name}"), &app.helpfile, lines);
        text(&format!("app-runscript {name}"), &app.runscript, lines);
    }
    text("help", &said.helpfile, lines);
    text("runscript", &said.runscript, lines);
    text("startscript", &said.startscript, lines);
    text("test", &said.test, lines);
    for (path, code) in &said.environment {
        text(&format!("environment {path}"), code, lines);
    }
    text("definition", &said.deffile, lines);
}

/// A text of several lines, below its heading.
fn text(heading: &str, text: &str, lines: &mut Vec<String>) {
    if !text.is_empty() {
        lines.push(heading.to_owned());
        lines.extend(text.lines().map(|line| format!("  {line}")));
    }
}
