//! A strict reader of the pages that we write: it accepts less than a browser, so what
//! it accepts holds no surprise.

/// A start tag with its attributes.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

const VOID: &[&str] = &["meta", "link", "br", "input", "col"];

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// Reads a page: its start tags in order, and all its text. Fails on a tag that is not
/// closed, an attribute without double quotes, a bare `<` or `&`, or a control character.
pub(crate) fn read(page: &str) -> Result<(Vec<Tag>, String), String> {
    let mut tags = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut rest = page.strip_prefix("<!doctype html>\n").ok_or("no doctype")?;
    if let Some(c) = rest.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(format!("a control character {c:?}"));
    }
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        check_text(&rest[..at])?;
        text.push_str(&unescaped(&rest[..at]));
        rest = &rest[at..];
        let Some(inside) = rest.strip_prefix('<') else { break };
        let end = tag_end(inside)?;
        match inside[..end].strip_prefix('/') {
            Some(name) if open.last().map(String::as_str) == Some(name) => drop(open.pop()),
            Some(name) => return Err(format!("</{name}> closes {open:?}")),
            None => {
                let tag = tag(&inside[..end])?;
                if !VOID.contains(&tag.name.as_str()) {
                    open.push(tag.name.clone());
                }
                tags.push(tag);
            }
        }
        rest = &inside[end + 1..];
    }
    if open.is_empty() { Ok((tags, text)) } else { Err(format!("not closed: {open:?}")) }
}

fn tag_end(inside: &str) -> Result<usize, String> {
    let mut quoted = false;
    for (at, c) in inside.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Ok(at),
            '<' => return Err(format!("a `<` in the tag <{:.80}", inside)),
            _ => {}
        }
    }
    Err("a tag that does not end".into())
}

fn check_text(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
        if !known.iter().any(|entity| text[at..].starts_with(entity)) {
            return Err(format!("a bare & in {:.80}", &text[at..]));
        }
    }
    if text.contains('>') { Err(format!("a bare > in {text:.80}")) } else { Ok(()) }
}

fn tag(inside: &str) -> Result<Tag, String> {
    let (name, mut rest) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Err(format!("a tag named {name:?}"));
    }
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let name = &rest[..end];
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b':');
        // The one attribute of a drawing that has a capital letter.
        if name != "viewBox" && !name.bytes().all(is_plain) {
            return Err(format!("an attribute named {name:?}"));
        }
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            Some(value) => {
                let end = value.find('"').ok_or("an attribute that does not end")?;
                rest = &value[end + 1..];
                check_text(&value[..end])?;
                unescaped(&value[..end])
            }
            None if rest.starts_with('=') => return Err(format!("{name} has no quotes")),
            None => String::new(),
        };
        attributes.push((name.to_owned(), value));
    }
    Ok(Tag { name: name.into(), attributes })
}
