//! Copies of parts of a document into another arena, what is shared stays shared.

use std::collections::HashMap;

use crate::document::{Builder, Document, Entry, NodeId, Value};

/// How deep a copy goes; what lies deeper is not known there. No object that is joined needs half of it.
const DEEPEST: usize = 32;

pub(super) struct Copier<'c> {
    from: &'c Document,
    into: &'c mut Builder,
    done: HashMap<NodeId, NodeId>,
}

impl<'c> Copier<'c> {
    pub(super) fn new(from: &'c Document, into: &'c mut Builder) -> Self {
        Copier { from, into, done: HashMap::new() }
    }

    /// The copy of a node; the same one whenever it is asked for.
    pub(super) fn copy(&mut self, node: NodeId) -> NodeId {
        self.below(node, 0)
    }

    fn below(&mut self, node: NodeId, depth: usize) -> NodeId {
        if let Some(done) = self.done.get(&node) {
            return *done;
        }
        let value = match self.from.value(node) {
            Value::List(_) | Value::Map(_) if depth == DEEPEST => Value::Unknown("nested too deeply".into()),
            Value::List(items) => Value::List(items.iter().map(|item| self.below(*item, depth + 1)).collect()),
            Value::Map(entries) => {
                let copied = |entry: &Entry| Entry {
                    key: entry.key.clone(),
                    key_span: None,
                    value: self.below(entry.value, depth + 1),
                    used_at: None,
                };
                Value::Map(entries.iter().map(copied).collect())
            }
            other => other.clone(),
        };
        let copy = self.into.add(value, None);
        self.done.insert(node, copy);
        copy
    }
}
