//! What job templates and job scripts ask of a catalog: images, environment modules and
//! `catalog:` references, each with its line.
//!
//! A template is YAML or JSON, as the Apptainer seed keeps them: `template.id`, `slurm`,
//! `apptainer` and shell texts below `script`. Any other text is taken for a shell script.
//! Nothing is run and no variable of the environment is looked at: a script is read as a
//! sequence of words, and what only the running job knows is said to be unknown. There is
//! no lookup here; `catalog` does that.

mod error;
mod path;
mod script;
mod slurm;
mod template;
mod yaml;

pub use error::ReferencesError;

use crate::model::Job;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 4 << 20;

/// The most references that are taken from one file.
const MAX_DEMANDS: usize = 10_000;

/// Reads what a file asks for. `name` is its name or path: one that ends with `.yaml`,
/// `.yml` or `.json` is a template, and so is a text that begins with `{`.
///
/// # Errors
/// `limit-exceeded` for a file over [`MAX_FILE`], with too many references, too deep or
/// with aliases that grow too large; `source-invalid` for what is no text or no YAML.
pub fn read(name: &str, bytes: &[u8]) -> Result<Job, ReferencesError> {
    if bytes.len() > MAX_FILE {
        return Err(ReferencesError::Limit { what: "it is larger than 4 MiB" });
    }
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        let line = 1 + bytes[..fault.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        ReferencesError::Invalid { line, reason: "it is not UTF-8 text".into() }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(at) = text.find('\0') {
        let line = 1 + text[..at].matches('\n').count();
        return Err(ReferencesError::Invalid { line, reason: "it holds a NUL, as no text does".into() });
    }
    let job = if is_template(name, text) { template::read(&yaml::read(text)?) } else { from_script(text) };
    if job.demands.len() > MAX_DEMANDS {
        return Err(ReferencesError::Limit { what: "it holds more than 10,000 references" });
    }
    Ok(job)
}

fn is_template(name: &str, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end)) || text.trim_start().starts_with('{')
}

fn from_script(text: &str) -> Job {
    let mut script = script::Script::default();
    script.read(text, script::Lines::From(1));
    Job { template_id: None, place: slurm::place(text), demands: script.into_demands() }
}
