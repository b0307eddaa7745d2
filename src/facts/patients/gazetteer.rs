//! Whether words are names that many people have, by the lists in `rules/fields/people.toml`.
//!
//! Knows the most common names of one country: a word that is listed speaks for a person, one that is not says little.

use std::sync::OnceLock;

use super::hashing::FastSet;
use super::map::map;

#[derive(Debug)]
struct Lists {
    given: FastSet<&'static str>,
    surnames: FastSet<&'static str>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let people = &map().people;
        Lists {
            given: people.given.split_ascii_whitespace().collect(),
            surnames: people.surnames.split_ascii_whitespace().collect(),
        }
    })
}

fn is_in(list: &FastSet<&'static str>, word: &[u8]) -> bool {
    let mut small = [0; 20];
    let Some(room) = small.get_mut(..word.len()) else { return false };
    room.copy_from_slice(word);
    room.make_ascii_lowercase();
    std::str::from_utf8(room).is_ok_and(|word| list.contains(word))
}

/// Whether many people have it as a given name.
pub(super) fn is_given(word: &[u8]) -> bool {
    is_in(&lists().given, word)
}

/// Whether many people have it as a surname.
pub(super) fn is_surname(word: &[u8]) -> bool {
    is_in(&lists().surnames, word)
}

/// Whether a value holds the name of a person, or letters of which these lists know nothing. Many surnames are words
/// of other things as well, and then rarely written like names.
pub(super) fn may_be_person(value: &[u8]) -> bool {
    let mut words = value.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| word.len() > 1);
    let written = words.clone().all(|word| word[0].is_ascii_uppercase());
    !value.is_ascii() || words.any(|word| is_given(word) || written && is_surname(word))
}

/// Of values that are said to be names, whether enough are people's: three in twenty of five or more. Lists of products,
/// hosts and places stay below, people of other countries do not.
pub(super) fn are_people<'v>(values: impl Iterator<Item = &'v [u8]>) -> bool {
    let different: FastSet<&[u8]> = values.map(<[u8]>::trim_ascii).filter(|value| !value.is_empty()).collect();
    let people = different.iter().filter(|value| may_be_person(value)).count();
    different.len() < 5 || people * 20 >= different.len() * 3
}

/// Whether at least half of the values, and more than one, are names that many people have.
pub(super) fn are_surely_people<'v>(values: impl Iterator<Item = &'v [u8]>) -> bool {
    let different: FastSet<&[u8]> = values.map(<[u8]>::trim_ascii).filter(|value| !value.is_empty()).collect();
    let people = different.iter().filter(|value| value.is_ascii() && may_be_person(value)).count();
    people > 1 && people * 2 >= different.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_from_other_things() {
        let people = ["Maria Kestin", "BREMOL^JAMES", "Tavi Smith", "Ünal", "Wendy"];
        let things = ["Blue kettle", "Router X2", "db-7.internal", "Oak table", "Kettle"];
        for (values, wanted) in [(people, true), (things, false)] {
            assert_eq!(are_people(values.iter().map(|value| value.as_bytes())), wanted, "{values:?}");
        }
        assert!(are_people(things[..4].iter().map(|value| value.as_bytes())), "few values say nothing");
        assert!(is_given(b"MARIA") && is_surname(b"Garcia") && !is_given(b"Kettle") && !is_surname(&[b'x'; 40]));
    }
}
