//! JSON as Python's `json.dumps` writes it, byte for byte: what Spack hashes.
//!
//! Only ASCII, anything else as `\u` escapes in lower case, astral characters as two;
//! numbers with a fraction as Python's `repr` writes them.

use std::fmt::Write;

use crate::model::Value;

/// How a value is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// `separators=(",", ":")`.
    Compact,
    /// `indent=2, separators=(",", ": ")`.
    Indented,
}

/// The text of a value.
pub(super) fn dump(value: &Value, layout: Layout) -> String {
    let mut writer = Writer { text: String::new(), layout, depth: 0 };
    writer.value(value);
    writer.text
}

struct Writer {
    text: String,
    layout: Layout,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(true) => self.text.push_str("true"),
            Value::Bool(false) => self.text.push_str("false"),
            Value::Integer(number) => self.show(number),
            Value::Unsigned(number) => self.show(number),
            Value::Float(number) => self.text.push_str(&float(*number)),
            Value::Text(text) => self.string(text),
            Value::List(items) => self.all(('[', ']'), items, Self::value),
            Value::Map(map) => self.all(('{', '}'), map, |writer, (key, value)| {
                writer.string(key);
                writer.text.push_str(if writer.layout == Layout::Compact { ":" } else { ": " });
                writer.value(value);
            }),
        }
    }

    fn show(&mut self, number: impl std::fmt::Display) {
        // Writing to a `String` does not fail.
        let _ = write!(self.text, "{number}");
    }

    fn all<I: IntoIterator>(&mut self, (open, close): (char, char), items: I, one: impl Fn(&mut Self, I::Item)) {
        self.text.push(open);
        self.depth += 1;
        let mut is_empty = true;
        for item in items {
            if !is_empty {
                self.text.push(',');
            }
            is_empty = false;
            self.line();
            one(self, item);
        }
        self.depth -= 1;
        if !is_empty {
            self.line();
        }
        self.text.push(close);
    }

    fn line(&mut self) {
        if self.layout == Layout::Indented {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", self.depth));
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                ' '..='~' => self.text.push(c),
                _ => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(self.text, "\\u{unit:04x}");
                    }
                }
            }
        }
        self.text.push('"');
    }
}

/// Python's `repr` of a float: the shortest digits that read the same, as a plain number
/// from 1e-4 to below 1e16, else with an exponent of two digits or more.
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').expect("`{:e}` writes an exponent");
    let exponent: i32 = exponent.parse().expect("`{:e}` writes a whole exponent");
    if (-4..16).contains(&exponent) {
        let plain = format!("{number}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::{Layout, dump};
    use crate::model::Value;

    fn compact(json: &str) -> String {
        dump(&serde_json::from_str::<Value>(json).unwrap(), Layout::Compact)
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        for (given, expected) in [
            (r#"{"b": [1, -2, true, null], "a": {}}"#, r#"{"b":[1,-2,true,null],"a":{}}"#),
            (r#""é/😀\u007f\u0001\b\f\n\r\t\"\\""#, r#""\u00e9/\ud83d\ude00\u007f\u0001\b\f\n\r\t\"\\""#),
            ("1.0", "1.0"),
            ("100000.0", "100000.0"),
            ("1e15", "1000000000000000.0"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("1.5e-7", "1.5e-07"),
            ("1.25e-120", "1.25e-120"),
            ("-0.1", "-0.1"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(compact(given), expected);
        }
    }

    #[test]
    fn the_indented_layout_keeps_empty_lists_together() {
        let value: Value = serde_json::from_str(r#"{"a": [], "b": [1, {"c": {}}]}"#).unwrap();
        let expected = "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {\n      \"c\": {}\n    }\n  ]\n}";
        assert_eq!(dump(&value, Layout::Indented), expected);
    }
}
