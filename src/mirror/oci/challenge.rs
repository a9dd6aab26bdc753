//! What a registry wants to know before it answers: the header `WWW-Authenticate`.

use http_auth::ParamValue;

/// What a registry asks for, of the two schemes that registries have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A token from a token service (distribution specification, "token authentication").
    Bearer {
        /// The address of the token service, as it is written.
        realm: String,
        /// What the token service calls the registry.
        service: Option<String>,
    },
    /// A user name and a password (RFC 7617).
    Basic,
}

impl Challenge {
    /// What the values of `WWW-Authenticate` ask for; `Bearer` where there is a choice.
    ///
    /// The scope that a registry asks for is not looked at: a token is asked for what we
    /// want to do and for nothing more.
    pub(super) fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut found = None;
        for challenge in values.into_iter().flat_map(|value| http_auth::parse_challenges(value).unwrap_or_default()) {
            let parameter = |name: &str| {
                let named = |(key, value): &(&str, ParamValue<'_>)| {
                    key.eq_ignore_ascii_case(name).then(|| value.to_unescaped())
                };
                challenge.params.iter().find_map(named)
            };
            if challenge.scheme.eq_ignore_ascii_case("Bearer") {
                if let Some(realm) = parameter("realm") {
                    return Some(Self::Bearer { realm, service: parameter("service") });
                }
            } else if challenge.scheme.eq_ignore_ascii_case("Basic") {
                found = Some(Self::Basic);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    #[test]
    fn both_schemes_are_read_and_tokens_are_preferred() {
        let bearer = r#"Bearer realm="https://a.org/token",service="reg,istry",scope="repository:a:pull""#;
        let expected =
            Challenge::Bearer { realm: "https://a.org/token".to_owned(), service: Some("reg,istry".to_owned()) };
        assert_eq!(Challenge::parse([bearer]), Some(expected.clone()));
        assert_eq!(Challenge::parse(["basic realm=\"x\"", bearer]), Some(expected));
        assert_eq!(Challenge::parse(["Basic realm=\"x\""]), Some(Challenge::Basic));
    }

    #[test]
    fn other_challenges_are_none() {
        for value in ["", "Bearer", "Bearer service=\"x\"", "Negotiate", "Digest realm=\"x\"", "\"", "Bearer realm="] {
            assert_eq!(Challenge::parse([value]), None, "{value}");
        }
    }
}
