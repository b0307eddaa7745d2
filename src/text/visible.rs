//! Characters that are safe to print.
//!
//! Scanned content and file names are an attacker's text: a raw escape sequence or a bidirectional override
//! could rewrite what a reviewer sees.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with every control and direction-changing character written as an escape (`\u{1b}`, `\n`).
/// A tab stays a tab.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            c if hidden(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", c as u32);
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// C0 and C1 controls, DEL, line and paragraph separators, and the bidirectional controls of UAX #9.
fn hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn nothing_that_moves_the_cursor_or_the_reading_order_is_left() {
        let cases = [
            ("plain\ttext é😀", "plain\ttext é😀"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\nb\rc", "a\\nb\\rc"),
            ("\u{9b}2J", "\\u{9b}2J"),     // C1 control sequence introducer
            ("x\u{202e}y", "x\\u{202e}y"), // right-to-left override
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }
}
