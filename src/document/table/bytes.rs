//! Numbers in bytes, and stretches of content; a place past the end is no panic but no answer.

use std::io::{self, Read, SeekFrom};

use crate::artifact::ReadSeek;
use crate::artifact::calendar::day;

/// A little-endian number of `N` bytes at `at`.
pub(super) fn fixed<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub(super) fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    fixed(bytes, at).map(u32::from_le_bytes)
}

pub(super) fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
    fixed(bytes, at).map(u16::from_be_bytes)
}

pub(super) fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    fixed(bytes, at).map(u32::from_be_bytes)
}

/// Up to `length` bytes from `offset`: fewer at the end. Memory is taken as bytes come, not as they are promised.
pub(super) fn stretch(content: &mut dyn ReadSeek, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    content.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    content.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A number as people write it: an identifier that was stored as a fraction is none.
pub(super) fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { number.to_string() }
}

/// A moment in seconds since 1970 as `2024-05-01 13:05:00`, the time left out at midnight.
pub(super) fn moment(seconds: i64) -> Option<String> {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date = day(days)?;
    if rest == 0 {
        return Some(date);
    }
    Some(format!("{date} {:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_those_of_the_calendar() {
        // seconds since 1970, how they are written
        let cases: &[(i64, Option<&str>)] = &[
            (0, Some("1970-01-01")),
            (-1, Some("1969-12-31 23:59:59")),
            (951_782_400, Some("2000-02-29")),
            (951_782_400 + 47_106, Some("2000-02-29 13:05:06")),
            (i64::MAX, None),
            (i64::MIN, None),
        ];
        for (seconds, wanted) in cases {
            assert_eq!(moment(*seconds).as_deref(), *wanted, "{seconds}");
        }
    }

    #[test]
    fn places_past_the_end_are_no_numbers() {
        assert_eq!(u32_le(&[1, 0, 0, 0], 0), Some(1));
        assert_eq!(u32_le(&[1, 0, 0, 0], 1), None);
        assert_eq!(u32_be(&[0; 8], usize::MAX), None);
        assert_eq!(u16_be(&[1, 2], 0), Some(0x102));
    }
}
