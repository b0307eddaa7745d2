//! Bytes to text: which encoding, and whether it is text at all.
//!
//! UTF-16 becomes UTF-8; everything else stays as it is, valid or not, so that offsets stay true.

use std::io::{self, Read};

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

/// Whether [`decode`] gives these bytes back as they are, as UTF-8 without a mark.
pub fn is_plain_text(bytes: &[u8]) -> bool {
    !matches!(bytes, [0xef, 0xbb, 0xbf, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
        && memchr::memchr(0, &bytes[..bytes.len().min(PROBE)]).is_none()
}

/// The encoding of content that begins like this, if it is UTF-16.
pub fn wide_encoding(head: &[u8]) -> Option<Encoding> {
    match head {
        [0xff, 0xfe, ..] => Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => Some(Encoding::Utf16Be),
        _ => utf16_without_mark(&head[..head.len().min(PROBE)]).filter(|_| memchr::memchr(0, head).is_some()),
    }
}

/// Content that is read in UTF-16 and given in UTF-8, a piece at a time.
pub struct WideReader<R> {
    content: R,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

/// How much is decoded at once, in bytes.
const PIECE: usize = 64 << 10;

impl<R: Read> WideReader<R> {
    /// Reads `content` in that encoding; a byte-order mark is left out.
    pub fn new(content: R, encoding: Encoding) -> Self {
        let encoding = if encoding == Encoding::Utf16Be { UTF_16BE } else { UTF_16LE };
        let decoder = encoding.new_decoder_with_bom_removal();
        WideReader { content, decoder, raw: vec![0; PIECE], text: Vec::new(), given: 0, ended: false }
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let read = self.content.read(&mut self.raw)?;
        self.ended = read == 0;
        self.given = 0;
        // A unit is at most three bytes of UTF-8; a few more finish what the last piece began.
        self.text.resize(read / 2 * 3 + 16, 0);
        let (_, _, written, _) = self.decoder.decode_to_utf8(&self.raw[..read], &mut self.text, self.ended);
        self.text.truncate(written);
        Ok(())
    }
}

impl<R: Read> Read for WideReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.next_piece()?;
        }
        let left = &self.text[self.given..];
        let length = left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&left[..length]);
        self.given += length;
        Ok(length)
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
    fn wide_text_is_read_in_pieces_as_it_would_be_whole() {
        let text = "é😀 key = 1\r\n".repeat(20_000);
        let units = || text.encode_utf16();
        let le: Vec<u8> = [0xfeff].into_iter().chain(units()).flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding) in [(le, Encoding::Utf16Le), (be, Encoding::Utf16Be)] {
            let mut read = Vec::new();
            // A chain gives pieces of odd lengths.
            let content = Read::chain(&bytes[..7], &bytes[7..]);
            WideReader::new(content, encoding).read_to_end(&mut read).expect("memory");
            assert!(read == text.as_bytes());
        }
        let plain: Vec<u8> = "key = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(wide_encoding(&plain), Some(Encoding::Utf16Le));
        assert_eq!(wide_encoding(b"key = 1, and more of it"), None);
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
