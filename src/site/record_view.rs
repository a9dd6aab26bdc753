//! A record's data, shaped for reading: fields, lists and tables.
//!
//! Nothing is left out silently: what is too long or too deep is cut with a note, and
//! then the whole record lies beside the page.

use serde::Serialize;

use super::words::{self, Shown};
use crate::model::{Value, codec};

/// Most rows of a list or table that are shown.
const MAX_ROWS: usize = 3000;
/// Deepest nesting that is shown as such; below, the JSON text is shown.
const MAX_DEPTH: usize = 8;
/// Most columns of a table.
const MAX_COLUMNS: usize = 8;
/// A list longer than this is shown closed.
const LONG: usize = 12;

/// A value, shaped.
#[derive(Debug, Serialize)]
#[serde(tag = "shape", rename_all = "lowercase")]
pub(super) enum Node {
    /// A text, a number, `true`, `false` or `null`.
    Text { value: Shown, href: Option<String> },
    /// Nothing: an empty text, list or map.
    Empty { what: &'static str },
    /// Names and values.
    Fields { fields: Vec<Field> },
    /// Plain values.
    Words { words: Vec<Shown>, size: Size },
    /// Maps with the same few plain values.
    Table { columns: Vec<String>, rows: Vec<Vec<Shown>>, size: Size },
    /// Anything else, one after the other.
    List { nodes: Vec<Node>, size: Size },
}

/// How long a list is.
#[derive(Debug, Serialize)]
pub(super) struct Size {
    /// How many entries it has.
    pub(super) count: String,
    /// Whether it is shown closed.
    pub(super) long: bool,
    /// How many are not shown.
    pub(super) more: Option<String>,
}

/// A name and its value.
#[derive(Debug, Serialize)]
pub(super) struct Field {
    pub(super) key: Shown,
    pub(super) node: Node,
}

/// Shapes a value; `cut` is set when not all of it is shown.
pub(super) fn node(value: &Value, cut: &mut bool) -> Node {
    shape(value, 0, cut)
}

fn shape(value: &Value, depth: usize, cut: &mut bool) -> Node {
    match value {
        Value::List(items) if items.is_empty() => Node::Empty { what: "empty list" },
        Value::Map(map) if map.is_empty() => Node::Empty { what: "no fields" },
        Value::Text(text) if text.is_empty() => Node::Empty { what: "empty" },
        Value::List(_) | Value::Map(_) if depth >= MAX_DEPTH => {
            let text = String::from_utf8_lossy(&codec::encode(value)).into_owned();
            Node::Text { value: clip(&text, cut), href: None }
        }
        Value::List(items) => list(items, depth, cut),
        Value::Map(map) => {
            *cut |= map.len() > MAX_ROWS;
            let field =
                |(key, value): (&String, &Value)| Field { key: clip(key, cut), node: shape(value, depth + 1, cut) };
            Node::Fields { fields: map.iter().take(MAX_ROWS).map(field).collect() }
        }
        Value::Text(text) => {
            Node::Text { value: clip(text, cut), href: super::safe::web_link(text).map(str::to_owned) }
        }
        plain => Node::Text { value: clip(&text_of(plain), cut), href: None },
    }
}

fn list(items: &[Value], depth: usize, cut: &mut bool) -> Node {
    let shown = &items[..items.len().min(MAX_ROWS)];
    let hidden = items.len() - shown.len();
    *cut |= hidden > 0;
    let more = (hidden > 0).then(|| words::number(hidden));
    let size = Size { count: words::number(items.len()), long: items.len() > LONG, more };
    if shown.iter().all(is_plain) {
        return Node::Words { words: shown.iter().map(|value| clip(&text_of(value), cut)).collect(), size };
    }
    if let Some(columns) = columns(shown) {
        let cell = |value: Option<&Value>, cut: &mut bool| clip(&value.map(text_of).unwrap_or_default(), cut);
        let row = |item: &Value| columns.iter().map(|column| cell(item.get(column), cut)).collect();
        let rows = shown.iter().map(row).collect();
        return Node::Table { columns, rows, size };
    }
    Node::List { nodes: shown.iter().map(|item| shape(item, depth + 1, cut)).collect(), size }
}

/// The columns of a list of maps that hold plain values only.
fn columns(items: &[Value]) -> Option<Vec<String>> {
    let mut columns: Vec<String> = Vec::new();
    for item in items {
        let Value::Map(map) = item else { return None };
        for (key, value) in map {
            if !is_plain(value) || key.len() > 200 {
                return None;
            }
            if !columns.contains(key) {
                columns.push(key.clone());
            }
        }
        if columns.len() > MAX_COLUMNS {
            return None;
        }
    }
    (!columns.is_empty()).then_some(columns)
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::List(_) | Value::Map(_))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Unsigned(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(_) | Value::Map(_) => String::from_utf8_lossy(&codec::encode(value)).into_owned(),
    }
}

fn clip(text: &str, cut: &mut bool) -> Shown {
    let shown = words::shown(text);
    *cut |= shown.cut.is_some();
    shown
}

#[cfg(test)]
mod tests {
    use super::{Node, node};
    use crate::model::Value;

    fn shaped(text: &str) -> (Node, bool) {
        let value: Value = serde_json::from_str(text).unwrap();
        let mut cut = false;
        (node(&value, &mut cut), cut)
    }

    #[test]
    fn alike_maps_are_a_table_and_plain_values_words() {
        assert!(
            matches!(shaped(r#"[{"a":1},{"a":2,"b":"x"}]"#).0, Node::Table { columns, .. } if columns == ["a", "b"])
        );
        assert!(matches!(shaped("[1,null,\"x\"]").0, Node::Words { words, .. } if words.len() == 3));
        assert!(matches!(shaped(r#"[{"a":[]}]"#).0, Node::List { .. }));
        assert!(matches!(shaped("[]").0, Node::Empty { .. }));
    }

    #[test]
    fn what_is_cut_is_said() {
        let long = format!("[{}0]", "0,".repeat(5000));
        let (node, cut) = shaped(&long);
        assert!(cut && matches!(node, Node::Words { words, size } if words.len() == 3000 && size.more.is_some()));
        let deep = format!("{}1{}", "[[],".repeat(60), "]".repeat(60));
        assert!(!shaped(&deep).1);
    }
}
