//! Patients in C-CDA documents.
//!
//! Knows the way of names that leads to an element; which way holds what stands in `rules/fields/cda.toml`.

use super::Scope;
use super::group::Group;
use super::map::{CdaField, FieldKind, Shape, map};
use super::pieces::letter_in;
use crate::document::xml::{Elements, elements};
use crate::text::Span;

/// The group of one document.
pub(super) fn group(text: &[u8], scope: Scope) -> Group {
    let mut group = Group::new("C-CDA", scope);
    let map = &map().cda;
    let found = elements(text);
    for (index, element) in found.list.iter().enumerate() {
        let name = &text[element.name.range()];
        if name == b"patientRole" {
            group.record(element.name.start);
        }
        if let Some(word) = std::str::from_utf8(name).ok().and_then(|name| map.context.get(name)) {
            group.context(word);
        }
        let is_last = |field: &&CdaField| field.last.iter().any(|last| last.as_bytes() == name);
        if !map.field.iter().any(|field| is_last(&field)) {
            continue;
        }
        let path = found.path(text, index);
        if path.iter().any(|name| map.unless.iter().any(|unless| unless.as_bytes() == *name)) {
            continue;
        }
        if let Some(field) = map.field.iter().filter(is_last).find(|field| is_within(&path, &field.within)) {
            take(text, &found, index, field, &mut group);
        }
    }
    group
}

/// Whether the names follow one another somewhere on the way; one step may lie between them.
fn is_within(path: &[&[u8]], within: &[String]) -> bool {
    let mut names = within.iter().peekable();
    for step in path {
        if names.peek().is_some_and(|name| name.as_bytes() == *step) {
            names.next();
        }
    }
    names.peek().is_none()
}

fn take(text: &[u8], found: &Elements, index: usize, field: &CdaField, group: &mut Group) {
    let span = match &field.value {
        Some(attribute) => found.attribute(text, index, attribute).map(|(span, _)| span),
        None => found.list[index].text,
    };
    let Some(span) = span else { return };
    match field.kind {
        FieldKind::Telecom => telecom(text, span, group),
        FieldKind::Identifier => {
            let root = found.attribute(text, index, "root").map(|(_, root)| String::from_utf8_lossy(root).into_owned());
            let letter = root.and_then(|root| letter_in(&map().cda.roots, &root)).unwrap_or(field.letter);
            let shape = if letter == 'G' { Shape::Ssn } else { Shape::Any };
            group.value(text, span, letter, shape, false);
        }
        kind => {
            let (shape, limited) = kind.shape();
            group.value(text, span, field.letter, shape, limited);
        }
    }
}

/// `tel:`, `fax:`, `mailto:` and what some write in their place.
fn telecom(text: &[u8], span: Span, group: &mut Group) {
    let value = &text[span.range()];
    let Some(colon) = value.iter().position(|byte| *byte == b':') else {
        group.value(text, span, 'D', Shape::Phone, false);
        return;
    };
    let rest = Span::new(span.start + colon + 1, span.end);
    match &value[..colon] {
        b"fax" => group.value(text, rest, 'E', Shape::Phone, false),
        b"mailto" | b"email" => group.value(text, rest, 'F', Shape::Email, false),
        b"http" | b"https" => group.value(text, span, 'N', Shape::Any, false),
        _ => group.value(text, rest, 'D', Shape::Phone, false),
    };
}
