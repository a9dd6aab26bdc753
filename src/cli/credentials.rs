//! Who asks a registry: from the environment, else from Docker's configuration.
//!
//! Docker's `config.json` may name a helper, a program `docker-credential-NAME` that keeps
//! passwords in a keychain. It is the one program that warecat runs, and only when a
//! registry wants to know who asks. A helper that fails is told and does without.

use std::env::{self, VarError};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use serde_json::Value;
use warecat::code::Code;
use warecat::mirror::oci::{Credential, RegistryHost, Secret};

use super::failure::Failure;
use super::ui::Ui;

/// The largest `config.json` that is read, in bytes.
const MAX_CONFIG: u64 = 1 << 20;

/// How long a helper is waited for; it may ask for a password to open a keychain.
const PATIENCE: Duration = Duration::from_secs(60);

/// What helpers write, by Docker's own protocol, when they have nothing.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// Finds the credential for a registry.
pub(crate) fn credentials(
    ui: Ui,
) -> Result<impl Fn(&RegistryHost) -> Option<Credential> + Send + Sync + 'static, Failure> {
    let named = from_environment()?;
    Ok(move |host: &RegistryHost| match &named {
        Some((own, credential)) if own == host => Some(credential.clone()),
        _ => from_docker(host).unwrap_or_else(|problem| {
            ui.warn(format!("no credentials for `{host}`: {problem}"));
            None
        }),
    })
}

/// The credential of `WARECAT_REGISTRY_…`, and the one host that it is for.
fn from_environment() -> Result<Option<(RegistryHost, Credential)>, Failure> {
    let names = ["HOST", "USERNAME", "PASSWORD", "TOKEN"].map(|name| format!("WARECAT_REGISTRY_{name}"));
    let [host, username, password, token] = names.map(|name| variable(&name));
    named(host?, username?, password?, token?)
}

fn named(
    host: Option<String>,
    username: Option<String>,
    password: Option<String>,
    token: Option<String>,
) -> Result<Option<(RegistryHost, Credential)>, Failure> {
    let usage = |message: String| Failure::new(Code::UsageInvalid, message);
    let credential = match (username, password, token) {
        (None, None, None) if host.is_none() => return Ok(None),
        (Some(username), Some(password), None) => {
            Credential::Password { username: Secret::new(username), password: Secret::new(password) }
        }
        (None, None, Some(token)) => Credential::Bearer(Secret::new(token)),
        _ => {
            return Err(usage(
                "WARECAT_REGISTRY_HOST goes with WARECAT_REGISTRY_USERNAME and WARECAT_REGISTRY_PASSWORD, or with \
                 WARECAT_REGISTRY_TOKEN"
                    .to_owned(),
            ));
        }
    };
    let host =
        host.ok_or_else(|| usage("WARECAT_REGISTRY_HOST does not say whom the credentials are for".to_owned()))?;
    let host = host.parse().map_err(|error| usage(format!("WARECAT_REGISTRY_HOST: {error}")))?;
    Ok(Some((host, credential)))
}

fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        // The value itself may be a secret.
        Err(VarError::NotUnicode(_)) => Err(Failure::new(Code::UsageInvalid, format!("{name} is not UTF-8"))),
    }
}

/// The credential that Docker would use; problems are in words.
fn from_docker(host: &RegistryHost) -> Result<Option<Credential>, String> {
    let Some(config) = docker_config()? else { return Ok(None) };
    check_helpers(&config)?;
    // Docker Hub has an older name there.
    let server = if host.as_str() == "docker.io" { "https://index.docker.io/v1/" } else { host.as_str() }.to_owned();
    let (sender, receiver) = mpsc::channel();
    // Nothing else ends a helper that hangs.
    std::thread::spawn(move || {
        // Nobody listens any more when the wait was given up.
        let _ = sender.send(docker_credential::get_credential_from_reader(config.as_slice(), &server));
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(found) => understood(found),
        Err(error) => Err(format!("Docker's credential helper did not answer: {error}")),
    }
}

/// What was found, or what went wrong, without what a helper wrote: it may be a secret.
fn understood(found: Result<DockerCredential, CredentialRetrievalError>) -> Result<Option<Credential>, String> {
    match found {
        Ok(DockerCredential::UsernamePassword(username, password)) => {
            let (username, password) = (Secret::new(username), Secret::new(password));
            Ok(Some(Credential::Password { username, password }))
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Credential::Identity(Secret::new(token)))),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
        Err(CredentialRetrievalError::HelperFailure { stdout, .. }) if stdout.trim() == NOT_FOUND => Ok(None),
        Err(CredentialRetrievalError::HelperFailure { helper, .. }) => Err(format!("`{helper}` failed")),
        Err(error) => Err(format!("Docker's configuration: {error}")),
    }
}

/// Docker's `config.json`, if there is one.
fn docker_config() -> Result<Option<Vec<u8>>, String> {
    use std::io::{ErrorKind, Read};
    let folder = env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker"));
    let Some(path) = folder.or_else(home).map(|folder| folder.join("config.json")) else { return Ok(None) };
    let failed = |error| format!("cannot read `{}`: {error}", path.display());
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_CONFIG + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_CONFIG {
        return Err(format!("`{}` has more than {MAX_CONFIG} bytes", path.display()));
    }
    Ok(Some(bytes))
}

/// Helpers are named by a part of a program's name; one with a slash would be a path to
/// any program.
fn check_helpers(config: &[u8]) -> Result<(), String> {
    let value: Value = serde_json::from_slice(config).ok().ok_or("Docker's `config.json` is not JSON")?;
    let of_hosts = value["credHelpers"].as_object().into_iter().flat_map(|helpers| helpers.values());
    for helper in of_hosts.chain([&value["credsStore"]]).filter_map(Value::as_str) {
        if !helper.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return Err(
                "Docker's `config.json` names a credential helper by what is no part of a program's name".into()
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::Command;

    use super::{Credential, CredentialRetrievalError, DockerCredential, Secret};
    use super::{check_helpers, from_docker, named, understood};

    fn password(username: &str, password: &str) -> Credential {
        Credential::Password { username: Secret::new(username.into()), password: Secret::new(password.into()) }
    }

    #[test]
    fn t17_the_environments_credentials_are_for_the_host_that_it_names() {
        let some = |text: &str| Some(text.to_owned());
        let found = named(some("a.org:5000"), some("me"), some("s3cr3t"), None).unwrap().unwrap();
        assert_eq!((found.0.as_str(), found.1), ("a.org:5000", password("me", "s3cr3t")));
        let found = named(some("a.org"), None, None, some("s3cr3t")).unwrap().unwrap();
        assert_eq!(found.1, Credential::Bearer(Secret::new("s3cr3t".into())));
        assert!(named(None, None, None, None).unwrap().is_none());
        for (host, username, password, token) in [
            (None, some("me"), some("s3cr3t"), None),
            (None, None, None, some("s3cr3t")),
            (some("a.org"), None, None, None),
            (some("a.org"), some("me"), None, None),
            (some("a.org"), some("me"), some("s3cr3t"), some("s3cr3t")),
            (some("https://a.org/"), None, None, some("s3cr3t")),
        ] {
            let failure = named(host, username, password, token).unwrap_err();
            assert!(failure.message.contains("WARECAT_REGISTRY_HOST") && !failure.message.contains("s3cr3t"));
        }
    }

    #[test]
    fn helpers_are_parts_of_program_names() {
        assert!(check_helpers(br#"{"credsStore": "ecr-login", "credHelpers": {"a.org": "pass_1.2"}}"#).is_ok());
        assert!(check_helpers(b"{}").is_ok());
        for config in [&br#"{"credsStore": "x/../../tmp/evil"}"#[..], br#"{"credHelpers": {"a.org": "a b"}}"#, b"{"] {
            assert!(check_helpers(config).is_err());
        }
    }

    #[test]
    fn what_a_failing_helper_wrote_is_not_shown() {
        let failure = |stdout: &str| CredentialRetrievalError::HelperFailure {
            helper: "docker-credential-x".into(),
            stdout: stdout.into(),
            stderr: "s3cr3t".into(),
        };
        let problem = understood(Err(failure("s3cr3t"))).unwrap_err();
        assert_eq!(problem, "`docker-credential-x` failed");
        assert_eq!(understood(Err(failure("credentials not found in native keychain\n"))), Ok(None));
        let token = understood(Ok(DockerCredential::IdentityToken("t".into()))).unwrap();
        assert!(matches!(token, Some(Credential::Identity(_))));
    }

    /// `me:s3cr3t`, and a helper for one host.
    const CONFIG: &str = r#"{
        "auths": {"a.org": {"auth": "bWU6czNjcjN0"}, "https://index.docker.io/v1/": {"auth": "aHViOnMzY3IzdA=="}},
        "credHelpers": {"helped.org": "test", "unhelped.org": "none-of-this-name"}
    }"#;

    #[test]
    fn dockers_configuration_and_helpers_are_asked() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.json"), CONFIG).unwrap();
        let helper = dir.path().join("docker-credential-test");
        let script = "#!/bin/sh\nread host\n[ \"$1 $host\" = 'get helped.org' ] && echo '{\"Username\": \"helper\", \"Secret\": \"s3cr3t\"}'\n";
        std::fs::write(&helper, script).unwrap();
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o700)).unwrap();
        run_in("within_dockers_configuration", dir.path());
        let empty = tempfile::tempdir().unwrap();
        run_in("without_a_configuration", empty.path());
    }

    /// Runs an ignored test in a process of its own, with another environment.
    fn run_in(test: &str, dir: &Path) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &format!("cli::credentials::tests::{test}"), "--ignored"]);
        command.env("DOCKER_CONFIG", dir).env("PATH", format!("{}:/usr/bin:/bin", dir.display()));
        let done = command.env("WARECAT_TEST_DOCKER", "yes").output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
    }

    #[test]
    #[ignore = "runs in a process with an environment of its own"]
    fn within_dockers_configuration() {
        if std::env::var_os("WARECAT_TEST_DOCKER").is_none() {
            return;
        }
        let found = |host: &str| from_docker(&host.parse().unwrap());
        assert_eq!(found("a.org"), Ok(Some(password("me", "s3cr3t"))));
        assert_eq!(found("docker.io"), Ok(Some(password("hub", "s3cr3t"))));
        assert_eq!(found("helped.org"), Ok(Some(password("helper", "s3cr3t"))));
        for sibling in ["a.org:5000", "sub.a.org", "b.org", "localhost"] {
            assert_eq!(found(sibling), Ok(None), "{sibling}");
        }
        let problem = found("unhelped.org").unwrap_err();
        assert!(problem.contains("Unable to communicate with credential helper"), "{problem}");
    }

    #[test]
    #[ignore = "runs in a process with an environment of its own"]
    fn without_a_configuration() {
        if std::env::var_os("WARECAT_TEST_DOCKER").is_some() {
            assert_eq!(from_docker(&"a.org".parse().unwrap()), Ok(None));
        }
    }
}
