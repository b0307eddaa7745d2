//! Manifests that are odd or broken: the rest is judged, what is not is said, and the time is bounded.

mod program;

use std::fmt::Write;
use std::time::{Duration, Instant};

use program::{folder, scan, write};

const HOST_NETWORK: &str = "kubernetes-pod-host-network";
const PRIVILEGED: &str = "kubernetes-container-privileged";

#[test]
fn what_is_broken_is_said_and_the_rest_is_judged() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostNetwork: true\n  containers: []\n";
    // The third of five documents, which are seven lines each.
    let third = format!("{pod}---\n{pod}---\nkind: Pod\nspec: {{a: [1,\n  b: }}\n: :\n---\n{pod}---\n{pod}");
    let anchors = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nx: &base {privileged: true}\nspec:\n  containers:\n  - name: a\n    securityContext: *base\n  - name: b\n    securityContext:\n      <<: *base\n  - name: c\n    securityContext:\n      <<: *base\n      privileged: false\n";
    // text, findings of two rules as lines and columns, kinds of notices
    let cases: [(&str, &[&str], &[&str]); 7] = [
        (&third, &["5:3", "12:3", "24:3", "31:3"], &["malformed-document"]),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: true\n  hostNetwork: false\n  containers: []\n",
            &[],
            &["duplicate-key"],
        ),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: false\n  hostNetwork: true\n  containers: []\n",
            &["5:3"],
            &["duplicate-key"],
        ),
        ("apiVersion: v1\nkind: Pod\nspec:\n\thostNetwork: true\n", &[], &["malformed-document"]),
        (anchors, &["8:22", "11:11"], &[]),
        (
            "{{- if .Values.x }}\napiVersion: {{ .v }}\nkind: Pod\nmetadata: {{ toYaml .m | nindent 2 }}\nspec:\n  {{ .a }}: {{ .b }}\n  hostNetwork: true\n  containers: []\n{{- end }}\n",
            &["7:3"],
            &["unrendered-template"],
        ),
        (
            "apiVersion: acme.example.org/v1\nkind: Widget\nspec: {template: {spec: {hostNetwork: true, containers: []}}}\n",
            &[],
            &[],
        ),
    ];
    for (text, places, notices) in cases {
        let root = folder();
        write(root.path(), "m.yaml", text);
        let ran = scan(root.path(), &[]);
        let ours = |told: &String| told.starts_with(HOST_NETWORK) || told.starts_with(PRIVILEGED);
        let told: Vec<String> = ran.findings().into_iter().filter(ours).collect();
        let told: Vec<&str> = told.iter().filter_map(|told| Some(told.split_once(':')?.1)).collect();
        assert_eq!(told, places, "{text}");
        let mut kinds = ran.notices();
        kinds.retain(|kind| kind != "not-judged");
        assert_eq!(kinds, notices, "{text}");
    }
}

/// As many tools write it: all in one line.
#[test]
fn a_list_in_one_line_takes_linear_time() {
    let root = folder();
    let mut list = String::from(r#"{"apiVersion":"v1","kind":"List","items":["#);
    let padding = "v".repeat(700);
    for number in 0..4000 {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            list,
            r#"{comma}{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p{number}","annotations":{{"é":"{padding}"}}}},"spec":{{"hostNetwork":true,"containers":[]}}}}"#
        );
    }
    list.push_str("]}\n");
    write(root.path(), "list.json", &list);
    let started = Instant::now();
    let ran = scan(root.path(), &["--min-severity", "medium"]);
    // Seconds where each finding counts its column from the line's start: ten times as many.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let told = ran.findings();
    assert_eq!(told.len(), 4000);
    let column = list.rfind("\"hostNetwork\"").map(|at| list[..at].chars().count() + 1).unwrap_or_default();
    assert!(told.contains(&format!("{HOST_NETWORK} list.json:1:{column}")), "{column}");
}

/// A patch that names an item far behind, or operations without end, are no more than their text.
#[test]
fn patches_are_no_bombs() {
    let root = folder();
    let mut operations = String::new();
    for number in 0..20_000 {
        let _ =
            writeln!(operations, "- {{op: add, path: /spec/containers/{}/x{number}, value: 1}}", number % 100_000_000);
    }
    operations.push_str("- {op: add, path: /spec/containers/999999999999999999999/x, value: 1}\n");
    let _ = writeln!(operations, "- {{op: add, path: {}, value: 1}}", "/0".repeat(100_000));
    operations.push_str("- {op: add, path: /spec/hostNetwork, value: true}\n");
    write(root.path(), "p.yaml", operations);
    write(
        root.path(),
        "kustomization.yaml",
        "patches: [{path: p.yaml, target: {kind: Pod}}, {path: ../../..}, {patch: 5}]\n",
    );
    let ran = scan(root.path(), &[]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
}
