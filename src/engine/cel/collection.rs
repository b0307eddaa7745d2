//! Macros that go through lists and maps, and the lists and maps that an expression makes.
//!
//! Knows what decides early: one counter-example ends `all`, one example ends `exists`, whatever else fails or
//! is unknown.

use std::rc::Rc;

use super::access::same_key;
use super::fault::{Fault, Halt};
use super::value::{Kind, Val};
use super::{Eval, Run};
use crate::document::NodeId;
use crate::rule::cel::{ExprId, ListItem, MapItem};

/// What a macro goes through: the items of a list, or the keys of a map.
enum Range<'a> {
    List(Val<'a>, usize, Option<NodeId>),
    Keys(Vec<Val<'a>>, Option<NodeId>),
}

impl Range<'_> {
    fn len(&self) -> usize {
        match self {
            Range::List(_, length, _) => *length,
            Range::Keys(keys, _) => keys.len(),
        }
    }

    /// What there may be more of than is known.
    fn open(&self) -> Option<Halt> {
        let (Range::List(_, _, open) | Range::Keys(_, open)) = self;
        open.map(Halt::Unknown)
    }
}

impl<'a> Run<'a> {
    fn range(&mut self, id: ExprId) -> Eval<Range<'a>> {
        let value = self.eval(id)?;
        match self.kind_of(&value) {
            Kind::List => {
                let (length, open) = (self.length(&value), self.open(&value));
                Ok(Range::List(value, length, open))
            }
            Kind::Map => {
                let open = self.open(&value);
                self.keys(&value).map(|keys| Range::Keys(keys, open))
            }
            kind => self.fault(id, Fault::NotIterable(kind)),
        }
    }

    fn at(&mut self, range: &Range<'a>, at: usize) -> Eval<Val<'a>> {
        self.spend(1)?;
        match range {
            Range::List(list, ..) => self.item(list, at),
            Range::Keys(keys, _) => Ok(keys[at].clone()),
        }
    }

    fn with(&mut self, value: Val<'a>, body: ExprId) -> Eval<Val<'a>> {
        self.locals.push(value);
        let result = self.eval(body);
        self.locals.pop();
        result
    }

    fn holds(&mut self, value: Val<'a>, body: ExprId) -> Eval<bool> {
        let result = self.with(value, body)?;
        self.as_bool(result, body)
    }

    /// `all` (decided by false) and `exists` (decided by true).
    pub(super) fn quantify(&mut self, range: ExprId, body: ExprId, decisive: bool) -> Eval<Val<'a>> {
        let range = self.range(range)?;
        let mut held = range.open();
        for at in 0..range.len() {
            match self.at(&range, at).and_then(|item| self.holds(item, body)) {
                Ok(value) if value == decisive => return Ok(Val::Bool(decisive)),
                Ok(_) => {}
                Err(halt) => Halt::hold(&mut held, halt)?,
            }
        }
        held.map_or(Ok(Val::Bool(!decisive)), Err)
    }

    /// `exists_one`: a failure anywhere fails; two examples are too many whatever is unknown.
    pub(super) fn exists_one(&mut self, range: ExprId, body: ExprId) -> Eval<Val<'a>> {
        let range = self.range(range)?;
        let mut count = 0;
        let mut unknown = match range.open() {
            Some(Halt::Unknown(node)) => Some(node),
            _ => None,
        };
        for at in 0..range.len() {
            match self.at(&range, at).and_then(|item| self.holds(item, body)) {
                Ok(holds) => count += usize::from(holds),
                Err(Halt::Unknown(node)) => unknown = unknown.or(Some(node)),
                Err(halt) => return Err(halt),
            }
        }
        match unknown {
            Some(node) if count < 2 => Err(Halt::Unknown(node)),
            _ => Ok(Val::Bool(count == 1)),
        }
    }

    /// `map(x, value)`, `map(x, keep, value)`.
    pub(super) fn map(&mut self, range: ExprId, keep: Option<ExprId>, body: ExprId) -> Eval<Val<'a>> {
        let range = self.range(range)?;
        let mut out = Vec::new();
        for at in 0..range.len() {
            let item = self.at(&range, at)?;
            let kept = match keep {
                Some(keep) => self.holds(item.clone(), keep)?,
                None => true,
            };
            if kept {
                out.push(self.with(item, body)?);
            }
        }
        Ok(Val::List(Rc::from(out)))
    }

    /// `filter(x, keep)`.
    pub(super) fn filter(&mut self, range: ExprId, body: ExprId) -> Eval<Val<'a>> {
        let range = self.range(range)?;
        let mut out = Vec::new();
        for at in 0..range.len() {
            let item = self.at(&range, at)?;
            if self.holds(item.clone(), body)? {
                out.push(item);
            }
        }
        Ok(Val::List(Rc::from(out)))
    }

    /// `optMap`, `optFlatMap`.
    pub(super) fn optional_map(&mut self, target: ExprId, body: ExprId, flat: bool) -> Eval<Val<'a>> {
        match self.eval(target)? {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(value)) => {
                let made = self.with(Val::clone(&value), body)?;
                match (flat, &made) {
                    (false, _) => Ok(Val::some(made)),
                    (true, Val::Optional(_)) => Ok(made),
                    (true, _) => self.fault(body, Fault::NotOptional(self.kind_of(&made))),
                }
            }
            other => self.fault(target, Fault::NotOptional(self.kind_of(&other))),
        }
    }

    /// `[a, ?b]`.
    pub(super) fn make_list(&mut self, items: &[ListItem]) -> Eval<Val<'a>> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(item.value)?;
            out.extend(self.element(item.value, value, item.optional)?);
        }
        Ok(Val::List(Rc::from(out)))
    }

    /// `{a: b, ?c: d}`.
    pub(super) fn make_map(&mut self, id: ExprId, items: &[MapItem]) -> Eval<Val<'a>> {
        let mut out: Vec<(Val<'a>, Val<'a>)> = Vec::with_capacity(items.len());
        for item in items {
            let key = self.eval(item.key)?;
            let kind = self.kind_of(&key);
            if !matches!(kind, Kind::Text | Kind::Bool | Kind::Int | Kind::Uint) {
                return self.fault(item.key, Fault::BadKey(kind));
            }
            let value = self.eval(item.value)?;
            let Some(value) = self.element(item.value, value, item.optional)? else { continue };
            self.spend(out.len() / 4)?;
            if out.iter().any(|(known, _)| same_key(known, &key)) {
                return self.fault(id, Fault::SameKey);
            }
            out.push((key, value));
        }
        Ok(Val::Map(Rc::from(out)))
    }

    fn element(&self, at: ExprId, value: Val<'a>, optional: bool) -> Eval<Option<Val<'a>>> {
        match (optional, value) {
            (false, value) => Ok(Some(value)),
            (true, Val::Optional(inner)) => Ok(inner.map(|inner| Val::clone(&inner))),
            (true, other) => self.fault(at, Fault::NotOptional(self.kind_of(&other))),
        }
    }
}
