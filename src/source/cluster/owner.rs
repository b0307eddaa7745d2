//! Which objects are copies of what their controller says, and which were seen before.
//!
//! A controller stamps out Pods from its template; one finding for the template is enough. An object counts as a
//! copy only when its owner was itself read, and is of a kind that makes such objects: anybody can write an owner
//! into an object's metadata.

use std::collections::BTreeMap;

use super::object::Object;

/// What makes what.
const MAKERS: &[(&str, &[&str])] = &[
    ("Pod", &["ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"]),
    ("ReplicaSet", &["Deployment", "Rollout"]),
    ("ReplicationController", &["DeploymentConfig"]),
    ("Job", &["CronJob"]),
    // The templates of the revisions before.
    ("ControllerRevision", &["StatefulSet", "DaemonSet"]),
];

/// Kinds in the order in which they are listed: owners before what they own.
pub(super) fn rank(kind: &str) -> u8 {
    match kind {
        "ReplicaSet" | "ReplicationController" | "Job" | "ControllerRevision" => 1,
        "Pod" => 2,
        _ => 0,
    }
}

/// Who an object belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: String,
    pub(super) kind: String,
}

/// What was seen so far, by uid.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Namespaces of objects that may own others, with the kind.
    owners: BTreeMap<Box<str>, (Box<str>, Box<str>)>,
    others: std::collections::HashSet<Box<str>>,
}

impl Seen {
    /// Takes note of an object; whether it is new, and no copy of its controller's template.
    pub(super) fn is_to_be_judged(&mut self, object: &Object) -> bool {
        let (kind, namespace) = (object.kind.as_str(), object.namespace.as_str());
        if !object.uid.is_empty() {
            // The same object may be listed under two APIs, and twice when a list is begun again.
            if self.owners.contains_key(object.uid.as_str()) || self.others.contains(object.uid.as_str()) {
                return false;
            }
            if MAKERS.iter().any(|(_, makers)| makers.contains(&kind)) {
                self.owners.insert(object.uid.as_str().into(), (kind.into(), namespace.into()));
            } else {
                self.others.insert(object.uid.as_str().into());
            }
        }
        let Some(owner) = &object.controller else { return true };
        let makers = MAKERS.iter().find(|(made, _)| *made == kind).map_or(&[][..], |(_, makers)| *makers);
        let known = self.owners.get(owner.uid.as_str());
        let made = makers.contains(&owner.kind.as_str())
            && known.is_some_and(|(kind, place)| **kind == *owner.kind && **place == *namespace);
        !made
    }
}

#[cfg(test)]
mod tests {
    use super::super::object;
    use super::*;

    fn object(kind: &str, namespace: &str, uid: &str, owner: &str) -> Object {
        let owners = match owner.split_once('/') {
            Some((kind, uid)) => format!(r#"[{{"kind": "{kind}", "uid": "{uid}", "controller": true}}]"#),
            None => "[]".to_owned(),
        };
        let metadata =
            format!(r#"{{"name": "a", "namespace": "{namespace}", "uid": "{uid}", "ownerReferences": {owners}}}"#);
        let text = format!(r#"{{"metadata": {metadata}}}"#);
        object::read(text.as_bytes(), "v1", kind, "c").expect("an object")
    }

    #[test]
    fn what_a_controller_made_is_told_once() {
        // kind, namespace, uid, owner, whether it is judged
        let cases = [
            ("Deployment", "n", "1", "", true),
            ("ReplicaSet", "n", "2", "Deployment/1", false),
            ("ReplicaSet", "n", "3", "", true),
            ("Pod", "n", "4", "ReplicaSet/2", false),
            ("Pod", "n", "5", "ReplicaSet/9", true), // its owner was not read
            ("Pod", "m", "6", "ReplicaSet/2", true), // owners stand in the same namespace
            ("Pod", "n", "7", "Deployment/1", true), // no Deployment makes Pods
            ("Pod", "n", "8", "ReplicaSet/1", true), // the owner is of another kind
            ("Pod", "n", "9", "Node/1", true),
            ("Secret", "n", "10", "Deployment/1", true), // what it holds stands nowhere else
            ("Pod", "n", "5", "", false),                // the same again
            ("Pod", "n", "", "", true),
            ("Pod", "n", "", "", true), // without a uid nothing is known to be the same
        ];
        let mut seen = Seen::default();
        for (kind, namespace, uid, owner, judged) in cases {
            let object = object(kind, namespace, uid, owner);
            assert_eq!(seen.is_to_be_judged(&object), judged, "{kind} {uid} of {owner}");
        }
    }
}
