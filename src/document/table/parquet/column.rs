//! The cells of one column in one group of rows, told one by one: pages are unpacked as they are reached.

use std::io;

use super::codec::unpacked;
use super::footer::{Chunk, Leaf};
use super::levels::{Hybrid, bits, deltas};
use super::page::Header;
use super::values::{BOOLEAN, BYTE_ARRAY, plain, width_of, write, write_truth, write_whole};
use crate::artifact::ReadSeek;
use crate::document::table::Trouble;
use crate::document::table::bytes::{stretch, u32_le};

/// The largest page that is unpacked, in bytes.
const LARGEST_PAGE: usize = 64 << 20;
/// How much of one file is unpacked, and how much is held of it at once.
const MOST_UNPACKED: usize = 2 << 30;
const MOST_HELD: usize = 512 << 20;
/// The largest header of a page.
const LARGEST_HEADER: usize = 1 << 20;
/// The longest cell that many values make.
const LONGEST_CELL: usize = 64 << 10;
/// The kind of a page that holds a dictionary.
const DICTIONARY: i64 = 2;

/// How much of one file may still be unpacked and written.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    /// What the columns that are read side by side hold.
    held: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { left: MOST_UNPACKED, held: 0 }
    }
}

impl Budget {
    /// Lets go of what all columns held.
    pub(super) fn let_go(&mut self) {
        self.held = 0;
    }

    fn spend(&mut self, bytes: usize) -> Told<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            let most = MOST_UNPACKED >> 30;
            Trouble::Limit(format!("it unpacks to more than {most} GiB; the rest was not searched"))
        })?;
        Ok(())
    }

    fn hold(&mut self, before: usize, after: usize) -> Told<()> {
        self.held = (self.held + after).saturating_sub(before);
        if self.held > MOST_HELD {
            return Err(Trouble::Limit("its pages are too large for all columns to be read".to_owned()));
        }
        Ok(())
    }
}

/// How the values of a page are written.
#[derive(Debug, Default)]
enum Values {
    #[default]
    None,
    /// One behind the other, from here on; for truth values, this bit.
    Plain(usize),
    /// As places in the dictionary.
    Dictionary(Hybrid),
    /// Truth values in runs.
    Runs(Hybrid),
    /// Whole numbers that were deltas.
    Numbers(std::vec::IntoIter<i64>),
    /// Texts: lengths, and where the first one stands; for each, how much it shares with the one before.
    Texts { lengths: std::vec::IntoIter<i64>, shared: Option<std::vec::IntoIter<i64>>, at: usize, last: Vec<u8> },
    /// Each byte of all values together.
    Split(usize, usize),
}

/// A page.
#[derive(Debug, Default)]
struct Page {
    bytes: Vec<u8>,
    /// How many values it has left, absent ones counted.
    left: u64,
    repetition: Option<(usize, Hybrid)>,
    definition: Option<(usize, Hybrid)>,
    /// Where the levels end, for they stand in bytes of their own.
    values: Values,
}

/// A column that is read.
#[derive(Debug)]
pub(super) struct Column<'f> {
    leaf: &'f Leaf,
    chunk: &'f Chunk,
    /// Where the next page begins, and how many values there are in those to come.
    at: u64,
    left: u64,
    dictionary: Vec<u8>,
    /// Where each entry of the dictionary stands.
    entries: Vec<(u32, u32)>,
    page: Page,
    /// Levels of a value that belongs to the next row.
    ahead: Option<u32>,
}

type Told<T> = Result<T, Trouble>;

impl<'f> Column<'f> {
    pub(super) fn new(leaf: &'f Leaf, chunk: &'f Chunk) -> Self {
        Column {
            leaf,
            chunk,
            at: chunk.start,
            left: chunk.values,
            dictionary: Vec::new(),
            entries: Vec::new(),
            page: Page::default(),
            ahead: None,
        }
    }

    /// Writes the next row's cell; `false` when there are no more.
    pub(super) fn cell(
        &mut self,
        content: &mut dyn ReadSeek,
        budget: &mut Budget,
        cell: &mut Vec<u8>,
    ) -> io::Result<Told<bool>> {
        if let Some(why) = self.chunk.closed {
            return Ok(Err(Trouble::Unknown(why.to_owned())));
        }
        let mut any = false;
        loop {
            let definition = match self.ahead.take() {
                Some(definition) => definition,
                None => {
                    if let Err(trouble) = self.fill(content, budget)? {
                        return Ok(Err(trouble));
                    }
                    if self.page.left == 0 {
                        return Ok(Ok(any));
                    }
                    let Some((repetition, definition)) = self.levels() else { return Ok(Err(Trouble::Damaged)) };
                    if any && repetition == 0 {
                        self.ahead = Some(definition);
                        return Ok(Ok(true));
                    }
                    definition
                }
            };
            if definition >= self.leaf.deepest {
                if any && !cell.is_empty() {
                    cell.extend_from_slice(b", ");
                }
                let before = cell.len();
                if self.value(cell).is_none() {
                    return Ok(Err(Trouble::Damaged));
                }
                if let Err(trouble) = budget.spend(cell.len() - before) {
                    return Ok(Err(trouble));
                }
            }
            any = true;
            if self.leaf.repeated == 0 || cell.len() > LONGEST_CELL {
                return Ok(Ok(true));
            }
        }
    }

    /// The levels of the next value: how far it repeats, and how far it is there.
    fn levels(&mut self) -> Option<(u32, u32)> {
        let page = &mut self.page;
        page.left -= 1;
        let level = |levels: &mut Option<(usize, Hybrid)>, none: u32| match levels {
            Some((end, hybrid)) => hybrid.next(page.bytes.get(..*end)?),
            None => Some(none),
        };
        let repetition = level(&mut page.repetition, 0)?;
        Some((repetition, level(&mut page.definition, self.leaf.deepest)?))
    }

    /// Goes to the next page with values if this one has none left.
    fn fill(&mut self, content: &mut dyn ReadSeek, budget: &mut Budget) -> io::Result<Told<()>> {
        while self.page.left == 0 && self.left > 0 {
            let end = self.chunk.start.saturating_add(self.chunk.size);
            if self.at >= end {
                return Ok(Err(Trouble::Damaged));
            }
            let mut head = stretch(content, self.at, 256)?;
            let mut header = Header::read(&head);
            if header.is_none() {
                head = stretch(content, self.at, LARGEST_HEADER)?;
                header = Header::read(&head);
            }
            let Some((header, length)) = header else { return Ok(Err(Trouble::Damaged)) };
            if header.plain > LARGEST_PAGE || header.packed > LARGEST_PAGE {
                return Ok(Err(Trouble::Limit(format!("pages of it are larger than {} MiB", LARGEST_PAGE >> 20))));
            }
            // Statistics in headers cost as much as pages.
            let held = if header.kind == DICTIONARY { self.dictionary.len() * 3 } else { self.page.bytes.len() };
            let holds = if header.kind == DICTIONARY { header.plain * 3 } else { header.plain };
            let room = budget.spend(header.plain.max(header.packed) + length);
            if let Err(trouble) = room.and_then(|()| budget.hold(held, holds)) {
                return Ok(Err(trouble));
            }
            let packed = stretch(content, self.at + length as u64, header.packed)?;
            if packed.len() < header.packed {
                return Ok(Err(Trouble::Damaged));
            }
            self.at += (length + header.packed) as u64;
            if let Err(trouble) = self.page(&header, &packed) {
                return Ok(Err(trouble));
            }
        }
        Ok(Ok(()))
    }

    fn page(&mut self, header: &Header, packed: &[u8]) -> Told<()> {
        let codec = self.chunk.codec;
        match header.kind {
            DICTIONARY => {
                self.dictionary = unpacked(codec, packed, header.plain)?;
                self.entries = self.dictionary_entries(header.values);
                Ok(())
            }
            0 | 3 => {
                self.left = self.left.saturating_sub(header.values.max(1));
                let bytes = match header.levels {
                    None => unpacked(codec, packed, header.plain)?,
                    Some((repetition, definition, is_packed)) => {
                        let end = repetition + definition;
                        let (levels, values) = packed.split_at_checked(end).ok_or(Trouble::Damaged)?;
                        let codec = if is_packed { codec } else { 0 };
                        [levels, &unpacked(codec, values, header.plain.saturating_sub(end))?].concat()
                    }
                };
                self.page = Page { bytes, left: header.values, ..Page::default() };
                self.open_page(header)
            }
            // An index.
            _ => Ok(()),
        }
    }

    /// Finds the levels and values of a page.
    fn open_page(&mut self, header: &Header) -> Told<()> {
        let page = &mut self.page;
        let width = |most: u32| (32 - most.leading_zeros()) as usize;
        let mut at = 0;
        let kinds = [(self.leaf.repeated, &mut page.repetition), (self.leaf.deepest, &mut page.definition)];
        for (index, (most, levels)) in kinds.into_iter().enumerate() {
            let stated = header.levels.map(|(repetition, definition, _)| [repetition, definition][index]);
            if most == 0 {
                at += stated.unwrap_or(0);
                continue;
            }
            let length = match stated {
                Some(length) => length,
                None => {
                    let length = u32_le(&page.bytes, at).ok_or(Trouble::Damaged)?;
                    at += 4;
                    length as usize
                }
            };
            let end = at.checked_add(length).filter(|end| *end <= page.bytes.len()).ok_or(Trouble::Damaged)?;
            *levels = Some((end, Hybrid::new(at, width(most))));
            at = end;
        }
        page.values = values(&page.bytes, at, header.encoding, self.leaf)?;
        Ok(())
    }

    /// Where the entries of the dictionary stand: written plainly, each as long as its type.
    fn dictionary_entries(&self, count: u64) -> Vec<(u32, u32)> {
        let mut at = 0;
        let mut entries = Vec::new();
        while (entries.len() as u64) < count {
            let Some(found) = plain(&self.dictionary, &mut at, self.leaf) else { break };
            if found.0 == found.1 && self.leaf.kind != BYTE_ARRAY {
                break;
            }
            // A page is never larger than 64 MiB.
            entries.push((found.0 as u32, found.1 as u32));
        }
        entries
    }

    /// Writes the next value.
    fn value(&mut self, cell: &mut Vec<u8>) -> Option<()> {
        let Page { bytes, values, .. } = &mut self.page;
        let leaf = self.leaf;
        match values {
            Values::None => None,
            Values::Plain(bit) if leaf.kind == BOOLEAN => {
                let value = bits(bytes, *bit, 1)?;
                *bit += 1;
                write_truth(value == 1, cell);
                Some(())
            }
            Values::Plain(at) => {
                let (start, end) = plain(bytes, at, leaf)?;
                write(&bytes[start..end], leaf, cell);
                Some(())
            }
            Values::Dictionary(places) => {
                let place = places.next(bytes)?;
                let (start, end) = *self.entries.get(place as usize)?;
                write(&self.dictionary[start as usize..end as usize], leaf, cell);
                Some(())
            }
            Values::Runs(runs) => {
                write_truth(runs.next(bytes)? == 1, cell);
                Some(())
            }
            Values::Numbers(numbers) => {
                write_whole(numbers.next()?, leaf, cell);
                Some(())
            }
            Values::Texts { lengths, shared, at, last } => {
                let length = usize::try_from(lengths.next()?).ok()?;
                let text = bytes.get(*at..at.checked_add(length)?)?;
                *at += length;
                let kept = match shared {
                    Some(shared) => usize::try_from(shared.next()?).ok()?,
                    None => 0,
                };
                if kept > last.len() || kept + text.len() > LARGEST_PAGE {
                    return None;
                }
                last.truncate(kept);
                last.extend_from_slice(text);
                write(last, leaf, cell);
                Some(())
            }
            Values::Split(at, index) => {
                let width = width_of(leaf);
                let count = (bytes.len() - *at) / width.max(1);
                let value: Option<Vec<u8>> =
                    (0..width).map(|byte| bytes.get(*at + byte * count + *index).copied()).collect();
                (*index < count).then_some(())?;
                *index += 1;
                write(&value?, leaf, cell);
                Some(())
            }
        }
    }
}

/// How a page's values are read.
fn values(bytes: &[u8], mut at: usize, encoding: i64, leaf: &Leaf) -> Told<Values> {
    let damaged = || Trouble::Damaged;
    Ok(match encoding {
        0 if leaf.kind == BOOLEAN => Values::Plain(at * 8),
        0 => Values::Plain(at),
        2 | 8 => match bytes.get(at) {
            Some(width) => Values::Dictionary(Hybrid::new(at + 1, usize::from(*width))),
            // All values are absent.
            None => Values::None,
        },
        3 => Values::Runs(Hybrid::new(at + 4, 1)),
        5 => Values::Numbers(deltas(bytes, &mut at).ok_or_else(damaged)?.into_iter()),
        6 | 7 => {
            let shared =
                if encoding == 7 { Some(deltas(bytes, &mut at).ok_or_else(damaged)?.into_iter()) } else { None };
            let lengths = deltas(bytes, &mut at).ok_or_else(damaged)?.into_iter();
            Values::Texts { lengths, shared, at, last: Vec::new() }
        }
        9 if at <= bytes.len() => Values::Split(at, 0),
        _ => return Err(Trouble::Unknown("columns of it are encoded in a way that is not read here".to_owned())),
    })
}
