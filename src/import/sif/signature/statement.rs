//! What a signature says: digests of the header, of descriptors, of data.

use crate::import::sif::object::{Link, Object};
use crate::model::Value;
use crate::text::shown;

/// How a legacy signature's text begins.
const LEGACY: &str = "SIFHASH:";
/// The version of the JSON that is understood.
const VERSION: i64 = 1;

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Statement {
    /// Digests of header, descriptors and data.
    Modern {
        /// Of the header's launch script, magic, version and UUID.
        header: String,
        /// Of each object.
        objects: Vec<SignedObject>,
    },
    /// The hash of the data that the signature is linked to, in hexadecimal.
    Legacy(String),
}

/// The digests of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignedObject {
    /// Its id less the smallest id of its group.
    pub(super) relative: u32,
    pub(super) descriptor: String,
    pub(super) data: String,
}

impl Statement {
    /// Reads the text that was clearsigned.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let words = std::str::from_utf8(text).map_err(|_not_text| "what it signs is not text".to_owned())?;
        match words.trim().strip_prefix(LEGACY) {
            Some(hash) => Ok(Self::Legacy(hash.trim().to_ascii_lowercase())),
            None => Self::parse_json(text),
        }
    }

    /// Reads the JSON of the modern forms.
    pub(super) fn parse_json(text: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(text).map_err(|error| format!("what it signs cannot be read: {error}"))?;
        if value.get("version") != Some(&Value::Integer(VERSION)) {
            return Err("what it signs has another version than 1".into());
        }
        let header = digest(value.get("header"), "digest")?;
        let list = value.get("objects").map(Value::items).unwrap_or_default();
        let objects = list.iter().map(object).collect::<Result<Vec<_>, String>>()?;
        if objects.is_empty() {
            return Err("it signs no object".into());
        }
        Ok(Self::Modern { header, objects })
    }

    /// The ids of the objects that it speaks of and that are there.
    pub(super) fn covers(&self, link: Option<Link>, all: &[Object]) -> Vec<u32> {
        let within = group_of(link, all);
        match self {
            Self::Legacy(_) => within.iter().filter(|object| is_linked(link, object)).map(|object| object.id).collect(),
            Self::Modern { objects, .. } => {
                let base = base(&within);
                let is_signed = |id: u32| objects.iter().any(|signed| base.checked_add(signed.relative) == Some(id));
                within.iter().map(|object| object.id).filter(|id| is_signed(*id)).collect()
            }
        }
    }
}

/// The objects of the group that a signature is linked to, or that the object is in which it
/// is linked to; in order.
pub(super) fn group_of(link: Option<Link>, all: &[Object]) -> Vec<&Object> {
    let group = match link {
        Some(Link::Group(group)) => Some(group),
        Some(Link::Object(id)) => match all.iter().find(|object| object.id == id) {
            Some(Object { group: Some(group), .. }) => Some(*group),
            alone => return alone.into_iter().collect(),
        },
        None => None,
    };
    all.iter().filter(|object| group.is_some() && object.group == group).collect()
}

/// Whether an object of the group is what the link means.
pub(super) fn is_linked(link: Option<Link>, object: &Object) -> bool {
    match link {
        Some(Link::Object(id)) => object.id == id,
        Some(Link::Group(_)) => true,
        None => false,
    }
}

/// The smallest id of a group, which signatures count from.
pub(super) fn base(within: &[&Object]) -> u32 {
    within.iter().map(|object| object.id).min().unwrap_or_default()
}

fn object(value: &Value) -> Result<SignedObject, String> {
    let relative = match value.get("relativeId") {
        Some(Value::Integer(number)) => u32::try_from(*number).ok(),
        _ => None,
    };
    let relative = relative.ok_or("an object that it signs has no number")?;
    let (descriptor, data) = (digest(Some(value), "descriptorDigest")?, digest(Some(value), "objectDigest")?);
    Ok(SignedObject { relative, descriptor, data })
}

fn digest(value: Option<&Value>, key: &str) -> Result<String, String> {
    let text = value.and_then(|value| value.get(key)).and_then(Value::as_text);
    let text = text.ok_or_else(|| format!("what it signs has no `{key}`"))?;
    if text.len() > 200 {
        return Err(format!("the `{key}` that it signs is `{}…`", shown(&text.chars().take(40).collect::<String>())));
    }
    Ok(text.to_owned())
}
