//! Single values: where they stand when they are written plainly, and how they look in a cell.

use super::footer::{Leaf, Meaning};
use crate::artifact::calendar::day;
use crate::document::table::bytes::{fixed, moment, number, u32_le};

/// The physical types that are told apart.
pub(super) const BOOLEAN: i64 = 0;
const INT96: i64 = 3;
pub(super) const BYTE_ARRAY: i64 = 6;

/// How many bytes a value of a type has that all have the same.
pub(super) fn width_of(leaf: &Leaf) -> usize {
    match leaf.kind {
        1 | 4 => 4,
        2 | 5 => 8,
        INT96 => 12,
        7 => leaf.length,
        _ => 1,
    }
}

/// Where the value at `at` stands, written plainly.
pub(super) fn plain(bytes: &[u8], at: &mut usize, leaf: &Leaf) -> Option<(usize, usize)> {
    let length = match leaf.kind {
        BYTE_ARRAY => {
            let length = u32_le(bytes, *at)?;
            *at += 4;
            length as usize
        }
        _ => width_of(leaf),
    };
    let end = at.checked_add(length).filter(|end| *end <= bytes.len())?;
    let found = (*at, end);
    *at = end;
    Some(found)
}

pub(super) fn write_truth(value: bool, cell: &mut Vec<u8>) {
    cell.extend_from_slice(if value { b"true" } else { b"false" });
}

pub(super) fn write_whole(value: i64, leaf: &Leaf, cell: &mut Vec<u8>) {
    let text = match leaf.meaning {
        Meaning::Date => day(value),
        Meaning::Moment(parts) => moment(value.div_euclid(parts)),
        Meaning::Decimal(scale) if scale > 0 && scale < 19 => {
            let ten = 10_u64.pow(scale);
            let sign = if value < 0 { "-" } else { "" };
            let value = value.unsigned_abs();
            Some(format!("{sign}{}.{:0width$}", value / ten, value % ten, width = scale as usize))
        }
        _ => None,
    };
    cell.extend_from_slice(text.unwrap_or_else(|| value.to_string()).as_bytes());
}

/// Writes a value of any type but truth.
pub(super) fn write(bytes: &[u8], leaf: &Leaf, cell: &mut Vec<u8>) {
    match leaf.kind {
        1 => write_whole(fixed(bytes, 0).map_or(0, i32::from_le_bytes).into(), leaf, cell),
        2 => write_whole(fixed(bytes, 0).map_or(0, i64::from_le_bytes), leaf, cell),
        // Nanoseconds of a day, and a Julian day.
        INT96 => {
            let (nanos, julian) = (fixed(bytes, 0).map_or(0, u64::from_le_bytes), u32_le(bytes, 8).unwrap_or(0));
            let seconds = (i64::from(julian) - 2_440_588) * 86_400 + (nanos / 1_000_000_000) as i64;
            cell.extend_from_slice(moment(seconds).unwrap_or_default().as_bytes());
        }
        4 => cell.extend_from_slice(number(fixed(bytes, 0).map_or(0.0, f32::from_le_bytes).into()).as_bytes()),
        5 => cell.extend_from_slice(number(fixed(bytes, 0).map_or(0.0, f64::from_le_bytes)).as_bytes()),
        _ if matches!(leaf.meaning, Meaning::Decimal(_)) && bytes.len() <= 8 => {
            let first = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
            let value = bytes.iter().fold(first, |number, byte| number << 8 | i64::from(*byte));
            write_whole(value, leaf, cell);
        }
        _ => cell.extend_from_slice(bytes),
    }
}
