//! Where somebody can be reached: telephone, e-mail, ZIP code.
//!
//! Knows number plans and what is kept for examples; does not know whose they are, a clinic's or a patient's.

use super::super::{Validator, Validity};
use super::{digits_of, one_digit, trimmed};

pub(super) const NANP_PHONE: Validator = Validator {
    name: "nanp-phone",
    about: "North American telephone number: area and exchange from 2 to 9, neither N11; not 555-01xx, kept for fiction; others \
            with + are not judged. Source: ATIS-0300119, North American Numbering Plan.",
    check: nanp_phone,
};

pub(super) const EMAIL_ADDRESS: Validator = Validator {
    name: "email-address",
    about: "E-mail address: not in a domain that is reserved for examples, nor in one of Fake Name Generator. Source: RFC 2606, \
            RFC 6761; fakenamegenerator.com.",
    check: email_address,
};

pub(super) const US_ZIP: Validator = Validator {
    name: "us-zip",
    about: "ZIP code: five or nine digits, or three where no more than 20,000 people live; three others may stay under Safe \
            Harbor. Source: 45 CFR 164.514(b)(2)(i)(B); HHS guidance (Census 2000) joined with the list by Census 2010.",
    check: us_zip,
};

fn nanp_phone(value: &[u8]) -> Validity {
    let value = trimmed(value);
    if value.starts_with(b"+") && !value.starts_with(b"+1") {
        return Validity::Silent;
    }
    let read = digits_of::<11>(value, b"+ ()-./");
    let ten = match &read {
        Some((digits, 10)) => &digits[..10],
        Some((digits, 11)) if digits[0] == 1 => &digits[1..],
        _ => return Validity::Impossible("not ten digits"),
    };
    let (area, exchange, line) = (&ten[..3], &ten[3..6], &ten[6..]);
    match (area, exchange, line) {
        _ if one_digit(ten) => Validity::Impossible("one digit repeated"),
        ([0 | 1, ..], ..) | ([_, 9, _], ..) | ([_, 1, 1], ..) => Validity::Impossible("no area code"),
        (_, [0 | 1, ..], _) | (_, [_, 1, 1], _) => Validity::Impossible("no exchange"),
        (_, [5, 5, 5], [0, 1, ..]) => Validity::Impossible("555-01xx is kept for fiction"),
        ([5, 5, 5], ..) => Validity::Impossible("no area code"),
        (_, [5, 5, 5], _) => Validity::Doubtful("555 is hardly given to people"),
        ([8, tens, ones], ..) if *tens == 0 && *ones == 0 || tens == ones && *tens > 2 => {
            Validity::Doubtful("a toll-free number: a business")
        }
        _ => Validity::Silent,
    }
}

/// Endings that RFC 2606 and RFC 6761 keep for examples and tests.
const RESERVED_DOMAINS: &[&str] =
    &["example.com", "example.org", "example.net", "example", "test", "invalid", "localhost", "local"];

/// Domains that Fake Name Generator gives to the people it makes up.
const GENERATED_DOMAINS: &[&str] = &[
    "armyspy.com",
    "cuvox.de",
    "dayrep.com",
    "einrot.com",
    "fleckens.hu",
    "gustr.com",
    "jourrapide.com",
    "rhyta.com",
    "superrito.com",
    "teleworm.us",
];

fn email_address(value: &[u8]) -> Validity {
    let value = trimmed(value);
    let Some(at) = value.iter().rposition(|byte| *byte == b'@').filter(|at| *at > 0 && value.len() <= 254) else {
        return Validity::Impossible("not an e-mail address");
    };
    let (local, domain) = (&value[..at], value[at + 1..].to_ascii_lowercase());
    let is_in = |known: &&str| {
        domain.strip_suffix(known.as_bytes()).is_some_and(|before| before.is_empty() || before.ends_with(b"."))
    };
    let sound = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if RESERVED_DOMAINS.iter().any(is_in) {
        Validity::Impossible("a domain that is reserved for examples")
    } else if GENERATED_DOMAINS.iter().any(is_in) {
        Validity::Impossible("a domain of Fake Name Generator: a made-up person")
    } else if !domain.contains(&b'.') || !domain.iter().all(sound) || domain.ends_with(b".") {
        Validity::Impossible("no domain")
    } else if [&b"noreply"[..], b"no-reply", b"info", b"support", b"admin", b"contact", b"help"].contains(&local) {
        Validity::Doubtful("an address of a role, not of a person")
    } else {
        Validity::Silent
    }
}

/// ZIP3 areas of at most 20,000 people by Census 2000 (HHS guidance of 2012) or by Census 2010.
const SMALL_ZIP3: &[u16] =
    &[36, 59, 63, 102, 203, 205, 369, 556, 692, 790, 821, 823, 830, 831, 878, 879, 884, 890, 893];

fn us_zip(value: &[u8]) -> Validity {
    let Some((digits, count)) = digits_of::<9>(trimmed(value), b"-") else {
        return Validity::Impossible("not a ZIP code");
    };
    let prefix = digits[..3].iter().fold(0u16, |number, digit| number * 10 + u16::from(*digit));
    match count {
        3 | 5 | 9 if prefix == 0 => Validity::Impossible("000 is what Safe Harbor puts for a small area"),
        3 if SMALL_ZIP3.contains(&prefix) => Validity::Valid("an area of at most 20,000 people"),
        3 => Validity::Impossible("three digits that Safe Harbor lets stand"),
        5 | 9 if one_digit(&digits[..5]) || digits[..5] == [1, 2, 3, 4, 5] => {
            Validity::Doubtful("a ZIP code as samples have it")
        }
        5 | 9 => Validity::Silent,
        _ => Validity::Impossible("not a ZIP code"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::judge;
    use super::*;

    #[test]
    fn telephone_numbers() {
        judge(
            nanp_phone,
            &[
                ("(617) 482-7301", '.'),
                ("617-482-7301", '.'),
                ("+1 617 482 7301", '.'),
                ("16174827301", '.'),
                ("+44 20 7946 0958", '.'),
                // fiction, service codes, impossible areas and exchanges, lengths
                ("617-555-0142", 'x'),
                ("911-482-7301", 'x'),
                ("117-482-7301", 'x'),
                ("617-082-7301", 'x'),
                ("617-411-7301", 'x'),
                ("697-482-7301", 'x'),
                ("482-7301", 'x'),
                ("5555555555", 'x'),
                // businesses, and 555 beyond the fiction
                ("617-555-7301", '?'),
                ("800-482-7301", '?'),
                ("888-482-7301", '?'),
            ],
        );
    }

    #[test]
    fn email_addresses() {
        judge(
            email_address,
            &[
                ("tq@quorvane-clinic.org", '.'),
                ("tq@example.com", 'x'),
                ("tq@mail.example.org", 'x'),
                ("tq@host.test", 'x'),
                ("tq@Teleworm.us", 'x'),
                ("tq@myteleworm.us", '.'),
                ("tq@localhost", 'x'),
                ("@quorvane-clinic.org", 'x'),
                ("tq", 'x'),
                ("info@quorvane-clinic.org", '?'),
            ],
        );
    }

    #[test]
    fn zip_codes() {
        judge(
            us_zip,
            &[
                ("03601", '.'),
                ("03601-2201", '.'),
                // three digits: a small area, a large one, Safe Harbor's own
                ("036", '+'),
                ("893", '+'),
                ("021", 'x'),
                ("000", 'x'),
                ("00012", 'x'),
                ("12345", '?'),
                ("0360", 'x'),
                ("036012", 'x'),
            ],
        );
    }
}
