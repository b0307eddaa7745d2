//! How much a value looks like a password or a machine-made token, by itself.
//!
//! Knows neither names nor places.

use super::random::{Classes, is_hex, is_sequence, is_uuid, shannon, surprise};
use super::words;

/// What a value is worth as a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Words, identifiers, too short.
    None,
    /// Could be; needs a name and a place that say so.
    Weak,
    /// Looks random, but short or plain.
    Fair,
    /// Random and long.
    Strong,
}

/// Least surprise, in bits per character, of a text that is no words; see [`surprise`].
const RANDOM: f64 = 5.3;

/// Judges a token by its whole and by its longest part (`prefix-12345-RANDOM`); the words say why.
pub(super) fn token(value: &[u8]) -> (Strength, &'static str) {
    let whole = piece(value);
    if whole.0 >= Strength::Fair || value.len() < 20 || !matches!(whole.1, "words" | "not random" | "may be random") {
        return whole;
    }
    let longest = longest_part(value);
    if longest.len() >= 16 { whole.max(piece(longest)) } else { whole }
}

/// The longest of the parts that a value is joined of: in `prefix-12345-RANDOM` the last.
pub(super) fn longest_part(value: &[u8]) -> &[u8] {
    let parts = value.split(|byte| matches!(byte, b'-' | b'_' | b'.' | b':' | b'|' | b'~'));
    parts.max_by_key(|part| part.len()).unwrap_or_default()
}

fn piece(value: &[u8]) -> (Strength, &'static str) {
    let classes = Classes::of(value);
    if value.len() < 8 {
        return (Strength::None, "too short for a token");
    }
    if classes.space > 0 || !value.is_ascii() {
        return (Strength::None, "text, not a token");
    }
    if is_uuid(value) {
        let varied = Classes::distinct(value) > 8;
        return if varied { (Strength::Fair, "a UUID") } else { (Strength::None, "a made-up UUID") };
    }
    if value
        .iter()
        .any(|byte| matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'(' | b')' | b'{' | b'}' | b'[' | b']' | b'`'))
    {
        let random = value.len() >= 32
            && classes.kinds() >= 3
            && classes.digit >= 3
            && classes.symbol * 2 < value.len()
            && shannon(value) >= 4.2
            && surprise(value) >= 6.3;
        return if random { (Strength::Strong, "long and random") } else { (Strength::None, "an expression") };
    }
    if classes.digit == value.len() {
        return (Strength::None, "a number");
    }
    let entropy = shannon(value);
    if is_hex(value) {
        return hex(value, classes, entropy);
    }
    if is_sequence(value) || super::place::is_place(value) {
        return (Strength::None, "a sequence or a place");
    }
    let (letters, _) = words::covered(value);
    let surprise = surprise(value);
    let wordy = letters * 2 >= value.len() || (letters * 3 >= value.len() && surprise < 6.0) || words::is_plain(value);
    if wordy {
        return (Strength::None, "words");
    }
    if classes.symbol * 3 > value.len() {
        return (Strength::None, "too many signs for a token");
    }
    if classes.digit == 0 {
        let mixed = classes.lower >= 4 && classes.upper >= 4;
        return match (value.len(), mixed) {
            (20.., true) if surprise >= 5.8 => (Strength::Strong, "random letters"),
            (16.., _) if surprise >= 5.7 => (Strength::Fair, "random letters"),
            _ => (Strength::None, "letters that read like words"),
        };
    }
    match value.len() {
        24.. if surprise >= 6.0 && entropy >= 3.6 => (Strength::Strong, "long and random"),
        20.. if surprise >= RANDOM && entropy >= 3.3 => (Strength::Fair, "random"),
        14.. if surprise >= 5.8 && entropy >= 3.0 => (Strength::Fair, "random"),
        20.. if surprise >= 4.9 && entropy >= 3.3 && classes.kinds() >= 3 => (Strength::Weak, "may be random"),
        10.. if surprise >= 6.2 && classes.kinds() >= 3 => (Strength::Weak, "short, but random"),
        _ => (Strength::None, "not random"),
    }
}

fn hex(value: &[u8], classes: Classes, entropy: f64) -> (Strength, &'static str) {
    if classes.letters() < 2 || classes.digit < 2 || is_sequence(value) {
        return (Strength::None, "hexadecimal, but not random");
    }
    match value.len() {
        32.. if entropy >= 3.0 => (Strength::Strong, "random hexadecimal"),
        20.. if entropy >= 2.8 => (Strength::Fair, "random hexadecimal"),
        12.. if entropy >= 2.7 => (Strength::Weak, "short hexadecimal"),
        _ => (Strength::None, "hexadecimal, but not random"),
    }
}

/// Judges what a person might have chosen.
pub(super) fn password(value: &[u8]) -> (Strength, &'static str) {
    let classes = Classes::of(value);
    if value.len() < 4 {
        return (Strength::None, "too short");
    }
    if classes.letters() == 0 {
        let long = classes.digit >= 6 && classes.symbol * 2 <= classes.digit;
        return if long { (Strength::Weak, "a number") } else { (Strength::None, "a number or signs") };
    }
    if token(value).0 >= Strength::Fair {
        return (Strength::Strong, "random");
    }
    let (covered, count) = words::covered(value);
    if classes.digit == 0 && classes.symbol == 0 {
        let turns =
            value.windows(2).filter(|pair| pair[0].is_ascii_uppercase() != pair[1].is_ascii_uppercase()).count();
        return match count {
            0 | 1 if covered == value.len() => (Strength::None, "a word"),
            // Capitals where no word begins.
            _ if value.len() >= 10 && turns >= 4 && covered * 3 < value.len() && surprise(value) >= 5.3 => {
                (Strength::Fair, "random letters")
            }
            _ if value.len() >= 8 => (Strength::Weak, "letters"),
            _ => (Strength::None, "too few letters"),
        };
    }
    let joining = value.iter().filter(|byte| matches!(byte, b'_' | b'-' | b'.' | b' ' | b':' | b'/')).count();
    if classes.digit == 0 && classes.symbol == joining {
        return (Strength::Weak, "words joined");
    }
    if value.len() >= 8 && classes.kinds() >= 3 && covered < value.len() {
        return (Strength::Strong, "kinds of characters as policies ask for");
    }
    if covered + classes.digit == value.len() && classes.digit <= 4 {
        return (Strength::Weak, "a word and a number");
    }
    (Strength::Fair, "letters and other characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_by_strength() {
        // value, strength
        let cases: &[(&str, Strength)] = &[
            ("q7Zx0vK3jW9pB2mLq7Zr0vK3tW9p", Strength::Strong),
            ("3f9a0c77be5d41028e6b94a1d07c52ff", Strength::Strong),
            ("0d9c8e2a-4b1f-4f7e-9a61-3f5b0c7d2e84", Strength::Fair),
            ("00000000-0000-0000-0000-000000000000", Strength::None),
            ("AbstractAuthenticationTokenFilter", Strength::None), // a name of code
            ("application/x-www-form-urlencoded", Strength::None),
            ("my-app-prod-2024", Strength::None),
            ("user_password_reset_token", Strength::None),
            ("1234567890123456", Strength::None),
            ("short1", Strength::None),
        ];
        for (value, strength) in cases {
            assert_eq!(token(value.as_bytes()).0, *strength, "{value}: {:?}", token(value.as_bytes()));
        }
    }

    #[test]
    fn passwords_by_strength() {
        // value, strength
        let cases: &[(&str, Strength)] = &[
            ("Tr0ub4dor&3", Strength::Strong),
            ("hunter2", Strength::Fair),
            ("goodspec", Strength::Weak),
            ("qGvXeLbTzRwK", Strength::Fair),
            ("passwordFieldLabel", Strength::Weak),
            ("password", Strength::None),
            ("abc", Strength::None),
            ("test123", Strength::Weak),
            ("12345678", Strength::Weak),
        ];
        for (value, strength) in cases {
            assert_eq!(password(value.as_bytes()).0, *strength, "{value}: {:?}", password(value.as_bytes()));
        }
    }
}
