//! Small questions about bytes that several readers ask.

use super::map::Lists;
use crate::text::Span;

/// Whether `part` stands in `text`.
pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Whether a span shares a byte with one of many, which are sorted and stand apart.
pub(super) fn touches(sorted: &[Span], span: Span) -> bool {
    let first = sorted.partition_point(|other| other.end <= span.start);
    sorted.get(first).is_some_and(|other| other.overlaps(span))
}

/// A span without the marks around a JSON or YAML scalar.
pub(super) fn unquoted(text: &[u8], span: Span) -> Span {
    match &text[span.range()] {
        [b'"', .., b'"'] | [b'\'', .., b'\''] => Span::new(span.start + 1, span.end - 1),
        _ => span,
    }
}

/// The key of the list that holds `code`.
pub(super) fn letter_of(lists: &Lists, code: &str) -> Option<char> {
    lists.iter().find(|(_, codes)| codes.iter().any(|one| one == code)).and_then(|(letter, _)| letter.chars().next())
}

/// The key of the list that holds a part of `text`.
pub(super) fn letter_in(lists: &Lists, text: &str) -> Option<char> {
    let within = |codes: &Vec<String>| codes.iter().any(|one| text.contains(one.as_str()));
    lists.iter().find(|(_, codes)| within(codes)).and_then(|(letter, _)| letter.chars().next())
}
