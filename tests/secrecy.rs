//! No matched value in clear in any output: the first bad example of every rule is a canary.

mod program;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use bedrail::rule::{embedded_files, expand_example};
use program::{Ran, bedrail, scan, token, write};

/// How much of a value may not be told in one piece.
const PIECE: usize = 12;
/// A value shorter than this may stand anywhere by chance.
const SHORTEST: usize = 6;

/// Writes each rule's first bad example to a file of its own; gives the texts, unexpanded, by path.
fn canaries(root: &Path) -> BTreeMap<String, String> {
    let mut unexpanded = BTreeMap::new();
    for rule in embedded_files().0.iter().flat_map(|file| &file.rules) {
        let example = rule.examples.bad.first().expect("every rule has a bad example");
        let (text, _) = expand_example(rule, example, "bad", 0).expect("placeholders are valid");
        let name = format!("{}/{}", rule.id, example.file().unwrap_or("example"));
        write(root, &name, &text);
        unexpanded.insert(name, example.text().to_owned());
    }
    unexpanded
}

/// The values of all findings of text rules, read from the files where the report says that they stand; each
/// with what of it is no literal text of an example.
fn values(report: &Ran, root: &Path, unexpanded: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let rules = bedrail::rule::embedded::rules();
    let mut values = Vec::new();
    for finding in report.json()["findings"].as_array().expect("a list") {
        let id = finding["rule"].as_str().expect("a rule");
        if rules.iter().any(|rule| rule.id == id && rule.check.is_some()) {
            continue;
        }
        let name = finding["origin"]["name"].as_str().expect("a name");
        let text = fs::read_to_string(root.join(name)).expect("examples are UTF-8");
        let at = |line: &str, column: &str| {
            let number = |key: &str| usize::try_from(finding[key].as_u64().expect("a number")).expect("fits");
            let before: usize = text.split_inclusive('\n').take(number(line) - 1).map(str::len).sum();
            let inside: usize = text[before..].chars().take(number(column) - 1).map(char::len_utf8).sum();
            before + inside
        };
        let value = &text[at("line", "column")..at("end_line", "end_column")];
        let literal = &unexpanded[name];
        let pieces: Vec<&str> = if value.len() >= SHORTEST && value.len() <= PIECE {
            vec![value]
        } else {
            (0..value.len().saturating_sub(PIECE - 1)).filter_map(|at| value.get(at..at + PIECE)).collect()
        };
        values.extend(
            pieces
                .into_iter()
                .filter(|piece| !literal.contains(piece))
                .map(|piece| (name.to_owned(), piece.to_owned())),
        );
    }
    values
}

#[test]
fn no_output_holds_a_matched_value() {
    let root = program::folder();
    let unexpanded = canaries(root.path());
    let beside = program::folder();
    let sarif = beside.path().join("out.sarif");
    let format = format!("sarif:{}", sarif.display());
    let reference = scan(root.path(), &["--no-ignore", "--min-confidence", "low", "--format", &format]);
    let values = values(&reference, root.path(), &unexpanded);
    let files: HashSet<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
    let rules = bedrail::rule::embedded::rules();
    let matchers = rules.iter().filter(|rule| rule.check.is_none()).count();
    // The test must see what it looks for: nearly every text rule's example has a value of its own.
    assert!(files.len() * 10 >= matchers * 9, "{} of {matchers} text rules gave a value", files.len());
    // Standard output, with what the files hold that a way writes.
    let ways: &[&[&str]] = &[
        &["scan", "--no-ignore", "--min-confidence", "low", "-v", "--statistics", "--color", "always"],
        &["scan", "--no-ignore", "-q", "--min-severity", "high", "--format", "sarif", "--show-silenced"],
        &["scan", "--no-ignore", "--min-confidence", "low", "--format", "html"],
        &["facts", "--no-ignore"],
    ];
    let sarif = fs::read_to_string(sarif).expect("it was written");
    assert!(sarif.contains("[REDACTED]"));
    let mut outputs =
        vec![("sarif".to_owned(), sarif), ("json".to_owned(), reference.out), ("err".to_owned(), reference.err)];
    for way in ways {
        let ran = bedrail(root.path(), way);
        assert!(!ran.out.is_empty(), "{way:?}: {ran:?}");
        outputs.extend([(way.join(" "), ran.out), (way.join(" "), ran.err)]);
    }
    for (way, shown) in &outputs {
        let mut told = Vec::new();
        {
            let windows: HashSet<&[u8]> = shown.as_bytes().windows(PIECE).collect();
            told.extend(values.iter().filter(|(_, piece)| {
                if piece.len() == PIECE { windows.contains(piece.as_bytes()) } else { shown.contains(piece.as_str()) }
            }));
        }
        let mut names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
        names.dedup();
        assert!(told.is_empty(), "{way:?} tells a piece of the value in {names:?}");
    }
}

/// A row with one number that names a person also holds the rest of the person.
#[test]
fn neighbours_of_patient_data_are_hidden_too() {
    let root = program::folder();
    let rules = "[[rule]]\nid = 'phi-canary-number'\ntitle = 'Number'\nseverity = 'high'\nconfidence = 'high'\n\
        message = 'a number stands in clear text'\nremedy = 'Remove it.'\nwhy = 'It names a person.'\n\
        cites = ['hipaa:164.312(a)(1)']\nsince = '0.1.0'\n[rule.pattern]\nkeywords = ['cnry']\n\
        regex = '''\\bcnry (?<value>[0-9]{3}-[0-9]{2}-[0-9]{4})\\b'''\n[rule.examples]\n\
        bad = ['cnry <<[2-5]{3}-[1-9]{2}-[1-9]{4}>>']\ngood = ['cnry 1']\n";
    write(root.path(), "rules/canary.toml", rules);
    let secret = token("neighbour");
    let text = format!("first line\nMarigold,cnry 234-56-7891,{secret},Quillfeather\nkey = \"{secret}\"\nlast line\n");
    write(root.path(), "tree/rows.csv", text);
    let tree = root.path().join("tree");
    for format in ["sarif", "json", "terminal", "html"] {
        let ran = bedrail(&tree, &["scan", "--rules", "../rules", "--format", format, "-v"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains("phi-canary-number") && ran.out.contains(program::TOKEN_RULE), "{}", ran.out);
        for word in ["Marigold", "Quillfeather", "234-56", "7891", &secret[8..]] {
            assert!(!ran.out.contains(word) && !ran.err.contains(word), "{format} tells {word}: {}", ran.out);
        }
    }
}

/// One secret gives one finding, but all of what any rule matched is hidden.
#[test]
fn a_match_that_loses_to_a_better_one_is_hidden_as_well() {
    let root = program::folder();
    let rule = |id: &str, tags: &str, regex: &str| {
        format!(
            "[[rule]]\nid = 'secret-{id}'\ntitle = 'Canary'\nseverity = 'high'\nconfidence = 'high'\ntags = [{tags}]\n\
            message = 'a canary sits in clear text'\nremedy = 'Remove it.'\nwhy = 'It sings.'\n\
            cites = ['hipaa:164.312(d)']\nsince = '0.1.0'\n[rule.pattern]\nkeywords = ['cnry']\nregex = '{regex}'\n\
            [rule.examples]\nbad = ['cnry-<<[a-z]{{30}}>>']\ngood = ['cnry-1']\n"
        )
    };
    let rules = rule("canary-whole", "'generic'", "cnry-[a-z]{30}") + &rule("canary-head", "", "cnry-[a-z]{10}");
    write(root.path(), "rules/canary.toml", rules);
    let value = program::filled("<<cnry-[a-z]{30}>>", "loses");
    write(root.path(), "tree/a.txt", format!("x {value} y\n"));
    let ran = scan(&root.path().join("tree"), &["--rules", "../rules"]);
    assert_eq!(ran.findings(), ["secret-canary-head a.txt:1:3"]);
    assert!(!ran.out.contains(&value[20..]), "{}", ran.out);
}

/// A name is an attacker's or an accident's text as well: a token in a key must not be told as the path of a
/// finding beside it.
#[test]
fn a_secret_in_a_key_is_not_told() {
    let root = program::folder();
    let secret = token("key");
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations: {{\"{secret}\": x, \"{secret}\": y}}\nspec:\n  \
         hostNetwork: true\n  containers:\n    - {{name: \"{secret}\", image: \"r.example.org/{secret}:latest\", \
         securityContext: {{privileged: true}}}}\n"
    );
    write(root.path(), "pod.yaml", &manifest);
    write(root.path(), "broken.yaml", format!("a: *{secret}\nb: [\n"));
    write(root.path(), "broken.json", format!("{{\"a\": {secret}}}"));
    write(root.path(), "broken.toml", format!("a = {secret}\n[\"{secret}\"]\n[\"{secret}\"]\n"));
    write(root.path(), "twice.json", format!("{{\"{secret}\": 1, \"{secret}\": 2}}"));
    write(root.path(), "twice.yaml", format!("{secret}: 1\n{secret}: 2\n"));
    write(root.path(), "twice.env", format!("A=\"{secret}\nB='{secret}\n"));
    write(root.path(), "chart/templates/a.yaml", format!("kind: Pod\na: {{{{ {secret} }}}}\n{{{{ if {secret} }}}}\n"));
    for way in [
        &["scan", "--format", "sarif"][..],
        &["scan", "--format", "json"],
        &["scan", "-v"],
        &["scan", "-q"],
        &["facts"],
    ] {
        let ran = bedrail(root.path(), way);
        assert!(ran.out.contains("privileged"), "{way:?}: {ran:?}");
        for (name, shown) in [("output", &ran.out), ("errors", &ran.err)] {
            let line = shown.lines().find(|line| line.contains(&secret[8..20])).unwrap_or_default();
            assert!(line.is_empty(), "{way:?} tells it in its {name}: {line}");
        }
    }
}

/// Runs in a process of its own, in which the program's panic hook is set.
#[test]
#[ignore = "run by `a_panic_tells_nothing_of_content`"]
fn panics() {
    bedrail::cli::main(["bedrail", "rules", "explain", "no-such-rule"].map(Into::into));
    panic!("this holds {}", token("panic"));
}

#[test]
fn a_panic_tells_nothing_of_content() {
    let mut command = std::process::Command::new(std::env::current_exe().expect("this test is a program"));
    command.args(["--exact", "panics", "--ignored", "--nocapture"]);
    let output = command.output().expect("this test runs again");
    let shown = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(shown.contains("bedrail: internal error at tests/secrecy.rs"), "{shown}");
    assert!(!shown.contains(&token("panic")), "{shown}");
}

/// A large file is searched in parts; what is cut at the end of one is found in the next, and shown by neither.
#[test]
fn a_secret_that_is_cut_between_parts_is_hidden() {
    const PART: usize = 8 << 20;
    let secrets: Vec<String> = (0..40).map(|n| token(&format!("border {n}"))).collect();
    // One endless line, and lines; tokens stand on both sides of where the first part ends, and across it.
    for filler in ["x ", "x\n"] {
        let mut text = filler.repeat((PART - 500) / 2);
        for secret in &secrets {
            text += secret;
            text += &filler[1..];
        }
        text += &filler.repeat(9 << 19);
        let root = program::folder();
        write(root.path(), "large.txt", text);
        let ran = scan(root.path(), &["--format", "sarif:out.sarif"]);
        let sarif = fs::read_to_string(root.path().join("out.sarif")).expect("it was written");
        for (format, shown) in [("json", &ran.out), ("sarif", &sarif)] {
            let told = secrets.iter().filter(|secret| shown.contains(&secret[..PIECE])).count();
            assert_eq!(told, 0, "{format}, filler {filler:?}");
            assert!(shown.matches("[REDACTED]").count() >= secrets.len(), "{format}");
        }
        assert_eq!(ran.findings().len(), secrets.len(), "filler {filler:?}");
    }
}
