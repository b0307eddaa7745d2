//! Whether the first names of a text speak of patients although no telling word stands among them: `Pt Last, Pt First`,
//! `name, diagnosis`.
//!
//! Knows headers of tables, the columns of a statement and the keys of the first object; not what stands under them.

use super::map::map;
use crate::document::delimited::line_end;

/// The longest header, in bytes.
const MAX_HEADER: usize = 4_096;
/// How much of a text is looked at for the keys of its first object, in bytes.
const MAX_OBJECT: usize = 1_024;
/// How far into a program's text its first object may begin, in bytes.
const PROLOGUE: usize = 256;
/// How many objects are told.
const MAX_OBJECTS: usize = 50_000;

/// Whether the line that a text begins with is a header that speaks of patients, though no telling word is in it. Rows
/// stand below it, or, unless it is the `first` line of all, the rule that led here.
pub(super) fn is_telling_header(text: &[u8], first: bool) -> bool {
    let end = line_end(text, 0).min(MAX_HEADER);
    let header = &text[..end];
    let signs = |line: &[u8], sign: u8| line.iter().filter(|byte| **byte == sign).count();
    let Some(sign) = [b'\t', b',', b'|', b';'].into_iter().max_by_key(|sign| signs(header, *sign)) else {
        return false;
    };
    // Lines of code hold such signs as well, but rarely the same number twice.
    let below = text.get(end..).map(<[u8]>::trim_ascii_start).unwrap_or_default();
    let below = &below[..line_end(below, 0).min(MAX_HEADER)];
    if signs(header, sign) == 0 || first && signs(below, sign) < signs(header, sign) {
        return false;
    }
    are_telling(header.split(|byte| *byte == sign))
}

/// Whether the columns that a statement names speak of patients.
pub(super) fn is_telling_insert(statement: &[u8]) -> bool {
    let head = &statement[..statement.len().min(MAX_HEADER)];
    let columns = memchr::memchr(b'(', head).zip(memchr::memchr(b')', head)).filter(|(open, close)| open < close);
    columns.is_some_and(|(open, close)| are_telling(head[open + 1..close].split(|byte| *byte == b',')))
}

/// Whether names speak of a person and of what ails him, or of a patient.
fn are_telling<'n>(names: impl Iterator<Item = &'n [u8]>) -> bool {
    let (mut clinical, mut fields, mut patients) = (false, 0, 0);
    for meaning in names.take(400).filter_map(|name| map().meaning(name)) {
        clinical |= meaning.clinical;
        fields += usize::from(meaning.field.is_some());
        patients += usize::from(meaning.field.is_some() && meaning.person);
    }
    fields > 0 && clinical || fields > 1 && patients > 0
}

/// Where one key of the first object, and of all that follow, stands, if its keys speak of patients.
pub(super) fn telling_objects(text: &[u8]) -> Vec<usize> {
    let text_start = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let prologue = &text[text_start..text.len().min(text_start + PROLOGUE)];
    let quoted = matches!(prologue.first(), Some(b'{' | b'['))
        || memchr::memmem::find(prologue, b"{\"").or_else(|| memchr::memmem::find(prologue, b"{'")).is_some();
    if !quoted && !prologue.starts_with(b"- ") {
        return Vec::new();
    }
    let object = &text[text_start..text.len().min(text_start + MAX_OBJECT)];
    let keys: Vec<&[u8]> = memchr::memchr_iter(b':', object).filter_map(|colon| key_before(object, colon)).collect();
    if !are_telling(keys.iter().copied()) {
        return Vec::new();
    }
    let first = keys.iter().find(|key| map().meaning(key).is_some_and(|meaning| meaning.field.is_some()));
    first.map_or_else(Vec::new, |key| memchr::memmem::find_iter(text, *key).take(MAX_OBJECTS).collect())
}

/// The key that ends before a colon: what is quoted there, or the words from the beginning of its line.
fn key_before(text: &[u8], colon: usize) -> Option<&[u8]> {
    let before = text[..colon].trim_ascii_end();
    let key = match before.last() {
        Some(mark @ (b'"' | b'\'')) => {
            let inner = &before[..before.len() - 1];
            &inner[memchr::memrchr(*mark, inner)? + 1..]
        }
        _ => {
            let line = memchr::memrchr(b'\n', before).map_or(before, |end| &before[end + 1..]).trim_ascii_start();
            line.strip_prefix(b"- ").unwrap_or(line)
        }
    };
    (!key.is_empty() && key.len() < 60).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_speak_of_patients() {
        let cases = [
            ("Pt Last,Pt First,DOS\nA,B,C\n", true),
            ("name;diagnosis\nA;B\n", true),
            ("name;diagnosis\nA\n", false), // no row below
            ("name,phone,city\nA,B,C\n", false),
            ("drug,dosage\nA,B\n", false), // nobody's
            ("use std::fmt;\nuse std::io;\n", false),
            ("", false),
        ];
        for (text, wanted) in cases {
            assert_eq!(is_telling_header(text.as_bytes(), true), wanted, "{text}");
        }
        assert!(is_telling_header(b"| Name | Dx |\n|---|---|\n", false));
        assert!(is_telling_insert(b"INSERT INTO t (name, dx_code) VALUES ('A', 'B');"));
        assert!(!is_telling_insert(b"INSERT INTO t (a, b) VALUES ('name', 'dx');"));
    }

    #[test]
    fn objects_speak_of_patients() {
        let cases = [
            (r#"[{"Pt Last": "A", "ISS": 9, "Pt First": "B"}, {"Pt Last": "C"}]"#, 2),
            ("rows = [\n  {'email': 'A', 'symptom': 'B'},\n]", 1),
            ("- Pt Name: A\n  DOS: B\n- Pt Name: C\n", 2),
            (r#"{"name": "A", "version": "1"}"#, 0),
            ("Pt Name: A\nDOS: B\n", 0), // prose
        ];
        for (text, wanted) in cases {
            assert_eq!(telling_objects(text.as_bytes()).len(), wanted, "{text}");
        }
    }
}
