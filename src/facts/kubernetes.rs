//! Kubernetes objects: which nodes are some, which hold a pod, and what a list is short for.
//!
//! Knows the shapes that the Kubernetes API fixes for all versions; no rule, no cluster.

use super::derive::{MAX_SUBJECTS, Subject};
use super::select::{Selected, under};
use crate::document::{Builder, Document, Entry, Kind, Node, NodeId, Value};

/// Kinds that hold a pod, and where its template stands. `Rollout` (Argo) and `DeploymentConfig` (OpenShift)
/// have the shape of a Deployment.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("Pod", &[]),
    ("PodTemplate", &["template"]),
    ("Deployment", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("ReplicaSet", &["spec", "template"]),
    ("ReplicationController", &["spec", "template"]),
    ("Job", &["spec", "template"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("Rollout", &["spec", "template"]),
    ("DeploymentConfig", &["spec", "template"]),
];

/// How deep lists may stand in lists.
const MAX_LISTS: usize = 4;

/// Adds the objects at `top`, and in the lists below it; whether there were too many.
pub(super) fn subjects(document: &Document, top: &Selected, into: &mut Vec<Subject>) -> bool {
    let mut waiting = vec![(top.clone(), 0)];
    let mut cut = false;
    // Counts every item that was ever looked at: lists of lists must not make work without making objects.
    let mut room = MAX_SUBJECTS.saturating_sub(into.len());
    while let Some((here, depth)) = waiting.pop() {
        let Some(kind) = object_kind(document, here.node) else { continue };
        if let Some(items) = list_items(document, &here, kind) {
            let count = document.items(items.node).len();
            cut |= depth == MAX_LISTS || count > room;
            if depth < MAX_LISTS {
                let item = |(index, node): (usize, &NodeId)| Selected { node: *node, trail: items.trail.item(index) };
                let found: Vec<Selected> = document.items(items.node).iter().enumerate().take(room).map(item).collect();
                room -= found.len();
                // The stack gives back the last one first.
                waiting.extend(found.into_iter().rev().map(|item| (item, depth + 1)));
            }
            continue;
        }
        if into.len() + 2 > MAX_SUBJECTS {
            return true;
        }
        into.push(Subject::new(Kind::KubernetesObject, here.clone()));
        if let Some((template, pod)) = pod(document, &here, kind) {
            let subject = Subject::new(Kind::KubernetesWorkload, here);
            into.push(Subject { template: Some(template), pod: Some(pod), ..subject });
        }
    }
    cut
}

/// The kind that a node says it is, if it is a Kubernetes object. A templated `apiVersion` does not hide it.
fn object_kind(document: &Document, node: NodeId) -> Option<&str> {
    let version = document.get(node, "apiVersion")?;
    let known = matches!(document.value(version), Value::Str(text) if !text.is_empty());
    let kind = document.get_str(node, "kind").filter(|kind| !kind.is_empty())?;
    (known || matches!(document.value(version), Value::Unknown(_))).then_some(kind)
}

/// The items of a `List` or of a typed list such as `PodList`.
fn list_items(document: &Document, here: &Selected, kind: &str) -> Option<Selected> {
    if !kind.ends_with("List") {
        return None;
    }
    under(document, here, "items").filter(|items| matches!(document.value(items.node), Value::List(_)))
}

/// A pod's template and `spec` inside an object of `kind`. A `spec` that is not known counts as one, so that
/// rules say they cannot judge it.
fn pod(document: &Document, object: &Selected, kind: &str) -> Option<(Selected, Selected)> {
    let (_, path) = TEMPLATES.iter().find(|(name, _)| *name == kind)?;
    let mut template = object.clone();
    for key in *path {
        template = under(document, &template, key)?;
        if matches!(document.value(template.node), Value::Unknown(_)) {
            return Some((template.clone(), template));
        }
    }
    let spec = under(document, &template, "spec")?;
    matches!(document.value(spec.node), Value::Map(_) | Value::Unknown(_)).then_some((template, spec))
}

/// The document with `apiVersion` and `kind` put into the items of typed lists, which leave them out; nothing
/// if there is nothing to put in.
pub(super) fn complete(document: &Document) -> Option<Document> {
    let root = document.root();
    let kind = object_kind(document, root)?.strip_suffix("List").filter(|kind| !kind.is_empty())?;
    let items = document.items(document.get(root, "items")?);
    let bare =
        |item: &&NodeId| matches!(document.value(**item), Value::Map(_)) && document.get(**item, "kind").is_none();
    let bare: Vec<NodeId> = items.iter().filter(bare).copied().collect();
    if bare.is_empty() {
        return None;
    }
    let mut builder = copy(document, |_| None);
    let kind = builder.add(Value::Str(kind.into()), None);
    for item in bare {
        let has_version = document.get(item, "apiVersion").is_some();
        if let Value::Map(entries) = &mut builder.node_mut(item).value
            && entries.iter().all(|entry| &*entry.key != "kind")
        {
            let entry = |key: &str, value| Entry { key: key.into(), key_span: None, value, used_at: None };
            entries.push(entry("kind", kind));
            if let (false, Some(version)) = (has_version, document.get(root, "apiVersion")) {
                entries.push(entry("apiVersion", version));
            }
        }
    }
    let completed = builder.finish(document.kind, root);
    Some(if document.is_partial() { completed.into_partial() } else { completed })
}

/// A builder with all nodes of a document under the same ids, some with another value.
pub(super) fn copy(document: &Document, change: impl Fn(NodeId) -> Option<Value>) -> Builder {
    let mut builder = Builder::default();
    for _ in 0..document.len() {
        let id = builder.add(Value::Null, None);
        let node = document.node(id);
        *builder.node_mut(id) = match change(id) {
            Some(value) => Node { value, span: node.span },
            None => node.clone(),
        };
    }
    for comment in document.comments() {
        builder.comment(*comment);
    }
    if document.is_templated() {
        builder.templated();
    }
    builder
}
