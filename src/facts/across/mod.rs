//! What only many documents together say: who may do what in a cluster, what a namespace lacks.
//!
//! Each document gives [`Piece`]s, small copies of the objects that matter; when all were seen, [`join`] makes one
//! document of them, with a subject for each thing that rules judge. A piece knows which of its nodes can be shown;
//! [`Joined::source`] leads from a node back to them. Nothing here knows texts or files beyond their names.

mod beside;
mod builtin;
mod copy;
mod namespaces;
mod pieces;
mod rights;

use std::collections::BTreeMap;

use super::derive::Subject;
use super::select::Selected;
use super::trail::Trail;
use crate::document::{Builder, Document, Kind, NodeId, Value};

pub use pieces::{Piece, pieces};

/// How many rights, over all subjects, are written down.
pub const MAX_RIGHTS: usize = 100_000;

/// A node of a piece that a finding can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Which piece.
    pub piece: usize,
    /// Which of its marks.
    pub mark: usize,
}

/// A thing that could not be joined, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    /// Where it stands.
    pub source: Source,
    /// Why, in half a sentence.
    pub why: String,
}

/// All pieces as one document.
#[derive(Debug)]
pub struct Joined {
    /// The document; its nodes have no spans.
    pub document: Document,
    /// What is to be judged.
    pub subjects: Vec<Subject>,
    /// What could not be joined.
    pub loose: Vec<Loose>,
    /// Whether there were more than [`MAX_RIGHTS`].
    pub cut: bool,
    sources: BTreeMap<NodeId, Source>,
}

impl Joined {
    /// Where a node was taken from, if it can be shown.
    pub fn source(&self, node: NodeId) -> Option<Source> {
        self.sources.get(&node).copied()
    }

    /// The deepest node on the way that can be shown.
    pub fn nearest(&self, subject: &Subject, trail: &Trail) -> Option<Source> {
        trail.nodes(&self.document, subject.root).into_iter().rev().find_map(|node| self.source(node))
    }

    /// The other places that a selected node tells of, in its own order.
    pub fn related(&self, selected: &Selected) -> Vec<Source> {
        let mut related: Vec<Source> = Vec::new();
        for entry in self.document.entries(selected.node) {
            related.extend(self.source(entry.value).filter(|source| !related.contains(source)));
        }
        related
    }
}

/// A piece and the name of where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Named<'p> {
    /// The name of its origin: `deploy/rbac.yaml`.
    pub name: &'p str,
    /// The piece.
    pub piece: &'p Piece,
}

/// Joins pieces, which are to be given in a fixed order. With `whole`, everything there is was seen, so that
/// something may be said to be missing.
pub fn join(pieces: &[Named<'_>], whole: bool) -> Joined {
    let mut joining = Joining { pieces, builder: Builder::default(), nodes: Vec::new(), sources: BTreeMap::new() };
    joining.take();
    let (mut subjects, loose, cut) = rights::subjects(&mut joining);
    if whole {
        subjects.extend(namespaces::subjects(&mut joining));
    }
    subjects.extend(beside::subjects(&mut joining));
    let Joining { mut builder, sources, .. } = joining;
    let root = builder.add(Value::Null, None);
    let subject = |(kind, root)| Subject::new(kind, Selected { node: root, trail: Trail::default() });
    let subjects = subjects.into_iter().map(subject).collect();
    Joined { document: builder.finish(Kind::Yaml, root), subjects, loose, cut, sources }
}

/// The pieces on their way into one document.
struct Joining<'p> {
    pieces: &'p [Named<'p>],
    builder: Builder,
    /// For each piece its marks' nodes in the joined document, and its top.
    nodes: Vec<(Vec<NodeId>, NodeId)>,
    sources: BTreeMap<NodeId, Source>,
}

impl Joining<'_> {
    fn take(&mut self) {
        for (number, named) in self.pieces.iter().enumerate() {
            let document = &named.piece.document;
            let mut copier = copy::Copier::new(document, &mut self.builder);
            let top = copier.copy(document.root());
            let marks: Vec<NodeId> = named.piece.marks.iter().map(|mark| copier.copy(mark.node)).collect();
            for (mark, node) in marks.iter().enumerate() {
                self.sources.insert(*node, Source { piece: number, mark });
            }
            self.nodes.push((marks, top));
        }
    }

    fn text(&mut self, text: &str) -> NodeId {
        self.builder.add(Value::Str(text.into()), None)
    }

    fn map(&mut self, entries: Vec<(&str, NodeId)>) -> NodeId {
        let entry = |(key, value): (&str, NodeId)| crate::document::Entry {
            key: key.into(),
            key_span: None,
            value,
            used_at: None,
        };
        self.builder.add(Value::Map(entries.into_iter().map(entry).collect()), None)
    }

    fn list(&mut self, items: Vec<NodeId>) -> NodeId {
        self.builder.add(Value::List(items), None)
    }
}

#[cfg(test)]
mod tests;
