//! How upstream's spelling of a name becomes a part of a module name: one rule for all
//! sources.
//!
//! Lower case; `::`, `_` and spaces become `-`, `+` becomes `-plus`, anything else that
//! Warpforge's strict rule does not allow is dropped, and so are `-` and `.` at either
//! end. Two spellings can meet in one name; the second gets [`hashed_segment`]. Views
//! show the spelling, which the module keeps as metadata `name`, and look-ups accept it.

/// Longest part of a module name under Warpforge's strict rule, in bytes.
const LONGEST: usize = 63;

/// The part of a module name for a spelling; `None` when nothing of it is left or when
/// the part is reserved, so that only [`hashed_segment`] can stand for it.
///
/// ```
/// use warecat::model::upstream::segment;
/// assert_eq!(segment("BLAST+").unwrap(), "blast-plus");
/// assert_eq!(segment("Archive::Zip").unwrap(), "archive-zip");
/// assert_eq!(segment("netCDF-C++4").unwrap(), "netcdf-c-plus-plus4");
/// assert!(segment("ext").is_none() && segment("λ").is_none());
/// ```
#[must_use]
pub fn segment(spelling: &str) -> Option<String> {
    let segment = mapped(spelling);
    let is_name = segment.parse::<super::ModuleName>().is_ok();
    (is_name && segment != "ext" && segment.len() <= LONGEST).then_some(segment)
}

/// The part of a module name for a spelling whose plain one is taken or cannot be:
/// with the first eight hexadecimal digits of the spelling's BLAKE3. Dots become `-`
/// where the word before the first one would name a device on Windows.
///
/// ```
/// use warecat::model::upstream::hashed_segment;
/// assert!(hashed_segment("SentencePiece").starts_with("sentencepiece-"));
/// assert_eq!(hashed_segment("λ").len(), 8);
/// assert!(hashed_segment("Nul.js").starts_with("nul-js-"));
/// ```
#[must_use]
pub fn hashed_segment(spelling: &str) -> String {
    let hash = blake3::hash(spelling.as_bytes()).to_hex();
    let mut plain = mapped(spelling);
    plain.truncate(LONGEST - 9);
    let plain = plain.trim_end_matches(['-', '.']);
    let hashed = if plain.is_empty() { hash[..8].to_owned() } else { format!("{plain}-{}", &hash[..8]) };
    if hashed.parse::<super::ModuleName>().is_ok() { hashed } else { hashed.replace('.', "-") }
}

fn mapped(spelling: &str) -> String {
    let mut segment = String::with_capacity(spelling.len() + 8);
    let mut chars = spelling.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            'a'..='z' | '0'..='9' | '-' | '.' => segment.push(c),
            'A'..='Z' => segment.push(c.to_ascii_lowercase()),
            '_' | ' ' => segment.push('-'),
            '+' => segment.push_str("-plus"),
            ':' if chars.next_if_eq(&':').is_some() => segment.push('-'),
            _ => {}
        }
    }
    segment.trim_matches(['-', '.']).to_owned()
}
