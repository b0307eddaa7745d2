//! Runs of one alphabet: base64 in both of its alphabets, on one line or wrapped, and hex.

use super::{DecodeBudget, Encoded, LEAST_TEXT, is_control, readable};
use crate::artifact::Coding;
use crate::text::Span;

/// The shortest run that is looked at.
const LEAST: usize = 20;
/// The shortest run of hex digits that is looked at.
const LEAST_HEX: usize = 32;
/// A line of this length may go on in the next one.
const LEAST_WRAPPED: usize = 40;
/// What is no digit of base64.
const NONE: u8 = 0xff;

/// The value of each base64 digit, `-` and `_` for `+` and `/` too.
const DIGITS: [u8; 256] = {
    let mut digits = [NONE; 256];
    let mut at = 0;
    while at < 26 {
        digits[b'A' as usize + at] = at as u8;
        digits[b'a' as usize + at] = at as u8 + 26;
        at += 1;
    }
    at = 0;
    while at < 10 {
        digits[b'0' as usize + at] = at as u8 + 52;
        at += 1;
    }
    digits[b'+' as usize] = 62;
    digits[b'-' as usize] = 62;
    digits[b'/' as usize] = 63;
    digits[b'_' as usize] = 63;
    digits
};

fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] != NONE
}

pub(super) fn find(text: &[u8], budget: &mut DecodeBudget, found: &mut Vec<Encoded>) {
    let (mut start, mut refuted) = (0, 0);
    while let Some(window) = text.get(start..start + LEAST) {
        // From behind: a byte that ends a run lets everything before it be passed over unseen.
        if let Some(at) = window.iter().rposition(|byte| !is_digit(*byte)) {
            start += at + 1;
            continue;
        }
        let end = end_of_run(text, start + LEAST);
        start = match run(text, Span::new(start, end), budget, &mut refuted) {
            Some(one) => {
                let next = one.span.end;
                found.push(one);
                next
            }
            None => end,
        };
    }
}

fn end_of_run(text: &[u8], from: usize) -> usize {
    text[from..].iter().position(|byte| !is_digit(*byte)).map_or(text.len(), |length| from + length)
}

/// What the run says, with the lines that it goes on in. Before `refuted` lines were already read as one and were no
/// text: each of them is read alone, or a long block would be read once for each of its lines.
fn run(text: &[u8], first: Span, budget: &mut DecodeBudget, refuted: &mut usize) -> Option<Encoded> {
    let bytes = &text[first.range()];
    if let Some(decoded) = hex(bytes, budget) {
        return Some(Encoded { span: first, coding: Coding::Hex, text: decoded });
    }
    if !promises_text(bytes) {
        return None;
    }
    let lines = if first.start < *refuted { vec![first] } else { wrapped(text, first) };
    let last = lines.last().unwrap_or(&first).end;
    let length = last - first.start;
    if !budget.allows(length) {
        return None;
    }
    *refuted = last.max(*refuted);
    // What stands in the next line may be no part of it.
    let lengths = [lines.len(), lines.len().saturating_sub(1), 1];
    let (count, decoded) = lengths.iter().enumerate().find_map(|(at, count)| {
        let lines = lines.get(..*count).filter(|lines| !lines.is_empty() && !lengths[..at].contains(count))?;
        let digits: Vec<u8> = lines.iter().flat_map(|line| &text[line.range()]).copied().collect();
        Some((*count, base64(&digits).and_then(|decoded| readable(decoded, LEAST_TEXT))?))
    })?;
    budget.charge(length);
    let end = lines[count - 1].end;
    let padding = text[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
    Some(Encoded { span: Span::new(first.start, end + padding), coding: Coding::Base64, text: decoded })
}

/// The lines of base64 that is wrapped at a fixed width, up to one that is no text; the last one may be shorter.
fn wrapped(text: &[u8], first: Span) -> Vec<Span> {
    let mut lines = vec![first];
    let (width, mut end) = (first.len(), first.end);
    if width < LEAST_WRAPPED || !width.is_multiple_of(4) {
        return lines;
    }
    // In UTF-16 any byte may look like a control character.
    let wide = text[first.range()].chunks_exact(4).take(4).any(|quad| three(quad).contains(&0));
    let is_refuted = |line: &[u8]| line.chunks_exact(4).any(|quad| three(quad).into_iter().any(is_control));
    while let Some(next) = next_line(text, end) {
        let stop = end_of_run(text, next);
        if stop == next || stop - next > width || (!wide && is_refuted(&text[next..stop])) {
            break;
        }
        lines.push(Span::new(next, stop));
        end = stop;
        if stop - next < width {
            break;
        }
    }
    lines
}

/// Where the text of the next line begins, whether the line end is one or is written as one (`\n` in a string).
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let rest = &text[end..];
    let line_end =
        [b"\r\n".as_slice(), b"\n", b"\\r\\n", b"\\n"].into_iter().find(|line_end| rest.starts_with(line_end))?;
    let rest = &rest[line_end.len()..];
    let indent = rest.iter().take(200).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some(end + line_end.len() + indent)
}

/// Whether the first bytes of a run could begin a text; cheap, and false for nearly every name.
fn promises_text(run: &[u8]) -> bool {
    let (mut seen, mut high, mut zero, mut quads) = (0, 0, 0, run.chunks_exact(4));
    for quad in quads.by_ref().take(4) {
        for byte in three(quad) {
            if byte == 0 {
                zero += 1;
            } else if is_control(byte) && seen > 1 {
                return false;
            }
            high += usize::from(!byte.is_ascii());
            seen += 1;
        }
        if high > 4 || (high > 2 && seen == 3) {
            return false;
        }
    }
    // UTF-16: every second byte is NUL.
    zero == 0 || (5..=7).contains(&zero)
}

fn three(quad: &[u8]) -> [u8; 3] {
    let digit = |at: usize| u32::from(DIGITS[usize::from(quad[at])]);
    let bits = digit(0) << 18 | digit(1) << 12 | digit(2) << 6 | digit(3);
    let [_, a, b, c] = bits.to_be_bytes();
    [a, b, c]
}

/// Decodes digits of base64 without padding; `None` for other bytes and for lengths that no encoder makes.
pub(super) fn base64(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.len() % 4 == 1 || !digits.iter().all(|byte| is_digit(*byte)) {
        return None;
    }
    let mut decoded = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let quads = digits.chunks_exact(4);
    let rest = quads.remainder();
    for quad in quads {
        decoded.extend_from_slice(&three(quad));
    }
    if !rest.is_empty() {
        let mut quad = [b'A'; 4];
        quad[..rest.len()].copy_from_slice(rest);
        decoded.extend_from_slice(&three(&quad)[..rest.len() - 1]);
    }
    Some(decoded)
}

fn hex(run: &[u8], budget: &mut DecodeBudget) -> Option<Vec<u8>> {
    if run.len() < LEAST_HEX || !run.len().is_multiple_of(2) {
        return None;
    }
    let value = |pair: &[u8]| Some(super::escapes::hex_digit(pair[0])? << 4 | super::escapes::hex_digit(pair[1])?);
    let head: Option<Vec<u8>> = run[..16].chunks_exact(2).map(value).collect();
    let head = head?;
    let wide = head.contains(&0);
    if !wide && head.iter().any(|byte| is_control(*byte)) || !budget.allows(run.len()) {
        return None;
    }
    let decoded: Option<Vec<u8>> = run.chunks_exact(2).map(value).collect();
    let decoded = readable(decoded?, LEAST_TEXT)?;
    budget.charge(run.len());
    Some(decoded)
}
