//! How text that came from outside is shown to a person.
//!
//! Names, metadata and error messages of other programs can hold anything: terminal
//! escapes, line breaks, marks that turn the reading direction. [`shown`] makes them
//! visible and harmless; everything that reaches a terminal goes through it.

use std::fmt;

/// Longest line of a list, in characters.
const MAX_LINE: usize = 180;

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

/// The first paragraph, on one line, shortened at a word: upstreams break their lines where
/// a terminal would.
///
/// ```
/// use warecat::text::first_paragraph;
/// assert_eq!(first_paragraph("\nIt simulates the\nmotion of atoms.\n\nMore.").unwrap(), "It simulates the motion of atoms.");
/// ```
#[must_use]
pub fn first_paragraph(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let mut paragraph = String::new();
    for line in lines {
        if paragraph.len() > 4096 {
            break;
        }
        paragraph.push_str(line);
        paragraph.push(' ');
    }
    one_line(&paragraph)
}

/// The first line that says something, on one line, shortened at a word.
#[must_use]
pub fn one_line(text: &str) -> Option<String> {
    let start: &str = text.get(..text.len().min(4096)).unwrap_or(text);
    let line = start.lines().map(str::trim).find(|line| !line.is_empty())?;
    let mut short = String::new();
    for word in line.split_whitespace() {
        if short.chars().count() + word.chars().count() >= MAX_LINE {
            if short.is_empty() {
                short.extend(word.chars().take(MAX_LINE));
            }
            short.push('…');
            return Some(short);
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    Some(short)
}
