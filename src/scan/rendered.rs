//! Templates that were rendered: what is wrong in what they became, at the place in the template that says it.

use crate::artifact::{Origin, Part};
use crate::document::{Document, Parsed};
use crate::engine::Subject;
use crate::facts::KUSTOMIZATION_NAMES;
use crate::finding::{Notice, NoticeKind, Place};
use crate::source::{self, Rendered};
use crate::text::{LineIndex, Span};

use super::collector::{Collector, documents_of};
use super::counterpart::counterpart;

impl Collector<'_> {
    /// Says what is not done with files that are only parts of what a cluster gets.
    pub(super) fn unrendered(&self, origin: &Origin, path: &str) {
        let (kind, message) = match path.rsplit('/').next().unwrap_or_default() {
            name if KUSTOMIZATION_NAMES.contains(&name) && !self.overlaid(path) => {
                let message =
                    "bases and patches were judged as the files that they are, patches for what they say alone";
                let more =
                    if self.request.render_kustomize { "" } else { "; --render-kustomize judges what they become" };
                (NoticeKind::Kustomize, format!("{message}{more}"))
            }
            "Chart.yaml" if !self.request.render_helm => (
                NoticeKind::Chart,
                "its templates were judged as far as they are literal; --render-helm renders them with helm".to_owned(),
            ),
            _ => return,
        };
        self.notice(Notice { origin: Some(origin.clone()), line: None, kind, message });
    }

    /// Takes what templates became.
    pub(super) fn rendered(&mut self, rendered: Rendered) {
        for (path, message) in rendered.failed {
            let origin = Some(Origin::file(path));
            self.notice(Notice { origin, line: None, kind: NoticeKind::RenderFailed, message });
        }
        self.rendered = rendered.templates;
    }

    /// Judges a template: its own text for what can be told from text, and the documents that it became.
    pub(super) fn template(&self, subject: Subject<'_>, rendered: &str) {
        let (parsed, _) = documents_of(subject, |format| self.engine.wants(format, subject.text));
        let mut judged = self.engine.judge(subject, &parsed);
        judged.findings.retain(|finding| !self.engine.is_check(&finding.rule));
        // What could not be told of the template can be told of what it became.
        judged.notices.retain(|notice| notice.kind != NoticeKind::NotJudged);
        let other = Subject { origin: subject.origin, text: rendered.as_bytes(), part: Part::WHOLE };
        let (became, notices) = documents_of(other, |format| self.engine.wants(format, other.text));
        let mut theirs = self.engine.judge(other, &became);
        theirs.findings.retain(|finding| self.engine.is_check(&finding.rule));
        let index = LineIndex::new(subject.text);
        let rendered_index = LineIndex::new(other.text);
        let relocate = |place: &mut Place| {
            let document = document_at(&became, &rendered_index, other.text, place.line);
            let spans = counterpart(&parsed, subject.text, document, &place.path);
            *place = located(spans.map(|(span, _)| span), &index, subject.text, std::mem::take(&mut place.path));
            place.line_hash = Some("0:1".to_owned());
            spans
        };
        let mut spans = Vec::new();
        for finding in &mut theirs.findings {
            spans.push(relocate(&mut finding.place).map_or(Span::new(0, 0), |(span, _)| span));
            finding.related.iter_mut().for_each(|one| {
                relocate(&mut one.place);
            });
            finding.because.push("helm rendered it so".to_owned());
        }
        // With the lines around, where there are any.
        let shown = if spans.is_empty() { Vec::new() } else { self.engine.places(subject, &parsed.documents, &spans) };
        for (finding, shown) in theirs.findings.iter_mut().zip(shown).filter(|(finding, _)| finding.place.line > 0) {
            finding.place = Place { path: std::mem::take(&mut finding.place.path), ..shown };
        }
        // Where it will run is not known: the name is one that rendering asked for.
        theirs.kept.retain(|kept| !kept.runs_in(source::RELEASE_NAMESPACE));
        for kept in &mut theirs.kept {
            kept.places(|place| {
                let (_, whole) = relocate(place)?;
                Some(located(Some(whole), &index, subject.text, String::new()))
            });
        }
        judged.findings.extend(theirs.findings);
        judged.kept = theirs.kept;
        judged.documents = theirs.documents;
        // Lines of what nobody can open are no use.
        let nowhere = |notice: Notice| Notice { line: None, ..notice };
        judged.notices.extend(theirs.notices.into_iter().chain(notices).map(nowhere));
        self.keep_silenced(judged, subject, self.comments(subject));
    }
}

/// The document that holds a line.
fn document_at<'p>(parsed: &'p Parsed, index: &LineIndex, text: &[u8], line: usize) -> Option<&'p Document> {
    let at = index.span(text, line).start;
    let holds = |document: &&Document| {
        document.node(document.root()).span.is_some_and(|span| span.start <= at && at <= span.end)
    };
    parsed.documents.iter().find(holds)
}

pub(super) fn located(span: Option<Span>, index: &LineIndex, text: &[u8], path: String) -> Place {
    let Some(span) = span else { return Place { path, ..Place::default() } };
    let (start, end) = (index.position(text, span.start), index.position(text, span.end));
    Place {
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        path,
        ..Place::default()
    }
}
