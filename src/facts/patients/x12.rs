//! Patients, insured people and their relatives in X12 transactions.
//!
//! Knows that what follows a name belongs to it; which codes mean what stands in `rules/fields/x12.toml`.

use super::Scope;
use super::group::Group;
use super::map::{Shape, map};
use super::pieces::letter_of;
use super::runs::Runs;
use crate::document::segments::{Dialect, Segment, parts, segments};
use crate::text::Span;

/// The group of all transactions of a text.
pub(super) fn group(text: &[u8], scope: Scope) -> Group {
    let mut runs = Runs::new("X12", scope);
    let map = &map().x12;
    let mut person = false;
    let (mut interchanges, mut tested) = (0, 0);
    segments(text, Dialect::X12, |segment| {
        let Ok(name) = std::str::from_utf8(segment.name) else { return };
        let code = |number: usize| segment.field(number).map(|span| &text[span.range()]).unwrap_or_default();
        let word = |number: usize| std::str::from_utf8(code(number)).unwrap_or_default();
        let is_one = |codes: &[String], number: usize| codes.iter().any(|one| one == word(number));
        let group = runs.at(segment.start(), segment.end());
        if let Some(word) = map.context.get(name) {
            group.context(word);
        }
        match name {
            "ISA" => {
                interchanges += 1;
                tested += u32::from(code(15) == b"T");
            }
            "NM1" | "N1" => {
                person = is_one(&map.persons, 1);
                if person {
                    named(text, segment, group);
                }
            }
            "HL" | "SBR" | "ST" | "CLP" => person = false,
            _ => {}
        }
        if let "SBR" = name {
            value(text, segment, 3, 'I', Shape::Number, false, group);
        }
        match name {
            "N3" if person => {
                value(text, segment, 1, 'B', Shape::Address, false, group);
                value(text, segment, 2, 'B', Shape::Address, false, group);
            }
            "N4" if person => {
                value(text, segment, 1, 'B', Shape::Place, true, group);
                value(text, segment, 3, 'B', Shape::Zip, true, group);
            }
            "DMG" if code(1) == b"D8" => value(text, segment, 2, 'C', Shape::Birth, true, group),
            "PAT" => value(text, segment, 6, 'C', Shape::Date, true, group),
            "INS" => value(text, segment, 12, 'C', Shape::Date, true, group),
            "PER" if person => contact(text, segment, group),
            "REF" => {
                if let Some(letter) =
                    letter_of(&map.references, word(1)).filter(|letter| person || "GHIJ".contains(*letter))
                {
                    let shape = if letter == 'G' { Shape::Ssn } else { Shape::Number };
                    value(text, segment, 2, letter, shape, false, group);
                }
            }
            "CLM" => value(text, segment, 1, 'J', Shape::Number, false, group),
            "CLP" => {
                value(text, segment, 1, 'J', Shape::Number, false, group);
                value(text, segment, 7, 'R', Shape::Number, false, group);
            }
            "DTP" if is_one(&map.dates, 1) => dates(text, segment, 3, group),
            "DTM" if is_one(&map.dates, 1) => dates(text, segment, 2, group),
            "NTE" | "MSG" | "K3" => group.free_text = true,
            _ => {}
        }
    });
    let mut group = runs.finish();
    if tested > 0 {
        let why = "the interchange says that it is a test (ISA15)";
        if tested == interchanges { group.flag(why) } else { group.hint(why) }
    }
    group
}

fn value(
    text: &[u8],
    segment: &Segment<'_>,
    number: usize,
    letter: char,
    shape: Shape,
    limited: bool,
    group: &mut Group,
) {
    if let Some(span) = segment.field(number) {
        group.value(text, span, letter, shape, limited);
    }
}

/// The name and number of a person. An entity that is no person has a number all the same.
fn named(text: &[u8], segment: &Segment<'_>, group: &mut Group) {
    if segment.field(2).is_some_and(|span| &text[span.range()] == b"1") {
        group.record(segment.start());
        let parts: Vec<Span> = (3..=5).filter_map(|number| segment.field(number)).collect();
        group.person_name(text, &parts, 'A');
    }
    let code = segment.field(8).and_then(|span| std::str::from_utf8(&text[span.range()]).ok()).unwrap_or_default();
    if let Some(letter) = letter_of(&map().x12.numbers, code) {
        let shape = if letter == 'G' { Shape::Ssn } else { Shape::Number };
        value(text, segment, 9, letter, shape, false, group);
    }
}

fn contact(text: &[u8], segment: &Segment<'_>, group: &mut Group) {
    value(text, segment, 2, 'A', Shape::Name, false, group);
    for number in [3, 5, 7] {
        let code = segment.field(number).map(|span| &text[span.range()]).unwrap_or_default();
        match code {
            b"TE" | b"HP" | b"WP" | b"CP" => value(text, segment, number + 1, 'D', Shape::Phone, false, group),
            b"FX" => value(text, segment, number + 1, 'E', Shape::Phone, false, group),
            b"EM" => value(text, segment, number + 1, 'F', Shape::Email, false, group),
            _ => {}
        }
    }
}

/// One date, or two with a dash between.
fn dates(text: &[u8], segment: &Segment<'_>, number: usize, group: &mut Group) {
    if let Some(span) = segment.field(number) {
        for one in parts(text, span, b'-').take(2) {
            group.value(text, one, 'C', Shape::Date, true);
        }
    }
}
