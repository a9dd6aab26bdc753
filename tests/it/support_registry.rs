//! A real registry on loopback: Debian's `docker-registry`, with the build caches of the
//! real data in it. It ends with its test.

use std::fmt::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use warecat::mirror::Hosts;
use warecat::mirror::oci::{RegistryOptions, Repository};

/// The user of a registry that wants one.
pub(crate) const USER: &str = "reader";
/// The user's password.
pub(crate) const PASSWORD: &str = "s3cr3t-of-the-reader";

/// The build caches of the real data, as a registry keeps them.
const BUILD_CACHES: &str = "spack/oci-buildcache/registry-storage.tar.zst";

/// A running registry.
pub(crate) struct RealRegistry {
    dir: tempfile::TempDir,
    child: Child,
    port: u16,
}

impl RealRegistry {
    /// A registry that speaks plain HTTP and lets everyone in; nothing where it is not
    /// installed or the data is absent.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(Some(BUILD_CACHES), |_| String::new())
    }

    /// As [`start`](Self::start), with nothing in it; needs no data.
    pub(crate) fn start_empty() -> Option<Self> {
        Self::start_with(None, |_| String::new())
    }

    /// A registry that speaks TLS, with a certificate of an authority of its own, and
    /// wants to know who asks.
    pub(crate) fn start_closed() -> Option<Self> {
        Self::start_with(Some(BUILD_CACHES), |dir| {
            make_certificates(dir);
            let line = run("htpasswd", &["-Bbn", USER, PASSWORD], dir);
            std::fs::write(dir.join("htpasswd"), line.trim_end()).unwrap();
            let at = dir.display();
            format!(
                "  tls:\n    certificate: {at}/server.crt\n    key: {at}/server.key\n\
                 auth:\n  htpasswd:\n    realm: test\n    path: {at}/htpasswd\n"
            )
        })
    }

    fn start_with(storage: Option<&str>, more: impl FnOnce(&Path) -> String) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        if let Some(storage) = storage {
            let packed = std::fs::File::open(crate::shared::data(storage)?).unwrap();
            tar::Archive::new(zstd::Decoder::new(packed).unwrap()).unpack(dir.path().join("storage")).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut config = String::from("version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\n");
        let _ = write!(config, "storage:\n  filesystem:\n    rootdirectory: {}/storage\n", dir.path().display());
        let _ = write!(config, "http:\n  addr: 127.0.0.1:{port}\n{}", more(dir.path()));
        let file = dir.path().join("config.yml");
        std::fs::write(&file, config).unwrap();
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .env("OTEL_TRACES_EXPORTER", "none")
            .spawn()
            .unwrap();
        let mut registry = Self { dir, child, port };
        registry.wait();
        Some(registry)
    }

    fn wait(&mut self) {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().unwrap();
            let log = || std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            assert!(ended.is_none() && Instant::now() < end, "docker-registry does not start: {}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The registry's host and port.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A repository of it.
    pub(crate) fn repository(&self, name: &str) -> Repository {
        format!("oci://{}/{name}", self.host()).parse().unwrap()
    }

    /// The certificate of its authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.crt")
    }
}

impl Drop for RealRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Options that allow a registry on loopback.
pub(crate) fn options() -> RegistryOptions {
    let mut options = RegistryOptions::default();
    options.http.allow_private = Hosts::named(["127.0.0.1"]);
    options.http.backoff = Duration::from_millis(5);
    options
}

/// Whether the registry is there; where tests must not be skipped, it has to be.
fn is_installed() -> bool {
    let found = Command::new("docker-registry").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    let required = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(found || !required, "`docker-registry` is not installed");
    if !found {
        eprintln!("skipped: `docker-registry` is not installed");
    }
    found
}

/// An authority, and a certificate by it for 127.0.0.1.
fn make_certificates(dir: &Path) {
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    let authority = ["req", "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority"];
    run("openssl", &[&authority[..], &key[..]].concat(), dir);
    let server = [
        "req",
        "-x509",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-keyout",
        "server.key",
        "-out",
        "server.crt",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    run("openssl", &[&server[..], &key[..]].concat(), dir);
}

fn run(program: &str, args: &[&str], dir: &Path) -> String {
    let done = Command::new(program).args(args).current_dir(dir).output().unwrap();
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}
