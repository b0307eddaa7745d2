//! Rows of cells in plain text: CSV and its kin, Markdown and console tables, columns parted by blanks.
//!
//! Knows delimiters and quotation marks, and what only draws lines; not what a column holds. Each byte is looked
//! at once: a quotation mark that is never closed makes all later ones plain characters.

use crate::text::Span;

/// How many cells of one row are told.
const MAX_CELLS: usize = 20_000;
/// The longest quoted cell, in bytes; a longer one was no quotation.
const MAX_QUOTED: usize = 1 << 20;

/// What parts cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// This character.
    Sign(u8),
    /// Two blanks or more.
    Blanks,
}

/// Reads one row after the other.
#[derive(Debug)]
pub struct Rows<'t> {
    text: &'t [u8],
    at: usize,
    separator: Separator,
    quotes: bool,
}

impl<'t> Rows<'t> {
    /// Rows from `at`, the beginning of a line.
    pub fn new(text: &'t [u8], at: usize, separator: Separator) -> Self {
        let quotes = matches!(separator, Separator::Sign(b',' | b';' | b'\t'));
        Rows { text, at, separator, quotes }
    }

    /// The next row's cells, quotation marks and outer bars left out; nothing at the end of the text.
    pub fn next_row(&mut self, cells: &mut Vec<Span>) -> bool {
        cells.clear();
        if self.at >= self.text.len() {
            return false;
        }
        match self.separator {
            Separator::Sign(sign) => self.signed(sign, cells),
            Separator::Blanks => {
                let line = self.line();
                parted_by_blanks(self.text, line, cells);
            }
        }
        true
    }

    /// Where the next row begins.
    pub fn position(&self) -> usize {
        self.at
    }

    fn line(&mut self) -> Span {
        let start = self.at;
        let end = line_end(self.text, start);
        self.at = past_line_end(self.text, end);
        Span::new(start, end)
    }

    fn signed(&mut self, sign: u8, cells: &mut Vec<Span>) {
        let mut at = self.at;
        loop {
            let (cell, end) = self.cell(at, sign);
            if cells.len() < MAX_CELLS {
                cells.push(cell);
            }
            match self.text.get(end) {
                Some(byte) if *byte == sign => at = end + 1,
                _ => {
                    self.at = past_line_end(self.text, end);
                    break;
                }
            }
        }
        // Tables between bars have an empty cell at both ends.
        if sign == b'|' {
            if cells.last().is_some_and(|cell| cell.is_empty()) {
                cells.pop();
            }
            if cells.first().is_some_and(|cell| cell.is_empty()) {
                cells.remove(0);
            }
        }
    }

    /// A cell, and where it ends: at its separator, a line end or the end of the text.
    fn cell(&mut self, start: usize, sign: u8) -> (Span, usize) {
        let text = self.text;
        if self.quotes && text.get(start) == Some(&b'"') {
            let limit = text.len().min(start + MAX_QUOTED);
            let mut at = start + 1;
            while let Some(found) = memchr::memchr(b'"', &text[at..limit]) {
                let close = at + found;
                if text.get(close + 1) == Some(&b'"') {
                    at = close + 2;
                    continue;
                }
                let end = plain_end(text, close + 1, sign);
                return (Span::new(start + 1, close), end);
            }
            self.quotes = false;
        }
        let end = plain_end(text, start, sign);
        (trimmed(text, Span::new(start, end)), end)
    }
}

fn plain_end(text: &[u8], from: usize, sign: u8) -> usize {
    memchr::memchr3(sign, b'\n', b'\r', &text[from.min(text.len())..]).map_or(text.len(), |found| from + found)
}

/// Where the line ends that holds `from`.
pub fn line_end(text: &[u8], from: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &text[from..]).map_or(text.len(), |found| from + found)
}

/// Where the line begins that holds `from`.
pub fn line_start(text: &[u8], from: usize) -> usize {
    memchr::memrchr2(b'\n', b'\r', &text[..from]).map_or(0, |found| found + 1)
}

/// Past a line end that stands at `at`.
fn past_line_end(text: &[u8], at: usize) -> usize {
    match (text.get(at), text.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => at + 2,
        (Some(_), _) => at + 1,
        (None, _) => text.len(),
    }
}

/// A span without the blanks and quotation marks at its ends.
fn trimmed(text: &[u8], span: Span) -> Span {
    let edge = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'`' | b'*');
    let bytes = &text[span.range()];
    let start = bytes.iter().position(|byte| !edge(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !edge(byte)).map_or(start, |last| last + 1);
    Span::new(span.start + start, span.start + end)
}

fn parted_by_blanks(text: &[u8], line: Span, cells: &mut Vec<Span>) {
    let mut start = None;
    let mut blanks = 2;
    for at in line.range() {
        if matches!(text[at], b' ' | b'\t') {
            blanks += if text[at] == b'\t' { 2 } else { 1 };
            if blanks == 2
                && let Some(from) = start.take()
            {
                cells.push(Span::new(from, at - 1));
            } else if blanks > 2
                && let Some(from) = start.take()
            {
                cells.push(Span::new(from, at));
            }
        } else {
            blanks = 0;
            if start.is_none() && cells.len() < MAX_CELLS {
                start = Some(at);
            }
        }
    }
    if let Some(from) = start {
        cells.push(trimmed(text, Span::new(from, line.end)));
    }
}

/// Whether a row only draws a line below a header: `|---|:-:|`, `----+----`.
pub fn is_rule(text: &[u8], cells: &[Span]) -> bool {
    let drawn = |byte: &u8| matches!(byte, b'-' | b':' | b'=' | b'+' | b' ' | b'|');
    cells.iter().any(|cell| !cell.is_empty()) && cells.iter().all(|cell| text[cell.range()].iter().all(drawn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, separator: Separator) -> Vec<Vec<String>> {
        let mut rows = Rows::new(text.as_bytes(), 0, separator);
        let (mut cells, mut all) = (Vec::new(), Vec::new());
        while rows.next_row(&mut cells) {
            all.push(cells.iter().map(|cell| String::from_utf8_lossy(&text.as_bytes()[cell.range()]).into()).collect());
        }
        all
    }

    #[test]
    fn cells_are_parted_by_their_separator() {
        let comma = Separator::Sign(b',');
        // text, separator, rows
        let cases: &[(&str, Separator, &[&[&str]])] = &[
            ("a,b\n1,2\n", comma, &[&["a", "b"], &["1", "2"]]),
            ("a,b\r\n1, 2 \r\n", comma, &[&["a", "b"], &["1", "2"]]),
            ("\"a,\"\"x\"\"\",b\n", comma, &[&["a,\"\"x\"\"", "b"]]), // quotes inside of quotes
            ("\"a\nb\",c\nd,e", comma, &[&["a\nb", "c"], &["d", "e"]]), // a cell over two lines
            ("\"a,b\nc,d\n", comma, &[&["a", "b"], &["c", "d"]]),     // a quotation that never ends
            ("| a | b |\n|---|---|\n", Separator::Sign(b'|'), &[&["a", "b"], &["---", "---"]]),
            (" a | b \n---+---\n", Separator::Sign(b'|'), &[&["a", "b"], &["---+---"]]),
            ("a||c\n", Separator::Sign(b'|'), &[&["a", "", "c"]]),
            (
                "   id   last name\n0   7   Main St\n",
                Separator::Blanks,
                &[&["id", "last name"], &["0", "7", "Main St"]],
            ),
            ("", comma, &[]),
        ];
        for (text, separator, wanted) in cases {
            assert_eq!(read(text, *separator), *wanted, "{text:?}");
        }
    }

    #[test]
    fn a_million_columns_and_endless_quotes_cost_linear_time() {
        let wide = "x,".repeat(1_000_000);
        assert_eq!(read(&wide, Separator::Sign(b','))[0].len(), MAX_CELLS);
        // Every line opens a quotation that is never closed.
        let open = "\"a,b\n".repeat(200_001);
        assert!(read(&open, Separator::Sign(b',')).len() > 100_000);
    }

    #[test]
    fn rules_below_headers_are_known() {
        for (row, rule) in [("|---|:-:|", true), ("----+----", true), ("| a | - |", false), ("||", false)] {
            let mut cells = Vec::new();
            Rows::new(row.as_bytes(), 0, Separator::Sign(b'|')).next_row(&mut cells);
            assert_eq!(is_rule(row.as_bytes(), &cells), rule, "{row}");
        }
    }
}
