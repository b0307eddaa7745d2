//! Every embedded rule is valid, and its examples hold.

#![allow(clippy::unwrap_used)]

use bedrail::rule::{Checker, Mistakes, Rule, RuleFile, check_files, embedded, embedded_files};
use bedrail::scan::examples;

fn told(mistakes: &[Mistakes]) -> String {
    mistakes
        .iter()
        .flat_map(|file| {
            file.problems.iter().map(|problem| {
                let line = file.text[..file.span(problem).start].lines().count();
                format!("{}:{line}: {}\n", file.name, problem.message)
            })
        })
        .collect()
}

#[test]
fn every_rule_is_valid_and_its_examples_hold() {
    let (files, mut mistakes) = embedded_files();
    let checker = Checker::new(|regex| bedrail::engine::compile_regex(regex).map(drop));
    mistakes.extend(check_files(&files, &checker, &[]));
    mistakes.extend(examples::failing(&files, |_| true));
    assert!(mistakes.is_empty(), "{}", told(&mistakes));
}

#[test]
fn what_is_embedded_for_speed_is_what_the_files_say() {
    let mut from_toml: Vec<Rule> = Vec::new();
    for (name, text) in embedded::SOURCES {
        let file: RuleFile = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        from_toml.extend(file.rule);
    }
    for rule in &mut from_toml {
        rule.examples = Default::default();
    }
    let json = |rules: &[Rule]| serde_json::to_string(rules).unwrap();
    assert_eq!(json(&from_toml), json(&embedded::rules()));
}

#[test]
fn the_pack_covers_what_the_project_promises() {
    let rules = embedded::rules();
    let count = |family: &str| rules.iter().filter(|rule| rule.family() == family).count();
    // Floors that only rise.
    for (family, floor) in [("secret", 25), ("phi", 8), ("kubernetes", 12), ("tls", 3), ("storage", 3)] {
        assert!(count(family) >= floor, "{family}: {} rules", count(family));
    }
}

#[test]
fn a_check_that_could_select_nothing_is_refused() {
    let checker = Checker::new(|regex| bedrail::engine::compile_regex(regex).map(drop));
    // kind, each, message and help
    let cases = [
        ("kubernetes.workload", "pod.containers", None),
        ("kubernetes.workload", "pod.hostAliases[]", None),
        ("kubernetes.workload", "spec.strategy", None),
        ("kubernetes.object", "anything[].at.all", None), // any object may have it
        ("s3.bucket", "encryption", None),
        ("kubernetes.workload", "pod.containerz", Some("did you mean `pod.containers`?")),
        ("kubernetes.workload", "pod.hostAlias[]", Some("did you mean `pod.hostAliases`?")),
        ("kubernetes.workload", "pods.containers", Some("did you mean `pod`?")),
        ("s3.bucket", "encription", Some("did you mean `encryption`?")),
    ];
    for (kind, each, help) in cases {
        let mut rule = embedded::rules().into_iter().find(|rule| rule.check.is_some()).unwrap();
        let check = rule.check.as_mut().unwrap();
        (check.on, check.each, check.when) = (kind.to_owned(), Some(each.to_owned()), None);
        check.deny = "self != null".to_owned();
        let problems = checker.check(&rule, 0);
        let told = problems.iter().find(|problem| problem.message.contains("neither a named view"));
        assert_eq!(told.and_then(|problem| problem.help.as_deref()), help, "{each}");
    }
}
