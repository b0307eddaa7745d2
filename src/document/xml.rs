//! XML as a flat list of elements with spans, in the order in which they open.
//!
//! Reads what is well formed and goes on after what is not. Entities are never fetched and never expanded: a
//! reference stays the text that it is, so that no entity can grow. Elements deeper than [`MAX_DEPTH`] and more
//! than [`MAX_NODES`] elements are left out.

use super::{MAX_DEPTH, MAX_NODES};
use crate::text::Span;

/// One element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, without a prefix.
    pub name: Span,
    /// The element that it stands in.
    pub parent: Option<usize>,
    /// Names (without prefix) and values of its attributes.
    pub attributes: Vec<(Span, Span)>,
    /// Its first text that is more than blanks.
    pub text: Option<Span>,
}

/// All elements of a text.
#[derive(Debug, Default)]
pub struct Elements {
    /// In the order in which they open.
    pub list: Vec<Element>,
    /// Whether some were left out.
    pub cut: bool,
}

impl Elements {
    /// The value of an attribute.
    pub fn attribute<'t>(&self, text: &'t [u8], element: usize, name: &str) -> Option<(Span, &'t [u8])> {
        let found = self.list[element].attributes.iter().find(|(key, _)| &text[key.range()] == name.as_bytes())?;
        Some((found.1, &text[found.1.range()]))
    }

    /// The names from the outermost element to this one.
    pub fn path<'t>(&self, text: &'t [u8], element: usize) -> Vec<&'t [u8]> {
        let mut path = Vec::new();
        let mut at = Some(element);
        while let Some(index) = at {
            path.push(&text[self.list[index].name.range()]);
            at = self.list[index].parent;
        }
        path.reverse();
        path
    }
}

/// Reads the elements of a text.
pub fn elements(text: &[u8]) -> Elements {
    let mut found = Elements::default();
    let mut open: Vec<usize> = Vec::new();
    let mut skipped = 0_usize;
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'<', &text[at..]) {
        let tag = at + offset;
        note_text(text, &mut found, open.last().copied().filter(|_| skipped == 0), Span::new(at, tag));
        let rest = &text[tag..];
        at = if rest.starts_with(b"<!--") {
            after(text, tag + 4, b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            let end = after(text, tag + 9, b"]]>");
            note_text(text, &mut found, open.last().copied(), Span::new(tag + 9, end.saturating_sub(3).max(tag + 9)));
            end
        } else if rest.starts_with(b"<!") || rest.starts_with(b"<?") {
            after_declaration(text, tag)
        } else if rest.starts_with(b"</") {
            if skipped > 0 {
                skipped -= 1;
            } else {
                close(text, &found, &mut open, tag + 2);
            }
            after(text, tag, b">")
        } else if rest.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            let (element, end, empty) = start_tag(text, tag, open.last().copied());
            if skipped > 0 || open.len() >= MAX_DEPTH || found.list.len() >= MAX_NODES {
                found.cut = true;
                skipped += usize::from(!empty);
            } else {
                found.list.push(element);
                if !empty {
                    open.push(found.list.len() - 1);
                }
            }
            end
        } else {
            tag + 1
        };
    }
    found
}

/// What stands next in a text that is too large for a list of its elements.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'t> {
    /// A start tag: its name without a prefix, its attributes, and whether it is empty.
    Open(&'t [u8], Vec<(&'t [u8], &'t [u8])>, bool),
    /// An end tag.
    Close(&'t [u8]),
    /// Text as it stands, its references unresolved.
    Text(&'t [u8]),
}

/// Tells tags and texts in order, however many there are and however they nest.
pub fn events<'t>(text: &'t [u8], mut visit: impl FnMut(Event<'t>)) {
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'<', &text[at..]) {
        let tag = at + offset;
        if tag > at {
            visit(Event::Text(&text[at..tag]));
        }
        let rest = &text[tag..];
        at = if rest.starts_with(b"<!--") {
            after(text, tag + 4, b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            let end = after(text, tag + 9, b"]]>");
            visit(Event::Text(&text[tag + 9..end.saturating_sub(3).max(tag + 9)]));
            end
        } else if rest.starts_with(b"<!") || rest.starts_with(b"<?") {
            after_declaration(text, tag)
        } else if rest.starts_with(b"</") {
            visit(Event::Close(&text[local(text, name_at(text, tag + 2)).range()]));
            after(text, tag, b">")
        } else if rest.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            let (element, end, empty) = start_tag(text, tag, None);
            let attributes = element.attributes.iter().map(|(key, value)| (&text[key.range()], &text[value.range()]));
            visit(Event::Open(&text[element.name.range()], attributes.collect(), empty));
            end
        } else {
            tag + 1
        };
    }
}

/// A text with its references to characters resolved: the five names that XML has, and numbers.
pub fn resolved(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if memchr::memchr(b'&', text).is_none() {
        return text.into();
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'&', &text[at..]) {
        plain.extend_from_slice(&text[at..at + found]);
        at += found;
        let end = text[at..].iter().take(12).position(|byte| *byte == b';');
        match end.and_then(|end| Some((referred(&text[at + 1..at + end])?, end))) {
            Some((char, end)) => {
                plain.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                at += end + 1;
            }
            None => {
                plain.push(b'&');
                at += 1;
            }
        }
    }
    plain.extend_from_slice(&text[at..]);
    plain.into()
}

fn referred(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x' | b'X', digits @ ..] => {
            char::from_u32(u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?)
        }
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?),
        _ => None,
    }
}

/// Past the next `mark`, or the end of the text.
fn after(text: &[u8], from: usize, mark: &[u8]) -> usize {
    let from = from.min(text.len());
    let found = match mark {
        [byte] => memchr::memchr(*byte, &text[from..]),
        _ => memchr::memmem::find(&text[from..], mark),
    };
    found.map_or(text.len(), |found| from + found + mark.len())
}

/// Past a declaration; a document type may hold others in brackets.
fn after_declaration(text: &[u8], from: usize) -> usize {
    let end = after(text, from, b">");
    match memchr::memchr(b'[', &text[from..end]) {
        Some(_) if text[from..end].starts_with(b"<!DOCTYPE") => after(text, from, b"]>"),
        _ => end,
    }
}

/// Closes the innermost element of that name; an end tag without one closes nothing.
fn close(text: &[u8], found: &Elements, open: &mut Vec<usize>, from: usize) {
    let name = local(text, name_at(text, from));
    let named = |index: &usize| text[found.list[*index].name.range()] == text[name.range()];
    // Only a few are looked at: a text full of wrong end tags must not cost its square.
    let near = open.iter().rev().take(8).position(named);
    if let Some(depth) = near {
        open.truncate(open.len() - depth - 1);
    }
}

fn note_text(text: &[u8], found: &mut Elements, element: Option<usize>, span: Span) {
    let Some(element) = element.and_then(|index| found.list.get_mut(index)) else { return };
    if element.text.is_some() || span.is_empty() {
        return;
    }
    let bytes = &text[span.range()];
    let blank = bytes.len() - bytes.trim_ascii_start().len();
    let trimmed = bytes.trim_ascii();
    if !trimmed.is_empty() {
        element.text = Some(Span::new(span.start + blank, span.start + blank + trimmed.len()));
    }
}

fn name_at(text: &[u8], from: usize) -> Span {
    let part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-' | b'.' | b':') || **byte >= 0x80;
    Span::new(from, from + text[from..].iter().take_while(part).count())
}

/// A name without its prefix.
fn local(text: &[u8], name: Span) -> Span {
    let prefix = memchr::memrchr(b':', &text[name.range()]).map_or(0, |colon| colon + 1);
    Span::new(name.start + prefix, name.end)
}

/// A start tag: the element, where it ends, whether it is empty.
fn start_tag(text: &[u8], tag: usize, parent: Option<usize>) -> (Element, usize, bool) {
    let name = name_at(text, tag + 1);
    let mut element = Element { name: local(text, name), parent, ..Element::default() };
    let mut at = name.end;
    loop {
        while text.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        match text.get(at) {
            None => return (element, text.len(), true),
            Some(b'>') => return (element, at + 1, false),
            Some(b'/') if text.get(at + 1) == Some(&b'>') => return (element, at + 2, true),
            // A tag that was never closed.
            Some(b'<') => return (element, at, true),
            Some(_) => {}
        }
        let key = name_at(text, at);
        at = key.end.max(at + 1);
        while text.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if key.is_empty() || text.get(at) != Some(&b'=') {
            continue;
        }
        at += 1;
        while text.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        let Some(quote) = text.get(at).copied().filter(|byte| matches!(byte, b'"' | b'\'')) else { continue };
        let start = at + 1;
        let Some(end) = memchr::memchr2(quote, b'<', &text[start..]).map(|found| start + found) else {
            return (element, text.len(), true);
        };
        element.attributes.push((local(text, key), Span::new(start, end)));
        at = if text[end] == quote { end + 1 } else { end };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let bytes = text.as_bytes();
        let shown = |span: Span| String::from_utf8_lossy(&bytes[span.range()]).into_owned();
        let found = elements(bytes);
        let one = |index: usize| {
            let element = &found.list[index];
            let path = found.path(bytes, index).iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>();
            let attributes: String =
                element.attributes.iter().map(|(k, v)| format!(" {}={}", shown(*k), shown(*v))).collect();
            format!(
                "{}{attributes}{}",
                path.join("/"),
                element.text.map_or(String::new(), |text| format!(": {}", shown(text)))
            )
        };
        (0..found.list.len()).map(one).collect()
    }

    #[test]
    fn elements_are_read_and_broken_text_is_read_on() {
        // text, elements as path, attributes, first text
        let cases: &[(&str, &[&str])] = &[
            ("<a><b x='1' y=\"2\"/>t</a>", &["a: t", "a/b x=1 y=2"]),
            ("<?xml version='1.0'?><!-- <z/> --><p:a q:x='1'>é</p:a>", &["a x=1: é"]),
            ("<a><![CDATA[<b/>]]></a>", &["a: <b/>"]),
            ("<!DOCTYPE a [<!ENTITY e 'x'><!ENTITY f '&e;&e;'>]><a>&f;</a>", &["a: &f;"]), // never expanded
            ("<a><b>1<c>2</a>", &["a", "a/b: 1", "a/b/c: 2"]),                             // end tags are missing
            ("<a></b><c/></a>", &["a", "a/c"]),                                            // an end tag too many
            ("<a x='1", &["a"]),                                                           // cut off
            ("a < b && c > d", &[]),
            ("", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text), *wanted, "{text:?}");
        }
    }

    #[test]
    fn events_tell_the_same_one_by_one() {
        let mut told = Vec::new();
        events(b"<?xml?><p:a x='1'>t&amp;<b/><![CDATA[<c>]]><!-- no --></p:a", |event| {
            told.push(match event {
                Event::Open(name, attributes, empty) => {
                    format!("<{} {} {empty}", String::from_utf8_lossy(name), attributes.len())
                }
                Event::Close(name) => format!("/{}", String::from_utf8_lossy(name)),
                Event::Text(text) => String::from_utf8_lossy(text).into_owned(),
            });
        });
        assert_eq!(told, ["<a 1 false", "t&amp;", "<b 0 true", "<c>", "/a"]);
        // text, resolved
        for (text, wanted) in
            [("a&lt;&#233;&#x41;&amp;lt;", "a<éA&lt;"), ("&none; & &#xffffffff;", "&none; & &#xffffffff;")]
        {
            assert_eq!(String::from_utf8_lossy(&resolved(text.as_bytes())), wanted);
        }
    }

    #[test]
    fn depth_is_bounded() {
        let found = elements("<a>".repeat(100_000).as_bytes());
        assert!(found.cut && found.list.len() == MAX_DEPTH);
    }
}
