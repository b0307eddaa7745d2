//! Texts of protocol 0: as Python prints them, or as Latin-1 with escapes.

use std::borrow::Cow;

/// A string without the escapes that Python writes.
pub(super) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            plain.push(*byte);
            continue;
        }
        let Some(kind) = text.get(at) else { break };
        at += 1;
        let digits = match kind {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        let code = text.get(at..at + digits).and_then(|digits| std::str::from_utf8(digits).ok());
        match (kind, code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?))) {
            (_, Some(char)) if digits > 0 => {
                plain.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                at += digits;
            }
            (b'n', _) => plain.push(b'\n'),
            (b't', _) => plain.push(b'\t'),
            (b'r', _) => plain.push(b'\r'),
            (other, _) => plain.push(*other),
        }
    }
    Cow::Owned(plain)
}

/// A text of protocol 0: Latin-1, and `\u` for what that does not have.
pub(super) fn of_latin1(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() && !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        let digits = match (byte, text.get(at)) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => 0,
        };
        let code = text.get(at + 1..at + 1 + digits).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?)) {
            Some(char) if digits > 0 => {
                plain.push(char);
                at += 1 + digits;
            }
            _ => plain.push(char::from(*byte)),
        }
    }
    Cow::Owned(plain.into_bytes())
}
