//! Kustomize: what is told of bases and patches as files, and of what they become.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod program;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use program::{Ran, bedrail, command, folder, run, token, write};

const BASE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: registry.example.org/web:1.2\n          securityContext:\n            privileged: true\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: LoadBalancer\n  ports: [{port: 104}]\n";
const DEV: &str = "namePrefix: dev-\nresources: [../../base]\nimages:\n  - name: registry.example.org/web\n    newTag: latest\ncomponents: [../../components/debug]\n";
const PROD: &str = "resources: [../../base]\npatches:\n  - path: harden.yaml\n  - path: host.json\n    target: {kind: Deployment, name: web}\n  - target: {kind: Deployment}\n    patch: |-\n      - op: add\n        path: /spec/template/spec/hostPID\n        value: true\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: web\n      spec:\n        template:\n          spec:\n            hostIPC: true\n";
const HARDEN: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          securityContext:\n            privileged: false\n";
const HOST: &str = "[\n  {\"op\": \"add\", \"path\": \"/spec/template/spec/hostNetwork\",\n   \"value\": true}\n]\n";
const DEBUG: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: shell\n          image: busybox\n          securityContext: {privileged: true}\n";

/// What kustomize makes of both overlays; `%s` is the way from the folder that it was called for.
const OF_DEV: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: %s../../base/web.yaml\n  name: dev-web\nspec:\n  ports:\n  - port: 104\n  type: LoadBalancer\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: %s../../base/web.yaml\n  name: dev-web\nspec:\n  template:\n    spec:\n      containers:\n      - image: busybox\n        name: shell\n        securityContext:\n          privileged: true\n      - image: registry.example.org/web:latest\n        name: web\n        securityContext:\n          privileged: true\n";
const OF_PROD: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: %s../../base/web.yaml\n  name: web\nspec:\n  ports:\n  - port: 104\n  type: LoadBalancer\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: %s../../base/web.yaml\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - image: registry.example.org/web:1.2\n        name: web\n        securityContext:\n          privileged: false\n      hostIPC: true\n      hostNetwork: true\n      hostPID: true\n";

/// The rules that are looked at here.
const LOOKED_AT: [&str; 7] = [
    "kubernetes-container-privileged",
    "kubernetes-image-latest",
    "kubernetes-pod-host-ipc",
    "kubernetes-pod-host-network",
    "kubernetes-pod-host-pid",
    "kubernetes-root-not-forbidden",
    "kubernetes-service-dicom-exposed",
];

fn tree(root: &Path) {
    write(root, "site/base/kustomization.yaml", "resources: [web.yaml]\n");
    write(root, "site/base/web.yaml", BASE);
    write(root, "site/overlays/dev/kustomization.yaml", DEV);
    write(root, "site/overlays/prod/kustomization.yaml", PROD);
    write(root, "site/overlays/prod/harden.yaml", HARDEN);
    write(root, "site/overlays/prod/host.json", HOST);
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: debug.yaml}]\n";
    write(root, "site/components/debug/kustomization.yaml", component);
    write(root, "site/components/debug/debug.yaml", DEBUG);
}

/// A `kustomize` that knows the tree, and notes in `ran` that it was run. It has nothing on its PATH.
fn fake(bin: &Path) {
    let quoted = |text: &str| text.replace('\n', "\\n");
    let script = format!(
        "#!/bin/sh\nread -r line < \"$2/kustomization.yaml\"\nway=${{line#*\\\"resources\\\":[\\\"}}\nway=${{way%%\\\"*}}/\n\
         echo \"$1 $way\" >> '{ran}'\ncase $way in\n\
         */dev/) printf '{dev}' \"$way\" \"$way\";;\n*/prod/) printf '{prod}' \"$way\" \"$way\";;\n*) exit 1;;\nesac\n",
        ran = bin.join("ran").display(),
        dev = quoted(OF_DEV),
        prod = quoted(OF_PROD),
    );
    write(bin, "kustomize", script);
    fs::set_permissions(bin.join("kustomize"), fs::Permissions::from_mode(0o755)).unwrap();
}

fn scan(root: &Path, target: &str, path: &str, flag: Option<&str>) -> Ran {
    let mut scan = command(root, &["scan", target, "--isolated", "--format", "json", "--exit-zero"]);
    scan.args(flag).env("PATH", path);
    run(scan)
}

fn told(ran: &Ran) -> Vec<String> {
    let looked_at = |told: &String| LOOKED_AT.contains(&told.split(' ').next().unwrap());
    let short = |told: String| told.replacen("kubernetes-", "", 1).replace(" site/", " ");
    ran.findings().into_iter().filter(looked_at).map(short).collect()
}

/// What both overlays say, each thing once, where it is said.
const RENDERED: &[&str] = &[
    "root-not-forbidden base/web.yaml:7:5",
    "container-privileged base/web.yaml:12:13",
    "service-dicom-exposed base/web.yaml:20:12",
    "image-latest components/debug/debug.yaml:10:11",
    "container-privileged components/debug/debug.yaml:11:29",
    "image-latest overlays/dev/kustomization.yaml:5:5",
    "pod-host-network overlays/prod/host.json:2:25",
    "pod-host-pid overlays/prod/kustomization.yaml:9:15",
    "pod-host-ipc overlays/prod/kustomization.yaml:19:13",
];

#[test]
fn a_patch_is_judged_for_what_it_says_and_not_for_what_it_lacks() {
    let root = folder();
    tree(root.path());
    let ran = scan(root.path(), "site", "", None);
    let expected = [
        "root-not-forbidden base/web.yaml:7:5",
        "container-privileged base/web.yaml:12:13",
        "service-dicom-exposed base/web.yaml:20:12",
        "image-latest components/debug/debug.yaml:10:11",
        "container-privileged components/debug/debug.yaml:11:29",
        "pod-host-network overlays/prod/host.json:2:25",
        "pod-host-pid overlays/prod/kustomization.yaml:9:15",
        "pod-host-ipc overlays/prod/kustomization.yaml:19:13",
    ];
    assert_eq!(told(&ran), expected);
    assert!(!ran.out.contains("\"name\": \"site/overlays/prod/harden.yaml\""), "{}", ran.out);
    assert_eq!(ran.notices(), ["kustomize-not-applied"; 4]);

    // A directive says it too, wherever the file lies.
    let lonely = folder();
    write(lonely.path(), "a.yaml", DEBUG);
    write(
        lonely.path(),
        "b.yaml",
        DEBUG.replace("        - name: shell\n", "        - $patch: replace\n        - name: shell\n"),
    );
    let all = scan(lonely.path(), ".", "", None);
    assert_eq!(
        told(&all),
        [
            "root-not-forbidden a.yaml:7:5",
            "image-latest a.yaml:10:11",
            "container-privileged a.yaml:11:29",
            "image-latest b.yaml:11:11",
            "container-privileged b.yaml:12:29",
        ]
    );
}

#[test]
fn a_patch_is_no_fact() {
    let root = folder();
    tree(root.path());
    let ran = bedrail(root.path(), &["facts", "site", "--kind", "kubernetes.workload"]);
    assert!(ran.out.contains("base/web.yaml") && !ran.out.contains("harden.yaml"), "{}", ran.out);
    assert!(ran.err.contains("overlays/prod/harden.yaml: it holds a patch"), "{}", ran.err);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn overlays_are_rendered_only_when_asked_for_and_shown_where_it_is_said() {
    let root = folder();
    tree(root.path());
    let bin = root.path().join("bin");
    fake(&bin);
    let path = bin.display().to_string();
    scan(root.path(), "site", &path, None);
    assert!(!bin.join("ran").exists(), "it was run unasked");

    let ran = scan(root.path(), "site", &path, Some("--render-kustomize"));
    assert_eq!(told(&ran), RENDERED, "{}", ran.out);
    assert!(ran.notices().is_empty(), "{:?}", ran.notices());
    let json = ran.json();
    let because = |rule: &str, line: u64| {
        let findings = json["findings"].as_array().unwrap();
        let found = findings.iter().find(|found| found["rule"] == rule && found["line"] == line).unwrap();
        found["because"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(
        because("kubernetes-service-dicom-exposed", 20),
        "kustomize renders it so for overlays/dev, overlays/prod"
    );
    assert_eq!(because("kubernetes-container-privileged", 12), "kustomize renders it so for overlays/dev");
    // Each overlay once; bases and components only as parts of them.
    assert_eq!(fs::read_to_string(bin.join("ran")).unwrap().lines().count(), 2);

    // Silencing works where it is said.
    let silenced = BASE.replace(
        "            privileged: true",
        "            privileged: true # bedrail: allow kubernetes-container-privileged -- a test of ours",
    );
    write(root.path(), "site/base/web.yaml", silenced);
    let mut scan = command(root.path(), &["scan", "site", "--format", "json", "--exit-zero", "--render-kustomize"]);
    scan.env("PATH", &path);
    let ran = run(scan);
    assert!(!told(&ran).contains(&"container-privileged base/web.yaml:12:13".to_owned()), "{}", ran.out);
    assert!(ran.notices().is_empty(), "{:?}", ran.notices());
}

#[test]
fn a_base_that_is_no_target_is_told_all_the_same() {
    let root = folder();
    tree(root.path());
    // A secret beside what is shown.
    let secret = token("kustomize");
    write(root.path(), "site/base/web.yaml", BASE.replace("LoadBalancer\n", &format!("LoadBalancer # {secret}\n")));
    let bin = root.path().join("bin");
    fake(&bin);
    let path = bin.display().to_string();
    // Without a repository around it, the base is what the overlay includes.
    let alone = scan(root.path(), "site/overlays/prod", &path, Some("--render-kustomize"));
    assert!(told(&alone).contains(&"service-dicom-exposed kustomization.yaml:1:13".to_owned()), "{:?}", told(&alone));
    fs::create_dir(root.path().join(".git")).unwrap();
    let within = scan(root.path(), "site/overlays/prod", &path, Some("--render-kustomize"));
    assert!(told(&within).contains(&"service-dicom-exposed base/web.yaml:20:12".to_owned()), "{:?}", told(&within));
    assert!(within.out.contains("[REDACTED]") && !within.out.contains(&secret), "a secret is shown");
}

#[test]
fn what_would_be_fetched_or_cannot_be_rendered_is_said_and_judged_as_files() {
    // the kustomization, a word of the notice, whether the program is run
    let cases = [
        ("resources: [web.yaml, 'https://example.org/base']\n", "nothing is fetched", false),
        ("resources: [web.yaml, github.com/some/base]\n", "nothing is fetched", false),
        ("resources: [web.yaml]\ngenerators: [maker.yaml]\n", "nothing is fetched", false),
        ("resources: [web.yaml]\nopenapi: {path: 'http://127.0.0.1:9/x'}\n", "nothing is fetched", false),
        ("resources: [web.yaml]\npatches: [{path: 'http://127.0.0.1:9/x'}]\n", "nothing is fetched", false),
        (
            "resources: [web.yaml]\nconfigMapGenerator: [{name: a, files: ['k=http://127.0.0.1:9/x']}]\n",
            "nothing is fetched",
            false,
        ),
        ("resources: [web.yaml]\nreplacements: [{path: 'https://127.0.0.1:9/x'}]\n", "nothing is fetched", false),
        // `http://127.0.0.1:9/x`
        (
            "resources: [web.yaml]\nopenapi: {path: !!binary aHR0cDovLzEyNy4wLjAuMTo5L3g=}\n",
            "nothing is fetched",
            false,
        ),
        ("resources: [web.yaml]\nBases: [../site]\n", "nothing is fetched", false),
        ("resources: [web.yaml, github.com]\n", "nothing is fetched", false),
        ("resources: [web.yaml, empty]\n", "cannot be read here", false),
        ("resources: [web.yaml]\nhelmCharts: [{name: a}]\n", "inflates charts", false),
        ("resources: [web.yaml]\n", "could not render it", true),
    ];
    for (text, word, runs) in cases {
        let root = folder();
        write(root.path(), "site/kustomization.yaml", text);
        write(root.path(), "site/web.yaml", BASE);
        fs::create_dir_all(root.path().join("site/github.com/some/base")).unwrap();
        fs::create_dir_all(root.path().join("site/empty")).unwrap();
        let bin = root.path().join("bin");
        fake(&bin);
        let ran = scan(root.path(), "site", &bin.display().to_string(), Some("--render-kustomize"));
        assert!(ran.out.contains(word), "{text}: {}", ran.out);
        assert_eq!(bin.join("ran").exists(), runs, "{text}");
        assert!(ran.notices().contains(&"render-failed".to_owned()), "{text}: {:?}", ran.notices());
        assert!(told(&ran).contains(&"container-privileged web.yaml:12:13".to_owned()), "{text}: {:?}", told(&ran));
    }
    let root = folder();
    tree(root.path());
    let ran = scan(root.path(), "site", "", Some("--render-kustomize"));
    assert!(ran.out.contains("neither kustomize nor kubectl"), "{}", ran.out);
}

#[test]
fn a_base_behind_a_link_is_followed_from_where_it_is() {
    let root = folder();
    write(root.path(), "a/kustomization.yaml", "resources: [link]\n");
    write(root.path(), "a/evil/web.yaml", BASE);
    std::os::unix::fs::symlink("../deep/dir", root.path().join("a/link")).unwrap();
    write(root.path(), "deep/dir/kustomization.yaml", "resources: [../evil]\n");
    write(root.path(), "deep/evil/kustomization.yaml", "openapi: {path: 'http://127.0.0.1:9/x'}\n");
    let bin = root.path().join("bin");
    fake(&bin);
    let ran = scan(root.path(), "a", &bin.display().to_string(), Some("--render-kustomize"));
    assert!(ran.out.contains("nothing is fetched"), "{}", ran.out);
    assert!(!bin.join("ran").exists());
}

/// The same with a real one, where there is one.
#[test]
fn a_real_kustomize_says_the_same() {
    let path = std::env::var("PATH").unwrap_or_default();
    let works = |name: &str, arguments: &[&str]| {
        Command::new(name).args(arguments).output().is_ok_and(|out| out.status.success())
    };
    if !works("kustomize", &["version"]) && !works("kubectl", &["kustomize", "--help"]) {
        return;
    }
    let root = folder();
    tree(root.path());
    let ran = scan(root.path(), "site", &path, Some("--render-kustomize"));
    assert_eq!(told(&ran), RENDERED, "{}", ran.out);
    assert!(ran.notices().is_empty(), "{:?}", ran.notices());
}
