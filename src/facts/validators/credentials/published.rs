//! Keys and passwords that were published: in standards, in manuals, with the tests of well-known software.
//!
//! Whoever shows one keeps no secret by it, and whoever uses one has none. Keys are known by the SHA-256 of their
//! bytes, never by themselves.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::encoding::base64;
use crate::facts::validators::Validity::{self, Impossible, Published, Silent};

/// Lines of a hash in hex, a tab, and where the key was published.
const KEYS: &str = include_str!("published.tsv");

/// Keys that samples of signed tokens are made with.
const SIGNING_KEYS: &[&[u8]] = &[
    b"secret",
    b"key",
    b"your-256-bit-secret",
    b"your-384-bit-secret",
    b"your-512-bit-secret",
    b"a-string-secret-at-least-256-bits-long",
    b"secretkey",
    b"secret_key",
    b"mysecret",
    b"password",
    b"test",
];

/// Passwords of documentation: of Oracle's sample schema, of RFC 7617.
const PASSWORDS: &[&str] = &["tiger", "opensesame", "open sesame"];

/// Words that stand for a password, also with a digit or signs behind them.
const STAND_INS: &[&str] = &[
    "a secret",
    "secret",
    "secre",
    "mysecret",
    "somesecret",
    "pass",
    "passwd",
    "password",
    "mypassword",
    "somepassword",
    "foobar",
    "guest",
    "wrong",
    "mypass",
    "key",
    "auth",
    "qwer",
];

/// The bytes of a key, if they are known.
pub(super) fn key(bytes: &[u8]) -> Option<Validity> {
    static KNOWN: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| KEYS.lines().filter_map(|line| line.split_once('\t')).collect());
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    known.contains_key(hash.as_str()).then_some(Published("the key was published as a sample"))
}

/// A key in base64 of either alphabet, as in JSON Web Keys.
pub(super) fn encoded_key(value: &[u8]) -> Validity {
    base64(value).and_then(|bytes| key(&bytes)).unwrap_or(Silent)
}

/// Whether a token is signed with a key that samples use.
pub(super) fn is_sample_signature(algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
    let Some(signature) = base64(signature) else { return false };
    SIGNING_KEYS.iter().any(|key| match algorithm {
        "HS256" => Hmac::<Sha256>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(signed).verify_slice(&signature).is_ok()),
        "HS384" => Hmac::<Sha384>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(signed).verify_slice(&signature).is_ok()),
        "HS512" => Hmac::<Sha512>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(signed).verify_slice(&signature).is_ok()),
        _ => false,
    })
}

/// The password of a URL (RFC 3986, percent escapes included).
pub(super) fn url_password(value: &[u8]) -> Validity {
    let decoded = unescaped(value);
    let text = String::from_utf8_lossy(&decoded).to_lowercase();
    let escaped = decoded.len() < value.len();
    let foreign = !decoded.is_ascii();
    if (escaped || foreign) && text.chars().filter(|char| char.is_alphanumeric()).count() < 4 {
        return Impossible("hardly more than signs");
    }
    if PASSWORDS.contains(&text.as_str()) {
        return Published("documentation has this password");
    }
    // `secret1` is still the word, `secret123` may be what somebody chose.
    let word = text.trim_end_matches(|char: char| !char.is_ascii_alphanumeric());
    let word = word.strip_suffix(|char: char| char.is_ascii_digit()).unwrap_or(word).replace('@', "a");
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    if STAND_INS.contains(&word.as_str()) || (escaped && text.len() < 9 && STAND_INS.contains(&letters.as_str())) {
        return Published("the word stands for a password");
    }
    Silent
}

fn unescaped(value: &[u8]) -> Vec<u8> {
    let digit = |at: usize| value.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut decoded, mut at) = (Vec::with_capacity(value.len()), 0);
    while let Some(&byte) = value.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// The hash of a password: its last part is a digest, which is no text.
pub(super) fn password_hash(value: &[u8]) -> Validity {
    let digest = value.rsplit(|&byte| byte == b'$').next().and_then(base64);
    match digest {
        Some(digest) if digest.len() >= 8 && digest.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) => {
            Impossible("its digest is a text")
        }
        _ => Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_hash_and_a_source_in_order() {
        let lines: Vec<&str> = KEYS.lines().collect();
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "not sorted, or twice");
        for line in lines {
            let (hash, source) = line.split_once('\t').expect("a tab");
            assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
            assert!(!source.is_empty(), "{line}");
        }
    }

    #[test]
    fn a_published_key_is_known_by_its_bytes() {
        // RFC 8410, section 10.3: put together here so that no scanner takes this file for a key.
        let sample = ["MC4CAQAwBQYDK2Vw", "BCIEINTuctv5E1hK1bbY", "8fdp+K06/nwoy/HU++CXqI9EdVhC"].concat();
        let bytes = base64(sample.as_bytes()).expect("base64");
        assert!(matches!(key(&bytes), Some(Published(_))));
        assert_eq!(key(&bytes[1..]), None);
    }

    #[test]
    fn samples_of_tokens_are_known_by_their_signature() {
        let signed = b"eyJhbGciOiJIUzI1NiJ9.eyJhIjoiYiJ9";
        // What an encoder makes is computed here; base64 of URLs without padding.
        let sign = |key: &[u8]| {
            let mac = Hmac::<Sha256>::new_from_slice(key).expect("any length").chain_update(signed);
            let bytes = mac.finalize().into_bytes();
            const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let mut text = Vec::new();
            for chunk in bytes.chunks(3) {
                let bits =
                    chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
                text.extend((0..=chunk.len()).map(|at| DIGITS[(bits >> (18 - 6 * at)) as usize & 63]));
            }
            text
        };
        assert!(is_sample_signature("HS256", signed, &sign(b"secret")));
        assert!(!is_sample_signature("HS256", signed, &sign(b"another one")));
        assert!(!is_sample_signature("HS512", signed, &sign(b"secret")));
        assert!(!is_sample_signature("HS256", signed, b"*"));
    }

    #[test]
    fn passwords_of_urls() {
        // password, verdict
        let cases = [
            ("tiger", Published("documentation has this password")),
            ("secret1", Published("the word stands for a password")),
            ("secret123", Silent),
            ("s3cr3t", Silent),
            ("p%40ssw0rd123", Silent),
            ("a%20secret", Published("the word stands for a password")),
            ("p%40ss", Impossible("hardly more than signs")),
            ("%60%7B%7D", Impossible("hardly more than signs")),
            ("\u{1f4a9}", Impossible("hardly more than signs")),
            ("%3a", Impossible("hardly more than signs")),
            ("tiger42", Silent),
            ("foo%40bar", Published("the word stands for a password")),
            ("secretariat", Silent),
            ("%C3%A9t%C3%A9x", Silent),
            ("100%", Silent),
            ("%4", Silent),
        ];
        for (password, verdict) in cases {
            assert_eq!(url_password(password.as_bytes()), verdict, "{password}");
        }
    }

    #[test]
    fn a_digest_is_no_text() {
        // `youllNeverGuess` in base64 is none; bytes of any kind may be one.
        assert!(matches!(
            password_hash(b"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$eW91bGxORXZlckd1ZXNz"),
            Impossible(_)
        ));
        assert_eq!(password_hash(b"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$AAECAwQFBgcICQoLDA0ODw"), Silent);
        assert_eq!(password_hash(b"$2b$10$"), Silent);
    }
}
