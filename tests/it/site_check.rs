//! `site check`: each rule is broken once in a small page, and found; a sound page is not.

use std::fs;
use std::path::Path;

use warecat::code::Code;
use warecat::site::check::{SiteCheck, SiteReport, check};

use crate::site::fixture::small;

/// A page that breaks no rule, and uses what the rules are about.
const SOUND: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'">
<title>Sound</title>
<link rel="canonical" href="https://site.example/s/">
<link rel="alternate" type="application/json" href="index.json">
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="site.css">
<script src="site.js" defer></script>
<script type="application/ld+json">{"a":1}</script>
</head>
<body>
<a href="#main">Skip to the content</a>
<header><a href="index.html">Home</a>
<nav aria-label="Site"><ul><li><a href="a%20b/page.html#x">All</a></li></ul></nav>
<nav aria-label="Breadcrumb"><ol><li><span aria-current="page">here</span></li></ol></nav></header>
<main id="main" tabindex="-1">
<h1>Sound</h1>
<h2 id="two">Two</h2>
<form action="index.html" role="search"><label for="q">Search</label><input id="q" name="q" role="combobox" aria-expanded="false" aria-controls="list"><button>Search</button></form>
<ul id="list" role="listbox" aria-label="Results"><li role="option" aria-selected="false">one</li></ul>
<p>Since <time datetime="2026-08-22">August</time>, <a href="https://away.example/" rel="nofollow noopener">away</a>, <a href="mailto:a@b.org">mail</a>.</p>
<table><thead><tr><th scope="col">A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>
<dl><div><dt>key</dt><dd>value</dd></div></dl>
<details><summary>More of it</summary><p>text</p></details>
<img src="icon.svg" alt="An icon"><img src="data:image/png;base64,AA==" alt="">
<svg role="img" viewBox="0 0 1 1"><title>Graph</title><a href="a%20b/page.html"><text>x</text></a></svg>
<svg aria-hidden="true"></svg>
<section aria-labelledby="two"><h3>Three</h3></section>
</main>
<footer><p>Made by us</p></footer>
</body>
</html>
"##;

const OTHER: &str = r##"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'self'">
<title>Other</title></head>
<body><a href="#main">Skip</a><header>x</header><main id="main"><h1 id="x">Other</h1></main><footer>y</footer></body></html>
"##;

const FEED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:a</id><title>A</title><updated>2026-08-22T00:00:00Z</updated>
<author><name>a</name></author><link href="https://site.example/s/"/>
<entry><id>tag:b</id><title>B</title><updated>2026-08-22T00:00:00Z</updated><link href="https://site.example/s/a%20b/page.html"/></entry>
</feed>
"#;

const SITEMAP: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://site.example/s/</loc><lastmod>2026-08-22</lastmod></url>
</urlset>
"#;

const ICON: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>"#;

/// The files of a sound site.
fn sound() -> Vec<(&'static str, String)> {
    [
        (".warecat-site", "warecat-site 1\n"),
        ("index.html", SOUND),
        ("a b/page.html", OTHER),
        ("index.json", "{\"a\":1}\n"),
        ("all.ndjson", "{\"a\":1}\n{\"b\":2}\n"),
        ("feed.xml", FEED),
        ("sitemap.xml", SITEMAP),
        ("robots.txt", "User-agent: *\nSitemap: https://site.example/s/sitemap.xml\n"),
        ("icon.svg", ICON),
        ("site.css", "a{color:red}\nb{background:url(icon.svg)}\n"),
        ("site.js", "1;\n"),
    ]
    .map(|(path, text)| (path, text.to_owned()))
    .into()
}

fn write(root: &Path, files: &[(&str, String)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn checked(files: &[(&str, String)]) -> SiteReport {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), files);
    // Said, as a broken page may say another one.
    let options = SiteCheck { base_url: Some("https://site.example/s/"), ..SiteCheck::default() };
    check(dir.path(), &options).unwrap()
}

/// What is found when a text of a file is another one: codes and lines.
#[track_caller]
fn broken(file: &str, from: &str, to: &str) -> Vec<(Code, u64, String)> {
    let mut files = sound();
    let (_, text) = files.iter_mut().find(|(path, _)| *path == file).unwrap();
    assert!(from.is_empty() || text.contains(from), "{from:?} is not in {file}");
    *text = if from.is_empty() { to.to_owned() } else { text.replacen(from, to, 1) };
    let found = checked(&files).findings;
    assert!(found.iter().all(|finding| finding.path == file), "{found:?}");
    found.into_iter().map(|finding| (finding.code, finding.line, finding.message)).collect()
}

#[test]
fn a_sound_site_has_no_findings() {
    let report = checked(&sound());
    assert_eq!(report.findings, []);
    assert_eq!((report.counts.pages, report.counts.files, report.totals()), (2, 10, (0, 0)));
    assert_eq!((report.counts.styles, report.counts.scripts), (41, 3));
    // Five in the head, eight in the body and one in the drawing; one on the other page.
    assert_eq!(report.counts.links, 15);
}

#[test]
fn every_rule_finds_what_breaks_it() {
    use Code::*;
    let put = "<h1>Sound</h1>";
    let cases: &[(Code, &str, &str)] = &[
        // Links.
        (SiteLinkBroken, "href=\"index.html\">Home", "href=\"gone.html\">Home"),
        (SiteLinkBroken, "href=\"index.json\"", "href=\"gone.json\""),
        (SiteLinkBroken, "src=\"site.js\"", "src=\"gone.js\""),
        (SiteLinkBroken, "href=\"https://site.example/s/\"", "href=\"https://site.example/s/gone/\""),
        (SiteLinkBroken, "<img src=\"icon.svg\"", "<img srcset=\"icon.svg 1x, gone.svg 2x\" src=\"icon.svg\""),
        (SiteAnchorMissing, "page.html#x\">All", "page.html#y\">All"),
        (SiteAnchorMissing, "href=\"index.html\">Home", "href=\"#gone\">Home"),
        (SiteLinkOutside, "href=\"index.html\">Home", "href=\"../index.html\">Home"),
        (SiteLinkOutside, "href=\"index.html\">Home", "href=\"/index.html\">Home"),
        (SiteLinkInvalid, "a%20b/page.html#x", "a b/page.html#x"),
        (SiteLinkInvalid, "a%20b/page.html#x", "a%2/page.html#x"),
        (SiteLinkInvalid, "href=\"index.html\">Home", "href=\"./\">Home"),
        (SiteLinkInvalid, "<title>", "<base href=\"index.html\"><title>"),
        (SiteLinkUnsafe, "href=\"index.html\">Home", "href=\"javascript:alert(1)\">Home"),
        (SiteLinkUnsafe, "href=\"index.html\">Home", "href=\"data:text/html,x\">Home"),
        (SiteLinkUnsafe, " rel=\"nofollow noopener\"", " rel=\"nofollow\""),
        (SiteLinkUnsafe, "href=\"https://away.example/\" rel=\"nofollow noopener\"", "href=\"//away.example/\""),
        (SiteRequestForeign, "src=\"site.js\"", "src=\"https://away.example/site.js\""),
        (SiteRequestForeign, "<img src=\"icon.svg\"", "<img src=\"//away.example/icon.svg\""),
        (
            SiteRequestForeign,
            "rel=\"stylesheet\" href=\"site.css\"",
            "rel=\"preconnect\" href=\"https://away.example\"",
        ),
        (SiteRequestForeign, "action=\"index.html\"", "action=\"https://away.example/\""),
        (SiteDataInvalid, "{\"a\":1}</script>", "{\"a\":1</script>"),
        // HTML.
        (SiteHtmlInvalid, "<!doctype html>\n", ""),
        (SiteHtmlInvalid, "<meta charset=\"utf-8\">", ""),
        (SiteHtmlInvalid, "<title>Sound</title>", ""),
        (SiteHtmlInvalid, "<title>Sound</title>", "<title> </title>"),
        (SiteHtmlInvalid, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", ""),
        (SiteHtmlInvalid, "initial-scale=1", "maximum-scale=1"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1></section>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><p a=\"1\" a=\"2\">x</p>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><banana>x</banana>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><span><div>x</div></span>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><ul><p>x</p></ul>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><ol>x</ol>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><div><li>x</li></div>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><div><dt>x</dt></div>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><details><p>x</p></details>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><p id=\"a b\">x</p>"),
        (SiteHtmlInvalid, put, "<h1>Sound</h1><p tabindex=\"x\">x</p>"),
        (SiteHtmlInvalid, "<title>", "<meta http-equiv=\"refresh\" content=\"5; url=index.html\"><title>"),
        (SiteHtmlObsolete, put, "<h1>Sound</h1><center>x</center>"),
        (SiteHtmlObsolete, "<table>", "<table cellspacing=\"0\">"),
        (SiteIdRepeated, put, "<h1 id=\"two\">Sound</h1>"),
        // Accessibility.
        (SiteLanguageMissing, " lang=\"en\"", ""),
        (SiteLanguageMissing, " lang=\"en\"", " lang=\"English, please\""),
        (SiteHeadingOrder, put, ""),
        (SiteHeadingOrder, put, "<h1>Sound</h1><h1>Sounder</h1>"),
        (SiteHeadingOrder, "<h3>Three</h3>", "<h4>Three</h4>"),
        (SiteLandmarks, "<footer><p>Made by us</p></footer>", ""),
        (SiteLandmarks, "<header><a", "<div><a"),
        (SiteLandmarks, " aria-label=\"Breadcrumb\"", ""),
        (SiteLandmarks, "aria-label=\"Breadcrumb\"", "aria-label=\"Site\""),
        (SiteLandmarks, "<a href=\"#main\">Skip to the content</a>", ""),
        (SiteLandmarks, "href=\"#main\"", "href=\"index.html\""),
        (SiteLandmarks, "<footer>", "<p>lost</p><footer>"),
        (SiteLandmarks, "<footer>", "<main><p>x</p></main><footer>"),
        (SiteNameMissing, "<label for=\"q\">Search</label>", ""),
        (SiteNameMissing, "for=\"q\"", "for=\"two\""),
        (SiteNameMissing, "<button>Search</button>", "<button><svg aria-hidden=\"true\"></svg></button>"),
        (SiteNameMissing, "href=\"index.html\">Home", "href=\"index.html\">"),
        (SiteNameMissing, " alt=\"An icon\"", ""),
        (SiteNameMissing, "<title>Graph</title>", ""),
        (SiteNameMissing, "<svg aria-hidden=\"true\">", "<svg>"),
        (SiteNameMissing, "<summary>More of it</summary>", "<summary></summary>"),
        (SiteNameMissing, "<h3>Three</h3>", "<h3></h3>"),
        (SiteNameMissing, put, "<h1>Sound</h1><select><option>x</option></select>"),
        (SiteNameMissing, put, "<h1>Sound</h1><pre role=\"region\" tabindex=\"0\">x</pre>"),
        (SiteLinkVague, ">away</a>", ">here</a>"),
        (SiteLinkVague, ">away</a>", ">Read more…</a>"),
        (SiteAriaInvalid, "aria-controls=\"list\"", "aria-controls=\"gone\""),
        (SiteAriaInvalid, " aria-expanded=\"false\"", ""),
        (SiteAriaInvalid, "aria-expanded=\"false\"", "aria-expanded=\"no\""),
        (SiteAriaInvalid, "aria-labelledby=\"two\"", "aria-labelledby=\"gone\""),
        (SiteAriaInvalid, "role=\"search\"", "role=\"searchy\""),
        (SiteAriaInvalid, "role=\"search\"", "aria-lable=\"x\""),
        (SiteAriaInvalid, " role=\"listbox\" aria-label=\"Results\"", ""),
        (SiteAriaInvalid, put, "<h1>Sound</h1><div aria-label=\"x\">x</div>"),
        (SiteAriaInvalid, "aria-current=\"page\"", "aria-current=\"yes\""),
        (SiteTableHeaders, " scope=\"col\"", ""),
        (SiteTableHeaders, "<th scope=\"col\">A</th>", "<th scope=\"col\"></th>"),
        (SiteTableHeaders, "<th scope=\"col\">A</th>", "<td>A</td>"),
        (SiteFocusOrder, "<button>", "<button tabindex=\"1\">"),
        (SiteFocusOrder, "<button>", "<button aria-hidden=\"true\">"),
        (
            SiteFocusOrder,
            "<button>Search</button>",
            "<button accesskey=\"s\">A</button><button accesskey=\"s\">B</button>",
        ),
        (
            SiteFocusOrder,
            "<summary>More of it</summary>",
            "<summary>x</summary><button>a <input type=\"checkbox\" aria-label=\"x\"></button>",
        ),
        (SiteTimeInvalid, "datetime=\"2026-08-22\"", "datetime=\"22 August\""),
        (SiteTimeInvalid, " datetime=\"2026-08-22\"", ""),
        // Policy.
        (SiteInlineCode, put, "<h1>Sound</h1><script>alert(1)</script>"),
        (SiteInlineCode, put, "<h1 onclick=\"x()\">Sound</h1>"),
        (SiteInlineCode, put, "<h1 style=\"color:red\">Sound</h1>"),
        (SiteInlineCode, "<title>", "<style>a{}</style><title>"),
        (SitePolicyMissing, "http-equiv=\"Content-Security-Policy\"", "name=\"x\""),
        (SitePolicyMissing, "style-src 'self'", "style-src 'self' 'unsafe-inline'"),
        (SitePolicyMissing, "img-src 'self' data:", "img-src *"),
        (SitePolicyMissing, "base-uri 'none'; ", ""),
        (
            SitePolicyMissing,
            "<meta charset=\"utf-8\">",
            "<meta charset=\"utf-8\"><link rel=\"icon\" href=\"icon.svg\">",
        ),
        (SiteTitleRepeated, "<title>Sound</title>", "<title>Other</title>"),
    ];
    for (code, from, to) in cases {
        // Of the two pages with one title, the second is told, whose path comes later.
        let found = broken("index.html", from, to);
        assert!(found.iter().any(|(found, _, _)| found == code), "{code}: {to}: {found:?}");
        let strangers = found.iter().filter(|(found, _, _)| found != code).count();
        assert!(strangers <= 2, "{code}: {to}: {found:?}");
        assert!(found.iter().all(|(_, _, message)| message.len() > 10 && !message.contains('\n')), "{found:?}");
    }
    // Each code of a page has a case.
    let data = [SiteXmlInvalid, SiteTooHeavy, SiteMissing];
    for code in Code::ALL.iter().filter(|code| code.as_str().starts_with("site-") && !data.contains(code)) {
        assert!(cases.iter().any(|(known, _, _)| known == code), "{code} has no case");
    }
}

#[test]
fn what_is_named_by_a_vague_word_may_be_linked_by_its_name() {
    let link = |text: &str| format!("<h1>Sound</h1><p><a href=\"a%20b/here/page.html\">{text}</a></p>");
    let mut files = sound();
    files.push(("a b/here/page.html", files.iter().find(|(path, _)| path.ends_with("page.html")).unwrap().1.clone()));
    let vague = |text: &str| {
        let mut files = files.clone();
        let index = &mut files.iter_mut().find(|(path, _)| *path == "index.html").unwrap().1;
        *index = index.replace("<h1>Sound</h1>", &link(text));
        checked(&files).totals.get(&Code::SiteLinkVague).copied().unwrap_or_default()
    };
    assert_eq!([vague("Here"), vague("this page")], [0, 1]);
}

#[test]
fn files_that_are_no_pages_are_checked_too() {
    use Code::*;
    let cases: &[(Code, &str, &str, &str)] = &[
        (SiteDataInvalid, "index.json", "", "{\"a\":"),
        (SiteDataInvalid, "all.ndjson", "{\"b\":2}", "{\"b\":2"),
        (SiteRequestForeign, "site.css", "url(icon.svg)", "url(https://away.example/x.png)"),
        (SiteRequestForeign, "site.css", "a{color:red}", "@import \"//away.example/x.css\";"),
        (SiteLinkBroken, "site.css", "url(icon.svg)", "url('gone.svg')"),
        (SiteXmlInvalid, "icon.svg", "<path", "<script/><path"),
        (SiteXmlInvalid, "icon.svg", "<path", "<path onload=\"x()\""),
        (SiteXmlInvalid, "icon.svg", "</svg>", ""),
        (SiteRequestForeign, "icon.svg", "<path", "<use href=\"https://away.example/x.svg\"/><path"),
        (SiteLinkUnsafe, "icon.svg", "<path", "<a href=\"javascript:x\"/><path"),
        (SiteXmlInvalid, "feed.xml", "<title>B</title>", ""),
        (SiteXmlInvalid, "feed.xml", "<title>B</title>", "<title>B&nbsp;</title>"),
        (SiteXmlInvalid, "feed.xml", "<id>tag:b</id>", "<id>tag:a</id>"),
        (SiteXmlInvalid, "feed.xml", "<updated>2026-08-22T00:00:00Z", "<updated>yesterday"),
        (SiteXmlInvalid, "feed.xml", "<author><name>a</name></author>", ""),
        (SiteLinkBroken, "feed.xml", "a%20b/page.html", "gone.html"),
        (SiteLinkBroken, "sitemap.xml", "https://site.example/s/", "https://site.example/s/gone/"),
        (SiteLinkBroken, "sitemap.xml", "https://site.example/s/", "https://other.example/"),
        (SiteXmlInvalid, "sitemap.xml", "https://site.example/s/", "index.html"),
        (SiteXmlInvalid, "sitemap.xml", "2026-08-22", "today"),
        (SiteLinkBroken, "robots.txt", "sitemap.xml", "gone.xml"),
        (SiteTooHeavy, "site.css", "", &"a{}\n".repeat(4000)),
        (SiteTooHeavy, "site.js", "", &"123;\n".repeat(5000)),
    ];
    for (code, file, from, to) in cases {
        let found = broken(file, from, to);
        assert!(found.iter().all(|(found, _, _)| found == code) && !found.is_empty(), "{code}: {file}: {found:?}");
    }
}

#[test]
fn a_finding_names_its_line() {
    let found = broken("index.html", "href=\"index.html\">Home", "href=\"gone.html\">Home");
    assert_eq!(found[0].1, 17, "{found:?}");
    assert_eq!(broken("site.css", "icon.svg", "gone.svg")[0].1, 2);
    assert_eq!(broken("all.ndjson", "{\"b\":2}", "x")[0].1, 2);
    assert_eq!(broken("sitemap.xml", "2026-08-22", "today")[0].1, 3);
}

#[test]
fn heavy_pages_and_many_findings_are_told_in_bounds() {
    let mut files = sound();
    for number in 0..150_usize {
        // What gzip cannot make small, and the same broken link on each page.
        let noise: String = (0..8000).map(|n| blake3_like(number * 8000 + n)).collect();
        let page = OTHER.replace("Other", &format!("Other {number}"));
        let page = page.replace("</main>", &format!("<p>{noise}</p><p><a href=\"gone.html\">gone</a></p></main>"));
        files.push((Box::leak(format!("p/{number:03}.html").into_boxed_str()), page));
    }
    let report = checked(&files);
    assert_eq!(report.totals[&Code::SiteLinkBroken], 150);
    assert_eq!(report.more()[&Code::SiteLinkBroken], 50);
    assert_eq!(report.totals[&Code::SiteTooHeavy], 1);
    assert_eq!(report.findings.len(), 101);
    assert!(report.findings.is_sorted());
    assert_eq!(report.findings[1].path, "p/000.html");
}

/// Sixteen digits that look like chance.
fn blake3_like(number: usize) -> String {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:016x}", (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9))
}

#[test]
fn hostile_pages_end_in_findings_and_nothing_else() {
    let deep = |n: usize| format!("{}x{}", "<div>".repeat(n), "</div>".repeat(n));
    let pages = [
        String::new(),
        "\0\u{1}\u{fffe}".into(),
        "<".repeat(10_000),
        "<a href=\"%\"><a href=\"#%ff\">".repeat(100),
        deep(20_000),
        "<table>".repeat(2000),
        "<b><p>".repeat(500),
        "<svg><foreignObject><template><table><tr><td>x</template></svg>".repeat(50),
        "<label aria-labelledby=a id=a><input aria-labelledby=a>".repeat(50),
        "<!--".into(),
        "<script>".into(),
    ];
    for page in pages {
        let mut files = sound();
        files.push(("hostile.html", page.clone()));
        files.push(("deep.xml", "<a>".repeat(5000)));
        let report = checked(&files);
        assert!(report.findings.iter().any(|finding| finding.path == "hostile.html"), "{page:.80}");
        assert!(report.findings.iter().any(|finding| finding.path == "deep.xml"));
    }
}

#[test]
fn a_page_that_leads_on_needs_little() {
    let redirect = OTHER
        .replace("<title>", "<meta http-equiv=\"refresh\" content=\"0; url=../index.html\"><title>")
        .replace("<a href=\"#main\">Skip</a><header>x</header>", "")
        .replace("<footer>y</footer>", "");
    let mut files = sound();
    files.push(("old/one.html", redirect.clone()));
    files.push(("old/two.html", redirect.replace("../index.html", "../gone.html")));
    let found = checked(&files).findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].path.as_str(), found[0].code), ("old/two.html", Code::SiteLinkBroken));
}

#[cfg(unix)]
#[test]
fn links_of_the_file_system_are_told_and_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &sound());
    std::os::unix::fs::symlink("/", dir.path().join("root")).unwrap();
    let report = check(dir.path(), &SiteCheck::default()).unwrap();
    assert_eq!(report.findings.len(), 1);
    assert_eq!((report.findings[0].path.as_str(), report.findings[0].code), ("root", Code::FileUnsafe));
}

#[test]
fn a_folder_that_is_no_site_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("index.html"), SOUND).unwrap();
    assert_eq!(check(dir.path(), &SiteCheck::default()).unwrap_err().code(), Code::SiteMissing);
    write(dir.path(), &sound());
    let options = SiteCheck { base_url: Some("nowhere"), ..SiteCheck::default() };
    assert_eq!(check(dir.path(), &options).unwrap_err().code(), Code::UsageInvalid);
}

#[test]
fn what_is_built_is_sound() {
    let entries = small();
    for base in [None, Some("/a/b/"), Some("https://site.example/a/b/")] {
        let dir = tempfile::tempdir().unwrap();
        let options = warecat::site::Options { base_url: base.map(str::to_owned), ..crate::site::options() };
        crate::site::build_in(dir.path(), &entries, &options).unwrap();
        let report = check(dir.path(), &SiteCheck::default()).unwrap();
        assert_eq!(report.findings, [], "{base:?}");
        assert!(report.counts.pages > 15);
    }
}
