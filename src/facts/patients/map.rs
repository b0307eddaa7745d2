//! The field maps of `rules/fields/`: which place, column or key holds which identifier.
//!
//! Knows the shape of these files and how a name is looked up; adding a field is a line of data there.

use std::collections::BTreeMap;
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
    /// What is known of words and of whole names.
    #[serde(skip)]
    known: FastMap<Box<[u8]>, Known>,
    /// By their first byte, the lengths of what is known, a bit for each.
    #[serde(skip)]
    lengths: Vec<u64>,
}

/// What is known of a word or of a whole name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    field: Option<u32>,
    /// Whether names of several words begin with it.
    opens: bool,
    listed: Listed,
}

/// What the name of a column says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) meaning: Option<Meaning>,
    listed: Listed,
}

impl Told {
    /// Whether a column of that name holds what nobody should learn of a person.
    pub(super) fn is_sensitive(self) -> bool {
        self.listed.sensitive
    }
}

/// Where a name is listed beside the fields.
#[derive(Clone, Copy, Debug, Default)]
struct Listed {
    person: bool,
    context: bool,
    quasi: bool,
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
        let (names, known) = (&self.names, &mut self.known);
        let mut list = |words: &[String], set: fn(&mut Listed)| {
            words.iter().for_each(|word| set(&mut known.entry(word.as_bytes().into()).or_default().listed));
        };
        list(&names.persons, |listed| listed.person = true);
        list(&names.context, |listed| listed.context = true);
        list(&names.quasi, |listed| listed.quasi = true);
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
        for person in &names.persons {
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

    fn known(&self, name: &[u8]) -> Known {
        let lengths = name.first().map_or(0, |first| self.lengths[usize::from(*first)]);
        if lengths >> name.len().min(63) & 1 == 0 {
            return Known::default();
        }
        self.known.get(name).copied().unwrap_or_default()
    }

    /// What the name of a column says.
    pub(super) fn told(&'static self, name: &[u8]) -> Told {
        let words = words::of(name);
        Told { meaning: self.meaning_of(&words, 0), listed: self.known(words.whole()).listed }
    }

    /// What a name says: a column's, a key's, a label's.
    pub(super) fn meaning(&'static self, name: &[u8]) -> Option<Meaning> {
        self.meaning_of(&words::of(name), 0)
    }

    /// Whether a name may be an identifier's that has the words from one on: most texts before a sign are none.
    pub(super) fn may_be_field(&self, words: &Words, from: usize) -> bool {
        from + 1 >= words.count() || self.known(words.word(from)).opens
    }

    /// What a name says that has the words from one on.
    pub(super) fn meaning_of(&'static self, words: &Words, from: usize) -> Option<Meaning> {
        let count = words.count().saturating_sub(from);
        if count == 0 || count > words::MAX_WORDS {
            return None;
        }
        let own = self.known(words.from(from));
        let context = if count == 1 {
            own.listed.context
        } else {
            (from..words.count()).any(|word| self.known(words.word(word)).listed.context)
        };
        let Listed { mut quasi, free_text, .. } = own.listed;
        let mut person = false;
        let mut first = from;
        let mut known = own;
        let mut field = None;
        // The name itself first; then without the words for the person before it, and a number behind it.
        for _ in 0..4 {
            field = known.field.or_else(|| self.numbered(words, first));
            if first + 1 >= words.count() || field.is_some() || !self.known(words.word(first)).listed.person {
                break;
            }
            person = true;
            first += 1;
            known = self.known(words.from(first));
        }
        if field.is_none() && count == 1 {
            let whole = words.from(from);
            let long = self.names.persons.iter().filter(|person| person.len() >= 6);
            let behind = long.filter_map(|person| whole.strip_prefix(person.as_bytes()));
            field = { behind }.find_map(|rest| self.known(rest).field);
            person |= field.is_some();
        }
        quasi |= known.listed.quasi;
        let field = field.map(|at| &self.names.name[at as usize]);
        let known = field.is_some() || context || quasi || free_text;
        known.then_some(Meaning { field, person, context, quasi, free_text })
    }

    /// The field of a name with a digit behind it: `phone 2`.
    fn numbered(&self, words: &Words, from: usize) -> Option<u32> {
        let last = words.word(words.count() - 1);
        let numbered = from + 1 < words.count() && matches!(last, [digit] if digit.is_ascii_digit());
        let whole = words.from(from);
        if numbered { self.known(&whole[..whole.len() - 2]).field } else { None }
    }

    /// The first column of pseudonyms.
    pub(super) fn pseudonyms(names: &[Told]) -> Option<usize> {
        names.iter().position(|name| name.listed.pseudonym)
    }

    /// The column of the people, if the names of a table tie pseudonyms to them.
    pub(super) fn ties(names: &[Told]) -> Option<usize> {
        Map::pseudonyms(names)?;
        names.iter().position(|name| name.listed.original)
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
