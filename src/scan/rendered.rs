//! Templates that were rendered: what is wrong in what they became, at the place in the template that says it.

use crate::artifact::Part;
use crate::document::{Document, Parsed};
use crate::engine::Subject;
use crate::finding::{Notice, NoticeKind, Place};
use crate::source;
use crate::text::{LineIndex, Span};

use super::collector::{Collector, documents_of};
use super::counterpart::counterpart;

impl Collector<'_> {
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
        let relocate = |place: &mut Place, stand_in: &str| {
            let document = document_at(&became, &rendered_index, other.text, place.line);
            let span = counterpart(&parsed, subject.text, document, &place.path);
            *place = located(span, &index, subject.text, std::mem::take(&mut place.path));
            place.line_hash = Some(format!("{}:1", stand_in.get(..16).unwrap_or("0")));
        };
        for finding in &mut theirs.findings {
            relocate(&mut finding.place, &finding.fingerprints.place);
            for one in &mut finding.related {
                relocate(&mut one.place, &finding.fingerprints.place);
            }
            finding.because.push("helm rendered it so".to_owned());
        }
        // Where it will run is not known: the name is one that rendering asked for.
        theirs.kept.retain(|kept| !kept.runs_in(source::RELEASE_NAMESPACE));
        for kept in &mut theirs.kept {
            kept.places(|place| relocate(place, "0"));
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

fn located(span: Option<Span>, index: &LineIndex, text: &[u8], path: String) -> Place {
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
