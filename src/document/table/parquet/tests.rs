//! Files made byte by byte: what is read of each encoding, and what breaks them.

use std::io::Cursor;

use super::*;
use crate::document::table::Table;

fn varint(mut number: u64, to: &mut Vec<u8>) {
    while number > 0x7f {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// A structure of Thrift in the making: fields in the order of their numbers, which are at most fifteen apart.
#[derive(Default)]
struct Struct(Vec<u8>, u8);

impl Struct {
    fn head(mut self, id: u8, kind: u8) -> Self {
        self.0.push((id - self.1) << 4 | kind);
        self.1 = id;
        self
    }

    fn int(self, id: u8, kind: u8, number: i64) -> Self {
        let mut next = self.head(id, kind);
        varint((number << 1 ^ number >> 63) as u64, &mut next.0);
        next
    }

    fn text(self, id: u8, text: &str) -> Self {
        let mut next = self.head(id, 8);
        varint(text.len() as u64, &mut next.0);
        next.0.extend(text.as_bytes());
        next
    }

    fn inner(self, id: u8, inner: Struct) -> Self {
        let mut next = self.head(id, 12);
        next.0.extend(inner.end());
        next
    }

    fn list(self, id: u8, items: Vec<Struct>) -> Self {
        let mut next = self.head(id, 9);
        next.0.push((items.len() as u8) << 4 | 12);
        items.into_iter().for_each(|item| next.0.extend(item.end()));
        next
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(0);
        self.0
    }
}

fn pair(key: &str, value: &str) -> Struct {
    Struct::default().text(1, key).text(2, value)
}

/// A page of the first version with its header.
fn page(kind: i64, encoding: i64, values: i64, body: &[u8]) -> Vec<u8> {
    let inner = Struct::default().int(1, 5, values).int(2, 5, encoding).int(3, 5, 3).int(4, 5, 3);
    let size = body.len() as i64;
    let header = Struct::default().int(1, 5, kind).int(2, 5, size).int(3, 5, size);
    [header.inner(if kind == 2 { 7 } else { 5 }, inner).end(), body.to_vec()].concat()
}

fn plain(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()).collect()
}

/// A file of columns: name, type, whether it may be absent, converted type, and its pages.
fn file(rows: i64, columns: &[(&str, i64, i64, Option<i64>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    let mut schema = vec![Struct::default().text(4, "schema").int(5, 5, columns.len() as i64)];
    let mut chunks = Vec::new();
    for (name, kind, repetition, converted, pages) in columns {
        let element = Struct::default().int(1, 5, *kind).int(3, 5, *repetition).text(4, name);
        schema.push(converted.iter().fold(element, |element, converted| element.int(6, 5, *converted)));
        let (start, size) = (bytes.len() as i64, pages.len() as i64);
        let meta = Struct::default().int(1, 5, *kind).int(4, 5, 0).int(5, 6, rows).int(7, 6, size);
        let meta = meta.list(8, vec![pair("unit", "mmHg")]).int(9, 6, start);
        chunks.push(Struct::default().int(2, 6, 0).inner(3, meta));
        bytes.extend(pages);
    }
    let group = Struct::default().list(1, chunks).int(3, 6, rows);
    let footer = Struct::default().int(1, 5, 1).list(2, schema).int(3, 6, rows).list(4, vec![group]);
    let footer = footer.list(5, vec![pair("pandas", "{\"creator\": 1}"), pair("by", "Ann")]).end();
    let length = (footer.len() as u32).to_le_bytes();
    [bytes, footer, length.to_vec(), MAGIC.to_vec()].concat()
}

fn people() -> Vec<u8> {
    // Ann and Cid are there, the second is not; a dictionary; days since 1970; numbers that are always there.
    let levels = [&2_u32.to_le_bytes()[..], &[3, 0b101]].concat();
    let names = page(0, 0, 3, &[levels, plain(&["Ann", "Cid"])].concat());
    let cities = [page(2, 0, 2, &plain(&["Bonn", "Ulm"])), page(0, 8, 3, &[1, 3, 0b010])].concat();
    let days = page(0, 0, 3, &[0_i32, 10_957, -1].map(i32::to_le_bytes).concat());
    let two_pages = [page(0, 0, 1, &7_i64.to_le_bytes()), page(0, 5, 2, &[0x80, 1, 4, 2, 16, 3, 0, 0, 0, 0])].concat();
    let columns = [
        ("name", 6, 1, Some(0), names),
        ("city", 6, 0, Some(0), cities),
        ("born", 1, 0, Some(6), days),
        ("n", 2, 0, None, two_pages),
    ];
    file(3, &columns)
}

fn tables(bytes: &[u8]) -> (Vec<Table>, Vec<Trouble>) {
    let mut tables = Vec::new();
    let troubles = read(&mut Cursor::new(bytes), &mut |table| tables.push(table)).expect("memory can be read");
    (tables.into_iter().filter(|table: &Table| table.texts.is_empty()).collect(), troubles)
}

#[test]
fn what_was_added_to_a_file_and_its_columns_is_told_once() {
    let mut said = Vec::new();
    read(&mut Cursor::new(people()), &mut |table| said.extend(table.texts)).expect("memory can be read");
    assert_eq!(said, [("metadata.txt", b"unit: mmHg\npandas: {\"creator\": 1}\nby: Ann\n".to_vec())]);
}

#[test]
fn columns_become_rows() {
    let (tables, troubles) = tables(&people());
    assert_eq!(troubles, []);
    let text = "name\tcity\tborn\tn\nAnn\tBonn\t1970-01-01\t7\n\tUlm\t2000-01-01\t8\nCid\tBonn\t1969-12-31\t6\n";
    assert_eq!(String::from_utf8_lossy(&tables[0].text), text);
    assert_eq!((tables[0].rows, tables[0].told), (3, 3));
}

#[test]
fn repeated_values_share_a_cell() {
    // Rows of two, none, one: where a row begins, and what is there.
    let levels = |bits: u8| [&2_u32.to_le_bytes()[..], &[3, bits]].concat();
    let body = [levels(0b0010), levels(0b1011), plain(&["a", "b", "c"])].concat();
    let whole = file(4, &[("l", 6, 2, Some(0), page(0, 0, 4, &body))]);
    // The group says four rows where there are three.
    assert_eq!(String::from_utf8_lossy(&tables(&whole).0[0].text), "l\na, b\n\nc\n");
}

#[test]
fn broken_files_are_read_as_far_as_they_go() {
    let whole = people();
    for end in 0..whole.len() {
        let (_, troubles) = tables(&whole[..end]);
        assert_eq!(troubles, [Trouble::Damaged], "cut at {end}");
    }
    for at in 0..whole.len() {
        for bit in [0x01, 0x02, 0x10, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= bit;
            let (tables, _) = tables(&bytes);
            assert!(tables.iter().map(|table| table.text.len()).sum::<usize>() < 100_000);
        }
    }
}

#[test]
fn endless_runs_and_huge_claims_end() {
    // One dictionary entry of 60 kB, told in a run of 2^31 rows.
    let long = "x".repeat(60_000);
    let run = [&[1_u8][..], &[0xfe, 0xff, 0xff, 0xff, 0x0f, 0]].concat();
    let pages = [page(2, 0, 1, &plain(&[&long])), page(0, 8, i64::from(u32::MAX), &run)].concat();
    let (found, _) = tables(&file(i64::from(u32::MAX), &[("a", 6, 0, None, pages)]));
    assert_eq!(found[0].rows, u64::from(u32::MAX));
    assert!(found[0].told < 1_000 && found[0].told > 100);
    // A dictionary that has fewer entries than it says, and a page that has fewer values.
    let pages = [page(2, 0, i64::MAX, &plain(&["a"])), page(0, 8, 9, &[8, 9, 1])].concat();
    assert_eq!(tables(&file(9, &[("a", 6, 0, None, pages)])).1, [Trouble::Damaged]);
    let pages = page(0, 0, i64::MAX, &plain(&["a"]));
    assert_eq!(tables(&file(i64::MAX, &[("a", 6, 0, None, pages)])).1, [Trouble::Damaged]);
    assert_eq!(tables(b"PAR1PARE").1, [Trouble::Unknown("its footer is encrypted".to_owned())]);
}
