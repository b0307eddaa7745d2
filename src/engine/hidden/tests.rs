//! What is found in hidden texts, where, and how often.

use crate::artifact::{Origin, Part};
use crate::document;
use crate::engine::{Engine, Judged, Subject};
use crate::finding::FingerprintKey;
use crate::rule::Rule;

/// Two rules: one for a product's token, one for any password.
fn engine() -> Engine {
    let rule = |id: &str, tags: &str, matcher: &str| -> Rule {
        let head = format!(
            "id='{id}'\ntitle='t'\nseverity='high'\nconfidence='high'\nmessage='m'\nwhy='w'\nremedy='r'\ncites=['hipaa:164.312(d)']\ntags=[{tags}]\nsince='0.1.0'\n"
        );
        toml::from_str(&format!("{head}{matcher}\n[examples]\nbad=['x']\ngood=['y']\n")).expect("a rule")
    };
    Engine::new(
        vec![
            rule("secret-token", "", "[pattern]\nkeywords=['exmp_']\nregex='exmp_[a-z]{12}'"),
            rule("secret-password", "'generic'", "[assignment]\nnames=['password']\nshape='password'"),
            rule("phi-number", "", "[pattern]\nkeywords=['mrn']\nregex='MRN (?<value>[0-9]{8})'"),
        ],
        FingerprintKey::default(),
    )
}

fn judge(name: &str, text: &str) -> Judged {
    let origin = Origin::file(name);
    let subject = Subject { origin: &origin, text: text.as_bytes(), part: Part::WHOLE };
    let parsed = document::format_of(name, text.as_bytes())
        .map(|format| document::parse(format, text.as_bytes()))
        .unwrap_or_default();
    engine().judge(subject, &parsed)
}

/// `rule origin line:column-line:column path` of each finding.
fn told(name: &str, text: &str) -> Vec<String> {
    let told = judge(name, text).findings.into_iter().map(|finding| {
        let place = finding.place;
        let at = format!("{}:{}-{}:{}", place.line, place.column, place.end_line, place.end_column);
        format!("{} {} {at} {}", finding.rule, finding.origin, place.path).trim().to_owned()
    });
    told.collect()
}

pub(super) fn to_base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            encoded.push(if at > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    encoded
}

fn to_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

const TOKEN: &str = "token: exmp_abcdefghijkl";

#[test]
fn a_decoded_secret_stands_where_its_encoding_stands() {
    let one = to_base64(TOKEN); // 32 characters
    let two = to_base64(&format!("again {one}"));
    let three = to_base64(&format!("again {two}"));
    let four = to_base64(&format!("again {three}"));
    // file, text, findings
    let cases: Vec<(&str, String, Vec<String>)> = vec![
        ("a.txt", format!("x\nkey = {one}\n"), vec!["secret-token a.txt!base64 2:7-2:39".into()]),
        ("a.txt", format!("é {}", to_hex(TOKEN)), vec!["secret-token a.txt!hex 1:3-1:51".into()]),
        ("a.txt", two.clone(), vec![format!("secret-token a.txt!base64!base64 1:1-1:{}", two.len() + 1)]),
        ("a.txt", three.clone(), vec![format!("secret-token a.txt!base64!base64!base64 1:1-1:{}", three.len() + 1)]),
        ("a.txt", four, vec![]), // deeper than is looked
        ("a.txt", "u=exmp%5Fabcdefghij%6b%6C;".into(), vec!["secret-token a.txt!percent 1:3-1:26".into()]),
        ("a.js", r#"f("\x65xmp_abcdefghijk\u006c")"#.into(), vec!["secret-token a.js!escape 1:4-1:29".into()]),
        // The same token twice in one stretch is one finding: it has one place.
        ("a.txt", to_base64(&format!("{TOKEN}\n{TOKEN}\n")), vec!["secret-token a.txt!base64 1:1-1:69".into()]),
        // What the rules see as it stands is not told again: the token is not encoded, its neighbours are.
        ("a.js", r#"f("exmp_abcdefghijkl \x41\x42")"#.into(), vec!["secret-token a.js 1:4-1:21".into()]),
        // A general rule gives way to one that knows what was decoded.
        ("a.env", format!("PASSWORD={one}"), vec!["secret-token a.env!base64 1:10-1:42".into()]),
    ];
    for (name, text, expected) in cases {
        assert_eq!(told(name, &text), expected, "{text}");
    }
}

#[test]
fn the_encoded_secret_is_masked_wherever_it_is_shown() {
    let encoded = to_base64(TOKEN);
    let judged = judge("a.txt", &format!("before\nkey = {encoded}\nother exmp_abcdefghijkl\n"));
    assert_eq!(judged.findings.len(), 2);
    for finding in &judged.findings {
        let shown = format!("{finding:?}");
        assert!(!shown.contains(&encoded) && !shown.contains("exmp_"), "{shown}");
        assert!(shown.contains("key = [REDACTED]"), "{shown}");
    }
    assert!(judged.findings[1].because.iter().any(|because| because.contains("encoded (base64)")));
    // Line hashes do not depend on it.
    let hash = |token: &str| judge("a.txt", &format!("x\n{}\n", to_base64(token))).findings[0].place.line_hash.clone();
    assert_eq!(hash(TOKEN), hash("token: exmp_mmmmmmmmmmmm"));
    // A line with patient data in it shows nothing else.
    let judged = judge("a.txt", &format!("Ann;{}\n", to_base64("patient: MRN 12345678")));
    assert_eq!(judged.findings[0].place.excerpt.as_ref().expect("shown").lines[0], "•••;[REDACTED]");
}

#[test]
fn values_of_kubernetes_secrets_are_read_with_their_names() {
    let secret = |key: &str, value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n  {key}: {}\n", to_base64(value))
    };
    // key, value, findings
    let cases: &[(&str, &str, &[&str])] = &[
        ("DB_PASSWORD", "hR7#kq0Zp", &["secret-password a.yaml!base64 5:16-5:28 data.DB_PASSWORD"]),
        ("db-password", "hR7#kq0Zp\n", &["secret-password a.yaml!base64 5:16-5:32 data.db-password"]), // a final newline
        ("token", "exmp_abcdefghijkl", &["secret-token a.yaml!base64 5:10-5:34 data.token"]),
        ("app.env", "A=1\nPASSWORD=hR7#kq0Zp\n", &["secret-password a.yaml!base64 5:12-5:44 data.app.env"]),
        ("DB_PASSWORD", "changeme", &[]), // a placeholder is one in base64, too
        ("DB_PASSWORD", "${DB_PASSWORD}", &[]),
        ("region", "eu-central-1", &[]),
    ];
    for (key, value, expected) in cases {
        assert_eq!(told("a.yaml", &secret(key, value)), *expected, "{key}: {value}");
    }
    // The same words in another object are no base64 by definition.
    let map = format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  DB_PASSWORD: {}\n", to_base64("changeme"));
    assert!(told("a.yaml", &map).iter().all(|told| !told.contains("base64")));
}

/// Findings as `rule line:column path inside`.
fn places(origin: &Origin, text: &str) -> Vec<String> {
    let subject = Subject { origin, text: text.as_bytes(), part: Part::WHOLE };
    let parsed = document::format_of("a.yaml", text.as_bytes())
        .map(|format| document::parse(format, text.as_bytes()))
        .unwrap_or_default();
    let told = engine().judge(subject, &parsed).findings.into_iter().map(|finding| {
        let inside = finding.detail.iter().find(|(label, _)| *label == "inside").map_or("", |(_, text)| text);
        let place = finding.place;
        format!("{} {}:{} {} {inside}", finding.rule, place.line, place.column, place.path).trim().to_owned()
    });
    told.collect()
}

#[test]
fn a_value_in_a_string_of_many_lines_has_its_own_place() {
    let map = |data: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{data}");
    // what is written, finding
    let cases: &[(String, &str)] = &[
        // literal: the line as it stands
        (map("  app.env: |\n    # a\n    t=exmp_abcdefghijkl\n"), "secret-token 7:7 data[\"app.env\"]"),
        (map("  app.env: |2-\n      # a\n    t=exmp_abcdefghijkl\n"), "secret-token 7:7 data[\"app.env\"]"),
        // folded
        (map("  a: >-\n    # a\n    t=exmp_abcdefghijkl\n"), "secret-token 7:7 data.a"),
        // in quotes, with escapes: the place in the line
        (map("  a: \"# a\\nt=exmp_abcdefghijkl\\n\"\n"), "secret-token 5:14 data.a"),
        (map("  a: \"# a\\nt=\\x65xmp_abcdefghijkl\"\n"), "secret-token 5:14 data.a"),
        (map("  a: \"# a\\n\\\n    t=exmp_abcdefghijkl\"\n"), "secret-token 6:7 data.a"),
        (map("  a: 'it''s\n\n    t=exmp_abcdefghijkl'\n"), "secret-token 7:7 data.a"),
        // plain, over lines
        (map("  a: some\n    t=exmp_abcdefghijkl\n"), "secret-token 6:7 data.a"),
        // flow style
        ("{apiVersion: v1, kind: Pod, a: [x,\n {b: exmp_abcdefghijkl}]}".into(), "secret-token 2:6 a[1].b"),
        // the second document; Windows' lines; a mark at the beginning; a tab behind a colon
        (format!("a: 1\n---\n{}", map("  a: |\n    t=exmp_abcdefghijkl\n")), "secret-token 8:7 data.a"),
        (map("  a: |\n    # a\n    t=exmp_abcdefghijkl\n").replace('\n', "\r\n"), "secret-token 7:7 data.a"),
        (format!("\u{feff}{}", map("  a:\texmp_abcdefghijkl\n")), "secret-token 5:6 data.a"),
        // an anchor is where it is written
        (map("  a: &a exmp_abcdefghijkl\n  b: *a\n"), "secret-token 5:9 data.a"),
        (map("  a: &a\n    x: exmp_abcdefghijkl\n  b: {<<: *a}\n"), "secret-token 6:8 data.a.x"),
        // an object of a list
        (
            "apiVersion: v1\nkind: List\nitems:\n- kind: ConfigMap\n  data: {a: exmp_abcdefghijkl}\n".into(),
            "secret-token 5:13 items[0].data.a",
        ),
        // arguments, one of them a script
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - args:\n    - |\n      #!/bin/sh\n      T=exmp_abcdefghijkl\n".into(),
            "secret-token 8:9 spec.containers[0].args[0]",
        ),
        // a copy of an object, as JSON, in a string
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    last: |\n      {\"spec\":{\"t\":\"exmp_abcdefghijkl\"}}\n".into(),
            "secret-token 6:21 metadata.annotations.last",
        ),
        // JSON
        (
            "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\",\n \"data\": {\"a\": \"# a\\nt=exmp_abcdefghijkl\\n\"}}".into(),
            "secret-token 2:24 data.a",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(places(&Origin::file("a.yaml"), text), [*expected], "{text}");
    }
}

#[test]
fn where_there_are_no_lines_the_line_of_the_value_is_told() {
    let object = Origin::resource("k8s://c/n/ConfigMap/a");
    let json = |data: &str| format!("{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"data\":{data}}}");
    let cases = [
        (r##"{"a":"# a\nt=exmp_abcdefghijkl\n"}"##, "secret-token 0:0 data.a line 2, column 3 of the value"),
        (r#"{"a":"t=exmp_abcdefghijkl\n"}"#, "secret-token 0:0 data.a"), // there is but one
        (r#"{"a":{"b":"\u0041\n\n\"exmp_abcdefghijkl"}}"#, "secret-token 0:0 data.a.b line 3, column 2 of the value"),
    ];
    for (data, expected) in cases {
        assert_eq!(places(&object, &json(data)), [expected], "{data}");
    }
    // A decoded value has no lines in the file.
    let secret =
        format!("apiVersion: v1\nkind: Secret\ndata:\n  app.env: {}\n", to_base64("# a\n\nt=exmp_abcdefghijkl\n"));
    let expected = "secret-token 4:12 data.app.env line 3, column 3 of app.env";
    assert_eq!(places(&Origin::file("a.yaml"), &secret), [expected]);
    let release = to_base64(&format!("x\n  y {}", to_base64("# a\nexmp_abcdefghijkl\n")));
    let expected = "secret-token 1:1  line 2, column 1 of what it decodes to";
    assert_eq!(places(&Origin::file("a.txt"), &release), [expected]);
}

#[test]
fn notebook_cells_are_read_as_the_texts_that_they_are() {
    let notebook = "{\"cells\": [\n {\"cell_type\": \"markdown\", \"source\": \"# title\"},\n {\"cell_type\": \"code\",\n  \
                    \"source\": [\n   \"import os\\n\",\n   \"t = \\\"ex\\u006dp_abcdefghijkl\\\"\\n\",\n   \
                    \"password = \\\"hR7#kq0Zp\\\"\\n\"\n  ],\n  \"outputs\": [{\"text\": [\"MRN \\u00312345678\\n\"]}]\n }\n],\n \
                    \"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}\n";
    let told = told("a.ipynb", notebook);
    for expected in ["secret-token", "secret-password", "phi-number a.ipynb!cell 2!output 1 9:"] {
        assert_eq!(told.iter().filter(|told| told.starts_with(expected)).count(), 1, "{expected}: {told:#?}");
    }
    assert!(told.iter().any(|told| told.starts_with("secret-password") && told.contains(" 7:")), "{told:#?}");
    assert_eq!(told.len(), 3, "{told:#?}");
}

#[test]
fn binary_content_is_searched_for_what_patterns_are_sure_of() {
    let wide: Vec<u8> = "exmp_abcdefghijkl".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let content =
        [b"\0\x01\x02exmp_mmmmmmmmmmmm\0\0password=hR7#kq0Zpq\0\x01".as_slice(), &wide, b"\0\0MRN 12345678\0"].concat();
    let judged = engine().judge_binary(&Origin::file("a.pyc"), &content);
    let told: Vec<String> =
        judged.findings.iter().map(|finding| format!("{} {}", finding.rule, finding.place.path)).collect();
    assert_eq!(told, ["secret-token offset 0x3", "secret-token offset 0x2b"]);
}
