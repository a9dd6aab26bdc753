//! Caches of layout 2 in folders.

use warecat::code::Code;
use warecat::import::spack::buildcache::Reading;
use warecat::model::{Digest, metadata};

use super::support::{
    BUILDER, Copy, GREET, GREET_HASH, HELLO, HELLO_HASH, Read, items, keyring, mirrors, only, own, release, told,
};

const PLATFORM: &str = "linux-exampleos1-x86_64_v3";

fn place() -> String {
    own("signed").to_str().unwrap().to_owned()
}

#[test]
fn a_tarball_becomes_an_item_with_its_digest_and_its_address() {
    let import = Read::default().import(&place());
    assert_eq!(told(&import), [""; 0]);
    let ware = &release(&import, HELLO_HASH).items[&PLATFORM.parse::<warecat::model::ItemLabel>().unwrap()];
    let bytes = std::fs::read(Copy::new().tarball(HELLO)).unwrap();
    assert_eq!(ware.to_string(), format!("spack:{}", Digest::of(&bytes).to_cid()));
    assert_eq!(mirrors(&import).len(), 2);
    assert!(mirrors(&import).iter().all(|address| address.starts_with("file:///") && address.ends_with(".spack")));
}

#[test]
fn what_the_cache_has_not_becomes_a_release_that_a_replay_can_be_walked_to() {
    let import = Read::default().import(&place());
    assert_eq!((import.modules.len(), import.source.counts["releases"], import.source.counts["tarballs"]), (3, 3, 2));
    assert_eq!(items(&import, "izi5jxm6neubhn7hehnfcvpmbg27va63"), ["spec"]);
    assert_eq!(release(&import, HELLO_HASH).replay.as_ref().unwrap().inputs.len(), 2);
}

#[test]
fn index_and_specs_are_imported_identically() {
    let [index, specs, both] = [Reading::Index, Reading::Specs, Reading::Both].map(|by| Read::of(by).import(&place()));
    assert_eq!(index, specs);
    assert_eq!(index, both);
}

#[test]
fn no_path_of_the_machine_is_written_where_it_was_not_named() {
    let hidden = Read { names_folder: false, ..Read::default() };
    assert_eq!(mirrors(&hidden.import(&place())), [""; 0]);
    assert_eq!(mirrors(&Read::default().import("tests/data/spack/buildcache/signed")), [""; 0]);
}

#[test]
fn a_signature_being_there_and_being_verified_are_two_facts() {
    let facts = |import: &warecat::import::Import| {
        let metadata = &release(import, GREET_HASH).metadata;
        [metadata::SIGNED_BY, metadata::VERIFIED_BY].map(|key| metadata.get(key).cloned())
    };
    let by = || Some(BUILDER.to_owned());
    assert_eq!(facts(&Read::default().import(&place())), [by(), None]);
    let keys = keyring("signed/keyring.asc");
    let import = Read { keyring: Some(&keys), ..Read::default() }.import(&place());
    assert_eq!((facts(&import), told(&import).len()), ([by(), by()], 0));
    let keys = keyring("signatures/stranger.asc");
    let import = Read { keyring: Some(&keys), ..Read::default() }.import(&place());
    assert_eq!(facts(&import), [by(), None]);
    assert!(
        told(&import).iter().all(|line| line.starts_with("entry-odd") && line.contains("which the keyring has not"))
    );
}

#[test]
fn a_spec_that_was_changed_after_it_was_signed_is_refused_with_a_keyring() {
    let cache = Copy::new();
    let (file, keys) = (cache.spec(GREET), keyring("signed/keyring.asc"));
    let text = std::fs::read_to_string(&file).unwrap();
    let other = Digest::of(b"another tarball").hex();
    let own = Digest::of(&std::fs::read(cache.tarball(GREET)).unwrap()).hex();
    std::fs::write(&file, text.replace(&own, &other)).unwrap();
    std::fs::write(cache.tarball(GREET), "another tarball").unwrap();
    let import = Read { keyring: Some(&keys), ..Read::default() }.import(&cache.place());
    let told = told(&import);
    assert!(told.iter().any(|line| line.starts_with("entry-refused") && line.contains("is bad")), "{told:#?}");
    // The unsigned index knows the spec, but nothing vouches for a tarball of it.
    assert_eq!(items(&import, GREET_HASH), ["spec"]);
}

#[test]
fn an_unsigned_spec_is_odd_with_a_keyring() {
    let (cache, keys) = (Copy::new(), keyring("signed/keyring.asc"));
    cache.put_unsigned(GREET, &cache.json(GREET));
    let import = Read { keyring: Some(&keys), ..Read::default() }.import(&cache.place());
    assert!(only(&import).contains("it is not signed"));
    assert!(!release(&import, GREET_HASH).metadata.contains_key(metadata::SIGNED_BY));
}

#[test]
fn a_verification_does_not_outlive_the_tarball_that_it_was_of() {
    let (test, cache) = (crate::support::TestCatalog::new(), Copy::new());
    let import = |keyring: &[&str], exit: i32| {
        let args = ["import", "spack-buildcache", "--prefix", "bc.example.org", "--update-existing", "--from"];
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_warecat"));
        command.arg("-C").arg(test.path()).args(args).arg(cache.path()).args(keyring);
        assert_eq!(command.output().unwrap().status.code(), Some(exit));
        let name = test.documents().into_keys().find(|path| path.contains("libgreet/_releases/")).unwrap();
        test.read(&name)
    };
    let keys = cache.path().join("keyring.asc");
    assert!(import(&["--keyring", keys.to_str().unwrap()], 0).contains("verified-by"));
    let old = Digest::of(&std::fs::read(cache.tarball(GREET)).unwrap()).hex();
    std::fs::write(cache.tarball(GREET), "another tarball").unwrap();
    cache.put_unsigned(GREET, &cache.json(GREET).replace(&old, &Digest::of(b"another tarball").hex()));
    let after = import(&[], 7);
    assert!(after.contains(&Digest::of(b"another tarball").to_cid().to_string()), "{after}");
    assert!(!after.contains("verified-by") && !after.contains("signed-by"), "{after}");
}

#[test]
fn a_tarball_with_other_bytes_is_refused() {
    let cache = Copy::new();
    std::fs::write(cache.tarball(GREET), "other bytes").unwrap();
    let import = Read::default().import(&cache.place());
    let line = only(&import);
    assert!(line.starts_with("entry-refused") && line.contains("but the spec says sha256:"), "{line}");
    assert_eq!((items(&import, GREET_HASH), items(&import, HELLO_HASH)), (vec!["spec".into()], vec![PLATFORM.into()]));
}

#[test]
fn a_tarball_that_is_not_there_is_told() {
    let cache = Copy::new();
    std::fs::remove_file(cache.tarball(GREET)).unwrap();
    let import = Read::default().import(&cache.place());
    let line = only(&import);
    assert!(line.starts_with("entry-odd") && line.ends_with("is not there"), "{line}");
    assert_eq!(items(&import, GREET_HASH), ["spec"]);
}

#[test]
fn an_index_that_does_not_match_its_checksum_is_not_used() {
    let cache = Copy::new();
    std::fs::write(cache.path().join("build_cache/index.json.hash"), "0".repeat(64)).unwrap();
    let import = Read::default().import(&cache.place());
    let line = only(&import);
    assert!(line.starts_with("entry-refused build_cache/index.json") && line.contains("its SHA-256 is"), "{line}");
    assert_eq!(import.source.counts["tarballs"], 2);
    let error = Read::of(Reading::Index).try_import(&cache.place()).unwrap_err();
    assert_eq!(error.code(), Code::SourceHashMismatch);
}

#[test]
fn what_is_no_spec_leaves_the_others() {
    let json = Copy::new().json(GREET);
    let wrong = [
        "",
        "{",
        "<html>",
        "{}",
        r#"{"spec":null}"#,
        r#"{"spec":{"_meta":{"version":1},"nodes":[]}}"#,
        &json.replace("1.2", "1.3"),
        &json.replace("sha256", "md5"),
        &"[".repeat(100_000),
    ];
    for text in wrong {
        let cache = Copy::new();
        cache.put_unsigned(GREET, text);
        let import = Read::of(Reading::Specs).import(&cache.place());
        let told = told(&import);
        assert!(told.iter().any(|line| line.starts_with("entry-refused")), "{text}: {told:#?}");
        assert_eq!(items(&import, HELLO_HASH), [PLATFORM], "{text}");
    }
}

#[test]
fn a_tarball_is_never_taken_for_that_of_a_dependency() {
    let cache = Copy::new();
    // The first node is what the tarball is of. Broken, it must not make the next one so.
    cache.put_unsigned(HELLO, &cache.json(HELLO).replacen("\"name\":\"hello-tool\"", "\"name\":7", 1));
    std::fs::remove_file(cache.spec(GREET)).unwrap();
    let import = Read::of(Reading::Specs).import(&cache.place());
    assert_eq!(import.source.counts["tarballs"], 0, "{:#?}", told(&import));
    assert_eq!(items(&import, GREET_HASH), ["spec"]);
}

#[test]
fn t03_links_in_a_folder_are_not_followed() {
    let cache = Copy::new();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), cache.json(GREET)).unwrap();
    std::fs::remove_file(cache.spec(GREET)).unwrap();
    std::os::unix::fs::symlink(outside.path(), cache.spec(GREET)).unwrap();
    let import = Read::of(Reading::Specs).import(&cache.place());
    assert!(only(&import).contains("it is not a regular file"));
}

#[test]
fn what_is_no_cache_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let error = Read::default().try_import(dir.path().to_str().unwrap()).unwrap_err();
    assert!(error.to_string().contains("is not a build cache"), "{error}");
    let error = Read::default().try_import("/nowhere/at/all").unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}
