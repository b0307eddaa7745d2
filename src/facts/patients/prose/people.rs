//! Names of people in prose.
//!
//! Knows `Given Surname`, `SURNAME, GIVEN` and `Mrs. Surname`; not whether somebody is a patient. People who sign, send
//! or treat are left out where a title or a degree says so.

use super::super::gazetteer::{is_given, is_surname};
use super::is_of_care;
use crate::text::Span;

/// The longest word that any list holds, in bytes.
const MAX_WORD: usize = 20;
/// How many people of one area are told.
const MAX_PEOPLE: usize = 20_000;
/// What stands before the name of one who is no patient here.
const NOT_BEFORE: &[&str] = &[
    "dr",
    "doctor",
    "prof",
    "professor",
    "nurse",
    "attending",
    "from",
    "by",
    "signed",
    "dictated",
    "provider",
    "regards",
    "sincerely",
    "physician",
    "surgeon",
    "hi",
    "hello",
    "dear",
    "thanks",
    "author",
    "contact",
    "st",
    "saint",
];
/// What stands behind it.
const NOT_BEHIND: &[&str] = &[
    "md",
    "do",
    "rn",
    "np",
    "pa",
    "lcsw",
    "phd",
    "pharmd",
    "dds",
    "dmd",
    "dpm",
    "dvm",
    "crnp",
    "fnp",
    "bcba",
    "lpn",
    "msw",
    "rph",
    "dpt",
    "pt",
    "aprn",
    "cna",
    "ot",
    "esq",
    "hospital",
    "clinic",
    "center",
    "centre",
    "medical",
    "university",
    "street",
    "st",
    "ave",
    "avenue",
    "road",
    "rd",
    "drive",
    "lane",
    "health",
    "inc",
    "llc",
    "county",
    "school",
    "syndrome",
    "disease",
];
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss"];
const PATIENTS: &[&str] = &["pt", "patient", "resident", "decedent"];

/// Somebody who is named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    /// The name, without its title.
    pub(super) span: Span,
    /// Whether given name and surname stand there, and both are ones that many people have.
    pub(super) whole: bool,
    /// Whether a word before it says that it is a patient's, or somebody's who is met in person.
    pub(super) patient: bool,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Title,
    Upper,
}

/// A word of an area that begins with a capital.
#[derive(Clone, Copy, Debug)]
struct Word {
    span: Span,
    written: Written,
}

/// The people of an area, in their order.
pub(super) fn people(text: &[u8], area: Span) -> Vec<Person> {
    let words = words(text, area);
    let mut people = Vec::new();
    let mut at = 0;
    while at < words.len() && people.len() < MAX_PEOPLE {
        match person(text, &words, at) {
            Some((person, next)) => {
                people.push(person);
                at = next;
            }
            None => at += 1,
        }
    }
    people
}

/// The words of an area that begin with a capital.
fn words(text: &[u8], area: Span) -> Vec<Word> {
    let mut words = Vec::new();
    let mut inside = false;
    let mut at = area.start;
    while at < area.end {
        let byte = text[at];
        if inside || !byte.is_ascii_uppercase() {
            // What a digit, a dash or an underscore stands beside is a part of something else.
            inside = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'/') || byte >= 0x80;
            at += 1;
            continue;
        }
        let inner = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'\'' | b'-');
        let length = text[at..area.end].iter().take_while(|byte| inner(byte)).count();
        let span = Span::new(at, at + length);
        at = span.end;
        inside = text.get(at).is_some_and(|byte| matches!(byte, b'_' | b'@' | b'/') || *byte >= 0x80);
        if !inside {
            let upper = !text[span.start + 1..span.end].iter().any(u8::is_ascii_lowercase);
            words.push(Word { span, written: if upper { Written::Upper } else { Written::Title } });
        }
    }
    words
}

/// The word that ends right before a place, and the one that begins right behind it.
fn neighbours(text: &[u8], span: Span) -> [Option<&[u8]>; 2] {
    let between = |byte: &u8| matches!(byte, b' ' | b',' | b'.' | b':' | b'(');
    let letter = |byte: &u8| byte.is_ascii_alphabetic();
    let before = &text[span.start.saturating_sub(MAX_WORD)..span.start];
    let signs = before.iter().rev().take_while(|byte| between(byte)).count();
    let before = &before[..before.len() - signs];
    let length = before.iter().rev().take_while(|byte| letter(byte)).count();
    let before = (signs <= 3).then(|| &before[before.len() - length..]);
    let behind = &text[span.end..text.len().min(span.end + MAX_WORD)];
    let signs = behind.iter().take_while(|byte| between(byte)).count();
    let behind = &behind[signs..];
    let length = behind.iter().take_while(|byte| letter(byte)).count();
    [before, (signs <= 3).then(|| &behind[..length])]
}

/// The person whose name begins with a word, and the number of the word behind it.
fn person(text: &[u8], words: &[Word], at: usize) -> Option<(Person, usize)> {
    let first = words[at];
    let second = *words.get(at + 1)?;
    let gap = |left: Word, right: Word| &text[left.span.end..right.span.start];
    if is_one_of(&text[first.span.range()], TITLES) {
        let close = matches!(gap(first, second), b" " | b". " | b".");
        let known = second.span.len() > 2 && is_surname(&text[second.span.range()]);
        return (close && known).then_some((Person { span: second.span, whole: false, patient: true }, at + 2));
    }
    let (given, surname, last) = match gap(first, second) {
        // A middle name or its initial.
        b" " | b"  " => {
            let third = words.get(at + 2).copied();
            let middle = third.filter(|third| {
                let initial = second.span.len() == 1 && matches!(gap(second, *third), b" " | b". ");
                let name = gap(second, *third) == b" " && is_given(&text[second.span.range()]);
                (initial || name) && is_named(text, first, *third)
            });
            middle.map_or((first, second, at + 1), |third| (first, third, at + 2))
        }
        b", " | b"," | b"^" => (second, first, at + 1),
        _ => return None,
    };
    if !is_named(text, given, surname) {
        return None;
    }
    let known = is_surname(&text[surname.span.range()]);
    // Two words that are names and parted by a comma may be two people.
    if given.span.start > surname.span.start && !known {
        return None;
    }
    let span = Span::new(first.span.start, words[last].span.end);
    let [before, behind] = neighbours(text, span);
    if before.is_some_and(|word| is_one_of(word, NOT_BEFORE)) || behind.is_some_and(|word| is_one_of(word, NOT_BEHIND))
    {
        return None;
    }
    let patient = before.is_some_and(|word| is_one_of(word, PATIENTS));
    Some((Person { span, whole: known, patient }, last + 1))
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
}

/// Whether two words, written alike, are a given name that many people have and what can be a surname.
fn is_named(text: &[u8], given: Word, surname: Word) -> bool {
    let alike =
        given.written == surname.written || surname.written == Written::Upper && given.written == Written::Title;
    let name = &text[surname.span.range()];
    alike
        && given.span.len() > 2
        && surname.span.len() > 2
        && is_given(&text[given.span.range()])
        && (is_surname(name) || !is_of_care(&String::from_utf8_lossy(name).to_ascii_lowercase()))
}
