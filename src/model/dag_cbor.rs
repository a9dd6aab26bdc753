//! Documents to dag-cbor: the bytes that CIDs hash.
//!
//! Invariants: maps are sorted by their encoded keys, which is dag-cbor's order (the
//! shorter key first, then bytewise); lengths and numbers take their shortest form; floats
//! are always of 64 bits (<https://ipld.io/specs/codecs/dag-cbor/spec/>). The same bytes as
//! `serde_ipld_dagcbor` writes, which a test holds for any value; that crate allocates for
//! each entry of each map, and took a third of the time of reading a catalog. Here, a map's
//! entries are written in the order that they come in, and put in order afterwards where
//! they are not, which in canonical documents few are.
//!
//! Depends on serde alone.

use std::fmt;

use serde::ser::{
    self, Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

/// Why a value has no dag-cbor form.
#[derive(Debug)]
pub(super) struct Unwritable(String);

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The major types of CBOR, in the upper three bits of a value's first byte.
const UNSIGNED: u8 = 0 << 5;
const NEGATIVE: u8 = 1 << 5;
const BYTES: u8 = 2 << 5;
const TEXT: u8 = 3 << 5;
const LIST: u8 = 4 << 5;
const MAP: u8 = 5 << 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const FLOAT: u8 = 0xfb;

/// The block of a value.
///
/// # Errors
/// A key that is no text, or a number that is not finite or has more than 64 bits.
pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Unwritable> {
    let mut writer = Writer { bytes: Vec::with_capacity(1024), entries: Vec::with_capacity(16), moved: Vec::new() };
    value.serialize(&mut writer)?;
    Ok(writer.bytes)
}

/// Where an entry of a map begins in the bytes, and where its key ends.
#[derive(Clone, Copy)]
struct Entry {
    at: usize,
    key_end: usize,
    end: usize,
}

struct Writer {
    bytes: Vec<u8>,
    /// The entries of the maps that are being written, those of the innermost last.
    entries: Vec<Entry>,
    /// Where entries are put in order; kept for its memory.
    moved: Vec<u8>,
}

impl Writer {
    /// A first byte with its number, in the shortest form.
    #[allow(clippy::cast_possible_truncation, reason = "each number fits what it is written as")]
    fn head(&mut self, major: u8, number: u64) {
        match number {
            0..=23 => self.bytes.push(major | number as u8),
            24..=0xff => self.bytes.extend_from_slice(&[major | 24, number as u8]),
            0x100..=0xffff => {
                self.bytes.push(major | 25);
                self.bytes.extend_from_slice(&(number as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.bytes.push(major | 26);
                self.bytes.extend_from_slice(&(number as u32).to_be_bytes());
            }
            _ => {
                self.bytes.push(major | 27);
                self.bytes.extend_from_slice(&number.to_be_bytes());
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Begins a list or a map of a length that is known or guessed.
    fn begin(&mut self, major: u8, guess: Option<usize>) -> Open<'_> {
        let (head_at, guess, first) = (self.bytes.len(), guess.unwrap_or(0), self.entries.len());
        self.head(major, guess as u64);
        Open { major, head_at, body_at: self.bytes.len(), guess, count: 0, first, writer: self }
    }

    /// Begins the map of one entry that holds a variant's values.
    fn variant(&mut self, name: &str) {
        self.head(MAP, 1);
        self.text(name);
    }
}

/// A list or a map that is being written.
struct Open<'a> {
    writer: &'a mut Writer,
    major: u8,
    head_at: usize,
    body_at: usize,
    guess: usize,
    count: usize,
    /// The first of its entries.
    first: usize,
}

impl Open<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.count += 1;
        value.serialize(&mut *self.writer)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.count += 1;
        let at = self.writer.bytes.len();
        key.serialize(&mut *self.writer)?;
        if self.writer.bytes[at] & 0xe0 != TEXT {
            return Err(Unwritable::custom("a key is no text"));
        }
        let key_end = self.writer.bytes.len();
        self.writer.entries.push(Entry { at, key_end, end: key_end });
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(&mut *self.writer)?;
        let end = self.writer.bytes.len();
        let entry = self.writer.entries.last_mut().ok_or_else(|| Unwritable::custom("a value without a key"))?;
        entry.end = end;
        Ok(())
    }

    fn close(mut self) {
        if self.major == MAP {
            self.sort();
        }
        self.writer.entries.truncate(self.first);
        if self.count != self.guess {
            let body = self.writer.bytes.split_off(self.body_at);
            self.writer.bytes.truncate(self.head_at);
            self.writer.head(self.major, self.count as u64);
            self.writer.bytes.extend_from_slice(&body);
        }
    }

    /// Puts the entries of a map in their order.
    fn sort(&mut self) {
        let Writer { bytes, entries, moved } = &mut *self.writer;
        let entries = &mut entries[self.first..];
        let key = |entry: &Entry| &bytes[entry.at..entry.key_end];
        if entries.is_sorted_by(|a, b| key(a) <= key(b)) {
            return;
        }
        entries.sort_by(|a, b| key(a).cmp(key(b)));
        moved.clear();
        entries.iter().for_each(|entry| moved.extend_from_slice(&bytes[entry.at..entry.end]));
        bytes[self.body_at..].copy_from_slice(moved);
    }
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    fn is_human_readable(&self) -> bool {
        false
    }
    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.bytes.push(if value { TRUE } else { FALSE });
        Ok(())
    }
    fn serialize_i8(self, value: i8) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<(), Unwritable> {
        match u64::try_from(value) {
            Ok(number) => self.head(UNSIGNED, number),
            // -1 is written as 0, and so on.
            Err(_) => self.head(NEGATIVE, !value.cast_unsigned()),
        }
        Ok(())
    }
    fn serialize_u8(self, value: u8) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<(), Unwritable> {
        self.head(UNSIGNED, value);
        Ok(())
    }
    fn serialize_f32(self, value: f32) -> Result<(), Unwritable> {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        if !value.is_finite() {
            return Err(Unwritable::custom("a number is not finite"));
        }
        self.bytes.push(FLOAT);
        self.bytes.extend_from_slice(&value.to_be_bytes());
        Ok(())
    }
    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }
    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        self.text(value);
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unwritable> {
        self.head(BYTES, value.len() as u64);
        self.bytes.extend_from_slice(value);
        Ok(())
    }
    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.bytes.push(NULL);
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unwritable> {
        self.text(variant);
        Ok(())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.variant(variant);
        value.serialize(self)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Open<'a>, Unwritable> {
        Ok(self.begin(LIST, length))
    }
    fn serialize_tuple(self, length: usize) -> Result<Open<'a>, Unwritable> {
        Ok(self.begin(LIST, Some(length)))
    }
    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Open<'a>, Unwritable> {
        Ok(self.begin(LIST, Some(length)))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Open<'a>, Unwritable> {
        self.variant(variant);
        Ok(self.begin(LIST, Some(length)))
    }
    fn serialize_map(self, length: Option<usize>) -> Result<Open<'a>, Unwritable> {
        Ok(self.begin(MAP, length))
    }
    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Open<'a>, Unwritable> {
        Ok(self.begin(MAP, Some(length)))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Open<'a>, Unwritable> {
        self.variant(variant);
        Ok(self.begin(MAP, Some(length)))
    }
}

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Unwritable;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.key(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.value(value)
    }
    fn end(self) -> Result<(), Unwritable> {
        self.close();
        Ok(())
    }
}

macro_rules! list {
    ($($trait:ident::$method:ident),*) => {$(
        impl $trait for Open<'_> {
            type Ok = ();
            type Error = Unwritable;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.element(value)
            }
            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )*};
}

list!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {$(
        impl $trait for Open<'_> {
            type Ok = ();
            type Error = Unwritable;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unwritable> {
                self.key(key)?;
                self.value(value)
            }
            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
    use serde::Serialize;

    use super::write;

    /// Everything that serde knows, but for what is not finite.
    #[derive(Debug, Clone, Serialize)]
    enum Any {
        Nothing,
        Values(Option<i64>, u64, f64),
        Held(Box<Any>),
        Named { z: char, y: bool, aa: String, longer: (u8, i32) },
        List(Vec<Any>),
        Map(HashMap<String, Any>),
        Unit(()),
    }

    /// As [`Any`], with maps and lists that do not say how many entries they have.
    #[derive(Serialize)]
    struct Flat<'a> {
        own: u32,
        #[serde(flatten)]
        rest: &'a HashMap<String, Any>,
    }

    fn any_value() -> impl Strategy<Value = Any> {
        let leaf = prop_oneof![
            Just(Any::Nothing),
            Just(Any::Unit(())),
            (any::<Option<i64>>(), any::<u64>(), proptest::num::f64::NORMAL).prop_map(|(a, b, c)| Any::Values(a, b, c)),
            (any::<char>(), any::<bool>(), any::<String>(), any::<(u8, i32)>())
                .prop_map(|(z, y, aa, longer)| Any::Named { z, y, aa, longer }),
        ];
        leaf.prop_recursive(4, 64, 30, |inner| {
            prop_oneof![
                inner.clone().prop_map(|value| Any::Held(Box::new(value))),
                proptest::collection::vec(inner.clone(), 0..30).prop_map(Any::List),
                proptest::collection::hash_map(any::<String>(), inner, 0..30).prop_map(Any::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_the_other_writer(value in any_value()) {
            prop_assert_eq!(write(&value).unwrap(), serde_ipld_dagcbor::to_vec(&value).unwrap());
        }

        #[test]
        fn a_length_that_was_not_said_is_found(rest in proptest::collection::hash_map("[a-z]{1,30}", any_value(), 0..30)) {
            let rest = rest.into_iter().filter(|(key, _)| key != "own").collect();
            let value = Flat { own: 1, rest: &rest };
            prop_assert_eq!(write(&value).unwrap(), serde_ipld_dagcbor::to_vec(&value).unwrap());
        }
    }

    #[test]
    fn numbers_take_their_shortest_form() {
        for number in [0, 23, 24, 255, 256, 65_535, 65_536, u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX] {
            assert_eq!(write(&number).unwrap(), serde_ipld_dagcbor::to_vec(&number).unwrap());
        }
        for number in [-1, -24, -25, -256, -257, i64::MIN] {
            assert_eq!(write(&number).unwrap(), serde_ipld_dagcbor::to_vec(&number).unwrap());
        }
    }

    #[test]
    fn what_has_no_form_is_refused() {
        assert!(write(&f64::NAN).is_err() && write(&f64::INFINITY).is_err());
        assert!(write(&HashMap::from([(1, 2)])).is_err());
    }
}
