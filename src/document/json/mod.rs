//! JSON as machines and people write it: with comments, trailing commas and a byte-order mark, one value or
//! several in one text.
//!
//! A value's span covers it as written, quotes and brackets included. Nothing recurses, so that depth costs
//! memory and never the stack. What is broken is left out whole: half a value would look like absent settings.

mod text;

use super::{Broken, Builder, Document, Entry, Kind, MAX_DEPTH, MAX_NODES, NodeId, Parsed, Trouble, Value};
use super::{repeated, stray};
use crate::text::Span;

/// Parses all values of a text.
pub(super) fn parse(text: &[u8]) -> Parsed {
    let mut parsed = Parsed::default();
    let (mut broken, mut comments) = each(text, 0, |document| parsed.documents.push(document));
    if let Some(last) = parsed.documents.last_mut() {
        last.comments.append(&mut comments);
    }
    broken.sort_by_key(|broken| broken.span.start);
    parsed.broken = broken;
    parsed
}

/// Takes the values of a text one after the other, so that a text of many lines never stands in memory as trees;
/// answers with what is broken and with the comments behind the last value. Each tree has room at once for as many nodes
/// as the one before, up to `room`.
pub(super) fn each(text: &[u8], room: usize, mut take: impl FnMut(Document)) -> (Vec<Broken>, Vec<Span>) {
    let (mended, stray) = stray::utf8(text);
    let mut complaints: Vec<Broken> = stray.map(stray::complaint).into_iter().collect();
    let mut reader = Reader::new(&mended);
    if mended.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    loop {
        let start = match reader.start() {
            Ok(Some(start)) => start,
            Ok(None) => break,
            Err(broken) => {
                complaints.push(broken);
                break;
            }
        };
        match reader.value().and_then(|root| reader.line_is_done().map(|()| root)) {
            Ok(root) => {
                complaints.append(&mut reader.duplicates);
                let nodes = reader.builder.len();
                take(reader.finish(root));
                reader.builder.reserve(nodes.min(room));
            }
            Err(broken) => {
                let ends = broken.span.start.max(reader.at);
                let on_one_line = memchr::memchr(b'\n', &reader.bytes[start..ends]).is_none();
                complaints.push(reader.blamed(broken));
                reader.forget();
                // Where each line holds a value, the other lines are whole; within a value that spans lines,
                // no place is known to be safe.
                let next = memchr::memchr_iter(b'\n', &reader.bytes[ends..]).map(|length| ends + length + 1);
                match next.filter(|_| on_one_line).find(|at| matches!(reader.bytes.get(*at), Some(b'{' | b'['))) {
                    Some(next) => reader.at = next,
                    None => break,
                }
            }
        }
    }
    (complaints, reader.builder.comments)
}

/// A list or map that is not closed yet.
struct Open {
    start: usize,
    is_map: bool,
    /// Where its children begin in the reader's stack of items or entries.
    base: usize,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    builder: Builder,
    open: Vec<Open>,
    /// Items of all lists that are not closed yet, so that each list is made once and in its right size.
    items: Vec<NodeId>,
    /// The same for maps. The last entry of a map has no value yet while that is read.
    entries: Vec<Entry>,
    duplicates: Vec<Broken>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Reader {
            text,
            bytes: text.as_bytes(),
            at: 0,
            builder: Builder::default(),
            open: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The complaint `message` about the character at hand.
    fn unexpected(&self, message: &str) -> Broken {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Broken::syntax(message, Span::new(self.at, self.at + width))
    }

    /// Where the next value starts, if there is one.
    fn start(&mut self) -> Result<Option<usize>, Broken> {
        self.blank()?;
        Ok((self.at < self.bytes.len()).then_some(self.at))
    }

    /// A complaint that knows a template: `{"a": {{ .b }}}` breaks at the second brace.
    fn blamed(&self, broken: Broken) -> Broken {
        let at = broken.span.start;
        let is_template = at > 0 && matches!(&self.bytes[at - 1..], [b'{', b'{' | b'%', ..]);
        if is_template && broken.why == Trouble::Syntax {
            Broken::new(Trouble::Template, "a template that cannot be read before it is rendered", broken.span)
        } else {
            broken
        }
    }

    fn finish(&mut self, root: NodeId) -> Document {
        std::mem::take(&mut self.builder).finish(Kind::Json, root)
    }

    /// Drops what was made of a value that turned out to be broken; comments around it stay.
    fn forget(&mut self) {
        self.builder.nodes.clear();
        self.open.clear();
        self.items.clear();
        self.entries.clear();
        self.duplicates.clear();
    }

    /// Skips blanks and comments.
    fn blank(&mut self) -> Result<(), Broken> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Broken> {
        let rest = &self.bytes[self.at..];
        let length = match rest.get(1) {
            Some(b'/') => memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()),
            Some(b'*') => match memchr::memmem::find(&rest[2..], b"*/") {
                Some(end) => end + 4,
                None => return Err(Broken::syntax("a comment is never closed", Span::new(self.at, self.at + 2))),
            },
            _ => return Err(self.unexpected("neither a value nor a comment")),
        };
        self.builder.comment(Span::new(self.at, self.at + length));
        self.at += length;
        Ok(())
    }

    /// After a whole value: only another list or map may follow on the same line.
    fn line_is_done(&mut self) -> Result<(), Broken> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
        match self.peek() {
            None | Some(b'\n' | b'{' | b'[') => Ok(()),
            Some(b'/') if matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')) => Ok(()),
            Some(_) => Err(self.unexpected("more text after the end of the value")),
        }
    }

    /// Reads one value with all that is in it.
    fn value(&mut self) -> Result<NodeId, Broken> {
        'value: loop {
            self.blank()?;
            let mut done = match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    self.enter(bracket == b'{')?;
                    if !self.at_end()? {
                        continue 'value;
                    }
                    self.leave()?
                }
                _ => self.scalar()?,
            };
            loop {
                let Some(open) = self.open.last() else { return Ok(done) };
                let is_map = open.is_map;
                self.put(done, is_map);
                self.blank()?;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        if !self.at_end()? {
                            continue 'value;
                        }
                    }
                    Some(b'}') if is_map => {}
                    Some(b']') if !is_map => {}
                    None => return Err(self.unclosed()),
                    Some(_) if is_map => return Err(self.unexpected("expected `,` or `}`")),
                    Some(_) => return Err(self.unexpected("expected `,` or `]`")),
                }
                done = self.leave()?;
            }
        }
    }

    fn put(&mut self, id: NodeId, is_map: bool) {
        if !is_map {
            self.items.push(id);
        } else if let Some(entry) = self.entries.last_mut() {
            entry.value = id;
        }
    }

    fn enter(&mut self, is_map: bool) -> Result<(), Broken> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Broken::depth(Span::new(self.at, self.at + 1)));
        }
        let base = if is_map { self.entries.len() } else { self.items.len() };
        self.open.push(Open { start: self.at, is_map, base });
        self.at += 1;
        Ok(())
    }

    /// Whether the innermost list or map ends here. If not, a map's next name is read.
    fn at_end(&mut self) -> Result<bool, Broken> {
        self.blank()?;
        let is_map = self.open.last().is_some_and(|open| open.is_map);
        match self.peek() {
            None => Err(self.unclosed()),
            Some(b'}') if is_map => Ok(true),
            Some(b']') if !is_map => Ok(true),
            Some(b'"') if is_map => self.name().map(|()| false),
            Some(_) if is_map => Err(self.unexpected("expected a name in double quotes")),
            Some(_) => Ok(false),
        }
    }

    fn name(&mut self) -> Result<(), Broken> {
        let start = self.at;
        let key = self.string()?;
        let key_span = Some(Span::new(start, self.at));
        self.blank()?;
        if self.peek() != Some(b':') {
            return Err(self.unexpected("expected `:` after a name"));
        }
        self.at += 1;
        self.entries.push(Entry { key, key_span, value: NodeId(0), used_at: None });
        Ok(())
    }

    /// Makes a node of the innermost list or map, which ends with the bracket at hand.
    fn leave(&mut self) -> Result<NodeId, Broken> {
        self.at += 1;
        let Some(open) = self.open.pop() else { return Err(self.unexpected("nothing is open here")) };
        let value = if open.is_map {
            let entries: Vec<Entry> = self.entries.drain(open.base..).collect();
            let again = repeated(&entries).into_iter().filter_map(|entry| entry.key_span);
            self.duplicates.extend(again.map(Broken::duplicate));
            Value::Map(entries)
        } else {
            Value::List(self.items.drain(open.base..).collect())
        };
        self.add(value, open.start)
    }

    /// Makes a node of the value that started at `start` and ends here.
    fn add(&mut self, value: Value, start: usize) -> Result<NodeId, Broken> {
        let span = Span::new(start, self.at);
        if self.builder.len() >= MAX_NODES {
            return Err(Broken::size(Span::new(start, start + 1)));
        }
        Ok(self.builder.add(value, Some(span)))
    }

    fn unclosed(&self) -> Broken {
        let start = self.open.last().map_or(self.at, |open| open.start);
        Broken::syntax("a bracket is never closed", Span::new(start, start + 1))
    }

    fn scalar(&mut self) -> Result<NodeId, Broken> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'"') => Value::Str(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            None if !self.open.is_empty() => return Err(self.unclosed()),
            _ => return Err(self.unexpected("expected a value")),
        };
        self.add(value, start)
    }
}

#[cfg(test)]
mod tests;
