//! The masked lines around a finding, with carets under it.
//!
//! Columns on the screen are neither bytes nor characters: tabs, wide characters and escapes all count as what
//! the terminal shows.

use std::fmt::Write;
use std::ops::Range;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::paint::{self, Paint};
use crate::finding::{Excerpt, Place};
use crate::text::visible;

/// How far a tab goes.
const TAB: usize = 4;
/// How many lines around the finding are shown unless all are wanted.
const AROUND: usize = 1;
/// How many further lines of a long finding are shown unless all are wanted: a key of thirty lines is no news.
const LONG: usize = 3;

/// How many columns the line numbers take.
pub(super) fn gutter(place: &Place, all: bool) -> usize {
    match &place.excerpt {
        Some(excerpt) => (excerpt.first_line + shown(excerpt, place, all).end.saturating_sub(1)).to_string().len(),
        None => place.line.max(1).to_string().len(),
    }
}

/// Which lines of the excerpt are shown.
fn shown(excerpt: &Excerpt, place: &Place, all: bool) -> Range<usize> {
    if all {
        return 0..excerpt.lines.len();
    }
    let first = excerpt.focus.saturating_sub(AROUND).min(excerpt.lines.len());
    let extra = place.end_line.saturating_sub(place.line).min(LONG);
    let last = excerpt.focus.saturating_add(extra + AROUND);
    first..last.saturating_add(1).min(excerpt.lines.len())
}

/// Writes the lines; the frame is closed below only where something stands in it.
pub(super) fn write(out: &mut String, paint: &Paint, excerpt: &Excerpt, place: &Place, style: Style, all: bool) {
    let range = shown(excerpt, place, all);
    if range.is_empty() {
        return;
    }
    let width = gutter(place, all);
    let bar = paint.with(paint::FRAME, "|");
    let margin = " ".repeat(width);
    let _ = writeln!(out, "{margin} {bar}");
    for index in range {
        let line = &excerpt.lines[index];
        let number = format!("{:>width$}", excerpt.first_line + index);
        let text = expanded(line);
        let _ = writeln!(out, "{} {bar}{}{text}", paint.with(paint::FRAME, &number), gap(&text));
        if index == excerpt.focus {
            let (start, length) = carets(line, excerpt.start, excerpt.end);
            let below = " ".repeat(start) + &paint.with(style, &"^".repeat(length));
            let _ = writeln!(out, "{margin} {bar} {below}");
        }
    }
    let _ = writeln!(out, "{margin} {bar}");
}

/// No space behind the bar of an empty line.
fn gap(text: &str) -> &'static str {
    if text.is_empty() { "" } else { " " }
}

/// On which column of the screen the characters from `start` up to `end` of `line` begin, and how many they take.
fn carets(line: &str, start: usize, end: usize) -> (usize, usize) {
    let until = |count: usize| expanded(&line.chars().take(count).collect::<String>()).width();
    let from = until(start);
    (from, until(end).saturating_sub(from).max(1))
}

/// `line` as it is printed: tabs as spaces, what must not be printed as escapes.
fn expanded(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut column = 0;
    for (index, part) in line.split('\t').enumerate() {
        if index > 0 {
            let to = TAB - column % TAB;
            text.extend(std::iter::repeat_n(' ', to));
            column += to;
        }
        let part = visible(part);
        column += part.width();
        text.push_str(&part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_what_the_screen_shows() {
        // line, start and end in characters, column and number of carets
        let cases = [
            ("key = [REDACTED]", 6, 16, 6, 10),
            ("\tkey", 1, 4, 4, 3), // a tab goes to the next fourth column
            ("ab\tkey", 3, 6, 4, 3),
            ("患者: X", 4, 5, 6, 1),    // wide characters take two columns
            ("é: X", 3, 4, 3, 1),       // two bytes, one column
            ("\u{1b}[0mX", 4, 5, 9, 1), // an escape takes as many columns as its spelling, `\u{1b}`
            ("x", 1, 1, 1, 1),          // nothing still gets a caret
            ("x", 9, 20, 1, 1),         // and so does what is past the end
        ];
        for (line, start, end, column, count) in cases {
            assert_eq!(carets(line, start, end), (column, count), "{line:?}");
        }
    }
}
