//! Checksums that vendors build into their tokens, so that a made-up one can be told from an issued one.

use super::encoding::{base32, base64, bech32_holds, crc32, number};
use crate::facts::validators::Validity::{self, Doubtful, Silent, Valid};

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Valid when the sum holds; else doubtful, never dropped: documentation mangles tokens, and so do people.
fn judged(holds: bool) -> Validity {
    if holds { Valid("its checksum holds") } else { Doubtful("its checksum does not hold") }
}

/// 30 characters of payload, then their CRC-32 in six base-62 digits.
fn payload_with_crc(value: &[u8]) -> Validity {
    let Some(split) = value.iter().position(|&byte| byte == b'_') else { return Silent };
    let body = &value[split + 1..];
    if body.len() != 36 {
        return Silent;
    }
    judged(number(&body[30..], BASE62) == Some(u64::from(crc32(&body[..30]))))
}

pub(super) fn github(value: &[u8]) -> Validity {
    payload_with_crc(value)
}

pub(super) fn npm(value: &[u8]) -> Validity {
    payload_with_crc(value)
}

/// `zpka_BODY_HEX`: the CRC-32 of the body, in hexadecimal.
pub(super) fn zuplo(value: &[u8]) -> Validity {
    let Some((body, sum)) = value.strip_prefix(b"zpka_").and_then(split_last_underscore) else { return Silent };
    judged(format!("{:08x}", crc32(body)).as_bytes().eq_ignore_ascii_case(sum))
}

/// `glsa_BODY_HEX`: the CRC-32 of all before the last underscore, little-endian in hexadecimal.
pub(super) fn grafana(value: &[u8]) -> Validity {
    let Some((body, sum)) = split_last_underscore(value) else { return Silent };
    let crc = crc32(body);
    let hex = |number: u32| format!("{number:08x}");
    judged(hex(crc.swap_bytes()).as_bytes().eq_ignore_ascii_case(sum) || hex(crc).as_bytes().eq_ignore_ascii_case(sum))
}

fn split_last_underscore(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = value.iter().rposition(|&byte| byte == b'_')?;
    Some((&value[..at], &value[at + 1..]))
}

/// `cflt`, 54 characters, then their CRC-32, little-endian in base64.
pub(super) fn confluent(value: &[u8]) -> Validity {
    if value.len() != 64 {
        return Silent;
    }
    let (body, sum) = value.split_at(58);
    let holds = base64(sum).is_some_and(|sum| [body, &body[4..]].iter().any(|part| sum == crc32(part).to_le_bytes()));
    judged(holds)
}

/// GitLab's routable tokens: `PREFIX-PAYLOAD.[VERSION.]LENGTH CRC`, the last two in base 36.
///
/// The sum runs over all before it. Where it does not hold but the length does, nothing is said.
pub(super) fn gitlab(value: &[u8]) -> Validity {
    if value.len() < 20 {
        return Silent;
    }
    let (head, sum) = value.split_at(value.len() - 7);
    if number(sum, BASE36) == Some(u64::from(crc32(head))) {
        return Valid("its checksum holds");
    }
    let payload = value.iter().position(|&byte| byte == b'-').map(|at| &value[at + 1..]).unwrap_or(value);
    let payload = payload.split(|&byte| byte == b'.').next().unwrap_or_default();
    let length = number(&head[head.len() - 2..], BASE36);
    if length == Some(payload.len() as u64) { Silent } else { Doubtful("its checksum does not hold") }
}

/// The account that a key of the newer kind names, and the ids that stand in documentation.
pub(super) fn aws_key_id(value: &[u8]) -> Validity {
    if value.ends_with(b"EXAMPLE") || value.ends_with(b"7EXAMPLE") {
        return Doubtful("it is the id that documentation uses");
    }
    let Some(bytes) = value.get(4..).and_then(base32) else { return Silent };
    let Some(head) = bytes.get(..6) else { return Silent };
    let number = head.iter().fold(0u64, |sum, &byte| (sum << 8) | u64::from(byte));
    // Only keys made since about 2019 carry the account; their first bit says so.
    if number & (1 << 47) == 0 {
        return Silent;
    }
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    if account > 999_999_999_999 {
        Doubtful("it does not decode to an account number")
    } else {
        Valid("it decodes to an account number")
    }
}

/// An age identity is Bech32.
pub(super) fn age(value: &[u8]) -> Validity {
    judged(bech32_holds(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token put together here, so that none stands in the repository.
    fn base62_token(prefix: &str, payload: &str) -> String {
        let mut crc = u64::from(crc32(payload.as_bytes()));
        let mut digits = [b'0'; 6];
        for digit in digits.iter_mut().rev() {
            *digit = BASE62[(crc % 62) as usize];
            crc /= 62;
        }
        format!("{prefix}_{payload}{}", String::from_utf8_lossy(&digits))
    }

    #[test]
    fn a_checksum_holds_or_is_doubtful() {
        let payload = "a1B2c3D4e5".repeat(3);
        let token = base62_token("ghp", &payload);
        assert_eq!(github(token.as_bytes()), Valid("its checksum holds"));
        assert_eq!(npm(base62_token("npm", &payload).as_bytes()), Valid("its checksum holds"));
        let wrong = token.replacen('a', "b", 1);
        assert!(matches!(github(wrong.as_bytes()), Doubtful(_)));
        assert_eq!(github(b"ghp_short"), Silent);
        assert_eq!(github(b""), Silent);

        let body = "k3".repeat(16);
        let zuplo_token = format!("zpka_{body}_{:08x}", crc32(body.as_bytes()));
        assert_eq!(zuplo(zuplo_token.as_bytes()), Valid("its checksum holds"));
        assert!(matches!(zuplo(format!("zpka_{body}_00000000").as_bytes()), Doubtful(_)));

        let head = format!("glsa_{body}");
        let grafana_token = format!("{head}_{:08x}", crc32(head.as_bytes()).swap_bytes());
        assert_eq!(grafana(grafana_token.as_bytes()), Valid("its checksum holds"));
        assert!(matches!(grafana(format!("{head}_01234567").as_bytes()), Doubtful(_)));
    }

    #[test]
    fn routable_tokens() {
        let head = format!("glpat-{}.01.0r", "A".repeat(27));
        let mut crc = u64::from(crc32(head.as_bytes()));
        let mut digits = [b'0'; 7];
        for digit in digits.iter_mut().rev() {
            *digit = BASE36[(crc % 36) as usize];
            crc /= 36;
        }
        let token = format!("{head}{}", String::from_utf8_lossy(&digits));
        assert_eq!(gitlab(token.as_bytes()), Valid("its checksum holds"));
        // Right length, wrong sum: not enough is known of the sum's range to speak.
        assert_eq!(gitlab(format!("{head}0000000").as_bytes()), Silent);
        assert!(matches!(gitlab(format!("glpat-{}.01.000000000", "A".repeat(27)).as_bytes()), Doubtful(_)));
    }

    #[test]
    fn aws_ids() {
        assert!(matches!(aws_key_id(b"AKIAIOSFODNN7EXAMPLE"), Doubtful(_)));
        // 'A' is five zero bits: an older key, of which nothing can be said.
        assert_eq!(aws_key_id(format!("AKIA{}", "A".repeat(16)).as_bytes()), Silent);
        // 'Q' is 10000: the flag is set, the account is 0…
        assert!(matches!(aws_key_id(format!("AKIAQ{}", "A".repeat(15)).as_bytes()), Valid(_)));
        // … and all ones is above the highest account.
        assert!(matches!(aws_key_id(format!("AKIA{}", "7".repeat(16)).as_bytes()), Doubtful(_)));
        assert_eq!(aws_key_id(b"AKIA"), Silent);
    }
}
