//! From a parsed document to what it is about.
//!
//! Knows the order in which meanings are tried; what makes a Kubernetes object or a fact file is known there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::{self, Area};
use super::kubernetes;
use super::select::Selected;
use super::trail::Trail;
use crate::document::{Document, Kind, NodeId};
use crate::text::Span;

/// How many subjects one document may give; a list of more is cut, and said to be.
pub const MAX_SUBJECTS: usize = 100_000;

/// One thing that rules judge: a kind, and a node at its top.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// Its top node: `object` in expressions.
    pub root: NodeId,
    /// The way to the top node, for printing: `items[2]`. Empty for the document itself, and for each
    /// document of a fact file.
    pub trail: Trail,
    /// The node that holds a pod's `metadata` and `spec`, if there is one.
    pub template: Option<Selected>,
    /// A pod's `spec`, if there is one: `pod` in expressions.
    pub pod: Option<Selected>,
    /// What a fact file says the facts are about: `tls://pacs.example.org:2762`.
    pub origin: Option<Arc<str>>,
    /// What a fact file says of places, by JSON pointer; see [`Subject::area`].
    pub(super) places: Option<Arc<BTreeMap<String, Area>>>,
}

impl Subject {
    pub(super) fn new(kind: Kind, top: Selected) -> Subject {
        Subject { kind, root: top.node, trail: top.trail, template: None, pod: None, origin: None, places: None }
    }

    /// The top node and the way to it.
    pub fn top(&self) -> Selected {
        Selected { node: self.root, trail: self.trail.clone() }
    }

    /// Where a node stands in the text that the facts were made from, if the fact file says it.
    pub fn area(&self, document: &Document, trail: &Trail) -> Option<Area> {
        self.places.as_ref()?.get(&trail.pointer(document, 0)).copied()
    }

    /// Line and column behind the last of a node and all below it in that text.
    pub fn area_end(&self, document: &Document, trail: &Trail) -> Option<(usize, usize)> {
        let pointer = trail.pointer(document, 0);
        let below = |other: &str| {
            other.strip_prefix(pointer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let places = self.places.as_ref()?.range(pointer.clone()..);
        let places = places.take_while(|(other, _)| other.starts_with(pointer.as_str()));
        places.filter(|(other, _)| below(other)).map(|(_, area)| (area.end_line, area.end_column)).max()
    }
}

/// What is wrong with a fact file; nothing of it is judged then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a JSON pointer; empty for the whole.
    pub pointer: String,
    /// What is wrong, in one sentence without its full stop.
    pub message: String,
    /// Where in the text, if there is one.
    pub span: Option<Span>,
}

/// All that a document is about.
#[derive(Debug)]
pub struct Derived<'d> {
    /// The document to judge: the one that was given, or, for fact files and typed lists of Kubernetes, one
    /// with what they leave out filled in. Spans are the same.
    pub document: Cow<'d, Document>,
    /// First the document as its syntax, then what it means, in the order of the text.
    pub subjects: Vec<Subject>,
    /// What is wrong, if it is a fact file.
    pub problems: Vec<Problem>,
    /// Whether there were more than [`MAX_SUBJECTS`].
    pub cut: bool,
}

/// Says what a document is about.
pub fn derive(document: &Document) -> Derived<'_> {
    let top = Selected { node: document.root(), trail: Trail::default() };
    let mut derived = Derived {
        document: Cow::Borrowed(document),
        subjects: vec![Subject::new(document.kind, top.clone())],
        problems: Vec::new(),
        cut: false,
    };
    match document.kind {
        Kind::Json if file::is_one(document) => file::expand(document, &mut derived),
        Kind::Yaml | Kind::Json => {
            if let Some(completed) = kubernetes::complete(document) {
                derived.document = Cow::Owned(completed);
            }
            derived.cut = kubernetes::subjects(&derived.document, &top, &mut derived.subjects);
        }
        _ => {}
    }
    derived
}
