//! What looks like a call and is none: `has()`, `all()`, `exists()`, `map()`, `filter()`, `optMap()` …
//!
//! Knows how they are written. The variable that they bind is resolved here, while reading, to the number of
//! its macro, so that evaluation never looks for a name.

use super::ast::{Comprehension, Expr, ExprId};
use super::lexer::Token;
use super::parser::Parser;
use super::{CelError, MAX_COMPREHENSIONS};
use crate::text::Span;

/// How each is written; also what an unknown method may have been meant to be.
pub(super) const MACROS: [(&str, &str); 8] = [
    ("all", "list.all(x, condition)"),
    ("exists", "list.exists(x, condition)"),
    ("exists_one", "list.exists_one(x, condition)"),
    ("existsOne", "list.exists_one(x, condition)"),
    ("map", "list.map(x, value) or list.map(x, condition, value)"),
    ("filter", "list.filter(x, condition)"),
    ("optMap", "optional.optMap(x, value)"),
    ("optFlatMap", "optional.optFlatMap(x, optional)"),
];

impl<'s> Parser<'s> {
    /// `has(a.b)`; the next token is the parenthesis.
    pub(super) fn has(&mut self, name: Span) -> Result<ExprId, CelError> {
        self.expect("(")?;
        let inner = self.expression()?;
        self.expect(")")?;
        let span = self.since(name.start);
        match self.node(inner) {
            Expr::Select { operand, field, field_span, optional: false } => {
                let (operand, field, field_span) = (*operand, field.clone(), *field_span);
                self.add(Expr::Has { operand, field, field_span }, span)
            }
            Expr::Select { optional: true, .. } => {
                Err(CelError::new(self.span_of(inner), "`has()` asks for a field, and `.?` makes an optional")
                    .help("write `has(a.b)` or `a.?b.hasValue()`"))
            }
            _ => Err(CelError::new(self.span_of(inner), "`has()` wants a field of something")
                .help("write `has(a.b)`; for a key in quotes write `\"key\" in a`")),
        }
    }

    /// A method of `target`, or a macro, or a function with a dot in its name.
    pub(super) fn method(
        &mut self,
        target: ExprId,
        name: &'s str,
        name_span: Span,
        first: usize,
    ) -> Result<ExprId, CelError> {
        if let Expr::Variable(variable) = self.node(target)
            && &**variable == "optional"
        {
            let joined = format!("optional.{name}");
            return self.call(&joined, Span::new(first, name_span.end), None, first);
        }
        let Some((_, usage)) = MACROS.iter().find(|(known, _)| *known == name) else {
            return self.call(name, name_span, Some(target), first);
        };
        self.expect("(")?;
        let variable = self.bound_name(usage)?;
        if self.scope.len() >= MAX_COMPREHENSIONS {
            return Err(CelError::new(name_span, format!("more than {MAX_COMPREHENSIONS} loops stand in each other"))
                .help("take a deeper `each` in the rule, so that the rule judges the inner values one by one"));
        }
        self.scope.push(variable);
        let parts = self.bodies(name == "map", usage);
        self.scope.pop();
        let (keep, body) = parts?;
        let kind = match name {
            "all" => Comprehension::All,
            "exists" => Comprehension::Exists,
            "exists_one" | "existsOne" => Comprehension::ExistsOne,
            "map" => Comprehension::Map,
            "filter" => Comprehension::Filter,
            _ => {
                let flat = name == "optFlatMap";
                return self.add(Expr::OptionalMap { target, body, flat }, self.since(first));
            }
        };
        self.add(Expr::Comprehension { kind, range: target, keep, body }, self.since(first))
    }

    /// The variable and the comma after it.
    fn bound_name(&mut self, usage: &str) -> Result<&'s str, CelError> {
        let (name, span) = (self.word(), self.span());
        let misused = |span, message: &str| CelError::new(span, message).help(format!("write `{usage}`"));
        if self.peek() != Token::Word || ["in", "true", "false", "null"].contains(&name) {
            return Err(misused(span, "the first argument here is a name for each value in turn"));
        }
        self.advance();
        if !self.accept(",") {
            let message = match self.peek() {
                Token::Sign(")") => "there is a name for each value, but nothing to do with it",
                _ => "the first argument here is a name for each value in turn",
            };
            return Err(misused(Span::new(span.start, self.span().end), message));
        }
        Ok(name)
    }

    /// What stands after the variable, up to the closing parenthesis.
    fn bodies(&mut self, two: bool, usage: &str) -> Result<(Option<ExprId>, ExprId), CelError> {
        let first = self.expression()?;
        if two && self.accept(",") {
            let second = self.expression()?;
            self.expect(")")?;
            return Ok((Some(first), second));
        }
        if self.is(",") {
            return Err(CelError::new(self.span(), "there are too many arguments").help(format!("write `{usage}`")));
        }
        self.expect(")")?;
        Ok((None, first))
    }
}
