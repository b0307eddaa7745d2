//! Numbers that federal agencies give to people: Social Security, taxpayer and Medicare numbers.
//!
//! None but the mask of Medicare Beneficiary Identifiers is evidence by itself: most nine-digit numbers keep the rules of
//! Social Security numbers. So these checks refute, and else are silent.

use super::super::{Validator, Validity};
use super::{counting, exactly, one_digit, trimmed};

pub(super) const US_SSN: Validator = Validator {
    name: "us-ssn",
    about: "Social Security number: nine digits with `-` or blanks; area not 000, 666 or 9xx, group not 00, serial not 0000; \
            not a published sample. Source: SSA POMS RM 10201.035; samples: see the list in the code.",
    check: ssn,
};

pub(super) const US_ITIN: Validator = Validator {
    name: "us-itin",
    about: "Individual taxpayer number: 9xx, then a group of 50–65, 70–88, 90–92 or 94–99. Source: IRS Publication 1915 and IRM \
            3.21.263.",
    check: itin,
};

pub(super) const US_MBI: Validator = Validator {
    name: "us-mbi",
    about: "Medicare Beneficiary Identifier: eleven characters in CMS's mask, no S L O I B Z, dashes after the 4th and 7th; not \
            CMS's sample. Source: CMS, Understanding the MBI format.",
    check: mbi,
};

pub(super) const US_HICN: Validator = Validator {
    name: "us-hicn",
    about: "Health insurance claim number (before 2020): a Social Security number and a beneficiary code, or a railroad prefix \
            and six or nine digits. Source: SSA and CMS lists of beneficiary identification codes.",
    check: hicn,
};

/// Numbers that were printed as examples, with who printed them.
const SAMPLE_SSNS: &[(&[u8; 9], &str)] = &[
    (b"078051120", "published sample number: the Woolworth wallet card, voided by SSA"),
    (b"219099999", "published sample number: SSA pamphlet of 1940"),
    (b"457555462", "published sample number: LifeLock's advertisements"),
    (b"123456789", "sample number: counting digits"),
    (b"012345678", "sample number: counting digits"),
    (b"111223333", "sample number: one digit for each group"),
];

fn ssn(value: &[u8]) -> Validity {
    match exactly::<9>(trimmed(value), b"- ") {
        Some(digits) => judge_ssn(&digits),
        None => Validity::Impossible("not nine digits"),
    }
}

fn judge_ssn(digits: &[u8; 9]) -> Validity {
    let sample = SAMPLE_SSNS.iter().find(|(sample, _)| sample.iter().zip(digits).all(|(a, b)| *a == *b + b'0'));
    let (area, group, serial) = (&digits[..3], &digits[3..5], &digits[5..]);
    match (area, group, serial) {
        _ if sample.is_some() => Validity::Impossible(sample.map_or("", |(_, why)| why)),
        _ if one_digit(digits) => Validity::Impossible("sample number: one digit repeated"),
        ([0, 0, 0], ..) => Validity::Impossible("no Social Security number has area 000"),
        ([6, 6, 6], ..) => Validity::Impossible("no Social Security number has area 666"),
        ([9, ..], ..) => Validity::Impossible("no Social Security number begins with 9"),
        (_, [0, 0], _) => Validity::Impossible("no Social Security number has group 00"),
        (.., [0, 0, 0, 0]) => Validity::Impossible("no Social Security number has serial 0000"),
        // 123-12-1234 and the like
        ([1, 2, 3], [1, 2], [1, 2, 3, 4]) => Validity::Impossible("sample number: every group counts up from 1"),
        _ if one_digit(area) && one_digit(group) && one_digit(serial) => {
            Validity::Doubtful("one digit for each group, as in samples")
        }
        _ if counting(digits) => Validity::Doubtful("counting digits, as in samples"),
        _ => Validity::Silent,
    }
}

fn itin(value: &[u8]) -> Validity {
    match exactly::<9>(trimmed(value), b"- ") {
        Some([9, _, _, tens, ones, ..]) if matches!(tens * 10 + ones, 50..=65 | 70..=88 | 90..=92 | 94..=99) => {
            Validity::Silent
        }
        Some(_) => Validity::Impossible("outside the ranges of taxpayer numbers"),
        None => Validity::Impossible("not nine digits"),
    }
}

fn mbi(value: &[u8]) -> Validity {
    let mut characters = [0; 11];
    let mut count = 0;
    for byte in trimmed(value).iter().filter(|byte| **byte != b'-') {
        match characters.get_mut(count) {
            Some(place) => *place = byte.to_ascii_uppercase(),
            None => return Validity::Impossible("longer than a Medicare Beneficiary Identifier"),
        }
        count += 1;
    }
    // C: 1–9, A: letter, N: digit, X: either
    let holds = |(kind, byte): (&u8, &u8)| match kind {
        b'C' => matches!(byte, b'1'..=b'9'),
        b'A' => is_mbi_letter(*byte),
        b'N' => byte.is_ascii_digit(),
        _ => byte.is_ascii_digit() || is_mbi_letter(*byte),
    };
    if count != 11 || !b"CAXNAXNAANN".iter().zip(&characters).all(holds) {
        return Validity::Impossible("not the mask of a Medicare Beneficiary Identifier");
    }
    // CMS prints the sample with either last digit
    if characters.starts_with(b"1EG4TE5MK7") {
        return Validity::Impossible("published sample number: CMS's sample Medicare card");
    }
    Validity::Valid("the mask of a Medicare Beneficiary Identifier holds")
}

fn is_mbi_letter(byte: u8) -> bool {
    byte.is_ascii_uppercase() && !b"SLOIBZ".contains(&byte)
}

/// First letters of beneficiary codes: may it stand alone, and what may follow.
const BENEFICIARY_CODES: &[(u8, bool, &[u8])] = &[
    (b'A', true, b""),
    (b'B', true, b"123456789ADGHJKLNPQRTWY"),
    (b'C', false, b"123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    (b'D', true, b"123456789ACDGHJKLMNPQRSTVWXYZ"),
    (b'E', true, b"123456789ABCDFGHJKM"),
    (b'F', false, b"12345678"),
    (b'H', false, b"ABC"),
    (b'J', false, b"1234"),
    (b'K', false, b"123456789ABCDEFGHJLM"),
    (b'M', true, b"1"),
    (b'T', true, b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ"),
    (b'W', true, b"123456789BCFGJRT"),
];

/// Prefixes of the Railroad Retirement Board.
const RAILROAD_PREFIXES: &[&[u8]] =
    &[b"A", b"CA", b"H", b"JA", b"MA", b"MH", b"PA", b"PD", b"PH", b"WA", b"WCA", b"WCD", b"WCH", b"WD", b"WH"];

fn hicn(value: &[u8]) -> Validity {
    let value = trimmed(value).to_ascii_uppercase();
    let compact: Vec<u8> = value.into_iter().filter(|byte| !matches!(byte, b'-' | b' ')).take(16).collect();
    let letters_first = compact.iter().position(u8::is_ascii_digit).unwrap_or(compact.len());
    let (prefix, rest) = compact.split_at(letters_first);
    if !prefix.is_empty() {
        let digits = rest.iter().all(u8::is_ascii_digit);
        return match rest.len() {
            6 if digits && RAILROAD_PREFIXES.contains(&prefix) => Validity::Silent,
            9 if digits && RAILROAD_PREFIXES.contains(&prefix) => ssn(rest),
            _ => Validity::Impossible("not a railroad prefix with six or nine digits"),
        };
    }
    let (number, code) = compact.split_at(compact.len().min(9));
    let known = BENEFICIARY_CODES.iter().any(|(first, alone, seconds)| match code {
        [letter] => letter == first && *alone,
        [letter, second] => letter == first && seconds.contains(second),
        _ => false,
    });
    if known { ssn(number) } else { Validity::Impossible("no beneficiary code after nine digits") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Said {
        Valid,
        Silent,
        Doubtful,
        Impossible,
    }

    fn said(validity: Validity) -> Said {
        match validity {
            Validity::Valid(_) => Said::Valid,
            Validity::Silent => Said::Silent,
            Validity::Doubtful(_) | Validity::Patterned(_) | Validity::Published(_) => Said::Doubtful,
            Validity::Impossible(_) => Said::Impossible,
        }
    }

    #[test]
    fn social_security_numbers() {
        let table = [
            // well-formed, with each delimiter; quotes and blanks around are no matter
            ("232-45-9187", Said::Silent),
            ("232 45 9187", Said::Silent),
            ("232459187", Said::Silent),
            (" \"232-45-9187\" ", Said::Silent),
            ("899-45-9187", Said::Silent),
            // areas, group and serial that are never given
            ("000-45-9187", Said::Impossible),
            ("666-45-9187", Said::Impossible),
            ("900-45-9187", Said::Impossible),
            ("999-45-9187", Said::Impossible),
            ("232-00-9187", Said::Impossible),
            ("232-45-0000", Said::Impossible),
            // published samples and SSA's advertising range 987-65-4320…4329
            ("078-05-1120", Said::Impossible),
            ("219-09-9999", Said::Impossible),
            ("457-55-5462", Said::Impossible),
            ("123-45-6789", Said::Impossible),
            ("111-22-3333", Said::Impossible),
            ("987-65-4321", Said::Impossible),
            ("555-55-5555", Said::Impossible),
            ("123-12-1234", Said::Impossible),
            // patterns that people type, and that may yet be someone's
            ("222-33-4444", Said::Doubtful),
            ("345-67-8901", Said::Doubtful),
            // other shapes: dots are no delimiter, eight and ten digits are none
            ("232.45.9187", Said::Impossible),
            ("23-45-9187", Said::Impossible),
            ("2324-45-9187", Said::Impossible),
            ("XXX-XX-9187", Said::Impossible),
        ];
        for (value, wanted) in table {
            assert_eq!(said(ssn(value.as_bytes())), wanted, "{value}");
        }
    }

    #[test]
    fn taxpayer_numbers() {
        let table = [
            ("912-70-9187", Said::Silent),
            ("912-94-9187", Said::Silent),
            ("912-66-9187", Said::Impossible),
            ("912-93-9187", Said::Impossible),
            ("812-70-9187", Said::Impossible),
        ];
        for (value, wanted) in table {
            assert_eq!(said(itin(value.as_bytes())), wanted, "{value}");
        }
    }

    #[test]
    fn medicare_beneficiary_identifiers() {
        let table = [
            ("2FH7-UF6-NK84", Said::Valid),
            ("2fh7uf6nk84", Said::Valid),
            // the sample card, as printed since 2018 and before
            ("1EG4-TE5-MK73", Said::Impossible),
            ("1EG4TE5MK72", Said::Impossible),
            // 0 does not come first; S, L, O, I, B and Z are not used; lengths
            ("0FH7-UF6-NK84", Said::Impossible),
            ("2SH7-UF6-NK84", Said::Impossible),
            ("2FH7-UF6-NO84", Said::Impossible),
            ("2FH7-UF6-NK8", Said::Impossible),
            ("2FH7-UF6-NK845", Said::Impossible),
        ];
        for (value, wanted) in table {
            assert_eq!(said(mbi(value.as_bytes())), wanted, "{value}");
        }
    }

    #[test]
    fn health_insurance_claim_numbers() {
        let table = [
            ("232-45-9187-A", Said::Silent),
            ("232459187B1", Said::Silent),
            ("232459187c2", Said::Silent),
            // codes that are none, or that need a second character
            ("232459187C", Said::Impossible),
            ("232459187Z", Said::Impossible),
            ("232459187", Said::Impossible),
            // the number within must be possible
            ("000459187A", Said::Impossible),
            ("078051120A", Said::Impossible),
            // railroad: prefix with six digits or a Social Security number
            ("WA482913", Said::Silent),
            ("A232459187", Said::Silent),
            ("WX482913", Said::Impossible),
            ("WA48291", Said::Impossible),
        ];
        for (value, wanted) in table {
            assert_eq!(said(hicn(value.as_bytes())), wanted, "{value}");
        }
    }
}
