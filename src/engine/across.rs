//! Judging what many documents say together, after all were seen.
//!
//! While texts are at hand, what could be shown later is placed and masked and kept beside the pieces; the rules then
//! run over the joined document, and a finding takes its place, and its other places, from there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::assemble::{TextView, finding_of};
use super::checks::{self, Run, Unknowns, unjudged_notice};
use super::{Certainty, Engine};
use crate::artifact::Origin;
use crate::document::Document;
use crate::facts::across::{self, Joined, Named, Piece, Source};
use crate::facts::{self, Selected, Subject};
use crate::finding::{Finding, Notice, NoticeKind, Place, REDACTED, Related};
use crate::text::Span;

/// How many other places one finding tells of.
const MAX_RELATED: usize = 20;

/// A piece with all that may be shown of it.
#[derive(Clone, Debug)]
pub struct Kept {
    origin: Origin,
    piece: Piece,
    shown: Vec<Shown>,
}

/// A mark of a piece, placed.
#[derive(Clone, Debug)]
struct Shown {
    place: Place,
    /// The whole of it: first line and column, and the last.
    extent: ((usize, usize), (usize, usize)),
    label: String,
}

/// A stretch of a text in which findings of some rules are told elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    rules: Vec<String>,
    origin: Origin,
    extent: ((usize, usize), (usize, usize)),
}

impl Covered {
    /// Whether a finding is told elsewhere.
    pub fn covers(&self, finding: &Finding) -> bool {
        let at = (finding.place.line, finding.place.column);
        self.origin == finding.origin
            && self.rules.contains(&finding.rule)
            && self.extent.0 <= at
            && at <= self.extent.1
    }
}

/// What became of all documents together.
#[derive(Debug, Default)]
pub struct Across {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub notices: Vec<Notice>,
    /// What need not be told a second time.
    pub covered: Vec<Covered>,
}

/// Pieces of a document.
pub(super) struct Taken {
    document: Document,
    pieces: Vec<TakenPiece>,
}

/// A piece, the nodes that its marks stand for, and what was said of it in a fact file, if that is where it stands.
struct TakenPiece {
    piece: Piece,
    selected: Vec<Selected>,
    said: Option<Subject>,
}

impl Engine {
    /// What of some documents is to be kept; nothing if no rule asks.
    pub(super) fn pieces(&self, documents: &[Document]) -> Vec<Taken> {
        if !self.checks.keys().any(|kind| kind.is_across()) {
            return Vec::new();
        }
        let taken = |document: &Document| {
            let derived = facts::derive(document);
            let (own, said): (Vec<Subject>, Vec<Subject>) =
                derived.subjects.iter().cloned().partition(|subject| subject.origin.is_none());
            let own = across::pieces(&derived.document, &own);
            let mut pieces: Vec<TakenPiece> =
                own.into_iter().map(|(piece, selected)| TakenPiece { piece, selected, said: None }).collect();
            // Facts were taken from many texts; what one text says is said once.
            let mut runs: BTreeSet<(Option<Arc<str>>, String)> = BTreeSet::new();
            for subject in said {
                for (piece, selected) in across::pieces(&derived.document, std::slice::from_ref(&subject)) {
                    let runs_in = piece.namespace_of_workload().map(str::to_owned);
                    if runs_in.is_none_or(|namespace| runs.insert((subject.origin.clone(), namespace))) {
                        pieces.push(TakenPiece { piece, selected, said: Some(subject.clone()) });
                    }
                }
            }
            (!pieces.is_empty()).then(|| Taken { document: derived.document.into_owned(), pieces })
        };
        // A part of an object names nobody's rights.
        documents.iter().filter(|document| !document.is_partial()).filter_map(taken).collect()
    }

    /// Judges what was kept of many texts. With `whole`, all there is was seen, so that something may be missing.
    pub fn judge_across(&self, mut kept: Vec<Kept>, whole: bool) -> Across {
        kept.sort_by(|a, b| a.order().cmp(&b.order()));
        let names: Vec<String> = kept.iter().map(|kept| kept.origin.to_string()).collect();
        let named: Vec<Named<'_>> =
            kept.iter().zip(&names).map(|(kept, name)| Named { name, piece: &kept.piece }).collect();
        let joined = across::join(&named, whole);
        let mut told =
            Told { engine: self, kept: &kept, joined: &joined, across: Across::default(), by_place: BTreeMap::new() };
        for loose in &joined.loose {
            told.loose(loose);
        }
        for subject in &joined.subjects {
            told.judge(subject);
        }
        let Told { mut across, by_place, .. } = told;
        across.findings = by_place.into_values().collect();
        if joined.cut {
            across.notices.push(Notice {
                origin: None,
                line: None,
                kind: NoticeKind::Limit,
                message: format!("there are more than {} rights; the others were not judged", across::MAX_RIGHTS),
            });
        }
        self.tell_apart(&mut across.findings);
        across
    }
}

impl Kept {
    /// A piece that can be shown at one place.
    pub(super) fn at(origin: Origin, piece: Piece, place: Place) -> Kept {
        let extent = ((place.line, place.column), (place.end_line, place.end_column));
        let label = piece.label(0).to_owned();
        Kept { origin, piece, shown: vec![Shown { place, extent, label }] }
    }

    /// Whether it says that something runs in a namespace of that name.
    pub fn runs_in(&self, namespace: &str) -> bool {
        self.piece.runs_in(namespace)
    }

    /// Whether all that it says is that something runs in a namespace.
    pub fn is_workload(&self) -> bool {
        self.piece.namespace_of_workload().is_some()
    }

    /// Has it stand in another file.
    pub fn stand_in(&mut self, origin: Origin) {
        self.origin = origin;
    }

    /// Changes the places of all that may be shown; `change` gives the place of the whole of it, if it knows it.
    pub fn places(&mut self, mut change: impl FnMut(&mut Place) -> Option<Place>) {
        for shown in &mut self.shown {
            let whole = change(&mut shown.place);
            let (place, end) = (&shown.place, whole.as_ref().unwrap_or(&shown.place));
            let start = (place.line, place.column).min((end.line, end.column));
            shown.extent = (start, (end.end_line, end.end_column));
        }
    }

    fn order(&self) -> (&Origin, usize, usize) {
        let first = self.shown.first().map_or((0, 0), |shown| (shown.place.line, shown.place.column));
        (&self.origin, first.0, first.1)
    }
}

type ByPlace = BTreeMap<(u32, Source), Finding>;

/// What is told while rules run.
struct Told<'t> {
    engine: &'t Engine,
    kept: &'t [Kept],
    joined: &'t Joined,
    across: Across,
    by_place: ByPlace,
}

impl Told<'_> {
    fn at(&self, source: Source) -> Option<(&Kept, &Shown)> {
        let kept = self.kept.get(source.piece)?;
        Some((kept, kept.shown.get(source.mark)?))
    }

    fn loose(&mut self, loose: &across::Loose) {
        let Some((kept, shown)) = self.at(loose.source) else { return };
        let notice = Notice {
            origin: Some(kept.origin.clone()),
            line: Some(shown.place.line),
            kind: NoticeKind::NotJudged,
            message: format!("what {} gives is not known: {}", shown.label, loose.why),
        };
        self.across.notices.push(notice);
    }

    /// Runs all rules over one subject.
    fn judge(&mut self, subject: &Subject) {
        let joined = self.joined;
        let document = &joined.document;
        let mut first = None;
        facts::each_below(document, subject.root, 64, |below| {
            first = first.or_else(|| joined.source(below.node));
        });
        let Some(origin) = first.and_then(|first| self.at(first)).map(|(kept, _)| kept.origin.clone()) else { return };
        let (mut unjudged, mut notices) = (Unknowns::new(), Vec::new());
        for id in self.engine.checks.get(&subject.kind).into_iter().flatten() {
            let mut matches = Vec::new();
            let run = Run { engine: self.engine, id: *id, document, subject, origin: &origin };
            run.check(&mut notices, &mut unjudged, |compiled, selected| {
                let placed = facts::place(document, selected, &compiled.at);
                matches.push((joined.nearest(subject, &placed.trail), joined.related(selected)));
            });
            for (source, related) in matches {
                if let Some(source) = source {
                    self.found(*id, source, &related);
                }
            }
        }
        // Where in the joined document tells nobody anything.
        let mut rules: Vec<String> = unjudged.into_values().flatten().collect();
        rules.sort();
        rules.dedup();
        if !rules.is_empty() {
            notices.push(unjudged_notice(origin, (None, String::new()), &rules));
        }
        self.across.notices.extend(notices);
    }

    fn found(&mut self, id: u32, source: Source, related: &[Source]) {
        let rule = self.engine.rule(id);
        let Some((kept, shown)) = self.at(source) else { return };
        let origin = kept.origin.clone();
        let others: Vec<(&Kept, &Shown)> =
            related.iter().filter(|other| **other != source).filter_map(|other| self.at(*other)).collect();
        let covers = rule.check.as_ref().map_or(&[][..], |check| &check.covers);
        let covered = others.iter().filter(|_| !covers.is_empty()).map(|(kept, shown)| Covered {
            rules: covers.to_vec(),
            origin: kept.origin.clone(),
            extent: shown.extent,
        });
        let covered: Vec<Covered> = covered.collect();
        let related = others.iter().map(|(kept, shown)| Related {
            message: shown.label.clone(),
            origin: kept.origin.clone(),
            place: Place { excerpt: None, ..shown.place.clone() },
        });
        let related: Vec<Related> = related.collect();
        let mut through: Vec<&str> = Vec::new();
        for (_, other) in &others {
            if !through.contains(&other.label.as_str()) {
                through.push(&other.label);
            }
        }
        let through = if through.is_empty() { String::new() } else { format!(", through {}", through.join(" and ")) };
        let label = shown.label.clone();
        let fresh = || {
            let mut finding = finding_of(rule, &origin, Certainty::new(rule.confidence));
            finding.message = format!("{}: {label}{through}", rule.message);
            finding.place = shown.place.clone();
            finding.fingerprints =
                self.engine.key.fingerprints(&rule.id, &origin.stable_name(), b"", &format!("{label}{through}"));
            finding
        };
        let mut finding = match self.by_place.get(&(id, source)) {
            Some(known) => known.clone(),
            None => fresh(),
        };
        for one in related {
            if finding.related.len() < MAX_RELATED && !finding.related.contains(&one) {
                finding.related.push(one);
            }
        }
        self.by_place.insert((id, source), finding);
        self.across.covered.extend(covered);
    }
}

impl Shown {
    /// Takes the place that a fact file says, if it says one: that of the file which the facts are from.
    fn stands_in_facts(&mut self, said: &Subject, document: &Document, selected: &Selected) -> bool {
        let Some(area) = said.area(document, &selected.trail) else { return false };
        self.place = Place {
            line: area.line,
            column: area.column,
            end_line: area.end_line,
            end_column: area.end_column,
            path: std::mem::take(&mut self.place.path),
            ..Place::default()
        };
        let end = said.area_end(document, &selected.trail).unwrap_or((area.end_line, area.end_column));
        self.extent = ((area.line, area.column), end);
        true
    }
}

impl TextView<'_> {
    /// Places all that may be shown of some pieces.
    pub(super) fn keep(&self, taken: Vec<Taken>) -> Vec<Kept> {
        let mut all = Vec::new();
        for Taken { document, pieces } in taken {
            let root = document.node(document.root()).span.unwrap_or(Span::new(0, self.subject.text.len()));
            let hidden = self.hidden(root);
            let secret = |label: &str| match &hidden {
                Some(texts) => texts.iter().any(|text| label.contains(text)),
                None => true,
            };
            for TakenPiece { piece, selected, said } in pieces {
                let mut origin = said
                    .as_ref()
                    .map_or_else(|| self.subject.origin.clone(), |said| checks::origin_of(said, self.subject.origin));
                let mut shown = Vec::new();
                for (mark, selected) in selected.iter().enumerate() {
                    let mut one = self.shown(&document, selected, piece.label(mark), &secret);
                    if let Some(said) = &said
                        && one.stands_in_facts(said, &document, selected)
                        && let Some(name) = &said.origin
                    {
                        origin = Origin::file(name.to_string());
                    }
                    shown.push(one);
                }
                all.push(Kept { origin, piece, shown });
            }
        }
        if self.subject.part.whole && self.subject.origin.has_lines() {
            let mut places: Vec<&mut Place> =
                all.iter_mut().flat_map(|kept| &mut kept.shown).map(|shown| &mut shown.place).collect();
            self.hash_lines(&mut places);
        }
        all
    }

    fn shown(&self, document: &Document, selected: &Selected, label: &str, secret: &dyn Fn(&str) -> bool) -> Shown {
        let placed = facts::place(document, selected, &facts::Path::default());
        let span = placed.span.unwrap_or(Span::new(0, 0));
        let place =
            Place { excerpt: self.excerpt(span, false), path: placed.trail.display(document), ..self.place(span) };
        let whole = document.node(selected.node).span.unwrap_or(span);
        let extent = self.place(Span::new(whole.start.min(span.start), whole.end.max(span.end)));
        let extent = ((extent.line, extent.column), (extent.end_line, extent.end_column));
        // A name that is a secret as well is shown nowhere.
        let label = if secret(label) { REDACTED } else { label };
        Shown { place, extent, label: label.to_owned() }
    }
}
