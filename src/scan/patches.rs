//! Patches among the scanned files: which documents are only parts of objects, so that nothing follows from what they
//! lack.

use std::path::Path;

use crate::artifact::{Origin, Step};
use crate::document::{self, Document, Format, Parsed};
use crate::engine::Subject;
use crate::facts::{self, KUSTOMIZATION_NAMES, Kustomization, Patch};
use crate::source::Kustomizations;
use crate::text::Span;

/// Takes the documents of a patch for what they are, and adds those that a kustomization holds itself.
pub(super) fn mark(known: &Kustomizations, root: &Path, subject: Subject<'_>, parsed: &mut Parsed) {
    let Some(path) = file_of(subject.origin) else { return };
    let holds = |word: &[u8]| memchr::memmem::find(subject.text, word).is_some();
    if KUSTOMIZATION_NAMES.contains(&name_of(path)) {
        if holds(b"patch") {
            let found = document::parse(Format::Yaml, subject.text);
            let lists = found.documents.first().map(Kustomization::of).unwrap_or_default();
            parsed.documents.extend(inline(&lists.patches, subject.text).into_iter().map(|(_, document)| document));
        }
        return;
    }
    let format = document::format_of(path, subject.text);
    if !matches!(format, Some(Format::Yaml | Format::Json)) {
        return;
    }
    let operations = parsed.documents.is_empty() && holds(b"path") && holds(b"value") && holds(b"op");
    if parsed.documents.is_empty() && !operations {
        return;
    }
    let listed = known.patch(root, &root.join(path));
    match listed {
        Some(patch) => {
            if operations && let Some(format) = format {
                parsed.documents = document::parse(format, subject.text).documents;
            }
            let documents = std::mem::take(&mut parsed.documents);
            let documents = documents.into_iter().map(|document| facts::partial(document, patch.kind.as_deref()));
            parsed.documents = documents.collect();
        }
        None if holds(b"$patch") || holds(b"$retainKeys") || holds(b"$setElementOrder") => {
            let documents = std::mem::take(&mut parsed.documents);
            let marked =
                |document: Document| if facts::is_patch(&document) { document.into_partial() } else { document };
            parsed.documents = documents.into_iter().map(marked).collect();
        }
        None => {}
    }
}

/// The path of a file that is nothing else.
fn file_of(origin: &Origin) -> Option<&str> {
    match origin.steps() {
        [Step::File(path)] | [Step::File(path), Step::Index] | [Step::Index, Step::File(path)] => Some(path),
        _ => None,
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The patches that stand in a kustomization: those that are blocks of lines in its own places, others where they begin.
pub(super) fn inline<'p>(patches: &'p [Patch], text: &[u8]) -> Vec<(&'p Patch, Document)> {
    let mut found = Vec::new();
    let mut blocks: Vec<(Span, &Patch)> = Vec::new();
    for patch in patches {
        let Some(span) = patch.inline else { continue };
        let start = line_start(text, span.start);
        if text[start..span.start].iter().all(|byte| matches!(byte, b' ')) {
            blocks.push((Span::new(start, span.end), patch));
        } else {
            // Anything before it in its line: it stands in quotes, and its places are not those of the text.
            let documents =
                document::parse(Format::Yaml, patch.text.as_deref().unwrap_or_default().as_bytes()).documents;
            found.extend(documents.into_iter().map(|document| (patch, document.standing_at(span))));
        }
    }
    blocks.sort_by_key(|(span, _)| *span);
    for document in document::parse(Format::Yaml, &alone(text, &blocks)).documents {
        let Some(begins) = document.node(document.root()).span.map(|span| span.start) else { continue };
        let behind = blocks.partition_point(|(span, _)| span.start <= begins);
        if let Some((_, patch)) = behind.checked_sub(1).and_then(|at| blocks.get(at)) {
            found.push((patch, document));
        }
    }
    found.sort_by_key(|(patch, _)| patch.inline);
    found.into_iter().map(|(patch, document)| (patch, facts::partial(document, patch.kind.as_deref()))).collect()
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1)
}

/// The text with nothing left of it but some blocks, in their places, each a document of its own.
fn alone(text: &[u8], blocks: &[(Span, &Patch)]) -> Vec<u8> {
    let mut alone: Vec<u8> = text.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { *byte } else { b' ' }).collect();
    for (span, _) in blocks {
        alone[span.range()].copy_from_slice(&text[span.range()]);
        // In the line above stands what begins the block, and it has at least three signs: `- |`.
        let above = line_start(text, span.start.saturating_sub(1));
        if let Some(room) = alone.get_mut(above..above + 3).filter(|_| above + 3 < span.start) {
            room.copy_from_slice(b"---");
        }
    }
    alone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Path, Selected, Trail};

    #[test]
    fn patches_of_a_kustomization_have_places_in_it() {
        // the patch as it is listed, a path, what stands at its place
        let cases = [
            ("- patch: |-\n    kind: Pod\n    spec: {a: 1}\n", "spec.a", "a: 1"),
            ("- |\n  kind: Pod\n  # é\n  spec:\n    a: true\n", "spec.a", "a: true"),
            ("- patch: |-\n    - op: add\n      path: /spec/a\n      value: {b: 5}\n", "spec.a.b", "b: 5"),
            ("- patch: |-\n    - op: add\n      path: /spec/a\n      value: 5\n", "spec.a", "/spec/a\n      value: 5"),
            ("- patch: '[{op: add, path: /spec/a, value: 5}]'\n", "spec.a", "'[{op: add, path: /spec/a, value: 5}]'"),
            ("- {patch: \"kind: Pod\\nspec: {a: 5}\"}\n", "spec.a", "\"kind: Pod\\nspec: {a: 5}\""),
        ];
        for (listed, path, expected) in cases {
            let text = format!("resources: []\npatches:\n{listed}");
            let parsed = document::parse(Format::Yaml, text.as_bytes());
            let lists = Kustomization::of(&parsed.documents[0]);
            let found = inline(&lists.patches, text.as_bytes());
            let (_, document) = found.first().expect(listed);
            assert!(document.is_partial(), "{listed}");
            let top = Selected { node: document.root(), trail: Trail::default() };
            let placed = facts::place(document, &top, &Path::parse(path).expect("a path"));
            assert!(placed.present, "{listed}");
            assert_eq!(&text[placed.span.expect("a place").range()], expected, "{listed}");
        }
    }
}
