//! Every exported policy gives the verdict of its rule, by an evaluator of CEL that is not ours, set up with what
//! Kubernetes has: optionals and the strings library. `tests/real-admission.sh` asks the API server's own code.

#![allow(clippy::unwrap_used)]

use bedrail::document::{Document, Format, parse, to_json};
use bedrail::facts::PodSecurityVersion;
use bedrail::rule::{Example, Rule, RuleFile, admission, embedded, expand_example};
use bedrail::{
    artifact::{Origin, Part},
    engine::{Engine, Subject},
    finding::FingerprintKey,
};
use cel::{Context, Env, Value as Theirs};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::{env, fs};

const WORKLOADS: &[&str] = &[
    "Pod",
    "PodTemplate",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Rollout",
    "DeploymentConfig",
];

fn rules() -> Vec<Rule> {
    let files = embedded::SOURCES.iter().filter(|(name, _)| name.contains("kubernetes"));
    files.flat_map(|(_, text)| toml::from_str::<RuleFile>(text).unwrap().rule).collect()
}

/// An API server keeps no `null` in a map.
fn stored(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, stored(v))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(stored).collect()),
        other => other,
    }
}

/// Whole numbers as int, as an API server holds them.
fn their_value(json: &Value) -> Theirs {
    match json {
        Value::Null => Theirs::Null,
        Value::Bool(value) => Theirs::Bool(*value),
        Value::Number(number) => number.as_i64().map_or_else(|| Theirs::Float(number.as_f64().unwrap()), Theirs::Int),
        Value::String(text) => Theirs::String(Arc::new(text.clone())),
        Value::Array(items) => Theirs::List(Arc::new(items.iter().map(their_value).collect())),
        Value::Object(entries) => {
            let entries: HashMap<String, Theirs> =
                entries.iter().map(|(key, value)| (key.clone(), their_value(value))).collect();
            entries.into()
        }
    }
}

fn reference() -> Arc<Env> {
    let mut env = Env::stdlib().with_optional_support(true);
    env.add_extension(cel::extensions::strings).unwrap();
    Arc::new(env)
}

/// Whether a policy allows an object, with its variables put in; else what the evaluator complains about.
fn allows(env: &Arc<Env>, policy: &admission::Policy, object: &Value) -> Result<bool, String> {
    let mut expression = policy.expression.clone();
    for (name, value) in policy.variables.iter().rev() {
        expression = expression.replace(&format!("variables.{name}"), &format!("({value})"));
    }
    let program = env.compile(&expression).map_err(|error| error.to_string())?;
    let mut context = Context::with_env(Arc::clone(env));
    context.add_variable_from_value("object", their_value(object));
    match program.execute(&context) {
        Ok(Theirs::Bool(allowed)) => Ok(allowed),
        other => Err(format!("{other:?}")),
    }
}

fn refused_by_us(rule: &Rule, text: &str, example: &Example) -> bool {
    let engine = Engine::new(vec![rule.clone()], FingerprintKey::default()).with_pod_security(example.psa());
    let origin = Origin::file(example.file().unwrap_or("x.yaml"));
    let subject = Subject { origin: &origin, text: text.as_bytes(), part: Part::WHOLE };
    !engine.judge(subject, &parse(Format::Yaml, text.as_bytes())).findings.is_empty()
}

/// One of the objects that an API server would be given, if the policy is about its kind.
fn object(document: &Document, workload: bool) -> Option<Value> {
    let object = stored(to_json(document, document.root(), 100_000).unwrap());
    let kind = object.get("kind")?.as_str()?;
    (!kind.ends_with("List") && (!workload || WORKLOADS.contains(&kind))).then_some(object)
}

#[test]
fn every_policy_gives_the_verdict_of_its_rule_on_all_examples() {
    let env = reference();
    let (mut policies, mut objects, mut wrong) = (0, 0, Vec::new());
    for rule in rules() {
        let Ok(_) = admission::policy(&rule, PodSecurityVersion::LATEST) else { continue };
        policies += 1;
        let workload = rule.check.as_ref().unwrap().on == "kubernetes.workload";
        let examples = [("bad", &rule.examples.bad), ("good", &rule.examples.good)];
        for (name, index, example) in
            examples.iter().flat_map(|(name, list)| list.iter().enumerate().map(move |(index, e)| (*name, index, e)))
        {
            let (text, _) = expand_example(&rule, example, name, index).unwrap();
            let parsed = parse(Format::Yaml, text.as_bytes());
            if text.contains("{{") || parsed.documents.iter().any(|d| d.get_str(d.root(), "kind") == Some("List")) {
                continue;
            }
            let policy = admission::policy(&rule, example.psa()).unwrap();
            let mut allowed = true;
            for object in parsed.documents.iter().filter_map(|document| object(document, workload)) {
                objects += 1;
                match allows(&env, &policy, &object) {
                    Ok(verdict) => allowed &= verdict,
                    Err(why) => wrong.push(format!("{} fails on {text}: {}: {why}", rule.id, policy.expression)),
                }
            }
            if allowed == refused_by_us(&rule, &text, example) {
                wrong.push(format!("{} ({name} {index}), allowed: {allowed}\n{text}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {objects}:\n{}", wrong.len(), wrong.join("\n"));
    // Floors that only rise.
    assert!(policies >= 88 && objects >= 250, "{policies} policies, {objects} objects");
}

/// Writes what `tests/real-admission.sh` checks into the folder ADMISSION_OUT: policies, one file for each version of
/// the Pod Security Standards, and the objects of all examples, and of the files in ADMISSION_OBJECTS, with the rules
/// that refuse them.
#[test]
#[ignore = "writes files for real-admission.sh"]
fn cases_for_a_real_evaluator() {
    let out = env::var("ADMISSION_OUT").unwrap();
    let rules: Vec<Rule> =
        rules().into_iter().filter(|rule| admission::policy(rule, PodSecurityVersion::LATEST).is_ok()).collect();
    let mut texts: Vec<(String, PodSecurityVersion)> = Vec::new();
    for rule in &rules {
        for (name, list) in [("bad", &rule.examples.bad), ("good", &rule.examples.good)] {
            for (index, example) in list.iter().enumerate() {
                let (text, _) = expand_example(rule, example, name, index).unwrap();
                texts.push((text, example.psa()));
            }
        }
    }
    texts.extend(unusual().into_iter().map(|text| (text, PodSecurityVersion::LATEST)));
    if let Ok(folder) = env::var("ADMISSION_OBJECTS") {
        read_below(Path::new(&folder), &mut |text| texts.push((text, PodSecurityVersion::LATEST)));
    }
    let mut cases = String::new();
    let mut engines: BTreeMap<PodSecurityVersion, Engine> = BTreeMap::new();
    for (text, version) in texts {
        let engine = engines.entry(version).or_insert_with(|| {
            let manifest = |rule: &Rule| {
                admission::manifest(rule, &admission::policy(rule, version).unwrap(), &[admission::Action::Audit])
            };
            let policies: String = rules.iter().map(manifest).collect();
            fs::write(Path::new(&out).join(format!("policies-{version}.yaml")), policies).unwrap();
            Engine::new(rules.clone(), FingerprintKey::default()).with_pod_security(version)
        });
        let parsed = parse(Format::Yaml, text.as_bytes());
        if text.contains("{{") || !parsed.broken.is_empty() {
            continue;
        }
        for object in parsed.documents.iter().filter_map(|document| object(document, false)) {
            // Each alone, as a server gets it.
            let alone = serde_json::to_string(&object).unwrap();
            let origin = Origin::file("x.json");
            let subject = Subject { origin: &origin, text: alone.as_bytes(), part: Part::WHOLE };
            let found = engine.judge(subject, &parse(Format::Json, alone.as_bytes())).findings;
            let mut refused: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
            refused.sort_unstable();
            refused.dedup();
            let case = serde_json::json!({ "psa": version.to_string(), "object": object, "refused": refused });
            cases.push_str(&format!("{case}\n"));
        }
    }
    fs::write(Path::new(&out).join("cases.jsonl"), cases).unwrap();
}

/// Objects that no example holds: lists that a server writes as `null`, and some that are large.
fn unusual() -> Vec<String> {
    let head = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n";
    let mut texts = vec![format!("{head}aggregationRule:\n  clusterRoleSelectors: [{{matchLabels: {{to: all}}}}]\n")];
    let rule = "  - {apiGroups: [''], resources: [pods, pods/log, services], verbs: [get, list, watch]}\n";
    texts.push(format!("{head}rules:\n{}", rule.repeat(500)));
    let many = |item: &str, count: usize| (0..count).map(|at| item.replace('#', &at.to_string())).collect::<String>();
    let environment = many("        - {name: NAME_#, value: https://service-#.example.org/path}\n", 100);
    let arguments = many("        - --setting-#=value-#\n", 100);
    let mounts = many("        - {name: v#, mountPath: /srv/#}\n", 50);
    let container = format!(
        "    - name: c#\n      image: registry.example.org/team/image-#:1.2\n      command:\n{arguments}      \
         args:\n{arguments}      env:\n{environment}      volumeMounts:\n{mounts}"
    );
    let volumes = many("    - {name: v#, configMap: {name: m#}}\n", 50);
    texts.push(format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: large}}\nspec:\n  containers:\n{}  volumes:\n{volumes}",
        many(&container, 40)
    ));
    texts
}

fn read_below(folder: &Path, take: &mut impl FnMut(String)) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let kind = path.extension().and_then(|kind| kind.to_str());
        if path.is_dir() {
            read_below(&path, take);
        } else if matches!(kind, Some("yaml" | "yml" | "json")) {
            take(fs::read_to_string(&path).unwrap_or_default());
        }
    }
}
