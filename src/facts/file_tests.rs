//! Tests of fact files: reading, what is wrong with them, writing, and their manual.

use super::*;
use crate::document::{Builder, Document, Value};

/// A tree from JSON, without spans.
fn tree(json: &str) -> Document {
    crate::document::from_json(Kind::Json, &serde_json::from_str(json).expect(json))
}

fn subject<'s>(derived: &'s Derived<'_>, kind: Kind) -> &'s Subject {
    derived.subjects.iter().find(|subject| subject.kind == kind).expect("there is one of this kind")
}

/// A fact file with one document.
fn facts(kind: &str, root: &str) -> String {
    format!(r#"{{"format": "bedrail-facts/1", "documents": [{{"kind": "{kind}", "origin": "o", "root": {root}}}]}}"#)
}

#[test]
fn facts_are_read_and_what_is_left_out_is_not_known() {
    let document = tree(&facts(
        "tls.endpoint",
        r#"{"host": "h", "port": 1, "tls": null, "certificate": {"expired": true}, "hsts": {"$unknown": "no answer"}}"#,
    ));
    let derived = derive(&document);
    assert_eq!(derived.problems, []);
    let endpoint = subject(&derived, Kind::TlsEndpoint);
    assert_eq!(endpoint.origin.as_deref(), Some("o"));
    let value = |node, key: &str| derived.document.get(node, key).map(|id| derived.document.value(id).clone());
    assert_eq!(value(endpoint.root, "tls"), Some(Value::Null));
    assert_eq!(value(endpoint.root, "plaintext"), Some(Value::Unknown("not in the facts".into())));
    assert_eq!(value(endpoint.root, "hsts"), Some(Value::Unknown("no answer".into())));
    let certificate = derived.document.get(endpoint.root, "certificate").expect("it is there");
    assert_eq!(value(certificate, "expired"), Some(Value::Bool(true)));
    assert_eq!(value(certificate, "self_signed"), Some(Value::Unknown("not in the facts".into())));
}

#[test]
fn a_wrong_fact_file_is_told_where_and_not_judged() {
    let whole = |text: &str| text.to_owned();
    // file, JSON pointer, part of the message
    let cases = [
        (whole(r#"{"format": "bedrail-facts/2", "documents": []}"#), "/format", "only bedrail-facts/1"),
        (whole(r#"{"format": "bedrail-facts/1"}"#), "/documents", "a list"),
        (whole(r#"{"format": "bedrail-facts/1", "documents": [], "x": 1}"#), "/x", "no such field"),
        (whole(r#"{"format": "bedrail-facts/1", "documents": [3]}"#), "/documents/0/kind", "one of"),
        (facts("kubernetes.workload", "{}"), "/documents/0/kind", "one of tls.endpoint"),
        (facts("tls.endpoint", "[]"), "/documents/0/root", "a map"),
        (facts("tls.endpoint", r#"{"port": 1}"#), "/documents/0/root", "`host` is missing"),
        (facts("tls.endpoint", r#"{"host": null, "port": 1}"#), "/documents/0/root/host", "text is wanted"),
        (facts("tls.endpoint", r#"{"host": "h", "port": "1"}"#), "/documents/0/root/port", "whole number"),
        (
            facts("tls.endpoint", r#"{"host": "h", "port": 1, "versions": ["TLSv1.2", "TLS"]}"#),
            "/documents/0/root/versions/1",
            "one of SSLv2",
        ),
        (
            facts("tls.endpoint", r#"{"host": "h", "port": 1, "suites": [{"name": "n", "a/b": 1}]}"#),
            "/documents/0/root/suites/0/a~1b",
            "no such field",
        ),
        (facts("s3.bucket", r#"{"name": "n", "tags": {"a": 1}}"#), "/documents/0/root/tags/a", "text is wanted"),
        (facts("s3.bucket", r#"{"name": "n", "acl": true}"#), "/documents/0/root/acl", "a map"),
    ];
    for (text, pointer, message) in cases {
        let document = tree(&text);
        let derived = derive(&document);
        let [problem] = &derived.problems[..] else { panic!("{text}: {:?}", derived.problems) };
        assert_eq!(problem.pointer, pointer, "{text}");
        assert!(problem.message.contains(message), "{text}: {}", problem.message);
        assert_eq!(derived.subjects.len(), 1, "{text}");
    }
}

#[test]
fn one_wrong_document_does_not_spoil_the_others() {
    let text = r#"{"format": "bedrail-facts/1", "documents": [
        {"kind": "s3.bucket", "origin": "s3://a", "root": {}},
        {"kind": "s3.bucket", "origin": "s3://b", "root": {"name": "b"}}]}"#;
    let document = tree(text);
    let derived = derive(&document);
    assert_eq!(derived.problems.len(), 1);
    assert_eq!(subject(&derived, Kind::S3Bucket).origin.as_deref(), Some("s3://b"));
}

#[test]
fn a_written_fact_file_reads_back_the_same() {
    let text = r#"{"format": "bedrail-facts/1", "documents": [
        {"kind": "tls.endpoint", "origin": "tls://h:1", "root": {"host": "h", "port": 1, "versions": ["TLSv1.2"], "hsts": {"$unknown": "no answer"}, "probes": null},
         "places": {"/versions/0": "3:4-3:9"}},
        {"kind": "kubernetes.object", "origin": "k8s://c/pods/a", "root": {"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": true, "x": 1.5}},
         "places": {"/spec/hostNetwork": "12:3-12:20"}}]}"#;
    let document = tree(text);
    let derived = derive(&document);
    assert_eq!(derived.problems, []);
    let written = |derived: &Derived<'_>| {
        let facts: Vec<file::Fact<'_>> = derived
            .subjects
            .iter()
            .filter(|subject| subject.origin.is_some() && subject.kind != Kind::KubernetesWorkload)
            .map(|subject| file::Fact {
                kind: subject.kind,
                origin: subject.origin.as_deref().unwrap_or_default().to_owned(),
                document: &derived.document,
                root: subject.root,
                places: subject.places.as_deref().cloned().unwrap_or_default(),
            })
            .collect();
        file::write(&facts, false).expect("small enough")
    };
    let first = written(&derived);
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    assert_eq!(json(&first), json(text));
    let again = tree(&first);
    assert_eq!(written(&derive(&again)), first);

    // Places are found by the way to a node, in the workload that an object gives too.
    let workload = subject(&derived, Kind::KubernetesWorkload);
    let each = Each::parse("pod.hostNetwork", Kind::KubernetesWorkload).expect("a path");
    let selection = select(&derived.document, workload, &each);
    let area = workload.area(&derived.document, &selection.nodes[0].trail).expect("it has a place");
    assert_eq!(area.to_string(), "12:3-12:20");
}

#[test]
fn places_are_read_strictly() {
    for (text, good) in [
        ("1:1-1:1", true),
        ("3:4-5:1", true),
        ("0:1-1:1", false),
        ("2:1-1:9", false),
        ("1-2", false),
        ("a:1-1:1", false),
    ] {
        assert_eq!(text.parse::<file::Area>().is_ok(), good, "{text}");
    }
    let text = facts("s3.bucket", r#"{"name": "n"}, "places": {"name": "1:1-1:2"}"#);
    let document = tree(&text);
    assert_eq!(derive(&document).problems[0].pointer, "/documents/0/places");
}

#[test]
fn writing_stops_at_what_aliases_make_endless() {
    let mut builder = Builder::default();
    let mut node = builder.add(Value::Null, None);
    for _ in 0..30 {
        node = builder.add(Value::List(vec![node; 10]), None);
    }
    let document = builder.finish(Kind::Yaml, node);
    let fact = file::Fact {
        kind: Kind::KubernetesObject,
        origin: "o".into(),
        document: &document,
        root: node,
        places: Default::default(),
    };
    assert!(matches!(file::write(&[fact], false), Err(file::FactFileError::TooLarge)));
}

/// The manual's rows for the fields of a closed kind.
fn rows(fields: &[Field], before: &str, into: &mut String) {
    for field in fields {
        let (mut name, mut shape, mut list) = (format!("{before}{}", field.name), field.shape, "");
        if let Shape::List(item) = shape {
            name.push_str("[]");
            (shape, list) = (*item, "list of ");
        }
        let kind = match shape {
            Shape::Bool => "true or false".to_owned(),
            Shape::Int => "whole number".to_owned(),
            Shape::Text => "text".to_owned(),
            Shape::Word(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" "),
            Shape::Names => "map of text".to_owned(),
            Shape::Map(_) | Shape::List(_) => "map".to_owned(),
        };
        let required = if field.required { ", required" } else { "" };
        into.push_str(&format!("| `{name}` | {list}{kind}{required} | {} |\n", field.about));
        if let Shape::Map(fields) = shape {
            rows(fields, &format!("{name}."), into);
        }
    }
}

#[test]
fn what_nobody_asked_for_is_not_missing() {
    let document = tree(
        r#"{"format": "bedrail-facts/1", "documents": [{"kind": "tls.endpoint", "origin": "tls://h:1", "root": {"host": "h", "port": 1}}]}"#,
    );
    let derived = derive(&document);
    let endpoint = subject(&derived, Kind::TlsEndpoint);
    let value = |name: &str| {
        let each = Each::parse(name, Kind::TlsEndpoint).expect("a path");
        let selection = select(&derived.document, endpoint, &each);
        selection.nodes.first().map(|node| derived.document.node(node.node).value.clone())
    };
    assert!(matches!(value("probes"), None | Some(crate::document::Value::Null)), "{:?}", value("probes"));
    assert!(matches!(value("alpn"), Some(crate::document::Value::Unknown(_))), "{:?}", value("alpn"));
}

#[test]
fn the_manual_lists_every_field() {
    let manual = include_str!("../../docs/facts.md");
    for kind in [Kind::TlsEndpoint, Kind::S3Bucket, Kind::PatientRecords] {
        let mut table = format!("## {kind}\n\n| field | what it may be | what it says |\n|---|---|---|\n");
        rows(closed(kind).expect("it is closed"), "", &mut table);
        assert!(manual.contains(&table), "docs/facts.md must hold:\n{table}");
    }
}
