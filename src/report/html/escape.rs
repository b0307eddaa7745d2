//! Text inside of HTML: nothing of it is markup, and nothing moves the reading order.

use std::fmt;

use crate::text::visible;

/// Shows a text so that it can stand between tags and in a quoted attribute.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = visible(self.0);
        let mut rest = &*text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\t']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\t' => "&#9;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn no_text_is_markup() {
        let cases = [
            ("plain é 患者", "plain é 患者"),
            (
                "<script>alert('a' & \"b\")</script>",
                "&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;",
            ),
            ("&amp;", "&amp;amp;"),
            ("\u{202e}gpj", "\\u{202e}gpj"),
            ("a\tb", "a&#9;b"),
        ];
        for (text, shown) in cases {
            assert_eq!(Escaped(text).to_string(), shown);
        }
    }
}
