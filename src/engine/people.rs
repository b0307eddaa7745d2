//! The patients of a text, where words tell of them.
//!
//! Knows when they are looked for and in which part; what they look like is known to [`patients`].

use super::{Engine, Subject};
use crate::document::{Document, Kind};
use crate::facts::patients::{self, Found, Open, Telling};
use crate::text::Span;

impl Engine {
    /// The patients of a text, if a rule asks about them.
    pub fn patients(&self, subject: Subject<'_>, documents: &[Document]) -> Found {
        let mut telling = Vec::new();
        self.keywords.search(subject.text, |hit, wanted_by| {
            telling.extend(wanted_by.iter().filter_map(|id| self.patient_word(*id, hit)));
        });
        self.patients_in(subject, documents, telling, None)
    }

    /// The patients of a text, if a rule asks about them, where words tell of them.
    pub(super) fn patients_at(
        &self,
        subject: Subject<'_>,
        telling: Vec<Telling>,
        open: Option<&mut Option<Open>>,
    ) -> Found {
        if ![Kind::PatientRecords, Kind::PatientsBeside].iter().any(|kind| self.checks.contains_key(kind)) {
            return Found::default();
        }
        match (open, subject.part.own) {
            (Some(open), Some((start, end))) => {
                patients::find_part(subject.text, telling, self.profile, Span::new(start, end.max(start)), open)
            }
            _ => patients::find(subject.text, telling, self.profile),
        }
    }
}
