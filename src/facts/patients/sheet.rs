//! One table of patients: what the names of its columns say, borne out by what stands in them.
//!
//! A column counts when at least half of the values that were looked at can be what its name says; a table counts when
//! its columns together speak of people, by the weights in `rules/fields/names.toml`, or when they name somebody and what
//! ails him. How tables are written is for [`super::tables`] to know.

use std::collections::BTreeMap;

use super::beside::{self, Codes};
use super::columns::{self, Chosen, Columns, Resolved};
use super::group::Group;
use super::map::{Map, Name, Shape, map};
use super::meaning::{Meaning, Told};
use super::shape::judge;
use super::tables::A_TABLE;
use super::{ENOUGH, Scope, gazetteer, words};
use crate::text::Span;

/// How many rows are looked at to learn what a column holds.
const SAMPLE: usize = 1_000;
/// How many cells of one table are kept: more than a text of that many bytes can hold, and none is read whole that is larger.
const MAX_CELLS: usize = 1 << 25;

/// A table: its telling columns, and their cells row by row.
#[derive(Debug)]
pub(super) struct Sheet {
    format: &'static str,
    table: String,
    columns: Vec<(usize, Meaning)>,
    /// Which of the columns holds the people that a pseudonym stands for.
    ties: Option<usize>,
    /// Which of the columns holds pseudonyms.
    coded: Option<usize>,
    /// Which of the columns hold what nobody should learn of a person.
    sensitive: Vec<usize>,
    /// The columns that somebody chose, as places among the telling ones.
    chosen: Resolved,
    cells: Vec<Span>,
    pub(super) rows: u64,
}

impl Sheet {
    /// A table with columns of these names, if at least two of them say something.
    pub(super) fn new<N: AsRef<[u8]>>(
        format: &'static str,
        table: &str,
        names: &[N],
        wanted: Option<&Columns>,
    ) -> Option<Sheet> {
        let chosen = wanted.map(|wanted| columns::resolve(wanted, names)).unwrap_or_default();
        let names: Vec<Told> = names.iter().map(|name| map().told(name.as_ref())).collect();
        let told = |(at, name): (usize, &Told)| name.meaning.map(|meaning| (at, meaning));
        let mut columns: Vec<(usize, Meaning)> = names.iter().enumerate().filter_map(told).take(400).collect();
        let fields = columns.iter().filter(|(_, meaning)| meaning.field.is_some()).count();
        let mut kept = |named: usize| {
            columns.iter().position(|(at, _)| *at == named).unwrap_or_else(|| {
                columns.push((named, Meaning::default()));
                columns.len() - 1
            })
        };
        let ties = Map::ties(&names).map(&mut kept);
        let coded = Map::pseudonyms(&names).map(&mut kept);
        let chosen = chosen.moved(&mut kept);
        let sensitive = names.iter().enumerate().filter(|(_, name)| name.is_sensitive()).map(|(at, _)| at);
        let sensitive = { sensitive }.find_map(|named| columns.iter().position(|(at, _)| *at == named));
        let sensitive = sensitive.into_iter().collect();
        let telling = fields >= 2 || coded.is_some() || fields == 1 && columns.len() >= 2 || chosen.is_known();
        telling.then(|| Sheet {
            format,
            table: table.to_owned(),
            columns,
            ties,
            coded,
            sensitive,
            chosen,
            cells: Vec::new(),
            rows: 0,
        })
    }

    /// Takes a row; `shift` cells stand before its first column.
    pub(super) fn row(&mut self, cells: &[Span], shift: usize) {
        if self.cells.len() + self.columns.len() > MAX_CELLS {
            return;
        }
        self.rows += 1;
        self.cells.extend(self.columns.iter().map(|(at, _)| cells.get(at + shift).copied().unwrap_or_default()));
    }

    fn column(&self, at: usize) -> impl Iterator<Item = Span> {
        self.cells.iter().skip(at).step_by(self.columns.len().max(1)).copied()
    }

    /// Whether the values of a column can be what its name says.
    fn is_borne_out(&self, text: &[u8], at: usize, meaning: &Meaning, field: &Name) -> bool {
        let (letter, shape) = (field.letter, field.shape);
        // Products, hosts and places have names too.
        if field.anything && !meaning.person {
            let values = self.column(at).take(SAMPLE).map(|cell| &text[cell.range()]);
            if !gazetteer::are_people(values) {
                return false;
            }
        }
        let (mut filled, mut fitting) = (0_u32, 0_u32);
        for cell in self.column(at).take(SAMPLE).map(|cell| &text[cell.range()]) {
            // An age below 90 is none of the eighteen, but it is an age.
            filled += u32::from(!cell.trim_ascii().is_empty() && !matches!(cell, b"\\N" | b"NULL" | b"NaN" | b"None"));
            fitting += u32::from(judge(letter, shape, cell).is_some());
        }
        fitting > 0 && (fitting * 2 >= filled || shape == Shape::Age)
    }

    /// Whether most values of a column are names that many people have.
    fn holds_people(&self, text: &[u8], at: usize) -> bool {
        gazetteer::are_surely_people(self.column(at).take(SAMPLE).map(|cell| &text[cell.range()]))
    }

    /// Its pseudonyms, if it has some.
    pub(super) fn codes(&self, text: &[u8]) -> Option<Codes> {
        let coded = self.coded?;
        let first = self.column(coded).find(|cell| !cell.is_empty())?;
        let hashes = beside::codes(self.column(coded).map(|cell| &text[cell.range()]));
        (hashes.len() >= 2).then_some(Codes { ties: self.ties.is_some(), first, hashes })
    }

    fn group(self, text: &[u8], wanted: Option<&Columns>, scope: Scope) -> Option<Group> {
        let measure = wanted.filter(|_| self.chosen.is_complete()).map(|wanted| self.chosen.measure(wanted));
        let mut group = Group::new(self.format, scope);
        group.table.clone_from(&self.table);
        group.linkage = self.ties.is_some() && self.rows > 0;
        let mut weights: BTreeMap<char, u32> = BTreeMap::new();
        let (mut birth, mut zip, mut sex) = (None, None, None);
        let mut kept = Vec::new();
        let about_patients = is_about_patients(self.format, &self.table);
        let mut person = about_patients;
        let (mut clinical, mut named, mut patients) = (false, false, false);
        for (at, (_, meaning)) in self.columns.iter().enumerate() {
            let filled = self.column(at).take(SAMPLE).any(|cell| !cell.is_empty());
            if meaning.quasi && filled {
                group.quasi("sex or other characteristics");
                sex = sex.or(Some(at));
            }
            group.free_text |= meaning.free_text && filled;
            let Some(field) = meaning.field.filter(|field| self.is_borne_out(text, at, meaning, field)) else {
                if meaning.context && filled && meaning.field.is_none() {
                    group.context("clinical columns");
                    clinical |= meaning.clinical;
                }
                continue;
            };
            if field.letter == 'A' && self.holds_people(text, at) {
                named = true;
                patients |= meaning.context;
            }
            if meaning.context {
                group.context("columns named after patients, plans or records");
            }
            person |= meaning.person;
            let weight = weights.entry(field.letter).or_default();
            *weight = (*weight).max(field.weight);
            match field.shape {
                Shape::Birth => birth = birth.or(Some(at)),
                Shape::Zip => zip = zip.or(Some(at)),
                _ => {}
            }
            kept.push((at, field));
        }
        if about_patients {
            group.context("a table named after patients");
        }
        let about = 2 * u32::from(group.has_context()) + u32::from(person);
        let score = weights.values().sum::<u32>() + about;
        let weighs = |letter: char, least: u32| weights.get(&letter).is_some_and(|weight| *weight >= least);
        // Who it is and what ails him; that, or that he is somebody's patient, is all that it takes.
        let direct = named || weighs('D', 1) || weighs('F', 1) || weighs('H', 4) || weighs('I', 2);
        let plain = self.rows > 1 && (weighs('G', 0) || clinical && direct || patients);
        let enough = score >= ENOUGH && weights.len() >= 2 || plain;
        if self.rows == 0 || !(enough || group.linkage || measure.is_some()) {
            return None;
        }
        if !(enough || group.linkage) {
            // Nobody knows whether it is about patients; what was chosen is judged all the same.
            kept.clear();
        }
        for row in self.cells.chunks(self.columns.len()) {
            group.record(row.iter().find(|cell| !cell.is_empty()).map_or(0, |cell| cell.start));
        }
        for row in self.cells.chunks(self.columns.len()) {
            for (at, field) in &kept {
                group.value(text, row[*at], field.letter, field.shape, field.limited);
            }
        }
        if let Some(original) = self.ties.filter(|at| self.columns[*at].1.field.is_none()) {
            for cell in self.column(original) {
                group.value(text, cell, 'R', Shape::Any, false);
            }
        }
        let three = [birth, zip, sex].into_iter().collect::<Option<Vec<usize>>>();
        match (measure, three) {
            (Some(measure), _) => {
                group.measure = measure;
                self.people(text, &self.chosen.quasi, &self.chosen.sensitive, &mut group);
            }
            (None, Some(three)) => self.people(text, &three, &self.sensitive, &mut group),
            (None, None) => {}
        }
        Some(group).filter(|group| !group.is_empty())
    }

    /// The group, after it was noted what of the chosen columns is there.
    pub(super) fn told(self, text: &[u8], chosen: &mut Chosen<'_>, scope: Scope) -> Option<Group> {
        if self.rows > 0 {
            let first = self.cells.iter().find(|cell| !cell.is_empty()).map_or(0, |cell| cell.start);
            chosen.note(&self.chosen, &self.table, first);
        }
        self.group(text, chosen.columns, scope)
    }

    /// Puts the people of all rows into groups by these columns.
    fn people(&self, text: &[u8], quasi: &[usize], sensitive: &[usize], group: &mut Group) {
        let value = |span: Span| columns::value(&text[span.range()]);
        let chosen = group.measure.chosen;
        let mut values = Vec::new();
        for row in self.cells.chunks(self.columns.len()) {
            if chosen {
                group.veiled.extend(quasi.iter().chain(sensitive).map(|at| row[*at]).filter(|cell| !cell.is_empty()));
            }
            values.clear();
            values.extend(quasi.iter().map(|at| value(row[*at])));
            // Of the three known ones all must be there; of others, an empty cell is a value.
            let empty = values.iter().filter(|value| value.is_empty()).count();
            if if chosen { empty == values.len() } else { empty > 0 } {
                continue;
            }
            if group.owns(row.iter().map(|cell| cell.start).max().unwrap_or(0)) {
                group.crowd.person(&values, sensitive.iter().map(|at| value(row[*at])));
            }
        }
    }
}

fn is_about_patients(format: &str, table: &str) -> bool {
    words::of(table.as_bytes()).each().any(|word| match word.trim_end_matches('s') {
        "patient" | "beneficiary" | "beneficiarie" | "insured" => true,
        // Newspapers have them, too.
        "subscriber" => format != A_TABLE,
        _ => false,
    })
}
