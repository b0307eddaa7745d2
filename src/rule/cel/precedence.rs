//! Operators: which binds tighter, and what they make of the values beside them.
//!
//! Knows precedence only. All operators between two group to the left, `a - b - c` as `(a - b) - c`.

use super::ast::{BinaryOp, Expr, ExprId};
use super::lexer::Token;
use super::parser::Parser;
use super::{CelError, MAX_NESTING, literal};
use crate::text::Span;

impl Parser<'_> {
    /// An operand and the operators after it that bind at least as tightly as `least`.
    pub(super) fn binary(&mut self, least: u8) -> Result<ExprId, CelError> {
        let first = self.span().start;
        let mut left = self.unary()?;
        while let Some((binds, op)) = self.operator().filter(|(binds, _)| *binds >= least) {
            self.advance();
            let right = self.binary(binds + 1)?;
            let span = self.since(first);
            left = match op {
                Some(op) => self.add(Expr::Binary { op, left, right }, span)?,
                None => self.junction(binds == 2, left, right, span)?,
            };
        }
        Ok(left)
    }

    /// The next operator, if it is one: how tightly it binds, and which it is unless `&&` or `||`.
    fn operator(&self) -> Option<(u8, Option<BinaryOp>)> {
        Some(match self.peek() {
            Token::Sign("||") => (1, None),
            Token::Sign("&&") => (2, None),
            Token::Sign("==") => (3, Some(BinaryOp::Equal)),
            Token::Sign("!=") => (3, Some(BinaryOp::NotEqual)),
            Token::Sign("<") => (3, Some(BinaryOp::Less)),
            Token::Sign("<=") => (3, Some(BinaryOp::LessOrEqual)),
            Token::Sign(">") => (3, Some(BinaryOp::Greater)),
            Token::Sign(">=") => (3, Some(BinaryOp::GreaterOrEqual)),
            Token::Word if self.word() == "in" => (3, Some(BinaryOp::In)),
            Token::Sign("+") => (4, Some(BinaryOp::Add)),
            Token::Sign("-") => (4, Some(BinaryOp::Subtract)),
            Token::Sign("*") => (5, Some(BinaryOp::Multiply)),
            Token::Sign("/") => (5, Some(BinaryOp::Divide)),
            Token::Sign("%") => (5, Some(BinaryOp::Remainder)),
            _ => return None,
        })
    }

    /// Keeps `a && b && c` one node of three: such chains are long in real rules, and should not nest.
    fn junction(&mut self, and: bool, left: ExprId, right: ExprId, span: Span) -> Result<ExprId, CelError> {
        let height = self.heights[usize::from(right.0)];
        let index = usize::from(left.0);
        if let (Expr::And(parts), true) | (Expr::Or(parts), false) = (&mut self.nodes[index].0, and) {
            if height >= MAX_NESTING {
                return Err(Self::too_deep(span));
            }
            parts.push(right);
            self.nodes[index].1 = span;
            self.heights[index] = self.heights[index].max(height + 1);
            return Ok(left);
        }
        let parts = vec![left, right];
        self.add(if and { Expr::And(parts) } else { Expr::Or(parts) }, span)
    }

    fn unary(&mut self) -> Result<ExprId, CelError> {
        let first = self.span().start;
        if self.accept("!") {
            let operand = self.nested(Self::unary)?;
            return self.add(Expr::Not(operand), self.since(first));
        }
        if self.accept("-") {
            if self.peek() == Token::Number {
                let number = self.number(true, first)?;
                return self.postfix(number, first);
            }
            let operand = self.nested(Self::unary)?;
            return self.add(Expr::Negate(operand), self.since(first));
        }
        let primary = self.primary()?;
        self.postfix(primary, first)
    }

    pub(super) fn number(&mut self, minus: bool, first: usize) -> Result<ExprId, CelError> {
        let span = Span::new(first, self.span().end);
        let number = literal::number(self.word(), minus, span)?;
        self.advance();
        self.add(number, span)
    }
}
