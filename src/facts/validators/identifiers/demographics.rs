//! Who somebody is: name and date of birth.
//!
//! Knows forms, defaults and names that are given to samples. Has no list of people's names.

use super::super::{Validator, Validity, WordList};
use super::trimmed;

pub(super) const PERSON_NAME: Validator = Validator {
    name: "person-name",
    about: "A person's name: refuted when it has no letters, or when a word of it is what templates and samples say (name, \
            test, Doe, Everywoman …). Source: HL7's examples for Everyman, Nuclear and Betterhalf; pydicom's documentation \
            for Citizen; the courts' Doe for nobody; Synthea's wiki for digits at the end of names.",
    check: person_name,
};

pub(super) const BIRTH_DATE: Validator = Validator {
    name: "birth-date",
    about: "A date of birth: a day of the calendar between 1875 and 2099 in a usual form; a year alone is none. Source: 45 CFR \
            164.514(b)(2)(i)(C); HL7 and FHIR date forms.",
    check: birth_date,
};

/// Words that stand where a name should: templates, types, samples.
static PLACEHOLDER_WORDS: WordList = WordList::new(&[
    "anon",
    "anonymized",
    "anonymous",
    "bar",
    "baz",
    "betterhalf",
    "citizen",
    "client",
    "deidentified",
    "demo",
    "doe",
    "dummy",
    "everyman",
    "everywoman",
    "example",
    "fake",
    "false",
    "family",
    "first",
    "firstname",
    "foo",
    "given",
    "guest",
    "here",
    "id",
    "label",
    "last",
    "lastname",
    "lorem",
    "member",
    "mock",
    "na",
    "name",
    "names",
    "nil",
    "none",
    "nuclear",
    "null",
    "object",
    "patient",
    "patientname",
    "person",
    "placeholder",
    "redacted",
    "removed",
    "required",
    "sample",
    "some",
    "str",
    "string",
    "subject",
    "surname",
    "synthetic",
    "tbd",
    "test",
    "testing",
    "text",
    "the",
    "true",
    "type",
    "undefined",
    "unknown",
    "user",
    "username",
    "value",
    "withheld",
    "xxx",
    "xxxx",
    "your",
    "zzztest",
]);

fn person_name(value: &[u8]) -> Validity {
    let value = trimmed(value);
    let value = value.get(..256).unwrap_or(value);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || matches!(byte, b'\'' | b'-');
    let mut words = 0;
    let mut numbered = false;
    for word in value.split(|byte| !is_part(byte)).filter(|word| !word.is_empty()) {
        let letters = word.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
        numbered |= letters > 2 && letters < word.len();
        words += usize::from(letters > 0);
        if PLACEHOLDER_WORDS.has(&word[..letters]) {
            return Validity::Impossible("a word of templates and samples, not of a name");
        }
    }
    match words {
        0 => Validity::Impossible("no letters"),
        _ if numbered => Validity::Doubtful("digits at the end of a name, as Synthea writes them"),
        _ => Validity::Silent,
    }
}

const MONTHS: [&[u8; 3]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];

fn birth_date(value: &[u8]) -> Validity {
    let value = trimmed(value);
    let value = value.get(..40).unwrap_or(value);
    let leading = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (date, first_of_year) = match leading {
        // YYYYMMDD, with or without a time after it
        8.. => {
            let (year, month, day) = (number(&value[..4]), number(&value[4..6]), number(&value[6..8]));
            (is_day(year, month, day), (month, day) == (1, 1))
        }
        6 => return Validity::Impossible("a month without a day, or no date"),
        4 if value.len() == 4 => return Validity::Impossible("a year alone does not identify"),
        _ => parted_date(value),
    };
    match date {
        false => Validity::Impossible("no day of the calendar between 1875 and 2099"),
        true if first_of_year => Validity::Doubtful("the first of January, which systems put for an unknown day"),
        true => Validity::Silent,
    }
}

/// Judges a date in three parts, in any usual order; also whether it is the first of January.
fn parted_date(value: &[u8]) -> (bool, bool) {
    let is_break = |byte: &u8| matches!(byte, b'-' | b'/' | b'.' | b',' | b' ');
    let mut parts = value.split(is_break).filter(|part| !part.is_empty());
    let (Some(one), Some(two), Some(three)) = (parts.next(), parts.next(), parts.next()) else {
        return (false, false);
    };
    let digits = |part: &[u8]| part.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // what follows the third part's digits is a time: 05T00:00:00Z
    let three = &three[..digits(three)];
    let (year, month, day) = match (month_named(one), month_named(two)) {
        (Some(month), _) => (year(three), month, number(&two[..digits(two)])),
        (_, Some(month)) if one.len() == 4 => (number(one), month, number(three)),
        (_, Some(month)) => (year(three), month, number(one)),
        _ if digits(one) != one.len() || digits(two) != two.len() || three.is_empty() => return (false, false),
        _ if one.len() == 4 => (number(one), number(two), number(three)),
        // month first in America, day first elsewhere
        _ if number(one) <= 12 => (year(three), number(one), number(two)),
        _ => (year(three), number(two), number(one)),
    };
    (is_day(year, month, day), (month, day) == (1, 1))
}

fn month_named(part: &[u8]) -> Option<u32> {
    let start = part.get(..3)?.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| month.as_slice() == start.as_slice())?;
    Some(place as u32 + 1)
}

/// The number that at most eight digits write; 0 for anything else.
fn number(digits: &[u8]) -> u32 {
    let fold = |number: u32, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'));
    if digits.len() > 8 { 0 } else { digits.iter().try_fold(0, fold).unwrap_or(0) }
}

/// A year of four digits, or of two in the century in which most people were born.
fn year(digits: &[u8]) -> u32 {
    if digits.len() == 2 { 1900 + number(digits) } else { number(digits) }
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1875..=2099).contains(&year) && (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::super::table::judge;
    use super::*;

    #[test]
    fn names_of_people_and_of_nobody() {
        judge(
            person_name,
            &[
                // the forms of text, HL7 and DICOM; made of syllables, nobody's
                ("Quorvane, Tilbet", '.'),
                ("QUORVANE^TILBET^M", '.'),
                ("Tilbet Quorvane", '.'),
                ("O'Quorvane", '.'),
                ("Quørvåne", '.'),
                // samples and templates
                ("Doe, Jane", 'x'),
                ("EVERYWOMAN^EVE", 'x'),
                ("NUCLEAR^NELDA^W", 'x'),
                ("CITIZEN^Jan", 'x'),
                ("TEST^PATIENT", 'x'),
                ("Test1 Quorvane", 'x'),
                ("first_name", 'x'),
                ("String", 'x'),
                ("12345", 'x'),
                ("^^^", 'x'),
                // Synthea's numbers
                ("Quorvane218, Tilbet57", '?'),
            ],
        );
    }

    #[test]
    fn dates_of_birth() {
        judge(
            birth_date,
            &[
                ("1957-03-14", '.'),
                ("19570314", '.'),
                ("195703140830-0500", '.'),
                ("1957-03-14T00:00:00Z", '.'),
                ("3/14/1957", '.'),
                ("14.03.1957", '.'),
                ("03/14/57", '.'),
                ("14-MAR-1957", '.'),
                ("March 14, 1957", '.'),
                ("2000-02-29", '.'),
                // no such day, out of range, a year or month alone, words
                ("1957-02-29", 'x'),
                ("1900-02-29", 'x'),
                ("1957-13-14", 'x'),
                ("1874-03-14", 'x'),
                ("2100-03-14", 'x'),
                ("9999-12-31", 'x'),
                ("0001-01-01", 'x'),
                ("1957", 'x'),
                ("195703", 'x'),
                ("YYYY-MM-DD", 'x'),
                ("3.14.159", 'x'),
                // what systems put when they do not know
                ("1900-01-01", '?'),
                ("01/01/1970", '?'),
            ],
        );
    }
}
