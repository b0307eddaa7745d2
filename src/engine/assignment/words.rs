//! Which part of a value is ordinary words.
//!
//! A short list of words of English and of programs, collected by hand; [`super::random`] knows the rest by
//! its letter pairs.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use super::name::each_word;
use super::random::surprise;

/// Words of three letters and more, lower case.
const WORDS: &str = include_str!("words.txt");

/// The words by their first two letters, the longest first.
struct Words {
    buckets: Vec<Vec<&'static [u8]>>,
}

fn known() -> &'static Words {
    static KNOWN: OnceLock<Words> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut buckets = vec![Vec::new(); 26 * 26];
        for word in WORDS.split_ascii_whitespace().map(str::as_bytes) {
            if let Some(bucket) = bucket(word) {
                buckets[bucket].push(word);
            }
        }
        for bucket in &mut buckets {
            bucket.sort_unstable_by_key(|word: &&[u8]| (std::cmp::Reverse(word.len()), *word));
            bucket.dedup();
        }
        Words { buckets }
    })
}

/// Which bucket holds the words that begin like `text`.
fn bucket(text: &[u8]) -> Option<usize> {
    let letter = |at: usize| {
        let byte = text.get(at)?.to_ascii_lowercase();
        byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'))
    };
    Some(letter(0)? * 26 + letter(1)?)
}

/// The words of the list that `text` begins with, the longest first, in any case.
fn beginning(text: &[u8]) -> impl Iterator<Item = usize> {
    let words = bucket(text).map_or(&[][..], |bucket| known().buckets[bucket].as_slice());
    words
        .iter()
        .filter(|word| text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word))
        .map(|word| word.len())
}

/// Whether `text` is a word of the list, in any case.
pub(super) fn is_word(text: &[u8]) -> bool {
    beginning(text).any(|length| length == text.len())
}

/// How many letters of `text` are covered by words of four letters and more, greedily from the left, and how
/// many words those are.
pub(super) fn covered(text: &[u8]) -> (usize, usize) {
    let mut covered = 0;
    let mut count = 0;
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        let ends = |length: usize| !text.get(at + length).is_some_and(u8::is_ascii_alphabetic);
        let word = beginning(&text[at..]).find(|length| *length >= 4 || ends(*length));
        match word {
            Some(length) => {
                covered += length;
                count += 1;
                at += length;
            }
            None => at += 1,
        }
    }
    (covered, count)
}

/// Whether every word of `text` reads like a word of English or of a program: a name, a label, a path.
pub(super) fn is_plain(text: &[u8]) -> bool {
    let (mut plain, mut short, mut long) = (true, 0, 0);
    each_word(text, |word| {
        if word.len() <= 2 {
            short += word.len();
        } else {
            long += word.len();
            plain &= is_word(word) || (word.len() <= 14 && one_case(word) && surprise(word) < 5.0);
        }
        if plain { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    plain && short <= long.max(3) && digits * 4 <= text.len()
}

fn one_case(word: &[u8]) -> bool {
    let rest = word.get(1..).unwrap_or_default();
    rest.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted() {
        // text, letters covered, words
        let cases: &[(&str, usize, usize)] = &[
            ("thisismypassword", 14, 2), // "this", "mypassword"
            ("MyAccessToken", 11, 2),
            ("q7Zx0vK3jW9p", 0, 0),
            ("", 0, 0),
        ];
        for (text, letters, count) in cases {
            assert_eq!(covered(text.as_bytes()), (*letters, *count), "{text}");
        }
    }

    #[test]
    fn names_and_labels_are_plain() {
        // text, whether it is plain
        let cases: &[(&str, bool)] = &[
            ("user-password-input", true),
            ("com.example.AuthToken", true),
            ("application/json", true),
            ("q7Zx0vK3jW9pB2mL", false),
            ("tQxvRzWkjYbqPfGh", false),
        ];
        for (text, wanted) in cases {
            assert_eq!(is_plain(text.as_bytes()), *wanted, "{text}");
        }
    }
}
