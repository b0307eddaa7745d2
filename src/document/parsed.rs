//! What a parser gives: documents, and what it could not understand.

use super::Document;
use crate::text::Span;

/// A parser's complaint about one stretch of a text; the rest may have been understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What kind of trouble.
    pub why: Trouble,
    /// What is wrong, in words; holds no text of the content.
    pub message: String,
    /// Where it is wrong.
    pub span: Span,
}

/// Kinds of trouble that a parser can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The text breaks the format's rules.
    Syntax,
    /// A template that only its engine can render (Helm, Jinja).
    Template,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// More nodes than [`MAX_NODES`].
    Size,
    /// A name stands twice in one map; the last one was taken.
    DuplicateKey,
}

impl Broken {
    pub(super) fn new(why: Trouble, message: impl Into<String>, span: Span) -> Self {
        Broken { why, message: message.into(), span }
    }

    pub(super) fn syntax(message: impl Into<String>, span: Span) -> Self {
        Broken::new(Trouble::Syntax, message, span)
    }

    pub(super) fn depth(span: Span) -> Self {
        Broken::new(Trouble::Depth, format!("values nest deeper than {MAX_DEPTH} levels"), span)
    }

    pub(super) fn size(span: Span) -> Self {
        Broken::new(Trouble::Size, format!("more than {MAX_NODES} values in one document"), span)
    }

    pub(super) fn duplicate(span: Span) -> Self {
        Broken::new(Trouble::DuplicateKey, "a name stands twice in one map; the last one counts", span)
    }
}

/// How deep values may nest before a parser stops.
pub const MAX_DEPTH: usize = 200;

/// How many nodes one document may have before a parser stops.
pub const MAX_NODES: usize = 2_000_000;

/// What a parser made of a text: the documents it understood and what it did not.
#[derive(Debug, Default)]
pub struct Parsed {
    /// In the order in which they stand.
    pub documents: Vec<Document>,
    /// In the order in which they stand.
    pub broken: Vec<Broken>,
}
