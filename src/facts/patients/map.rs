//! The field maps of `rules/fields/`: which place, column or key holds which identifier.
//!
//! Knows the shape of these files and how a name is looked up; adding a field is a line of data there.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::hashing::{FastMap, FastSet};
pub(super) use super::kinds::{FieldKind, Shape};
use super::meaning::{Known, Listed};

pub(super) type Lists = BTreeMap<String, Vec<String>>;

/// All field maps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Map {
    pub(super) names: Names,
    pub(super) hl7: Hl7,
    pub(super) x12: X12,
    pub(super) fhir: Fhir,
    pub(super) cda: Cda,
    pub(super) synthetic: Synthetic,
    pub(super) people: People,
    pub(super) clinic: Clinic,
    /// What is known of words and of whole names.
    #[serde(skip)]
    pub(super) known: FastMap<Box<[u8]>, Known>,
    /// By their first byte, the lengths of what is known, a bit for each.
    #[serde(skip)]
    pub(super) lengths: Vec<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Names {
    pub(super) persons: Vec<String>,
    others: Vec<String>,
    context: Vec<String>,
    clinical: Vec<String>,
    quasi: Vec<String>,
    sex: Vec<String>,
    sensitive: Vec<String>,
    free_text: Vec<String>,
    originals: Vec<String>,
    pseudonyms: Vec<String>,
    pub(super) files: Vec<String>,
    pub(super) keyfiles: Vec<String>,
    pub(super) name: Vec<Name>,
}

/// Names that say the same.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    pub(super) letter: char,
    pub(super) shape: Shape,
    pub(super) weight: u32,
    #[serde(default)]
    pub(super) limited: bool,
    /// Whether things have it as well as people.
    #[serde(default)]
    pub(super) anything: bool,
    names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Hl7 {
    pub(super) types: Lists,
    pub(super) context: BTreeMap<String, String>,
    pub(super) free_text: BTreeMap<String, usize>,
    field: Vec<At>,
    #[serde(skip)]
    pub(super) by_segment: FastMap<String, Vec<(usize, char, FieldKind)>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    letter: char,
    kind: FieldKind,
    at: Vec<String>,
    #[serde(default)]
    of: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct X12 {
    pub(super) persons: Vec<String>,
    pub(super) numbers: Lists,
    pub(super) references: Lists,
    pub(super) dates: Vec<String>,
    pub(super) context: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fhir {
    people: Vec<String>,
    pub(super) identifier_types: Lists,
    pub(super) identifier_systems: Lists,
    pub(super) extensions: Lists,
    pub(super) context: BTreeMap<String, String>,
    field: Vec<At>,
    /// By `Resource.path`.
    #[serde(skip)]
    pub(super) by_path: FastMap<String, (char, FieldKind)>,
}

impl Fhir {
    pub(super) fn is_person(&self, resource: &str) -> bool {
        self.people.iter().any(|person| person == resource)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cda {
    pub(super) unless: Vec<String>,
    pub(super) roots: Lists,
    pub(super) context: BTreeMap<String, String>,
    pub(super) field: Vec<CdaField>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CdaField {
    pub(super) within: Vec<String>,
    pub(super) last: Vec<String>,
    /// The attribute that holds the value; absent: its text.
    #[serde(default)]
    pub(super) value: Option<String>,
    pub(super) letter: char,
    pub(super) kind: FieldKind,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct People {
    pub(super) given: String,
    pub(super) surnames: String,
}

/// Words that notes about patients hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clinic {
    words: String,
    #[serde(skip)]
    set: OnceLock<FastSet<String>>,
}

impl Clinic {
    pub(super) fn set(&self) -> &FastSet<String> {
        self.set.get_or_init(|| self.words.split_ascii_whitespace().map(str::to_owned).collect())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Synthetic {
    pub(super) sign: Vec<Sign>,
}

/// A sign of made-up data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sign {
    #[serde(default)]
    pub(super) text: Vec<String>,
    /// Formats in which the words prove anything; elsewhere they are a hint, for a text may link to a project.
    #[serde(default)]
    pub(super) formats: Vec<String>,
    #[serde(default)]
    pub(super) letter: Option<char>,
    #[serde(default)]
    pub(super) begins: String,
    pub(super) weight: Weight,
    pub(super) reason: String,
    #[allow(dead_code, reason = "for the reader of the data; a test demands it")]
    source: String,
}

/// What a sign is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Weight {
    Proof,
    Hint,
}

/// The maps that come with the binary.
#[allow(clippy::expect_used, reason = "a test loads this very text")]
pub(super) fn map() -> &'static Map {
    static MAP: OnceLock<Map> = OnceLock::new();
    MAP.get_or_init(|| {
        let text = include_str!(concat!(env!("OUT_DIR"), "/fields.json"));
        let mut map: Map = serde_json::from_str(text).expect("embedded field maps are valid");
        map.prepare();
        map
    })
}

impl Map {
    fn prepare(&mut self) {
        let (names, known) = (&self.names, &mut self.known);
        let mut list = |words: &[String], set: fn(&mut Listed)| {
            words.iter().for_each(|word| set(&mut known.entry(word.as_bytes().into()).or_default().listed));
        };
        list(&names.persons, |listed| listed.person = true);
        list(&names.others, |listed| listed.other = true);
        list(&names.context, |listed| listed.context = true);
        list(&names.clinical, |listed| (listed.context, listed.clinical) = (true, true));
        list(&names.quasi, |listed| listed.quasi = true);
        list(&names.sex, |listed| listed.sex = true);
        list(&names.sensitive, |listed| listed.sensitive = true);
        list(&names.free_text, |listed| listed.free_text = true);
        list(&names.originals, |listed| listed.original = true);
        list(&names.pseudonyms, |listed| listed.pseudonym = true);
        for (at, name) in (0..).zip(&names.name) {
            for words in &name.names {
                // `lastname` is written as often as `last_name`.
                for form in [words.clone(), words.replace(' ', "")] {
                    known.entry(form.as_bytes().into()).or_default().field.get_or_insert(at);
                    let first = form.split(' ').next().unwrap_or_default();
                    known.entry(first.as_bytes().into()).or_default().opens = true;
                }
            }
        }
        for person in names.persons.iter().chain(&names.others) {
            known.entry(person.as_bytes().into()).or_default().opens = true;
        }
        self.lengths = vec![0; 256];
        for name in known.keys().filter(|name| !name.is_empty()) {
            self.lengths[usize::from(name[0])] |= 1 << name.len().min(63);
        }
        for field in &self.hl7.field {
            for at in &field.at {
                let Some((segment, number)) = at.split_once('-') else { continue };
                let Ok(number) = number.parse() else { continue };
                self.hl7.by_segment.entry(segment.to_owned()).or_default().push((number, field.letter, field.kind));
            }
        }
        for field in &self.fhir.field {
            for (of, at) in field.of.iter().flat_map(|of| field.at.iter().map(move |at| (of, at))) {
                self.fhir.by_path.insert(format!("{of}.{at}"), (field.letter, field.kind));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words;
    use super::*;

    #[test]
    fn the_maps_keep_their_shape() {
        let map = map();
        let letters = |letter: char| ('A'..='R').contains(&letter);
        assert!(map.names.name.iter().all(|name| letters(name.letter) && !name.names.is_empty()));
        for name in map.names.name.iter().flat_map(|name| &name.names) {
            assert_eq!(words::of(name.as_bytes()).whole(), name.as_bytes(), "names stand as words");
        }
        let lists = [&map.hl7.types, &map.x12.numbers, &map.x12.references, &map.fhir.identifier_types, &map.cda.roots];
        for letter in lists.iter().flat_map(|lists| lists.keys()) {
            assert!(letter.len() == 1 && letter.chars().all(letters), "{letter}");
        }
        let positions: usize = map.hl7.by_segment.values().map(Vec::len).sum();
        assert_eq!(positions, map.hl7.field.iter().map(|field| field.at.len()).sum::<usize>(), "each is SEG-number");
        assert!(map.synthetic.sign.iter().all(|sign| !sign.reason.is_empty() && !sign.source.is_empty()));
        assert!(map.synthetic.sign.iter().all(|sign| sign.text.is_empty() == sign.letter.is_some()));
    }

    #[test]
    fn names_are_found_as_whole_words() {
        // name, letter, whether a person's word stands before it
        let cases: &[(&str, Option<char>, bool)] = &[
            ("ssn", Some('G'), false),
            ("patient_first_name", Some('A'), true),
            ("PatientFirstName", Some('A'), true),
            ("Last Name", Some('A'), false),
            ("lastname", Some('A'), false),
            ("patientname", Some('A'), true),
            ("birthDate", Some('C'), false),
            ("DOB", Some('C'), false),
            ("addressLine1", Some('B'), false),
            ("zip5", Some('B'), false),
            ("phone_2", Some('D'), false),
            ("BENE_MBI_ID", Some('I'), false),
            ("PAT_MRN_ID", Some('H'), false),
            // parts of other words
            ("filename", None, false),
            ("gzip", None, false),
            ("adobe", None, false),
            ("display_name", None, false),
            ("process_pid", None, false),
            ("", None, false),
        ];
        for (name, letter, person) in cases {
            let meaning = map().meaning(name.as_bytes()).filter(|meaning| meaning.field.is_some());
            let found = meaning.and_then(|meaning| meaning.field).map(|field| field.letter);
            assert_eq!((found, meaning.is_some_and(|m| m.person)), (*letter, *person), "{name}");
        }
        let diagnosis = map().meaning(b"primary_dx_code").unwrap();
        assert!(diagnosis.context && diagnosis.field.is_none());
    }
}
