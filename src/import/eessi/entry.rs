//! One version of an entry, understood: its module, stack, targets and requirements.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::file::Fields;
use super::required::{self, Required};
use super::stack::{self, Stack};
use super::target::{self, Targets};
use super::texts::{Text, Values};
use crate::import::redact::redact;
use crate::import::report::{Diagnostics, quoted};
use crate::model::{Map, Record, RecordCapsule, Value};
use crate::text::{is_hidden, shown};

/// Longest name of a module, in bytes.
const MAX_NAME: usize = 128;
/// The fields that this importer knows; others are kept in the record and reported.
const FIELDS: &[&str] = &[
    "homepage",
    "license",
    "image",
    "categories",
    "identifier",
    "toolchain",
    "toolchain_families_compatibility",
    "module",
    "required_modules",
    "cpu_arch",
    "gpu_arch",
    "description",
    "version",
    "versionsuffix",
    "extensions",
    "parent_software",
    "release_date",
];

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// The field; empty for the entry.
    pub(super) field: String,
    /// What is wrong.
    pub(super) message: String,
}

impl Problem {
    pub(super) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }

    /// The JSON path of the fault in the entry at `path`.
    pub(super) fn path(&self, path: &str) -> String {
        match self.field.as_str() {
            "" => path.to_owned(),
            field => format!("{path}.{field}"),
        }
    }
}

/// An environment module: `GROMACS/2024.4-foss-2023b`. Its parts hold letters, digits and
/// `. _ + ~ -` only, so they are safe in a path and as a word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EnvModule {
    pub(super) full: String,
    pub(super) name: String,
    pub(super) version: String,
}

impl EnvModule {
    /// Reads the field `module`: a text, or a map of the full name and its parts.
    fn parse(value: &Value) -> Result<Self, String> {
        let text = |key| value.get(key).and_then(Value::as_text);
        let (full, name, version) = match value {
            Value::Text(full) => full.split_once('/').map(|(name, version)| (full.as_str(), name, version)),
            _ => text("full_module_name")
                .zip(text("module_name"))
                .zip(text("module_version"))
                .map(|((f, n), v)| (f, n, v)),
        }
        .ok_or("it is neither `name/version` nor a map with `full_module_name`, `module_name` and `module_version`")?;
        if !is_word(name) || !is_word(version) {
            return Err(format!("{} is not the name of an environment module", quoted(full)));
        }
        if full != format!("{name}/{version}") {
            return Err(format!("{} is not `{name}/{version}`", quoted(full)));
        }
        Ok(Self { full: full.to_owned(), name: name.to_owned(), version: version.to_owned() })
    }
}

fn is_word(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"._+~-".contains(&b);
    text.len() <= MAX_NAME
        && text.bytes().all(letter)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// A short text of a version, without anything invisible.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && text.trim() == text && !text.chars().any(is_hidden)
}

/// What a version of an entry says of itself.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) version: Option<String>,
    pub(super) date: Option<String>,
    pub(super) toolchain: Option<String>,
    pub(super) module: EnvModule,
    pub(super) stack: Stack,
    pub(super) required: Rc<Required>,
    pub(super) targets: Rc<Targets>,
}

/// Where a version stands: for its diagnostics, and for what its file says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file's name.
    pub(super) file: &'a str,
    /// The keys of the file's `architectures_map`.
    pub(super) keys: &'a [String],
    /// The JSON path of the version.
    pub(super) path: &'a str,
}

type Parsed<K, V> = HashMap<K, Result<Rc<V>, String>>;

/// Understands versions, each text once.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    values: Values<'t>,
    required: Parsed<Text, Required>,
    targets: Parsed<(Text, Option<Text>), Targets>,
    /// Fields reported as unknown, by file.
    unknown: HashSet<(String, Text)>,
    pub(super) diagnostics: Diagnostics,
}

impl<'t> Reader<'t> {
    pub(super) fn new(values: Values<'t>, diagnostics: Diagnostics) -> Self {
        let (required, targets, unknown) = Default::default();
        Self { values, required, targets, unknown, diagnostics }
    }

    /// The JSON text of a field.
    pub(super) fn text_of(&self, fields: &Fields, name: &str) -> Option<Text> {
        let texts = self.values.texts();
        fields.iter().find(|(key, _)| texts.get(*key) == name).map(|(_, text)| *text)
    }

    /// The value of a field.
    pub(super) fn field(&mut self, fields: &Fields, name: &str) -> Result<Option<Rc<Value>>, Problem> {
        let Some(text) = self.text_of(fields, name) else { return Ok(None) };
        self.values.get(text).map(Some).map_err(|message| Problem::new(name, &*message))
    }

    /// The value of a field that must be there.
    fn needed(&mut self, fields: &Fields, name: &str) -> Result<Rc<Value>, Problem> {
        self.field(fields, name)?.ok_or_else(|| Problem::new(name, "it is missing"))
    }

    /// All fields as a map, in upstream's order.
    pub(super) fn record(&mut self, fields: &[(Text, Text)]) -> Result<Map<String, Value>, Problem> {
        let texts = self.values.texts();
        let mut record = Map::new();
        for (key, text) in fields {
            let key = texts.get(*key);
            let value = self.values.get(*text).map_err(|message| Problem::new(&shown(key).to_string(), &*message))?;
            record.insert(key.to_owned(), (*value).clone());
        }
        Ok(record)
    }

    /// A record of these fields, without secrets; none when there are no fields.
    pub(super) fn capsule(
        &mut self,
        place: Place<'_>,
        kind: &str,
        fields: Map<String, Value>,
    ) -> Option<RecordCapsule> {
        if fields.is_empty() {
            return None;
        }
        let mut data = Value::Map(fields);
        if redact(&mut data) {
            self.odd(place, "", "it holds a password or token, which was left out");
        }
        Some(RecordCapsule::V1(Record { kind: kind.to_owned(), data }))
    }

    /// The fields that differ from those of `parent`.
    pub(super) fn own_fields(&mut self, fields: &Fields, parent: &Fields) -> Vec<(Text, Text)> {
        let values = &mut self.values;
        let mut is_same =
            |one: Text, two: Text| one == two || matches!((values.get(one), values.get(two)), (Ok(a), Ok(b)) if a == b);
        let mut differs = |(key, text): &&(Text, Text)| {
            let theirs = parent.iter().find(|(other, _)| other == key);
            theirs.is_none_or(|(_, theirs)| !is_same(*text, *theirs))
        };
        fields.iter().filter(|field| differs(field)).copied().collect()
    }

    /// Reads a version.
    pub(super) fn facts(&mut self, fields: &Fields, place: Place<'_>) -> Result<Facts, Problem> {
        self.report_unknown(fields, place);
        for (key, text) in fields {
            let field = shown(self.values.texts().get(*key)).to_string();
            self.values.get(*text).map_err(|message| Problem::new(&field, &*message))?;
        }
        let module = EnvModule::parse(&*self.needed(fields, "module")?).map_err(|m| Problem::new("module", m))?;
        let required = self.required(fields)?;
        let targets = self.targets(fields)?;
        let (stack, remark) = stack::find(&required, place.keys, &targets.cpus())
            .map_err(|message| Problem::new("required_modules", message))?;
        if let Some(remark) = remark {
            self.odd(place, "required_modules", remark);
        }
        let version = self.optional(fields, place, "version", is_plain)?;
        let date = self.optional(fields, place, "release_date", is_date)?;
        let toolchain = self.toolchain(fields, place)?;
        Ok(Facts { version, date, toolchain, module, stack, required, targets })
    }

    fn required(&mut self, fields: &Fields) -> Result<Rc<Required>, Problem> {
        const FIELD: &str = "required_modules";
        let Some(text) = self.text_of(fields, FIELD) else { return Ok(Rc::default()) };
        let value = self.needed(fields, FIELD)?;
        let parsed = self.required.entry(text).or_insert_with(|| required::parse(&value).map(Rc::new));
        parsed.clone().map_err(|message| Problem::new(FIELD, message))
    }

    fn targets(&mut self, fields: &Fields) -> Result<Rc<Targets>, Problem> {
        let cpu = self.needed(fields, "cpu_arch")?;
        let gpu = self.field(fields, "gpu_arch")?;
        let Some(key) = self.text_of(fields, "cpu_arch") else { return Ok(Rc::default()) };
        let key = (key, self.text_of(fields, "gpu_arch"));
        let parsed = self.targets.entry(key).or_insert_with(|| target::parse(&cpu, gpu.as_deref()).map(Rc::new));
        parsed.clone().map_err(|message| Problem::new("cpu_arch", message))
    }

    /// A text that may be missing; one that `check` refuses is odd and left out.
    fn optional(
        &mut self,
        fields: &Fields,
        place: Place<'_>,
        name: &str,
        check: fn(&str) -> bool,
    ) -> Result<Option<String>, Problem> {
        let Some(value) = self.field(fields, name)? else { return Ok(None) };
        match &*value {
            Value::Null => Ok(None),
            Value::Text(text) if text.is_empty() => Ok(None),
            Value::Text(text) if check(text) => Ok(Some(text.clone())),
            Value::Text(text) => {
                self.odd(place, name, format!("{} is of another form; only the record has it", quoted(text)));
                Ok(None)
            }
            _ => {
                self.odd(place, name, "it is not a text; only the record has it");
                Ok(None)
            }
        }
    }

    fn toolchain(&mut self, fields: &Fields, place: Place<'_>) -> Result<Option<String>, Problem> {
        let Some(value) = self.field(fields, "toolchain")? else { return Ok(None) };
        let part = |key| value.get(key).and_then(Value::as_text).filter(|text| is_word(text));
        let found = match &*value {
            Value::Null => return Ok(None),
            Value::Text(text) => text.split_once('/').filter(|(n, v)| is_word(n) && is_word(v)),
            _ => part("name").zip(part("version")),
        };
        if found.is_none() {
            self.odd(place, "toolchain", "it is not a name and a version; only the record has it");
        }
        Ok(found.map(|(name, version)| format!("{name}/{version}")))
    }

    fn report_unknown(&mut self, fields: &Fields, place: Place<'_>) {
        let texts = self.values.texts();
        for (key, _) in fields {
            let name = texts.get(*key);
            if !FIELDS.contains(&name) && self.unknown.insert((place.file.to_owned(), *key)) {
                let name = shown(name).to_string();
                self.odd(place, &name, "this field is not known; the record has it (said once for the file)");
            }
        }
    }

    /// Reports something odd in a field of a version.
    pub(super) fn odd(&mut self, place: Place<'_>, field: &str, message: impl Into<String>) {
        self.diagnostics.odd(place.file, Problem::new(field, "").path(place.path), message);
    }

    /// Reports why a version is refused.
    pub(super) fn refuse(&mut self, place: Place<'_>, problem: Problem) {
        self.diagnostics.refused(place.file, problem.path(place.path), problem.message);
    }
}

/// `YYYY-MM-DD`, with or without a time.
fn is_date(text: &str) -> bool {
    let is_day = |day: &str| {
        day.len() == 10
            && day.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
    };
    match text.split_once('T') {
        Some((day, time)) => {
            is_day(day) && time.len() <= 32 && time.bytes().all(|b| b.is_ascii_digit() || b":.+-Z".contains(&b))
        }
        None => is_day(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{EnvModule, is_date};

    fn module(json: &str) -> Result<String, String> {
        EnvModule::parse(&serde_json::from_str(json).unwrap())
            .map(|module| format!("{} {}", module.name, module.version))
    }

    #[test]
    fn a_module_is_a_text_or_a_map() {
        let map = r#"{"full_module_name": "RE2/2023-03-01-GCC-1", "module_name": "RE2", "module_version": "2023-03-01-GCC-1"}"#;
        assert_eq!(module(map), Ok("RE2 2023-03-01-GCC-1".into()));
        assert_eq!(module(r#""GCC/12.3.0""#), Ok("GCC 12.3.0".into()));
    }

    #[test]
    fn t23_t25_a_module_is_safe_in_paths_and_commands() {
        for bad in ["../x/1", "a/..", "a/b/c", "a/$(x)", "-a/1", "a/-r", "a /1", "a/1;x", "a", "a/", "ä/1", "a/1\\n"] {
            assert!(module(&format!("\"{bad}\"")).is_err(), "{bad}");
        }
        let mismatch = r#"{"full_module_name": "a/1", "module_name": "b", "module_version": "1"}"#;
        assert!(module(mismatch).is_err());
    }

    #[test]
    fn dates_are_days_or_moments() {
        assert!(is_date("2024-01-15") && is_date("2024-01-15T10:00:00Z"));
        assert!(!is_date("15 Jan 2024") && !is_date("2024-1-15") && !is_date("2024-01-15Tx"));
    }
}
