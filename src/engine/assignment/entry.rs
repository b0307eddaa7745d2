//! Values that stand in an element or entry of their own, apart from the name.
//!
//! `<name>v</name>`, `<key>name</key><string>v</string>`, `key="name" value="v"`, `- name: NAME` + `value: v`,
//! `${NAME:-v}`.

use super::Syntax;
use super::find::Named;
use super::scene::Scene;
use super::value::Value;
use crate::text::Span;

/// Keys whose value is the name of something.
const NAMING: &[&[u8]] = &[b"name", b"key", b"id", b"variable", b"var", b"property", b"parameter", b"parameterkey"];

/// Keys that hold the value of what was named.
#[rustfmt::skip]
const HOLDING: &[&[u8]] = &[
    b"value", b"defaultvalue", b"default_value", b"default", b"content", b"parametervalue", b"plaintextvalue",
    b"secret",
];

/// Elements whose text is the value of what their attribute names.
#[rustfmt::skip]
const HOLDERS: &[&[u8]] = &[
    b"property", b"entry", b"setting", b"param", b"parameter", b"prop", b"option", b"add", b"const", b"env",
    b"value", b"init-param", b"string", b"str", b"item", b"field", b"variable", b"config", b"attribute",
    b"stringprop", b"config-property", b"system-property", b"initparam",
];

impl Scene<'_> {
    /// A value in an element: by tag, by attribute, or in the element after.
    pub(super) fn element(&self, named: &Named) -> Option<(Value, Syntax)> {
        let at = named.end();
        if named.quote.is_none() && self.byte(at) == b'<' && self.byte(at + 1) == b'/' {
            return self.plist(at).map(|value| (value, Syntax::Element));
        }
        let by_tag = named.quote.is_none() && self.tag_opens(named.span.start);
        let by_attribute = named.quote.is_some() && self.byte(at) == b'>' && self.names_a_holder(named.start());
        if !by_tag && !by_attribute {
            return None;
        }
        let mut open = at;
        if by_tag && self.byte(open) != b'>' {
            if !matches!(self.byte(open), b' ' | b'\t') {
                return None;
            }
            open = self.past(open, |byte| !matches!(byte, b'<' | b'>' | b'\n'));
            if self.byte(open) != b'>' || self.before(open) == b'/' {
                return None;
            }
        }
        self.element_text(open + 1).map(|value| (value, Syntax::Element))
    }

    /// Whether `<` or `<prefix:` stands before.
    fn tag_opens(&self, start: usize) -> bool {
        if self.before(start) == b'<' {
            return true;
        }
        self.before(start) == b':' && {
            let prefix = self.back(start - 1, |byte| byte.is_ascii_alphanumeric());
            self.before(prefix) == b'<'
        }
    }

    /// Whether the attribute whose value begins at `start` names what its element holds.
    fn names_a_holder(&self, start: usize) -> bool {
        let tag = self.back(start, |byte| !matches!(byte, b'<' | b'>' | b'\n'));
        if self.before(tag) != b'<' || !self.is_named_here(start) {
            return false;
        }
        let end = self.past(tag, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        HOLDERS.iter().any(|known| self.slice(Span::new(tag, end)).eq_ignore_ascii_case(known))
    }

    /// The text from `start` to the next `<`; an inner `<value>` and CDATA are stepped into.
    fn element_text(&self, start: usize) -> Option<Value> {
        let mut start = self.past_space(start);
        for inner in [&b"<value>"[..], b"<string>", b"<![CDATA["] {
            if self.has(start, inner) {
                start = self.past_space(start + inner.len());
            }
        }
        let limit = self.text.len().min(start + super::LONGEST_VALUE);
        let window = self.text.get(start..limit)?;
        let end = start + memchr::memchr3(b'<', b'\n', b']', window).unwrap_or(window.len());
        let closed = matches!(self.byte(end), b'<' | b']') || (self.byte(end) == b'\n' && self.closes_after(end));
        if !closed || (self.byte(end) == b'<' && self.byte(end + 1) != b'/') {
            return None;
        }
        Some(Value::whole(self.trimmed(Span::new(start, end)), true))
    }

    fn closes_after(&self, at: usize) -> bool {
        let next = self.past_space(at);
        self.byte(next) == b'<' && self.byte(next + 1) == b'/'
    }

    /// `</key> <string>value</string>`.
    fn plist(&self, at: usize) -> Option<Value> {
        if !(self.has(at, b"</key>") || self.has(at, b"</name>") || self.has(at, b"</string>")) {
            return None;
        }
        let close = self.past(at, |byte| byte != b'>');
        let next = self.past_space(close + 1);
        for open in [&b"<string>"[..], b"<value>", b"<param-value>", b"<data>"] {
            if self.has(next, open) {
                return self.element_text(next + open.len());
            }
        }
        None
    }

    /// `key="name" value="v"`, `name: NAME` then `value: v`, `{"name": "N", "value": "v"}`.
    pub(super) fn entry(&self, named: &Named) -> Option<Value> {
        let mut at = self.past_space(named.end());
        if at == named.end() && !matches!(self.byte(at), b',' | b';') {
            return None;
        }
        if matches!(self.byte(at), b',' | b';') {
            at = self.past_space(at + 1);
        }
        let key_quote = self.quote(at).map_or(0, |quote| quote.len);
        let key = at + key_quote;
        let end = self.past(key, |byte| byte.is_ascii_alphabetic() || byte == b'_');
        let word = self.slice(Span::new(key, end));
        if !HOLDING.iter().any(|known| word.eq_ignore_ascii_case(known)) || !self.is_named_here(named.start()) {
            return None;
        }
        let sign = self.past_blanks(end + key_quote);
        if !matches!(self.byte(sign), b'=' | b':') {
            return None;
        }
        let value = self.past_blanks(sign + 1 + usize::from(self.byte(sign + 1) == b'>'));
        self.quoted_value(value).or_else(|| {
            let bare = self.language.has_bare_values() && self.byte(sign) == b':';
            bare.then(|| self.bare_value(value, None)).flatten()
        })
    }

    /// Whether `name:`, `key =`, `"name":` stands before `start`.
    fn is_named_here(&self, start: usize) -> bool {
        let sign = self.back(start, |byte| matches!(byte, b' ' | b'\t' | b'>'));
        if !matches!(self.before(sign), b'=' | b':') {
            return false;
        }
        let mut end = self.back(sign - 1, |byte| matches!(byte, b' ' | b'\t'));
        while matches!(self.before(end), b'"' | b'\'' | b'\\') {
            end -= 1;
        }
        let word = self.back(end, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        NAMING.iter().any(|known| self.slice(Span::new(word, end)).eq_ignore_ascii_case(known))
    }

    /// `${NAME:-value}` of shells and compose files, `${name:value}` of Spring.
    pub(super) fn expanded_default(&self, named: &Named) -> Option<(Value, Syntax)> {
        let start = named.span.start;
        if named.quote.is_some() || self.before(start) != b'{' || self.before(start - 1) != b'$' {
            return None;
        }
        let at = named.span.end;
        let value = match (self.byte(at), self.byte(at + 1)) {
            (b':', b'-' | b'=') => at + 2,
            (b':', b'?' | b'+') => return None,
            (b'-' | b'=' | b':', _) => at + 1,
            _ => return None,
        };
        let end = self.past(value, |byte| !matches!(byte, b'}' | b'{' | b'\n' | b'"' | b'\''));
        let closed = self.byte(end) == b'}';
        closed.then(|| (Value::whole(Span::new(value, end), false), Syntax::Default))
    }
}
