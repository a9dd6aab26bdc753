//! A descriptor, understood: what an object is, and where it lies.

use std::fmt;

use super::architecture::Architecture;
use super::error::SifError;
use super::header::{integer, moment, text};

/// Set in the group of every descriptor, and in a link that means a group.
const GROUP: u32 = 0xF000_0000;

/// A data object of an image. Its range lies within the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its id, the number of its slot from 1.
    pub id: u32,
    /// The group that it belongs to, if any.
    pub group: Option<u32>,
    /// What it says something about, if anything.
    pub link: Option<Link>,
    /// What it is.
    pub kind: Kind,
    /// Where it begins, in bytes from the start of the file.
    pub offset: u64,
    /// Its size, in bytes.
    pub size: u64,
    /// When it was added, in Unix seconds; nothing where the image says no time.
    pub created: Option<i64>,
    /// When it was changed, in Unix seconds.
    pub modified: Option<i64>,
    /// Its name; often empty.
    pub name: String,
    /// The descriptor's bytes, which signatures speak of.
    pub(super) descriptor: Box<[u8]>,
}

/// What an object is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// An object, by its id.
    Object(u32),
    /// A group of objects.
    Group(u32),
}

/// What an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The definition file that the image was built from.
    Definition,
    /// Environment variables.
    Environment,
    /// Labels, as JSON.
    Labels,
    /// A file system.
    Partition {
        /// Which one.
        file_system: FileSystem,
        /// What it is for.
        kind: PartitionKind,
        /// For which architecture, where it is said. A signature covers it.
        architecture: Option<Architecture>,
    },
    /// A signature. That it is there says nothing of its being good.
    Signature {
        /// How the signed objects were hashed.
        hash: HashKind,
        /// The fingerprint of the key that it claims, of 20 bytes; none for DSSE.
        fingerprint: Option<[u8; 20]>,
    },
    /// JSON, told by its name; `inspect-metadata.json` is one.
    Json,
    /// Anything else.
    Generic,
    /// An encrypted message: the key of an encrypted partition.
    Message,
    /// A software bill of materials, in the format of this number.
    Sbom(i32),
    /// The index of an image in OCI's format, by its digest.
    OciIndex(String),
    /// A blob of an image in OCI's format, by its digest.
    OciBlob(String),
    /// A type that nobody has defined yet.
    Unknown(i32),
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident: $( $number:literal = $variant:ident, $text:literal; )+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $( #[doc = $text] $variant, )+
            /// A number that nobody has defined yet.
            Unknown(i32),
        }

        impl $name {
            fn of_number(number: i32) -> Self {
                match number {
                    $( $number => Self::$variant, )+
                    other => Self::Unknown(other),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $( Self::$variant => f.write_str($text), )+
                    Self::Unknown(number) => write!(f, "unknown ({number})"),
                }
            }
        }
    };
}

numbered! {
    /// The file system of a partition.
    FileSystem:
    1 = Squashfs, "squashfs";
    2 = Ext3, "ext3";
    3 = Archive, "archive";
    4 = Raw, "raw";
    5 = EncryptedSquashfs, "encrypted squashfs";
    6 = GocryptfsSquashfs, "gocryptfs squashfs";
}

numbered! {
    /// What a partition is for.
    PartitionKind:
    1 = System, "system";
    2 = Primary, "primary system";
    3 = Data, "data";
    4 = Overlay, "overlay";
}

numbered! {
    /// How signed objects were hashed.
    HashKind:
    1 = Sha256, "SHA-256";
    2 = Sha384, "SHA-384";
    3 = Sha512, "SHA-512";
    4 = Blake2s, "BLAKE2s-256";
    5 = Blake2b, "BLAKE2b-256";
}

impl Object {
    /// Understands a descriptor of a file with `len` bytes; nothing for a free slot.
    pub(super) fn of_descriptor(bytes: &[u8], len: u64) -> Result<Option<Self>, SifError> {
        if bytes[4] == 0 {
            return Ok(None);
        }
        let id = unsigned(bytes, 5);
        let damaged = |what: &str| SifError::Damaged(format!("the descriptor of object {id} says {what}"));
        let offset =
            u64::try_from(integer(bytes, 17)).map_err(|_negative| damaged("that it begins before the file"))?;
        let size = u64::try_from(integer(bytes, 25)).map_err(|_negative| damaged("a negative size"))?;
        let end = offset.checked_add(size).ok_or_else(|| damaged("a place beyond any file"))?;
        if end > len {
            return Err(SifError::Truncated { what: format!("object {id}"), end, len });
        }
        let (group, link) = (unsigned(bytes, 9) & !GROUP, unsigned(bytes, 13));
        Ok(Some(Self {
            id,
            group: (group != 0).then_some(group),
            link: match (link & GROUP, link & !GROUP) {
                (_, 0) => None,
                (GROUP, group) => Some(Link::Group(group)),
                _ => Some(Link::Object(link)),
            },
            kind: kind(signed(bytes, 0), &bytes[201..]),
            offset,
            size,
            created: moment(integer(bytes, 41)),
            modified: moment(integer(bytes, 49)),
            name: text(&bytes[73..201]),
            descriptor: bytes.into(),
        }))
    }
}

fn kind(number: i32, extra: &[u8]) -> Kind {
    match number {
        0x4001 => Kind::Definition,
        0x4002 => Kind::Environment,
        0x4003 => Kind::Labels,
        0x4004 => Kind::Partition {
            file_system: FileSystem::of_number(signed(extra, 0)),
            kind: PartitionKind::of_number(signed(extra, 4)),
            architecture: Architecture::of_code([extra[8], extra[9], extra[10]]),
        },
        0x4005 => {
            let fingerprint: [u8; 20] = extra[4..24].try_into().expect("the range has 20 bytes");
            Kind::Signature {
                hash: HashKind::of_number(signed(extra, 0)),
                fingerprint: (fingerprint != [0; 20]).then_some(fingerprint),
            }
        }
        0x4006 => Kind::Json,
        0x4007 => Kind::Generic,
        0x4008 => Kind::Message,
        0x4009 => Kind::Sbom(signed(extra, 0)),
        0x400A => Kind::OciIndex(text(extra)),
        0x400B => Kind::OciBlob(text(extra)),
        other => Kind::Unknown(other),
    }
}

fn signed(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes[at..at + 4].try_into().expect("the range has 4 bytes"))
}

fn unsigned(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("the range has 4 bytes"))
}
