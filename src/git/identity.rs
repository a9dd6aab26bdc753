//! Who a commit is by: the caller's overrides first, then git's configuration.

use git2::{Config, Repository, Signature};

use super::error::GitError;
use super::when::When;

/// Names that go before git's configuration, as `GIT_AUTHOR_NAME` and its like do.
///
/// The caller reads them from the environment, or leaves them empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The author's name.
    pub author_name: Option<String>,
    /// The author's mail address.
    pub author_email: Option<String>,
    /// The committer's name.
    pub committer_name: Option<String>,
    /// The committer's mail address.
    pub committer_email: Option<String>,
}

/// Author and committer of one commit.
pub(super) struct Signatures {
    pub(super) author: Signature<'static>,
    pub(super) committer: Signature<'static>,
}

impl Identity {
    /// Completes the identity from the configuration: `author.name` before `user.name`.
    pub(super) fn sign(&self, repo: &Repository, when: When) -> Result<Signatures, GitError> {
        let config = repo
            .config()
            .and_then(|mut config| config.snapshot())
            .map_err(GitError::git("read git's configuration"))?;
        let author = Role {
            name: "author",
            given: [&self.author_name, &self.author_email],
        };
        let committer = Role {
            name: "committer",
            given: [&self.committer_name, &self.committer_email],
        };
        Ok(Signatures {
            author: author.sign(&config, when)?,
            committer: committer.sign(&config, when)?,
        })
    }
}

struct Role<'a> {
    name: &'static str,
    given: [&'a Option<String>; 2],
}

impl Role<'_> {
    fn sign(&self, config: &Config, when: When) -> Result<Signature<'static>, GitError> {
        let name = self.field(config, self.given[0], "name")?;
        let email = self.field(config, self.given[1], "email")?;
        Signature::new(&name, &email, &when.to_git()).map_err(GitError::git(format!(
            "use the {}'s name and mail address",
            self.name
        )))
    }

    fn field(
        &self,
        config: &Config,
        given: &Option<String>,
        field: &'static str,
    ) -> Result<String, GitError> {
        let configured = |section: &str| config.get_string(&format!("{section}.{field}")).ok();
        [given.clone(), configured(self.name), configured("user")]
            .into_iter()
            .flatten()
            .find(|text| !text.trim().is_empty())
            .ok_or(GitError::IdentityMissing {
                role: self.name,
                field,
            })
    }
}
