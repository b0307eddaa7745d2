//! Tests of evaluation.

use serde_json::Value as Json;

use super::*;
use crate::document::{Builder, Entry, Kind, Value};
use crate::rule::cel::parse;

/// The text that stands for a value that cannot be known.
const UNKNOWN: &str = "<unknown>";

/// A document of this JSON.
pub(super) fn document(json: &Json) -> Document {
    let mut builder = Builder::default();
    let root = add(&mut builder, json);
    builder.finish(Kind::Json, root)
}

fn add(builder: &mut Builder, json: &Json) -> NodeId {
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Value::Int(value),
            None => Value::Float(number.as_f64().expect("a number")),
        },
        Json::String(text) if text == UNKNOWN => Value::Unknown("a template".into()),
        Json::String(text) => Value::Str(text.as_str().into()),
        Json::Array(items) => Value::List(items.iter().map(|item| add(builder, item)).collect()),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(key, value)| entry(key, add(builder, value))).collect())
        }
    };
    builder.add(value, None)
}

pub(super) fn entry(key: &str, value: NodeId) -> Entry {
    Entry { key: key.into(), key_span: None, value, used_at: None }
}

/// What the expression says of the document's root as `self`, in a word or as its message.
pub(super) fn outcome(document: &Document, expression: &str) -> String {
    let expression = match parse(expression) {
        Ok(expression) => expression,
        Err(error) => return format!("does not parse: {error}"),
    };
    let mut evaluator = Evaluator::new(document);
    evaluator.bind("self", Binding::Node(document.root()));
    match evaluator.evaluate(&expression) {
        Outcome::True => "true".to_owned(),
        Outcome::False => "false".to_owned(),
        Outcome::Unknown(unknown) => format!("unknown: {}", unknown.why),
        Outcome::Failed(error) => format!("fails: {error}"),
    }
}

pub(super) fn from(json: &str) -> Document {
    document(&serde_json::from_str(json).expect("the document is JSON"))
}

#[test]
fn is_unknown_only_where_the_answer_hangs_on_it() {
    let document = from(
        r#"{"u": "<unknown>", "v": "<unknown>", "a": 1, "l": [1, "<unknown>", 3], "m": {"k": "<unknown>", "j": 2},
            "lu": ["<unknown>"], "p": {"x": [1, "<unknown>"], "y": 2}, "q": {"x": [1, 5], "y": 2}}"#,
    );
    // expression, answer
    for (expression, expected) in [
        // A value that is not known compares to nothing.
        ("self.u == 1", "unknown: a template"),
        ("self.u != 1", "unknown: a template"),
        ("self.u == self.u", "unknown: a template"),
        ("!(self.u == 1)", "unknown: a template"),
        ("self.u", "unknown: a template"),
        ("self.u.deeper == 1", "unknown: a template"),
        ("size(self.u) > 1", "unknown: a template"),
        ("self.u + 1 == 2", "unknown: a template"),
        ("self.u in [1]", "unknown: a template"),
        ("(self.u == 1) ? true : true", "unknown: a template"),
        // One decided part decides.
        ("false && self.u == 1", "false"),
        ("self.u == 1 && false", "false"),
        ("true || self.u == 1", "true"),
        ("self.u == 1 || true", "true"),
        ("self.u == 1 && true", "unknown: a template"),
        ("self.u == 1 || false", "unknown: a template"),
        ("true ? self.a == 1 : self.u", "true"),
        // Unknown prevails over failed: it may still turn out to be decided.
        ("self.nope || self.u == 1", "unknown: a template"),
        ("self.u == 1 || self.nope", "unknown: a template"),
        ("self.nope && self.u == 1 && false", "false"),
        // Whether it is there is unknown as well: the answer may have been refused.
        ("has(self.u)", "unknown: a template"),
        ("self.?u.hasValue()", "unknown: a template"),
        ("self.?u.orValue(false)", "unknown: a template"),
        ("'k' in self.m", "unknown: a template"),
        ("'j' in self.m", "true"),
        ("has(self.m.j)", "true"),
        // In lists.
        ("self.l.exists(x, x == 3)", "true"),
        ("self.l.exists(x, x == 4)", "unknown: a template"),
        ("self.l.all(x, x == 1)", "false"),
        ("self.l.all(x, x > 0)", "unknown: a template"),
        ("self.l.exists_one(x, x == 1)", "unknown: a template"),
        ("self.l.exists_one(x, x > 0)", "false"),
        ("3 in self.l", "true"),
        ("4 in self.l", "unknown: a template"),
        ("size(self.l) == 3", "true"),
        ("self.l[0] == 1", "true"),
        ("self.l[1] == 1", "unknown: a template"),
        ("self.l.map(x, 1).size() == 3", "unknown: a template"),
        ("self.l.filter(x, x == 1).size() == 1", "unknown: a template"),
        ("self.lu == [1]", "unknown: a template"),
        ("self.lu == [1, 2]", "false"),
        ("self.l == [2, 2, 3]", "false"),
        ("self.p == self.q", "unknown: a template"),
        ("self.p == {'x': [2, 5], 'y': 2}", "false"),
        ("self.m.all(k, k != '')", "true"),
    ] {
        assert_eq!(outcome(&document, expression), expected, "{expression}");
    }
    // The first unknown is named with its node.
    let expression = parse("self.a == 2 || self.v == 1 || self.u == 1").expect("parses");
    let mut evaluator = Evaluator::new(&document);
    evaluator.bind("self", Binding::Node(document.root()));
    let Outcome::Unknown(unknown) = evaluator.evaluate(&expression) else { panic!("it is unknown") };
    assert_eq!(Some(unknown.node), document.get(document.root(), "v"));
}

#[test]
fn failures_read_as_advice_and_hold_no_content() {
    let document = from(r#"{"a": {"b": null}, "secret": "do-not-print", "l": [1], "n": null, "i": 5}"#);
    // expression, message; the text of the document's values stands in none
    for (expression, expected) in [
        (
            "self.a.privileged",
            "fails: there is no `privileged` here; use `self.a.?privileged.orValue(…)`, or ask with `has(self.a.privileged)`",
        ),
        ("self.n.b == 1", "fails: null has no fields or items; use `.?` instead of `.`, which passes over null"),
        ("self.a[self.secret] == 1", "fails: there is no such key here; use `self.a[?self.secret].orValue(…)`"),
        ("self.l[4] == 1", "fails: the list has no such item; use `a[?i].orValue(…)`"),
        ("self.secret", "fails: this must be true or false, and is a string"),
        ("self.secret < 1", "fails: `<` does not work between a string and an int"),
        ("int(self.secret) == 1", "fails: the text does not read as an int"),
        ("self.secret.matches(self.secret + '(')", "fails: the pattern is not valid, or too large"),
        ("self.i.startsWith('a')", "fails: `startsWith()` does not work on an int"),
        ("self.secret.startsWith(1)", "fails: `startsWith()` does not work on an int"),
        ("self.i.all(x, x)", "fails: only lists and maps can be gone through, and this is an int"),
        (
            "self.i.orValue(1) == 1",
            "fails: this wants an optional, and gets an int; an optional comes from `a.?b`, `a[?i]` or `optional.of(x)`",
        ),
        ("self.?z.value() == 1", "fails: there is no value; use `orValue(…)`"),
        ("pod.x == 1", "fails: there is no `pod` for this document"),
        ("self.secret.nope() == 1", "fails: there is no such function"),
        ("self.secret.trim(1) == ''", "fails: this call has the wrong number of arguments"),
        ("self.i / 0 == 1", "fails: this divides by zero"),
        ("[].max() == 1", "fails: `max()` of an empty list is nothing"),
    ] {
        let found = outcome(&document, expression);
        assert_eq!(found, expected, "{expression}");
        assert!(!found.contains("do-not-print"), "{expression}");
    }
}

#[test]
fn list_methods_and_what_the_crate_has_not() {
    let document = from(r#"{"l": [3, 1, 2], "s": ["b", "a"], "e": [], "m": {"a": 1, "b": 2}, "d": [1.5, 2.0]}"#);
    for (expression, expected) in [
        ("self.l.sum() == 6 && self.e.sum() == 0 && self.d.sum() == 3.5", "true"),
        ("self.l.min() == 1 && self.l.max() == 3 && self.s.min() == 'a'", "true"),
        ("self.l.isSorted() || self.s.isSorted()", "false"),
        ("[1, 2, 2].isSorted() && [].isSorted() && ['a'].isSorted()", "true"),
        ("self.l.indexOf(2) == 2 && self.l.indexOf(9) == -1 && [1, 1].lastIndexOf(1) == 1", "true"),
        ("['a'].sum() == 'a'", "fails: `sum` does not work between a string and a string"),
        ("[1, 'a'].max() == 1", "fails: `max` does not work between an int and a string"),
        ("[[1]].isSorted()", "fails: `isSorted` does not work between a list and a list"),
        // Keys come in the document's order.
        ("self.m.map(k, k) == ['a', 'b']", "true"),
        ("self.`m`.a == 1", "true"),
        ("self.l.existsOne(x, x == 1)", "true"),
        ("'é€'.size() == 2 && 'é€x'.substring(1, 2) == '€' && 'é€x'.indexOf('x') == 2", "true"),
        ("('a' + 'é€x').substring(1).charAt(1) == '€'", "true"),
        ("'abab'.lastIndexOf('b', 1) == 1 && 'abab'.lastIndexOf('ab', 1) == 0", "true"),
    ] {
        assert_eq!(outcome(&document, expression), expected, "{expression}");
    }
}

#[test]
fn of_a_name_that_stands_twice_the_last_counts() {
    // Few and many: the keys of large maps are told apart in another way.
    for count in [3, 40] {
        let mut builder = Builder::default();
        let one = builder.add(Value::Int(1), None);
        let two = builder.add(Value::Int(2), None);
        let mut entries: Vec<Entry> = (0..count).map(|at| entry(&format!("k{at}"), one)).collect();
        entries.push(entry("k0", two));
        let root = builder.add(Value::Map(entries), None);
        let document = builder.finish(Kind::Json, root);
        for expression in [
            "self.k0 == 2".to_owned(),
            format!("size(self) == {count}"),
            format!("self.map(k, k).size() == {count}"),
            "self.exists_one(k, k == 'k0')".to_owned(),
            "self.map(k, k)[0] == 'k0' && self.map(k, k)[1] == 'k1'".to_owned(),
        ] {
            assert_eq!(outcome(&document, &expression), "true", "{expression} with {count} keys");
        }
    }
}

#[test]
fn variables_are_bound_anew_and_may_be_text() {
    let document = from(r#"{"a": {"name": "x"}, "b": {"name": "y"}}"#);
    let expression = parse("self.name == key").expect("parses");
    let mut evaluator = Evaluator::new(&document);
    for (key, text, expected) in [("a", "x", Outcome::True), ("b", "x", Outcome::False)] {
        evaluator.bind("self", Binding::Node(document.get(document.root(), key).expect("is there")));
        evaluator.bind("key", Binding::Text(text));
        assert_eq!(evaluator.evaluate(&expression), expected);
    }
    // One expression serves many threads.
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&expression);
}

#[test]
fn what_a_patch_lacks_is_not_known() {
    let document = from(r#"{"a": true, "l": [{"name": "x", "on": true}], "s": ["ALL"], "e": []}"#).into_partial();
    let cases = [
        ("self.a", "true"),
        ("self.?b.orValue(false) == true", "unknown: "),
        ("has(self.b)", "unknown: "),
        ("self.a || has(self.b)", "true"),
        ("'b' in self", "unknown: "),
        // Lists of maps are joined with those of the object; other lists stand for the whole.
        ("self.l.exists(i, i.on)", "true"),
        ("self.l.exists(i, i.name == 'y')", "unknown: "),
        ("self.l.all(i, i.on)", "unknown: "),
        ("self.l.all(i, !i.on)", "false"),
        ("self.l.exists_one(i, i.on)", "unknown: "),
        ("size(self.l) == 1", "unknown: "),
        ("self.s.exists(c, c == 'NONE')", "false"),
        ("'ALL' in self.s", "true"),
        ("size(self.s) == 1", "true"),
        ("self.exists(k, k == 'b')", "unknown: "),
    ];
    for (expression, expected) in cases {
        assert_eq!(outcome(&document, expression), expected, "{expression}");
    }
}
