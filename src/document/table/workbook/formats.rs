//! What numbers are by their format (ECMA-376 part 1, §18.8.30): dates in either calendar, digits that are filled up.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::value;
use crate::document::table::bytes::moment;
use crate::document::xml::{Event, events, resolved};

/// What numbers are, by the style of their cell.
pub(super) struct Formats {
    by_style: Vec<Shape>,
    first_1904: bool,
}

/// What a format makes of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Plain,
    Date,
    /// Digits filled up with noughts, and signs between them: `000-00-0000`.
    Digits(Vec<u8>),
}

impl Formats {
    pub(super) fn read(part: &[u8], first_1904: bool) -> Self {
        let mut custom: BTreeMap<u32, Shape> = BTreeMap::new();
        let mut by_style = Vec::new();
        let mut in_cells = false;
        let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<u32>().ok();
        events(part, |event| match event {
            Event::Open(b"numFmt", attributes, _) => {
                if let (Some(id), Some(code)) =
                    (value(&attributes, b"numFmtId").and_then(number), value(&attributes, b"formatCode"))
                {
                    custom.insert(id, shape_of(&resolved(code)));
                }
            }
            Event::Open(b"cellXfs", _, empty) => in_cells = !empty,
            Event::Close(b"cellXfs") => in_cells = false,
            Event::Open(b"xf", attributes, _) if in_cells => {
                let id = value(&attributes, b"numFmtId").and_then(number).unwrap_or(0);
                by_style.push(custom.get(&id).cloned().unwrap_or_else(|| built_in(id)));
            }
            _ => {}
        });
        Formats { by_style, first_1904 }
    }

    pub(super) fn number<'v>(&self, value: &'v [u8], style: Option<&[u8]>) -> Cow<'v, [u8]> {
        let style = style.and_then(|style| std::str::from_utf8(style).ok()?.parse::<usize>().ok());
        let shape = style.and_then(|style| self.by_style.get(style)).unwrap_or(&Shape::Plain);
        let Some(number) = std::str::from_utf8(value).ok().and_then(|text| text.trim().parse::<f64>().ok()) else {
            return value.into();
        };
        let whole = number.fract() == 0.0 && number.abs() < 1e15;
        match shape {
            Shape::Date => self.date(number).map_or(value.into(), |date| date.into_bytes().into()),
            Shape::Digits(code) if whole && number >= 0.0 => digits(code, number as u64).into(),
            // An identifier is no quantity, however it was stored.
            _ if whole && value.iter().any(|byte| matches!(byte, b'E' | b'e' | b'.')) => {
                format!("{number:.0}").into_bytes().into()
            }
            _ => value.into(),
        }
    }

    /// The day with this number. In the calendar that begins in 1900, that year has a 29th of February.
    fn date(&self, number: f64) -> Option<String> {
        if !(0.0..3_000_000.0).contains(&number) {
            return None;
        }
        let before = match self.first_1904 {
            true => 24_107.0,
            false if number < 60.0 => 25_568.0,
            false => 25_569.0,
        };
        moment(((number - before) * 86_400.0).round() as i64)
    }
}

/// The formats that have a number and no code (§18.8.30); those of East Asian dates too.
fn built_in(id: u32) -> Shape {
    match id {
        14..=22 | 27..=36 | 45..=47 | 50..=58 => Shape::Date,
        _ => Shape::Plain,
    }
}

/// What a format code says: letters of dates outside of quotes and brackets, or nothing but noughts and signs.
fn shape_of(code: &[u8]) -> Shape {
    let mut plain = Vec::new();
    let mut at = 0;
    let mut dated = false;
    while let Some(byte) = code.get(at) {
        let rest = &code[at + 1..];
        match byte {
            b'"' => {
                let end = memchr::memchr(b'"', rest).unwrap_or(rest.len());
                plain.extend_from_slice(&rest[..end]);
                at += end + 1;
            }
            b'[' => {
                let end = memchr::memchr(b']', rest).unwrap_or(rest.len());
                // Hours, minutes and seconds that passed: `[h]:mm`.
                dated |= end > 0 && rest[..end].iter().all(|byte| matches!(byte | 0x20, b'h' | b'm' | b's'));
                at += end + 1;
            }
            b'\\' | b'_' | b'*' => {
                plain.extend(rest.first().filter(|_| *byte == b'\\'));
                at += 1;
            }
            // Only the first section, for what is positive.
            b';' => break,
            b'd' | b'D' | b'y' | b'Y' | b'm' | b'M' | b'h' | b'H' | b's' => dated = true,
            _ => plain.push(*byte),
        }
        at += 1;
    }
    let noughts = plain.iter().filter(|byte| **byte == b'0').count();
    let signs = plain.iter().all(|byte| matches!(byte, b'0' | b'-' | b' ' | b'(' | b')' | b'/'));
    match dated {
        true => Shape::Date,
        false if (4..=20).contains(&noughts) && signs => Shape::Digits(plain),
        false => Shape::Plain,
    }
}

/// A number in the places of a code, from its end.
fn digits(code: &[u8], mut number: u64) -> Vec<u8> {
    let first = memchr::memchr(b'0', code);
    let mut written = Vec::with_capacity(code.len());
    for (at, byte) in code.iter().enumerate().rev() {
        if *byte != b'0' {
            written.push(*byte);
            continue;
        }
        written.push(b'0' + (number % 10) as u8);
        number /= 10;
        while first == Some(at) && number > 0 {
            written.push(b'0' + (number % 10) as u8);
            number /= 10;
        }
    }
    written.reverse();
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_say_what_numbers_are() {
        // code, number, what it is
        let cases: &[(&str, f64, &str)] = &[
            ("m/d/yy", 1.0, "1900-01-01"),
            ("m/d/yy", 59.0, "1900-02-28"),
            ("m/d/yy", 61.0, "1900-03-01"),
            ("d mmm yyyy", 21_916.0, "1960-01-01"),
            ("[h]:mm", 0.0, "1899-12-31"),
            ("\"day\" 0", 7.0, "7"),
            ("00000", 501.0, "00501"),
            ("(000) 000-0000", 2_125_550_123.0, "(212) 555-0123"),
            ("00000", 1_234_567.0, "1234567"),
            ("General", 36_526.0, "36526"),
            ("yyyy", 9e15, "9000000000000000"),
            ("yyyy", -1.0, "-1"),
        ];
        for (code, number, wanted) in cases {
            let formats = Formats { by_style: vec![shape_of(code.as_bytes())], first_1904: false };
            let text = number.to_string();
            assert_eq!(String::from_utf8_lossy(&formats.number(text.as_bytes(), Some(b"0"))), *wanted, "{code}");
        }
    }
}
