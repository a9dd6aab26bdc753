//! Holds the documents to the program, and the committed example to what it makes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use warecat::catalog::config::{About, Config, Site, SourceConfig, SourceKind, SourceOptions};
use warecat::code::{Code, Exit};
use warecat::model::metadata::{MODULE_KEYS, RELEASE_KEYS};

use crate::transcripts::{root, shell};

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn the_reference_of_commands_is_the_programs_own() {
    let dir = tempfile::tempdir().unwrap();
    let done = shell(dir.path(), "warecat cli-reference").current_dir(dir.path()).output().unwrap();
    let found = String::from_utf8(done.stdout).unwrap();
    assert!(found == text("docs/cli.md"), "run `cargo run -- cli-reference > docs/cli.md`");
}

#[test]
fn every_code_has_a_paragraph_and_no_other() {
    let text = text("docs/codes.md");
    let sections: Vec<(&str, &str)> = text.split("\n### ").skip(1).filter_map(|part| part.split_once('\n')).collect();
    let titles: Vec<&str> = sections.iter().map(|(title, _)| *title).collect();
    let titles_once: BTreeSet<&str> = titles.iter().copied().collect();
    assert_eq!(titles.len(), titles_once.len(), "a code stands twice");
    let expected: BTreeSet<String> = Code::ALL.iter().map(|code| format!("`{code}` ({})", code.exit() as u8)).collect();
    assert_eq!(titles_once, expected.iter().map(String::as_str).collect());
    for (title, body) in sections {
        let body = body.split("\n## ").next().unwrap();
        assert!(body.trim().len() > 60, "{title} says too little");
    }
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let source = SourceConfig {
        name: "a".into(),
        kind: SourceKind::Eessi,
        prefix: "a.org".parse().unwrap(),
        location: vec!["x".into()],
        enabled: false,
        licence: Some("MIT".into()),
        options: SourceOptions {
            eessi_version: Some("2023.06".into()),
            extensions: false,
            prune: true,
            keyring: Some("k".into()),
            partitions: vec!["a".into()],
            mirror_root: Some("file:///a".parse().unwrap()),
        },
    };
    let config = Config {
        catalog: About { name: Some("a".into()), description: Some("b".into()) },
        site: Site { title: Some("a".into()), base_url: Some("/".into()), changes: Some(20) },
        sources: vec![source],
    };
    let document = text("docs/catalog-toml.md");
    let mut keys = BTreeSet::new();
    for line in config.to_text().lines() {
        match line.split_once(" = ") {
            Some((key, _)) => assert!(document.contains(&format!("\n| `{key}` |")), "`{key}` has no row"),
            None => assert!(line.is_empty() || document.contains(&format!("`{line}`")), "{line} has no section"),
        }
        keys.extend(line.split_once(" = ").map(|(key, _)| key.to_owned()));
    }
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(key, _)| key);
    let extra: Vec<&str> = rows.filter(|key| !keys.contains(*key) && *key != "options").collect();
    assert_eq!(extra, Vec::<&str>::new(), "rows of keys that there are none of");
}

#[test]
fn the_example_in_the_configurations_document_is_one() {
    let document = text("docs/catalog-toml.md");
    let example = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let config = Config::parse(example.as_bytes()).unwrap();
    assert_eq!(config.sources[0].options.eessi_version.as_deref(), Some("2025.06"));
}

#[test]
fn every_well_known_metadata_key_is_documented() {
    let document = text("docs/format.md");
    for key in MODULE_KEYS.iter().chain(RELEASE_KEYS) {
        assert!(document.contains(&format!("\n| `{}` |", key.name)), "`{}` has no row in docs/format.md", key.name);
    }
}

#[test]
fn every_exit_status_is_in_the_readme() {
    let readme = text("README.md");
    let mut code = Exit::Done as u8;
    while code <= Exit::Locked as u8 {
        assert!(readme.contains(&format!("\n| {code} |")), "exit status {code} is not in README.md");
        code += 1;
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut files = vec!["README.md".to_owned(), "ARCHITECTURE.md".into(), "CHANGELOG.md".into()];
    files.extend(std::fs::read_dir(root().join("docs")).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.ends_with(".md").then(|| format!("docs/{name}"))
    }));
    files.push("catalog-example/README.md".into());
    for file in files {
        let text = text(&file);
        let folder = Path::new(&file).parent().unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap().trim_end_matches('/');
            let is_here = target.is_empty() || target.contains("://");
            assert!(is_here || root().join(folder).join(target).exists(), "{file}: `{target}` leads nowhere");
        }
    }
}

#[test]
fn the_committed_example_is_what_quickstart_makes() {
    let dir = tempfile::tempdir().unwrap();
    let done = shell(dir.path(), "warecat -q quickstart made").current_dir(dir.path()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut made = tree(&dir.path().join("made"));
    let mut kept = tree(&root().join("catalog-example"));
    kept.remove("README.md").expect("it says what the example is");
    made.retain(|path, bytes| kept.remove(path).as_ref() != Some(bytes));
    let differing: Vec<&String> = made.keys().chain(kept.keys()).collect();
    assert!(
        differing.is_empty(),
        "catalog-example is not what `quickstart` makes; run `just example`, or tests/renew-example: {differing:#?}"
    );
}

#[test]
fn patchelf_has_the_cid_that_warpforges_own_catalog_publishes() {
    let module = text("catalog-example/warpsys.org/patchelf/_module.json");
    let published = "zM5K3XH5Lo7NwknuSfUKMZLF6D2AKtiAT4PfKcpsifi7mLncd2YHowZRTKq7amDjTmGNiXr";
    assert!(module.contains(&format!("\"v0.14.5\": \"{published}\"")), "{module}");
}

/// The files of a folder by path, without what git does not keep.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    gather(folder, "", &mut found);
    found
}

fn gather(folder: &Path, above: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if above.is_empty() && [".git", ".warecat", "_site"].contains(&name.as_str()) {
            continue;
        }
        let path = format!("{above}{name}");
        if entry.file_type().unwrap().is_dir() {
            gather(&entry.path(), &format!("{path}/"), found);
        } else {
            found.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}
