//! A policy and its binding as YAML.

use std::fmt::Write;

use super::expression::quoted;
use super::{Action, Policy};
use crate::rule::Rule;

/// Where a policy asks about nothing: what runs there keeps the cluster alive.
const EXEMPT: &str = "[kube-system, kube-public, kube-node-lease]";

/// The variable that is true where nothing is wrong, where two expressions ask.
const SOUND: &str = "sound";
/// The key of the note in the audit log, below the policy's name. What Kubernetes itself notes of a violation has one
/// key for all policies, so that of several violations the log keeps the first.
const ANNOTATION: &str = "finding";

/// Both manifests of a rule.
pub fn manifest(rule: &Rule, policy: &Policy, actions: &[Action]) -> String {
    let mut text = String::from("---\n");
    head(&mut text, "ValidatingAdmissionPolicy", rule);
    let deny = actions.contains(&Action::Deny);
    // Where nothing is refused, an object that cannot be judged is let through as well.
    let _ = writeln!(text, "spec:\n  failurePolicy: {}", if deny { "Fail" } else { "Ignore" });
    text.push_str("  matchConstraints:\n    resourceRules:\n");
    for resource in &policy.resources {
        let _ = writeln!(text, "      - apiGroups: [{}]", string(resource.group));
        text.push_str("        apiVersions: [\"*\"]\n        operations: [CREATE, UPDATE]\n");
        let _ = writeln!(text, "        resources: [{}]", resource.names.join(", "));
    }
    let audit = actions.contains(&Action::Audit);
    let mut variables: Vec<(&str, &str)> = policy.variables.clone();
    if audit {
        variables.push((SOUND, &policy.expression));
    }
    if !variables.is_empty() {
        text.push_str("  variables:\n");
    }
    for (name, expression) in &variables {
        let _ = writeln!(text, "    - name: {name}");
        block(&mut text, "      expression", expression);
    }
    text.push_str("  validations:\n");
    let sound = format!("variables.{SOUND}");
    block(&mut text, "    - expression", if audit { &sound } else { &policy.expression });
    let hipaa: Vec<&str> = rule.cites.iter().filter_map(|cite| cite.strip_prefix("hipaa:")).collect();
    let message = format!("{} ({}; 45 CFR {})", rule.message, rule.id, hipaa.join(", "));
    let _ = writeln!(text, "      message: {}\n      reason: Forbidden", string(&message));
    if audit {
        let _ = writeln!(text, "  auditAnnotations:\n    - key: {ANNOTATION}");
        block(&mut text, "      valueExpression", &format!("{sound} ? '' : {}", quoted(&message)));
    }
    text.push_str("---\n");
    head(&mut text, "ValidatingAdmissionPolicyBinding", rule);
    let names: Vec<&str> = actions.iter().map(|action| action.name()).collect();
    let _ = writeln!(text, "spec:\n  policyName: {}\n  validationActions: [{}]", string(&rule.id), names.join(", "));
    let _ = writeln!(
        text,
        "  matchResources:\n    namespaceSelector:\n      matchExpressions:\n        - key: kubernetes.io/metadata.name\n          \
         operator: NotIn\n          values: {EXEMPT}"
    );
    text
}

fn head(text: &mut String, kind: &str, rule: &Rule) {
    let _ = writeln!(text, "apiVersion: admissionregistration.k8s.io/v1\nkind: {kind}\nmetadata:");
    let _ = writeln!(text, "  name: {}\n  annotations:", string(&rule.id));
    let _ = writeln!(text, "    bedrail-severity: {}", rule.severity.name());
    let _ = writeln!(text, "    bedrail-cites: {}", string(&rule.cites.join(", ")));
}

/// A text that YAML reads as it is: every string of JSON is one of YAML.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An expression as a block of lines. Lines are joined first: CEL does not ask for them.
fn block(text: &mut String, key: &str, expression: &str) {
    let indent = " ".repeat(key.len() - key.trim_start().len() + if key.contains("- ") { 4 } else { 2 });
    let _ = writeln!(text, "{key}: >-");
    for line in expression.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "{indent}{line}");
    }
}
