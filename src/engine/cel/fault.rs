//! Why an evaluation stops without an answer, and how that reads.
//!
//! Knows words. A fault is made often and shown seldom (`a || b` drops what `a` failed with), so it is a small
//! value that becomes text at the end; it never holds a value of the document.

use super::value::Kind;
use crate::document::NodeId;
use crate::rule::cel::{CelError, Expr, ExprId, Expression};

/// Why there is no value.
#[derive(Clone, Debug)]
pub(super) enum Halt {
    /// A node that cannot be known.
    Unknown(NodeId),
    /// Something does not fit, and the node of the expression where.
    Fault(ExprId, Fault),
    /// Too much work; nothing absorbs this.
    Limit(&'static str),
}

impl Halt {
    /// Keeps what an undecided `&&`, `||`, `all` or `exists` stops with: the first unknown, else the first
    /// fault. A limit stops at once.
    pub(super) fn hold(held: &mut Option<Halt>, new: Halt) -> Result<(), Halt> {
        match (&held, &new) {
            (_, Halt::Limit(_)) => return Err(new),
            (None, _) | (Some(Halt::Fault(..)), Halt::Unknown(_)) => *held = Some(new),
            _ => {}
        }
        Ok(())
    }
}

/// What does not fit.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    NoVariable,
    NoFunction,
    Arguments,
    NoKey,
    NoIndex,
    NoFields(Kind),
    NotBool(Kind),
    NotIterable(Kind),
    NotOptional(Kind),
    BadKey(Kind),
    SameKey,
    Operator(&'static str, Kind, Kind),
    Negate(Kind),
    Method(&'static str, Kind),
    Overflow,
    DivideByZero,
    Convert(Kind, Kind),
    Unreadable(Kind),
    OutOfRange,
    Pattern,
    EmptyOptional,
    EmptyList(&'static str),
}

impl Fault {
    /// In words, at the place in the expression that is to blame.
    pub(super) fn render(&self, expression: &Expression, at: ExprId) -> CelError {
        let text = expression.text(at);
        let (message, help) = match self {
            Fault::NoVariable => (format!("there is no `{text}` for this document"), None),
            Fault::NoFunction => ("there is no such function".to_owned(), None),
            Fault::Arguments => ("this call has the wrong number of arguments".to_owned(), None),
            Fault::NoKey => (no_key(expression, at), no_key_help(expression, at)),
            Fault::NoIndex => ("the list has no such item".to_owned(), Some("use `a[?i].orValue(…)`".to_owned())),
            Fault::NoFields(kind) => {
                let help = (*kind == Kind::Null).then(|| "use `.?` instead of `.`, which passes over null".to_owned());
                (format!("{} has no fields or items", kind.words()), help)
            }
            Fault::NotBool(kind) => (format!("this must be true or false, and is {}", kind.words()), None),
            Fault::NotIterable(kind) => {
                (format!("only lists and maps can be gone through, and this is {}", kind.words()), None)
            }
            Fault::NotOptional(kind) => (
                format!("this wants an optional, and gets {}", kind.words()),
                Some("an optional comes from `a.?b`, `a[?i]` or `optional.of(x)`".to_owned()),
            ),
            Fault::BadKey(kind) => (format!("{} cannot be a key", kind.words()), None),
            Fault::SameKey => ("a key stands twice in this map".to_owned(), None),
            Fault::Operator(symbol, left, right) => {
                (format!("`{symbol}` does not work between {} and {}", left.words(), right.words()), None)
            }
            Fault::Negate(kind) => (format!("`-` wants a number, and this is {}", kind.words()), None),
            Fault::Method(name, kind) => (format!("`{name}()` does not work on {}", kind.words()), None),
            Fault::Overflow => ("the number does not fit".to_owned(), None),
            Fault::DivideByZero => ("this divides by zero".to_owned(), None),
            Fault::Convert(from, to) => (format!("{} cannot become {}", from.words(), to.words()), None),
            Fault::Unreadable(to) => (format!("the text does not read as {}", to.words()), None),
            Fault::OutOfRange => ("the position is outside of the text".to_owned(), None),
            Fault::Pattern => ("the pattern is not valid, or too large".to_owned(), None),
            Fault::EmptyOptional => ("there is no value".to_owned(), Some("use `orValue(…)`".to_owned())),
            Fault::EmptyList(name) => (format!("`{name}()` of an empty list is nothing"), None),
        };
        CelError { span: expression.span(at), message, help }
    }
}

/// The key is named only if the rule names it; a computed one could be content.
fn no_key(expression: &Expression, at: ExprId) -> String {
    match expression.expr(at) {
        Expr::Select { field, .. } => format!("there is no `{field}` here"),
        _ => "there is no such key here".to_owned(),
    }
}

fn no_key_help(expression: &Expression, at: ExprId) -> Option<String> {
    match expression.expr(at) {
        Expr::Select { operand, field, field_span, .. } => {
            let of = expression.text(*operand);
            let shown = expression.source().get(field_span.range()).unwrap_or(field);
            Some(format!("use `{of}.?{shown}.orValue(…)`, or ask with `has({of}.{shown})`"))
        }
        Expr::Index { operand, index, .. } => {
            Some(format!("use `{}[?{}].orValue(…)`", expression.text(*operand), expression.text(*index)))
        }
        _ => None,
    }
}
