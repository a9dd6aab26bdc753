//! The CPU and accelerator targets that an entry is built for, and their labels.
//!
//! A CPU target has two or three parts, `x86_64/generic`, `aarch64/nvidia/grace`; its
//! label joins them by `-`. `gpu_arch` names the accelerators for each CPU target. A
//! release that names any lies only below `accel/`, once for each accelerator, so it has
//! no item for the bare CPU target. Dialects of `gpu_arch`: `[]`, `{}`, `["accel/…"]`
//! (for every CPU target), `{cpu: ["accel/nvidia/cc80"]}`, `{cpu: ["nvidia/cc80"]}`.

use std::collections::HashSet;

use crate::code::Code;
use crate::import::report::quoted;
use crate::model::{ItemLabel, Value};

/// Most targets of one entry; real ones have up to 75.
const MAX_TARGETS: usize = 1024;

/// One target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The label of its item, `x86_64-amd-zen2-nvidia-cc80`.
    pub(super) label: ItemLabel,
    /// The CPU target, `x86_64/amd/zen2`.
    pub(super) cpu: String,
    /// The accelerator, `nvidia/cc80`.
    pub(super) accelerator: Option<String>,
}

impl Target {
    /// The folder of the target within its stack.
    pub(super) fn folder(&self) -> String {
        match &self.accelerator {
            Some(accelerator) => format!("{}/accel/{accelerator}", self.cpu),
            None => self.cpu.clone(),
        }
    }
}

/// What `cpu_arch` and `gpu_arch` say together.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// In upstream's order, at least one.
    pub(super) list: Vec<Target>,
    /// What was left out, with its path below the entry.
    pub(super) remarks: Vec<(Code, String, String)>,
}

impl Targets {
    /// The CPU targets, each once.
    pub(super) fn cpus(&self) -> Vec<String> {
        let mut cpus: Vec<String> = self.list.iter().map(|target| target.cpu.clone()).collect();
        cpus.dedup();
        cpus
    }

    fn push(&mut self, cpu: &str, accelerator: Option<&str>) {
        let mut label = cpu.replace('/', "-");
        if let Some(accelerator) = accelerator {
            label = format!("{label}-{}", accelerator.replace('/', "-"));
        }
        if let Ok(label) = label.parse() {
            self.list.push(Target { label, cpu: cpu.to_owned(), accelerator: accelerator.map(str::to_owned) });
        }
    }

    fn refuse(&mut self, path: String, message: String) {
        self.remarks.push((Code::EntryRefused, path, message));
    }
}

/// Reads `cpu_arch` and `gpu_arch`.
pub(super) fn parse(cpu: &Value, gpu: Option<&Value>) -> Result<Targets, String> {
    let mut targets = Targets::default();
    let cpus = words(cpu, "cpu_arch", cpu_target, &mut targets)?;
    if accelerated(gpu)? {
        for cpu in &cpus {
            let (path, list) = match gpu {
                Some(Value::Map(map)) => (format!("gpu_arch[\"{cpu}\"]"), map.get(*cpu)),
                all => ("gpu_arch".to_owned(), all),
            };
            let list = list.map_or(Ok(Vec::new()), |list| words(list, &path, accelerator, &mut targets))?;
            if list.is_empty() {
                let message = "other CPU targets of this release name accelerators and this one none: it has no item";
                targets.remarks.push((Code::EntryOdd, path, message.to_owned()));
            }
            list.iter().for_each(|accelerator| targets.push(cpu, Some(accelerator)));
        }
    } else {
        cpus.iter().for_each(|cpu| targets.push(cpu, None));
    }
    match targets.list.len() {
        0 => Err("`cpu_arch` names no target".to_owned()),
        n if n > MAX_TARGETS => Err(format!("it has {n} targets, and the limit is {MAX_TARGETS}")),
        _ => Ok(targets),
    }
}

/// Whether any accelerator is named.
fn accelerated(gpu: Option<&Value>) -> Result<bool, String> {
    match gpu {
        None | Some(Value::Null) => Ok(false),
        Some(Value::List(list)) => Ok(!list.is_empty()),
        Some(Value::Map(map)) => Ok(map.values().any(|list| !list.items().is_empty())),
        Some(_) => Err("`gpu_arch` is neither a map nor a list".to_owned()),
    }
}

/// The members of a list that `check` accepts, each once; the others are refused.
fn words<'v>(
    list: &'v Value,
    path: &str,
    check: fn(&str) -> Option<&str>,
    targets: &mut Targets,
) -> Result<Vec<&'v str>, String> {
    let Value::List(items) = list else { return Err(format!("`{path}` is not a list")) };
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item.as_text().map(|text| (text, check(text))) {
            Some((_, Some(word))) if seen.insert(word) => found.push(word),
            Some((_, Some(_))) => {}
            Some((text, None)) => {
                targets.refuse(format!("{path}[{index}]"), format!("{} is not a target", quoted(text)))
            }
            None => targets.refuse(format!("{path}[{index}]"), "it is not a text".to_owned()),
        }
    }
    Ok(found)
}

fn are_words(text: &str, least: usize, most: usize) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let is_word = |part: &str| part.len() <= 32 && part.bytes().all(letter) && part.starts_with(|c: char| c != '_');
    text.split('/').all(is_word) && (least..=most).contains(&text.split('/').count())
}

fn cpu_target(text: &str) -> Option<&str> {
    are_words(text, 2, 3).then_some(text)
}

fn accelerator(text: &str) -> Option<&str> {
    let short = text.strip_prefix("accel/").unwrap_or(text);
    are_words(short, 2, 2).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn labels(cpu: &str, gpu: &str) -> Result<(String, usize), String> {
        let targets = parse(&serde_json::from_str(cpu).unwrap(), Some(&serde_json::from_str(gpu).unwrap()))?;
        let labels: Vec<_> = targets.list.iter().map(|target| target.label.as_str()).collect();
        Ok((labels.join(" "), targets.remarks.len()))
    }

    #[test]
    fn cpu_targets_have_two_or_three_parts() {
        let cpu = r#"["x86_64/generic", "x86_64/amd/zen2", "aarch64/nvidia/grace", "x86_64/zen3"]"#;
        let expected = "x86_64-generic x86_64-amd-zen2 aarch64-nvidia-grace x86_64-zen3";
        assert_eq!(labels(cpu, "{}"), Ok((expected.into(), 0)));
        assert_eq!(labels(cpu, "[]"), labels(cpu, "{}"));
        assert_eq!(labels(cpu, "null"), labels(cpu, "{}"));
    }

    #[test]
    fn a_release_with_accelerators_lies_only_below_accel() {
        let expected = Ok(("x86_64-amd-zen2-nvidia-cc80".into(), 0));
        for gpu in [
            r#"{"x86_64/amd/zen2": ["nvidia/cc80"]}"#,
            r#"{"x86_64/amd/zen2": ["accel/nvidia/cc80"]}"#,
            r#"["accel/nvidia/cc80"]"#,
        ] {
            assert_eq!(labels(r#"["x86_64/amd/zen2"]"#, gpu), expected, "{gpu}");
        }
        let partly = labels(r#"["a/b", "a/c"]"#, r#"{"a/b": ["nvidia/cc80"], "a/c": []}"#);
        assert_eq!(partly, Ok(("a-b-nvidia-cc80".into(), 1)), "a/c has no known place");
    }

    #[test]
    fn t23_a_target_that_is_none_is_refused_and_the_others_taken() {
        let cpu =
            r#"["x86_64/../../etc", "x86_64/generic", "a", "a/b/c/d", "A/b", 1, "a//b", "a/b\n", "x86_64/generic"]"#;
        assert_eq!(labels(cpu, "{}"), Ok(("x86_64-generic".into(), 7)));
        for bad in ["[]", "{}", "1", r#"[".."]"#] {
            assert!(labels(bad, "{}").is_err(), "{bad}");
        }
        assert!(labels(r#"["a/b"]"#, "1").is_err());
    }
}
