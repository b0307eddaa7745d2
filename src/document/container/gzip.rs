//! Gzip: one file, or several that were put one behind the other.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::bounds::{Bounds, Counted, Watched};
use super::{Entry, EntryKind, Visit};

pub(super) fn each(content: &mut dyn Read, name: &str, bounds: &Bounds, visit: &mut Visit<'_>) -> io::Result<()> {
    bounds.entry()?;
    let (counted, packed) = Counted::new(content);
    let decoder = MultiGzDecoder::new(BufReader::new(counted));
    let mut unpacked = bounds.bound(decoder, Some(packed));
    let mut watched = Watched::new(&mut unpacked);
    visit(Entry { name: inner_name(name), kind: EntryKind::File }, &mut watched);
    watched.end()
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
