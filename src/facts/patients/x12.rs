//! Patients, insured people and their relatives in X12 transactions.
//!
//! Knows that what follows a name belongs to it; which codes mean what stands in `rules/fields/x12.toml`.

use super::Profile;
use super::group::Group;
use super::map::{Shape, letter_of, map};
use crate::document::segments::{Dialect, Segment, parts, segments};

/// The group of all transactions of a text.
pub(super) fn group(text: &[u8], profile: Profile) -> Group {
    let mut group = Group::new("X12", profile);
    let map = &map().x12;
    let mut person = false;
    let mut tested = false;
    segments(text, Dialect::X12, |segment| {
        let Ok(name) = std::str::from_utf8(segment.name) else { return };
        let code = |number: usize| segment.field(number).map(|span| &text[span.range()]).unwrap_or_default();
        let word = |number: usize| String::from_utf8_lossy(code(number)).into_owned();
        if let Some(word) = map.context.get(name) {
            group.context(word);
        }
        match name {
            "ISA" => tested |= code(15) == b"T",
            "NM1" | "N1" => {
                person = map.persons.contains(&word(1));
                if person {
                    named(text, segment, &mut group);
                }
            }
            "HL" | "SBR" | "ST" | "CLP" => person = false,
            _ => {}
        }
        if let "SBR" = name {
            value(text, segment, 3, 'I', Shape::Number, false, &mut group);
        }
        match name {
            "N3" if person => {
                value(text, segment, 1, 'B', Shape::Address, false, &mut group);
                value(text, segment, 2, 'B', Shape::Address, false, &mut group);
            }
            "N4" if person => {
                value(text, segment, 1, 'B', Shape::Place, true, &mut group);
                value(text, segment, 3, 'B', Shape::Zip, true, &mut group);
            }
            "DMG" if code(1) == b"D8" => value(text, segment, 2, 'C', Shape::Birth, true, &mut group),
            "PAT" => value(text, segment, 6, 'C', Shape::Date, true, &mut group),
            "INS" => value(text, segment, 12, 'C', Shape::Date, true, &mut group),
            "PER" if person => contact(text, segment, &mut group),
            "REF" => {
                if let Some(letter) =
                    letter_of(&map.references, &word(1)).filter(|letter| person || "GHIJ".contains(*letter))
                {
                    let shape = if letter == 'G' { Shape::Ssn } else { Shape::Number };
                    value(text, segment, 2, letter, shape, false, &mut group);
                }
            }
            "CLM" => value(text, segment, 1, 'J', Shape::Number, false, &mut group),
            "CLP" => {
                value(text, segment, 1, 'J', Shape::Number, false, &mut group);
                value(text, segment, 7, 'R', Shape::Number, false, &mut group);
            }
            "DTP" if map.dates.contains(&word(1)) => dates(text, segment, 3, &mut group),
            "DTM" if map.dates.contains(&word(1)) => dates(text, segment, 2, &mut group),
            "NTE" | "MSG" | "K3" => group.free_text = true,
            _ => {}
        }
    });
    if tested {
        group.hint("the interchange says that it is a test (ISA15)");
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
        group.records += 1;
        for number in 3..=5 {
            value(text, segment, number, 'A', Shape::Name, false, group);
        }
    }
    let code =
        segment.field(8).map(|span| String::from_utf8_lossy(&text[span.range()]).into_owned()).unwrap_or_default();
    if let Some(letter) = letter_of(&map().x12.numbers, &code) {
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
