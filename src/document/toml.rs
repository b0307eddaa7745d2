//! TOML.
//!
//! A value's span covers it as written, quotes and brackets included; a table's goes from its first to its last
//! value. Dates are text as written. TOML has no broken parts: one error, and nothing of the text counts.

use toml_edit::{Document as Toml, Item, Key, TableLike, Value as TomlValue};

use super::{Broken, Builder, Entry, Kind, MAX_DEPTH, MAX_NODES, NodeId, Parsed, Value, stray};
use crate::text::Span;

/// Parses a text.
pub(super) fn parse(text: &[u8]) -> Parsed {
    let (mended, stray) = stray::utf8(text);
    let mut parsed = Parsed::default();
    parsed.broken.extend(stray.map(stray::complaint));
    // The parser takes a byte-order mark for nothing, but it counts.
    match read(&mended) {
        Ok(Some(document)) => parsed.documents.push(document),
        Ok(None) => {}
        Err(broken) => parsed.broken.push(broken),
    }
    parsed.broken.sort_by_key(|broken| broken.span.start);
    parsed
}

fn read(text: &str) -> Result<Option<super::Document>, Broken> {
    if text.trim_start_matches('\u{feff}').trim_ascii().is_empty() {
        return Ok(None);
    }
    let toml = Toml::parse(text).map_err(|error| complaint(text, &error))?;
    let mut reader = Reader { text, builder: Builder::default() };
    let (root, _) = reader.table(toml.as_table(), None, 0)?;
    for comment in comments(text) {
        reader.builder.comment(comment);
    }
    Ok(Some(reader.builder.finish(Kind::Toml, root)))
}

fn complaint(text: &str, error: &toml_edit::TomlError) -> Broken {
    let span = error.span().map_or_else(|| Span::new(0, 0), |range| Span::new(range.start, range.end));
    if error.message().contains("recur") {
        return Broken::depth(span);
    }
    // A message may tell what it expected, which is fixed, but never what it found. All of the text is lost, and
    // so a repeated name is a syntax error here.
    let width = text.get(span.start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let end = if span.is_empty() { span.start + width } else { span.end };
    Broken::syntax(error.message().lines().next().unwrap_or("no valid TOML"), Span::new(span.start, end))
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder,
}

/// A node and what it covers, if anything of it is written.
type Read = Result<(NodeId, Option<Span>), Broken>;

impl Reader<'_> {
    fn add(&mut self, value: Value, span: Option<Span>) -> Read {
        if self.builder.len() >= MAX_NODES {
            return Err(Broken::size(span.unwrap_or_default()));
        }
        Ok((self.builder.add(value, span), span))
    }

    /// Recursion ends at [`MAX_DEPTH`]; the parser's own limit is per header and value, and lower.
    fn table(&mut self, table: &dyn TableLike, own: Option<Span>, depth: usize) -> Read {
        if depth >= MAX_DEPTH {
            return Err(Broken::depth(own.unwrap_or_default()));
        }
        let mut entries = Vec::with_capacity(table.len());
        let mut span = own;
        for (name, item) in table.iter() {
            let key_span = table.key(name).and_then(Key::span).map(|range| Span::new(range.start, range.end));
            let (value, value_span) = self.item(item, depth + 1)?;
            span = cover(span, cover(key_span, value_span));
            entries.push(Entry { key: name.into(), key_span, value, used_at: None });
        }
        self.add(Value::Map(entries), span)
    }

    fn item(&mut self, item: &Item, depth: usize) -> Read {
        let span = item.span().map(|range| Span::new(range.start, range.end));
        match item {
            Item::None => self.add(Value::Null, span),
            Item::Value(value) => self.value(value, depth),
            Item::Table(table) => self.table(table, span, depth),
            Item::ArrayOfTables(tables) => {
                let mut items = Vec::with_capacity(tables.len());
                let mut covered = None;
                for table in tables.iter() {
                    let own = table.span().map(|range| Span::new(range.start, range.end));
                    let (item, span) = self.table(table, own, depth + 1)?;
                    covered = cover(covered, span);
                    items.push(item);
                }
                self.add(Value::List(items), covered)
            }
        }
    }

    fn value(&mut self, value: &TomlValue, depth: usize) -> Read {
        let span = value.span().map(|range| Span::new(range.start, range.end));
        let node = match value {
            TomlValue::String(text) => Value::Str(text.value().as_str().into()),
            TomlValue::Integer(number) => Value::Int(*number.value()),
            TomlValue::Float(number) => Value::Float(*number.value()),
            TomlValue::Boolean(value) => Value::Bool(*value.value()),
            TomlValue::Datetime(date) => {
                let written = span.and_then(|span| self.text.get(span.range()));
                Value::Str(written.map_or_else(|| date.value().to_string().into(), Box::from))
            }
            TomlValue::InlineTable(table) => return self.table(table, span, depth),
            TomlValue::Array(array) => {
                if depth >= MAX_DEPTH {
                    return Err(Broken::depth(span.unwrap_or_default()));
                }
                let items: Result<_, Broken> = array.iter().map(|item| Ok(self.value(item, depth + 1)?.0)).collect();
                Value::List(items?)
            }
        };
        self.add(node, span)
    }
}

fn cover(one: Option<Span>, other: Option<Span>) -> Option<Span> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Span::new(one.start.min(other.start), one.end.max(other.end))),
        (one, other) => one.or(other),
    }
}

/// Where the comments of a valid text stand: at each `#` outside of strings.
fn comments(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'#', b'"', b'\'', &bytes[at..]).map(|length| at + length) {
        at = match bytes[next] {
            b'#' => {
                let end = memchr::memchr2(b'\n', b'\r', &bytes[next..]).map_or(bytes.len(), |length| next + length);
                found.push(Span::new(next, end));
                end
            }
            quote => past_string(bytes, next, quote),
        };
    }
    found
}

/// Past the string that opens at `open`.
fn past_string(bytes: &[u8], open: usize, quote: u8) -> usize {
    let is_long = bytes[open..].starts_with(&[quote; 3]);
    let mut at = open + if is_long { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            byte if byte != quote => at += 1,
            _ if !is_long => return at + 1,
            _ if bytes[at..].starts_with(&[quote; 3]) => {
                // Up to two quotes more belong to the string.
                let quotes = bytes[at..].iter().take_while(|byte| **byte == quote).count();
                return at + quotes.min(5);
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::super::{Next, Path, Trouble, to_json};
    use super::*;
    use crate::text::LineIndex;

    #[test]
    fn tables_of_all_shapes_become_one_tree() {
        let text = "a.b.c = 1 # one\n[x]\ny = { z = \"q\" }\n[[t]]\nn = 1\n[t.sub]\nm = 2\n[[t]]\nn = 3\n[x.deep.er]\nd = 2024-01-31T10:00:00Z\nf = 1.5\nl = [1, # two\n  'x#y', \"\"\"\n#no\"\"\"]\n";
        let parsed = parse(text.as_bytes());
        assert!(parsed.broken.is_empty(), "{:?}", parsed.broken);
        let document = &parsed.documents[0];
        let json = to_json(document, document.root(), 100).unwrap();
        let expected = r##"{"a":{"b":{"c":1}},"x":{"y":{"z":"q"},"deep":{"er":{"d":"2024-01-31T10:00:00Z","f":1.5,"l":[1,"x#y","#no"]}}},"t":[{"n":1,"sub":{"m":2}},{"n":3}]}"##;
        assert_eq!(json.to_string(), expected);
        let comments: Vec<&str> = document.comments().iter().map(|span| &text[span.range()]).collect();
        assert_eq!(comments, ["# one", "# two"]);
    }

    #[test]
    fn spans_cover_values_as_written() {
        let text = "\u{feff}k = \"v\"\r\n\"q k\".s = 'x'\r\n[t]\r\ny = [1,\r\n {z = 0x1F}]\r\n[[u]]\r\nw = true\r\n";
        // path, value, its name, line:column of the value
        let cases = [
            ("k", "\"v\"", "k", (1, 6)),
            ("[\"q k\"].s", "'x'", "s", (2, 11)),
            ("t.y", "[1,\r\n {z = 0x1F}]", "y", (4, 5)),
            ("t.y[0]", "1", "", (4, 6)),
            ("t.y[1]", "{z = 0x1F}", "", (5, 2)),
            ("t.y[1].z", "0x1F", "z", (5, 7)),
            ("u[0].w", "true", "w", (7, 5)),
        ];
        let document = parse(text.as_bytes()).documents.remove(0);
        let index = LineIndex::new(text.as_bytes());
        let mut seen = Vec::new();
        document
            .walk(document.root(), 100, |at| {
                let span = document.node(at.id).span.unwrap();
                let key = at.entry.and_then(|entry| entry.key_span).map_or("", |span| &text[span.range()]);
                let position = index.position(text.as_bytes(), span.start);
                let path = Path(at.path).to_string();
                if cases.iter().any(|case| case.0 == path) {
                    seen.push((path, text[span.range()].to_owned(), key.to_owned(), (position.line, position.column)));
                }
                Next::Enter
            })
            .unwrap();
        let expected = cases.map(|(path, value, key, at)| (path.to_owned(), value.to_owned(), key.to_owned(), at));
        assert_eq!(seen, expected);
        let table = document.node(document.get(document.root(), "t").unwrap()).span.unwrap();
        assert_eq!(&text[table.range()], "[t]\r\ny = [1,\r\n {z = 0x1F}]");
    }

    #[test]
    fn bad_texts_are_named_without_their_content() {
        // text, trouble, where
        let cases: &[(&str, Trouble, usize)] = &[
            ("a = 1\nb = hunter\n", Trouble::Syntax, 10),
            ("a = 1\na = 2\n", Trouble::Syntax, 6),
            ("a = \"open\n", Trouble::Syntax, 9),
            ("[t\n", Trouble::Syntax, 2),
        ];
        for (text, why, at) in cases {
            let parsed = parse(text.as_bytes());
            assert!(parsed.documents.is_empty());
            assert_eq!(parsed.broken.len(), 1);
            let broken = &parsed.broken[0];
            assert_eq!((broken.why, broken.span.start), (*why, *at), "{text:?} {}", broken.message);
            assert!(!broken.message.contains("hunter") && !broken.message.contains("open"), "{}", broken.message);
        }
        for deep in [
            format!("a = {}", "[".repeat(20_000)),
            format!("a = {}{}", "[".repeat(20_000), "]".repeat(20_000)),
            format!("a = {}", "{a=".repeat(20_000)),
            format!("{} = 1", vec!["a"; 20_000].join(".")),
            format!("[{}]", vec!["a"; 20_000].join(".")),
        ] {
            let parsed = parse(deep.as_bytes());
            assert!(parsed.documents.is_empty());
            assert_eq!(parsed.broken[0].why, Trouble::Depth, "{}", parsed.broken[0].message);
        }
        assert!(parse(b"").documents.is_empty() && parse(b"").broken.is_empty());
        let stray = parse(b"a = \"M\xfcller\"\nb = 1\n");
        assert_eq!((stray.documents.len(), stray.broken.len()), (1, 1));
    }
}
