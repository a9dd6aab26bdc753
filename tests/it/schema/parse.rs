//! A reader of IPLD schemas: the part of the language that `schema/` uses.

use std::collections::BTreeMap;

/// The types of one or several schema files, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Schema(pub(super) BTreeMap<String, Type>);

/// A type, named or in place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    Named(String),
    Bool,
    Int,
    Text,
    Any,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Struct(Vec<Field>),
    /// A struct that is one text, its fields joined.
    Joined(Vec<Field>, String),
    Union(Vec<Member>, Form),
    /// The values, without the names that stand for them in a program.
    Enum(Vec<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) of: Type,
    pub(super) optional: bool,
}

/// A member of a union, and the key, prefix or kind that tells it from the others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) of: Type,
    pub(super) mark: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    Keyed,
    Kinded,
    Prefixed,
}

impl Schema {
    /// Adds the types of a schema file; panics, with the reason, on anything it cannot read.
    pub(super) fn read(&mut self, text: &str) {
        let mut tokens = Tokens(tokens(text), 0);
        while tokens.peek().is_some() {
            tokens.expect("type");
            let name = tokens.next();
            let body = body(&mut tokens);
            assert!(self.0.insert(name.clone(), body).is_none(), "`{name}` is declared twice");
        }
    }

    /// The type behind names.
    pub(super) fn resolve<'a>(&'a self, mut of: &'a Type) -> &'a Type {
        while let Type::Named(name) = of {
            of = self.0.get(name).unwrap_or_else(|| panic!("the type `{name}` is not declared"));
        }
        of
    }

    /// Every name that a type leads to, through all that it holds.
    pub(super) fn reach(&self, name: &str, found: &mut Vec<String>) {
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
            self.reach_within(&self.0[name], found);
        }
    }

    fn reach_within(&self, of: &Type, found: &mut Vec<String>) {
        match of {
            Type::Named(name) => self.reach(name, found),
            Type::List(item) => self.reach_within(item, found),
            Type::Map(key, value) => {
                self.reach_within(key, found);
                self.reach_within(value, found);
            }
            Type::Struct(fields) | Type::Joined(fields, _) => {
                fields.iter().for_each(|field| self.reach_within(&field.of, found));
            }
            Type::Union(members, _) => members.iter().for_each(|member| self.reach_within(&member.of, found)),
            Type::Bool | Type::Int | Type::Text | Type::Any | Type::Enum(_) => {}
        }
    }
}

/// Words and signs; a quoted text keeps its first quote, so that it is never a word.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let end = rest[1..].find('"').expect("a quote is closed") + 1;
                found.push(rest[..end].to_owned());
                end + 1
            }
            _ if c.is_whitespace() => 1,
            _ if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                found.push(rest[..end].to_owned());
                end
            }
            _ => {
                found.push(c.to_string());
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

struct Tokens(Vec<String>, usize);

impl Tokens {
    fn peek(&self) -> Option<&str> {
        self.0.get(self.1).map(String::as_str)
    }

    fn next(&mut self) -> String {
        let token = self.peek().expect("the schema ends too early").to_owned();
        self.1 += 1;
        token
    }

    fn take(&mut self, wanted: &str) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.1 += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, wanted: &str) {
        let found = self.next();
        assert_eq!(found, wanted, "after `{}`", self.0[..self.1 - 1].join(" "));
    }

    fn quoted(&mut self) -> String {
        let token = self.next();
        token.strip_prefix('"').unwrap_or_else(|| panic!("`{token}` stands where a quoted text should")).to_owned()
    }
}

fn body(tokens: &mut Tokens) -> Type {
    if tokens.take("struct") {
        return structure(tokens);
    }
    if tokens.take("union") {
        return union(tokens);
    }
    if tokens.take("enum") {
        return enumeration(tokens);
    }
    expression(tokens)
}

fn structure(tokens: &mut Tokens) -> Type {
    tokens.expect("{");
    let mut fields = Vec::new();
    while !tokens.take("}") {
        let name = tokens.next();
        let optional = tokens.take("optional");
        fields.push(Field { name, optional, of: expression(tokens) });
    }
    if !tokens.take("representation") || tokens.take("map") {
        return Type::Struct(fields);
    }
    for word in ["stringjoin", "{", "join"] {
        tokens.expect(word);
    }
    let joined = Type::Joined(fields, tokens.quoted());
    tokens.expect("}");
    joined
}

fn union(tokens: &mut Tokens) -> Type {
    tokens.expect("{");
    let mut members = Vec::new();
    while tokens.take("|") {
        let of = expression(tokens);
        let is_quoted = tokens.peek().is_some_and(|token| token.starts_with('"'));
        let mark = if is_quoted { tokens.quoted() } else { tokens.next() };
        members.push(Member { of, mark });
    }
    tokens.expect("}");
    tokens.expect("representation");
    let form = match tokens.next().as_str() {
        "keyed" => Form::Keyed,
        "kinded" => Form::Kinded,
        "stringprefix" => Form::Prefixed,
        other => panic!("`{other}` is no representation of a union that is known"),
    };
    Type::Union(members, form)
}

fn enumeration(tokens: &mut Tokens) -> Type {
    tokens.expect("{");
    let mut values = Vec::new();
    while tokens.take("|") {
        let name = tokens.next();
        if tokens.take("(") {
            values.push(tokens.quoted());
            tokens.expect(")");
        } else {
            values.push(name);
        }
    }
    tokens.expect("}");
    Type::Enum(values)
}

fn expression(tokens: &mut Tokens) -> Type {
    if tokens.take("[") {
        let item = expression(tokens);
        tokens.expect("]");
        return Type::List(Box::new(item));
    }
    if tokens.take("{") {
        let key = expression(tokens);
        tokens.expect(":");
        let value = expression(tokens);
        tokens.expect("}");
        return Type::Map(Box::new(key), Box::new(value));
    }
    match tokens.next().as_str() {
        "Bool" | "bool" => Type::Bool,
        "Int" | "int" => Type::Int,
        "String" | "string" => Type::Text,
        "Any" | "any" => Type::Any,
        name => Type::Named(name.to_owned()),
    }
}
