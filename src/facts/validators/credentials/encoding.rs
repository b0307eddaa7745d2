//! The encodings and checksums that tokens are made of: base64, base32, CRC-32, CRC-24, Bech32.
//!
//! Knows bytes only. All of it is linear and allocates no more than its input.

/// Base64 of either alphabet, padded or not; `None` at the first byte that is neither.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if body.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0u32, 0u32);
    for &byte in body {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

/// Base32 (RFC 4648) without padding; left-over bits are dropped.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0u32, 0u32);
    for &byte in text {
        let five = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(five);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

/// CRC-32 as in IEEE 802.3 (reflected, 0xEDB88320).
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// CRC-24 as in OpenPGP armour (RFC 9580, 6.1).
pub(super) fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = 0x00B7_04CE_u32;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4CFB;
            }
        }
    }
    crc & 0x00FF_FFFF
}

/// A number in base 36 or 62 with the digits of `alphabet`; `None` at a foreign digit or when it does not fit.
pub(super) fn number(digits: &[u8], alphabet: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |sum, digit| {
        let value = alphabet.iter().position(|letter| letter == digit)?;
        sum.checked_mul(alphabet.len() as u64)?.checked_add(value as u64)
    })
}

/// Does this Bech32 text (BIP 173, any one case, no limit of length) carry its right checksum?
pub(super) fn bech32_holds(text: &[u8]) -> bool {
    const LETTERS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const STEPS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let lower = text.to_ascii_lowercase();
    let Some(split) = lower.iter().rposition(|&byte| byte == b'1') else { return false };
    let (prefix, data) = (&lower[..split], &lower[split + 1..]);
    let mut check = 1u32;
    let mut feed = |value: u32| {
        let top = check >> 25;
        check = ((check & 0x01ff_ffff) << 5) ^ value;
        for (bit, step) in STEPS.iter().enumerate() {
            if (top >> bit) & 1 == 1 {
                check ^= step;
            }
        }
    };
    prefix.iter().for_each(|byte| feed(u32::from(byte >> 5)));
    feed(0);
    prefix.iter().for_each(|byte| feed(u32::from(byte & 31)));
    for byte in data {
        let Some(value) = LETTERS.iter().position(|letter| letter == byte) else { return false };
        feed(value as u32);
    }
    data.len() >= 6 && check == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_standards() {
        // The check value that catalogues of CRCs give for both.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
        // BIP 173's own vectors.
        assert!(bech32_holds(b"A12UEL5L"));
        assert!(bech32_holds(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"));
        assert!(!bech32_holds(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxx"));
        assert!(!bech32_holds(b"a1"));
        assert!(!bech32_holds(b""));
    }

    #[test]
    fn encodings() {
        // RFC 4648, section 10.
        for (text, plain) in [("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(base64(text.as_bytes()).as_deref(), Some(plain.as_bytes()), "{text}");
        }
        assert_eq!(base64(b"-_-_"), base64(b"+/+/"));
        assert_eq!(base64(b"Zm9v!"), None);
        assert_eq!(base64(b"Zm9vY"), None);
        assert_eq!(base32(b"MZXW6YTB").as_deref(), Some(b"fooba".as_slice()));
        assert_eq!(base32(b"mz"), None);
        assert_eq!(number(b"10", b"0123456789abcdefghijklmnopqrstuvwxyz"), Some(36));
        assert_eq!(number(b"zzzzzzzzzzzzzzzzz", b"0123456789abcdefghijklmnopqrstuvwxyz"), None);
    }
}
