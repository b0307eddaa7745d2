//! `bedrail.toml`, `--config`, `--isolated`, rules of one's own and silencing comments: what a repository may
//! decide about its scan, and what is said when it gets it wrong.

mod program;

use std::path::Path;

use program::{Ran, TOKEN_RULE, bedrail, folder, scan, token, write};

/// A folder with two files, `a.env` with a token and `sub/pod.yaml` with a privileged container.
fn tree(config: &str) -> tempfile::TempDir {
    let root = folder();
    write(root.path(), "a.env", format!("A={}\n", token("configured")));
    let pod =
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      securityContext: {privileged: true}\n";
    write(root.path(), "sub/pod.yaml", pod);
    if !config.is_empty() {
        write(root.path(), "bedrail.toml", config);
    }
    root
}

const PRIVILEGED: &str = "kubernetes-container-privileged";

/// Which of the two rules found something.
fn both(ran: &Ran) -> (bool, bool) {
    let found = ran.findings();
    let by = |rule: &str| found.iter().any(|told| told.starts_with(rule));
    (by(TOKEN_RULE), by(PRIVILEGED))
}

fn severity_of(ran: &Ran, rule: &str) -> String {
    let json = ran.json();
    let all = json["findings"].as_array().expect("a list");
    all.iter()
        .find(|finding| finding["rule"] == rule)
        .map(|finding| finding["severity"].to_string())
        .unwrap_or_default()
}

#[test]
fn a_configuration_decides() {
    // configuration, exit code, whether the token and the container are told
    let cases: &[(&str, i32, (bool, bool))] = &[
        ("", 1, (true, true)),
        ("exclude = ['*.env']", 1, (false, true)),
        ("exclude = ['sub/**']", 1, (true, false)),
        ("exclude = ['sub']\n", 1, (true, false)),
        ("exclude = ['pod.yaml', 'a.env', 'bedrail.toml']", 3, (false, false)),
        ("disable = ['secret-gitlab-personal-token']", 1, (false, true)),
        ("min-severity = 'critical'\ndisable = ['kubernetes-container-privileged']", 1, (true, false)),
        ("min-confidence = 'high'", 1, (true, true)),
        ("fail-on = 'critical'\ndisable = ['secret-gitlab-personal-token']", 0, (false, true)),
        ("fail-on = 'critical'\n[severity]\nsecret-gitlab-personal-token = 'low'", 0, (true, true)),
        (
            "fail-on = 'critical'\ndisable = ['secret-gitlab-personal-token']\n[severity]\nkubernetes-container-privileged = 'critical'",
            1,
            (false, true),
        ),
        ("fail-on = 'low'\n[severity]\nsecret-gitlab-personal-token = 'low'\n", 1, (true, true)),
    ];
    for (config, code, told) in cases {
        let root = tree(config);
        let ran = scan(root.path(), &[]);
        assert_eq!((ran.code, both(&ran)), (Some(*code), *told), "{config}: {:?}", ran.findings());
        // The tree decides nothing.
        let isolated = scan(root.path(), &["--isolated"]);
        assert_eq!((isolated.code, both(&isolated)), (Some(1), (true, true)), "{config}");
    }
    let ran = scan(tree("[severity]\nsecret-gitlab-personal-token = 'low'\n").path(), &[]);
    assert_eq!(severity_of(&ran, TOKEN_RULE), "\"low\"");
    // What is left out is said.
    assert!(scan(tree("exclude = ['*.env']").path(), &[]).notices().contains(&"excluded-paths".to_owned()));
}

#[test]
fn flags_come_before_the_configuration() {
    let root = tree("fail-on = 'critical'\nmin-severity = 'critical'\n");
    assert_eq!(both(&scan(root.path(), &["--min-severity", "low"])), (true, true));
    let root = tree("fail-on = 'low'\ndisable = ['secret-gitlab-personal-token']\n");
    assert_eq!(scan(root.path(), &[]).code, Some(1));
    assert_eq!(scan(root.path(), &["--fail-on", "critical"]).code, Some(0));
}

#[test]
fn another_configuration_may_be_named() {
    let root = tree("disable = ['secret-gitlab-personal-token']\n");
    let beside = folder();
    write(beside.path(), "team.toml", "disable = ['kubernetes-container-privileged']\n");
    let team = beside.path().join("team.toml");
    assert_eq!(both(&scan(root.path(), &["--config", &team.to_string_lossy()])), (true, false));
    // Only the one at the root counts, not one deeper in the tree.
    write(root.path(), "sub/bedrail.toml", "disable = ['kubernetes-container-privileged']\n");
    assert_eq!(both(&scan(root.path(), &[])), (false, true));
}

#[test]
fn mistakes_in_a_configuration_are_shown_where_they_stand() {
    // configuration, line:column, words
    let cases: &[(&str, &str, &str)] = &[
        ("exclud = []\n", "1:1", "unknown field `exclud`"),
        ("\nfail-on = 'sever'\n", "2:11", "unknown variant `sever`"),
        ("exclude = ['a', '[']\n", "1:17", "not a glob"),
        ("# x\ndisable = ['secret-gitlab-personal-tokn']\n", "2:12", "did you mean `secret-gitlab-personal-token`"),
        ("[severity]\nno-such-rule = 'low'\n", "2:16", "there is no rule `no-such-rule`"),
        ("a = \n", "1:5", ""),
        ("disable = 'x'\n", "1:11", "expected a sequence"),
    ];
    for (config, place, words) in cases {
        let root = tree(config);
        let ran = bedrail(root.path(), &["scan"]);
        assert_eq!(ran.code, Some(2), "{config}: {ran:?}");
        assert!(ran.err.contains(&format!("[bedrail.toml:{place}]")), "{config}: {}", ran.err);
        assert!(ran.err.contains(words), "{config}: {}", ran.err);
        assert!(ran.out.is_empty());
    }
    let root = tree("");
    write(root.path(), "bedrail.toml", b"a = '\xff'");
    let ran = bedrail(root.path(), &["scan"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot read bedrail.toml: it is not UTF-8 text"), "{}", ran.err);
    let root = tree("fingerprint-key-file = '.key'\n");
    let ran = bedrail(root.path(), &["scan"]);
    assert_eq!((ran.code, ran.err.contains("cannot read .key")), (Some(2), true), "{}", ran.err);
    write(root.path(), ".key", "short");
    let ran = bedrail(root.path(), &["scan"]);
    assert_eq!((ran.code, ran.err.contains("shorter than 16 bytes")), (Some(2), true), "{}", ran.err);
    assert!(!ran.err.contains("short\n"), "{}", ran.err);
}

/// A rule of one's own that is right; each mistake changes one thing of it.
const RULE: &str = "[[rule]]
id = 'secret-clinic-token'
title = 'Token of the clinic'
severity = 'high'
confidence = 'high'
message = 'a token of the clinic stands in clear text'
why = 'It opens the clinic.'
remedy = 'Remove it.'
cites = ['hipaa:164.312(d)']
since = '0.1.0'
[rule.pattern]
keywords = ['clnc']
regex = '''\\b(?<value>clnc-[a-z]{20})\\b'''
[rule.examples]
bad = ['clnc-<<[a-z]{20}>>']
good = ['clnc-1']
";
const CHECK: &str = "[rule.check]
on = 'kubernetes.workload'
each = 'pod.containers'
deny = 'self.name == \"a\"'
at = 'name'
";

fn with_rules(rules: &str) -> tempfile::TempDir {
    let root = folder();
    write(root.path(), "rules/clinic.toml", rules);
    write(root.path(), "tree/a.txt", program::filled("clnc-<<[a-z]{20}>>\n", "clinic"));
    root
}

fn run_rules(root: &Path) -> Ran {
    bedrail(&root.join("tree"), &["scan", "--rules", "../rules"])
}

#[test]
fn rules_of_ones_own_run() {
    let root = with_rules(RULE);
    let ran = scan(&root.path().join("tree"), &["--rules", "../rules"]);
    assert_eq!(ran.findings(), ["secret-clinic-token a.txt:1:1"], "{ran:?}");
    write(root.path(), "tree/bedrail.toml", "rules = ['../rules']\n");
    assert_eq!(scan(&root.path().join("tree"), &[]).findings(), ["secret-clinic-token a.txt:1:1"]);
    assert_eq!(scan(&root.path().join("tree"), &["--isolated"]).code, Some(0));
    write(root.path(), "tree/bedrail.toml", "rules = ['../rules']\ndisable = ['secret-clinic-token']\n");
    assert_eq!(scan(&root.path().join("tree"), &[]).code, Some(0));
    let ran = bedrail(root.path(), &["rules", "test", "rules"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "1 rules are valid, 2 examples hold\n"), "{ran:?}");
}

#[test]
fn mistakes_in_rules_are_shown_where_they_stand() {
    let pattern =
        &RULE[RULE.find("[rule.pattern]").expect("is there")..RULE.find("[rule.examples]").expect("is there")];
    let check = |from: &str, to: &str| RULE.replace(pattern, &CHECK.replace(from, to));
    // what is wrong, the rules, the line, words
    let cases: &[(&str, String, usize, &str)] = &[
        ("wrong key", RULE.replace("title", "titel"), 3, "unknown field `titel`"),
        ("missing key", RULE.replace("remedy = 'Remove it.'\n", ""), 1, "missing field `remedy`"),
        ("wrong severity", RULE.replace("'high'\nconf", "'hihg'\nconf"), 4, "unknown variant `hihg`"),
        ("bad id", RULE.replace("secret-clinic-token", "Secret_Clinic"), 2, ""),
        ("another family", RULE.replace("secret-clinic-token", "clinic-token"), 2, ""),
        ("an id of bedrail's own", RULE.replace("secret-clinic-token", TOKEN_RULE), 2, "already"),
        ("an id twice", RULE.to_owned() + "\n" + RULE, 19, "already"),
        ("unknown citation", RULE.replace("164.312(d)", "164.999(z)"), 9, "164.999(z)"),
        ("no citation", RULE.replace("'hipaa:164.312(d)'", ""), 9, ""),
        ("bad regex", RULE.replace("[a-z]{20})\\b", "[a-z{20})\\b"), 13, ""),
        ("an unbounded regex", RULE.replace("[a-z]{20})\\b", "([a-z]{20}){3000000})"), 13, ""),
        ("no keyword", RULE.replace("['clnc']", "[]"), 12, ""),
        ("a keyword that no example holds", RULE.replace("['clnc']", "['other']"), 15, "keyword"),
        ("unknown validator", RULE.replace("[rule.examples]", "validator = 'luck'\n[rule.examples]"), 14, "luck"),
        ("bad glob", RULE.replace("[rule.examples]", "files = ['a[']\n[rule.examples]"), 14, ""),
        ("bad placeholder", RULE.replace("{20}>>", "{x}>>"), 15, "{40}"),
        ("endless placeholder", RULE.replace("{20}>>", "{99999999}>>"), 15, "20000"),
        ("no example", RULE.replace("'clnc-<<[a-z]{20}>>'", ""), 15, ""),
        ("two matchers", RULE.replace("[rule.examples]", &format!("{CHECK}[rule.examples]")), 1, ""),
        ("no matcher", RULE.replace(pattern, ""), 1, ""),
        ("bad CEL", check("== \"a\"", "=== \"a\""), 14, ""),
        ("unknown CEL function", check("self.name ==", "self.name.reversed() =="), 14, "reversed"),
        ("unknown CEL variable", check("self.name ==", "that.name =="), 14, "that"),
        ("bad regex in CEL", check("self.name == \"a\"", "self.name.matches(\"(\")"), 14, ""),
        ("unknown kind", check("kubernetes.workload", "kubernetes.workloads"), 12, ""),
        ("bad path", check("at = 'name'", "at = 'name[['"), 15, ""),
        ("no TOML", "[[rule]\n".to_owned(), 1, ""),
    ];
    for (what, rules, line, words) in cases {
        let root = with_rules(rules);
        let ran = run_rules(root.path());
        assert_eq!(ran.code, Some(2), "{what}: {ran:?}");
        assert!(ran.err.contains(&format!("clinic.toml:{line}:")), "{what} is not at line {line}: {}", ran.err);
        assert!(ran.err.contains(words), "{what}: {}", ran.err);
        assert!(ran.out.is_empty(), "{what}");
    }
    // Examples that do not hold are for `rules test`: running them takes time.
    let root = with_rules(&RULE.replace("good = ['clnc-1']", "good = ['clnc-<<[a-z]{20}>>']"));
    let ran = bedrail(root.path(), &["rules", "test", "rules"]);
    assert_eq!((ran.code, ran.err.contains("this good example is found, at 1:1")), (Some(2), true), "{}", ran.err);
}

#[test]
fn a_folder_without_rules_is_a_mistake() {
    let root = folder();
    write(root.path(), "tree/a.txt", "plain\n");
    write(root.path(), "rules/readme.md", "plain\n");
    let ran = run_rules(root.path());
    assert_eq!((ran.code, ran.err.contains("no .toml file with rules")), (Some(2), true), "{}", ran.err);
    write(root.path(), "rules/a.toml", b"\xff");
    let ran = run_rules(root.path());
    assert_eq!((ran.code, ran.err.contains("not UTF-8")), (Some(2), true), "{}", ran.err);
}

#[test]
fn comments_silence_what_they_name_and_say_why() {
    let secret = token("silenced");
    // text, exit code, kinds of notices
    let cases: &[(&str, i32, &[&str])] = &[
        ("A=TOKEN # bedrail: allow RULE -- a test value\n", 0, &[]),
        ("# bedrail: allow RULE -- a test value\nA=TOKEN\n", 0, &[]),
        ("# bedrail: allow other-rule, RULE -- a test value\nA=TOKEN\n", 0, &["unused-silence"]),
        ("# bedrail: allow RULE until=2999-01-01 -- a test value\nA=TOKEN\n", 0, &[]),
        ("# bedrail: allow RULE until=2001-01-01 -- a test value\nA=TOKEN\n", 1, &["bad-silence"]),
        ("# bedrail: allow RULE\nA=TOKEN\n", 1, &["bad-silence"]),
        ("# bedrail: allow RULE -- x\nA=TOKEN\n", 1, &["bad-silence"]),
        ("# bedrail: ignore RULE -- a test value\nA=TOKEN\n", 1, &["bad-silence"]),
        ("# bedrail: allow RULE -- a test value\n\nA=TOKEN\n", 1, &["unused-silence"]),
        ("# bedrail: allow secret-* -- a test value\nA=TOKEN\n", 1, &["unused-silence"]),
        ("A=TOKEN bedrail: allow RULE -- no comment\n", 1, &[]),
        ("A=1\n# bedrail: allow RULE -- a test value\n", 0, &["unused-silence"]),
    ];
    for (text, code, notices) in cases {
        let root = folder();
        write(root.path(), "a.env", text.replace("TOKEN", &secret).replace("RULE", TOKEN_RULE));
        let ran = scan(root.path(), &[]);
        assert_eq!(
            (ran.code, ran.notices()),
            (Some(*code), notices.iter().map(ToString::to_string).collect()),
            "{text}"
        );
        let isolated = scan(root.path(), &["--isolated"]);
        assert_eq!(isolated.code, Some(i32::from(text.contains("TOKEN"))), "{text}");
        assert!(isolated.notices().is_empty(), "{text}");
    }
    let root = folder();
    write(root.path(), "a.env", format!("A={secret} # bedrail: allow {TOKEN_RULE} -- a test value\n"));
    let sarif = |arguments: &[&str]| {
        let ran = bedrail(root.path(), &[&["scan", "--format", "sarif"], arguments].concat());
        ran.json()["runs"][0]["results"].clone()
    };
    assert_eq!(sarif(&[]), serde_json::json!([]));
    let shown = sarif(&["--show-silenced"]);
    let suppression = &shown[0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["justification"]), (&"inSource".into(), &"a test value".into()));
}
