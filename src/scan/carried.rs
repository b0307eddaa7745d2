//! Texts that come in parts: what one part hands on to the next, and what all of them hold together.

use super::collector::{Collector, Outcome};
use crate::artifact::{Origin, Part};
use crate::document::Parsed;
use crate::engine::{Carried, Engine, Subject};
use crate::finding::Notice;

impl Collector<'_> {
    /// Judges a text with the documents that were parsed from it.
    pub(super) fn judge(&self, subject: Subject<'_>, parsed: &Parsed, notices: Vec<Notice>) -> Outcome {
        let mut carried = Carried::default();
        let mut judged = if subject.part.whole {
            self.engine.judge(subject, parsed)
        } else {
            let mut parts = self.carried.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            carried = parts.remove(subject.origin).unwrap_or_default();
            drop(parts);
            self.engine.judge_part(subject, parsed, Some(&mut carried))
        };
        judged.notices.extend(notices);
        if let Some(tables) = judged.tables {
            self.meet(subject.origin, tables);
        }
        if judged.records && subject.part.whole && subject.origin.has_lines() {
            self.attachments(subject, &mut judged);
        }
        let outcome = self.keep(judged, subject);
        if subject.part.whole {
            return outcome;
        }
        if Engine::is_last(subject) {
            self.keep_carried(subject.origin, carried);
        } else {
            let mut parts = self.carried.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            parts.insert(subject.origin.clone(), carried);
        }
        outcome
    }

    /// Keeps what all parts of a text hold together.
    pub(super) fn keep_carried(&self, origin: &Origin, carried: Carried) {
        if !carried.is_empty() {
            let judged = self.engine.judge_carried(origin, carried);
            let subject = Subject { origin, text: &[], part: Part { whole: false, ..Part::WHOLE } };
            self.keep_silenced(judged, subject, Default::default());
        }
    }
}
