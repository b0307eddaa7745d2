//! Documents that may leave the engine: the same trees, with every match and every Kubernetes secret masked.

use super::{Engine, Subject};
use crate::document::{Document, Node, NodeId, Value};
use crate::finding::REDACTED;
use crate::text::Span;

impl Engine {
    /// The documents of a text as they may be shown.
    pub fn shown(&self, subject: Subject<'_>, documents: &[Document]) -> Vec<Document> {
        let spans = self.secret_spans(subject, documents);
        documents.iter().map(|document| redacted(document, &spans)).collect()
    }
}

/// The tree without what stands in `spans` (sorted, apart) or in a Kubernetes secret.
fn redacted(document: &Document, spans: &[Span]) -> Document {
    let masked = |span: Option<Span>| {
        span.is_some_and(|span| {
            let first = spans.partition_point(|mask| mask.end <= span.start);
            spans.get(first).is_some_and(|mask| mask.overlaps(span))
        })
    };
    let secret = kubernetes_secrets(document);
    document.changed(|id, node: &Node| match &node.value {
        Value::Str(_) | Value::Int(_) | Value::Float(_) if masked(node.span) || secret.contains(&id) => {
            Some(Value::Str(REDACTED.into()))
        }
        Value::Map(entries) if entries.iter().any(|entry| masked(entry.key_span)) => {
            let mut entries = entries.clone();
            for entry in entries.iter_mut().filter(|entry| masked(entry.key_span)) {
                entry.key = REDACTED.into();
            }
            Some(Value::Map(entries))
        }
        _ => None,
    })
}

/// The values of `data` and `stringData` wherever a map says `kind: Secret`, and of copies of whole objects in
/// the annotation that `kubectl apply` leaves.
fn kubernetes_secrets(document: &Document) -> std::collections::BTreeSet<NodeId> {
    let mut secret = std::collections::BTreeSet::new();
    for id in document.ids() {
        if document.get_str(id, "kind") == Some("Secret") {
            for data in ["data", "stringData"].iter().filter_map(|key| document.get(id, key)) {
                secret.extend(document.entries(data).iter().map(|entry| entry.value));
            }
        }
        secret.extend(document.get(id, "kubectl.kubernetes.io/last-applied-configuration"));
    }
    secret
}
