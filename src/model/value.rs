//! JSON of any shape, as upstream gave it, that dag-cbor can hold.
//!
//! A number that neither a 64-bit integer nor a float holds exactly, a key that stands
//! twice and a nesting deeper than [`MAX_DEPTH`] are refused, since two readers could
//! disagree on them (`threats.md` T-06).

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::map::Map;

/// Deepest nesting of lists and maps that is read.
pub const MAX_DEPTH: usize = 64;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number above those of [`Value::Integer`].
    Unsigned(u64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map, in the order of its text.
    Map(Map<String, Value>),
}

impl Value {
    /// The text, when it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The member of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// The members of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => items.serialize(serializer),
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(ValueVisitor)?;
        if depth(&value) > MAX_DEPTH {
            return Err(D::Error::custom(format_args!("nested more than {MAX_DEPTH} deep")));
        }
        Ok(value)
    }
}

/// Nesting of a value; the parsers' own limits (128) bound the recursion.
fn depth(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Map(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

struct Inner(Value);

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Unsigned(value), Value::Integer))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        // serde_json turns whole numbers that no 64-bit integer holds into floats.
        if value.is_finite() && (value.fract() != 0.0 || value.abs() < 9_007_199_254_740_992.0) {
            Ok(Value::Float(value))
        } else {
            Err(E::custom("a number that cannot be held exactly"))
        }
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Inner(item)) = access.next_element()? {
            items.push(item);
        }
        // Most lists of a source have one member, and room for four.
        items.shrink_to_fit();
        Ok(Value::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let Inner(value) = access.next_value()?;
            if map.contains_key(&key) {
                let message = format!("the key `{}` stands twice", crate::text::shown(&key));
                return Err(A::Error::custom(message));
            }
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::Value;
    use crate::model::codec::{block, decode, decode_block, encode};

    #[test]
    fn t06_what_two_readers_could_read_differently_is_refused() {
        for bad in ["18446744073709551616", "-9223372036854775809", "1e300", "{\"a\":1,\"a\":1}", "[1,]", "NaN"] {
            assert!(decode::<Value>(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = "[".repeat(65) + &"]".repeat(65);
        assert!(decode::<Value>(deep.as_bytes()).is_err());
        let fits = "[".repeat(64) + &"]".repeat(64);
        assert!(decode::<Value>(fits.as_bytes()).is_ok());
        let deeper = "[".repeat(1_000_000);
        assert!(decode::<Value>(deeper.as_bytes()).is_err());
    }

    #[test]
    fn text_and_block_round_trip() {
        let text = "{\n\t\"b\": [\n\t\t1,\n\t\t-2,\n\t\t1.5,\n\t\tnull,\n\t\ttrue,\n\t\t18446744073709551615\n\t],\n\t\"a\": {}\n}\n";
        let value: Value = decode(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(encode(&value)).unwrap(), text);
        let again: Value = decode_block(&block(&value)).unwrap();
        assert_eq!(block(&again), block(&value));
    }
}
