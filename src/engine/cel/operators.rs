//! Operators between two values, and the minus sign.
//!
//! Knows arithmetic, order and membership. As CEL has it, whole numbers do not wrap and kinds of number do not
//! mix in arithmetic, though they do in comparisons.

use std::cmp::Ordering;
use std::rc::Rc;

use super::fault::{Fault, Halt};
use super::value::{Kind, Val};
use super::{Eval, Run};
use crate::rule::cel::{BinaryOp, ExprId};

impl<'a> Run<'a> {
    pub(super) fn binary(&mut self, id: ExprId, op: BinaryOp, left: Val<'a>, right: Val<'a>) -> Eval<Val<'a>> {
        match op {
            BinaryOp::Equal => self.equal(&left, &right).map(Val::Bool),
            BinaryOp::NotEqual => self.equal(&left, &right).map(|equal| Val::Bool(!equal)),
            BinaryOp::Less => self.compare(id, op, &left, &right, |order| order == Ordering::Less),
            BinaryOp::LessOrEqual => self.compare(id, op, &left, &right, |order| order != Ordering::Greater),
            BinaryOp::Greater => self.compare(id, op, &left, &right, |order| order == Ordering::Greater),
            BinaryOp::GreaterOrEqual => self.compare(id, op, &left, &right, |order| order != Ordering::Less),
            BinaryOp::In => self.member(id, &left, &right).map(Val::Bool),
            _ => self.arithmetic(id, op, left, right),
        }
    }

    fn compare(
        &mut self,
        id: ExprId,
        op: BinaryOp,
        left: &Val<'a>,
        right: &Val<'a>,
        holds: fn(Ordering) -> bool,
    ) -> Eval<Val<'a>> {
        match self.order(left, right)? {
            Some(order) => Ok(Val::Bool(order.is_some_and(holds))),
            None => self.fault(id, Fault::Operator(op.symbol(), self.kind_of(left), self.kind_of(right))),
        }
    }

    /// `a in b`. An item that equals decides, even beside an unknown one.
    fn member(&mut self, id: ExprId, needle: &Val<'a>, of: &Val<'a>) -> Eval<bool> {
        match self.kind_of(of) {
            Kind::List => {
                let mut held = None;
                for at in 0..self.length(of) {
                    match self.item(of, at).and_then(|item| self.equal(&item, needle)) {
                        Ok(true) => return Ok(true),
                        Ok(false) => {}
                        Err(halt) => {
                            self.spend(1)?;
                            Halt::hold(&mut held, halt)?;
                        }
                    }
                }
                held.map_or(Ok(false), Err)
            }
            Kind::Map => Ok(self.lookup(of, needle)?.is_some()),
            kind => self.fault(id, Fault::Operator("in", self.kind_of(needle), kind)),
        }
    }

    fn arithmetic(&mut self, id: ExprId, op: BinaryOp, left: Val<'a>, right: Val<'a>) -> Eval<Val<'a>> {
        let divides = matches!(op, BinaryOp::Divide | BinaryOp::Remainder);
        let result = match (&left, &right) {
            (Val::Int(_), Val::Int(0)) | (Val::Uint(_), Val::Uint(0)) if divides => {
                return self.fault(id, Fault::DivideByZero);
            }
            (Val::Int(a), Val::Int(b)) => match op {
                BinaryOp::Add => a.checked_add(*b),
                BinaryOp::Subtract => a.checked_sub(*b),
                BinaryOp::Multiply => a.checked_mul(*b),
                BinaryOp::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            }
            .map(Val::Int),
            (Val::Uint(a), Val::Uint(b)) => match op {
                BinaryOp::Add => a.checked_add(*b),
                BinaryOp::Subtract => a.checked_sub(*b),
                BinaryOp::Multiply => a.checked_mul(*b),
                BinaryOp::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            }
            .map(Val::Uint),
            (Val::Double(a), Val::Double(b)) if op != BinaryOp::Remainder => Some(Val::Double(match op {
                BinaryOp::Add => a + b,
                BinaryOp::Subtract => a - b,
                BinaryOp::Multiply => a * b,
                _ => a / b,
            })),
            _ if op == BinaryOp::Add => return self.join_two(id, &left, &right),
            _ => return self.mismatch(id, op, &left, &right),
        };
        match result {
            Some(value) => Ok(value),
            None => self.fault(id, Fault::Overflow),
        }
    }

    fn mismatch(&self, id: ExprId, op: BinaryOp, left: &Val<'a>, right: &Val<'a>) -> Eval<Val<'a>> {
        self.fault(id, Fault::Operator(op.symbol(), self.kind_of(left), self.kind_of(right)))
    }

    /// `+` of two texts or two lists.
    fn join_two(&mut self, id: ExprId, left: &Val<'a>, right: &Val<'a>) -> Eval<Val<'a>> {
        if let (Some(a), Some(b)) = (left.text(), right.text()) {
            self.spend_built(a.len() + b.len())?;
            return Ok(Val::Built([a, b].concat().into()));
        }
        if (self.kind_of(left), self.kind_of(right)) != (Kind::List, Kind::List) {
            return self.mismatch(id, BinaryOp::Add, left, right);
        }
        let total = self.length(left) + self.length(right);
        self.spend(total)?;
        let mut items = Vec::with_capacity(total);
        for list in [left, right] {
            for at in 0..self.length(list) {
                items.push(self.item(list, at)?);
            }
        }
        Ok(Val::List(Rc::from(items)))
    }

    pub(super) fn negate(&self, id: ExprId, value: Val<'a>) -> Eval<Val<'a>> {
        match value {
            Val::Int(value) => match value.checked_neg() {
                Some(value) => Ok(Val::Int(value)),
                None => self.fault(id, Fault::Overflow),
            },
            Val::Double(value) => Ok(Val::Double(-value)),
            other => self.fault(id, Fault::Negate(self.kind_of(&other))),
        }
    }
}
