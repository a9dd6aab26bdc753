//! Images written by hand, byte by byte, read back.

use super::{Architecture, FileSystem, Image, Kind, Link, PartitionKind, SifError};

const TABLE: usize = 4096;
const DATA: usize = TABLE + 48 * 585;

/// An image with these descriptors, each with its data.
struct Written(Vec<u8>);

impl Written {
    fn new() -> Self {
        let mut bytes = vec![0; DATA];
        put(&mut bytes, 0, b"#!/usr/bin/env run-singularity\n");
        put(&mut bytes, 32, b"SIF_MAGIC\0");
        put(&mut bytes, 42, b"01\0");
        put(&mut bytes, 45, b"02\0");
        put(&mut bytes, 48, &[7; 16]);
        for (at, number) in
            [(64, 5), (72, 6), (80, 48), (88, 48), (96, TABLE as i64), (104, 28_080), (112, DATA as i64)]
        {
            put(&mut bytes, at, &i64::to_le_bytes(number));
        }
        Self(bytes)
    }

    fn object(mut self, slot: usize, kind: i32, name: &str, extra: &[u8], data: &[u8]) -> Self {
        let (at, offset) = (TABLE + slot * 585, self.0.len() as i64);
        put(&mut self.0, at, &kind.to_le_bytes());
        put(&mut self.0, at + 4, &[1]);
        put(&mut self.0, at + 5, &(slot as u32 + 1).to_le_bytes());
        put(&mut self.0, at + 9, &0xF000_0001_u32.to_le_bytes());
        put(&mut self.0, at + 17, &offset.to_le_bytes());
        put(&mut self.0, at + 25, &(data.len() as i64).to_le_bytes());
        put(&mut self.0, at + 41, &(-62_135_596_800_i64).to_le_bytes());
        put(&mut self.0, at + 73, name.as_bytes());
        put(&mut self.0, at + 201, extra);
        self.0.extend_from_slice(data);
        self
    }

    fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        put(&mut self.0, at, bytes);
        self
    }

    fn error(&self) -> SifError {
        Image::open(&self.0[..]).unwrap_err()
    }
}

fn put(into: &mut [u8], at: usize, bytes: &[u8]) {
    into[at..at + bytes.len()].copy_from_slice(bytes);
}

fn partition(fs: i32, kind: i32, architecture: &[u8; 3]) -> Vec<u8> {
    [&fs.to_le_bytes()[..], &kind.to_le_bytes(), architecture].concat()
}

fn whole() -> Written {
    Written::new()
        .object(0, 0x4001, "", &[], b"Bootstrap: docker\n")
        .object(2, 0x4006, "inspect-metadata.json", &[], b"{}")
        .object(3, 0x4004, "", &partition(1, 2, b"04\0"), b"hsqs")
}

#[test]
fn an_image_is_read_with_its_holes() {
    let written = whole();
    let image = Image::open(&written.0[..]).unwrap();
    let header = image.header();
    assert_eq!(header.launch, "#!/usr/bin/env run-singularity");
    assert_eq!((header.uuid, header.created, header.total), (Some([7; 16]), Some(5), 48));
    assert_eq!(image.objects().iter().map(|object| object.id).collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!(image.objects()[1].name, "inspect-metadata.json");
    assert_eq!(image.data(&image.objects()[0], 100).unwrap(), b"Bootstrap: docker\n");
    let primary = image.primary().unwrap();
    let expected = Kind::Partition {
        file_system: FileSystem::Squashfs,
        kind: PartitionKind::Primary,
        architecture: Architecture::of_code(*b"04\0"),
    };
    assert_eq!((&primary.kind, primary.group, primary.created), (&expected, Some(1), None));
}

#[test]
fn a_deterministic_image_says_no_time_and_no_uuid() {
    let zero = i64::to_le_bytes(-62_135_596_800);
    let written = whole().with(48, &[0; 16]).with(64, &zero).with(72, &zero);
    let image = Image::open(&written.0[..]).unwrap();
    assert_eq!((image.header().uuid, image.header().created, image.header().modified), (None, None, None));
}

#[test]
fn links_to_objects_and_groups_are_told_apart() {
    let at = TABLE + 3 * 585 + 13;
    let link = |number: u32| Image::open(&whole().with(at, &number.to_le_bytes()).0[..]).unwrap().objects()[2].link;
    assert_eq!(link(0), None);
    assert_eq!(link(2), Some(Link::Object(2)));
    assert_eq!(link(0xF000_0001), Some(Link::Group(1)));
    assert_eq!(link(0xF000_0000), None);
}

#[test]
fn t30_no_range_leads_outside_the_file() {
    let descriptor = TABLE + 3 * 585;
    let number = |at: usize, value: i64| whole().with(at, &value.to_le_bytes()).error();
    for value in [-1, i64::MIN] {
        for at in [88, 96, 104, descriptor + 17, descriptor + 25] {
            assert!(matches!(number(at, value), SifError::Damaged(_)), "{at}: {value}");
        }
    }
    assert!(matches!(number(88, 1 << 40), SifError::TooMany { .. }));
    assert!(matches!(number(88, i64::MAX), SifError::TooMany { .. }));
    assert!(matches!(number(88, 49), SifError::Damaged(_)), "more slots than the table holds");
    assert!(matches!(number(96, 1 << 40), SifError::Truncated { .. }));
    assert!(matches!(number(96, i64::MAX), SifError::Truncated { .. }));
    assert!(matches!(number(96, 64), SifError::Damaged(_)), "a table within the header");
    assert!(matches!(number(descriptor + 17, i64::MAX), SifError::Truncated { .. }));
    assert!(matches!(number(descriptor + 25, i64::MAX), SifError::Truncated { .. }));
    let error = number(descriptor + 25, 5).to_string();
    assert!(error.contains("object 4 ends at byte") && error.contains("but the file has"), "{error}");
}

#[test]
fn t30_an_object_larger_than_the_limit_is_not_read() {
    let written = whole();
    let image = Image::open(&written.0[..]).unwrap();
    assert!(matches!(image.data(&image.objects()[0], 17), Err(SifError::TooMany { found: 18, .. })));
}

#[test]
fn t30_two_objects_of_one_id_are_refused() {
    let error = whole().with(TABLE + 3 * 585 + 5, &1_u32.to_le_bytes()).error();
    assert!(error.to_string().contains("two objects have the id 1"), "{error}");
}

#[test]
fn t30_bytes_that_are_two_things_are_refused() {
    let place = |slot: usize, offset: usize| {
        let at = TABLE + slot * 585 + 17;
        whole().with(at, &(offset as i64).to_le_bytes()).error().to_string()
    };
    for (error, words) in [
        (place(0, 1), "the header and object 1 share bytes"),
        (place(0, TABLE + 8), "the table of descriptors and object 1 share bytes"),
        (place(2, DATA + 1), "object 1 and object 3 share bytes"),
    ] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn what_is_no_image_is_called_what_it_is() {
    let error = |bytes: &[u8]| Image::open(bytes).unwrap_err().to_string();
    assert!(error(b"").contains("empty"));
    assert!(error(b"hsqs\0\0\0\0").contains("squashfs"));
    assert!(error(b"<html><body>404").contains("web page"));
    assert!(error(&[b'x'; 5000]).contains("SIF_MAGIC"));
    assert!(error(&whole().0[..100]).contains("truncated: the header ends at byte 128, but the file has 100 bytes"));
    assert!(error(&whole().with(42, b"99\0").0).contains("version `99`"));
    assert!(error(&whole().0[..DATA - 1]).contains("the table of descriptors"));
}

proptest::proptest! {
    #[test]
    fn t30_damaged_bytes_never_panic(at in 0usize..DATA, bytes in proptest::collection::vec(proptest::num::u8::ANY, 1..16), cut in 0usize..DATA + 24) {
        let mut written = whole().0;
        let end = (at + bytes.len()).min(written.len());
        written[at..end].copy_from_slice(&bytes[..end - at]);
        written.truncate(cut);
        if let Ok(image) = Image::open(&written[..]) {
            for object in image.objects() {
                proptest::prop_assert!(image.data(object, 1 << 20).is_ok());
            }
        }
    }
}
