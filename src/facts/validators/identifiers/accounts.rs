//! Numbers by which an institution keeps a person's records: record, member and account numbers, payment cards.

use super::super::{Validator, Validity};
use super::check_digits;
use super::{counting, digits_of, one_digit, trimmed};

pub(super) const RECORD_NUMBER: Validator = Validator {
    name: "record-number",
    about: "Medical record, member or account number: no common form, so only what cannot be one is refuted: no digit, too \
            short, a word, one digit repeated, counting digits, a first number of a series. Source: 45 CFR \
            164.514(b)(2)(i)(H)–(J) names the kinds; institutions choose the form.",
    check: record_number,
};

pub(super) const LUHN: Validator =
    Validator { name: "luhn", about: "Digits with Luhn's check digit. Source: ISO/IEC 7812-1, annex B.", check: luhn };

pub(super) const PAYMENT_CARD: Validator = Validator {
    name: "payment-card",
    about: "Payment card number: an issuer's range and length, Luhn's check digit; not a processor's test card. Source: ISO/IEC \
            7812-1; test cards as payment processors publish them.",
    check: payment_card,
};

fn record_number(value: &[u8]) -> Validity {
    let value = trimmed(value);
    if !(4..=48).contains(&value.len()) {
        return Validity::Impossible("too short or too long for a record number");
    }
    if !value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_./ ".contains(byte)) {
        return Validity::Impossible("a character that record numbers do not use");
    }
    let digits: Vec<u8> = value.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0').collect();
    let leading = digits.iter().take_while(|digit| **digit == 0).count();
    let number = &digits[leading..];
    match number {
        [] => Validity::Impossible("no number in it"),
        [1, ..] if counting(number) => Validity::Impossible("sample number: counting digits"),
        [.., 1] if counting(number) => Validity::Impossible("sample number: counting digits"),
        _ if digits.len() > 2 && one_digit(&digits) => Validity::Impossible("sample number: one digit repeated"),
        [1] if digits.len() > 2 => Validity::Impossible("sample number: the first of a series"),
        _ if is_uuid(value) => Validity::Doubtful("a UUID, which nobody is known by"),
        [_] | [_, _] => Validity::Doubtful("a low number, as in samples"),
        _ => Validity::Silent,
    }
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36 && [8, 13, 18, 23].into_iter().all(|place| value[place] == b'-')
}

fn luhn(value: &[u8]) -> Validity {
    match digits_of::<64>(trimmed(value), b"- ") {
        Some((digits, count @ 2..)) if one_digit(&digits[..count]) => Validity::Impossible("one digit repeated"),
        Some((digits, count @ 2..)) if check_digits::luhn(digits[..count].iter().copied()) == 0 => {
            Validity::Valid("Luhn's check digit holds")
        }
        Some((_, 2..)) => Validity::Impossible("Luhn's check digit fails"),
        _ => Validity::Impossible("not digits"),
    }
}

/// Test cards that payment processors print in their manuals.
const TEST_CARDS: &[&[u8]] = &[
    b"4111111111111111",
    b"4012888888881881",
    b"4222222222222",
    b"4242424242424242",
    b"5555555555554444",
    b"5105105105105100",
    b"378282246310005",
    b"371449635398431",
    b"6011111111111117",
    b"6011000990139424",
    b"30569309025904",
    b"38520000023237",
    b"3530111333300000",
    b"3566002020360505",
];

fn payment_card(value: &[u8]) -> Validity {
    let Some((digits, count @ 13..=19)) = digits_of::<19>(trimmed(value), b"- ") else {
        return Validity::Impossible("not 13 to 19 digits");
    };
    let digits = &digits[..count];
    let prefix = digits[..4].iter().fold(0u32, |number, digit| number * 10 + u32::from(*digit));
    let issued = matches!(
        (prefix, count),
        (4000..=4999, 13 | 16 | 19)
            | (5100..=5599 | 2221..=2720, 16)
            | (3400..=3499 | 3700..=3799, 15)
            | (6011 | 6440..=6599 | 3528..=3589, 16..=19)
            | (3000..=3059 | 3600..=3699 | 3800..=3999, 14..=19)
    );
    if !issued {
        return Validity::Impossible("no issuer's range");
    }
    if check_digits::luhn(digits.iter().copied()) != 0 {
        return Validity::Impossible("Luhn's check digit fails");
    }
    if TEST_CARDS.iter().any(|card| card.iter().copied().eq(digits.iter().map(|digit| digit + b'0'))) {
        return Validity::Impossible("published sample number: a payment processor's test card");
    }
    Validity::Valid("issuer's range and check digit of a payment card hold")
}

#[cfg(test)]
mod tests {
    use super::super::table::mark;
    use super::*;

    #[test]
    fn record_numbers() {
        let table = [
            ("4820917", '.'),
            ("MRN-482-0917", '.'),
            ("A48209", '.'),
            ("H0048209", '.'),
            // words, lengths, strange characters
            ("unknown", 'x'),
            ("482", 'x'),
            ("${mrn}123", 'x'),
            // samples: counting up or down, one digit repeated, the first of a series
            ("12345678", 'x'),
            ("MRN12345", 'x'),
            ("0012345", 'x'),
            ("1234567890", 'x'),
            ("987654321", 'x'),
            ("000000", 'x'),
            ("999999", 'x'),
            ("MRN-001", 'x'),
            // possible, and unlikely
            ("PAT-0042", '?'),
            ("3f2a9c1e-7b44-4c0d-9a51-0e8d7c6b5a49", '?'),
        ];
        for (value, wanted) in table {
            assert_eq!(mark(record_number(value.as_bytes())), wanted, "{value}");
        }
    }

    #[test]
    fn luhn_numbers_and_cards() {
        let table: &[(fn(&[u8]) -> Validity, &str, char)] = &[
            (luhn, "79927398713", '+'),
            (luhn, "7992 7398-713", '+'),
            (luhn, "79927398710", 'x'),
            (luhn, "0000", 'x'),
            // a made-up number of each range with a right check digit
            (payment_card, "4539 5787 6362 1486", '+'),
            (payment_card, "4539578763621487", 'x'),
            (payment_card, "4111-1111-1111-1111", 'x'),
            (payment_card, "5555555555554444", 'x'),
            (payment_card, "79927398713", 'x'),
            (payment_card, "9999999999999995", 'x'),
        ];
        for (check, value, wanted) in table {
            assert_eq!(mark(check(value.as_bytes())), *wanted, "{value}");
        }
    }
}
