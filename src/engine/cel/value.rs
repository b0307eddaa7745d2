//! What an expression's parts can be while it is evaluated.
//!
//! Knows kinds, equality and order; not where a value comes from.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Eval, Run, fault::Halt};
use crate::document::{NodeId, Value as Shape};

/// A value. Text and containers of the document or the expression are borrowed; only what the expression
/// itself makes is owned, and shared when cloned.
#[derive(Clone, Debug)]
pub(super) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(&'a str),
    Built(Rc<str>),
    /// A list or a map of the document; never anything else.
    Node(NodeId),
    List(Rc<[Val<'a>]>),
    Map(Rc<[(Val<'a>, Val<'a>)]>),
    Optional(Option<Rc<Val<'a>>>),
    Type(Kind),
}

/// Kinds of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    List,
    Map,
    Optional,
    Type,
    /// Never met, but a type that can be named.
    Bytes,
}

impl Kind {
    /// With its article, for messages.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool => "a bool",
            Kind::Int => "an int",
            Kind::Uint => "a uint",
            Kind::Double => "a double",
            Kind::Text => "a string",
            Kind::List => "a list",
            Kind::Map => "a map",
            Kind::Optional => "an optional",
            Kind::Type => "a type",
            Kind::Bytes => "bytes",
        }
    }

    /// The type of that CEL name.
    pub(super) fn named(name: &str) -> Option<Kind> {
        Some(match name {
            "null_type" => Kind::Null,
            "bool" => Kind::Bool,
            "int" => Kind::Int,
            "uint" => Kind::Uint,
            "double" => Kind::Double,
            "string" => Kind::Text,
            "list" => Kind::List,
            "map" => Kind::Map,
            "type" => Kind::Type,
            "bytes" => Kind::Bytes,
            _ => return None,
        })
    }
}

impl<'a> Val<'a> {
    /// The text, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Val::Text(text) => Some(text),
            Val::Built(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn some(value: Val<'a>) -> Val<'a> {
        Val::Optional(Some(Rc::new(value)))
    }
}

impl<'a> Run<'a> {
    pub(super) fn kind_of(&self, value: &Val<'a>) -> Kind {
        match value {
            Val::Null => Kind::Null,
            Val::Bool(_) => Kind::Bool,
            Val::Int(_) => Kind::Int,
            Val::Uint(_) => Kind::Uint,
            Val::Double(_) => Kind::Double,
            Val::Text(_) | Val::Built(_) => Kind::Text,
            Val::Node(node) => match self.document.value(*node) {
                Shape::Map(_) => Kind::Map,
                _ => Kind::List,
            },
            Val::List(_) => Kind::List,
            Val::Map(_) => Kind::Map,
            Val::Optional(_) => Kind::Optional,
            Val::Type(_) => Kind::Type,
        }
    }

    /// Equality: numbers by value across their kinds, containers by what they hold, other kinds never equal.
    /// One difference decides even beside an unknown.
    pub(super) fn equal(&mut self, a: &Val<'a>, b: &Val<'a>) -> Eval<bool> {
        self.spend(1)?;
        if let (Some(a), Some(b)) = (a.text(), b.text()) {
            self.spend_text(a.len().min(b.len()))?;
            return Ok(a == b);
        }
        if let Some(order) = compare_numbers(a, b) {
            return Ok(order == Some(Ordering::Equal));
        }
        match (a, b) {
            (Val::Null, Val::Null) => Ok(true),
            (Val::Bool(a), Val::Bool(b)) => Ok(a == b),
            (Val::Type(a), Val::Type(b)) => Ok(a == b),
            (Val::Optional(a), Val::Optional(b)) => match (a, b) {
                (Some(a), Some(b)) => self.equal(a, b),
                (a, b) => Ok(a.is_none() && b.is_none()),
            },
            _ => match (self.kind_of(a), self.kind_of(b)) {
                (Kind::List, Kind::List) => self.equal_lists(a, b),
                (Kind::Map, Kind::Map) => self.equal_maps(a, b),
                _ => Ok(false),
            },
        }
    }

    fn equal_lists(&mut self, a: &Val<'a>, b: &Val<'a>) -> Eval<bool> {
        let length = self.length(a);
        if length != self.length(b) {
            return Ok(false);
        }
        let mut held = None;
        for at in 0..length {
            self.spend(1)?;
            let pair = self.item(a, at).and_then(|a| Ok((a, self.item(b, at)?)));
            match pair.and_then(|(a, b)| self.equal(&a, &b)) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(halt) => Halt::hold(&mut held, halt)?,
            }
        }
        held.map_or(Ok(true), Err)
    }

    fn equal_maps(&mut self, a: &Val<'a>, b: &Val<'a>) -> Eval<bool> {
        let keys = self.keys(a)?;
        if keys.len() != self.keys(b)?.len() {
            return Ok(false);
        }
        let mut held = None;
        for key in keys {
            let pair = self.lookup(a, &key).and_then(|a| Ok((a, self.lookup(b, &key)?)));
            match pair {
                Ok((Some(a), Some(b))) => match self.equal(&a, &b) {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(halt) => Halt::hold(&mut held, halt)?,
                },
                Ok(_) => return Ok(false),
                Err(halt) => Halt::hold(&mut held, halt)?,
            }
        }
        held.map_or(Ok(true), Err)
    }

    /// Order, where there is one: numbers, texts, bools. `Some(None)` where a number is none (NaN).
    pub(super) fn order(&mut self, a: &Val<'a>, b: &Val<'a>) -> Eval<Option<Option<Ordering>>> {
        if let (Some(a), Some(b)) = (a.text(), b.text()) {
            self.spend_text(a.len().min(b.len()))?;
            return Ok(Some(Some(a.cmp(b))));
        }
        Ok(match (a, b) {
            (Val::Bool(a), Val::Bool(b)) => Some(Some(a.cmp(b))),
            _ => compare_numbers(a, b),
        })
    }
}

/// The exact order of two numbers of any kind; nothing if one is no number.
pub(super) fn compare_numbers(a: &Val<'_>, b: &Val<'_>) -> Option<Option<Ordering>> {
    let whole = |value: &Val<'_>| match value {
        Val::Int(value) => Some(i128::from(*value)),
        Val::Uint(value) => Some(i128::from(*value)),
        _ => None,
    };
    Some(match (a, b) {
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        (Val::Double(a), b) => whole_and_double(whole(b)?, *a).map(Ordering::reverse),
        (a, Val::Double(b)) => whole_and_double(whole(a)?, *b),
        (a, b) => Some(whole(a)?.cmp(&whole(b)?)),
    })
}

/// Compares without rounding the whole number to a double first.
fn whole_and_double(whole: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // The cast saturates far outside of the range of both int and uint, and is exact inside of it.
    let floor = double.floor();
    Some(whole.cmp(&(floor as i128)).then(if double > floor { Ordering::Less } else { Ordering::Equal }))
}
