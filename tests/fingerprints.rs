//! What a finding is called from one scan to the next: what moved keeps its name, what changed gets a new one, and
//! no number that can be guessed is hidden in a name.

mod program;

use std::collections::BTreeMap;
use std::path::Path;

use program::{TOKEN_RULE, filled, folder, scan, token, write};

/// A rule for numbers that can all be tried.
const NUMBERS: &str = "[[rule]]
id = 'phi-canary-number'
title = 'Number'
severity = 'high'
confidence = 'high'
message = 'a number stands in clear text'
why = 'It names a person.'
remedy = 'Remove it.'
cites = ['hipaa:164.312(a)(1)']
since = '0.1.0'
[rule.pattern]
keywords = ['cnry']
regex = '''\\bcnry (?<value>[0-9]{3}-[0-9]{2}-[0-9]{4})\\b'''
[rule.examples]
bad = ['cnry <<[2-5]{3}-[1-9]{2}-[1-9]{4}>>']
good = ['cnry 1']
";

/// `place`, `value` and `line_hash` of each finding, by `rule file:line`.
type Names = BTreeMap<String, (String, Option<String>, Option<String>)>;

/// The names of the findings in these files; with a key if there is one.
fn names(files: &[(&str, &str)], key: Option<&str>) -> Names {
    let root = folder();
    write(root.path(), "rules/numbers.toml", NUMBERS);
    for (name, text) in files {
        write(root.path(), &format!("tree/{name}"), text);
    }
    if let Some(key) = key {
        write(root.path(), "tree/bedrail.toml", "fingerprint-key-file = '../key'\n");
        write(root.path(), "key", key);
    }
    names_in(&root.path().join("tree"))
}

fn names_in(tree: &Path) -> Names {
    let ran = scan(tree, &["--rules", "../rules"]);
    let json = ran.json();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let all = json["findings"].as_array().expect("a list");
    let named = |finding: &serde_json::Value| {
        let place =
            format!("{} {}:{}", finding["rule"].as_str()?, finding["origin"]["name"].as_str()?, finding["line"]);
        let names = &finding["fingerprints"];
        Some((place, (text(&names["place"])?, text(&names["value"]), text(&names["line_hash"]))))
    };
    all.iter().map(|finding| named(finding).expect("a finding has all of these")).collect()
}

#[track_caller]
fn of<'n>(names: &'n Names, place: &str) -> &'n (String, Option<String>, Option<String>) {
    names.get(place).unwrap_or_else(|| panic!("{place} is not in {names:?}"))
}

const KEY: &str = "a key of more than sixteen bytes";

#[test]
fn what_moves_keeps_its_name() {
    let line = format!("KEY = \"{}\"\n", token("moves"));
    let at = |number: usize| format!("{TOKEN_RULE} a.py:{number}");
    for key in [None, Some(KEY)] {
        let before = names(&[("a.py", &line)], key);
        let after = names(&[("a.py", &format!("{}{line}", "# a line\n".repeat(100)))], key);
        assert_eq!(of(&before, &at(1)), of(&after, &at(101)), "moved down");
        // In another file the value keeps its name, the place gets a new one.
        let other = names(&[("b/c.py", &line)], key);
        let (place, value, _) = of(&other, &format!("{TOKEN_RULE} b/c.py:1"));
        assert_ne!(place, &of(&before, &at(1)).0);
        assert_eq!(value, &of(&before, &at(1)).1);
        assert!(value.is_some(), "a long random value enters");
        // Another value at the same place is another finding.
        let changed = names(&[("a.py", &format!("KEY = \"{}\"\n", token("changed")))], key);
        assert_ne!(of(&changed, &at(1)).0, of(&before, &at(1)).0);
        assert_ne!(of(&changed, &at(1)).1, of(&before, &at(1)).1);
        // What GitHub follows a line by does not depend on the value.
        assert_eq!(of(&changed, &at(1)).2, of(&before, &at(1)).2);
    }
    assert_ne!(names(&[("a.py", &line)], None), names(&[("a.py", &line)], Some(KEY)), "a key changes every name");
}

#[test]
fn the_same_value_twice_in_a_file_is_told_apart_by_its_order() {
    let line = format!("KEY = \"{}\"\n", token("twice"));
    let two = names(&[("a.py", &line.repeat(2))], None);
    let (first, second) = (of(&two, &format!("{TOKEN_RULE} a.py:1")), of(&two, &format!("{TOKEN_RULE} a.py:2")));
    assert_ne!(first.0, second.0);
    assert_eq!(first.1, second.1);
    let one = names(&[("a.py", &line)], None);
    assert_eq!(first.0, of(&one, &format!("{TOKEN_RULE} a.py:1")).0, "a second one does not rename the first");
}

#[test]
fn a_number_that_can_be_guessed_enters_under_a_key_only() {
    let number = |seed: &str| filled("name,cnry <<[2-5]{3}-[1-9]{2}-[1-9]{4}>>,x\nnext line\n", seed);
    let (one, other) = (number("one"), number("other"));
    assert_ne!(one, other);
    let place = "phi-canary-number a.csv:1";
    let without = |text: &str| of(&names(&[("a.csv", text)], None), place).clone();
    assert_eq!(without(&one), without(&other), "no digit may enter without a key");
    assert_eq!(without(&one).1, None);
    let with = |text: &str| of(&names(&[("a.csv", text)], Some(KEY)), place).clone();
    assert_ne!(with(&one).0, with(&other).0, "a changed number is new");
    assert_ne!(with(&one).1, with(&other).1);
    // Other keys give other names, so that a key is needed to try numbers.
    let another = of(&names(&[("a.csv", &one)], Some("another key of more than sixteen")), place).clone();
    assert_ne!(another.0, with(&one).0);
    // What GitHub computes over lines is masked with or without a key, and so is what stands before the line.
    assert_eq!(with(&one).2, with(&other).2);
    // The whole report does not depend on the digits.
    let report = |text: &str| {
        let root = folder();
        write(root.path(), "rules/numbers.toml", NUMBERS);
        write(root.path(), "tree/a.csv", format!("KEY = \"{}\"\n{text}", token("above")));
        program::bedrail(&root.path().join("tree"), &["scan", "--rules", "../rules", "--format", "sarif"]).out
    };
    assert_eq!(report(&one), report(&other));
}

#[test]
fn the_environment_may_hold_the_key() {
    let root = folder();
    write(root.path(), "a.env", format!("A={}\n", token("environment")));
    let with = |key: Option<&str>| {
        let mut command = program::command(root.path(), &["scan", "--format", "json"]);
        if let Some(key) = key {
            command.env("BEDRAIL_FINGERPRINT_KEY", key);
        }
        program::run(command)
    };
    let place = |ran: &program::Ran| ran.json()["findings"][0]["fingerprints"]["place"].to_string();
    assert_ne!(place(&with(None)), place(&with(Some(KEY))));
    assert_eq!(place(&with(Some(KEY))), place(&with(Some(KEY))));
    assert_eq!(place(&with(None)), place(&with(Some(""))), "an empty key is none");
    assert!(!with(Some(KEY)).out.contains(KEY) && !with(Some(KEY)).err.contains(KEY));
}

/// A check names a setting, not a value: the object and the path in it.
#[test]
fn a_setting_keeps_its_name_when_its_file_grows() {
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n    - name: a\n      \
             securityContext: {{privileged: true}}\n"
        )
    };
    let rule = "kubernetes-container-privileged";
    let before = names(&[("a.yaml", &pod("web"))], None);
    let after = names(&[("a.yaml", &format!("# one\n# two\n{}---\n{}", pod("web"), pod("other")))], None);
    let moved = of(&after, &format!("{rule} a.yaml:9"));
    assert_eq!(of(&before, &format!("{rule} a.yaml:7")).0, moved.0);
    assert_ne!(of(&after, &format!("{rule} a.yaml:17")).0, moved.0, "another object");
}
