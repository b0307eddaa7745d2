//! States of one file, one after the other: what did not change is not judged again.
//!
//! A state is passed over only if everything that could be told of it was told of the one before: nothing but lines
//! differs, and no rule matches anything that those lines have a part in. Then its findings are those of the state
//! before whose lines are still there; an earlier commit stands for them. Any doubt, and the state is judged whole.

use super::collector::{Collector, Outcome, are_documents_wanted};
use crate::artifact::{Artifact, Origin, Part};
use crate::engine::{Hold, SeenKeyword, Subject};
use crate::text::{Change, LineIndex, Span, changes, is_plain_text};

/// A state whose findings are known.
struct Known {
    text: Vec<u8>,
    lasting: Lasting,
}

/// What of a state may still stand in the next one.
struct Lasting {
    /// The lines in which each finding stands, and what it depends on.
    findings: Vec<(Span, Hold)>,
    /// Keywords of rules that look far around.
    keywords: Vec<SeenKeyword>,
}

impl Collector<'_> {
    /// Takes states of one file, the oldest first; tells how many of them were passed over.
    pub(super) fn take_states(&self, states: Vec<Artifact>) -> usize {
        let mut passed_over = 0;
        let mut before: Option<Known> = None;
        let mut states = states.into_iter().peekable();
        while let Some(state) = states.next() {
            if !is_plain(&state) {
                before = None;
                self.take(state);
            } else if let Some(lasting) = before.as_ref().and_then(|before| self.passed_over(before, &state)) {
                before = Some(Known { text: state.bytes, lasting });
                passed_over += 1;
            } else if states.peek().is_none() {
                self.take(state);
            } else {
                let (origin, text) = (state.origin.clone(), state.bytes.clone());
                let (_, outcome) = self.take(state);
                before = self.known(&origin, text, outcome);
            }
        }
        passed_over
    }

    /// What is known of a state that need not be judged.
    fn passed_over(&self, before: &Known, state: &Artifact) -> Option<Lasting> {
        let mut lasting = None;
        self.guarded(&state.origin, || lasting = self.unharmed(before, &state.origin, &state.bytes));
        let lasting = lasting?;
        self.count(1, state.bytes.len());
        self.repeat(lasting.findings.len() as u64);
        Some(lasting)
    }

    fn unharmed(&self, before: &Known, origin: &Origin, text: &[u8]) -> Option<Lasting> {
        let subject = Subject { origin, text, part: Part::WHOLE };
        if are_documents_wanted(self.engine, subject) {
            return None;
        }
        let changed = changes(&before.text, text);
        let after: Vec<Span> = changed.iter().map(|change| change.after).collect();
        let findings = before.lasting.findings.iter();
        let findings: Vec<(Span, Hold)> =
            findings.filter_map(|(lines, hold)| Some((moved(*lines, &changed)?, *hold))).collect();
        let keywords = before.lasting.keywords.iter();
        let mut keywords: Vec<SeenKeyword> =
            keywords.filter_map(|keyword| Some(keyword.at(moved(keyword.span, &changed)?))).collect();
        for lines in &after {
            keywords.extend(self.novelty.keywords(text, *lines, origin.name())?);
        }
        if self.novelty.is_brought(text, origin.name(), &after, &keywords, &findings) {
            return None;
        }
        let patients = self.novelty.patients(subject, &keywords);
        let nothing = patients.groups.is_empty() && patients.spans.is_empty() && patients.codes.is_empty();
        let found = patients.tree || patients.records || !nothing;
        (!found).then_some(Lasting { findings, keywords })
    }

    /// What is known of a state that was judged, if a later one may be compared with it.
    fn known(&self, origin: &Origin, text: Vec<u8>, outcome: Option<Outcome>) -> Option<Known> {
        let outcome = outcome.filter(|outcome| outcome.is_plain)?;
        let keywords = self.novelty.keywords(&text, Span::new(0, text.len()), origin.name())?;
        let mut findings = Vec::new();
        if !outcome.told.is_empty() {
            let index = LineIndex::new(&text);
            for (rule, first, last) in outcome.told {
                let (first, last) = (index.span(&text, first), index.span(&text, last));
                findings.push((Span::new(first.start, last.end), self.novelty.hold(&rule)?));
            }
        }
        Some(Known { text, lasting: Lasting { findings, keywords } })
    }
}

/// Whether a state is a text as it stands: whole, no archive, in UTF-8 or close to it.
fn is_plain(state: &Artifact) -> bool {
    let bytes = &state.bytes;
    state.part.whole && !is_container(bytes) && is_plain_text(bytes)
}

/// Whether it is opened, so that what it holds is judged and not the text that it seems to be.
#[cfg(feature = "archives")]
fn is_container(bytes: &[u8]) -> bool {
    use crate::document::container::{HEAD, container_of};
    container_of(&bytes[..bytes.len().min(HEAD)]).is_some()
}

#[cfg(not(feature = "archives"))]
fn is_container(_: &[u8]) -> bool {
    false
}

/// Where lines are now, if all of them are still there.
fn moved(lines: Span, changed: &[Change]) -> Option<Span> {
    let later = changed.partition_point(|change| change.before.end <= lines.start);
    if changed.get(later).is_some_and(|change| change.before.start < lines.end.max(lines.start + 1)) {
        return None;
    }
    let Some(last) = later.checked_sub(1).and_then(|at| changed.get(at)) else { return Some(lines) };
    let shifted = |at: usize| at - last.before.end + last.after.end;
    Some(Span::new(shifted(lines.start), shifted(lines.end)))
}

#[cfg(test)]
mod tests;
