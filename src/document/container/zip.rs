//! Zip, by its central directory: stored and deflated entries, with the 64-bit sizes of large ones.

use std::io::{self, BufReader, Read, SeekFrom};

use flate2::bufread::DeflateDecoder;

use super::bounds::{Bounds, Counted, Watched, trouble};
use super::name::{Seen, harmless};
use super::{Entry, EntryKind, Trouble, Visit, corrupt};
use crate::artifact::ReadSeek;

/// How far from the end the end record can begin: its length and that of the longest comment.
const LONGEST_END: u64 = 22 + 0xffff;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

pub(super) fn each(mut content: &mut dyn ReadSeek, bounds: &Bounds, visit: &mut Visit<'_>) -> io::Result<()> {
    let directory = Directory::find(content)?;
    let mut seen = Seen::default();
    let mut at = directory.start;
    let mut damaged = false;
    while let Some(header) = Header::read(content, at, directory.end)? {
        at = header.next;
        if header.raw_name.ends_with(b"/") {
            continue;
        }
        bounds.entry()?;
        let entry = Entry { name: seen.apart(harmless(&header.raw_name)), kind: header.kind() };
        if entry.kind != EntryKind::File {
            visit(entry, &mut io::empty());
            continue;
        }
        match header.seek_content(content, directory.shift) {
            Ok(()) => {}
            // The next entry may be whole.
            Err(_) => {
                damaged = true;
                continue;
            }
        }
        let (counted, packed) = Counted::new(Read::take(&mut content, header.packed));
        let ended = if header.method == STORED {
            let mut stored = bounds.bound(counted, None);
            handed_on(entry, &mut stored, visit)
        } else {
            let mut inflated = bounds.bound(DeflateDecoder::new(BufReader::new(counted)), Some(packed));
            handed_on(entry, &mut inflated, visit)
        };
        if let Err(error) = ended {
            if trouble(&error) != Trouble::Corrupt {
                return Err(error);
            }
            damaged = true;
        }
    }
    if damaged { Err(corrupt("an entry")) } else { Ok(()) }
}

fn handed_on(entry: Entry, content: &mut dyn Read, visit: &mut Visit<'_>) -> io::Result<()> {
    let mut watched = Watched::new(content);
    visit(entry, &mut watched);
    watched.end()
}

/// Where the list of entries stands.
struct Directory {
    start: u64,
    end: u64,
    /// What stands before the zip: a self-extracting program, say. Offsets do not count it.
    shift: u64,
}

impl Directory {
    fn find(content: &mut dyn ReadSeek) -> io::Result<Self> {
        let length = content.seek(SeekFrom::End(0))?;
        let from = length.saturating_sub(LONGEST_END);
        content.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        content.take(LONGEST_END).read_to_end(&mut tail)?;
        let at = memchr::memmem::rfind(&tail, b"PK\x05\x06").filter(|at| tail.len() - at >= 22);
        let at = at.ok_or_else(|| corrupt("no end record"))?;
        let record = &tail[at..];
        let here = from + at as u64;
        let (mut size, mut offset, mut end) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)), here);
        if (size == 0xffff_ffff || offset == 0xffff_ffff || u16_at(record, 10) == 0xffff)
            && let Some((wide_size, wide_offset, wide_end)) = wide_end(content, here)?
        {
            (size, offset, end) = (wide_size, wide_offset, wide_end);
        }
        let start = end.checked_sub(size).ok_or_else(|| corrupt("directory size"))?;
        let shift = start.checked_sub(offset).ok_or_else(|| corrupt("directory offset"))?;
        Ok(Directory { start, end, shift })
    }
}

/// Size and offset of the directory by the 64-bit end record, and where that stands.
fn wide_end(content: &mut dyn ReadSeek, end: u64) -> io::Result<Option<(u64, u64, u64)>> {
    let Some(locator_at) = end.checked_sub(20) else { return Ok(None) };
    let mut locator = [0; 20];
    content.seek(SeekFrom::Start(locator_at))?;
    content.read_exact(&mut locator)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    // Where it should stand, and where it stands when nothing was put before the zip or after the record.
    for at in [u64_at(&locator, 8), locator_at.saturating_sub(56)] {
        let mut record = [0; 56];
        if at > locator_at.saturating_sub(56) {
            continue;
        }
        content.seek(SeekFrom::Start(at))?;
        content.read_exact(&mut record)?;
        if record.starts_with(b"PK\x06\x06") {
            return Ok(Some((u64_at(&record, 40), u64_at(&record, 48), at)));
        }
    }
    Err(corrupt("no 64-bit end record"))
}

/// One entry of the directory.
struct Header {
    flags: u16,
    method: u16,
    made_by: u8,
    attributes: u32,
    packed: u64,
    offset: u64,
    raw_name: Vec<u8>,
    next: u64,
}

impl Header {
    fn read(content: &mut dyn ReadSeek, at: u64, end: u64) -> io::Result<Option<Self>> {
        if at >= end {
            return Ok(None);
        }
        let mut fixed = [0; 46];
        content.seek(SeekFrom::Start(at))?;
        content.read_exact(&mut fixed)?;
        if !fixed.starts_with(b"PK\x01\x02") {
            return Err(corrupt("no directory entry"));
        }
        let (name, extra, comment) = (u16_at(&fixed, 28), u16_at(&fixed, 30), u16_at(&fixed, 32));
        let mut raw_name = vec![0; usize::from(name)];
        content.read_exact(&mut raw_name)?;
        let mut extras = vec![0; usize::from(extra)];
        content.read_exact(&mut extras)?;
        let mut header = Header {
            flags: u16_at(&fixed, 8),
            method: u16_at(&fixed, 10),
            made_by: fixed[5],
            attributes: u32_at(&fixed, 38),
            packed: u64::from(u32_at(&fixed, 20)),
            offset: u64::from(u32_at(&fixed, 42)),
            raw_name,
            next: at + 46 + u64::from(name) + u64::from(extra) + u64::from(comment),
        };
        header.widen(u32_at(&fixed, 24) == u32::MAX, &extras);
        Ok(Some(header))
    }

    /// Takes the 64-bit values, which stand in the order of the 32-bit ones that are all ones.
    fn widen(&mut self, size_is_wide: bool, mut extras: &[u8]) {
        while extras.len() >= 4 {
            let (id, length) = (u16_at(extras, 0), usize::from(u16_at(extras, 2)));
            let Some(field) = extras.get(4..4 + length) else { return };
            extras = &extras[4 + length..];
            if id != 1 {
                continue;
            }
            let mut values = field.chunks_exact(8).map(|value| u64_at(value, 0));
            if size_is_wide {
                values.next();
            }
            for value in [&mut self.packed, &mut self.offset] {
                if *value == u64::from(u32::MAX)
                    && let Some(wide) = values.next()
                {
                    *value = wide;
                }
            }
        }
    }

    fn kind(&self) -> EntryKind {
        const UNIX: u8 = 3;
        let link = self.made_by == UNIX && self.attributes >> 28 == 0o12;
        match self.method {
            _ if link => EntryKind::Link,
            _ if self.flags & 1 != 0 => EntryKind::Encrypted,
            STORED | DEFLATED => EntryKind::File,
            _ => EntryKind::UnknownMethod,
        }
    }

    /// Goes to where the entry's content begins: behind a header of its own.
    fn seek_content(&self, content: &mut dyn ReadSeek, shift: u64) -> io::Result<()> {
        let at = self.offset.checked_add(shift).ok_or_else(|| corrupt("offset"))?;
        let mut local = [0; 30];
        content.seek(SeekFrom::Start(at))?;
        content.read_exact(&mut local)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(corrupt("no entry"));
        }
        let lengths = i64::from(u16_at(&local, 26)) + i64::from(u16_at(&local, 28));
        content.seek(SeekFrom::Current(lengths))?;
        Ok(())
    }
}

/// Zip numbers are little-endian. A place past the end reads as nought.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
