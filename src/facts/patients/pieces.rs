//! Small questions about bytes that several readers ask.

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
