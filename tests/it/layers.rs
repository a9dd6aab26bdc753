//! Holds every `crate::` path of the sources against the layer table of `src/lib.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("code", &[][..]),
        ("text", &[]),
        ("model", &["code", "text"]),
        ("git", &["code", "text"]),
        ("tree", &["code", "text", "model"]),
        ("store", &["code", "text", "model"]),
        ("mirror", &["code", "text", "model"]),
        ("import", &["code", "text", "model", "mirror"]),
        ("catalog", &["code", "text", "model", "tree", "store", "git"]),
        ("search", &["code", "text", "model", "catalog"]),
        ("site", &["code", "text", "model", "catalog", "search"]),
        ("server", &["code", "text", "model", "mirror", "catalog", "search", "site"]),
    ])
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_module_uses_only_the_layers_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let allowed = allowed();
    for file in files {
        let inner = file.strip_prefix(&src).unwrap();
        let layer = inner.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some(may) = allowed.get(layer.as_str()) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for path in line.split("crate::").skip(1) {
                let used: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(
                    used == layer || may.contains(&used.as_str()),
                    "{}: `{layer}` may not use `crate::{used}`",
                    inner.display()
                );
            }
        }
    }
}
