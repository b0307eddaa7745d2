//! Attachments of records: files in base64 inside of FHIR resources, HL7 v2 messages and C-CDA documents.
//!
//! Knows where the formats put them and what they say of their kind: FHIR's `Attachment` and `Binary` (contentType and
//! data), OBX-5 of type ED (HL7 v2.9, §2A.2.24), and C-CDA's `representation="B64"`. What an attachment holds is
//! known to whoever reads it.

use super::segments::{Dialect, parts, segments};
use super::xml::elements;
use super::{Format, Value, parse};
use crate::text::{Span, base64_bytes};

/// How many attachments of one text are told.
pub const MOST: usize = 2_000;
/// How many bytes all of them may have, in base64.
const MOST_BYTES: usize = 64 << 20;
/// Shorter ones hold nothing.
const LEAST: usize = 16;

/// A file in a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The way to it in the record, or its number.
    pub path: String,
    /// What kind of file it is, by what the record says: `application/pdf`.
    pub media: String,
    /// Where it stands.
    pub span: Span,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Attachment {
    /// The ending that a file of its kind has.
    pub fn ending(&self) -> &'static str {
        let media = self.media.split(';').next().unwrap_or_default().trim();
        match media.rsplit(['/', '+']).next().unwrap_or_default() {
            "json" => ".json",
            "xml" => ".xml",
            "html" => ".html",
            "csv" => ".csv",
            "rtf" => ".rtf",
            "pdf" => ".pdf",
            "x-ndjson" | "ndjson" => ".ndjson",
            "yaml" | "x-yaml" => ".yaml",
            _ => ".txt",
        }
    }
}

/// What was found, and whether there was more.
#[derive(Debug, Default)]
pub struct Attachments {
    /// In the order of their places.
    pub list: Vec<Attachment>,
    /// Whether there are too many, or too large ones.
    pub cut: bool,
    taken: usize,
}

impl Attachments {
    fn add(&mut self, path: impl FnOnce() -> String, media: &str, span: Span, encoded: &[u8]) {
        if encoded.len() < LEAST {
            return;
        }
        if self.list.len() >= MOST || self.taken + encoded.len() > MOST_BYTES {
            self.cut = true;
            return;
        }
        self.taken += encoded.len();
        if let Some(bytes) = base64_bytes(encoded) {
            self.list.push(Attachment { path: path(), media: media.to_ascii_lowercase(), span, bytes });
        }
    }
}

/// The attachments of a text that is a record in one of the formats.
pub fn attachments(text: &[u8]) -> Attachments {
    let mut found = Attachments::default();
    let holds = |word: &[u8]| memchr::memmem::find(text, word).is_some();
    let start = text.trim_ascii_start();
    if start.starts_with(b"<") {
        if holds(b"B64") || holds(b"contentType") {
            of_xml(text, &mut found);
        }
    } else if start.starts_with(b"{") || start.starts_with(b"[") {
        if holds(b"\"contentType\"") {
            of_json(text, &mut found);
        }
    } else if holds(b"OBX") && holds(b"ase64") {
        of_hl7(text, &mut found);
    }
    found
}

fn of_json(text: &[u8], found: &mut Attachments) {
    for document in parse(Format::Json, text).documents {
        for id in document.ids() {
            let (Some(media), Some(data)) = (document.get_str(id, "contentType"), document.get(id, "data")) else {
                continue;
            };
            let node = document.node(data);
            if let (Value::Str(encoded), Some(span)) = (&node.value, node.span) {
                let path = || document.path_at(span.start, |_| None).unwrap_or_default();
                found.add(path, media, span, encoded.as_bytes());
            }
        }
    }
    found.list.sort_by_key(|attachment| attachment.span);
}

fn of_xml(text: &[u8], found: &mut Attachments) {
    let elements = elements(text);
    let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut media: Option<(Option<usize>, String)> = None;
    for (index, element) in elements.list.iter().enumerate() {
        let path = || {
            let names = elements.path(text, index);
            let last: Vec<String> = names[names.len().saturating_sub(3)..].iter().map(|name| string(name)).collect();
            format!("{}[{}]", last.join("."), index + 1)
        };
        match &text[element.name.range()] {
            // In FHIR, the kind stands before the data in the same element.
            b"contentType" => {
                media = elements.attribute(text, index, "value").map(|(_, value)| (element.parent, string(value)));
            }
            b"data" => {
                let kind =
                    media.as_ref().filter(|(parent, _)| *parent == element.parent).map(|(_, kind)| kind.as_str());
                if let (Some(kind), Some((span, value))) = (kind, elements.attribute(text, index, "value")) {
                    found.add(path, kind, span, value);
                }
            }
            _ => {
                let is_base64 = elements.attribute(text, index, "representation").is_some_and(|(_, way)| way == b"B64");
                if let Some(span) = element.text.filter(|_| is_base64) {
                    let kind = elements.attribute(text, index, "mediaType").map(|(_, kind)| string(kind));
                    found.add(path, &kind.unwrap_or_default(), span, &text[span.range()]);
                }
            }
        }
    }
}

fn of_hl7(text: &[u8], found: &mut Attachments) {
    let mut number = 0;
    segments(text, Dialect::Hl7, |segment| {
        if segment.name != b"OBX" {
            return;
        }
        number += 1;
        let is_data = segment.field(2).is_some_and(|kind| &text[kind.range()] == b"ED");
        let Some(field) = segment.field(5).filter(|_| is_data) else { return };
        for one in parts(text, field, segment.delimiters.repetition) {
            let components: Vec<Span> = parts(text, one, segment.delimiters.component).take(8).collect();
            let [_, kind, subtype, coding, data, ..] = components.as_slice() else { continue };
            if text[coding.range()].eq_ignore_ascii_case(b"base64") {
                let part = |span: &Span| String::from_utf8_lossy(&text[span.range()]).into_owned();
                let media = format!("{}/{}", part(kind), part(subtype));
                found.add(|| format!("OBX[{number}]-5"), &media, *data, &text[data.range()]);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_found_where_the_formats_put_them() {
        const ENCODED: &str = "aGVsbG8gaGVsbG8gaGVsbG8="; // hello hello hello
        // text, path and kind of each
        let cases: &[(String, &[(&str, &str)])] = &[
            (
                format!(r#"{{"resourceType":"Binary","contentType":"text/plain","data":"{ENCODED}"}}"#),
                &[("data", "text/plain")],
            ),
            (
                format!(r#"{{"content":[{{"attachment":{{"data":"{ENCODED}","contentType":"Application/PDF"}}}}]}}"#),
                &[("content[0].attachment.data", "application/pdf")],
            ),
            (r#"{"contentType":"text/plain","data":"short"}"#.to_owned(), &[]),
            (r#"{"contentType":"text/plain","data":"this is: no base64 at all!"}"#.to_owned(), &[]),
            (
                format!(
                    "<Binary><contentType value=\"text/html\"/><data value=\"{ENCODED}\"/><x><data value=\"{ENCODED}\"/></x></Binary>"
                ),
                &[("Binary.data[3]", "text/html")],
            ),
            (
                format!(
                    "<component><nonXMLBody><text mediaType=\"text/rtf\" representation=\"B64\">\n{ENCODED}\n</text></nonXMLBody></component>"
                ),
                &[("component.nonXMLBody.text[3]", "text/rtf")],
            ),
            (
                format!("MSH|^~\\&|A\rOBX|1|ST|a||b\rOBX|2|ED|a||x^text^plain^Base64^{ENCODED}|\r"),
                &[("OBX[2]-5", "text/plain")],
            ),
            (format!("MSH|^~\\&|A\rOBX|1|ED|a||x^text^plain^A^{ENCODED}|Base64\r"), &[]),
        ];
        for (text, wanted) in cases {
            let found = attachments(text.as_bytes());
            let told: Vec<_> = found.list.iter().map(|one| (one.path.as_str(), one.media.as_str())).collect();
            assert_eq!(told, *wanted, "{text}");
            assert!(found.list.iter().all(|one| one.bytes == b"hello hello hello"), "{text}");
        }
    }

    #[test]
    fn no_more_is_told_than_is_bounded() {
        let one = r#"{"contentType":"text/plain","data":"aGVsbG8gaGVsbG8gaGVsbG8="}"#;
        let many = format!("[{}]", vec![one; MOST + 5].join(","));
        let found = attachments(many.as_bytes());
        assert!(found.cut && found.list.len() == MOST);
    }
}
