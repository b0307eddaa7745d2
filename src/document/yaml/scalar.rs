//! What a plain YAML scalar means.
//!
//! Follows the rules that Kubernetes tools follow when they turn manifests into JSON: YAML 1.1 words for true
//! and false, a leading zero for octal, underscores between digits; no base 60, and dates stay text.

use super::super::Value;

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> Value {
    let value = match text.as_bytes().first() {
        None | Some(b'~') if text.len() <= 1 => Some(Value::Null),
        Some(b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'n' | b'N' | b'o' | b'O') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        _ => None,
    };
    value.unwrap_or_else(|| Value::Str(text.into()))
}

fn word(text: &str) -> Option<Value> {
    Some(match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => Value::Bool(false),
        "null" | "Null" | "NULL" => Value::Null,
        _ => return None,
    })
}

fn number(text: &str) -> Option<Value> {
    let (sign, digits) = match text.as_bytes()[0] {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    match digits {
        ".inf" | ".Inf" | ".INF" => return Some(Value::Float(f64::INFINITY * f64::from(sign))),
        ".nan" | ".NaN" | ".NAN" if digits.len() == text.len() => return Some(Value::Float(f64::NAN)),
        _ => {}
    }
    if !digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'o' | b'O' | b'_' | b'.' | b'+' | b'-'))
    {
        return None;
    }
    let joined;
    let digits = if digits.contains('_') {
        joined = digits.replace('_', "");
        &joined
    } else {
        digits
    };
    int(sign, digits).map(Value::Int).or_else(|| float(sign, digits).map(Value::Float))
}

fn int(sign: i32, digits: &str) -> Option<i64> {
    let (radix, rest) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'0'..=b'7', ..] if digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')) => (8, &digits[1..]),
        _ => (10, digits),
    };
    // `from_str_radix` takes a sign of its own, and there may be only one.
    if rest.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = i128::from_str_radix(rest, radix).ok()?;
    i64::try_from(magnitude * i128::from(sign)).ok()
}

/// Digits with at most one dot, and an exponent; nothing else that Rust would take.
fn float(sign: i32, digits: &str) -> Option<f64> {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (digits, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let sound = !(before.is_empty() && after.is_empty())
        && is_digits(before)
        && is_digits(after)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && is_digits(exponent));
    if sound { digits.parse::<f64>().ok().map(|value| value * f64::from(sign)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_kubernetes_takes_them_for() {
        use Value::{Bool, Float, Int, Null};
        let cases = [
            ("", Null),
            ("~", Null),
            ("null", Null),
            ("Null", Null),
            ("true", Bool(true)),
            ("yes", Bool(true)),
            ("On", Bool(true)),
            ("y", Bool(true)),
            ("no", Bool(false)),
            ("OFF", Bool(false)),
            ("0", Int(0)),
            ("-12", Int(-12)),
            ("+12", Int(12)),
            ("0x1F", Int(31)),
            ("-0x1F", Int(-31)),
            ("0o644", Int(420)),
            ("0644", Int(420)), // octal, as in `defaultMode`
            ("0b101", Int(5)),
            ("08", Int(8)),
            ("1_000", Int(1000)),
            ("9223372036854775807", Int(i64::MAX)),
            ("-9223372036854775808", Int(i64::MIN)),
            ("9223372036854775808", Float(9_223_372_036_854_775_808.0)),
            ("1.5", Float(1.5)),
            ("-.5", Float(-0.5)),
            ("1.", Float(1.0)),
            ("1e3", Float(1000.0)),
            ("1E-3", Float(0.001)),
            ("-.inf", Float(f64::NEG_INFINITY)),
        ];
        for (text, value) in cases {
            assert_eq!(plain(text), value, "{text}");
        }
        assert!(matches!(plain(".nan"), Float(value) if value.is_nan()));
        let texts = [
            "tRue",
            "yess",
            "nULL",
            "~x",
            "1.2.3",
            "10.0.0.1",
            "12:30:45",
            "2024-01-31",
            "0x",
            "--1",
            "+-1",
            "0x-1",
            ".",
            "-",
            "e3",
            "1e",
            "+.nan",
            "1.5.",
            "500m",
            "1Gi",
            "inf",
            "nan",
            "0o8",
            "é",
            "-x",
            "_1",
        ];
        for text in texts {
            assert_eq!(plain(text), Value::Str(text.into()), "{text}");
        }
    }
}
