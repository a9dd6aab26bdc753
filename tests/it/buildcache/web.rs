//! Caches of layout 2 on web servers.

use warecat::code::Code;
use warecat::import::spack::buildcache::Reading;

use super::server::{Answer, Server};
use super::support::{Copy, GREET, HELLO_HASH, Read, items, keyring, mirrors, only, own, told};

#[test]
fn a_server_and_a_folder_give_the_same_but_for_the_addresses() {
    let server = Server::of_folder(own("signed"));
    let keys = keyring("signed/keyring.asc");
    let read = Read { keyring: Some(&keys), names_folder: false, ..Read::default() };
    let (web, mut folder) = (read.import(&server.url()), read.import(own("signed").to_str().unwrap()));
    assert_eq!(told(&web), [""; 0]);
    assert!(mirrors(&web).iter().all(|address| address.starts_with(&server.url())), "{:?}", mirrors(&web));
    for (with, without) in web.modules.iter().zip(&mut folder.modules) {
        without.mirrors.clone_from(&with.mirrors);
    }
    assert_eq!(web, folder);
}

#[test]
fn no_tarball_is_downloaded_and_nothing_is_fetched_twice() {
    let (server, dir) = (Server::of_folder(own("signed")), tempfile::tempdir().unwrap());
    let read = Read { cache: Some(dir.path()), ..Read::default() };
    let first = read.import(&server.url());
    let asked = server.asked();
    assert!(asked.iter().all(|line| !line.contains(".spack ")), "{asked:#?}");
    assert_eq!(read.import(&server.url()), first);
    let asked = server.asked();
    assert!(asked.iter().all(|line| line.ends_with(" 304") || line.ends_with(" 404")), "{asked:#?}");
}

#[test]
fn a_server_lists_nothing_so_it_has_to_have_an_index() {
    let cache = Copy::new();
    let server = Server::of_folder(cache.path().to_owned());
    let error = Read::of(Reading::Specs).try_import(&server.url()).unwrap_err();
    assert_eq!(error.code(), Code::UsageInvalid);
    std::fs::remove_file(cache.spec(GREET)).unwrap();
    assert!(only(&Read::default().import(&server.url())).contains("no spec of it was found there"));
    std::fs::remove_file(cache.path().join("build_cache/index.json")).unwrap();
    let error = Read::default().try_import(&server.url()).unwrap_err();
    assert!(error.to_string().contains("is not a build cache"), "{error}");
}

#[test]
fn t20_a_web_page_in_place_of_a_file_is_refused() {
    let page = || Answer::new(200, "<!DOCTYPE html><title>Sign in</title>").with("Content-Type", "text/html");
    let server = Server::start(move |_, _| page());
    let error = Read::default().try_import(&server.url()).unwrap_err();
    assert!(error.to_string().contains("is a web page"), "{error}");
    // A server that has a page for whatever is not there.
    let server = Server::start(move |_, path| match std::fs::read(own("signed").join(&path[1..])) {
        Ok(bytes) if !path.contains("libgreet") => Answer::new(200, bytes),
        _ => page(),
    });
    let import = Read::default().import(&server.url());
    let refused = told(&import).into_iter().find(|line| line.starts_with("entry-refused")).unwrap();
    assert!(refused.contains("is a web page"), "{refused}");
    assert_eq!(items(&import, HELLO_HASH), ["linux-exampleos1-x86_64_v3"]);
}

#[test]
fn who_is_not_let_in_and_who_is_offline_gets_nothing() {
    let server = Server::start(|_, path| match std::fs::read(own("signed").join(&path[1..])) {
        Ok(bytes) if !path.contains(".spec.json") => Answer::new(200, bytes),
        _ if path.starts_with("/v3") => Answer::new(404, ""),
        _ => Answer::new(403, ""),
    });
    let error = Read::default().try_import(&server.url()).unwrap_err();
    assert_eq!(error.code(), Code::NetworkFailed, "{error}");
    server.asked();
    let error = Read { offline: true, ..Read::default() }.try_import(&server.url()).unwrap_err();
    assert_eq!((error.code(), server.asked().len()), (Code::NetworkOffline, 0));
}

#[test]
fn t33_an_address_with_a_query_is_not_written() {
    let server = Server::start(|_, path| {
        let path = path.split('?').next().unwrap();
        std::fs::read(own("signed").join(&path[1..])).map_or(Answer::new(404, ""), |bytes| Answer::new(200, bytes))
    });
    let import = Read::default().import(&format!("{}?token=s3cr3t", server.url()));
    assert_eq!((mirrors(&import).len(), import.source.counts["tarballs"]), (0, 2));
}
