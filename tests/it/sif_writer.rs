//! Writes small SIF images for tests, and squashfs file systems to put into them.

use std::io::Cursor;

use backhand::compression::{CompressionOptions, Compressor, Lz4};
use backhand::{FilesystemCompressor, FilesystemWriter, NodeHeader};
use sha2::{Digest, Sha256};

const DESCRIPTOR: usize = 585;
/// Right behind the header: nothing needs the place that real images leave.
const TABLE: usize = 128;

/// An image being written.
pub(crate) struct Sif {
    slots: usize,
    arch: [u8; 3],
    created: i64,
    objects: Vec<Object>,
}

struct Object {
    kind: i32,
    group: u32,
    link: u32,
    name: String,
    extra: Vec<u8>,
    data: Vec<u8>,
}

impl Sif {
    pub(crate) fn new() -> Self {
        Self { slots: 1, arch: *b"02\0", created: 1_700_000_000, objects: Vec::new() }
    }

    pub(crate) fn arch(mut self, code: &[u8; 3]) -> Self {
        self.arch = *code;
        self
    }

    /// Go's zero time.
    pub(crate) fn without_time(mut self) -> Self {
        self.created = -62_135_596_800;
        self
    }

    pub(crate) fn object(self, kind: i32, name: &str, extra: &[u8], data: &[u8]) -> Self {
        self.grouped(kind, name, extra, data, 0xF000_0001, 0)
    }

    fn grouped(mut self, kind: i32, name: &str, extra: &[u8], data: &[u8], group: u32, link: u32) -> Self {
        let (name, extra, data) = (name.to_owned(), extra.to_vec(), data.to_vec());
        self.objects.push(Object { kind, group, link, name, extra, data });
        self
    }

    /// An object that is in no group.
    pub(crate) fn ungrouped(self, kind: i32, name: &str, data: &[u8]) -> Self {
        self.grouped(kind, name, &[], data, 0xF000_0000, 0)
    }

    pub(crate) fn definition(self, text: &str) -> Self {
        self.object(0x4001, "Singularity", &[], text.as_bytes())
    }

    /// What `inspect-metadata.json` says, its attributes as JSON.
    pub(crate) fn metadata(self, attributes: &serde_json::Value) -> Self {
        let text = serde_json::json!({"data": {"attributes": attributes}, "type": "container"}).to_string();
        self.object(0x4006, "inspect-metadata.json", &[], text.as_bytes())
    }

    /// The primary partition, a squashfs.
    pub(crate) fn root(self, squashfs: &[u8]) -> Self {
        let arch = self.arch;
        let extra = [&1_i32.to_le_bytes()[..], &2_i32.to_le_bytes(), &arch].concat();
        self.object(0x4004, "root", &extra, squashfs)
    }

    /// A DSSE envelope over all objects so far; its digests are right.
    pub(crate) fn dsse(self) -> Self {
        let bytes = self.bytes();
        let digest = |bytes: &[u8]| {
            let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("sha256:{hex}")
        };
        let objects: Vec<serde_json::Value> = (0..self.objects.len())
            .map(|slot| {
                let at = TABLE + slot * DESCRIPTOR;
                let own = &bytes[at..at + DESCRIPTOR];
                let signed = [
                    &own[0..5],
                    &u32::try_from(slot).unwrap().to_le_bytes(),
                    &own[13..17],
                    &own[25..33],
                    &own[41..49],
                    &own[57..],
                ]
                .concat();
                serde_json::json!({
                    "relativeId": slot,
                    "descriptorDigest": digest(&signed),
                    "objectDigest": digest(&self.objects[slot].data),
                })
            })
            .collect();
        let header = digest(&[&bytes[..45], &bytes[48..64]].concat());
        let payload = serde_json::json!({"version": 1, "header": {"digest": header}, "objects": objects}).to_string();
        let envelope = serde_json::json!({
            "payloadType": "application/vnd.sylabs.sif-metadata+json",
            "payload": base64(payload.as_bytes()),
            "signatures": [{"keyid": "test", "sig": ""}],
        });
        let extra = 1_i32.to_le_bytes();
        self.grouped(0x4005, "", &extra, envelope.to_string().as_bytes(), 0xF000_0000, 0xF000_0001)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let data = TABLE + self.slots.max(self.objects.len()) * DESCRIPTOR;
        let mut bytes = vec![0; data];
        let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
        put(0, b"#!/usr/bin/env run-singularity\n");
        put(32, b"SIF_MAGIC\x0001\0");
        put(45, &self.arch);
        let slots = self.slots.max(self.objects.len()) as i64;
        let table_size = slots * DESCRIPTOR as i64;
        for (at, number) in [
            (64, self.created),
            (72, self.created),
            (80, slots - self.objects.len() as i64),
            (88, slots),
            (96, TABLE as i64),
            (104, table_size),
            (112, data as i64),
        ] {
            put(at, &number.to_le_bytes());
        }
        let mut offset = data;
        for (slot, object) in self.objects.iter().enumerate() {
            let at = TABLE + slot * DESCRIPTOR;
            put(at, &object.kind.to_le_bytes());
            put(at + 4, &[1]);
            put(at + 5, &(slot as u32 + 1).to_le_bytes());
            put(at + 9, &object.group.to_le_bytes());
            put(at + 13, &object.link.to_le_bytes());
            put(at + 17, &(offset as i64).to_le_bytes());
            put(at + 25, &(object.data.len() as i64).to_le_bytes());
            put(at + 41, &self.created.to_le_bytes());
            put(at + 73, object.name.as_bytes());
            put(at + 201, &object.extra);
            offset += object.data.len();
        }
        for object in &self.objects {
            bytes.extend_from_slice(&object.data);
        }
        bytes
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    text
}

/// An entry of a file system: a path with content, or a link.
pub(crate) enum Node<'a> {
    File(&'a str, &'a [u8]),
    Link(&'a str, &'a str),
}

/// A squashfs that holds these entries, with the folders above them.
pub(crate) fn squashfs(compressor: Compressor, nodes: &[Node<'_>]) -> Vec<u8> {
    let header = NodeHeader { permissions: 0o755, ..NodeHeader::default() };
    let mut writer = FilesystemWriter::default();
    let options = (compressor == Compressor::Lz4).then_some(CompressionOptions::Lz4(Lz4 { version: 1, flags: 0 }));
    writer.set_compressor(FilesystemCompressor::new(compressor, options).unwrap());
    writer.set_no_padding();
    writer.set_time(0);
    for node in nodes {
        let (Node::File(path, _) | Node::Link(path, _)) = node;
        if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
            // It may be there already.
            let _ = writer.push_dir_all(folder, header);
        }
        match node {
            Node::File(path, content) => writer.push_file(Cursor::new(content.to_vec()), path, header).unwrap(),
            Node::Link(path, target) => writer.push_symlink(target, path, header).unwrap(),
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes).unwrap();
    bytes.into_inner()
}

/// What a container's file system holds of metadata.
pub(crate) fn container(compressor: Compressor, labels: &str) -> Vec<u8> {
    squashfs(
        compressor,
        &[
            Node::File("/.singularity.d/labels.json", labels.as_bytes()),
            Node::File("/.singularity.d/runscript", b"#!/bin/sh\nexec tool\n"),
            Node::File("/.singularity.d/runscript.help", b"A tool.\nIt does things.\n"),
            Node::File("/.singularity.d/env/90-environment.sh", b"export LC_ALL=C\n"),
            Node::File("/scif/apps/tool/scif/runscript", b"exec tool\n"),
            Node::File("/scif/apps/tool/scif/labels.json", b"{\"Version\": \"1\"}"),
            Node::Link("/singularity", ".singularity.d/runscript"),
        ],
    )
}
