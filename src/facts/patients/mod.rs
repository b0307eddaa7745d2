//! Patients in a text: groups of records with the identifiers of Safe Harbor that stand in them.
//!
//! Knows which formats hold patients and how a text is looked at cheaply before it is read; no rule and no I/O. A
//! group says classes, counts and first places, never a value. What is made up is found like everything else and
//! said to be made up, with the reason.

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
mod tables;
mod words;
mod x12;

use crate::document::delimited::line_start;
use crate::text::Span;
use columns::Chosen;

pub use beside::{Beside, Codes, of_file, share};
pub use columns::{Columns, DEFAULT_K, DEFAULT_L, Lacking};
pub use group::Group;
pub(super) use group::{FIELDS, NAMES};
pub use letters::detail;

/// What the names of a table must weigh together.
const ENOUGH: u32 = 5;
/// What labelled values in any text must weigh together.
const ENOUGH_ALONE: u32 = 6;
/// How many statements are looked at for the names of their columns.
const MAX_INSERTS: usize = 64;
/// How many places of telling words are kept.
const MAX_HITS: usize = 200_000;

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

/// Words that a text with patients holds, in any case. The first ones open a format; the others are names.
const ANCHORS: &[(&str, Anchor)] = &[
    ("msh|", Anchor::Hl7),
    ("msh", Anchor::PerhapsHl7),
    ("pid|", Anchor::Hl7),
    ("nk1|", Anchor::Hl7),
    ("gt1|", Anchor::Hl7),
    ("in1|", Anchor::Hl7),
    ("isa*", Anchor::X12),
    ("nm1*", Anchor::X12),
    ("nm1|", Anchor::X12),
    ("\"resourcetype\"", Anchor::Fhir),
    ("http://hl7.org/fhir", Anchor::FhirXml),
    ("patientrole", Anchor::Cda),
    ("<td", Anchor::Html),
    ("insert into", Anchor::Sql),
    ("from stdin", Anchor::Sql),
    ("birth", Anchor::Strong),
    ("dob", Anchor::Strong),
    ("ssn", Anchor::Strong),
    ("social", Anchor::Strong),
    ("mrn", Anchor::Strong),
    ("medical", Anchor::Strong),
    ("med_rec", Anchor::Strong),
    ("medrec", Anchor::Strong),
    ("patient", Anchor::Care),
    ("patid", Anchor::Word),
    ("pat_", Anchor::Word),
    ("member", Anchor::Word),
    ("subscriber", Anchor::Word),
    ("bene", Anchor::Strong),
    ("medicare", Anchor::Strong),
    ("medicaid", Anchor::Strong),
    ("insurance", Anchor::Strong),
    ("policy", Anchor::Word),
    ("hicn", Anchor::Strong),
    ("passport", Anchor::Word),
    ("licen", Anchor::Word),
    ("death", Anchor::Word),
    ("deceased", Anchor::Word),
    ("diagnos", Anchor::Care),
    ("allerg", Anchor::Care),
    ("symptom", Anchor::Care),
    ("vaccin", Anchor::Care),
    ("medication", Anchor::Care),
    ("patient_name", Anchor::Strong),
    ("patientname", Anchor::Strong),
    ("patient name", Anchor::Strong),
    ("pt name", Anchor::Strong),
    ("pt_name", Anchor::Strong),
    ("|---", Anchor::Rule),
    ("| ---", Anchor::Rule),
    ("|:--", Anchor::Rule),
    ("-+-", Anchor::Rule),
    ("admi", Anchor::Word),
    ("discharge", Anchor::Word),
    ("subject", Anchor::Word),
    ("d.o.b", Anchor::Strong),
    ("mbi", Anchor::Strong),
    ("health plan", Anchor::Strong),
    ("health_plan", Anchor::Strong),
    ("study_id", Anchor::Word),
    ("original_id", Anchor::Word),
    ("orig_id", Anchor::Word),
    ("anon_id", Anchor::Word),
    ("pseudonym", Anchor::Word),
];

/// Words that stand inside many others (`classname`, `adobe`, `combine`, `remember`): they tell something where a word
/// begins, and behind a word for a person.
const INSIDE_OTHERS: &[&str] = &["ssn", "dob", "mbi", "mrn", "bene", "admi", "member", "subject", "social", "death"];
const BEFORE: &[&str] = &["patient", "pt", "member", "subscriber", "insured", "beneficiary", "guarantor", "person"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Hl7,
    PerhapsHl7,
    X12,
    Fhir,
    FhirXml,
    Cda,
    Html,
    Sql,
    /// A line below the header of a table.
    Rule,
    /// A name that only records of people have.
    Strong,
    /// A name that other things have, too.
    Word,
    /// The same, and prose about patients holds it.
    Care,
}

/// The words that tell of patients, to be looked for in any case together with whatever else is looked for.
pub fn words() -> impl Iterator<Item = &'static str> {
    ANCHORS.iter().map(|(word, _)| *word)
}

/// One of [`words`] where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Telling {
    /// Where it begins.
    pub at: usize,
    /// Which one it is.
    pub word: usize,
}

/// What a text may hold.
#[derive(Debug, Default)]
struct Sniffed {
    hl7: bool,
    x12: bool,
    fhir: bool,
    fhir_xml: bool,
    cda: bool,
    html: bool,
    sql: bool,
    /// Where telling words begin, and which of them only records of people have.
    hits: Vec<usize>,
    strong: Vec<usize>,
    /// Where prose may tell of a patient.
    care: Vec<usize>,
}

fn sniff(text: &[u8], mut words: Vec<Telling>) -> Sniffed {
    words.sort_unstable();
    let mut sniffed = Sniffed::default();
    let (mut inserted, mut ruled) = (0, None);
    for (at, (word, anchor)) in words.iter().filter_map(|told| Some((told.at, ANCHORS.get(told.word)?))) {
        match anchor {
            Anchor::Hl7 => sniffed.hl7 = true,
            // Another separator: a sign behind the name, and the same one again behind four more.
            Anchor::PerhapsHl7 => {
                let end = at + word.len();
                let sign = text.get(end).filter(|byte| byte.is_ascii_punctuation());
                sniffed.hl7 |= sign.is_some_and(|sign| text.get(end + 5) == Some(sign));
            }
            Anchor::X12 => sniffed.x12 = true,
            Anchor::Fhir => sniffed.fhir = true,
            Anchor::FhirXml => sniffed.fhir_xml = true,
            Anchor::Cda => sniffed.cda = true,
            Anchor::Html => sniffed.html = true,
            Anchor::Sql => {
                sniffed.sql = true;
                if inserted < MAX_INSERTS && opening::is_telling_insert(&text[at..]) {
                    sniffed.hits.push(at);
                }
                inserted += 1;
            }
            Anchor::Rule => {
                let header = line_start(text, line_start(text, at).saturating_sub(1));
                if ruled != Some(header) && opening::is_telling_header(&text[header..], header == 0) {
                    sniffed.hits.push(header);
                }
                ruled = Some(header);
            }
            Anchor::Word | Anchor::Care | Anchor::Strong if !tells(text, at, word) => {}
            Anchor::Word | Anchor::Care | Anchor::Strong if sniffed.hits.len() < MAX_HITS => {
                sniffed.hits.push(at);
                if *anchor != Anchor::Word {
                    sniffed.care.push(at);
                }
                if *anchor == Anchor::Strong {
                    sniffed.strong.push(at);
                }
            }
            Anchor::Word | Anchor::Care | Anchor::Strong => {}
        }
    }
    // Any separator may follow ISA.
    sniffed.x12 |= text.starts_with(b"ISA") && text.get(3).is_some_and(u8::is_ascii_punctuation);
    sniffed
}

/// Whether an anchor at `at` is a word, not a part of another one.
fn tells(text: &[u8], at: usize, word: &str) -> bool {
    let before = &text[..at];
    let Some(last) = before.last().filter(|last| last.is_ascii_alphabetic()) else { return true };
    let anew = last.is_ascii_lowercase() && text[at].is_ascii_uppercase();
    let person = |person: &&str| {
        before.len() >= person.len() && before[before.len() - person.len()..].eq_ignore_ascii_case(person.as_bytes())
    };
    anew || !INSIDE_OTHERS.contains(&word) || BEFORE.iter().any(person)
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
    let objects = opening::telling_objects(text);
    sniffed.strong.extend_from_slice(&objects);
    sniffed.hits.extend(objects);
    // The hit of a rule is that of the line above it.
    sniffed.hits.sort_unstable();
    sniffed.strong.sort_unstable();
    let mut chosen = Chosen { columns, table, ..Chosen::default() };
    if columns.is_some() {
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
        let objects = text.trim_ascii_start().first().is_some_and(|first| matches!(first, b'{' | b'['));
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
        group.veiled.truncate(1);
        found.groups.push(group);
    }
    found.spans = merged(found.spans);
    found.veiled = merged(found.veiled);
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
