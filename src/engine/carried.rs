//! Groups of records in a text that comes in parts: counted over all of them, told once, where the first one stands.
//!
//! A place is made while its part is at hand, masked like any other; of the parts nothing else is kept.

use super::assemble::{Subject, TextView};
use super::{Engine, Judged};
use crate::artifact::Origin;
use crate::facts::patients::{Group, Open};
use crate::finding::Place;
use crate::text::Span;

/// What one part of a text hands on to the next.
#[derive(Debug, Default)]
pub struct Carried {
    pub(super) open: Option<Open>,
    groups: Vec<(Group, Place)>,
}

impl Carried {
    /// Whether nothing is to be told.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes in the groups of a part; what is known already is only counted.
    pub(super) fn take(&mut self, groups: Vec<Group>, view: &TextView<'_>) {
        for group in groups {
            match self.groups.iter_mut().find(|(known, _)| known.name() == group.name()) {
                Some((known, _)) => known.absorb(group),
                None => {
                    let span = group.first().unwrap_or(Span::new(0, 0));
                    let place = Place { excerpt: view.excerpt(span, true), ..view.place(span) };
                    self.groups.push((group, place));
                }
            }
        }
    }
}

impl Engine {
    /// Judges what all parts of a text hold together.
    pub fn judge_carried(&self, origin: &Origin, carried: Carried) -> Judged {
        let mut judged = Judged::default();
        for (group, place) in carried.groups {
            let mut checks = Vec::new();
            self.check_document(&group.document(), origin, &mut checks, &mut judged.notices);
            for found in &checks {
                let place = Place { path: found.path.clone(), ..place.clone() };
                judged.findings.push(self.placed_finding(origin, found, place));
            }
        }
        for notice in &mut judged.notices {
            notice.line = None;
        }
        for finding in &mut judged.findings {
            let stand_in = finding.fingerprints.place.get(..16).unwrap_or("0");
            finding.place.line_hash = Some(format!("{stand_in}:1"));
        }
        self.tell_apart(&mut judged.findings);
        judged
    }

    /// Whether a subject is the last part of its text.
    pub fn is_last(subject: Subject<'_>) -> bool {
        subject.part.own.is_none_or(|(_, end)| end >= subject.text.len())
    }
}
