//! The values of Kubernetes secrets, which are base64 by definition, read with their names.

use super::{Inner, Places};
use crate::artifact::{Coding, Step};
use crate::document::{Document, Value};
use crate::text::{DecodeBudget, base64_text};

/// Every value under `data` of a `kind: Secret` that is text: as the file that its name says it is, and, on one
/// line, as an assignment to its name. Aliases can repeat one value without end, so the budget bounds them.
pub(super) fn values(document: &Document, budget: &mut DecodeBudget) -> Vec<Inner> {
    let mut values = Vec::new();
    for id in document.ids() {
        if document.get_str(id, "kind") != Some("Secret") {
            continue;
        }
        let Some(data) = document.get(id, "data") else { continue };
        for entry in document.entries(data) {
            let node = document.node(entry.value);
            let (Value::Str(encoded), Some(span)) = (&node.value, node.span) else { continue };
            if !budget.take(encoded.len()) {
                return values;
            }
            let Some(text) = base64_text(encoded.as_bytes()) else { continue };
            let inner = |text: Vec<u8>, name: &str| Inner {
                text,
                name: name.to_owned(),
                way: vec![Step::Decoded(Coding::Base64)],
                path: format!("data.{}", entry.key),
                places: Places::Whole(span),
            };
            let line = text.trim_ascii();
            if !line.contains(&b'\n') {
                values.push(inner([entry.key.as_bytes(), b" = ", line].concat(), "secret.properties"));
            }
            values.push(inner(text, &entry.key));
        }
    }
    values
}
