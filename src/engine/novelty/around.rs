//! Which lines stand around a change: those that a match with a part in the change may begin or end in.
//!
//! Knows lines, literals over several lines and wrapped base64; no rule.

use super::{FARTHEST, LINES_AFTER, LINES_BEFORE, MOST_LINES, WRAPPED};
use crate::text::Span;

/// The lines in and around changes that have to be looked at, in order; those that touch are one.
pub(super) fn regions(text: &[u8], changed: &[Span]) -> Vec<Span> {
    let mut regions: Vec<Span> = Vec::with_capacity(changed.len());
    for change in changed {
        let floor = regions.last().map_or(0, |last| last.end);
        if change.end <= floor && floor > 0 {
            continue;
        }
        let start = start_before(text, change.start.max(floor), floor);
        let end = end_after(text, change.end);
        match regions.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => regions.push(Span::new(start, end)),
        }
    }
    regions
}

/// A change and [`MOST_LINES`] lines with something in them on each side.
pub(super) fn zone(text: &[u8], change: Span) -> Span {
    Span::new(lines_up(text, change.start), lines_down(text, change.end))
}

/// The bytes of the line that ends at `end`, its line feed left out, and where it begins.
fn line_before(text: &[u8], end: usize) -> (usize, &[u8]) {
    let last = end.saturating_sub(1);
    let start = memchr::memrchr(b'\n', &text[..last]).map_or(0, |at| at + 1);
    (start, &text[start..last])
}

/// Where the line after `start` begins; the end of the text where there is none.
fn next_line(text: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1)
}

/// Whether a line says something of its own: it is not empty and does not go on in the next one.
fn counts(line: &[u8]) -> bool {
    !line.trim_ascii().is_empty() && line.last() != Some(&b'\\')
}

/// Whether a line may be one of wrapped base64 that goes on.
fn is_wrapped(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    line.len() >= WRAPPED && line[line.len() - WRAPPED..].iter().all(digit)
}

/// The first line that a match which a change at `at` is a part of may begin in, but not before `floor`.
fn start_before(text: &[u8], at: usize, floor: usize) -> usize {
    let up = |from: usize, lines: usize| {
        let (mut start, mut left) = (from, lines);
        while left > 0 && start > floor && from - start < FARTHEST {
            let (before, line) = line_before(text, start);
            left -= usize::from(counts(line));
            start = before;
        }
        start
    };
    let mut start = up(at, LINES_BEFORE);
    // A literal over several lines, of which the change may be a part.
    let floor_of_literal = start.saturating_sub(FARTHEST).max(floor.min(start));
    let above = &text[floor_of_literal..start];
    let marks =
        [memchr::memchr(b'`', above), memchr::memmem::find(above, b"\"\"\""), memchr::memmem::find(above, b"'''")];
    if let Some(mark) = marks.into_iter().flatten().min() {
        let mark = floor_of_literal + mark;
        let line = memchr::memrchr(b'\n', &text[..mark]).map_or(0, |found| found + 1);
        start = up(line, LINES_AFTER);
    }
    while start > floor {
        let (before, line) = line_before(text, start);
        if !is_wrapped(line) {
            break;
        }
        start = before;
    }
    start.max(floor.min(start))
}

/// The end of the last line that a match which a change that ends at `at` is a part of may end in.
fn end_after(text: &[u8], at: usize) -> usize {
    let (mut end, mut left) = (at, LINES_AFTER);
    while end < text.len() && end - at < FARTHEST {
        let next = next_line(text, end);
        let line = &text[end..next];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        end = next;
        left -= usize::from(counts(line) && left > 0);
        if left == 0 {
            break;
        }
    }
    // What begins above may be wrapped on.
    while end < text.len() && is_wrapped(line_before(text, end).1) {
        end = next_line(text, end);
    }
    end
}

/// Where the line begins before which [`MOST_LINES`] lines with something in them stand, up to `from`.
fn lines_up(text: &[u8], from: usize) -> usize {
    let (mut start, mut left) = (from, MOST_LINES);
    while left > 0 && start > 0 && from - start < FARTHEST {
        let (before, line) = line_before(text, start);
        left -= usize::from(!line.trim_ascii().is_empty());
        start = before;
    }
    start
}

/// Where the last of [`MOST_LINES`] lines with something in them ends, from `from` on.
fn lines_down(text: &[u8], from: usize) -> usize {
    let (mut end, mut left) = (from, MOST_LINES);
    while left > 0 && end < text.len() && end - from < FARTHEST {
        let next = next_line(text, end);
        left -= usize::from(!text[end..next].trim_ascii().is_empty());
        end = next;
    }
    end
}
