//! One group of records: what was counted, what it amounts to, and the document that rules judge.
//!
//! Knows counts, first places and reasons; values go no further than their hashes.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};

use super::super::shape::{Field as ShapeField, Shape as Shaped, field, names, required};
use super::map::{Shape, Weight, map};
use super::shape::{Worth, judge};
use super::{Profile, letters};
use crate::document::{Builder, Document, Entry, Kind, NodeId, Value};
use crate::text::Span;

/// How many different values of one letter are told apart.
const MAX_DISTINCT: usize = 100_000;

const IDENTIFIER: &[ShapeField] = &[
    required("letter", Shaped::Text, "its letter in 45 CFR 164.514(b)(2)(i)"),
    required("name", Shaped::Text, "what the letter stands for"),
    field("count", Shaped::Int, "how many values there are"),
    field("distinct", Shaped::Int, "how many different ones"),
    field("made_up", Shaped::Int, "how many are made up for a known reason"),
];

/// The fields of `phi.records`.
pub(in super::super) const FIELDS: &[ShapeField] = &[
    required("format", Shaped::Text, "what the records are written in"),
    field("table", Shaped::Text, "the table's name, where it has one"),
    field("records", Shaped::Int, "how many records there are"),
    field("identifiers", Shaped::List(&Shaped::Map(IDENTIFIER)), "identifiers, by letter"),
    field("context", Shaped::List(&Shaped::Text), "what stands beside them of health"),
    field("verdict", Shaped::Word(&["real", "synthetic", "unknown"]), "whether the people are made up"),
    field("reasons", Shaped::List(&Shaped::Text), "what speaks for made-up people"),
    field("quasi", Shaped::List(&Shaped::Text), "quasi-identifiers"),
    field("k", Shaped::Int, "how many share date of birth, ZIP code and sex at least; null where not all three stand"),
    field("linkage", Shaped::Bool, "whether a table ties pseudonyms to people"),
    field("free_text", Shaped::Bool, "whether there are fields of free text"),
];

/// The names of [`FIELDS`].
pub(in super::super) const NAMES: &[&str] = &names::<{ FIELDS.len() }>(FIELDS);

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    made_up: u64,
    first: Span,
    distinct: HashSet<u64>,
}

/// What one group has so far.
#[derive(Debug, Default)]
pub(super) struct Group {
    format: &'static str,
    pub(super) table: String,
    pub(super) records: u64,
    profile: Profile,
    tallies: BTreeMap<char, Tally>,
    context: BTreeSet<String>,
    hints: BTreeSet<&'static str>,
    proofs: BTreeSet<&'static str>,
    quasi: BTreeSet<&'static str>,
    /// How many records share date of birth, ZIP code and sex, by their hash.
    alike: BTreeMap<u64, u64>,
    pub(super) linkage: bool,
    pub(super) free_text: bool,
    pub(super) spans: Vec<Span>,
}

impl Group {
    pub(super) fn new(format: &'static str, profile: Profile) -> Self {
        Group { format, profile, ..Group::default() }
    }

    /// Takes in one value, if it can be what its place says; whether it counts.
    pub(super) fn value(&mut self, text: &[u8], span: Span, letter: char, shape: Shape, limited: bool) -> bool {
        let value = &text[span.range()];
        let Some(worth) = judge(letter, shape, value) else { return false };
        self.spans.push(span);
        if limited && self.profile == Profile::LimitedDataSet {
            return false;
        }
        let tally = self.tallies.entry(letter).or_insert_with(|| Tally { first: span, ..Tally::default() });
        tally.count += 1;
        if span.start < tally.first.start {
            tally.first = span;
        }
        if tally.distinct.len() < MAX_DISTINCT {
            tally.distinct.insert(hash(&[value]));
        }
        match worth {
            Worth::Plain => {}
            Worth::MadeUp(why) => {
                tally.made_up += 1;
                self.hints.insert(why);
            }
            Worth::Hint(why) => {
                self.hints.insert(why);
            }
        }
        true
    }

    pub(super) fn context(&mut self, word: &str) {
        if self.context.len() < 12 {
            self.context.insert(word.to_owned());
        }
    }

    pub(super) fn has_context(&self) -> bool {
        !self.context.is_empty()
    }

    pub(super) fn hint(&mut self, why: &'static str) {
        self.hints.insert(why);
    }

    pub(super) fn quasi(&mut self, word: &'static str) {
        self.quasi.insert(word);
    }

    /// Notes what a record is told apart by.
    pub(super) fn person(&mut self, birth: &[u8], zip: &[u8], sex: &[u8]) {
        if !birth.is_empty() && !zip.is_empty() && !sex.is_empty() && self.alike.len() < MAX_DISTINCT {
            *self.alike.entry(hash(&[birth, zip, sex])).or_default() += 1;
        }
    }

    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        self.tallies.keys().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tallies.is_empty() && !self.linkage
    }

    /// Looks for the signs of made-up data that stand in the text itself.
    pub(super) fn signs(&mut self, text: &[u8]) {
        for sign in &map().synthetic.sign {
            if sign.text.iter().any(|words| memchr::memmem::find(text, words.as_bytes()).is_some()) {
                let own = sign.formats.is_empty() || sign.formats.iter().any(|format| format == self.format);
                let list = if own && sign.weight == Weight::Proof { &mut self.proofs } else { &mut self.hints };
                list.insert(&sign.reason);
            }
        }
    }

    /// Whether the people are made up, judged by each kind of value: one real number among samples is real.
    fn verdict(&self) -> &'static str {
        let made_up = |letter: char| self.tallies.get(&letter).map_or((0, 0), |tally| (tally.made_up, tally.count));
        let contradicted = ['G', 'D', 'F'].into_iter().any(|letter| {
            let (made_up, count) = made_up(letter);
            made_up < count
        });
        let borne_out = ['G', 'D', 'F', 'K'].into_iter().any(|letter| {
            let (made_up, count) = made_up(letter);
            count > 0 && made_up == count
        });
        let (numbered, named) = made_up('A');
        let (made_up_numbers, numbers) = made_up('G');
        let proved = !self.proofs.is_empty() && made_up_numbers == numbers;
        let told_by_values = !contradicted && (borne_out || (numbered > 0 && numbered * 2 >= named));
        if proved || told_by_values {
            "synthetic"
        } else if !self.hints.is_empty() || !self.proofs.is_empty() {
            "unknown"
        } else {
            "real"
        }
    }

    /// The document that rules judge; nothing that stands in the text is in it.
    pub(super) fn document(&self) -> Document {
        let mut builder = Builder::default();
        let first = self.tallies.values().map(|tally| tally.first).min();
        let identifiers: Vec<NodeId> =
            self.tallies.iter().map(|(letter, tally)| identifier(&mut builder, *letter, tally)).collect();
        let texts = |builder: &mut Builder, list: Vec<&str>| {
            let items = list.into_iter().map(|text| builder.add(Value::Str(text.into()), None)).collect();
            builder.add(Value::List(items), None)
        };
        let k = self.alike.values().min().copied().filter(|_| self.alike.values().sum::<u64>() >= 2);
        let k = k.map_or(Value::Null, int);
        let table = if self.table.is_empty() { Value::Null } else { Value::Str(self.table.as_str().into()) };
        let reasons: Vec<&str> = self.proofs.iter().chain(&self.hints).copied().collect();
        let entries = vec![
            entry("format", builder.add(Value::Str(self.format.into()), None)),
            entry("table", builder.add(table, None)),
            entry("records", builder.add(int(self.records.max(1)), None)),
            entry("identifiers", builder.add(Value::List(identifiers), None)),
            entry("context", texts(&mut builder, self.context.iter().map(String::as_str).collect())),
            entry("verdict", builder.add(Value::Str(self.verdict().into()), None)),
            entry("reasons", texts(&mut builder, reasons)),
            entry("quasi", texts(&mut builder, self.quasi.iter().copied().collect())),
            entry("k", builder.add(k, None)),
            entry("linkage", builder.add(Value::Bool(self.linkage), None)),
            entry("free_text", builder.add(Value::Bool(self.free_text), None)),
        ];
        let root = builder.add(Value::Map(entries), first.or_else(|| self.spans.first().copied()));
        builder.finish(Kind::PatientRecords, root)
    }
}

fn identifier(builder: &mut Builder, letter: char, tally: &Tally) -> NodeId {
    let entries = vec![
        entry("letter", builder.add(Value::Str(letter.to_string().into()), None)),
        entry("name", builder.add(Value::Str(letters::name(letter).into()), None)),
        entry("count", builder.add(int(tally.count), None)),
        entry("distinct", builder.add(int(tally.distinct.len() as u64), None)),
        entry("made_up", builder.add(int(tally.made_up), None)),
    ];
    builder.add(Value::Map(entries), Some(tally.first))
}

fn entry(key: &str, value: NodeId) -> Entry {
    Entry { key: key.into(), key_span: None, value, used_at: None }
}

fn int(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}
