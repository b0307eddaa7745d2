//! From matches to findings: redacted, placed, and named by fingerprints. Long because what was matched in a text, in a
//! hidden one and by a check becomes the same kind of finding here.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::across::Kept;
use super::carried::Carried;
use super::checks::CheckMatch;
use super::hidden::{self, HiddenMatch};
use super::masks::{self, Masks};
use super::texts::TextMatches;
use super::{Certainty, Engine, TextMatch};
use crate::artifact::{Origin, Part, Step};
use crate::document::{Document, Kind, Parsed};
use crate::facts::patients::Found;
use crate::finding::{Excerpt, Finding, Notice, NoticeKind, Place, REDACTED, Related, line_hashes};
use crate::rule::{Confidence, Rule};
use crate::text::{LineIndex, Span};

/// What says where a finding stands in a string of several lines.
const INSIDE: &str = "inside";
/// How many findings of one text are given the path in its documents: each is looked for from the top.
const MOST_PATHS: usize = 1000;

/// A text to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'t> {
    /// Where it came from.
    pub origin: &'t Origin,
    /// The text.
    pub text: &'t [u8],
    /// Which part of the whole it is.
    pub part: Part,
}

/// What became of a text or a document.
#[derive(Debug, Default)]
pub struct Judged {
    /// What is wrong, in the order of its places.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub notices: Vec<Notice>,
    /// How many documents were judged.
    pub documents: usize,
    /// Whether it is of a format of records that carries attachments.
    pub records: bool,
    /// What is needed to judge many documents together; see [`Engine::judge_across`].
    pub kept: Vec<Kept>,
    /// Whether something stands in it that identifies patients.
    pub patients: bool,
    /// Which choice of columns is meant for it, and whether a table has them, or was told to lack some.
    pub tables: Option<(usize, bool)>,
}

impl Engine {
    /// Judges a text and the documents that were parsed from it.
    pub fn judge(&self, subject: Subject<'_>, parsed: &Parsed) -> Judged {
        self.judge_part(subject, parsed, None)
    }

    /// Judges a part of a text; its groups of records are only taken in by what is carried from part to part.
    pub fn judge_part(&self, subject: Subject<'_>, parsed: &Parsed, mut carried: Option<&mut Carried>) -> Judged {
        let mut judged = Judged { documents: parsed.documents.len(), ..Judged::default() };
        let mut matches = self.all_matches(subject, &parsed.documents);
        let telling = std::mem::take(&mut matches.telling);
        let open = carried.as_mut().map(|carried| &mut carried.open);
        let mut patients = self.patients_in(subject, &parsed.documents, telling, open);
        let groups = std::mem::take(&mut patients.groups);
        judged.patients = patients.records
            || patients.tree
            || !groups.is_empty()
            || !patients.spans.is_empty()
            || !patients.codes.is_empty();
        // What a group of records tells is not told again value by value.
        let told = |rule: u32, span: Span| self.rule(rule).family() == "phi" && patients.holds(span);
        matches.texts.retain(|found| !told(found.rule, found.span));
        matches.hidden.retain(|found| !told(found.rule, found.span));
        judged.tables = self.lacking(subject, &patients, &mut judged.notices);
        for (id, message) in &matches.failures {
            judged.notices.push(self.failed(*id, subject.origin, None, message));
        }
        if matches.limited {
            judged.notices.push(Notice {
                origin: Some(subject.origin.clone()),
                line: None,
                kind: NoticeKind::Limit,
                message: "not all of its encoded text was decoded: there is too much".to_owned(),
            });
        }
        judged.records = patients.records;
        let mut checks = Vec::new();
        for document in &parsed.documents {
            self.check_document(document, subject.origin, &mut checks, &mut judged.notices);
        }
        let pieces = self.pieces(&parsed.documents);
        for group in groups.iter().filter(|_| carried.is_none()) {
            self.check_document(&group.document(), subject.origin, &mut checks, &mut judged.notices);
        }
        if patients.cut {
            let (kind, why) = match subject.part.whole {
                true => {
                    (NoticeKind::Malformed, "patients were looked for in its text, for it could not be parsed as FHIR")
                }
                false => (
                    NoticeKind::TooLarge,
                    "patients were looked for in its text, but not all of it could be parsed: it is too large",
                ),
            };
            judged.notices.push(Notice {
                origin: Some(subject.origin.clone()),
                line: None,
                kind,
                message: why.to_owned(),
            });
        }
        judged.kept = self.file_beside(subject.origin, subject.part, subject.text);
        let all = matches.all();
        if all.best.is_empty()
            && pieces.is_empty()
            && groups.is_empty()
            && patients.codes.is_empty()
            && checks.is_empty()
            && judged.notices.is_empty()
        {
            return judged;
        }
        let view = TextView::new(subject, &parsed.documents, &all, &patients, |id| self.rule(id));
        let own = |span: Span| view.own.is_none_or(|own| own.start <= span.start && span.start < own.end);
        let (texts, hidden) = (matches.texts.iter(), matches.hidden.into_iter());
        judged.findings.extend(texts.filter(|found| own(found.span)).map(|found| self.text_finding(&view, found)));
        judged.findings.extend(hidden.filter(|found| own(found.span)).map(|found| self.hidden_finding(&view, found)));
        judged.findings.extend(checks.iter().map(|found| self.check_finding(&view, found)));
        if let Some(carried) = carried {
            carried.take(groups, &view);
        }
        for finding in &mut judged.findings {
            if let Some(row) = finding.origin.row(finding.place.line) {
                finding.place.path = row;
            }
        }
        for notice in &mut judged.notices {
            let offset = notice.line.filter(|_| subject.origin.has_lines());
            notice.line = offset.map(|offset| view.index.line(offset) + subject.part.lines_before);
        }
        view.add_line_hashes(&mut judged.findings);
        self.tell_apart(&mut judged.findings);
        judged.kept.extend(self.codes_beside(&view, &patients.codes));
        if !pieces.is_empty() {
            judged.kept.extend(view.keep(pieces));
        }
        judged
    }

    /// The stretches of a text that no output may show.
    pub fn secret_spans(&self, subject: Subject<'_>, documents: &[Document]) -> Vec<Span> {
        let mut matches = self.all_matches(subject, documents);
        let patients = self.patients_in(subject, documents, std::mem::take(&mut matches.telling), None);
        TextView::new(subject, documents, &matches.all(), &patients, |id| self.rule(id)).masks.all().to_vec()
    }

    /// Stretches of a text as places that may be shown, with the lines around, masked.
    pub fn places(&self, subject: Subject<'_>, documents: &[Document], spans: &[Span]) -> Vec<Place> {
        let mut matches = self.all_matches(subject, documents);
        let patients = self.patients_in(subject, documents, std::mem::take(&mut matches.telling), None);
        let view = TextView::new(subject, documents, &matches.all(), &patients, |id| self.rule(id));
        let place = |span: &Span| Place { excerpt: view.excerpt(*span, false), ..view.place(*span) };
        let mut places: Vec<Place> = spans.iter().map(place).collect();
        view.hash_lines(&mut places.iter_mut().collect::<Vec<_>>());
        places
    }

    pub(super) fn rule(&self, id: u32) -> &Rule {
        &self.rules[id as usize].rule
    }

    pub(super) fn failed(&self, id: u32, origin: &Origin, line: Option<usize>, message: &str) -> Notice {
        Notice {
            origin: Some(origin.clone()),
            line,
            kind: NoticeKind::RuleFailed,
            message: format!("rule {} failed: {message}", self.rule(id).id),
        }
    }

    fn text_finding(&self, view: &TextView<'_>, found: &TextMatch) -> Finding {
        let rule = self.rule(found.rule);
        let alone = rule.family() == "phi";
        let mut place = Place { excerpt: view.excerpt(found.span, alone), ..view.place(found.span) };
        let path = view.subject.origin.stable_name();
        let value = &view.subject.text[found.span.range()];
        let fingerprints = self.key.fingerprints(&rule.id, &path, value, context(&place));
        view.add_path(&mut place, found.span);
        Finding {
            fingerprints,
            place,
            detail: view.inside(found.span),
            ..finding_of(rule, view.subject.origin, found.certainty.clone())
        }
    }

    fn hidden_finding(&self, view: &TextView<'_>, found: HiddenMatch) -> Finding {
        let rule = self.rule(found.rule);
        let excerpt = view.excerpt(found.span, rule.family() == "phi");
        let mut place = Place { excerpt, ..view.place(found.span) };
        if view.subject.origin.has_lines() || !found.path.is_empty() {
            place.path = found.path;
        }
        let codings = found.way.iter().filter_map(|step| match step {
            Step::Decoded(coding) => Some(coding.name()),
            _ => None,
        });
        let codings: Vec<&str> = codings.collect();
        let mut certainty = found.certainty;
        if !codings.is_empty() {
            certainty.because.push(format!("it stands there encoded ({})", codings.join(", then ")));
        }
        if found.stored && rule.family() == "secret" && !view.subject.origin.has_lines() {
            certainty.confidence = Confidence::Low;
            certainty.because.push("a Secret of a cluster is where it belongs".to_owned());
        }
        let origin = found.way.into_iter().fold(view.subject.origin.clone(), |origin, step| origin.then(step));
        let fingerprints = self.key.fingerprints(&rule.id, &origin.stable_name(), &found.value, context(&place));
        view.add_path(&mut place, found.span);
        let decoded = found.inside.map(|inside| vec![(INSIDE, inside)]);
        Finding {
            fingerprints,
            place,
            detail: decoded.unwrap_or_else(|| view.inside(found.span)),
            ..finding_of(rule, &origin, certainty)
        }
    }

    fn check_finding(&self, view: &TextView<'_>, found: &CheckMatch) -> Finding {
        let rule = self.rule(found.rule);
        let mut place = match found.span {
            Some(span) => Place { excerpt: view.excerpt(span, rule.family() == "phi"), ..view.place(span) },
            None => found.place.clone().unwrap_or_default(),
        };
        // Patients are found in a text; what says where they stand in it is another tree.
        let patients = rule.check.as_ref().is_some_and(|check| check.on == Kind::PatientRecords.name());
        let mut detail = found.detail.clone();
        if !found.path.is_empty() || !patients {
            place.path.clone_from(&found.path);
        } else if let Some(span) = found.span {
            detail.extend(view.inside(span));
        }
        let origin = found.origin.as_ref().unwrap_or(view.subject.origin);
        let defined = found.defined.map(|span| Related {
            message: "it is defined there".to_owned(),
            origin: origin.clone(),
            place: view.place(span),
        });
        Finding { related: defined.into_iter().collect(), detail, ..self.placed_finding(origin, found, place) }
    }

    /// What a check found, at a place that is known.
    pub(super) fn placed_finding(&self, origin: &Origin, found: &CheckMatch, place: Place) -> Finding {
        let rule = self.rule(found.rule);
        let context = format!("{} {}", found.subject, found.path);
        Finding {
            // What is wrong is a setting, not a value: its name is the object and the path in it.
            fingerprints: self.key.fingerprints(&rule.id, &origin.stable_name(), b"", &context),
            place,
            detail: found.detail.clone(),
            ..finding_of(rule, origin, Certainty::new(rule.confidence))
        }
    }

    /// Equal findings in one file are told apart by their order.
    pub(super) fn tell_apart(&self, findings: &mut [Finding]) {
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for finding in findings {
            let ordinal = seen.entry(finding.fingerprints.place.clone()).or_default();
            if *ordinal > 0 {
                finding.fingerprints.place = self.key.with_ordinal(&finding.fingerprints.place, *ordinal);
            }
            *ordinal += 1;
        }
    }
}

/// What stands around a finding, for its fingerprint: its line, or its path where there are no lines.
fn context(place: &Place) -> &str {
    match &place.excerpt {
        Some(excerpt) => excerpt.lines.get(excerpt.focus).map_or("", String::as_str),
        None => &place.path,
    }
}

pub(super) fn finding_of(rule: &Rule, origin: &Origin, certainty: Certainty) -> Finding {
    Finding {
        rule: rule.id.clone(),
        severity: rule.severity,
        confidence: certainty.confidence,
        message: rule.message.clone(),
        because: certainty.because,
        related: Vec::new(),
        detail: Vec::new(),
        origin: origin.clone(),
        place: Place::default(),
        fingerprints: crate::finding::Fingerprints::default(),
    }
}

/// A text with its lines and with what of it may be shown.
pub(super) struct TextView<'t> {
    pub(super) subject: Subject<'t>,
    index: LineIndex,
    masks: Masks,
    /// What was parsed from it.
    documents: &'t [Document],
    /// The stretch whose matches are told here; the neighbouring parts tell the others.
    own: Option<Span>,
    /// How many more paths are looked for.
    paths: Cell<usize>,
}

impl<'t> TextView<'t> {
    fn new<'r>(
        subject: Subject<'t>,
        documents: &'t [Document],
        found: &TextMatches,
        patients: &Found,
        rule: impl Fn(u32) -> &'r Rule,
    ) -> Self {
        let index = LineIndex::new(subject.text);
        let is_name = |found: &&TextMatch| rule(found.rule).pattern.as_ref().is_some_and(|pattern| pattern.code);
        let mut named: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
        for found in found.best.iter().filter(is_name) {
            named.entry(index.line(found.span.start)).or_default().push(found.span);
        }
        let line = |line: usize| index.span(subject.text, line);
        let literals = named.iter().flat_map(|(at, spans)| masks::literals(subject.text, line(*at), spans));
        let values = found.best.iter().filter(|found| !is_name(found));
        let matched = values.filter(|found| rule(found.rule).family() == "phi").map(|found| found.span);
        // Most values stand in the line of the one before.
        let mut known = Span::new(0, 0);
        let hidden = patients.spans.iter().chain(&patients.veiled).chain(&patients.near).copied();
        let patient_lines = matched.chain(hidden).filter_map(|span| {
            if known.start <= span.start && span.end <= known.end && span.start < known.end {
                return None;
            }
            let first = index.span(subject.text, index.line(span.start));
            let last = index.span(subject.text, index.line(span.end.saturating_sub(1)));
            known = Span::new(first.start, last.end);
            Some(known)
        });
        let end = subject.text.len();
        let own = subject.part.own.map(|(start, to)| Span::new(start.min(end), to.min(end)));
        // What stands beyond may be cut, and so be a secret that no rule knows.
        let beyond = own.map(|own| [Span::new(0, own.start), Span::new(own.end, end)]);
        let values = found.spans.iter().chain(&patients.spans).chain(&patients.veiled).copied();
        let masks = Masks::new(values.chain(beyond.into_iter().flatten()), patient_lines.chain(literals));
        TextView { subject, index, masks, documents, own, paths: Cell::new(MOST_PATHS) }
    }

    /// The lines around, masked. Without lines there is nothing to show but the path: what stands beside a match
    /// in an object of a cluster may be the value of a Secret that no rule knows.
    pub(super) fn excerpt(&self, span: Span, alone: bool) -> Option<Excerpt> {
        if !self.subject.origin.has_lines() {
            return None;
        }
        let mut excerpt = self.masks.excerpt(self.subject.text, &self.index, span, alone);
        excerpt.first_line += self.subject.part.lines_before;
        Some(excerpt)
    }

    /// The texts in a stretch that must not be shown; nothing if there are too many to look for.
    pub(super) fn hidden(&self, within: Span) -> Option<Vec<&'t str>> {
        const MOST: usize = 1000;
        let masks = self.masks.all();
        let masks: Vec<&Span> = masks.iter().filter(|mask| mask.overlaps(within)).take(MOST + 1).collect();
        let text = |mask: &&Span| std::str::from_utf8(&self.subject.text[mask.range()]).ok().map(str::trim);
        (masks.len() <= MOST).then(|| masks.iter().filter_map(text).filter(|text| !text.is_empty()).collect())
    }

    pub(super) fn place(&self, span: Span) -> Place {
        if !self.subject.origin.has_lines() {
            let path = self.documents.iter().find_map(|document| self.path(document, span)).unwrap_or_default();
            return Place { path, ..Place::default() };
        }
        let part = self.subject.part;
        let absolute = |offset: usize| {
            let at = self.index.position(self.subject.text, offset);
            let before = if at.line == 1 { part.columns_before } else { 0 };
            (at.line + part.lines_before, at.column + before)
        };
        let ((line, column), (end_line, end_column)) = (absolute(span.start), absolute(span.end));
        Place { line, column, end_line, end_column, ..Place::default() }
    }

    /// Says where in a Kubernetes object a place in a text is: which value of which object.
    fn add_path(&self, place: &mut Place, span: Span) {
        let left = self.paths.get();
        if left == 0 || !place.path.is_empty() || self.masks.hide_lines(span) {
            return;
        }
        self.paths.set(left - 1);
        let mut objects = self.documents.iter().filter(|document| hidden::is_object(document));
        place.path = objects.find_map(|document| self.path(document, span)).unwrap_or_default();
    }

    /// The path to what stands at a place, without the names in it that are secrets.
    fn path(&self, document: &Document, span: Span) -> Option<String> {
        document.path_at(span.start, |name| self.masks.touch(name).then_some(REDACTED))
    }

    /// Where something stands in a string of several lines, where there are no lines to name.
    fn inside(&self, span: Span) -> Vec<(&'static str, String)> {
        if self.subject.origin.has_lines() || self.paths.get() == 0 {
            return Vec::new();
        }
        let line = |document: &Document| hidden::line_of_string(document, self.subject.text, span.start);
        self.documents.iter().find_map(line).map(|line| (INSIDE, format!("{line} of the value"))).into_iter().collect()
    }

    /// Gives each place the hash of its line.
    pub(super) fn hash_lines(&self, places: &mut [&mut Place]) {
        let lines: Vec<usize> = places.iter().map(|place| place.line.max(1)).collect();
        let hashes = line_hashes(self.subject.text, self.masks.all(), &lines);
        for (place, hash) in places.iter_mut().zip(hashes) {
            place.line_hash = Some(hash);
        }
    }

    /// The hash that GitHub follows a line by. A part of a larger file, or what is no file, has no true one; a
    /// stable stand-in keeps GitHub's uploader from computing one over unmasked text.
    fn add_line_hashes(&self, findings: &mut [Finding]) {
        if self.subject.part.whole && self.subject.origin.has_lines() {
            self.hash_lines(&mut findings.iter_mut().map(|finding| &mut finding.place).collect::<Vec<_>>());
        } else {
            for finding in findings {
                let stand_in = finding.fingerprints.place.get(..16).unwrap_or("0");
                finding.place.line_hash = Some(format!("{stand_in}:1"));
            }
        }
    }
}
