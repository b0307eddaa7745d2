//! Fact files: facts kept as evidence, and judged again later without touching what they are about.
//!
//! ```json
//! {"format": "bedrail-facts/1", "documents": [
//!   {"kind": "tls.endpoint", "origin": "tls://pacs.example.org:2762",
//!    "root": {"host": "pacs.example.org", "port": 2762, "certificate": {"$unknown": "the handshake failed"}},
//!    "places": {"/certificate": "12:3-12:20"}}]}
//! ```
//!
//! `"whole": true` beside `documents` says that they are all there are of a cluster or folder: something can be
//! missing only there.
//! `{"$unknown": "why"}` stands for a value that could not be learned. `places` says where a node stood in the
//! text that the facts came from: a JSON pointer from `root`, and `line:column-line:column`, all from 1.
//! Knows the file; the shapes of its documents are in [`super::closed`]. `docs/facts.md` is its manual.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::derive::{Derived, MAX_SUBJECTS, Subject};
use super::select::Selected;
use super::shape::Checker;
use super::trail::Trail;
use super::{closed, kubernetes};
use crate::document::{Document, Kind, MAX_DEPTH, MAX_NODES, NodeId, Value, to_json_without};
use crate::text::Span;

/// What `format` says.
pub const FORMAT: &str = "bedrail-facts/1";
/// What it says in every version.
const ANY_FORMAT: &str = "bedrail-facts/";
/// The key of a value that is not known.
const UNKNOWN: &str = "$unknown";

/// The kinds of document that a fact file may hold.
pub const KINDS: &[Kind] = &[
    Kind::TlsEndpoint,
    Kind::S3Bucket,
    Kind::PatientRecords,
    Kind::KubernetesObject,
    Kind::Yaml,
    Kind::Json,
    Kind::Toml,
    Kind::Env,
    Kind::Ini,
];

/// A stretch of a text that is not at hand, all numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// First line.
    pub line: usize,
    /// First column, in code points.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}-{}:{}", self.line, self.column, self.end_line, self.end_column)
    }
}

impl FromStr for Area {
    type Err = ();

    fn from_str(text: &str) -> Result<Area, ()> {
        let position = |text: &str| -> Option<(usize, usize)> {
            let (line, column) = text.split_once(':')?;
            Some((line.parse().ok()?, column.parse().ok()?))
        };
        let (start, end) = text.split_once('-').ok_or(())?;
        let ((line, column), (end_line, end_column)) = position(start).zip(position(end)).ok_or(())?;
        let ordered = line > 0 && column > 0 && (line, column) <= (end_line, end_column);
        ordered.then_some(Area { line, column, end_line, end_column }).ok_or(())
    }
}

/// Whether a document says that it is a fact file.
pub fn is_one(document: &Document) -> bool {
    document.get_str(document.root(), "format").is_some_and(|format| format.starts_with(ANY_FORMAT))
}

/// Whether a fact file says that it holds all there is, so that what it does not hold is missing.
pub fn is_whole(document: &Document) -> bool {
    let whole = document.get(document.root(), "whole");
    is_one(document) && whole.is_some_and(|whole| *document.value(whole) == Value::Bool(true))
}

/// Adds the subjects of a fact file, or what is wrong with it.
pub(super) fn expand(document: &Document, derived: &mut Derived<'_>) {
    let mut builder = kubernetes::copy(document, |id| said_unknown(document, id));
    let mut problems = Vec::new();
    let mut found = Vec::new();
    let mut reader = Reader { document, checker: Checker { builder: &mut builder, problems: &mut problems } };
    reader.file(&mut found);
    let completed = builder.finish(document.kind, document.root());
    for (kind, root, origin, places) in found {
        let top = Selected { node: root, trail: Trail::default() };
        let from = derived.subjects.len();
        if kind == Kind::KubernetesObject {
            derived.cut |= kubernetes::subjects(&completed, &top, &mut derived.subjects);
        } else if from < MAX_SUBJECTS {
            derived.subjects.push(Subject::new(kind, top));
        } else {
            derived.cut = true;
        }
        for subject in &mut derived.subjects[from..] {
            subject.origin = Some(Arc::clone(&origin));
            subject.places = Some(Arc::clone(&places));
        }
    }
    derived.document = Cow::Owned(completed);
    derived.problems = problems;
}

/// What `{"$unknown": "why"}` stands for.
fn said_unknown(document: &Document, id: NodeId) -> Option<Value> {
    match document.entries(id) {
        [entry] if &*entry.key == UNKNOWN => document.as_str(entry.value).map(|why| Value::Unknown(why.into())),
        _ => None,
    }
}

type Found = (Kind, NodeId, Arc<str>, Arc<BTreeMap<String, Area>>);

struct Reader<'d, 'b> {
    document: &'d Document,
    checker: Checker<'b>,
}

impl Reader<'_, '_> {
    fn file(&mut self, found: &mut Vec<Found>) {
        let document = self.document;
        let root = document.root();
        if document.get_str(root, "format") != Some(FORMAT) {
            return self.problem("/format", format!("only {FORMAT} is understood"), self.span(root, "format"));
        }
        self.only(root, &["format", "whole", "documents"], "");
        if document.get(root, "whole").is_some_and(|whole| !matches!(document.value(whole), Value::Bool(_))) {
            self.problem("/whole", "true or false is wanted here".into(), self.span(root, "whole"));
        }
        let list = document.get(root, "documents").filter(|list| matches!(document.value(*list), Value::List(_)));
        let Some(list) = list else {
            return self.problem("/documents", "a list is wanted here".into(), self.span(root, "documents"));
        };
        for (index, item) in document.items(list).iter().enumerate() {
            let pointer = format!("/documents/{index}");
            let before = self.checker.problems.len();
            let read = self.entry(*item, &pointer);
            // What is wrong in part is not judged at all: half a set of facts would look like a whole one.
            if before == self.checker.problems.len() {
                found.extend(read);
            }
        }
    }

    fn entry(&mut self, item: NodeId, pointer: &str) -> Option<Found> {
        let document = self.document;
        let span = document.node(item).span;
        self.only(item, &["kind", "origin", "root", "places"], pointer);
        let kind = document.get_str(item, "kind").and_then(Kind::named).filter(|kind| KINDS.contains(kind));
        let Some(kind) = kind else {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
            let message = format!("one of {} is wanted here", names.join(", "));
            self.problem(&format!("{pointer}/kind"), message, self.span(item, "kind").or(span));
            return None;
        };
        let Some(origin) = document.get_str(item, "origin").filter(|origin| !origin.is_empty()) else {
            self.problem(
                &format!("{pointer}/origin"),
                "text is wanted here".into(),
                self.span(item, "origin").or(span),
            );
            return None;
        };
        let any = closed(kind).is_none() && kind != Kind::KubernetesObject;
        let root = document.get(item, "root").filter(|root| any || matches!(document.value(*root), Value::Map(_)));
        let Some(root) = root else {
            self.problem(&format!("{pointer}/root"), "a map is wanted here".into(), self.span(item, "root").or(span));
            return None;
        };
        if let Some(fields) = closed(kind) {
            self.checker.map(root, fields, &format!("{pointer}/root"));
        }
        let places = self.places(item, pointer);
        Some((kind, root, origin.into(), Arc::new(places)))
    }

    fn places(&mut self, item: NodeId, pointer: &str) -> BTreeMap<String, Area> {
        let document = self.document;
        let mut places = BTreeMap::new();
        let Some(map) = document.get(item, "places") else { return places };
        if !matches!(document.value(map), Value::Map(_)) {
            self.problem(&format!("{pointer}/places"), "a map is wanted here".into(), self.span(item, "places"));
        }
        for entry in document.entries(map) {
            match document.as_str(entry.value).and_then(|text| text.parse().ok()) {
                Some(area) if entry.key.is_empty() || entry.key.starts_with('/') => {
                    places.insert(entry.key.to_string(), area);
                }
                _ => {
                    let message = "a JSON pointer and `line:column-line:column` are wanted here".into();
                    self.problem(&format!("{pointer}/places"), message, entry.key_span);
                }
            }
        }
        places
    }

    /// Complains about keys that do not belong.
    fn only(&mut self, map: NodeId, known: &[&str], pointer: &str) {
        for entry in self.document.entries(map) {
            if !known.contains(&&*entry.key) {
                let mut at = pointer.to_owned();
                super::path::push_pointer(&mut at, &entry.key);
                let message = format!("there is no such field; there are {}", known.join(", "));
                self.problem(&at, message, entry.key_span);
            }
        }
    }

    fn span(&self, map: NodeId, key: &str) -> Option<Span> {
        let entry = self.document.entry(map, key)?;
        self.document.node(entry.value).span.or(entry.key_span)
    }

    fn problem(&mut self, pointer: &str, message: String, span: Option<Span>) {
        self.checker.problem(pointer, message, span);
    }
}

/// One document of a fact file that is to be written.
#[derive(Debug)]
pub struct Fact<'d> {
    /// What it is; one of [`KINDS`].
    pub kind: Kind,
    /// What the facts are about.
    pub origin: String,
    /// The tree that holds them.
    pub document: &'d Document,
    /// Their top node.
    pub root: NodeId,
    /// Where nodes stood in the text that they came from, by JSON pointer from the top node.
    pub places: BTreeMap<String, Area>,
}

/// Why facts cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FactFileError {
    /// The tree is too large, or aliases make it so.
    #[error("more than {MAX_NODES} values, or more than {MAX_DEPTH} levels")]
    TooLarge,
}

/// Writes a fact file. What the shapes fill in as left out is left out again; `whole` says that these are all facts
/// of what was looked at.
pub fn write(facts: &[Fact<'_>], whole: bool) -> Result<String, FactFileError> {
    let left_out = |value: &Value| matches!(value, Value::Unknown(why) if &**why == super::shape::LEFT_OUT);
    let mut budget = MAX_NODES;
    let mut documents = Vec::with_capacity(facts.len());
    for fact in facts {
        let mut written = Map::new();
        written.insert("kind".into(), fact.kind.name().into());
        written.insert("origin".into(), fact.origin.as_str().into());
        written.insert(
            "root".into(),
            to_json_without(fact.document, fact.root, &mut budget, &left_out).ok_or(FactFileError::TooLarge)?,
        );
        if !fact.places.is_empty() {
            let places = fact.places.iter().map(|(pointer, area)| (pointer.clone(), area.to_string().into()));
            written.insert("places".into(), Json::Object(places.collect()));
        }
        documents.push(Json::Object(written));
    }
    let mut file = Map::from_iter([("format".to_owned(), Json::from(FORMAT))]);
    if whole {
        file.insert("whole".to_owned(), true.into());
    }
    file.insert("documents".to_owned(), Json::Array(documents));
    let file = Json::Object(file);
    Ok(format!("{file:#}\n"))
}
