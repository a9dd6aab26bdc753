//! Random documents of a schema's types, from a seed.
//!
//! The schema gives the shape; [`scalar`] knows the rules of names, which no schema can
//! say. What is generated is in canonical order: struct fields as the schema has them.

use serde_json::{Map, Number, Value, json};
use warecat::model::WarpforgeCid;

use super::parse::{Form, Schema, Type};

/// SplitMix64: small, and the same on every machine.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }

    fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Deepest nesting before maps and lists stay empty.
const DEEPEST: usize = 6;

pub(super) struct Generator<'a> {
    pub(super) schema: &'a Schema,
    pub(super) random: Random,
}

impl Generator<'_> {
    /// A document of the type `name`.
    pub(super) fn document(&mut self, name: &str) -> Value {
        self.value(&Type::Named(name.to_owned()), name, 0)
    }

    /// `hint` is the name of the type or field, which says what a text may be.
    fn value(&mut self, of: &Type, hint: &str, depth: usize) -> Value {
        match of {
            Type::Named(name) => self.value(&self.schema.0[name], name, depth),
            Type::Bool => Value::Bool(self.random.below(2) == 0),
            Type::Int => self.integer(hint),
            Type::Any => self.anything(depth),
            Type::List(of) => (0..self.count(depth)).map(|_| self.value(of, hint, depth + 1)).collect(),
            Type::Map(key, of) => {
                let entries = (0..self.count(depth)).map(|_| (self.text(key, hint), self.value(of, hint, depth + 1)));
                Value::Object(entries.collect())
            }
            Type::Struct(fields) => {
                let mut map = Map::new();
                for field in fields {
                    if !field.optional || self.random.below(2) == 0 {
                        let hint = format!("{hint}.{}", field.name);
                        map.insert(field.name.clone(), self.value(&field.of, &hint, depth + 1));
                    }
                }
                Value::Object(map)
            }
            Type::Union(members, Form::Keyed) => {
                let member = self.random.choose(members);
                json!({ member.mark.clone(): self.value(&member.of, hint, depth + 1) })
            }
            Type::Union(members, Form::Kinded) => {
                let member = self.random.choose(members);
                self.value(&member.of, hint, depth)
            }
            Type::Text | Type::Joined(..) | Type::Enum(_) | Type::Union(_, Form::Prefixed) => {
                Value::String(self.text(of, hint))
            }
        }
    }

    fn count(&mut self, depth: usize) -> usize {
        if depth > DEEPEST { 0 } else { self.random.below(4) }
    }

    fn integer(&mut self, hint: &str) -> Value {
        let number = self.random.next() >> self.random.below(64);
        if hint != "Count" && self.random.below(2) == 0 {
            return Value::Number(Number::from(-((number >> 1) as i64)));
        }
        Value::Number(Number::from(number))
    }

    fn anything(&mut self, depth: usize) -> Value {
        let kinds = if depth > DEEPEST + 2 { 5 } else { 7 };
        match self.random.below(kinds) {
            0 => Value::Null,
            1 => Value::Bool(self.random.below(2) == 0),
            2 => self.integer(""),
            3 => json!(f64::from(self.random.next() as i16) / 256.0),
            4 => Value::String(self.free_text()),
            5 => (0..self.count(depth)).map(|_| self.anything(depth + 1)).collect(),
            _ => Value::Object((0..self.count(depth)).map(|_| (self.free_text(), self.anything(depth + 1))).collect()),
        }
    }

    fn text(&mut self, of: &Type, hint: &str) -> String {
        match of {
            Type::Named(name) => self.text(&self.schema.0[name], name),
            Type::Text => self.scalar(hint),
            Type::Enum(values) => self.random.choose(values).clone(),
            Type::Joined(fields, join) => {
                let parts = fields.iter().map(|field| {
                    let hint = format!("{hint}.{}", field.name);
                    self.text(&field.of, &hint).replace(join.as_str(), "-")
                });
                parts.collect::<Vec<_>>().join(join)
            }
            Type::Union(members, Form::Prefixed) => {
                let member = self.random.choose(members);
                format!("{}{}", member.mark, self.text(&member.of, hint))
            }
            _ => panic!("`{hint}` is no text"),
        }
    }

    /// A text that obeys the rules of what it names.
    fn scalar(&mut self, hint: &str) -> String {
        match hint {
            "ModuleName" => format!("{}.org/{}", self.word(), self.word()),
            "ReleaseName" | "ItemLabel" | "Packtype" | "WareID.hash" => self.word(),
            "WarehouseAddr" => format!("ca+https://{}.example/{}", self.word(), self.word()),
            "CatalogReleaseCID" => WarpforgeCid::of_block(&self.random.next().to_le_bytes()).to_string(),
            "Location.repository" => format!("{}.example.org", self.word()),
            "Location.path" => format!("/{}/{}", self.word(), self.word()),
            _ => self.free_text(),
        }
    }

    fn word(&mut self) -> String {
        const LETTERS: &[u8] = b"abcxyz0189";
        (0..1 + self.random.below(8)).map(|_| char::from(*self.random.choose(LETTERS))).collect()
    }

    /// Any text: what JSON escapes, what it must not, and what could be taken for more.
    fn free_text(&mut self) -> String {
        const PARTS: &[&str] = &[
            "a", "Z", "0", " ", "/", ":", "$", "\"", "\\", "\n", "\r", "\t", "\u{8}", "\u{c}", "\0", "\u{1f}",
            "\u{7f}", "\u{85}", "é", "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffd}", "🚀", "<&>", "..", "null",
        ];
        (0..self.random.below(6)).map(|_| *self.random.choose(PARTS)).collect()
    }
}
