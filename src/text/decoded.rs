//! Bytes to text: which encoding, and whether it is text at all.
//!
//! UTF-16 becomes UTF-8; everything else stays as it is, valid or not, so that offsets stay true.

use encoding_rs::{UTF_16BE, UTF_16LE};

/// How the bytes were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or something close enough to it to be searched as it stands.
    Utf8,
    /// UTF-8 with a byte-order mark.
    Utf8Bom,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
}

/// What became of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Text as UTF-8, possibly with stray bytes. A byte-order mark is left out of UTF-16 and kept in UTF-8.
    Text {
        /// The text.
        text: Vec<u8>,
        /// What it was written in.
        encoding: Encoding,
    },
    /// Not text.
    Binary(Vec<u8>),
}

/// How many leading bytes decide whether content is text.
const PROBE: usize = 8 * 1024;

/// Takes bytes for text or for binary content, by their first 8 KiB.
pub fn decode(bytes: Vec<u8>) -> Decoded {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => return Decoded::Text { text: bytes, encoding: Encoding::Utf8Bom },
        [0xff, 0xfe, rest @ ..] => return utf16(rest, Encoding::Utf16Le),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, Encoding::Utf16Be),
        _ => {}
    }
    let probe = &bytes[..bytes.len().min(PROBE)];
    if memchr::memchr(0, probe).is_none() {
        return Decoded::Text { text: bytes, encoding: Encoding::Utf8 };
    }
    match utf16_without_mark(probe) {
        Some(encoding) => utf16(&bytes, encoding),
        None if stray_nul(probe) => Decoded::Text { text: bytes, encoding: Encoding::Utf8 },
        None => Decoded::Binary(bytes),
    }
}

fn utf16(bytes: &[u8], encoding: Encoding) -> Decoded {
    let decoder = if encoding == Encoding::Utf16Be { UTF_16BE } else { UTF_16LE };
    let (text, _) = decoder.decode_without_bom_handling(bytes);
    Decoded::Text { text: text.into_owned().into_bytes(), encoding }
}

/// Mostly ASCII written as UTF-16: nearly every second byte is NUL, and the others are printable.
fn utf16_without_mark(probe: &[u8]) -> Option<Encoding> {
    let pairs = probe.len() / 2;
    if pairs < 2 {
        return None;
    }
    let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    let share = |high: usize, low: usize| {
        probe.chunks_exact(2).filter(|pair| pair[high] == 0 && plain(pair[low])).count() * 10 / pairs
    };
    if share(1, 0) >= 9 {
        Some(Encoding::Utf16Le)
    } else if share(0, 1) >= 9 {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// A few NULs in what is otherwise printable ASCII: a text with an accident in it, not a binary file.
fn stray_nul(probe: &[u8]) -> bool {
    let nul = probe.iter().filter(|byte| **byte == 0).count();
    let odd = probe.iter().filter(|byte| !matches!(**byte, 0 | b'\t' | b'\n' | b'\r' | 0x1b | 0x20..=0x7e)).count();
    probe.len() >= 16 && nul * 50 <= probe.len() && odd * 50 <= probe.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> Option<(String, Encoding)> {
        match decode(bytes.to_vec()) {
            Decoded::Text { text, encoding } => Some((String::from_utf8_lossy(&text).into_owned(), encoding)),
            Decoded::Binary(_) => None,
        }
    }

    #[test]
    fn text_is_told_from_binary() {
        let le: Vec<u8> = "key = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "key = 1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text_of(&le), Some(("key = 1\n".into(), Encoding::Utf16Le)));
        assert_eq!(text_of(&be), Some(("key = 1\n".into(), Encoding::Utf16Be)));
        assert_eq!(text_of(&[&[0xff, 0xfe][..], &le].concat()), Some(("key = 1\n".into(), Encoding::Utf16Le)));
        assert_eq!(text_of(b"plain\n"), Some(("plain\n".into(), Encoding::Utf8)));
        assert_eq!(text_of(b"caf\xe9\n").map(|(_, encoding)| encoding), Some(Encoding::Utf8));
        assert_eq!(text_of(b""), Some((String::new(), Encoding::Utf8)));
        // one NUL in a long line of text
        let mut accident = vec![b'a'; 200];
        accident[100] = 0;
        assert!(text_of(&accident).is_some());
        // a PNG header, a run of zeros, machine code
        assert_eq!(text_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"), None);
        assert_eq!(text_of(&[0; 4096]), None);
    }
}
