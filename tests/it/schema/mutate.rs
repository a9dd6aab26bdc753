//! Documents with one fault: everything that a schema rules out next to a valid one.

use serde_json::{Map, Value, json};

use super::parse::{Field, Form, Member, Schema, Type};

/// A document with one fault, and what the fault is.
pub(super) struct Mutant {
    pub(super) fault: String,
    pub(super) data: Value,
}

/// Every mutant of `data`, a valid value of the type `name`.
pub(super) fn mutants(schema: &Schema, name: &str, data: &Value) -> Vec<Mutant> {
    let mut found = Vec::new();
    value(schema, &Type::Named(name.to_owned()), name, data, &mut |fault, data| {
        found.push(Mutant { fault, data });
    });
    found
}

type Sink<'a> = &'a mut dyn FnMut(String, Value);

fn value(schema: &Schema, of: &Type, at: &str, data: &Value, sink: Sink<'_>) {
    let of = schema.resolve(of);
    if *of == Type::Any {
        return;
    }
    sink(format!("{at}: null"), Value::Null);
    for (kind, other) in
        [("a text", json!("?")), ("a number", json!(7)), ("a list", json!([data])), ("a map", json!({}))]
    {
        if !allows(schema, of, &other) {
            sink(format!("{at}: {kind} in its place"), other);
        }
    }
    match (of, data) {
        (Type::List(of), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                value(schema, of, &format!("{at}[{index}]"), item, &mut |fault, changed| {
                    let mut items = items.clone();
                    items[index] = changed;
                    sink(fault, Value::Array(items));
                });
            }
        }
        (Type::Map(key, of), Value::Object(map)) => entries(schema, key, of, at, map, sink),
        (Type::Struct(fields), Value::Object(map)) => structure(schema, fields, at, map, sink),
        (Type::Union(members, Form::Keyed), Value::Object(map)) => keyed(schema, members, at, map, sink),
        (Type::Union(members, Form::Kinded), _) => {
            let mark = if data.is_string() { "string" } else { "map" };
            let member = members.iter().find(|member| member.mark == mark).expect("the document is valid");
            value(schema, &member.of, at, data, &mut |fault, changed| {
                // Another kind can be another member, and then it must be wrong for that one.
                if changed.is_string() == data.is_string() && changed.is_object() == data.is_object() {
                    sink(fault, changed);
                }
            });
        }
        (_, Value::String(string)) => text(schema, of, string, &mut |changed| {
            sink(format!("{at}: {changed:?} for {string:?}"), Value::String(changed));
        }),
        _ => {}
    }
}

/// Whether a value of a kind could stand here for all that its kind says.
fn allows(schema: &Schema, of: &Type, other: &Value) -> bool {
    match of {
        Type::Named(_) => allows(schema, schema.resolve(of), other),
        Type::Text => other.is_string(),
        Type::Int => other.is_number(),
        Type::List(_) => other.is_array(),
        Type::Map(..) => other.is_object(),
        // Without fields that must be there, an empty map is one.
        Type::Struct(fields) => other.is_object() && fields.iter().all(|field| field.optional),
        _ => false,
    }
}

fn entries(schema: &Schema, key: &Type, of: &Type, at: &str, map: &Map<String, Value>, sink: Sink<'_>) {
    for (name, entry) in map {
        let at = format!("{at}[{name:?}]");
        value(schema, of, &at, entry, &mut |fault, changed| sink(fault, with(map, name, changed)));
        text(schema, schema.resolve(key), name, &mut |changed| {
            let mut map = map.clone();
            map.remove(name);
            map.insert(changed.clone(), entry.clone());
            sink(format!("{at}: the key {changed:?}"), Value::Object(map));
        });
    }
}

fn structure(schema: &Schema, fields: &[Field], at: &str, map: &Map<String, Value>, sink: Sink<'_>) {
    sink(format!("{at}: an unknown field"), with(map, "unknown", json!("x")));
    sink(format!("{at}: its values as a list"), map.values().cloned().collect());
    for field in fields {
        let at = format!("{at}.{}", field.name);
        if field.optional && field.of != Type::Any {
            sink(format!("{at}: null"), with(map, &field.name, Value::Null));
        }
        let Some(entry) = map.get(&field.name) else { continue };
        if !field.optional {
            let mut map = map.clone();
            map.remove(&field.name);
            sink(format!("{at}: dropped"), Value::Object(map));
        }
        value(schema, &field.of, &at, entry, &mut |fault, changed| sink(fault, with(map, &field.name, changed)));
    }
}

fn keyed(schema: &Schema, members: &[Member], at: &str, map: &Map<String, Value>, sink: Sink<'_>) {
    let (mark, inner) = map.iter().next().expect("the document is valid");
    let member = members.iter().find(|member| member.mark == *mark).expect("the document is valid");
    sink(format!("{at}: its member's name alone"), json!(mark));
    sink(format!("{at}: an unknown member"), json!({ "unknown.v9": inner }));
    sink(format!("{at}: a second, unknown member"), with(map, "unknown.v9", inner.clone()));
    for other in members.iter().filter(|other| other.mark != *mark) {
        sink(format!("{at}: a second member"), with(map, &other.mark, inner.clone()));
    }
    value(schema, &member.of, &format!("{at}|{mark}"), inner, &mut |fault, changed| {
        sink(fault, with(map, mark, changed))
    });
}

fn with(map: &Map<String, Value>, key: &str, value: Value) -> Value {
    let mut map = map.clone();
    map.insert(key.to_owned(), value);
    Value::Object(map)
}

/// Texts that are not of a type whose text has a form.
fn text(schema: &Schema, of: &Type, valid: &str, sink: &mut dyn FnMut(String)) {
    match schema.resolve(of) {
        Type::Joined(fields, join) => {
            sink(format!("{valid}{join}x"));
            sink(valid.replacen(join.as_str(), "", 1));
            let parts: Vec<&str> = valid.split(join.as_str()).collect();
            for (index, field) in fields.iter().enumerate() {
                text(schema, &field.of, parts[index], &mut |changed| {
                    let mut parts = parts.clone();
                    parts[index] = &changed;
                    sink(parts.join(join));
                });
            }
        }
        Type::Union(members, Form::Prefixed) => {
            let found = members.iter().find_map(|member| Some((member, valid.strip_prefix(&member.mark)?)));
            let (member, rest) = found.expect("the document is valid");
            sink(format!("unknown:{rest}"));
            sink(format!("?{valid}"));
            text(schema, &member.of, rest, &mut |changed| sink(format!("{}{changed}", member.mark)));
        }
        Type::Enum(_) => sink(format!("{valid}?")),
        _ => {}
    }
}
