//! The columns of a table by the `CREATE TABLE` that made it: names, which of them are stored and in which order.

/// How many columns are told.
const MOST_COLUMNS: usize = 4_000;

/// What a record of a table holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Names and types, in the order in which they were declared.
    pub(super) columns: Vec<(String, String)>,
    /// Columns in the order in which records hold them; columns that are computed are in none.
    pub(super) stored: Vec<usize>,
    /// The column that is another name for the number of a row.
    pub(super) row_id: Option<usize>,
}

/// One word, sign or group of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A bare word, in upper case.
    Word(String, String),
    /// A quoted name.
    Quoted(String),
    Sign(u8),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(upper, _) if upper == word)
    }

    fn name(&self) -> Option<&str> {
        match self {
            Token::Word(_, name) | Token::Quoted(name) => Some(name),
            Token::Sign(_) => None,
        }
    }
}

/// Reads a statement; what cannot be understood has no columns.
pub(super) fn layout(sql: &str) -> Layout {
    let tokens = tokens(sql.as_bytes());
    let mut layout = Layout::default();
    let Some(open) = tokens.iter().position(|token| *token == Token::Sign(b'(')) else { return layout };
    let (definitions, close) = definitions(&tokens[open + 1..]);
    let mut key: Vec<String> = Vec::new();
    for definition in definitions {
        let first = definition.first();
        let constraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
        if first.is_some_and(|first| constraint.iter().any(|word| first.is(word))) {
            if let Some(at) = definition.iter().position(|token| token.is("PRIMARY")) {
                let inside = definition[at..].iter().skip_while(|token| **token != Token::Sign(b'('));
                let ends = |token: &&Token| **token != Token::Sign(b')');
                let order = ["COLLATE", "ASC", "DESC", "NOCASE", "BINARY", "RTRIM"];
                let names = inside.take_while(ends).filter(|token| !order.iter().any(|word| token.is(word)));
                key = names.filter_map(Token::name).map(str::to_ascii_lowercase).collect();
            }
            continue;
        }
        let Some(name) = first.and_then(Token::name) else { continue };
        let kind = definition.get(1).and_then(Token::name).unwrap_or_default().to_ascii_uppercase();
        let outer = outside(definition);
        let computed = outer.iter().any(|token| token.is("AS")) && !outer.iter().any(|token| token.is("STORED"));
        if outer.windows(2).any(|pair| pair[0].is("PRIMARY") && pair[1].is("KEY")) {
            key = vec![name.to_ascii_lowercase()];
        }
        if layout.columns.len() == MOST_COLUMNS {
            break;
        }
        if !computed {
            layout.stored.push(layout.columns.len());
        }
        layout.columns.push((name.to_owned(), kind));
    }
    let is_key = |column: usize, key: &String| layout.columns[column].0.eq_ignore_ascii_case(key);
    let without = close.windows(2).any(|pair| pair[0].is("WITHOUT") && pair[1].is("ROWID"));
    if without {
        // Such a table is an index: its key stands first.
        let keys: Vec<usize> =
            key.iter().filter_map(|key| (0..layout.columns.len()).find(|at| is_key(*at, key))).collect();
        let rest = layout.stored.iter().copied().filter(|column| !keys.contains(column));
        layout.stored = keys.iter().copied().chain(rest).collect();
    } else if let [one] = key.as_slice() {
        layout.row_id = (0..layout.columns.len()).find(|at| is_key(*at, one) && layout.columns[*at].1 == "INTEGER");
    }
    layout
}

/// The definitions between commas, up to the bracket that closes them, and what stands behind it.
fn definitions(tokens: &[Token]) -> (Vec<&[Token]>, &[Token]) {
    let (mut found, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') if depth == 0 => {
                found.push(&tokens[start..at]);
                return (found, &tokens[at + 1..]);
            }
            Token::Sign(b')') => depth -= 1,
            Token::Sign(b',') if depth == 0 => {
                found.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&tokens[start..]);
    (found, &[])
}

/// A definition without what stands in brackets.
fn outside(definition: &[Token]) -> Vec<&Token> {
    let mut depth = 0_usize;
    let outer = |token: &&Token| {
        match token {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    definition.iter().filter(outer).collect()
}

fn tokens(sql: &[u8]) -> Vec<Token> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(byte) = sql.get(at) {
        let rest = &sql[at + 1..];
        let quoted = |close: u8| {
            let mut name = Vec::new();
            let mut end = 0;
            while let Some(byte) = rest.get(end) {
                end += 1;
                if *byte == close {
                    // A doubled sign is one that stands in the name.
                    if close == b']' || rest.get(end) != Some(&close) {
                        break;
                    }
                    end += 1;
                }
                name.push(*byte);
            }
            (Token::Quoted(String::from_utf8_lossy(&name).into_owned()), end + 1)
        };
        let (token, length) = match byte {
            b'"' | b'`' | b'\'' => quoted(*byte),
            b'[' => quoted(b']'),
            b'-' if rest.first() == Some(&b'-') => {
                at += memchr::memchr(b'\n', &sql[at..]).unwrap_or(sql.len() - at);
                continue;
            }
            b'/' if rest.first() == Some(&b'*') => {
                at += memchr::memmem::find(&sql[at..], b"*/").map_or(sql.len() - at, |end| end + 2);
                continue;
            }
            _ if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => {
                let part =
                    |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'$') || !byte.is_ascii();
                match sql[at..].iter().take_while(part).count() {
                    0 => (Token::Sign(*byte), 1),
                    length => {
                        let name = String::from_utf8_lossy(&sql[at..at + length]).into_owned();
                        (Token::Word(name.to_ascii_uppercase(), name), length)
                    }
                }
            }
        };
        found.push(token);
        at += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_that_records_hold() {
        // statement, names, stored, row id
        let cases: &[(&str, &[&str], &[usize], Option<usize>)] = &[
            (
                "CREATE TABLE a(id INTEGER PRIMARY KEY, \"first name\" TEXT NOT NULL, c)",
                &["id", "first name", "c"],
                &[0, 1, 2],
                Some(0),
            ),
            ("CREATE TABLE a(id INT PRIMARY KEY, b DECIMAL(10,2) DEFAULT (1+(2)))", &["id", "b"], &[0, 1], None),
            (
                "CREATE TABLE [a b]([x y] TEXT -- x, y\n, `q``r` TEXT /* , */, PRIMARY KEY([x y]))",
                &["x y", "q`r"],
                &[0, 1],
                None,
            ),
            ("create table a(b text, id integer, constraint k primary key(id asc))", &["b", "id"], &[0, 1], Some(1)),
            (
                "CREATE TABLE a(a, b AS (a+1), c AS (a) STORED, d GENERATED ALWAYS AS (1) VIRTUAL)",
                &["a", "b", "c", "d"],
                &[0, 2],
                None,
            ),
            ("CREATE TABLE a(x, k TEXT, y, PRIMARY KEY(k)) WITHOUT ROWID", &["x", "k", "y"], &[1, 0, 2], None),
            ("CREATE TABLE a(x, \"CHECK\" TEXT, CHECK(x > 0)) STRICT", &["x", "CHECK"], &[0, 1], None),
            ("CREATE TABLE a(\"open", &["open"], &[0], None),
            ("nonsense", &[], &[], None),
        ];
        for (sql, names, stored, row_id) in cases {
            let layout = layout(sql);
            assert_eq!(layout.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), *names, "{sql}");
            assert_eq!((layout.stored.as_slice(), layout.row_id), (*stored, *row_id), "{sql}");
        }
    }
}
