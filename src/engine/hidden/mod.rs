//! Text rules over what hides in a text: encoded stretches, the values of Kubernetes secrets, texts that Kubernetes
//! objects hold as JSON strings, notebook cells.
//!
//! A match in a hidden text stands where the hidden text stands in the outer one, and all of that is masked: the
//! encoded form of a secret is the secret. Where a rule already matched the outer text at that place, the more
//! specific of the two is told.

mod binary;
mod files;
mod json_text;
mod kubernetes;
mod notebook;

pub use binary::LARGEST_BINARY;

use std::collections::{BTreeMap, BTreeSet};

use super::texts::TextMatches;
use super::{Certainty, Engine, Subject, TextMatch};
use crate::artifact::Step;
use crate::document::Document;
use crate::facts::patients;
use crate::text::{DecodeBudget, LineIndex, Span, encoded};

/// How many strings of one document are read as texts.
const MOST_TEXTS: usize = 10_000;
/// How deep texts may hide in texts.
const DEEPEST: usize = 3;
/// The file name that rules see for a text that has none: no glob and no language fits.
const NAMELESS: &str = "decoded";

/// A match in a hidden text.
#[derive(Clone, Debug)]
pub(super) struct HiddenMatch {
    pub(super) rule: u32,
    /// Where it stands in the outer text, disguise and all.
    pub(super) span: Span,
    pub(super) certainty: Certainty,
    /// How to get from the outer text to the one that was matched.
    pub(super) way: Vec<Step>,
    /// The path in the outer document, if that is one.
    pub(super) path: String,
    /// What was matched.
    pub(super) value: Vec<u8>,
    /// Whether it is the value of a Kubernetes secret.
    pub(super) stored: bool,
    /// Where it stands in a decoded text of several lines.
    pub(super) inside: Option<String>,
}

/// A text that stands in another one.
struct Inner {
    text: Vec<u8>,
    /// The file name that rules see.
    name: String,
    way: Vec<Step>,
    path: String,
    places: Places,
    /// Whether it is the value of a Kubernetes secret.
    stored: bool,
}

/// Where the parts of a hidden text stand in the outer one.
enum Places {
    /// Every part anywhere in this stretch.
    Whole(Span),
    /// In these pieces, in order.
    Pieces(Vec<Piece>),
}

/// A part of a hidden text and its place outside.
struct Piece {
    /// Where it begins in the hidden text.
    start: usize,
    outer: Span,
    /// Whether each byte inside is one outside; an escape is only ever seen whole.
    plain: bool,
}

impl Places {
    fn outer(&self, span: Span) -> Span {
        match self {
            Places::Whole(outer) => *outer,
            Places::Pieces(pieces) => {
                let last = span.end.saturating_sub(1).max(span.start);
                Span::new(outer_byte(pieces, span.start).start, outer_byte(pieces, last).end)
            }
        }
    }
}

/// Whether a document is an object of Kubernetes, or a list of some.
pub(super) fn is_object(document: &Document) -> bool {
    let root = document.root();
    document.get_str(root, "kind").is_some() && document.get_str(root, "apiVersion").is_some()
}

/// Where something stands in the string of a document that holds it, if that string has several lines.
pub(super) fn line_of_string(document: &Document, outer: &[u8], at: usize) -> Option<String> {
    let string = document.string_at(at)?;
    let (text, places) = files::lines(document.kind, outer, string);
    if !text.trim_ascii_end().contains(&b'\n') {
        return None;
    }
    let Places::Pieces(pieces) = places else { return None };
    let index = pieces.partition_point(|piece| piece.outer.start <= at).checked_sub(1)?;
    let piece = &pieces[index];
    let into = if piece.plain { at - piece.outer.start } else { 0 };
    Some(position(&text, piece.start + into))
}

fn position(text: &[u8], at: usize) -> String {
    let at = LineIndex::new(text).position(text, at);
    format!("line {}, column {}", at.line, at.column)
}

/// Where a byte of a hidden text stands outside.
fn outer_byte(pieces: &[Piece], at: usize) -> Span {
    let index = pieces.partition_point(|piece| piece.start <= at).saturating_sub(1);
    match pieces.get(index) {
        Some(piece) if piece.plain => {
            let start = piece.outer.start + at.saturating_sub(piece.start);
            Span::new(start, start + 1)
        }
        Some(piece) => piece.outer,
        None => Span::default(),
    }
}

/// What was found in a text and in those that hide in it.
#[derive(Default)]
pub(super) struct Matches {
    pub(super) texts: Vec<TextMatch>,
    /// Where anything was matched, told or not, hidden or not: nothing of it is shown.
    spans: Vec<Span>,
    pub(super) hidden: Vec<HiddenMatch>,
    pub(super) failures: Vec<(u32, String)>,
    /// Whether more was hidden than may be decoded.
    pub(super) limited: bool,
    /// Words of the text itself that tell of patients.
    pub(super) telling: Vec<patients::Telling>,
}

impl Matches {
    /// Everything with its place in the outer text.
    pub(super) fn all(&self) -> TextMatches {
        let hidden = self.hidden.iter().map(|found| TextMatch {
            rule: found.rule,
            span: found.span,
            certainty: found.certainty.clone(),
        });
        TextMatches {
            best: self.texts.iter().cloned().chain(hidden).collect(),
            spans: self.spans.clone(),
            telling: Vec::new(),
        }
    }
}

impl Engine {
    /// Every match of a text rule in a text and in what hides in it.
    pub(super) fn all_matches(&self, subject: Subject<'_>, documents: &[Document]) -> Matches {
        let mut matches = Matches::default();
        let mut budget = DecodeBudget::default();
        let mut decoded = Vec::new();
        for document in documents {
            decoded.extend(kubernetes::values(document, &mut budget));
        }
        // What is base64 by definition is no password as it stands, however much it looks like one.
        let mut decisive: Vec<Span> = decoded.iter().map(|inner| inner.places.outer(Span::default())).collect();
        decisive.sort_unstable();
        decisive.dedup();
        let texts = documents.iter().flat_map(|document| kubernetes::texts(document, subject.text));
        let cells = documents.iter().flat_map(|document| notebook::cells(document, subject.text));
        let inners: Vec<Inner> = decoded.into_iter().chain(texts).chain(cells).collect();
        self.search(subject.text, subject.origin.name(), (inners, &decisive), DEEPEST, &mut budget, &mut matches);
        matches.failures.sort();
        matches.failures.dedup();
        matches.limited = budget.is_spent();
        matches
    }

    /// Searches a text, then what hides in it.
    fn search(
        &self,
        text: &[u8],
        name: &str,
        (mut inners, decisive): (Vec<Inner>, &[Span]),
        deeper: usize,
        budget: &mut DecodeBudget,
        matches: &mut Matches,
    ) {
        let TextMatches { best, spans, telling } = self.text_matches(text, name, &mut matches.failures);
        (matches.texts, matches.spans, matches.telling) = (best, spans, telling);
        if deeper > 0 {
            for one in encoded(text, budget) {
                if !touches(decisive, one.span) {
                    inners.push(Inner {
                        text: one.text,
                        name: NAMELESS.to_owned(),
                        way: vec![Step::Decoded(one.coding)],
                        path: String::new(),
                        places: Places::Whole(one.span),
                        stored: false,
                    });
                }
            }
        }
        for inner in inners {
            let mut within = Matches::default();
            let next = deeper.saturating_sub(1);
            self.search(&inner.text, &inner.name, (Vec::new(), &[]), next, budget, &mut within);
            matches.failures.append(&mut within.failures);
            matches.spans.extend(within.spans.iter().map(|span| inner.places.outer(*span)));
            matches.hidden.extend(inner.carried_out(within));
        }
        if !matches.hidden.is_empty() || !decisive.is_empty() {
            self.tell_once(matches, decisive);
        }
    }

    /// Leaves one finding for each secret that was seen both in the outer text and in a hidden one.
    fn tell_once(&self, matches: &mut Matches, decisive: &[Span]) {
        let generic = |rule: u32| self.rule(rule).is_generic();
        matches.texts.retain(|found| !(generic(found.rule) && touches(decisive, found.span)));
        // Matches of one family do not overlap, so their ends are in order, too.
        let mut by_family: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, found) in matches.texts.iter().enumerate() {
            by_family.entry(self.rule(found.rule).family()).or_default().push(at);
        }
        let mut beaten = BTreeSet::new();
        let texts = &matches.texts;
        matches.hidden.retain(|hidden| {
            let rivals = by_family.get(self.rule(hidden.rule).family()).map_or(&[][..], Vec::as_slice);
            let first = rivals.partition_point(|at| texts[*at].span.end <= hidden.span.start);
            let rivals: Vec<usize> =
                rivals[first..].iter().copied().take_while(|at| texts[*at].span.start < hidden.span.end).collect();
            let wins = rivals.is_empty() || (!generic(hidden.rule) && rivals.iter().all(|at| generic(texts[*at].rule)));
            if wins {
                beaten.extend(rivals);
            }
            wins
        });
        let mut at = 0;
        matches.texts.retain(|_| {
            at += 1;
            !beaten.contains(&(at - 1))
        });
        matches
            .hidden
            .sort_by(|a, b| (a.span, a.rule, a.way.len(), &a.value).cmp(&(b.span, b.rule, b.way.len(), &b.value)));
        matches.hidden.dedup_by(|a, b| (a.span, a.rule) == (b.span, b.rule));
    }
}

/// Whether a span shares a byte with one of `spans`, which are in order and apart.
fn touches(spans: &[Span], span: Span) -> bool {
    let first = spans.partition_point(|other| other.end <= span.start);
    spans.get(first).is_some_and(|other| other.overlaps(span))
}

impl Inner {
    /// What was found in this text, as the outer one sees it.
    fn carried_out(&self, within: Matches) -> impl Iterator<Item = HiddenMatch> {
        let way = |deeper: &[Step]| self.way.iter().chain(deeper).cloned().collect();
        // A part of an outer text that is one place for all of this one.
        let whole = matches!(self.places, Places::Whole(_)) && self.text.trim_ascii_end().contains(&b'\n');
        let name = if self.name == NAMELESS { "what it decodes to" } else { &self.name };
        let inside = move |at: usize| whole.then(|| format!("{} of {name}", position(&self.text, at)));
        let texts = within.texts.into_iter().map(move |found| HiddenMatch {
            rule: found.rule,
            span: self.places.outer(found.span),
            certainty: found.certainty,
            way: way(&[]),
            path: self.path.clone(),
            value: self.text[found.span.range()].to_vec(),
            stored: self.stored,
            inside: inside(found.span.start),
        });
        let hidden = within.hidden.into_iter().map(move |found| HiddenMatch {
            inside: found.inside.or_else(|| inside(found.span.start)),
            span: self.places.outer(found.span),
            way: self.way.iter().cloned().chain(found.way).collect(),
            path: self.path.clone(),
            stored: self.stored || found.stored,
            ..found
        });
        texts.chain(hidden)
    }
}

#[cfg(test)]
mod tests;
