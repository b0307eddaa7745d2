//! Apache Parquet (github.com/apache/parquet-format: README, Encodings.md, LogicalTypes.md, parquet.thrift).
//!
//! Columns are read side by side, a page of each at a time, so that rows can be written however large the file is.
//! Values of structures are columns of their own; those of lists and maps stand in one cell, parted by commas.

mod codec;
mod column;
mod footer;
mod levels;
mod page;
mod thrift;
mod values;

use std::io;

use super::bytes::{stretch, u32_le};
use super::writer::Writer;
use super::{Table, Take, Trouble};
use crate::artifact::ReadSeek;
use column::Column;
use footer::Footer;

/// What the file begins and ends with.
const MAGIC: &[u8] = b"PAR1";
/// The largest footer that is read.
const LARGEST_FOOTER: u32 = 64 << 20;
/// How many columns are read.
const MOST_COLUMNS: usize = 4_000;

pub(super) fn read(content: &mut dyn ReadSeek, take: &mut Take<'_>) -> io::Result<Vec<Trouble>> {
    let length = content.seek(io::SeekFrom::End(0))?;
    let Some(end) = length.checked_sub(8) else { return Ok(vec![Trouble::Damaged]) };
    let tail = stretch(content, end, 8)?;
    if tail.ends_with(b"PARE") {
        return Ok(vec![Trouble::Unknown("its footer is encrypted".to_owned())]);
    }
    let size = u32_le(&tail, 0).filter(|_| tail.ends_with(MAGIC)).unwrap_or(u32::MAX);
    if size > LARGEST_FOOTER && size != u32::MAX {
        return Ok(vec![Trouble::Limit(format!("its footer is larger than {} MiB", LARGEST_FOOTER >> 20))]);
    }
    let Some(start) = end.checked_sub(u64::from(size)) else { return Ok(vec![Trouble::Damaged]) };
    let bytes = stretch(content, start, size as usize)?;
    let Some(mut footer) = Footer::read(&bytes) else { return Ok(vec![Trouble::Damaged]) };
    let mut troubles = Vec::new();
    if footer.leaves.len() > MOST_COLUMNS {
        troubles.push(Trouble::Limit(format!("it has more than {MOST_COLUMNS} columns; the others were not read")));
    }
    if !footer.said.text.is_empty() {
        take(Table::said("metadata.txt", std::mem::take(&mut footer.said.text)));
    }
    if footer.said.cut {
        troubles.push(Trouble::Limit(format!("only {} MiB of its metadata were searched", super::LARGEST_SAID >> 20)));
    }
    let table = rows(content, &footer, &mut troubles)?;
    if let Some(table) = table {
        take(table);
    }
    Ok(troubles)
}

fn rows(content: &mut dyn ReadSeek, footer: &Footer, troubles: &mut Vec<Trouble>) -> io::Result<Option<super::Table>> {
    let mut writer = Writer::default();
    let leaves = &footer.leaves[..footer.leaves.len().min(MOST_COLUMNS)];
    for leaf in leaves {
        writer.cell(leaf.name.as_bytes());
    }
    writer.end_row();
    let mut budget = column::Budget::default();
    let mut cell = Vec::new();
    for group in &footer.groups {
        let mut columns: Vec<Option<Column<'_>>> = Vec::new();
        for (at, leaf) in leaves.iter().enumerate() {
            columns.push(group.chunks.get(at).and_then(Option::as_ref).map(|chunk| Column::new(leaf, chunk)));
        }
        let mut written = 0;
        while written < group.rows && !writer.is_full() {
            let mut any = false;
            for column in &mut columns {
                cell.clear();
                if let Some(open) = column {
                    match open.cell(content, &mut budget, &mut cell)? {
                        Ok(true) => any = true,
                        Ok(false) => *column = None,
                        Err(trouble) => {
                            if !troubles.contains(&trouble) {
                                troubles.push(trouble);
                            }
                            *column = None;
                        }
                    }
                }
                writer.blob(&cell);
            }
            if !any {
                break;
            }
            writer.end_row();
            written += 1;
        }
        writer.drop_row();
        budget.let_go();
        writer.count(group.rows.saturating_sub(written));
    }
    if writer.binary > 0 {
        troubles.push(Trouble::Unknown("values in it that are no text were not looked into".to_owned()));
    }
    Ok((!footer.leaves.is_empty()).then(|| writer.finish("rows".to_owned(), false)))
}

#[cfg(test)]
mod tests;
