//! Finds `name = value` in any syntax and judges whether the value is a secret.
//!
//! Pure: bytes in, spans and verdicts out. [`assignment_at`] knows syntax and no meaning, [`NameWords`] knows
//! names, [`judge`] knows values. None of them knows rules, files or findings. Every look is bounded: a name or
//! operator within [`REACH`] bytes, a value within [`LONGEST_VALUE`].

mod after;
mod entry;
mod expression;
mod find;
mod glued;
mod judge;
mod language;
mod name;
mod place;
mod placeholder;
mod plain;
mod random;
mod scene;
mod setting;
mod strength;
mod value;
mod words;

pub use find::assignment_at;
pub use judge::{Context, Judged, judge, shows_forms};
pub use language::{Language, language_of};
pub use name::{NamePattern, NameWords};
pub(in crate::engine) use random::pair_surprise;
pub use setting::judge_setting;

use crate::text::Span;

/// How far a name, an operator or the start of a line is looked for, in bytes.
pub const REACH: usize = 512;

/// The longest value that is read, in bytes.
pub const LONGEST_VALUE: usize = 4096;

/// How a name got its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `name = value`, `name: value`, `name => value`, with or without quotes and types.
    Assigned,
    /// `<name>value</name>`, `<key>name</key><string>value</string>`, `<p name="name">value</p>`.
    Element,
    /// `key="name" value="value"`, `- name: NAME` and on the next line `value: value`.
    Entry,
    /// `setName("value")`, `name("value")`.
    Call,
    /// `get("name", "value")`, `define('NAME', 'value')`.
    Argument,
    /// `--name value`, `ENV NAME value`, `login x password value`.
    Flag,
    /// `IDENTIFIED BY 'value'`, `storePassword 'value'`.
    Juxtaposed,
    /// `${NAME:-value}`, `env.NAME || "value"`.
    Default,
    /// `name == "value"`.
    Compared,
    /// `?name=value&…`.
    Query,
    /// `acme token value` with nothing else on its line, as people take notes.
    Note,
    /// `acme-token-value`: glued to its name.
    Glued,
    /// `name value` in prose or notes: the weakest.
    Beside,
}

/// A name and the value it has, as spans of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The whole name as written, dots and dashes included, quotes not.
    pub name: Span,
    /// The value as written, without its quotes.
    pub value: Span,
    /// Whether the value stood in quotes of its own, or in an element of its own.
    pub quoted: bool,
    /// Whether more words follow an unquoted value on its line.
    pub followed: bool,
    /// Whether it stands in a comment.
    pub commented: bool,
    /// How it got the value.
    pub syntax: Syntax,
}
