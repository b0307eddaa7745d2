//! Tables that do not stand in their file as text: workbooks, databases, columnar files, arrays, pickles.
//!
//! Each reader turns its format into plain rows, which are then judged as any delimited text is: the names of the
//! columns in the first line, then a line for each row, so that a line's number is a row's. Knows formats and
//! nothing of patients. Every count, offset and length is an attacker's word: what is held is bounded, and what was
//! left out is told.

mod bytes;
mod dtype;
mod numpy;
mod parquet;
mod pickle;
mod sqlite;
mod workbook;
mod writer;

pub use workbook::Parts as WorkbookParts;

use std::io;

use crate::artifact::ReadSeek;

/// How many bytes of one table are written out.
pub const LARGEST_TEXT: usize = 32 << 20;
/// How many tables of one file are read.
pub const MOST_TABLES: usize = 2_000;
/// How many bytes of a schema or of metadata are read as text.
const LARGEST_SAID: usize = 8 << 20;

/// A table as text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What its format calls it: the name of a sheet or table.
    pub name: String,
    /// Whether the lines of the text are the rows of a sheet; else a line with names stands before the first row.
    pub sheet: bool,
    /// Cells parted by tabs, one row a line.
    pub text: Vec<u8>,
    /// How many rows there are.
    pub rows: u64,
    /// How many of them stand in the text.
    pub told: u64,
    /// Columns whose cells are JSON objects: the name, and a text in which each stands in the line of its row.
    pub documents: Vec<(String, Vec<u8>)>,
    /// What stands in the file and is no table: the name of a file that it would be, and the text.
    pub texts: Vec<(&'static str, Vec<u8>)>,
}

/// Formats that are read here, told by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A SQLite 3 database.
    Sqlite,
    /// Apache Parquet.
    Parquet,
    /// One NumPy array.
    Npy,
    /// A Python pickle of protocol 2 or later, or an older one whose name says so.
    Pickle,
}

/// What content is by its first bytes; `name` only tells old pickles, which begin with nothing of their own.
pub fn format_of(head: &[u8], name: &str) -> Option<Format> {
    match head {
        [b'S', b'Q', b'L', b'i', ..] if head.starts_with(sqlite::MAGIC) => Some(Format::Sqlite),
        [b'P', b'A', b'R', b'1', ..] => Some(Format::Parquet),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(Format::Npy),
        [0x80, 2..=5, ..] if pickle::begins(head) => Some(Format::Pickle),
        [b'(' | b']' | b'}' | b'c' | b'V' | b'S', ..] if pickle::is_named(name) => Some(Format::Pickle),
        _ => None,
    }
}

/// Something that could not be looked at, in words without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// It is not what its first bytes say, or ends too early.
    Damaged,
    /// This is not read here.
    Unknown(String),
    /// A limit was reached.
    Limit(String),
}

impl Trouble {
    /// In words, without a full stop.
    pub fn message(&self) -> String {
        match self {
            Trouble::Damaged => "it is damaged or ends too early; what could be read was searched".to_owned(),
            Trouble::Unknown(what) | Trouble::Limit(what) => what.clone(),
        }
    }
}

impl Table {
    /// What a file says of itself, with no table.
    fn said(name: &'static str, text: Vec<u8>) -> Table {
        Table { texts: vec![(name, text)], ..Table::default() }
    }
}

/// Takes a table.
pub type Take<'t> = dyn FnMut(Table) + 't;

/// Reads all tables of some content; answers what could not be read, each once.
///
/// # Errors
/// What reading says.
pub fn read(format: Format, content: &mut dyn ReadSeek, take: &mut Take<'_>) -> io::Result<Vec<Trouble>> {
    let mut troubles = match format {
        Format::Sqlite => sqlite::read(content, take)?,
        Format::Parquet => parquet::read(content, take)?,
        Format::Npy => numpy::read(content, take)?,
        Format::Pickle => pickle::read(content, take)?,
    };
    troubles.sort();
    troubles.dedup();
    Ok(troubles)
}
