//! Text for parsers that want UTF-8, with every byte at its old place.
//!
//! Knows UTF-8 only.

use std::borrow::Cow;

use super::Broken;
use crate::text::Span;

/// What stands for a byte that is no UTF-8: one byte long, so that offsets stay true, and a letter as far as
/// YAML, TOML and shells are concerned.
const STAND_IN: u8 = b'_';

/// The text as UTF-8, and where its first byte is that is none, if there is one.
pub(super) fn utf8(text: &[u8]) -> (Cow<'_, str>, Option<Span>) {
    let error = match std::str::from_utf8(text) {
        Ok(text) => return (Cow::Borrowed(text), None),
        Err(error) => error,
    };
    let mut mended = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        mended.push_str(chunk.valid());
        mended.extend(chunk.invalid().iter().map(|_| char::from(STAND_IN)));
    }
    (Cow::Owned(mended), Some(Span::new(error.valid_up_to(), error.valid_up_to() + 1)))
}

/// The complaint about a stray byte.
pub(super) fn complaint(span: Span) -> Broken {
    Broken::syntax("the text is not UTF-8; each stray byte was read as `_`", span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_stay_true() {
        // bytes, text, first stray byte
        let cases: &[(&[u8], &str, Option<usize>)] = &[
            ("a é".as_bytes(), "a é", None),
            (b"a\xfcb", "a_b", Some(1)),
            (b"\xe2\x82x\xff", "__x_", Some(0)), // a character that was cut short is two bytes
            (b"", "", None),
        ];
        for (bytes, text, stray) in cases {
            let (mended, span) = utf8(bytes);
            assert_eq!((&*mended, span.map(|span| span.start)), (*text, *stray));
            assert_eq!(mended.len(), bytes.len());
        }
    }
}
