//! The two orders of releases.
//!
//! On disk, a module's releases stand in Warpforge's natural order ([`sort_natural`]),
//! which its own tool restores at every change. Views show the newest first
//! ([`newest_first`]), by one function that the command line, the site and its feeds
//! share. No order here is ever needed to read a document: it carries no meaning.

use std::cmp::Ordering;

/// Up to this length Go's `sort.Sort` is an insertion sort, whose result is defined even
/// for a comparison that contradicts itself.
const INSERTION_SORT_LENGTH: usize = 12;

/// Sorts release names as Warpforge does (`facette/natsort` under Go's `sort.Sort`).
///
/// Runs of ASCII digits compare as numbers, everything else bytewise; a name comes
/// before those that it begins. That comparison finds `1` and `01` each before the
/// other, so for up to 12 names Go's insertion sort is followed step by step; above,
/// names that it cannot tell apart are ordered bytewise, where Go's result would depend
/// on its version.
pub fn sort_natural<T>(items: &mut [T], name: impl Fn(&T) -> &str) {
    if items.len() > INSERTION_SORT_LENGTH {
        items.sort_by(|a, b| natural(name(a), name(b)));
        return;
    }
    for i in 1..items.len() {
        let mut j = i;
        while j > 0 && natsort_less(name(&items[j]), name(&items[j - 1])) {
            items.swap(j, j - 1);
            j -= 1;
        }
    }
}

/// The natural order as a total order: what `natsort_less` says where it agrees with
/// itself, then bytewise.
#[must_use]
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (chunks(a), chunks(b));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match compare_chunks(x, y) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

fn compare_chunks(a: &str, b: &str) -> Ordering {
    if !(is_number(a) && is_number(b)) {
        return a.cmp(b);
    }
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn is_number(chunk: &str) -> bool {
    chunk.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// natsort's `Compare`, with its habit of saying yes for equal last chunks.
fn natsort_less(a: &str, b: &str) -> bool {
    let (mut left, mut right) = (chunks(a).peekable(), chunks(b).peekable());
    while let Some(x) = left.next() {
        let Some(y) = right.next() else { return false };
        let is_equal = match (go_number(x), go_number(y)) {
            (Some(x), Some(y)) if x != y => return x < y,
            (Some(_), Some(_)) => true,
            _ if x != y => return x < y,
            _ => true,
        };
        if is_equal && left.peek().is_none() {
            return true;
        }
        if is_equal && right.peek().is_none() {
            return false;
        }
    }
    false
}

/// A chunk as Go's `strconv.Atoi` reads it: nothing beyond 64 bits.
fn go_number(chunk: &str) -> Option<i64> {
    is_number(chunk).then(|| chunk.parse().ok())?
}

/// Runs of ASCII digits and of everything else, in turn.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.as_bytes().first()?.is_ascii_digit();
        let end = rest.bytes().position(|b| b.is_ascii_digit() != first).unwrap_or(rest.len());
        let (chunk, tail) = rest.split_at(end);
        rest = tail;
        Some(chunk)
    })
}

/// Orders versions for people: the newest first, as Spack orders versions.
///
/// Numbers compare as numbers and stand above words, and what goes on stands above what
/// ends (`9.9p1` is newer than `9.9`). Words for what is never released stand above all
/// numbers: `develop`, `main`, `master`, `head`, `trunk`, `stable`, the newest first. A
/// version that ends in `alpha`, `beta` or `rc`, with or without a number, comes before
/// the version without. A git version, `git.<ref>=<version>`, is newer than the version
/// that it is said to be. What stands behind a version as `-` and the 32 digits of a dag
/// hash is looked at last. Equal versions keep a fixed order, bytewise.
///
/// These are the rules of Spack 0.23 (`lib/spack/spack/version`: `version_types.py`,
/// `common.py`). Later ones put `nightly` between `stable` and `trunk`; here it is a word
/// as others are, as in the published orders that this was compared with.
///
/// ```
/// use warecat::model::order::newest_first;
/// let mut versions = ["1.9", "1.10", "1.10rc1", "1.10-2", "main"];
/// versions.sort_by(|a, b| newest_first(a, b));
/// assert_eq!(versions, ["main", "1.10-2", "1.10", "1.10rc1", "1.9"]);
/// ```
#[must_use]
pub fn newest_first(a: &str, b: &str) -> Ordering {
    Standing::of(b).cmp(&Standing::of(a)).then_with(|| b.cmp(a))
}

/// Orders things by their versions as [`newest_first`] does, reading each version once;
/// things of equal versions keep their order.
pub fn sorted_newest_first<'a, T>(things: impl IntoIterator<Item = T>, version: impl Fn(&T) -> &'a str) -> Vec<T> {
    let keyed = |thing: T| {
        let version = version(&thing);
        (Standing::of(version), version, thing)
    };
    let mut found: Vec<_> = things.into_iter().map(keyed).collect();
    found.sort_by(|a, b| (&b.0, b.1).cmp(&(&a.0, a.1)));
    found.into_iter().map(|(_, _, thing)| thing).collect()
}

/// Versions that are never released, the oldest first; each is above all numbers.
const UNRELEASED: &[&str] = &["stable", "trunk", "head", "master", "main", "develop"];
/// Whether a version names what is being developed, and so something else every day.
///
/// ```
/// use warecat::model::order::is_unreleased;
/// assert!(is_unreleased("develop") && !is_unreleased("1.0"));
/// ```
#[must_use]
pub fn is_unreleased(version: &str) -> bool {
    UNRELEASED.contains(&version)
}

/// What announces a release when it ends a version, the oldest first.
const ANNOUNCING: &[&str] = &["alpha", "beta", "rc"];
/// Length of a dag hash.
const DAG_HASH: usize = 32;

/// Where a version stands among others, the oldest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Standing<'a> {
    release: Vec<Part<'a>>,
    stage: Stage<'a>,
    /// A git version stands above the version that it is said to be.
    is_git: bool,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Word(&'a str),
    Number(Number<'a>),
    Unreleased(usize),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Stage<'a> {
    Announced(usize, Option<Number<'a>>),
    Released,
}

/// A number of any length, without zeros in front.
#[derive(PartialEq, Eq)]
struct Number<'a>(&'a str);

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'a> Standing<'a> {
    fn of(text: &'a str) -> Self {
        let text = without_dag_hash(text);
        let (text, is_git) = match text.split_once('=') {
            Some((reference, version)) if !reference.is_empty() => (version, true),
            _ => (text, false),
        };
        let mut release: Vec<Part<'a>> = words(text).map(Part::of).collect();
        let stage = Stage::take(&mut release);
        Self { release, stage, is_git }
    }
}

impl<'a> Part<'a> {
    fn of(word: &'a str) -> Self {
        if is_number(word) {
            return Self::Number(Number(word.trim_start_matches('0')));
        }
        match UNRELEASED.iter().position(|other| *other == word) {
            Some(at) => Self::Unreleased(at),
            None => Self::Word(word),
        }
    }
}

impl<'a> Stage<'a> {
    /// Takes what announces a release from the end of a version, unless nothing is left.
    fn take(release: &mut Vec<Part<'a>>) -> Self {
        let announcing = |part: &Part<'a>| match part {
            Part::Word(word) => ANNOUNCING.iter().position(|other| other == word),
            _ => None,
        };
        let found = match release.as_slice() {
            [_, .., word, Part::Number(number)] => announcing(word).map(|at| (at, Some(Number(number.0)))),
            [_, .., word] => announcing(word).map(|at| (at, None)),
            _ => None,
        };
        let Some((at, number)) = found else { return Self::Released };
        release.truncate(release.len() - 1 - usize::from(number.is_some()));
        Self::Announced(at, number)
    }
}

/// Runs of ASCII digits and of ASCII letters, without what stands between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    chunks(text).flat_map(|chunk| chunk.split(|c: char| !c.is_ascii_alphanumeric())).filter(|word| !word.is_empty())
}

/// The version before a dag hash, if there is one.
fn without_dag_hash(text: &str) -> &str {
    let is_digit = |b: u8| matches!(b, b'a'..=b'z' | b'2'..=b'7');
    match text.rsplit_once('-') {
        Some((version, hash)) if !version.is_empty() && hash.len() == DAG_HASH && hash.bytes().all(is_digit) => version,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{natural, newest_first, sort_natural, sorted_newest_first};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use std::cmp::Ordering;

    fn sorted<'a>(input: &[&'a str]) -> Vec<&'a str> {
        let mut names = input.to_vec();
        sort_natural(&mut names, |name| name);
        names
    }

    #[test]
    fn numbers_sort_as_numbers_and_a_name_before_what_it_begins() {
        assert_eq!(sorted(&["v1.10", "v1.9", "v1.2"]), ["v1.2", "v1.9", "v1.10"]);
        assert_eq!(sorted(&["v1.0.0", "v1.0.0-rc1", "v1.0"]), ["v1.0", "v1.0.0", "v1.0.0-rc1"]);
    }

    #[test]
    fn what_natsort_cannot_tell_apart_is_swapped_as_go_swaps_it() {
        assert_eq!(sorted(&["v9", "v09"]), ["v09", "v9"]);
        assert_eq!(sorted(&["22.05", "22.5"]), ["22.5", "22.05"]);
    }

    #[test]
    fn long_lists_sort_the_same_from_any_order() {
        let mut names: Vec<String> = (0..40).map(|i| format!("v{}.{}", i % 7, i)).collect();
        let mut reversed: Vec<String> = names.iter().rev().cloned().collect();
        sort_natural(&mut names, |name| name);
        sort_natural(&mut reversed, |name| name);
        assert_eq!(names, reversed);
    }

    #[test]
    fn the_newest_version_comes_first() {
        let mut names = vec!["2023.1-foss-2022b", "2024.4-foss-2023b", "2024.4-foss-2023a", "2024.10", "2024.4"];
        names.sort_by(|a, b| newest_first(a, b));
        assert_eq!(names, ["2024.10", "2024.4-foss-2023b", "2024.4-foss-2023a", "2024.4", "2023.1-foss-2022b"]);
        assert_eq!(newest_first("1.0", "1.0rc2"), Ordering::Less);
        assert_eq!(newest_first("9.9p1", "9.9"), Ordering::Less);
    }

    #[test]
    fn versions_stand_as_spack_orders_them() {
        let expected = [
            "develop",
            "main",
            "master",
            "head",
            "trunk",
            "stable",
            "1.develop",
            "1.10",
            "1.9_2",
            "1.9a",
            "git.v1.9=1.9",
            "1.9",
            "1.9-rc2",
            "1.9rc1",
            "1.9.rc",
            "1.9beta",
            "1.9alpha3",
            "1.02",
            "rc1",
            "nightly",
            "cluster.2019.1",
            "",
        ];
        let mut names = expected.to_vec();
        names.reverse();
        names.sort_by(|a, b| newest_first(a, b));
        assert_eq!(names, expected);
        assert_eq!(sorted_newest_first(expected.iter().rev(), |name| name), expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_dag_hash_is_looked_at_last() {
        let (early, late) = ("a".repeat(32), "z234567".repeat(4) + "zzzz");
        let mut names = [format!("1.9-{late}"), format!("1.10-{early}"), format!("1.9rc1-{late}"), "1.9".to_owned()];
        names.sort_by(|a, b| newest_first(a, b));
        let expected = [format!("1.10-{early}"), format!("1.9-{late}"), "1.9".to_owned(), format!("1.9rc1-{late}")];
        assert_eq!(names, expected);
    }

    proptest! {
        #[test]
        fn both_orders_are_total(a in any::<String>(), b in any::<String>(), c in any::<String>()) {
            for order in [natural, newest_first] {
                prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
                prop_assert_eq!(order(&a, &b) == Ordering::Equal, a == b);
                if order(&a, &b) == Ordering::Less && order(&b, &c) == Ordering::Less {
                    prop_assert!(order(&a, &c) == Ordering::Less);
                }
            }
        }
        #[test]
        fn versions_like_real_ones_are_ordered_totally(
            a in "[0-9a-c]{0,3}[.=-]?[0-9a-c]{0,3}(rc|main|-[a2]{32})?", b in "[0-9a-c]{0,3}[.=-]?[0-9a-c]{0,3}(rc|main|-[a2]{32})?",
            c in "[0-9a-c]{0,3}[.=-]?[0-9a-c]{0,3}(rc|main|-[a2]{32})?"
        ) {
            for order in [natural, newest_first] {
                if order(&a, &b) == Ordering::Less && order(&b, &c) == Ordering::Less {
                    prop_assert!(order(&a, &c) == Ordering::Less, "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}
