//! One object as it is handed on: complete, without what only the server needs, and named.

use serde_json::{Map, Value};

use super::copy;
use super::discovery::shown_kind;
use super::owner::Owner;
use crate::artifact::{Artifact, Origin, Part};

/// An object that was read.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) uid: String,
    /// The controller that it belongs to.
    pub(super) controller: Option<Owner>,
    pub(super) artifact: Artifact,
}

/// Reads an object from its text. Items of lists do not say what they are: the list does.
///
/// # Errors
/// In words, when it is no object.
pub(super) fn read(text: &[u8], version: &str, kind: &str, cluster: &str) -> Result<Object, String> {
    let parsed: Map<String, Value> = serde_json::from_slice(text)
        .map_err(|error| format!("it is not as the API promises: line {}, column {}", error.line(), error.column()))?;
    let mut object = Map::new();
    object.insert("apiVersion".to_owned(), version.into());
    object.insert("kind".to_owned(), kind.into());
    // What it says itself counts: a list of mixed kinds is none of its items' kind.
    object.extend(
        parsed.into_iter().filter(|(key, value)| !matches!(key.as_str(), "apiVersion" | "kind") || value.is_string()),
    );
    let said =
        |object: &Map<String, Value>, key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (version, kind) = (said(&object, "apiVersion"), said(&object, "kind"));
    copy::reduce(&mut object);
    let mut controller = None;
    let (mut namespace, mut name, mut uid) = (String::new(), String::new(), String::new());
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        // Says who wrote which field, at great length, and repeats names of keys.
        metadata.shift_remove("managedFields");
        controller = metadata.get("ownerReferences").and_then(Value::as_array).into_iter().flatten().find_map(owner);
        (namespace, name, uid) = (said(metadata, "namespace"), said(metadata, "name"), said(metadata, "uid"));
    }
    let place = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
    let origin = Origin::resource(format!("k8s://{cluster}/{place}{}/{name}", shown_kind(&kind, &version)));
    // Lines, for the rules that look at what stands near; a failure to write into memory has no cause to be told.
    let bytes = serde_json::to_vec_pretty(&object).map_err(|_| "it cannot be written as JSON".to_owned())?;
    Ok(Object { kind, namespace, uid, controller, artifact: Artifact { origin, bytes, part: Part::WHOLE } })
}

/// The owner that an entry of `ownerReferences` names, if it is the controller.
fn owner(reference: &Value) -> Option<Owner> {
    reference.get("controller").and_then(Value::as_bool).filter(|is| *is)?;
    let said = |key| reference.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Owner { uid: said("uid")?, kind: said("kind")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_becomes_an_object_with_a_name() {
        let text = br#"{"metadata": {"name": "x.yaml", "namespace": "n", "managedFields": [1]}, "spec": {}}"#;
        let object = read(text, "apps/v1", "Deployment", "admin@c").expect("an object");
        let text = String::from_utf8(object.artifact.bytes).expect("JSON is UTF-8");
        assert!(text.starts_with("{\n  \"apiVersion\": \"apps/v1\",\n  \"kind\": \"Deployment\","), "{text}");
        assert!(!text.contains("managedFields"));
        assert_eq!(object.artifact.origin.to_string(), "k8s://admin@c/n/Deployment/x.yaml");
        assert_eq!(object.artifact.origin.name(), "resource.json");
        let object = read(br#"{"metadata": {"name": "a"}}"#, "a.example/v1", "Thing", "c").expect("an object");
        assert_eq!(object.artifact.origin.to_string(), "k8s://c/Thing.a.example/a");
    }

    #[test]
    fn what_is_no_object_is_told_without_its_content() {
        for text in ["[1]", "\"hush\"", "{\"a\": hush}", &"{\"a\":".repeat(200)] {
            let message = read(text.as_bytes(), "v1", "Pod", "c").expect_err("no object");
            assert!(!message.contains("hush"), "{message}");
        }
    }
}
