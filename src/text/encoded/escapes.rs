//! Percent escapes of URLs and backslash escapes of string literals.

use super::{DecodeBudget, Encoded, LEAST_TEXT, readable};
use crate::artifact::Coding;
use crate::text::Span;

/// How far a stretch reaches to either side of the first escape, in bytes.
const FARTHEST: usize = 16 * 1024;
/// A stretch with fewer escapes is as good as clear text.
const LEAST_ESCAPES: usize = 2;

pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, byte| Some(sum.checked_mul(16)? + u32::from(hex_digit(*byte)?)))
}

pub(super) fn find(text: &[u8], budget: &mut DecodeBudget, found: &mut Vec<Encoded>) {
    stretches(text, b'%', Coding::Percent, budget, found);
    stretches(text, b'\\', Coding::Escape, budget, found);
}

fn stretches(text: &[u8], mark: u8, coding: Coding, budget: &mut DecodeBudget, found: &mut Vec<Encoded>) {
    let mut past = 0;
    for at in memchr::memchr_iter(mark, text) {
        if at < past || one(text, at, coding).is_none_or(|(_, length)| length < 3) {
            continue;
        }
        let back = &text[past.max(at.saturating_sub(FARTHEST))..at];
        let before = back.iter().rev().take_while(|byte| belongs(**byte, coding)).count();
        let ahead = &text[at..text.len().min(at + FARTHEST)];
        let after = ahead.iter().take_while(|byte| belongs(**byte, coding)).count();
        let span = Span::new(at - before, at + after);
        past = span.end;
        if !budget.allows(span.len()) {
            return;
        }
        if let Some(decoded) = decoded(&text[span.range()], coding) {
            budget.charge(span.len());
            found.push(Encoded { span, coding, text: decoded });
        }
    }
}

/// Whether a byte can stand in an encoded stretch: what URLs leave as it is, or what stands in a string literal.
fn belongs(byte: u8, coding: Coding) -> bool {
    match coding {
        Coding::Percent => byte.is_ascii_alphanumeric() || b"-._~%+".contains(&byte),
        _ => !byte.is_ascii_control() && !b"\"'`".contains(&byte),
    }
}

/// The text of a stretch, if it has enough escapes and is text.
fn decoded(stretch: &[u8], coding: Coding) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(stretch.len());
    let (mut at, mut escapes) = (0, 0);
    while let Some(byte) = stretch.get(at) {
        let Some((value, length)) = one(stretch, at, coding) else {
            text.push(*byte);
            at += 1;
            continue;
        };
        escapes += usize::from(length > 2);
        match value {
            Unit::Byte(byte) => text.push(byte),
            Unit::Char(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        at += length;
    }
    if escapes < LEAST_ESCAPES { None } else { readable(text, LEAST_TEXT) }
}

enum Unit {
    Byte(u8),
    Char(char),
}

/// The escape at `at`, with its length.
fn one(text: &[u8], at: usize, coding: Coding) -> Option<(Unit, usize)> {
    let rest = text.get(at..)?;
    let byte = |digits: Option<&[u8]>| number(digits?).and_then(|value| u8::try_from(value).ok()).map(Unit::Byte);
    let unit = |digits: Option<&[u8]>| number(digits?).and_then(char::from_u32).map(Unit::Char);
    match (coding, rest) {
        (Coding::Percent, [b'%', ..]) => Some((byte(rest.get(1..3))?, 3)),
        (Coding::Percent, _) => None,
        (_, [b'\\', b'x', ..]) => Some((byte(rest.get(2..4))?, 4)),
        (_, [b'\\', b'u', b'{', ..]) => {
            let length = rest.iter().take(10).position(|byte| *byte == b'}')?;
            Some((unit(rest.get(3..length))?, length + 1))
        }
        (_, [b'\\', b'u', ..]) => Some((unit(rest.get(2..6))?, 6)),
        (_, [b'\\', b'U', ..]) => Some((unit(rest.get(2..10))?, 10)),
        (_, [b'\\', b'n', ..]) => Some((Unit::Byte(b'\n'), 2)),
        (_, [b'\\', b't', ..]) => Some((Unit::Byte(b'\t'), 2)),
        (_, [b'\\', other @ (b'\\' | b'/' | b'"' | b'\''), ..]) => Some((Unit::Byte(*other), 2)),
        _ => None,
    }
}
