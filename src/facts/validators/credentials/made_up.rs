//! Values that a person typed to stand for a secret: runs of the keyboard and the alphabet, one thing repeated.

use crate::facts::validators::Validity::{self, Doubtful, Silent};

/// Doubtful when at least half of the steps from one character to the next are 0 or 1, or the value repeats itself.
///
/// In a random value of hexadecimal digits one step in six is of that kind, of letters and digits one in twenty.
pub(super) fn made_up(value: &[u8]) -> Validity {
    let value = value.rsplit(|&byte| byte == b'_').next().unwrap_or(value);
    if value.len() < 8 {
        return Silent;
    }
    let small = value.windows(2).filter(|pair| follows(pair[0], pair[1])).count();
    if small * 2 >= value.len() - 1 {
        return Doubtful("it counts up, as made-up values do");
    }
    if repeats(value) {
        return Doubtful("it repeats itself, as made-up values do");
    }
    Silent
}

fn follows(first: u8, second: u8) -> bool {
    let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
    first == second || first.checked_add(1) == Some(second) || matches!((first, second), (b'9', b'0' | b'a'))
}

/// Is it one part of up to a third of its length, over and over?
fn repeats(value: &[u8]) -> bool {
    (1..=value.len().min(48) / 3).any(|period| value.iter().zip(&value[period..]).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_values() {
        for value in ["abcdef1234567890abcdef1234567890", "00000000", "a1b2a1b2a1b2", "sk_test_abcdefghijklmnop"] {
            assert!(matches!(made_up(value.as_bytes()), Doubtful(_)), "{value}");
        }
        for value in ["9c1f03e7b2d84a56", "short", "", "q8Zr2LmX0vTb7KpW"] {
            assert_eq!(made_up(value.as_bytes()), Silent, "{value}");
        }
    }
}
