//! What Kubernetes objects hold in disguise: the values of secrets, which are base64 by definition, read with their
//! names; what Helm keeps of a release; files, scripts and copies of objects that stand in JSON as one string.

use super::json_text::JsonText;
use super::{Inner, MOST_TEXTS, Places, is_object};
use crate::artifact::{Coding, Step};
use crate::document::{Document, Kind, Value};
use crate::text::{DecodeBudget, Span, base64_text};

/// Every value under `data` of a `kind: Secret` that is text: as the file that its name says it is, and, on one
/// line, as an assignment to its name. Aliases can repeat one value without end, so the budget bounds them.
pub(super) fn values(document: &Document, budget: &mut DecodeBudget) -> Vec<Inner> {
    let mut values = Vec::new();
    for id in document.ids() {
        if document.get_str(id, "kind") != Some("Secret") {
            continue;
        }
        let Some(data) = document.get(id, "data") else { continue };
        let release = document.get_str(id, "type").is_some_and(|kind| kind.starts_with("helm.sh/release"));
        for entry in document.entries(data) {
            let node = document.node(entry.value);
            let (Value::Str(encoded), Some(span)) = (&node.value, node.span) else { continue };
            if !budget.take(encoded.len()) {
                return values;
            }
            let Some(text) = base64_text(encoded.as_bytes()) else { continue };
            let stored = |text: Vec<u8>, name: &str| value(text, name, &entry.key, span);
            if release && let Some(texts) = helm::texts(&text, budget) {
                values.extend(texts.into_iter().map(|(name, text)| stored(text, name)));
                continue;
            }
            let line = text.trim_ascii();
            if !line.contains(&b'\n') {
                values.push(stored([entry.key.as_bytes(), b" = ", line].concat(), "secret.properties"));
            }
            values.push(stored(text, &entry.key));
        }
    }
    values
}

/// The text of the value of a secret under `key`.
fn value(text: Vec<u8>, name: &str, key: &str, span: Span) -> Inner {
    Inner {
        text,
        name: name.to_owned(),
        way: vec![Step::Decoded(Coding::Base64)],
        path: format!("data.{key}"),
        places: Places::Whole(span),
        stored: true,
    }
}

/// The strings of an object in JSON, or in quotes in YAML, that hold lines or quotes: as they stand there, escapes and
/// all, no rule for texts understands them. The name of the value is taken for a file name, as in a `ConfigMap` it is.
pub(super) fn texts(document: &Document, outer: &[u8]) -> Vec<Inner> {
    if !matches!(document.kind, Kind::Json | Kind::Yaml) || !is_object(document) {
        return Vec::new();
    }
    let escaped = |span: Span| {
        document.kind == Kind::Json
            || (outer.get(span.start) == Some(&b'"') && memchr::memchr(b'\\', &outer[span.range()]).is_some())
    };
    let mut texts = Vec::new();
    for entry in document.ids().flat_map(|id| document.entries(id)) {
        let one = [entry.value];
        let strings = match document.value(entry.value) {
            Value::Str(_) => &one[..],
            _ => document.items(entry.value),
        };
        for string in strings {
            let node = document.node(*string);
            let (Value::Str(string), Some(span)) = (&node.value, node.span) else { continue };
            if !string.contains(['\n', '"']) || !escaped(span) {
                continue;
            }
            if texts.len() == MOST_TEXTS {
                return texts;
            }
            let mut text = JsonText::default();
            text.add(outer, span);
            let (text, places) = text.places();
            let is_json = string.starts_with('{') && !entry.key.ends_with(".json");
            let name = if is_json { "text.json" } else { &*entry.key };
            let (name, path) = (name.to_owned(), String::new());
            texts.push(Inner { text, name, way: Vec::new(), path, places, stored: false });
        }
    }
    texts
}

/// Releases as Helm keeps them: JSON, packed, and written in base64 once more.
#[cfg(feature = "archives")]
mod helm {
    use std::io::Read;

    use crate::text::{DecodeBudget, base64_bytes};

    /// How large an unpacked release may be, in bytes. Kubernetes keeps no more than a mebibyte packed.
    const LARGEST: u64 = 32 << 20;

    /// What was deployed and with which values; the chart itself is code that others have written. `None` for what
    /// is no release.
    pub(super) fn texts(encoded: &[u8], budget: &mut DecodeBudget) -> Option<Vec<(&'static str, Vec<u8>)>> {
        let packed = base64_bytes(encoded)?;
        let mut text = Vec::new();
        let unpacked = flate2::read::GzDecoder::new(packed.as_slice()).take(LARGEST).read_to_end(&mut text);
        unpacked.ok()?;
        let release: serde_json::Value = serde_json::from_slice(&text).ok()?;
        let mut texts = Vec::new();
        let mut add = |name, text: Vec<u8>| {
            if budget.take(text.len()) {
                texts.push((name, text));
            }
        };
        if let Some(values) = release.get("config").filter(|values| values.is_object()) {
            add("values.json", format!("{values:#}").into_bytes());
        }
        let hooks = release.get("hooks").and_then(serde_json::Value::as_array);
        let holders = std::iter::once(&release).chain(hooks.into_iter().flatten());
        for manifest in holders.filter_map(|holder| holder.get("manifest")?.as_str()) {
            add("manifest.yaml", manifest.as_bytes().to_vec());
        }
        Some(texts)
    }
}

/// Without the `archives` feature nothing is unpacked.
#[cfg(not(feature = "archives"))]
mod helm {
    use crate::text::DecodeBudget;

    pub(super) fn texts(_: &[u8], _: &mut DecodeBudget) -> Option<Vec<(&'static str, Vec<u8>)>> {
        None
    }
}
