//! Names of findings that survive moved lines, and from which no matched value can be computed.
//!
//! A hash without a key over a small space of values is no secret: all social security numbers can be tried in
//! a second. So a value enters a fingerprint only under the project's own key, or when it is long and random
//! enough that trying is hopeless.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The names of one finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprints {
    /// Rule, file and value: survives moved lines, changes with the value. Unique in a report.
    pub place: String,
    /// Rule and value: the same wherever the value stands. Absent where the value had to be left out.
    pub value: Option<String>,
}

/// What fingerprints are made with.
#[derive(Clone, Default)]
pub struct FingerprintKey(Option<Vec<u8>>);

impl std::fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "FingerprintKey(set)" } else { "FingerprintKey(none)" })
    }
}

impl FingerprintKey {
    /// The project's key; without one only values of high randomness enter a fingerprint.
    pub fn new(key: Option<Vec<u8>>) -> Self {
        FingerprintKey(key.filter(|key| !key.is_empty()))
    }

    /// Whether the project has a key.
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// The names of a finding. `context` is the masked line, which stands in for a value that must stay out.
    pub fn fingerprints(&self, rule: &str, path: &str, value: &[u8], context: &str) -> Fingerprints {
        let enters = self.is_set() || hopeless_to_guess(value);
        let what: (&[u8], &[u8]) = if enters { (b"value", value) } else { (b"line", context.as_bytes()) };
        Fingerprints {
            place: self.digest(&[b"place", rule.as_bytes(), path.as_bytes(), what.0, what.1]),
            value: enters.then(|| self.digest(&[b"value", rule.as_bytes(), value])),
        }
    }

    /// The name of the finding that is the `ordinal`th (from 1) of those that would all be named `place`.
    pub fn with_ordinal(&self, place: &str, ordinal: usize) -> String {
        self.digest(&[b"ordinal", place.as_bytes(), ordinal.to_string().as_bytes()])
    }

    /// 128 bits of HMAC-SHA-256 over the parts, each with its length before it.
    fn digest(&self, parts: &[&[u8]]) -> String {
        let key = self.0.as_deref().unwrap_or(b"bedrail without a key");
        #[allow(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        let mut hex = String::with_capacity(32);
        for byte in &mac.finalize().into_bytes()[..16] {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

/// At least 90 bits by the cautious measure of Shannon entropy times length, and no space in it: no list of
/// passwords, numbers or names holds it.
fn hopeless_to_guess(value: &[u8]) -> bool {
    if value.len() < 20 || value.contains(&b' ') {
        return false;
    }
    let mut counts = [0usize; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let total = value.len() as f64;
    let per_byte: f64 =
        counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / total).map(|p| -p * p.log2()).sum();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    per_byte * total >= 75.0 && digits < value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    // bedrail: allow secret-generic-token -- made up for a test
    const TOKEN: &[u8] = b"q7Xn2Lr9TzVb4WmKc8PdHs6F";

    #[test]
    fn a_small_value_enters_only_under_a_key() {
        let without = FingerprintKey::default();
        let with = FingerprintKey::new(Some(b"k".to_vec()));
        let of = |key: &FingerprintKey, value: &[u8]| key.fingerprints("r", "a", value, "ssn = [REDACTED]");
        // Without a key two numbers cannot be told apart, and so nothing can be computed from the name.
        assert_eq!(of(&without, b"123-45-6789"), of(&without, b"123-45-6780"));
        assert_eq!(of(&without, b"123-45-6789").value, None);
        assert_ne!(of(&with, b"123-45-6789").place, of(&with, b"123-45-6780").place);
        // A long random value may enter either way.
        assert_ne!(of(&without, TOKEN).place, of(&without, b"q7Xn2Lr9TzVb4WmKc8PdHs6G").place);
    }

    #[test]
    fn names_follow_rule_file_value_and_ordinal_but_no_line() {
        let key = FingerprintKey::new(Some(b"k".to_vec()));
        let base = key.fingerprints("r", "a", TOKEN, "x");
        assert_eq!(base, key.fingerprints("r", "a", TOKEN, "another line"));
        assert_ne!(base.place, key.fingerprints("r", "b", TOKEN, "x").place);
        assert_eq!(base.value, key.fingerprints("r", "b", TOKEN, "x").value);
        assert_ne!(base.place, key.with_ordinal(&base.place, 1));
        assert_ne!(base.place, key.fingerprints("s", "a", TOKEN, "x").place);
        assert_ne!(base.value, FingerprintKey::default().fingerprints("r", "a", TOKEN, "x").value);
    }
}
