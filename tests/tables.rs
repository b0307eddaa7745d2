//! Patients and secrets in files that are no text: workbooks, arrays, pickles, attachments of records, through the whole
//! program: what is found, how its place is told, and what is said where nothing could be read.

#![cfg(feature = "archives")]

mod program;

use program::{TOKEN_RULE, folder, scan, token, write};

const RECORDS: &str = "phi-patient-records";

/// A zip of stored entries.
fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = zip.len() as u32;
        let size = (content.len() as u32).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        zip.extend([b"PK\x03\x04\x14\0\0\0\0\0".as_slice(), &[0; 8], &size, &size, &length, &[0, 0]].concat());
        zip.extend([name.as_bytes(), content.as_bytes()].concat());
        directory.extend([b"PK\x01\x02\x14\0\x14\0\0\0\0\0".as_slice(), &[0; 8], &size, &size, &length].concat());
        directory.extend([[0; 12].as_slice(), &offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let (start, size) = (zip.len() as u32, directory.len() as u32);
    let count = (entries.len() as u16).to_le_bytes();
    zip.extend(directory);
    let end = [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]];
    zip.extend(end.concat());
    zip
}

/// Rows of people: number of the record, family name, date of birth, Social Security number. Made up by counting.
fn people() -> Vec<[String; 4]> {
    let one = |at: u32| {
        let born = format!("19{:02}-0{}-1{}", 40 + at, at % 9 + 1, at % 9);
        [
            format!("4829{at:04}"),
            format!("Fam{}", ["ilton", "orth", "ber"][at as usize % 3]),
            born,
            format!("41{}-5{}-82{:02}", at % 9, at % 9, at + 10),
        ]
    };
    (1..9).map(one).collect()
}

const NAMES: [&str; 4] = ["MRN", "Last Name", "Date of Birth", "SSN"];

/// A workbook whose second sheet is hidden and holds the people below a title, and whose first one holds a token.
fn workbook(token: &str) -> Vec<u8> {
    let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |at: usize, cells: &[&str]| {
        format!("<row r=\"{at}\">{}</row>", cells.iter().map(|text| cell(text)).collect::<String>())
    };
    let mut rows = row(2, &["Ward 7"]) + &row(4, &NAMES);
    for (at, person) in people().iter().enumerate() {
        rows += &row(5 + at, &person.each_ref().map(String::as_str));
    }
    let sheet = |rows: &str| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let book = "<workbook><sheets><sheet name=\"Notes\" r:id=\"a\"/><sheet name=\"Old\" state=\"hidden\" r:id=\"b\"/></sheets></workbook>";
    let relations = "<Relationships><Relationship Id=\"a\" Target=\"worksheets/sheet1.xml\"/>\
                     <Relationship Id=\"b\" Target=\"worksheets/sheet2.xml\"/></Relationships>";
    zip(&[
        ("[Content_Types].xml", "<Types/>"),
        ("xl/worksheets/sheet1.xml", &sheet(&row(3, &["", token]))),
        ("xl/worksheets/sheet2.xml", &sheet(&rows)),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations),
    ])
}

/// An array of records as NumPy saves it.
fn npy() -> Vec<u8> {
    let header = "{'descr': [('mrn', '|S8'), ('last_name', '|S9'), ('birth_date', '|S10'), ('ssn', '|S11')], \
                  'fortran_order': False, 'shape': (8,), }\n";
    let mut bytes = [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
    for person in people() {
        for (text, width) in person.iter().zip([8, 9, 10, 11]) {
            let mut field = text.clone().into_bytes();
            field.resize(width, 0);
            bytes.extend(field);
        }
    }
    bytes
}

/// A list of dictionaries as Python pickles it.
fn pickle() -> Vec<u8> {
    let text = |text: &str| [b"X".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let mut bytes = b"\x80\x02](".to_vec();
    for person in people() {
        bytes.extend(b"}(");
        for (name, value) in NAMES.iter().zip(&person) {
            bytes.extend([text(name), text(value)].concat());
        }
        bytes.push(b'u');
    }
    bytes.extend(b"e.");
    bytes
}

fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            encoded.push(if at > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    encoded
}

fn csv() -> String {
    let rows = people().into_iter().map(|person| person.join(","));
    [NAMES.join(",")].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// Findings of a scan of one file, as `rule place path`, and the kinds of notices.
fn told(name: &str, content: &[u8]) -> (Vec<String>, Vec<String>) {
    let root = folder();
    write(root.path(), name, content);
    let ran = scan(root.path(), &["--min-confidence", "low"]);
    let json = ran.json();
    let findings = json["findings"].as_array().expect("a list").iter().map(|finding| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let name = text(&finding["origin"]["name"]);
        format!("{} {name}:{} {}", text(&finding["rule"]), finding["line"], text(&finding["path"]))
    });
    (findings.collect(), ran.notices())
}

#[test]
fn people_and_secrets_are_found_where_they_stand() {
    let token = token("table");
    let fhir = format!(
        r#"{{"resourceType":"Bundle","entry":[{{"resource":{{"resourceType":"Binary","contentType":"text/csv","data":"{}"}}}}]}}"#,
        to_base64(csv().as_bytes())
    );
    // file, content, findings
    let cases: Vec<(&str, Vec<u8>, Vec<String>)> = vec![
        (
            "a.xlsx",
            workbook(&token),
            vec![
                format!("{TOKEN_RULE} a.xlsx!Notes:3 row 3 of sheet Notes"),
                format!("{RECORDS} a.xlsx!Old:5 row 5 of sheet Old"),
            ],
        ),
        ("a.npy", npy(), vec![format!("{RECORDS} a.npy!array:2 row 1 of array")]),
        ("a.pkl", pickle(), vec![format!("{RECORDS} a.pkl!records 1:2 row 1 of records 1")]),
        ("a.json", fhir.into_bytes(), vec![format!("{RECORDS} a.json!entry[0].resource.data.csv!base64:2 ")]),
    ];
    for (name, content, wanted) in cases {
        let (findings, notices) = told(name, &content);
        let findings: Vec<&str> = findings.iter().map(|finding| finding.as_str()).collect();
        assert_eq!((findings, notices), (wanted.iter().map(String::as_str).collect(), vec![]), "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_searched_as_it_stands() {
    let content = format!("PAR1\0\0\x01{}\0\0", token("table"));
    let wanted = format!("{TOKEN_RULE} a.parquet:1 offset 0x7");
    assert_eq!(told("a.parquet", content.as_bytes()), (vec![wanted], vec!["table-not-read".to_owned()]));
}

#[test]
fn what_is_not_read_is_said_once() {
    let picture = to_base64(b"\x89PNG\r\n\x1a\n and more of it");
    let attachment = format!(r#"{{"contentType":"image/png","data":"{picture}"}}"#);
    let fhir = format!(r#"{{"resourceType":"DocumentReference","content":[{attachment},{attachment},{attachment}]}}"#);
    // file, content, kinds of notices
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("a.json", fhir.into_bytes(), &["attachment-not-read"]),
        ("a.pdf", b"%PDF-1.7 and nothing in it".to_vec(), &["pdf-not-read"]),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0".to_vec(), &["table-not-read"]),
        ("a.parquet", b"PAR1 and nothing behind it".to_vec(), &["table-not-read"]),
        ("a.db", b"SQLite format 3\0\x10\0".to_vec(), &["table-not-read"]),
        ("a.npy", npy()[..npy().len() - 7 * 38 - 10].to_vec(), &["limit-reached", "table-not-read"]),
        ("a.db-wal", b"\x37\x7f\x06\x82\0\0\0\0".to_vec(), &["table-not-read"]),
    ];
    for (name, content, wanted) in cases {
        let (findings, mut notices) = told(name, &content);
        notices.sort();
        assert_eq!((findings, notices), (vec![], wanted.iter().map(|kind| (*kind).to_owned()).collect()), "{name}");
    }
}

#[test]
fn nothing_of_a_table_is_shown() {
    let root = folder();
    write(root.path(), "a.xlsx", workbook("none"));
    write(root.path(), "a.pkl", pickle());
    for format in ["terminal", "json", "sarif"] {
        let ran = program::bedrail(root.path(), &["scan", "--format", format, "."]);
        for value in people().iter().flatten() {
            assert!(!ran.out.contains(value) && !ran.err.contains(value), "{format}");
        }
        assert!(ran.out.contains("row 5 of sheet Old"), "{format}: {}", ran.out);
    }
}

#[test]
fn what_a_file_says_of_itself_is_searched() {
    // A database of one table without rows, by the statement that made it: a default value is a secret.
    let token = token("schema");
    let sql = format!("CREATE TABLE t(a TEXT DEFAULT '{token}')");
    let record = {
        let texts = ["table", "t", "t"];
        let mut head: Vec<u8> = texts.iter().map(|text| (text.len() * 2 + 13) as u8).collect();
        head.push(1);
        let size = sql.len() * 2 + 13;
        head.extend([0x80 | (size >> 7) as u8, (size & 0x7f) as u8]);
        let body = [texts.concat().into_bytes(), vec![2], sql.into_bytes()].concat();
        [vec![head.len() as u8 + 1], head, body].concat()
    };
    let mut first = vec![0; 512];
    first[..16].copy_from_slice(b"SQLite format 3\0");
    first[16] = 2;
    first[59] = 1;
    first[100] = 0x0d;
    first[104] = 1;
    let at = 512 - record.len() - 2;
    first[108..110].copy_from_slice(&(at as u16).to_be_bytes());
    first[at] = record.len() as u8;
    assert!(record.len() < 128);
    first[at + 1] = 1;
    first[at + 2..].copy_from_slice(&record);
    let mut second = vec![0; 512];
    second[0] = 0x0d;
    let (findings, notices) = told("a.db", &[first, second].concat());
    assert_eq!((findings, notices), (vec![format!("{TOKEN_RULE} a.db!schema.sql:1 ")], vec![]));
}

#[test]
fn pages_and_forms_of_a_pdf_are_searched() {
    let person = &people()[0];
    let content = format!(
        "BT /F1 12 Tf 72 720 Td (Patient name: Kestin) Tj 0 -20 Td (MRN: {}) Tj 0 -20 Td (DOB: {}) Tj ET",
        person[0], person[2]
    );
    let pdf = |more: &str| {
        let page = format!("<</Length {}>>stream\n{content}\nendstream", content.len());
        let objects = format!(
            "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[3 0 R 4 0 R]>>endobj 3 0 obj<</Type/Page>>endobj \
             4 0 obj<</Type/Page/Contents 5 0 R/Resources<</Font<</F1<<>>>>>>>>endobj 5 0 obj{page}endobj {more} %%EOF"
        );
        // A byte that is no text, so that it is not searched as it stands.
        [b"%PDF-1.7\n%\0\xff\n".as_slice(), objects.as_bytes()].concat()
    };
    let plain = pdf("");
    let fhir = format!(r#"{{"resourceType":"Binary","contentType":"application/pdf","data":"{}"}}"#, to_base64(&plain));
    let form = format!(
        "6 0 obj<</T(Patient name)/V(Kestin)>>endobj 7 0 obj<</T(MRN)/V({})>>endobj 8 0 obj<</T(DOB)/V({})>>endobj",
        person[0], person[2]
    );
    // file, content, findings, kinds of notices
    let cases: Vec<(&str, Vec<u8>, &[&str], &[&str])> = vec![
        ("a.pdf", plain, &["phi-patient-records a.pdf!page 2:1 page 2"], &[]),
        ("a.json", fhir.into_bytes(), &["phi-patient-records a.json!data.pdf!base64!page 2:1 page 2"], &[]),
        (
            "b.pdf",
            pdf(&form),
            &["phi-patient-records b.pdf!form.txt:1 ", "phi-patient-records b.pdf!page 2:1 page 2"],
            &[],
        ),
        // What cannot be read as a PDF is searched as it stands; this one only says that it is encrypted.
        ("c.pdf", pdf("trailer<</Encrypt<</Filter/Standard>>>>"), &["phi-patient-records c.pdf:4 "], &["pdf-not-read"]),
    ];
    for (name, content, findings, notices) in cases {
        let told = told(name, &content);
        let records: Vec<&str> = told.0.iter().map(String::as_str).filter(|one| one.starts_with(RECORDS)).collect();
        assert_eq!(
            (records, told.1),
            (findings.to_vec(), notices.iter().map(|kind| (*kind).to_owned()).collect()),
            "{name}"
        );
    }
}
