//! Codes of diagnoses, observations, concepts and drugs. They tell that a text is about health; they identify nobody.

use super::super::{Validator, Validity};
use super::check_digits::{self, loinc as loinc_digit};
use super::{digits_of, exactly, trimmed};

pub(super) const ICD_10_CM: Validator = Validator {
    name: "icd-10-cm",
    about: "ICD-10-CM diagnosis code: letter, digit, digit or A or B, then up to four characters after a dot. Source: CDC NCHS, \
            ICD-10-CM Official Guidelines.",
    check: icd_10_cm,
};

pub(super) const LOINC: Validator = Validator {
    name: "loinc",
    about: "LOINC code: three to seven digits, a dash and a Mod 10 check digit. Source: LOINC Users' Guide, appendix on check \
            digits.",
    check: loinc,
};

pub(super) const NDC: Validator = Validator {
    name: "ndc",
    about: "National Drug Code: ten digits as 4-4-2, 5-3-2 or 5-4-1, or eleven as 5-4-2. Source: 21 CFR 207.33; 45 CFR \
            162.1002 for the eleven digits.",
    check: ndc,
};

pub(super) const SNOMED_CT: Validator = Validator {
    name: "snomed-ct",
    about: "SNOMED CT identifier: 6 to 18 digits, a known partition, Verhoeff's check digit. Source: SNOMED International, \
            Release File Specifications, chapter on SCTIDs.",
    check: snomed_ct,
};

pub(super) const VERHOEFF: Validator = Validator {
    name: "verhoeff",
    about: "Digits with a check digit by Verhoeff's scheme. Source: J. Verhoeff, Error Detecting Decimal Codes, 1969.",
    check: verhoeff,
};

fn icd_10_cm(value: &[u8]) -> Validity {
    let value = trimmed(value).to_ascii_uppercase();
    let (category, rest) = match value.as_slice() {
        [a, b, c, b'.', rest @ ..] if (1..=4).contains(&rest.len()) => ([*a, *b, *c], rest),
        [a, b, c] => ([*a, *b, *c], &[][..]),
        _ => return Validity::Impossible("not the form of an ICD-10-CM code"),
    };
    let [chapter, digit, third] = category;
    let sound = chapter.is_ascii_uppercase()
        && digit.is_ascii_digit()
        && (third.is_ascii_digit() || matches!(third, b'A' | b'B'))
        && rest.iter().all(|byte| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && *byte != b'U'));
    if sound { Validity::Silent } else { Validity::Impossible("not the form of an ICD-10-CM code") }
}

fn loinc(value: &[u8]) -> Validity {
    let value = trimmed(value);
    let Some((number, [b'-', check])) = value.split_at_checked(value.len().saturating_sub(2)) else {
        return Validity::Impossible("no dash before a last digit");
    };
    match digits_of::<7>(number, b"") {
        Some((digits, count @ 3..=7)) if check.is_ascii_digit() => {
            if loinc_digit(&digits[..count]) == u32::from(check - b'0') {
                Validity::Valid("the check digit of a LOINC code holds")
            } else {
                Validity::Impossible("the check digit of a LOINC code fails")
            }
        }
        _ => Validity::Impossible("not the form of a LOINC code"),
    }
}

fn ndc(value: &[u8]) -> Validity {
    let value = trimmed(value);
    if exactly::<11>(value, b"").is_some() {
        return Validity::Silent;
    }
    let parts: Vec<usize> = value.split(|byte| *byte == b'-').take(4).map(<[u8]>::len).collect();
    let digits = value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    match parts.as_slice() {
        [4, 4, 2] | [5, 3, 2] | [5, 4, 1] | [5, 4, 2] if digits => Validity::Silent,
        _ => Validity::Impossible("not the form of a National Drug Code"),
    }
}

fn snomed_ct(value: &[u8]) -> Validity {
    let Some((digits, count @ 6..=18)) = digits_of::<18>(trimmed(value), b"") else {
        return Validity::Impossible("not 6 to 18 digits");
    };
    let digits = &digits[..count];
    match digits[count - 3..count - 1] {
        _ if digits[0] == 0 => Validity::Impossible("a SNOMED CT identifier does not begin with 0"),
        // short and long form of concept, description and relationship
        [0 | 1, 0..=2] if check_digits::verhoeff(digits) => {
            Validity::Valid("partition and check digit of a SNOMED CT identifier hold")
        }
        [0 | 1, 0..=2] => Validity::Impossible("the check digit of a SNOMED CT identifier fails"),
        _ => Validity::Impossible("no partition of SNOMED CT"),
    }
}

fn verhoeff(value: &[u8]) -> Validity {
    match digits_of::<64>(trimmed(value), b"- ") {
        Some((digits, count @ 2..)) if check_digits::verhoeff(&digits[..count]) => {
            Validity::Valid("Verhoeff's check digit holds")
        }
        Some((_, 2..)) => Validity::Impossible("Verhoeff's check digit fails"),
        _ => Validity::Impossible("not digits"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::mark;
    use super::*;

    /// `+` valid, `.` silent, `x` impossible.
    #[test]
    fn codes() {
        let table: &[(fn(&[u8]) -> Validity, &str, char)] = &[
            // ICD-10-CM: category, subcategory, placeholder X and seventh character; COVID-19 in chapter U
            (icd_10_cm, "E11", '.'),
            (icd_10_cm, "E11.9", '.'),
            (icd_10_cm, "S72.001A", '.'),
            (icd_10_cm, "C7A.010", '.'),
            (icd_10_cm, "u07.1", '.'),
            (icd_10_cm, "E11.", 'x'),
            (icd_10_cm, "E1C.9", 'x'),
            (icd_10_cm, "11.9", 'x'),
            (icd_10_cm, "E11.90000", 'x'),
            // LOINC
            (loinc, "2951-2", '+'),
            (loinc, "718-7", '+'),
            (loinc, "34133-9", '+'),
            (loinc, "2951-3", 'x'),
            (loinc, "51-2", 'x'),
            (loinc, "2951", 'x'),
            (loinc, "12345678-9", 'x'),
            // NDC
            (ndc, "0777-3105-02", '.'),
            (ndc, "50242-040-62", '.'),
            (ndc, "60574-4114-1", '.'),
            (ndc, "00777310502", '.'),
            (ndc, "777-3105-02", 'x'),
            (ndc, "0777-3105-0A", 'x'),
            // SNOMED CT: the vector, a changed digit, an unknown partition, a leading zero
            (snomed_ct, "22298006", '+'),
            (snomed_ct, "22298007", 'x'),
            (snomed_ct, "22298306", 'x'),
            (snomed_ct, "02298006", 'x'),
            (snomed_ct, "12345", 'x'),
            (verhoeff, "2363", '+'),
            (verhoeff, "2364", 'x'),
        ];
        for (check, value, wanted) in table {
            assert_eq!(mark(check(value.as_bytes())), *wanted, "{value}");
        }
    }
}
