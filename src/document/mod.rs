//! Trees of values with exact places: what parsers make and rules read.
//!
//! Knows shapes and spans; nothing of Kubernetes, clouds or rules. A tree lives in one arena, so that a rule
//! can look at any node without copying it, and so that a YAML alias is the node that it stands for.
//!
//! Long because the tree, what makes it and what it can be are one idea.

pub mod attachment;
#[cfg(feature = "archives")]
pub mod container;
pub mod delimited;
mod env;
mod format;
pub mod html;
mod ini;
mod interchange;
mod json;
mod locate;
mod parsed;
mod path;
pub mod pdf;
mod properties;
pub mod rtf;
pub mod segments;
pub mod sql;
mod stray;
pub mod table;
mod toml;
mod walk;
pub mod xml;
mod yaml;

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use crate::text::Span;

pub use format::{Format, each_json, format_of, parse};
pub use interchange::{from_json, to_json, to_json_without};
pub use parsed::{Broken, MAX_DEPTH, MAX_NODES, Parsed, Trouble};
pub use path::{Path, Step};
pub use walk::{BudgetSpent, Next, Visit};

/// A node's place in its document's arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: `null`, `~`, an empty YAML value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(Box<str>),
    /// Values in order.
    List(Vec<NodeId>),
    /// Named values in the order in which they stand. A name may stand twice; the last one counts.
    Map(Vec<Entry>),
    /// There is a value, but it cannot be known: a template, an unresolved alias, an answer that was refused.
    Unknown(Box<str>),
}

/// One `key: value` of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: Box<str>,
    /// Where the name stands.
    pub key_span: Option<Span>,
    /// The value.
    pub value: NodeId,
    /// Where the value was used, if it is defined somewhere else (a YAML alias or merge key).
    pub used_at: Option<Span>,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands in its text; absent when it came from elsewhere.
    pub span: Option<Span>,
}

/// The closed list of what a document can be; rules name it in `on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A YAML document.
    Yaml,
    /// A JSON document, with or without comments.
    Json,
    /// A TOML document.
    Toml,
    /// `NAME=value` lines.
    Env,
    /// Sections of `name = value` lines, or Java properties.
    Ini,
    /// Any Kubernetes object.
    KubernetesObject,
    /// A Kubernetes object that holds a pod template.
    KubernetesWorkload,
    /// Somebody who has rights in a cluster, over all roles and bindings of a scan.
    KubernetesRights,
    /// A namespace that runs something, over all of a scan.
    KubernetesNamespace,
    /// Two things of patients that lie in one folder and should not, over all of a scan.
    PatientsBeside,
    /// What is known of a TLS endpoint.
    TlsEndpoint,
    /// What is known of an S3 bucket.
    S3Bucket,
    /// What stands of patients in a text: one group of records.
    PatientRecords,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 13] = [
        Kind::Yaml,
        Kind::Json,
        Kind::Toml,
        Kind::Env,
        Kind::Ini,
        Kind::KubernetesObject,
        Kind::KubernetesWorkload,
        Kind::KubernetesRights,
        Kind::KubernetesNamespace,
        Kind::PatientsBeside,
        Kind::TlsEndpoint,
        Kind::S3Bucket,
        Kind::PatientRecords,
    ];

    /// The name that rules and fact files use.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Yaml => "yaml",
            Kind::Json => "json",
            Kind::Toml => "toml",
            Kind::Env => "env",
            Kind::Ini => "ini",
            Kind::KubernetesObject => "kubernetes.object",
            Kind::KubernetesWorkload => "kubernetes.workload",
            Kind::KubernetesRights => "kubernetes.rights",
            Kind::KubernetesNamespace => "kubernetes.namespace",
            Kind::PatientsBeside => "phi.beside",
            Kind::TlsEndpoint => "tls.endpoint",
            Kind::S3Bucket => "s3.bucket",
            Kind::PatientRecords => "phi.records",
        }
    }

    /// Whether it is derived from all documents of a scan together.
    pub const fn is_across(self) -> bool {
        matches!(self, Kind::KubernetesRights | Kind::KubernetesNamespace | Kind::PatientsBeside)
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A tree of values.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    nodes: Vec<Node>,
    root: NodeId,
    comments: Vec<Span>,
    item_uses: ItemUses,
    templated: bool,
    partial: bool,
}

/// Where list items were used that are defined somewhere else, by list and index. Few lists have any, so that
/// they stand here and not beside every item.
type ItemUses = BTreeMap<(NodeId, usize), Span>;

impl Document {
    /// The top node.
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// A node's value.
    pub fn value(&self, id: NodeId) -> &Value {
        &self.node(id).value
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every node, in the order in which they were made.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// Where comments stand in the text, markers included, in order.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// Where the item of a list was used, if it is defined somewhere else (a YAML alias); see [`Entry::used_at`].
    pub fn item_used_at(&self, list: NodeId, index: usize) -> Option<Span> {
        if self.item_uses.is_empty() { None } else { self.item_uses.get(&(list, index)).copied() }
    }

    /// Whether the text of this document is a template that was not rendered. What is there may be left out,
    /// and what is missing may be put in, so that nothing follows from an absent name.
    pub fn is_templated(&self) -> bool {
        self.templated
    }

    /// Whether this is a part of an object that other files complete: a patch. What it lacks may stand there.
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// The same tree, as a part of an object that other files complete.
    #[must_use]
    pub fn into_partial(self) -> Document {
        Document { partial: true, ..self }
    }

    /// The same tree, all of it at one place: that of the string that it was read from.
    #[must_use]
    pub fn standing_at(mut self, span: Span) -> Document {
        for node in &mut self.nodes {
            node.span = Some(span);
            if let Value::Map(entries) = &mut node.value {
                entries.iter_mut().for_each(|entry| entry.key_span = Some(span));
            }
        }
        self
    }

    /// The same nodes with another one at the top.
    #[must_use]
    pub fn with_root(self, root: NodeId) -> Document {
        Document { root, ..self }
    }

    /// The entry of a map under `key`; the last one if there are several.
    pub fn entry(&self, map: NodeId, key: &str) -> Option<&Entry> {
        match self.value(map) {
            Value::Map(entries) => entries.iter().rev().find(|entry| &*entry.key == key),
            _ => None,
        }
    }

    /// The value of a map under `key`.
    pub fn get(&self, map: NodeId, key: &str) -> Option<NodeId> {
        self.entry(map, key).map(|entry| entry.value)
    }

    /// The text under `key`, if there is text.
    pub fn get_str(&self, map: NodeId, key: &str) -> Option<&str> {
        self.get(map, key).and_then(|id| self.as_str(id))
    }

    /// A node's text, if it holds text.
    pub fn as_str(&self, id: NodeId) -> Option<&str> {
        match self.value(id) {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A list's items; nothing for any other value.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match self.value(id) {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A map's entries; nothing for any other value.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match self.value(id) {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The same tree, with other values where `change` gives some. It sees every node once, and is given those
    /// of the original.
    #[must_use]
    pub fn changed(&self, change: impl Fn(NodeId, &Node) -> Option<Value>) -> Document {
        let mut changed = self.clone();
        for (index, node) in (0..).zip(&mut changed.nodes) {
            if let Some(value) = change(NodeId(index), &self.nodes[index as usize]) {
                node.value = value;
            }
        }
        changed
    }
}

/// Makes a document, node by node, leaves first.
#[derive(Debug, Default)]
pub struct Builder {
    nodes: Vec<Node>,
    comments: Vec<Span>,
    item_uses: ItemUses,
    templated: bool,
}

impl Builder {
    /// Makes room for so many nodes.
    pub fn reserve(&mut self, nodes: usize) {
        self.nodes.reserve(nodes);
    }

    /// Adds a node.
    pub fn add(&mut self, value: Value, span: Option<Span>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { value, span });
        id
    }

    /// A node that was added before.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Changes a node that was added before.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// How many nodes were added.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Notes where a comment stands.
    pub fn comment(&mut self, span: Span) {
        self.comments.push(span);
    }

    /// Notes where the item of a list was used that is defined somewhere else.
    pub fn item_used_at(&mut self, list: NodeId, index: usize, span: Span) {
        self.item_uses.insert((list, index), span);
    }

    /// Notes that the text is a template that was not rendered.
    pub fn templated(&mut self) {
        self.templated = true;
    }

    /// The document.
    pub fn finish(self, kind: Kind, root: NodeId) -> Document {
        let Builder { nodes, comments, item_uses, templated } = self;
        Document { kind, nodes, root, comments, item_uses, templated, partial: false }
    }
}

/// How many entries are compared one by one before a set is worth its making.
const FEW: usize = 8;

/// The entries whose names stood before in the same map.
fn repeated(entries: &[Entry]) -> Vec<&Entry> {
    if entries.len() <= FEW {
        let stood = |(at, entry): &(usize, &Entry)| entries[..*at].iter().any(|earlier| earlier.key == entry.key);
        return entries.iter().enumerate().filter(stood).map(|(_, entry)| entry).collect();
    }
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().filter(|entry| !seen.insert(&*entry.key)).collect()
}
