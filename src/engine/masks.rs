//! What of a text may be shown: everything but the matches.
//!
//! All lines that leave the engine go through here. On a line with patient data the neighbours of a match are
//! patient data too (a row with one number also holds the name), so there every letter and digit is hidden. In code
//! that names such data it is the literals of the line that could hold some.

use std::cell::OnceCell;

use crate::finding::{Excerpt, REDACTED};
use crate::text::{LineIndex, Span};

/// How much of a long line is shown before and after a finding, in bytes.
const BEFORE: usize = 80;
const AFTER: usize = 120;
/// A line up to this length is shown whole.
const WHOLE_LINE: usize = 240;
/// What stands for a hidden letter or digit.
const HIDDEN: char = '•';

/// The stretches of one text that must not be shown.
#[derive(Debug, Default)]
pub(super) struct Masks {
    values: Vec<Span>,
    lines: Vec<Span>,
    all: OnceCell<Vec<Span>>,
}

impl Masks {
    /// `values` are matches; `lines` are whole lines, or literals in them, whose letters and digits are hidden besides.
    pub(super) fn new(values: impl IntoIterator<Item = Span>, lines: impl IntoIterator<Item = Span>) -> Self {
        Masks { values: merged(values), lines: merged(lines), all: OnceCell::new() }
    }

    /// Everything that a hash over the text must not depend on.
    pub(super) fn all(&self) -> &[Span] {
        self.all.get_or_init(|| merged(self.values.iter().chain(&self.lines).copied()))
    }

    /// Whether a stretch shares a byte with a match.
    pub(super) fn touch(&self, range: Span) -> bool {
        let first = self.values.partition_point(|mask| mask.end <= range.start);
        self.values.get(first).is_some_and(|mask| mask.overlaps(range))
    }

    /// Whether more than matches is hidden in a stretch.
    pub(super) fn hide_lines(&self, range: Span) -> bool {
        let first = self.lines.partition_point(|line| line.end <= range.start);
        self.lines.get(first).is_some_and(|line| line.overlaps(range))
    }

    /// `range` of the text as it may be shown.
    pub(super) fn shown(&self, text: &[u8], range: Span) -> String {
        let mut shown = String::new();
        let mut at = range.start;
        let first = self.values.partition_point(|mask| mask.end <= range.start);
        for mask in self.values[first..].iter().take_while(|mask| mask.start < range.end) {
            self.push_plain(text, Span::new(at, mask.start.max(at)), &mut shown);
            shown.push_str(REDACTED);
            at = mask.end.min(range.end);
        }
        self.push_plain(text, Span::new(at, range.end), &mut shown);
        shown
    }

    /// Text between matches, hidden where its line is.
    fn push_plain(&self, text: &[u8], range: Span, shown: &mut String) {
        let mut at = range.start;
        let first = self.lines.partition_point(|line| line.end <= range.start);
        for line in self.lines[first..].iter().take_while(|line| line.start < range.end) {
            let (from, to) = (line.start.max(at), line.end.min(range.end));
            shown.push_str(&String::from_utf8_lossy(&text[at..from]));
            let plain = String::from_utf8_lossy(&text[from..to]);
            shown.extend(plain.chars().map(|c| if c.is_alphanumeric() { HIDDEN } else { c }));
            at = to;
        }
        shown.push_str(&String::from_utf8_lossy(&text[at..range.end]));
    }

    /// The line in which `at` begins, with a line before and after it unless `alone`.
    pub(super) fn excerpt(&self, text: &[u8], index: &LineIndex, at: Span, alone: bool) -> Excerpt {
        let line = index.line(at.start);
        let around = usize::from(!alone);
        let first_line = line.saturating_sub(around).max(1);
        let last_line = (line + around).min(index.count());
        let mut excerpt = Excerpt { first_line, focus: line - first_line, ..Excerpt::default() };
        for number in first_line..=last_line {
            let span = index.span(text, number);
            let anchor = if number == line {
                Span::new(at.start, at.end.clamp(at.start, span.end.max(at.start)))
            } else {
                Span::new(span.start, span.start)
            };
            let (window, cut) = window(text, span, anchor);
            excerpt.cut |= cut;
            if number == line {
                let anchor =
                    Span::new(anchor.start.clamp(window.start, window.end), anchor.end.clamp(window.start, window.end));
                excerpt.start = self.shown(text, Span::new(window.start, anchor.start)).chars().count();
                excerpt.end = excerpt.start + self.shown(text, anchor).chars().count();
            }
            excerpt.lines.push(self.shown(text, window));
        }
        excerpt
    }
}

/// What stands between quotation marks and in remarks in a line of code, but for the matches themselves: a literal may
/// hold what they name. All of the line, where a literal begins or ends on another one.
pub(super) fn literals(text: &[u8], line: Span, matches: &[Span]) -> Vec<Span> {
    let mut hidden = Vec::new();
    let mut at = line.start;
    while at < line.end {
        let mark = text[at];
        match mark {
            b'"' | b'\'' | b'`' => {
                // A literal of C# begins with a sign that makes backslashes plain.
                let escapes = at == line.start || text[at - 1] != b'@';
                let start = at + 1;
                let mut end = start;
                while end < line.end && text[end] != mark {
                    end += 1 + usize::from(escapes && text[end] == b'\\');
                }
                if end >= line.end {
                    hidden = vec![line];
                    break;
                }
                hidden.push(Span::new(start, end));
                at = end + 1;
            }
            b'#' | b'/' if is_remark(&text[at..line.end]) && (at == line.start || text[at - 1] == b' ') => {
                hidden.push(Span::new(at, line.end));
                break;
            }
            _ => at += 1,
        }
    }
    without(hidden, matches)
}

/// Whether a remark begins.
fn is_remark(rest: &[u8]) -> bool {
    [&b"//"[..], b"/*", b"# "].iter().any(|mark| rest.starts_with(mark))
}

/// Sorted stretches without what of them is matched.
fn without(stretches: Vec<Span>, matches: &[Span]) -> Vec<Span> {
    let matches = merged(matches.iter().copied());
    let mut left = Vec::new();
    let mut first = 0;
    for stretch in stretches {
        let mut at = stretch.start;
        first += matches[first..].iter().take_while(|matched| matched.end <= stretch.start).count();
        for matched in matches[first..].iter().take_while(|matched| matched.start < stretch.end) {
            left.push(Span::new(at, matched.start.clamp(at, stretch.end)));
            at = matched.end.clamp(at, stretch.end);
        }
        left.push(Span::new(at, stretch.end));
    }
    left
}

/// The part of a line that is shown, cut between characters, and whether it was cut.
fn window(text: &[u8], line: Span, anchor: Span) -> (Span, bool) {
    if line.len() <= WHOLE_LINE {
        return (line, false);
    }
    let mut start = anchor.start.saturating_sub(BEFORE).max(line.start);
    let mut end = anchor.end.min(anchor.start + WHOLE_LINE).saturating_add(AFTER).min(line.end);
    while start > line.start && is_continuation(text[start]) {
        start -= 1;
    }
    while end < line.end && is_continuation(text[end]) {
        end += 1;
    }
    (Span::new(start, end), true)
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Sorted, and each span apart from the next.
fn merged(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.into_iter().filter(|span| !span.is_empty()).collect();
    sorted.sort();
    let mut apart: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match apart.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => apart.push(span),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, values: &[Span], lines: &[Span], at: Span) -> Excerpt {
        let index = LineIndex::new(text.as_bytes());
        Masks::new(values.to_vec(), lines.to_vec()).excerpt(text.as_bytes(), &index, at, false)
    }

    #[test]
    fn every_match_on_a_line_is_masked_and_the_caret_moves_along() {
        let text = "a\nkey=hush other=hushhush z\nb\n";
        let (first, second) = (Span::new(6, 10), Span::new(17, 25));
        let shown = excerpt(text, &[first, second], &[], second);
        assert_eq!(shown.lines, ["a", "key=[REDACTED] other=[REDACTED] z", "b"]);
        assert_eq!((shown.first_line, shown.focus), (1, 1));
        let focus: String = shown.lines[1].chars().skip(shown.start).take(shown.end - shown.start).collect();
        assert_eq!((focus.as_str(), shown.start), (REDACTED, 21));
    }

    #[test]
    fn a_line_with_patient_data_shows_its_punctuation_only() {
        let text = "Ann,1970-01-02,999\n";
        let number = Span::new(15, 18);
        assert_eq!(excerpt(text, &[number], &[Span::new(0, 18)], number).lines[0], "•••,••••-••-••,[REDACTED]");
    }

    #[test]
    fn of_a_line_of_code_the_literals_are_hidden() {
        // the line; `X` is what was matched
        let cases = [
            (r#"log("Ann", X)"#, r#"log("•••", X)"#),
            (r#"log(f"of Ann {X} and", 'Bo', y)"#, r#"log(f"•• ••• {X} •••", '••', y)"#),
            (r#"log("say \"Ann\" now", X)"#, r#"log("••• \"•••\" •••", X)"#),
            (r#"log(X, "it ends nowhere)"#, r#"•••(X, "•• •••• •••••••)"#),
            ("log(X) // don't", "log(X) // •••'•"),
            (r#"log(@"C:\" + "Ann" + X)"#, r#"log(@"•:\" + "•••" + X)"#),
            (r#"Ann"""; print(f"{X}")"#, r#"•••"""; •••••(•"{X}")"#),
            ("log(X)  # Ann", "log(X)  # •••"),
        ];
        for (text, shown) in cases {
            let at = text.find('X').unwrap();
            let matched = Span::new(at, at + 1);
            let hidden = literals(text.as_bytes(), Span::new(0, text.len()), &[matched]);
            assert_eq!(excerpt(text, &[], &hidden, matched).lines[0], shown);
        }
    }

    #[test]
    fn a_match_over_several_lines_is_masked_on_each() {
        let text = "x BEGIN\nbody\nEND y";
        let shown = excerpt(text, &[Span::new(2, 16)], &[], Span::new(2, 16));
        assert_eq!(shown.lines, ["x [REDACTED]", "[REDACTED]"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_finding() {
        let text = format!("{}hush{}", "é".repeat(5_000), "é".repeat(5_000));
        let at = Span::new(10_000, 10_004);
        let shown = excerpt(&text, &[at], &[], at);
        assert!(shown.cut && shown.lines[0].chars().count() < 200 && !shown.lines[0].contains('\u{fffd}'));
        let focus: String = shown.lines[0].chars().skip(shown.start).take(shown.end - shown.start).collect();
        assert_eq!(focus, REDACTED);
    }
}
