//! Records and tables in bad shape, through the whole program: people are found as far as something can be read, and what
//! could not be read is said.

#![cfg(feature = "archives")]

mod program;

use program::{folder, scan, write};

const RECORDS: &str = "phi-patient-records";

/// Bytes of a text in UTF-16.
fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
}

/// A zip of one stored entry, whose flag says that it is encrypted.
fn locked_zip() -> Vec<u8> {
    let (name, content) = (b"a.csv", b"mrn,dob\n");
    let size = (content.len() as u32).to_le_bytes();
    let length = (name.len() as u16).to_le_bytes();
    let head = [b"\x14\0\x01\0\0\0\0\0\0\0".as_slice(), &[0; 4], &size, &size, &length, &[0, 0]].concat();
    let local = [b"PK\x03\x04".as_slice(), &head, name, content].concat();
    let directory = [b"PK\x01\x02\x14\0".as_slice(), &head, &[0; 14], name].concat();
    let (start, size) = ((local.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &size, &start, &[0, 0]].concat();
    [local, directory, end].concat()
}

#[test]
fn people_are_found_or_it_is_said_why_not() {
    let hl7 =
        |end: &str| format!("MSH|^~\\&|A|B|C|D|1||ADT|1|P|2.5{end}PID|1||7731904^^^H^MR||BREMOL^TAVI||19570314{end}");
    let csv = "mrn,last_name,dob,note\n7731904,Brémol,1957-03-14,é\n";
    let cda = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><recordTarget><patientRole><id extension=\"7731904\" root=\"1.2.3\"/>\
               <patient><name><given>Tavi</given><family>Bremol</family></name><birthTime value=\"19570314\"/></patient>";
    let entities: String =
        (0..12).map(|at| format!("<!ENTITY e{} \"{}\">", at + 1, format!("&e{at};").repeat(10))).collect();
    let columns = |cell: fn(usize) -> String| (0..1_000_000).map(cell).collect::<Vec<_>>().join(",");
    // file, content, the line of the finding, kinds of notices
    let cases: Vec<(&str, Vec<u8>, Option<u64>, &[&str])> = vec![
        ("cr.hl7", hl7("\r").into_bytes(), Some(2), &[]),
        ("lf.hl7", hl7("\n").into_bytes(), Some(2), &[]),
        ("crlf.hl7", hl7("\r\n").into_bytes(), Some(2), &[]),
        ("other.hl7", hl7("\r").replace('|', "#").replace('^', "*").into_bytes(), Some(2), &[]),
        (
            "cut.edi",
            b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *200101*1200*^*00501*000000001*0*P*:~\
              NM1*QC*1*BREMOL*TAVI****MI*WQ7731904~HI*ABK:E119~DMG*D8*1957"
                .to_vec(),
            Some(1),
            &[],
        ),
        ("wide.csv", {
            let (names, cells) = (columns(|at| format!("c{at}")), columns(|_| "1".to_owned()));
            format!("mrn,last_name,dob,{names}\n7731904,Bremol,1957-03-14,{cells}\n").into_bytes()
        }, Some(2), &[]),
        (
            "long.csv",
            format!("mrn,last_name,dob,note\n7731904,Bremol,1957-03-14,\"{}\"\n", "x".repeat(50_000_000)).into_bytes(),
            Some(2),
            &[],
        ),
        ("latin1.csv", csv.chars().map(|c| c as u8).collect(), Some(2), &[]),
        ("little.csv", wide(csv, u16::to_le_bytes), Some(2), &[]),
        ("big.csv", wide(csv, u16::to_be_bytes), Some(2), &[]),
        // Shift-JIS
        ("sjis.csv", b"mrn,last_name,dob\n7731904,\x8e\x52\x93\x63,1957-03-14\n".to_vec(), Some(2), &[]),
        ("broken.xml", cda.as_bytes().to_vec(), Some(1), &[]),
        (
            "bomb.xml",
            format!("<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY e0 \"aaaaaaaaaa\">{entities}]><x>&e12;</x>{cda}").into_bytes(),
            Some(1),
            &[],
        ),
        (
            "outer.xml",
            format!("<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><x>&x;</x>{cda}").into_bytes(),
            Some(1),
            &[],
        ),
        ("deep.json", format!("{{\"resourceType\":\"Patient\",\"name\":{}", "[".repeat(200_000)).into_bytes(), None, &["malformed-document"]),
        ("cut.json", b"{\"resourceType\":\"Patient\",\"name\":[{\"fam".to_vec(), None, &["malformed-document"]),
        ("broken.parquet", [b"PAR1".as_slice(), &[7; 500], b"\x10\0\0\0PAR1"].concat(), None, &["table-not-read"]),
        ("broken.db", [b"SQLite format 3\0".as_slice(), &[0xa5; 8_000]].concat(), None, &["table-not-read"]),
        ("password.xlsx", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 1_000]].concat(), None, &["table-not-read"]),
        ("locked.zip", locked_zip(), None, &["archive-not-read"]),
        ("locked.pdf", b"%PDF-1.7\n1 0 obj<</Filter/Standard>>endobj trailer<</Encrypt 1 0 R>>\0".to_vec(), None, &["pdf-not-read"]),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj<</Type/Page/Contents 2 0 R>>endobj 2 0 obj<</Length 9>>stream\nBT \0".to_vec(), None, &["pdf-not-read"]),
    ];
    for (name, content, line, notices) in cases {
        let root = folder();
        write(root.path(), name, content);
        let ran = scan(root.path(), &[]);
        let json = ran.json();
        let all = json["findings"].as_array().expect("a list").iter();
        let records: Vec<u64> = all
            .filter(|one| one["rule"] == RECORDS || one["rule"] == "phi-identified-people")
            .map(|one| one["line"].as_u64().unwrap_or(0))
            .collect();
        assert_eq!(
            (records, ran.notices()),
            (line.into_iter().collect(), notices.iter().map(|kind| (*kind).to_owned()).collect()),
            "{name}"
        );
        assert!(!ran.out.contains("root:x:"), "{name}: nothing outside is read");
    }
}
