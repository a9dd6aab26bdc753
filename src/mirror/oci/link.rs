//! The `Link` header, which says where the next page of a listing is (RFC 8288).

/// The target of the first link with `rel="next"`, as it is written.
///
/// Parsed leniently where that is harmless: what the target may be is decided by who
/// follows it.
pub(super) fn next(value: &str) -> Option<&str> {
    let mut rest = value;
    loop {
        let (_, from_target) = rest.split_once('<')?;
        let (target, after) = from_target.split_once('>')?;
        let end = end_of_parameters(after);
        if after[..end].split(';').any(is_rel_next) {
            return Some(target);
        }
        rest = &after[end..];
    }
}

/// Where the parameters of a link end: at a comma that is not quoted.
fn end_of_parameters(text: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_rel_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
    name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_page_is_found_however_it_is_written() {
        assert_eq!(next("</v2/a/tags/list?last=b&n=2>; rel=\"next\""), Some("/v2/a/tags/list?last=b&n=2"));
        assert_eq!(next("<a,b>;rel=next"), Some("a,b"));
        assert_eq!(next("<a>; rel=\"prev\", <b>; title=\"x, <y>; rel=next\"; REL=\"first NEXT\""), Some("b"));
    }

    #[test]
    fn what_is_no_link_to_a_next_page_is_none() {
        for value in ["", "<", "<a", "<a>", "<a>; rel=nextish", "a; rel=next", "<a>; title=next", "<a>; rel", "\""] {
            assert_eq!(next(value), None, "{value}");
        }
    }
}
