//! Days as people write them. Knows no clock and no time zones.

/// 0000-01-01, in days after 1970-01-01.
pub const FIRST: i64 = -719_528;
/// 9999-12-31.
pub const LAST: i64 = 2_932_896;

/// The day that is so many days after 1970-01-01, as `2024-05-01`; none outside of [`FIRST`] to [`LAST`].
pub fn day(days: i64) -> Option<String> {
    if !(FIRST..=LAST).contains(&days) {
        return None;
    }
    // Years that begin in March end with the leap day, which makes all lengths regular (H. Hinnant,
    // "chrono-compatible low-level date algorithms").
    let days = days - FIRST - 60;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    Some(format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_people_do() {
        let cases = [
            (0, Some("1970-01-01")),
            (-1, Some("1969-12-31")),
            (11_016, Some("2000-02-29")),
            (19_844, Some("2024-05-01")),
            (FIRST, Some("0000-01-01")),
            (LAST, Some("9999-12-31")),
            (FIRST - 1, None),
            (LAST + 1, None),
        ];
        for (days, wanted) in cases {
            assert_eq!(day(days).as_deref(), wanted, "{days}");
        }
    }
}
