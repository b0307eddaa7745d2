//! Gzip: one file, or several that were put one behind the other.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::bounds::{Bounds, Counted};
use super::{Entry, EntryKind, Visit};

pub(super) fn each(content: &mut dyn Read, name: &str, bounds: &Bounds, visit: &mut Visit<'_>) -> io::Result<()> {
    bounds.entry()?;
    let (counted, packed) = Counted::new(content);
    let decoder = MultiGzDecoder::new(BufReader::new(counted));
    let mut unpacked = bounds.bound(decoder, Some(packed));
    let mut watched = Watched { content: &mut unpacked, failed: None };
    visit(Entry { name: inner_name(name), kind: EntryKind::File }, &mut watched);
    watched.failed.map_or(Ok(()), Err)
}

/// The name without the ending that says "gzip".
fn inner_name(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = |ending: &str| {
        let at = file.len().checked_sub(ending.len()).filter(|at| *at > 0 && file.is_char_boundary(*at))?;
        file[at..].eq_ignore_ascii_case(ending).then(|| &file[..at])
    };
    match (stem(".tgz"), stem(".gz")) {
        (Some(stem), _) => format!("{stem}.tar"),
        (_, Some(stem)) => stem.to_owned(),
        _ => "content".to_owned(),
    }
}

/// Remembers the error that whoever reads may swallow.
pub(super) struct Watched<'r> {
    pub(super) content: &'r mut dyn Read,
    pub(super) failed: Option<io::Error>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        match self.content.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            // What was unpacked before is searched.
            Err(error) => {
                self.failed = Some(error);
                Ok(0)
            }
            read => read,
        }
    }
}
