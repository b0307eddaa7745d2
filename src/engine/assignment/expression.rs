//! Right sides without quotes, and values that only stand beside a name.
//!
//! In code an unquoted right side is an expression; in configuration it is the value. This is where they part.

use super::Syntax;
use super::find::Named;
use super::language::Language;
use super::scene::Scene;
use super::value::Value;
use crate::text::Span;

impl Scene<'_> {
    /// Whether a name stands in a URL's query: after `?` or `&`.
    pub(super) fn is_query(&self, name: Span) -> bool {
        match self.before(name.start) {
            b'?' => true,
            b'&' => true,
            b';' => self.text[..name.start].ends_with(b"&amp;"),
            _ => false,
        }
    }

    /// The literal that a call `name(` takes at `at`; of `NetworkCredential("user", "secret")` the second.
    pub(super) fn argument(&self, named: &Named, at: usize) -> Option<Value> {
        let first = self.quoted_value(at)?;
        let name = self.slice(named.span).to_ascii_lowercase();
        if [&b"credential"[..], b"credentials", b"login"].iter().any(|word| name.ends_with(word)) {
            let comma = self.past_space(first.span.end + 1);
            if self.byte(comma) == b',' {
                return self.quoted_value(self.past_space(comma + 1));
            }
        }
        Some(first)
    }

    /// The value of `name = …` where no literal stands right after the operator.
    pub(super) fn right_side(&self, named: &Named, at: usize) -> Option<(Value, Syntax)> {
        if matches!(self.byte(at), b'\n' | b'\r') || (self.language == Language::Xml && self.byte(at) == b'<') {
            return None;
        }
        if let Some(value) = self.fallback(at) {
            return Some((value, Syntax::Default));
        }
        let enclosing = if named.quote.is_some() { None } else { self.enclosing_quote(named.span.start) };
        let flag = self.is_flag(named.span.start);
        let bare = enclosing.is_some()
            || flag
            || self.language.has_bare_values()
            || self.in_comment(named.span.start)
            || (self.language == Language::Xml && named.quote.is_none());
        if !bare || (named.quote.is_some() && self.language != Language::Yaml && self.language != Language::Unknown) {
            return None;
        }
        if self.language == Language::Yaml && enclosing.is_none() && matches!(self.byte(at), b'|' | b'>') {
            return self.block(at).map(|value| (value, Syntax::Assigned));
        }
        if self.language == Language::Yaml && self.byte(at) == b'!' && enclosing.is_none() {
            return None; // a tag: `!vault`, `!Ref`, `!secret`
        }
        self.bare_value(at, enclosing).map(|value| (value, Syntax::Assigned))
    }

    /// A literal after `||`, `??`, `or`, `?:` on the same line: what holds if nothing is configured.
    fn fallback(&self, at: usize) -> Option<Value> {
        if !self.byte(at).is_ascii_alphabetic() && self.byte(at) != b'$' {
            return None;
        }
        let line = self.slice(Span::new(at, self.line_end(at, 200)));
        for sign in [&b"||"[..], b"??", b" or ", b"?:"] {
            if let Some(found) = memchr::memmem::find(line, sign) {
                let value = self.past_blanks(at + found + sign.len());
                let quote = self.quote(value)?;
                return (quote.escapes == 0).then(|| self.quoted_value(value)).flatten();
            }
        }
        None
    }

    /// A block scalar of one line.
    fn block(&self, at: usize) -> Option<Value> {
        let head = self.past(at, |byte| matches!(byte, b'|' | b'>' | b'-' | b'+' | b'0'..=b'9'));
        if !matches!(self.byte(head), b'\n' | b'\r') {
            return None;
        }
        let start = self.past_space(head);
        let end = self.line_end(start, super::LONGEST_VALUE);
        (end > start).then(|| Value::whole(self.trimmed(Span::new(start, end)), true))
    }

    /// Whether `-` or `--` stands before: `--password`, `-Dpassword`.
    pub(super) fn is_flag(&self, start: usize) -> bool {
        self.before(start) == b'-'
    }

    /// A name and beside it a value: flags, `ENV NAME value`, `PASSWORD 'x'`, notes.
    pub(super) fn beside(&self, named: &mut Named, at: usize) -> Option<(Value, Syntax)> {
        let name = self.slice(named.span);
        if name.to_ascii_lowercase().ends_with(b"identified") && self.has(at, b"by ") {
            let value = self.past_blanks(at + 3);
            named.span = Span::new(named.span.end - b"identified".len(), at + 2);
            return self.quoted_value(value).map(|value| (value, Syntax::Juxtaposed));
        }
        if let Some(quote) = self.quote(at) {
            if quote.mark == b'`' || !(self.puts_literals_beside() || self.is_flag(named.span.start) || shouts(name)) {
                return None;
            }
            let spaced_flag = self.is_flag(named.span.start);
            let syntax = if spaced_flag { Syntax::Flag } else { Syntax::Juxtaposed };
            return (quote.escapes == 0 || spaced_flag)
                .then(|| self.quoted_value(at))
                .flatten()
                .map(|value| (value, syntax));
        }
        if self.is_flag(named.span.start) {
            let enclosing = self.enclosing_quote(named.span.start);
            let stop = matches!(self.byte(at), b'-' | b'<' | b'[' | b'$' | b'{' | b'|' | b'=' | b'#' | b'\n' | b'\r');
            return (!stop).then(|| self.word_value(at, enclosing)).flatten().map(|value| (value, Syntax::Flag));
        }
        let line = self.line_start(named.span.start);
        let begin = self.past_blanks(line);
        let instruction = [&b"ENV "[..], b"ARG ", b"machine ", b"default login ", b"setenv ", b"SetEnv "];
        let alone = begin == named.span.start && self.language == Language::Ini;
        if alone || instruction.iter().any(|word| self.has(begin, word)) {
            let word = self.word_value(at, None).filter(|_| self.byte(at) != b'#');
            return word.map(|value| (value, Syntax::Flag));
        }
        if self.language.is_code()
            && !self.in_comment(named.span.start)
            && self.enclosing_quote(named.span.start).is_none()
        {
            return None;
        }
        let value = self.word_value(at, None)?;
        if self.is_note(named.span, value.span) {
            named.span = Span::new(self.past_blanks(self.line_start(named.span.start)), named.span.end);
            return Some((value, Syntax::Note));
        }
        (value.span.len() >= 16).then_some((value, Syntax::Beside))
    }

    /// Whether a line holds a name, at most three words before it, its value and nothing else.
    fn is_note(&self, name: Span, value: Span) -> bool {
        let line = self.line_start(name.start);
        let before = self.slice(Span::new(line, name.start)).trim_ascii();
        let mut words = before.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let plain =
            |word: &[u8]| word.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        let few = words.by_ref().take(3).all(plain) && words.next().is_none();
        few && value.len() >= 8 && self.slice(Span::new(value.end, self.line_end(value.end, 8))).trim_ascii().is_empty()
    }

    /// Whether a literal right after a name is its value in this language, as `storePassword "x"` is.
    fn puts_literals_beside(&self) -> bool {
        matches!(
            self.language,
            Language::Sql | Language::Ruby | Language::Java | Language::Hcl | Language::Ini | Language::Unknown
        )
    }

    /// One word, whatever the language.
    fn word_value(&self, at: usize, enclosing: Option<u8>) -> Option<Value> {
        let end = self.past(at, |byte| {
            !byte.is_ascii_whitespace() && Some(byte) != enclosing && !matches!(byte, b'"' | b'\'' | b'`')
        });
        let span = Span::new(at, end);
        let rest = self.slice(Span::new(end, self.line_end(end, 16))).trim_ascii_start();
        (end > at).then(|| Value { span, quoted: false, followed: rest.first().is_some_and(u8::is_ascii_alphabetic) })
    }
}

/// Whether a name is written in capitals, as SQL keywords are.
fn shouts(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b' '))
}
