//! Structures that only a real credential has: signed tokens, key files, JSON in base64.

use serde_json::Value;

use super::encoding::{base64, crc24};
use super::published;
use crate::facts::validators::Validity::{self, Doubtful, Impossible, Published, Silent, Valid};

/// The largest value that is decoded; beyond it nothing is said.
const MOST: usize = 64 * 1024;

fn object(text: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(&base64(text)?) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}

/// `HEADER.PAYLOAD.SIGNATURE` (RFC 7519); expiry is not looked at, so that a scan does not depend on the clock.
pub(super) fn jwt(value: &[u8]) -> Validity {
    /// The key of the demonstration on jwt.io gives this signature over its sample.
    const DEMO: [&[u8]; 2] =
        [b"SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c", b"TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ"];
    let mut parts = value.split(|&byte| byte == b'.');
    let (Some(header), Some(payload), Some(signature)) = (parts.next(), parts.next(), parts.next()) else {
        return Silent;
    };
    if value.len() > MOST {
        return Silent;
    }
    let header_and_payload = header.len() + 1 + payload.len();
    let Some(header) = object(header) else { return Impossible("its first part is no JSON object") };
    let Some(algorithm) = header.get("alg").and_then(Value::as_str) else {
        return Impossible("its header names no algorithm");
    };
    if header.contains_key("enc") {
        return Silent;
    }
    if object(payload).is_none() {
        return Doubtful("its second part is no JSON object");
    }
    if algorithm.eq_ignore_ascii_case("none") {
        return Doubtful("it is not signed (alg none)");
    }
    if DEMO.contains(&signature) {
        return Doubtful("it is a sample signed with a published key");
    }
    let signed = value.get(..header_and_payload).unwrap_or_default();
    if published::is_sample_signature(algorithm, signed, signature) {
        return Published("it is signed with a key that samples use");
    }
    let lengths: &[usize] = match algorithm {
        "HS256" => &[43],
        "HS384" => &[64],
        "HS512" | "ES256" | "EdDSA" => &[86],
        "ES384" => &[128],
        "ES512" => &[176],
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => &[171, 342, 512, 683],
        _ => return Doubtful("its algorithm is not a known one"),
    };
    if lengths.contains(&signature.len()) {
        Valid("its header, payload and signature fit together")
    } else {
        Doubtful("its signature has not the length of its algorithm")
    }
}

/// A PEM block, also one written into a string: header, base64, DER or OpenSSH inside.
pub(super) fn pem(value: &[u8]) -> Validity {
    let text = String::from_utf8_lossy(&value[..value.len().min(MOST)]);
    if text.contains("ENCRYPTED") {
        return Doubtful("the key is encrypted");
    }
    let ended = text.contains("-----END");
    let body = armoured(&text);
    let Some(der) = base64(body.as_bytes()) else { return Doubtful("its body is not base64") };
    if let Some(known) = published::key(&der) {
        return known;
    }
    let whole = if let Some(rest) = der.strip_prefix(b"openssh-key-v1\0") {
        match rest.get(4..8) {
            Some(b"none") => true,
            Some(_) => return Doubtful("the key is encrypted"),
            None => false,
        }
    } else {
        der_length(&der).is_some_and(|length| length <= der.len())
    };
    match (whole, ended) {
        (true, true) => Valid("it decodes to a whole key"),
        (true, false) => Silent,
        (false, _) => Doubtful("it is not a whole key"),
    }
}

/// The base64 between the first header and the next line of dashes, without escapes, quotes and joining signs.
fn armoured(text: &str) -> String {
    let rest =
        text.split_once("-----BEGIN").and_then(|(_, rest)| rest.split_once("-----")).map_or(text, |(_, rest)| rest);
    let rest = rest.split("-----").next().unwrap_or_default();
    let mut body = String::with_capacity(rest.len());
    let mut chars = rest.chars().peekable();
    let mut quoted = false;
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                if matches!(chars.peek(), Some('n' | 'r' | 't' | '\\')) {
                    chars.next();
                }
            }
            '"' | '\'' => quoted = true,
            // A plus sign between two quoted parts joins them; elsewhere it is a digit.
            '+' if quoted => {}
            _ if char.is_whitespace() || matches!(char, ',' | '|' | '>' | '#' | '*' | ';') => {}
            _ => {
                quoted = false;
                body.push(char);
            }
        }
    }
    body
}

/// The length that a DER sequence at the start claims, with its own header.
fn der_length(der: &[u8]) -> Option<usize> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if tag != 0x30 {
        return None;
    }
    if first < 0x80 {
        return Some(2 + usize::from(first));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) {
        return None;
    }
    let length = rest.get(..count)?.iter().fold(0usize, |sum, &byte| (sum << 8) | usize::from(byte));
    Some(2 + count + length)
}

/// A PEM block, encoded once more in base64.
pub(super) fn pem_base64(value: &[u8]) -> Validity {
    match base64(&value[..value.len().min(MOST) / 4 * 4]) {
        Some(inner) => pem(&inner),
        None => Silent,
    }
}

/// A private key in DER (RFC 5208, RFC 8017), in base64 without a header: a version number comes first.
pub(super) fn der_key(value: &[u8]) -> Validity {
    let Some(der) = base64(&value[..value.len().min(MOST)]) else { return Doubtful("it is not whole base64") };
    let Some(length) = der_length(&der) else { return Impossible("it is no DER sequence") };
    let start = if der.get(1).is_some_and(|&first| first < 0x80) { 2 } else { 2 + usize::from(der[1] & 0x7f) };
    match der.get(start..start + 3) {
        Some([2, 1, 0 | 1]) if length <= der.len() => Valid("it decodes to a whole key"),
        Some([2, 1, 0 | 1]) => Doubtful("it is not a whole key"),
        _ => Impossible("it decodes to something else than a private key"),
    }
}

/// An OpenPGP block with its CRC-24 (RFC 9580, 6.1), which newer software leaves out.
pub(super) fn openpgp(value: &[u8]) -> Validity {
    let text = String::from_utf8_lossy(&value[..value.len().min(MOST)]);
    if !text.contains("-----END") {
        return Doubtful("the block has no end");
    }
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let mut body = String::new();
    let mut sum = None;
    for line in text.lines().map(str::trim).skip(1) {
        if line.starts_with("-----") {
            break;
        }
        if let Some(rest) = line.strip_prefix('=').filter(|rest| rest.len() == 4) {
            sum = Some(rest.to_owned());
        } else if !line.contains(':') {
            body.push_str(line);
        }
    }
    let Some(packets) = base64(body.as_bytes()) else { return Doubtful("its body is not base64") };
    match sum.and_then(|sum| base64(sum.as_bytes())) {
        None => Silent,
        Some(sum) if sum == crc24(&packets).to_be_bytes()[1..] => Valid("its checksum holds"),
        Some(_) => Doubtful("its checksum does not hold"),
    }
}

/// Base64 of a JSON object after a prefix: 1Password, Sentry, Grafana Cloud, Docker, Cloudflare.
pub(super) fn base64_json(value: &[u8]) -> Validity {
    let body = [b"ops_".as_slice(), b"sntrys_", b"glc_"].iter().find_map(|prefix| value.strip_prefix(*prefix));
    let body = body.unwrap_or(value);
    let body = body.split(|&byte| byte == b'_').next().unwrap_or(body);
    match object(&body[..body.len().min(MOST)]) {
        Some(map) if !map.is_empty() => Valid("it decodes to the expected JSON"),
        _ => Doubtful("it does not decode to JSON"),
    }
}

/// Grafana's old keys: JSON with the key, its name and the organisation's number.
pub(super) fn grafana_legacy(value: &[u8]) -> Validity {
    match object(value) {
        Some(map) if map.contains_key("n") && map.contains_key("id") => Valid("it decodes to a key with its name"),
        Some(_) => Impossible("it decodes to something else"),
        None => Doubtful("it does not decode to JSON"),
    }
}

/// A service account's key file in base64.
pub(super) fn google_service_account(value: &[u8]) -> Validity {
    match object(&value[..value.len().min(MOST)]) {
        Some(map) if map.contains_key("private_key") => Valid("it decodes to a service account's key"),
        Some(_) => Doubtful("it decodes to JSON without a private key"),
        None => Doubtful("it does not decode to JSON"),
    }
}

/// `USER:PASSWORD` in base64 (RFC 7617).
pub(super) fn basic_login(value: &[u8]) -> Validity {
    let Some(login) = base64(value) else { return Doubtful("it is not base64") };
    let Ok(login) = String::from_utf8(login) else { return Doubtful("it does not decode to text") };
    let Some((user, password)) = login.split_once(':') else { return Doubtful("it decodes to no name and password") };
    let known = ["password", "pass", "pwd", "secret", "open sesame", "opensesame", "changeme", "example"];
    if login.chars().any(char::is_control) {
        Doubtful("it does not decode to text")
    } else if known.contains(&password.to_ascii_lowercase().as_str()) || (user.is_empty() && password.is_empty()) {
        Doubtful("it decodes to a name and password of documentation")
    } else {
        Valid("it decodes to a name and password")
    }
}

/// A PyPI token is a macaroon, version 2: packets of type, length and data, the last a signature of 32 bytes.
pub(super) fn pypi_macaroon(value: &[u8]) -> Validity {
    let Some(bytes) = value.strip_prefix(b"pypi-").and_then(base64) else { return Doubtful("it is not base64") };
    let Some((2, mut rest)) = bytes.split_first().map(|(&first, rest)| (first, rest)) else {
        return Doubtful("it is no macaroon");
    };
    while let Some((&kind, after)) = rest.split_first() {
        if kind == 0 {
            rest = after;
            continue;
        }
        let Some((&length, data)) = after.split_first() else { break };
        // Lengths above 127 take a second byte (a varint); longer ones do not occur.
        let (length, data) = match (length < 0x80, data.split_first()) {
            (true, _) => (usize::from(length), data),
            (false, Some((&high, data))) => (usize::from(length & 0x7f) | usize::from(high) << 7, data),
            (false, None) => break,
        };
        match data.get(length..) {
            Some([]) if kind == 6 && length == 32 => return Valid("its packets fit together"),
            Some(after) => rest = after,
            None => break,
        }
    }
    Doubtful("its packets do not fit together")
}

#[cfg(test)]
mod tests;
