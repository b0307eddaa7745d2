//! Records (§2.1): the kinds of their values, then the values.

use crate::document::table::bytes::fixed;

/// How many fields of one record are read.
const MOST_FIELDS: usize = 4_000;

/// One value of a record.
#[derive(Debug, PartialEq)]
pub(super) enum Field {
    Null,
    Int(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

/// The values of a record, up to where it ends.
pub(super) fn fields(record: &[u8], encoding: Encoding) -> Vec<Field> {
    let mut at = 0;
    let mut fields = Vec::new();
    let Some(header) = varint(record, &mut at).and_then(|length| usize::try_from(length).ok()) else { return fields };
    let mut body = header;
    while at < header.min(record.len()) && fields.len() < MOST_FIELDS {
        let Some(kind) = varint(record, &mut at) else { break };
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            12.. => usize::try_from((kind - 12) / 2).unwrap_or(usize::MAX),
            _ => break,
        };
        let end = body.saturating_add(length);
        // A record that was cut gives what there is.
        let Some(bytes) = record.get(body..end.min(record.len())) else { break };
        body = end;
        fields.push(match kind {
            0 => Field::Null,
            8 => Field::Int(0),
            9 => Field::Int(1),
            1..=6 if bytes.len() == length => {
                let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
                let first = if negative { -1 } else { 0 };
                Field::Int(bytes.iter().fold(first, |number, byte| number << 8 | i64::from(*byte)))
            }
            7 => fixed(bytes, 0).map_or(Field::Null, |bytes| Field::Real(f64::from_be_bytes(bytes))),
            12.. if kind % 2 == 0 => Field::Blob(bytes.to_vec()),
            12.. => Field::Text(text(bytes, encoding)),
            _ => Field::Null,
        });
    }
    fields
}

fn text(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let decoder = match encoding {
        Encoding::Utf8 => return bytes.to_vec(),
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
    };
    decoder.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}

/// A number of one to nine bytes, the highest bit of each but the ninth saying that more follow.
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let mut number = 0_i64;
    for index in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if index == 8 {
            return Some(number << 8 | i64::from(byte));
        }
        number = number << 7 | i64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// How texts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}
