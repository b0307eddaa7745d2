//! SQLite databases, by "Database File Format" (sqlite.org/fileformat2.html): the schema, then the rows of each table.
//!
//! Knows b-tree pages, overflow chains, records, and as much of `CREATE TABLE` as names the columns. Each page of a
//! tree is read once, so that no cycle of pages is walked twice, and all that is read is counted. Pages that are
//! free are read for rows that were deleted; rows that stand only in a write-ahead log are not read.

mod record;
mod schema;

use std::collections::BTreeMap;
use std::io;

use super::bytes::{self, stretch, u16_be, u32_be};
use super::writer::Writer;
use super::{LARGEST_SAID, MOST_TABLES, Table, Take, Trouble};
use crate::artifact::ReadSeek;
use record::{Encoding, Field, fields, varint};
use schema::{Layout, layout};

/// What a database begins with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
/// How many bytes of one record are read.
const LONGEST_RECORD: usize = 4 << 20;
/// How many bytes of one database are read, pages that are read again counted again.
const MOST_READ: u64 = 4 << 30;
/// How many kinds of deleted rows are told apart.
const MOST_KINDS: usize = 8;

pub(super) fn read(content: &mut dyn ReadSeek, take: &mut Take<'_>) -> io::Result<Vec<Trouble>> {
    let length = content.seek(io::SeekFrom::End(0))?;
    let head = stretch(content, 0, 100)?;
    let Some(mut database) = Database::new(content, &head, length) else { return Ok(vec![Trouble::Damaged]) };
    let mut entries = Vec::new();
    let (mut said, mut cut) = (Vec::new(), false);
    database.rows(1, |_, record| {
        let fields = fields(record, database_encoding(&head));
        let text = |at: usize| match fields.get(at) {
            Some(Field::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        };
        let root = match fields.get(3) {
            Some(Field::Int(root)) => u32::try_from(*root).unwrap_or(0),
            _ => 0,
        };
        // Comments and default values stand in the statements, word for word.
        let statement = text(4);
        cut |= said.len() + statement.len() > LARGEST_SAID;
        if !cut && !statement.is_empty() {
            said.extend_from_slice(statement.as_bytes());
            said.extend_from_slice(b";\n");
        }
        if text(0) == "table" && root > 0 && entries.len() <= MOST_TABLES {
            entries.push((text(1), root, statement));
        }
        entries.len() <= MOST_TABLES
    })?;
    if entries.len() > MOST_TABLES {
        entries.truncate(MOST_TABLES);
        database
            .troubles
            .push(Trouble::Limit(format!("it has more than {MOST_TABLES} tables; the others were not read")));
    }
    take(Table::said("schema.sql", said));
    if cut {
        database.trouble(Trouble::Limit(format!("only {} MiB of its schema were searched", LARGEST_SAID >> 20)));
    }
    let mut layouts = Vec::new();
    for (name, root, sql) in entries {
        if !name.starts_with("sqlite_") {
            let layout = layout(&sql);
            database.table(name, root, &layout, take)?;
            layouts.push(layout);
        }
    }
    if let Some(first) = u32_be(&head, 32).filter(|first| *first > 0) {
        database.free(first, &layouts, take)?;
    }
    Ok(database.troubles)
}

fn database_encoding(head: &[u8]) -> Encoding {
    match u32_be(head, 56) {
        Some(2) => Encoding::Utf16Le,
        Some(3) => Encoding::Utf16Be,
        _ => Encoding::Utf8,
    }
}

/// An open database.
struct Database<'c> {
    content: &'c mut dyn ReadSeek,
    page_size: usize,
    /// What of a page may be used.
    usable: usize,
    pages: u32,
    encoding: Encoding,
    /// The pages of trees that were seen.
    seen: Vec<u64>,
    read: u64,
    troubles: Vec<Trouble>,
}

impl<'c> Database<'c> {
    fn new(content: &'c mut dyn ReadSeek, head: &[u8], length: u64) -> Option<Self> {
        let page_size = match u16_be(head, 16)? {
            1 => 65_536,
            size if size >= 512 && size.is_power_of_two() => usize::from(size),
            _ => return None,
        };
        let usable = page_size.checked_sub(usize::from(*head.get(20)?)).filter(|usable| *usable >= 480)?;
        let pages = u32::try_from(length.div_ceil(page_size as u64)).unwrap_or(u32::MAX).min(1 << 28);
        let seen = vec![0; pages as usize / 64 + 1];
        let encoding = database_encoding(head);
        Some(Database { content, page_size, usable, pages, encoding, seen, read: 0, troubles: Vec::new() })
    }

    /// A page, whole; numbers count from 1.
    fn page(&mut self, number: u32) -> io::Result<Option<Vec<u8>>> {
        if number == 0 || number > self.pages || self.read > MOST_READ {
            if self.read > MOST_READ {
                let what = format!("more than {} GiB of it would have to be read; the rest was not", MOST_READ >> 30);
                self.trouble(Trouble::Limit(what));
            }
            return Ok(None);
        }
        self.read += self.page_size as u64;
        let bytes = stretch(self.content, u64::from(number - 1) * self.page_size as u64, self.page_size)?;
        Ok((bytes.len() == self.page_size).then_some(bytes))
    }

    /// Whether a page is seen for the first time.
    fn is_new(&mut self, number: u32) -> bool {
        let (at, bit) = (number as usize / 64, 1_u64 << (number % 64));
        let Some(word) = self.seen.get_mut(at) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    fn damaged(&mut self) {
        self.trouble(Trouble::Damaged);
    }

    fn trouble(&mut self, trouble: Trouble) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }

    /// Calls `row` with the number and record of each row of a tree while it answers `true`; then rows are only
    /// counted. Answers how many there are.
    fn rows(&mut self, root: u32, mut row: impl FnMut(i64, &[u8]) -> bool) -> io::Result<u64> {
        let (mut open, mut counted, mut wanted) = (vec![root], 0_u64, true);
        if !self.is_new(root) {
            self.damaged();
            return Ok(0);
        }
        while let Some(number) = open.pop() {
            let Some(page) = self.page(number)? else {
                self.damaged();
                continue;
            };
            // The first page begins with the head of the file.
            let start = if number == 1 { 100 } else { 0 };
            let kind = page[start];
            let cells = usize::from(u16_be(&page, start + 3).unwrap_or(0));
            let is_leaf = matches!(kind, 0x0d | 0x0a);
            let is_index = matches!(kind, 0x0a | 0x02);
            if !matches!(kind, 0x02 | 0x05 | 0x0a | 0x0d) {
                self.damaged();
                continue;
            }
            let first = start + if is_leaf { 8 } else { 12 };
            // Interior pages of an index hold rows, too.
            if is_leaf || is_index {
                counted += cells as u64;
            }
            let mut children = Vec::new();
            for cell in 0..cells {
                let Some(mut at) = u16_be(&page, first + cell * 2).map(usize::from) else { break };
                if !is_leaf {
                    children.extend(u32_be(&page, at));
                    at += 4;
                }
                if wanted && (is_leaf || is_index) {
                    match self.record(&page, at, is_index)? {
                        Some((id, record)) => wanted = row(id, &record),
                        None => self.damaged(),
                    }
                }
            }
            if !is_leaf {
                children.extend(u32_be(&page, start + 8));
            }
            for child in children.into_iter().rev() {
                if child <= self.pages && self.is_new(child) {
                    open.push(child);
                } else {
                    self.damaged();
                }
            }
        }
        Ok(counted)
    }

    /// The record whose cell stands at `at`, with the number of its row: what stands in the page, and in the pages
    /// that it flows over into.
    fn record(&mut self, page: &[u8], mut at: usize, is_index: bool) -> io::Result<Option<(i64, Vec<u8>)>> {
        let Some(length) = varint(page, &mut at).and_then(|length| usize::try_from(length).ok()) else {
            return Ok(None);
        };
        let id = if is_index { Some(0) } else { varint(page, &mut at) };
        let Some(id) = id else { return Ok(None) };
        let least = (self.usable - 12) * 32 / 255 - 23;
        let most = if is_index { (self.usable - 12) * 64 / 255 - 23 } else { self.usable - 35 };
        let local = match length {
            _ if length <= most => length,
            _ => Some(least + (length - least) % (self.usable - 4)).filter(|local| *local <= most).unwrap_or(least),
        };
        let Some(inside) = page.get(at..at + local) else { return Ok(None) };
        let mut record = inside.to_vec();
        let wanted = length.min(LONGEST_RECORD);
        let mut next = if local < length { u32_be(page, at + local).unwrap_or(0) } else { 0 };
        while record.len() < wanted && next != 0 {
            let Some(more) = self.page(next)? else {
                self.damaged();
                break;
            };
            next = u32_be(&more, 0).unwrap_or(0);
            let room = (wanted - record.len()).min(self.usable - 4);
            record.extend_from_slice(&more[4..4 + room]);
        }
        Ok(Some((id, record)))
    }

    /// Reads the pages that are free, by the list of them (§1.5): what was deleted may still stand there, as rows of
    /// a table with as many columns, or of one whose columns nobody names any more.
    fn free(&mut self, first: u32, layouts: &[Layout], take: &mut Take<'_>) -> io::Result<()> {
        // By the number of their fields.
        let mut rows: BTreeMap<usize, Writer> = BTreeMap::new();
        let mut next = first;
        while next != 0 {
            let trunk = if self.is_new(next) { self.page(next)? } else { None };
            let Some(trunk) = trunk else {
                self.damaged();
                break;
            };
            let count = u32_be(&trunk, 4).unwrap_or(0) as usize;
            for at in 0..count.min(self.usable / 4 - 2) {
                let leaf = u32_be(&trunk, 8 + at * 4).unwrap_or(0);
                if leaf <= self.pages && self.is_new(leaf) {
                    self.free_page(leaf, layouts, &mut rows)?;
                }
            }
            next = u32_be(&trunk, 0).unwrap_or(0);
        }
        for (fields, writer) in rows {
            let name = format!("deleted rows of {fields} columns");
            take(writer.finish(name, layout_of(layouts, fields).is_none()));
        }
        Ok(())
    }

    /// Writes the rows of a page that is free, if it was one of rows.
    fn free_page(&mut self, number: u32, layouts: &[Layout], rows: &mut BTreeMap<usize, Writer>) -> io::Result<()> {
        let Some(page) = self.page(number)?.filter(|page| page[0] == 0x0d) else { return Ok(()) };
        for cell in 0..usize::from(u16_be(&page, 3).unwrap_or(0)) {
            let Some(at) = u16_be(&page, 8 + cell * 2) else { break };
            let Some((_, record)) = self.record(&page, usize::from(at), false)? else { continue };
            let fields = fields(&record, self.encoding);
            let many = rows.len() >= MOST_KINDS && !rows.contains_key(&fields.len());
            if fields.iter().all(|field| *field == Field::Null) || many {
                continue;
            }
            let writer = rows.entry(fields.len()).or_insert_with(|| {
                let mut writer = Writer::default();
                if let Some(layout) = layout_of(layouts, fields.len()) {
                    layout.stored.iter().for_each(|column| writer.cell(layout.columns[*column].0.as_bytes()));
                    writer.end_row();
                }
                writer
            });
            fields.iter().for_each(|field| write(field, writer));
            writer.end_row();
        }
        Ok(())
    }

    fn table(&mut self, name: String, root: u32, layout: &Layout, take: &mut Take<'_>) -> io::Result<()> {
        let mut writer = Writer::default();
        for (column, _) in &layout.columns {
            writer.cell(column.as_bytes());
        }
        writer.end_row();
        let encoding = self.encoding;
        let (mut order, mut written) = (Vec::new(), 0);
        // Where the field of each column stands in a record.
        for column in 0..layout.columns.len() {
            order.push(layout.stored.iter().position(|stored| *stored == column));
        }
        let rows = self.rows(root, |id, record| {
            let fields = fields(record, encoding);
            for (column, field) in order.iter().enumerate() {
                match field.and_then(|at| fields.get(at)).unwrap_or(&Field::Null) {
                    Field::Null if layout.row_id == Some(column) => writer.cell(id.to_string().as_bytes()),
                    field => write(field, &mut writer),
                }
            }
            writer.end_row();
            written += 1;
            !writer.is_full()
        })?;
        writer.count(rows.saturating_sub(written));
        if writer.binary > 0 {
            self.troubles.push(Trouble::Unknown("values in it that are no text were not looked into".to_owned()));
        }
        if rows > 0 {
            take(writer.finish(name, false));
        }
        Ok(())
    }
}

/// The only table whose rows have so many fields.
fn layout_of(layouts: &[Layout], fields: usize) -> Option<&Layout> {
    let mut fitting = layouts.iter().filter(|layout| layout.stored.len() == fields);
    fitting.next().filter(|_| fitting.next().is_none())
}

fn write(field: &Field, writer: &mut Writer) {
    match field {
        Field::Null => writer.cell(b""),
        Field::Int(number) => writer.cell(number.to_string().as_bytes()),
        Field::Real(number) => writer.cell(bytes::number(*number).as_bytes()),
        Field::Text(text) => writer.cell(text),
        Field::Blob(bytes) => writer.blob(bytes),
    }
}

#[cfg(test)]
mod tests;
