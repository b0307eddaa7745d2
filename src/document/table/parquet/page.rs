//! The header of a page.

use super::thrift::{LIST, Reader, STRUCT, TRUE};

/// What the header of a page says.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) kind: i64,
    pub(super) plain: usize,
    pub(super) packed: usize,
    pub(super) values: u64,
    pub(super) encoding: i64,
    /// In pages of the second version: how long the levels are, and whether what follows is packed.
    pub(super) levels: Option<(usize, usize, bool)>,
}

impl Header {
    /// The header at the front of some bytes, and how long it is.
    pub(super) fn read(bytes: &[u8]) -> Option<(Header, usize)> {
        let mut header = Header::default();
        let mut reader = Reader::new(bytes);
        let size = |reader: &mut Reader<'_>| usize::try_from(reader.int()?).ok();
        reader.structure(|reader, id, kind| {
            match (id, kind) {
                (1, 5) => header.kind = reader.int()?,
                (2, 5) => header.plain = size(reader)?,
                (3, 5) => header.packed = size(reader)?,
                (5 | 7, STRUCT) => reader.structure(|reader, id, kind| {
                    match (id, kind) {
                        (1, 5) => header.values = u64::try_from(reader.int()?).ok()?,
                        (2, 5) => header.encoding = reader.int()?,
                        _ => return Some(false),
                    }
                    Some(true)
                })?,
                (8, STRUCT) => {
                    let (mut definition, mut repetition, mut packed) = (0, 0, true);
                    reader.structure(|reader, id, kind| {
                        match (id, kind) {
                            (1, 5) => header.values = u64::try_from(reader.int()?).ok()?,
                            (4, 5) => header.encoding = reader.int()?,
                            (5, 5) => definition = size(reader)?,
                            (6, 5) => repetition = size(reader)?,
                            (7, kind) if kind != LIST => packed = kind == TRUE,
                            _ => return Some(false),
                        }
                        Some(true)
                    })?;
                    header.levels = Some((repetition, definition, packed));
                }
                _ => return Some(false),
            }
            Some(true)
        })?;
        Some((header, reader.at))
    }
}
