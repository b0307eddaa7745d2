//! Patients in HL7 v2 messages.
//!
//! Knows data types (XPN, XAD, CX, XTN) by their components; which field holds what stands in `rules/fields/hl7.toml`.

use super::group::Group;
use super::map::{FieldKind, Shape, map};
use super::pieces::letter_of;
use super::runs::Runs;
use super::{Scope, pieces};
use crate::document::segments::{Delimiters, Dialect, Segment, parts, segments};
use crate::text::Span;

/// The group of all messages of a text.
pub(super) fn group(text: &[u8], scope: Scope) -> Group {
    let mut runs = Runs::new("HL7 v2", scope);
    let map = &map().hl7;
    let (mut messages, mut tested) = (0, 0);
    segments(text, Dialect::Hl7, |segment| {
        let Ok(name) = std::str::from_utf8(segment.name) else { return };
        if name == "MSH" {
            // MSH-11: production, training or debugging.
            let processing = segment.field(11).map(|span| text[span.start]);
            messages += 1;
            tested += u32::from(matches!(processing, Some(b'T' | b'D')));
        }
        let group = runs.at(segment.start(), segment.end());
        if name == "PID" {
            group.record(segment.start());
        }
        if let Some(word) = map.context.get(name) {
            group.context(word);
        }
        group.free_text |= map.free_text.get(name).is_some_and(|number| segment.field(*number).is_some());
        for (number, letter, kind) in map.by_segment.get(name).into_iter().flatten() {
            let Some(span) = segment.field(*number) else { continue };
            for one in parts(text, span, segment.delimiters.repetition).take(50) {
                field(text, one, *letter, *kind, segment, group);
            }
        }
    });
    let mut group = runs.finish();
    if tested > 0 {
        let why = "the messages say that they are for training or debugging (MSH-11)";
        if tested == messages { group.flag(why) } else { group.hint(why) }
    }
    if group.records > 0 {
        group.context("HL7 v2 message");
    }
    group
}

fn field(text: &[u8], span: Span, letter: char, kind: FieldKind, segment: &Segment<'_>, group: &mut Group) {
    let Delimiters { component, sub, .. } = segment.delimiters;
    let components: Vec<Span> = parts(text, span, component).take(24).collect();
    let at = |number: usize| components.get(number - 1).copied().filter(|span| !span.is_empty());
    // `""` says that there is nothing.
    let first_sub = |span: Span| parts(text, span, sub).next().filter(|span| &text[span.range()] != b"\"\"");
    let first = at(1).and_then(first_sub);
    match kind {
        FieldKind::Name => {
            let parts: Vec<Span> = (1..=3).filter_map(at).filter_map(first_sub).collect();
            group.person_name(text, &parts, letter);
        }
        FieldKind::Address => {
            for (number, shape, limited) in [
                (1, Shape::Address, false),
                (2, Shape::Address, false),
                (3, Shape::Place, true),
                (5, Shape::Zip, true),
                (9, Shape::Address, false),
            ] {
                if let Some(span) = at(number).and_then(first_sub) {
                    group.value(text, span, letter, shape, limited);
                }
            }
        }
        FieldKind::Phone => phone(text, &components, group),
        FieldKind::Number | FieldKind::Identifier => {
            let Some(span) = first else { return };
            let code = at(5).and_then(|span| std::str::from_utf8(&text[span.range()]).ok()).unwrap_or_default();
            let by_root = at(4).is_some_and(|span| pieces::contains(&text[span.range()], b"2.16.840.1.113883.4.1&"));
            let letter = if by_root { 'G' } else { letter_of(&map().hl7.types, code).unwrap_or(letter) };
            let shape = if letter == 'G' { Shape::Ssn } else { Shape::Number };
            if !group.value(text, span, letter, shape, false) && shape == Shape::Ssn {
                group.value(text, span, 'R', Shape::Number, false);
            }
        }
        FieldKind::Ssn => {
            if let Some(span) = first {
                group.value(text, span, letter, Shape::Ssn, false);
            }
        }
        FieldKind::Birth | FieldKind::Date => {
            let shape = if kind == FieldKind::Birth { Shape::Birth } else { Shape::Date };
            if let Some(span) = first {
                group.value(text, span, letter, shape, true);
            }
        }
        _ => {
            if let Some(span) = first {
                group.value(text, span, letter, Shape::Name, false);
            }
        }
    }
}

/// XTN: a number in one piece, in parts, or an e-mail address.
fn phone(text: &[u8], components: &[Span], group: &mut Group) {
    let at = |number: usize| components.get(number - 1).copied().filter(|span| !span.is_empty());
    let code = at(3).map(|span| &text[span.range()]);
    let letter = if code == Some(b"FX") { 'E' } else { 'D' };
    for span in [at(4), at(1), at(12)].into_iter().flatten() {
        if text[span.range()].contains(&b'@') {
            group.value(text, span, 'F', Shape::Email, false);
        } else {
            group.value(text, span, letter, Shape::Phone, false);
        }
    }
    if let (None, Some(local)) = (at(1), at(7)) {
        let span = Span::new(at(6).map_or(local.start, |area| area.start), local.end);
        let digits = text[local.range()].iter().filter(|byte| byte.is_ascii_digit()).count();
        if digits >= 7 {
            group.value(text, local, letter, Shape::Phone, false);
            group.spans.push(span);
        }
    }
}
