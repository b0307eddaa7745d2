//! One group of records: what was counted, what it amounts to, and the document that rules judge.
//!
//! Knows counts, first places and reasons; values go no further than their hashes. Long because a group is one record
//! with what fills it in and what it says.

use std::collections::{BTreeMap, BTreeSet};

use super::super::shape::{Field as ShapeField, Shape as Shaped, field, names, required};
use super::columns::Measure;
use super::crowd::Crowd;
use super::hashing::{FastMap, hash};
use super::map::{Name, Shape, Weight, map};
use super::shape::{Worth, judge, names_a_field};
use super::{Profile, Scope, letters};
use crate::document::{Builder, Document, Entry, Kind, NodeId, Value};
use crate::text::{Span, is_remark};

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
    field(
        "verdict",
        Shaped::Word(&["synthetic", "doubtful", "unmarked"]),
        "whether the people are made up: for a known reason; perhaps, for something speaks for it; or nothing says so",
    ),
    field("reasons", Shaped::List(&Shaped::Text), "what speaks for made-up people"),
    field("quasi", Shaped::List(&Shaped::Text), "quasi-identifiers"),
    field("chosen", Shaped::Bool, "whether somebody chose the columns of `over`, or what is demanded of them"),
    field(
        "over",
        Shaped::List(&Shaped::Text),
        "the quasi-identifiers that groups share, as they were chosen; else date of birth, ZIP code and sex",
    ),
    field("k", Shaped::Int, "how many people a group has at least; null where not all of `over` stand there"),
    field("wanted_k", Shaped::Int, "how many it must have"),
    field("people", Shaped::Int, "how many people were put into groups"),
    field("at_k", Shaped::Int, "how many of them are in groups of `k`"),
    field("exposed", Shaped::Int, "how many of them are in groups of fewer than `wanted_k`"),
    field("alike", Shaped::Int, "how many groups (equivalence classes) there are"),
    field("small", Shaped::Int, "how many of them are of fewer than `wanted_k` people"),
    field(
        "one_of",
        Shaped::Int,
        "1; or, where there are too many groups to hold, one of how many was held: counts of groups, and of people in them, are those of the held ones",
    ),
    field("sensitive", Shaped::List(&Shaped::Text), "the sensitive columns, as they were chosen"),
    field(
        "l",
        Shaped::Int,
        "how many different sensitive values a group has at least; null without such a column; at most 64",
    ),
    field("wanted_l", Shaped::Int, "how many it must have; null where nobody demands it"),
    field("uniform", Shaped::Int, "how many groups of two people or more have one sensitive value only"),
    field("unvaried", Shaped::Int, "how many groups have fewer than `wanted_l`"),
    field("linkage", Shaped::Bool, "whether a table ties pseudonyms to people"),
    field("free_text", Shaped::Bool, "whether there are fields of free text"),
];

/// The names of [`FIELDS`].
pub(in super::super) const NAMES: &[&str] = &names::<{ FIELDS.len() }>(FIELDS);

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    made_up: u64,
    /// How many look like samples, which alone proves nothing.
    hinted: u64,
    first: Span,
    /// By their hash, and what they are worth.
    distinct: FastMap<u64, Worth>,
}

/// What one group has so far.
#[derive(Debug, Default)]
pub struct Group {
    format: &'static str,
    pub(super) table: String,
    pub(super) records: u64,
    scope: Scope,
    tallies: BTreeMap<char, Tally>,
    context: BTreeSet<String>,
    hints: BTreeSet<&'static str>,
    /// What says that every record is there for a test.
    flag: Option<&'static str>,
    proofs: BTreeSet<&'static str>,
    quasi: BTreeSet<&'static str>,
    /// All people by their quasi-identifiers, and what those are.
    pub(super) crowd: Crowd,
    pub(super) measure: Measure,
    pub(super) linkage: bool,
    pub(super) free_text: bool,
    pub(super) spans: Vec<Span>,
    /// What may not be shown either, and is no identifier.
    pub(super) veiled: Vec<Span>,
    /// Where prose speaks of them: no line of it may be shown.
    pub(super) near: Vec<Span>,
}

impl Group {
    pub(super) fn new(format: &'static str, scope: Scope) -> Self {
        Group { format, scope, ..Group::default() }
    }

    /// Whether what stands there is told here.
    pub(super) fn owns(&self, at: usize) -> bool {
        self.scope.owns(at)
    }

    /// Counts a record that begins there.
    pub(super) fn record(&mut self, at: usize) {
        self.records += u64::from(self.scope.owns(at));
    }

    /// Takes in one value, if it can be what its place says; whether it counts.
    pub(super) fn value(&mut self, text: &[u8], span: Span, letter: char, shape: Shape, limited: bool) -> bool {
        self.part(text, span, (letter, shape, limited), None, None)
    }

    /// Takes in a value of a field that was judged before.
    pub(super) fn judged(&mut self, text: &[u8], span: Span, field: &Name, worth: Worth) {
        self.part(text, span, (field.letter, field.shape, field.limited), None, Some(worth));
    }

    /// Takes in the parts of one person's name: what a sample says of one it says of all.
    pub(super) fn person_name(&mut self, text: &[u8], parts: &[Span], letter: char) {
        let judged = parts.iter().map(|part| judge(letter, Shape::Name, &text[part.range()]));
        let sample = judged.flatten().find_map(|worth| if let Worth::Hint(why) = worth { Some(why) } else { None });
        for part in parts {
            self.part(text, *part, (letter, Shape::Name, false), sample, None);
        }
    }

    fn part(
        &mut self,
        text: &[u8],
        span: Span,
        (letter, shape, limited): (char, Shape, bool),
        sample: Option<&'static str>,
        judged: Option<Worth>,
    ) -> bool {
        let value = &text[span.range()];
        let key = hash(&[value]);
        // Names come again and again; what they are worth was seen then.
        let known = self.tallies.get(&letter).filter(|_| shape == Shape::Name);
        let known = known.and_then(|tally| tally.distinct.get(&key)).copied();
        let Some(worth) = known.or(judged).or_else(|| judge(letter, shape, value)) else {
            if shape == Shape::Name && names_a_field(value) {
                self.hints.insert("names that stand for the field itself");
            }
            return false;
        };
        self.spans.push(span);
        if !self.scope.owns(span.start) {
            return true;
        }
        if limited && self.scope.profile == Profile::LimitedDataSet {
            return false;
        }
        let tally = self.tallies.entry(letter).or_insert_with(|| Tally { first: span, ..Tally::default() });
        tally.count += 1;
        if span.start < tally.first.start {
            tally.first = span;
        }
        if tally.distinct.len() < MAX_DISTINCT {
            tally.distinct.insert(key, worth);
        }
        let worth = match (worth, sample) {
            (Worth::Plain, Some(why)) => Worth::Hint(why),
            (worth, _) => worth,
        };
        match worth {
            Worth::Plain => {}
            Worth::MadeUp(why) => {
                tally.made_up += 1;
                self.hints.insert(why);
            }
            Worth::Hint(why) => {
                tally.hinted += 1;
                self.hints.insert(why);
            }
        }
        true
    }

    /// What tells one group of a text from another.
    pub fn name(&self) -> (&'static str, &str) {
        (self.format, &self.table)
    }

    /// Where its first identifier stands.
    pub fn first(&self) -> Option<Span> {
        self.tallies
            .values()
            .map(|tally| tally.first)
            .min()
            .or_else(|| self.spans.first().or(self.veiled.first()).copied())
    }

    /// The same group where its text stands in another one.
    #[must_use]
    pub fn moved(mut self, place: impl Fn(Span) -> Span) -> Self {
        self.tallies.values_mut().for_each(|tally| tally.first = place(tally.first));
        self.spans.iter_mut().chain(&mut self.veiled).chain(&mut self.near).for_each(|span| *span = place(*span));
        self
    }

    /// Takes in what another group has.
    pub fn absorb(&mut self, other: Group) {
        self.records += other.records;
        for (letter, theirs) in other.tallies {
            let tally = self.tallies.entry(letter).or_insert_with(|| Tally { first: theirs.first, ..Tally::default() });
            tally.count += theirs.count;
            tally.made_up += theirs.made_up;
            tally.hinted += theirs.hinted;
            if tally.distinct.is_empty() {
                tally.distinct = theirs.distinct;
            } else {
                let room = MAX_DISTINCT.saturating_sub(tally.distinct.len());
                tally.distinct.extend(theirs.distinct.into_iter().take(room));
            }
        }
        self.context.extend(other.context);
        self.hints.extend(other.hints);
        if self.flag != other.flag {
            self.hints.extend([self.flag.take(), other.flag].into_iter().flatten());
        }
        self.proofs.extend(other.proofs);
        self.quasi.extend(other.quasi);
        // Of two tables under one name, what was chosen counts for both.
        if other.measure.chosen && !self.measure.chosen {
            (self.measure, self.crowd) = (other.measure, other.crowd);
        } else if self.measure == other.measure {
            self.crowd.absorb(other.crowd);
        }
        self.linkage |= other.linkage;
        self.free_text |= other.free_text;
        self.spans.extend(other.spans);
        self.veiled.extend(other.veiled);
        self.near.extend(other.near);
    }

    /// Whether there is enough to know somebody by: identifiers of two kinds, one of which is no mere date or number
    /// of an order; or one such kind amid what was found or done.
    pub(super) fn is_substantial(&self) -> bool {
        let telling = self.letters().any(|letter| !matches!(letter, 'C' | 'R'));
        let kinds = self.letters().filter(|letter| *letter != 'R').count();
        telling && (kinds >= 2 || self.context.len() >= 2)
    }

    /// Says why every record is known to be there for a test.
    pub(super) fn flag(&mut self, why: &'static str) {
        self.flag = Some(why);
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

    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        self.tallies.keys().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tallies.is_empty() && !self.linkage && !self.measure.chosen
    }

    /// Looks for the signs of made-up data that stand in the text itself.
    pub(super) fn signs(&mut self, text: &[u8]) {
        let read = self.spans.iter().take(LINES_READ);
        if !self.spans.is_empty() && { read.clone() }.filter(|span| is_remark(text, span.start)).count() * 2
            >= read.count()
        {
            self.hints.insert("most stand in comments or in examples of documentation");
        }
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
        let plain = |letter: char| {
            self.tallies.get(&letter).map_or(0, |tally| tally.count.saturating_sub(tally.made_up + tally.hinted))
        };
        let contradicted = ['G', 'D', 'F'].into_iter().any(|letter| plain(letter) > 0);
        let borne_out = ['G', 'D', 'F', 'K'].into_iter().any(|letter| {
            let (made_up, count) = made_up(letter);
            made_up > 0 && (made_up == count || letter != 'K' && plain(letter) == 0)
        });
        let (numbered, named) = made_up('A');
        let (made_up_numbers, numbers) = made_up('G');
        let proved = !self.proofs.is_empty() && made_up_numbers == numbers;
        // A copy of production may keep the flag of a test, but then its people have names of their own.
        let tested = self.flag.is_some() && named > 0 && plain('A') == 0;
        let told_by_values = !contradicted && (borne_out || tested || (numbered > 0 && numbered * 2 >= named));
        if proved || told_by_values {
            "synthetic"
        } else if !self.hints.is_empty() || !self.proofs.is_empty() || self.flag.is_some() {
            "doubtful"
        } else {
            "unmarked"
        }
    }

    /// The document that rules judge; nothing that stands in the text is in it.
    pub fn document(&self) -> Document {
        let mut builder = Builder::default();
        let identifiers: Vec<NodeId> =
            self.tallies.iter().map(|(letter, tally)| identifier(&mut builder, *letter, tally)).collect();
        let texts = |builder: &mut Builder, list: Vec<&str>| {
            let items = list.into_iter().map(|text| builder.add(Value::Str(text.into()), None)).collect();
            builder.add(Value::List(items), None)
        };
        let Measure { chosen, over, sensitive, sensitive_columns, demand } = &self.measure;
        let measured = self.crowd.measure(*sensitive_columns, *demand);
        let number = |number: Option<u64>| number.map_or(Value::Null, int);
        let table = if self.table.is_empty() { Value::Null } else { Value::Str(self.table.as_str().into()) };
        let reasons: Vec<&str> = self.proofs.iter().chain(&self.flag).chain(&self.hints).copied().collect();
        let entries = vec![
            entry("format", builder.add(Value::Str(self.format.into()), None)),
            entry("table", builder.add(table, None)),
            entry("records", builder.add(int(self.records.max(1)), None)),
            entry("identifiers", builder.add(Value::List(identifiers), None)),
            entry("context", texts(&mut builder, self.context.iter().map(String::as_str).collect())),
            entry("verdict", builder.add(Value::Str(self.verdict().into()), None)),
            entry("reasons", texts(&mut builder, reasons)),
            entry("quasi", texts(&mut builder, self.quasi.iter().copied().collect())),
            entry("chosen", builder.add(Value::Bool(*chosen), None)),
            entry("over", texts(&mut builder, over.iter().map(String::as_str).collect())),
            entry("k", builder.add(number(measured.k), None)),
            entry("wanted_k", builder.add(int(demand.k), None)),
            entry("people", builder.add(int(measured.people), None)),
            entry("at_k", builder.add(int(measured.at_k), None)),
            entry("exposed", builder.add(int(measured.exposed), None)),
            entry("alike", builder.add(int(measured.groups), None)),
            entry("small", builder.add(int(measured.small), None)),
            entry("one_of", builder.add(int(measured.one_of), None)),
            entry("sensitive", texts(&mut builder, sensitive.iter().map(String::as_str).collect())),
            entry("l", builder.add(number(measured.l), None)),
            entry("wanted_l", builder.add(number(demand.l), None)),
            entry("uniform", builder.add(int(measured.uniform), None)),
            entry("unvaried", builder.add(int(measured.unvaried), None)),
            entry("linkage", builder.add(Value::Bool(self.linkage), None)),
            entry("free_text", builder.add(Value::Bool(self.free_text), None)),
        ];
        let root = builder.add(Value::Map(entries), self.first());
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

/// How many values are looked at to learn whether all stand in comments.
const LINES_READ: usize = 50;
