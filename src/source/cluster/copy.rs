//! The copy of an object that `kubectl apply` leaves in an annotation.
//!
//! It repeats the object, the data of a Secret included. What stands in both is searched once, in the object; of
//! the copy remains what differs, and, of a Secret's data, the names: that the copy is there is a finding itself.

use serde_json::{Map, Value};

use crate::text::base64_text;

/// Where it stands in `metadata.annotations`.
const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// What stands for a value that is the object's own.
const SAME: &str = "";

/// Leaves in the copy only what the object does not say itself.
pub(super) fn reduce(object: &mut Map<String, Value>) {
    let Some(annotation) = annotations(object).and_then(|all| all.get(ANNOTATION)?.as_str().map(str::to_owned)) else {
        return;
    };
    // What cannot be read is left as it is, and searched as text.
    let Ok(Value::Object(mut copy)) = serde_json::from_str(&annotation) else { return };
    let secret = copy.get("kind").and_then(Value::as_str) == Some("Secret");
    let held = if secret { take_data(&mut copy, object) } else { Map::new() };
    let mut rest = maps_apart(copy, object);
    if !held.is_empty() {
        rest.insert("kind".to_owned(), "Secret".into());
        rest.extend(held);
    }
    if let Some(Value::Object(all)) = object.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations")) {
        if rest.is_empty() {
            all.shift_remove(ANNOTATION);
        } else {
            all.insert(ANNOTATION.to_owned(), Value::Object(rest).to_string().into());
        }
    }
}

fn annotations(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    object.get("metadata")?.get("annotations")?.as_object()
}

/// Takes `data` and `stringData` of a Secret's copy out of it: all names, and the values that are not the Secret's.
fn take_data(copy: &mut Map<String, Value>, object: &Map<String, Value>) -> Map<String, Value> {
    let live = object.get("data").and_then(Value::as_object);
    let mut held = Map::new();
    for part in ["data", "stringData"] {
        let Some(Value::Object(values)) = copy.shift_remove(part) else { continue };
        let kept = values.into_iter().map(|(key, value)| {
            let now = live.and_then(|live| live.get(&key)?.as_str());
            let same = match (value.as_str(), now) {
                (Some(value), Some(now)) if part == "data" => value == now,
                (Some(value), Some(now)) => base64_text(now.as_bytes()).is_some_and(|now| now == value.as_bytes()),
                _ => false,
            };
            (key, if same { SAME.into() } else { value })
        });
        let kept: Map<String, Value> = kept.collect();
        if !kept.is_empty() {
            held.insert(part.to_owned(), Value::Object(kept));
        }
    }
    held
}

/// What of `copy` is not in `live`. Nests as deep as the parser lets texts nest.
fn apart(copy: Value, live: Option<&Value>) -> Option<Value> {
    if live == Some(&copy) {
        return None;
    }
    match (copy, live) {
        (Value::Object(copy), Some(Value::Object(live))) => {
            let rest = maps_apart(copy, live);
            (!rest.is_empty()).then_some(Value::Object(rest))
        }
        (Value::Array(copy), Some(Value::Array(live))) => {
            let rest: Vec<Value> =
                copy.into_iter().enumerate().filter_map(|(at, value)| apart(value, live.get(at))).collect();
            (!rest.is_empty()).then_some(Value::Array(rest))
        }
        // Says nothing.
        (Value::Null, _) => None,
        (Value::Object(copy), _) if copy.is_empty() => None,
        (Value::Array(copy), _) if copy.is_empty() => None,
        (copy, _) => Some(copy),
    }
}

fn maps_apart(copy: Map<String, Value>, live: &Map<String, Value>) -> Map<String, Value> {
    let rest = copy.into_iter().filter_map(|(key, value)| {
        let value = apart(value, live.get(&key))?;
        Some((key, value))
    });
    rest.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduced(object: &str, copy: &str) -> (Value, Option<Value>) {
        let mut object: Map<String, Value> = serde_json::from_str(object).expect("an object");
        object.insert("metadata".into(), serde_json::json!({"annotations": {ANNOTATION: copy, "b": "c"}}));
        reduce(&mut object);
        let text = annotations(&object).expect("some stay").get(ANNOTATION).cloned();
        let rest = text.map(|text| serde_json::from_str(text.as_str().expect("text")).unwrap_or(text));
        object.shift_remove("metadata");
        (Value::Object(object), rest)
    }

    #[test]
    fn of_a_copy_remains_what_the_object_does_not_say() {
        // object, its copy, what remains
        let cases = [
            (r#"{"kind":"ConfigMap","data":{"a":"1"}}"#, r#"{"kind":"ConfigMap","data":{"a":"1"}}"#, None),
            (
                r#"{"kind":"ConfigMap","data":{"a":"2","b":[1,{"c":3}]}}"#,
                r#"{"data":{"a":"1","b":[1,{"c":4}]},"kind":"ConfigMap"}"#,
                Some(r#"{"data":{"a":"1","b":[{"c":4}]}}"#),
            ),
            // A copy of a Secret leaves its names, and values that are not the Secret's.
            (
                r#"{"kind":"Secret","data":{"a":"aHVzaA==","b":"Yg=="}}"#,
                r#"{"kind":"Secret","data":{"a":"aHVzaA==","b":"eHg="},"stringData":{"a":"hush"}}"#,
                Some(r#"{"kind":"Secret","data":{"a":"","b":"eHg="},"stringData":{"a":""}}"#),
            ),
            (r#"{"kind":"Secret","type":"Opaque"}"#, r#"{"kind":"Secret","data":{}}"#, None),
        ];
        for (object, copy, rest) in cases {
            let (after, remains) = reduced(object, copy);
            assert_eq!(remains, rest.map(|rest| serde_json::from_str(rest).expect("JSON")), "{copy}");
            assert_eq!(after, serde_json::from_str::<Value>(object).expect("JSON"), "the object itself stays");
        }
        assert_eq!(reduced("{}", "no JSON").1, Some("no JSON".into()));
    }
}
