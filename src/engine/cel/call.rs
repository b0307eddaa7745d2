//! Calls: which function does what.
//!
//! Knows the functions on optionals and lists; those on text and conversions have files of their own.

use std::cmp::Ordering;
use std::rc::Rc;

use super::fault::{Fault, Halt};
use super::value::{Kind, Val};
use super::{Eval, Run};
use crate::rule::cel::{BinaryOp, Expr, ExprId, Function};

/// A call whose first argument, be it before the dot or in the parentheses, has been evaluated.
pub(super) struct Call<'a> {
    pub(super) id: ExprId,
    pub(super) name: &'static str,
    /// The node of the first argument.
    pub(super) on: ExprId,
    /// The other arguments.
    pub(super) rest: &'a [ExprId],
    /// The literal pattern of `matches()`.
    pub(super) pattern: Option<usize>,
}

impl<'a> Run<'a> {
    pub(super) fn call(&mut self, id: ExprId) -> Eval<Val<'a>> {
        let expression = self.expression;
        let Expr::Call { function, target, args, pattern, .. } = expression.expr(id) else {
            return self.fault(id, Fault::NoFunction);
        };
        let Some(function) = *function else { return self.fault(id, Fault::NoFunction) };
        if !function.takes(args.len(), target.is_some()) {
            return self.fault(id, Fault::Arguments);
        }
        let (on, rest) = match (target, args.split_first()) {
            (Some(target), _) => (*target, &args[..]),
            (None, Some((first, rest))) => (*first, rest),
            (None, None) => return Ok(Val::Optional(None)), // `optional.none()`, the only one without argument
        };
        let value = self.eval(on)?;
        let call = Call { id, name: function.name(), on, rest, pattern: *pattern };
        match function {
            Function::Size => self.size(&call, &value),
            Function::Type => Ok(Val::Type(self.kind_of(&value))),
            Function::Dyn => Ok(value),
            Function::Int | Function::Uint | Function::Double | Function::String | Function::Bool => {
                self.convert(&call, function, value)
            }
            Function::OptionalOf => Ok(Val::some(value)),
            Function::OptionalOfNonZeroValue => {
                Ok(if self.is_zero(&value) { Val::Optional(None) } else { Val::some(value) })
            }
            Function::OptionalNone => Ok(Val::Optional(None)),
            Function::OrValue | Function::Or | Function::HasValue | Function::Value => {
                self.optional(&call, function, value)
            }
            Function::Join => self.join(&call, &value),
            Function::IsSorted | Function::Sum | Function::Min | Function::Max => self.fold(&call, function, &value),
            Function::IndexOf | Function::LastIndexOf if self.kind_of(&value) == Kind::List => {
                self.index_in_list(&call, function, &value)
            }
            _ => self.text_method(&call, function, &value),
        }
    }

    fn size(&mut self, call: &Call<'a>, value: &Val<'a>) -> Eval<Val<'a>> {
        if let Some(node) = self.open(value) {
            return Err(Halt::Unknown(node));
        }
        let size = match self.kind_of(value) {
            Kind::Text => {
                let text = value.text().unwrap_or_default();
                self.spend_text(text.len())?;
                text.chars().count()
            }
            Kind::List => self.length(value),
            Kind::Map => self.keys(value)?.len(),
            kind => return self.fault(call.on, Fault::Method("size", kind)),
        };
        Ok(Val::Int(size as i64)) // no container is that large
    }

    fn is_zero(&self, value: &Val<'a>) -> bool {
        match value {
            Val::Null => true,
            Val::Bool(value) => !value,
            Val::Int(value) => *value == 0,
            Val::Uint(value) => *value == 0,
            Val::Double(value) => *value == 0.0,
            Val::Text(text) => text.is_empty(),
            Val::Built(text) => text.is_empty(),
            Val::Node(node) => self.document.items(*node).is_empty() && self.document.entries(*node).is_empty(),
            Val::List(items) => items.is_empty(),
            Val::Map(entries) => entries.is_empty(),
            Val::Optional(inner) => inner.is_none(),
            Val::Type(_) => false,
        }
    }

    /// Methods of optionals. The other value is evaluated only if it is needed.
    fn optional(&mut self, call: &Call<'a>, function: Function, value: Val<'a>) -> Eval<Val<'a>> {
        let Val::Optional(inner) = value else {
            return self.fault(call.on, Fault::NotOptional(self.kind_of(&value)));
        };
        match (function, inner) {
            (Function::HasValue, inner) => Ok(Val::Bool(inner.is_some())),
            (Function::Or, Some(inner)) => Ok(Val::Optional(Some(inner))),
            (_, Some(inner)) => Ok(Val::clone(&inner)),
            (Function::Value, None) => self.fault(call.on, Fault::EmptyOptional),
            (function, None) => {
                let Some(other) = call.rest.first() else { return self.fault(call.id, Fault::Arguments) };
                let value = self.eval(*other)?;
                match (function, &value) {
                    (Function::OrValue, _) | (Function::Or, Val::Optional(_)) => Ok(value),
                    _ => self.fault(*other, Fault::NotOptional(self.kind_of(&value))),
                }
            }
        }
    }

    /// Methods that make one value of a list.
    fn fold(&mut self, call: &Call<'a>, function: Function, list: &Val<'a>) -> Eval<Val<'a>> {
        if self.kind_of(list) != Kind::List {
            return self.fault(call.on, Fault::Method(call.name, self.kind_of(list)));
        }
        let length = self.length(list);
        let Some(last) = length.checked_sub(1) else {
            return match function {
                Function::IsSorted => Ok(Val::Bool(true)),
                Function::Sum => Ok(Val::Int(0)),
                _ => self.fault(call.on, Fault::EmptyList(call.name)),
            };
        };
        self.spend(length)?;
        let mut held = self.item(list, 0)?;
        if last == 0 {
            // One item still has to be of a kind that the method is for.
            let same = held.clone();
            self.ordered(call, function, &held, &same)?;
        }
        for at in 1..=last {
            let item = self.item(list, at)?;
            match function {
                Function::Sum => {
                    self.ordered(call, function, &held, &item)?;
                    held = self.binary(call.id, BinaryOp::Add, held, item)?;
                }
                _ => {
                    let order = self.ordered(call, function, &held, &item)?;
                    match function {
                        Function::IsSorted if order == Some(Ordering::Greater) => return Ok(Val::Bool(false)),
                        Function::Min if order != Some(Ordering::Greater) => {}
                        Function::Max if order != Some(Ordering::Less) => {}
                        _ => held = item,
                    }
                }
            }
        }
        Ok(if function == Function::IsSorted { Val::Bool(true) } else { held })
    }

    fn ordered(&mut self, call: &Call<'a>, function: Function, a: &Val<'a>, b: &Val<'a>) -> Eval<Option<Ordering>> {
        let order = match (function, a) {
            // Text has an order, but no sum.
            (Function::Sum, Val::Text(_) | Val::Built(_) | Val::Bool(_)) => None,
            _ => self.order(a, b)?,
        };
        match order {
            Some(order) => Ok(order),
            None => self.fault(call.on, Fault::Operator(call.name, self.kind_of(a), self.kind_of(b))),
        }
    }

    fn index_in_list(&mut self, call: &Call<'a>, function: Function, list: &Val<'a>) -> Eval<Val<'a>> {
        let [needle] = call.rest else { return self.fault(call.id, Fault::Arguments) };
        let needle = self.eval(*needle)?;
        let length = self.length(list);
        for step in 0..length {
            let at = if function == Function::IndexOf { step } else { length - 1 - step };
            let item = self.item(list, at)?;
            if self.equal(&item, &needle)? {
                return Ok(Val::Int(at as i64));
            }
        }
        Ok(Val::Int(-1))
    }

    /// `list.join(separator)`.
    fn join(&mut self, call: &Call<'a>, list: &Val<'a>) -> Eval<Val<'a>> {
        if self.kind_of(list) != Kind::List {
            return self.fault(call.on, Fault::Method("join", self.kind_of(list)));
        }
        let separator = match call.rest.first() {
            Some(argument) => self.text_argument(call, *argument)?,
            None => Val::Text(""),
        };
        let mut out = String::new();
        for at in 0..self.length(list) {
            self.spend(1)?;
            let item = self.item(list, at)?;
            let Some(text) = item.text() else {
                return self.fault(call.on, Fault::Method("join", self.kind_of(&item)));
            };
            let separator = if at == 0 { "" } else { separator.text().unwrap_or_default() };
            self.spend_built(separator.len() + text.len())?;
            out.push_str(separator);
            out.push_str(text);
        }
        Ok(Val::Built(Rc::from(out)))
    }
}
