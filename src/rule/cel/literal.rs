//! What number and string literals say.
//!
//! Knows one token's text at a time.

use super::CelError;
use super::ast::Expr;
use crate::text::Span;

/// Reads a number; `minus` if a minus sign stands before it, which the text does not hold.
pub(super) fn number(text: &str, minus: bool, span: Span) -> Result<Expr, CelError> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = hex.map_or((text, 10), |digits| (digits, 16));
    let bad = || CelError::new(span, "this is no number");
    if let Some(digits) = digits.strip_suffix(['u', 'U']) {
        if minus || !all_digits(digits, radix) {
            return Err(bad().help("a uint is digits and `u`, without a minus sign"));
        }
        return u64::from_str_radix(digits, radix).map(Expr::Uint).map_err(|_| too_large(span, "uint"));
    }
    if all_digits(digits, radix) {
        let value = i128::from_str_radix(digits, radix).map_err(|_| too_large(span, "int"))?;
        let value = if minus { -value } else { value };
        return i64::try_from(value).map(Expr::Int).map_err(|_| too_large(span, "int"));
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    match text.parse::<f64>() {
        Ok(value) if hex.is_none() && plain && value.is_finite() => {
            Ok(Expr::Double(if minus { -value } else { value }))
        }
        Ok(value) if plain && value.is_infinite() => Err(too_large(span, "double")),
        _ => Err(bad()),
    }
}

fn all_digits(text: &str, radix: u32) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_digit(radix))
}

fn too_large(span: Span, kind: &str) -> CelError {
    CelError::new(span, format!("this number does not fit into {kind}"))
}

/// Reads a string token: prefix, quotes, escapes.
pub(super) fn string(text: &str, span: Span) -> Result<Box<str>, CelError> {
    let prefix = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let raw = text[..prefix].contains(['r', 'R']);
    if text[..prefix].contains(['b', 'B']) {
        return Err(CelError::new(span, "bytes are no part of the rule language")
            .help("documents hold text only; leave out the `b`"));
    }
    let quoted = &text[prefix..];
    let quotes = if quoted.len() >= 6 && (quoted.starts_with("\"\"\"") || quoted.starts_with("'''")) { 3 } else { 1 };
    let inner = &quoted[quotes..quoted.len() - quotes];
    if raw || !inner.contains('\\') {
        return Ok(inner.into());
    }
    let offset = span.start + prefix + quotes;
    let mut out = String::with_capacity(inner.len());
    let mut at = 0;
    while let Some(next) = inner[at..].find('\\') {
        out.push_str(&inner[at..at + next]);
        let start = at + next;
        let (c, length) = escape(&inner[start + 1..])
            .map_err(|length| bad_escape(&inner[start..], Span::new(offset + start, offset + start + 1 + length)))?;
        out.push(c);
        at = start + 1 + length;
    }
    out.push_str(&inner[at..]);
    Ok(out.into())
}

fn bad_escape(from: &str, span: Span) -> CelError {
    let error = CelError::new(span, "this escape has no meaning in a string");
    match from.as_bytes().get(1) {
        Some(b'd' | b'w' | b's' | b'.' | b'b' | b'D' | b'W' | b'S') => {
            error.help("for a pattern write `r\"…\"`, in which a backslash is plain")
        }
        _ => error.help("write `\\\\` for a backslash"),
    }
}

/// The character that an escape stands for and how many bytes after the backslash it takes; in the error
/// case, how many bytes are to blame.
fn escape(after: &str) -> Result<(char, usize), usize> {
    let Some(first) = after.chars().next() else { return Err(0) };
    let simple = match first {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '?' | '"' | '\'' | '`' => first,
        'x' | 'X' => return coded(after, 1, 2, 16),
        'u' => return coded(after, 1, 4, 16),
        'U' => return coded(after, 1, 8, 16),
        '0'..='3' => return coded(after, 0, 3, 8),
        _ => return Err(first.len_utf8()),
    };
    Ok((simple, 1))
}

fn coded(after: &str, skip: usize, digits: usize, radix: u32) -> Result<(char, usize), usize> {
    let Some(code) = after.get(skip..skip + digits).filter(|code| all_digits(code, radix)) else { return Err(1) };
    let value = u32::from_str_radix(code, radix).map_err(|_| skip + digits)?;
    char::from_u32(value).map(|c| (c, skip + digits)).ok_or(skip + digits)
}
