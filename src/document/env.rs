//! `.env` files: `NAME=value` lines as dotenv libraries and shells read them.
//!
//! The root is a map of texts. A value's span covers it as written, quotes included; the text has quotes and
//! escapes taken away. Nothing is interpolated: `$VAR` stays as it is written.

use super::{Broken, Builder, Document, Entry, Kind, Parsed, Value, repeated, stray};
use crate::text::Span;

/// Parses a text.
pub(super) fn parse(text: &[u8]) -> Parsed {
    // Stray bytes are common in values and no cause for complaint: no two programs agree on their encoding.
    let (text, _) = stray::utf8(text);
    let mut reader = Reader {
        text: &text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        builder: Builder::default(),
        entries: Vec::new(),
        broken: Vec::new(),
        odd_lines: None,
    };
    while reader.at < text.len() {
        reader.line();
    }
    reader.finish()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    builder: Builder,
    entries: Vec<Entry>,
    broken: Vec<Broken>,
    /// The first line that is no assignment, and how many there are.
    odd_lines: Option<(Span, usize)>,
}

impl Reader<'_> {
    fn finish(mut self) -> Parsed {
        let mut broken = std::mem::take(&mut self.broken);
        if let Some((first, count)) = self.odd_lines {
            broken.push(no_assignment(first, count));
        }
        broken.extend(repeated(&self.entries).into_iter().filter_map(|entry| entry.key_span).map(Broken::duplicate));
        broken.sort_by_key(|broken| broken.span.start);
        let documents = flat(self.builder, self.entries, Kind::Env).into_iter().collect();
        Parsed { documents, broken }
    }

    /// Reads one line, or several if a quoted value spans them.
    fn line(&mut self) {
        let end = line_end(self.text, self.at);
        let start = self.at + blanks(&self.text[self.at..end]);
        let line = self.text[start..end].trim_end();
        self.at = past_break(self.text, end);
        if line.is_empty() {
            return;
        }
        if line.starts_with('#') {
            self.builder.comment(Span::new(start, start + line.len()));
            return;
        }
        let start = match line.strip_prefix("export") {
            Some(rest) if rest.starts_with([' ', '\t']) => start + "export".len() + blanks(rest),
            _ => start,
        };
        let rest = &self.text[start..end];
        let name_length = rest.bytes().take_while(|byte| is_name(*byte)).count();
        let key_span = Span::new(start, start + name_length);
        let after = key_span.end + blanks(&self.text[key_span.end..end]);
        let value_start = match self.text.as_bytes().get(after) {
            _ if name_length == 0 => None,
            Some(b'=') if after < end => Some(after + 1),
            // Some dotenv libraries take `NAME: value` too.
            Some(b':') if after < end && self.text[after + 1..end].starts_with([' ', '\t']) => Some(after + 1),
            _ => None,
        };
        match value_start {
            Some(value_start) => {
                let value_start = value_start + blanks(&self.text[value_start..end]);
                let (text, span) = self.value(value_start, end);
                let value = self.builder.add(Value::Str(text), Some(span));
                let key = self.text[key_span.range()].into();
                self.entries.push(Entry { key, key_span: Some(key_span), value, used_at: None });
            }
            // A name alone takes its value from the environment.
            None if name_length > 0 && after >= end => {}
            None => {
                let (_, count) = self.odd_lines.get_or_insert((Span::new(start, end), 0));
                *count += 1;
            }
        }
    }

    /// Reads the value at `start` in a line that ends at `end`.
    fn value(&mut self, start: usize, end: usize) -> (Box<str>, Span) {
        let quote = self.text.as_bytes().get(start).copied().filter(|quote| matches!(quote, b'"' | b'\'' | b'`'));
        let Some(quote) = quote.filter(|_| start < end) else { return self.bare(start, end) };
        let Some((text, close)) = quoted(&self.text[start..], quote) else { return self.unclosed(start, end) };
        let close = start + close;
        let last_end = line_end(self.text, close);
        let after = close + blanks(&self.text[close..last_end]);
        if after < last_end && !self.text[after..].starts_with('#') {
            // On one line, shells would join the pieces; what is written is closer to that than a part of it.
            // On a later line, this was the opening quote of another value.
            return if last_end > end { self.unclosed(start, end) } else { self.bare(start, end) };
        }
        let end = last_end;
        if after < end {
            self.builder.comment(Span::new(after, after + self.text[after..end].trim_end().len()));
        }
        self.at = past_break(self.text, end);
        (text, Span::new(start, close))
    }

    /// A quote that nothing closes is a character like others; else it would swallow the file.
    fn unclosed(&mut self, start: usize, end: usize) -> (Box<str>, Span) {
        self.broken.push(Broken::syntax("a quote is never closed", Span::new(start, start + 1)));
        self.bare(start, end)
    }

    /// A value without quotes: up to the end of the line or a comment.
    fn bare(&mut self, start: usize, end: usize) -> (Box<str>, Span) {
        self.at = self.at.max(past_break(self.text, end));
        let line = &self.text[start..end];
        let comment = line.char_indices().find(|(at, c)| *c == '#' && (*at == 0 || is_blank(line.as_bytes()[at - 1])));
        let value = match comment {
            Some((at, _)) => {
                self.builder.comment(Span::new(start + at, start + line.trim_end().len()));
                line[..at].trim_end()
            }
            None => line.trim_end(),
        };
        (value.into(), Span::new(start, start + value.len()))
    }
}

/// A document of a map that is not nested; none if nothing was found.
pub(super) fn flat(mut builder: Builder, entries: Vec<Entry>, kind: Kind) -> Option<Document> {
    let (first, last) = (entries.first()?.key_span?, entries.last()?.value);
    let end = builder.node(last).span.map_or(first.end, |span| span.end);
    let root = builder.add(Value::Map(entries), Some(Span::new(first.start, end)));
    Some(builder.finish(kind, root))
}

/// One complaint for all lines that make no sense, for there may be many.
pub(super) fn no_assignment(first: Span, count: usize) -> Broken {
    let message = match count {
        1 => "a line is no assignment".to_owned(),
        count => format!("{count} lines are no assignments; this is the first"),
    };
    Broken::syntax(message, first)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// How many blanks a text begins with.
pub(super) fn blanks(text: &str) -> usize {
    text.bytes().take_while(|byte| is_blank(*byte)).count()
}

/// Where the line ends in which `at` stands.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length)
}

/// Past the line break at `end`.
pub(super) fn past_break(text: &str, end: usize) -> usize {
    let rest = &text.as_bytes()[end..];
    end + if rest.starts_with(b"\r\n") { 2 } else { rest.len().min(1) }
}

/// The text between quotes and the offset past the closing one.
fn quoted(text: &str, quote: u8) -> Option<(Box<str>, usize)> {
    let bytes = text.as_bytes();
    if quote != b'"' {
        let close = memchr::memchr(quote, &bytes[1..])? + 1;
        return Some((text[1..close].into(), close + 1));
    }
    let mut decoded = String::new();
    let mut at = 1;
    loop {
        let next = at + memchr::memchr2(b'"', b'\\', &bytes[at..])?;
        decoded.push_str(&text[at..next]);
        if bytes[next] == b'"' {
            return Some((decoded.into(), next + 1));
        }
        let escaped = text[next + 1..].chars().next()?;
        match escaped {
            'n' => decoded.push('\n'),
            'r' => decoded.push('\r'),
            't' => decoded.push('\t'),
            '"' | '\\' | '$' | '`' => decoded.push(escaped),
            // A line that goes on.
            '\n' => {}
            other => decoded.extend(['\\', other]),
        }
        at = next + 1 + escaped.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Trouble;
    use super::*;
    use crate::text::LineIndex;

    #[test]
    fn values_are_read_and_placed() {
        let text = "\u{feff}# head\r\nA=1\r\nexport B = two words # note\nC=\"x\\n\\\"y\\\" $Z\" # c\nD='a#b \\n'\n\n  E=\nF=a#b\nG=\"l1\nl2\"\nH: yes\nI=${J:-k}\nK=`b'\"t`\nL=\"x\"y\nPASS\nM=\"\"\n";
        // name, value, as written, line, column
        let cases = [
            ("A", "1", "1", 2, 3),
            ("B", "two words", "two words", 3, 12),
            ("C", "x\n\"y\" $Z", "\"x\\n\\\"y\\\" $Z\"", 4, 3),
            ("D", "a#b \\n", "'a#b \\n'", 5, 3),
            ("E", "", "", 7, 5),
            ("F", "a#b", "a#b", 8, 3), // a hash within a word is no comment
            ("G", "l1\nl2", "\"l1\nl2\"", 9, 3),
            ("H", "yes", "yes", 11, 4),
            ("I", "${J:-k}", "${J:-k}", 12, 3),
            ("K", "b'\"t", "`b'\"t`", 13, 3),
            ("L", "\"x\"y", "\"x\"y", 14, 3),
            ("M", "", "\"\"", 16, 3),
        ];
        let parsed = parse(text.as_bytes());
        assert!(parsed.broken.is_empty(), "{:?}", parsed.broken);
        let document = &parsed.documents[0];
        let index = LineIndex::new(text.as_bytes());
        let found: Vec<_> = document
            .entries(document.root())
            .iter()
            .map(|entry| {
                let span = document.node(entry.value).span.unwrap();
                let at = index.position(text.as_bytes(), span.start);
                assert_eq!(&text[entry.key_span.unwrap().range()], &*entry.key);
                (&*entry.key, document.as_str(entry.value).unwrap(), &text[span.range()], at.line, at.column)
            })
            .collect();
        assert_eq!(found, cases);
        let comments: Vec<&str> = document.comments().iter().map(|span| &text[span.range()]).collect();
        assert_eq!(comments, ["# head", "# note", "# c"]);
    }

    #[test]
    fn trouble_is_named() {
        // text, entries that stay, trouble, where
        let cases: &[(&[u8], usize, &[(Trouble, usize)])] = &[
            (b"A=1\nA=2\n", 2, &[(Trouble::DuplicateKey, 4)]),
            (b"A=\"open\nB=2\n", 2, &[(Trouble::Syntax, 2)]), // the next line is not swallowed
            (b"A=\"open\nB=\"x\"\n", 2, &[(Trouble::Syntax, 2)]), // not even if a later quote seems to close it
            (b"if [ x ]; then\nA=1\nfi; x\n", 1, &[(Trouble::Syntax, 0)]), // said once
            (b"A=M\xfcller\nB=2\n", 2, &[]),
            (b"=1\n", 0, &[(Trouble::Syntax, 0)]),
            (b"A=\"x\\", 1, &[(Trouble::Syntax, 2)]),
            (b"", 0, &[]),
        ];
        for (text, entries, trouble) in cases {
            let parsed = parse(text);
            let count = parsed.documents.first().map_or(0, |document| document.entries(document.root()).len());
            let found: Vec<_> = parsed.broken.iter().map(|broken| (broken.why, broken.span.start)).collect();
            assert_eq!((count, found.as_slice()), (*entries, *trouble), "{:?}", String::from_utf8_lossy(text));
        }
        let cut = parse(b"A=\"open\nB=2\n").documents.remove(0);
        assert_eq!(cut.get_str(cut.root(), "A"), Some("\"open"));
    }

    #[test]
    fn many_open_quotes_take_linear_time() {
        let text = "A='x\"\n".repeat(20_001);
        let start = std::time::Instant::now();
        parse(text.as_bytes());
        parse("B=\"x\n".repeat(20_001).as_bytes());
        parse("B=\"x\nC='y\nD=`z\n".repeat(7_001).as_bytes());
        assert!(start.elapsed().as_secs() < 5);
    }
}
