//! Databases made byte by byte: rows of many types, records that flow over, and what breaks them.

use std::io::Cursor;

use super::*;
use crate::document::table::Table;

const PAGE: usize = 512;

fn push_varint(number: u64, to: &mut Vec<u8>) {
    let mut groups = vec![(number & 0x7f) as u8];
    let mut rest = number >> 7;
    while rest > 0 {
        groups.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    to.extend(groups.iter().rev());
}

/// A record of texts, numbers (`#12`) and nulls (empty).
fn record(values: &[&str]) -> Vec<u8> {
    let (mut kinds, mut body) = (Vec::new(), Vec::new());
    for value in values {
        match value.strip_prefix('#').map(|number| number.parse::<i32>().expect("a number")) {
            Some(number) => {
                push_varint(4, &mut kinds);
                body.extend(number.to_be_bytes());
            }
            None if value.is_empty() => push_varint(0, &mut kinds),
            None => {
                push_varint(13 + 2 * value.len() as u64, &mut kinds);
                body.extend(value.as_bytes());
            }
        }
    }
    let mut record = Vec::new();
    push_varint(kinds.len() as u64 + 1, &mut record);
    [record, kinds, body].concat()
}

/// A leaf page of a table; records too long for it flow over into pages from `next` on, which are answered too.
fn leaf(start: usize, rows: &[Vec<u8>], mut next: u32) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut page, mut over, mut end) = (vec![0; PAGE], Vec::new(), PAGE);
    page[start] = 0x0d;
    page[start + 3..start + 5].copy_from_slice(&(rows.len() as u16).to_be_bytes());
    for (at, row) in rows.iter().enumerate() {
        let mut cell = Vec::new();
        push_varint(row.len() as u64, &mut cell);
        push_varint(at as u64 + 1, &mut cell);
        if row.len() > PAGE - 35 {
            let least = (PAGE - 12) * 32 / 255 - 23;
            let local = Some(least + (row.len() - least) % (PAGE - 4)).filter(|l| *l <= PAGE - 35).unwrap_or(least);
            cell.extend(&row[..local]);
            cell.extend(next.to_be_bytes());
            let mut chunks = row[local..].chunks(PAGE - 4).peekable();
            while let Some(chunk) = chunks.next() {
                next += 1;
                let mut page = if chunks.peek().is_some() { next } else { 0 }.to_be_bytes().to_vec();
                page.extend(chunk);
                page.resize(PAGE, 0);
                over.push(page);
            }
        } else {
            cell.extend(row);
        }
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(&cell);
        page[start + 8 + at * 2..start + 10 + at * 2].copy_from_slice(&(end as u16).to_be_bytes());
    }
    (page, over)
}

/// A database with one table of one interior page, two leaves, and a long value.
fn database() -> Vec<u8> {
    let sql = "CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT, born TEXT, n INT) -- as it was";
    let (mut first, _) = leaf(100, &[record(&["table", "p", "p", "#2", sql])], 0);
    first[..16].copy_from_slice(MAGIC);
    first[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    first[56..60].copy_from_slice(&1_u32.to_be_bytes());
    let mut interior = vec![0; PAGE];
    interior[0] = 0x05;
    interior[3..5].copy_from_slice(&1_u16.to_be_bytes());
    interior[8..12].copy_from_slice(&4_u32.to_be_bytes());
    interior[12..14].copy_from_slice(&500_u16.to_be_bytes());
    interior[500..504].copy_from_slice(&3_u32.to_be_bytes());
    interior[504] = 2;
    let (left, _) = leaf(0, &[record(&["", "Ann", "2001-02-03", "#7"]), record(&["", "Bo\nb"])], 0);
    let (right, over) = leaf(0, &[record(&["", &"x".repeat(1200), "", "#-1"])], 5);
    let mut all = [first, interior, left, right].concat();
    over.into_iter().for_each(|page| all.extend(page));
    all
}

fn tables(bytes: &[u8]) -> (Vec<Table>, Vec<Trouble>) {
    let mut tables = Vec::new();
    let troubles = read(&mut Cursor::new(bytes), &mut |table| tables.push(table)).expect("memory can be read");
    (tables.into_iter().filter(|table: &Table| table.texts.is_empty()).collect(), troubles)
}

#[test]
fn statements_of_the_schema_are_told_word_for_word() {
    let mut said = Vec::new();
    read(&mut Cursor::new(database()), &mut |table| said.extend(table.texts)).expect("memory can be read");
    let text = "CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT, born TEXT, n INT) -- as it was;\n";
    assert_eq!(said, [("schema.sql", text.as_bytes().to_vec())]);
}

#[test]
fn rows_are_read_through_interior_and_overflow_pages() {
    let (tables, troubles) = tables(&database());
    assert_eq!(troubles, []);
    let long = "x".repeat(1200);
    let text = format!("id\tname\tborn\tn\n1\tAnn\t2001-02-03\t7\n2\tBo\\nb\t\t\n1\t{long}\t\t-1\n");
    assert_eq!(String::from_utf8_lossy(&tables[0].text), text);
    assert_eq!((tables[0].name.as_str(), tables[0].rows, tables[0].told), ("p", 3, 3));
}

#[test]
fn cut_and_broken_databases_are_read_as_far_as_they_go() {
    let whole = database();
    for end in 0..whole.len() {
        let (_, troubles) = tables(&whole[..end]);
        assert!(!troubles.is_empty(), "cut at {end}");
    }
    for at in 0..whole.len() {
        for bit in [0x01, 0x04, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= bit;
            let (tables, _) = tables(&bytes);
            assert!(tables.iter().map(|table| table.text.len()).sum::<usize>() < 100_000);
        }
    }
}

#[test]
fn cycles_of_pages_end() {
    let mut cyclic = database();
    // The interior page is its own child; then the overflow chain leads back to itself.
    cyclic[PAGE + 500..PAGE + 504].copy_from_slice(&2_u32.to_be_bytes());
    assert!(tables(&cyclic).1.contains(&Trouble::Damaged));
    let mut cyclic = database();
    cyclic[PAGE * 4..PAGE * 4 + 4].copy_from_slice(&5_u32.to_be_bytes());
    assert_eq!(tables(&cyclic).0[0].rows, 3);
}

#[test]
fn rows_that_were_deleted_are_read_from_free_pages() {
    // One more page that lists one more, which holds what a table held.
    let mut database = database();
    let pages = (database.len() / PAGE) as u32;
    database[32..36].copy_from_slice(&(pages + 1).to_be_bytes());
    let mut trunk = vec![0; PAGE];
    trunk[4..8].copy_from_slice(&1_u32.to_be_bytes());
    trunk[8..12].copy_from_slice(&(pages + 2).to_be_bytes());
    database.extend(trunk);
    database.extend(leaf(0, &[record(&["", "Gone", "1999-01-01", "#5"]), record(&["Lost"])], 0).0);
    let (found, troubles) = tables(&database);
    let told = found[1..].iter().map(|table| (table.sheet, String::from_utf8_lossy(&table.text).into_owned()));
    let wanted = [(true, "Lost\n".to_owned()), (false, "id\tname\tborn\tn\n\tGone\t1999-01-01\t5\n".to_owned())];
    assert_eq!((told.collect::<Vec<_>>(), troubles), (wanted.to_vec(), vec![]));
    // A list that leads back to itself.
    let at = pages as usize * PAGE;
    database[at..at + 4].copy_from_slice(&(pages + 1).to_be_bytes());
    assert_eq!(tables(&database).1, [Trouble::Damaged]);
}

#[test]
fn fields_are_what_their_kinds_say() {
    // record, fields
    let cases: &[(&[u8], &[Field])] = &[
        (&[4, 0, 8, 9], &[Field::Null, Field::Int(0), Field::Int(1)]),
        (&[3, 1, 5, 0xff, 1, 0, 0, 0, 0, 0], &[Field::Int(-1), Field::Int(1 << 40)]),
        (&[2, 7, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], &[Field::Real(1.5)]),
        (&[3, 16, 17, 1, 2, b'h', b'i'], &[Field::Blob(vec![1, 2]), Field::Text(b"hi".to_vec())]),
        (&[3, 19, 1, b'a', b'b'], &[Field::Text(b"ab".to_vec())]), // cut
        (&[3, 10], &[]),                                           // reserved
        (&[0xff; 9], &[]),
        (&[], &[]),
    ];
    for (record, wanted) in cases {
        assert_eq!(fields(record, Encoding::Utf8), *wanted, "{record:?}");
    }
    assert_eq!(fields(&[2, 17, b'h', 0], Encoding::Utf16Le), [Field::Text(b"h".to_vec())]);
}
