//! What the elements of NumPy arrays are (numpy.org/doc/stable/reference/arrays.interface.html), and how they are
//! written.

use super::bytes::{fixed, moment, number};
use crate::artifact::calendar::day;

/// The type of one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DType {
    /// The letter: `i`, `u`, `f`, `b`, `S`, `U`, `M`, `O`, `V` …
    pub(super) kind: u8,
    /// How many bytes it has.
    pub(super) size: usize,
    pub(super) big: bool,
    /// What a `datetime64` counts.
    pub(super) unit: Unit,
}

/// What a `datetime64` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Unit {
    #[default]
    Unknown,
    Days,
    /// So many parts of a second.
    Parts(i64),
    /// So many seconds.
    Seconds(i64),
}

impl DType {
    /// Reads `<U20`, `|S11`, `<M8[ns]`.
    pub(super) fn parse(text: &str) -> Option<DType> {
        let (big, rest) = match text.as_bytes().first()? {
            b'>' | b'!' => (true, &text[1..]),
            b'<' | b'=' | b'|' => (false, &text[1..]),
            _ => (false, text),
        };
        let kind = *rest.as_bytes().first()?;
        if !kind.is_ascii_alphabetic() && kind != b'?' {
            return None;
        }
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        let count: usize = if digits == 0 { 0 } else { rest[1..=digits].parse().ok()? };
        let size = match kind {
            b'U' => count.checked_mul(4)?,
            b'?' => 1,
            b'O' => 8,
            _ => count,
        };
        let unit = match rest[1 + digits..].trim_matches(['[', ']']) {
            "D" => Unit::Days,
            "s" => Unit::Parts(1),
            "ms" => Unit::Parts(1_000),
            "us" => Unit::Parts(1_000_000),
            "ns" => Unit::Parts(1_000_000_000),
            "m" => Unit::Seconds(60),
            "h" => Unit::Seconds(3_600),
            "W" => Unit::Seconds(604_800),
            _ => Unit::Unknown,
        };
        Some(DType { kind, size, big, unit })
    }

    /// Whether its elements can be texts.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, b'S' | b'U' | b'a')
    }

    /// Writes an element; what cannot be written stays empty.
    pub(super) fn write(&self, bytes: &[u8], cell: &mut Vec<u8>) {
        let text = match self.kind {
            b'S' | b'a' | b'V' => {
                let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                cell.extend_from_slice(&bytes[..end]);
                return;
            }
            b'U' => {
                let code = |unit: &[u8]| {
                    fixed(unit, 0).map_or(0, if self.big { u32::from_be_bytes } else { u32::from_le_bytes })
                };
                let codes = bytes.chunks_exact(4).map(code).take_while(|code| *code != 0);
                let text: String =
                    codes.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
                cell.extend_from_slice(text.as_bytes());
                return;
            }
            b'i' => Some(self.whole(bytes).to_string()),
            b'u' => Some((self.whole(bytes) as u64 & (u64::MAX >> (64 - 8 * self.size.clamp(1, 8)))).to_string()),
            b'b' | b'?' => Some((bytes.first() != Some(&0)).to_string()),
            b'f' => match self.size {
                4 => Some(number(f32::from_bits(self.whole(bytes) as u32).into())),
                8 => Some(number(f64::from_bits(self.whole(bytes) as u64))),
                _ => None,
            },
            b'M' => {
                let value = self.whole(bytes);
                match self.unit {
                    _ if value == i64::MIN => None,
                    Unit::Days => day(value),
                    Unit::Parts(parts) => moment(value.div_euclid(parts)),
                    Unit::Seconds(seconds) => value.checked_mul(seconds).and_then(moment),
                    Unit::Unknown => None,
                }
            }
            _ => None,
        };
        cell.extend_from_slice(text.unwrap_or_default().as_bytes());
    }

    /// A whole number of up to eight bytes, its sign kept.
    fn whole(&self, bytes: &[u8]) -> i64 {
        let bytes = &bytes[..bytes.len().min(8)];
        let most = if self.big { bytes.first() } else { bytes.last() };
        let first = if most.is_some_and(|byte| byte & 0x80 != 0) { -1_i64 } else { 0 };
        let push = |number: i64, byte: &u8| number << 8 | i64::from(*byte);
        if self.big { bytes.iter().fold(first, push) } else { bytes.iter().rev().fold(first, push) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_written_as_their_type_says() {
        // type, bytes, text
        let cases: &[(&str, &[u8], &str)] = &[
            ("<i4", &[0xff, 0xff, 0xff, 0xff], "-1"),
            (">i2", &[1, 2], "258"),
            ("|u1", &[255], "255"),
            ("<u8", &[255; 8], "18446744073709551615"),
            ("<f8", &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f], "1.5"),
            ("|b1", &[1], "true"),
            ("|S4", b"ab\0\0", "ab"),
            ("<U2", &[0xe9, 0, 0, 0, 0, 0, 0, 0], "é"),
            (">U2", &[0, 0, 0, 0x41, 0, 0, 0, 0x42], "AB"),
            ("<M8[D]", &[1, 0, 0, 0, 0, 0, 0, 0], "1970-01-02"),
            ("<M8[ns]", &[0; 8], "1970-01-01"),
            ("<M8[ns]", &[0, 0, 0, 0, 0, 0, 0, 0x80], ""), // no time
            ("<c16", &[0; 16], ""),
            ("<i4", &[], "0"),
            ("<U2", &[1], ""),
        ];
        for (kind, bytes, text) in cases {
            let mut cell = Vec::new();
            DType::parse(kind).expect("a type").write(bytes, &mut cell);
            assert_eq!(String::from_utf8_lossy(&cell), *text, "{kind}");
        }
        for text in ["", "<", "é", "<U99999999999999999999", "[('a', '<i4')]"] {
            assert_eq!(DType::parse(text), None, "{text}");
        }
    }
}
