//! Whether the value of a name is a secret, how sure that is, and why.
//!
//! Weighs the value (see [`super::strength`]) with where it stands. Knows no rules.

use super::placeholder::{counts_along, is_constant, is_made_up, is_place, stands_for_another};
use super::random::{Classes, is_sequence};
use super::strength::{Strength, password, token};
use super::{Candidate, Language, Syntax, name, words};
use crate::rule::{Confidence, Shape};

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// The language of the file.
    pub language: Language,
    /// How the name got the value.
    pub syntax: Syntax,
    /// Whether the value has quotes or an element of its own.
    pub quoted: bool,
    /// Whether more words follow on the line.
    pub followed: bool,
    /// Whether it is in a comment.
    pub commented: bool,
    /// The file's name, with or without its folders.
    pub file: &'c str,
}

impl<'c> Context<'c> {
    /// The context of a candidate in a file.
    pub fn new(candidate: &Candidate, language: Language, file: &'c str) -> Self {
        Context {
            language,
            syntax: candidate.syntax,
            quoted: candidate.quoted,
            followed: candidate.followed,
            commented: candidate.commented,
            file,
        }
    }

    /// Whether the file's name says that it holds tests or examples.
    fn is_test(&self) -> bool {
        const PIECES: &[&str] = &["test", "spec", "example", "sample", "fixture", "mock", "demo", "docs/", "bench"];
        let lower = self.file.to_ascii_lowercase();
        PIECES.iter().any(|piece| lower.contains(piece))
    }

    /// Whether the file holds texts for people in their languages.
    fn is_translation(&self) -> bool {
        #[rustfmt::skip]
        const PIECES: &[&str] = &[
            "locale", "i18n", "l10n", "/lang/", "languages", "translation", "messages", ".po", ".arb", ".strings",
            "intl", "resx",
        ];
        let lower = self.file.to_ascii_lowercase();
        PIECES.iter().any(|piece| lower.contains(piece))
    }

    /// Whether the value stands where a programmer's words and expressions stand.
    fn is_loose(&self) -> bool {
        self.language.is_code() || matches!(self.language, Language::Prose) || self.followed || self.commented
    }
}

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// A secret. The engine takes the lower of this confidence and the rule's.
    Secret {
        /// How sure.
        confidence: Confidence,
        /// What speaks for it.
        because: Vec<&'static str>,
    },
    /// None, for this reason.
    No(&'static str),
}

/// Judges a value that stands beside a name.
pub fn judge(value: &[u8], name: &[u8], shape: Shape, context: &Context) -> Judged {
    let value = value.trim_ascii();
    if let Some(why) = not_a_literal(value, context) {
        return Judged::No(why);
    }
    match shape {
        Shape::Any => any(value, context),
        Shape::Password => judge_password(value, name, context),
        Shape::Token => judge_token(value, name, context),
    }
}

/// Why a value is no literal: a template, a reference, an expression.
fn not_a_literal(value: &[u8], context: &Context) -> Option<&'static str> {
    if value.is_empty() {
        return Some("empty");
    }
    if let Some(why) = stands_for_another(value) {
        return Some(why);
    }
    if context.quoted {
        return None;
    }
    if value[0] == b'\\' && (!context.quoted || value.starts_with(b"\\[")) {
        return Some("an escape");
    }
    if matches!(
        value[0],
        b'(' | b'[' | b'{' | b'<' | b'$' | b'&' | b'|' | b'=' | b',' | b'"' | b'\'' | b')' | b'@' | b'`'
    ) && !context.language.is_config()
    {
        return Some("an expression");
    }
    let call = value.windows(2).any(|pair| (pair[0].is_ascii_alphanumeric() || pair[0] == b'_') && pair[1] == b'(');
    if call && (!context.language.is_config() || value.ends_with(b")")) {
        return Some("an expression");
    }
    let strict = !matches!(context.language, Language::Env | Language::Ini | Language::Properties | Language::Ldif);
    if strict && (value.windows(2).any(|pair| pair == b"->" || pair == b"::") || is_member(value)) {
        return Some("an expression");
    }
    None
}

/// `a.b.c` of plain words: a member, a module.
fn is_member(value: &[u8]) -> bool {
    let parts = value.split(|byte| *byte == b'.');
    parts.clone().count() >= 2
        && parts.into_iter().all(|part| {
            part.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
                && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                && words::is_plain(part)
        })
}

fn any(value: &[u8], context: &Context) -> Judged {
    let nothing = [&b"null"[..], b"nil", b"none", b"true", b"false", b"undefined", b"~"];
    if nothing.iter().any(|known| value.eq_ignore_ascii_case(known)) {
        return Judged::No("a constant");
    }
    if context.followed {
        return Judged::No("a sentence");
    }
    let confidence = if context.is_test() { Confidence::Medium } else { Confidence::High };
    Judged::Secret { confidence, because: vec!["a literal value"] }
}

fn judge_password(value: &[u8], name: &[u8], context: &Context) -> Judged {
    if value.len() > 1024 || (value.len() > 128 && token(value).0 < Strength::Fair) {
        return Judged::No("too long for a password");
    }
    if is_constant(value) {
        return Judged::No("a constant");
    }
    if is_made_up(value) {
        return Judged::No("made up");
    }
    if repeats_name(value, name) {
        return Judged::No("its own name");
    }
    if let Some(why) = is_text(value, context) {
        return Judged::No(why);
    }
    if is_place(value) || is_address(value) {
        return Judged::No("a place");
    }
    let (strength, why) = password(value);
    let config = context.language.is_config() || context.language == Language::Shell;
    if is_code_name(value, context) {
        return Judged::No("a name of code");
    }
    let confidence = match strength {
        Strength::None => return Judged::No(why),
        _ if context.syntax == Syntax::Beside && token(value).0 < Strength::Strong => {
            return Judged::No("not random enough to stand beside a name");
        }
        Strength::Weak if context.is_test() || context.followed || context.commented => {
            return Judged::No("weak, in a test, comment or sentence");
        }
        Strength::Weak if context.language.is_code() || context.language == Language::Prose => {
            let letters_alone = Classes::of(value).letters() == value.len();
            let assigned = matches!(context.syntax, Syntax::Assigned);
            if !(letters_alone && assigned && words::covered(value).0 * 2 < value.len() && value.len() >= 8)
                || words::is_plain(value)
            {
                return Judged::No("weak, in code");
            }
            Confidence::Low
        }
        Strength::Weak => Confidence::Low,
        Strength::Fair if config || (context.quoted && context.syntax == Syntax::Assigned) => Confidence::Medium,
        Strength::Fair if context.followed => return Judged::No("a sentence"),
        Strength::Fair => Confidence::Low,
        Strength::Strong if config || context.quoted => Confidence::High,
        Strength::Strong => Confidence::Medium,
    };
    settle(confidence, why, context)
}

fn judge_token(value: &[u8], name: &[u8], context: &Context) -> Judged {
    let mut value = value;
    for scheme in [&b"bearer "[..], b"basic ", b"token "] {
        if value.len() > scheme.len() && value[..scheme.len()].eq_ignore_ascii_case(scheme) {
            value = value[scheme.len()..].trim_ascii();
        }
    }
    if is_constant(value) {
        return Judged::No("a constant");
    }
    if is_made_up(value) {
        return Judged::No("made up");
    }
    let counted = counts_along(value) || is_sequence(value);
    if counted && (context.is_test() || context.is_loose() || context.syntax == Syntax::Beside) {
        return Judged::No("made up: it counts or spells");
    }
    if repeats_name(value, name) {
        return Judged::No("its own name");
    }
    let (mut strength, mut why) = token(value);
    if counted
        && value.len() >= 16
        && strength == Strength::None
        && words::covered(value).0 * 2 < value.len()
        && Classes::of(value).kinds() >= 2
    {
        (strength, why) = (Strength::Weak, "long, but it counts or spells");
    }
    if counted {
        strength = strength.min(Strength::Weak);
    }
    if context.commented && strength == Strength::Weak {
        return Judged::No("weak, in a comment");
    }
    let confidence = match (strength, context.syntax) {
        (Strength::None, _) => return Judged::No(why),
        (Strength::Weak | Strength::Fair, Syntax::Beside) => {
            return Judged::No("not random enough to stand beside a name");
        }
        (Strength::Weak, _) if context.is_loose() || context.is_test() => return Judged::No("not random enough here"),
        (Strength::Weak, _) | (Strength::Strong, Syntax::Beside) => Confidence::Low,
        (Strength::Fair, _) => Confidence::Medium,
        (Strength::Strong, _) => Confidence::High,
    };
    settle(confidence, why, context)
}

/// Lowers a confidence where the place speaks against it.
fn settle(confidence: Confidence, why: &'static str, context: &Context) -> Judged {
    let mut confidence = confidence;
    let mut because = vec![why];
    if context.language.is_config() {
        because.push("in configuration");
    }
    if context.is_test() {
        confidence = confidence.lowered();
        because.push("in a test or example");
    }
    if context.language == Language::Prose {
        confidence = confidence.lowered();
        because.push("in prose");
    }
    if matches!(context.syntax, Syntax::Compared | Syntax::Argument | Syntax::Juxtaposed) {
        confidence = confidence.lowered();
    }
    Judged::Secret { confidence, because }
}

/// Whether a value says no more than its name: `password = "password"`, `apiKey: my-api-key`.
fn repeats_name(value: &[u8], name: &[u8]) -> bool {
    let letters = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    let (value, name) = (letters(value), letters(name));
    value.len() >= 3
        && (name.ends_with(&value) || (name.len() >= 3 && value.len() <= name.len() + 3 && value.ends_with(&name)))
}

/// Why a value is text for people.
fn is_text(value: &[u8], context: &Context) -> Option<&'static str> {
    let classes = Classes::of(value);
    if matches!(value.last(), Some(b':' | b'?')) && classes.digit == 0 {
        return Some("a prompt");
    }
    if !value.is_ascii() && classes.digit == 0 {
        return Some("text of a language");
    }
    if context.is_translation() && (classes.digit == 0 || classes.space > 0) {
        return Some("a translation");
    }
    if context.language.is_code() && value.windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_lowercase()) {
        return Some("text with escapes");
    }
    let (letters, count) = words::covered(value);
    if classes.digit == 0 && classes.symbol > 0 && count >= 3 && letters * 2 > value.len() {
        return Some("words");
    }
    if classes.space > 0 && (classes.space >= 3 || classes.digit == 0 || context.is_loose() || !context.quoted) {
        return Some("a sentence");
    }
    None
}

fn is_address(value: &[u8]) -> bool {
    let at = value.iter().position(|byte| *byte == b'@');
    at.is_some_and(|at| {
        at > 0
            && memchr::memchr(b'.', &value[at..]).is_some()
            && value[at + 1..].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    })
}

/// Whether a value reads like a name of code: `user_password`, `auth.password`, `PasswordInput`.
fn is_code_name(value: &[u8], context: &Context) -> bool {
    let classes = Classes::of(value);
    let joins = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/' | b'$');
    if !value.iter().all(joins) || classes.digit * 3 > value.len() {
        return false;
    }
    let mut count = 0;
    name::each_word(value, |_| {
        count += 1;
        std::ops::ControlFlow::Continue(())
    });
    let joined = count >= 2 && (classes.symbol > 0 || classes.digit == 0);
    if joined && words::is_plain(value) && classes.digit == 0 {
        let mut known = 0;
        name::each_word(value, |word| {
            known += usize::from(words::is_word(word));
            std::ops::ControlFlow::Continue(())
        });
        return known * 2 > count || context.language.is_code() || !context.quoted && !context.language.is_config();
    }
    // Unquoted in unknown text: a lone word could as well be a variable.
    !context.quoted
        && context.language == Language::Unknown
        && classes.digit == 0
        && words::covered(value).0 == value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(language: Language, quoted: bool, file: &str) -> Context<'_> {
        Context { language, syntax: Syntax::Assigned, quoted, followed: false, commented: false, file }
    }

    #[test]
    fn passwords_are_judged() {
        // language, quoted, value, the least it must be (None: no secret)
        let cases: &[(Language, bool, &str, Option<Confidence>)] = &[
            (Language::Env, false, "hunter2", Some(Confidence::Medium)),
            (Language::Env, false, "goodspec", Some(Confidence::Low)),
            (Language::Env, false, "Tr0ub4dor&3", Some(Confidence::High)),
            (Language::Python, true, "Tr0ub4dor&3", Some(Confidence::High)),
            (Language::Python, true, "secret", None),
            (Language::Python, true, "Enter your password", None),
            (Language::Yaml, false, "${DB_PASSWORD}", None),
            (Language::Yaml, false, "changeme", None), // a default, which has a rule of its own
            (Language::Yaml, false, "/run/secrets/db", None),
            (Language::JavaScript, true, "Passwort vergessen", None),
            (Language::JavaScript, true, "user_password", None),
            (Language::Json, true, "password", None),
            (Language::Unknown, false, "getpass()", None),
            (Language::Unknown, false, "user.password", None),
        ];
        for (language, quoted, value, wanted) in cases {
            let judged = judge(value.as_bytes(), b"db_password", Shape::Password, &context(*language, *quoted, "a"));
            let got = match judged {
                Judged::Secret { confidence, .. } => Some(confidence),
                Judged::No(_) => None,
            };
            assert_eq!(got, *wanted, "{language:?} {value}: {judged:?}");
        }
    }

    #[test]
    fn tests_lower_the_confidence_and_hide_nothing_strong() {
        let value = b"Tr0ub4dor&3";
        let judged =
            judge(value, b"password", Shape::Password, &context(Language::Python, true, "tests/test_login.py"));
        assert!(matches!(judged, Judged::Secret { confidence: Confidence::Medium, .. }), "{judged:?}");
    }

    #[test]
    fn any_takes_defaults() {
        for (value, wanted) in [("changeit", true), ("admin", true), ("${X}", false), ("null", false), ("", false)] {
            let judged = judge(value.as_bytes(), b"password", Shape::Any, &context(Language::Env, false, "a"));
            assert_eq!(matches!(judged, Judged::Secret { .. }), wanted, "{value}");
        }
    }
}
