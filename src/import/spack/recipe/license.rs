//! Licences as one SPDX expression.
//!
//! Upstream gives a list and leaves out under which condition each member holds: for some
//! versions, for some variants. So several are read with caution, as if all applied, and
//! joined with `AND`. A list with a member that is no expression, `UNKNOWN` for instance,
//! says too little, and the licence stays unknown.

use spdx::{Expression, ParseMode};

use crate::import::report::quoted;

/// `GPL-2.0+` and its like are on the SPDX list, as superseded ones.
const MODE: ParseMode = ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..ParseMode::STRICT };
/// Longest expression, in bytes.
const MAX_LENGTH: usize = 1024;

/// The expression that these texts make; nothing of none.
///
/// # Errors
/// Which of them is no SPDX expression.
pub(super) fn expression(texts: &[&str]) -> Result<Option<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        let expression = spaced(text);
        if text.len() > MAX_LENGTH || Expression::parse_mode(&expression, MODE).is_err() {
            return Err(format!("{} is not an SPDX expression; only the record has it", quoted(text)));
        }
        if !found.contains(&expression) {
            found.push(expression);
        }
    }
    if found.len() > 1 {
        found.iter_mut().filter(|text| text.contains(' ')).for_each(|text| *text = format!("({text})"));
    }
    Ok((!found.is_empty()).then(|| found.join(" AND ")))
}

/// One blank between words, none within parentheses.
fn spaced(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace("( ", "(").replace(" )", ")")
}

#[cfg(test)]
mod tests {
    use super::expression;

    fn one(texts: &[&str]) -> String {
        expression(texts).unwrap().unwrap_or_default()
    }

    #[test]
    fn expressions_are_kept_and_several_all_apply() {
        assert_eq!(one(&["MIT"]), "MIT");
        assert_eq!(one(&[]), "");
        assert_eq!(one(&["MIT  AND ( ISC OR Zlib )"]), "MIT AND (ISC OR Zlib)");
        assert_eq!(one(&["MIT", "MIT"]), "MIT");
        assert_eq!(one(&["GPL-2.0", "MIT OR ISC"]), "GPL-2.0 AND (MIT OR ISC)");
        assert_eq!(one(&["LGPL-2.1+"]), "LGPL-2.1+");
        assert_eq!(one(&["Apache-2.0 WITH LLVM-exception"]), "Apache-2.0 WITH LLVM-exception");
    }

    #[test]
    fn t23_what_is_no_expression_leaves_the_licence_unknown() {
        for bad in ["UNKNOWN", "", "BSD", "MIT AND", "MIT/ISC", "<script>", &"(".repeat(5000)] {
            assert!(expression(&["MIT", bad]).is_err(), "{bad:?}");
        }
    }
}
