//! Tests of views, paths, places and lists on small trees. Texts with spans are tested by the
//! examples of the rules, through the parsers.

use super::*;
use crate::document::{Builder, Document, Entry, NodeId, Value};
use crate::text::Span;

/// A tree from JSON, without spans.
fn tree(json: &str) -> Document {
    crate::document::from_json(Kind::Json, &serde_json::from_str(json).expect(json))
}

fn subject<'s>(derived: &'s Derived<'_>, kind: Kind) -> &'s Subject {
    derived.subjects.iter().find(|subject| subject.kind == kind).expect("there is one of this kind")
}

/// The printed ways to what `each` selects.
fn selected(json: &str, kind: Kind, each: &str) -> Vec<String> {
    let document = tree(json);
    let derived = derive(&document);
    let each = Each::parse(each, kind).expect(each);
    let selection = select(&derived.document, subject(&derived, kind), &each);
    selection.nodes.iter().map(|found| found.trail.display(&derived.document)).collect()
}

#[test]
fn every_workload_kind_has_a_pod() {
    // kind, what stands around the pod's spec, the way to it
    let cases = [
        ("Pod", "SPEC", "spec"),
        ("PodTemplate", r#""template": {SPEC}"#, "template.spec"),
        ("Deployment", r#""spec": {"template": {SPEC}}"#, "spec.template.spec"),
        ("StatefulSet", r#""spec": {"template": {SPEC}}"#, "spec.template.spec"),
        ("DaemonSet", r#""spec": {"template": {SPEC}}"#, "spec.template.spec"),
        ("ReplicaSet", r#""spec": {"template": {SPEC}}"#, "spec.template.spec"),
        ("ReplicationController", r#""spec": {"template": {SPEC}}"#, "spec.template.spec"),
        ("Job", r#""spec": {"template": {SPEC}}"#, "spec.template.spec"),
        (
            "CronJob",
            r#""spec": {"jobTemplate": {"spec": {"template": {SPEC}}}}"#,
            "spec.jobTemplate.spec.template.spec",
        ),
    ];
    for (kind, around, way) in cases {
        let spec = r#""spec": {"containers": [{"name": "a"}]}"#;
        let json = format!(r#"{{"apiVersion": "v1", "kind": "{kind}", {}}}"#, around.replace("SPEC", spec));
        assert_eq!(selected(&json, Kind::KubernetesWorkload, "pod"), [way], "{kind}");
        assert_eq!(
            selected(&json, Kind::KubernetesWorkload, "pod.containers"),
            [format!("{way}.containers[0]")],
            "{kind}"
        );
    }
}

#[test]
fn what_is_no_workload_has_no_pod() {
    // What makes it none.
    let cases = [
        r#"{"apiVersion": "v1", "kind": "Service", "spec": {"template": {"spec": {}}}}"#, // another kind
        r#"{"apiVersion": "v1", "kind": "Pod"}"#,                                         // no spec
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": []}"#,                             // a spec that is none
        r#"{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": "x"}}"#,
    ];
    for json in cases {
        let document = tree(json);
        let kinds: Vec<Kind> = derive(&document).subjects.iter().map(|subject| subject.kind).collect();
        assert_eq!(kinds, [Kind::Json, Kind::KubernetesObject], "{json}");
    }
    for json in [
        r#"{"kind": "Pod", "spec": {}}"#,
        r#"{"apiVersion": 1, "kind": "Pod"}"#,
        "[]",
        "null",
        r#"{"apiVersion": "", "kind": "x"}"#,
    ] {
        let document = tree(json);
        assert_eq!(derive(&document).subjects.len(), 1, "{json}");
    }
}

const POD: &str = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"a.io/b": "c"}}, "spec": {
  "securityContext": {"runAsUser": 0},
  "volumes": [{"name": "v", "nfs": {}}, {"name": "w"}],
  "containers": [{"env": [{"name": "A"}, {"name": "B"}], "ports": [{"hostPort": 1}], "livenessProbe": {"httpGet": {}}}, null],
  "initContainers": [{"volumeMounts": [{"name": "v"}], "securityContext": null, "lifecycle": {"preStop": {"tcpSocket": {}}}}],
  "ephemeralContainers": [{"securityContext": {"privileged": true}}]}}"#;

#[test]
fn views_give_the_parts_in_their_order() {
    // each, the ways it selects
    let cases: &[(&str, &[&str])] = &[
        ("pod", &["spec"]),
        ("pod.template", &[""]),
        ("pod.template.metadata.annotations", &["metadata.annotations"]),
        ("pod.volumes", &["spec.volumes[0]", "spec.volumes[1]"]),
        ("pod.volumes.nfs", &["spec.volumes[0].nfs"]),
        // Init containers first, as they run; ephemeral ones last.
        (
            "pod.containers",
            &["spec.initContainers[0]", "spec.containers[0]", "spec.containers[1]", "spec.ephemeralContainers[0]"],
        ),
        ("pod.containers.env", &["spec.containers[0].env[0]", "spec.containers[0].env[1]"]),
        ("pod.containers.env[]", &[]), // a variable is no list
        ("pod.containers.env.name", &["spec.containers[0].env[0].name", "spec.containers[0].env[1].name"]),
        ("pod.containers.ports", &["spec.containers[0].ports[0]"]),
        ("pod.containers.mounts", &["spec.initContainers[0].volumeMounts[0]"]),
        // A securityContext that is null is none.
        ("pod.security", &["spec.securityContext", "spec.ephemeralContainers[0].securityContext"]),
        (
            "pod.handlers",
            &["spec.containers[0].livenessProbe.httpGet", "spec.initContainers[0].lifecycle.preStop.tcpSocket"],
        ),
        ("metadata.annotations.*", &["metadata.annotations[\"a.io/b\"]"]),
        ("spec.containers[0]", &["spec.containers[0]"]),
        ("spec.containers[7]", &[]),
        ("", &[""]),
    ];
    for (each, ways) in cases {
        assert_eq!(selected(POD, Kind::KubernetesWorkload, each), *ways, "{each}");
    }
}

#[test]
fn a_view_is_refused_where_it_does_not_apply() {
    // each, kind, offset of the complaint; none where it is fine
    let cases = [
        ("pod.containers", Kind::KubernetesObject, Some(0)),
        ("pod.containers", Kind::KubernetesWorkload, None),
        ("pod.containers.", Kind::KubernetesWorkload, Some(15)),
        ("pod.containers.a..b", Kind::KubernetesWorkload, Some(17)),
        ("pods.containers", Kind::KubernetesObject, None), // no view's name
        ("spec.tls[", Kind::KubernetesObject, Some(9)),
    ];
    for (each, kind, at) in cases {
        assert_eq!(Each::parse(each, kind).err().map(|error| error.at), at, "{each}");
    }
}

#[test]
fn items_of_lists_are_objects_of_their_own() {
    // document, the ways to its objects
    let cases: &[(&str, &[&str])] = &[
        (
            r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "A"}, 7, {"apiVersion": "v1", "kind": "B"}]}"#,
            &["items[0]", "items[2]"],
        ),
        (
            r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "A"}]}]}"#,
            &["items[0].items[0]"],
        ),
        // Items of a typed list leave their kind out.
        (
            r#"{"apiVersion": "v1", "kind": "PodList", "items": [{"spec": {}}, {"metadata": {}}]}"#,
            &["items[0]", "items[1]"],
        ),
        (r#"{"apiVersion": "v1", "kind": "List", "items": []}"#, &[]),
        // A kind that only ends so is an object.
        (r#"{"apiVersion": "x/v1", "kind": "AllowList", "spec": {}}"#, &[""]),
    ];
    for (json, ways) in cases {
        let document = tree(json);
        let derived = derive(&document);
        let objects = derived.subjects.iter().filter(|subject| subject.kind == Kind::KubernetesObject);
        let found: Vec<String> = objects.map(|subject| subject.trail.display(&derived.document)).collect();
        assert_eq!(found, *ways, "{json}");
    }
    let typed =
        tree(r#"{"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{"spec": {"template": {"spec": {}}}}]}"#);
    let derived = derive(&typed);
    let workload = subject(&derived, Kind::KubernetesWorkload);
    assert_eq!(derived.document.get_str(workload.root, "kind"), Some("Deployment"));
    assert_eq!(derived.document.get_str(workload.root, "apiVersion"), Some("apps/v1"));
}

/// Builds trees with spans, keys and aliases by hand.
struct Hand(Builder);

impl Hand {
    fn text(&mut self, text: &str, start: usize) -> NodeId {
        self.0.add(Value::Str(text.into()), Some(Span::new(start, start + text.len())))
    }

    fn map(&mut self, entries: &[(&str, usize, NodeId, Option<usize>)]) -> NodeId {
        let made = |(key, at, value, used): &(&str, usize, NodeId, Option<usize>)| Entry {
            key: (*key).into(),
            key_span: Some(Span::new(*at, at + key.len())),
            value: *value,
            used_at: used.map(|used| Span::new(used, used + 2)),
        };
        let start = entries.first().map_or(0, |entry| entry.1);
        self.0.add(Value::Map(entries.iter().map(made).collect()), Some(Span::new(start, 900)))
    }
}

#[test]
fn a_place_is_the_key_or_its_nearest_ancestor() {
    // a:            0
    //   bb: short   5, 9
    //   list:       20
    //     - cc: x   30, 34
    //   al: *x      40, 44, with dd: y defined at 60, 64
    let mut hand = Hand(Builder::default());
    let short = hand.text("short", 9);
    let x = hand.text("x", 34);
    let item = hand.map(&[("cc", 30, x, None)]);
    let list = hand.0.add(Value::List(vec![item]), Some(Span::new(28, 35)));
    let y = hand.text("y", 64);
    let aliased = hand.map(&[("dd", 60, y, None)]);
    let inner = hand.map(&[("bb", 5, short, None), ("list", 20, list, None), ("al", 40, aliased, Some(44))]);
    let root = hand.map(&[("a", 0, inner, None)]);
    let document = hand.0.finish(Kind::Yaml, root);
    let derived = derive(&document);
    // at, span shown, whether it is there, where it is defined, printed way
    type Case<'c> = (&'c str, (usize, usize), bool, Option<(usize, usize)>, &'c str);
    let cases: &[Case<'_>] = &[
        ("a", (0, 1), true, None, "a"),                         // a map: only its key
        ("a.bb", (5, 14), true, None, "a.bb"),                  // a short value: with its key
        ("a.bb.c", (5, 7), false, None, "a.bb"),                // missing below: only the key
        ("a.none.at.all", (0, 1), false, None, "a"),            // missing: the parent's key
        ("a.list[0]", (30, 32), true, None, "a.list[0]"),       // an item: its beginning
        ("a.list[0].none", (30, 32), false, None, "a.list[0]"), // missing in an item
        ("a.list[3].x", (20, 24), false, None, "a.list"),       // no such item: the list's key
        ("none", (0, 1), false, None, ""),                      // missing at the top: the first key
        ("a.al.dd", (44, 46), true, Some((60, 65)), "a.al.dd"), // behind an alias: where it is used
        ("a.al", (44, 46), true, Some((40, 42)), "a.al"),
    ];
    for (at, span, present, defined, way) in cases {
        let placed = place(&document, &derived.subjects[0].top(), &Path::parse(at).expect(at));
        assert_eq!(placed.span, Some(Span::new(span.0, span.1)), "{at}");
        assert_eq!(placed.present, *present, "{at}");
        assert_eq!(placed.defined, defined.map(|(start, end)| Span::new(start, end)), "{at}");
        assert_eq!(placed.trail.display(&document), *way, "{at}");
    }
}

#[test]
fn what_lies_behind_an_unknown_is_said_to_be_unknown() {
    let mut builder = Builder::default();
    let unknown = builder.add(Value::Unknown("a template".into()), None);
    let version = builder.add(Value::Str("v1".into()), None);
    let kind = builder.add(Value::Str("Pod".into()), None);
    let entry = |key: &str, value| Entry { key: key.into(), key_span: None, value, used_at: None };
    let root =
        builder.add(Value::Map(vec![entry("apiVersion", version), entry("kind", kind), entry("spec", unknown)]), None);
    let document = builder.finish(Kind::Yaml, root);
    let derived = derive(&document);
    let each = Each::parse("pod.containers", Kind::KubernetesWorkload).expect("a view");
    let selection = select(&document, subject(&derived, Kind::KubernetesWorkload), &each);
    assert!(selection.nodes.is_empty());
    assert_eq!(selection.unknown.len(), 1);
}

#[test]
fn aliases_cannot_make_the_work_large() {
    // Each level lists the one below ten times: 10^20 values in 200 nodes.
    let mut builder = Builder::default();
    let mut node = builder.add(Value::Str("x".into()), None);
    for _ in 0..20 {
        node = builder.add(Value::List(vec![node; 10]), None);
    }
    let document = builder.finish(Kind::Yaml, node);
    let derived = derive(&document);
    let each = Each::parse(&"[]".repeat(20), Kind::Yaml).expect("a path");
    let selection = select(&document, &derived.subjects[0], &each);
    assert!(selection.cut);
    assert!(selection.nodes.len() <= MAX_SELECTED);

    // Lists of Kubernetes objects that do the same.
    let mut builder = Builder::default();
    let version = builder.add(Value::Str("v1".into()), None);
    let list = builder.add(Value::Str("List".into()), None);
    let entry = |key: &str, value| Entry { key: key.into(), key_span: None, value, used_at: None };
    let mut node = builder.add(Value::Map(vec![entry("apiVersion", version), entry("kind", version)]), None);
    for _ in 0..20 {
        let items = builder.add(Value::List(vec![node; 1000]), None);
        node = builder
            .add(Value::Map(vec![entry("apiVersion", version), entry("kind", list), entry("items", items)]), None);
    }
    let document = builder.finish(Kind::Yaml, node);
    let derived = derive(&document);
    assert!(derived.cut);
    assert!(derived.subjects.len() <= MAX_SUBJECTS);
}
