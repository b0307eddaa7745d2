//! The text that strings of a JSON or YAML document make together, each byte with its place.

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

    /// Adds the lines of a block scalar without their indentation.
    pub(super) fn add_block(&mut self, outer: &[u8], span: Span) {
        let end = span.end.min(outer.len());
        let indent = outer[..span.start].iter().rev().take_while(|byte| **byte == b' ').count();
        let begins_line = matches!(outer[..span.start - indent].last(), None | Some(b'\n'));
        let mut at = if begins_line { span.start - indent } else { span.start };
        let lines = || outer[at..end].split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let spaces = |line: &[u8]| line.iter().take_while(|byte| **byte == b' ').count();
        let indent = lines().map(spaces).min().unwrap_or(0);
        while at < end {
            let next = memchr::memchr(b'\n', &outer[at..end]).map_or(end, |newline| at + newline + 1);
            let start = at + spaces(&outer[at..next]).min(indent);
            self.push(&outer[start..next], Span::new(start, next), true);
            at = next;
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

/// The escape of JSON or YAML that `text` begins with, and its length. The parser has refused wrong ones.
fn escape(text: &[u8]) -> (char, usize) {
    let number = |length: usize, at: usize| {
        let digits = text.get(at..at + length).and_then(|digits| std::str::from_utf8(digits).ok())?;
        u32::from_str_radix(digits, 16).ok()
    };
    let unit = |at| number(4, at);
    let wide = |length: usize| {
        let value = number(length, 2).and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
        (value, (length + 2).min(text.len()))
    };
    let plain = |c: char| (c, 2.min(text.len()));
    match text.get(1) {
        Some(b'n') => plain('\n'),
        Some(b't') => plain('\t'),
        Some(b'r') => plain('\r'),
        Some(b'b') => plain('\u{8}'),
        Some(b'f') => plain('\u{c}'),
        Some(b'x') => wide(2),
        Some(b'U') => wide(8),
        // A line that goes on in the next one, without its indentation.
        Some(b'\n') => (' ', 2 + text[2..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()),
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
