//! Rows in SQL dumps: `INSERT INTO … VALUES (…), (…)` and `COPY … FROM stdin`, with the columns of either, or of the
//! `CREATE TABLE` that stands before.
//!
//! Knows what dumps of PostgreSQL, MySQL, SQLite and SQL Server look like; it is no parser of the language.
//! Long because what goes on behind the end of a part is a matter of every statement that has rows.

use std::collections::BTreeMap;

use super::delimited::line_end;
use crate::text::Span;

/// How many columns of one table are told.
const MAX_COLUMNS: usize = 4_000;
/// The longest list of columns, in bytes.
const MAX_LIST: usize = 64 << 10;

/// How many tables are remembered that were created.
const MAX_CREATED: usize = 2_000;

/// One row of a table.
#[derive(Debug)]
pub struct Row<'r> {
    /// The table's name, in lower case, without its schema and marks.
    pub table: &'r str,
    /// The names of its columns.
    pub columns: Columns<'r>,
    /// Its values, quotation marks left out.
    pub cells: &'r [Span],
}

/// The names of columns, marks left out; empty when they are not known.
#[derive(Clone, Copy, Debug)]
pub enum Columns<'r> {
    /// They stand in the text.
    Here(&'r [Span]),
    /// They stood somewhere before.
    Before(&'r [Vec<u8>]),
}

impl<'r> Columns<'r> {
    /// How many there are.
    pub fn count(self) -> usize {
        match self {
            Columns::Here(spans) => spans.len(),
            Columns::Before(names) => names.len(),
        }
    }

    /// The names.
    pub fn names(self, text: &'r [u8]) -> Vec<&'r [u8]> {
        match self {
            Columns::Here(spans) => spans.iter().map(|span| &text[span.range()]).collect(),
            Columns::Before(names) => names.iter().map(Vec::as_slice).collect(),
        }
    }
}

/// The columns of tables that were created, by name: what later parts of a text need.
pub type Created = BTreeMap<String, Vec<Vec<u8>>>;

/// Rows that go on behind a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The table.
    pub table: String,
    /// Its columns.
    pub columns: Vec<Vec<u8>>,
    /// Of an `INSERT`, where a tuple begins at which to go on; nothing for the lines of a `COPY`.
    pub tuple: Option<usize>,
    /// Where its statement begins.
    pub begin: usize,
}

/// Calls `each` for every row of a text from `from` on, in order, and adds to the tables that are known; answers with
/// rows that go on behind `mark`, those of an `INSERT` with the last tuple that begins there or before.
pub fn rows(
    text: &[u8],
    from: usize,
    mark: usize,
    created: &mut Created,
    mut each: impl FnMut(&Row<'_>),
) -> Option<Unfinished> {
    let mut reader = Reader { text, at: from };
    let mut unfinished = None;
    while let Some(verb) = reader.statement() {
        let statement = reader.at;
        let table = reader.table();
        if let Verb::Create = verb {
            let columns = reader.definitions();
            if created.len() < MAX_CREATED || created.contains_key(&table) {
                created.insert(table, columns.iter().map(|span| text[span.range()].to_vec()).collect());
            }
            continue;
        }
        let own = reader.names();
        let columns = match created.get(&table) {
            Some(known) if own.is_empty() => Columns::Before(known),
            _ => Columns::Here(&own),
        };
        let mut each = |cells: &[Span]| each(&Row { table: &table, columns, cells });
        let begin = reader.at;
        let tuple = match verb {
            Verb::Insert => reader.values(mark, &mut each),
            _ => reader.copied(&mut each).then_some(begin),
        };
        let Some(tuple) = tuple.filter(|tuple| *tuple <= mark && (reader.at > mark || reader.at >= text.len())) else {
            continue;
        };
        let (begin, tuple) = (statement, matches!(verb, Verb::Insert).then_some(tuple));
        let columns = columns.names(text).into_iter().map(<[u8]>::to_vec).collect();
        unfinished = Some(Unfinished { table, columns, tuple, begin });
    }
    unfinished
}

/// Calls `each` for the tuples of an `INSERT` from one of them on. Answers where they end, and if that is behind `mark`, the
/// last tuple that begins there or before.
pub fn tuples(text: &[u8], from: usize, mark: usize, mut each: impl FnMut(&[Span])) -> (usize, Option<usize>) {
    let mut reader = Reader { text, at: from };
    let last = reader.tuples(mark, &mut each);
    (reader.at, last.filter(|last| *last <= mark && (reader.at > mark || reader.at >= text.len())))
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

    /// The tuples behind `VALUES`; where the last of them begins that begins at `mark` or before.
    fn values(&mut self, mark: usize, each: &mut impl FnMut(&[Span])) -> Option<usize> {
        if self.word("values") { self.tuples(mark, each) } else { None }
    }

    fn tuples(&mut self, mark: usize, each: &mut impl FnMut(&[Span])) -> Option<usize> {
        let mut cells = Vec::new();
        let mut last = None;
        loop {
            self.blanks();
            let start = self.at;
            if self.text.get(start) != Some(&b'(') {
                return last;
            }
            if start <= mark {
                last = Some(start);
            }
            self.at += 1;
            cells.clear();
            if !self.tuple(&mut cells) {
                return last;
            }
            each(&cells);
            self.blanks();
            if self.text.get(self.at) != Some(&b',') {
                return last;
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

    /// The lines behind `COPY … FROM stdin;`, up to `\.`; whether there are some.
    fn copied(&mut self, each: &mut impl FnMut(&[Span])) -> bool {
        if !(self.word("from") && self.word("stdin")) {
            return false;
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
        true
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
        rows(text.as_bytes(), 0, usize::MAX, &mut Created::new(), |row| {
            let names = row.columns.names(text.as_bytes()).into_iter().map(String::from_utf8_lossy);
            let names = names.collect::<Vec<_>>().join(" ");
            found.push(format!("{}({names}) {}", row.table, shown(row.cells).join("|")));
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

    #[test]
    fn rows_that_go_on_are_met_again_where_a_tuple_begins() {
        let text = "CREATE TABLE p (a int, b text);\nINSERT INTO p VALUES (1, 'x)'), (2, 'y, ('), (3, 'z'), (4, '";
        let third = text.find("(3").unwrap();
        let mut created = Created::new();
        let mut count = 0;
        let open = rows(text.as_bytes(), 0, third + 2, &mut created, |_| count += 1).unwrap();
        assert_eq!((open.table.as_str(), open.tuple, count), ("p", Some(third), 3));
        assert_eq!(open.columns, [b"a".to_vec(), b"b".to_vec()]);
        // What comes next is known without what stood before.
        let next = "(3, 'z'), (4, 'w');\nINSERT INTO p VALUES (5, 'v');";
        let mut cells = Vec::new();
        let (past, open) = tuples(next.as_bytes(), 0, usize::MAX, |row| cells.push(row[0]));
        assert_eq!((open, cells.len(), &next[past..=past]), (None, 2, ";"));
        let mut names = Vec::new();
        rows(next.as_bytes(), past, usize::MAX, &mut created, |row| names.push(row.columns.count()));
        assert_eq!(names, [2]);
    }
}
