//! Files that Kubernetes objects hold as strings, and the patients in them: a table under `data` of a `ConfigMap` is
//! read as the table that it is, not as a part of the manifest, and every value has its place in the manifest.

use super::json_text::JsonText;
use super::{MOST_TEXTS, Places, is_object};
use crate::document::{Document, Kind, Value};
use crate::engine::{Engine, Subject};
use crate::facts::patients::{Codes, Found, Open, Telling};
use crate::text::Span;

/// A string of several lines.
struct File {
    span: Span,
    text: Vec<u8>,
    places: Places,
}

impl Engine {
    /// The patients of a text in which these words tell of them.
    pub(in crate::engine) fn patients_in(
        &self,
        subject: Subject<'_>,
        documents: &[Document],
        mut telling: Vec<Telling>,
        open: Option<&mut Option<Open>>,
    ) -> Found {
        let files = files(documents, subject.text, &telling);
        if files.is_empty() {
            return self.patients_at(subject, telling, open);
        }
        // What stands around the files is read without them.
        let mut rest = subject.text.to_vec();
        for file in &files {
            rest[file.span.range()].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        }
        telling.retain(|told| !files.iter().any(|file| file.span.start <= told.at && told.at < file.span.end));
        let mut all = self.patients_at(Subject { text: &rest, ..subject }, telling, open);
        for file in &files {
            let found = self.patients(Subject { text: &file.text, ..subject }, &[]);
            all.groups.extend(found.groups.into_iter().map(|group| group.moved(|span| file.places.outer(span))));
            all.codes.extend(found.codes.into_iter().map(|codes| {
                let first = file.places.outer(codes.first);
                Codes { first, ..codes }
            }));
            all.veiled.extend(found.veiled.iter().map(|span| file.places.outer(*span)));
            all.near.extend(found.near.iter().map(|span| file.places.outer(*span)));
            all.spans.extend(found.spans.iter().map(|span| file.places.outer(*span)));
            all.judged |= found.judged;
            all.tree |= found.tree;
            all.records |= found.records;
        }
        all.spans.sort_unstable();
        all.spans.dedup();
        all
    }
}

/// The strings of several lines in which a word tells of patients, in the order in which they stand.
fn files(documents: &[Document], outer: &[u8], telling: &[Telling]) -> Vec<File> {
    let mut words: Vec<usize> = telling.iter().map(|told| told.at).collect();
    words.sort_unstable();
    let tells = |span: Span| words.get(words.partition_point(|at| *at < span.start)).is_some_and(|at| *at < span.end);
    let mut files: Vec<File> = Vec::new();
    if words.is_empty() {
        return files;
    }
    for document in documents.iter().filter(|document| is_object(document)) {
        for id in document.ids() {
            let node = document.node(id);
            let (Value::Str(string), Some(span)) = (&node.value, node.span) else { continue };
            if !string.contains(['\n', '\r']) || !tells(span) {
                continue;
            }
            let (text, places) = lines(document.kind, outer, span);
            files.push(File { span, text, places });
        }
    }
    files.sort_by_key(|file| file.span);
    files.truncate(MOST_TEXTS);
    files
}

/// The text of a string of several lines.
pub(super) fn lines(kind: Kind, outer: &[u8], span: Span) -> (Vec<u8>, Places) {
    let mut text = JsonText::default();
    if kind == Kind::Json || outer.get(span.start) == Some(&b'"') {
        text.add(outer, span);
    } else {
        text.add_block(outer, span);
    }
    text.places()
}
