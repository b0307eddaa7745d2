//! Charts: what is told when they are rendered, and when they are not.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const TEMPLATE: &str = "{{- if .Values.on }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  template:\n    spec:\n      hostNetwork: {{ .Values.host }}\n      {{- toYaml .Values.more | nindent 6 }}\n      containers: []\n{{- end }}\n";
/// Prints what helm would have made of it.
const HELM: &str = "#!/bin/sh\ncat <<'X'\n---\n# Source: site/templates/d.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: release\nspec:\n  template:\n    spec:\n      hostNetwork: true\n      hostPID: true\n      containers: []\nX\n";

/// Rules with lines, and the kinds of notices.
fn scan(folder: &Path, path: &str, flag: Option<&str>) -> (Vec<(String, u64)>, Vec<String>) {
    let out = Command::new(env!("CARGO_BIN_EXE_bedrail"))
        .current_dir(folder)
        .env("PATH", path)
        .args(["scan", "site", "--isolated", "--format", "json", "--exit-zero", "--min-severity", "medium"])
        .args(flag)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = report["findings"].as_array().unwrap().iter();
    let notices = report["notices"].as_array().unwrap().iter();
    (
        found.map(|one| (text(&one["rule"]), one["line"].as_u64().unwrap_or(0))).collect(),
        notices.map(|one| text(&one["kind"])).collect(),
    )
}

#[test]
fn a_chart_is_rendered_only_when_asked_for_and_shown_in_its_template() {
    let folder = tempfile::tempdir().unwrap();
    let (chart, bin) = (folder.path().join("site"), folder.path().join("bin"));
    fs::create_dir_all(chart.join("templates")).unwrap();
    fs::create_dir(&bin).unwrap();
    fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: site\nversion: 0.1.0\n").unwrap();
    fs::write(chart.join("templates/d.yaml"), TEMPLATE).unwrap();
    fs::write(bin.join("helm"), HELM).unwrap();
    fs::set_permissions(bin.join("helm"), fs::Permissions::from_mode(0o755)).unwrap();
    let with_helm = format!("{}:/bin:/usr/bin", bin.display());
    let nothing = folder.path().join("nothing");
    let without = nothing.display().to_string();

    let (found, notices) = scan(folder.path(), &with_helm, None);
    assert!(found.is_empty(), "{found:?}");
    assert!(notices.contains(&"chart-not-rendered".to_owned()), "{notices:?}");
    assert!(notices.contains(&"not-judged".to_owned()), "{notices:?}");

    let (found, notices) = scan(folder.path(), &with_helm, Some("--render-helm"));
    // The one where its key stands; the other, which values put in, at what they are put into.
    let expected = [("kubernetes-pod-host-pid", 8), ("kubernetes-pod-host-network", 9)];
    assert_eq!(found, expected.map(|(rule, line)| (rule.to_owned(), line)));
    assert!(!notices.contains(&"not-judged".to_owned()), "{notices:?}");

    // Without helm the scan says so, and goes on.
    let (_, notices) = scan(folder.path(), &without, Some("--render-helm"));
    assert!(notices.contains(&"render-failed".to_owned()), "{notices:?}");
}

#[test]
fn a_name_that_is_filled_in_may_be_the_one_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let template = |limits: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  automountServiceAccountToken: false\n  containers:\n  - name: {{{{ .n }}}}\n    \
             resources:\n      limits:\n        {limits}\n"
        )
    };
    // Whether memory is told to have no limit.
    for (limits, told) in [("cpu: 1", true), ("{{ .key }}: {{ .value }}", false)] {
        fs::create_dir_all(folder.path().join("site")).unwrap();
        fs::write(folder.path().join("site/pod.yaml"), template(limits)).unwrap();
        let out = Command::new(env!("CARGO_BIN_EXE_bedrail"))
            .current_dir(folder.path())
            .args(["scan", "site", "--isolated", "--format", "json", "--exit-zero"])
            .output()
            .unwrap();
        let out = String::from_utf8(out.stdout).unwrap();
        let finding = "\"rule\": \"kubernetes-container-memory-unlimited\"";
        assert_eq!(out.contains(finding), told, "{limits}: {out}");
    }
}
