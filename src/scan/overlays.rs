//! Judges what overlays became, and tells it with the files that say it.

use std::path::Path;
use std::sync::PoisonError;

use super::collector::{Collector, documents_of};
use super::kustomized::{Kustomized, located};
use super::lineage::Made;
use crate::artifact::{Origin, Part};
use crate::document::{Document, Format, Parsed, parse};
use crate::engine::{Judged, Subject};
use crate::finding::{Notice, NoticeKind};
use crate::policy;
use crate::source::{self, Overlay};
use crate::text::Span;

impl Collector<'_> {
    /// Judges what overlays became.
    pub(super) fn kustomized(&mut self, root: &Path, overlays: Vec<Overlay>) {
        let mut kustomized = Kustomized::default();
        for overlay in overlays {
            match &overlay.text {
                Ok(text) => self.overlay(root, &overlay, text, &mut kustomized),
                Err(why) => {
                    let file = overlay.files.first().map(|file| source::relative_to(root, &file.file));
                    let origin = file.map(Origin::file);
                    self.notice(Notice { origin, line: None, kind: NoticeKind::RenderFailed, message: why.clone() });
                }
            }
        }
        *self.kustomized.get_mut().unwrap_or_else(PoisonError::into_inner) = kustomized;
    }

    fn overlay(&self, root: &Path, overlay: &Overlay, text: &str, kustomized: &mut Kustomized) {
        let made = Made::of(root, overlay, kustomized);
        kustomized.cover(&made);
        for object in text.split("\n---\n") {
            let parsed = parse(Format::Yaml, object.as_bytes());
            let Some(document) = parsed.documents.first() else { continue };
            let base = made.base(overlay, document);
            let Some(file) = base.as_ref().map(|base| base.file.clone()).or_else(|| made.first()) else { continue };
            let origin = Origin::file(file.name.clone());
            let subject = Subject { origin: &origin, text: object.as_bytes(), part: Part::WHOLE };
            let judged = self.engine.judge(subject, &parsed);
            for mut finding in judged.findings {
                if self.engine.judges_objects(&finding.rule) {
                    // Places in what nobody can open.
                    finding.related.clear();
                    let (file, span) = made.place(document, base.as_ref(), &finding.place.path, &file);
                    kustomized.found(&file.name, span, finding, &overlay.name);
                }
            }
            for mut kept in judged.kept {
                let mut own = file.clone();
                let workload = kept.is_workload();
                kept.places(|place| {
                    let path = std::mem::take(&mut place.path);
                    if workload {
                        // A namespace tends to be said in the kustomization.
                        let (said_in, span) = made.place(document, base.as_ref(), &path, &file);
                        own = said_in;
                        *place = located(&own, span, path);
                        return None;
                    }
                    let (span, whole) = made.in_base(document, base.as_ref(), &path);
                    *place = located(&file, span, path);
                    whole.map(|whole| located(&file, whole, String::new()))
                });
                kept.stand_in(Origin::file(own.name.clone()));
                kustomized.keep(&own.name, kept);
            }
            let failed = judged.notices.into_iter().filter(|notice| notice.kind == NoticeKind::RuleFailed);
            failed.for_each(|notice| self.notice(Notice { line: None, ..notice }));
        }
    }

    /// Whether the objects of a file were judged as what they became.
    pub(super) fn overlaid(&self, path: &str) -> bool {
        self.kustomized.lock().unwrap_or_else(PoisonError::into_inner).covers(path)
    }

    /// Judges a file whose objects were judged as what they became: its text, and what they became.
    pub(super) fn of_overlays(&self, subject: Subject<'_>, parsed: Parsed, notices: Vec<Notice>, path: &str) {
        // What the file lacks may stand in another.
        let documents: Vec<Document> = parsed.documents.into_iter().map(Document::into_partial).collect();
        let parsed = Parsed { documents, broken: parsed.broken };
        let mut judged = self.engine.judge(subject, &parsed);
        judged.findings.retain(|finding| !self.engine.judges_objects(&finding.rule));
        judged.notices.retain(|notice| notice.kind != NoticeKind::NotJudged);
        judged.notices.extend(notices);
        self.add_overlays(subject, &parsed, path, &mut judged);
        self.keep_silenced(judged, subject, self.comments(subject));
    }

    fn add_overlays(&self, subject: Subject<'_>, parsed: &Parsed, path: &str, judged: &mut Judged) {
        let mut kustomized = self.kustomized.lock().unwrap_or_else(PoisonError::into_inner);
        let placed = |spans: &[Span]| self.engine.places(subject, &parsed.documents, spans);
        let (findings, kept) = kustomized.take(path, placed);
        judged.findings.extend(findings);
        judged.kept.extend(kept);
    }

    /// Tells what was found in files that are no target themselves: the bases of an overlay that is.
    pub(super) fn rest_of_kustomized(&self) {
        let left = self.kustomized.lock().unwrap_or_else(PoisonError::into_inner).left();
        for path in left.into_iter().filter(|path| !self.is_excluded(path)) {
            let Some(text) = self.kustomized.lock().unwrap_or_else(PoisonError::into_inner).text(&path) else {
                continue;
            };
            let origin = Origin::file(path.clone());
            self.guarded(&origin, || {
                let subject = Subject { origin: &origin, text: &text, part: Part::WHOLE };
                // What must not be shown is known by its documents, too.
                let (parsed, _) = documents_of(subject, |format| self.engine.wants(format, subject.text));
                let mut judged = Judged::default();
                self.add_overlays(subject, &parsed, &path, &mut judged);
                // Whether comments about other rules do anything cannot be seen here.
                let told = |rule: &str| judged.findings.iter().any(|finding| finding.rule == rule);
                let (silences, _) = match self.request.respect_silences {
                    true => policy::split(policy::silences(subject.text).0, told),
                    false => Default::default(),
                };
                self.keep_silenced(judged, subject, (silences, Vec::new()));
            });
        }
    }
}
