//! The way that was taken from a document's top to a node, and how it is written.
//!
//! Knows trees; nothing of what stands in them.

use std::fmt::Write;

use super::path::{push_key, push_pointer};
use crate::document::{Document, NodeId};
use crate::text::Span;

/// One step that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hop {
    /// An entry of a map, by its number.
    Entry { map: NodeId, index: usize },
    /// An item of a list, by its number.
    Item(usize),
}

/// The way that was taken from a document's top to a node. It copies no key: it is printed only for findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail(Vec<Hop>);

impl Trail {
    /// This way and one entry of `map` further.
    #[must_use]
    pub(super) fn entry(&self, map: NodeId, index: usize) -> Trail {
        self.with(Hop::Entry { map, index })
    }

    /// This way and one item further.
    #[must_use]
    pub(super) fn item(&self, index: usize) -> Trail {
        self.with(Hop::Item(index))
    }

    fn with(&self, hop: Hop) -> Trail {
        let mut hops = Vec::with_capacity(self.0.len() + 1);
        hops.extend_from_slice(&self.0);
        hops.push(hop);
        Trail(hops)
    }

    /// How many steps were taken.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether this is the top.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `spec.containers[0].image`, `labels["a.io/b"]`; empty at the top.
    pub fn display(&self, document: &Document) -> String {
        let mut text = String::new();
        for hop in &self.0 {
            match *hop {
                Hop::Entry { map, index } => push_key(&mut text, &document.entries(map)[index].key),
                Hop::Item(index) => {
                    let _ = write!(text, "[{index}]");
                }
            }
        }
        text
    }

    /// The way with what is named by its name, not its number: `suites[TLS_AES_128_GCM_SHA256 TLSv1.3].name`.
    pub fn display_named(&self, document: &Document) -> String {
        let (mut text, mut list) = (String::new(), None);
        for hop in &self.0 {
            match *hop {
                Hop::Entry { map, index } => {
                    let entry = &document.entries(map)[index];
                    push_key(&mut text, &entry.key);
                    list = Some(entry.value);
                }
                Hop::Item(index) => {
                    let item = list.take().and_then(|list| document.items(list).get(index).copied());
                    let named = item.and_then(|item| match document.as_str(item) {
                        Some(name) => Some(name.to_owned()),
                        None => {
                            let (name, version) = (document.get_str(item, "name")?, document.get_str(item, "version"));
                            Some(version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}")))
                        }
                    });
                    let _ = write!(text, "[{}]", named.unwrap_or_else(|| index.to_string()));
                }
            }
        }
        text
    }

    /// The way as a JSON pointer (RFC 6901), from the step `from` on.
    pub fn pointer(&self, document: &Document, from: usize) -> String {
        let mut text = String::new();
        for hop in self.0.iter().skip(from) {
            match *hop {
                Hop::Entry { map, index } => push_pointer(&mut text, &document.entries(map)[index].key),
                Hop::Item(index) => {
                    let _ = write!(text, "/{index}");
                }
            }
        }
        text
    }

    /// The last key, if the last step was by key.
    pub fn key<'d>(&self, document: &'d Document) -> Option<&'d str> {
        match self.0.last()? {
            Hop::Entry { map, index } => document.entries(*map).get(*index).map(|entry| &*entry.key),
            Hop::Item(_) => None,
        }
    }

    /// The nodes on the way down from `start`, that one first.
    pub(super) fn nodes(&self, document: &Document, start: NodeId) -> Vec<NodeId> {
        let mut nodes = vec![start];
        let mut here = start;
        for hop in &self.0 {
            let next = match *hop {
                Hop::Entry { map, index } => document.entries(map).get(index).map(|entry| entry.value),
                Hop::Item(index) => document.items(here).get(index).copied(),
            };
            let Some(next) = next else { break };
            here = next;
            nodes.push(here);
        }
        nodes
    }

    /// Where the last key stands, if the last step was by key and the key has a place.
    pub(super) fn last_key(&self, document: &Document) -> Option<Span> {
        match self.0.last()? {
            Hop::Entry { map, index } => document.entries(*map)[*index].key_span,
            Hop::Item(_) => None,
        }
    }

    /// Where the way first entered something that is defined elsewhere (an alias, a merge key).
    pub(super) fn used_at(&self, document: &Document) -> Option<Span> {
        self.0.iter().find_map(|hop| match hop {
            Hop::Entry { map, index } => document.entries(*map)[*index].used_at,
            Hop::Item(_) => None,
        })
    }
}
