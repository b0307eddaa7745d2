//! The text that strings of a JSON document make together, each byte with its place.

use super::{Piece, Places};
use crate::text::Span;

/// A text put together from JSON strings.
#[derive(Default)]
pub(super) struct JsonText {
    pub(super) text: Vec<u8>,
    pieces: Vec<Piece>,
}

impl JsonText {
    /// Adds the string whose quotes stand at the ends of `span` in `outer`.
    pub(super) fn add(&mut self, outer: &[u8], span: Span) {
        let mut at = span.start + 1;
        let end = span.end.saturating_sub(1).min(outer.len());
        while at < end {
            let plain = memchr::memchr(b'\\', &outer[at..end]).unwrap_or(end - at);
            self.push(&outer[at..at + plain], Span::new(at, at + plain), true);
            at += plain;
            if at < end {
                let (value, length) = escape(&outer[at..end]);
                self.push(value.encode_utf8(&mut [0; 4]).as_bytes(), Span::new(at, at + length), false);
                at += length;
            }
        }
    }

    fn push(&mut self, bytes: &[u8], outer: Span, plain: bool) {
        if !bytes.is_empty() {
            self.pieces.push(Piece { start: self.text.len(), outer, plain });
            self.text.extend_from_slice(bytes);
        }
    }

    pub(super) fn places(self) -> (Vec<u8>, Places) {
        (self.text, Places::Pieces(self.pieces))
    }
}

/// The escape that `text` begins with, and its length. The parser has refused wrong ones.
fn escape(text: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok())?;
        u32::from_str_radix(digits, 16).ok()
    };
    let plain = |c: char| (c, 2.min(text.len()));
    match text.get(1) {
        Some(b'n') => plain('\n'),
        Some(b't') => plain('\t'),
        Some(b'r') => plain('\r'),
        Some(b'b') => plain('\u{8}'),
        Some(b'f') => plain('\u{c}'),
        Some(b'u') => match (unit(2), unit(8)) {
            (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                let value = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                (char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER), 12.min(text.len()))
            }
            (value, _) => (value.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER), 6.min(text.len())),
        },
        Some(other) => plain(char::from(*other)),
        None => plain(char::REPLACEMENT_CHARACTER),
    }
}
