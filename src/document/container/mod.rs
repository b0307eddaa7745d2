//! Containers: one file that holds others. Told by their first bytes, never by their names; read, never written.
//!
//! Everything about a container is an attacker's word: sizes, counts, names, offsets. Entries come one by one as
//! streams, nothing is held but names and headers of bounded size, and [`Limits`] bound what is unpacked.

mod bounds;
mod gzip;
mod name;
mod tar;
mod zip;

use std::io::{self, Read};

pub use bounds::{Bounds, Limits};

use crate::artifact::ReadSeek;

/// How many bytes tell what a container is.
pub const HEAD: usize = 512;

/// Kinds of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// Zip, and what is zip under another name: jar, war, whl, docx, xlsx, pptx.
    Zip,
    /// Tar, old or new.
    Tar,
    /// Gzip: one stream, which often is a tar.
    Gzip,
}

/// What content is by its first bytes.
pub fn container_of(head: &[u8]) -> Option<Container> {
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Container::Zip),
        [0x1f, 0x8b, 8, ..] => Some(Container::Gzip),
        _ => tar::is_header(head).then_some(Container::Tar),
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file that can be read.
    File,
    /// A link; it is not followed.
    Link,
    /// A file that cannot be read without a password.
    Encrypted,
    /// A file that is compressed in a way that is not known here.
    UnknownMethod,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the container, without anything that could lead out of it.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// Why the rest of a container, or of an entry, was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is not what its first bytes say, or ends too early.
    Corrupt,
    /// Too many entries.
    Entries,
    /// Too many bytes in all.
    Bytes,
    /// Too many bytes for so few compressed ones.
    Ratio,
}

impl Trouble {
    /// In words, without a full stop.
    pub fn message(self, limits: &Limits) -> String {
        let mebibytes = |bytes: u64| bytes >> 20;
        match self {
            Trouble::Corrupt => "it is damaged or ends too early; what could be read was searched".to_owned(),
            Trouble::Entries => {
                format!("it holds more than {} entries; the others were not searched", limits.entries)
            }
            Trouble::Bytes => {
                format!("it holds more than {} MiB; the rest was not searched", mebibytes(limits.bytes))
            }
            Trouble::Ratio => {
                format!("it unpacks to more than {} times its size; the rest was not searched", limits.ratio)
            }
        }
    }
}

/// Takes an entry with its content.
pub type Visit<'v> = dyn FnMut(Entry, &mut dyn Read) + 'v;

/// Hands on every entry of a zip.
///
/// # Errors
/// Why it was not read to its end.
pub fn zip(content: &mut dyn ReadSeek, bounds: &Bounds, visit: &mut Visit<'_>) -> Result<(), Trouble> {
    told(zip::each(content, bounds, visit))
}

/// Hands on every entry of a tar; `counted` says that its bytes were counted when they were unpacked.
///
/// # Errors
/// Why it was not read to its end.
pub fn tar(content: &mut dyn Read, counted: bool, bounds: &Bounds, visit: &mut Visit<'_>) -> Result<(), Trouble> {
    told(if counted {
        tar::each(content, bounds, visit)
    } else {
        tar::each(&mut bounds.bound(content, None), bounds, visit)
    })
}

/// Hands on what a gzip holds; `name` is the gzip's own.
///
/// # Errors
/// Why it was not read to its end.
pub fn gzip(content: &mut dyn Read, name: &str, bounds: &Bounds, visit: &mut Visit<'_>) -> Result<(), Trouble> {
    told(gzip::each(content, name, bounds, visit))
}

fn told(ended: io::Result<()>) -> Result<(), Trouble> {
    ended.map_err(|error| bounds::trouble(&error))
}

fn corrupt(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Reads until `buffer` is full or the content ends; says how much was read.
///
/// # Errors
/// What reading says.
pub fn fill(content: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match content.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
