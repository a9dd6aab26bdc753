//! Hostile catalogs as sites and on the command line (`threats.md` T-24 to T-27): every
//! field holds every attack; what comes out is read back, and nothing of it does
//! anything or is lost.
//!
//! There is no export to spreadsheets, so nothing to hold T-27 to but that its attacks
//! are shown as they are.

mod attacks;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use warecat::catalog::ModuleEntry;
use warecat::site::build;
use warecat::text::is_hidden;

use crate::site::{check_site, files, fixture, html, text};
use attacks::{ATTACKS, NAME, attacked};

type Site = BTreeMap<String, Vec<u8>>;

/// The text of an attack.
fn attack(name: &str) -> &'static str {
    ATTACKS.iter().find(|(known, _)| *known == name).unwrap().1
}

/// The site of all attacks, in a catalog that introduces itself with one of them.
fn site_of(text: &str) -> Site {
    built(&attacked(), text)
}

fn built(entries: &[ModuleEntry], text: &str) -> Site {
    let out = tempfile::tempdir().unwrap();
    let options = attacks::options(text);
    fixture::serve(entries, |modules| build(modules, out.path(), &options)).unwrap();
    files(out.path())
}

/// A text as a page shows it: what hides is an escape.
fn visible(text: &str) -> String {
    let is_odd = |c: char| is_hidden(c) || u32::from(c) & 0xfffe == 0xfffe;
    let show = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        c if is_odd(c) => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(show).collect()
}

/// Texts on one line, however they are laid out.
fn on_a_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A page without its links to its own whole address, which other tests look at.
fn without_own_address(mut site: Site) -> Site {
    for (path, page) in &mut site {
        if path.ends_with(".html") {
            let text = String::from_utf8(std::mem::take(page)).unwrap();
            let is_own = |line: &&str| !line.starts_with("<link rel=\"canonical\"");
            *page = text.lines().filter(is_own).flat_map(|line| [line, "\n"]).collect::<String>().into_bytes();
        }
    }
    site.remove("404.html");
    site
}

/// The data blocks of a page.
fn data_blocks(page: &str) -> Vec<&str> {
    let blocks = page.split("<script type=\"application/ld+json\">").skip(1);
    blocks.map(|rest| rest.split("</script>").next().unwrap()).collect()
}

fn module_path(name: &str) -> String {
    format!("x.org/attack/{name}/index.html")
}

#[test]
fn t24_every_attack_in_every_field_is_shown_and_does_nothing() {
    let site = without_own_address(site_of(attack("end-of-script")));
    check_site(&site);
    for (name, attack) in ATTACKS.iter().filter(|(_, attack)| !attack.trim().is_empty()) {
        let shown = on_a_line(&html::read(text(&site, &module_path(name))).unwrap().1);
        let expected = on_a_line(&visible(attack));
        // Title, description, homepage, licence, facts, and more of them on releases.
        let times = shown.matches(&expected).count();
        assert!(times >= 10, "{name} is shown {times} times: {expected:?}");
    }
}

#[test]
fn t24_no_catalog_introduces_itself_with_more_than_text() {
    let few = &attacked()[..2];
    for (name, attack) in ATTACKS {
        let site = without_own_address(built(few, attack));
        for page in ["index.html", "_about/index.html", "_verify/index.html", "_all/index.html"] {
            html::read(text(&site, page)).unwrap_or_else(|error| panic!("{name}: {page}: {error}"));
        }
        let is_page = |path: &str| path.starts_with("_sources/") && path.ends_with(".html");
        for (path, page) in site.iter().filter(|(path, _)| is_page(path)) {
            let (tags, shown) = html::read(std::str::from_utf8(page).unwrap()).unwrap();
            assert!(on_a_line(&shown).contains(&on_a_line(&visible(attack))), "{path} does not show {name}");
            let away = |tag: &html::Tag| tag.get("href").is_some_and(|href| href.contains("evil"));
            assert!(!tags.iter().any(|tag| away(tag) && tag.name != "a"), "{path}");
        }
    }
}

#[test]
fn t24_nothing_hidden_is_in_any_file_that_a_browser_opens() {
    for (path, bytes) in site_of(attack("bidi")) {
        if path.ends_with(".html") || path.ends_with(".xml") || path.ends_with(".svg") {
            let text = String::from_utf8(bytes).unwrap();
            // A variation selector of a name belongs to what is before it, and shows.
            let found = text.chars().find(|c| is_hidden(*c) && !matches!(c, '\n' | '\t'));
            assert_eq!(found, None, "{path}");
        }
    }
}

#[test]
fn t24_data_blocks_and_twins_are_json_that_lost_nothing() {
    let site = site_of(attack("script"));
    for (name, attack) in ATTACKS {
        let page = text(&site, &module_path(name));
        let [block] = data_blocks(page)[..] else { panic!("{name} has not one data block") };
        assert!(!block.contains(['<', '>', '&']) && !block.contains(is_hidden), "{name}: {block}");
        let block: Value = serde_json::from_str(block).unwrap();
        assert_eq!(block["@type"], "SoftwareApplication");
        assert_eq!(block["identifier"], format!("x.org/attack/{name}"));
        if !attack.trim().is_empty() {
            assert_eq!(on_a_line(block["name"].as_str().unwrap()), on_a_line(first_line(attack)));
            assert!(block["softwareVersion"].is_string());
        }
        for key in ["license", "sameAs"] {
            assert!(block.get(key).is_none(), "{name}: {key} is {}", block[key]);
        }
        let twin: Value = serde_json::from_slice(&site[&format!("x.org/attack/{name}/index.json")]).unwrap();
        assert_eq!(twin["metadata"]["description"], **attack, "{name}");
        for release in twin["releases"].as_array().unwrap() {
            assert_eq!(release["metadata"]["date"], **attack, "{name}");
        }
    }
    let [home] = data_blocks(text(&site, "index.html"))[..] else { panic!("home has not one data block") };
    let home: Value = serde_json::from_str(home).unwrap();
    assert_eq!(home["@graph"][1]["name"], attack("script"));
    let search = home["@graph"][0]["potentialAction"]["target"]["urlTemplate"].as_str().unwrap();
    assert!(search.starts_with("https://site.example/a/b/") && search.ends_with("?q={search_term_string}"), "{search}");
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}

#[test]
fn t24_drawings_hold_texts_and_links_within_the_site() {
    let site = without_own_address(site_of(attack("script")));
    let mut drawn = 0;
    for path in site.keys().filter(|path| path.ends_with(".html")) {
        let page = text(&site, path);
        for drawing in page.split("<svg").skip(1).map(|rest| rest.split("</svg>").next().unwrap()) {
            drawn += 1;
            let names = drawing.split('<').skip(1).filter(|tag| !tag.starts_with('/'));
            for tag in names {
                let name = tag.split([' ', '>']).next().unwrap();
                let known = ["title", "desc", "path", "a", "rect", "text"];
                assert!(known.contains(&name), "{path}: <{name}> in a drawing");
                let attributes = tag.split('>').next().unwrap().replace("&#39;", "");
                assert!(!attributes.contains(" on") && !attributes.contains("xlink:"), "{path}: {tag}");
            }
        }
    }
    assert!(drawn > ATTACKS.len(), "{drawn}");
}

#[test]
fn t25_no_shell_reads_anything_into_a_shown_command() {
    let site = site_of(attack("shell"));
    const COMMANDS: &[&str] =
        &["module ", "source ", "spack ", "apptainer ", "docker ", "warecat ", "git ", "sha256sum "];
    let mut withheld = 0;
    for path in site.keys().filter(|path| path.ends_with(".html") && !path.contains("/_replays/")) {
        let page = text(&site, path);
        withheld += page.matches("A command is not shown").count();
        for block in page.split("<pre").skip(1).map(|rest| rest.split("</pre>").next().unwrap()) {
            let label = block.split("aria-label=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            if label == "Citation" || label == "codemeta.json" || label.starts_with("Output of") {
                continue;
            }
            let code = block.split("<code>").nth(1).unwrap_or_default();
            for line in code.lines().filter(|line| COMMANDS.iter().any(|command| line.starts_with(command))) {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || " ./:@=_+-".contains(c);
                assert!(line.trim_end_matches("</code>").chars().all(is_plain), "{path}: {line}");
            }
        }
    }
    assert!(withheld >= ATTACKS.len(), "{withheld}");
}

fn warecat(folder: &Path, args: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_warecat")).arg("-C").arg(folder).args(args).output().unwrap()
}

#[test]
fn t26_no_attack_reaches_a_terminal_from_any_command_that_reads() {
    let dir = tempfile::tempdir().unwrap();
    attacks::write(dir.path(), &attacked(), attack("terminal"));
    let release = "2'&é ;%\u{fe0f}#$(x)";
    let mut asked = vec![vec!["ls".to_owned()], vec!["ls".into(), "--json".into()], vec!["check".into()]];
    for name in ATTACKS.iter().map(|(name, _)| format!("x.org/attack/{name}")).chain([NAME.to_owned()]) {
        asked.push(vec!["show".into(), name.clone()]);
        asked.push(vec!["show".into(), format!("{name}:{release}")]);
        asked.push(vec!["show".into(), "--json".into(), format!("{name}:{release}")]);
        asked.push(vec!["resolve".into(), format!("{name}:{release}:'&é ;2")]);
    }
    for (_, attack) in ATTACKS.iter().filter(|(_, attack)| !attack.contains('\0')) {
        asked.push(vec!["ls".into(), "--".into(), (*attack).into()]);
        asked.push(vec!["show".into(), "--".into(), (*attack).into()]);
        asked.push(vec!["resolve".into(), "--".into(), (*attack).into()]);
        if has_search(dir.path()) {
            asked.push(vec!["search".into(), "--".into(), (*attack).into()]);
        }
    }
    let mut answered = 0;
    for args in asked {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let done = warecat(dir.path(), &words);
        answered += usize::from(done.status.success());
        assert_ne!(done.status.code(), Some(101), "{args:?} panics");
        for bytes in [&done.stdout, &done.stderr] {
            let text = String::from_utf8_lossy(bytes);
            let found = text.chars().find(|c| is_hidden(*c) && !matches!(c, '\n' | '\t'));
            assert_eq!(found, None, "{args:?}: {text}");
        }
    }
    assert!(answered >= ATTACKS.len() * 4, "{answered} answers");
}

fn has_search(folder: &Path) -> bool {
    warecat(folder, &["search", "--help"]).status.success()
}

#[test]
fn t24_commits_with_hostile_subjects_are_shown_and_do_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = dir.path().join("catalog");
    let entries = attacked();
    attacks::write(&catalog, &entries[..4], attack("tera"));
    attacks::commit(&catalog, attack("script"));
    for (n, (_, text)) in ATTACKS.iter().enumerate().take(8) {
        attacks::write(&catalog, &entries[4 + n..5 + n], attack("tera"));
        attacks::commit(&catalog, text);
    }
    let out = dir.path().join("site");
    let done = warecat(&catalog, &["site", "build", "--output", out.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let site = files(&out);
    check_site(&site);
    for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with(".xml")) {
        let text = std::str::from_utf8(bytes).unwrap();
        for odd in ["<script", "<img", "<svg"] {
            assert!(!text.contains(odd), "{path}: {odd}");
        }
    }
}

#[test]
fn t27_what_a_spreadsheet_would_compute_is_shown_as_it_is() {
    let site = site_of(attack("formula"));
    for path in site.keys() {
        assert!(
            !path.ends_with(".csv") && !path.ends_with(".tsv"),
            "{path}: an export for spreadsheets needs its own quoting"
        );
    }
    assert!(html::read(text(&site, &module_path("formula"))).unwrap().1.contains("=cmd|' /C calc'!A0"));
}

/// For a browser: `WARECAT_HOSTILE=/tmp/x cargo test --test it write_hostile_catalog -- --ignored`.
#[test]
#[ignore = "writes a catalog of attacks to the folder that WARECAT_HOSTILE names"]
fn write_hostile_catalog() {
    let folder = std::path::PathBuf::from(std::env::var("WARECAT_HOSTILE").unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let entries = attacked();
    // Two commits, so that there is something that changed.
    attacks::write(&folder, &entries[..entries.len() - 3], attack("end-of-script"));
    attacks::commit(&folder, attack("script"));
    attacks::write(&folder, &entries, attack("end-of-script"));
    attacks::commit(&folder, attack("end-of-script"));
}
