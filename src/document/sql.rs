//! Rows in SQL dumps: `INSERT INTO … VALUES (…), (…)` and `COPY … FROM stdin`, with the columns of either, or of the
//! `CREATE TABLE` that stands before.
//!
//! Knows what dumps of PostgreSQL, MySQL, SQLite and SQL Server look like; it is no parser of the language.

use std::collections::BTreeMap;

use super::delimited::line_end;
use crate::text::Span;

/// How many columns of one table are told.
const MAX_COLUMNS: usize = 4_000;
/// The longest list of columns, in bytes.
const MAX_LIST: usize = 64 << 10;

/// One row of a table.
#[derive(Debug)]
pub struct Row<'r> {
    /// The table's name, in lower case, without its schema and marks.
    pub table: &'r str,
    /// The names of its columns, marks left out; empty when they are not known.
    pub columns: &'r [Span],
    /// Its values, quotation marks left out.
    pub cells: &'r [Span],
}

/// Calls `each` for every row of a text, in order; answers with the table and the columns of a `COPY` whose rows go on
/// behind the end.
pub fn rows(text: &[u8], mut each: impl FnMut(&Row<'_>)) -> Option<(String, Vec<Span>)> {
    let mut reader = Reader { text, at: 0 };
    let mut created: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    while let Some(verb) = reader.statement() {
        match verb {
            Verb::Create => {
                let table = reader.table();
                let columns = reader.definitions();
                created.insert(table, columns);
            }
            Verb::Insert => {
                let table = reader.table();
                let own = reader.names();
                let columns = if own.is_empty() { created.get(&table).map_or(&[][..], Vec::as_slice) } else { &own };
                reader.values(|cells| each(&Row { table: &table, columns, cells }));
            }
            Verb::Copy => {
                let table = reader.table();
                let own = reader.names();
                let columns = if own.is_empty() { created.get(&table).map_or(&[][..], Vec::as_slice) } else { &own };
                if !reader.copied(|cells| each(&Row { table: &table, columns, cells })) {
                    return Some((table, columns.to_vec()));
                }
            }
        }
    }
    None
}

enum Verb {
    Create,
    Insert,
    Copy,
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    /// Goes past the next verb and the words that follow it.
    fn statement(&mut self) -> Option<Verb> {
        loop {
            let begins = |at: &usize| matches!(self.text[*at] | 0x20, b'i' | b'c') && self.opens(*at);
            let at = (self.at..self.text.len()).find(begins)?;
            let verbs = [
                (&["insert", "into"][..], Verb::Insert),
                (&["create", "table"], Verb::Create),
                (&["copy"], Verb::Copy),
            ];
            self.at = at;
            for (words, verb) in verbs {
                if words.iter().all(|word| self.word(word)) {
                    for word in ["if", "not", "exists"] {
                        self.word(word);
                    }
                    return Some(verb);
                }
                self.at = at;
            }
            self.at = at + 1;
        }
    }

    /// Whether one of the verbs may stand at a place: nothing of a word stands before it.
    fn opens(&self, at: usize) -> bool {
        let rest = &self.text[at..];
        let begins = |word: &[u8]| rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let parted = at == 0 || !self.text[at - 1].is_ascii_alphanumeric() && self.text[at - 1] != b'_';
        parted && (begins(b"insert ") || begins(b"create ") || begins(b"copy "))
    }

    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let end = self.at + word.len();
        let there = self.text.get(self.at..end).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()));
        let whole = there && self.text.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        if whole {
            self.at = end;
        }
        whole
    }

    /// A name with its schema before it; the last part in lower case.
    fn table(&mut self) -> String {
        self.blanks();
        let rest = &self.text[self.at..];
        let part = |byte: &&u8| {
            byte.is_ascii_alphanumeric()
                || matches!(**byte, b'_' | b'.' | b'"' | b'`' | b'[' | b']' | b'\'')
                || **byte >= 0x80
        };
        let length = rest.iter().take(200).take_while(part).count();
        self.at += length;
        let name = String::from_utf8_lossy(&rest[..length]).to_lowercase();
        let last = name.rsplit('.').next().unwrap_or_default();
        last.chars().filter(|c| c.is_alphanumeric() || *c == '_').take(64).collect()
    }

    /// Names in brackets, if there are some.
    fn names(&mut self) -> Vec<Span> {
        self.blanks();
        if self.text.get(self.at) != Some(&b'(') {
            return Vec::new();
        }
        let start = self.at + 1;
        let near = &self.text[start..self.text.len().min(start + MAX_LIST)];
        let Some(length) = memchr::memchr(b')', near) else { return Vec::new() };
        self.at = start + length + 1;
        let list = Span::new(start, start + length);
        super::segments::parts(self.text, list, b',').take(MAX_COLUMNS).map(|span| bare(self.text, span)).collect()
    }

    /// The names of columns in `CREATE TABLE`: the first word of each definition.
    fn definitions(&mut self) -> Vec<Span> {
        self.blanks();
        let mut columns = Vec::new();
        if self.text.get(self.at) != Some(&b'(') {
            return columns;
        }
        self.at += 1;
        let mut depth = 1;
        let mut begin = true;
        while let Some(byte) = self.text.get(self.at).copied() {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b',' if depth == 1 => begin = true,
                b';' => return columns,
                _ if begin && !byte.is_ascii_whitespace() => {
                    let rest = &self.text[self.at..];
                    let length = rest.iter().take_while(|byte| !byte.is_ascii_whitespace() && **byte != b',').count();
                    let name = bare(self.text, Span::new(self.at, self.at + length));
                    if columns.len() < MAX_COLUMNS {
                        columns.push(name);
                    }
                    begin = false;
                    self.at += length.max(1);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        columns
    }

    /// The tuples behind `VALUES`.
    fn values(&mut self, mut each: impl FnMut(&[Span])) {
        if !self.word("values") {
            return;
        }
        let mut cells = Vec::new();
        loop {
            self.blanks();
            if self.text.get(self.at) != Some(&b'(') {
                return;
            }
            self.at += 1;
            cells.clear();
            if !self.tuple(&mut cells) {
                return;
            }
            each(&cells);
            self.blanks();
            if self.text.get(self.at) != Some(&b',') {
                return;
            }
            self.at += 1;
        }
    }

    /// One tuple, up to its bracket; whether it was closed.
    fn tuple(&mut self, cells: &mut Vec<Span>) -> bool {
        let mut start = self.at;
        let mut depth = 1;
        while let Some(byte) = self.text.get(self.at).copied() {
            match byte {
                b'\'' => {
                    self.literal();
                    continue;
                }
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 || (byte == b',' && depth == 1) {
                if cells.len() < MAX_COLUMNS {
                    cells.push(bare(self.text, Span::new(start, self.at)));
                }
                start = self.at + 1;
            }
            self.at += 1;
            if depth == 0 {
                return true;
            }
        }
        false
    }

    /// Goes past a literal between apostrophes; `''` and `\'` stand for one in it.
    fn literal(&mut self) {
        self.at += 1;
        while let Some(byte) = self.text.get(self.at).copied() {
            match byte {
                b'\'' if self.text.get(self.at + 1) == Some(&b'\'') => self.at += 1,
                b'\\' => self.at += 1,
                b'\'' => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// The lines behind `COPY … FROM stdin;`, up to `\.`.
    /// The rows of a `COPY`; whether they end, or there are none.
    fn copied(&mut self, mut each: impl FnMut(&[Span])) -> bool {
        if !(self.word("from") && self.word("stdin")) {
            return true;
        }
        self.at = (line_end(self.text, self.at) + 1).min(self.text.len());
        let mut cells = Vec::new();
        while self.at < self.text.len() {
            let end = line_end(self.text, self.at);
            let line = Span::new(self.at, end);
            self.at = (end + 1).min(self.text.len());
            if &self.text[line.range()] == b"\\." {
                return true;
            }
            cells.clear();
            cells.extend(super::segments::parts(self.text, line, b'\t').take(MAX_COLUMNS));
            each(&cells);
        }
        false
    }
}

/// A name or value without blanks and marks around it.
fn bare(text: &[u8], span: Span) -> Span {
    let edge = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'`' | b'[' | b']' | b'\'');
    let bytes = &text[span.range()];
    let bytes_start = bytes.iter().position(|byte| !edge(byte)).unwrap_or(bytes.len());
    // `N'…'` and `E'…'` are literals too.
    let prefixed = matches!(bytes.get(bytes_start..bytes_start + 2), Some([b'N' | b'E' | b'n' | b'e', b'\'']));
    let start = bytes_start + if prefixed { 2 } else { 0 };
    let end = bytes.iter().rposition(|byte| !edge(byte)).map_or(start, |last| last + 1);
    Span::new(span.start + start, span.start + end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let shown = |spans: &[Span]| -> Vec<String> {
            spans.iter().map(|span| String::from_utf8_lossy(&text.as_bytes()[span.range()]).into()).collect()
        };
        let mut found = Vec::new();
        rows(text.as_bytes(), |row| {
            found.push(format!("{}({}) {}", row.table, shown(row.columns).join(" "), shown(row.cells).join("|")));
        });
        found
    }

    #[test]
    fn rows_come_with_their_columns() {
        let cases: &[(&str, &[&str])] = &[
            ("INSERT INTO p (a, b) VALUES (1, 'x'), (2, 'y');", &["p(a b) 1|x", "p(a b) 2|y"]),
            ("insert into `s`.`P` (`a`) values ('it''s, (so)')", &["p(a) it''s, (so)"]),
            ("INSERT INTO [dbo].[P] ([a],[b]) VALUES (N'x', CAST('y' AS text))", &["p(a b) x|CAST('y' AS text)"]),
            ("CREATE TABLE p (a int, b varchar(3) NOT NULL);\nINSERT INTO p VALUES (1,'z');", &["p(a b) 1|z"]),
            ("COPY public.p (a, b) FROM stdin;\n1\tx y\n2\t\\N\n\\.\nrest", &["p(a b) 1|x y", "p(a b) 2|\\N"]),
            ("INSERT INTO p (a) VALUES (1, 'never closed", &[]),
            ("INSERT INTO p (a) SELECT 1", &[]),
            ("the insert into the wall; a copy of it", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text), *wanted, "{text}");
        }
    }
}
