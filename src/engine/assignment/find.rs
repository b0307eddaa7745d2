//! From a keyword hit to the assignment around it.
//!
//! Reads the name, then looks at the few bytes after it that tell the syntax; most hits end there.

use super::after::Operator;
use super::language::Language;
use super::scene::{Quote, Scene};
use super::value::Value;
use super::{Candidate, REACH, Syntax};
use crate::text::Span;

/// How far a name may reach to either side of the keyword.
const NAME_REACH: usize = 96;

/// Words that belong to the next one although a blank stands between: "API key", "client secret".
#[rustfmt::skip]
const JOINING: &[&[u8]] = &[
    b"api", b"access", b"account", b"admin", b"app", b"application", b"auth", b"authentication",
    b"authorization", b"bearer", b"bind", b"client", b"consumer", b"customer", b"database", b"db",
    b"encryption", b"identified", b"integration", b"ldap", b"license", b"master", b"oauth", b"personal",
    b"primary", b"private", b"public", b"refresh", b"registration", b"root", b"secondary", b"secret",
    b"security", b"service", b"session", b"shared", b"signing", b"smtp", b"storage", b"subscription", b"user",
    b"webhook", b"write", b"deploy", b"sdk", b"foreign", b"read",
];

/// A name where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) span: Span,
    /// The quotation mark that ends it, if it stands in quotes.
    pub(super) quote: Option<Quote>,
}

impl Named {
    /// Where the syntax after the name begins.
    pub(super) fn end(&self) -> usize {
        self.span.end + self.quote.map_or(0, |quote| quote.len)
    }

    /// Where the name with its opening quotation mark begins.
    pub(super) fn start(&self) -> usize {
        self.span.start.saturating_sub(self.quote.map_or(0, |quote| quote.len))
    }
}

/// Returns the assignment whose name holds `at`, a keyword hit; none if there is no value beside that name.
pub fn assignment_at(text: &[u8], at: Span, language: Language) -> Option<Candidate> {
    if at.end > text.len() || at.is_empty() {
        return None;
    }
    let scene = Scene { text, language };
    let mut named = name_around(&scene, at)?;
    let (value, syntax) = match value_of(&scene, &mut named) {
        Some(found) => found,
        None => (scene.glued(&mut named, at)?, Syntax::Glued),
    };
    if value.span.is_empty() {
        return None;
    }
    if syntax == Syntax::Assigned && named.quote.is_none() && !matches!(language, Language::Json | Language::Xml) {
        named.span = Span::new(scene.spoken_start(named.span), named.span.end);
    }
    Some(Candidate {
        name: named.span,
        value: value.span,
        quoted: value.quoted,
        followed: value.followed,
        commented: scene.in_comment(named.span.start),
        syntax,
    })
}

/// Tries the syntaxes, cheapest test first.
fn value_of(scene: &Scene, named: &mut Named) -> Option<(Value, Syntax)> {
    if let Some(found) = scene.element(named) {
        return Some(found);
    }
    if let Some(value) = scene.entry(named) {
        return Some((value, Syntax::Entry));
    }
    if let Some(found) = scene.expanded_default(named) {
        return Some(found);
    }
    match scene.operator(named) {
        Operator::Is { at, .. } if named.quote.is_none() && scene.is_query(named.span) => {
            scene.query_value(at).map(|value| (value, Syntax::Query))
        }
        Operator::Is { .. } if is_verdict(scene, named) => None,
        Operator::Is { at, spaced_type } => {
            if scene.closes_literal(named, at) {
                return None;
            }
            if let Some(value) = scene.quoted_value(at) {
                return Some((value, Syntax::Assigned));
            }
            if spaced_type {
                return None;
            }
            scene.right_side(named, at)
        }
        Operator::Equals(at) => scene.quoted_value(at).map(|value| (value, Syntax::Compared)),
        Operator::Open(at) => scene.argument(named, at).map(|value| (value, Syntax::Call)),
        Operator::Comma(at) => scene.quoted_value(at).map(|value| (value, Syntax::Argument)),
        Operator::Beside(at) => scene.beside(named, at),
        Operator::None => None,
    }
}

/// Whether it is the verdict of a test, as logs begin their lines: `PASS: name of the test`.
fn is_verdict(scene: &Scene, named: &Named) -> bool {
    scene.slice(named.span) == b"PASS"
        && scene.byte(named.span.end) == b':'
        && matches!(scene.language, Language::Unknown | Language::Prose)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The whole name around a keyword; none if it is too long to be one.
fn name_around(scene: &Scene, at: Span) -> Option<Named> {
    let mut start = scene.back(at.start, is_name_byte);
    let mut end = scene.past(at.end, is_name_byte);
    if at.start - start > NAME_REACH || end - at.end > NAME_REACH {
        return None;
    }
    while start < at.start && matches!(scene.byte(start), b'-' | b'.') {
        start += 1;
    }
    // `n` of a line feed written `\n` is no letter of the name.
    if scene.before(start) == b'\\' && matches!(scene.byte(start), b'n' | b'r' | b't') && start < at.start {
        start += 1;
    }
    while end > at.end && matches!(scene.byte(end - 1), b'-' | b'.') {
        end -= 1;
    }
    let quote = scene.quote(end);
    let Some(quote) = quote else {
        let start = joined_start(scene, Span::new(start, end));
        return Some(Named { span: Span::new(start, end), quote: None });
    };
    if scene.quote_ends_at(start, quote) {
        return Some(Named { span: Span::new(start, end), quote: Some(quote) });
    }
    // Blanks and separators inside a quoted name: "API Key", 'db:password', "X (password)".
    let wide = scene.back(start, |byte| is_name_byte(byte) || matches!(byte, b' ' | b':' | b'/' | b'@' | b'(' | b'+'));
    if start - wide <= 48 && scene.quote_ends_at(wide, quote) {
        return Some(Named { span: Span::new(wide, end), quote: Some(quote) });
    }
    start = joined_start(scene, Span::new(start, end));
    Some(Named { span: Span::new(start, end), quote: None })
}

/// Where a name of one plain word begins when words before it join, at most two: "API key".
fn joined_start(scene: &Scene, name: Span) -> usize {
    let mut start = name.start;
    let word = scene.slice(name);
    let inner_upper = word.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    if inner_upper || !word.iter().all(u8::is_ascii_alphabetic) {
        return start;
    }
    for _ in 0..2 {
        if scene.before(start) != b' ' {
            break;
        }
        let word = scene.back(start - 1, |byte| byte.is_ascii_alphabetic());
        let joins = start - 1 - word < REACH
            && JOINING.iter().any(|known| scene.slice(Span::new(word, start - 1)).eq_ignore_ascii_case(known));
        if !joins {
            break;
        }
        start = word;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::assignment::language_of;

    /// Texts with `[name]`, `{value}` left out: (file name, text, keyword, wanted name, wanted value, syntax).
    type Case = (&'static str, &'static str, &'static str, &'static str, &'static str, Syntax);

    const CASES: &[Case] = &[
        (".env", "DB_PASSWORD=hunter2 # old\n", "password", "DB_PASSWORD", "hunter2", Syntax::Assigned),
        (".env", "export TOKEN='a b'", "token", "TOKEN", "a b", Syntax::Assigned),
        ("a.yaml", "db:\n  password: s3cr3t pass\n", "password", "password", "s3cr3t pass", Syntax::Assigned),
        ("a.yaml", "a: {password: x1y2, user: b}", "password", "password", "x1y2", Syntax::Assigned),
        ("a.yaml", "- name: DB_PASSWORD\n  value: hunter2\n", "password", "DB_PASSWORD", "hunter2", Syntax::Entry),
        (
            "a.json",
            r#"{"name": "DB_PASSWORD", "value": "hunter2"}"#,
            "password",
            "DB_PASSWORD",
            "hunter2",
            Syntax::Entry,
        ),
        ("a.json", r#"{"apiKey": "x1y2"}"#, "api", "apiKey", "x1y2", Syntax::Assigned),
        ("a.json", r#"{"s": "{\"password\": \"x1y2\"}"}"#, "password", "password", "x1y2", Syntax::Assigned),
        ("a.toml", "db.password = 'x1y2'", "password", "db.password", "x1y2", Syntax::Assigned),
        ("a.rb", ":password => 'x1y2',", "password", "password", "x1y2", Syntax::Assigned),
        ("a.go", "password := \"x1y2\"", "password", "password", "x1y2", Syntax::Assigned),
        ("a.go", "var password string = \"x1y2\"", "password", "password", "x1y2", Syntax::Assigned),
        ("a.rs", "const API_KEY: &'static str = \"x1y2\";", "api", "API_KEY", "x1y2", Syntax::Assigned),
        ("a.ts", "private apiKey?: string = 'x1y2'", "api", "apiKey", "x1y2", Syntax::Assigned),
        ("a.c", "char password[32] = \"x1y2\";", "password", "password", "x1y2", Syntax::Assigned),
        ("a.php", "$config['password'] = 'x1y2';", "password", "password", "x1y2", Syntax::Assigned),
        ("a.php", "define('DB_PASSWORD', 'x1y2');", "password", "DB_PASSWORD", "x1y2", Syntax::Argument),
        ("a.py", "os.environ[\"TOKEN\"] = \"x1y2\"", "token", "TOKEN", "x1y2", Syntax::Assigned),
        ("a.py", "os.getenv(\"TOKEN\", \"x1y2\")", "token", "TOKEN", "x1y2", Syntax::Argument),
        ("a.py", "connect(password=\"x1y2\")", "password", "password", "x1y2", Syntax::Assigned),
        ("a.py", "if password == 'x1y2':", "password", "password", "x1y2", Syntax::Compared),
        ("a.java", "if (password.equals(\"x1y2\"))", "password", "password", "x1y2", Syntax::Compared),
        ("a.java", "ds.setPassword(\"x1y2\");", "password", "ds.setPassword", "x1y2", Syntax::Call),
        ("a.js", "token: process.env.TOKEN || 'x1y2',", "token", "token", "x1y2", Syntax::Default),
        ("a.xml", "<password>x1y2</password>", "password", "password", "x1y2", Syntax::Element),
        ("a.xml", "<property name=\"password\">x1y2</property>", "password", "password", "x1y2", Syntax::Element),
        ("a.xml", "<add key=\"ApiKey\" value=\"x1y2\"/>", "api", "ApiKey", "x1y2", Syntax::Entry),
        ("a.xml", "<db url=\"a\" password=\"x1y2\"/>", "password", "password", "x1y2", Syntax::Assigned),
        ("a.plist", "<key>Token</key>\n <string>x1y2</string>", "token", "Token", "x1y2", Syntax::Element),
        ("Dockerfile", "ENV DB_PASSWORD x1y2", "password", "DB_PASSWORD", "x1y2", Syntax::Flag),
        ("a.sh", "run --password x1y2 --user me", "password", "password", "x1y2", Syntax::Flag),
        ("a.sh", "run --password=x1y2 --user me", "password", "password", "x1y2", Syntax::Assigned),
        ("a.sh", "java -Ddb.password=x1y2 -jar a", "password", "Ddb.password", "x1y2", Syntax::Assigned),
        ("a.yaml", "x: ${DB_PASSWORD:-x1y2}", "password", "DB_PASSWORD", "x1y2", Syntax::Default),
        ("a.yaml", "x: ${db.password:x1y2}", "password", "db.password", "x1y2", Syntax::Default),
        ("a.sql", "CREATE USER a IDENTIFIED BY 'x1y2';", "identified", "IDENTIFIED BY", "x1y2", Syntax::Juxtaposed),
        ("a.sql", "ALTER ROLE a WITH PASSWORD 'x1y2';", "password", "PASSWORD", "x1y2", Syntax::Juxtaposed),
        ("a.cs", "var c = \"Server=a;Password=x1y2;Database=b\";", "password", "Password", "x1y2", Syntax::Assigned),
        ("a.js", "fetch('https://a/b?api_key=x1y2&q=1')", "api", "api_key", "x1y2", Syntax::Query),
        ("a.md", "API key: `x1y2`", "key", "API key", "x1y2", Syntax::Assigned),
        ("a.md", "**Password:** x1y2", "password", "Password", "x1y2", Syntax::Assigned),
        (".netrc", "machine a login b password x1y2", "password", "password", "x1y2", Syntax::Flag),
        ("a.html", "{&quot;token&quot;:&quot;x1y2&quot;}", "token", "token", "x1y2", Syntax::Assigned),
        ("a.txt", "acme TOKEN x1y2z3w4\n", "token", "acme TOKEN", "x1y2z3w4", Syntax::Note),
        ("a.txt", "acme-token-x1y2z3w4x1y2z3w4", "token", "acme-token", "x1y2z3w4x1y2z3w4", Syntax::Glued),
        ("a.txt", "acmeSECRETkey-x1y2z3w4x1y2z3w4", "secret", "acmeSECRETkey", "x1y2z3w4x1y2z3w4", Syntax::Glued),
        ("a.txt", "acme lab key: x1y2z3", "key", "acme lab key", "x1y2z3", Syntax::Assigned),
        ("a.ldif", "userPassword: x1y2", "password", "userPassword", "x1y2", Syntax::Assigned),
    ];

    fn first(text: &str, keyword: &str, file: &str) -> Option<Candidate> {
        let start = text.to_ascii_lowercase().find(keyword).expect("the keyword is there");
        assignment_at(text.as_bytes(), Span::new(start, start + keyword.len()), language_of(file))
    }

    #[test]
    fn every_syntax_gives_its_value() {
        for (file, text, keyword, name, value, syntax) in CASES {
            let found = first(text, keyword, file).unwrap_or_else(|| panic!("nothing in {file}: {text}"));
            assert_eq!(&text[found.name.range()], *name, "name in {file}: {text}");
            assert_eq!(&text[found.value.range()], *value, "value in {file}: {text}");
            assert_eq!(found.syntax, *syntax, "syntax in {file}: {text}");
        }
    }

    #[test]
    fn what_is_no_assignment_gives_none() {
        // file name, text, keyword
        let cases: &[(&str, &str, &str)] = &[
            ("a.py", "password = get_password()", "password"), // an expression
            ("a.py", "def f(password, token):", "password"),
            ("a.py", "password = ''", "password"),
            ("a.js", "password = \"a\" + b", "password"), // put together
            ("a.rs", "password::Hash", "password"),
            ("a.c", "p->password->next", "password"),
            ("a.md", "Forgot your password? Ask.", "password"),
            ("a.yaml", "password:\n  from: vault", "password"), // a map
            ("a.html", "<label for=\"password\">Password</label>", "password"),
            ("a.html", "<input type=\"password\" value=\"x1y2\">", "password"), // a type, no name
            ("a.txt", "password", "password"),
            ("check.log", "PASS: gdb.base/list.exp: x1y2", "pass"), // a test that passed
        ];
        for (file, text, keyword) in cases {
            assert_eq!(first(text, keyword, file), None, "{file}: {text}");
        }
    }

    #[test]
    fn cut_texts_and_long_lines_end() {
        for (_, text, keyword, ..) in CASES {
            let start = text.to_ascii_lowercase().find(keyword).expect("the keyword is there");
            let at = Span::new(start, start + keyword.len());
            for end in at.end..=text.len() {
                for file in ["a.txt", "a.yaml", "a.xml", "a.py"] {
                    let _ = assignment_at(&text.as_bytes()[..end], at, language_of(file));
                }
            }
        }
        for piece in ["password=", "password\\\"", "'password':", "<password>", "${password:-", "password ", "--"] {
            let text = format!("{}token", piece.repeat(20_000));
            let at = Span::new(text.len() - 5, text.len());
            let _ = assignment_at(text.as_bytes(), at, Language::Unknown);
            let _ = assignment_at(text.as_bytes(), Span::new(0, 8), Language::Python);
        }
    }
}
