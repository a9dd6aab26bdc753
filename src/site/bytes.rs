//! Numbers and texts to bytes and back, for the state of a build.
//!
//! Reading never trusts a length: what does not fit is `None`.

/// Bytes being written.
#[derive(Default)]
pub(super) struct Encoder(pub(super) Vec<u8>);

impl Encoder {
    /// A number of 64 bits.
    pub(super) fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// A number of 128 bits.
    pub(super) fn wide(&mut self, number: u128) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// Bytes, with their length before them.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

/// Bytes being read.
pub(super) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    /// Reads these bytes from their beginning.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of 64 bits.
    pub(super) fn number(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    /// A number of 128 bits.
    pub(super) fn wide(&mut self) -> Option<u128> {
        self.take(16)?.try_into().ok().map(u128::from_le_bytes)
    }

    /// Bytes that were written with their length.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A text that was written with its length.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// A list that was written with its length, each element of at least one byte.
    pub(super) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = usize::try_from(self.number()?).ok().filter(|length| *length <= self.0.len())?;
        let mut list = Vec::with_capacity(length.min(4096));
        for _ in 0..length {
            list.push(read(self)?);
        }
        Some(list)
    }

    /// Whether all was read.
    pub(super) fn is_done(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Decoder, Encoder};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn what_was_written_is_read(number in any::<u64>(), wide in any::<u128>(), text in any::<String>(), list in any::<Vec<u64>>()) {
            let mut encoder = Encoder::default();
            encoder.number(number);
            encoder.wide(wide);
            encoder.bytes(text.as_bytes());
            encoder.number(list.len() as u64);
            list.iter().for_each(|n| encoder.number(*n));
            let mut decoder = Decoder::new(&encoder.0);
            prop_assert_eq!(decoder.number(), Some(number));
            prop_assert_eq!(decoder.wide(), Some(wide));
            prop_assert_eq!(decoder.text(), Some(text.as_str()));
            prop_assert_eq!(decoder.list(Decoder::number), Some(list));
            prop_assert!(decoder.is_done());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
            let mut decoder = Decoder::new(&bytes);
            while let Some(list) = decoder.list(Decoder::bytes) {
                prop_assert!(list.len() <= bytes.len());
            }
        }
    }
}
