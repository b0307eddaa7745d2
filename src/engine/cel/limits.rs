//! Tests that hostile expressions and documents cost a bounded amount of time, memory and stack.

use serde_json::Value as Json;

use super::tests::{document, from, outcome};
use super::*;
use crate::rule::cel::parse;

#[test]
fn steps_and_built_text_are_bounded() {
    let items: Vec<Json> = (0..500).map(Json::from).collect();
    let document = document(&serde_json::json!({ "l": items, "s": "x".repeat(10_000) }));
    let slow = "fails: the expression takes too many steps on this document; take a deeper `each` in the rule, or a simpler condition";
    let large = "fails: the expression builds too much text on this document; take a deeper `each` in the rule, or a simpler condition";
    for (expression, expected) in [
        ("self.l.all(x, x >= 0)", "true"),
        ("self.l.all(a, self.l.all(b, a + b >= 0))", slow),
        // Nothing absorbs a limit: a truth further on must not depend on how far the budget reached.
        ("self.l.all(a, self.l.all(b, a + b >= 0)) || true", slow),
        ("self.l.exists(a, self.l.all(b, self.l.exists(c, a + b + c < 0)))", slow),
        ("self.l.all(a, self.l == self.l)", slow),
        ("self.l.all(a, a in self.l)", slow),
        ("self.l.map(a, self.l + self.l).size() == 1", slow),
        ("self.l.map(a, self.s + self.s).size() == 1", large),
        ("self.s.replace('x', self.s) == ''", large),
        ("self.l.map(a, self.s).join(self.s) == ''", large),
        ("self.s.split('').size() == 10000", "true"),
        // A large text alone is no reason to give up.
        ("self.l.all(a, !self.s.contains('y') && !self.s.matches('y') && self.s.startsWith('x'))", "true"),
        ("self.l.all(a, self.s.matches('x|' + string(a)))", slow),
    ] {
        assert_eq!(outcome(&document, expression), expected, "{expression}");
    }
    let expression = parse("self.l.all(x, x >= 0)").expect("parses");
    let mut evaluator = Evaluator::new(&document).with_steps(50);
    evaluator.bind("self", Binding::Node(document.root()));
    assert!(matches!(evaluator.evaluate(&expression), Outcome::Failed(_)));
}

/// Tokens in any order, from a fixed generator: whatever parses is judged and evaluated, and nothing panics.
#[test]
fn token_soup_never_panics() {
    const TOKENS: [&str; 74] = [
        "self",
        "self",
        "self",
        ".a",
        ".b",
        ".l",
        ".?a",
        ".?b",
        ".s",
        "[",
        "]",
        "[?",
        "(",
        ")",
        "(",
        ")",
        "{",
        "}",
        ",",
        ":",
        "?",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        ">=",
        "in",
        "has(self.a)",
        "has(",
        ".all(x, ",
        ".exists(x, ",
        ".map(x, ",
        ".filter(x, ",
        ".optMap(x, ",
        ".orValue(",
        ".hasValue()",
        ".size()",
        ".matches('^a+$')",
        ".split('', ",
        ".substring(",
        ".replace('', 'é', ",
        ".indexOf('é', ",
        ".lastIndexOf('', ",
        ".charAt(",
        ".join(",
        "size(",
        "int(",
        "string(",
        "type(",
        "x",
        "x",
        "1",
        "0",
        "-1",
        "2u",
        "1.5",
        "1e308",
        "'é'",
        "\"a\\n\"",
        "r'\\'",
        "true",
        "false",
        "null",
        "9223372036854775807",
        "`a b`",
        "optional.of(",
        "'''",
    ];
    let document = from(r#"{"a": 1, "b": {"l": [1, "é", null], "a": "<unknown>"}, "l": [1, 2, [3]], "s": "aéa€"}"#);
    let environment = crate::rule::cel::Environment::new(&["self"]);
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut evaluator = Evaluator::new(&document).with_steps(5_000);
    evaluator.bind("self", Binding::Node(document.root()));
    let (mut parsed, mut answered) = (0, 0);
    for _ in 0..60_000 {
        let source: String = (0..=next(12)).map(|_| TOKENS[next(TOKENS.len())]).collect::<Vec<_>>().join(" ");
        // What is open is closed now and then, so that more of it parses.
        let source = if next(2) == 0 { close(source) } else { source };
        let Ok(expression) = parse(&source) else { continue };
        parsed += 1;
        let _ = crate::rule::cel::check(&expression, &environment);
        answered += usize::from(!matches!(evaluator.evaluate(&expression), Outcome::Failed(_)));
    }
    assert!(parsed > 2_000 && answered > 100, "the soup is too thin: {parsed} parse, {answered} are answered");
}

fn close(mut source: String) -> String {
    let mut open = Vec::new();
    for c in source.chars() {
        match c {
            '(' => open.push(" )"),
            '[' => open.push(" ]"),
            '{' => open.push(" }"),
            ')' | ']' | '}' => _ = open.pop(),
            _ => {}
        }
    }
    source.extend(open.into_iter().rev());
    source
}

/// Documents nest up to 200 deep, and comparing two of that depth needs little stack.
#[test]
fn deep_documents_are_compared_on_a_small_stack() {
    let mut json = serde_json::json!(1);
    for _ in 0..crate::document::MAX_DEPTH / 2 {
        json = serde_json::json!({ "a": [json] });
    }
    let document = document(&serde_json::json!({ "x": json, "y": json }));
    let work = move || outcome(&document, "self.x == self.y && self.x in [1, self.y] && !(self.x == [self.y])");
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("starts");
    assert_eq!(thread.join().expect("does not overflow"), "true");
}

/// As deep and as nested as the parser lets through, evaluated on a small stack.
#[test]
fn deep_expressions_are_evaluated_on_a_small_stack() {
    let work = || {
        let document = from("{}");
        let list = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        for expression in [
            format!("{list} == {list}"),
            format!("{}true{}", "!".repeat(60), ""),
            format!("1{} == 61", "+1".repeat(60)),
            format!("{}true{}", "optional.of(".repeat(30), ").value()".repeat(30)),
            format!("{}true", "false ? false : ".repeat(60)),
        ] {
            assert_eq!(outcome(&document, &expression), "true", "{expression}");
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("starts").join().expect("does not overflow");
}
