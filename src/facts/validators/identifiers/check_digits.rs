//! The arithmetic of check digits. Knows digits only, not what the numbers name.

/// Luhn's sum (ISO/IEC 7812-1 annex B), modulo 10; 0 when the last digit is right.
pub(super) fn luhn(digits: impl DoubleEndedIterator<Item = u8>) -> u32 {
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(digit) * (1 + (place as u32 & 1)) {
            doubled @ 10.. => doubled - 9,
            digit => digit,
        })
        .sum();
    sum % 10
}

/// The weighted sum of GS1 keys (weights 3 and 1 from the right), modulo 10; 0 when the last digit is right.
pub(super) fn gs1(digits: &[u8]) -> u32 {
    let weighted = |(place, digit): (usize, &u8)| u32::from(*digit) * if place % 2 == 1 { 3 } else { 1 };
    digits.iter().rev().enumerate().map(weighted).sum::<u32>() % 10
}

/// Verhoeff's scheme over the dihedral group of ten elements; true when the last digit is right.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    /// The permutation that each place applies once more than the place to its right.
    const STEP: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut sum = 0;
    let mut permutation = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    for digit in digits.iter().rev() {
        sum = dihedral(sum, permutation[usize::from(*digit % 10)]);
        permutation = permutation.map(|image| STEP[usize::from(image)]);
    }
    sum == 0
}

/// The product in D5: 0–4 are turns, 5–9 turns after a flip.
fn dihedral(left: u8, right: u8) -> u8 {
    let (turn, other) = (left % 5, right % 5);
    let turned = if left < 5 { (turn + other) % 5 } else { (turn + 5 - other) % 5 };
    turned + if (left < 5) == (right < 5) { 0 } else { 5 }
}

/// The Mod 10 check digit of LOINC codes for the digits before the dash.
pub(super) fn loinc(digits: &[u8]) -> u32 {
    // From the right, the 1st, 3rd, 5th … digits read as one number, doubled, and its digits summed with the others.
    let odd = digits.iter().rev().step_by(2).fold(0u32, |number, digit| number * 10 + u32::from(*digit));
    let even: u32 = digits.iter().rev().skip(1).step_by(2).map(|digit| u32::from(*digit)).sum();
    let mut doubled = odd * 2;
    let mut sum = even;
    while doubled > 0 {
        sum += doubled % 10;
        doubled /= 10;
    }
    (10 - sum % 10) % 10
}

/// The modulo-43 check character of HIBC labels for what stands before it; nothing when a character is not of their set.
pub(super) fn hibc(text: &[u8]) -> Option<u8> {
    const SET: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
    let value = |byte: &u8| SET.iter().position(|of_set| of_set == byte);
    let sum = text.iter().map(value).try_fold(0, |sum, value| Some((sum + value?) % 43))?;
    Some(SET[sum])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
    }

    #[test]
    fn luhn_holds_for_the_usual_vectors() {
        // the textbook's number, and the same with a wrong digit and with two digits exchanged
        for (text, rest) in [("79927398713", 0), ("79927398710", 7), ("79927398731", 2)] {
            assert_eq!(luhn(digits(text).into_iter()), rest, "{text}");
        }
    }

    #[test]
    fn verhoeff_holds_for_snomeds_vector_and_no_changed_digit() {
        assert!(verhoeff(&digits("22298006")));
        // 236 with check digit 3 is the example of the scheme's own descriptions
        assert!(verhoeff(&digits("2363")));
        let good = digits("22298006");
        for place in 0..good.len() {
            for change in 1..10 {
                let mut wrong = good.clone();
                wrong[place] = (wrong[place] + change) % 10;
                assert!(!verhoeff(&wrong), "{wrong:?}");
            }
        }
    }

    #[test]
    fn loinc_gives_the_digit_after_the_dash() {
        for (code, check) in [("2951", 2), ("718", 7), ("34133", 9)] {
            assert_eq!(loinc(&digits(code)), check, "{code}");
        }
    }

    #[test]
    fn gs1_holds_for_a_gtin_13_and_14() {
        // the GS1 General Specifications' own examples of a GTIN-13 and a GTIN-14
        for (key, rest) in [("4006381333931", 0), ("10614141543219", 0), ("10614141543218", 9)] {
            assert_eq!(gs1(&digits(key)), rest, "{key}");
        }
    }

    #[test]
    fn hibc_gives_the_character_of_the_standards_example() {
        assert_eq!(hibc(b"+A123BJC5D6E71"), Some(b'G'));
        assert_eq!(hibc(b"+a"), None);
    }
}
