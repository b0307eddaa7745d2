//! A report that has something of everything, made without scanning, and the same every time.

use std::collections::BTreeMap;

use bedrail::artifact::{Origin, Step};
use bedrail::finding::{
    Excerpt, Finding, Fingerprints, Notice, NoticeKind, Place, Report, Revision, Status, Tally, Verdict,
};
use bedrail::report::{Format, Options};
use bedrail::rule::{CitationFile, Confidence, Rule, RuleFile, Severity};

/// A file name that would clear the screen, start a line and turn the reading order.
pub(crate) const HOSTILE_NAME: &str = "evil\u{1b}[2J\n\u{202e}gpj.py";

pub(crate) fn citations() -> CitationFile {
    toml::from_str(CITATIONS).expect("the citations are valid")
}

pub(crate) fn rules() -> BTreeMap<String, Rule> {
    let mut file: RuleFile = toml::from_str(RULES).expect("the rules are valid");
    let long = "A sentence of some length that says little. ".repeat(40);
    for rule in &mut file.rule {
        if rule.id == "phi-record-number" {
            rule.why = long.clone();
        }
    }
    file.rule.into_iter().map(|rule| (rule.id.clone(), rule)).collect()
}

/// The report written in a format.
pub(crate) fn written(format: Format, options: &Options<'_>, report: &Report) -> String {
    let mut out = Vec::new();
    format.reporter(options).write(report, &mut out).expect("memory takes every byte");
    String::from_utf8(out).expect("reports are UTF-8")
}

pub(crate) fn empty() -> Report {
    Report { rules_run: 3, rules_digest: "00ff".into(), ..Report::default() }
}

pub(crate) fn rich() -> Report {
    let mut verdicts = found();
    verdicts.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    Report {
        verdicts,
        rules: rules(),
        rules_run: 215,
        rules_digest: "5e1f".repeat(16),
        notices: notices(),
        tally: Tally { files: 1_214, bytes: 3_141_592, documents: 40, below: 4, ..Tally::default() },
        times: Some((1_767_225_600, 1_767_225_605)),
        revision: Some(Revision {
            commit: "0123456789abcdef0123456789abcdef01234567".into(),
            branch: Some("main".into()),
            repository: Some("https://user:word@git.example/clinic/portal.git".into()),
        }),
        exit_code: 4,
    }
}

fn found() -> Vec<Verdict> {
    let token = |place| finding("secret-example-token", Severity::Critical, Confidence::High, place);
    let record = |place| finding("phi-record-number", Severity::Medium, Confidence::Medium, place);
    let mut first =
        token(at((2, 11, 2, 51), "", excerpt(1, &["import os", "\tkey 😀 = \"[REDACTED]\"", "患者 = 1"], 1, 10, 20)));
    first.origin = Origin::file("src/my settings #1é.py");
    first.because = vec!["the checksum holds".into(), "'token' stands near".into()];
    let mut second = token(at((9, 1, 9, 41), "", excerpt(9, &["[REDACTED]"], 0, 0, 10)));
    second.origin = Origin::file("src/my settings #1é.py");
    let mut many_lines =
        token(at((4, 6, 7, 20), "", excerpt(3, &["-- the key", "key: [REDACTED]", "", "", "", "after: 1"], 1, 5, 15)));
    many_lines.origin = Origin::file("keys.txt");
    let mut silenced = token(at((30, 7, 30, 47), "", excerpt(30, &["test: [REDACTED]"], 0, 6, 16)));
    silenced.origin = Origin::file("tests/fixtures.py");
    let mut privileged = finding(
        "kubernetes-container-privileged",
        Severity::High,
        Confidence::High,
        at(
            (12, 23, 12, 27),
            "spec.containers[0].securityContext.privileged",
            excerpt(11, &["        securityContext:", "          privileged: true", "        ports: []"], 1, 22, 26),
        ),
    );
    privileged.message = "container 'web\n{0}' of [pod](https://evil.example) runs privileged".into();
    privileged.origin = Origin::file("deploy/web.yaml");
    let mut in_archive =
        record(at((2, 6, 2, 14), "rows[0].mrn", excerpt(1, &["name,mrn", "Jane,[REDACTED]"], 1, 5, 15)));
    in_archive.origin = Origin::file("exports/a.zip").then(Step::Entry("in/patients.csv".into()));
    let mut endpoint = finding("tls-version-old", Severity::Low, Confidence::High, Place::default());
    endpoint.place.path = "versions[0]".into();
    endpoint.origin = Origin::resource("tls://pacs.example:2762");
    let mut from_facts = finding(
        "tls-version-old",
        Severity::Low,
        Confidence::Low,
        at((3, 16, 3, 21), "versions[0]", excerpt(3, &["  \"versions\": [\"1.0\"]"], 0, 15, 20)),
    );
    from_facts.origin = Origin::file("facts/pacs.json").then(Step::Resource("tls://pacs.example:2762".into()));
    let mut hostile =
        token(at((1, 9, 1, 49), "", excerpt(1, &["\u{1b}]0;x\u{7}\u{9b}\u{202e} = [REDACTED] \u{2028}"], 0, 11, 21)));
    hostile.origin = Origin::file(HOSTILE_NAME);
    let mut verdicts: Vec<Verdict> =
        [first, second, many_lines, privileged, in_archive, endpoint, from_facts, hostile].map(open).into();
    verdicts.push(Verdict { finding: silenced, status: Status::Silenced { reason: "made for the test".into() } });
    for (index, verdict) in verdicts.iter_mut().enumerate() {
        let names = &mut verdict.finding.fingerprints;
        names.place = format!("{index:032x}");
        names.value = (index % 2 == 0).then(|| format!("{:032x}", index + 100));
    }
    verdicts
}

fn notices() -> Vec<Notice> {
    let notice =
        |kind, origin: Option<Origin>, line, message: &str| Notice { origin, line, kind, message: message.into() };
    let template =
        |name: &str| notice(NoticeKind::Template, Some(Origin::file(name)), Some(1), "only Helm can render it");
    let mut notices = vec![
        notice(NoticeKind::Unreadable, Some(Origin::file("secret.key")), None, "permission denied"),
        notice(
            NoticeKind::Malformed,
            Some(Origin::file("deploy/bad.yaml")),
            Some(7),
            "a mapping value is not allowed here",
        ),
        notice(NoticeKind::Malformed, Some(Origin::file(HOSTILE_NAME)), Some(1), "line 1 holds \u{1b}[31m"),
        notice(NoticeKind::Binary, Some(Origin::file("a.png")), None, "its content was not searched"),
        notice(NoticeKind::Binary, Some(Origin::file("b.png")), None, "its content was not searched"),
        notice(NoticeKind::Ignored, None, None, "3 paths are named in ignore files"),
        notice(
            NoticeKind::UnusedSilence,
            Some(Origin::file("src/a.py")),
            Some(4),
            "no finding of 'secret-x' stands here",
        ),
    ];
    notices.extend((0..12).map(|index| template(&format!("chart/templates/{index:02}.yaml"))));
    notices.sort();
    notices
}

pub(crate) fn open(finding: Finding) -> Verdict {
    Verdict { finding, status: Status::Open }
}

pub(crate) fn finding(rule: &str, severity: Severity, confidence: Confidence, place: Place) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        confidence,
        message: rules().get(rule).map(|rule| rule.message.clone()).unwrap_or_default(),
        because: Vec::new(),
        related: Vec::new(),
        detail: Vec::new(),
        origin: Origin::file("a"),
        place,
        fingerprints: Fingerprints::default(),
    }
}

pub(crate) fn at(region: (usize, usize, usize, usize), path: &str, excerpt: Excerpt) -> Place {
    Place {
        line: region.0,
        column: region.1,
        end_line: region.2,
        end_column: region.3,
        path: path.into(),
        excerpt: Some(excerpt),
        line_hash: Some(format!("{:x}:1", region.0 * 1_000_003)),
    }
}

pub(crate) fn excerpt(first_line: usize, lines: &[&str], focus: usize, start: usize, end: usize) -> Excerpt {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    Excerpt { first_line, lines, focus, start, end, cut: false }
}

const RULES: &str = r#"
[[rule]]
id = "secret-example-token"
title = "Example Corp API token"
severity = "critical"
confidence = "high"
message = "an Example Corp API token stands in clear text"
why = "Whoever reads it can read every appointment."
remedy = "Revoke it, and read it from a secret store at run time"
cites = ["hipaa:164.312(d)", "cwe:798", "hipaa:164.308(a)(5)(ii)(D)", "nist-800-53:IA-5(1)", "hipaa:164.312(d)"]
tags = ["ci"]
since = "0.1.0"
doubts = "Revoked tokens look the same"
references = ["https://docs.example/tokens"]
[rule.pattern]
keywords = ["exmp_"]
regex = 'exmp_\w+'

[[rule]]
id = "kubernetes-container-privileged"
title = "Privileged container"
severity = "high"
confidence = "high"
message = "container runs with every privilege of its host"
why = "A hole in the container is a hole in the node."
remedy = "Set securityContext.privileged to false."
cites = ["hipaa:164.312(a)(1)", "nist-800-53:AC-6", "cwe:250"]
tags = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
since = "0.1.0"
[rule.check]
on = "kubernetes.workload"
deny = "true"

[[rule]]
id = "phi-record-number"
title = "Medical record number"
severity = "medium"
confidence = "medium"
message = "a medical record number stands in clear text"
why = "replaced by a very long text"
remedy = "Remove the record"
cites = ["hipaa:164.514(b)(2)(i)", "cwe:312"]
since = "0.1.0"
[rule.assignment]
names = ["mrn"]
shape = "any"

[[rule]]
id = "tls-version-old"
title = "Outdated TLS version"
severity = "low"
confidence = "high"
message = "the server still speaks TLS 1.0"
remedy = "Switch it off"
cites = ["hipaa:164.312(e)(2)(ii)", "nist-800-53:SC-8"]
since = "0.1.0"
[rule.check]
on = "tls.endpoint"
deny = "true"
"#;

const CITATIONS: &str = r#"
[catalogue.cwe]
name = "CWE"
full_name = "Common Weakness Enumeration"
organization = "MITRE"
version = "4.0"
url = "https://cwe.mitre.org/"
guid = "11111111-1111-4111-8111-111111111111"
summary = "A catalogue of weaknesses in software"

[catalogue.hipaa]
name = "HIPAA"
full_name = "HIPAA Security, Privacy and Breach Notification Rules, 45 CFR 164"
organization = "HHS"
version = "2013"
url = "https://www.ecfr.gov/current/title-45/part-164"
guid = "22222222-2222-4222-8222-222222222222"
summary = "Federal rules that protect health information"

[catalogue.nist-800-53]
name = "NIST SP 800-53"
full_name = "NIST Special Publication 800-53"
organization = "NIST"
version = "5.2.0"
url = "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final"
guid = "33333333-3333-4333-8333-333333333333"
summary = "A catalogue of controls"

[[citation]]
id = "hipaa:164.308(a)(5)(ii)(D)"
title = "Password management"
kind = "addressable"
summary = "Create, change and safeguard passwords"
[[citation]]
id = "hipaa:164.312(a)(1)"
title = "Access control"
kind = "standard"
[[citation]]
id = "hipaa:164.312(d)"
title = "Person or entity authentication"
kind = "standard"
summary = "Verify who seeks access"
[[citation]]
id = "hipaa:164.312(e)(2)(ii)"
title = "Encryption"
kind = "addressable"
[[citation]]
id = "hipaa:164.514(b)(2)(i)"
title = "Identifiers to remove"
kind = "privacy"
[[citation]]
id = "cwe:250"
title = "Execution with Unnecessary Privileges"
[[citation]]
id = "cwe:312"
title = "Cleartext Storage of Sensitive Information"
[[citation]]
id = "cwe:798"
title = "Use of Hard-coded Credentials"
[[citation]]
id = "nist-800-53:AC-6"
title = "Least Privilege"
[[citation]]
id = "nist-800-53:IA-5(1)"
title = "Password-based Authentication"
[[citation]]
id = "nist-800-53:SC-8"
title = "Transmission Confidentiality and Integrity"
"#;
