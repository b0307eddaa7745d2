//! Tar: ustar, GNU long names, pax paths and sizes, and the old format without a magic.

use std::io::{self, Read};

use super::bounds::{Bounds, Watched};
use super::name::{Seen, harmless};
use super::{Entry, EntryKind, Visit, corrupt, fill};

const BLOCK: usize = 512;
/// How long a long name or a pax header may be, in bytes.
const LONGEST_HEADER: u64 = 64 << 10;

/// Whether a block is a header: its checksum holds and it is not empty.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..BLOCK) else { return false };
    if block[0] == 0 {
        return false;
    }
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    let stated: u64 = block[148..156].iter().map(|byte| u64::from(*byte)).sum();
    octal(&block[148..156]) == Some(sum - stated + 8 * u64::from(b' '))
}

pub(super) fn each(mut content: &mut dyn Read, bounds: &Bounds, visit: &mut Visit<'_>) -> io::Result<()> {
    let mut seen = Seen::default();
    let mut said = Said::default();
    let mut block = [0; BLOCK];
    loop {
        match fill(&mut content, &mut block)? {
            0 => return Ok(()),
            BLOCK if block.iter().all(|byte| *byte == 0) => return Ok(()),
            BLOCK if is_header(&block) => {}
            _ => return Err(corrupt("no header")),
        }
        let stated = number(&block[124..136]).ok_or_else(|| corrupt("size"))?;
        match block[156] {
            b'L' => said.name = Some(until_nul(&header(&mut content, stated)?)),
            b'x' => said.read_pax(&header(&mut content, stated)?),
            b'g' | b'K' | b'V' => skip(&mut content, padded(stated))?,
            kind => {
                bounds.entry()?;
                let said = std::mem::take(&mut said);
                let name = seen.apart(harmless(&said.name.unwrap_or_else(|| short_name(&block))));
                let size = said.size.unwrap_or(stated);
                match kind {
                    b'1' | b'2' => visit(Entry { name, kind: EntryKind::Link }, &mut io::empty()),
                    b'0' | b'7' | 0 | b'S' => file(&mut content, name, size, visit)?,
                    // Folders and devices have no content, whatever they say of their size.
                    b'3'..=b'6' => {}
                    _ => skip(&mut content, padded(size))?,
                }
            }
        }
    }
}

/// Hands on a file and reads what was not wanted of it.
fn file(content: &mut dyn Read, name: String, size: u64, visit: &mut Visit<'_>) -> io::Result<()> {
    let mut watched = Watched::new(content);
    let mut entry = Read::take(&mut watched, size);
    visit(Entry { name, kind: EntryKind::File }, &mut entry);
    let left = entry.limit();
    watched.end()?;
    skip(content, left + (padded(size) - size))
}

fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK as u64).unwrap_or(size)
}

fn skip(content: &mut dyn Read, bytes: u64) -> io::Result<()> {
    match io::copy(&mut content.take(bytes), &mut io::sink())? {
        read if read == bytes => Ok(()),
        _ => Err(corrupt("ends too early")),
    }
}

/// The content of an entry that speaks of the next one.
fn header(content: &mut dyn Read, size: u64) -> io::Result<Vec<u8>> {
    if size > LONGEST_HEADER {
        return Err(corrupt("a header of that size"));
    }
    let mut bytes = Vec::new();
    content.take(size).read_to_end(&mut bytes)?;
    skip(content, padded(size) - size)?;
    Ok(bytes)
}

/// What headers said of the next entry.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Said {
    /// Reads `length key=value\n` records.
    fn read_pax(&mut self, mut records: &[u8]) {
        while let Some(space) = memchr::memchr(b' ', records) {
            let length = std::str::from_utf8(&records[..space]).ok().and_then(|text| text.parse::<usize>().ok());
            let Some(length) = length.filter(|length| (space + 2..=records.len()).contains(length)) else { return };
            let record = &records[space + 1..length - 1];
            if let Some(path) = record.strip_prefix(b"path=") {
                self.name = Some(path.to_vec());
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
            }
            records = &records[length..];
        }
    }
}

fn until_nul(field: &[u8]) -> Vec<u8> {
    field.iter().copied().take_while(|byte| *byte != 0).collect()
}

fn short_name(block: &[u8; BLOCK]) -> Vec<u8> {
    let (name, prefix) = (until_nul(&block[..100]), until_nul(&block[345..500]));
    let posix = block[257..263] == *b"ustar\0";
    if posix && !prefix.is_empty() { [prefix, name].join(&b'/') } else { name }
}

/// A number in octal, or in GNU's binary form; `None` for negative ones and for what is no number.
fn number(field: &[u8]) -> Option<u64> {
    match field[0] {
        0x80 => field[1..].iter().try_fold(0u64, |sum, byte| Some(sum.checked_mul(256)? | u64::from(*byte))),
        first if first > 0x80 => None,
        _ => octal(field),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text: Vec<u8> = field.iter().copied().skip_while(|byte| *byte == b' ').collect();
    let digits = text.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    if !text[digits..].iter().all(|byte| matches!(byte, 0 | b' ')) {
        return None;
    }
    Some(text[..digits].iter().fold(0u64, |sum, digit| sum << 3 | u64::from(digit - b'0')))
}
