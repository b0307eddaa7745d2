//! Closed shapes: what the documents of a fact kind may hold, checked and completed.
//!
//! A field has three states. A value: it was looked at. `null`: it was looked at and there is none. Left out:
//! nobody looked, and so it is *not known*; it is filled in as such, and a rule that needs it cannot judge.

use super::derive::Problem;
use super::path::push_pointer;
use crate::document::{Builder, Entry, NodeId, Value};
use crate::text::Span;

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of such values.
    List(&'static Shape),
    /// A map with these fields and no others.
    Map(&'static [Field]),
    /// A map from any name to text.
    Names,
}

/// One field of a map.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// Whether there are no facts without it.
    pub required: bool,
    /// Whether it is only there if the user asked for it: left out, there is none.
    pub on_demand: bool,
    /// What it says.
    pub about: &'static str,
}

/// A field that may be left out or `null`.
pub(super) const fn field(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, required: false, on_demand: false, about }
}

/// A field that is only there if the user asked for it: to leave it out is to say `null`, and nobody is told that it
/// could not be judged.
pub(super) const fn on_demand(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, required: false, on_demand: true, about }
}

/// A field that must be there.
pub(super) const fn required(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, required: true, on_demand: false, about }
}

/// The names of `N` fields.
pub(super) const fn names<const N: usize>(fields: &[Field]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = fields[index].name;
        index += 1;
    }
    names
}

/// How many problems are told before the rest is left out.
const MAX_PROBLEMS: usize = 50;
/// Why a field that was left out is not known.
pub(super) const LEFT_OUT: &str = "not in the facts";

/// Checks a tree against a shape and fills in what was left out.
pub(super) struct Checker<'b> {
    pub(super) builder: &'b mut Builder,
    pub(super) problems: &'b mut Vec<Problem>,
}

impl Checker<'_> {
    /// Checks the map at `node`, which stands at `pointer`. Nests only as deep as the shapes do.
    pub(super) fn map(&mut self, node: NodeId, fields: &'static [Field], pointer: &str) {
        let Value::Map(mut entries) = self.builder.node(node).value.clone() else { return };
        for entry in &entries {
            let mut at = pointer.to_owned();
            push_pointer(&mut at, &entry.key);
            match fields.iter().find(|field| *field.name == *entry.key) {
                Some(field) => self.value(entry.value, field.shape, !field.required, &at, entry.key_span),
                None => {
                    let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
                    self.problem(
                        &at,
                        format!("there is no such field; there are {}", known.join(", ")),
                        entry.key_span,
                    );
                }
            }
        }
        for field in fields {
            if entries.iter().any(|entry| *entry.key == *field.name) {
                continue;
            }
            if field.required {
                let span = self.builder.node(node).span;
                self.problem(pointer, format!("the field `{}` is missing", field.name), span);
            }
            let value = if field.on_demand { Value::Null } else { Value::Unknown(LEFT_OUT.into()) };
            let value = self.builder.add(value, None);
            entries.push(Entry { key: field.name.into(), key_span: None, value, used_at: None });
        }
        self.builder.node_mut(node).value = Value::Map(entries);
    }

    fn value(&mut self, node: NodeId, shape: Shape, may_be_null: bool, pointer: &str, key: Option<Span>) {
        let found = self.builder.node(node).value.clone();
        match (shape, &found) {
            (_, Value::Unknown(_)) | (Shape::Bool, Value::Bool(_)) | (Shape::Int, Value::Int(_)) => {}
            (_, Value::Null) if may_be_null => {}
            (Shape::Text, Value::Str(_)) => {}
            (Shape::Word(words), Value::Str(text)) if words.contains(&&**text) => {}
            (Shape::Map(fields), Value::Map(_)) => self.map(node, fields, pointer),
            (Shape::List(item), Value::List(items)) => {
                for (index, id) in items.iter().enumerate() {
                    self.value(*id, *item, false, &format!("{pointer}/{index}"), None);
                }
            }
            (Shape::Names, Value::Map(entries)) => {
                for entry in entries {
                    let mut at = pointer.to_owned();
                    push_pointer(&mut at, &entry.key);
                    self.value(entry.value, Shape::Text, false, &at, entry.key_span);
                }
            }
            _ => {
                let span = self.builder.node(node).span.or(key);
                self.problem(pointer, format!("{} is wanted here", wanted(shape)), span);
            }
        }
    }

    pub(super) fn problem(&mut self, pointer: &str, message: String, span: Option<Span>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { pointer: pointer.to_owned(), message, span });
        }
    }
}

fn wanted(shape: Shape) -> String {
    match shape {
        Shape::Bool => "true or false".into(),
        Shape::Int => "a whole number".into(),
        Shape::Text => "text".into(),
        Shape::Word(words) => format!("one of {}", words.join(", ")),
        Shape::List(_) => "a list".into(),
        Shape::Map(_) => "a map".into(),
        Shape::Names => "a map from names to text".into(),
    }
}
