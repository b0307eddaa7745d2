//! People in JSON objects that stand in a row, one a line or in an array: records of the columns that somebody chose.
//!
//! Knows how objects become rows; a name in an object in an object is parted by a dot. Read only where columns were
//! chosen: what else such objects hold is found by the names beside their values.

use serde_json::Value;

use super::Scope;
use super::columns::{self, Chosen};
use super::group::Group;
use crate::document::delimited::line_end;
use crate::text::Span;

/// How many names are told apart.
const MAX_NAMES: usize = 4_000;
/// How deep objects are read.
const MAX_DEPTH: usize = 4;

/// The group of all objects of a text; nothing without chosen columns.
pub(super) fn group(text: &[u8], chosen: &mut Chosen<'_>, scope: Scope) -> Option<Group> {
    let wanted = chosen.columns?;
    let mut names: Vec<String> = Vec::new();
    let mut first = None;
    // An object may leave out what it does not know: which names there are is known behind the last one.
    each(text, |span, object| {
        let mut row = Vec::new();
        flatten(object, "", 0, &mut row);
        first = first.or(Some(span.start));
        for (name, _) in row {
            if names.len() < MAX_NAMES && !names.contains(&name) {
                names.push(name);
            }
        }
    });
    let first = first?;
    let resolved = columns::resolve(wanted, &names);
    chosen.note(&resolved, "", first);
    if !resolved.is_complete() {
        return None;
    }
    let mut group = Group::new("JSON objects", scope);
    each(text, |span, object| {
        let mut row = Vec::new();
        flatten(object, "", 0, &mut row);
        if !group.measure.chosen {
            group.measure = resolved.measure(wanted);
        }
        let cell = |at: &usize| {
            let found = names.get(*at).and_then(|name| row.iter().find(|(known, _)| known == name));
            found.map_or(&b""[..], |(_, value)| columns::value(value.as_bytes()))
        };
        // No line of such an object may be shown.
        group.veiled.push(span);
        let quasi: Vec<&[u8]> = resolved.quasi.iter().map(cell).collect();
        if quasi.iter().all(|value| value.is_empty()) {
            return;
        }
        group.record(span.start);
        if group.owns(span.start) {
            group.crowd.person(&quasi, resolved.sensitive.iter().map(cell));
        }
    });
    group.measure.chosen.then_some(group)
}

/// Calls `each` for every object that begins a line or an item of the outermost array, whole ones only.
fn each(text: &[u8], mut each: impl FnMut(Span, &serde_json::Map<String, Value>)) {
    let mut at = 0;
    loop {
        let parted = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']');
        at += text[at..].iter().take_while(|byte| parted(byte)).count();
        if at >= text.len() {
            return;
        }
        if text[at] == b'{' {
            let mut values = serde_json::Deserializer::from_slice(&text[at..]).into_iter::<Value>();
            if let Some(Ok(Value::Object(object))) = values.next() {
                let end = at + values.byte_offset();
                each(Span::new(at, end), &object);
                at = end;
                continue;
            }
        }
        // The middle of an object whose beginning is elsewhere, or no JSON: the next line may begin one.
        at = line_end(text, at) + 1;
        if at >= text.len() {
            return;
        }
    }
}

fn flatten(object: &serde_json::Map<String, Value>, before: &str, depth: usize, row: &mut Vec<(String, String)>) {
    for (name, value) in object.iter().take(MAX_NAMES) {
        let name = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        match value {
            Value::Object(inner) if depth < MAX_DEPTH => flatten(inner, &name, depth + 1, row),
            Value::String(text) => row.push((name, text.clone())),
            Value::Number(number) => row.push((name, number.to_string())),
            Value::Bool(bool) => row.push((name, bool.to_string())),
            Value::Null => row.push((name, String::new())),
            Value::Object(_) | Value::Array(_) => {}
        }
    }
}
