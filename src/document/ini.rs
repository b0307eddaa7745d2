//! Ini files and their kin: `[section]` lines and `name = value` or `name: value` below them.
//!
//! The root is a map; a section is a map in it, and names before the first section stand in the root. All values
//! are texts, quotes around them taken away; a name alone has no value. A value's span covers it as written.
//! A name may stand several times, as in git's and systemd's files, and so no repetition is reported.

use std::collections::HashMap;

use super::env::{blanks, is_blank, line_end, no_assignment, past_break};
use super::{Broken, Builder, Entry, Kind, NodeId, Parsed, Value, stray};
use crate::text::Span;

/// Parses a text.
pub(super) fn parse(text: &[u8]) -> Parsed {
    // Stray bytes are common in values and no cause for complaint: no two programs agree on their encoding.
    let (text, _) = stray::utf8(text);
    let mut reader = Reader {
        text: &text,
        builder: Builder::default(),
        sections: vec![Section::default()],
        by_name: HashMap::new(),
        at_hand: 0,
        last: None,
        odd_lines: None,
    };
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < text.len() {
        let end = line_end(&text, at);
        reader.line(at, end);
        at = past_break(&text, end);
    }
    reader.finish()
}

/// A section, or what stands before the first one.
#[derive(Default)]
struct Section {
    name: Box<str>,
    name_span: Span,
    span: Span,
    entries: Vec<Entry>,
}

/// A value that indented lines may continue.
struct Last {
    node: NodeId,
    indent: usize,
    /// The value with the lines that continue it, if there were any; joined here, so that many lines cost no
    /// more than their length.
    joined: Option<String>,
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder,
    /// The first holds what stands before all sections.
    sections: Vec<Section>,
    by_name: HashMap<&'t str, usize>,
    at_hand: usize,
    last: Option<Last>,
    odd_lines: Option<(Span, usize)>,
}

impl<'t> Reader<'t> {
    fn line(&mut self, start: usize, end: usize) {
        let indent = blanks(&self.text[start..end]);
        let start = start + indent;
        let line = self.text[start..end].trim_end();
        match line.as_bytes() {
            [] => {}
            [b'#' | b';', ..] => self.builder.comment(Span::new(start, start + line.len())),
            [b'[', ..] if line.contains(']') => self.section(line, start),
            _ => self.assignment(line, start, indent),
        }
    }

    fn section(&mut self, line: &'t str, start: usize) {
        let close = line.rfind(']').unwrap_or(line.len() - 1);
        let (name, rest) = (&line[1..close], &line[close + 1..]);
        let after = start + close + 1 + blanks(rest);
        if matches!(self.text.as_bytes().get(after), Some(b'#' | b';')) {
            self.builder.comment(Span::new(after, start + line.len()));
        }
        self.end_value();
        self.at_hand = *self.by_name.entry(name).or_insert(self.sections.len());
        if self.at_hand == self.sections.len() {
            let name_span = Span::new(start + 1, start + close);
            let span = Span::new(start, start + close + 1);
            self.sections.push(Section { name: name.into(), name_span, span, entries: Vec::new() });
        }
    }

    fn assignment(&mut self, line: &'t str, start: usize, indent: usize) {
        // Below `name =` and in further lines of a value, an equals sign is text: `commands =`, ` run --all=yes`.
        if self.goes_on(indent) && self.continues(line, start, indent) {
            return;
        }
        let Some(at) = separator(line) else {
            if !self.continues(line, start, indent) {
                self.name_alone(line, start, indent);
            }
            return;
        };
        let name = line[..at].trim_end();
        if name.is_empty() {
            self.odd(line, start);
            return;
        }
        let value_at = at + 1 + blanks(&line[at + 1..]);
        let (text, length) = self.value(&line[value_at..], start + value_at);
        let span = Span::new(start + value_at, start + value_at + length);
        self.put(name, start, Value::Str(text), span, indent);
    }

    fn put(&mut self, name: &str, start: usize, value: Value, span: Span, indent: usize) {
        self.end_value();
        let node = self.builder.add(value, Some(span));
        self.last = Some(Last { node, indent, joined: None });
        let section = &mut self.sections[self.at_hand];
        if section.entries.is_empty() && self.at_hand == 0 {
            section.span = Span::new(start, start);
        }
        section.span.end = section.span.end.max(span.end);
        let key_span = Some(Span::new(start, start + name.len()));
        section.entries.push(Entry { key: name.into(), key_span, value: node, used_at: None });
    }

    /// The text of a value, and how much of the line it covers.
    fn value(&mut self, rest: &str, start: usize) -> (Box<str>, usize) {
        let bytes = rest.as_bytes();
        if let Some(quote @ (b'"' | b'\'')) = bytes.first()
            && let Some(close) = memchr::memchr(*quote, &bytes[1..]).map(|length| length + 1)
        {
            let after = close + 1 + blanks(&rest[close + 1..]);
            if matches!(bytes.get(after), None | Some(b'#' | b';')) {
                if after < rest.len() {
                    self.builder.comment(Span::new(start + after, start + rest.len()));
                }
                return (rest[1..close].into(), close + 1);
            }
        }
        let comment =
            (0..bytes.len()).find(|at| matches!(bytes[*at], b'#' | b';') && (*at == 0 || is_blank(bytes[at - 1])));
        let value = match comment {
            Some(at) => {
                self.builder.comment(Span::new(start + at, start + rest.len()));
                rest[..at].trim_end()
            }
            None => rest,
        };
        (value.into(), value.len())
    }

    /// Whether the value before is one of several lines, and a line so far in is one of them.
    fn goes_on(&self, indent: usize) -> bool {
        let Some(last) = self.last.as_ref().filter(|last| indent > last.indent) else { return false };
        last.joined.is_some() || matches!(&self.builder.node(last.node).value, Value::Str(text) if text.is_empty())
    }

    /// Adds the line to the value before, if it stands further in than that value's name.
    fn continues(&mut self, line: &str, start: usize, indent: usize) -> bool {
        let Some(last) = self.last.as_mut().filter(|last| indent > last.indent) else { return false };
        let end = start + line.len();
        let node = self.builder.node_mut(last.node);
        let joined = last.joined.get_or_insert_with(|| match &node.value {
            Value::Str(text) => text.to_string(),
            _ => String::new(),
        });
        if joined.is_empty() {
            node.span = Some(Span::new(start, end));
        } else {
            joined.push('\n');
        }
        joined.push_str(line);
        if let Some(span) = &mut node.span {
            span.end = end;
        }
        let section = &mut self.sections[self.at_hand];
        section.span.end = section.span.end.max(end);
        true
    }

    /// Ends the value that lines could continue.
    fn end_value(&mut self) {
        if let Some(Last { node, joined: Some(joined), .. }) = self.last.take() {
            self.builder.node_mut(node).value = Value::Str(joined.into());
        }
    }

    fn name_alone(&mut self, line: &str, start: usize, indent: usize) {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if line.bytes().all(is_name) {
            let end = start + line.len();
            self.put(line, start, Value::Null, Span::new(end, end), indent);
        } else {
            self.odd(line, start);
        }
    }

    fn odd(&mut self, line: &str, start: usize) {
        let (_, count) = self.odd_lines.get_or_insert((Span::new(start, start + line.len()), 0));
        *count += 1;
    }

    fn finish(mut self) -> Parsed {
        self.end_value();
        let broken: Vec<Broken> = self.odd_lines.iter().map(|(first, count)| no_assignment(*first, *count)).collect();
        let mut sections = self.sections.into_iter();
        let mut root = sections.next().unwrap_or_default();
        let mut span = (!root.entries.is_empty()).then_some(root.span);
        for section in sections {
            let whole = span.get_or_insert(section.span);
            whole.end = whole.end.max(section.span.end);
            let value = self.builder.add(Value::Map(section.entries), Some(section.span));
            root.entries.push(Entry { key: section.name, key_span: Some(section.name_span), value, used_at: None });
        }
        if root.entries.is_empty() {
            return Parsed { documents: Vec::new(), broken };
        }
        let root = self.builder.add(Value::Map(root.entries), span);
        Parsed { documents: vec![self.builder.finish(Kind::Ini, root)], broken }
    }
}

/// Where the name ends: at the first `=`, or at a `:` before it that has a blank after it or no `=` behind it.
/// A colon within a name is common: `//registry.example/:_token=…`, `C:\path=…`.
fn separator(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let equals = memchr::memchr(b'=', bytes);
    let ends_name = |at: &usize| equals.is_none() || bytes.get(at + 1).copied().is_none_or(is_blank);
    let colon = memchr::memchr_iter(b':', &bytes[..equals.unwrap_or(bytes.len())]).find(ends_name);
    colon.or(equals)
}

#[cfg(test)]
mod tests {
    use super::super::{Path, Trouble, to_json};
    use super::*;
    use crate::text::LineIndex;

    fn json(text: &str) -> String {
        let parsed = parse(text.as_bytes());
        assert!(parsed.broken.is_empty(), "{:?}", parsed.broken);
        let document = &parsed.documents[0];
        to_json(document, document.root(), 1000).unwrap().to_string()
    }

    #[test]
    fn sections_become_maps() {
        let cases = [
            ("a = 1\n[s]\nb: two\n; c\n[t \"x\"]\n\tc = d\n", r#"{"a":"1","s":{"b":"two"},"t \"x\"":{"c":"d"}}"#),
            ("[s]\na=1\n[t]\nb=2\n[s]\nc=3\n", r#"{"s":{"a":"1","c":"3"},"t":{"b":"2"}}"#),
            ("[s]\r\na = \"q # r\" ; note\r\n", r#"{"s":{"a":"q # r"}}"#),
            ("a = x # note\nb = x#y\nc = 'it''s'\n", r#"{"a":"x","b":"x#y","c":"'it''s'"}"#),
            ("a =\n  one\n  two\nb = 1\n", r#"{"a":"one\ntwo","b":"1"}"#),
            ("a =\n  x --y=z\n  {w}\nb = 1\n  c = 2\n", r#"{"a":"x --y=z\n{w}","b":"1","c":"2"}"#),
            ("[mysqld]\nskip-networking\n", r#"{"mysqld":{"skip-networking":null}}"#),
            ("//r.example/:_token=abc\n", r#"{"//r.example/:_token":"abc"}"#),
            ("url: http://x/?a=b\n", r#"{"url":"http://x/?a=b"}"#),
            ("host:db\n", r#"{"host":"db"}"#),
            ("a=\n", r#"{"a":""}"#),
            ("[empty]\n", r#"{"empty":{}}"#),
        ];
        for (text, expected) in cases {
            assert_eq!(json(text), expected, "{text:?}");
        }
    }

    #[test]
    fn values_and_sections_have_places() {
        let text = "\u{feff}# top\r\ntop = 1\r\n[sec] ; c\r\n  key = \"v\"\r\n  é = x\r\n";
        let document = parse(text.as_bytes()).documents.remove(0);
        let index = LineIndex::new(text.as_bytes());
        let mut seen = Vec::new();
        document
            .walk(document.root(), 100, |at| {
                let span = document.node(at.id).span.unwrap();
                let position = index.position(text.as_bytes(), span.start);
                let key = at.entry.and_then(|entry| entry.key_span).map_or("", |span| &text[span.range()]);
                seen.push((Path(at.path).to_string(), key, &text[span.range()], position.line, position.column));
                super::super::Next::Enter
            })
            .unwrap();
        let section = "[sec] ; c\r\n  key = \"v\"\r\n  é = x";
        let expected = [
            ("", "", &text[10..text.len() - 2], 2, 1),
            ("top", "top", "1", 2, 7),
            ("sec", "sec", section, 3, 1),
            ("sec.key", "key", "\"v\"", 4, 9),
            ("sec[\"é\"]", "é", "x", 5, 7),
        ];
        assert_eq!(seen, expected.map(|(path, key, value, line, column)| (path.to_owned(), key, value, line, column)));
        let comments: Vec<&str> = document.comments().iter().map(|span| &text[span.range()]).collect();
        assert_eq!(comments, ["# top", "; c"]);
    }

    #[test]
    fn bad_lines_are_named_once() {
        let parsed = parse(b"[s]\nthis is prose\nmore of it!\na = 1\n= 2\n");
        assert_eq!(parsed.documents.len(), 1);
        assert_eq!(parsed.broken.len(), 1);
        assert_eq!((parsed.broken[0].why, parsed.broken[0].span.start), (Trouble::Syntax, 4));
        assert!(parsed.broken[0].message.starts_with("3 lines"));
        parse(format!("a=\n{}", " x y\n".repeat(300_000)).as_bytes()); // one long value, in linear time
        assert!(parse(b"").documents.is_empty());
        assert!(parse(b"[").documents.is_empty());
        assert_eq!(json("[]]\na=1\n"), r#"{"]":{"a":"1"}}"#);
    }
}
