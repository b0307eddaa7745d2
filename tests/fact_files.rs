//! `bedrail facts` and `scan --facts`: facts are kept and judged again with the same findings at the same places.

mod program;

use std::collections::BTreeSet;

use program::{Ran, bedrail, folder, scan, token, with_input, write};

/// Findings of checks as `rule origin:line:column`.
fn checks(ran: &Ran) -> BTreeSet<String> {
    ran.findings().into_iter().filter(|told| told.starts_with("kubernetes-")).collect()
}

const MANIFESTS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: viewer}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
        - name: viewer
          image: viewer:latest
          securityContext: {privileged: true}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: one}
    spec: {hostPID: true, containers: [{name: a, image: 'a:1'}]}
  - {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: hushhushhush}}
";

const ROLES: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: imaging}
rules:
  - apiGroups: ['']
    resources: [secrets]
    verbs: [get, list]
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: imaging}
spec: {containers: [{name: a, image: 'a:1'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: q, namespace: imaging}
spec: {containers: [{name: a, image: 'a:1'}]}
";
const BINDINGS: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: imaging}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
  - {kind: ServiceAccount, name: viewer, namespace: imaging}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: c}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects:
  - {kind: ServiceAccount, name: viewer, namespace: imaging}
";

#[test]
fn facts_give_the_same_findings_at_the_same_lines() {
    let root = folder();
    write(root.path(), "tree/deploy/all.yaml", MANIFESTS);
    write(
        root.path(),
        "tree/pod.json",
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n \"spec\": {\"hostIPC\": true, \"containers\": []}}\n",
    );
    write(root.path(), "tree/rbac/roles.yaml", ROLES);
    write(root.path(), "tree/rbac/bindings.yaml", BINDINGS);
    let direct = scan(&root.path().join("tree"), &[]);
    assert!(checks(&direct).len() > 10, "{direct:?}");
    // What many files say together.
    for told in ["kubernetes-subject-edits-everywhere", "kubernetes-namespace-without-network-policy"] {
        assert!(checks(&direct).iter().any(|one| one.starts_with(told)), "{told}: {direct:?}");
    }
    let facts = bedrail(&root.path().join("tree"), &["facts"]);
    assert_eq!(facts.code, Some(0), "{facts:?}");
    assert!(!facts.out.contains("hushhush"), "what a Secret holds is no fact");
    write(root.path(), "facts.json", &facts.out);
    let again = scan(root.path(), &["--facts", "facts.json"]);
    assert_eq!(checks(&again), checks(&direct));
    assert_eq!(again.code, direct.code);
    // The same facts from the same tree, byte for byte; and once more from a fact file in a tree.
    assert_eq!(bedrail(&root.path().join("tree"), &["facts"]).out, facts.out);
}

#[test]
fn kinds_may_be_chosen() {
    let root = folder();
    write(root.path(), "a.yaml", MANIFESTS);
    write(root.path(), "b.toml", "x = 1\n");
    let kinds = |arguments: &[&str]| -> BTreeSet<String> {
        let json = bedrail(root.path(), &[&["facts"], arguments].concat()).json();
        let all = json["documents"].as_array().expect("a list");
        all.iter().filter_map(|document| document["kind"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(kinds(&["--kind", "toml"]), BTreeSet::from(["toml".to_owned()]));
    assert_eq!(kinds(&[]), BTreeSet::from(["toml".to_owned(), "kubernetes.object".to_owned()]));
}

#[test]
fn facts_of_standard_input_are_written() {
    let root = folder();
    let ran = with_input(root.path(), &["facts", "-"], b"{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {}}");
    assert_eq!(ran.json()["documents"][0]["kind"], "kubernetes.object", "{ran:?}");
}

#[test]
fn a_secret_is_masked_in_facts() {
    let root = folder();
    let secret = token("fact");
    write(root.path(), "a.json", format!("{{\"token\": \"{secret}\", \"{secret}\": 1, \"list\": [\"x {secret}\"]}}"));
    write(root.path(), "b.toml", format!("token = \"{secret}\"\n"));
    let ran = bedrail(root.path(), &["facts"]);
    assert!(ran.out.contains("REDACTED") && !ran.out.contains(&secret[8..]), "{}", ran.out);
}

const ENDPOINT: &str = r#"{"format": "bedrail-facts/1", "documents": [{
  "kind": "tls.endpoint", "origin": "tls://pacs.example.org:104",
  "root": {"host": "pacs.example.org", "port": 104, "service": "dicom", "tls": false, "plaintext": true}}]}
"#;
const BUCKET: &str = r#"{"format": "bedrail-facts/1", "documents": [{
  "kind": "s3.bucket", "origin": "s3://imaging-archive",
  "root": {"name": "imaging-archive", "public_access_block": null, "policy": {"public": true}}}]}
"#;

#[test]
fn facts_of_an_endpoint_and_a_bucket_are_judged() {
    let root = folder();
    write(root.path(), "facts/endpoint.json", ENDPOINT);
    write(root.path(), "facts/bucket.json", BUCKET);
    let ran = scan(root.path(), &["--facts", "facts/endpoint.json", "--facts", "facts/bucket.json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let found = ran.findings();
    assert!(found.iter().any(|told| told.starts_with("tls-plaintext-phi")), "{found:#?}");
    assert!(found.iter().any(|told| told.starts_with("storage-bucket-public-policy")), "{found:#?}");
    // What was not looked at did not pass.
    assert!(ran.notices().contains(&"not-judged".to_owned()), "{ran:?}");
    // In a folder they are judged as well.
    assert_eq!(scan(root.path(), &["facts"]).findings().len(), found.len());
    // The report is of another kind, so that uploading one does not replace the other.
    let sarif = |arguments: &[&str]| {
        let ran = bedrail(root.path(), &[&["scan", "--format", "sarif"], arguments].concat());
        ran.json()["runs"][0]["automationDetails"]["id"].to_string()
    };
    assert_ne!(sarif(&["--facts", "facts/bucket.json"]), sarif(&["facts"]));
}

#[test]
fn a_wrong_fact_file_is_a_mistake() {
    // text, words
    let cases: &[(&str, &str)] = &[
        ("", "bedrail-facts/1"),
        ("{", "line 1"),
        ("{}", "bedrail-facts/1"),
        ("[]", "bedrail-facts/1"),
        ("{\"format\": \"bedrail-facts/9\", \"documents\": []}", "bedrail-facts/1"),
        ("{\"format\": \"bedrail-facts/1\"}", "documents"),
        (&ENDPOINT.replace("\"port\": 104", "\"prot\": 104"), "line 3"),
        (&ENDPOINT.replace("\"port\": 104", "\"port\": \"104\""), "line 3"),
        (&ENDPOINT.replace("tls.endpoint", "tls.endpoints"), "line 2"),
        (&ENDPOINT.replace("dicom", "dicon"), "line 3"),
    ];
    for (text, words) in cases {
        let root = folder();
        write(root.path(), "facts.json", text);
        let ran = bedrail(root.path(), &["scan", "--facts", "facts.json"]);
        assert_eq!(ran.code, Some(2), "{text}: {ran:?}");
        assert!(ran.err.contains("facts.json") && ran.err.contains(words), "{text}: {}", ran.err);
        // Met in a tree it is told, and the scan goes on.
        if text.contains("bedrail-facts/1\", \"documents") {
            let met = scan(root.path(), &[]);
            assert!(met.code == Some(0) && !met.notices().is_empty(), "{text}: {met:?}");
        }
    }
}
