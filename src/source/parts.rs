//! Content in pieces of bounded size: a 4 GB file is searched without being held.

use std::io::{self, Read};

use crate::artifact::{Artifact, Flow, Origin, Part, Sink};
use crate::text::{WideReader, wide_encoding};

/// Content up to this size is handed on whole, and can be parsed.
pub(super) const WHOLE: usize = 16 << 20;
/// The same for what a cluster was dumped to: a list is judged as a whole or not at all.
const WHOLE_MANIFEST: usize = 64 << 20;
/// How far into content it says that it is a manifest, in bytes.
const HEAD: usize = 4 << 10;
/// How large the parts of larger content are.
const PART: usize = 8 << 20;
/// How much two neighbouring parts share, so that no match is cut in two.
const SHARED: usize = 64 << 10;

/// Reads all of `reader` and hands it on; returns how many bytes there were.
///
/// # Errors
/// What reading says.
pub fn hand_on(mut reader: &mut dyn Read, expected: u64, origin: &Origin, sink: &dyn Sink) -> io::Result<u64> {
    let room = usize::try_from(expected).unwrap_or(WHOLE).min(WHOLE).saturating_add(1);
    let mut bytes = Vec::with_capacity(room);
    Read::take(&mut reader, WHOLE as u64 + 1).read_to_end(&mut bytes)?;
    let limit = if bytes.len() > WHOLE && is_manifest(&bytes) { WHOLE_MANIFEST } else { WHOLE };
    if limit > WHOLE {
        Read::take(&mut reader, (limit - WHOLE) as u64).read_to_end(&mut bytes)?;
    }
    if bytes.len() <= limit {
        let total = bytes.len() as u64;
        sink.artifact(Artifact { origin: origin.clone(), bytes, part: Part::WHOLE });
        return Ok(total);
    }
    if let Some(encoding) = wide_encoding(&bytes) {
        // Cut in parts as it stands, only the first would be known for what it is.
        let mut read = bytes.len() as u64;
        let mut rest = Counted { reader, read: &mut read };
        let mut text = WideReader::new(Read::chain(bytes.as_slice(), &mut rest), encoding);
        in_parts(&mut text, Vec::new(), origin, sink)?;
        return Ok(read);
    }
    in_parts(reader, bytes, origin, sink)
}

/// Whether content begins as objects of Kubernetes do.
fn is_manifest(bytes: &[u8]) -> bool {
    memchr::memmem::find(&bytes[..bytes.len().min(HEAD)], b"apiVersion").is_some()
}

/// Counts what is read through it.
struct Counted<'r> {
    reader: &'r mut dyn Read,
    read: &'r mut u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        *self.read += read as u64;
        Ok(read)
    }
}

/// Hands on `bytes` and the rest of `reader` in parts; returns how many bytes there were.
fn in_parts(mut reader: &mut dyn Read, mut bytes: Vec<u8>, origin: &Origin, sink: &dyn Sink) -> io::Result<u64> {
    let mut part = Part { whole: false, ..Part::WHOLE };
    if bytes.len() < PART {
        let wanted = (PART - bytes.len()) as u64;
        Read::take(&mut reader, wanted).read_to_end(&mut bytes)?;
    }
    let mut total = bytes.len() as u64;
    let mut told = 0;
    loop {
        let end = bytes.len() < PART;
        let take = if end { bytes.len() } else { PART };
        let piece = bytes[..take].to_vec();
        let next = if end { take } else { start_of_next(&piece) };
        let after = advance(part, &piece[..next]);
        // A match on either side of the border has at least half of what is shared around it.
        let until = if end { take } else { take - SHARED / 2 };
        part.own = Some((told, until));
        told = until - next.min(until);
        if sink.artifact(Artifact { origin: origin.clone(), bytes: piece, part }) == Flow::SkipRest || end {
            return Ok(total);
        }
        part = after;
        bytes.drain(..next);
        let wanted = PART.saturating_sub(bytes.len()) as u64;
        total += Read::take(&mut reader, wanted).read_to_end(&mut bytes)? as u64;
    }
}

/// Where the part after `piece` begins: early enough to share a stretch with it, at the start of a line if there
/// is one, and never inside a character.
fn start_of_next(piece: &[u8]) -> usize {
    let shared = piece.len() - SHARED;
    let floor = shared - SHARED;
    match memchr::memrchr(b'\n', &piece[floor..shared]) {
        Some(found) => floor + found + 1,
        None => (0..4).map(|back| shared - back).find(|at| piece[*at] & 0xc0 != 0x80).unwrap_or(shared),
    }
}

/// The part that begins after `gone`.
fn advance(part: Part, gone: &[u8]) -> Part {
    let index = crate::text::LineIndex::new(gone);
    let end = index.position(gone, gone.len());
    let columns = if end.line == 1 { part.columns_before } else { 0 };
    Part {
        lines_before: part.lines_before + end.line - 1,
        columns_before: columns + end.column - 1,
        whole: false,
        own: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::artifact::Skipped;

    #[derive(Default)]
    struct Kept(Mutex<Vec<(Part, Vec<u8>)>>);

    impl Sink for Kept {
        fn artifact(&self, artifact: Artifact) -> Flow {
            self.0.lock().expect("not poisoned").push((artifact.part, artifact.bytes));
            Flow::Continue
        }
        fn skipped(&self, _: Skipped) {}
    }

    /// The text put together from its parts by their line and column, and how many parts there were.
    fn parts_of(text: &[u8]) -> Vec<(Part, Vec<u8>)> {
        let kept = Kept::default();
        let total = hand_on(&mut &*text, 10, &Origin::stdin(), &kept).expect("a slice can be read");
        assert_eq!(total, text.len() as u64);
        kept.0.into_inner().expect("not poisoned")
    }

    #[test]
    fn small_content_is_whole() {
        let parts = parts_of(b"a\nb");
        assert_eq!(parts, [(Part::WHOLE, b"a\nb".to_vec())]);
    }

    #[test]
    fn a_large_list_of_objects_is_whole() {
        let list = |head: &str, size: usize| [head.as_bytes(), &vec![b' '; size], b"]}"].concat();
        let manifest = "{\"apiVersion\": \"v1\", \"items\": [";
        assert_eq!(parts_of(&list(manifest, WHOLE + 1)).len(), 1);
        assert!(parts_of(&list("{\"items\": [", WHOLE + 1)).len() > 1);
        assert!(parts_of(&list(manifest, WHOLE_MANIFEST)).len() > 1);
    }

    #[test]
    fn large_content_comes_in_parts_that_share_a_stretch_and_know_where_they_stand() {
        let lines: Vec<u8> = (0..2_000_000).flat_map(|n| format!("line {n:06}\n").into_bytes()).collect();
        let parts = parts_of(&lines);
        assert!(parts.len() > 2);
        for (part, bytes) in &parts {
            let first = format!("line {:06}\n", part.lines_before);
            assert!(bytes.starts_with(first.as_bytes()), "{part:?}");
            assert_eq!(part.columns_before, 0);
        }
        // Each byte is some part's own, and no byte two parts'.
        let offset = |line: usize| line * "line 000000\n".len() + line.saturating_sub(1_000_000);
        let mut at = 0;
        for pair in parts.windows(2) {
            let (start, end) = pair[0].0.own.expect("a part has its own stretch");
            let begins = offset(pair[0].0.lines_before);
            assert_eq!(begins + start, at);
            assert!(start == 0 || start >= SHARED / 2, "what is told has room before it");
            assert!(end + SHARED / 2 <= pair[0].1.len(), "and behind it");
            at = begins + end;
        }
        let last = parts[parts.len() - 1].0;
        let ((start, end), begins) = (last.own.expect("a part has its own stretch"), offset(last.lines_before));
        assert_eq!((begins + start, begins + end), (at, lines.len()));
        for pair in parts.windows(2) {
            let lines_in_first = pair[0].1.iter().filter(|byte| **byte == b'\n').count();
            assert!(pair[1].0.lines_before < pair[0].0.lines_before + lines_in_first, "parts share lines");
        }
    }

    #[test]
    fn wide_text_keeps_its_lines_in_every_part() {
        let text: String = (0..2_000_000).map(|n| format!("line {n:07}\n")).collect();
        let bytes: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let parts = parts_of(&bytes);
        assert!(parts.len() > 2);
        for (part, bytes) in &parts {
            assert!(bytes.starts_with(format!("line {:07}\n", part.lines_before).as_bytes()), "{part:?}");
        }
        assert!(parts.last().is_some_and(|(_, bytes)| bytes.ends_with(b"line 1999999\n")));
    }

    #[test]
    fn one_endless_line_is_cut_between_characters() {
        let text = "é".repeat(WHOLE);
        let parts = parts_of(text.as_bytes());
        for (part, bytes) in &parts {
            assert_eq!(part.lines_before, 0);
            assert!(
                std::str::from_utf8(bytes).is_ok()
                    || parts.last().is_some_and(|last| &last.1 == bytes)
                    || bytes.len() == PART
            );
        }
        assert_eq!(parts[1].0.columns_before, (PART - SHARED) / 2);
    }
}
