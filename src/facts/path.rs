//! Paths in a tree: the small language of `each` and `at`.
//!
//! Knows syntax and printing; what a path selects in a document is done in [`super::select`].
//!
//! ```text
//! spec.template        the value under a key
//! spec.tls[]           every item of a list
//! spec.rules[0]        one item
//! data.*               every value of a map
//! {init,main}[]        the values under either key, in the order in which the path names them
//! labels["a.io/b"]     a key with any character but a quote
//! ```

use std::fmt::{self, Write};

/// How many steps a path may have.
pub const MAX_STEPS: usize = 32;
/// How many characters of a key are printed; no key of a known format is longer.
const MAX_KEY: usize = 120;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value under a key.
    Key(Box<str>),
    /// The values under any of these keys.
    AnyOf(Vec<Box<str>>),
    /// Every value of a map.
    Values,
    /// Every item of a list.
    Items,
    /// One item of a list.
    Index(usize),
}

/// A path from some node downwards; the empty one is the node itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PathError {
    /// Offset of the byte at which reading stopped.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
}

impl Path {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Path, PathError> {
        Reader { text, at: 0 }.path()
    }

    /// The path of these steps.
    pub fn of(steps: Vec<Step>) -> Path {
        Path(steps)
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether it leads to one node at most, as `at` must.
    pub fn is_plain(&self) -> bool {
        self.0.iter().all(|step| matches!(step, Step::Key(_) | Step::Index(_)))
    }

    /// This path, and `rest` after it.
    #[must_use]
    pub fn join(&self, rest: &Path) -> Path {
        Path(self.0.iter().chain(&rest.0).cloned().collect())
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn path(mut self) -> Result<Path, PathError> {
        let mut steps = Vec::new();
        while let Some(next) = self.peek() {
            if steps.len() == MAX_STEPS {
                return self.fail(format!("a path has at most {MAX_STEPS} steps"));
            }
            steps.push(match next {
                '[' => self.bracket()?,
                _ if steps.is_empty() => self.named()?,
                '.' => {
                    self.at += 1;
                    self.named()?
                }
                _ => return self.fail("a dot or a bracket must stand here".into()),
            });
        }
        Ok(Path(steps))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn fail<T>(&self, message: String) -> Result<T, PathError> {
        Err(PathError { at: self.at, message })
    }

    /// A key, `*` or `{a,b}`.
    fn named(&mut self) -> Result<Step, PathError> {
        match self.peek() {
            Some('*') => {
                self.at += 1;
                Ok(Step::Values)
            }
            Some('{') => {
                let mut keys = Vec::new();
                while keys.is_empty() || self.peek() == Some(',') {
                    self.at += 1;
                    keys.push(self.key()?);
                }
                self.expect('}')?;
                Ok(Step::AnyOf(keys))
            }
            _ => Ok(Step::Key(self.key()?)),
        }
    }

    fn key(&mut self) -> Result<Box<str>, PathError> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| {
                c.is_whitespace() || c.is_control() || matches!(c, '.' | '[' | ']' | '{' | '}' | ',' | '*' | '"')
            })
            .unwrap_or(rest.len());
        if end == 0 {
            return self.fail("a key must stand here; one with special characters is written [\"so\"]".into());
        }
        self.at += end;
        Ok(rest[..end].into())
    }

    /// `[]`, `[3]` or `["key"]`.
    fn bracket(&mut self) -> Result<Step, PathError> {
        self.expect('[')?;
        let rest = &self.text[self.at..];
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else {
                return self.fail("the quote is not closed".into());
            };
            self.at += end + 2;
            self.expect(']')?;
            return Ok(Step::Key(quoted[..end].into()));
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let step = match rest[..digits].parse() {
            Ok(index) => Step::Index(index),
            Err(_) if digits == 0 => Step::Items,
            Err(_) => return self.fail("the number is too large".into()),
        };
        self.at += digits;
        self.expect(']')?;
        Ok(step)
    }

    fn expect(&mut self, wanted: char) -> Result<(), PathError> {
        if self.peek() != Some(wanted) {
            return self.fail(format!("`{wanted}` must stand here"));
        }
        self.at += wanted.len_utf8();
        Ok(())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Key(key) => push_key(&mut text, key),
                Step::Values => text.push_str(if text.is_empty() { "*" } else { ".*" }),
                Step::Items => text.push_str("[]"),
                Step::Index(index) => {
                    let _ = write!(text, "[{index}]");
                }
                Step::AnyOf(keys) => {
                    let dot = if text.is_empty() { "" } else { "." };
                    let _ = write!(text, "{dot}{{{}}}", keys.join(","));
                }
            }
        }
        f.write_str(&text)
    }
}

/// Appends a key as a path writes it; a long one is cut.
pub(super) fn push_key(text: &mut String, key: &str) {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '/'));
    let cut = key.char_indices().nth(MAX_KEY).map(|(end, _)| &key[..end]);
    let (shown, more) = (cut.unwrap_or(key), if cut.is_some() { "…" } else { "" });
    let _ = match (plain, text.is_empty()) {
        (true, true) => write!(text, "{shown}{more}"),
        (true, false) => write!(text, ".{shown}{more}"),
        (false, _) => write!(text, "[\"{}{more}\"]", shown.replace(|c: char| c == '"' || c.is_control(), "�")),
    };
}

/// Appends one reference token of a JSON pointer; a long one is cut.
pub(super) fn push_pointer(text: &mut String, key: &str) {
    text.push('/');
    for c in key.chars().take(MAX_KEY) {
        match c {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            c if c.is_control() => text.push('�'),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_and_printed_as_they_were_written() {
        // text, how many steps, leads to one node at most
        let cases = [
            ("", 0, true),
            ("spec", 1, true),
            ("spec.tls[]", 3, false),
            ("spec.rules[0].host", 4, true),
            ("data.*", 2, false),
            ("*", 1, false),
            ("[]", 1, false),
            ("{initContainers,containers}[].image", 3, false),
            ("metadata.labels[\"pod-security.kubernetes.io/enforce\"]", 3, true),
            ("x-y_z.$ref", 2, true),
        ];
        for (text, steps, plain) in cases {
            let path = Path::parse(text).expect(text);
            assert_eq!((path.steps().len(), path.is_plain()), (steps, plain), "{text}");
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_path_is_refused_at_its_byte() {
        let long = "a.".repeat(40);
        // text, offset of the complaint
        let cases = [
            (".a", 0),       // nothing before the dot
            ("a..b", 2),     // nothing between dots
            ("a.", 2),       // nothing after the dot
            ("a[", 2),       // not closed
            ("a[x]", 2),     // neither number nor quote
            ("a[\"b]", 2),   // quote not closed
            ("a[\"b\"c", 5), // bracket not closed
            ("a b", 1),      // a space
            ("{a,}", 3),     // empty alternative
            ("{a", 2),       // not closed
            ("a[99999999999999999999999]", 2),
            (long.as_str(), 63), // too many steps
        ];
        for (text, at) in cases {
            assert_eq!(Path::parse(text).expect_err(text).at, at, "{text}");
        }
    }

    #[test]
    fn a_printed_key_is_short_and_holds_no_control_character() {
        let mut text = String::new();
        push_key(&mut text, &"k".repeat(1_000_000));
        assert_eq!(text.chars().count(), MAX_KEY + 1);
        let mut text = String::from("a");
        push_key(&mut text, "b\u{1b}[31m\"]");
        assert_eq!(text, "a[\"b�[31m�]\"]");
        let mut text = String::new();
        push_pointer(&mut text, "a/b~c\n");
        assert_eq!(text, "/a~1b~0c�");
    }
}
