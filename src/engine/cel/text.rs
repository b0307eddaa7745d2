//! Methods of text.
//!
//! Knows strings as CEL counts them, in code points. Parts of a borrowed text stay borrowed.

use std::rc::Rc;

use super::call::Call;
use super::fault::Fault;
use super::value::Val;
use super::{Eval, Run};
use crate::rule::cel::{ExprId, Function, MAX_COMPUTED_SIZE, compile};

impl<'a> Run<'a> {
    pub(super) fn text_argument(&mut self, call: &Call<'a>, argument: ExprId) -> Eval<Val<'a>> {
        let value = self.eval(argument)?;
        match value.text() {
            Some(text) => {
                self.spend_text(text.len())?;
                Ok(value)
            }
            None => self.fault(argument, Fault::Method(call.name, self.kind_of(&value))),
        }
    }

    fn int_argument(&mut self, call: &Call<'a>, at: usize) -> Eval<Option<i64>> {
        let Some(argument) = call.rest.get(at) else { return Ok(None) };
        match self.eval(*argument)? {
            Val::Int(value) => Ok(Some(value)),
            other => self.fault(*argument, Fault::Method(call.name, self.kind_of(&other))),
        }
    }

    /// A position in a text, in code points; past the end is a fault.
    fn position(&mut self, call: &Call<'a>, at: usize, length: usize) -> Eval<Option<usize>> {
        match self.int_argument(call, at)? {
            None => Ok(None),
            Some(position) => match usize::try_from(position) {
                Ok(position) if position <= length => Ok(Some(position)),
                _ => self.fault(call.id, Fault::OutOfRange),
            },
        }
    }

    pub(super) fn text_method(&mut self, call: &Call<'a>, function: Function, on: &Val<'a>) -> Eval<Val<'a>> {
        let Some(text) = on.text() else {
            return self.fault(call.on, Fault::Method(call.name, self.kind_of(on)));
        };
        if !matches!(function, Function::StartsWith | Function::EndsWith | Function::Matches) {
            self.spend_text(text.len())?;
        }
        match function {
            Function::Matches => return self.matches(call, text).map(Val::Bool),
            Function::LowerAscii => return self.changed(text.len(), || text.to_ascii_lowercase()),
            Function::UpperAscii => return self.changed(text.len(), || text.to_ascii_uppercase()),
            Function::Trim => return self.part(on, text, text.trim()),
            Function::Substring => return self.substring(call, on, text),
            Function::CharAt => {
                let length = text.chars().count();
                let at = self.position(call, 0, length)?.unwrap_or(length);
                let from = offset(text, at);
                let found = text[from..].chars().next().map_or(0, char::len_utf8);
                return self.part(on, text, &text[from..from + found]);
            }
            _ => {}
        }
        let Some(first) = call.rest.first() else { return self.fault(call.id, Fault::Arguments) };
        let argument = self.text_argument(call, *first)?;
        let other = argument.text().unwrap_or_default();
        match function {
            Function::StartsWith => Ok(Val::Bool(text.starts_with(other))),
            Function::EndsWith => Ok(Val::Bool(text.ends_with(other))),
            Function::Contains => Ok(Val::Bool(memchr::memmem::find(text.as_bytes(), other.as_bytes()).is_some())),
            Function::IndexOf => {
                let length = text.chars().count();
                let start = offset(text, self.position(call, 1, length)?.unwrap_or(0));
                Ok(code_points(text, text[start..].find(other).map(|found| found + start)))
            }
            Function::LastIndexOf => {
                let length = text.chars().count();
                let start = self.position(call, 1, length)?.unwrap_or(length);
                // The latest place that begins at `start` or before.
                let end = (offset(text, start) + other.len()).min(text.len());
                let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
                Ok(code_points(text, text[..end].rfind(other)))
            }
            Function::Split => self.split(call, on, text, other),
            Function::Replace => self.replace(call, text, other),
            _ => self.fault(call.id, Fault::NoFunction),
        }
    }

    fn matches(&mut self, call: &Call<'a>, text: &str) -> Eval<bool> {
        // Linear, but dearer per byte than a comparison.
        self.spend(1 + text.len() / 128)?;
        let literal = call.pattern.and_then(|at| self.expression.patterns().get(at));
        if let Some(pattern) = literal {
            return match pattern.regex() {
                Some(regex) => Ok(regex.is_match(text)),
                None => self.fault(call.id, Fault::Pattern),
            };
        }
        let Some(argument) = call.rest.first() else { return self.fault(call.id, Fault::Arguments) };
        let pattern = self.text_argument(call, *argument)?;
        // Compiling takes as long as a thousand steps or more; nobody should do it in a loop over a large list.
        self.spend(1_000)?;
        match compile(pattern.text().unwrap_or_default(), MAX_COMPUTED_SIZE) {
            Ok(regex) => Ok(regex.is_match(text)),
            Err(_) => self.fault(call.id, Fault::Pattern),
        }
    }

    fn changed(&mut self, length: usize, make: impl FnOnce() -> String) -> Eval<Val<'a>> {
        self.spend_built(length)?;
        Ok(Val::Built(make().into()))
    }

    /// A part of `on`'s text: borrowed if the whole is.
    fn part(&mut self, on: &Val<'a>, text: &str, part: &str) -> Eval<Val<'a>> {
        if let Val::Text(whole) = on {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            if let Some(part) = whole.get(start..start + part.len()) {
                return Ok(Val::Text(part));
            }
        }
        self.changed(part.len(), || part.to_owned())
    }

    fn substring(&mut self, call: &Call<'a>, on: &Val<'a>, text: &str) -> Eval<Val<'a>> {
        let length = text.chars().count();
        let start = self.position(call, 0, length)?.unwrap_or(0);
        let end = self.position(call, 1, length)?.unwrap_or(length);
        if start > end {
            return self.fault(call.id, Fault::OutOfRange);
        }
        self.part(on, text, &text[offset(text, start)..offset(text, end)])
    }

    fn split(&mut self, call: &Call<'a>, on: &Val<'a>, text: &str, separator: &str) -> Eval<Val<'a>> {
        let limit = self.int_argument(call, 1)?.and_then(|limit| usize::try_from(limit).ok());
        let mut parts: Vec<Val<'a>> = Vec::new();
        let mut from = 0;
        // Without a separator, between all characters.
        while limit.is_none_or(|limit| parts.len() + 1 < limit) {
            let found = if separator.is_empty() {
                text[from..].chars().next().map(char::len_utf8).filter(|length| from + length < text.len())
            } else {
                text[from..].find(separator)
            };
            let Some(found) = found else { break };
            self.spend(1)?;
            let part = self.part(on, text, &text[from..from + found])?;
            parts.push(part);
            from += found + separator.len();
        }
        if limit != Some(0) && !(separator.is_empty() && text.is_empty()) {
            parts.push(self.part(on, text, &text[from..])?);
        }
        Ok(Val::List(Rc::from(parts)))
    }

    fn replace(&mut self, call: &Call<'a>, text: &str, old: &str) -> Eval<Val<'a>> {
        let Some(argument) = call.rest.get(1) else { return self.fault(call.id, Fault::Arguments) };
        let new = self.text_argument(call, *argument)?;
        let new = new.text().unwrap_or_default();
        let limit = self.int_argument(call, 2)?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        // Known before it is built: a short `old` and a long `new` would multiply.
        let places = text.matches(old).take(limit).count();
        let removed = places.saturating_mul(old.len());
        self.spend_built(text.len().saturating_sub(removed).saturating_add(places.saturating_mul(new.len())))?;
        Ok(Val::Built(text.replacen(old, new, limit).into()))
    }
}

/// The byte offset of a code point; the end for what lies past it.
fn offset(text: &str, code_point: usize) -> usize {
    text.char_indices().nth(code_point).map_or(text.len(), |(at, _)| at)
}

/// A byte offset as code points; -1 for nothing.
fn code_points(text: &str, found: Option<usize>) -> Val<'static> {
    Val::Int(found.map_or(-1, |at| text[..at].chars().count() as i64))
}
