//! Whether a value can be what its place says, and whether it is made up.
//!
//! Knows forms and published samples, by the offline validators; not where a value stood.

use std::sync::OnceLock;

use super::super::validators::{self, Validator, Validity, WordList};
use super::map::{Shape, Weight, map};

/// What a value is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// It counts, and nothing says that it is made up.
    Plain,
    /// It counts, and is made up for this reason.
    MadeUp(&'static str),
    /// It counts; something speaks for samples.
    Hint(&'static str),
}

/// The longest value that is looked at, in bytes.
const MAX_VALUE: usize = 200;

/// What stands for no value.
static EMPTY: WordList = WordList::new(&[
    "-",
    "--",
    "?",
    "\\n",
    "any",
    "boolean",
    "date",
    "datetime",
    "default",
    "example",
    "false",
    "int",
    "integer",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "number",
    "optional",
    "redacted",
    "required",
    "self",
    "str",
    "string",
    "tbd",
    "text",
    "todo",
    "true",
    "undefined",
    "unk",
    "unknown",
    "value",
    "varchar",
]);

/// Judges a value for a letter; nothing if it cannot be one.
pub(super) fn judge(letter: char, shape: Shape, value: &[u8]) -> Option<Worth> {
    let value = value.trim_ascii();
    if value.is_empty() || value.len() > MAX_VALUE || is_placeholder(value) {
        return None;
    }
    let worth = match shape {
        Shape::Name => name(value),
        Shape::Address => letters(value, 2).then_some(Worth::Plain),
        Shape::Place => (letters(value, 2) && !has_digit(value)).then_some(Worth::Plain),
        Shape::Zip => zip(value),
        Shape::Number => number(value),
        Shape::Birth => validated(Check::BirthDate, value),
        Shape::Date => validated(Check::BirthDate, value),
        Shape::Age => age(value),
        Shape::Phone => phone(value),
        Shape::Email => email(value),
        Shape::Ssn => ssn(value),
        Shape::Url => value.windows(3).any(|part| part == b"://").then_some(Worth::Plain),
        Shape::Ip => ip(value).then_some(Worth::Plain),
        Shape::Any => Some(Worth::Plain),
    }?;
    let sign = map()
        .synthetic
        .sign
        .iter()
        .find(|sign| sign.letter == Some(letter) && value.starts_with(sign.begins.as_bytes()));
    Some(match sign {
        Some(sign) if sign.weight == Weight::Proof => Worth::MadeUp(&sign.reason),
        Some(sign) => Worth::Hint(&sign.reason),
        None => worth,
    })
}

fn is_placeholder(value: &[u8]) -> bool {
    let template =
        matches!(value[0], b'<' | b'{') || [&b"${"[..], b"%s", b"%("].iter().any(|mark| value.starts_with(mark));
    let hidden = value.iter().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'#' | b'-' | b'.' | b'_' | b' ' | b'/'));
    let called = value.contains(&b'(') && value.contains(&b')') && !has_digit(value) || value.contains(&b'{');
    template || hidden || called || EMPTY.has(value)
}

fn has_digit(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit)
}

fn letters(value: &[u8], least: usize) -> bool {
    value.iter().filter(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count() >= least
}

fn name(value: &[u8]) -> Option<Worth> {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b" '-.,^&`\\()/".contains(byte);
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    if !letters(value, 1) || !value.iter().all(fits) || words > 6 || digits > 6 || value.contains(&b'_') {
        return None;
    }
    Some(match check(Check::PersonName, value) {
        Validity::Impossible(_) if is_sample_name(value) => Worth::Hint("names that samples and templates use"),
        Validity::Impossible(_) => return None,
        Validity::Doubtful(why) => Worth::MadeUp(why),
        _ => Worth::Plain,
    })
}

/// Words that stand for people in samples; other words that no name has stand for the field itself.
static SAMPLE_NAMES: WordList = WordList::new(&[
    "anonymous",
    "betterhalf",
    "citizen",
    "demo",
    "doe",
    "dummy",
    "everyman",
    "everywoman",
    "example",
    "fake",
    "mock",
    "nuclear",
    "sample",
    "test",
    "testing",
    "zzztest",
]);

fn is_sample_name(value: &[u8]) -> bool {
    value.split(|byte| !byte.is_ascii_alphabetic()).any(|word| SAMPLE_NAMES.has(word))
}

/// Whether a value says what stands in its place: `SURNAME`, `first name`, `Patient`.
pub(super) fn names_a_field(value: &[u8]) -> bool {
    const WORDS: &[&str] =
        &["family", "first", "firstname", "given", "last", "lastname", "name", "patient", "patientname", "surname"];
    let mut words = value.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes())))
}

fn zip(value: &[u8]) -> Option<Worth> {
    let mut digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    // A ZIP code that was a number once has lost its leading zero.
    let plain = value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    if digits == 4 && plain {
        digits = 5;
    }
    let foreign = value.len() <= 10 && has_digit(value) && letters(value, 1);
    ((plain && matches!(digits, 5 | 9)) || foreign).then_some(Worth::Plain)
}

fn number(value: &[u8]) -> Option<Worth> {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-. /_:#^&".contains(byte);
    (has_digit(value) && value.len() <= 64 && value.iter().all(fits)).then_some(Worth::Plain)
}

fn validated(validator: Check, value: &[u8]) -> Option<Worth> {
    match check(validator, value) {
        Validity::Impossible(_) => None,
        _ => Some(Worth::Plain),
    }
}

fn age(value: &[u8]) -> Option<Worth> {
    let age: u32 =
        std::str::from_utf8(value).ok()?.trim_end_matches(['Y', 'y']).trim_start_matches('0').parse().ok()?;
    (90..=125).contains(&age).then_some(Worth::Plain)
}

fn phone(value: &[u8]) -> Option<Worth> {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let fits = |byte: &u8| byte.is_ascii_digit() || b"+ ()-./xXet*:".contains(byte);
    if !(7..=15).contains(&digits) || !value.iter().all(fits) {
        return None;
    }
    // One point and no other sign between digits is a fraction's.
    let mut signs = value.strip_prefix(b"-").unwrap_or(value).iter().filter(|byte| !byte.is_ascii_digit());
    if signs.next() == Some(&b'.') && signs.next().is_none() {
        return None;
    }
    // 10 digits at the end are the number, whatever country stands before.
    let mut all = [0; 15];
    for (place, digit) in all.iter_mut().zip(value.iter().copied().filter(u8::is_ascii_digit)) {
        *place = digit;
    }
    let ten = &all[digits.saturating_sub(10)..digits];
    let fictional = ten.len() == 10 && (ten[3..6] == *b"555" || ten.starts_with(b"555"))
        || ten.len() == 7 && ten.starts_with(b"555");
    if fictional {
        return Some(Worth::MadeUp("telephone numbers with 555, which are not given to people"));
    }
    match check(Check::Phone, value) {
        Validity::Impossible(_) if ten.len() == 10 => Some(Worth::Hint("telephone numbers that no plan has")),
        _ => Some(Worth::Plain),
    }
}

fn email(value: &[u8]) -> Option<Worth> {
    let at = value.iter().position(|byte| *byte == b'@')?;
    if at == 0 || at + 1 == value.len() || value.contains(&b' ') {
        return None;
    }
    match check(Check::Email, value) {
        Validity::Impossible("no domain") => None,
        Validity::Impossible(why) => Some(Worth::MadeUp(why)),
        _ => Some(Worth::Plain),
    }
}

fn ssn(value: &[u8]) -> Option<Worth> {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let plain = value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b' '));
    if !plain || !matches!(digits, 8 | 9) {
        return None;
    }
    Some(match check(Check::Ssn, value) {
        _ if digits == 8 => Worth::Plain,
        Validity::Impossible("no Social Security number begins with 9") => match check(Check::Itin, value) {
            Validity::Silent | Validity::Valid(_) => Worth::Plain,
            _ => Worth::MadeUp("Social Security numbers that are never given"),
        },
        Validity::Impossible(why) => Worth::MadeUp(why),
        Validity::Doubtful(why) => Worth::MadeUp(why),
        _ => Worth::Plain,
    })
}

fn ip(value: &[u8]) -> bool {
    std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse::<std::net::IpAddr>().ok())
        .is_some_and(|ip| !ip.is_loopback())
}

/// The checks that are used here.
#[derive(Clone, Copy)]
enum Check {
    PersonName,
    BirthDate,
    Phone,
    Email,
    Ssn,
    Itin,
}

fn check(which: Check, value: &[u8]) -> Validity {
    const USED: [&str; 6] = ["person-name", "birth-date", "nanp-phone", "email-address", "us-ssn", "us-itin"];
    static KNOWN: OnceLock<[Option<&'static Validator>; 6]> = OnceLock::new();
    let known = KNOWN.get_or_init(|| USED.map(validators::named));
    known[which as usize].map_or(Validity::Silent, |validator| (validator.check)(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_count_when_they_look_like_what_they_are_said_to_be() {
        // letter, shape, value: '.' counts, 'm' made up, 'h' a hint, ' ' is none
        let cases: &[(char, Shape, &str, char)] = &[
            ('G', Shape::Ssn, "531-48-2197", '.'),
            ('G', Shape::Ssn, "999-31-2197", 'm'), // Synthea
            ('G', Shape::Ssn, "078-05-1120", 'm'), // published sample
            ('G', Shape::Ssn, "111-00-2330", 'm'), // no such group
            ('G', Shape::Ssn, "912-70-1234", '.'), // a taxpayer number
            ('G', Shape::Ssn, "XXX-XX-1234", ' '),
            ('G', Shape::Ssn, "12345", ' '),
            ('A', Shape::Name, "Vasquez", '.'),
            ('A', Shape::Name, "Vasquez218", 'm'),
            ('A', Shape::Name, "DOE", 'h'),
            ('A', Shape::Name, "user_name", ' '),
            ('A', Shape::Name, "${name}", ' '),
            ('A', Shape::Name, "get_name()", ' '),
            ('C', Shape::Birth, "1957-03-14", '.'),
            ('C', Shape::Birth, "1957", ' '),
            ('D', Shape::Phone, "(617) 284-9931", '.'),
            ('D', Shape::Phone, "617-555-0123", 'm'),
            ('D', Shape::Phone, "call me", ' '),
            ('D', Shape::Phone, "617.284.9931", '.'),
            ('D', Shape::Phone, "0.439269256", ' '),
            ('D', Shape::Phone, "-0.439269256", ' '),
            ('F', Shape::Email, "v@rhyta.com", 'm'),
            ('F', Shape::Email, "v.m@hospital.org", '.'),
            ('B', Shape::Zip, "02139", '.'),
            ('B', Shape::Zip, "gzip", ' '),
            ('C', Shape::Age, "93", '.'),
            ('C', Shape::Age, "53", ' '),
            ('H', Shape::Number, "MRN", ' '),
            ('H', Shape::Number, "A-7731", '.'),
        ];
        for (letter, shape, value, wanted) in cases {
            let found = match judge(*letter, *shape, value.as_bytes()) {
                None => ' ',
                Some(Worth::Plain) => '.',
                Some(Worth::MadeUp(_)) => 'm',
                Some(Worth::Hint(_)) => 'h',
            };
            assert_eq!(found, *wanted, "{value}");
        }
    }
}
