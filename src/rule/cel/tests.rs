//! Tests of reading and judging.

use super::function::SIGNATURES;
use super::*;

/// The first mistake as `text that is marked: message; help`, or `right`.
fn judged(source: &str) -> String {
    let environment = Environment::new(&["self", "object", "pod"]).with_fields("tls", &["versions", "ciphers"]);
    let error = match parse(source) {
        Err(error) => error,
        Ok(expression) => match check(&expression, &environment) {
            Ok(()) => return "right".to_owned(),
            Err(mut errors) => errors.remove(0),
        },
    };
    format!("{}: {error}", &source[error.span.range()])
}

#[test]
fn mistakes_are_marked_and_explained() {
    // expression, what is marked and said
    for (source, expected) in [
        // Names
        (
            "slef.a == 1",
            "slef: there is no variable `slef`; did you mean `self`? Known here: `self`, `object`, `pod`, `tls`",
        ),
        (
            "self.kind == Deployment",
            "Deployment: there is no variable `Deployment`; known here: `self`, `object`, `pod`, `tls`; text stands in quotes",
        ),
        ("tls.version == 1", "version: `tls` has no field `version`; did you mean `versions`?"),
        ("has(tls.x)", "x: `tls` has no field `x`; its fields are versions, ciphers"),
        ("self.a.startswith('x')", "startswith: there is no method `startswith`; did you mean `startsWith`?"),
        ("self.a.exist(c, c.x)", "exist: there is no method `exist`; did you mean `exists`?"),
        ("self.a.zzz()", "zzz: there is no method `zzz`"),
        ("startsWith(self.a, 'x')", "startsWith: there is no function `startsWith`; write `text.startsWith(text)`"),
        ("hass(self.a)", "hass: there is no function `hass`; did you mean `has`?"),
        (
            "duration('1h') == self.a",
            "duration: there is no function `duration`; times are no part of the rule language; facts give ages in days",
        ),
        ("optional.off(1) == self.a", "optional.off: there is no function `optional.off`; did you mean `optional.of`?"),
        ("all(self.a, x)", "all: there is no function `all`; write `list.all(x, condition)`"),
        // Counts
        ("self.a.contains() ", "self.a.contains(): `contains()` takes 1 argument, not 0; write `text.contains(text)`"),
        (
            "self.a.split(',', 1, 2).size() == 1",
            "self.a.split(',', 1, 2): `split()` takes 1 to 2 arguments, not 3; write `text.split(separator) or text.split(separator, limit)`",
        ),
        // Macros
        (
            "has(self)",
            "self: `has()` wants a field of something; write `has(a.b)`; for a key in quotes write `\"key\" in a`",
        ),
        (
            "has(self.?a)",
            "self.?a: `has()` asks for a field, and `.?` makes an optional; write `has(a.b)` or `a.?b.hasValue()`",
        ),
        (
            "self.l.all(1, true)",
            "1: the first argument here is a name for each value in turn; write `list.all(x, condition)`",
        ),
        (
            "self.l.exists(c.name == 1)",
            "c.: the first argument here is a name for each value in turn; write `list.exists(x, condition)`",
        ),
        (
            "self.l.exists(c)",
            "c): there is a name for each value, but nothing to do with it; write `list.exists(x, condition)`",
        ),
        ("self.l.all(x, true, 1)", ",: there are too many arguments; write `list.all(x, condition)`"),
        (
            "self.l.all(x, x + 1 + 2u)",
            "x + 1 + 2u: `+` does not work between an int and a uint; convert one of them: `double(x)`, `int(x)`",
        ),
        (
            "self.l.all(x, 'a')",
            "'a': the condition must be true or false, and this is a string; compare it with something, with `==` or `!=`",
        ),
        (
            "self.l.all(a, a.all(b, b.all(c, c.all(d, d))))",
            "all: more than 3 loops stand in each other; take a deeper `each` in the rule, so that the rule judges the inner values one by one",
        ),
        // Kinds
        (
            "'a'",
            "'a': the expression must be true or false, and this is a string; compare it with something, with `==` or `!=`",
        ),
        (
            "size(self.a)",
            "size(self.a): the expression must be true or false, and this is an int; compare it with something, with `==` or `!=`",
        ),
        (
            "self.?a.?b",
            "self.?a.?b: the expression must be true or false, and this is an optional; add `.orValue(false)`: `self.?a.?b.orValue(false)`",
        ),
        (
            "!self.?a",
            "self.?a: what `!` stands before must be true or false, and this is an optional; add `.orValue(false)`: `self.?a.orValue(false)`",
        ),
        (
            "self.?a == true",
            "self.?a: `==` cannot look into an optional; say what it is when absent: `self.?a.orValue(…) == …`",
        ),
        (
            "'x' in self.?a",
            "self.?a: `in` cannot look into an optional; say what it is when absent: `self.?a.orValue(…) in …`",
        ),
        (
            "self.?a.exists(x, x)",
            "self.?a: only lists and maps can be gone through, and this is an optional; say what it is when absent: `self.?a.orValue([])`",
        ),
        (
            "self.?a.startsWith('x')",
            "self.?a: `startsWith()` does not work on an optional; say what it is when absent: `self.?a.orValue(…)`",
        ),
        (
            "size(self.?a) == 1",
            "self.?a: `size()` does not work on an optional; say what it is when absent: `self.?a.orValue(…)`",
        ),
        (
            "'a'.orValue('b') == 'a'",
            "'a': this method is for optionals, and this is a string; an optional comes from `a.?b`, `a[?i]` or `optional.of(x)`",
        ),
        ("size(self.a) == '1'", "size(self.a) == '1': an int never equals a string; both sides must be of one kind"),
        (
            "'a' in 'abc'",
            "'a' in 'abc': `in` looks into lists and maps, and this is a string; use `contains()` to look into a string",
        ),
        ("1 + 'a' == 2", "1 + 'a': `+` does not work between an int and a string"),
        (
            "1.5 + 1 == 2.5",
            "1.5 + 1: `+` does not work between a double and an int; convert one of them: `double(x)`, `int(x)`",
        ),
        ("(1).startsWith('a')", "1: `startsWith()` does not work on an int; write `text.startsWith(text)`"),
        ("'a'.b == 1", "b: a string has no fields"),
        ("'abc'[0] == 'a'", "'abc': a string cannot be indexed; use `charAt()` or `substring()`"),
        ("[1]['a'] == 1", "'a': a string cannot be an index here"),
        ("{[1]: 2} == {}", "[1]: a key is a string, a whole number or a bool, and this is a list"),
        // Patterns
        (
            "self.a.matches('a(')",
            "'a(': the pattern is not valid: unclosed group; patterns are regular expressions without look-around and back-references",
        ),
        (
            "self.a.matches('(?=x)')",
            "'(?=x)': the pattern is not valid: look-around, including look-ahead and look-behind, is not supported; patterns are regular expressions without look-around and back-references",
        ),
        // Syntax
        ("", ": there is no expression"),
        ("self.a = 1", "=: expected the end or an operator, found `=`; \"equals\" is written `==`"),
        ("self.a and self.b", "and: expected the end or an operator, found `and`; \"and\" is written `&&`"),
        ("self.a & self.b", "&: `&` has no meaning here; \"and\" is written `&&`"),
        ("self.a == 'x", "'x: this string has no end; a string over several lines stands between three quotes"),
        ("self.a == 1 +", ": expected a value, found the end"),
        ("(self.a", ": expected `)`, found the end"),
        ("self.", ": expected a field name, found the end"),
        ("self.in == 1", "in: expected a field name, found `in`; write `[\"in\"]` for a key of that name"),
        (
            "self.a.matches('\\d')",
            "\\d: this escape has no meaning in a string; for a pattern write `r\"…\"`, in which a backslash is plain",
        ),
        ("b'x' == self.a", "b'x': bytes are no part of the rule language; documents hold text only; leave out the `b`"),
        ("99999999999999999999 == self.a", "99999999999999999999: this number does not fit into int"),
        ("self.a == 12ab", "12ab: this is no number"),
        ("self.a == '\\ud800'", "\\ud800: this escape has no meaning in a string; write `\\\\` for a backslash"),
        ("while == 1", "while: `while` is a reserved word"),
        (
            "self.`a\n` == 1",
            "`: this quoted name has no end; between backquotes stand letters, digits and `_.-/ `; for other keys write `a[\"key\"]`",
        ),
    ] {
        assert_eq!(judged(source), expected, "{source}");
    }
}

#[test]
fn what_could_be_right_passes() {
    for source in [
        "self.?securityContext.?privileged.orValue(false) == true",
        "self.a",
        "self.a == null && null != 'a'",
        "has(self.a) && self.namespace.matches(r'^\\d+$')",
        "pod.?volumes.orValue([]).exists(v, has(v.hostPath) && v.hostPath.path.startsWith('/'))",
        "object.metadata.labels['app.kubernetes.io/name'] == self.name",
        "1 < 2.5 && 1u < 2 && 'a' < 'b'",
        "self.l.all(a, a.exists(b, b.exists_one(c, c == a)))",
        "type(self.a) == string || type(self.a) == list",
        "self.?a == self.?b || self.?a == optional.none()",
        "self.?a.optMap(x, x == 1).orValue(false)",
        "self.m[?'k'].orValue({}).?x.hasValue()",
        "(self.a ? [1] : self.b).exists(x, x == 1)",
        "tls.versions.exists(v, v == 'TLSv1')",
        "self.l[0] + 1 == 2 && -self.x < 0",
        "{'a': 1, ?'b': self.?b}.size() > 1",
    ] {
        assert_eq!(judged(source), "right", "{source}");
    }
}

#[test]
fn every_mistake_is_said_in_the_order_of_the_text() {
    let expression = parse("sef.a == 1 && self.b.startWith('x') && obj.c").expect("parses");
    let errors = check(&expression, &Environment::new(&["self", "object"])).expect_err("is wrong");
    let marked: Vec<&str> = errors.iter().map(|error| &expression.source()[error.span.range()]).collect();
    assert_eq!(marked, ["sef", "startWith", "obj"]);
}

/// Nesting, chains and mere length end in an error, not in a full stack; on a thread with little of it.
#[test]
fn depth_and_size_are_bounded() {
    let many = |count: usize, open: &str, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(count), close.repeat(count))
    };
    let work = move || {
        let deep = "nests deeper than 64 levels";
        for (source, expected) in [
            (many(20_000, "(", "1", ")"), "longer than 16384 bytes"),
            (many(8_000, "(", "1", ")"), deep),
            (many(8_000, "[", "1", "]"), deep),
            (many(65, "(", "true", ")"), deep),
            (many(3_000, "{1:", "1", "}"), deep),
            (many(16_000, "!", "true", ""), deep),
            (many(16_000, "-", "1", ""), deep),
            (many(3_000, "- ", "self", ""), deep),
            (many(8_000, "", "a", ".a"), deep),
            (many(5_000, "", "a", "[0]"), deep),
            (many(3_000, "a?1:", "1", ""), deep),
            (many(3_000, "", "1", "+1"), deep),
            (many(3_000, "", "1", "==1"), deep),
            (many(2_000, "size(", "1", ")"), deep),
            (many(1_500, "", "a", ".trim()"), deep),
            (many(1_500, "", "[]", ".map(x,1)"), deep),
            (many(1_000, "[1].map(x,", "1", ")"), "more than 3 loops"),
            (many(2_500, "1||", "1", ""), "more than 2000 parts"),
            (format!("[{}]", "1,".repeat(3_000)), "more than 2000 parts"),
            (many(16_000, "(", "", ""), deep),
        ] {
            let error = parse(&source).expect_err("is refused");
            assert!(error.message.contains(expected), "{:.20}…: {error}", source);
        }
        // What is allowed can be judged without a deep stack too, and long chains of `||` are.
        for source in [
            many(63, "(", "true", ")"),
            many(60, "!", "true", ""),
            many(60, "", "self", ".a"),
            many(300, "self.a||", "self.b", ""),
        ] {
            let expression = parse(&source).expect("is allowed");
            check(&expression, &Environment::new(&["self"])).expect("is right");
        }
    };
    // Debug frames are several times those of a release.
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("starts").join().expect("does not overflow");
}

#[test]
fn the_table_of_functions_is_whole() {
    for row in SIGNATURES {
        assert_eq!(row.function.name(), row.name, "each function has one row");
        assert!(row.global.is_some() || row.method.is_some(), "{}", row.name);
        assert!(row.usage.contains(row.name), "{}", row.usage);
    }
}

#[test]
fn literals_are_read() {
    for (source, expected) in [
        ("-9223372036854775808", Expr::Int(i64::MIN)),
        ("0x7fU", Expr::Uint(127)),
        ("-0x10", Expr::Int(-16)),
        (".5", Expr::Double(0.5)),
        ("-1.5e-3", Expr::Double(-0.0015)),
        (r#""a\"\x41\u00e9\U0001F600\101\n\`\?""#, Expr::Text("a\"Aé😀A\n`?".into())),
        (r"r'a\d\'", Expr::Text(r"a\d\".into())),
        ("'''a'b\n'''", Expr::Text("a'b\n".into())),
        ("\"\"", Expr::Text("".into())),
        ("\"\"\"\"\"\"", Expr::Text("".into())),
    ] {
        let expression = parse(source).expect(source);
        assert_eq!(expression.expr(expression.root()), &expected, "{source}");
    }
}
