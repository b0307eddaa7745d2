//! Values that a person typed to stand for a secret: runs of the keyboard and the alphabet, one thing repeated.

use crate::facts::validators::Validity::{self, Doubtful, Patterned, Silent};

/// From this many different characters on, a value that only counts has the form of one that was issued.
const VARIED: usize = 6;

/// Patterned when at least half of the steps from one character to the next are 0 or 1, or the value repeats itself;
/// doubtful when it does so with a handful of characters.
///
/// In a random value of hexadecimal digits one step in six is of that kind, of letters and digits one in twenty.
pub(super) fn made_up(value: &[u8]) -> Validity {
    let value = value.rsplit(|&byte| byte == b'_').next().unwrap_or(value);
    if value.len() < 8 {
        return Silent;
    }
    let verdict = if distinct(value) >= VARIED { Patterned } else { Doubtful };
    let small = value.windows(2).filter(|pair| follows(pair[0], pair[1])).count();
    if small * 2 >= value.len() - 1 {
        return verdict("it counts up, as made-up values do");
    }
    if repeats(value) {
        return verdict("it repeats itself, as made-up values do");
    }
    Silent
}

fn follows(first: u8, second: u8) -> bool {
    let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
    first == second || first.checked_add(1) == Some(second) || matches!((first, second), (b'9', b'0' | b'a'))
}

fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    for &byte in value {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
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
        for value in ["abcdef1234567890abcdef1234567890", "abcd12abcd12abcd12", "sk_test_abcdefghijklmnop"] {
            assert!(matches!(made_up(value.as_bytes()), Patterned(_)), "{value}");
        }
        for value in ["00000000", "a1b2a1b2a1b2", "1112223334444"] {
            assert!(matches!(made_up(value.as_bytes()), Doubtful(_)), "{value}");
        }
        for value in ["9c1f03e7b2d84a56", "short", "", "q8Zr2LmX0vTb7KpW"] {
            assert_eq!(made_up(value.as_bytes()), Silent, "{value}");
        }
    }
}
