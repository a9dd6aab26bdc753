//! What an entry says of its software as a whole: the module's metadata and record.
//!
//! Unknown is absent: empty texts, `None` and `(none)` give nothing. A text that
//! upstream makes from an unordered set (`… module for {'R', 'R-bundle-CRAN'}`) differs
//! from run to run and can be made again, so it is not kept anywhere.

use crate::import::link::is_link;
use crate::import::redact::without_secrets;
use crate::import::report::quoted;
use crate::model::{Map, Metadata, Value, metadata};
use crate::text::is_hidden;

/// Longest description that becomes metadata, in bytes; the longest real one has 2,003.
const MAX_DESCRIPTION: usize = 64 * 1024;

/// The metadata of a module from the fields of its entry; what is odd goes to `odd`,
/// with the field.
pub(super) fn of_module(fields: &Map<String, Value>, odd: &mut dyn FnMut(&str, String)) -> Metadata {
    let mut found = Metadata::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            found.insert(key.to_owned(), value);
        }
    };
    let field = |name: &str| fields.get(name);
    set(metadata::DESCRIPTION, read("description", field("description"), description, odd));
    set(metadata::HOMEPAGE, read("homepage", field("homepage"), homepage, odd));
    set(metadata::LICENSE, read("license", field("license"), license, odd));
    set(metadata::CATEGORIES, read("categories", field("categories"), categories, odd));
    found
}

type Read = fn(&Value) -> Result<Option<String>, String>;

fn read(field: &str, value: Option<&Value>, how: Read, odd: &mut dyn FnMut(&str, String)) -> Option<String> {
    how(value?).unwrap_or_else(|message| {
        odd(field, message);
        None
    })
}

/// A text that says something, without blank edges.
fn said(text: &str) -> Option<&str> {
    let text = text.trim();
    (!matches!(text, "" | "(none)" | "None" | "none")).then_some(text)
}

fn description(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) if text.len() > MAX_DESCRIPTION => {
            Err(format!("its {} bytes are too many; only the record has it", text.len()))
        }
        Value::Text(text) => Ok(said(text).map(|text| without_secrets(text).into_owned())),
        _ => Err("it is not a text; only the record has it".to_owned()),
    }
}

fn homepage(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => match said(text) {
            None => Ok(None),
            Some(text) if is_link(text) => Ok(Some(without_secrets(text).into_owned())),
            Some(text) => Err(format!("{} is not an address to link to; only the record has it", quoted(text))),
        },
        _ => Err("it is not a text; only the record has it".to_owned()),
    }
}

/// Texts, or maps with `identifier` or `name`; several licences all apply.
fn license(value: &Value) -> Result<Option<String>, String> {
    let alone = std::slice::from_ref(value);
    let items = match value {
        Value::Null => return Ok(None),
        Value::Text(_) => alone,
        Value::List(items) => items,
        _ => return Err("it is neither a list nor a text; only the record has it".to_owned()),
    };
    let mut found: Vec<String> = Vec::new();
    for item in items {
        let text = item.as_text().or_else(|| ["identifier", "name"].iter().find_map(|key| item.get(key)?.as_text()));
        let text = text.ok_or_else(|| "a member names no licence; only the record has it".to_owned())?;
        let Some(text) = said(text) else { continue };
        let letter = |b: u8| b.is_ascii_alphanumeric() || b" .-+()".contains(&b);
        if text.len() > 256 || !text.bytes().all(letter) {
            return Err(format!("{} is not an SPDX expression; only the record has it", quoted(text)));
        }
        if !found.iter().any(|other| other == text) {
            found.push(text.to_owned());
        }
    }
    if found.len() > 1 {
        found.iter_mut().filter(|text| text.contains(' ')).for_each(|text| *text = format!("({text})"));
    }
    Ok((!found.is_empty()).then(|| found.join(" AND ")))
}

fn categories(value: &Value) -> Result<Option<String>, String> {
    let Value::List(items) = value else {
        let is_absent = *value == Value::Null;
        return if is_absent { Ok(None) } else { Err("it is not a list; only the record has it".to_owned()) };
    };
    let mut found = Vec::new();
    for item in items {
        let text = item.as_text().ok_or_else(|| "a member is not a text; only the record has it".to_owned())?;
        let Some(text) = said(text) else { continue };
        if text.len() > 128 || text.contains(',') || text.chars().any(is_hidden) {
            return Err(format!("{} is not a category; only the record has it", quoted(text)));
        }
        found.push(text);
    }
    Ok((!found.is_empty()).then(|| found.join(metadata::LIST_SEPARATOR)))
}

/// Whether upstream made this description from the names of an extension and of the
/// software around it: `<name> is a <kind> included in the software module for <parent>`,
/// the parent being one of `parents`, or a printed set of names behind what is left of one.
pub(super) fn is_derived(text: &str, name: &str, parents: &[&str]) -> bool {
    let Some(rest) = text.strip_prefix(name) else { return false };
    let rest = rest.strip_prefix(" is a ").or_else(|| rest.strip_prefix(" is an "));
    let Some((kind, tail)) = rest.and_then(|rest| rest.split_once(" included in the software module for ")) else {
        return false;
    };
    let is_kind = kind.len() <= 40 && kind.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
    is_kind && (parents.contains(&tail) || is_set_behind(tail))
}

/// `{'a', 'b'}`, or `plotly.{'plotly.py'}`: upstream replaces the last word only.
fn is_set_behind(tail: &str) -> bool {
    let Some((before, set)) = tail.split_once('{') else { return false };
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
    let is_member = |member: &str| {
        let name = member.strip_prefix('\'').and_then(|m| m.strip_suffix('\''));
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(letter))
    };
    before.bytes().all(letter) && set.strip_suffix('}').is_some_and(|members| members.split(", ").all(is_member))
}

#[cfg(test)]
mod tests {
    use super::{is_derived, of_module};
    use crate::model::Value;

    fn described(json: &str) -> (String, Vec<String>) {
        let Value::Map(fields) = serde_json::from_str(json).unwrap() else { panic!() };
        let mut odd = Vec::new();
        let found = of_module(&fields, &mut |field, _| odd.push(field.to_owned()));
        (found.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("|"), odd)
    }

    #[test]
    fn unknown_is_absent() {
        for none in ["", "  \n", "None", "(none)"] {
            let json = serde_json::json!({"description": none, "homepage": none, "license": [], "categories": []});
            assert_eq!(described(&json.to_string()), (String::new(), vec![]), "{none:?}");
        }
        assert_eq!(described("{}"), (String::new(), vec![]));
    }

    #[test]
    fn what_is_said_is_kept_as_it_is() {
        let (found, odd) = described(
            r#"{"description": " <b>\u202e & two\nlines \n", "homepage": "http://a.io/~x", "license": ["MIT", {"identifier": "BSD-3-Clause OR ISC"}], "categories": ["bio", "lib"]}"#,
        );
        assert_eq!(
            found,
            "description=<b>\u{202e} & two\nlines|homepage=http://a.io/~x|license=MIT AND (BSD-3-Clause OR ISC)|categories=bio, lib"
        );
        assert!(odd.is_empty());
    }

    #[test]
    fn t24_only_addresses_of_the_web_are_links() {
        let (found, odd) = described(
            r#"{"homepage": "hhttps://librdf.org/rasqal", "license": [1], "categories": "x", "description": 3}"#,
        );
        assert_eq!((found.as_str(), odd.len()), ("", 4));
    }

    #[test]
    fn t33_a_homepage_loses_its_password() {
        assert_eq!(described(r#"{"homepage": "https://me:pw@a.io/"}"#).0, "homepage=https://a.io/");
    }

    #[test]
    fn derived_descriptions_are_told_strictly() {
        let derived = |text| is_derived(text, "x", &["R", "WebKitGTK+"]);
        assert!(derived("x is an R package included in the software module for R"));
        assert!(derived("x is a component included in the software module for WebKitGTK+"));
        assert!(derived("x is a Perl module package included in the software module for {'R-bundle-CRAN', 'R'}"));
        assert!(derived("x is a Python package included in the software module for plotly.{'plotly.py'}"));
        assert!(!derived("x is a Python package included in the software module for Q"));
        assert!(!derived("x is a Python package included in the software module for {'R'} and more"));
        assert!(!derived("x is a Python package, included in the software module for R"));
        assert!(!derived("xy is a Python package included in the software module for R"));
        assert!(!derived("Fundamental package"));
    }
}
