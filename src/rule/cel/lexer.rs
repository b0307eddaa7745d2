//! From text to tokens.
//!
//! Knows where a token begins and ends; what a literal says is read in [`super::literal`].

use super::CelError;
use crate::text::Span;

/// Kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, `in`, `true` …; the span is the word.
    Word,
    /// A name in backquotes, allowed after a dot; the span holds the quotes.
    Quoted,
    /// A number.
    Number,
    /// A string, prefix and quotes included.
    Text,
    /// Punctuation and operators; two-character ones are one token.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]",
    "{", "}", "=",
];

/// Splits `source` into tokens, with one [`Token::End`] at its end.
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Span)>, CelError> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::with_capacity(source.len() / 4 + 1);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let token = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {
                at += 1;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at);
                continue;
            }
            b'"' | b'\'' => {
                at = end_of_string(source, start, start, false)?;
                Token::Text
            }
            b'`' => {
                at = end_of_quoted_name(source, start)?;
                Token::Quoted
            }
            b'0'..=b'9' => {
                at = end_of_number(bytes, start);
                Token::Number
            }
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && !follows_value(&tokens) => {
                at = end_of_number(bytes, start);
                Token::Number
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                while bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                    at += 1;
                }
                match string_prefix(&source[start..at], bytes.get(at)) {
                    Some(raw) => {
                        at = end_of_string(source, start, at, raw)?;
                        Token::Text
                    }
                    None => Token::Word,
                }
            }
            _ => match SIGNS.iter().find(|sign| source[at..].starts_with(**sign)) {
                Some(sign) => {
                    at += sign.len();
                    Token::Sign(sign)
                }
                None => return Err(unexpected(source, start)),
            },
        };
        tokens.push((token, Span::new(start, at)));
    }
    tokens.push((Token::End, Span::new(source.len(), source.len())));
    Ok(tokens)
}

/// `a.5` is a mistake in a select, not a call of `a` with half.
fn follows_value(tokens: &[(Token, Span)]) -> bool {
    matches!(tokens.last(), Some((Token::Word | Token::Quoted | Token::Text | Token::Sign(")" | "]" | "}"), _)))
}

fn unexpected(source: &str, at: usize) -> CelError {
    let c = source[at..].chars().next().unwrap_or('\u{fffd}');
    let error =
        CelError::new(Span::new(at, at + c.len_utf8()), format!("`{}` has no meaning here", c.escape_default()));
    match c {
        '&' => error.help("\"and\" is written `&&`"),
        '|' => error.help("\"or\" is written `||`"),
        '#' => error.help("a comment begins with `//`"),
        _ => error,
    }
}

/// Whether the word before a quote is a prefix of the string, and if so, whether backslashes are plain in it.
/// Bytes are read as a string here; the parser says that there are none.
fn string_prefix(word: &str, next: Option<&u8>) -> Option<bool> {
    if !matches!(next, Some(b'"' | b'\'')) {
        return None;
    }
    match word {
        "r" | "R" | "br" | "bR" | "Br" | "BR" | "rb" | "rB" | "Rb" | "RB" => Some(true),
        "b" | "B" => Some(false),
        _ => None,
    }
}

fn end_of_string(source: &str, start: usize, quote_at: usize, raw: bool) -> Result<usize, CelError> {
    let bytes = source.as_bytes();
    let quote = bytes[quote_at];
    let triple = bytes[quote_at..].starts_with(&[quote; 3]);
    let mut at = quote_at + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && !raw {
            at += 2;
        } else if triple && bytes[at..].starts_with(&[quote; 3]) {
            return Ok(at + 3);
        } else if !triple && byte == quote {
            return Ok(at + 1);
        } else if !triple && (byte == b'\n' || byte == b'\r') {
            break;
        } else {
            at += 1;
        }
    }
    let error = CelError::new(Span::new(start, at.min(bytes.len())), "this string has no end");
    Err(if triple { error } else { error.help("a string over several lines stands between three quotes") })
}

fn end_of_quoted_name(source: &str, start: usize) -> Result<usize, CelError> {
    let rest = &source.as_bytes()[start + 1..];
    let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.-/ ".contains(b)).count();
    match rest.get(length) {
        Some(b'`') if length > 0 => Ok(start + length + 2),
        _ => Err(CelError::new(Span::new(start, start + 1), "this quoted name has no end")
            .help("between backquotes stand letters, digits and `_.-/ `; for other keys write `a[\"key\"]`")),
    }
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = start;
    if bytes[at] == b'0' && matches!(bytes.get(at + 1), Some(b'x' | b'X')) {
        at += 2;
    } else {
        at = digits(at);
        if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            at = digits(at + 1);
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) && matches!(bytes.get(at + 1), Some(b'+' | b'-')) {
            at += 2;
        }
    }
    // Whatever sticks to it belongs to it, so that `12abc` is one bad number and not two tokens.
    while bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
        at += 1;
    }
    at
}
