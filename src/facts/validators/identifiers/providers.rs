//! Numbers of those who treat and prescribe. They are not patients' identifiers; a prescriber's number is still sensitive.

use super::super::{Validator, Validity};
use super::check_digits::luhn;
use super::{counting, exactly, trimmed};

pub(super) const US_NPI: Validator = Validator {
    name: "us-npi",
    about: "National Provider Identifier: ten digits from 1 or 2, Luhn's check digit over 80840 and the number; not CMS's sample. \
            Source: CMS, Requirements for the NPI check digit; 45 CFR 162.406.",
    check: npi,
};

pub(super) const US_DEA: Validator = Validator {
    name: "us-dea",
    about: "DEA registration number: a registrant letter, a letter or 9, seven digits whose last is d1+d3+d5 plus twice d2+d4+d6 \
            modulo 10. Source: DEA, registration validation record layout.",
    check: dea,
};

fn npi(value: &[u8]) -> Validity {
    let Some(digits) = exactly::<10>(trimmed(value), b"") else {
        return Validity::Impossible("not ten digits");
    };
    match digits {
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 3] => {
            Validity::Impossible("published sample number: CMS's example of the check digit")
        }
        [1 | 2, ..] if luhn([8, 0, 8, 4, 0].into_iter().chain(digits)) == 0 => {
            Validity::Valid("the check digit of a National Provider Identifier holds")
        }
        [1 | 2, ..] => Validity::Impossible("the check digit of a National Provider Identifier fails"),
        _ => Validity::Impossible("no National Provider Identifier begins so"),
    }
}

fn dea(value: &[u8]) -> Validity {
    let value = trimmed(value);
    let Some((letters, digits)) = value.split_at_checked(2) else {
        return Validity::Impossible("too short for a DEA number");
    };
    let Some(digits) = exactly::<7>(digits, b"") else {
        return Validity::Impossible("not seven digits after two characters");
    };
    let (registrant, second) = (letters[0].to_ascii_uppercase(), letters[1]);
    if !b"ABCDEFGHJKLMNPRSTUX".contains(&registrant) || !(second.is_ascii_alphabetic() || second == b'9') {
        return Validity::Impossible("no letter of a DEA registrant");
    }
    let [d1, d2, d3, d4, d5, d6, check] = digits.map(u32::from);
    if (d1 + d3 + d5 + 2 * (d2 + d4 + d6)) % 10 != check {
        return Validity::Impossible("the check digit of a DEA number fails");
    }
    if counting(&digits[..6]) {
        return Validity::Impossible("sample number: counting digits");
    }
    if b"ABFGMPRX".contains(&registrant) {
        Validity::Valid("the check digit of a DEA number holds")
    } else {
        // older lists have these letters; chance lets one number in ten through
        Validity::Silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_provider_identifiers() {
        let table = [
            // value, valid
            ("1993999998", true),
            ("2993999996", true),
            // a digit changed, two exchanged, a first digit that is never given, CMS's sample, lengths
            ("1993999997", false),
            ("1939999998", false),
            ("3993999996", false),
            ("1234567893", false),
            ("199399999", false),
            ("19939999981", false),
        ];
        for (value, valid) in table {
            assert_eq!(matches!(npi(value.as_bytes()), Validity::Valid(_)), valid, "{value}");
            assert_eq!(matches!(npi(value.as_bytes()), Validity::Impossible(_)), !valid, "{value}");
        }
    }

    #[test]
    fn the_sample_identifier_has_a_right_check_digit_and_says_that_it_is_a_sample() {
        assert!(matches!(npi(b"1234567893"), Validity::Impossible(why) if why.contains("sample")));
        assert!(matches!(npi(b"1234567894"), Validity::Impossible(why) if why.contains("fails")));
    }

    #[test]
    fn dea_numbers() {
        let table = [
            // value, valid, impossible
            ("BB1388568", true, false),
            ("bb1388568", true, false),
            ("F91388568", true, false),
            // older letters hold without being evidence
            ("UB1388568", false, false),
            // a changed digit, a letter without registrants, counting digits, shapes
            ("BB1388569", false, true),
            ("IB1388568", false, true),
            ("AB1234563", false, true),
            ("B51388568", false, true),
            ("BB138856", false, true),
            ("B", false, true),
        ];
        for (value, valid, impossible) in table {
            let verdict = dea(value.as_bytes());
            assert_eq!(matches!(verdict, Validity::Valid(_)), valid, "{value}");
            assert_eq!(matches!(verdict, Validity::Impossible(_)), impossible, "{value}");
        }
    }
}
