//! Pages that explain, structured data, and the drawings of provenance.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use warecat::catalog::ModuleEntry;
use warecat::site::{Options, build};

use crate::site::fixture::{Draft, plot, serve, small};
use crate::site::{check_site, files, html, options, text};

type Site = BTreeMap<String, Vec<u8>>;

fn built(entries: &[ModuleEntry], options: &Options<'_>) -> Site {
    let out = tempfile::tempdir().unwrap();
    serve(entries, |modules| build(modules, out.path(), options)).unwrap();
    files(out.path())
}

/// The lines of all command blocks of a page.
fn lines(page: &str) -> Vec<String> {
    let blocks = page.split("<pre").skip(1).filter(|block| !block.contains("aria-label=\"Citation\""));
    let code = blocks.filter_map(|block| block.split("<code>").nth(1)?.split("</code>").next());
    code.flat_map(str::lines).map(str::to_owned).collect()
}

/// Runs a line as a visitor would; gives what it printed.
fn run(folder: &Path, line: &str) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_warecat")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let done = Command::new("sh").args(["-c", line]).current_dir(folder).env("PATH", path).output().unwrap();
    assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &there) } else { assert!(std::fs::copy(&path, &there).is_ok()) }
    }
}

fn commit(folder: &Path) -> String {
    let repo = git2::Repository::init(folder).unwrap();
    let mut index = repo.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::new("x", "x@example.org", &git2::Time::new(1_787_000_000, 0)).unwrap();
    repo.commit(Some("HEAD"), &who, &who, "all", &tree, &[]).unwrap().to_string()
}

#[test]
fn every_line_that_says_how_to_check_does_what_its_page_says() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = dir.path().join("catalog");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog-example"), &catalog);
    let head = commit(&catalog);
    run(&catalog, "warecat site build --output ../site");
    let site = files(&dir.path().join("site"));

    let page = text(&site, "_verify/index.html");
    let found = lines(page);
    for wanted in ["warecat check", "git rev-parse HEAD", "warecat site build --output _site"] {
        assert!(found.iter().any(|line| line == wanted), "{wanted:?} is not among {found:?}");
    }
    for line in &found {
        let printed = run(&catalog, line);
        // What a line prints is what the page says that it prints.
        if line.starts_with("git rev-parse") {
            assert!(printed.contains(&head) && page.contains(&head), "{line}");
        } else if line.starts_with("warecat show") {
            let cid = printed.split("cid\t").nth(1).unwrap().lines().next().unwrap();
            assert!(page.contains(cid), "{line}: {cid}");
        } else if line.starts_with("warecat resolve") {
            assert!(page.contains(printed.split_whitespace().next().unwrap()), "{line}: {printed}");
        }
    }
    let again = files(&catalog.join("_site"));
    assert!(again == site, "the same commit gives other pages");
    assert!(!page.contains("verify-proof"), "no command is named that there is not");

    let page = text(&site, "_sources/eessi/index.html");
    for line in lines(page) {
        let printed = run(&catalog.join("sources/eessi"), &line);
        let sha256 = printed.split_whitespace().next().unwrap();
        assert!(page.contains(sha256), "{line}: {sha256}");
    }

    for module in ["eessi.io/2023.06/salmon", "warpsys.org/patchelf"] {
        let page = text(&site, &format!("{module}/index.html"));
        let trust = page.split("id=\"trust\"").nth(1).unwrap();
        let checks: Vec<_> = lines(trust).into_iter().filter(|line| line.starts_with("warecat ")).collect();
        assert_eq!(checks.len(), 3, "{checks:?}");
        let shown = run(&catalog, &checks[1]);
        let cid = shown.split("cid\t").nth(1).unwrap().lines().next().unwrap();
        assert!(trust.contains(&format!("<code class=\"cid\">{cid}</code>")), "{cid}");
        run(&catalog, &checks[2]);
    }
}

#[test]
fn a_module_is_described_for_search_engines() {
    let options = Options { base_url: Some("https://site.example/c/".into()), ..options() };
    let site = built(&small(), &options);
    let page = text(&site, "eessi.io/2023.06/gromacs/index.html");
    let block = page.split("<script type=\"application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let found: Value = serde_json::from_str(block).unwrap();
    let expected = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": "GROMACS",
        "identifier": "eessi.io/2023.06/gromacs",
        "url": "https://site.example/c/eessi.io/2023.06/gromacs/",
        "softwareVersion": "2024.4",
        "license": "https://spdx.org/licenses/LGPL-2.1-or-later",
        "operatingSystem": "Linux",
        "processorRequirements": "aarch64, x86_64",
        "description": "Simulates how molecules move.",
        "sameAs": "https://gromacs.example/",
    });
    assert_eq!(found, expected);
    for property in ["og:title", "og:description", "og:url", "og:site_name", "twitter:title", "twitter:description"] {
        assert!(page.contains(&format!("=\"{property}\" content=\"")), "{property}");
    }
    // What is not known is not said.
    let bash = text(&site, "warpsys.org/bash/index.html");
    assert!(!bash.contains("\"license\":\"") && !bash.contains("operatingSystem"));
}

#[test]
fn a_citation_names_the_release_and_its_cid() {
    let site = built(&small(), &options());
    let shown = html::read(text(&site, "eessi.io/2023.06/gromacs/index.html")).unwrap().1;
    let twin: Value = serde_json::from_slice(&site["eessi.io/2023.06/gromacs/index.json"]).unwrap();
    let release = &twin["releases"][0];
    let cid = release["cid"].as_str().unwrap();
    let cited = format!(
        "GROMACS 2024.4. Test catalog, release eessi.io/2023.06/gromacs:{}, CID {cid}.",
        release["name"].as_str().unwrap()
    );
    assert!(shown.contains(&cited), "{cited}");
    let codemeta = shown.split("As codemeta.json:\n").nth(1).unwrap();
    let mut values = serde_json::Deserializer::from_str(codemeta).into_iter::<Value>();
    let codemeta = values.next().unwrap().unwrap();
    assert_eq!(codemeta["identifier"][1], cid);
    assert_eq!(codemeta["license"], "https://spdx.org/licenses/LGPL-2.1-or-later");
}

/// The drawing of a page: its links with their labels, in order.
fn drawn(page: &str) -> Vec<(String, String)> {
    let drawing = page.split("<svg").nth(1).unwrap().split("</svg>").next().unwrap();
    let nodes = drawing.split("<a href=\"").skip(1);
    nodes
        .map(|node| {
            let label = node.rsplit("<text").next().unwrap().split(['>', '<']).nth(1).unwrap();
            (node.split('"').next().unwrap().to_owned(), label.to_owned())
        })
        .collect()
}

#[test]
fn provenance_goes_both_ways_and_over_levels() {
    let site = built(&small(), &options());
    let page = text(&site, "eessi.io/2023.06/openmpi/index.html");
    let labels: Vec<_> = drawn(page).into_iter().map(|(_, label)| label).collect();
    assert_eq!(labels[..2], ["OpenMPI 4.1.6-GCC-13.2.0", "GCC 13.2.0"]);
    assert_eq!(labels.iter().filter(|label| label.starts_with("GROMACS")).count(), 3);
    // GROMACS requires GCC as well, which OpenMPI implies; and Java, which is not there.
    let page = text(&site, "eessi.io/2023.06/gromacs/index.html");
    assert_eq!(drawn(page).last().unwrap().1, "1 not in this catalog");
    let shown = html::read(page).unwrap().1;
    let list = shown.split("level by level").nth(1).unwrap().split("The same as a drawing").next().unwrap();
    assert_eq!(list.matches("GCC 13.2.0").count(), 1, "{list}");
    assert!(list.contains("1 not in this catalog") && shown.contains("requires 3 releases directly"), "{shown}");
    // Who has no replay and no user has nothing to draw.
    assert!(!text(&site, "eessi.io/2023.06/ext/r/rcpp/index.html").contains("<svg"));
    check_site(&site);
}

/// A module whose one release requires others.
fn requiring(name: &str, needs: &[String]) -> ModuleEntry {
    let draft = Draft::new(name).release("1", |draft, release| {
        let inputs: Vec<_> = needs.iter().map(|need| format!("catalog:x.org/{need}:1:src")).collect();
        draft.replay(release, "published", plot(&inputs, "make"));
    });
    draft.done()
}

#[test]
fn a_large_provenance_is_cut_and_says_so() {
    let mut entries: Vec<_> = (0..300)
        .map(|n| {
            let needs: Vec<_> = (1..=12).map(|k| format!("m{:03}", n + k * (n % 7 + 1))).collect();
            requiring(&format!("x.org/m{n:03}"), &needs)
        })
        .collect();
    let all: Vec<_> = (0..300).map(|n| format!("m{n:03}")).collect();
    entries.push(requiring("x.org/all", &all));
    let site = built(&entries, &options());
    check_site(&site);
    for path in ["x.org/all/index.html", "x.org/m000/index.html", "x.org/m100/index.html"] {
        let page = text(&site, path);
        let drawing = page.split("<svg").nth(1).unwrap().split("</svg>").next().unwrap();
        let nodes = drawn(page);
        assert!(nodes.len() <= 41 && drawing.len() < 12_000, "{path}: {} nodes, {} bytes", nodes.len(), drawing.len());
        let page = html::read(page).unwrap().1;
        assert!(page.contains("Not all is followed"), "{path} does not say that it is cut");
    }
    let nodes = drawn(text(&site, "x.org/all/index.html"));
    assert!(nodes.iter().any(|(href, label)| label == "267 more" && href == "#r-1"), "{nodes:?}");
    assert!(text(&site, "x.org/all/index.html").contains("Requires 300 directly"));
    let users = drawn(text(&site, "x.org/m100/index.html"));
    assert!(users.iter().any(|(_, label)| label.ends_with(" more")), "{users:?}");
}

#[test]
fn releases_that_require_each_other_are_drawn_as_a_circle() {
    let entries = [
        requiring("x.org/a", &["b".into()]),
        requiring("x.org/b", &["c".into()]),
        requiring("x.org/c", &["a".into(), "c".into()]),
    ];
    let site = built(&entries, &options());
    check_site(&site);
    assert_eq!(drawn(text(&site, "x.org/a/index.html")).len(), 3);
    assert!(html::read(text(&site, "x.org/a/index.html")).unwrap().1.contains("a 1 again: a circle"));
}

#[test]
fn t36_a_release_says_that_its_replay_is_not_hermetic() {
    let with_network = |network: bool| {
        let json = serde_json::json!({"inputs": {}, "outputs": {}, "steps": {"fetch": {"protoformula": {
            "inputs": {}, "outputs": {},
            "action": {"exec": {"command": ["curl"], "network": network}},
        }}}});
        let name = if network { "x.org/open" } else { "x.org/shut" };
        let draft = Draft::new(name).release("1", |draft, release| {
            draft.replay(release, "published", serde_json::from_value(json).unwrap());
        });
        draft.done()
    };
    let site = built(&[with_network(true), with_network(false)], &options());
    let shown = |path: &str| html::read(text(&site, path)).unwrap().1;
    assert!(shown("x.org/open/index.html").contains("not hermetic"));
    assert!(!shown("x.org/shut/index.html").contains("not hermetic"));
    let replay = |module: &str| site.keys().find(|path| path.starts_with(&format!("{module}/_replays/"))).unwrap();
    let page = shown(replay("x.org/open"));
    assert!(page.contains("Not hermetic.") && page.contains("the network in step `fetch`"), "{page}");
    assert!(shown(replay("x.org/shut")).contains("hermetic No mounts"));
}

#[test]
fn what_a_replay_page_leaves_out_it_says() {
    let many: Vec<String> = (0..3100).map(|n| format!("literal:{n}")).collect();
    let entry = Draft::new("x.org/many").release("1", |draft, release| {
        let mut plot = plot(&many, "make");
        for n in 0..30 {
            let mount = "mount:ro:/usr".parse().map(warecat::model::PlotInput::Simple).unwrap();
            plot.inputs.insert(format!("host-{n}"), mount);
        }
        draft.replay(release, "published", plot);
    });
    let site = built(&[entry.done()], &options());
    check_site(&site);
    let path = site.keys().find(|path| path.contains("_replays/") && path.ends_with(".html")).unwrap();
    let shown = html::read(text(&site, path)).unwrap().1;
    assert!(shown.contains("Not all inputs, steps, lines and outputs are shown here"));
    assert!(shown.contains("and perhaps more: the plot below says all"));
}
