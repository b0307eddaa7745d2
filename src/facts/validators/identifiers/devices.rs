//! Numbers of things that lead to a person: implants, devices, vehicles.

use super::super::{Validator, Validity};
use super::check_digits::{gs1, hibc};
use super::{exactly, one_digit, trimmed};

pub(super) const UDI: Validator = Validator {
    name: "udi",
    about: "Unique device identifier: GS1 `(01)` GTIN-14 with its check digit, HIBC `+…` with its check character, ICCBBA `=…`; \
            only a serial or lot number in it identifies one device. Source: 21 CFR 801.40; GS1 General Specifications; \
            ANSI/HIBC 2.6.",
    check: udi,
};

pub(super) const VIN: Validator = Validator {
    name: "vin",
    about: "Vehicle identification number: 17 characters without I, O and Q; check digit at the ninth place in North America. \
            Source: 49 CFR 565.15; ISO 3779.",
    check: vin,
};

fn udi(value: &[u8]) -> Validity {
    let value = trimmed(value);
    let value = value.get(..256).unwrap_or(value);
    match value {
        [b'(', b'0', b'1', b')', rest @ ..] => gs1_udi(rest, rest.get(14..).unwrap_or_default()),
        [b'0', b'1', rest @ ..] if rest.len() >= 14 => gs1_udi(rest, &[]),
        // labeler: a letter and three characters; the last character checks the rest
        [b'+', labeler, _, _, _, .., check] if labeler.is_ascii_uppercase() => match hibc(&value[..value.len() - 1]) {
            Some(wanted) if wanted == *check => Validity::Valid("the check character of a HIBC label holds"),
            _ => Validity::Impossible("the check character of a HIBC label fails"),
        },
        [b'=', _, _, ..] => Validity::Silent,
        _ => Validity::Impossible("no issuing agency's prefix"),
    }
}

/// Judges what follows `01`; `elements` are the bracketed elements after the GTIN, if it is written so.
fn gs1_udi(rest: &[u8], elements: &[u8]) -> Validity {
    match rest.get(..14).and_then(|digits| exactly::<14>(digits, b"")) {
        Some(digits) if one_digit(&digits) => Validity::Impossible("sample number: one digit repeated"),
        Some(digits) if gs1(&digits) != 0 => Validity::Impossible("the check digit of a GTIN fails"),
        Some(_) if elements.is_empty() && rest.len() == 14 => Validity::Doubtful("names a model, not one device"),
        Some(_) if !elements.is_empty() && !has_element(elements, b"(21)") && !has_element(elements, b"(10)") => {
            Validity::Doubtful("names a model, not one device")
        }
        Some(_) => Validity::Valid("the check digit of a GTIN holds"),
        None => Validity::Impossible("no GTIN of fourteen digits"),
    }
}

fn has_element(elements: &[u8], name: &[u8]) -> bool {
    elements.windows(name.len()).any(|window| window == name)
}

fn vin(value: &[u8]) -> Validity {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = trimmed(value);
    if value.len() != 17 {
        return Validity::Impossible("not seventeen characters");
    }
    let values: Option<Vec<u32>> = value.iter().map(|byte| vin_value(byte.to_ascii_uppercase())).collect();
    let Some(values) = values else {
        return Validity::Impossible("a character that vehicle numbers do not use");
    };
    if !value[12..].iter().any(u8::is_ascii_digit) || value.iter().all(|byte| *byte == value[0]) {
        return Validity::Impossible("no serial number at the end");
    }
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    let wanted = match sum % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    if value[8].eq_ignore_ascii_case(&wanted) {
        Validity::Valid("the check digit of a vehicle number holds")
    } else {
        Validity::Doubtful("no North American check digit")
    }
}

/// What a character counts in a vehicle number; nothing for I, O, Q and what is no letter or digit.
fn vin_value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'H' => u32::from(byte - b'A') + 1,
        b'J'..=b'N' => u32::from(byte - b'J') + 1,
        b'P' => 7,
        b'R' => 9,
        b'S'..=b'Z' => u32::from(byte - b'S') + 2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::table::mark;
    use super::*;

    #[test]
    fn vehicle_numbers() {
        let table = [
            // 49 CFR 565's vector, in either case; a changed digit; letters that are not used; lengths
            ("1M8GDM9AXKP042788", '+'),
            ("1m8gdm9axkp042788", '+'),
            ("1M8GDM9A1KP042788", '?'),
            ("1M8GDM9AXKP04278O", 'x'),
            ("1M8GDM9AXKP04278", 'x'),
            ("11111111111111111", 'x'),
            ("ABCDEFGHJKLMNPRST", 'x'),
        ];
        for (value, wanted) in table {
            assert_eq!(mark(vin(value.as_bytes())), wanted, "{value}");
        }
    }

    #[test]
    fn device_identifiers() {
        let table = [
            // GS1 with serial, with lot, without either, without brackets, with a wrong check digit
            ("(01)10614141543219(17)290125(21)A7K2M9", '+'),
            ("(01)10614141543219(10)L42", '+'),
            ("(01)10614141543219(17)290125", '?'),
            ("(01)10614141543219", '?'),
            ("0110614141543219172901252143A7", '+'),
            ("(01)10614141543210(21)A7K2M9", 'x'),
            ("(01)00000000000000(21)A7K2M9", 'x'),
            // HIBC's own example, and with another last character
            ("+A123BJC5D6E71G", '+'),
            ("+A123BJC5D6E71H", 'x'),
            // ICCBBA has no check that we know
            ("=/A9999XYZ100T0944", '.'),
            ("12345678", 'x'),
        ];
        for (value, wanted) in table {
            assert_eq!(mark(udi(value.as_bytes())), wanted, "{value}");
        }
    }
}
