//! Names of places in a tree: `spec.containers[0].image`.
//!
//! Knows how a path reads, and not whether it leads anywhere.

use std::fmt::{self, Write};

/// One step down in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'d> {
    /// To the value under a name.
    Key(&'d str),
    /// To an item of a list, from 0.
    Index(usize),
}

/// Steps from a tree's top. Prints nothing for the top itself; names that are no plain words stand in brackets
/// and quotes: `metadata.annotations["a.b/c"]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path<'p, 'd>(pub &'p [Step<'d>]);

impl fmt::Display for Path<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_word(key) => {
                    if at > 0 {
                        f.write_char('.')?;
                    }
                    f.write_str(key)?;
                }
                Step::Key(key) => quoted(f, key)?,
            }
        }
        Ok(())
    }
}

fn is_word(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn quoted(f: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    f.write_str("[\"")?;
    for c in key.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_str("\"]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_code() {
        use Step::{Index, Key};
        let cases: &[(&[Step<'_>], &str)] = &[
            (&[], ""),
            (&[Key("spec"), Key("containers"), Index(0), Key("image")], "spec.containers[0].image"),
            (&[Key("metadata"), Key("annotations"), Key("a.b/c")], r#"metadata.annotations["a.b/c"]"#),
            (&[Key("a.b"), Key("c")], r#"["a.b"].c"#),
            (&[Index(1), Index(2)], "[1][2]"),
            (&[Key("x-y_z1")], "x-y_z1"),
            (&[Key("1st")], r#"["1st"]"#), // would read like a number
            (&[Key("")], r#"[""]"#),       // a name may be empty
            (&[Key("a\"\\\n\u{1b}")], r#"["a\"\\\u000a\u001b"]"#), // nothing that a terminal obeys
        ];
        for (steps, text) in cases {
            assert_eq!(Path(steps).to_string(), *text);
        }
    }
}
