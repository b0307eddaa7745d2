//! Patients in prose: a person's name, beside a date of birth, a number of a record or an age, amid words of care.
//!
//! Knows notes, letters and messages as people write them, without labels. A name alone is nobody's record, nor is a
//! word of medicine: all three have to stand together, and names of those who care for others do not count.

mod evidence;
mod people;

use self::evidence::{Evidence, evidence};
use self::people::{Person, people};
use super::group::Group;
use super::hashing::hash;
use super::kinds::Shape;
use super::map::map;
use super::{Scope, merged, pairs, pieces};
use crate::text::Span;

/// The longest text that is read whole if it is prose, in bytes.
const MAX_WHOLE: usize = 256 << 10;
/// How much is read around a telling word in anything else, in bytes.
const AROUND: usize = 600;
/// How far words of care may stand before and behind a name, in bytes.
const BEFORE: usize = 400;
const BEHIND: usize = 900;
/// Of how many places a text is looked at to learn whether it is prose, and how much of it, in bytes.
const SAMPLES: usize = 4;
const SAMPLE: usize = 250;

/// The group of all people in a text's prose outside of what is `covered`; `hits` are where words tell of patients.
pub(super) fn group(text: &[u8], hits: &[usize], covered: &[Span], scope: Scope) -> Option<Group> {
    let mut group = Group::new("prose", scope);
    for area in areas(text, hits) {
        read(text, area, covered, &mut group);
    }
    (!group.is_empty()).then_some(group)
}

/// What is read of a text: all of it if it is prose, or what stands around telling words.
fn areas(text: &[u8], hits: &[usize]) -> Vec<Span> {
    if text.len() <= MAX_WHOLE && is_prose(text) {
        return vec![Span::new(0, text.len())];
    }
    merged(hits.iter().map(|hit| Span::new(hit.saturating_sub(AROUND), (hit + AROUND).min(text.len()))).collect())
}

/// Whether a text is written for people: letters and blanks, and hardly any sign that programs and data are full of.
fn is_prose(text: &[u8]) -> bool {
    let step = (text.len() / SAMPLES).max(1);
    let (mut letters, mut signs, mut all) = (0, 0, 0);
    for start in (0..text.len()).step_by(step).take(SAMPLES) {
        let sample = &text[start..text.len().min(start + SAMPLE)];
        all += sample.len();
        for byte in sample {
            let byte = *byte;
            letters += usize::from(byte.is_ascii_alphabetic() || byte == b' ' || byte >= 0x80);
            signs += usize::from(b"{}<>[]=;$\"&|_`".contains(&byte));
        }
        // Most programs say what they are in the first lines.
        if signs * 50 > SAMPLE * SAMPLES {
            return false;
        }
    }
    all > 0 && letters * 10 >= all * 6 && signs * 50 <= all
}

fn read(text: &[u8], area: Span, covered: &[Span], group: &mut Group) {
    let people = people(text, area);
    // Most people are nobody's patients, and then no word of care is looked for.
    let mut care = None;
    let mut reaches = Vec::new();
    for (at, person) in people.iter().enumerate() {
        if pieces::touches(covered, person.span) {
            continue;
        }
        // What stands behind the next person is that one's.
        let next = people.get(at + 1).map_or(area.end, |next| next.span.start);
        let Some(evidence) = evidence(text, area, person, next) else { continue };
        // Who is told by labels already is not told twice.
        if [evidence.birth, evidence.number].into_iter().flatten().any(|span| pieces::touches(covered, span)) {
            continue;
        }
        let start = person.span.start.saturating_sub(BEFORE).max(area.start);
        let around = Span::new(start, (person.span.end + BEHIND).min(area.end));
        let needed = needed(person, &evidence);
        if needed > 0 && different(care.get_or_insert_with(|| words_of_care(text, area)), around, needed) < needed {
            continue;
        }
        group.record(person.span.start);
        group.value(text, person.span, 'A', Shape::Name, false);
        if let Some(birth) = evidence.birth {
            group.value(text, birth, 'C', Shape::Birth, true);
        }
        if let Some(number) = evidence.number {
            group.value(text, number, 'H', Shape::Number, false);
        }
        group.context("words of care around the name");
        reaches.push(around);
    }
    for reach in merged(reaches) {
        pairs::unlabelled(text, reach, &[], covered, group);
        group.near.push(reach);
    }
}

/// How many different words of care have to stand around a person of whom so much is known.
fn needed(person: &Person, evidence: &Evidence) -> usize {
    let needed = match evidence {
        Evidence { number: Some(_), .. } => 1,
        Evidence { birth: Some(_), of_forms: true, .. } => 1,
        Evidence { birth: Some(_), .. } => 2,
        _ if person.whole => 3,
        _ => return usize::MAX,
    };
    needed - usize::from(person.patient).min(needed)
}

/// Where words of care begin in an area, and the hash of each.
fn words_of_care(text: &[u8], area: Span) -> Vec<(usize, u64)> {
    let mut found = Vec::new();
    let mut small = String::new();
    let mut at = area.start;
    for word in text[area.range()].split(|byte| !byte.is_ascii_alphanumeric()) {
        if let Ok(word) = std::str::from_utf8(word) {
            small.clear();
            small.extend(word.chars().map(|c| c.to_ascii_lowercase()));
            if is_of_care(&small) {
                found.push((at, hash(&[small.as_bytes()])));
            }
        }
        at += word.len() + 1;
    }
    found
}

/// How many different ones begin in a stretch, as far as anybody wants to know.
fn different(care: &[(usize, u64)], stretch: Span, wanted: usize) -> usize {
    let first = care.partition_point(|(at, _)| *at < stretch.start);
    let mut seen: Vec<u64> = Vec::new();
    for (_, word) in care[first..].iter().take_while(|(at, _)| *at < stretch.end) {
        if seen.len() >= wanted {
            break;
        }
        if !seen.contains(word) {
            seen.push(*word);
        }
    }
    seen.len()
}

/// Whether a word in small letters is one of care.
fn is_of_care(word: &str) -> bool {
    map().clinic.set().contains(word)
}

#[cfg(test)]
mod tests;
