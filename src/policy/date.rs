//! Calendar days, for `until=`.

/// A day, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i64);

impl Date {
    /// The day on which the second `seconds` since 1970 falls (UTC).
    pub const fn of_seconds(seconds: u64) -> Date {
        Date((seconds / 86_400) as i64)
    }

    /// Reads `YYYY-MM-DD`; `None` for anything that is no day of the calendar.
    pub fn parse(text: &str) -> Option<Date> {
        let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1..=length).contains(&day) {
            return None;
        }
        // Days from the civil calendar: years that begin in March, in eras of 400 years.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let of_era = shifted - era * 400;
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Some(Date(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468))
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_are_counted_from_1970() {
        let cases = [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-24", Some(20_781)),
            ("1900-02-29", None),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("tomorrow", None),
        ];
        for (text, days) in cases {
            assert_eq!(Date::parse(text), days.map(Date), "{text}");
        }
        assert_eq!(Date::of_seconds(86_400 * 20_781 + 5), Date(20_781));
    }
}
