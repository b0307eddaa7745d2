//! Words that open a text: where they stand, it may tell of patients, and in which format.
//!
//! Knows the words and what each leads to; reads no further than their surroundings.

use super::opening;
use crate::document::delimited::{line_end, line_start};

/// How many statements are looked at for the names of their columns.
const MAX_INSERTS: usize = 64;
/// How many places of telling words are kept.
const MAX_HITS: usize = 200_000;

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
pub(super) struct Sniffed {
    pub(super) hl7: bool,
    pub(super) x12: bool,
    pub(super) fhir: bool,
    pub(super) fhir_xml: bool,
    pub(super) cda: bool,
    pub(super) html: bool,
    pub(super) sql: bool,
    /// Where telling words begin, and which of them only records of people have.
    pub(super) hits: Vec<usize>,
    pub(super) strong: Vec<usize>,
    /// Where prose may tell of a patient.
    pub(super) care: Vec<usize>,
}

pub(super) fn sniff(text: &[u8], mut words: Vec<Telling>) -> Sniffed {
    words.sort_unstable();
    let mut sniffed = Sniffed::default();
    let (mut inserted, mut ruled) = (0, 0);
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
            // One line holds many such signs; it is looked at once.
            Anchor::Rule if at < ruled => {}
            Anchor::Rule => {
                ruled = line_end(text, at);
                let header = line_start(text, line_start(text, at).saturating_sub(1));
                if opening::is_telling_header(&text[header..], header == 0) {
                    sniffed.hits.push(header);
                }
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
