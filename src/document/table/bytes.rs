//! Numbers in bytes, and stretches of content; a place past the end is no panic but no answer.

use std::io::{self, Read, SeekFrom};

use crate::artifact::ReadSeek;

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

/// The day that is so many days after 1970-01-01, as `2024-05-01`. Days outside the years 0 to 9999 are none.
pub(super) fn day(days: i64) -> Option<String> {
    const FIRST: i64 = -719_528;
    const LAST: i64 = 2_932_896;
    if !(FIRST..=LAST).contains(&days) {
        return None;
    }
    // Years that begin in March end with the leap day, which makes all lengths regular (H. Hinnant,
    // "chrono-compatible low-level date algorithms").
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    Some(format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2)))
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
