//! The footer: which columns there are, what their values mean, and where they stand.

use std::collections::BTreeSet;

use super::super::LARGEST_SAID;
use super::thrift::{BINARY, LIST, Reader, STRUCT};

/// How many columns in how many groups are told, all together.
const MOST_CHUNKS: usize = 1 << 20;
/// How deep columns may nest.
const DEEPEST: usize = 64;

/// What a value means beyond its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Plain,
    /// Days since 1970.
    Date,
    /// So many parts of a second since 1970.
    Moment(i64),
    /// A number without its point, and how many of its digits stand behind it.
    Decimal(u32),
}

/// A column that holds values.
#[derive(Debug)]
pub(super) struct Leaf {
    /// Its name, with those of the structures that it stands in.
    pub(super) name: String,
    /// The physical type.
    pub(super) kind: i64,
    pub(super) length: usize,
    pub(super) meaning: Meaning,
    /// How many of its ancestors, itself counted, may be absent, and how many may be repeated.
    pub(super) deepest: u32,
    pub(super) repeated: u32,
}

/// The values of a column in one group of rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub(super) codec: i64,
    pub(super) values: u64,
    pub(super) start: u64,
    pub(super) size: u64,
    /// Why it cannot be read.
    pub(super) closed: Option<&'static str>,
}

/// A group of rows.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) chunks: Vec<Option<Chunk>>,
    pub(super) rows: u64,
}

/// What the footer says.
#[derive(Debug, Default)]
pub(super) struct Footer {
    pub(super) leaves: Vec<Leaf>,
    pub(super) groups: Vec<Group>,
    /// Keys and values that whoever wrote the file added, of the file and of its columns, as `key: value` in lines.
    pub(super) said: Said,
}

/// Lines, each once.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) text: Vec<u8>,
    lines: BTreeSet<String>,
    /// Whether there was more than is read.
    pub(super) cut: bool,
}

impl Said {
    fn line(&mut self, line: String) {
        // The chunks of one column say the same.
        if self.lines.contains(&line) {
            return;
        }
        self.cut |= self.text.len() + line.len() > LARGEST_SAID;
        if !self.cut {
            self.text.extend_from_slice(line.as_bytes());
            self.lines.insert(line);
        }
    }
}

/// One element of the schema, a tree that is written in the order of its nodes.
#[derive(Default)]
struct Element {
    kind: Option<i64>,
    length: i64,
    repetition: i64,
    name: String,
    children: i64,
    converted: Option<i64>,
    scale: i64,
    logical: Option<Meaning>,
}

impl Footer {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut elements = Vec::new();
        let mut footer = Footer::default();
        let mut chunks = 0;
        Reader::new(bytes).structure(|reader, id, kind| {
            match (id, kind) {
                (2, LIST) => reader.list(|reader, _| {
                    elements.push(element(reader)?);
                    Some(())
                })?,
                (4, LIST) => reader.list(|reader, _| {
                    let group = group(reader, &mut chunks, &mut footer.said)?;
                    footer.groups.push(group);
                    (footer.groups.len() + chunks <= MOST_CHUNKS).then_some(())
                })?,
                (5, LIST) => reader.list(|reader, _| said(reader, &mut footer.said))?,
                _ => return Some(false),
            }
            Some(true)
        })?;
        footer.leaves = leaves(&elements)?;
        Some(footer)
    }
}

fn element(reader: &mut Reader<'_>) -> Option<Element> {
    let mut element = Element::default();
    reader.structure(|reader, id, kind| {
        match (id, kind) {
            (1, 5) => element.kind = Some(reader.int()?),
            (2, 5) => element.length = reader.int()?,
            (3, 5) => element.repetition = reader.int()?,
            (4, BINARY) => element.name = reader.string()?,
            (5, 5) => element.children = reader.int()?,
            (6, 5) => element.converted = Some(reader.int()?),
            (7, 5) => element.scale = reader.int()?,
            (10, STRUCT) => element.logical = logical(reader)?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    Some(element)
}

/// The logical type: a union, so that the number of its only field says which.
fn logical(reader: &mut Reader<'_>) -> Option<Option<Meaning>> {
    let mut found = None;
    reader.structure(|reader, id, kind| {
        match (id, kind) {
            (6, _) => found = Some(Meaning::Date),
            (8, STRUCT) => {
                let mut unit = 1_000;
                reader.structure(|reader, id, kind| {
                    if (id, kind) != (2, STRUCT) {
                        return Some(false);
                    }
                    reader.structure(|_, id, _| {
                        unit = [1_000, 1_000_000, 1_000_000_000].get((id - 1).clamp(0, 2) as usize).copied()?;
                        Some(false)
                    })?;
                    Some(true)
                })?;
                found = Some(Meaning::Moment(unit));
                return Some(true);
            }
            _ => {}
        }
        Some(false)
    })?;
    Some(found)
}

/// A key with its value.
fn said(reader: &mut Reader<'_>, into: &mut Said) -> Option<()> {
    let (mut key, mut value) = (String::new(), String::new());
    reader.structure(|reader, id, kind| {
        match (id, kind) {
            (1, BINARY) => key = reader.string()?,
            (2, BINARY) => value = reader.string()?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    into.line(format!("{key}: {value}\n"));
    Some(())
}

fn group(reader: &mut Reader<'_>, chunks: &mut usize, said: &mut Said) -> Option<Group> {
    let mut group = Group::default();
    reader.structure(|reader, id, kind| {
        match (id, kind) {
            (1, LIST) => reader.list(|reader, _| {
                group.chunks.push(chunk(reader, said)?);
                *chunks += 1;
                (*chunks <= MOST_CHUNKS).then_some(())
            })?,
            (3, 6) => group.rows = u64::try_from(reader.int()?).ok()?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    Some(group)
}

fn chunk(reader: &mut Reader<'_>, said: &mut Said) -> Option<Option<Chunk>> {
    let mut found = None;
    let mut closed = None;
    reader.structure(|reader, id, kind| {
        match (id, kind) {
            (1, BINARY) if !reader.binary()?.is_empty() => closed = Some("columns of it stand in another file"),
            (1, BINARY) => {}
            (3, STRUCT) => found = Some(meta(reader, said)?),
            (8, STRUCT) => {
                closed = Some("columns of it are encrypted");
                return Some(false);
            }
            _ => return Some(false),
        }
        Some(true)
    })?;
    if closed.is_some() {
        found.get_or_insert_with(Chunk::default).closed = closed;
    }
    Some(found)
}

fn meta(reader: &mut Reader<'_>, said_of_file: &mut Said) -> Option<Chunk> {
    let mut chunk = Chunk::default();
    let (mut data, mut dictionary) = (0, None);
    reader.structure(|reader, id, kind| {
        match (id, kind) {
            (4, 5) => chunk.codec = reader.int()?,
            (5, 6) => chunk.values = u64::try_from(reader.int()?).ok()?,
            (7, 6) => chunk.size = u64::try_from(reader.int()?).ok()?,
            (8, LIST) => reader.list(|reader, _| said(reader, said_of_file))?,
            (9, 6) => data = u64::try_from(reader.int()?).ok()?,
            (11, 6) => dictionary = u64::try_from(reader.int()?).ok(),
            _ => return Some(false),
        }
        Some(true)
    })?;
    // Some writers say 0 for no dictionary.
    chunk.start = dictionary.filter(|at| *at > 0).map_or(data, |at| at.min(data));
    Some(chunk)
}

/// The columns of a schema, in order.
fn leaves(elements: &[Element]) -> Option<Vec<Leaf>> {
    let mut leaves = Vec::new();
    // What stands open: how many children are still to come, the name, and the levels.
    let mut open: Vec<(i64, String, u32, u32)> = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        while open.last().is_some_and(|(left, ..)| *left == 0) {
            open.pop();
        }
        let (path, mut deepest, mut repeated) = match open.last_mut() {
            Some((left, name, deepest, repeated)) => {
                *left -= 1;
                (name.as_str(), *deepest, *repeated)
            }
            None if at == 0 => ("", 0, 0),
            None => return None,
        };
        if at > 0 {
            deepest += u32::from(element.repetition != 0);
            repeated += u32::from(element.repetition == 2);
        }
        // The names that lists need between theirs and that of their values say nothing.
        let silent = at == 0
            || !path.is_empty()
                && repeated > 0
                && matches!(&*element.name, "list" | "element" | "item" | "array" | "bag");
        let name = match (path.is_empty(), silent) {
            (_, true) => path.to_owned(),
            (true, _) => element.name.clone(),
            (false, _) => format!("{path}.{}", element.name),
        };
        match element.kind.filter(|_| element.children <= 0) {
            Some(kind) => leaves.push(Leaf {
                name,
                kind,
                length: usize::try_from(element.length).ok()?,
                meaning: meaning(element),
                deepest,
                repeated,
            }),
            None if open.len() < DEEPEST => open.push((element.children.max(0), name, deepest, repeated)),
            None => return None,
        }
    }
    Some(leaves)
}

fn meaning(element: &Element) -> Meaning {
    let scale = u32::try_from(element.scale).unwrap_or(0);
    match (element.logical, element.converted) {
        (Some(meaning), _) => meaning,
        (None, Some(5)) => Meaning::Decimal(scale),
        (None, Some(6)) => Meaning::Date,
        (None, Some(9)) => Meaning::Moment(1_000),
        (None, Some(10)) => Meaning::Moment(1_000_000),
        _ => Meaning::Plain,
    }
}
