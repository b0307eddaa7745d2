//! Workbooks of spreadsheets: ECMA-376 part 1, §18 (SpreadsheetML), as Excel, LibreOffice and libraries write them.
//!
//! Takes the parts that the zip around them holds, by name. Knows shared and inline strings, sheets that are hidden,
//! and what a number is by its format: a date in either calendar (§18.17.4), digits that a format fills up. Formulas
//! count by the value that was stored with them.

mod formats;

use std::collections::BTreeMap;

use super::writer::Writer;
use super::{MOST_TABLES, Take, Trouble};
use crate::document::xml::{Event, events, resolved};
use formats::Formats;

/// How many bytes of parts are held.
const MOST_HELD: usize = 160 << 20;
/// The last row and column that a sheet can have (Excel's limits).
const LAST_ROW: u64 = 1 << 20;
const LAST_COLUMN: usize = 1 << 14;

/// The parts of a workbook, unpacked.
#[derive(Debug, Default)]
pub struct Parts {
    parts: BTreeMap<String, Vec<u8>>,
    held: usize,
}

impl Parts {
    /// Whether the part of that name is needed to read a workbook.
    pub fn wants(name: &str) -> bool {
        let Some(name) =
            name.strip_prefix("xl/").and_then(|name| name.strip_suffix(".xml").or(name.strip_suffix(".rels")))
        else {
            return false;
        };
        matches!(name, "workbook" | "sharedStrings" | "styles" | "_rels/workbook.xml")
            || name.strip_prefix("worksheets/").is_some_and(|sheet| !sheet.contains('/'))
    }

    /// Whether there is room for so many bytes more.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.held.saturating_add(bytes) <= MOST_HELD
    }

    /// Keeps a part.
    pub fn add(&mut self, name: String, part: Vec<u8>) {
        self.held += part.len();
        self.parts.insert(name, part);
    }

    /// Whether these are the parts of a workbook.
    pub fn is_workbook(&self) -> bool {
        self.parts.contains_key("xl/workbook.xml")
    }

    /// The parts themselves, for what is no workbook after all.
    pub fn into_parts(self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.parts.into_iter()
    }

    /// Reads each sheet; then, as one more table, the shared strings that no cell shows.
    pub fn read(mut self, take: &mut Take<'_>) -> Vec<Trouble> {
        let empty = Vec::new();
        let mut troubles = Vec::new();
        // Every part is XML, which ends with a tag.
        if self.parts.values().any(|part| !part.trim_ascii_end().ends_with(b">")) {
            troubles.push(Trouble::Damaged);
        }
        let part = |name: &str| self.parts.get(name).unwrap_or(&empty);
        let (sheets, first_1904) = sheets(part("xl/workbook.xml"), part("xl/_rels/workbook.xml.rels"));
        let formats = Formats::read(part("xl/styles.xml"), first_1904);
        let mut strings = Strings::read(part("xl/sharedStrings.xml"));
        let unlisted: Vec<String> = self
            .parts
            .keys()
            .filter(|name| name.starts_with("xl/worksheets/") && !sheets.iter().any(|(_, part)| part == *name))
            .cloned()
            .collect();
        let all = sheets.into_iter().chain(unlisted.into_iter().map(|part| (part.clone(), part)));
        for (number, (name, part)) in all.enumerate() {
            if number == MOST_TABLES {
                troubles
                    .push(Trouble::Limit(format!("it has more than {MOST_TABLES} sheets; the others were not read")));
                break;
            }
            if let Some(text) = self.parts.remove(&part) {
                take(sheet(&text, name, &mut strings, &formats));
            }
        }
        if let Some(table) = strings.unused() {
            take(table);
        }
        troubles
    }
}

/// The names of sheets, hidden ones too, with their parts; and whether days count from 1904.
fn sheets(workbook: &[u8], relations: &[u8]) -> (Vec<(String, String)>, bool) {
    let mut targets: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    events(relations, |event| {
        if let Event::Open(b"Relationship", attributes, _) = event
            && let (Some(id), Some(target)) = (value(&attributes, b"Id"), value(&attributes, b"Target"))
        {
            let target = String::from_utf8_lossy(&resolved(target)).into_owned();
            let path = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("xl/{}", target.trim_start_matches("./")),
            };
            targets.insert(id.to_vec(), path);
        }
    });
    let (mut found, mut first_1904) = (Vec::new(), false);
    events(workbook, |event| {
        let Event::Open(name, attributes, _) = event else { return };
        if name == b"workbookPr" {
            first_1904 = matches!(value(&attributes, b"date1904"), Some(b"1" | b"true"));
        } else if name == b"sheet"
            && let Some(part) = value(&attributes, b"id").and_then(|id| targets.get(id))
        {
            let name = resolved(value(&attributes, b"name").unwrap_or_default()).into_owned();
            found.push((String::from_utf8_lossy(&name).into_owned(), part.clone()));
        }
    });
    (found, first_1904)
}

fn value<'t>(attributes: &[(&'t [u8], &'t [u8])], name: &[u8]) -> Option<&'t [u8]> {
    attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
}

/// The shared strings (§18.4), one behind the other.
#[derive(Default)]
struct Strings {
    text: Vec<u8>,
    ends: Vec<usize>,
    used: Vec<bool>,
}

impl Strings {
    fn read(part: &[u8]) -> Self {
        let mut strings = Strings::default();
        let (mut shown, mut phonetic) = (false, false);
        events(part, |event| match event {
            Event::Open(b"si", _, true) | Event::Close(b"si") => strings.ends.push(strings.text.len()),
            Event::Open(b"rPh", _, empty) => phonetic = !empty,
            Event::Close(b"rPh") => phonetic = false,
            Event::Open(b"t", _, empty) => shown = !empty,
            Event::Close(b"t") => shown = false,
            Event::Text(text) if shown && !phonetic => strings.text.extend_from_slice(&resolved(text)),
            _ => {}
        });
        strings.used = vec![false; strings.ends.len()];
        strings
    }

    fn get(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(at)?)
    }

    /// The strings that no cell shows: what was deleted may still stand there.
    fn unused(&self) -> Option<super::Table> {
        let mut writer = Writer::default();
        for at in (0..self.ends.len()).filter(|at| !self.used[*at]) {
            writer.cell(self.get(at).unwrap_or_default());
            writer.end_row();
        }
        (!writer.is_empty()).then(|| writer.finish("strings that no cell shows".to_owned(), true))
    }
}

/// A cell in the making.
#[derive(Default)]
struct Cell<'t> {
    column: usize,
    kind: &'t [u8],
    style: Option<&'t [u8]>,
    value: Vec<u8>,
}

/// Reads the rows of one sheet (§18.3).
fn sheet(part: &[u8], name: String, strings: &mut Strings, formats: &Formats) -> super::Table {
    let mut writer = Writer::default();
    let (mut row, mut next_column) = (0_u64, 0_usize);
    let mut cell: Option<Cell<'_>> = None;
    let mut shown = false;
    events(part, |event| match event {
        Event::Open(b"row", attributes, empty) => {
            let stated = value(&attributes, b"r").and_then(|r| std::str::from_utf8(r).ok()?.parse::<u64>().ok());
            let stated = stated.filter(|stated| *stated > row && *stated <= LAST_ROW);
            row = stated.unwrap_or(row + 1);
            next_column = 0;
            writer.rows_to(row - 1);
            if empty {
                writer.end_row();
            }
        }
        Event::Close(b"row") if row > 0 => writer.end_row(),
        Event::Open(b"c", attributes, empty) => {
            let column = value(&attributes, b"r").and_then(column_of).unwrap_or(next_column);
            let kind = value(&attributes, b"t").unwrap_or_default();
            next_column = column + 1;
            let style = value(&attributes, b"s");
            cell = (!empty).then(|| Cell { column, kind, style, value: Vec::new() });
        }
        Event::Close(b"c") => {
            if let Some(cell) = cell.take() {
                writer.skip_to(cell.column);
                write(&mut writer, &cell, strings, formats);
            }
        }
        // A value, or the text of an inline string; a formula is neither.
        Event::Open(b"v" | b"t", _, empty) => shown = !empty,
        Event::Close(b"v" | b"t") => shown = false,
        Event::Text(text) if shown => {
            if let Some(cell) = &mut cell {
                cell.value.extend_from_slice(&resolved(text));
            }
        }
        _ => {}
    });
    writer.finish(name, true)
}

fn write(writer: &mut Writer, cell: &Cell<'_>, strings: &mut Strings, formats: &Formats) {
    match cell.kind {
        b"s" => {
            let at = std::str::from_utf8(&cell.value).ok().and_then(|text| text.trim().parse::<usize>().ok());
            if let Some(at) = at.filter(|at| *at < strings.used.len()) {
                strings.used[at] = true;
                writer.cell(strings.get(at).unwrap_or_default());
            }
        }
        b"d" => writer.cell(cell.value.strip_suffix(b"T00:00:00").unwrap_or(&cell.value)),
        b"str" | b"inlineStr" | b"b" | b"e" => writer.cell(&cell.value),
        _ => writer.cell(&formats.number(&cell.value, cell.style)),
    }
}

/// The number of a column from 0: `C5` is 2.
fn column_of(reference: &[u8]) -> Option<usize> {
    let letters = reference.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let number =
        letters.take(4).fold(0, |number, byte| number * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1).filter(|column| *column < LAST_COLUMN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut book = Parts::default();
        for (name, part) in parts {
            assert!(Parts::wants(name), "{name}");
            book.add((*name).to_owned(), part.as_bytes().to_vec());
        }
        let mut tables = Vec::new();
        book.read(&mut |table| tables.push((table.name, String::from_utf8_lossy(&table.text).into_owned())));
        tables
    }

    const RELATIONS: (&str, &str) = (
        "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id='r1' Target='worksheets/sheet1.xml'/>\
         <Relationship Id='r2' Target='/xl/worksheets/sheet2.xml'/></Relationships>",
    );
    const STYLES: (&str, &str) = (
        "xl/styles.xml",
        "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd'/>\
         <numFmt numFmtId='165' formatCode='000\\-00\\-0000'/><numFmt numFmtId='166' formatCode='[Red]0.00 &quot;dmy&quot;'/></numFmts>\
         <cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>\
         <cellXfs><xf/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/><xf numFmtId='166'/></cellXfs></styleSheet>",
    );

    #[test]
    fn sheets_are_read_with_their_strings_and_dates() {
        let book = "<workbook><workbookPr/><sheets><sheet name='A &amp; B' state='hidden' r:id='r1'/>\
                    <sheet name='Two' r:id='r2'/></sheets></workbook>";
        let strings = "<sst><si><t>name</t></si><si><r><t>bi</t></r><r><t>rth</t></r><rPh><t>x</t></rPh></si><si><t>gone</t></si></sst>";
        let one = "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c></row>\
                   <row r='3'><c r='B3' s='1'><f>TODAY()</f><v>36526</v></c><c r='C3' t='inlineStr'><is><t>in&lt;</t></is></c></row>\
                   <row><c s='3'><v>12345678</v></c><c s='2'><v>36526.5</v></c><c><v>1.23456789E8</v></c></row>\
                   <row><c s='4'><v>5</v></c><c t='d'><v>2001-02-03T00:00:00</v></c><c t='s'><v>99</v></c></row>\
                   </sheetData></worksheet>";
        let two = "<worksheet><sheetData><row/><row r='2'><c r='B2' t='b'><v>1</v></c></row></sheetData></worksheet>";
        let parts = [
            ("xl/workbook.xml", book),
            RELATIONS,
            STYLES,
            ("xl/sharedStrings.xml", strings),
            ("xl/worksheets/sheet1.xml", one),
            ("xl/worksheets/sheet2.xml", two),
        ];
        let wanted = [
            (
                "A & B",
                "name\tbirth\t\n\n\t2000-01-01\tin<\n012-34-5678\t2000-01-01 12:00:00\t123456789\n5\t2001-02-03\t\n",
            ),
            ("Two", "\n\t1\n"),
            ("strings that no cell shows", "gone\n"),
        ];
        let wanted: Vec<_> = wanted.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        assert_eq!(read(&parts), wanted);
        // The calendar of 1904 begins 1,462 days later; a sheet that no workbook names is read all the same.
        let book = "<workbook><workbookPr date1904='1'/></workbook>";
        let parts = [("xl/workbook.xml", book), STYLES, ("xl/worksheets/sheet1.xml", one)];
        assert!(read(&parts)[0].1.contains("2004-01-02"));
    }

    #[test]
    fn columns_have_letters() {
        for (reference, column) in
            [("A1", Some(0)), ("XFD9", Some(16_383)), ("XFE1", None), ("ZZZZZZ1", None), ("7", None)]
        {
            assert_eq!(column_of(reference.as_bytes()), column, "{reference}");
        }
    }

    #[test]
    fn no_sheet_is_too_odd() {
        let sheet = "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row><row r='99999999999'><c t='s'><v>-1</v></c></row></row><c><v>";
        for end in 0..=sheet.len() {
            let tables = read(&[("xl/workbook.xml", "<workbook>"), ("xl/worksheets/a.xml", &sheet[..end])]);
            assert!(tables[0].1.len() < 4 << 20);
        }
        // A part that ends too early is said to.
        for (part, damaged) in [("<worksheet></worksheet>\n", false), ("<worksheet><row", true)] {
            let mut parts = Parts::default();
            parts.add("xl/workbook.xml".to_owned(), b"<workbook/>".to_vec());
            parts.add("xl/worksheets/a.xml".to_owned(), part.as_bytes().to_vec());
            assert_eq!(parts.read(&mut |_| ()).contains(&Trouble::Damaged), damaged, "{part}");
        }
    }
}
