//! The documents that rules see, written as a fact file that can be judged again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use super::collector::documents_of;
use super::{notice_of, patches};
use crate::artifact::{Artifact, Flow, Origin, Sink, Skipped};
use crate::document::{Document, Kind, NodeId};
use crate::engine::{Engine, Subject};
use crate::facts;
use crate::facts::file::{self, Area, Fact, FactFileError};
use crate::finding::{Notice, NoticeKind, NoticeLevel};
use crate::source::Kustomizations;
use crate::text::{Decoded, LineIndex, decode};

/// How many places one document tells; a larger one keeps its values and loses the rest of its places.
const MAX_PLACES: usize = 200_000;

/// Gathers documents, masked.
pub struct Evidence<'e> {
    engine: &'e Engine,
    kinds: Vec<Kind>,
    /// The folder that paths are below, and what stands there of patches.
    root: PathBuf,
    kustomizations: Kustomizations,
    gathered: Mutex<(Vec<Kept>, Vec<Notice>)>,
}

/// One document that is to be written.
struct Kept {
    origin: Origin,
    order: usize,
    kind: Kind,
    document: Document,
    root: NodeId,
    places: BTreeMap<String, Area>,
}

impl<'e> Evidence<'e> {
    /// Keeps documents of these kinds; without any, each document once, as the most that it is.
    pub fn new(engine: &'e Engine, kinds: Vec<Kind>, root: PathBuf) -> Self {
        Evidence { engine, kinds, root, kustomizations: Kustomizations::default(), gathered: Mutex::default() }
    }

    /// The fact file, and what could not be parsed. `all` says whether a folder or a whole cluster was looked at: the
    /// file says so, too, if nothing of it was left out.
    ///
    /// # Errors
    /// When a document is too large to be written.
    pub fn write(self, all: bool) -> Result<(String, Vec<Notice>), FactFileError> {
        let (mut kept, mut notices) = self.gathered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.sort_by(|a, b| (&a.origin, a.order).cmp(&(&b.origin, b.order)));
        notices.sort();
        notices.dedup();
        let facts: Vec<Fact<'_>> = kept
            .iter()
            .map(|kept| Fact {
                kind: kept.kind,
                origin: kept.origin.to_string(),
                document: &kept.document,
                root: kept.root,
                places: kept.places.clone(),
            })
            .collect();
        let read = notices.iter().all(|notice| notice.kind.level() == NoticeLevel::Note);
        Ok((file::write(&facts, all && read && self.kinds.is_empty())?, notices))
    }

    fn keep(&self, subject: Subject<'_>, index: &LineIndex, shown: &Document, kept: &mut Vec<Kept>) {
        let derived = facts::derive(shown);
        let specific = derived.subjects.iter().any(|subject| subject.kind != shown.kind);
        for one in &derived.subjects {
            let wanted = match self.kinds.as_slice() {
                [] => (one.kind != shown.kind || !specific) && one.kind != Kind::KubernetesWorkload,
                kinds => kinds.contains(&one.kind),
            };
            if !wanted {
                continue;
            }
            let origin = match &one.origin {
                Some(name) => Origin::resource(name.to_string()),
                None => subject.origin.clone(),
            };
            let places = match &one.origin {
                None if subject.origin.has_lines() => places(subject, index, &derived.document, one.root),
                _ => BTreeMap::new(),
            };
            // A workload is judged again as the object that it is.
            let kind = if one.kind == Kind::KubernetesWorkload { Kind::KubernetesObject } else { one.kind };
            let document = derived.document.clone().into_owned();
            kept.push(Kept { origin, order: kept.len(), kind, document, root: one.root, places });
        }
    }
}

impl Sink for Evidence<'_> {
    fn artifact(&self, artifact: Artifact) -> Flow {
        let Artifact { origin, bytes, part } = artifact;
        let Decoded::Text { text, .. } = decode(bytes) else { return Flow::SkipRest };
        if !part.whole {
            return Flow::SkipRest;
        }
        let subject = Subject { origin: &origin, text: &text, part };
        let (mut parsed, mut notices) = documents_of(subject, |_| true);
        patches::mark(&self.kustomizations, &self.root, subject, &mut parsed);
        if parsed.documents.iter().any(Document::is_partial) {
            // Whoever judges facts takes what is not among them for missing.
            parsed.documents.retain(|document| !document.is_partial());
            let message = "it holds a patch, which is no object, and so no fact".to_owned();
            notices.push(Notice { origin: Some(origin.clone()), line: None, kind: NoticeKind::Kustomize, message });
        }
        let patients = self.engine.patients(subject, &parsed.documents);
        if parsed.documents.is_empty() && notices.is_empty() && patients.groups.is_empty() {
            return Flow::Continue;
        }
        let index = LineIndex::new(&text);
        let mut kept = Vec::new();
        for shown in self.engine.shown(subject, &parsed.documents) {
            self.keep(subject, &index, &shown, &mut kept);
        }
        // They hold classes and counts, nothing of the text.
        for group in &patients.groups {
            self.keep(subject, &index, &group.document(), &mut kept);
        }
        let mut gathered = self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        gathered.0.extend(kept);
        gathered.1.extend(notices);
        Flow::Continue
    }

    fn skipped(&self, skipped: Skipped) {
        self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1.push(notice_of(skipped));
    }
}

/// Where every node below `root` would be shown, by JSON pointer.
fn places(subject: Subject<'_>, index: &LineIndex, document: &Document, root: NodeId) -> BTreeMap<String, Area> {
    let mut places = BTreeMap::new();
    facts::each_below(document, root, MAX_PLACES, |selected| {
        let Some(span) = facts::place(document, selected, &facts::Path::default()).span else { return };
        let (start, end) = (index.position(subject.text, span.start), index.position(subject.text, span.end));
        let area = Area { line: start.line, column: start.column, end_line: end.line, end_column: end.column };
        places.insert(selected.trail.pointer(document, 0), area);
    });
    places
}
