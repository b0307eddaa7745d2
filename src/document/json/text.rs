//! The scalars of JSON: strings with their escapes, numbers, and words.

use super::{Broken, Reader, Value};
use crate::text::Span;

impl Reader<'_> {
    /// Reads a string, from its opening quote to past its closing one.
    pub(super) fn string(&mut self) -> Result<Box<str>, Broken> {
        let open = self.at;
        self.at += 1;
        let end = self.plain_run(open)?;
        if self.bytes[end] == b'"' {
            let text = &self.text[self.at..end];
            self.at = end + 1;
            return Ok(text.into());
        }
        let mut decoded = String::new();
        loop {
            let end = self.plain_run(open)?;
            decoded.push_str(&self.text[self.at..end]);
            self.at = end + 1;
            if self.bytes[end] == b'"' {
                return Ok(decoded.into());
            }
            decoded.push(self.escape(open)?);
        }
    }

    /// Where the next quote or backslash stands.
    fn plain_run(&self, open: usize) -> Result<usize, Broken> {
        let end = memchr::memchr3(b'"', b'\\', b'\n', &self.bytes[self.at..]).map(|length| self.at + length);
        match end {
            Some(end) if self.bytes[end] != b'\n' => Ok(end),
            _ => Err(unclosed(open)),
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, open: usize) -> Result<char, Broken> {
        let Some(letter) = self.peek() else { return Err(unclosed(open)) };
        let start = self.at - 1;
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex(start)?;
                if !(0xd800..0xdc00).contains(&unit) {
                    return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                self.low_surrogate(unit, start)?
            }
            _ => return Err(Broken::syntax("an escape that JSON does not know", Span::new(start, start + 1))),
        })
    }

    /// The character of a high surrogate and what follows it; a lone one becomes U+FFFD, as in browsers.
    fn low_surrogate(&mut self, high: u32, start: usize) -> Result<char, Broken> {
        if !self.bytes[self.at..].starts_with(b"\\u") {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let before = self.at;
        self.at += 2;
        let low = self.hex(start)?;
        if !(0xdc00..0xe000).contains(&low) {
            self.at = before;
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self, start: usize) -> Result<u32, Broken> {
        let digits = self.bytes.get(self.at..self.at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(code) = code.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(Broken::syntax("`\\u` wants four hexadecimal digits", Span::new(start, start + 2)));
        };
        self.at += 4;
        Ok(code)
    }

    pub(super) fn word(&mut self, word: &str, value: Value) -> Result<Value, Broken> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.unexpected("expected a value"));
        }
        self.at += word.len();
        self.after_word()?;
        Ok(value)
    }

    /// Whole numbers that fit are `Int`; all others are `Float`.
    pub(super) fn number(&mut self) -> Result<Value, Broken> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits()?;
        if leading_zero && digits > 1 {
            return Err(Broken::syntax("a number with a leading zero", Span::new(start, self.at)));
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.after_word()?;
        let text = &self.text[start..self.at];
        let int = if whole { text.parse().ok() } else { None };
        // Every text of this shape is a number to Rust; one that is too large is infinite.
        Ok(int.map_or_else(|| Value::Float(text.parse().unwrap_or(f64::INFINITY)), Value::Int))
    }

    fn digits(&mut self) -> Result<usize, Broken> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("expected a digit")) } else { Ok(self.at - start) }
    }

    fn after_word(&self) -> Result<(), Broken> {
        match self.peek() {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+') => {
                Err(self.unexpected("more letters after a value"))
            }
            _ => Ok(()),
        }
    }
}

fn unclosed(open: usize) -> Broken {
    Broken::syntax("a string is never closed", Span::new(open, open + 1))
}
