//! The static site: what it shows, that it is safe, and that it is stable.

pub(crate) mod fixture;
pub(crate) mod html;
mod incremental;
pub(crate) mod spack;
pub(crate) mod twins;
pub(crate) mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use warecat::catalog::ModuleEntry;
use warecat::code::Code;
use warecat::model::ModuleName;
use warecat::site::{Commit, LoadError, Modules, Options, Report, Shown, SiteError, SourceAt, TEMPLATES, build};

use fixture::{Draft, eessi_release, extension_release, serve, small};

pub(crate) fn options() -> Options<'static> {
    Options {
        title: "Test catalog".into(),
        description: "Software for tests, and nothing else.".into(),
        tool_version: "0.0.0-test".into(),
        sources: vec![source()],
        commit: at_commit("0123456789abcdef0123456789abcdef01234567".into()),
        ..Options::default()
    }
}

/// The state of a commit, always of the same day.
fn at_commit(id: String) -> Shown<'static> {
    Some(Commit { id, date: Some("2026-08-22T00:00:00Z".into()) }).into()
}

fn source() -> SourceAt {
    let source = serde_json::from_str(
        r#"{"kind":"eessi","name":"eessi","version":"2023.06","timestamp":"2026-08-21T12:54:24Z",
            "url":"https://data.example/api/","files":[{"name":"software.json","sha256":"00ff","size":7800000}],
            "counts":{"software":4,"releases":8}}"#,
    )
    .unwrap();
    SourceAt { prefix: "eessi.io".parse().unwrap(), source }
}

pub(crate) fn build_in(out: &Path, entries: &[ModuleEntry], options: &Options<'_>) -> Result<Report, SiteError> {
    serve(entries, |modules| build(modules, out, options))
}

#[test]
#[ignore = "writes a site to look at to the folder WARECAT_SITE, with the templates of WARECAT_TEMPLATES"]
fn look() {
    let out = std::env::var("WARECAT_SITE").unwrap();
    let options = Options { templates: std::env::var_os("WARECAT_TEMPLATES").map(Into::into), ..options() };
    let folder = spack::imported(spack::recipes().into_iter().chain(spack::cache()).collect());
    let spack = folder.open();
    let spack = spack.module_names().unwrap().into_iter().map(|name| spack.load_module(&name).unwrap().unwrap());
    let entries: Vec<_> = small().into_iter().chain(fixture::images()).chain(hostile()).chain(spack).collect();
    println!("{:?}", build_in(Path::new(&out), &entries, &options).unwrap());
}

/// Every file of a folder, by its path below it, but what a build left for the next.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, dir: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else if path.file_name().unwrap() != ".warecat-site.state" {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(root, root, &mut found);
    found
}

pub(crate) fn built(entries: &[ModuleEntry]) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), entries, &options()).unwrap();
    files(out.path())
}

pub(crate) fn text<'a>(site: &'a BTreeMap<String, Vec<u8>>, path: &str) -> &'a str {
    std::str::from_utf8(site.get(path).unwrap_or_else(|| panic!("{path} is not there: {:?}", site.keys()))).unwrap()
}

fn decoded(url: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = url.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The file that a relative link leads to.
fn target(from: &str, link: &str) -> String {
    let mut parts: Vec<String> = from.split('/').map(str::to_owned).collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{from}: {link} leaves the site"),
            part => parts.push(decoded(part)),
        }
    }
    parts.join("/")
}

/// Reads every page strictly; checks what holds for all: links lead to files and
/// anchors, ids are unique, nothing runs, nothing is fetched from elsewhere.
pub(crate) fn check_site(site: &BTreeMap<String, Vec<u8>>) {
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut links: Vec<(&str, String)> = Vec::new();
    let mut titles = BTreeSet::new();
    for path in site.keys().filter(|path| path.ends_with(".html")) {
        let page = text(site, path);
        let (tags, _) = html::read(page).unwrap_or_else(|error| panic!("{path}: {error}"));
        let title = page.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        assert!(titles.insert(title.to_owned()), "{path}: the title {title} stands twice");
        assert_eq!(tags.iter().filter(|tag| tag.name == "h1").count(), 1, "{path}");
        let levels = tags.iter().filter_map(|t| t.name.strip_prefix('h').and_then(|n| n.parse::<u32>().ok()));
        levels.fold(0, |last, level| {
            assert!(level <= last + 1, "{path}: a heading of level {level} after one of {last}");
            level
        });
        let page_ids = ids.entry(path).or_default();
        for tag in &tags {
            assert!(
                !["style", "iframe", "object", "embed", "base", "img"].contains(&tag.name.as_str()),
                "{path}: <{}>",
                tag.name
            );
            // Our own scripts, and data for search engines, which no browser runs.
            let ours = ["_assets/site.js", "_assets/theme.js"];
            let is_ours = tag.get("src").is_some_and(|src| ours.contains(&target(path, src).as_str()));
            let is_data = tag.get("type") == Some("application/ld+json") && tag.get("src").is_none();
            assert!(tag.name != "script" || is_ours || is_data, "{path}: {tag:?}");
            for (name, value) in &tag.attributes {
                assert!(!name.starts_with("on") && name != "style", "{path}: {name}={value}");
                assert!(name != "src" || tag.name == "script", "{path}: {name}={value}");
                assert!(name != "action" || !value.contains(':'), "{path}: {name}={value}");
                match name.as_str() {
                    "id" => assert!(page_ids.insert(value.clone()), "{path}: the id {value} stands twice"),
                    "href" if value.starts_with("http") || value.starts_with("mailto:") => {
                        assert_eq!(tag.name, "a", "{path}: {value} would be fetched");
                        assert_eq!(tag.get("rel"), Some("nofollow noopener"), "{path}: {value}");
                    }
                    "href" => {
                        assert!(!value.contains(':'), "{path}: {value}");
                        links.push((path, value.clone()));
                    }
                    _ => {}
                }
            }
        }
    }
    for (path, link) in links {
        let (file, anchor) = link.split_once('#').map_or((link.as_str(), None), |(file, id)| (file, Some(id)));
        let file = if file.is_empty() { path.to_owned() } else { target(path, file) };
        assert!(site.contains_key(&file), "{path}: {link} leads to {file}, which is not there");
        if let Some(anchor) = anchor {
            assert!(ids[file.as_str()].contains(anchor), "{path}: {link} has no anchor");
        }
    }
}

#[test]
fn a_small_site_is_whole_and_every_link_leads_somewhere() {
    check_site(&built(&small()));
}

#[test]
fn pages_look_as_they_did() {
    let site = built(&small());
    for page in [
        "index.html",
        "_all/index.html",
        "404.html",
        "eessi.io/2023.06/index.html",
        "eessi.io/2023.06/openmpi/index.html",
        "eessi.io/2023.06/ext/r/rcpp/index.html",
        "warpsys.org/bash/index.html",
    ] {
        insta::assert_snapshot!(page.replace('/', "-"), text(&site, page));
    }
    let replay = site.keys().find(|path| path.starts_with("warpsys.org/bash/_replays/")).unwrap();
    insta::assert_snapshot!("replay", text(&site, replay));
    // A plot that warecat wrote says nothing of how upstream built it.
    let derived = site.keys().find(|path| path.starts_with("eessi.io/2023.06/gromacs/_replays/")).unwrap();
    let page = text(&site, derived);
    assert!(page.contains("says nothing of how upstream") && !page.contains(">hermetic<"), "{page}");
}

#[test]
fn a_module_page_says_what_there_is() {
    let site = built(&small());
    let page = text(&site, "eessi.io/2023.06/gromacs/index.html");
    let (tags, shown) = html::read(page).unwrap();
    for words in [
        "module load GROMACS/2024.4-foss-2023b\n",
        "source /cvmfs/software.eessi.io/versions/2023.06/init/lmod/bash\n",
        "Latest release, with an accelerator",
        "LGPL-2.1-or-later",
        "wrong forces on some systems",
        "derived, written by warecat from what upstream says",
        "names a place in CernVM-FS, not bytes",
        "x86_64-amd-zen2-nvidia-cc80",
        "cvmfs://software.eessi.io/versions/2023.06/software/linux/x86_64/amd/zen4/software/GROMACS/2024.4-foss-2023b",
        "eessi.io/2023.06/java:17 not in this catalog",
        "as of 2026-08-21T12:54:24Z",
    ] {
        assert!(shown.contains(words), "{words:?} is not shown");
    }
    assert!(!shown.contains("0123456789ab"), "a new commit rewrites every page");
    assert!(text(&site, "index.html").contains("0123456789ab"), "home does not show the commit");
    let order: Vec<_> = tags.iter().filter_map(|tag| tag.get("id")?.strip_prefix("r-")).collect();
    assert_eq!(order, ["2024.4-foss-2023b-CUDA-12.4.0", "2024.4-foss-2023b", "2024.1-foss-2023b", "2023.0-foss-2022b"]);
    let gcc = html::read(text(&site, "eessi.io/2023.06/gcc/index.html")).unwrap().1;
    assert!(gcc.contains("Required by 6"), "{gcc}");
    let r = html::read(text(&site, "eessi.io/2023.06/r/index.html")).unwrap().1;
    assert!(r.contains("Provides 6 R packages") && r.contains("ggplot2 1.1.1"), "{r}");
    let ext = html::read(text(&site, "eessi.io/2023.06/ext/r/rcpp/index.html")).unwrap().1;
    assert!(
        ext.contains("module load R/4.4.1-gfbf-2023b") && ext.contains("see R 4.4.1-gfbf-2023b, which has the mirrors")
    );
    assert!(html::read(text(&site, "warpsys.org/bash/index.html")).unwrap().1.contains("published by upstream"));
}

/// The texts of the cells of a table's rows, those of the head first.
fn rows(page: &str, class: &str) -> Vec<Vec<String>> {
    let table = page.split(&format!("<table class=\"{class}\">")).nth(1).unwrap().split("</table>").next().unwrap();
    let cell = |cell: &str| {
        let inner = cell.split_once('>').unwrap().1;
        inner.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<String>()
    };
    let row = |row: &str| {
        let cells = row.replace("<th", "<td");
        cells.split("<td").skip(1).map(|text| cell(text).trim().to_owned()).collect()
    };
    table.replace("<thead", "").split("<tr").skip(1).map(row).collect()
}

#[test]
fn the_version_table_says_of_each_release_what_is_compared() {
    let entry = Draft::new("x.org/images")
        .release("1.0", |draft, release| {
            release.items.insert("linux-amd64".parse().unwrap(), fixture::place_ware("one"));
            release.metadata.insert("date".into(), "2026-01-02".into());
            release.metadata.insert("yanked".into(), "it does not start".into());
            draft.record(release, "{\"images\":{\"linux-amd64\":{\"size\":412000000}}}");
        })
        .release("2.0", |draft, release| {
            for item in ["linux-amd64", "linux-arm64", "linux-riscv64"] {
                release.items.insert(item.parse().unwrap(), fixture::place_ware(item));
            }
            let layers = "{\"manifest\":{\"layers\":[{\"size\":1000000},{\"size\":2000000}]}}";
            draft.record(release, &format!("{{\"images\":{{\"a\":{layers},\"b\":{{\"size\":9000}}}}}}"));
        })
        .done();
    let site = built(&[entry]);
    let page = text(&site, "x.org/images/index.html");
    let expected: [&[&str]; 3] = [
        &["Release", "Date", "Targets", "Size", "Ware"],
        &["2.0 latest", "", "3", "9.0 kB – 3.0 MB", "3 items"],
        &["1.0 yanked it does not start", "2026-01-02", "linux-amd64", "412 MB"],
    ];
    let rows = rows(page, "versions");
    assert_eq!(rows[..2], expected[..2], "a column that no row fills is not there");
    assert_eq!(rows[2][..4], *expected[2]);
    assert_eq!(rows[2][4], fixture::place_ware("one").to_string(), "the one ware, whole");
}

#[test]
fn what_is_old_is_told_without_a_clock() {
    let mut options = options();
    let mut newer = source();
    newer.prefix = "warpsys.org".parse().unwrap();
    newer.source.name = "by hand".into();
    newer.source.timestamp = Some("2026-11-01".into());
    options.sources.push(newer);
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), &small(), &options).unwrap();
    let site = files(out.path());
    let home = html::read(text(&site, "index.html")).unwrap().1;
    assert!(home.contains("What eessi says is 72 days older than the newest of this catalog."), "{home}");
    assert!(!home.contains("What by hand says"), "{home}");
    let foot = |page: &str| text(&site, page).split("<footer").nth(1).unwrap().to_owned();
    let (eessi, bash) = (foot("eessi.io/2023.06/gcc/index.html"), foot("warpsys.org/bash/index.html"));
    assert!(eessi.contains("<b>eessi</b>") && !eessi.contains("by hand"), "{eessi}");
    assert!(bash.contains("<b>by hand</b>") && !bash.contains("<b>eessi</b>"), "{bash}");
    assert!(foot("_all/index.html").contains("<b>eessi</b>") && foot("_all/index.html").contains("<b>by hand</b>"));
    assert!(!foot("index.html").contains("<b>eessi</b>"), "home shows its sources above");
}

/// Texts that would do something in a page that did not escape them.
pub(crate) const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{ site.title }}{% raw %}<!-- -->]]>",
    "a\u{202e}b\u{2066}c\0d\u{1b}[31me\rf\u{feff}\u{ffff}",
    "$(rm -rf ~);`id`|&",
    "",
    "\n\n",
    "&amp;&#60;script&#62;",
];

fn hostile() -> Vec<ModuleEntry> {
    let name = "x.org/a;b$(c)'&%41#=+";
    let mut draft = Draft::new(name);
    for (at, text) in HOSTILE.iter().enumerate() {
        draft = draft.meta(&format!("{text}{at}"), text);
    }
    for (at, key) in ["name", "description", "homepage", "license", "record"].iter().enumerate() {
        draft = draft.meta(key, HOSTILE[at]);
    }
    for (at, text) in HOSTILE.iter().enumerate() {
        draft = draft.release(&format!("{at}'&é ;%\u{fe0f}#$(x)"), |draft, release| {
            for key in ["version", "date", "toolchain", "module", "kind", "parent", "source", "yanked", "record", "replay", text] {
                release.metadata.insert(key.into(), (*text).into());
            }
            if at == 8 {
                release.metadata.shift_remove("yanked");
            }
            let ware = format!("tar:{at}<'\"&>x").parse().unwrap();
            draft.entry.mirrors.add_by_ware(&ware, "javascript:alert(1)".parse().unwrap());
            draft.entry.mirrors.add_by_ware(&ware, "https://ok.example/<script>'\"".parse().unwrap());
            draft.entry.mirrors.add_by_ware(&ware, "https://ok.example/x?a=1&b=2".parse().unwrap());
            release.items.insert(format!("'&é ;{at}").parse().unwrap(), ware);
            let quoted = serde_json::to_string(text).unwrap();
            draft.record(release, &format!("{{{quoted}:[{quoted},{{\"a\":{quoted}}},[[[{quoted}]]]],\"t\":[{{{quoted}:{quoted}}}],\"n\":{at},\"extensions\":[{{\"name\":{quoted},\"type\":{quoted},\"version\":{quoted}}}]}}"));
            let literal = format!("literal:{text}");
            let plot = fixture::plot(&[literal, "ingest:git:<b>:'x\"".into()], text);
            draft.replay(release, text, plot);
        });
    }
    let mut entries = vec![draft.done()];
    entries.push(Draft::new("x.org/empty").done());
    entries
}

#[test]
fn t24_hostile_texts_are_shown_and_do_nothing() {
    let mut options = options();
    options.title = HOSTILE[1].into();
    options.description = HOSTILE[0].into();
    options.base_url = Some("https://site.example/a/b/".into());
    options.sources[0].source.url = Some(HOSTILE[4].into());
    options.sources[0].source.timestamp = Some(HOSTILE[2].into());
    options.sources[0].source.name = HOSTILE[7].into();
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), &hostile(), &options).unwrap();
    let mut site = files(out.path());
    let not_found = String::from_utf8(site.remove("404.html").unwrap()).unwrap();
    assert!(not_found.contains("href=\"/a/b/_assets/site.css\""));
    for page in site.values_mut() {
        let text = String::from_utf8(std::mem::take(page)).unwrap();
        // The canonical link is the one absolute link to ourselves.
        *page = text
            .lines()
            .filter(|line| !line.starts_with("<link rel=\"canonical\""))
            .fold(String::new(), |all, line| all + line + "\n")
            .into_bytes();
    }
    let map = text(&site, "_sitemap/1.xml").to_owned();
    assert!(map.contains("https://site.example/a/b/x.org/a%3Bb%24%28c%29%27%26%2541%23%3D+/"), "{map}");
    check_site(&site);
    let page = site.keys().find(|path| path.starts_with("x.org/a;b") && path.ends_with("/index.html")).unwrap();
    let (tags, shown) = html::read(text(&site, page)).unwrap();
    for visible in [
        "<script>alert(1)</script>",
        "a\\u{202e}b\\u{2066}c\\u{0}d\\u{1b}[31me\\u{d}f\\u{feff}",
        "A command is not shown",
    ] {
        assert!(shown.contains(visible), "{visible}");
    }
    assert!(!shown.contains("module load") && !shown.contains("warecat resolve"), "t25: a command is shown");
    assert!(tags.iter().any(|tag| tag.get("href") == Some("https://ok.example/x?a=1&b=2")));
}

#[test]
fn long_values_are_cut_and_lie_whole_beside_the_page() {
    let long = "x ".repeat(600_000);
    let rows = vec!["{\"a\":1}"; 5000].join(",");
    let entry = Draft::new("x.org/long")
        .meta("description", &long)
        .release("1", |draft, release| {
            release.metadata.insert("date".into(), long.clone());
            draft.record(release, &format!("{{\"rows\":[{rows}],\"deep\":{}1{}}}", "[[],".repeat(50), "]".repeat(50)));
            draft.replay(release, "published", fixture::plot(&[format!("literal:{long}")], &long));
        })
        .done();
    let site = built(&[entry]);
    check_site(&site);
    assert!(site["x.org/long/index.html"].len() < 300_000, "{}", site["x.org/long/index.html"].len());
    assert!(site["x.org/long/_releases/1.json"].len() > long.len());
    assert!(site["x.org/long/_module.json"].len() > long.len());
    let beside = |folder: &str, ext: &str| site.keys().filter(|p| p.contains(folder) && p.ends_with(ext)).count();
    assert_eq!((beside("/_records/", ".json"), beside("/_replays/", ".json")), (1, 1));
}

#[test]
fn two_builds_are_the_same_bytes_and_the_second_writes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let first = build_in(out.path(), &small(), &options()).unwrap();
    assert_eq!((first.written, first.unchanged), (first.files, 0));
    let before = files(out.path());
    let second = build_in(out.path(), &small(), &options()).unwrap();
    assert_eq!((second.written, second.unchanged, second.removed), (0, first.files, 0));
    assert_eq!(files(out.path()), before);
    assert_eq!(built(&small()), before);
}

#[test]
fn only_the_pages_of_a_vanished_module_are_removed() {
    let out = tempfile::tempdir().unwrap();
    build_in(out.path(), &small(), &options()).unwrap();
    std::fs::write(out.path().join("warpsys.org/bash/mine.txt"), "mine").unwrap();
    std::fs::write(out.path().join("CNAME"), "site.example").unwrap();
    let fewer: Vec<_> = small().into_iter().filter(|entry| !entry.name.as_str().starts_with("warpsys")).collect();
    let report = build_in(out.path(), &fewer, &options()).unwrap();
    // With the last module of a source goes the list of what was built for its targets.
    assert_eq!(report.removed, 7);
    let mut left = files(out.path());
    assert!(left.remove("warpsys.org/bash/mine.txt").is_some() && left.remove("CNAME").is_some());
    assert_eq!(left, built(&fewer));
}

#[test]
fn a_folder_that_is_not_ours_is_refused_and_left_alone() {
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("thesis.txt"), "years of work").unwrap();
    let error = build_in(out.path(), &small(), &options()).unwrap_err();
    assert_eq!(error.code(), Code::OutputForeign, "{error}");
    assert_eq!(files(out.path()).len(), 1);
}

#[test]
fn a_list_that_names_files_outside_is_not_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("site");
    build_in(&out, &small(), &options()).unwrap();
    std::fs::write(dir.path().join("outside"), "").unwrap();
    std::fs::create_dir(dir.path().join("elsewhere")).unwrap();
    std::fs::write(dir.path().join("elsewhere/file"), "").unwrap();
    let list = format!("warecat-site 1\n../outside\n{}\nlink/file\n\n", dir.path().join("outside").display());
    std::fs::write(out.join(".warecat-site"), list).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), out.join("link")).unwrap();
    let report = build_in(&out, &small(), &options()).unwrap();
    assert_eq!(report.removed, 0);
    assert!(dir.path().join("outside").exists() && dir.path().join("elsewhere/file").exists());
}

#[cfg(unix)]
#[test]
fn no_link_inside_the_folder_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("site");
    build_in(&out, &small(), &options()).unwrap();
    std::fs::remove_dir_all(out.join("warpsys.org")).unwrap();
    std::fs::create_dir(dir.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), out.join("warpsys.org")).unwrap();
    let error = build_in(&out, &small(), &options()).unwrap_err();
    assert_eq!(error.code(), Code::OutputForeign, "{error}");
    assert_eq!(std::fs::read_dir(dir.path().join("elsewhere")).unwrap().count(), 0);
}

#[test]
fn modules_named_like_our_own_paths_have_their_own_pages() {
    let names = [
        "index.html",
        "404.html",
        "all",
        "assets",
        "robots.txt",
        "sitemap.xml",
        "catalog.ndjson",
        "a/index.html",
        "a/b",
        "all.x/all/INDEX.html",
    ];
    let entries: Vec<_> = names
        .iter()
        .map(|name| Draft::new(name).meta("description", "odd").release("index.html", |_, _| ()).done())
        .collect();
    let site = built(&entries);
    check_site(&site);
    let pages = site.values().filter(|bytes| String::from_utf8_lossy(bytes).contains("<h2 id=\"about\">")).count();
    assert_eq!(pages, names.len());
    assert!(text(&site, "index.html").contains("<dl class=\"numbers\">"));
}

#[test]
fn a_module_above_another_keeps_its_page() {
    let entries = [Draft::new("a/b").done(), Draft::new("a/b/c").done()];
    let site = built(&entries);
    check_site(&site);
    assert!(text(&site, "a/b/index.html").contains("<h2 id=\"about\">"));
}

#[test]
fn many_releases_and_many_modules_are_spread_over_pages() {
    let mut draft = Draft::new("x.org/many").release("0", |_, _| ());
    for n in 1..250 {
        draft = draft.release(&format!("{n}"), |_, release| {
            release.metadata.insert("parent".into(), "x.org/many:0".into());
        });
    }
    let mut entries = vec![draft.done()];
    entries.extend((0..1100).map(|n| Draft::new(&format!("y.org/{}/m{n:04}", n % 2)).done()));
    let site = built(&entries);
    check_site(&site);
    for page in [
        "x.org/many/_older/2.html",
        "x.org/many/_older/3.html",
        "_all/m.html",
        "_all/m-page-3.html",
        "y.org/1/_list/2.html",
    ] {
        assert!(site.contains_key(page), "{page}: {:?}", site.keys().filter(|p| !p.contains("/m")).collect::<Vec<_>>());
    }
    let list = html::read(text(&site, "y.org/0/index.html")).unwrap().0;
    assert_eq!(list.iter().filter(|tag| tag.name == "tr").count(), 501);
}

#[test]
fn anchors_and_pages_stay_when_a_release_is_added() {
    let before = built(&small());
    let mut entries = small();
    let at = entries.iter().position(|entry| entry.name.as_str() == "warpsys.org/bash").unwrap();
    let bash = entries.remove(at);
    entries.push(Draft { entry: bash }.release("v5.2", |_, _| ()).done());
    let after = built(&entries);
    assert!(text(&before, "warpsys.org/bash/index.html").contains("id=\"r-v5.1.16\""));
    assert!(text(&after, "warpsys.org/bash/index.html").contains("id=\"r-v5.1.16\""));
    let changed: Vec<_> =
        after.iter().filter(|(path, bytes)| before.get(*path) != Some(bytes)).map(|(path, _)| path.as_str()).collect();
    let expected = [
        "_about/index.html",
        "_about/index.json",
        "_all/index.html",
        "_all/index.json",
        "_browse/kind/-software.html",
        "_browse/kind/-software.json",
        "_browse/licence/-unknown.html",
        "_browse/licence/-unknown.json",
        "_browse/target/-x86_64-generic.html",
        "_browse/target/-x86_64-generic.json",
        "_catalog/index.json",
        "_data/search-facets.js",
        "_data/search-text-0.js",
        "_data/search.js",
        "_search/index.json",
        "catalog.ndjson",
        "index.html",
        "index.json",
        "warpsys.org/bash/_feed.xml",
        "warpsys.org/bash/index.html",
        "warpsys.org/bash/index.json",
        "warpsys.org/index.html",
        "warpsys.org/index.json",
    ];
    assert_eq!(changed, expected);
}

#[test]
fn releases_and_cids_have_pages_of_their_own_where_these_are_wanted() {
    let plain = built(&small());
    assert!(
        !plain.keys().any(|path| path.contains("/_releases/") && path.ends_with(".html") || path.starts_with("_cid/"))
    );
    let out = tempfile::tempdir().unwrap();
    let with = Options { release_pages: true, cid_pages: true, ..options() };
    build_in(out.path(), &small(), &with).unwrap();
    let site = files(out.path());
    check_site(&site);
    for entry in small() {
        let mut cids = vec![(entry.cid.to_string(), entry.name.to_string())];
        cids.extend(entry.replays.keys().map(|cid| (cid.to_string(), entry.name.to_string())));
        for release in &entry.releases {
            let page = text(&site, &format!("{}/_releases/{}.html", entry.name, release.name()));
            assert!(page.contains(&release.cid.to_string()), "{page}");
            cids.push((release.cid.to_string(), format!("{}:{}", entry.name, release.name())));
        }
        for (cid, named) in cids {
            assert!(text(&site, &format!("_cid/{cid}/index.html")).contains(&named), "{cid} of {named}");
        }
    }
}

#[test]
fn templates_can_be_replaced_and_their_faults_have_a_place() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("templates");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in TEMPLATES {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::write(folder.join("extra.html"), "<p>{{ site.title }}</p>\n").unwrap();
    std::fs::write(folder.join("404.html"), "<h1>Ours</h1>{% include \"extra.html\" %}").unwrap();
    let with = || Options { templates: Some(folder.clone()), ..options() };
    let out = dir.path().join("site");
    build_in(&out, &small(), &with()).unwrap();
    assert_eq!(std::fs::read_to_string(out.join("404.html")).unwrap(), "<h1>Ours</h1><p>Test catalog</p>\n");

    for (text, line) in
        [("\n\n{% if %}", 3), ("\n{{ page.no_such_thing }}", 2), ("{{ page.head | no_such_filter }}", 1)]
    {
        std::fs::write(folder.join("404.html"), text).unwrap();
        let error = build_in(&dir.path().join("other"), &small(), &with()).unwrap_err();
        assert_eq!(error.code(), Code::TemplateInvalid);
        assert!(error.to_string().contains(&format!("404.html, line {line}: ")), "{error}");
    }
    std::fs::remove_file(folder.join("404.html")).unwrap();
    let error = build_in(&dir.path().join("other"), &small(), &with()).unwrap_err();
    assert!(error.code() == Code::TemplateInvalid && error.to_string().contains("404.html"), "{error}");
}

#[test]
fn every_file_of_templates_is_known_and_none_lets_text_through() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut there: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    let known: Vec<_> = TEMPLATES.iter().map(|(name, _)| *name).collect();
    assert_eq!(there, known);
    for (name, text) in TEMPLATES {
        if name.ends_with(".js") {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("] {
                assert!(!text.contains(word), "{name} holds {word:?}");
            }
            continue;
        }
        let text = text.replace("<script src=\"{{ page.head.script }}\" defer></script>", "");
        let text = text.replace("<script src=\"{{ page.head.theme }}\"></script>", "");
        // The one way past the escaping function stands in the one element that needs it.
        let block = "<script type=\"application/ld+json\">{{ page.head.structured | data_block }}</script>";
        let text = text.replace(block, "");
        assert!(!text.contains("data_block"), "{name} has a data block elsewhere");
        for word in ["safe", "style=", "<script", "<style", " on", "src="] {
            let found = text.contains(word) && (word != "safe" || text.contains("| safe") || text.contains("|safe"));
            let is_attribute = word != " on"
                || text.split(" on").skip(1).any(|rest| {
                    rest.split('=').next().is_some_and(|n| n.len() < 12 && n.bytes().all(|b| b.is_ascii_lowercase()))
                });
            assert!(!(found && is_attribute), "{name} holds {word:?}");
        }
    }
    let site = built(&[]);
    let (css, script) = (text(&site, "_assets/site.css"), text(&site, "_assets/site.js"));
    assert!(css.len() < 12_000 && !css.contains("url(") && !css.contains("@import"), "{}", css.len());
    let theme = text(&site, "_assets/theme.js");
    assert!(theme.len() <= 300 && script.len() + theme.len() < 20_000, "{} and {}", theme.len(), script.len());
}

#[test]
fn a_module_that_cannot_be_read_stops_the_build_with_its_own_code() {
    let out = tempfile::tempdir().unwrap();
    let load =
        |_: &ModuleName| Err(LoadError { code: Code::ReleaseTampered, message: "release `1` is another".into() });
    let modules = Modules { names: vec!["a/b".parse().unwrap()], key: &|_| Ok(None), load: &load };
    let error = build(&modules, out.path(), &options()).unwrap_err();
    assert_eq!(error.code(), Code::ReleaseTampered);
    assert!(error.to_string().contains("a/b") && error.to_string().contains("release `1` is another"), "{error}");
}

/// Colours of the style's tokens have a contrast of at least 4.5:1 where text stands on them,
/// in both of the themes that each token names: `light-dark(#…, #…)`. Whichever way a theme is
/// chosen, by the system or by the button, it is `color-scheme` that chooses among the two.
#[test]
fn contrast_is_enough_in_light_and_dark() {
    let css = TEMPLATES.iter().find(|(name, _)| *name == "site.css").unwrap().1;
    for chosen in ["[data-theme=light] { color-scheme: light; }", "[data-theme=dark] { color-scheme: dark; }"] {
        assert!(css.contains(chosen), "{chosen}");
    }
    assert!(!css.contains("prefers-color-scheme"), "a second place where colours are chosen");
    for theme in [0, 1] {
        let color = |name: &str| {
            let value = css.split(&format!("--{name}: light-dark(")).nth(1).unwrap().split(')').next().unwrap();
            let value = value.split(", ").nth(theme).unwrap().trim_start_matches('#');
            let hex = if value.len() == 3 { value.chars().flat_map(|c| [c, c]).collect() } else { value.to_owned() };
            luminance(u32::from_str_radix(&hex, 16).unwrap())
        };
        for ground in ["bg", "panel", "faint"] {
            for ink in ["ink", "soft", "link", "seen", "some-ink"] {
                assert!(contrast(color(ground), color(ink)) >= 4.5, "{ink} on {ground}, theme {theme}");
            }
        }
        for name in ["yes", "some", "bad"] {
            assert!(contrast(color(name), color(&format!("{name}-ink"))) >= 4.5, "{name}, theme {theme}");
        }
    }
}

fn luminance(rgb: u32) -> f64 {
    let part = |shift: u32| {
        let c = f64::from((rgb >> shift) & 0xff) / 255.0;
        if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
}

fn contrast(a: f64, b: f64) -> f64 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A catalog of EESSI's size: 800 modules of software, 6,000 of extensions.
fn large() -> Vec<ModuleEntry> {
    let e = |name: &str| format!("eessi.io/2023.06/{name}");
    let mut entries = Vec::new();
    for n in 0..800 {
        let mut draft = Draft::new(&e(&format!("sw{n:03}")))
            .meta("name", &format!("SW{n:03}"))
            .meta("description", "Made up.\n\nFor a measurement.");
        for v in 0..3 {
            let needs: Vec<_> = (0..n.min(15))
                .map(|k| {
                    format!("{}:{v}.0-foss-2023b:x86_64-generic", e(&format!("sw{:03}", (n * 7 + k * 31) % n.max(1))))
                })
                .collect();
            draft = eessi_release(draft, &format!("SW{n:03}"), &format!("{v}.0-foss-2023b"), &[], &needs);
        }
        entries.push(draft.done());
    }
    for n in 0..6000 {
        let holder = if n < 2000 { "sw001".to_owned() } else { format!("sw{:03}", n % 800) };
        let mut draft = Draft::new(&e(&format!("ext/r/x{n:04}"))).meta("name", &format!("X{n:04}"));
        for v in 0..(if n % 3 == 0 { 3 } else { 2 }) {
            draft = extension_release(
                draft,
                "r",
                &format!("1.{v}"),
                (&e(&holder), &holder.to_uppercase(), &format!("{v}.0-foss-2023b")),
            );
        }
        entries.push(draft.done());
    }
    entries
}

#[test]
#[ignore = "a measurement: run in release mode, alone"]
fn measure() {
    let entries = large();
    let out = std::env::var("WARECAT_SITE").unwrap();
    for _ in 0..2 {
        let start = (std::time::Instant::now(), cpu());
        let report = build_in(Path::new(&out), &entries, &options()).unwrap();
        println!("{report:?}: {:?} wall, {:.2} s CPU", start.0.elapsed(), cpu() - start.1);
    }
}

/// CPU seconds of this process, all threads.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
