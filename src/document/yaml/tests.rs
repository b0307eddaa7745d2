//! What the YAML parser makes of good and bad texts.

use super::super::{Document, Kind, MAX_DEPTH, Next, Path, Trouble, Value, to_json};
use super::*;
use crate::text::LineIndex;

fn one(text: &str) -> Document {
    let mut parsed = parse(text.as_bytes());
    assert!(parsed.broken.is_empty(), "{text:?}: {:?}", parsed.broken);
    assert_eq!(parsed.documents.len(), 1, "{text:?}");
    parsed.documents.remove(0)
}

fn json(document: &Document) -> String {
    to_json(document, document.root(), 10_000).unwrap().to_string()
}

fn trouble(parsed: &Parsed) -> Vec<(Trouble, usize)> {
    parsed.broken.iter().map(|broken| (broken.why, broken.span.start)).collect()
}

#[test]
fn values_are_read() {
    let cases = [
        ("a: 1\nb: [x, 'y', \"z\\n\"]\nc: {d: null}\n", r#"{"a":1,"b":["x","y","z\n"],"c":{"d":null}}"#),
        ("a: yes\nb: 'yes'\non: off\n", r#"{"a":true,"b":"yes","on":false}"#), // names stay text
        ("a: 0644\nb: 0x1F\nc: 1e3\nd: ~\ne:\n", r#"{"a":420,"b":31,"c":1000.0,"d":null,"e":null}"#),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", r#"{"a":"x\ny\n","b":"x y"}"#),
        ("a: !!str 1\nb: !!int '1'\nc: ! yes\nd: !!str\n", r#"{"a":"1","b":1,"c":"yes","d":""}"#),
        // What an application makes of its own tags is unknown; what stands below them is not.
        ("a: !Ref X\nb: !Sub [x, {k: v}]\n", r#"{"a":{"$unknown":"custom tag"},"b":["x",{"k":"v"}]}"#),
        ("\u{feff}a: 1\r\nb:\r\n  - 2\r\n", r#"{"a":1,"b":[2]}"#),
        ("- a\n-\n- - b\n", r#"["a",null,["b"]]"#),
        ("? a\n: 1\n? [b, c]\n: 2\n? d\n", r#"{"a":1,"[b, c]":2,"d":null}"#),
        ("1: x\ntrue: v\n~: z\n", r#"{"1":"x","true":"v","~":"z"}"#),
        ("%YAML 1.2\n---\nplain\n", r#""plain""#),
        ("{\"a\": [1, 2], \"b\": \"\\u00e9\"}", r#"{"a":[1,2],"b":"é"}"#),
        ("a: 'it''s'\nb: plain\n  goes on\n", r#"{"a":"it's","b":"plain goes on"}"#),
    ];
    for (text, expected) in cases {
        let document = one(text);
        assert_eq!(json(&document), expected, "{text:?}");
        assert_eq!(document.kind, Kind::Yaml);
    }
}

#[test]
fn spans_cover_values_as_written() {
    let text = "\u{feff}# head\r\nk: \"é\" # c\r\nlist:\r\n  - a b\r\n  - {x: 'y'}\r\n\r\nblock: |-\r\n  one\r\n  two\r\n\r\nempty:\r\nlast: &n !!str 5\r\n\"q k\": *n\r\n";
    // path, what it covers, its name, line, column
    let cases = [
        ("k", "\"é\"", "k", 2, 4),
        ("list", "- a b\r\n  - {x: 'y'}", "list", 4, 3),
        ("list[0]", "a b", "", 4, 5),
        ("list[1]", "{x: 'y'}", "", 5, 5),
        ("list[1].x", "'y'", "x", 5, 9),
        ("block", "one\r\n  two", "block", 8, 3), // content only, trailing blank lines left out
        ("empty", "", "empty", 11, 6),
        ("last", "5", "last", 12, 16),         // without anchor and tag
        ("[\"q k\"]", "5", "\"q k\"", 12, 16), // an alias is the node that it stands for
    ];
    let document = one(text);
    let index = LineIndex::new(text.as_bytes());
    let mut seen = Vec::new();
    document
        .walk(document.root(), 100, |at| {
            let span = document.node(at.id).span.unwrap();
            let position = index.position(text.as_bytes(), span.start);
            let key = at.entry.and_then(|entry| entry.key_span).map_or("", |span| &text[span.range()]);
            seen.push((Path(at.path).to_string(), &text[span.range()], key, position.line, position.column));
            Next::Enter
        })
        .unwrap();
    let expected = cases.map(|(path, value, key, line, column)| (path.to_owned(), value, key, line, column));
    assert_eq!(seen[1..], expected);
    assert_eq!(
        text[document.node(document.root()).span.unwrap().range()],
        text[text.find("k:").unwrap()..text.len() - 2]
    );
    let comments: Vec<&str> = document.comments().iter().map(|span| &text[span.range()]).collect();
    assert_eq!(comments, ["# head", "# c"]);
}

#[test]
fn an_alias_is_the_node_that_it_stands_for() {
    let text = "a: &x {k: v}\nb: *x\nc: [1, *x]\n&n name: 1\n*n : 2\n";
    let parsed = parse(text.as_bytes());
    let document = &parsed.documents[0];
    let root = document.root();
    let (a, b, c) = (document.get(root, "a"), document.entry(root, "b").unwrap(), document.get(root, "c").unwrap());
    assert_eq!(a, Some(b.value));
    assert_eq!(&text[b.used_at.unwrap().range()], "*x");
    assert_eq!(Some(document.items(c)[1]), a);
    assert_eq!(document.item_used_at(c, 1).map(|span| &text[span.range()]), Some("*x"));
    assert_eq!(document.item_used_at(c, 0), None);
    // An alias may be a name, and is the same name then.
    assert_eq!(trouble(&parsed), [(Trouble::DuplicateKey, text.find("*n").unwrap())]);
    let broken = parse(b"a: &x [*x]\nb: *.log\n");
    assert_eq!(trouble(&broken), [(Trouble::Syntax, 7), (Trouble::Syntax, 14)]);
    let expected = r#"{"a":[{"$unknown":"alias within its own anchor"}],"b":{"$unknown":"alias without an anchor"}}"#;
    assert_eq!(json(&broken.documents[0]), expected);
    assert_eq!(trouble(&parse(b"a: &x 1\n---\nb: *x\n")), [(Trouble::Syntax, 15)], "anchors end with their document");
}

#[test]
fn merge_keys_take_over_entries() {
    let cases = [
        ("b: &b {x: 1, y: 2}\nc: {<<: *b, y: 3, z: 4}\n", r#"{"x":1,"y":3,"z":4}"#),
        ("b: &b {x: 1, y: 2}\nc: {y: 3, <<: *b}\n", r#"{"y":3,"x":1}"#), // explicit names win anywhere
        ("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n", r#"{"x":1,"y":2}"#), // the earlier wins
        ("c: {<<: {x: 1}}\n", r#"{"x":1}"#),
        ("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n", r#"{"x":1,"y":2}"#),
        ("c: {\"<<\": 1}\n", r#"{"<<":1}"#), // quoted: a name
        ("c: {<<: text}\n", r#"{"<<":"text"}"#),
    ];
    for (text, expected) in cases {
        let document = one(text);
        let c = document.get(document.root(), "c").unwrap();
        assert_eq!(to_json(&document, c, 100).unwrap().to_string(), expected, "{text}");
    }
    let text = "b: &b {x: 1}\nc: {<<: *b, y: 2}\nd: {<<: [*b]}\n";
    let document = one(text);
    for (path, at) in [("c", text.find("*b,").unwrap()), ("d", text.find("*b]").unwrap())] {
        let map = document.get(document.root(), path).unwrap();
        let merged = document.entry(map, "x").unwrap();
        assert_eq!((merged.used_at.unwrap().start, merged.key_span.unwrap().start), (at, 7));
        assert!(document.entry(map, "y").is_none_or(|own| own.used_at.is_none()));
    }
}

#[test]
fn a_broken_document_leaves_the_others() {
    let text = "a: 1\n---\nb: 2\n---\nc: [hunter\n---\nd: 4\n---\ne: 5\n";
    let parsed = parse(text.as_bytes());
    let documents: Vec<String> = parsed.documents.iter().map(json).collect();
    assert_eq!(documents, [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"d":4}"#, r#"{"e":5}"#]);
    assert_eq!(parsed.broken.len(), 1);
    let broken = &parsed.broken[0];
    assert_eq!(broken.why, Trouble::Syntax);
    assert_eq!(LineIndex::new(text.as_bytes()).line(broken.span.start), 5);
    assert!(!broken.message.contains("hunter"));
    let d = &parsed.documents[2];
    assert_eq!(&text[d.node(d.get(d.root(), "d").unwrap()).span.unwrap().range()], "4");
}

#[test]
fn trouble_is_named() {
    use Trouble::{DuplicateKey, Syntax};
    // text, documents, trouble, where
    let cases: &[(&str, usize, &[(Trouble, usize)])] = &[
        ("a: 1\n\tb: 2\n", 0, &[(Syntax, 3)]), // a tab indents nothing
        ("a: 1\na: 2\nb: 3\na: 4\n", 1, &[(DuplicateKey, 5), (DuplicateKey, 15)]),
        ("a: \"open\n", 0, &[(Syntax, 3)]),
        ("a: 1\n b: 2\n", 0, &[(Syntax, 7)]),
        ("a: [1}\n", 0, &[(Syntax, 3)]),
        ("", 0, &[]),
        ("# only\n---\n---\n# comments\n", 0, &[]), // nothing is no document
        ("---\n# c\n---\na: 1\n---\n", 1, &[]),
        ("null\n", 1, &[]), // a null that was written is one
    ];
    for (text, documents, expected) in cases {
        let parsed = parse(text.as_bytes());
        assert_eq!((parsed.documents.len(), trouble(&parsed).as_slice()), (*documents, *expected), "{text:?}");
    }
    let twice = parse(b"a: 1\na: 2\n").documents.remove(0);
    assert_eq!(twice.value(twice.get(twice.root(), "a").unwrap()), &Value::Int(2), "the last one counts");
    let long = format!("{}a:\n{}  b: 1\n", "# licence\n".repeat(500), "# note\n".repeat(500));
    assert_eq!(one(&long).comments().len(), 1000, "long runs of comments are fine");
}

#[test]
fn helm_templates_are_read_around_their_expressions() {
    let text = r#"{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "chart.name" . }}
  labels:
    {{- include "chart.labels" . | nindent 4 }}
spec:
  template:
    spec:
      containers:
        - name: app
          image: "{{ .Values.image | default "x" }}:{{ .Values.tag }}"
          securityContext:
            privileged: true
          env:
            {{- range $k, $v := .Values.env }}
            - name: {{ $k }}
              value: {{ $v | quote }}
            {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          {{ .key }}: literal
          script: |
            {{ .Values.script }}
            echo
{{- end }}
---
kind: Plain
"#;
    let parsed = parse(text.as_bytes());
    assert_eq!(trouble(&parsed), [(Trouble::Template, 0)]);
    let [first, second] = parsed.documents.as_slice() else { panic!("{:?}", parsed.documents) };
    assert!(first.is_templated() && !second.is_templated());
    let unknown = r#"{"$unknown":"template"}"#;
    let expected = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":?,"labels":?},"spec":{"template":{"spec":{"containers":[{"name":"app","image":?,"securityContext":{"privileged":true},"env":[{"name":?,"value":?}],"resources":?,"{{ .key }}":"literal","script":?}]}}}}"#;
    assert_eq!(json(first), expected.replace('?', unknown));
    assert_eq!(json(second), r#"{"kind":"Plain"}"#);
    let mut places = Vec::new();
    first.walk_once(first.root(), |at| {
        if matches!(Path(at.path).to_string().as_str(), "metadata.name" | "spec.template.spec.containers[0].image") {
            places.push(&text[first.node(at.id).span.unwrap().range()]);
        }
        Next::Enter
    });
    let image = r#""{{ .Values.image | default "x" }}:{{ .Values.tag }}""#;
    assert_eq!(places, [r#"{{ include "chart.name" . }}"#, image]);
}

#[test]
fn templates_are_told_from_text_that_holds_braces() {
    use Trouble::{Syntax, Template};
    let unknown = r#"{"$unknown":"template"}"#;
    // text, what is read, trouble
    let cases: &[(&str, &str, &[Trouble])] = &[
        ("a: {{ .V }}\n", r#"{"a":?}"#, &[Template]), // YAML takes it for a map in a map
        ("a: {{ .V }}-x\n", r#"{"a":?}"#, &[Template]),
        ("a: \"{{ v }}\"\n", r#"{"a":?}"#, &[]), // Ansible: sound YAML, and all of the value is filled in
        ("a: \"x-{{ v }}\"\n", r#"{"a":"x-{{ v }}"}"#, &[]),
        ("a: ${{ secrets.X }}\nb: \"${{ x }}\"\n", r#"{"a":"${{ secrets.X }}","b":"${{ x }}"}"#, &[]), // GitHub
        ("a: |\n  {{ range . }}x{{ end }}\n", r#"{"a":"{{ range . }}x{{ end }}\n"}"#, &[]),
        ("a: {b: {c: 1}}\n", r#"{"a":{"b":{"c":1}}}"#, &[]),
        ("a: {% if x %}1{% endif %}\n", r#"{"a":?}"#, &[Template]),
        ("a: [1, {{ x }}]\n", r#"{"a":[1,?]}"#, &[Template]),
        ("{% if a %}\na: 1\n{% else %}\na: 2\n{% endif %}\n", r#"{"a":2}"#, &[Template]), // no repeated name
    ];
    for (text, expected, troubles) in cases {
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.broken.iter().map(|broken| broken.why).collect::<Vec<_>>(), *troubles, "{text:?}");
        assert_eq!(json(&parsed.documents[0]), expected.replace('?', unknown), "{text:?}");
    }
    // Beyond repair: said of the file and of the document.
    let parsed = parse(b"a: {{ .V }}\n---\n{{ if }}\n]\n{{ end }}\n---\nb: 1\n");
    assert_eq!(trouble(&parsed).iter().map(|(why, _)| *why).collect::<Vec<_>>(), [Template, Template]);
    assert_eq!(parsed.documents.len(), 2);
    // An error that no template is to blame for.
    let parsed = parse(b"a: '{{ x }} y'\n---\n]\n");
    assert_eq!((parsed.documents.len(), trouble(&parsed)), (1, vec![(Syntax, 19)]));
}

#[test]
fn depth_and_size_have_limits() {
    for deep in ["[".repeat(20_000), "{a: ".repeat(20_000), "- ".repeat(20_000), "{".repeat(20_000)] {
        let parsed = parse(deep.as_bytes());
        assert!(parsed.documents.is_empty());
        assert_eq!(parsed.broken[0].why, Trouble::Depth, "{:?}", parsed.broken);
        assert_eq!(parsed.broken.len(), 1);
    }
    let just = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(one(&just).len(), MAX_DEPTH);
    // Aliases make a tree deeper than it is written; no path may pass the limit for that.
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for level in 1..2_000 {
        chain += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    let parsed = parse(chain.as_bytes());
    assert!(parsed.broken.iter().all(|broken| broken.why == Trouble::Depth) && !parsed.broken.is_empty());
    let document = &parsed.documents[0];
    let mut deepest = 0;
    let result = document.walk(document.root(), 10_000_000, |at| {
        deepest = deepest.max(at.path.len());
        Next::Enter
    });
    assert_eq!((result, deepest), (Ok(()), MAX_DEPTH));
    // Merge keys that each take over all before them cost the square of their number.
    let mut chain = "a0: &a0 {k0: 1}\n".to_owned();
    for level in 1..2_000 {
        chain += &format!("a{level}: &a{level} {{<<: *a{}, k{level}: 1}}\n", level - 1);
    }
    assert_eq!(parse(chain.as_bytes()).broken[0].why, Trouble::Size);
    let parsed = parse_str("[1, 2, 3]\n---\n[1, 2]\n", 3);
    assert_eq!((parsed.broken[0].why, parsed.documents.len()), (Trouble::Size, 1));
}

#[test]
fn junk_is_no_trouble() {
    let junk: Vec<u8> = (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    parse(&junk);
    for cut in 0..64 {
        parse(&junk[cut..cut + 64]);
    }
    let parsed = parse(b"a: M\xfcller\nb: 1\n");
    assert_eq!(trouble(&parsed), [(Trouble::Syntax, 4)]);
    let document = &parsed.documents[0];
    assert_eq!(document.get_str(document.root(), "a"), Some("M_ller"));
    let text = "{{ a }} {% b %} \"{{\": [&a *a, !x 'y'\n---\n- {{- if }}\n\t|\n  é: >2\n".as_bytes();
    for start in 0..text.len() {
        for end in start..text.len() {
            parse(&text[start..end]);
        }
    }
}
