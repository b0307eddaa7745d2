//! The same expressions over the same documents through the `cel` crate and through ours.
//!
//! The crate is the reference: where the two differ, the row says how and the list says why.

use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Env, Value as Theirs};

use super::tests::{document, outcome};

/// `true`, `false`, or `fails`: whether the text differs in an error is of no interest.
fn crate_says(env: &Arc<Env>, expression: &str, json: &serde_json::Value) -> &'static str {
    let Ok(program) = env.compile(expression) else { return "fails" };
    let mut context = Context::with_env(Arc::clone(env));
    context.add_variable_from_value("self", their_value(json));
    match program.execute(&context) {
        Ok(Theirs::Bool(true)) => "true",
        Ok(Theirs::Bool(false)) => "false",
        _ => "fails",
    }
}

/// Whole numbers as int, as documents hold them; the crate's own conversion makes positive ones uint.
pub(super) fn their_value(json: &serde_json::Value) -> Theirs {
    match json {
        serde_json::Value::Null => Theirs::Null,
        serde_json::Value::Bool(value) => Theirs::Bool(*value),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Theirs::Float(number.as_f64().expect("a number")), Theirs::Int)
        }
        serde_json::Value::String(text) => Theirs::String(Arc::new(text.clone())),
        serde_json::Value::Array(items) => Theirs::List(Arc::new(items.iter().map(their_value).collect())),
        serde_json::Value::Object(entries) => {
            let entries: HashMap<String, Theirs> =
                entries.iter().map(|(key, value)| (key.clone(), their_value(value))).collect();
            entries.into()
        }
    }
}

pub(super) fn reference() -> Arc<Env> {
    let mut env = Env::stdlib().with_optional_support(true);
    env.add_extension(cel::extensions::strings).expect("the extension fits");
    Arc::new(env)
}

/// A container, as most rules see it.
const CONTAINER: &str = r#"{"name": "web", "image": "example.org/web:1.2@sha256:ab", "ports": [{"containerPort": 80},
    {"containerPort": 443, "hostPort": 443}], "env": [{"name": "MODE", "value": "prod"}, {"name": "X"}],
    "securityContext": {"privileged": true, "runAsUser": 0, "capabilities": {"drop": ["ALL"], "add": []}}}"#;

/// One value of each kind.
const KINDS: &str = r#"{"n": null, "t": true, "f": false, "i": 7, "neg": -3, "big": 9007199254740993, "d": 1.5,
    "w": 2.0, "s": "Straße", "e": "", "l": [3, 1, 2], "ls": ["a", "b", "a"], "le": [], "m": {"a": 1, "b": {"c": "x"}},
    "me": {}, "mixed": [1, "a", null, true, 1.5], "in": 1}"#;

#[rustfmt::skip]
const ON_CONTAINER: &[&str] = &[
    "self.securityContext.privileged", "self.securityContext.privileged == true", "!self.securityContext.privileged",
    "self.name == 'web'", "self.name != \"web\"", "self.nope == 1", "self.nope", "has(self.nope)", "has(self.name)",
    "has(self.securityContext.capabilities)", "has(self.securityContext.nope)", "has(self.nope.deeper)",
    "has(self.securityContext) && self.securityContext.runAsUser == 0", "has(self.nope) && self.nope.x == 1",
    "self.?securityContext.?privileged.orValue(false)", "self.?nope.?privileged.orValue(false)",
    "self.?nope.orValue(true)", "self.?securityContext.privileged.orValue(false)",
    "self.?nope.deeper.still.orValue(7) == 7", "self.?name.hasValue()", "self.?nope.hasValue()",
    "self.?name.value() == 'web'", "self.?nope.value() == 'web'", "self.?nope.or(self.?name).value() == 'web'",
    "self.?nope.or(optional.none()).hasValue()", "optional.of(1).value() == 1", "optional.of(self.name).orValue('x') == 'web'",
    "self.?name.optMap(n, n + '!').orValue('') == 'web!'", "self.?nope.optMap(n, n + '!').orValue('-') == '-'",
    "self.?securityContext.optFlatMap(s, s.?runAsUser).orValue(9) == 0",
    "self.?securityContext.optFlatMap(s, s.?nope).orValue(9) == 9", "self[?'name'].orValue('') == 'web'",
    "self[?'nope'].orValue('') == ''", "self.ports[?5].hasValue()", "self.ports[?1].hostPort.orValue(0) == 443",
    "self.ports[0].containerPort == 80", "self.ports[2].containerPort == 80", "self.ports[-1].containerPort == 80",
    "self['name'] == 'web'", "self['nope'] == 'web'", "'name' in self", "'nope' in self", "!('nope' in self)",
    "'ALL' in self.securityContext.capabilities.drop", "'ALL' in self.securityContext.capabilities.add",
    "self.ports.all(p, has(p.containerPort))", "self.ports.all(p, p.hostPort == 0)", "self.ports.all(p, p.hostPort > 0)",
    "self.ports.exists(p, p.hostPort == 443)", "self.ports.exists(p, p.hostPort == 444)",
    "self.ports.exists(p, p.containerPort == 443)", "self.ports.exists_one(p, p.containerPort == 80)",
    "self.ports.exists_one(p, p.hostPort == 443)", "self.ports.exists_one(p, p.containerPort > 1)",
    "self.ports.map(p, p.containerPort) == [80, 443]", "self.ports.map(p, has(p.hostPort), p.hostPort) == [443]",
    "self.ports.filter(p, p.containerPort > 100).size() == 1", "self.ports.filter(p, has(p.hostPort))[0].hostPort == 443",
    "self.env.exists(e, e.name == 'MODE' && e.?value.orValue('') == 'prod')",
    "self.env.all(e, e.?value.orValue('') == '')", "self.securityContext.all(k, k != 'x')",
    "self.securityContext.exists(k, k.startsWith('run'))", "self.securityContext.map(k, k).size() == 3",
    "self.securityContext.filter(k, self.securityContext[k] == true) == ['privileged']",
    "self.image.contains('@sha256:')", "self.image.startsWith('example.org/')", "self.image.endsWith('ab')",
    "self.image.matches('^[a-z.]+/')", "self.image.matches(':latest$')", "matches(self.name, 'e')",
    "self.image.split('/').size() == 2", "self.image.split(':')[1].split('@')[0] == '1.2'",
    "self.image.indexOf(':') > 0", "self.image.substring(0, 7) == 'example'",
    "self.ports.exists(p, self.env.exists(e, e.name == 'X' && p.containerPort == 80))",
    "self.ports.map(p, self.env.map(e, e.name)).size() == 2", "self.ports.exists(p, p.containerPort == 80 ? true : p.nope)",
    "true || self.nope", "self.nope || true", "false && self.nope", "self.nope && false", "self.nope || false",
    "self.nope && true", "self.nope ? true : false", "true ? true : self.nope", "size(self.ports) == 2", "self.size() == 5",
    "type(self.name) == string", "type(self.ports) == list", "type(self) == map", "self.name", "self.ports.size()",
    "self.ports == self.ports", "self.securityContext == self.env", "self.securityContext.capabilities == {'drop': ['ALL'], 'add': []}",
];

#[rustfmt::skip]
const ON_KINDS: &[&str] = &[
    "self.n == null", "self.i == null", "null == self.n", "self.n != null", "self.n == false", "self.i == 7", "self.i == 7u",
    "self.i == 7.0", "self.i == '7'", "self.w == 2", "self.d == 1", "self.i < 8", "self.i < 7.5", "self.i < 7u",
    "self.i <= 7", "self.i >= 7.0", "self.neg < 0u", "self.neg > 0u", "self.i < 'a'", "self.s < 'T'", "self.f < self.t",
    "self.n < 1", "self.l < [1]", "self.big == 9007199254740992.0", "self.big > 9007199254740992.0",
    "self.i + 1 == 8", "self.i + 1.0 == 8.0", "self.i - 8 == -1", "self.i * 2 == 14", "self.i / 2 == 3", "self.neg / 2 == -1",
    "self.neg % 2 == -1", "self.i % 0 == 0", "self.i / 0 == 0", "self.d / 0.0 > 1.0", "self.d + 0.5 == 2.0",
    "9223372036854775807 + self.i > 0", "-9223372036854775808 - self.i < 0", "-self.i == -7", "-self.s == ''",
    "-(-9223372036854775807 - 1) > 0", "1u - 2u == 0u", "7u / 2u == 3u", "-9223372036854775808 < 0", "0x10 == 16", "0xFFu == 255u",
    "1e3 == 1000.0", ".5 == 0.5", "1.5e-1 == 0.15",
    "self.s + '!' == 'Straße!'", "self.s + 1 == ''", "self.s.size() == 6", "size(self.e) == 0", "self.s.contains('ß')",
    "self.s.lowerAscii() == 'straße'", "self.s.upperAscii() == 'STRAßE'", "self.s.charAt(4) == 'ß'", "self.s.charAt(6) == ''",
    "self.s.charAt(7) == ''", "self.s.indexOf('e') == 5", "self.s.indexOf('x') == -1", "self.s.indexOf('') == 0",
    "self.s.indexOf('a', 4) == -1", "self.s.lastIndexOf('a') == 3", "self.s.lastIndexOf('a', 2) == -1",
    "self.s.lastIndexOf('a', 3) == 3", "self.s.lastIndexOf('') == 6", "'banana'.lastIndexOf('ana', 2) == 1",
    "self.s.substring(4) == 'ße'", "self.s.substring(4, 5) == 'ß'", "self.s.substring(5, 4) == ''", "self.s.substring(7) == ''",
    "self.s.substring(6) == ''", "self.s.replace('a', 'o') == 'Stroße'", "'aaa'.replace('a', 'b', 2) == 'bba'",
    "'aaa'.replace('a', 'b', -1) == 'bbb'", "'aaa'.replace('a', 'b', 0) == 'aaa'", "'ab'.replace('', '-') == '-a-b-'",
    "'a,b,c'.split(',') == ['a', 'b', 'c']", "'a,b,c'.split(',', 2) == ['a', 'b,c']", "'a,b,c'.split(',', 1) == ['a,b,c']",
    "'a,b,c'.split(',', 0) == []", "'a,b,c'.split(',', -1).size() == 3", "''.split(',') == ['']", "'abc'.split('') == ['a', 'b', 'c']",
    "self.ls.join() == 'aba'", "self.ls.join('-') == 'a-b-a'", "[].join('-') == ''", "self.l.join() == ''", "'  x\\t\\n'.trim() == 'x'",
    "self.s.startsWith(1)", "self.i.startsWith('7')", "self.s.matches('^\\\\w+$')", "self.s.matches('(')", "self.s.matches(self.e)",
    "self.l + [4] == [3, 1, 2, 4]", "self.l[0] == 3", "self.l[3] == 3", "self.l['0'] == 3", "self.l[0u] == 3", "self.l[0.0] == 3",
    "2 in self.l", "2.0 in self.l", "2u in self.l", "'2' in self.l", "5 in self.l", "null in self.mixed", "1.5 in self.mixed",
    "self.le == []", "self.me == {}", "self.le.size() == 0", "self.le.all(x, false)", "self.le.exists(x, true)",
    "self.mixed.exists(x, x == 'a')", "self.mixed.exists(x, x > 'A')", "self.mixed.all(x, x > 100)", "self.mixed.all(x, x != 3)",
    "self.mixed.exists_one(x, x == 1)", "self.mixed.exists_one(x, x < 2)", "self.mixed.map(x, x).size() == 5",
    "self.m.a == 1", "self.m['a'] == 1", "self.m.b.c == 'x'", "self.m.a.c == 'x'", "has(self.m.a.c)", "has(self.n.c)",
    "self.n.c == 1", "self.?n.?c.orValue(1) == 1", "self.m.?a.?c.orValue(5) == 5", "self.s.?x.hasValue()", "self.l.?x.hasValue()", "self.s[?0].hasValue()", "self.i[?'a'].hasValue()", "self.n[?'a'].hasValue()",
    "self.l[?'a'].hasValue()", "self.m[?1].hasValue()", "self[?'m'].a.hasValue()", "self[?'m'][?'a'].orValue(0) == 1", "has(self.?m.a)", "self.le[0] == 1", "self.le[?0].orValue(4) == 4",
    "[1, 2].exists(x, self.l.exists(y, y == x && x == 2))", "[3, 1].map(x, x > 2, x) == [3]", "{'a': 1}.all(k, k == 'a')", "[1].exists(self, self == 1)", "self.?n.hasValue()",
    "self.?n.orValue(1) == 1", "1 in self.m", "self.m[1] == 1", "self.m == {'b': {'c': 'x'}, 'a': 1.0}", "self.i.all(x, x)",
    "self.s.all(x, x == 'S')", "self.n.all(x, x)", "size(self.i) == 1", "self.i in self.i", "'a' in self.ls", "'S' in self.s",
    "{1: 'a'}[1] == 'a'", "{1: 'a'}[1u] == 'a'", "{1: 'a'}[1.0] == 'a'", "{true: 1}[true] == 1", "{'a': 1, 'a': 2}.size() == 2",
    "{1.5: 1}.size() == 1", "{'k': self.i}.k == 7", "[1, 2 == 2, 'x'].size() == 3", "[?self.?nope, ?self.?i].size() == 1",
    "{?'a': self.?nope}.size() == 0", "int('12') == 12", "int('x') == 12", "int(1.9) == 1", "int(-1.9) == -1", "int(1e300) == 1",
    "int(5u) == 5", "int(true) == 1", "uint(5) == 5u", "uint(-1) == 0u", "uint('5') == 5u", "double(2) == 2.0", "double('1.5') == 1.5",
    "string(7) == '7'", "string(1.5) == '1.5'", "string(true) == 'true'", "string(7u) == '7'", "string(self.l) == ''", "bool('true')",
    "bool('f')", "bool('x')", "bool(1)", "type(1) == int", "type(1u) == uint", "type(self.d) == double", "type(null) == null_type",
    "type(self.t) == bool", "type(type(1)) == type", "dyn(1) == 1", "[1] == [1.0]", "[1, 'a'] == ['a', 1]", "{'a': [1]} == {'a': [1u]}",
    "1 == 1 == true", "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "10 - 3 - 2 == 5", "2 * 3 % 4 == 2", "!false && false", "!!true",
    "true || false && false", "false ? 1 == 2 : true", "true ? false : true ? true : true", "1 < 2 && 2 < 3", "1 in [1] == true",
    "r'\\d' == '\\\\d'", "'''a'b''' == \"a'b\"", "'\\x41\\u00e9\\101' == 'AéA'", "'a\\'b' == \"a'b\"", "\"\"\"x\ny\"\"\" == 'x\\ny'",
    "1 // a comment\n == 1", "self.?i.orValue(0) + 1 == 8", "self.m.exists(k, self.m[k] == 1)", "[[1, 2], [3]].exists(l, l.exists(x, x == 3))",
    "[1, 2, 3].filter(x, x > 1).map(x, x * 2) == [4, 6]", "[3, 1].map(x, [x, x]).size() == 2", "self.`in` == 1", "self['in'] == 1",
    "1.0 == 1", "1 != '1'", "'a' < 'b'", "'a' < 'B'", "true > false", "1 = 1", "self.", "", "1 +", "(1", "'a", "foo == 1", "self.exist(x, x)",
    "optional.none() == optional.none()", "optional.of(1) == optional.of(1.0)", "optional.of(1) == 1", "optional.ofNonZeroValue(0).hasValue()",
    "optional.ofNonZeroValue('a').hasValue()", "optional.ofNonZeroValue([]).hasValue()",
];

/// Expression, what the crate says, what we say, why.
#[rustfmt::skip]
const DIVERGENCES: &[(&str, &str, &str, &str)] = &[
    ("self.big == 9007199254740992.0", "true", "false", "the crate rounds the int to a double; the CEL definition compares mathematically"),
    ("self.big > 9007199254740992.0", "false", "true", "the same"),
    ("self.s.matches('^\\\\w+$')", "true", "false", "RE2's `\\w` is ASCII, as Kubernetes has it"),
    ("has(self.n.c)", "fails", "false", "a field without value and no field are one in a manifest, and the API server drops it before CEL sees it"),
    ("self.`in` == 1", "fails", "true", "names in backquotes are an option of the crate that is off by default"),
];

#[test]
fn says_what_the_crate_says() {
    let env = reference();
    let mut differences = Vec::new();
    let mut count = 0;
    for (json, expressions) in [(CONTAINER, ON_CONTAINER), (KINDS, ON_KINDS)] {
        let json: serde_json::Value = serde_json::from_str(json).expect("the document is JSON");
        let document = document(&json);
        for expression in expressions {
            count += 1;
            let theirs = crate_says(&env, expression, &json);
            let ours = match outcome(&document, expression).as_str() {
                "true" => "true",
                "false" => "false",
                _ => "fails",
            };
            let listed = DIVERGENCES.iter().find(|row| row.0 == *expression).map(|row| (row.1, row.2));
            if theirs != ours && listed != Some((theirs, ours)) {
                differences.push(format!("{expression}: the crate {theirs}, we {ours}"));
            } else if theirs == ours && listed.is_some() {
                differences.push(format!("{expression}: listed as a divergence, but both say {ours}"));
            }
        }
    }
    assert!(
        count >= 300 && differences.is_empty(),
        "{} of {count} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
    for row in DIVERGENCES {
        assert!(ON_CONTAINER.contains(&row.0) || ON_KINDS.contains(&row.0), "{} is in no table", row.0);
    }
}
