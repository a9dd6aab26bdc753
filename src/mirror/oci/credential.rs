//! Who asks a registry, and secrets that show themselves to nobody.

use std::fmt;

/// A text that is never shown: `Debug` hides it, and there is no `Display`.
///
/// ```
/// use warecat::mirror::oci::Secret;
/// assert_eq!(format!("{:?}", Secret::new("s3cr3t".to_owned())), "***");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for whom it is meant.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What proves to a registry who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user name and a password, or an access token in its place.
    Password {
        /// The user name.
        username: Secret,
        /// The password.
        password: Secret,
    },
    /// An identity token, which the registry's token service exchanges for others; what
    /// `docker login` keeps for some registries.
    Identity(Secret),
    /// A bearer token that the registry itself takes.
    Bearer(Secret),
}
