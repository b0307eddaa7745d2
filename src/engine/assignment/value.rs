//! Reads a value where it begins: quoted or bare.
//!
//! Knows where values end; not what they are worth.

use super::scene::{Quote, Scene};
use super::{LONGEST_VALUE, language::Language};
use crate::text::Span;

/// A value where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) span: Span,
    pub(super) quoted: bool,
    pub(super) followed: bool,
}

impl Value {
    pub(super) fn whole(span: Span, quoted: bool) -> Self {
        Value { span, quoted, followed: false }
    }
}

/// Words that put a literal into an object without changing it: `Some("x")`, `Buffer.from('x')`.
#[rustfmt::skip]
const WRAPPERS: &[&[u8]] = &[
    b"some", b"string", b"str", b"from", b"new", b"bytes", b"bytearray", b"b64decode",
    b"secretstring", b"secretstr", b"ok", b"just", b"unsafe", b"atob", b"base64", b"plaintext", b"password",
    b"securestring", b"protectedstring", b"aws.string", b"text", b"quote", b"sensitive", b"nonsensitive",
    b"toarray",
];

impl Scene<'_> {
    /// A string literal at `at`, with a prefix (`b"`, `f'`, `@"`) or inside a plain wrapper; none if it is empty,
    /// unclosed, or only a part of an expression.
    pub(super) fn quoted_value(&self, at: usize) -> Option<Value> {
        if let Some(quote) = self.quote(at) {
            return self.literal(at, quote);
        }
        let prefix = self.past(at, |byte| {
            matches!(byte, b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'f' | b'F' | b'L' | b'N' | b'@' | b'$' | b'#')
        });
        if (1..=3).contains(&(prefix - at))
            && let Some(quote) = self.quote(prefix)
            && quote.escapes == 0
        {
            return self.literal(prefix, quote);
        }
        self.wrapped(at)
    }

    /// `wrapper("value")`.
    fn wrapped(&self, at: usize) -> Option<Value> {
        if self.has(at, b"new ") {
            return self.wrapped(at + 4);
        }
        let end = self
            .past(at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'[' | b']' | b'!'));
        if end == at || end - at > 64 || self.byte(end) != b'(' {
            return None;
        }
        let word = self.back(end, |byte| byte.is_ascii_alphanumeric()).max(at);
        let word = self.slice(Span::new(word, end));
        if !WRAPPERS.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            return None;
        }
        let quote_at = self.past(end + 1, |byte| matches!(byte, b' ' | b'b' | b'&'));
        self.literal(quote_at, self.quote(quote_at)?)
    }

    /// The literal that `quote` opens at `at`.
    fn literal(&self, at: usize, quote: Quote) -> Option<Value> {
        let mark = quote.mark;
        let triple = quote.escapes == 0 && !quote.entity && self.byte(at + 1) == mark && self.byte(at + 2) == mark;
        let start = at + if triple { 3 } else { quote.len };
        let limit = self.text.len().min(start + LONGEST_VALUE);
        let mut end = start;
        loop {
            if end >= limit {
                return None;
            }
            let byte = self.text[end];
            if quote.entity && byte == b'&' && self.quote(end).is_some_and(|found| found.mark == mark) {
                break;
            }
            if !quote.entity && byte == mark {
                if !triple || (self.byte(end + 1) == mark && self.byte(end + 2) == mark) {
                    break;
                }
            } else if byte == b'\\' {
                if quote.escapes > 0
                    && self.quote(end).is_some_and(|found| found.mark == mark && found.escapes <= quote.escapes)
                {
                    break;
                }
                end += 1;
            } else if matches!(byte, b'\n' | b'\r') && !triple && mark != b'`' {
                return None;
            }
            end += 1;
        }
        let end = end.min(limit);
        let after = end + if triple { 3 } else { self.quote(end).map_or(1, |found| found.len) };
        if end <= start || (quote.escapes == 0 && self.goes_on(after)) {
            return None;
        }
        // A literal inside a literal: `'"x"'`.
        let span = self.trimmed(Span::new(start, end));
        let inner = self.slice(span);
        if let [first @ (b'"' | b'\''), .., last] = inner
            && first == last
            && inner.len() > 2
            && *first != mark
        {
            return Some(Value::whole(Span::new(span.start + 1, span.end - 1), true));
        }
        Some(Value::whole(span, true))
    }

    /// Whether an expression goes on after a literal: `+ b`, `. $b`, `% x`, `.format(`.
    fn goes_on(&self, after: usize) -> bool {
        let at = self.past_blanks(after);
        let next = self.byte(at);
        match next {
            b'+' => self.quote(self.past_space(at + 1)).is_none(),
            b'%' => self.language == Language::Python,
            b'.' => {
                let method = at + 1;
                let spaced = matches!(self.byte(method), b' ' | b'$');
                spaced
                    || [&b"format"[..], b"join", b"replace", b"split", b"concat", b"contains", b"length", b"len"]
                        .iter()
                        .any(|known| self.has(method, known))
            }
            b'[' => at == after && self.language.is_code(),
            _ => self.has(at, b"in ") && self.language == Language::Python,
        }
    }

    /// A bare value at `at`; `enclosing` is the mark of the string literal it stands in.
    pub(super) fn bare_value(&self, at: usize, enclosing: Option<u8>) -> Option<Value> {
        let line_end = self.line_end(at, LONGEST_VALUE);
        let line = self.slice(Span::new(at, line_end));
        let to_line_end = enclosing.is_none() && self.language.values_end_with_line();
        let mut end = if to_line_end {
            self.line_value_end(at, line)
        } else {
            let stop = line.iter().position(|byte| match byte {
                b' ' | b'\t' => true,
                b';' => enclosing.is_some() || self.language != Language::Unknown || is_pairs(line),
                b'&' | b'|' => enclosing.is_some() || self.language == Language::Shell,
                b'\\' => enclosing.is_some(),
                b'<' => enclosing.is_some(),
                b',' => enclosing.is_some() || is_list(line),
                mark => Some(*mark) == enclosing,
            });
            at + stop.unwrap_or(line.len())
        };
        while end > at && matches!(self.byte(end - 1), b',' | b';' | b' ' | b'\t' | b'\\') {
            end -= 1;
        }
        // A bracket or mark that was opened before the value closes after it.
        while end > at && matches!(self.byte(end - 1), b')' | b']' | b'}' | b'"' | b'\'' | b'`' | b'>') {
            let close = self.byte(end - 1);
            let open = match close {
                b')' => b'(',
                b']' => b'[',
                b'}' => b'{',
                b'>' => b'<',
                mark => mark,
            };
            let inside = self.slice(Span::new(at, end - 1));
            if inside.contains(&open) {
                break;
            }
            end -= 1;
        }
        let rest = self.slice(Span::new(end, line_end)).trim_ascii_start();
        let followed = !to_line_end && rest.first().is_some_and(u8::is_ascii_alphabetic);
        (end > at).then(|| Value { span: Span::new(at, end), quoted: false, followed })
    }

    /// Where a value that takes the rest of its line ends: at a comment, or in flow style at `,` and `}`.
    fn line_value_end(&self, at: usize, line: &[u8]) -> usize {
        let flow = self.language == Language::Yaml && {
            let before = self.slice(Span::new(self.line_start(at), at));
            memchr::memchr(b'{', before).is_some()
        };
        let mut end = line.len();
        for (index, byte) in line.iter().enumerate() {
            let spaced = index > 0 && matches!(line[index - 1], b' ' | b'\t');
            let comment = match byte {
                b'#' => spaced,
                b';' => spaced && self.language == Language::Ini,
                b',' | b'}' => flow,
                _ => false,
            };
            if comment {
                end = index;
                break;
            }
        }
        at + line[..end].trim_ascii_end().len()
    }

    /// A value of a URL's query.
    pub(super) fn query_value(&self, at: usize) -> Option<Value> {
        let end = self.past(at, |byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'%' | b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b':' | b'|' | b'!' | b'*' | b'@'
                )
        });
        let templated = matches!(self.byte(end), b'{' | b'$' | b'<' | b'(' | b'[') && end - at < 4;
        (end > at && !templated).then(|| Value::whole(Span::new(at, end), false))
    }

    /// Without the blanks and line ends around.
    pub(super) fn trimmed(&self, span: Span) -> Span {
        let text = self.slice(span);
        let start = span.start + (text.len() - text.trim_ascii_start().len());
        Span::new(start.min(span.end), start + text.trim_ascii().len())
    }
}

/// Whether a word looks like `a=b,c=d`, as some commands take their options.
fn is_list(line: &[u8]) -> bool {
    let word = line.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    memchr::memchr(b',', word).is_some_and(|at| {
        let name = word[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        name > 1 && word.get(at + 1 + name) == Some(&b'=')
    })
}

/// Whether a line looks like `a=b;c=d`.
fn is_pairs(line: &[u8]) -> bool {
    memchr::memchr(b';', line).is_some_and(|at| memchr::memchr(b'=', &line[at..]).is_some() || at + 1 == line.len())
}
