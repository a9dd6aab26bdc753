//! How text that came from outside is shown to a person.
//!
//! Names, metadata and error messages of other programs can hold anything: terminal
//! escapes, line breaks, marks that turn the reading direction. [`shown`] makes them
//! visible and harmless; everything that reaches a terminal goes through it.

use std::fmt;

/// Displays `text` with control characters and direction marks escaped.
///
/// ```
/// assert_eq!(warecat::text::shown("a\u{1b}[31m").to_string(), "a\\u{1b}[31m");
/// assert_eq!(warecat::text::shown("naïve").to_string(), "naïve");
/// ```
pub fn shown(text: &str) -> Shown<'_> {
    Shown(text)
}

/// What [`shown`] gives; see there.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if is_hidden(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        Ok(())
    }
}

/// JSON text that means the same, with every character that is odd written as `\uXXXX`.
///
/// Only characters that stand within JSON's strings alone may be odd, so neither
/// punctuation of JSON nor the line breaks of its layout.
///
/// ```
/// let json = "[\"a\u{202e}b\"]";
/// assert_eq!(warecat::text::json_escaped(json, warecat::text::is_hidden), r#"["a\u202eb"]"#);
/// ```
#[must_use]
pub fn json_escaped(text: &str, is_odd: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_odd(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether `c` controls the terminal, breaks a line, turns the reading direction or
/// takes no space, so that two texts which differ in it look alike.
#[must_use]
#[inline]
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}
