//! A rule file's text, and where in it a value stands.
//!
//! Rules are plain values without spans, so that loading them is cheap; only when something is wrong is the
//! text parsed again to find the place.

use crate::text::Span;

/// One step to a value in a TOML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// An item of an array, from 0.
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Item(index)
    }
}

/// A mistake in a TOML file: where, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub place: ProblemPlace,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Where a mistake stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemPlace {
    /// At these bytes of the file.
    At(Span),
    /// At the value that this way leads to, or at these bytes of the string that it means.
    Way(Vec<Step>, Option<Span>),
}

/// A TOML file of the user's with mistakes in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is not valid")]
pub struct Mistakes {
    /// The file's name as the user knows it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What is wrong, in the order of the places.
    pub problems: Vec<Problem>,
}

impl Mistakes {
    /// Where a problem stands in the text.
    pub fn span(&self, problem: &Problem) -> Span {
        match &problem.place {
            ProblemPlace::At(span) => *span,
            ProblemPlace::Way(way, inner) => locate(&self.text, way, *inner),
        }
    }
}

/// Reads a TOML file into a shape.
///
/// # Errors
/// The place and the words of the TOML parser, with what keys are known where one is not.
pub fn read_toml<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, Mistakes> {
    toml::from_str(text).map_err(|error| Mistakes {
        name: name.to_owned(),
        text: text.to_owned(),
        problems: vec![Problem {
            place: ProblemPlace::At(error.span().map_or(Span::new(0, 0), |range| Span::new(range.start, range.end))),
            message: error.message().to_owned(),
            help: None,
        }],
    })
}

/// Where `way` leads in the TOML `text`: the value as it is written, or the nearest thing before it that exists.
fn locate(text: &str, way: &[Step], inner: Option<Span>) -> Span {
    let Ok(document) = toml_edit::Document::parse(text) else {
        return Span::new(0, 0);
    };
    let mut item: &toml_edit::Item = document.as_item();
    let mut found = None;
    for step in way {
        let next = match step {
            Step::Key(key) => item.get(key),
            Step::Item(index) => item.get(index),
        };
        match next {
            Some(next) => {
                item = next;
                found = item.span().map(|range| Span::new(range.start, range.end)).or(found);
            }
            None => return heading(text, found),
        }
    }
    let whole = found.unwrap_or_default();
    match (inner, item.as_str()) {
        (Some(inner), Some(_)) if !whole.is_empty() => {
            let raw = &text[whole.range()];
            let start = whole.start + raw_offset(raw, inner.start);
            let end = whole.start + raw_offset(raw, inner.end.max(inner.start + 1));
            Span::new(start, end.clamp(start, whole.end))
        }
        (_, None) if item.is_table() => heading(text, Some(whole)),
        _ => whole,
    }
}

/// Only the first line of a table: a label over a whole rule hides more than it shows.
fn heading(text: &str, span: Option<Span>) -> Span {
    let span = span.unwrap_or_default();
    let line = text[span.range()].find('\n').unwrap_or(span.len());
    Span::new(span.start, span.start + line)
}

/// The offset in a TOML string as written, quotes included, of the byte at `offset` of what it means.
fn raw_offset(raw: &str, offset: usize) -> usize {
    let (quote, escapes) = match raw.as_bytes() {
        [b'\'', b'\'', b'\'', ..] => (3, false),
        [b'"', b'"', b'"', ..] => (3, true),
        [b'\'', ..] => (1, false),
        _ => (1, true),
    };
    let mut at = quote;
    if quote == 3 {
        // TOML 1.0, string: a newline right after the opening delimiter is trimmed.
        at += if raw[at..].starts_with("\r\n") { 2 } else { usize::from(raw[at..].starts_with('\n')) };
    }
    let mut decoded = 0;
    let mut chars = raw[at..].chars();
    while decoded < offset {
        let Some(c) = chars.next() else { break };
        if c == '\\' && escapes {
            let escaped = chars.next().unwrap_or('\\');
            let digits = match escaped {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            if digits == 0 && escaped.is_whitespace() {
                // A line-ending backslash: all white space up to the next character is trimmed.
                let trimmed = chars.as_str().trim_start();
                at += 1 + escaped.len_utf8() + (chars.as_str().len() - trimmed.len());
                chars = trimmed.chars();
                continue;
            }
            let hex: String = chars.by_ref().take(digits).collect();
            let meant = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
            at += 1 + escaped.len_utf8() + hex.len();
            decoded += meant.map_or(1, char::len_utf8);
        } else {
            at += c.len_utf8();
            decoded += c.len_utf8();
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_inside_a_string_is_found_as_written() {
        // TOML string, offset in what it means, what stands there
        let cases = [
            ("'abc'", 1, "bc'"),
            ("'''\nabc'''", 1, "bc'''"),
            (r#""a\nbc""#, 2, r#"bc""#),
            (r#""\u00e9x""#, 2, r#"x""#),
            ("\"\"\"a\\\n   bc\"\"\"", 1, "bc\"\"\""),
        ];
        for (raw, offset, rest) in cases {
            let found = &raw[raw_offset(raw, offset)..];
            assert!(found.trim_start_matches(['\\', '\n', ' ']) == rest, "{raw}: {found}");
        }
    }

    #[test]
    fn a_way_leads_to_its_value_or_to_the_nearest_thing_before_it() {
        let text = "[[rule]]\nid = 'a'\n[rule.check]\ndeny = 'self.x'\n[[rule]]\nid = 'b'\n[rule.examples]\nbad = ['x', 'yy']\n";
        let rule = |index| vec![Step::from("rule"), Step::from(index)];
        let with = |index, steps: &[Step]| [rule(index), steps.to_vec()].concat();
        let cases = [
            (with(0, &["id".into()]), None, "'a'"),
            (with(0, &["check".into(), "deny".into()]), Some(Span::new(5, 6)), "x"),
            (with(1, &["examples".into(), "bad".into(), 1.into()]), None, "'yy'"),
            (with(1, &["title".into()]), None, "[[rule]]"),
        ];
        for (way, inner, shown) in cases {
            assert_eq!(&text[locate(text, &way, inner).range()], shown, "{way:?}");
        }
    }
}
