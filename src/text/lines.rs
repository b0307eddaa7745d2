//! Byte offsets to lines and columns, and back.
//!
//! A line ends at LF, CR or CR LF, as GitHub counts them. Columns count Unicode code points from 1; a byte
//! that is no UTF-8 counts as one, as the replacement character would.

use std::ops::Range;
use std::sync::OnceLock;

/// How far apart the places of a long line are whose columns are known.
const STRIDE: usize = 4096;

/// A range of bytes in a text; `end` is past the last byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// How many bytes it covers.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether the two share a byte.
    pub const fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The span as a range, for slicing.
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A place in a text, both counted from 1; the column counts code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
}

/// Where the lines of one text begin.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    /// Offsets inside of long lines, and how many code points stand before them in their line; made when first asked
    /// for. Without, thousands of findings in one line of megabytes would count it thousands of times.
    known: OnceLock<Vec<(usize, usize)>>,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', text) {
            let cr_of_crlf = text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
            if !cr_of_crlf {
                starts.push(at + 1);
            }
        }
        LineIndex { starts, known: OnceLock::new() }
    }

    fn known(&self, text: &[u8]) -> &[(usize, usize)] {
        self.known.get_or_init(|| {
            let mut known = Vec::new();
            for (index, start) in self.starts.iter().enumerate() {
                let end = self.starts.get(index + 1).copied().unwrap_or(text.len());
                let (mut at, mut before) = (*start, 0);
                while end - at > STRIDE {
                    // A byte that continues no sequence begins something new, be it valid or not.
                    let begins = text[at + STRIDE..end].iter().position(|byte| !matches!(byte, 0x80..=0xbf));
                    let Some(next) = begins.map(|skip| at + STRIDE + skip) else { break };
                    before += code_points(&text[at..next]);
                    at = next;
                    known.push((at, before));
                }
            }
            known
        })
    }

    /// How many lines there are; an empty text has one, and so has what follows a final newline.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line (from 1) in which the byte at `offset` stands.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The line and column of the byte at `offset`.
    pub fn position(&self, text: &[u8], offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.line(offset);
        let start = self.starts[line - 1];
        let (mut from, mut before) = (start, 0);
        if offset - start > STRIDE {
            let known = self.known(text);
            let after = known.partition_point(|(at, _)| *at <= offset);
            if let Some((at, count)) = known[..after].last().filter(|(at, _)| *at > start) {
                (from, before) = (*at, *count);
            }
        }
        Position { line, column: before + code_points(&text[from..offset]) + 1 }
    }

    /// The bytes of a line (from 1), its line end left out. Lines past the end are empty.
    pub fn span(&self, text: &[u8], line: usize) -> Span {
        let Some(start) = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied() else {
            return Span::new(text.len(), text.len());
        };
        let mut end = self.starts.get(line).copied().unwrap_or(text.len());
        while end > start && matches!(text[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        Span::new(start, end)
    }
}

/// How many code points `bytes` hold; each byte that is no UTF-8 counts as one.
pub(crate) fn code_points(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + usize::from(!chunk.invalid().is_empty())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_as_github_counts() {
        // text, offset, line, column
        let cases: &[(&[u8], usize, usize, usize)] = &[
            (b"", 0, 1, 1),
            (b"ab\ncd", 3, 2, 1),
            (b"ab\r\ncd", 4, 2, 1),       // CR LF is one line end
            (b"ab\rcd", 3, 2, 1),         // CR alone ends a line too
            (b"a\n\nb", 3, 3, 1),         // an empty line counts
            ("é😀x".as_bytes(), 6, 1, 3), // code points, not bytes and not UTF-16 units
            (b"\xff\xffx", 2, 1, 3),      // bytes that are no UTF-8
            (b"a\n", 2, 2, 1),            // past a final newline
        ];
        for (text, offset, line, column) in cases {
            let index = LineIndex::new(text);
            assert_eq!(
                index.position(text, *offset),
                Position { line: *line, column: *column },
                "{text:?} at {offset}"
            );
        }
    }

    #[test]
    fn columns_of_long_lines_are_those_that_counting_gives() {
        let pieces: [&[u8]; 5] = [b"abc", "\u{e9}".as_bytes(), "\u{1f600}".as_bytes(), b"\xff\xc3", b"\x80\x80\x80"];
        let mut text = b"first\n".to_vec();
        for number in 0..9000_usize {
            text.extend_from_slice(pieces[number * number % 23 % 5]);
        }
        text.extend_from_slice(b"\nlast");
        let index = LineIndex::new(&text);
        for offset in (6..text.len() - 5).step_by(101).chain([6 + STRIDE, 6 + STRIDE + 1, text.len() - 5]) {
            assert_eq!(index.position(&text, offset), Position { line: 2, column: code_points(&text[6..offset]) + 1 });
        }
        assert_eq!(index.position(&text, text.len()), Position { line: 3, column: 5 });
    }

    #[test]
    fn a_line_span_leaves_its_end_out() {
        let text = b"one\r\ntwo\n\nfour";
        let index = LineIndex::new(text);
        let lines: Vec<&[u8]> = (1..=index.count()).map(|line| &text[index.span(text, line).range()]).collect();
        assert_eq!(lines, [b"one".as_slice(), b"two", b"", b"four"]);
        assert!(index.span(text, 99).is_empty());
    }
}
