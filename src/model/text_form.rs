//! The JSON text of a document, byte for byte as Warpforge writes it.
//!
//! Warpforge writes through go-ipld-prime's `codec/json` over refmt: tabs, one entry a
//! line, `": "`, `{}` and `[]` for what is empty, one newline at the end. `"` `\` and
//! the control characters are escaped (`\n \r \t`, the others as `\u00xx`, so never
//! `\b` or `\f`), U+2028 and U+2029 as well; all else is raw UTF-8. serde_json writes
//! the structure; this module is its formatter.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter, Serializer};

/// Writes `value` as its document's text.
pub(super) fn write<T: Serialize>(value: &T) -> Vec<u8> {
    let mut text = Vec::with_capacity(512);
    let formatter = Text(PrettyFormatter::with_indent(b"\t"));
    value
        .serialize(&mut Serializer::with_formatter(&mut text, formatter))
        .expect("a document has text keys and finite numbers, and a buffer can be written");
    text.push(b'\n');
    text
}

struct Text(PrettyFormatter<'static>);

impl Formatter for Text {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, w: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['\u{2028}', '\u{2029}']) {
            w.write_all(&rest.as_bytes()[..at])?;
            let is_line = rest[at..].starts_with('\u{2028}');
            w.write_all(if is_line { b"\\u2028" } else { b"\\u2029" })?;
            rest = &rest[at + '\u{2028}'.len_utf8()..];
        }
        w.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, w: &mut W, escape: CharEscape) -> io::Result<()> {
        let text: &[u8] = match escape {
            CharEscape::Quote => b"\\\"",
            CharEscape::ReverseSolidus => b"\\\\",
            CharEscape::Solidus => b"/",
            CharEscape::LineFeed => b"\\n",
            CharEscape::CarriageReturn => b"\\r",
            CharEscape::Tab => b"\\t",
            CharEscape::Backspace => b"\\u0008",
            CharEscape::FormFeed => b"\\u000c",
            CharEscape::AsciiControl(byte) => return write!(w, "\\u{byte:04x}"),
        };
        w.write_all(text)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_array(w)
    }
    fn end_array<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array(w)
    }
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(w, first)
    }
    fn end_array_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array_value(w)
    }
    fn begin_object<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object(w)
    }
    fn end_object<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object(w)
    }
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(w, first)
    }
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object_value(w)
    }
    fn end_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object_value(w)
    }
}
