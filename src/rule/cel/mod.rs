//! CEL, the expression language of check rules: reading it and judging it before it runs.
//!
//! Knows the language; not how a value is found in a document, which is the engine's part. Whatever stands
//! in an expression, reading it ends in bounded time, memory and stack.

mod ast;
mod check;
mod function;
mod lexer;
mod literal;
mod macros;
mod parser;
mod pattern;
mod precedence;

use std::fmt;

pub use ast::{BinaryOp, Comprehension, Expr, ExprId, Expression, ListItem, MapItem};
pub use check::{Environment, Variable, check};
pub use function::Function;
pub use parser::parse;
pub use pattern::{MAX_COMPUTED_SIZE, Pattern, compile};

use crate::text::Span;

/// How long an expression may be, in bytes.
pub const MAX_SOURCE: usize = 16 * 1024;
/// How deep an expression may nest: parentheses, calls, chains of `.a.b.c` and of operators alike.
pub const MAX_NESTING: usize = 64;
/// How many nodes an expression may have.
pub const MAX_NODES: usize = 2_000;
/// How many macros that bind a variable may stand one in another.
pub const MAX_COMPREHENSIONS: usize = 3;

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CelError {
    /// Where in the expression's text; shift it by where the text stands in its file.
    pub span: Span,
    /// What is wrong, in a sentence without full stop.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

impl CelError {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        CelError { span, message: message.into(), help: None }
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for CelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CelError {}

#[cfg(test)]
mod tests;
