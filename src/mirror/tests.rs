//! Whole fetches, from files.

use super::{Compression, FetchError, FetchOptions, Fetched, Limit, Location};
use super::{fetch, fetch_optional};
use crate::code::Code;

const JSON: &[u8] = b"{\"a\": 1}\n";

fn error(result: Result<Fetched, FetchError>) -> FetchError {
    match result {
        Err(error) => error,
        Ok(fetched) => panic!("{fetched:?}"),
    }
}

#[test]
fn a_file_is_fetched_with_its_hashes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.json");
    let packed = zstd::encode_all(JSON, 3).unwrap();
    std::fs::write(&path, &packed).unwrap();
    let url: Location = format!("file://{}", path.display()).parse().unwrap();
    let folder = Location::from_path(dir.path()).unwrap();
    for location in [url, folder.join("data.json").unwrap()] {
        let fetched = fetch(&location, &FetchOptions::default()).unwrap();
        assert_eq!(fetched.bytes, JSON);
        assert_eq!(fetched.raw_len, packed.len() as u64);
        assert_eq!(fetched.compression, Compression::Zstd);
        assert_eq!(fetched.final_url, None);
    }
    let missing = folder.join("other.json").unwrap();
    assert!(
        fetch_optional(&missing, &FetchOptions::default())
            .unwrap()
            .is_none()
    );
    assert_eq!(
        error(fetch(&missing, &FetchOptions::default())).code(),
        Code::NotFound
    );
    assert_eq!(
        error(fetch(&folder, &FetchOptions::default())).code(),
        Code::SourceInvalid
    );
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_read() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // Sparse: it has the size, but takes no place.
    file.as_file().set_len(1 << 40).unwrap();
    let location = Location::from_path(file.path()).unwrap();
    match error(fetch(&location, &FetchOptions::default())) {
        FetchError::TooLarge {
            what: Limit::Raw,
            limit,
            met,
            ..
        } => {
            assert_eq!((limit, met), (1 << 30, 1 << 40));
        }
        other => panic!("{other}"),
    }
}
