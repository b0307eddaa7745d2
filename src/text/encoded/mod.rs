//! Text in disguise: stretches of a text that are another text in base64, hex, percent or string escapes.
//!
//! Knows alphabets and what decoded text looks like; nothing of secrets. Ordinary code is full of long names that
//! could be base64, so a stretch counts only when it decodes to text, which its first bytes mostly refute.

mod escapes;
mod runs;

use super::{Decoded, Encoding, Span, decode};
use crate::artifact::Coding;

/// How much may be decoded in one text, all depths together.
const MOST_BYTES: usize = 8 << 20;
/// How many stretches may be decoded in one text.
const MOST_SPANS: usize = 10_000;
/// Shorter texts hold nothing.
const LEAST_TEXT: usize = 8;

/// A stretch and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Where it stands.
    pub span: Span,
    /// How it is written.
    pub coding: Coding,
    /// What it says, as UTF-8.
    pub text: Vec<u8>,
}

/// What may still be decoded of one outer text.
#[derive(Clone, Copy, Debug)]
pub struct DecodeBudget {
    bytes: usize,
    spans: usize,
    spent: bool,
}

impl Default for DecodeBudget {
    fn default() -> Self {
        DecodeBudget { bytes: MOST_BYTES, spans: MOST_SPANS, spent: false }
    }
}

impl DecodeBudget {
    /// Whether something was left out.
    pub fn is_spent(&self) -> bool {
        self.spent
    }

    /// Takes so many bytes for one stretch, if they are left.
    pub fn take(&mut self, bytes: usize) -> bool {
        let allowed = self.allows(bytes);
        if allowed {
            self.charge(bytes);
        }
        allowed
    }

    /// Whether so many encoded bytes may still be decoded.
    fn allows(&mut self, bytes: usize) -> bool {
        let allowed = bytes <= self.bytes && self.spans > 0;
        self.spent |= !allowed;
        allowed
    }

    fn charge(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.spans = self.spans.saturating_sub(1);
    }
}

/// Every stretch of `text` that decodes to text, by kind and then in order. Stretches of different kinds may overlap.
pub fn encoded(text: &[u8], budget: &mut DecodeBudget) -> Vec<Encoded> {
    let mut found = Vec::new();
    runs::find(text, budget, &mut found);
    escapes::find(text, budget, &mut found);
    found
}

/// What base64 in either alphabet says, if it is text; line ends and blanks in it do not count.
pub fn base64_text(encoded: &[u8]) -> Option<Vec<u8>> {
    readable(base64_bytes(encoded)?, 1)
}

/// What base64 in either alphabet says; line ends and blanks in it do not count.
pub fn base64_bytes(encoded: &[u8]) -> Option<Vec<u8>> {
    let plain: Vec<u8> = encoded.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let unpadded = plain.strip_suffix(b"==").or(plain.strip_suffix(b"=")).unwrap_or(&plain);
    runs::base64(unpadded)
}

/// The bytes as UTF-8, if they are a text of at least `least` bytes that people could have written.
fn readable(bytes: Vec<u8>, least: usize) -> Option<Vec<u8>> {
    if bytes.len() < least {
        return None;
    }
    let looks_wide = bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || bytes[..2.min(bytes.len())].contains(&0);
    if looks_wide {
        return match decode(bytes) {
            Decoded::Text { text, encoding: Encoding::Utf16Le | Encoding::Utf16Be } if is_plain(&text) => Some(text),
            _ => None,
        };
    }
    is_plain(&bytes).then_some(bytes)
}

/// Valid UTF-8 without control characters, most of it ASCII.
fn is_plain(bytes: &[u8]) -> bool {
    let odd = bytes.iter().any(|byte| is_control(*byte));
    let high = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    !odd && high * 3 <= bytes.len() && std::str::from_utf8(bytes).is_ok()
}

fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)
}

#[cfg(test)]
mod tests;
