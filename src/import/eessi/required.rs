//! The modules that an entry requires: all that `module list` shows once it is loaded.
//!
//! Two dialects: texts (`"GCC/12.3.0"`) and maps with `full_module_name`. The list is
//! transitively closed, in load order; it holds `EESSI/<version>`, normally first, and
//! the module itself, normally last.

use std::collections::HashSet;

use super::stack::is_version;
use crate::import::report::quoted;
use crate::model::Value;

/// Most modules that one entry may require; 167 is the real maximum. It bounds the
/// reduction to direct ones, whose cost is quadratic.
const MAX_REQUIRED: usize = 512;
/// The module that is the environment itself.
const ENVIRONMENT: &str = "EESSI";

/// What an entry requires.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Required {
    /// The version of `EESSI`, and whether it stands first.
    pub(super) eessi: Option<(String, bool)>,
    /// The others by their full names, each once, in load order.
    pub(super) modules: Vec<String>,
}

/// Reads the field `required_modules`.
pub(super) fn parse(value: &Value) -> Result<Required, String> {
    let Value::List(items) = value else { return Err("it is not a list".to_owned()) };
    if items.len() > MAX_REQUIRED {
        return Err(format!("it has {} members, and the limit is {MAX_REQUIRED}", items.len()));
    }
    let mut required = Required::default();
    let mut seen = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        let name = item.as_text().or_else(|| item.get("full_module_name")?.as_text());
        let Some(name) = name else { return Err(format!("its member {index} has no `full_module_name`")) };
        match name.split_once('/') {
            Some((ENVIRONMENT, version)) if required.eessi.is_none() => {
                if !is_version(version) {
                    return Err(format!("{} is not a version of EESSI", quoted(version)));
                }
                required.eessi = Some((version.to_owned(), index == 0));
            }
            Some((ENVIRONMENT, version)) if required.eessi.as_ref().is_some_and(|(first, _)| first != version) => {
                return Err("it names two versions of EESSI".to_owned());
            }
            Some((ENVIRONMENT, _)) => {}
            _ if seen.insert(name) => required.modules.push(name.to_owned()),
            _ => {}
        }
    }
    Ok(required)
}

#[cfg(test)]
mod tests {
    use super::{MAX_REQUIRED, Required, parse};

    fn required(json: &str) -> Result<Required, String> {
        parse(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn both_dialects_say_the_same() {
        let texts = required(r#"["EESSI/2023.06", "GCC/12.3.0"]"#).unwrap();
        let maps = required(
            r#"[{"full_module_name": "EESSI/2023.06", "module_name": "EESSI", "module_version": "2023.06"},
                {"full_module_name": "GCC/12.3.0"}]"#,
        );
        assert_eq!(Ok(&texts), maps.as_ref());
        assert_eq!((texts.eessi, texts.modules), (Some(("2023.06".into(), true)), vec!["GCC/12.3.0".into()]));
    }

    #[test]
    fn t23_garbage_is_refused() {
        for bad in ["1", "{}", "[1]", "[{}]", r#"["EESSI/../x"]"#, r#"["EESSI/2023.06", "EESSI/2025.06"]"#] {
            assert!(required(bad).is_err(), "{bad}");
        }
        assert!(required(&format!("[{}]", vec!["\"a/b\""; MAX_REQUIRED + 1].join(","))).is_err());
    }
}
