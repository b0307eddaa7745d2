//! Expressions and manifests as they are written.

use super::*;

fn rule(check: &str) -> Rule {
    let text = format!(
        "id = 'a-b'\ntitle = ''\nseverity = 'low'\nconfidence = 'low'\nmessage = 'm'\nremedy = ''\n\
         cites = ['hipaa:164.312(d)']\nsince = ''\n{check}"
    );
    toml::from_str(&text).expect(&text)
}

fn shown(check: &str) -> String {
    match policy(&rule(&format!("[check]\n{check}")), PodSecurityVersion::LATEST) {
        Ok(policy) => policy.expression,
        Err(why) => format!("no: {why}"),
    }
}

#[test]
fn what_each_selects_becomes_macros() {
    // check, expression
    let cases = [
        ("on = 'kubernetes.workload'\ndeny = 'pod.a'", "!([object].exists(self, variables.pod.a))"),
        ("on = 'kubernetes.workload'\ndeny = 'psa > 3'", "!([object].exists(self, 37 > 3))"),
        ("on = 'kubernetes.workload'\neach = 'pod'\ndeny = 'self.a'", "!([variables.pod].exists(self, self.a))"),
        (
            "on = 'kubernetes.workload'\neach = 'pod.volumes'\nwhen = 'pod.b'\ndeny = 'self.a'",
            "!(variables.pod.b) || !(variables.pod.?volumes.orValue([]).exists(self, (self.a)))",
        ),
        (
            "on = 'kubernetes.workload'\neach = 'pod.containers'\nwhen = 'self.b'\ndeny = 'self.a'",
            "!((variables.pod.?initContainers.orValue([]) + variables.pod.?containers.orValue([]) + variables.pod.?ephemeralContainers.orValue([])).exists(self, ((self.b) && (self.a))))",
        ),
        (
            "on = 'kubernetes.workload'\neach = 'pod.volumes.*'\ndeny = 'key == self'",
            "!(variables.pod.?volumes.orValue([]).exists(n0, n0.exists(key, [n0[key]].exists(self, key == self))))",
        ),
        (
            "on = 'kubernetes.workload'\neach = 'pod.a'\ndeny = '[1].exists(pod, pod > 0)'", // a name that is bound inside
            "!((variables.pod.?a.hasValue() && [variables.pod.?a.value()].exists(self, [1].exists(pod, pod > 0))))",
        ),
        (
            "on = 'kubernetes.object'\neach = 'rules[]'\nwhen = \"object.kind == 'Role'\"\ndeny = 'self.a'",
            "!(object.kind == 'Role') || !(optional.ofNonZeroValue(object.?rules.orValue([])).orValue([]).exists(self, (self.a)))",
        ),
        (
            "on = 'kubernetes.object'\neach = 'x[0][\"a.b\"]'\nwhen = \"object.kind == 'Service'\"\ndeny = 'true'",
            "!(object.kind == 'Service') || !((object.?x.orValue([])[?0][?'a.b'].hasValue() && [object.?x.orValue([])[?0][?'a.b'].value()].exists(self, true)))",
        ),
    ];
    for (check, expected) in cases {
        assert_eq!(shown(check), expected, "{check}");
    }
}

#[test]
fn what_no_cluster_is_asked_about_is_said_so() {
    // check, word of the reason
    let cases = [
        ("on = 'yaml'\ndeny = 'true'", "kind yaml"),
        ("on = 'kubernetes.rights'\ndeny = 'true'", "many objects"),
        ("on = 'kubernetes.object'\ndeny = 'true'", "kinds of object"),
        (
            "on = 'kubernetes.object'\nwhen = \"object.kind == 'KubeletConfiguration'\"\ndeny = 'true'",
            "KubeletConfiguration",
        ),
        ("on = 'kubernetes.object'\nwhen = \"object.kind != 'Service'\"\ndeny = 'true'", "kinds of object"),
    ];
    for (check, word) in cases {
        assert!(shown(check).contains(word), "{check}: {}", shown(check));
    }
    let text = rule("[pattern]\nkeywords = ['abc']\nregex = 'abc'");
    assert_eq!(policy(&text, PodSecurityVersion::LATEST), Err(Inexpressible::Text));
}

#[test]
fn both_manifests_are_yaml_and_say_what_is_done() {
    let rule = rule("[check]\non = 'kubernetes.workload'\neach = 'pod.volumes'\ndeny = '''self.a\n  || self.b'''");
    let policy = policy(&rule, PodSecurityVersion::LATEST).expect("can be said");
    let text = manifest(&rule, &policy, &[Action::Deny, Action::Audit]);
    let parsed = crate::document::parse(crate::document::Format::Yaml, text.as_bytes());
    assert!(parsed.broken.is_empty(), "{text}");
    let kinds: Vec<_> = parsed.documents.iter().map(|d| d.get_str(d.root(), "kind").unwrap_or_default()).collect();
    assert_eq!(kinds, ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]);
    assert!(text.contains("validationActions: [Deny, Audit]") && text.contains("failurePolicy: Fail"), "{text}");
    // The log keeps one note of Kubernetes' own for all policies, so that each has its own.
    assert!(text.contains("    - key: finding\n      valueExpression: >-\n        variables.sound ? ''"), "{text}");
    let deny = manifest(&rule, &policy, &[Action::Deny]);
    assert!(!deny.contains("auditAnnotations") && !deny.contains("variables.sound"), "{deny}");
}
