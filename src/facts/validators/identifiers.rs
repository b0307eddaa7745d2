//! Checks of numbers that name people, providers, devices and codes.
//!
//! Knows number plans and check digits, and which sample numbers were published as such; each with its source in `about` or
//! beside the list. Does not know where a number stood: a nine-digit number that keeps the rules of Social Security numbers
//! is still no evidence of one, so checks without a check digit say [`Validity::Silent`] of what they cannot refute.

mod accounts;
mod check_digits;
mod clinical;
mod contact;
mod demographics;
mod devices;
mod federal;
mod providers;
#[cfg(test)]
mod table;

use super::Validator;

/// In the order of their names.
pub(super) const VALIDATORS: &[Validator] = &[
    demographics::BIRTH_DATE,
    contact::EMAIL_ADDRESS,
    clinical::ICD_10_CM,
    clinical::LOINC,
    accounts::LUHN,
    contact::NANP_PHONE,
    clinical::NDC,
    accounts::PAYMENT_CARD,
    demographics::PERSON_NAME,
    accounts::RECORD_NUMBER,
    clinical::SNOMED_CT,
    devices::UDI,
    providers::US_DEA,
    federal::US_HICN,
    federal::US_ITIN,
    federal::US_MBI,
    providers::US_NPI,
    federal::US_SSN,
    contact::US_ZIP,
    clinical::VERHOEFF,
    devices::VIN,
];

/// The digits of a value in which nothing else stands but the given separators; at most `N` of them.
///
/// Answers how many there are; nothing when there are more, or when something else stands there.
fn digits_of<const N: usize>(value: &[u8], separators: &[u8]) -> Option<([u8; N], usize)> {
    let mut digits = [0; N];
    let mut count = 0;
    for byte in value {
        if byte.is_ascii_digit() {
            *digits.get_mut(count)? = byte - b'0';
            count += 1;
        } else if !separators.contains(byte) {
            return None;
        }
    }
    Some((digits, count))
}

/// Exactly `N` digits, with nothing else but the given separators.
fn exactly<const N: usize>(value: &[u8], separators: &[u8]) -> Option<[u8; N]> {
    digits_of::<N>(value, separators).filter(|(_, count)| *count == N).map(|(digits, _)| digits)
}

/// Is it one digit again and again?
fn one_digit(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

/// Do the digits count up or down by one, as in 123456 or 987654? After 9 comes 0.
fn counting(digits: &[u8]) -> bool {
    digits.len() > 2
        && (digits.windows(2).all(|pair| (pair[0] + 1) % 10 == pair[1])
            || digits.windows(2).all(|pair| (pair[1] + 1) % 10 == pair[0]))
}

/// What is left of a value without blanks and quotes around it.
fn trimmed(value: &[u8]) -> &[u8] {
    let is_edge = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    let start = value.iter().position(|byte| !is_edge(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_edge(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

#[cfg(test)]
mod tests {
    use super::super::Validity;
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_names_without_repeats() {
        let names: Vec<&str> = VALIDATORS.iter().map(|validator| validator.name).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
        assert!(VALIDATORS.iter().all(|validator| validator.about.contains("Source:")));
    }

    #[test]
    fn no_check_panics_whatever_the_value() {
        let long = vec![b'9'; 100_000];
        let values: &[&[u8]] = &[
            b"",
            b"-",
            b"^^^",
            b"\xff\xfe\x00",
            b"0",
            b"+",
            b"=",
            b"(01)",
            b"(01)(21)",
            "Ünïcödé, Ñame".as_bytes(),
            b"9999-99-99",
            b"--------",
            b"@",
            &long,
        ];
        for validator in VALIDATORS {
            for value in values {
                let verdict = (validator.check)(value);
                assert!(!matches!(verdict, Validity::Valid(_)), "{} of {value:?}", validator.name);
            }
        }
    }

    #[test]
    fn digits_are_read_past_separators_only() {
        assert_eq!(exactly::<3>(b"1-2-3", b"-"), Some([1, 2, 3]));
        assert_eq!(exactly::<3>(b"1-2-3", b" "), None);
        assert_eq!(exactly::<3>(b"12", b""), None);
        assert_eq!(exactly::<3>(b"1234", b""), None);
    }

    #[test]
    fn runs_and_repeats_are_seen() {
        assert!(counting(&[1, 2, 3, 4]) && counting(&[9, 8, 7]) && counting(&[8, 9, 0, 1]));
        assert!(!counting(&[1, 2]) && !counting(&[1, 3, 5]));
        assert!(one_digit(&[7, 7, 7]) && !one_digit(&[7, 7, 8]));
        assert_eq!(trimmed(b" \"ab\" "), b"ab");
        assert_eq!(trimmed(b"  "), b"");
    }
}
