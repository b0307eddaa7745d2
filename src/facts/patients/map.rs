//! The field maps of `rules/fields/`: which place, column or key holds which identifier.
//!
//! Knows the shape of these files and how a name is looked up; adding a field is a line of data there.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

use super::hashing::FastMap;
pub(super) use super::kinds::{FieldKind, Shape};
use super::words::{self, Words};

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
    #[serde(skip)]
    index: FastMap<String, u32>,
    /// Which lists of `names` hold a word or a whole name.
    #[serde(skip)]
    lists: FastMap<String, Listed>,
}

/// Where a name is listed beside the fields.
#[derive(Clone, Copy, Debug, Default)]
struct Listed {
    person: bool,
    context: bool,
    quasi: bool,
    sex: bool,
    sensitive: bool,
    free_text: bool,
    original: bool,
    pseudonym: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Names {
    persons: Vec<String>,
    context: Vec<String>,
    quasi: Vec<String>,
    sex: Vec<String>,
    sensitive: Vec<String>,
    free_text: Vec<String>,
    originals: Vec<String>,
    pseudonyms: Vec<String>,
    pub(super) files: Vec<String>,
    pub(super) keyfiles: Vec<String>,
    name: Vec<Name>,
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
    pub(super) by_segment: HashMap<String, Vec<(usize, char, FieldKind)>>,
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
    pub(super) by_path: HashMap<String, (char, FieldKind)>,
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

/// What a name says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    pub(super) field: Option<&'static Name>,
    /// Whether a word for the person stands before it.
    pub(super) person: bool,
    /// Whether it speaks of health.
    pub(super) context: bool,
    pub(super) quasi: bool,
    pub(super) free_text: bool,
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
        let names = &self.names;
        let mut list = |words: &[String], set: fn(&mut Listed)| {
            words.iter().for_each(|word| set(self.lists.entry(word.clone()).or_default()));
        };
        list(&names.persons, |listed| listed.person = true);
        list(&names.context, |listed| listed.context = true);
        list(&names.quasi, |listed| listed.quasi = true);
        list(&names.sex, |listed| listed.sex = true);
        list(&names.sensitive, |listed| listed.sensitive = true);
        list(&names.free_text, |listed| listed.free_text = true);
        list(&names.originals, |listed| listed.original = true);
        list(&names.pseudonyms, |listed| listed.pseudonym = true);
        for (at, name) in (0..).zip(&self.names.name) {
            for words in &name.names {
                self.index.entry(words.clone()).or_insert(at);
                // `lastname` is written as often as `last_name`.
                self.index.entry(words.replace(' ', "")).or_insert(at);
            }
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

    fn listed(&self, name: &str) -> Listed {
        self.lists.get(name).copied().unwrap_or_default()
    }

    /// Whether a column of that name holds what nobody should learn of a person.
    pub(super) fn is_sensitive(&self, name: &Words) -> bool {
        self.listed(name.whole()).sensitive
    }

    /// Whether a column of that name, with or without a word for the person before it, holds the sex.
    pub(super) fn is_sex(&self, name: &Words) -> bool {
        let behind = name.whole().split_once(' ').filter(|(first, _)| self.listed(first).person);
        self.listed(name.whole()).sex || behind.is_some_and(|(_, rest)| self.listed(rest).sex)
    }

    /// What a name says: a column's, a key's, a label's.
    pub(super) fn meaning(&'static self, name: &[u8]) -> Option<Meaning> {
        self.meaning_of(&words::of(name))
    }

    /// What a name of these words says.
    pub(super) fn meaning_of(&'static self, words: &Words) -> Option<Meaning> {
        if words.is_empty() {
            return None;
        }
        let context = words.each().any(|word| self.listed(word).context);
        let mut whole = words.whole();
        let Listed { mut quasi, free_text, .. } = self.listed(whole);
        let mut person = false;
        let mut field = None;
        // The name itself first; then without the words for the person before it, and a number behind it.
        for _ in 0..4 {
            field = self.index.get(whole).or_else(|| {
                let (before, last) = whole.rsplit_once(' ')?;
                let numbered = last.len() == 1 && last.bytes().all(|byte| byte.is_ascii_digit());
                self.index.get(before).filter(|_| numbered)
            });
            let Some((first, others)) = whole.split_once(' ') else { break };
            if field.is_some() || !self.listed(first).person {
                break;
            }
            person = true;
            whole = others;
        }
        if field.is_none() && !words.whole().contains(' ') {
            let long = self.names.persons.iter().filter(|person| person.len() >= 6);
            let behind = long.filter_map(|person| words.whole().strip_prefix(person.as_str()));
            field = { behind }.find_map(|rest| self.index.get(rest));
            person |= field.is_some();
        }
        quasi |= self.listed(whole).quasi;
        let field = field.map(|at| &self.names.name[*at as usize]);
        let known = field.is_some() || context || quasi || free_text;
        known.then_some(Meaning { field, person, context, quasi, free_text })
    }

    /// The first column of pseudonyms.
    pub(super) fn pseudonyms(&self, names: &[Words]) -> Option<usize> {
        names.iter().position(|name| self.listed(name.whole()).pseudonym)
    }

    /// The column of the people, if the names of a table tie pseudonyms to them.
    pub(super) fn ties(&self, names: &[Words]) -> Option<usize> {
        let pseudonyms = names.iter().any(|name| self.listed(name.whole()).pseudonym);
        names.iter().position(|name| pseudonyms && self.listed(name.whole()).original)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maps_keep_their_shape() {
        let map = map();
        let letters = |letter: char| ('A'..='R').contains(&letter);
        assert!(map.names.name.iter().all(|name| letters(name.letter) && !name.names.is_empty()));
        for name in map.names.name.iter().flat_map(|name| &name.names) {
            assert_eq!(words::of(name.as_bytes()).whole(), *name, "names stand as words");
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
