//! Patients in a text: groups of records with the identifiers of Safe Harbor that stand in them.
//!
//! Knows which formats hold patients and how a text is looked at cheaply before it is read; no rule and no I/O. A
//! group says classes, counts and first places, never a value. What is made up is found like everything else and
//! said to be made up, with the reason.

mod anchors;
mod beside;
mod cda;
mod columns;
mod crowd;
mod fhir;
mod gazetteer;
mod group;
mod hashing;
mod headerless;
mod hl7;
mod kinds;
mod letters;
mod map;
mod meaning;
mod objects;
mod opening;
mod pairs;
mod pieces;
mod prose;
mod runs;
mod shape;
mod sheet;
mod tables;
mod words;
mod x12;

use crate::text::Span;
use anchors::sniff;
use columns::Chosen;

pub use anchors::{Telling, words};
pub use beside::{Beside, Codes, of_file, share};
pub use columns::{Columns, DEFAULT_K, DEFAULT_L, Lacking};
pub use group::Group;
pub(super) use group::{FIELDS, NAMES};
pub use letters::detail;

/// What the names of a table must weigh together.
const ENOUGH: u32 = 5;
/// What labelled values in any text must weigh together.
const ENOUGH_ALONE: u32 = 6;

/// Which identifiers are too many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// All eighteen: 45 CFR 164.514(b)(2).
    #[default]
    SafeHarbor,
    /// Dates, cities and ZIP codes may stay: 45 CFR 164.514(e)(2).
    LimitedDataSet,
}

/// What somebody who asks for patients knows and wants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// Which identifiers are too many.
    pub profile: Profile,
    /// Columns to judge its tables by.
    pub columns: Option<&'r Columns>,
    /// The name of the table that the text is, if it is one of a database or a workbook.
    pub table: Option<&'r str>,
}

/// What is looked for in a text, and in which stretch of it.
#[derive(Clone, Copy, Debug, Default)]
struct Scope {
    profile: Profile,
    /// What is counted here; other parts of the same text count the rest. All of it without.
    own: Option<Span>,
}

impl Scope {
    /// Where the stretch begins that is counted here, and where it ends.
    fn start(self) -> usize {
        self.own.map_or(0, |own| own.start)
    }

    fn end(self) -> usize {
        self.own.map_or(usize::MAX >> 1, |own| own.end)
    }

    fn owns(self, at: usize) -> bool {
        self.own.is_none_or(|own| own.start <= at && at < own.end)
    }
}

/// What a part of a text says of the next: a table that goes on behind its end, and the columns of tables.
#[derive(Debug)]
pub struct Open(tables::Ahead);

/// What stands of patients in one text.
#[derive(Debug, Default)]
pub struct Found {
    /// The groups of records; each is a document of [`crate::document::Kind::PatientRecords`].
    pub groups: Vec<Group>,
    /// Every value that identifies somebody, sorted: what no output may show.
    pub spans: Vec<Span>,
    /// What no output may show either, sorted: cells of columns that somebody chose.
    pub veiled: Vec<Span>,
    /// Where prose speaks of patients: no line of it may be shown, though not all of it is a value.
    pub near: Vec<Span>,
    /// The pseudonyms of its tables.
    pub codes: Vec<Codes>,
    /// Whether a table has all columns that somebody chose.
    pub judged: bool,
    /// Tables that have some of them, and not all.
    pub lacking: Vec<Lacking>,
    /// Whether the text is a tree.
    pub tree: bool,
    /// Whether something in it could not be parsed: it is broken, or parts of it are elsewhere.
    pub cut: bool,
    /// Whether the text is of a format of records that carries attachments: FHIR, C-CDA, HL7 v2.
    pub records: bool,
}

impl Found {
    /// Whether a stretch shares a byte with a value.
    pub fn holds(&self, span: Span) -> bool {
        pieces::touches(&self.spans, span)
    }
}

/// Finds the patients of a text in which `words` stand, in any order.
pub fn find(text: &[u8], words: Vec<Telling>, request: Request<'_>) -> Found {
    look(text, words, Scope { profile: request.profile, own: None }, request, &mut None)
}

/// The same for a part of a larger text, of which only the stretch `own` is counted; `open` is the table that goes on
/// from the part before, and afterwards the one that goes on into the next.
pub fn find_part(text: &[u8], words: Vec<Telling>, request: Request<'_>, own: Span, open: &mut Option<Open>) -> Found {
    look(text, words, Scope { profile: request.profile, own: Some(own) }, request, open)
}

fn look(
    text: &[u8],
    words: Vec<Telling>,
    scope: Scope,
    Request { columns, table, .. }: Request<'_>,
    open: &mut Option<Open>,
) -> Found {
    let mut sniffed = sniff(text, words);
    if sniffed.hits.first() != Some(&0) && opening::is_telling_header(text, true) {
        sniffed.hits.insert(0, 0);
    }
    let keys = opening::telling_objects(text);
    sniffed.strong.extend_from_slice(&keys);
    sniffed.hits.extend(keys);
    // The hit of a rule is that of the line above it.
    sniffed.hits.sort_unstable();
    sniffed.strong.sort_unstable();
    let mut chosen = Chosen { columns, table, ..Chosen::default() };
    let objects = text.trim_ascii_start().first().is_some_and(|first| matches!(first, b'{' | b'['));
    if columns.is_some() && !objects {
        // Whatever its columns are called, a table's header stands in one of its first lines.
        sniffed.hits.extend(first_lines(text));
        sniffed.hits.sort_unstable();
        sniffed.hits.dedup();
    }
    let mut groups = Vec::new();
    let mut keep = |group: group::Group| {
        let telling = group.letters().any(|letter| !matches!(letter, 'C' | 'R'));
        if telling && (group.records > 0 || group.letters().count() > 1) {
            groups.push(group);
        }
    };
    if sniffed.hl7 {
        keep(hl7::group(text, scope));
    }
    if sniffed.x12 {
        keep(x12::group(text, scope));
    }
    if sniffed.cda {
        keep(cda::group(text, scope));
    }
    let mut cut = scope.own.is_some() && (sniffed.cda || sniffed.fhir_xml);
    if sniffed.fhir {
        let own = scope.own.map(|own| fhir::json_part(text, own, scope));
        let (group, has_cut) = own.unwrap_or_else(|| fhir::json(text, scope));
        cut |= has_cut;
        keep(group);
    } else if sniffed.fhir_xml && !sniffed.cda && text.trim_ascii_start().starts_with(b"<") {
        keep(fhir::xml(text, scope));
    }
    let structured = !groups.is_empty();
    let mut codes = Vec::new();
    let tables::Ahead { heading, mut created } = open.take().map(|open| open.0).unwrap_or_default();
    let tables::Start { group, past, past_tuples, mut heading } =
        tables::at_start(text, heading, &mut chosen, scope, &mut codes);
    // A part may only say what its tables are, or only hold their rows.
    sniffed.sql |= scope.own.is_some() && !sniffed.hits.is_empty() && creates_tables(text);
    let rows_only = sniffed.sql && !created.is_empty();
    groups.extend(group);
    if (!sniffed.hits.is_empty() || rows_only) && !(structured && (sniffed.cda || sniffed.fhir || sniffed.fhir_xml)) {
        let mut covered: Vec<Span> = groups.iter().flat_map(|group| group.spans.iter().copied()).collect();
        if sniffed.sql {
            let (found, copied) = tables::of_sql(text, past_tuples, &mut created, &mut chosen, scope, &mut codes);
            groups.extend(found);
            heading = copied.or(heading);
        }
        if sniffed.html {
            groups.extend(tables::of_html(text, &mut chosen, scope));
        }
        let (found, areas, last) = tables::of_text(text, &sniffed.hits, past, &mut chosen, scope, &mut codes);
        heading = last.or(heading);
        groups.extend(found);
        covered.extend(areas);
        covered.extend(groups.iter().flat_map(|group| group.spans.iter().copied()));
        let covered = merged(covered);
        // A part of a bundle that is too large to be read as one is known by what it says of itself.
        let patients = sniffed.fhir && pieces::contains(text, b"\"Patient\"");
        // In objects a name says more than in prose and in programs.
        let hits = if objects { &sniffed.hits } else { &sniffed.strong };
        groups.extend(pairs::group(text, hits, &covered, patients, scope));
    }
    if !structured {
        let covered: Vec<Span> = merged(groups.iter().flat_map(|group| group.spans.iter().copied()).collect());
        groups.extend(prose::group(text, &sniffed.care, &covered, scope));
    }
    groups.extend(objects::group(text, &mut chosen, scope));
    *open = Some(Open(tables::Ahead { heading, created })).filter(|_| scope.own.is_some());
    let tree = sniffed.fhir || sniffed.fhir_xml || sniffed.cda;
    let (judged, lacking) = (chosen.judged, chosen.lacking());
    let mut found = Found { tree, cut, codes, judged, lacking, records: tree || sniffed.hl7, ..Found::default() };
    for mut group in groups {
        group.signs(text);
        found.spans.extend_from_slice(&group.spans);
        group.spans.truncate(1);
        found.veiled.extend_from_slice(&group.veiled);
        found.near.append(&mut group.near);
        group.veiled.truncate(1);
        found.groups.push(group);
    }
    found.spans = merged(found.spans);
    found.veiled = merged(found.veiled);
    found.near = merged(found.near);
    found
}

fn creates_tables(text: &[u8]) -> bool {
    pieces::contains(text, b"CREATE TABLE") || pieces::contains(text, b"create table")
}

/// Where the first lines begin.
fn first_lines(text: &[u8]) -> impl Iterator<Item = usize> {
    const MANY: usize = 64;
    let ends = memchr::memchr2_iter(b'\n', b'\r', &text[..text.len().min(1 << 20)]).take(MANY);
    std::iter::once(0).chain(ends.map(|end| end + 1))
}

fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    // They come in runs that are sorted already, which this sort knows to use.
    spans.sort();
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => apart.push(span),
        }
    }
    apart
}

#[cfg(test)]
mod tests;
