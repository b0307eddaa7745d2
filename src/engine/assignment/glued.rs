//! Names and values as people note them: glued (`acme-token-VALUE`), or named in words (`acme token: VALUE`).
//!
//! Only what no program would call a thing by is taken: long, and letters and digits in turn.

use super::find::Named;
use super::random::{Classes, is_uuid};
use super::scene::Scene;
use super::value::Value;
use super::words;
use crate::text::Span;

/// The shortest value that is told from the rest of a name.
const SHORTEST: usize = 16;

impl Scene<'_> {
    /// The value that follows the keyword at `at` within its own name. Cuts the name down to what stands before.
    pub(super) fn glued(&self, named: &mut Named, at: Span) -> Option<Value> {
        // `SECRETkey-…`: the name goes on for a word.
        let name_end = self.past(at.end, |byte| byte.is_ascii_alphabetic());
        let start = name_end + 1;
        let apart = name_end - at.end <= 6 && matches!(self.byte(name_end), b'-' | b'_' | b'.');
        if named.quote.is_some() || start >= named.span.end || !apart {
            return None;
        }
        // `key-…` alone is the form of some token; here the word before tells whose it is.
        if at.start < named.span.start + 3 {
            return None;
        }
        // `9AbX7bJ6PSK-…`: letters of a digest that happen to spell a name.
        let before = Classes::of(self.slice(Span::new(named.span.start, at.start)));
        if before.digit >= 2 && before.lower > 0 && before.upper > 0 {
            return None;
        }
        let end = self.past(start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=')
        });
        let value = self.slice(Span::new(start, end));
        if value.len() < SHORTEST || matches!(self.byte(end), b'(' | b'[' | b':' | b'<') || !is_machine_made(value) {
            return None;
        }
        named.span = Span::new(named.span.start, name_end);
        Some(Value::whole(Span::new(start, end), false))
    }
}

/// Words before a name that are no part of it.
#[rustfmt::skip]
const NO_PART: &[&[u8]] = &[
    b"export", b"const", b"let", b"var", b"val", b"set", b"setx", b"env", b"arg", b"declare", b"local", b"readonly",
    b"my", b"our", b"private", b"public", b"protected", b"static", b"final", b"string", b"str", b"def", b"int", b"char",
    b"byte", b"bytes", b"auto", b"global", b"if", b"and", b"or", b"not", b"the", b"a", b"an", b"your", b"this", b"that",
    b"of", b"for", b"in", b"is", b"with", b"use", b"new", b"return", b"default", b"echo", b"print", b"run", b"type",
    b"to", b"from", b"by", b"on", b"as", b"no", b"one", b"each", b"every", b"same", b"with", b"has", b"have",
];

impl Scene<'_> {
    /// Where a name begins that is written in words at the start of its line: `acme token: …`.
    pub(super) fn spoken_start(&self, name: Span) -> usize {
        if self.language.is_code() || self.before(name.start) != b' ' {
            return name.start;
        }
        let start = self.past_blanks(self.line_start(name.start));
        let before = self.slice(Span::new(start.min(name.start), name.start)).trim_ascii_end();
        let part = |word: &[u8]| {
            word.first().is_some_and(u8::is_ascii_alphabetic)
                && word.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
                && !NO_PART.iter().any(|known| known.eq_ignore_ascii_case(word))
        };
        let words = before.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let few = !before.is_empty() && before.len() <= 48 && words.clone().count() <= 3;
        if few && words.into_iter().all(part) { start } else { name.start }
    }
}

/// Letters and digits without words; a name's date or version does not make it so.
fn is_machine_made(value: &[u8]) -> bool {
    let classes = Classes::of(value);
    is_uuid(value)
        || (classes.digit >= 4
            && classes.letters() >= 2
            && classes.symbol * 6 < value.len()
            && words::covered(value).0 * 3 < value.len()
            && !words::is_plain(value))
}
