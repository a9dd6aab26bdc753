//! A phase's output, of any length, as a record keeps it.

use super::secrets;
use crate::model::{Digest, Map, Value};

/// Bytes that are kept of the beginning and of the end of a longer output.
const KEPT: usize = 16 * 1024;

/// Adds an output to a phase's fields. `null`, an empty text and an absent one stay three
/// things: Spack reads the log while it is still written, so that none of them says that
/// there was no output. What is longer than twice [`KEPT`] is cut, and the SHA-256 and
/// length of the whole are kept; secrets are taken out before.
pub(super) fn add(fields: &mut Map<String, Value>, output: Option<&Value>) {
    let mut say = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    let text = match output {
        None => return,
        Some(Value::Text(text)) => secrets::clean(text),
        Some(_) => return say("output", Value::Null),
    };
    if text.len() <= 2 * KEPT {
        return say("output", Value::Text(text.into_owned()));
    }
    let head = (0..=KEPT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let tail = (text.len() - KEPT..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    say("output_head", Value::from(&text[..head]));
    say("output_tail", Value::from(&text[tail..]));
    say("output_sha256", Value::Text(Digest::of(text.as_bytes()).hex()));
    say("output_length", Value::Integer(i64::try_from(text.len()).unwrap_or(i64::MAX)));
}

#[cfg(test)]
mod tests {
    use super::{KEPT, add};
    use crate::model::{Map, Value};

    fn kept(output: Option<Value>) -> Map<String, Value> {
        let mut fields = Map::new();
        add(&mut fields, output.as_ref());
        fields
    }

    #[test]
    fn absent_null_and_empty_are_three_things() {
        assert!(kept(None).is_empty());
        assert_eq!(kept(Some(Value::Null))["output"], Value::Null);
        assert_eq!(kept(Some(Value::from("")))["output"], Value::from(""));
    }

    #[test]
    fn a_long_output_is_cut_between_characters() {
        let text = format!("a{}b", "é".repeat(3 * KEPT));
        let fields = kept(Some(Value::from(text.as_str())));
        let part = |key: &str| fields[key].as_text().unwrap().to_owned();
        assert!(text.starts_with(&part("output_head")) && text.ends_with(&part("output_tail")));
        assert!(part("output_head").len() <= KEPT && part("output_tail").len() <= KEPT);
        assert_eq!(fields["output_length"], Value::Integer(text.len() as i64));
        assert!(!fields.contains_key("output"));
    }
}
