//! Whether data has a type of a schema, and what of the schema it made use of.

use std::collections::BTreeSet;

use serde_json::Value;

use super::parse::{Field, Form, Member, Schema, Type};

/// Checks data against a schema and remembers what it met, as `Type.field`,
/// `Type.field?` for an optional field that was absent, and `Type|member`.
pub(super) struct Validator<'a> {
    schema: &'a Schema,
    pub(super) met: BTreeSet<String>,
}

impl<'a> Validator<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self { schema, met: BTreeSet::new() }
    }

    /// Checks `data` against the type `name`.
    pub(super) fn check(&mut self, name: &str, data: &Value) -> Result<(), String> {
        self.value(name, &Type::Named(name.to_owned()), data).map_err(|error| format!("{error} in {data}"))
    }

    /// `name` is the name by which what is met is remembered.
    fn value(&mut self, name: &str, of: &Type, data: &Value) -> Result<(), String> {
        match (of, data) {
            (Type::Named(name), _) => {
                let of = self.schema.0.get(name).ok_or_else(|| format!("`{name}` is not declared"))?;
                self.value(name, of, data)
            }
            (Type::Any, _) | (Type::Bool, Value::Bool(_)) => Ok(()),
            (Type::Int, Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(()),
            (Type::List(of), Value::Array(items)) => items.iter().try_for_each(|item| self.value(name, of, item)),
            (Type::Map(key, of), Value::Object(map)) => map.iter().try_for_each(|(text, value)| {
                self.text(name, key, text)?;
                self.value(name, of, value)
            }),
            (Type::Struct(fields), Value::Object(map)) => self.structure(name, fields, map),
            (Type::Union(members, form @ (Form::Keyed | Form::Kinded)), _) => self.union(name, members, *form, data),
            (_, Value::String(text)) => self.text(name, of, text),
            _ => Err(format!("`{name}` is of another kind than {data}")),
        }
    }

    fn structure(&mut self, name: &str, fields: &[Field], map: &serde_json::Map<String, Value>) -> Result<(), String> {
        for field in fields {
            let path = format!("{name}.{}", field.name);
            match map.get(&field.name) {
                Some(value) => {
                    self.value(&path, &field.of, value)?;
                    self.met.insert(path);
                }
                None if field.optional => drop(self.met.insert(format!("{path}?"))),
                None => return Err(format!("`{path}` is missing")),
            }
        }
        match map.keys().find(|key| !fields.iter().any(|field| field.name == **key)) {
            Some(key) => Err(format!("`{name}` has no field `{key}`")),
            None => Ok(()),
        }
    }

    fn union(&mut self, name: &str, members: &[Member], form: Form, data: &Value) -> Result<(), String> {
        let (mark, inner) = match (form, data) {
            (Form::Keyed, Value::Object(map)) if map.len() == 1 => {
                map.iter().next().map(|(key, value)| (key.as_str(), value)).expect("it has one entry")
            }
            (Form::Kinded, Value::String(_)) => ("string", data),
            (Form::Kinded, Value::Object(_)) => ("map", data),
            _ => return Err(format!("{data} is no member of `{name}`")),
        };
        let member = members.iter().find(|member| member.mark == mark);
        let member = member.ok_or_else(|| format!("`{name}` has no member `{mark}`"))?;
        self.met.insert(format!("{name}|{mark}"));
        self.value(name, &member.of, inner)
    }

    fn text(&mut self, name: &str, of: &Type, text: &str) -> Result<(), String> {
        match of {
            Type::Named(name) => {
                let of = self.schema.0.get(name).ok_or_else(|| format!("`{name}` is not declared"))?;
                self.text(name, of, text)
            }
            Type::Text => Ok(()),
            Type::Enum(values) if values.iter().any(|value| value == text) => {
                self.met.insert(format!("{name}|{text}"));
                Ok(())
            }
            Type::Joined(fields, join) => {
                let parts: Vec<&str> = text.split(join.as_str()).collect();
                if parts.len() != fields.len() {
                    return Err(format!("`{name}` has {} parts, and {text:?} {}", fields.len(), parts.len()));
                }
                let mut parts = fields.iter().zip(parts);
                parts.try_for_each(|(field, part)| self.text(&format!("{name}.{}", field.name), &field.of, part))
            }
            Type::Union(members, Form::Prefixed) => {
                let found = members.iter().find_map(|member| Some((member, text.strip_prefix(&member.mark)?)));
                let (member, rest) = found.ok_or_else(|| format!("{text:?} has no prefix of `{name}`"))?;
                self.met.insert(format!("{name}|{}", member.mark));
                self.text(name, &member.of, rest)
            }
            _ => Err(format!("`{name}` is no text such as {text:?}")),
        }
    }
}

/// All that documents of the type `name` can make use of, as [`Validator`] remembers it.
pub(super) fn everything(schema: &Schema, name: &str) -> BTreeSet<String> {
    let mut names = Vec::new();
    schema.reach(name, &mut names);
    let mut found = BTreeSet::new();
    for name in names {
        match &schema.0[&name] {
            Type::Struct(fields) => {
                found.extend(fields.iter().map(|field| format!("{name}.{}", field.name)));
                let optional = fields.iter().filter(|field| field.optional);
                found.extend(optional.map(|field| format!("{name}.{}?", field.name)));
            }
            Type::Union(members, _) => found.extend(members.iter().map(|member| format!("{name}|{}", member.mark))),
            Type::Enum(values) => found.extend(values.iter().map(|value| format!("{name}|{value}"))),
            _ => {}
        }
    }
    found
}
