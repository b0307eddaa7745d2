//! Writes rows as text: a line each, cells parted by tabs, nothing quoted.
//!
//! Line ends in a cell become `\n`, as a string literal has them, so that the number of a line stays the number of
//! its row; a quotation mark that opens a cell gets a blank before it, so that no cell swallows others.

use std::collections::BTreeMap;

use super::{LARGEST_TEXT, Table};

/// How many bytes of one cell are written.
const LONGEST_CELL: usize = 1 << 20;
/// How many columns are told apart.
const MOST_COLUMNS: usize = 20_000;
/// How many columns of JSON are gathered.
const MOST_DOCUMENTS: usize = 16;

/// A table in the making.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: Vec<u8>,
    /// Where each row begins, and how many cells it has.
    rows: Vec<(usize, usize)>,
    /// How many cells the row at hand has.
    cells: usize,
    row_start: usize,
    /// Rows that were ended, written or not.
    counted: u64,
    /// By column: JSON objects, and how many lines end in them.
    documents: BTreeMap<usize, (Vec<u8>, usize)>,
    document_bytes: usize,
    /// How many cells were not text.
    pub(super) binary: u64,
    full: bool,
}

impl Writer {
    /// Whether rows are only counted from here on.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Passes over cells without a value.
    pub(super) fn skip_to(&mut self, column: usize) {
        while self.cells < column.min(MOST_COLUMNS) && !self.full {
            self.part();
        }
    }

    fn part(&mut self) {
        if self.cells > 0 {
            self.text.push(b'\t');
        }
        self.cells += 1;
        self.full |= self.text.len() > LARGEST_TEXT;
    }

    /// Writes a cell; an empty one for no value.
    pub(super) fn cell(&mut self, value: &[u8]) {
        if self.full || self.cells >= MOST_COLUMNS {
            return;
        }
        let column = self.cells;
        self.part();
        let value = &value[..value.len().min(LONGEST_CELL)];
        if self.is_document(value, column) {
            let row = self.rows.len();
            let (text, lines) = self.documents.entry(column).or_default();
            let before = text.len();
            text.extend(std::iter::repeat_n(b'\n', row.saturating_sub(*lines)));
            *lines = row;
            text.extend(value.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
            self.document_bytes += text.len() - before;
            self.full |= self.document_bytes > LARGEST_TEXT;
            return;
        }
        if value.first() == Some(&b'"') {
            self.text.push(b' ');
        }
        let mut from = 0;
        while let Some(found) = memchr::memchr3(b'\t', b'\n', b'\r', &value[from..]) {
            self.text.extend_from_slice(&value[from..from + found]);
            match value[from + found] {
                b'\t' => self.text.push(b' '),
                b'\n' => self.text.extend_from_slice(b"\\n"),
                _ => self.text.extend_from_slice(b"\\r"),
            }
            from += found + 1;
        }
        self.text.extend_from_slice(&value[from..]);
    }

    /// Writes a cell of bytes that may be no text.
    pub(super) fn blob(&mut self, value: &[u8]) {
        let probe = &value[..value.len().min(512)];
        let odd = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        let text = match std::str::from_utf8(probe) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        };
        if text && !probe.iter().any(odd) {
            self.cell(value);
        } else {
            self.binary += 1;
            self.cell(b"");
        }
    }

    /// Whether a cell is a JSON object that is to be read as one.
    fn is_document(&self, value: &[u8], column: usize) -> bool {
        let known = self.documents.contains_key(&column);
        value.first() == Some(&b'{')
            && (known || self.documents.len() < MOST_DOCUMENTS)
            && memchr::memmem::find(&value[..value.len().min(4096)], b"\"resourceType\"").is_some()
    }

    /// Ends a row.
    pub(super) fn end_row(&mut self) {
        self.counted += 1;
        if self.full {
            self.text.truncate(self.row_start);
            self.cells = 0;
            return;
        }
        self.rows.push((self.row_start, self.cells));
        self.text.push(b'\n');
        self.row_start = self.text.len();
        self.cells = 0;
    }

    /// Takes back a row that was begun.
    pub(super) fn drop_row(&mut self) {
        self.text.truncate(self.row_start);
        self.cells = 0;
    }

    /// Ends rows without cells until `row` rows were ended.
    pub(super) fn rows_to(&mut self, row: u64) {
        while self.counted < row && !self.full {
            self.end_row();
            self.full |= self.text.len() > LARGEST_TEXT;
        }
        self.counted = self.counted.max(row);
    }

    /// Counts rows that are not written.
    pub(super) fn count(&mut self, rows: u64) {
        self.counted = self.counted.saturating_add(rows);
    }

    /// Whether no cell was written.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.iter().all(|(_, cells)| *cells == 0)
    }

    /// The table: all rows as wide as the widest.
    pub(super) fn finish(mut self, name: String, sheet: bool) -> Table {
        self.text.truncate(self.row_start);
        let header = u64::from(!sheet);
        let names = self.column_names(&name);
        let documents = self.documents.into_iter().zip(names).map(|((_, (text, _)), name)| (name, text)).collect();
        Table {
            name,
            sheet,
            rows: self.counted.saturating_sub(header),
            told: (self.rows.len() as u64).saturating_sub(header),
            text: padded(self.text, &self.rows),
            documents,
            texts: Vec::new(),
        }
    }

    /// The names of the columns that hold documents, by the first row.
    fn column_names(&self, table: &str) -> Vec<String> {
        let first =
            self.rows.first().map_or(0..0, |(start, _)| *start..self.rows.get(1).map_or(self.text.len(), |r| r.0));
        let line = self.text.get(first).unwrap_or_default().trim_ascii_end();
        let names: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
        let name = |column: &usize| match names.get(*column).filter(|name| !name.is_empty()) {
            Some(name) => format!("{table}.{}", String::from_utf8_lossy(name)),
            None => format!("{table}.{}", column + 1),
        };
        self.documents.keys().map(name).collect()
    }
}

/// Rows with as many cells as the widest has, for a table is known by rows of one width. Where that would grow too
/// much, the width is that of the first row with several cells.
fn padded(text: Vec<u8>, rows: &[(usize, usize)]) -> Vec<u8> {
    let widest = rows.iter().map(|(_, cells)| *cells).max().unwrap_or(0);
    let missing = |width: usize| rows.iter().map(|(_, cells)| width.saturating_sub(*cells)).sum::<usize>();
    if missing(widest) == 0 {
        return text;
    }
    let first = rows.iter().map(|(_, cells)| *cells).find(|cells| *cells > 1).unwrap_or(0);
    let room = text.len().max(1 << 20);
    let width = [widest, first, 0].into_iter().find(|width| missing(*width) <= room).unwrap_or(0);
    let mut wide = Vec::with_capacity(text.len() + missing(width));
    for (at, (start, cells)) in rows.iter().enumerate() {
        let end = rows.get(at + 1).map_or(text.len(), |(next, _)| *next);
        // What stands alone in its line is no row; a blank row stays one line.
        wide.extend_from_slice(&text[*start..end.saturating_sub(1).max(*start)]);
        if *cells > 0 {
            wide.extend(std::iter::repeat_n(b'\t', width.saturating_sub(*cells)));
        }
        wide.push(b'\n');
    }
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[&[&str]]) -> Table {
        let mut writer = Writer::default();
        for row in rows {
            row.iter().for_each(|cell| writer.cell(cell.as_bytes()));
            writer.end_row();
        }
        writer.finish("t".to_owned(), false)
    }

    #[test]
    fn each_row_is_a_line_of_the_same_width() {
        // rows, text
        let cases: &[(&[&[&str]], &str)] = &[
            (&[&["a", "b"], &["1", "2"]], "a\tb\n1\t2\n"),
            (&[&["a", "b", "c"], &["1"], &[]], "a\tb\tc\n1\t\t\n\n"),
            (&[&["a"], &["x\ny\tz\r"]], "a\nx\\ny z\\r\n"),
            (&[&["a", "b"], &["\"open", "c"]], "a\tb\n \"open\tc\n"),
            (&[], ""),
        ];
        for (rows, text) in cases {
            assert_eq!(String::from_utf8_lossy(&written(rows).text), *text);
        }
        let table = written(&[&["id", "resource"], &["1", "x"], &["2", "{\"resourceType\":\n\"Patient\"}"]]);
        assert_eq!(table.text, b"id\tresource\n1\tx\n2\t\n");
        assert_eq!(table.documents, [("t.resource".to_owned(), b"\n\n{\"resourceType\": \"Patient\"}".to_vec())]);
        assert_eq!((table.rows, table.told), (2, 2));
    }

    #[test]
    fn what_is_written_is_bounded_and_the_rest_is_counted() {
        let mut writer = Writer::default();
        let cell = vec![b'x'; 1 << 20];
        for _ in 0..100 {
            writer.cell(&cell);
            writer.end_row();
        }
        let table = writer.finish(String::new(), true);
        assert_eq!(table.rows, 100);
        assert!(table.told < 40 && table.text.len() <= LARGEST_TEXT + (2 << 20));
        // Few cells in many columns are not padded to many times their size.
        let mut writer = Writer::default();
        writer.skip_to(16_000);
        writer.cell(b"far");
        writer.end_row();
        for _ in 0..10_000 {
            writer.cell(b"a");
            writer.end_row();
        }
        assert!(writer.finish(String::new(), true).text.len() < 3 << 20);
    }
}
