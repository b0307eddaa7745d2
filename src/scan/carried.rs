//! Texts that come in parts: what one part hands on to the next, and what all of them hold together.

use super::collector::{Collector, Outcome};
use crate::artifact::{Origin, Part};
use crate::document::Parsed;
use crate::engine::{Carried, Engine, Subject};
use crate::finding::Notice;
use crate::policy::{self, Silence};

/// What one part of a text hands on to the next: what was found, and the comments that speak of it.
pub(super) type HandedOn = (Carried, Vec<Silence>);

/// How many comments of one text are kept for what all its parts hold together.
const MOST_COMMENTS: usize = 100_000;

impl Collector<'_> {
    /// Judges a text with the documents that were parsed from it.
    pub(super) fn judge(&self, subject: Subject<'_>, parsed: &Parsed, notices: Vec<Notice>) -> Outcome {
        let (mut carried, mut silences) = HandedOn::default();
        let mut judged = if subject.part.whole {
            self.engine.judge(subject, parsed)
        } else {
            let mut parts = self.carried.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            (carried, silences) = parts.remove(subject.origin).unwrap_or_default();
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
        let comments = self.comments(subject);
        if subject.part.whole {
            return self.keep_silenced(judged, subject, comments);
        }
        // What all parts hold together is told behind the last one.
        let (of_groups, own) = policy::split(comments.0, |rule| self.engine.is_of_records(rule));
        silences.extend(of_groups);
        silences.truncate(MOST_COMMENTS);
        let outcome = self.keep_silenced(judged, subject, (own, comments.1));
        if Engine::is_last(subject) {
            self.keep_carried(subject.origin, (carried, silences));
        } else {
            let mut parts = self.carried.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            parts.insert(subject.origin.clone(), (carried, silences));
        }
        outcome
    }

    /// Keeps what all parts of a text hold together.
    pub(super) fn keep_carried(&self, origin: &Origin, (carried, silences): HandedOn) {
        if !carried.is_empty() || !silences.is_empty() {
            let judged = self.engine.judge_carried(origin, carried);
            let subject = Subject { origin, text: &[], part: Part { whole: false, ..Part::WHOLE } };
            self.keep_silenced(judged, subject, (silences, Vec::new()));
        }
    }
}
