//! What the JSON parser makes of good and bad texts.

use super::super::{Format, Next, Path, parse as parse_format, to_json};
use super::*;
use crate::text::LineIndex;

fn one(text: &str) -> Document {
    let mut parsed = parse(text.as_bytes());
    assert!(parsed.broken.is_empty(), "{:?}", parsed.broken);
    assert_eq!(parsed.documents.len(), 1, "{text}");
    parsed.documents.remove(0)
}

fn as_json(document: &Document) -> String {
    to_json(document, document.root(), 1000).unwrap().to_string()
}

#[test]
fn values_are_read() {
    let cases = [
        (r#" {"a": [1, -2.5, true, false, null, "x"]} "#, r#"{"a":[1,-2.5,true,false,null,"x"]}"#),
        ("[1,2,]", "[1,2]"), // trailing commas
        ("{\"a\":1,}", r#"{"a":1}"#),
        ("// c\n{ /* d */ \"a\": 1 // e\n }\n/* f */", r#"{"a":1}"#),
        ("\u{feff}[]", "[]"), // a byte-order mark
        (r#""\"\\\/\b\f\n\r\t\u00e9""#, r#""\"\\/\b\f\n\r\té""#),
        (r#""\ud83d\ude00""#, "\"😀\""),                 // a surrogate pair
        (r#""\ud83dx\ude00""#, "\"\u{fffd}x\u{fffd}\""), // lone surrogates
        (r#""\ud83d\u0041""#, "\"\u{fffd}A\""),
        ("18446744073709551616", "1.8446744073709552e+19"), // too large for a whole number
        ("-9223372036854775808", "-9223372036854775808"),
        ("1e999", r#"{"$unknown":"not a finite number"}"#),
        ("0", "0"),
        ("\"tab\there\"", "\"tab\\there\""), // strict JSON forbids it; people do it
        ("{}", "{}"),
    ];
    for (text, expected) in cases {
        assert_eq!(as_json(&one(text)), expected, "{text}");
    }
}

#[test]
fn spans_cover_values_as_written() {
    let text = "// top\r\n{\r\n  \"é\": \"x\\ny\", \"list\": [1,\r\n   {\"k\": null}]\r\n}";
    // path, what it covers, line, column
    let cases = [
        ("", &text[8..], 2, 1),
        ("[\"é\"]", "\"x\\ny\"", 3, 8),
        ("list", "[1,\r\n   {\"k\": null}]", 3, 24),
        ("list[0]", "1", 3, 25),
        ("list[1]", "{\"k\": null}", 4, 4),
        ("list[1].k", "null", 4, 10),
    ];
    let document = one(text);
    let index = LineIndex::new(text.as_bytes());
    let mut seen = Vec::new();
    document
        .walk(document.root(), 100, |at| {
            let span = document.node(at.id).span.unwrap();
            let position = index.position(text.as_bytes(), span.start);
            seen.push((Path(at.path).to_string(), &text[span.range()], position.line, position.column));
            Next::Enter
        })
        .unwrap();
    assert_eq!(seen, cases.map(|(path, text, line, column)| (path.to_owned(), text, line, column)));
    let keys: Vec<&str> =
        document.entries(document.root()).iter().map(|e| &text[e.key_span.unwrap().range()]).collect();
    assert_eq!(keys, ["\"é\"", "\"list\""]);
    assert_eq!(document.comments().iter().map(|span| &text[span.range()]).collect::<Vec<_>>(), ["// top"]);
}

#[test]
fn broken_values_are_left_out_and_named() {
    use Trouble::{DuplicateKey, Syntax, Template};
    // text, documents that stay, trouble, where
    let cases: &[(&str, usize, Trouble, usize)] = &[
        ("{\"a\": 1", 0, Syntax, 0), // the bracket that is never closed
        ("[1, 2", 0, Syntax, 0),
        ("[1 2]", 0, Syntax, 3),
        ("[1}", 0, Syntax, 2),
        ("{\"a\" 1}", 0, Syntax, 5),
        ("{a: 1}", 0, Syntax, 1),
        ("{\"a\": }", 0, Syntax, 6),
        ("\"abc", 0, Syntax, 0),
        ("\"a\nb\"", 0, Syntax, 0), // a quote ends with its line
        ("\"\\x\"", 0, Syntax, 1),
        ("\"\\u12\"", 0, Syntax, 1),
        ("[01]", 0, Syntax, 1),
        ("[1.]", 0, Syntax, 3),
        ("[-]", 0, Syntax, 2),
        ("[truex]", 0, Syntax, 5),
        ("[nul]", 0, Syntax, 1),
        ("/* open", 0, Syntax, 0),
        ("{} x", 0, Syntax, 3),
        ("[,]", 0, Syntax, 1),
        ("{\"a\": 1, \"b\": 2, \"a\": 3}", 1, DuplicateKey, 17),
        ("]", 0, Syntax, 0),
        ("{\"a\": {{ .b }}}", 0, Template, 7),
        ("{%if%}", 0, Template, 1),
    ];
    for (text, documents, why, at) in cases {
        let parsed = parse(text.as_bytes());
        let found: Vec<_> = parsed.broken.iter().map(|broken| (broken.why, broken.span.start)).collect();
        assert_eq!((parsed.documents.len(), found), (*documents, vec![(*why, *at)]), "{text}");
    }
    let twice = parse(b"{\"a\": 1, \"a\": 2}").documents.remove(0);
    assert_eq!(twice.value(twice.get(twice.root(), "a").unwrap()), &Value::Int(2), "the last one counts");
    let many: String = (0..20).map(|n| format!("\"k{}\": {n}, ", n % 19)).collect();
    assert_eq!(parse(format!("{{{many}}}").as_bytes()).broken.len(), 1, "in large maps as well");
}

#[test]
fn each_line_may_hold_a_value() {
    let text = "{\"a\":1}\n{\"b\":}\n{\"c\":3}\n";
    let parsed = parse(text.as_bytes());
    let documents: Vec<String> = parsed.documents.iter().map(as_json).collect();
    assert_eq!(documents, [r#"{"a":1}"#, r#"{"c":3}"#]);
    assert_eq!(parsed.broken.len(), 1);
    assert_eq!(parsed.broken[0].span.start, 13);
    let spans: Vec<_> = parsed.documents.iter().map(|d| d.node(d.root()).span.unwrap()).collect();
    assert_eq!(&text[spans[1].range()], r#"{"c":3}"#);
    // Where a broken value spans lines, no later line is known to be safe.
    let parsed = parse(b"{\"a\":1}\n{\"b\":\n!\n{\"c\":3}\n");
    assert_eq!((parsed.documents.len(), parsed.broken.len()), (1, 1));
    assert_eq!(parse(b"{\"a\":1} {\"b\":2}[]").documents.len(), 3, "several on one line");
}

#[test]
fn bad_input_is_no_trouble() {
    assert!(parse(b"").documents.is_empty() && parse(b"").broken.is_empty());
    assert!(parse(b" \n// only a comment\n").documents.is_empty());
    for deep in ["[".repeat(20_000), "{\"a\":".repeat(20_000), format!("{}{}", "[".repeat(20_000), "]".repeat(20_000))]
    {
        let parsed = parse(deep.as_bytes());
        assert!(parsed.documents.is_empty());
        assert_eq!(parsed.broken.iter().map(|broken| broken.why).collect::<Vec<_>>(), [Trouble::Depth]);
    }
    let just = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(one(&just).len(), MAX_DEPTH);
    let junk: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert!(!parse(&junk).broken.is_empty());
    let parsed = parse(b"{\"a\": \"M\xfcller\", \"b\": 1}");
    assert_eq!(parsed.broken.len(), 1, "said once");
    let document = &parsed.documents[0];
    assert_eq!(document.node(document.get(document.root(), "b").unwrap()).span, Some(Span::new(21, 22)));
    let large = format!("[{}1]", "1,".repeat(MAX_NODES + 1));
    assert_eq!(parse(large.as_bytes()).broken[0].why, Trouble::Size);
    let wide = format!("[{}\"x\"]", "\"0123456789\",".repeat(400_000));
    assert!(wide.len() > 5_000_000);
    assert_eq!(parse_format(Format::Json, wide.as_bytes()).documents[0].len(), 400_002);
}
