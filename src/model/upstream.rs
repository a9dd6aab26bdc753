//! How upstream's spelling of a name becomes a part of a module name: one rule for all
//! sources.
//!
//! 1. `::`, `_` and blanks become `-`; `+` becomes `-plus`; letters become lower case;
//!    anything else than letters, digits, `-` and `.` is dropped; `-` and `.` are
//!    trimmed from both ends.
//! 2. What is then empty, longer than 63 bytes, `ext` or a word that Windows reserves
//!    gets a hash: `-` and the first eight hexadecimal digits of the BLAKE3 of
//!    upstream's spelling. It is shortened to make room.
//!
//! Every part obeys Warpforge's strict rule. Two spellings can meet in one part; then all
//! but one get the hash. Views show the spelling, which the module keeps as metadata
//! `name`, and look-ups accept it.

/// Longest part that Warpforge's strict rule accepts, in bytes.
const LONGEST: usize = 63;
/// Hexadecimal digits of the short hash.
pub const SHORT: usize = 8;

/// The part of a module name for a spelling, by rule 1; `None` when rule 2 applies.
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
    Some(mapped(spelling)).filter(|part| is_usable(part))
}

/// The part of a module name for a spelling whose plain one is taken or cannot be, with
/// this many digits of the hash. Dots become `-` where the word before the first one
/// would name a device on Windows, which reserves `nul` and `nul.txt` alike.
///
/// ```
/// use warecat::model::upstream::{SHORT, hashed_segment};
/// assert!(hashed_segment("SentencePiece", SHORT).starts_with("sentencepiece-"));
/// assert_eq!(hashed_segment("λ", SHORT).len(), 8);
/// assert!(hashed_segment("Nul.js", SHORT).starts_with("nul-js-"));
/// ```
#[must_use]
pub fn hashed_segment(spelling: &str, digits: usize) -> String {
    let digits = digits.min(LONGEST - 1);
    let hash = blake3::hash(spelling.as_bytes()).to_hex();
    let hash = &hash[..digits];
    let plain = mapped(spelling);
    let room = plain.len().min(LONGEST - 1 - digits);
    let part = match plain[..room].trim_end_matches(['-', '.']) {
        "" => hash.to_owned(),
        kept => format!("{kept}-{hash}"),
    };
    if is_usable(&part) { part } else { part.replace('.', "-") }
}

fn is_usable(part: &str) -> bool {
    part.len() <= LONGEST && part != "ext" && format!("a/{part}").parse::<super::ModuleName>().is_ok()
}

fn mapped(spelling: &str) -> String {
    let mut part = String::with_capacity(spelling.len() + 8);
    for c in spelling.replace("::", "-").chars() {
        match c {
            'A'..='Z' => part.push(c.to_ascii_lowercase()),
            'a'..='z' | '0'..='9' | '-' | '.' => part.push(c),
            '_' | ' ' => part.push('-'),
            '+' => part.push_str("-plus"),
            _ => {}
        }
    }
    part.trim_matches(['-', '.']).to_owned()
}
