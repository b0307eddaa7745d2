//! Whether the value of a name is a secret, how sure that is, and why.
//!
//! Weighs the value (see [`super::strength`]) with where it stands. Knows no rules.

use super::name::is_bound;
use super::place::is_place;
use super::placeholder::{
    counts_along, is_constant, is_escaped_signs, is_made_up, is_mashed, says_made_up, stands_for_another,
};
use super::plain::{is_address, is_code_name, is_text, repeats_name};
use super::random::{Classes, is_monotonous, is_sequence, is_uuid};
use super::strength::{Strength, longest_part, password, token};
use super::{Candidate, Language, Syntax, language_of, words};
use crate::rule::{Confidence, Shape};

/// The longest value that a password rule takes: tokens stand in its place too.
const LONGEST_PASSWORD: usize = 1024;

/// From this length on a value of many characters that only counts may still be a key that somebody issued.
const LEAST_HAND_TYPED: usize = 12;

/// How much of a value is weighed, in bytes.
const ENOUGH: usize = 256;

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
    pub(super) fn is_test(&self) -> bool {
        is_test(self.file)
    }

    /// Whether the file is there to be copied and filled in: `.env.example`, `config.ini.dist`.
    fn is_template(&self) -> bool {
        const ENDINGS: &[&str] = &["example", "sample", "dist", "template", "tpl", "tmpl"];
        let lower = self.file.to_ascii_lowercase();
        let base = lower.rsplit(['/', '\\']).next().unwrap_or(&lower);
        base.split(['.', '-', '_']).any(|part| ENDINGS.contains(&part))
    }

    /// Whether the file holds texts for people in their languages.
    pub(super) fn is_translation(&self) -> bool {
        #[rustfmt::skip]
        const PIECES: &[&str] = &[
            "locale", "i18n", "l10n", "/lang/", "languages", "translation", "messages", ".po", ".arb", ".strings",
            "intl", "resx",
        ];
        let lower = self.file.to_ascii_lowercase();
        PIECES.iter().any(|piece| lower.contains(piece))
    }

    /// Whether the value stands where a programmer's words and expressions stand.
    pub(super) fn is_loose(&self) -> bool {
        self.language.is_code() || matches!(self.language, Language::Prose) || self.followed || self.commented
    }
}

fn is_test(file: &str) -> bool {
    const PIECES: &[&str] = &["test", "spec", "example", "sample", "fixture", "mock", "demo", "docs/", "bench"];
    let lower = file.to_ascii_lowercase();
    PIECES.iter().any(|piece| lower.contains(piece))
}

/// Whether a file of this name shows what values look like, rather than holding those in use: code, prose, tests.
pub fn shows_forms(file: &str) -> bool {
    let language = language_of(file);
    language.is_code() || language == Language::Prose || is_test(file)
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

impl Judged {
    /// The surer of two judgements of one value.
    pub fn or_surer(self, other: Judged) -> Judged {
        match (&self, &other) {
            (Judged::Secret { confidence, .. }, Judged::Secret { confidence: others, .. }) if confidence >= others => {
                self
            }
            (_, Judged::Secret { .. }) => other,
            _ => self,
        }
    }
}

/// Judges a value that stands beside a name.
pub fn judge(value: &[u8], name: &[u8], shape: Shape, context: &Context) -> Judged {
    let value = value.trim_ascii();
    if value.len() > LONGEST_PASSWORD && shape == Shape::Password {
        return Judged::No("too long for a password");
    }
    // What begins like a secret is one; so that a text of names and operators alone stays linear, no more is read.
    let value = &value[..value.len().min(ENOUGH)];
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
pub(super) fn not_a_literal(value: &[u8], context: &Context) -> Option<&'static str> {
    if value.is_empty() {
        return Some("empty");
    }
    if let Some(why) = stands_for_another(value) {
        return Some(why);
    }
    if context.quoted {
        return None;
    }
    if value.strip_suffix(b"=").is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic)) && value.len() < 24 {
        return Some("the next name");
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
    // `{password=value}next`: the end of a block.
    if context.language.is_code() && value.contains(&b'}') && !value.contains(&b'{') {
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
    if context.is_template() && says_made_up(value) {
        return Judged::Secret {
            confidence: Confidence::Low,
            because: vec!["made up, in a file that is to be copied"],
        };
    }
    let confidence = if context.is_test() { Confidence::Medium } else { Confidence::High };
    Judged::Secret { confidence, because: vec!["a literal value"] }
}

fn judge_password(value: &[u8], name: &[u8], context: &Context) -> Judged {
    if value.len() > 128 && token(value).0 < Strength::Fair {
        return Judged::No("too long for a password");
    }
    if is_constant(value) {
        return Judged::No("a constant");
    }
    if is_made_up(value) || is_escaped_signs(value) {
        return Judged::No("made up");
    }
    // `Password1$` is its own name, and yet what policies make people choose.
    let own_name = repeats_name(value, name);
    let classes = Classes::of(value);
    if own_name && (classes.symbol == 0 || classes.kinds() < 4) {
        return Judged::No("its own name");
    }
    if let Some(why) = is_text(value, context) {
        return Judged::No(why);
    }
    if is_place(value) || is_address(value) {
        return Judged::No("a place");
    }
    let (strength, why) = password(value);
    let config = context.language.is_config() || matches!(context.language, Language::Shell | Language::Batch);
    if is_code_name(value, context) {
        return Judged::No("a name of code");
    }
    let confidence = match strength {
        Strength::None => return Judged::No(why),
        _ if matches!(context.syntax, Syntax::Beside | Syntax::Note | Syntax::Glued)
            && token(value).0 < Strength::Strong =>
        {
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
    settle(if own_name { Confidence::Low } else { confidence }, why, context)
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
    let varied = value.len() >= LEAST_HAND_TYPED && Classes::distinct(value) >= 6;
    if says_made_up(value) || (is_monotonous(value) && !varied) {
        return Judged::No("made up");
    }
    let counted = counts_along(value)
        || is_mashed(value)
        || [value, longest_part(value)].iter().any(|part| is_sequence(part) || is_monotonous(part));
    if counted && (context.is_test() || context.is_loose() || context.syntax == Syntax::Beside) {
        return Judged::No("made up: it counts or spells");
    }
    if repeats_name(value, name) {
        return Judged::No("its own name");
    }
    if value.starts_with(b"\\x") && context.language.is_code() {
        return Judged::No("bytes in escapes");
    }
    let (mut strength, mut why) = token(value);
    let bound = is_bound(name);
    if strength == Strength::None
        && let Some(may_be) = may_be_issued(value, bound, counted, context)
    {
        (strength, why) = (Strength::Weak, may_be);
    }
    if counted {
        strength = strength.min(Strength::Weak);
    }
    if context.commented && strength == Strength::Weak {
        return Judged::No("weak, in a comment");
    }
    let noted = bound && name.iter().any(u8::is_ascii_uppercase);
    let confidence = match (strength, context.syntax) {
        (Strength::None, _) => return Judged::No(why),
        (Strength::Weak | Strength::Fair, Syntax::Beside) => {
            return Judged::No("not random enough to stand beside a name");
        }
        (Strength::Weak, _) if context.is_loose() || context.is_test() => return Judged::No("not random enough here"),
        // Whose it is, and the form of a key: only a place that shows forms would say that it is none.
        (Strength::Weak, syntax) if counted && bound && is_key_shaped(value) && syntax != Syntax::Glued => {
            Confidence::Medium
        }
        // Names of resources are written in small letters; this one was noted down by a person.
        (Strength::Strong | Strength::Fair, Syntax::Glued) if noted => Confidence::Medium,
        (Strength::Weak, Syntax::Glued) if noted && counted && is_key_shaped(value) => Confidence::Medium,
        (Strength::Fair, _) if is_uuid(value) && is_lone_token(name) => Confidence::Low,
        (Strength::Weak, _) | (_, Syntax::Beside | Syntax::Glued) => Confidence::Low,
        (Strength::Fair, _) | (_, Syntax::Note) => Confidence::Medium,
        (Strength::Strong, _) => Confidence::High,
    };
    settle(confidence, why, context)
}

/// As long and as varied as keys are, whatever it counts or spells; unless it says what it is for.
fn is_key_shaped(value: &[u8]) -> bool {
    const TRIED: &[&[u8]] = &[b"test", b"sandbox", b"foo", b"bar", b"demo"];
    let tried = |part: &[u8]| {
        let word = part.split(u8::is_ascii_digit).next().unwrap_or_default();
        TRIED.iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    let classes = Classes::of(value);
    !value.split(|byte| matches!(byte, b'_' | b'-')).any(tried)
        && value.len() >= 20
        && classes.digit >= 2
        && classes.letters() >= 2
        && Classes::distinct(value) >= 8
}

/// `token` and no word more: UUIDs under that name mostly count runs, locks and requests.
fn is_lone_token(name: &[u8]) -> bool {
    let letters = name.iter().filter(|byte| byte.is_ascii_alphabetic());
    letters.map(u8::to_ascii_lowercase).eq(*b"token")
}

/// Why a value that looks like nothing by itself may be a key all the same: its name says whose, and it stands where
/// values stand, not words.
fn may_be_issued(value: &[u8], bound: bool, counted: bool, context: &Context) -> Option<&'static str> {
    if context.is_loose() || context.is_test() || !value.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let classes = Classes::of(value);
    let wordy = words::covered(value).0 * 2 >= value.len();
    if counted && !wordy && value.len() >= 16 && classes.kinds() >= 2 {
        return Some("long, but it counts or spells");
    }
    if !bound || !matches!(context.syntax, Syntax::Assigned | Syntax::Entry | Syntax::Element | Syntax::Note) {
        return None;
    }
    let alphanumeric = classes.letters() + classes.digit == value.len();
    if classes.digit == value.len() {
        return (value.len() >= 15 && !context.language.is_code()).then_some("a long number under a service's name");
    }
    if alphanumeric && counted && value.len() >= 20 && !wordy {
        return Some("long, but it counts or spells");
    }
    let mixed = classes.digit >= 2 && classes.letters() >= 2 && value.len() >= 10;
    let joins = value.iter().filter(|byte| matches!(byte, b'-' | b'_' | b'=' | b'+' | b'/')).count();
    let long = value.len() >= 20 && classes.digit >= 4 && joins <= 5 && joins == classes.symbol;
    ((alphanumeric || long) && mixed && !wordy && !words::is_plain(value))
        .then_some("letters and digits under a service's name")
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

#[cfg(test)]
mod tests;
