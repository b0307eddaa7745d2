//! Thrift's compact protocol (thrift/doc/specs/thrift-compact-protocol.md), as far as Parquet uses it: read field by
//! field, what is not asked for passed over.

/// How deep structures may nest.
const DEEPEST: usize = 16;

/// Kinds of fields.
pub(super) const TRUE: u8 = 1;
pub(super) const BYTE: u8 = 3;
pub(super) const DOUBLE: u8 = 7;
pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
pub(super) const SET: u8 = 10;
pub(super) const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;

/// Reads from the front of some bytes.
#[derive(Clone, Debug)]
pub(super) struct Reader<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
    depth: usize,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Reader { bytes, at: 0, depth: 0 }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn int(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub(super) fn binary(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        let found = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(found)
    }

    pub(super) fn string(&mut self) -> Option<String> {
        self.binary().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Reads a structure: `field` takes a field by number and kind and answers whether it has read it.
    pub(super) fn structure(&mut self, mut field: impl FnMut(&mut Self, i64, u8) -> Option<bool>) -> Option<()> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                break;
            }
            id = if head >> 4 == 0 { self.int()? } else { id.wrapping_add(i64::from(head >> 4)) };
            let kind = head & 0x0f;
            if !field(self, id, kind)? {
                self.skip(kind, true)?;
            }
        }
        self.depth -= 1;
        Some(())
    }

    /// Reads a list: `item` reads one of its items, of the kind that it is given.
    pub(super) fn list(&mut self, mut item: impl FnMut(&mut Self, u8) -> Option<()>) -> Option<()> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.unsigned()? } else { u64::from(head >> 4) };
        for _ in 0..count {
            let before = self.at;
            item(self, head & 0x0f)?;
            // Every item has at least a byte: a count cannot promise more than there is.
            if self.at == before {
                return None;
            }
        }
        Some(())
    }

    fn skip(&mut self, kind: u8, is_field: bool) -> Option<()> {
        match kind {
            // A field says true or false by its kind; an item has a byte.
            1 | 2 if is_field => Some(()),
            1 | 2 | BYTE => self.byte().map(|_| ()),
            4..=6 => self.unsigned().map(|_| ()),
            DOUBLE => {
                self.at = self.at.checked_add(8).filter(|at| *at <= self.bytes.len())?;
                Some(())
            }
            BINARY => self.binary().map(|_| ()),
            LIST | SET => self.nested(|reader| reader.list(|reader, kind| reader.skip(kind, false))),
            MAP => self.nested(|reader| {
                let count = reader.unsigned()?;
                let kinds = if count > 0 { reader.byte()? } else { 0 };
                for _ in 0..count {
                    let before = reader.at;
                    reader.skip(kinds >> 4, false)?;
                    reader.skip(kinds & 0x0f, false)?;
                    if reader.at == before {
                        return None;
                    }
                }
                Some(())
            }),
            STRUCT => self.structure(|_, _, _| Some(false)),
            _ => None,
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        read(self)?;
        self.depth -= 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_or_passed_over() {
        // 1: list of structs {1: i32}, 2: true, 5: binary, 6: map, 7: double
        let mut bytes =
            vec![0x19, 0x2c, 0x15, 0x04, 0, 0x15, 0x05, 0, 0x11, 0x38, 2, b'h', b'i', 0x1b, 1, 0x55, 2, 4, 0x17];
        bytes.extend([0; 9]);
        let mut told = Vec::new();
        let read = |bytes: &[u8], told: &mut Vec<String>| {
            Reader::new(bytes).structure(|reader, id, kind| match (id, kind) {
                (1, LIST) => reader
                    .list(|reader, _| {
                        reader.structure(|reader, _, _| {
                            told.push(reader.int()?.to_string());
                            Some(true)
                        })
                    })
                    .map(|()| true),
                (5, BINARY) => {
                    told.push(reader.string()?);
                    Some(true)
                }
                _ => Some(false),
            })
        };
        assert!(read(&bytes, &mut told).is_some());
        assert_eq!(told, ["2", "-3", "hi"]);
        for end in 0..bytes.len() - 1 {
            assert!(read(&bytes[..end], &mut Vec::new()).is_none(), "cut at {end}");
        }
        // Structures in structures, lists of nothing in endless numbers.
        assert!(read(&[0x1c; 1000], &mut Vec::new()).is_none());
        assert!(read(&[0x29, 0xf0, 0xff, 0xff, 0xff, 0xff, 0x7f], &mut Vec::new()).is_none());
    }
}
