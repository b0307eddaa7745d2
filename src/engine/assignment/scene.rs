//! One keyword hit and what stands around it: bounded, panic-free looks at bytes.
//!
//! Knows bytes and lines; what they mean is told by its callers.

use super::REACH;
use super::language::Language;
use crate::text::Span;

/// A text and the language it is read as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'t> {
    pub(super) text: &'t [u8],
    pub(super) language: Language,
}

/// A quotation mark as written: `"`, `\"`, `&quot;`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    /// `"`, `'` or a backtick.
    pub(super) mark: u8,
    /// Backslashes before it.
    pub(super) escapes: usize,
    /// Whether it is written as an entity.
    pub(super) entity: bool,
    /// Bytes that it takes.
    pub(super) len: usize,
}

impl<'t> Scene<'t> {
    /// The byte at `at`; past the end a line feed, so that every look ends.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(b'\n')
    }

    /// The byte before `at`; a line feed before the text.
    pub(super) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b'\n', |before| self.byte(before))
    }

    pub(super) fn slice(&self, span: Span) -> &'t [u8] {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Whether `word` stands at `at`, in any case.
    pub(super) fn has(&self, at: usize, word: &[u8]) -> bool {
        self.text.get(at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
    }

    /// Past blanks (not line ends).
    pub(super) fn past_blanks(&self, at: usize) -> usize {
        self.past(at, |byte| matches!(byte, b' ' | b'\t'))
    }

    /// Past blanks and line ends.
    pub(super) fn past_space(&self, at: usize) -> usize {
        self.past(at, |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// Past bytes that are `wanted`, at most [`REACH`] of them.
    pub(super) fn past(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let mut end = at;
        while end < self.text.len() && end - at < REACH && wanted(self.text[end]) {
            end += 1;
        }
        end
    }

    /// Back over bytes that are `wanted`, at most [`REACH`] of them.
    pub(super) fn back(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let mut start = at.min(self.text.len());
        while start > 0 && at - start < REACH && wanted(self.text[start - 1]) {
            start -= 1;
        }
        start
    }

    /// Back over blanks and line ends.
    pub(super) fn back_space(&self, at: usize) -> usize {
        self.back(at, |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// Where the line of `at` begins, or [`REACH`] bytes before it.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.back(at, |byte| !matches!(byte, b'\n' | b'\r'))
    }

    /// Where the line of `at` ends, or `reach` bytes after it.
    pub(super) fn line_end(&self, at: usize, reach: usize) -> usize {
        let window = &self.text[at.min(self.text.len())..self.text.len().min(at.saturating_add(reach))];
        at + memchr::memchr2(b'\n', b'\r', window).unwrap_or(window.len())
    }

    /// The quotation mark that begins at `at`.
    pub(super) fn quote(&self, at: usize) -> Option<Quote> {
        let escapes = self.past(at, |byte| byte == b'\\') - at;
        let mark = self.byte(at + escapes);
        if matches!(mark, b'"' | b'\'' | b'`') && escapes <= 8 {
            return Some(Quote { mark, escapes, entity: false, len: escapes + 1 });
        }
        for (entity, mark) in [(&b"&quot;"[..], b'"'), (b"&#34;", b'"'), (b"&apos;", b'\''), (b"&#39;", b'\'')] {
            if escapes == 0 && mark != 0 && self.has(at, entity) {
                return Some(Quote { mark, escapes: 0, entity: true, len: entity.len() });
            }
        }
        None
    }

    /// Whether a mark like `quote` ends right before `at`.
    pub(super) fn quote_ends_at(&self, at: usize, quote: Quote) -> bool {
        at.checked_sub(quote.len).is_some_and(|start| self.quote(start).is_some_and(|found| found.mark == quote.mark))
    }

    /// The mark of the string literal that `at` stands in, judged by its line alone.
    pub(super) fn enclosing_quote(&self, at: usize) -> Option<u8> {
        let start = self.line_start(at);
        let mut open = None;
        let mut before = b'\n';
        let mut cursor = start;
        while cursor < at {
            let byte = self.text[cursor];
            match open {
                Some(mark) if byte == mark && before != b'\\' => open = None,
                // An apostrophe within a word opens nothing.
                None if matches!(byte, b'"' | b'\'' | b'`') && !(byte == b'\'' && before.is_ascii_alphanumeric()) => {
                    open = Some(byte);
                }
                _ => {}
            }
            before = byte;
            cursor += 1;
        }
        open
    }

    /// Whether the mark at `at` ends the literal that a bare name stands in: `"password = " + x`.
    pub(super) fn closes_literal(&self, named: &super::find::Named, at: usize) -> bool {
        named.quote.is_none()
            && self.quote(at).is_some_and(|quote| {
                quote.escapes == 0 && !quote.entity && self.enclosing_quote(named.span.start) == Some(quote.mark)
            })
    }

    /// Whether the line of `at` is a comment up to `at`.
    pub(super) fn in_comment(&self, at: usize) -> bool {
        let start = self.past_blanks(self.line_start(at));
        let line = &self.text[start.min(at)..at];
        let begins = |marks: &[&[u8]]| marks.iter().any(|mark| line.starts_with(mark));
        match self.language {
            Language::Prose => false,
            Language::C if begins(&[b"#define", b"#  define", b"# define"]) => false,
            _ => begins(&[b"#", b"//", b"/*", b"* ", b"--", b";", b"<!--", b"REM "]),
        }
    }
}
