//! Whatever a registry or a user writes, the parsers give an answer and never panic.

use proptest::prelude::*;

use super::challenge::Challenge;
use super::{RegistryHost, Repository, Tag, link, realm};
use crate::mirror::Hosts;

/// Texts near those that are meant, and others.
fn near() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "oci://",
        "oci+http://",
        "a.org",
        "127.0.0.1",
        "[::1]",
        ":5000",
        ":",
        "/",
        "//",
        "..",
        "spack/mirror",
        "@",
        "sha256:00",
        "-",
        "_",
        "__",
        ".",
        "%2e",
        "?",
        "#",
        "\\",
        " ",
        "é",
        "\u{202e}",
        "\0",
        "<",
        ">",
        ";",
        ",",
        "=",
        "\"",
        "rel",
        "next",
        "Bearer",
        "Basic",
        "realm",
        "service",
        "https://",
        "\\\"",
        "x",
        "A",
        "0",
        "65536",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..12).prop_map(|all| all.concat()), any::<String>()]
}

proptest! {
    #[test]
    fn a_repository_is_what_it_shows(text in near()) {
        if let Ok(repository) = text.parse::<Repository>() {
            prop_assert_eq!(repository.to_string().parse::<Repository>().unwrap(), repository.clone());
            // A name is a path that leads nowhere else, and nothing that a URL reads otherwise.
            let url: reqwest::Url = format!("https://{}/v2/{}/x", repository.host(), repository.name()).parse().unwrap();
            let path = format!("/v2/{}/x", repository.name());
            prop_assert_eq!(url.path(), path.as_str());
            prop_assert!(url.username().is_empty() && url.query().is_none() && url.fragment().is_none());
        }
    }

    #[test]
    fn what_is_taken_as_a_repository_oci_client_takes_too(name in "[a-z0-9._/-]{1,20}") {
        if let Ok(ours) = format!("oci://a.org/{name}").parse::<Repository>() {
            let theirs = oci_client::Reference::try_from(format!("a.org/{}", ours.name())).unwrap();
            prop_assert_eq!(theirs.repository(), ours.name());
        }
    }

    #[test]
    fn a_host_is_a_part_of_a_url(text in near()) {
        if let Ok(host) = text.parse::<RegistryHost>() {
            let shown = host.to_string();
            prop_assert_eq!(shown.parse::<RegistryHost>().unwrap(), host);
            prop_assert!(!shown.contains(['@', '/', '?', '#', '\\', ' ']));
        }
    }

    #[test]
    fn a_tag_is_a_segment_of_a_path(text in near()) {
        if let Ok(tag) = text.parse::<Tag>() {
            let url: reqwest::Url = format!("https://a.org/v2/a/manifests/{tag}").parse().unwrap();
            let path = format!("/v2/a/manifests/{text}");
            prop_assert_eq!(url.path(), path.as_str());
        }
    }

    #[test]
    fn headers_never_panic(text in near()) {
        if let Some(target) = link::next(&text) {
            let written = format!("<{target}>");
            prop_assert!(text.contains(&written));
        }
        let _ = Challenge::parse([text.as_str()]);
        let registry = "https://registry.example.org/v2/".parse().unwrap();
        if let Ok(service) = realm::admitted(&text, &registry, &Hosts::None) {
            prop_assert!(service.host().unwrap().ends_with("example.org"));
        }
    }
}

#[test]
fn names_are_those_of_the_specification() {
    let repository = |name: &str| format!("oci://a.org/{name}").parse::<Repository>();
    for name in ["a", "a/b/c", "a.b", "a__b", "a_b", "a---b", "0", "lab/plain/"] {
        assert!(repository(name).is_ok(), "{name}");
    }
    for name in ["", "A", "a//b", "/a", "a..b", "a___b", "-a", "a-", "a.-b", "../a", "a:v1", "a@sha256:00", "a?b", "é"]
    {
        assert!(repository(name).is_err(), "{name}");
    }
    assert!(repository(&"a".repeat(256)).is_err());
    for text in ["a.org/b", "https://a.org/b", "oci:/a.org/b", "OCI://a.org/b", "oci://a.org", "oci:///b", "oci://-/b"]
    {
        assert!(text.parse::<Repository>().is_err(), "{text}");
    }
    for host in ["a.org:0", "a.org:65536", "a.org:", "a.org:x", "a_b.org", "[::1", "[x]", "a..b", ".a", "a b"] {
        assert!(format!("oci://{host}/b").parse::<Repository>().is_err(), "{host}");
    }
    for host in ["localhost", "[::1]:5000", "127.0.0.1:1", "REGISTRY.example.org"] {
        assert!(format!("oci://{host}/b").parse::<Repository>().is_ok(), "{host}");
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_not_shown() {
    for text in ["oci://me:s3cr3t@a.org/b", "oci://s3cr3t@a.org/b", "me:s3cr3t@a.org/b", "oci://me:s3/cr3t@a.org/b"] {
        let error = text.parse::<Repository>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3"), "{error}");
    }
}

#[test]
fn docker_hubs_images_are_asked_for_where_its_api_is() {
    let host: RegistryHost = "docker.io".parse().unwrap();
    assert_eq!((host.as_str(), host.of_api()), ("docker.io", "registry-1.docker.io"));
}
