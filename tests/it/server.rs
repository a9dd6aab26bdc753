//! `site serve`: a real server on loopback, asked over real sockets.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::transcripts::shell;

/// A running `site serve`, which ends with it.
struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer, read to its end.
struct Answer {
    status: u16,
    heads: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn head(&self, name: &str) -> &str {
        self.heads.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Begins to serve the catalog in `home/demo`.
fn serve(home: &Path, options: &str) -> Server {
    let script = format!("exec warecat -q -C demo site serve --port 0 --for 120 {options}");
    let mut command: Command = shell(home, &script);
    let mut child = command.current_dir(home).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line.is_empty() {
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        panic!("{said}");
    }
    Server { child, url: line.trim().to_owned() }
}

fn demo(home: &Path) {
    let script = "cp -R $EXAMPLE demo && rm -rf demo/_site";
    assert!(shell(home, script).current_dir(home).status().unwrap().success());
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().split('/').next().unwrap().parse().unwrap()
}

/// Sends bytes as they are, and reads what comes.
fn raw(server: &Server, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address(&server.url)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {bytes:?}"));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let heads =
        lines.map(|line| line.split_once(": ").unwrap()).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
    Answer { status, heads, body: bytes[end + 4..].to_vec() }
}

fn get(server: &Server, path: &str, more: &str) -> Answer {
    raw(server, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n"))
}

#[test]
fn pages_are_answered_as_a_good_host_does() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let server = serve(home.path(), "-o site");
    let page = get(&server, "/", "");
    assert_eq!((page.status, page.head("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(page.body, fs::read(home.path().join("site/index.html")).unwrap());
    assert_eq!(page.head("content-length"), page.body.len().to_string());
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
        ("vary", "Accept-Encoding"),
        ("content-security-policy", warecat::server::POLICY),
    ] {
        assert_eq!(page.head(name), value, "{name}");
    }
    // The header says what the page says, and that no other page may frame it.
    let (said, more) = warecat::server::POLICY.split_once("; frame-ancestors").unwrap();
    assert!(page.text().contains(&format!("content=\"{said}\"")) && more == " 'none'", "{said}");
    for (path, kind) in [
        ("/_assets/site.css", "text/css; charset=utf-8"),
        ("/_assets/site.js", "text/javascript; charset=utf-8"),
        ("/_assets/icon.svg", "image/svg+xml"),
        ("/warpsys.org/patchelf/index.json", "application/json"),
        ("/warpsys.org/patchelf/_feed.xml", "application/atom+xml; charset=utf-8"),
    ] {
        let answer = get(&server, path, "");
        assert_eq!((answer.status, answer.head("content-type")), (200, kind), "{path}");
    }
    let folder = get(&server, "/warpsys.org/patchelf", "");
    assert_eq!((folder.status, folder.head("location")), (307, "/warpsys.org/patchelf/"));
    assert_eq!(get(&server, "/warpsys.org/patchelf/?q=1", "").status, 200);
    let missing = get(&server, "/no/such/page", "");
    assert_eq!((missing.status, missing.head("content-type")), (404, "text/html; charset=utf-8"));
    assert!(missing.text().contains("<h1>Not found</h1>") && missing.text().contains("href=\"/_assets/site.css\""));
    assert_ne!(missing.head("content-security-policy"), "");
}

#[test]
fn what_is_known_is_not_sent_again_and_what_is_sent_is_compressed() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let server = serve(home.path(), "-o site");
    let plain = get(&server, "/_assets/site.css", "");
    let packed = get(&server, "/_assets/site.css", "Accept-Encoding: br, gzip\r\n");
    assert_eq!(packed.head("content-encoding"), "gzip");
    assert!(packed.body.len() * 2 < plain.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    assert_ne!(plain.head("etag"), packed.head("etag"));
    assert_eq!(get(&server, "/_assets/site.css", "Accept-Encoding: gzip;q=0\r\n").head("content-encoding"), "");
    for known in [
        format!("If-None-Match: {}", plain.head("etag")),
        format!("If-None-Match: \"x\", W/{}", plain.head("etag")),
        "If-None-Match: *".into(),
        format!("If-Modified-Since: {}", plain.head("last-modified")),
    ] {
        let answer = get(&server, "/_assets/site.css", &format!("{known}\r\n"));
        assert_eq!((answer.status, answer.body.len(), answer.head("etag")), (304, 0, plain.head("etag")), "{known}");
    }
    let other = format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {}\r\n", plain.head("last-modified"));
    assert_eq!(get(&server, "/_assets/site.css", &other).status, 200);
    let head = raw(&server, "HEAD /_assets/site.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.head("content-length"), plain.body.len().to_string());
}

#[test]
fn t03_nothing_outside_of_the_folder_is_read() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    fs::write(home.path().join("secret"), "secret").unwrap();
    let server = serve(home.path(), "-o site");
    let site = home.path().join("site");
    std::os::unix::fs::symlink(home.path().join("secret"), site.join("link.html")).unwrap();
    std::os::unix::fs::symlink(home.path(), site.join("folder")).unwrap();
    for (path, status) in [
        ("/../secret", 400),
        ("/%2e%2e/secret", 400),
        ("/_assets/../../secret", 400),
        ("/_assets/%2e%2e%2f%2e%2e%2fsecret", 400),
        ("/_assets%5c..%5c..%5csecret", 400),
        ("//etc/passwd", 400),
        ("/index.html%00.js", 400),
        ("/%ff", 400),
        ("/link.html", 404),
        ("/folder/secret", 404),
        ("/folder/", 404),
        ("/.warecat-site", 404),
        ("/_assets", 404),
    ] {
        let answer = get(&server, path, "");
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.body.windows(6).any(|part| part == b"secret"), "{path}");
        assert_eq!(answer.head("location"), "", "{path}");
    }
}

#[test]
fn only_this_machine_asks_and_only_to_read() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let server = serve(home.path(), "-o site");
    let asked = |host: &str| raw(&server, &format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).status;
    for good in ["Host: localhost\r\n", "Host: 127.0.0.1:8000\r\n", "Host: [::1]\r\n"] {
        assert_eq!(asked(good), 200, "{good}");
    }
    for bad in
        ["", "Host: evil.example\r\n", "Host: localhost.evil.example\r\n", "Host: localhost\r\nHost: evil.example\r\n"]
    {
        assert_eq!(asked(bad), 421, "{bad}");
    }
    let absolute = "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(raw(&server, absolute).status, 421);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        let request =
            format!("{method} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
        let answer = raw(&server, &request);
        assert_eq!((answer.status, answer.head("allow")), (405, "GET, HEAD"), "{method}");
    }
    let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    assert_eq!(raw(&server, &long).status, 431);
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(200));
    assert_eq!(raw(&server, &many).status, 431);
    assert!(address(&server.url).ip() == Ipv4Addr::LOCALHOST);
}

#[test]
fn a_site_is_served_below_a_path() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let server = serve(home.path(), "-o site --base-path /a/b");
    assert!(server.url.ends_with("/a/b/"), "{}", server.url);
    assert_eq!(get(&server, "/a/b/", "").status, 200);
    let base = get(&server, "/a/b", "");
    assert_eq!((base.status, base.head("location")), (307, "/a/b/"));
    assert_eq!(get(&server, "/a/b/warpsys.org/patchelf", "").head("location"), "/a/b/warpsys.org/patchelf/");
    let missing = get(&server, "/index.html", "");
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("href=\"/a/b/_assets/site.css\""));
    for bad in ["x", "/a b/", "/../", "/a//b/", "/a?b/"] {
        let script = format!("warecat -C demo site serve -o site2 --for 1 --port 0 --base-path '{bad}'");
        let done = shell(home.path(), &script).current_dir(home.path()).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{bad}");
    }
}

/// Asks until an answer is as wanted.
fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_change_is_built_again_and_a_fault_leaves_the_pages() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let server = serve(home.path(), "-o site");
    assert_eq!(get(&server, "/warpsys.org/new/", "").status, 404);
    let add = "warecat -q -C demo add warpsys.org/new:1:x git:5a4fff4d948cd12a5cf5f637ad2c561815a77d8e";
    assert!(shell(home.path(), add).current_dir(home.path()).status().unwrap().success());
    wait_for("the new module", || get(&server, "/warpsys.org/new/", "").status == 200);
    let module = home.path().join("demo/warpsys.org/new/_module.json");
    let sound = fs::read(&module).unwrap();
    fs::write(&module, "{").unwrap();
    // Long enough for a look and a build.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(get(&server, "/warpsys.org/new/", "").status, 200);
    fs::write(&module, sound).unwrap();
    fs::remove_dir_all(home.path().join("demo/warpsys.org/patchelf")).unwrap();
    wait_for("the module that is gone", || get(&server, "/warpsys.org/patchelf/", "").status == 404);
    assert_eq!(get(&server, "/warpsys.org/new/", "").status, 200);
}

#[test]
fn it_ends_when_it_is_told_to() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    for signal in ["INT", "TERM"] {
        let mut server = serve(home.path(), "-o site");
        // An open connection holds nothing up.
        let _open = TcpStream::connect(address(&server.url)).unwrap();
        let killed =
            Command::new("kill").arg(format!("-{signal}")).arg(server.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        assert_eq!(server.child.wait().unwrap().code(), Some(0), "{signal}");
    }
    let begun = Instant::now();
    let done =
        shell(home.path(), "warecat -C demo site serve --for 1 --port 0").current_dir(home.path()).output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert!(begun.elapsed() >= Duration::from_secs(1));
    // Without `-o`, the folder is in the cache.
    assert_eq!(fs::read_dir(home.path().join(".cache/warecat/sites")).unwrap().count(), 1);
}

#[test]
fn a_port_that_is_taken_is_told_or_passed_over() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let script = format!("warecat -q -C demo site serve -o site --for 1 --port {port}");
    let done = shell(home.path(), &script).current_dir(home.path()).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8(done.stderr).unwrap().starts_with("error[server-failed]: cannot listen on port"));
    // Whoever has the first port: this one or another program.
    let _first = TcpListener::bind((Ipv4Addr::LOCALHOST, warecat::server::PORT));
    let script = "warecat -q -C demo site serve -o site --for 1 --json";
    let done = shell(home.path(), script).current_dir(home.path()).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let url = said["urls"][0].as_str().unwrap();
    assert!(address(url).port() > warecat::server::PORT, "{url}");
}
