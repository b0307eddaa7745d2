//! Whether a line begins as comments and the examples of documentation do.
//!
//! Knows the marks of many languages, none of their grammars: what stands behind code on a line is not seen.

/// What such lines begin with, behind blanks.
const MARKS: &[&[u8]] = &[b">>> ", b"... ", b"* ", b"// ", b"/// ", b"//! ", b"# "];
/// How far before a place its line's beginning is looked for, in bytes.
const REACH: usize = 500;

/// Whether the line of `at` is a comment or an example. In a literal, `\n` ends a line as well.
pub fn is_remark(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(REACH)..at];
    let line = memchr::memrchr2(b'\n', b'\r', before).map_or(before, |end| &before[end + 1..]);
    let line = memchr::memmem::rfind(line, b"\\n").map_or(line, |end| &line[end + 2..]);
    MARKS.iter().any(|mark| line.trim_ascii_start().starts_with(mark))
}

#[cfg(test)]
mod tests {
    #[test]
    fn comments_and_examples_are_known() {
        for (text, wanted) in [
            (">>> log(X)", true),
            ("a\n     * log(X)", true),
            ("\"a\\n     * log(X)\"", true),
            ("  // log(X)", true),
            ("log(X) // why", false),
            ("*p = X", false),
            ("x", false),
        ] {
            let at = text.find('X').unwrap_or(0);
            assert_eq!(super::is_remark(text.as_bytes(), at), wanted, "{text}");
        }
    }
}
