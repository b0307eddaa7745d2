//! NumPy arrays in files (numpy.org/neps/nep-0001-npy-format): arrays of texts, and of records by the names of their
//! fields. Numbers without names tell of nobody and are not read; arrays of objects are pickles.

use std::io;

use super::bytes::{stretch, u32_le};
use super::dtype::DType;
use super::writer::Writer;
use super::{Take, Trouble, pickle};
use crate::artifact::ReadSeek;

/// The largest header, in bytes.
const LARGEST_HEADER: usize = 4 << 20;
/// How many bytes are held at once.
const PIECE: usize = 8 << 20;
/// The largest array whose columns stand behind one another, or of objects.
const LARGEST_WHOLE: usize = 128 << 20;
/// How many fields and columns are read.
const MOST_COLUMNS: usize = 4_000;

pub(super) fn read(content: &mut dyn ReadSeek, take: &mut Take<'_>) -> io::Result<Vec<Trouble>> {
    let head = stretch(content, 0, 12)?;
    let (start, length) = match head.get(6) {
        Some(1) => (10, head.get(8..10).map(|length| u32::from(length[0]) | u32::from(length[1]) << 8)),
        Some(2 | 3) => (12, u32_le(&head, 8)),
        _ => (0, None),
    };
    let Some(length) = length.map(|length| length as usize).filter(|length| *length <= LARGEST_HEADER) else {
        return Ok(vec![Trouble::Damaged]);
    };
    let text = stretch(content, start, length)?;
    let Some(header) = Header::parse(&text).filter(|_| text.len() == length) else {
        return Ok(vec![Trouble::Damaged]);
    };
    let data = start + length as u64;
    let mut troubles = Vec::new();
    if let [field] = header.fields.as_slice()
        && field.kind.kind == b'O'
    {
        let bytes = stretch(content, data, LARGEST_WHOLE)?;
        pickle::of_bytes(&bytes, take, &mut troubles);
        return Ok(troubles);
    }
    if header.fields.iter().any(|field| field.kind.kind == b'O') {
        troubles.push(Trouble::Unknown("objects in its records are not read".to_owned()));
    }
    if header.is_named || header.fields.iter().any(|field| field.kind.is_text()) {
        rows(content, data, &header, take, &mut troubles)?;
    }
    Ok(troubles)
}

/// One part of each element.
#[derive(Debug, PartialEq, Eq)]
struct Field {
    name: String,
    offset: usize,
    kind: DType,
}

/// What the header says.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    fields: Vec<Field>,
    /// Whether the fields have names.
    is_named: bool,
    size: usize,
    fortran: bool,
    rows: u64,
    columns: usize,
}

fn rows(
    content: &mut dyn ReadSeek,
    data: u64,
    header: &Header,
    take: &mut Take<'_>,
    troubles: &mut Vec<Trouble>,
) -> io::Result<()> {
    let mut writer = Writer::default();
    // Columns that have no names are not given any.
    let is_headed = header.is_named || header.columns == 1;
    if is_headed {
        for _ in 0..header.columns.min(MOST_COLUMNS) {
            for field in &header.fields {
                writer.cell(if header.is_named { field.name.as_bytes() } else { b"values" });
            }
        }
        writer.end_row();
    }
    let width = header.size.saturating_mul(header.columns);
    let per_piece = (PIECE / width.max(1)).max(1) as u64;
    let whole = if header.fortran { stretch(content, data, LARGEST_WHOLE)? } else { Vec::new() };
    let (mut row, mut cell) = (0, Vec::new());
    'pieces: while row < header.rows && width > 0 && !writer.is_full() {
        let length = usize::try_from(per_piece.min(header.rows - row)).unwrap_or(1).saturating_mul(width);
        let piece = match header.fortran {
            true => Vec::new(),
            false => {
                stretch(content, data.saturating_add(row.saturating_mul(width as u64)), length.min(LARGEST_WHOLE))?
            }
        };
        for at in 0..per_piece.min(header.rows - row) as usize {
            for column in 0..header.columns.min(MOST_COLUMNS) {
                let element = match header.fortran {
                    true => (column as u64).checked_mul(header.rows).and_then(|before| before.checked_add(row)),
                    false => Some((at * header.columns + column) as u64),
                };
                let held = if header.fortran { &whole } else { &piece };
                let start = element.and_then(|element| usize::try_from(element).ok()?.checked_mul(header.size));
                let Some(bytes) = start.and_then(|start| held.get(start..start.checked_add(header.size)?)) else {
                    troubles.push(Trouble::Damaged);
                    break 'pieces;
                };
                for field in &header.fields {
                    cell.clear();
                    field
                        .kind
                        .write(bytes.get(field.offset..field.offset + field.kind.size).unwrap_or_default(), &mut cell);
                    writer.blob(&cell);
                }
            }
            writer.end_row();
            row += 1;
            if writer.is_full() {
                break;
            }
        }
    }
    writer.drop_row();
    writer.count(header.rows.saturating_sub(row));
    take(writer.finish("array".to_owned(), !is_headed));
    Ok(())
}

impl Header {
    /// Reads `{'descr': '<U5', 'fortran_order': False, 'shape': (3, 2), }`.
    fn parse(text: &[u8]) -> Option<Header> {
        let literal = Literal::parse(text)?;
        let Literal::Map(entries) = literal else { return None };
        let get = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let Literal::List(shape) = get("shape")? else { return None };
        let length = |length: &Literal| match length {
            Literal::Word(word) => word.trim_end_matches('L').parse().ok(),
            _ => None,
        };
        let lengths = shape.iter().map(length).collect::<Option<Vec<u64>>>()?;
        let mut fields = Vec::new();
        let mut size = 0;
        let is_named = match get("descr")? {
            Literal::Text(text) => {
                let kind = DType::parse(text)?;
                size = kind.size;
                fields.push(Field { name: String::new(), offset: 0, kind });
                false
            }
            Literal::List(parts) => {
                collect(parts, "", &mut size, &mut fields, 0)?;
                true
            }
            _ => return None,
        };
        let (rows, rest) = lengths.split_first().map_or((1, &[][..]), |(rows, rest)| (*rows, rest));
        let columns = rest.iter().try_fold(1_usize, |all, length| all.checked_mul(usize::try_from(*length).ok()?))?;
        let fortran = matches!(get("fortran_order"), Some(Literal::Word(word)) if word == "True") && lengths.len() > 1;
        Some(Header { fields, is_named, size, fortran, rows, columns })
    }
}

/// The fields of a record, those of records in it too.
fn collect(parts: &[Literal], prefix: &str, size: &mut usize, fields: &mut Vec<Field>, depth: usize) -> Option<()> {
    for part in parts {
        let Literal::List(part) = part else { return None };
        let name = match part.first()? {
            Literal::Text(name) => name,
            // A title and a name.
            Literal::List(both) => match both.last()? {
                Literal::Text(name) => name,
                _ => return None,
            },
            _ => return None,
        };
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let count = match part.get(2) {
            Some(Literal::List(shape)) => shape.iter().try_fold(1_usize, |all, length| match length {
                Literal::Word(word) => all.checked_mul(word.parse().ok()?),
                _ => None,
            })?,
            Some(Literal::Word(word)) => word.parse().ok()?,
            _ => 1,
        };
        match part.get(1)? {
            Literal::Text(text) => {
                let kind = DType::parse(text)?;
                // What only fills up has no name; a row of many numbers is no field either.
                let is_field = !name.is_empty() && (count == 1 || kind.is_text());
                for index in 0..if is_field { count.min(MOST_COLUMNS) } else { 0 } {
                    let offset = size.checked_add(kind.size.checked_mul(index)?)?;
                    fields.push(Field { name: name.clone(), offset, kind: kind.clone() });
                }
                *size = size.checked_add(kind.size.checked_mul(count)?)?;
            }
            Literal::List(inner) if depth < 8 && (count == 1 || !name.is_empty()) => {
                for _ in 0..count {
                    let before = fields.len();
                    collect(inner, &name, size, fields, depth + 1)?;
                    // Records without fields in endless numbers.
                    if count > 1 && fields.len() == before {
                        return None;
                    }
                }
            }
            _ => return None,
        }
        if fields.len() > MOST_COLUMNS {
            return None;
        }
    }
    Some(())
}

/// What Python would print.
#[derive(Debug, PartialEq, Eq)]
enum Literal {
    Text(String),
    /// A number, `True`, `None`.
    Word(String),
    List(Vec<Literal>),
    Map(Vec<(String, Literal)>),
}

impl Literal {
    fn parse(text: &[u8]) -> Option<Literal> {
        Literal::at(text, &mut 0, 0)
    }

    fn at(text: &[u8], at: &mut usize, depth: usize) -> Option<Literal> {
        if depth > 16 {
            return None;
        }
        skip_blanks(text, at);
        match *text.get(*at)? {
            quote @ (b'\'' | b'"') => {
                let start = *at + 1;
                let end = start + memchr::memchr(quote, text.get(start..)?)?;
                *at = end + 1;
                Some(Literal::Text(String::from_utf8_lossy(&text[start..end]).into_owned()))
            }
            open @ (b'(' | b'[' | b'{') => {
                *at += 1;
                let (mut items, mut entries) = (Vec::new(), Vec::new());
                loop {
                    skip_blanks(text, at);
                    if matches!(text.get(*at)?, b')' | b']' | b'}') {
                        *at += 1;
                        break;
                    }
                    let item = Literal::at(text, at, depth + 1)?;
                    skip_blanks(text, at);
                    if open == b'{' && text.get(*at) == Some(&b':') {
                        *at += 1;
                        let Literal::Text(key) = item else { return None };
                        entries.push((key, Literal::at(text, at, depth + 1)?));
                        skip_blanks(text, at);
                    } else {
                        items.push(item);
                    }
                    if text.get(*at) == Some(&b',') {
                        *at += 1;
                    }
                }
                Some(if open == b'{' { Literal::Map(entries) } else { Literal::List(items) })
            }
            _ => {
                let start = *at;
                let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'-' | b'.' | b'+' | b'_');
                *at += text[start..].iter().take_while(part).count();
                (*at > start).then(|| Literal::Word(String::from_utf8_lossy(&text[start..*at]).into_owned()))
            }
        }
    }
}

fn skip_blanks(text: &[u8], at: &mut usize) {
    while text.get(*at).is_some_and(u8::is_ascii_whitespace) {
        *at += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes(), data].concat()
    }

    fn read_all(bytes: &[u8]) -> (Vec<String>, Vec<Trouble>) {
        let mut texts = Vec::new();
        let mut take = |table: super::super::Table| texts.push(String::from_utf8_lossy(&table.text).into_owned());
        let troubles = read(&mut Cursor::new(bytes), &mut take).expect("memory can be read");
        (texts, troubles)
    }

    #[test]
    fn texts_and_records_are_read_and_bare_numbers_are_not() {
        // header, data, text
        let cases: &[(&str, &[u8], &[&str])] = &[
            ("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", b"Annbo\0", &["values\nAnn\nbo\n"]),
            ("{'descr': '|S1', 'fortran_order': False, 'shape': (2, 2), }", b"abcd", &["a\tb\nc\td\n"]),
            ("{'descr': '|S1', 'fortran_order': True, 'shape': (2, 2), }", b"abcd", &["a\tc\nb\td\n"]),
            (
                "{'descr': [('id', '<i2'), ('', '|V1'), (('t', 'n'), '|S2'), ('p', [('x', '|u1')], (2,)), ('z', '<f2', (2,))], 'fortran_order': False, 'shape': (1,)}",
                b"\x07\0\xffab\x01\x02abcd",
                &["id\tn\tp.x\tp.x\n7\tab\t1\t2\n"],
            ),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", &[0; 8], &[]),
            ("{'descr': '|S2', 'fortran_order': False, 'shape': ()}", b"ab", &["values\nab\n"]),
            (
                "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
                b"\x80\x02]X\x05\0\0\0helloa.",
                &["values\nhello\n"],
            ),
        ];
        for (header, data, wanted) in cases {
            let (texts, troubles) = read_all(&npy(header, data));
            assert_eq!((texts, troubles), (wanted.iter().map(|text| (*text).to_owned()).collect(), vec![]), "{header}");
        }
    }

    #[test]
    fn broken_headers_and_huge_shapes_end() {
        let whole = npy("{'descr': [('id', '<i2'), ('n', '|S2')], 'fortran_order': False, 'shape': (9,)}", &[0x41; 36]);
        for end in 0..whole.len() {
            let (texts, troubles) = read_all(&whole[..end]);
            assert!(texts.is_empty() || !troubles.is_empty(), "cut at {end}");
        }
        for at in 0..whole.len() {
            for bit in [1, 0x10, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= bit;
                read_all(&bytes);
            }
        }
        for header in [
            "{'descr': '|S3', 'fortran_order': False, 'shape': (99999999999999999, 99999999999)}",
            "{'descr': '|S0', 'fortran_order': False, 'shape': (9999999999999999,)}",
            "{'descr': '|S9999999999999999', 'fortran_order': True, 'shape': (9999999999999, 9)}",
            "{'descr': [('a', '|S1', (99999999999,))], 'fortran_order': False, 'shape': (9,)}",
            "{'descr': [('a', '|V0', (99999999999,))], 'fortran_order': False, 'shape': (9,)}",
            "((((((((((((((((((((((((((((((((((((((((",
        ] {
            let (texts, _) = read_all(&npy(header, b"abc"));
            assert!(texts.iter().map(String::len).sum::<usize>() < 20_000, "{header}");
        }
    }
}
