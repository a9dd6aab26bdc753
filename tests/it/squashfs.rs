//! The squashfs inside images: trees of every form that `mksquashfs` writes, and hostile
//! ones that are written by hand.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use backhand::compression::Compressor;
use warecat::import::sif::{Image, Inspection};

use crate::sif_writer::{Node, Sif, squashfs};

fn inspect(squashfs: &[u8]) -> Inspection {
    let image = Sif::new().root(squashfs).bytes();
    Inspection::of(&Image::open(&image[..]).unwrap()).unwrap()
}

/// What is read of an image that must not cost much.
#[track_caller]
fn quickly(squashfs: &[u8]) -> Inspection {
    let start = Instant::now();
    let found = inspect(squashfs);
    // Other work may stand beside this; what is meant takes hours, or all memory.
    assert!(start.elapsed() < Duration::from_secs(300), "{:?}", start.elapsed());
    found
}

/// Labels with a long text, so that they have blocks of their own.
fn labels(length: usize) -> String {
    let text: String = (0..length).map(|n| char::from(b'a' + u8::try_from(n * n % 23).unwrap())).collect();
    serde_json::json!({"Version": "1.0", "text": text}).to_string()
}

#[test]
fn files_of_one_block_of_many_and_of_a_fragment_are_read() {
    for length in [0, 10, 4000, 131_000, 131_072, 300_000, 900_000] {
        for compressor in [Compressor::Gzip, Compressor::Xz, Compressor::Zstd, Compressor::Lz4] {
            let labels = labels(length);
            let help = "h".repeat(length + 1);
            let bytes = squashfs(
                compressor,
                &[
                    Node::File("/.singularity.d/labels.json", labels.as_bytes()),
                    Node::File("/.singularity.d/runscript.help", help.as_bytes()),
                    Node::Link("/.singularity.d/runscript", "../.././.singularity.d/runscript.help"),
                ],
            );
            let found = inspect(&bytes);
            assert_eq!(found.problems, Vec::<String>::new(), "{length} {compressor:?}");
            assert_eq!(serde_json::to_string(&found.attributes.labels).unwrap(), labels, "{length} {compressor:?}");
            assert_eq!((&found.attributes.helpfile, &found.attributes.runscript), (&help, &help));
        }
    }
}

/// `mksquashfs` with all that changes the layout.
#[test]
fn what_mksquashfs_writes_is_read_whatever_it_was_told() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    let put = |path: &str, text: &str| {
        let path = tree.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let labels = labels(200_000);
    put(".singularity.d/labels.json", &labels);
    put(".singularity.d/runscript.help", "Help.\n");
    put(".singularity.d/env/90-environment.sh", "export A=b\n");
    put(".singularity.d/empty", "");
    // Many entries, so that folders have an index and their entries several blocks.
    for n in 0..700 {
        put(&format!(".singularity.d/many-{n}/file-with-a-long-name-{n}"), "x");
        put(&format!("scif/apps/app{n}/lib/x"), "");
    }
    put("scif/apps/tool/scif/runscript", "exec tool\n");
    for (target, link) in [
        ("/scif/apps/tool/scif/runscript", ".singularity.d/runscript"),
        ("tool", "scif/apps/alias"),
        ("alias", "scif/apps/other"),
        ("nowhere", "scif/apps/dangling"),
    ] {
        std::os::unix::fs::symlink(target, tree.join(link)).unwrap();
    }
    let none: &[&str] = &[];
    for options in [
        none,
        &["-comp", "xz", "-Xbcj", "x86"],
        &["-comp", "zstd", "-b", "1M"],
        &["-comp", "lz4", "-Xhc"],
        &["-b", "4096"],
        &["-no-fragments"],
        &["-always-use-fragments"],
        &["-noI", "-noD", "-noF", "-noX"],
        &["-noId"],
        &["-no-exports", "-no-xattrs"],
        &["-nopad", "-all-root"],
    ] {
        let file = dir.path().join("squashfs");
        let _ = std::fs::remove_file(&file);
        let mut command = Command::new("mksquashfs");
        command.arg(&tree).arg(&file).args(["-noappend", "-no-progress", "-quiet"]).args(options);
        let Ok(made) = command.stdout(Stdio::null()).status() else {
            return eprintln!("skipped: `mksquashfs` is not installed");
        };
        assert!(made.success(), "{options:?}");
        let found = inspect(&std::fs::read::<&Path>(&file).unwrap());
        assert_eq!(found.problems, Vec::<String>::new(), "{options:?}");
        let said = found.attributes;
        assert_eq!(serde_json::to_string(&said.labels).unwrap(), labels, "{options:?}");
        assert_eq!((said.helpfile.as_str(), said.runscript.as_str()), ("Help.", "exec tool"), "{options:?}");
        assert_eq!(said.environment["/.singularity.d/env/90-environment.sh"], "export A=b", "{options:?}");
        assert_eq!(said.apps.keys().collect::<Vec<_>>(), ["alias", "other", "tool"], "{options:?}");
        assert_eq!(said.apps["other"].runscript, "exec tool", "{options:?}");
    }
}

/// A file system that is written by hand: its tables in blocks that are not compressed.
#[derive(Default)]
struct Raw {
    data: Vec<u8>,
    inodes: Vec<u8>,
    entries: Vec<u8>,
    /// Where fragments are, and their sizes.
    fragments: Vec<(u64, u32)>,
}

/// The type of a folder's entry, and of a file's.
const FOLDER: u16 = 1;
const FILE: u16 = 2;
const BLOCK: usize = 8192;

impl Raw {
    /// A reference to what comes next in a table.
    fn here(table: &[u8]) -> u64 {
        let (block, offset) = (table.len() / BLOCK, table.len() % BLOCK);
        ((block * (BLOCK + 2)) as u64) << 16 | offset as u64
    }

    fn header(&mut self, kind: u16) -> u64 {
        let at = Self::here(&self.inodes);
        self.inodes.extend(kind.to_le_bytes());
        self.inodes.extend([0; 14]);
        at
    }

    /// An extended folder over entries.
    fn folder(&mut self, (entries, length): (u64, usize)) -> u64 {
        let at = self.header(8);
        for number in [1, length as u32 + 3, (entries >> 16) as u32, 0] {
            self.inodes.extend(number.to_le_bytes());
        }
        self.inodes.extend([0, 0]);
        self.inodes.extend((entries as u16).to_le_bytes());
        self.inodes.extend([0xFF; 4]);
        at
    }

    /// An extended file that says a size, at the start of the image.
    fn file(&mut self, size: u64) -> u64 {
        let at = self.header(9);
        for number in [0, size, 0] {
            self.inodes.extend(number.to_le_bytes());
        }
        for number in [1_u32, u32::MAX, 0, u32::MAX] {
            self.inodes.extend(number.to_le_bytes());
        }
        at
    }

    /// A file with this content, in a block of its own or in a fragment.
    fn content(&mut self, text: &str, in_fragment: bool) -> u64 {
        let (at, start) = (self.header(2), 96 + self.data.len() as u64);
        self.data.extend(text.as_bytes());
        let said = text.len() as u32 | 1 << 24;
        let fragment = if in_fragment { self.fragments.len() as u32 } else { u32::MAX };
        for number in [start as u32, fragment, 0, text.len() as u32] {
            self.inodes.extend(number.to_le_bytes());
        }
        match in_fragment {
            true => self.fragments.push((start, said)),
            false => self.inodes.extend(said.to_le_bytes()),
        }
        at
    }

    fn link(&mut self, target: &str) -> u64 {
        let at = self.header(3);
        self.inodes.extend(1_u32.to_le_bytes());
        self.inodes.extend((target.len() as u32).to_le_bytes());
        self.inodes.extend(target.as_bytes());
        at
    }

    /// Entries of a folder: name, type, inode. They stand one to a header.
    fn list(&mut self, entries: &[(&str, u16, u64)]) -> (u64, usize) {
        let (at, start) = (Self::here(&self.entries), self.entries.len());
        for (name, kind, inode) in entries {
            for number in [0, (inode >> 16) as u32, 1] {
                self.entries.extend(number.to_le_bytes());
            }
            for number in [*inode as u16, 0, *kind, name.len() as u16 - 1] {
                self.entries.extend(number.to_le_bytes());
            }
            self.entries.extend(name.as_bytes());
        }
        (at, self.entries.len() - start)
    }

    /// Puts labels into the root, beside other entries, and finishes.
    fn with_labels(mut self, labels: u64, kind: u16, more: &[(&str, u16, u64)]) -> Vec<u8> {
        let inner = self.list(&[("labels.json", kind, labels)]);
        let inner = self.folder(inner);
        let all: Vec<_> = [(".singularity.d", FOLDER, inner)].into_iter().chain(more.iter().copied()).collect();
        let root = self.list(&all);
        let root = self.folder(root);
        self.bytes(root, &mut |table| plain(table))
    }

    fn bytes(&self, root: u64, write: &mut dyn FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let (inodes, entries) = (write(&self.inodes), write(&self.entries));
        let table = 96 + self.data.len() as u64;
        let ends = (table + inodes.len() as u64, table + (inodes.len() + entries.len()) as u64);
        let fragments: Vec<u8> = self
            .fragments
            .iter()
            .flat_map(|(at, said)| [&at.to_le_bytes()[..], &said.to_le_bytes(), &[0; 4]].concat())
            .collect();
        let fragments = plain(&fragments);
        let list = ends.1 + fragments.len() as u64;
        let mut bytes = b"hsqs".to_vec();
        for number in [1_u32, 0, 131_072, self.fragments.len() as u32] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [1_u16, 17, 0, 1, 4, 0] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [root, list + 8, list + 8, u64::MAX, table, ends.0, list, u64::MAX] {
            bytes.extend(number.to_le_bytes());
        }
        [bytes, self.data.clone(), inodes, entries, fragments, ends.1.to_le_bytes().to_vec()].concat()
    }
}

/// A table in blocks that are not compressed.
fn plain(table: &[u8]) -> Vec<u8> {
    let block = |block: &[u8]| [&(block.len() as u16 | 1 << 15).to_le_bytes()[..], block].concat();
    table.chunks(BLOCK).flat_map(block).collect()
}

/// A small tree of all that is read; the fuzzer begins with it as well, since what is not
/// compressed can be changed.
pub(crate) fn small() -> Vec<u8> {
    let mut raw = Raw::default();
    let labels = raw.content(r#"{"Version": "1.0"}"#, false);
    let script = raw.content("exec tool\n", true);
    let help = raw.content("Help.\n", true);
    let link = raw.link("../scif/apps/tool/scif/runscript");
    let environment = raw.list(&[("90-environment.sh", FILE, help)]);
    let environment = raw.folder(environment);
    let inner = raw.list(&[
        ("env", FOLDER, environment),
        ("labels.json", FILE, labels),
        ("runscript", 3, link),
        ("runscript.help", FILE, help),
    ]);
    let inner = raw.folder(inner);
    let scif = raw.list(&[("runscript", FILE, script)]);
    let scif = raw.folder(scif);
    let tool = raw.list(&[("scif", FOLDER, scif)]);
    let (tool, alias) = (raw.folder(tool), raw.link("tool"));
    let apps = raw.list(&[("alias", 3, alias), ("tool", FOLDER, tool)]);
    let apps = raw.folder(apps);
    let top = raw.list(&[("apps", FOLDER, apps)]);
    let top = raw.folder(top);
    let root = raw.list(&[(".singularity.d", FOLDER, inner), ("scif", FOLDER, top)]);
    let root = raw.folder(root);
    raw.bytes(root, &mut |table| plain(table))
}

#[test]
fn a_tree_by_hand_is_read() {
    let found = inspect(&small());
    assert_eq!(found.problems, Vec::<String>::new());
    let said = found.attributes;
    assert_eq!((said.labels["Version"].as_str(), said.runscript.as_str()), ("1.0", "exec tool"));
    assert_eq!((said.helpfile.as_str(), said.environment.len()), ("Help.", 1));
    assert_eq!(said.apps.keys().collect::<Vec<_>>(), ["alias", "tool"]);
    assert_eq!(said.apps["alias"].runscript, "exec tool");
}

/// A reader that follows every folder needs as much stack as they are deep, and a path for
/// each: five gigabytes.
#[test]
fn t30_folders_that_are_nested_without_end_cost_nothing() {
    let mut raw = Raw::default();
    let mut inner = raw.folder((0, 0));
    for _ in 0..100_000 {
        let list = raw.list(&[("a", FOLDER, inner)]);
        inner = raw.folder(list);
    }
    let link = raw.link(&format!("/{}", "a/".repeat(2000)));
    let found = quickly(&raw.with_labels(link, 3, &[("a", FOLDER, inner)]));
    assert_eq!(found.problems, Vec::<String>::new());
}

/// A tree of all paths would have a hundred million entries.
#[test]
fn t05_folders_that_share_their_entries_are_not_multiplied() {
    let mut raw = Raw::default();
    let file = raw.file(0);
    let names: Vec<String> = (0..10_000).map(|n| format!("f{n:04}")).collect();
    let shared: Vec<_> = names.iter().map(|name| (name.as_str(), FILE, file)).collect();
    let shared = raw.list(&shared);
    let folders: Vec<u64> = (0..10_000).map(|_| raw.folder(shared)).collect();
    let all: Vec<_> = names.iter().zip(&folders).map(|(name, inode)| (name.as_str(), FOLDER, *inode)).collect();
    let found = quickly(&raw.with_labels(file, FILE, &all));
    assert!(found.problems.len() == 1 && found.problems[0].contains("labels.json"), "{:?}", found.problems);
}

/// Room for the sizes of its blocks would be terabytes.
#[test]
fn t30_a_file_that_says_an_impossible_size_is_not_believed() {
    for size in [1 << 21, u64::from(u32::MAX), 1 << 40, u64::MAX] {
        let mut raw = Raw::default();
        let file = raw.file(size);
        let found = quickly(&raw.with_labels(file, FILE, &[]));
        assert!(found.problems.iter().any(|text| text.contains("is larger than")), "{size}: {:?}", found.problems);
    }
    // One that is small enough, and whose blocks are not there.
    let mut raw = Raw::default();
    let file = raw.file(1 << 20);
    let found = quickly(&raw.with_labels(file, FILE, &[]));
    assert!(found.problems.iter().any(|text| text.contains("cannot be read")), "{:?}", found.problems);
}

#[test]
fn t05_a_block_of_metadata_that_unpacks_to_more_than_it_may_is_refused() {
    let mut raw = Raw::default();
    let file = raw.file(0);
    let list = raw.list(&[("x", FILE, file)]);
    let root = raw.folder(list);
    let bomb = |table: &[u8]| {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(table).unwrap();
        packed.write_all(&vec![0; 4 << 20]).unwrap();
        let packed = packed.finish().unwrap();
        assert!(packed.len() < BLOCK);
        [&(packed.len() as u16).to_le_bytes()[..], &packed].concat()
    };
    let found = quickly(&raw.bytes(root, &mut |table| bomb(table)));
    assert!(found.problems.iter().any(|text| text.contains("larger than it may be")), "{:?}", found.problems);
}

#[test]
fn t30_folders_and_links_in_circles_end() {
    let mut raw = Raw::default();
    // A folder that holds itself: its inode comes behind those that are there.
    let itself = Raw::here(&raw.inodes);
    let list = raw.list(&[("a", FOLDER, itself)]);
    raw.folder(list);
    let link = raw.link(&format!("{}labels.json", "a/".repeat(1000)));
    let found = quickly(&raw.with_labels(link, 3, &[("a", FOLDER, itself)]));
    assert_eq!(found.problems, Vec::<String>::new());
    let mut raw = Raw::default();
    let link = raw.link(&format!("{}labels.json", "../.singularity.d/".repeat(200)));
    let found = quickly(&raw.with_labels(link, 3, &[]));
    assert!(found.problems.iter().any(|text| text.contains("circle")), "{:?}", found.problems);
}

/// Apps whose folders are all the same long one: each look-up goes through all of it.
#[test]
fn t29_look_ups_in_long_folders_end_at_a_limit() {
    let mut raw = Raw::default();
    let (file, empty) = (raw.file(0), raw.folder((0, 0)));
    let names: Vec<String> = (0..60_000).map(|n| format!("f{n:05}")).collect();
    let inner: Vec<_> = names.iter().map(|name| (name.as_str(), FILE, file)).collect();
    let inner: Vec<_> = inner.into_iter().chain([("scif", FOLDER, empty)]).collect();
    let inner = raw.list(&inner);
    let app = raw.folder(inner);
    let apps: Vec<_> = names[..1000].iter().map(|name| (name.as_str(), FOLDER, app)).collect();
    let apps = raw.list(&apps);
    let apps = raw.folder(apps);
    let scif = raw.list(&[("apps", FOLDER, apps)]);
    let scif = raw.folder(scif);
    let found = quickly(&raw.with_labels(file, FILE, &[("scif", FOLDER, scif)]));
    assert!(found.problems.len() <= 41, "{}", found.problems.len());
}

proptest::proptest! {
    /// Whatever is changed in a tree by hand, it is read to its end or told.
    #[test]
    fn t30_a_damaged_tree_never_panics(at in 0usize..2000, bytes in proptest::collection::vec(proptest::num::u8::ANY, 1..9)) {
        let mut raw = Raw::default();
        let link = raw.link("../a/b");
        let file = raw.file(100);
        let list = raw.list(&[("b", FILE, file), ("c", 3, link)]);
        let folder = raw.folder(list);
        let mut squashfs = raw.with_labels(link, 3, &[("a", FOLDER, folder)]);
        let at = at % squashfs.len();
        let end = (at + bytes.len()).min(squashfs.len());
        squashfs[at..end].copy_from_slice(&bytes[..end - at]);
        inspect(&squashfs);
    }
}
