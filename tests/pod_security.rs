//! The Pod Security Standards, control by control and version by version, in every kind of workload.

#![allow(clippy::unwrap_used)]

use bedrail::artifact::{Origin, Part};
use bedrail::document::{Format, parse};
use bedrail::engine::{Engine, Subject};
use bedrail::finding::FingerprintKey;
use bedrail::rule::embedded;

const BASELINE: &str = "pod-security-baseline";
const RESTRICTED: &str = "pod-security-restricted";

/// `apiVersion`, `kind`, and the keys above the pod's template.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("v1", "Pod", &[]),
    ("v1", "PodTemplate", &["template"]),
    ("apps/v1", "Deployment", &["spec", "template"]),
    ("apps/v1", "StatefulSet", &["spec", "template"]),
    ("apps/v1", "DaemonSet", &["spec", "template"]),
    ("apps/v1", "ReplicaSet", &["spec", "template"]),
    ("v1", "ReplicationController", &["spec", "template"]),
    ("batch/v1", "Job", &["spec", "template"]),
    ("batch/v1", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
];

/// What all controls allow at the restricted level, at every version.
const SOUND: &str = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}";

type Case = (&'static str, &'static str, u32, u32, bool, &'static str);

/// Rule, pod, first and last version, whether the rule speaks, level of the rule. `SOUND` stands for its text,
/// `#!` marks the line of the finding.
const CASES: &[Case] = &[
    (
        "container-privileged",
        "spec:\n  containers:\n    - securityContext:\n        privileged: true #!",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "container-privileged",
        "spec:\n  initContainers:\n    - securityContext:\n        privileged: false",
        0,
        40,
        false,
        BASELINE,
    ),
    ("pod-host-network", "spec:\n  hostNetwork: true #!", 0, 40, true, BASELINE),
    ("pod-host-pid", "spec:\n  hostPID: true #!", 0, 40, true, BASELINE),
    ("pod-host-ipc", "spec:\n  hostIPC: true #!", 0, 40, true, BASELINE),
    ("pod-host-ipc", "spec:\n  hostIPC: false", 0, 40, false, BASELINE),
    ("volume-host-path", "spec:\n  volumes:\n    - name: a\n      hostPath: {path: /srv} #!", 0, 40, true, BASELINE),
    ("volume-host-path", "spec:\n  volumes:\n    - name: a\n      emptyDir: {}", 0, 40, false, BASELINE),
    ("container-host-port", "spec:\n  containers:\n    - ports:\n        - hostPort: 80 #!", 0, 40, true, BASELINE),
    ("container-host-port", "spec:\n  containers:\n    - ports:\n        - hostPort: 0", 0, 40, false, BASELINE),
    // Probes that name a host are a matter of 1.34.
    (
        "probe-host",
        "spec:\n  containers:\n    - livenessProbe:\n        httpGet:\n          host: a #!",
        34,
        40,
        true,
        BASELINE,
    ),
    (
        "probe-host",
        "spec:\n  containers:\n    - livenessProbe:\n        httpGet:\n          host: a",
        0,
        33,
        false,
        BASELINE,
    ),
    (
        "probe-host",
        "spec:\n  containers:\n    - lifecycle:\n        preStop:\n          tcpSocket: {host: ''}",
        34,
        40,
        false,
        BASELINE,
    ),
    (
        "apparmor-off",
        "spec:\n  securityContext:\n    appArmorProfile:\n      type: Unconfined #!",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "apparmor-annotation-off",
        "metadata:\n  annotations:\n    a: b\n    container.apparmor.security.beta.kubernetes.io/a: unconfined #!\nspec: {}",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "apparmor-annotation-off",
        "metadata:\n  annotations:\n    container.apparmor.security.beta.kubernetes.io/a: ''\nspec: {}",
        0,
        40,
        false,
        BASELINE,
    ),
    ("selinux-type", "spec:\n  securityContext:\n    seLinuxOptions:\n      type: spc_t #!", 0, 40, true, BASELINE),
    // The container engine's type came with 1.31.
    (
        "selinux-type",
        "spec:\n  securityContext:\n    seLinuxOptions:\n      type: container_engine_t #!",
        0,
        30,
        true,
        BASELINE,
    ),
    (
        "selinux-type",
        "spec:\n  securityContext:\n    seLinuxOptions:\n      type: container_engine_t",
        31,
        40,
        false,
        BASELINE,
    ),
    (
        "selinux-user",
        "spec:\n  containers:\n    - securityContext:\n        seLinuxOptions:\n          user: a #!",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "selinux-role",
        "spec:\n  containers:\n    - securityContext:\n        seLinuxOptions:\n          role: a #!",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "windows-host-process",
        "spec:\n  securityContext:\n    windowsOptions:\n      hostProcess: true #!",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "capability-dangerous",
        "spec:\n  containers:\n    - securityContext:\n        capabilities:\n          add:\n            - KILL\n            - NET_RAW #!",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "capability-dangerous",
        "spec:\n  containers:\n    - securityContext:\n        capabilities:\n          add:\n            - KILL",
        0,
        40,
        false,
        BASELINE,
    ),
    (
        "container-proc-mount",
        "spec:\n  containers:\n    - securityContext:\n        procMount: Unmasked #!",
        0,
        40,
        true,
        BASELINE,
    ),
    // A user namespace of its own allows it from 1.35, but not at the restricted level.
    (
        "container-proc-mount",
        "spec:\n  hostUsers: false\n  containers:\n    - securityContext:\n        procMount: Unmasked #!",
        0,
        34,
        true,
        BASELINE,
    ),
    (
        "container-proc-mount",
        "spec:\n  hostUsers: false\n  containers:\n    - securityContext:\n        procMount: Unmasked",
        35,
        40,
        false,
        BASELINE,
    ),
    (
        "container-proc-mount-in-user-namespace",
        "spec:\n  hostUsers: false\n  containers:\n    - securityContext:\n        procMount: Unmasked #!",
        35,
        40,
        true,
        RESTRICTED,
    ),
    // Up to 1.18 seccomp is a matter of annotations, then of fields.
    (
        "seccomp-annotation-off",
        "metadata:\n  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: unconfined #!\nspec: {}",
        0,
        18,
        true,
        BASELINE,
    ),
    (
        "seccomp-annotation-off",
        "metadata:\n  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: unconfined\nspec: {}",
        19,
        40,
        false,
        BASELINE,
    ),
    (
        "seccomp-off",
        "spec:\n  securityContext:\n    seccompProfile:\n      type: Unconfined #!",
        19,
        40,
        true,
        BASELINE,
    ),
    ("seccomp-off", "spec:\n  securityContext:\n    seccompProfile:\n      type: Unconfined", 0, 18, false, BASELINE),
    // Safe settings grew by version.
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: kernel.msgmax #!",
        0,
        40,
        true,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.ping_group_range",
        0,
        40,
        false,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.ip_local_reserved_ports #!",
        0,
        26,
        true,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.ip_local_reserved_ports",
        27,
        40,
        false,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.tcp_fin_timeout #!",
        0,
        28,
        true,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.tcp_fin_timeout",
        29,
        40,
        false,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.tcp_wmem #!",
        0,
        31,
        true,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.tcp_wmem",
        32,
        40,
        false,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.tcp_notsent_lowat #!",
        0,
        36,
        true,
        BASELINE,
    ),
    (
        "pod-unsafe-sysctl",
        "spec:\n  securityContext:\n    sysctls:\n      - name: net.ipv4.tcp_notsent_lowat",
        37,
        40,
        false,
        BASELINE,
    ),
    ("volume-inline-storage", "spec:\n  volumes:\n    - name: a\n      nfs: {} #!", 0, 40, true, RESTRICTED),
    ("volume-unknown-type", "spec:\n  volumes:\n    - name: a\n      floppy: {} #!", 0, 40, true, RESTRICTED),
    // A volume with a name only is an emptyDir.
    ("volume-unknown-type", "spec:\n  volumes:\n    - name: a", 0, 40, false, RESTRICTED),
    ("container-escalation", "spec:\n  containers:\n    - name: a #!", 8, 40, true, RESTRICTED),
    ("container-escalation", "spec:\n  containers:\n    - name: a", 0, 7, false, RESTRICTED),
    ("container-escalation", "spec:\n  os: {name: windows}\n  containers:\n    - name: a #!", 8, 24, true, RESTRICTED),
    ("container-escalation", "spec:\n  os: {name: windows}\n  containers:\n    - name: a", 25, 40, false, RESTRICTED),
    (
        "capabilities-not-dropped",
        "spec:\n  containers:\n    - securityContext:\n        capabilities:\n          drop: [KILL] #!",
        22,
        40,
        true,
        RESTRICTED,
    ),
    (
        "capabilities-not-dropped",
        "spec:\n  containers:\n    - securityContext:\n        capabilities:\n          drop: [KILL]",
        0,
        21,
        false,
        RESTRICTED,
    ),
    (
        "capability-added",
        "spec:\n  containers:\n    - securityContext:\n        capabilities:\n          add:\n            - KILL #!",
        22,
        40,
        true,
        RESTRICTED,
    ),
    (
        "capability-added",
        "spec:\n  containers:\n    - securityContext:\n        capabilities:\n          add:\n            - NET_BIND_SERVICE",
        0,
        40,
        false,
        RESTRICTED,
    ),
    // An explicit false fails, also above containers that say true.
    (
        "root-allowed",
        "spec:\n  securityContext:\n    runAsNonRoot: false #!\n  containers:\n    - securityContext: {runAsNonRoot: true}",
        0,
        40,
        true,
        RESTRICTED,
    ),
    (
        "root-not-forbidden",
        "spec:\n  securityContext: {runAsUser: 5} #!\n  containers:\n    - name: a",
        0,
        40,
        true,
        RESTRICTED,
    ),
    ("root-not-forbidden", "spec:\n  hostUsers: false\n  containers:\n    - name: a", 35, 40, false, RESTRICTED),
    (
        "root-not-forbidden",
        "spec:\n  containers:\n    - securityContext: {runAsNonRoot: true}",
        0,
        40,
        false,
        RESTRICTED,
    ),
    ("root-user", "spec:\n  containers:\n    - securityContext:\n        runAsUser: 0 #!", 23, 40, true, RESTRICTED),
    ("root-user", "spec:\n  containers:\n    - securityContext:\n        runAsUser: 0", 0, 22, false, RESTRICTED),
    (
        "root-user",
        "spec:\n  hostUsers: false\n  containers:\n    - securityContext:\n        runAsUser: 0",
        35,
        40,
        false,
        RESTRICTED,
    ),
    ("seccomp-not-set", "spec: #!\n  containers:\n    - name: a", 19, 40, true, RESTRICTED),
    ("seccomp-not-set", "spec:\n  containers:\n    - name: a", 0, 18, false, RESTRICTED),
    ("", "spec:\n  containers:\n    - securityContext: {SOUND}", 0, 40, false, RESTRICTED),
    (
        "",
        "spec:\n  volumes: [{name: a, ephemeral: {}}, {name: b, csi: {}}]\n  containers:\n    - securityContext: {SOUND}",
        0,
        40,
        false,
        RESTRICTED,
    ),
];

fn engine(version: u32) -> Engine {
    let tagged = |tags: &[String]| tags.iter().any(|tag| tag == BASELINE || tag == RESTRICTED);
    let rules = embedded::rules().into_iter().filter(|rule| tagged(&rule.tags)).collect();
    Engine::new(rules, FingerprintKey::default()).with_pod_security(format!("v1.{version}").parse().unwrap())
}

fn wrapped(pod: &str, (version, kind, keys): (&str, &str, &[&str])) -> String {
    let mut text = format!("apiVersion: {version}\nkind: {kind}\n");
    for (depth, key) in keys.iter().enumerate() {
        text += &format!("{}{key}:\n", "  ".repeat(depth));
    }
    for line in pod.replace("SOUND", SOUND).lines() {
        text += &format!("{}{line}\n", "  ".repeat(keys.len()));
    }
    text
}

/// Rules with the lines of their findings.
fn found(engine: &Engine, text: &str) -> Vec<(String, usize)> {
    let origin = Origin::file("workload.yaml");
    let subject = Subject { origin: &origin, text: text.as_bytes(), part: Part::WHOLE };
    let judged = engine.judge(subject, &parse(Format::Yaml, text.as_bytes()));
    assert!(judged.notices.is_empty(), "{text}\n{:?}", judged.notices);
    judged.findings.into_iter().map(|finding| (finding.rule, finding.place.line)).collect()
}

#[test]
fn every_control_speaks_from_its_version_on_in_every_kind_of_workload_and_at_its_line() {
    let engines: Vec<Engine> = (0..=40).map(engine).collect();
    for (rule, pod, first, last, speaks, level) in CASES {
        let id = format!("kubernetes-{rule}");
        for version in [*first, *last] {
            let engine = &engines[version as usize];
            for kind in KINDS {
                let text = wrapped(pod, *kind);
                let all = found(engine, &text);
                let line = text.lines().position(|line| line.contains("#!")).map_or(0, |line| line + 1);
                let lines: Vec<usize> = all.iter().filter(|(rule, _)| *rule == id).map(|(_, line)| *line).collect();
                if *speaks {
                    assert_eq!(lines, [line], "{id} at v1.{version}\n{text}");
                    let rule = engine.rules().find(|rule| rule.id == id).unwrap();
                    assert!(rule.tags.iter().any(|tag| tag == level), "{id}");
                } else if rule.is_empty() {
                    assert_eq!(all, [], "v1.{version}\n{text}");
                } else {
                    assert!(lines.is_empty(), "{id} at v1.{version}\n{text}");
                }
            }
        }
    }
}

#[test]
fn every_rule_of_the_standards_stands_in_the_table() {
    for rule in engine(40).rules() {
        let known = CASES.iter().any(|case| case.4 && rule.id.strip_prefix("kubernetes-") == Some(case.0));
        // These are parts of the control on volumes of the host, told apart by what they reach.
        let parts =
            ["kubernetes-volume-host-image-store", "kubernetes-volume-runtime-socket", "kubernetes-volume-host-root"];
        assert!(known || parts.contains(&rule.id.as_str()), "{} is not tested by version", rule.id);
    }
}
