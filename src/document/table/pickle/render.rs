//! Writes what was built: lists of records, columns, frames and arrays as tables, all other texts one a line, with
//! the name that they stand under.

use std::collections::BTreeMap;

use super::arrays::{Array, array, bytes, called, frame, int};
use super::machine::{Built, Id, Value};
use crate::document::table::bytes::{moment, number};
use crate::document::table::writer::Writer;
use crate::document::table::{MOST_TABLES, Take, Trouble};

/// How many values are looked at; shared ones are looked at again wherever they stand.
const MOST_LOOKS: usize = 64 << 20;
/// How many columns records have.
const MOST_COLUMNS: usize = 1_000;
/// The longest cell that many values make.
const LONGEST_CELL: usize = 64 << 10;

/// Hands on all tables.
pub(super) fn tables(built: &Built<'_>, take: &mut Take<'_>, troubles: &mut Vec<Trouble>) {
    let mut renderer = Renderer {
        built,
        take,
        seen: vec![false; built.values.len()],
        open: built.roots.iter().rev().copied().collect(),
        others: Writer::default(),
        tables: 0,
        looks: MOST_LOOKS,
    };
    renderer.others.cell(b"values");
    renderer.others.end_row();
    while let Some(id) = renderer.open.pop() {
        let seen = &mut renderer.seen[id as usize];
        if !*seen {
            *seen = true;
            renderer.value(id);
        }
    }
    if renderer.looks == 0 || renderer.tables >= MOST_TABLES {
        troubles.push(Trouble::Limit("it holds more values than are followed; the rest was not searched".to_owned()));
    }
    let table = renderer.others.finish("values".to_owned(), false);
    if table.rows > 0 {
        take(table);
    }
}

struct Renderer<'a, 'b, 't> {
    built: &'a Built<'b>,
    take: &'a mut Take<'t>,
    seen: Vec<bool>,
    open: Vec<Id>,
    others: Writer,
    tables: usize,
    looks: usize,
}

impl<'a> Renderer<'a, '_, '_> {
    /// Looks at a value and notes what else is to be looked at.
    fn value(&mut self, id: Id) {
        let built = self.built;
        match built.value(id) {
            Value::List(items) if self.are_records(items.iter().copied()) => self.records(None, items.iter().copied()),
            Value::List(items) => self.each(items.iter().copied(), None),
            Value::Dict(entries) if self.are_records(entries.iter().map(|(_, value)| *value)) => {
                let keys: Vec<Id> = entries.iter().map(|(key, _)| *key).collect();
                self.records(Some(&keys), entries.iter().map(|(_, value)| *value));
            }
            Value::Dict(entries) => self.dictionary(entries),
            Value::Object(object) => {
                if self.frame(id) || self.array(id) {
                    return;
                }
                if let Some(text) = self.scalar(id) {
                    return self.line(None, &text);
                }
                let parts = [object.arguments].into_iter().chain(object.state).chain(object.items.iter().copied());
                self.open.extend(parts);
                self.dictionary(&object.entries);
            }
            _ => {
                if let Some(text) = self.scalar(id) {
                    self.line(None, &text);
                }
            }
        }
    }

    fn each(&mut self, items: impl Iterator<Item = Id>, name: Option<&[u8]>) {
        let mut later = Vec::new();
        for item in items {
            match self.scalar(item) {
                Some(text) => self.line(name, &text),
                None => later.push(item),
            }
        }
        self.open.extend(later.into_iter().rev());
    }

    fn line(&mut self, name: Option<&[u8]>, text: &[u8]) {
        // Numbers without names say nothing.
        let telling = name.is_some() || text.iter().any(u8::is_ascii_alphabetic) || text.len() >= 8;
        if !telling || text.is_empty() || self.others.is_full() {
            return;
        }
        match name {
            Some(name) => self.others.blob(&[name, b": ", text].concat()),
            None => self.others.blob(text),
        }
        self.others.end_row();
    }

    /// The entries of a record, or the columns of a table.
    fn dictionary(&mut self, entries: &[(Id, Id)]) {
        let lengths = || entries.iter().map(|(_, value)| self.built.list(*value).len());
        let first = lengths().next().unwrap_or(0);
        if entries.len() > 1 && first > 1 && lengths().all(|length| length == first) {
            return self.columns(entries, first);
        }
        let mut later = Vec::new();
        for (key, value) in entries {
            if self.looks == 0 {
                break;
            }
            self.looks -= 1;
            let name = self.scalar(*key).unwrap_or_default();
            match (self.scalar(*value), self.built.value(*value)) {
                (Some(text), _) => self.line(Some(&name), &text),
                (None, Value::List(items)) if !self.are_records(items.iter().copied()) => {
                    self.each(items.iter().copied(), Some(&name));
                }
                _ => later.push(*value),
            }
        }
        self.open.extend(later.into_iter().rev());
    }

    fn columns(&mut self, entries: &[(Id, Id)], rows: usize) {
        let mut writer = Writer::default();
        for (key, _) in entries {
            writer.cell(&self.scalar(*key).unwrap_or_default());
        }
        writer.end_row();
        for row in 0..rows {
            if writer.is_full() || self.looks == 0 {
                writer.count((rows - row) as u64);
                break;
            }
            for (_, column) in entries {
                let id = self.built.list(*column)[row];
                self.cell(id, &mut writer);
            }
            writer.end_row();
        }
        self.done(writer, "columns");
    }

    /// The entries of what may be a record: a dictionary, or an object by its attributes.
    fn record(&self, id: Id) -> &'a [(Id, Id)] {
        match self.built.value(id) {
            Value::Dict(entries) => entries,
            Value::Object(object) => match object.state.map(|state| self.built.value(state)) {
                Some(Value::Dict(entries)) => entries,
                _ => &object.entries,
            },
            _ => &[],
        }
    }

    /// Whether most of some values are records.
    fn are_records(&self, mut items: impl Iterator<Item = Id>) -> bool {
        let (mut records, mut all) = (0, 0);
        for item in items.by_ref().take(20) {
            all += 1;
            let scalars = self.record(item).iter().take(20).filter(|(_, value)| self.scalar(*value).is_some()).count();
            records += usize::from(scalars > 1);
        }
        records > 1 && records * 2 > all
    }

    fn records(&mut self, keys: Option<&[Id]>, items: impl Iterator<Item = Id> + Clone) {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut places: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        if keys.is_some() {
            names.push(b"key".to_vec());
        }
        for (key, _) in items.clone().take(1_000).flat_map(|item| self.record(item)).take(100_000) {
            let name = self.scalar(*key).unwrap_or_default();
            if names.len() < MOST_COLUMNS && !places.contains_key(&name) {
                places.insert(name.clone(), names.len());
                names.push(name);
            }
        }
        let mut writer = Writer::default();
        names.iter().for_each(|name| writer.cell(name));
        writer.end_row();
        let mut row: Vec<Option<Id>> = Vec::new();
        for (at, item) in items.enumerate() {
            if writer.is_full() || self.looks == 0 {
                writer.count(1);
                continue;
            }
            row.clear();
            row.resize(names.len(), None);
            for (key, value) in self.record(item) {
                self.looks = self.looks.saturating_sub(1);
                let name = self.scalar(*key).unwrap_or_default();
                if let Some(place) = places.get(&name) {
                    row[*place] = Some(*value);
                }
            }
            if let (Some(keys), Some(first)) = (keys, row.first_mut()) {
                *first = keys.get(at).copied();
            }
            for value in &row {
                match value {
                    Some(id) => self.cell(*id, &mut writer),
                    None => writer.cell(b""),
                }
            }
            writer.end_row();
        }
        self.done(writer, "records");
    }

    /// Writes a value into a cell; one that does not fit there is looked at later.
    fn cell(&mut self, id: Id, writer: &mut Writer) {
        self.looks = self.looks.saturating_sub(1);
        if let Some(text) = self.scalar(id) {
            return writer.blob(&text);
        }
        let items = self.built.list(id);
        let mut joined = Vec::new();
        for item in items {
            if joined.len() > LONGEST_CELL || self.looks == 0 {
                break;
            }
            self.looks -= 1;
            match self.scalar(*item) {
                Some(text) if joined.is_empty() => joined.extend_from_slice(&text),
                Some(text) => {
                    joined.extend_from_slice(b", ");
                    joined.extend_from_slice(&text);
                }
                None => self.open.push(*item),
            }
        }
        if items.is_empty() && id > 0 && !self.seen[id as usize] {
            self.open.push(id);
        }
        writer.blob(&joined);
    }

    fn frame(&mut self, id: Id) -> bool {
        let Some(frame) = frame(self.built, id) else { return false };
        let mut writer = Writer::default();
        if let Some((_, name)) = &frame.index {
            writer.cell(&name.and_then(|name| self.scalar(name)).unwrap_or_default());
        }
        for column in 0..frame.columns.len() {
            self.element(&frame.names, frame.names.flat(0, column), &mut writer);
        }
        writer.end_row();
        for row in 0..frame.rows {
            if writer.is_full() || self.looks == 0 {
                writer.count((frame.rows - row) as u64);
                break;
            }
            if let Some((index, _)) = &frame.index {
                self.element(index, index.flat(0, row), &mut writer);
            }
            for place in &frame.columns {
                match place.and_then(|(block, outer)| Some((frame.blocks.get(block)?, outer))) {
                    Some((block, outer)) => self.element(block, block.flat(outer, row), &mut writer),
                    None => writer.cell(b""),
                }
            }
            writer.end_row();
        }
        self.done(writer, "frame");
        true
    }

    fn array(&mut self, id: Id) -> bool {
        let Some(array) = array(self.built, id, 0) else { return false };
        if !array.tells() {
            return true;
        }
        let (rows, columns) = if array.outer == 1 { (array.inner, 1) } else { (array.outer, array.inner) };
        let mut writer = Writer::default();
        if columns == 1 {
            writer.cell(b"values");
            writer.end_row();
        }
        for row in 0..rows {
            if writer.is_full() || self.looks == 0 || columns > MOST_COLUMNS {
                writer.count((rows - row) as u64);
                break;
            }
            for column in 0..columns {
                let at = if array.outer == 1 { array.flat(0, row) } else { array.flat(row, column) };
                self.element(&array, at, &mut writer);
            }
            writer.end_row();
        }
        self.tables += 1;
        if self.tables < MOST_TABLES {
            (self.take)(writer.finish(format!("array {}", self.tables), columns > 1));
        }
        true
    }

    fn element(&mut self, array: &Array<'_>, at: usize, writer: &mut Writer) {
        match array.object(at) {
            Some(id) => self.cell(id, writer),
            None => {
                self.looks = self.looks.saturating_sub(1);
                let mut cell = Vec::new();
                array.write(at, &mut cell);
                writer.blob(&cell);
            }
        }
    }

    fn done(&mut self, writer: Writer, name: &str) {
        self.tables += 1;
        if self.tables < MOST_TABLES {
            (self.take)(writer.finish(format!("{name} {}", self.tables), false));
        }
    }

    /// A value that is written in one piece; `None` for what holds others.
    fn scalar(&self, id: Id) -> Option<Vec<u8>> {
        let built = self.built;
        Some(match built.value(id) {
            Value::None => Vec::new(),
            Value::Bool(truth) => truth.to_string().into_bytes(),
            Value::Int(number) => number.to_string().into_bytes(),
            Value::Float(float) if float.is_nan() => Vec::new(),
            Value::Float(float) => number(*float).into_bytes(),
            Value::Text(text) => text.to_vec(),
            Value::Bytes(bytes) => bytes.to_vec(),
            Value::List(_) | Value::Dict(_) | Value::Global(_) => return None,
            Value::Object(_) => return self.made(id),
        })
    }

    /// What simple calls make: days, moments, and what is made of one text or number.
    fn made(&self, id: Id) -> Option<Vec<u8>> {
        let (name, arguments) = called(self.built, id)?;
        let packed = arguments.first().and_then(|first| bytes(self.built, *first, 0));
        match (name, packed.as_deref(), arguments) {
            ("datetime date" | "datetime datetime", Some([high, low, month, day, time @ ..]), _) => {
                let date = format!("{:04}-{month:02}-{day:02}", u32::from(*high) << 8 | u32::from(*low));
                Some(match time {
                    [hour, minute, second, ..] => format!("{date} {hour:02}:{minute:02}:{second:02}").into_bytes(),
                    _ => date.into_bytes(),
                })
            }
            ("pandas._libs.tslibs.timestamps _unpickle_timestamp", _, [value, ..]) => {
                let Value::Int(value) = self.built.value(*value) else { return None };
                let parts = match arguments.get(3).and_then(|unit| int(self.built, *unit)) {
                    Some(7) => 1,
                    Some(8) => 1_000,
                    Some(9) => 1_000_000,
                    _ => 1_000_000_000,
                };
                moment(value.div_euclid(parts)).map(String::into_bytes)
            }
            ("_codecs encode", Some(bytes), _) => Some(bytes.to_vec()),
            ("decimal Decimal" | "builtins bytearray" | "__builtin__ bytearray" | "builtins str", _, [one]) => {
                match self.built.value(*one) {
                    Value::Text(text) => Some(text.to_vec()),
                    _ => packed.map(|bytes| bytes.into_owned()),
                }
            }
            _ => None,
        }
    }
}
