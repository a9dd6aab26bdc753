//! A strict reader of the feeds and maps that we write: well-formed XML without a document
//! type, comments or sections, which accepts no more than that.

/// An element: its name, attributes, own text and elements within.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the one element of that name.
    #[track_caller]
    pub(crate) fn one(&self, name: &str) -> &str {
        let found: Vec<&Element> = self.children.iter().filter(|child| child.name == name).collect();
        assert_eq!(found.len(), 1, "{name} in {self:?}");
        &found[0].text
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Reads a document; gives its one element.
pub(crate) fn read(text: &str) -> Result<Element, String> {
    let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || u32::from(c) & 0xfffe == 0xfffe;
    if let Some(c) = text.chars().find(|c| is_bad(*c)) {
        return Err(format!("the character {c:?}"));
    }
    let mut rest = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").ok_or("no declaration")?;
    let mut open = vec![Element::default()];
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        let here = open.last_mut().ok_or("an end too many")?;
        here.text.push_str(&plain(&rest[..at])?);
        rest = &rest[at..];
        if rest.is_empty() {
            break;
        }
        let end = rest.find('>').ok_or("a tag that does not end")?;
        let inside = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            let done = open.pop().ok_or("an end too many")?;
            if done.name != name {
                return Err(format!("</{name}> closes <{}>", done.name));
            }
            open.last_mut().ok_or("an end too many")?.children.push(done);
        } else if let Some(inside) = inside.strip_suffix('/') {
            open.last_mut().ok_or("an end too many")?.children.push(tag(inside)?);
        } else {
            open.push(tag(inside)?);
        }
    }
    let mut document = open.pop().ok_or("nothing")?;
    match (open.len(), document.children.len(), document.text.trim()) {
        (0, 1, "") => Ok(document.children.remove(0)),
        _ => Err(format!("not one element: {:?}", document.name)),
    }
}

fn tag(inside: &str) -> Result<Element, String> {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(format!("the name {name:?}"));
    }
    let mut element = Element { name: name.into(), ..Element::default() };
    while !rest.is_empty() {
        let (key, value) = rest.split_once("=\"").ok_or_else(|| format!("an attribute in {inside}"))?;
        let (value, after) = value.split_once('"').ok_or_else(|| format!("an open quote in {inside}"))?;
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphabetic() || b == b':') || value.contains('<') {
            return Err(format!("the attribute {key:?}"));
        }
        if element.get(key).is_some() {
            return Err(format!("{key} stands twice"));
        }
        element.attributes.push((key.into(), plain(value)?));
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    Ok(element)
}

/// Text without entities; fails on one that XML does not know.
fn plain(text: &str) -> Result<String, String> {
    let mut found = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        found.push_str(&rest[..at]);
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')];
        let (entity, c) = known
            .into_iter()
            .find(|(entity, _)| rest[at..].starts_with(entity))
            .ok_or_else(|| format!("a bare & in {:.60}", &rest[at..]))?;
        found.push(c);
        rest = &rest[at + entity.len()..];
    }
    found.push_str(rest);
    Ok(found)
}

#[test]
fn what_is_not_well_formed_is_refused() {
    let read = |text: &str| read(&format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}"));
    assert_eq!(read("<a b=\"1 &amp; 2\">x<c/></a>").unwrap().get("b"), Some("1 & 2"));
    for bad in [
        "",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&nbsp;</a>",
        "<a b=1/>",
        "<a b=\"1\" b=\"2\"/>",
        "<a>\u{1b}</a>",
        "x<a/>",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
}
