//! Java properties: `name = value`, `name: value` or `name value`, escapes, and lines that go on after a
//! backslash.
//!
//! The root is a map of texts; dots in names stay. A value's span covers it as written, from its first byte to
//! the last of its last line. Bytes that are no UTF-8 are Latin-1, as the format once demanded.

use super::env::{flat, is_blank};
use super::{Broken, Builder, Entry, Kind, Parsed, Value, repeated};
use crate::text::Span;

/// Parses a text.
pub(super) fn parse(text: &[u8]) -> Parsed {
    let mut builder = Builder::default();
    let mut entries = Vec::new();
    let mut at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while at < text.len() {
        at += text[at..].iter().take_while(|byte| is_space(**byte) || matches!(byte, b'\n' | b'\r')).count();
        let end = logical_end(text, at);
        match text.get(at) {
            None => break,
            Some(b'#' | b'!') => {
                let end = break_at(text, at);
                builder.comment(Span::new(at, at + text[at..end].trim_ascii_end().len()));
                at = end;
            }
            Some(_) => {
                entries.push(entry(&mut builder, text, at, end));
                at = end;
            }
        }
    }
    let broken = repeated(&entries).into_iter().filter_map(|entry| entry.key_span).map(Broken::duplicate).collect();
    Parsed { documents: flat(builder, entries, Kind::Ini).into_iter().collect(), broken }
}

fn is_space(byte: u8) -> bool {
    is_blank(byte) || byte == b'\x0c'
}

fn break_at(text: &[u8], at: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &text[at..]).map_or(text.len(), |length| at + length)
}

/// Where the line ends that begins at `at`, lines that go on included.
fn logical_end(text: &[u8], at: usize) -> usize {
    let mut end = break_at(text, at);
    // An odd number of backslashes before the break: the last one takes it away.
    while end < text.len() && text[at..end].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1 {
        let next = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
        end = break_at(text, next);
    }
    end
}

fn entry(builder: &mut Builder, text: &[u8], start: usize, end: usize) -> Entry {
    let mut at = start;
    while at < end && !is_space(text[at]) && !matches!(text[at], b'=' | b':') {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    let key_end = at.min(end);
    let skip = |at: usize| at + text[at.min(end)..end].iter().take_while(|byte| is_space(**byte)).count();
    let mut value_start = skip(key_end);
    if value_start < end && matches!(text[value_start], b'=' | b':') {
        value_start = skip(value_start + 1);
    }
    let span = Span::new(value_start.min(end), end);
    let value = builder.add(Value::Str(decoded(&text[span.range()])), Some(span));
    let key_span = Some(Span::new(start, key_end));
    Entry { key: decoded(&text[start..key_end]), key_span, value, used_at: None }
}

/// The text with escapes and line ends taken away.
fn decoded(bytes: &[u8]) -> Box<str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\\') => return text.into(),
        Ok(text) => std::borrow::Cow::Borrowed(text),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    // Java's escapes are UTF-16 units, and a pair of them may make one character.
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let Some(escaped) = rest.chars().next().filter(|_| c == '\\') else {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            continue;
        };
        rest = &rest[escaped.len_utf8()..];
        let plain = match escaped {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{c}',
            '\n' | '\r' => {
                let after = if escaped == '\r' { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
                rest = after.trim_start_matches([' ', '\t', '\u{c}']);
                continue;
            }
            'u' => match unit(rest) {
                Some(unit) => {
                    units.push(unit);
                    rest = &rest[4..];
                    continue;
                }
                None => 'u',
            },
            other => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units).into()
}

/// The four hexadecimal digits that a text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::super::Trouble;
    use super::*;
    use crate::text::LineIndex;

    #[test]
    fn names_and_values_are_read() {
        // text, name, value, value as written, line:column of the value
        let cases: &[(&[u8], &str, &str, &str, (usize, usize))] = &[
            (b"a=1", "a", "1", "1", (1, 3)),
            (b"  a.b : x y \r\n", "a.b", "x y \r\n", "", (0, 0)),
            (b"a b", "a", "b", "b", (1, 3)),
            (b"a", "a", "", "", (1, 2)),
            (b"a=", "a", "", "", (1, 3)),
            (
                b"a\\:b\\ c = d\\=e\\u0041\\ud83d\\ude00\\x",
                "a:b c",
                "d=eA\u{1f600}x",
                "d\\=e\\u0041\\ud83d\\ude00\\x",
                (1, 11),
            ),
            (b"# c\r\na=one\\\r\n   two\\\r\n\tthree\r\n", "a", "onetwothree", "one\\\r\n   two\\\r\n\tthree", (2, 3)),
            (b"a=x\\\\\nb=y", "a", "x\\", "x\\\\", (1, 3)), // an escaped backslash ends its line
            (b"a=M\xfcller", "a", "M\u{fc}ller", "", (1, 3)),
            (b"a=\\u12", "a", "u12", "\\u12", (1, 3)),
            (b"a=x\\", "a", "x\\", "x\\", (1, 3)),
            (b"\xef\xbb\xbf! c\na==b", "a", "=b", "=b", (2, 3)),
            (b"=b", "", "b", "b", (1, 2)),
        ];
        for (text, key, value, written, at) in cases {
            let parsed = parse(text);
            assert!(parsed.broken.is_empty());
            let document = &parsed.documents[0];
            let entry = &document.entries(document.root())[0];
            assert_eq!(&*entry.key, *key);
            assert_eq!(document.as_str(entry.value).unwrap().trim_end(), value.trim_end());
            let span = document.node(entry.value).span.unwrap();
            if !written.is_empty() {
                assert_eq!(String::from_utf8_lossy(&text[span.range()]), *written);
            }
            if at.0 > 0 {
                let position = LineIndex::new(text).position(text, span.start);
                assert_eq!((position.line, position.column), *at, "{:?}", String::from_utf8_lossy(text));
            }
        }
    }

    #[test]
    fn bad_input_is_no_trouble() {
        let parsed = parse(b"a=1\n\n!c\na=2\n");
        let found: Vec<_> = parsed.broken.iter().map(|broken| (broken.why, broken.span.start)).collect();
        assert_eq!(found, [(Trouble::DuplicateKey, 8)]);
        assert_eq!(parsed.documents[0].comments(), [Span::new(5, 7)]);
        assert!(parse(b"").documents.is_empty() && parse(b" \n\t\n# c").documents.is_empty());
        for text in ["\\", "\\\n", "a\\", "\\\r\n\\", ":\\\n=", "a\\\n"] {
            parse(text.as_bytes());
        }
        parse(&b"a\\\n".repeat(200_000)); // one long line, in linear time
    }
}
