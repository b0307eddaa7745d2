//! Fields, items and keys of lists and maps, be they the document's or the expression's own.
//!
//! Knows lookup and presence. In a map of the document a name may stand twice; the last one counts.

use std::collections::HashSet;

use super::fault::Fault;
use super::value::{Kind, Val, compare_numbers};
use super::{Eval, Halt, Run};
use crate::document::{Entry, NodeId, Value as Shape};
use crate::rule::cel::ExprId;

/// Up to so many entries, a name that stands twice is looked for by comparing all with all.
const FEW: usize = 12;

impl<'a> Run<'a> {
    /// `a.b`, `a.?b`.
    pub(super) fn select(&mut self, id: ExprId, of: Val<'a>, field: &'a str, optional: bool) -> Eval<Val<'a>> {
        match &of {
            Val::Optional(None) => Ok(of),
            Val::Optional(Some(inner)) => {
                let inner = Val::clone(inner);
                self.select(id, inner, field, true)
            }
            // An optional select asks whether there is such a field, and of what has no fields there is none.
            _ if optional && self.kind_of(&of) != Kind::Map => Ok(Val::Optional(None)),
            _ => {
                let found = self.field(id, &of, field)?;
                self.found(id, found, optional, Fault::NoKey)
            }
        }
    }

    /// `has(a.b)`. Whether an unknown value is there is unknown too: the answer may have been refused.
    pub(super) fn has(&mut self, id: ExprId, of: &Val<'a>, field: &'a str) -> Eval<bool> {
        match of {
            Val::Optional(None) => Ok(false),
            Val::Optional(Some(inner)) => {
                let inner = Val::clone(inner);
                self.has(id, &inner, field)
            }
            // In a manifest `a:` without a value and no `a` at all mean the same.
            Val::Null => Ok(false),
            _ => Ok(self.field(id, of, field)?.is_some()),
        }
    }

    /// The value under a name of what must be a map.
    fn field(&mut self, id: ExprId, of: &Val<'a>, field: &'a str) -> Eval<Option<Val<'a>>> {
        match self.kind_of(of) {
            Kind::Map => self.lookup(of, &Val::Text(field)),
            kind => self.fault(id, Fault::NoFields(kind)),
        }
    }

    /// `a[i]`, `a[?i]`.
    pub(super) fn index(&mut self, id: ExprId, of: Val<'a>, index: &Val<'a>, optional: bool) -> Eval<Val<'a>> {
        match &of {
            Val::Optional(None) => return Ok(of),
            Val::Optional(Some(inner)) => {
                let inner = Val::clone(inner);
                return self.index(id, inner, index, true);
            }
            _ => {}
        }
        match self.kind_of(&of) {
            Kind::Map => {
                let keys = [Kind::Text, Kind::Bool, Kind::Int, Kind::Uint, Kind::Double];
                if !optional && !keys.contains(&self.kind_of(index)) {
                    return self.fault(id, Fault::BadKey(self.kind_of(index)));
                }
                let found = self.lookup(&of, index)?;
                self.found(id, found, optional, Fault::NoKey)
            }
            Kind::List => {
                let at = whole(index);
                if at.is_none() && !optional {
                    return self.fault(id, Fault::BadKey(self.kind_of(index)));
                }
                let found = match at.map(usize::try_from) {
                    Some(Ok(at)) if at < self.length(&of) => Some(self.item(&of, at)?),
                    _ => None,
                };
                self.found(id, found, optional, Fault::NoIndex)
            }
            _ if optional => Ok(Val::Optional(None)),
            kind => self.fault(id, Fault::NoFields(kind)),
        }
    }

    fn found(&self, id: ExprId, found: Option<Val<'a>>, optional: bool, missing: Fault) -> Eval<Val<'a>> {
        match (found, optional) {
            (found, true) => Ok(Val::Optional(found.map(std::rc::Rc::new))),
            (Some(value), false) => Ok(value),
            (None, false) => self.fault(id, missing),
        }
    }

    /// The value of a map under a key; nothing for what is no map.
    pub(super) fn lookup(&mut self, map: &Val<'a>, key: &Val<'a>) -> Eval<Option<Val<'a>>> {
        match map {
            Val::Node(node) => {
                let Some(text) = key.text() else { return Ok(None) };
                self.spend(self.document.entries(*node).len() / 16)?;
                let found = self.document.get(*node, text).map(|value| self.value_of(value)).transpose()?;
                // A name that a template fills in may be any.
                let filled_in = |entry: &&Entry| entry.key.contains("{{");
                match self.document.entries(*node).iter().find(filled_in) {
                    // What a patch lacks may stand in what it is a patch of.
                    _ if found.is_none() && self.document.is_partial() => Err(Halt::Unknown(*node)),
                    Some(entry) if found.is_none() && self.document.is_templated() => Err(Halt::Unknown(entry.value)),
                    _ => Ok(found),
                }
            }
            Val::Map(entries) => {
                self.spend(entries.len() / 4)?;
                Ok(entries.iter().find(|(known, _)| same_key(known, key)).map(|(_, value)| value.clone()))
            }
            _ => Ok(None),
        }
    }

    /// The container, if it may have more in it than stands here: a map of a patch, or a list of maps, which are
    /// joined by their names. Other lists of a patch stand for the whole.
    pub(super) fn open(&self, of: &Val<'a>) -> Option<NodeId> {
        let Val::Node(node) = of else { return None };
        let is_map = |id: &NodeId| matches!(self.document.value(*id), Shape::Map(_));
        let items = self.document.items(*node);
        let open = is_map(node) || (!items.is_empty() && items.iter().all(is_map));
        (self.document.is_partial() && open).then_some(*node)
    }

    /// How many items a list has; 0 for what is no list.
    pub(super) fn length(&self, list: &Val<'a>) -> usize {
        match list {
            Val::Node(node) => self.document.items(*node).len(),
            Val::List(items) => items.len(),
            _ => 0,
        }
    }

    /// An item of a list; the caller knows that it is there.
    pub(super) fn item(&self, list: &Val<'a>, at: usize) -> Eval<Val<'a>> {
        let item = match list {
            Val::Node(node) => self.document.items(*node).get(at).map(|item| self.value_of(*item)),
            Val::List(items) => items.get(at).map(|item| Ok(item.clone())),
            _ => None,
        };
        item.unwrap_or(Ok(Val::Null))
    }

    /// The keys of a map, each once, in their order; nothing for what is no map.
    pub(super) fn keys(&mut self, map: &Val<'a>) -> Eval<Vec<Val<'a>>> {
        match map {
            Val::Node(node) => {
                let Shape::Map(entries) = self.document.value(*node) else { return Ok(Vec::new()) };
                self.spend(entries.len() / 4)?;
                Ok(distinct(entries))
            }
            Val::Map(entries) => {
                self.spend(entries.len() / 4)?;
                Ok(entries.iter().map(|(key, _)| key.clone()).collect())
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn distinct(entries: &[Entry]) -> Vec<Val<'_>> {
    let key = |entry: &'_ Entry| -> bool {
        // Few entries are the rule, and need no set.
        entries.iter().take_while(|other| !std::ptr::eq(*other, entry)).any(|other| other.key == entry.key)
    };
    if entries.len() <= FEW {
        return entries.iter().filter(|entry| !key(entry)).map(|entry| Val::Text(&entry.key)).collect();
    }
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().filter(|entry| seen.insert(&*entry.key)).map(|entry| Val::Text(&entry.key)).collect()
}

/// Whether two keys are one: text, bools, and numbers by value.
pub(super) fn same_key(a: &Val<'_>, b: &Val<'_>) -> bool {
    match (a, b) {
        (Val::Bool(a), Val::Bool(b)) => a == b,
        _ => match (a.text(), b.text()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => compare_numbers(a, b) == Some(Some(std::cmp::Ordering::Equal)),
            _ => false,
        },
    }
}

/// A whole number, also when written as a double without a fraction.
fn whole(value: &Val<'_>) -> Option<i128> {
    match value {
        Val::Int(value) => Some(i128::from(*value)),
        Val::Uint(value) => Some(i128::from(*value)),
        Val::Double(value) if value.fract() == 0.0 => Some(*value as i128),
        _ => None,
    }
}
