//! `inspect`: what a SIF image says of itself, without Apptainer and for any architecture.

use std::fs::File;
use std::path::PathBuf;

use serde_json::{Value, json};
use warecat::code::{Code, Exit};
use warecat::import::sif::{Attributes, FileSource, Found, Image, Inspection, Kind, Object};

use super::Outcome;
use super::failure::Failure;
use super::ui::Ui;

/// Show what a SIF image says of itself: labels, scripts, apps, objects, signatures.
///
/// Needs neither Apptainer nor the image's own architecture. With `--json`, `data` and
/// `type` are what `apptainer inspect --json --all` prints; `sif` is what else there is.
/// A signature that is listed has not been verified.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The image.
    #[arg(value_name = "FILE.sif")]
    file: PathBuf,
}

pub(crate) fn run(args: &Args, ui: &Ui) -> Outcome {
    let shown = args.file.display().to_string();
    let io = |error: std::io::Error| {
        let code = if error.kind() == std::io::ErrorKind::NotFound { Code::NotFound } else { Code::Io };
        Failure::new(code, format!("`{shown}` cannot be read: {error}"))
    };
    // A pipe or a device would be waited for.
    if !std::fs::metadata(&args.file).map_err(io)?.is_file() {
        return Err(Failure::new(Code::SourceInvalid, format!("`{shown}` is not a file")));
    }
    let source = FileSource::new(File::open(&args.file).map_err(io)?).map_err(io)?;
    let wrong = |error: warecat::import::sif::SifError| Failure::new(error.code(), format!("`{shown}`: {error}"));
    let image = Image::open(&source).map_err(wrong)?;
    let found = Inspection::of(&image).map_err(wrong)?;
    for problem in &found.problems {
        ui.warn(format!("{shown}: {problem}"));
    }
    if ui.is_json() {
        ui.json(&as_json(&image, &found))?;
    } else {
        ui.lines(lines(&image, &found))?;
    }
    Ok(Exit::Done)
}

fn as_json(image: &Image<'_, FileSource>, found: &Inspection) -> Value {
    let header = image.header();
    let objects: Vec<Value> = image.objects().iter().map(object).collect();
    json!({
        "data": {"attributes": found.attributes},
        "type": "container",
        "sif": {
            "architecture": found.architecture.map(|a| a.as_str()),
            "uuid": header.uuid.map(uuid),
            "created": header.created,
            "modified": header.modified,
            "launch": header.launch,
            "metadata-from": found.found.map(source_words),
            "objects": objects,
            "problems": found.problems,
        },
    })
}

fn object(object: &Object) -> Value {
    let mut value = json!({
        "id": object.id, "group": object.group, "type": type_words(&object.kind), "name": object.name,
        "offset": object.offset, "size": object.size, "created": object.created,
    });
    match &object.kind {
        Kind::Partition { file_system, kind, architecture } => {
            value["file-system"] = file_system.to_string().into();
            value["partition"] = kind.to_string().into();
            value["architecture"] = architecture.map(|a| a.as_str()).into();
        }
        Kind::Signature { hash, fingerprint } => {
            value["hash"] = hash.to_string().into();
            value["claims-key"] = fingerprint.map(|bytes| hex(&bytes)).into();
        }
        Kind::OciIndex(digest) | Kind::OciBlob(digest) => value["digest"] = digest.as_str().into(),
        _ => {}
    }
    value
}

fn type_words(kind: &Kind) -> &'static str {
    match kind {
        Kind::Definition => "definition file",
        Kind::Environment => "environment",
        Kind::Labels => "labels",
        Kind::Partition { .. } => "partition",
        Kind::Signature { .. } => "signature",
        Kind::Json => "JSON",
        Kind::Generic => "generic",
        Kind::Message => "encrypted message",
        Kind::Sbom(_) => "bill of materials",
        Kind::OciIndex(_) => "OCI index",
        Kind::OciBlob(_) => "OCI blob",
        Kind::Unknown(_) => "unknown",
    }
}

fn source_words(found: Found) -> &'static str {
    match found {
        Found::Descriptor => "inspect-metadata.json",
        Found::FileSystem => "file system",
        Found::OciConfig => "OCI configuration",
    }
}

fn lines(image: &Image<'_, FileSource>, found: &Inspection) -> Vec<String> {
    let mut lines = Vec::new();
    let architecture = found.architecture.map_or("unknown", |a| a.as_str());
    lines.push(format!("architecture\t{architecture}"));
    lines.extend(image.header().uuid.map(|bytes| format!("uuid\t{}", uuid(bytes))));
    for object in image.objects() {
        let name = if object.name.is_empty() { String::new() } else { format!("\t{}", object.name) };
        lines.push(format!("object\t{}\t{}\t{} bytes{name}", object.id, describe(&object.kind), object.size));
    }
    attributes(&found.attributes, &mut lines);
    lines
}

fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Partition { file_system, kind, .. } => format!("partition, {kind}, {file_system}"),
        Kind::Signature { fingerprint: Some(bytes), .. } => format!("signature, claims key {}", hex(bytes)),
        other => type_words(other).to_owned(),
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

fn uuid(bytes: [u8; 16]) -> String {
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
