//! DSSE envelopes (`secure-systems-lab/dsse`, `envelope.md`), as far as their payload.

use crate::model::Value;
use crate::text::shown;

/// The type of payload of an image's signature.
const PAYLOAD: &str = "application/vnd.sylabs.sif-metadata+json";
/// Longest name of a key that is kept, in characters.
const MAX_KEY: usize = 200;

/// An envelope that was opened, not verified.
pub(super) struct Envelope {
    /// What was signed.
    pub(super) payload: Vec<u8>,
    /// What its first signature calls its key.
    pub(super) key: Option<String>,
}

/// Opens an envelope.
pub(super) fn open(text: &[u8]) -> Result<Envelope, String> {
    let unreadable = |error: serde_json::Error| format!("it is neither clearsigned nor a DSSE envelope: {error}");
    let value: Value = serde_json::from_slice(text).map_err(unreadable)?;
    let member = |key: &str| value.get(key).and_then(Value::as_text);
    let kind = member("payloadType").ok_or("it is neither clearsigned nor a DSSE envelope")?;
    if kind != PAYLOAD {
        let kind: String = kind.chars().take(100).collect();
        return Err(format!("its envelope holds `{}`, not what images sign", shown(&kind)));
    }
    let payload = member("payload").and_then(base64).ok_or("the payload of its envelope is not base64")?;
    let signatures = value.get("signatures").map(Value::items).unwrap_or_default();
    let first = signatures.first().ok_or("its envelope has no signature")?;
    let key = first.get("keyid").and_then(Value::as_text).filter(|key| !key.is_empty());
    Ok(Envelope { payload, key: key.map(|key| key.chars().take(MAX_KEY).collect()) })
}

/// Base64 (RFC 4648, section 4; with the alphabet of section 5 as well, since DSSE allows
/// both), with its padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let plain = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - plain.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(plain.len() / 4 * 3 + 2);
    for group in plain.as_bytes().chunks(4) {
        let mut bits = 0;
        for byte in group {
            bits = bits << 6 | digit(*byte)?;
        }
        let whole = match group.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return None,
        };
        let bits = bits << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..=whole]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{base64, open};

    #[test]
    fn base64_is_read_as_its_definition_says() {
        let read = |text| base64(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        for (text, expected) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(read(text).as_deref(), Some(expected));
        }
        for bad in ["Z", "Zg", "Zg=", "Z===", "====", "Zm9v\n", "Zm=v", "Zm9vé"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(base64("-_-_"), base64("+/+/"));
    }

    #[test]
    fn what_is_no_envelope_of_an_image_is_refused() {
        let kind = r#""payloadType": "application/vnd.sylabs.sif-metadata+json""#;
        for bad in [
            "".to_owned(),
            "[]".to_owned(),
            format!("{{{kind}}}"),
            format!(r#"{{{kind}, "payload": "e30="}}"#),
            format!(r#"{{{kind}, "payload": "e30", "signatures": [{{}}]}}"#),
            r#"{"payloadType": "text/plain", "payload": "e30=", "signatures": [{}]}"#.to_owned(),
        ] {
            assert!(open(bad.as_bytes()).is_err(), "{bad}");
        }
        let good = format!(r#"{{{kind}, "payload": "e30=", "signatures": [{{"keyid": "k"}}]}}"#);
        let envelope = open(good.as_bytes()).unwrap();
        assert_eq!((envelope.payload.as_slice(), envelope.key.as_deref()), (&b"{}"[..], Some("k")));
    }
}
