//! Patterns of `matches()`: RE2's syntax as CEL wants it, compiled once and only when used.
//!
//! Knows regexes; not where their texts come from.

use std::sync::OnceLock;

use regex_automata::meta::Regex;

use super::ast::ExprId;

/// How large a compiled pattern of a rule may be, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// The same for a pattern that an expression computes, and so compiles each time.
pub const MAX_COMPUTED_SIZE: usize = 1 << 17;
/// How long a pattern's text may be.
const MAX_LENGTH: usize = 4 * 1024;
/// How deep groups may nest in a pattern.
const MAX_GROUPS: u32 = 50;

/// A literal pattern in an expression.
#[derive(Debug)]
pub struct Pattern {
    /// The node of the literal.
    pub(super) literal: ExprId,
    pub(super) text: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(literal: ExprId, text: &str) -> Self {
        Pattern { literal, text: text.into(), compiled: OnceLock::new() }
    }

    /// The compiled pattern; nothing if it is no valid one, which a check has said before.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.text, MAX_SIZE).ok()).as_ref()
    }

    /// What is wrong with the pattern. Reads it only: compiling waits until a document needs it, for it
    /// costs a hundred times more.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.text.len() > MAX_LENGTH {
            return Err(too_long());
        }
        regex_syntax::ParserBuilder::new()
            .nest_limit(MAX_GROUPS)
            .build()
            .parse(&ascii_classes(&self.text))
            .map(|_| ())
            .map_err(|error| match error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                _ => "it is no regular expression".to_owned(),
            })
    }
}

/// Compiles a pattern into at most `size` bytes.
pub fn compile(pattern: &str, size: usize) -> Result<Regex, String> {
    if pattern.len() > MAX_LENGTH {
        return Err(too_long());
    }
    Regex::builder()
        .syntax(regex_automata::util::syntax::Config::new().nest_limit(MAX_GROUPS))
        .configure(Regex::config().nfa_size_limit(Some(size)).onepass_size_limit(Some(size)))
        .build(&ascii_classes(pattern))
        .map_err(|error| match error.size_limit() {
            Some(_) => "it is too large when compiled".to_owned(),
            None => "it is no regular expression".to_owned(),
        })
}

fn too_long() -> String {
    format!("it is longer than {MAX_LENGTH} bytes")
}

/// Writes `\d`, `\w`, `\s` and `\b` as what they are in RE2: ASCII, while `.` and `[^a]` still take a whole
/// character. It also spares the large Unicode tables, which would make most of a pattern's compile time.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            '\\' => {
                match chars.next() {
                    Some('d') => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
                    Some('w') => out.push_str(if in_class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                    Some('s') => out.push_str(if in_class { r"\t\n\f\r " } else { r"[\t\n\f\r ]" }),
                    Some('D') => out.push_str("[^0-9]"),
                    Some('W') => out.push_str("[^0-9A-Za-z_]"),
                    Some('S') => out.push_str(r"[^\t\n\f\r ]"),
                    Some('b') if !in_class => out.push_str(r"(?-u:\b)"),
                    Some(other) => {
                        out.push('\\');
                        out.push(other);
                    }
                    None => out.push('\\'),
                }
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_and_dot_is_a_character() {
        // pattern, text, whether it matches
        for (pattern, text, expected) in [
            (r"^\d$", "7", true),
            (r"^\d$", "٣", false),
            (r"^[\d.]+$", "1.2", true),
            (r"^[^\d]$", "a", true),
            (r"^\D$", "é", true),
            (r"^[\w-]+$", "a-b_9", true),
            (r"^[\W]$", "-", true),
            (r"^\w+$", "é", false),
            (r"\bfoo\b", "a foo b", true),
            (r"^.$", "é", true),
            (r"^[^a]$", "é", true),
            (r"\\d", r"\d", true),
            (r"^a\.b$", "a.b", true),
            (r"(?i)^k8S$", "K8s", true),
            (r"^\s$", "\t", true),
        ] {
            assert_eq!(compile(pattern, MAX_SIZE).expect(pattern).is_match(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn hostile_patterns_are_refused() {
        for pattern in ["(a{1000}){1000}", &"(".repeat(3000), &"a".repeat(5000), "(?P<", "a{99999}", r"\"] {
            assert!(compile(pattern, MAX_SIZE).is_err(), "{:.20}", pattern);
        }
    }
}
