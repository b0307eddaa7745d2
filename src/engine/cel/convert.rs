//! Conversions between kinds: `int(x)`, `string(x)` and their like.
//!
//! Knows ranges and spellings; a text that does not read as a number is a fault that does not repeat it.

use super::call::Call;
use super::fault::Fault;
use super::value::{Kind, Val};
use super::{Eval, Run};
use crate::rule::cel::Function;

impl<'a> Run<'a> {
    pub(super) fn convert(&mut self, call: &Call<'a>, to: Function, value: Val<'a>) -> Eval<Val<'a>> {
        let from = self.kind_of(&value);
        if let Some(text) = value.text() {
            self.spend_text(text.len())?;
        }
        let (kind, made) = match to {
            Function::Int => (Kind::Int, to_int(&value)),
            Function::Uint => (Kind::Uint, to_uint(&value)),
            Function::Double => (Kind::Double, to_double(&value)),
            Function::Bool => (Kind::Bool, to_bool(&value)),
            _ if from == Kind::Text => return Ok(value),
            _ => (Kind::Text, to_text(&value).map(Some)),
        };
        match made {
            Some(Some(value)) => Ok(value),
            Some(None) if from == Kind::Text => self.fault(call.id, Fault::Unreadable(kind)),
            Some(None) => self.fault(call.id, Fault::Overflow),
            None => self.fault(call.id, Fault::Convert(from, kind)),
        }
    }
}

/// `None`: no such conversion. `Some(None)`: this value does not fit.
type Made<'a> = Option<Option<Val<'a>>>;

fn to_int<'a>(value: &Val<'a>) -> Made<'a> {
    Some(match value {
        Val::Int(value) => Some(Val::Int(*value)),
        Val::Uint(value) => i64::try_from(*value).ok().map(Val::Int),
        // The bounds themselves are no doubles that came from an int without rounding.
        Val::Double(value) => {
            (*value > i64::MIN as f64 && *value < i64::MAX as f64).then(|| Val::Int(value.trunc() as i64))
        }
        _ => value.text()?.parse().ok().map(Val::Int),
    })
}

fn to_uint<'a>(value: &Val<'a>) -> Made<'a> {
    Some(match value {
        Val::Uint(value) => Some(Val::Uint(*value)),
        Val::Int(value) => u64::try_from(*value).ok().map(Val::Uint),
        Val::Double(value) => (*value >= 0.0 && *value < u64::MAX as f64).then(|| Val::Uint(value.trunc() as u64)),
        _ => value.text()?.parse().ok().map(Val::Uint),
    })
}

fn to_double<'a>(value: &Val<'a>) -> Made<'a> {
    Some(match value {
        Val::Double(value) => Some(Val::Double(*value)),
        Val::Int(value) => Some(Val::Double(*value as f64)),
        Val::Uint(value) => Some(Val::Double(*value as f64)),
        _ => value.text()?.parse().ok().map(Val::Double),
    })
}

fn to_bool<'a>(value: &Val<'a>) -> Made<'a> {
    Some(match value {
        Val::Bool(value) => Some(Val::Bool(*value)),
        _ => match value.text()? {
            "true" | "True" | "TRUE" | "t" | "1" => Some(Val::Bool(true)),
            "false" | "False" | "FALSE" | "f" | "0" => Some(Val::Bool(false)),
            _ => None,
        },
    })
}

fn to_text<'a>(value: &Val<'a>) -> Option<Val<'a>> {
    let text = match value {
        Val::Bool(value) => return Some(Val::Text(if *value { "true" } else { "false" })),
        Val::Int(value) => value.to_string(),
        Val::Uint(value) => value.to_string(),
        Val::Double(value) => value.to_string(),
        _ => return None,
    };
    Some(Val::Built(text.into()))
}
