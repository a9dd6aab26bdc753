//! How a name may be spelled: what a query and a name both become before they are held
//! to be the same. `templates/search.js` has the same rules.

/// What languages put before the names of their packages.
const PREFIXES: &[&str] = &["py-", "r-", "perl-", "ruby-", "lua-", "octave-"];

/// Folders of extensions, by the prefix that others give such a package.
const FOLDERS: &[(&str, &str)] =
    &[("ext/python", "py-"), ("ext/r", "r-"), ("ext/perl", "perl-"), ("ext/ruby", "ruby-"), ("ext/octave", "octave-")];

/// In lower case, with `-` for every separator.
pub(super) fn plain(text: &str) -> String {
    text.to_lowercase().replace("::", "-").replace(['_', ' ', '.'], "-")
}

/// The spellings of a plain name: as it is, and what is written for `+` where it cannot
/// stand, `-plus`, and `pp` or `xx` for two.
pub(super) fn spellings(plain: &str) -> Vec<String> {
    let mut found = vec![plain.to_owned()];
    if plain.contains('+') {
        found.push(plain.replace('+', "-plus"));
    }
    if plain.contains("++") {
        found.extend(["pp", "xx"].map(|with| plain.replace("++", with)));
    }
    found
}

/// The spellings that are as good as the name itself: with and without the prefix of a
/// language. `scope` is what stands above the module.
pub(super) fn aliases(spellings: &[String], scope: &str) -> Vec<String> {
    let mut found = spellings.to_vec();
    let added = FOLDERS.iter().find(|(folder, _)| is_below(scope, folder)).map(|(_, prefix)| prefix);
    for name in spellings {
        found.extend(PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).map(str::to_owned));
        found.extend(added.map(|prefix| format!("{prefix}{name}")));
    }
    found
}

fn is_below(scope: &str, folder: &str) -> bool {
    scope.strip_suffix(folder).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{aliases, plain, spellings};

    #[test]
    fn a_plus_is_spelled_in_four_ways() {
        assert_eq!(spellings("c++"), ["c++", "c-plus-plus", "cpp", "cxx"]);
        assert_eq!(spellings("blast+"), ["blast+", "blast-plus"]);
        assert_eq!(plain("Archive::Zip_x.Y"), "archive-zip-x-y");
    }

    #[test]
    fn a_language_s_prefix_may_stand_or_not() {
        assert_eq!(aliases(&["py-numpy".into()], "spack.io"), ["py-numpy", "numpy"]);
        assert_eq!(aliases(&["numpy".into()], "eessi.io/2023.06/ext/python"), ["numpy", "py-numpy"]);
        assert_eq!(aliases(&["numpy".into()], "a/next/python"), ["numpy"]);
    }
}
