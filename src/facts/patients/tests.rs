//! What is found of patients, format by format. All people are made of syllables; numbers are no samples. Long because
//! every format has its table of cases here.

use super::*;
use crate::document::{Document, NodeId, Value};

/// Finds the words that tell of patients, then the patients.
fn find(text: &[u8], profile: Profile) -> Found {
    asked(text, Request { profile, ..Request::default() })
}

fn asked(text: &[u8], request: Request<'_>) -> Found {
    let small = text.to_ascii_lowercase();
    let told = words().enumerate().flat_map(|(word, letters)| {
        memchr::memmem::find_iter(&small, letters).map(move |at| Telling { at, word }).collect::<Vec<_>>()
    });
    let told = told.collect();
    super::find(text, told, request)
}

/// A group in one line: format, records, letters with counts, verdict, whether health stands beside.
fn told(text: &[u8], profile: Profile) -> Vec<String> {
    find(text, profile).groups.iter().map(|group| line(&group.document())).collect()
}

fn line(document: &Document) -> String {
    let root = document.root();
    let number = |node: NodeId, key: &str| match document.get(node, key).map(|id| document.value(id)) {
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    let identifiers = document.items(document.get(root, "identifiers").unwrap());
    let letters: Vec<String> = identifiers
        .iter()
        .map(|id| format!("{}{}", document.get_str(*id, "letter").unwrap(), number(*id, "count")))
        .collect();
    let context = !document.items(document.get(root, "context").unwrap()).is_empty();
    let health = if context { "+health" } else { "" };
    let (format, verdict) = (document.get_str(root, "format").unwrap(), document.get_str(root, "verdict").unwrap());
    format!("{format} {} {} {verdict}{health}", number(root, "records"), letters.join(" "))
}

const CSV: &str = "mrn,last_name,first_name,dob,zip,sex,dx\n7731904,Bremol,Tavi,1957-03-14,02139,F,E11.9\n";

#[test]
fn every_format_is_read() {
    let hl7 = "MSH|^~\\&|A|B|C|D|20230101||ADT^A01|1|P|2.5\rPID|1||7731904^^^H^MR||BREMOL^TAVI||19570314|F|||1 Kest Rd^^Lomi^MA^02139||6172849931\r";
    let x12 = "NM1*QC*1*BREMOL*TAVI****MI*WQ7731904~N3*1 KEST RD~N4*LOMI*MA*02139~DMG*D8*19570314*F~";
    let fhir = r#"{"resourceType":"Patient","name":[{"family":"Bremol","given":["Tavi"]}],"birthDate":"1957-03-14","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"531-48-2197"}]}"#;
    let fhir_xml = "<Bundle xmlns=\"http://hl7.org/fhir\"><entry><resource><Patient><name><family value=\"Bremol\"/></name><birthDate value=\"1957-03-14\"/></Patient></resource></entry></Bundle>";
    let cda = "<ClinicalDocument><recordTarget><patientRole><id extension=\"7731904\" root=\"1.2.3\"/><patient><name><given>Tavi</given></name><birthTime value=\"19570314\"/></patient></patientRole></recordTarget><author><assignedAuthor><assignedPerson><name><given>Nobody</given></name></assignedPerson></assignedAuthor></author></ClinicalDocument>";
    let cases: &[(&str, &[&str])] = &[
        (hl7, &["HL7 v2 1 A2 B3 C1 D1 H1 unmarked+health"]),
        // the same in a string literal, with other delimiters, and framed
        (
            "m = \"MSH|^~\\\\&|A|B|C|D|1||ADT|1|P|2.5\\rPID|1||7731904^^^H^MR||BREMOL^TAVI||19570314\\r\"",
            &["HL7 v2 1 A2 C1 H1 unmarked+health"],
        ),
        (
            "MSH#*~\\&#A#B#C#D#1##ADT#1#P#2.5\rPID#1##7731904***H*MR##BREMOL*TAVI##19570314\r",
            &["HL7 v2 1 A2 C1 H1 unmarked+health"],
        ),
        (x12, &["X12 1 A2 B3 C1 I1 unmarked"]),
        ("NM1*QC*1*BREMOL*TAVI****MI*WQ77", &["X12 1 A2 I1 unmarked"]), // cut off
        (fhir, &["FHIR JSON 1 A2 C1 G1 unmarked+health"]),
        (&format!("[{fhir},\n{}", &fhir[..60]), &["labelled values 3 A3 C1 G1 unmarked+health"]),
        (fhir_xml, &["FHIR XML 1 A1 C1 unmarked+health"]),
        // the end of a bundle, of which the beginning is elsewhere
        (&fhir.replace('{', "}, {")[3..], &["labelled values 2 A2 C1 G1 unmarked+health"]),
        (cda, &["C-CDA 1 A1 C1 H1 unmarked+health"]), // without the author
        (&cda[..cda.len() / 2], &["C-CDA 1 A1 C1 H1 unmarked+health"]), // broken off
        (CSV, &["delimited text 1 A2 B1 C1 H1 unmarked+health"]),
        (
            "| MRN | Last name | DOB |\n|---|---|---|\n| 7731904 | Bremol | 1957-03-14 |\n",
            &["a table between bars 1 A1 C1 H1 unmarked+health"],
        ),
        (
            "   mrn  last_name         dob\n0  7731904     Bremol  1957-03-14\n",
            &["columns of text 1 A1 C1 H1 unmarked+health"],
        ),
        (
            "<table><tr><th>MRN</th><th>Last name</th><th>DOB</th></tr><tr><td>7731904</td><td>Bremol</td><td>1957-03-14</td></tr></table>",
            &["an HTML table 1 A1 C1 H1 unmarked+health"],
        ),
        (
            "INSERT INTO t (mrn, last_name, dob) VALUES ('7731904', 'Bremol', '1957-03-14');",
            &["SQL 1 A1 C1 H1 unmarked+health"],
        ),
        (
            "COPY t (mrn, last_name, dob) FROM stdin;\n7731904\tBremol\t1957-03-14\n\\.\n",
            &["SQL 1 A1 C1 H1 unmarked+health"],
        ),
        ("mrn: 7731904\nlast_name: Bremol\ndob: 1957-03-14\n", &["labelled values 1 A1 C1 H1 unmarked+health"]),
        (
            "{'mrn': '7731904', 'last_name': 'Bremol', 'dob': '1957-03-14'}",
            &["labelled values 1 A1 C1 H1 unmarked+health"],
        ),
        (
            "INFO saved mrn=7731904 last_name=Bremol dob=1957-03-14 status=open",
            &["labelled values 1 A1 C1 H1 unmarked+health"],
        ),
        (
            "Patient: Tavi Bremol, DOB 3/14/1957, MRN 7731904. Lives alone; call (617) 284-9931.",
            &["labelled values 1 A1 C1 D1 H1 unmarked+health"],
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(told(text.as_bytes(), Profile::SafeHarbor), *wanted, "{text}");
    }
}

#[test]
fn ordinary_text_is_quiet() {
    let cases = [
        "pub struct Patient { pub ssn: String, pub mrn: String, pub last_name: String, pub dob: Date }",
        "fn find(ssn: &str, dob: Date, last_name: &str, mrn: u64) {}\n",
        "ssn,dob,last_name\n", // a header without rows
        "INSERT INTO patients (ssn, dob, name) VALUES (?, ?, ?)",
        "{\"ssn\": \"<your ssn>\", \"dob\": \"YYYY-MM-DD\", \"last_name\": \"string\", \"mrn\": \"string\"}",
        "assert_eq!(user.name, \"Ann\"); user.email = \"ann@corp.io\"; user.phone = \"617-284-9931\";",
        "name,email,phone\nTavi Bremol,t.bremol@corp.io,617-284-9931\n", // people, but no patients and no birth dates
        "MSH|^~\\&|A|B|C|D|1||ACK|1|P|2.5\rMSA|AA|1\r",
        "NM1*85*1*BREMOL*TAVI****XX*1477556677~N3*1 KEST RD~", // a provider
        "{\"resourceType\": \"Practitioner\", \"name\": [{\"family\": \"Bremol\"}], \"birthDate\": \"1957-03-14\"}",
        "{\"resourceType\": \"StructureDefinition\", \"name\": \"Patient\", \"date\": \"2019-01-01\"}",
        "patient_id,age,bmi\n1,53,22.1\n2,61,25.0\n",
        "the subject of the policy: a member may be admitted; see section 2019-01-01",
    ];
    for text in cases {
        assert_eq!(told(text.as_bytes(), Profile::SafeHarbor), [""; 0], "{text}");
    }
}

#[test]
fn made_up_people_are_told_from_others_by_a_reason() {
    let row = |ssn: &str, more: &str| {
        format!("mrn,last_name,dob,ssn,phone\n{more}7731904,Bremol,1957-03-14,{ssn},617-284-9931\n")
    };
    let table = |ssn: &str| format!("mrn,last_name,dob,ssn\n7731904,Bremol,1957-03-14,{ssn}\n");
    let fhir = |system: &str, ssn: &str| {
        format!(
            "{{\"resourceType\":\"Patient\",\"name\":[{{\"family\":\"Bremol\"}}],\"identifier\":[{{\"system\":\"{system}\",\"value\":\"77\"}},\
             {{\"system\":\"http://hl7.org/fhir/sid/us-ssn\",\"value\":\"{ssn}\"}}]}}"
        )
    };
    // text, verdict
    let cases: &[(String, &str)] = &[
        (table("531-48-2197"), "unmarked"),
        (table("078-05-1120"), "synthetic"), // published
        (table("999-48-2197"), "synthetic"), // Synthea
        // one real number in a template makes the difference
        (row("078-05-1120", ""), "doubtful"),
        (row("531-48-2197", "7731905,Kestin,1961-07-08,078-05-1120,617-555-0123\n"), "doubtful"),
        (format!("from faker import Faker\n{}", CSV), "doubtful"), // a hint alone proves nothing
        (format!("# https://github.com/synthetichealth/synthea\n{}", CSV), "doubtful"), // so does a link
        (fhir("https://github.com/synthetichealth/synthea", "999-48-2197"), "synthetic"),
        (fhir("https://github.com/synthetichealth/synthea", "531-48-2197"), "doubtful"),
        ("mrn,last_name,dob\n7731904,Bremol218,1957-03-14\n".to_owned(), "synthetic"),
    ];
    for (text, verdict) in cases {
        let found = told(text.as_bytes(), Profile::SafeHarbor);
        assert!(found.len() == 1 && found[0].contains(verdict), "{text}: {found:?}");
    }
}

#[test]
fn a_limited_data_set_may_keep_dates_cities_and_zip_codes() {
    assert_eq!(told(CSV.as_bytes(), Profile::LimitedDataSet), ["delimited text 1 A2 H1 unmarked+health"]);
    let limited = "age,dob,city,zip,sex,dx,admit_date\n53,1957-03-14,Lomi,02139,F,E11.9,2020-02-03\n";
    assert_eq!(told(limited.as_bytes(), Profile::SafeHarbor), ["delimited text 1 B2 C2 unmarked+health"]);
    assert_eq!(told(limited.as_bytes(), Profile::LimitedDataSet), [""; 0]);
    // What may stay is still not shown.
    assert!(
        find(CSV.as_bytes(), Profile::LimitedDataSet).spans.len()
            == find(CSV.as_bytes(), Profile::SafeHarbor).spans.len()
    );
}

#[test]
fn spans_cover_the_values_and_nothing_is_kept_of_them() {
    let found = find(CSV.as_bytes(), Profile::SafeHarbor);
    let shown: Vec<&str> = found.spans.iter().map(|span| &CSV[span.range()]).collect();
    assert_eq!(shown, ["7731904", "Bremol", "Tavi", "1957-03-14", "02139"]);
    let document = found.groups[0].document();
    let kept = format!("{document:?} {:?}", detail(&document, crate::document::Kind::PatientRecords, document.root()));
    assert!(shown.iter().all(|value| !kept.contains(value)), "{kept}");
    assert!(kept.contains("2 names (A)"), "{kept}");
}

#[test]
fn quasi_identifiers_and_linkage_are_seen() {
    let rows = "1957-03-14,02139,F,E11\n".repeat(6) + "1961-07-08,02139,M,I10\n";
    let document = find(format!("dob,zip,sex,dx\n{rows}").as_bytes(), Profile::SafeHarbor).groups[0].document();
    assert_eq!(document.value(document.get(document.root(), "k").unwrap()), &Value::Int(1));
    let value = |key: &str| document.value(document.get(document.root(), key).unwrap()).clone();
    // two groups, one of six people who share what they have
    let wanted = [("alike", 2), ("small", 1), ("uniform", 1), ("l", 1)];
    assert!(wanted.iter().all(|(key, number)| value(key) == Value::Int(*number)));
    let linked = find(b"mrn,study_id\n7731904,S1\n", Profile::SafeHarbor).groups[0].document();
    assert_eq!(linked.value(linked.get(linked.root(), "linkage").unwrap()), &Value::Bool(true));
}

#[test]
fn other_encodings_do_not_hide_a_table() {
    // Latin-1 and Shift-JIS names stay bytes that are no UTF-8
    for name in [&b"Br\xe9mol"[..], b"\x8e\x52\x93\x63"] {
        let text = [b"mrn,last_name,dob\n7731904,", name, b",1957-03-14\n"].concat();
        assert_eq!(told(&text, Profile::SafeHarbor), ["delimited text 1 A1 C1 H1 unmarked+health"]);
    }
}

#[test]
fn bad_input_costs_linear_time_and_never_panics() {
    let cases: Vec<Vec<u8>> = vec![
        "ssn,".repeat(300_000).into_bytes(),
        format!("mrn,dob\n\"{}", "x".repeat(3_000_000)).into_bytes(),
        "MSH|".repeat(300_000).into_bytes(),
        "ISA*".repeat(300_000).into_bytes(),
        "NM1*IL*1*~".repeat(100_000).into_bytes(),
        "<patientRole>".repeat(100_000).into_bytes(),
        "{\"resourceType\":[".repeat(100_000).into_bytes(),
        "ssn: dob: mrn=".repeat(100_000).into_bytes(),
        "INSERT INTO ssn (".repeat(50_000).into_bytes(),
        "insert into p (ssn, dob) values (".repeat(50_000).into_bytes(),
        "copy p (ssn) from stdin;\n".repeat(50_000).into_bytes(),
        "<td>ssn".repeat(100_000).into_bytes(),
        "mrn dob\n".repeat(100_000).into_bytes(),
        "ssn|dob|mrn\n".repeat(100_000).into_bytes(),
        b"MSH".to_vec(),
        b"ISA".to_vec(),
        b"mrn=\"".to_vec(),
        vec![0xff; 1_000],
    ];
    for text in cases {
        let began = std::time::Instant::now();
        find(&text, Profile::SafeHarbor);
        for cut in [1, text.len() / 3, text.len().saturating_sub(1)] {
            find(&text[..cut.min(2_000)], Profile::SafeHarbor);
        }
        let shown = String::from_utf8_lossy(&text[..text.len().min(30)]).into_owned();
        assert!(began.elapsed().as_secs() < 20, "{shown} took {:?}", began.elapsed());
    }
}

#[test]
fn published_schemas_are_known_by_their_columns() {
    // header, a row, letters
    let cases: &[(&str, &str, &str)] = &[
        // Synthea
        (
            "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,MAIDEN,ADDRESS,CITY,ZIP,LAT",
            "x,1957-03-14,,531-48-2197,S77123456,X77123456X,Mr.,Tavi,Bremol,,1 Kest Rd,Lomi,02139,42.1",
            "A3 B4 C1 G1 K2",
        ),
        // Epic Clarity
        (
            "PAT_ID,PAT_NAME,PAT_MRN_ID,BIRTH_DATE,ADD_LINE_1,PAT_ENC_CSN_ID,HSP_ACCOUNT_ID",
            "Z77123,\"BREMOL,TAVI\",7731904,1957-03-14,1 KEST RD,881234,991234",
            "A1 B1 C1 H2 J1 R1",
        ),
        // OpenEMR
        (
            "fname,lname,DOB,ss,phone_home,street,postal_code",
            "Tavi,Bremol,1957-03-14,531-48-2197,617-284-9931,1 Kest Rd,02139",
            "A2 B2 C1 D1 G1",
        ),
        // CMS
        ("BENE_ID,BENE_BIRTH_DT,BENE_HIC_NUM,SEX", "77123,19570314,531482197A,2", "C1 I2"),
        // MIMIC
        ("subject_id,hadm_id,dob,dod,gender", "77123,881234,1957-03-14,2001-02-03,F", "C2 H1 R1"),
    ];
    for (header, row, letters) in cases {
        let found = told(format!("{header}\n{row}\n").as_bytes(), Profile::SafeHarbor);
        assert!(found.len() == 1 && found[0].contains(letters), "{header}: {found:?}");
    }
}

#[test]
fn a_segment_alone_is_no_patient() {
    // text, what is found
    let cases: &[(&str, &[&str])] = &[
        ("PID|1||7", &[]),
        ("MSH|^~\\&|A|B|C|D|1||ADT|1|P|2.5\rPID|1||7731904^^^H^MR\r", &[]),
        ("PID|||||BREMOL^TAVI", &[]), // a rule over text tells it
        ("PID|1||7731904||BREMOL^TAVI", &["HL7 v2 1 A2 H1 unmarked+health"]),
        // a number amid what was found
        ("PID|1||7731904^^^H^MR\rOBR|1||||||20230101\rOBX|1|NM|GLU||99\r", &["HL7 v2 1 C1 H1 unmarked+health"]),
        // each segment in a manual of its own
        (&format!("CLM*26463774*100***11:B:1*Y~\n{}\nDMG*D8*19570314*F~", "# ".repeat(300)), &[]),
        ("NM1*QC*1*BREMOL*TAVI~DMG*D8*19570314*F~", &["X12 1 A2 C1 unmarked"]),
        // all names are samples, and the message says that it is a test
        (
            "MSH|^~\\&|A|B|C|D|1||ADT|1|T|2.5\rPID|1||7731904||DOE^JOHN||19570314\r",
            &["HL7 v2 1 A2 C1 H1 synthetic+health"],
        ),
        (
            "MSH|^~\\&|A|B|C|D|1||ADT|1|P|2.5\rPID|1||7731904||DOE^JOHN||19570314\r",
            &["HL7 v2 1 A2 C1 H1 doubtful+health"],
        ),
        (
            "MSH|^~\\&|A|B|C|D|1||ADT|1|T|2.5\rPID|1||7731904||BREMOL^TAVI||19570314\r",
            &["HL7 v2 1 A2 C1 H1 doubtful+health"],
        ),
        // in the examples of documentation, and not
        (">>> p = {\"mrn\": \"7731904\", \"dob\": \"1957-03-14\"}\n", &["labelled values 1 C1 H1 doubtful+health"]),
        ("p = {\"mrn\": \"7731904\", \"dob\": \"1957-03-14\"}\n", &["labelled values 1 C1 H1 unmarked+health"]),
        ("x <birthDate value=\"1957-03-14\"/> <mrn value=\"7731904\"/>", &["labelled values 1 C1 H1 unmarked+health"]),
    ];
    for (text, wanted) in cases {
        assert_eq!(told(text.as_bytes(), Profile::SafeHarbor), *wanted, "{text}");
    }
}

#[test]
fn prose_about_names_is_quiet() {
    let cases = [
        "Patient name: Last, First. DOB: MM/DD/YYYY. MRN: the record number.",
        "Names are written `Last, First`; the DOB as 1957-03-14.",
        "Last, First, DOB\n",
        "| Patient | `Last, First` | DOB | `1957-03-14` |\n",
        "The patient's name (Last, First) and DOB, for example 1957-03-14, are matched.",
        "Format: Last, First MI; date of birth: 03/14/1957",
    ];
    for text in cases {
        assert_eq!(told(text.as_bytes(), Profile::SafeHarbor), [""; 0], "{text}");
    }
}

#[test]
fn a_table_without_a_header_is_known_by_its_shapes() {
    let rows = "Smith,James,1957-03-14,M,531-48-2197\nGarcia,Maria,1984-11-02,F,412-55-8831\nKestin,Linda,1949-07-21,F,289-31-7720\nBrown,Tavi,1961-05-30,M,655-12-9043\n";
    assert_eq!(told(rows.as_bytes(), Profile::SafeHarbor), ["delimited text without a header 4 A8 C4 G4 unmarked"]);
    assert_eq!(find(rows.as_bytes(), Profile::SafeHarbor).spans.len(), 16);
}

#[test]
fn parts_of_a_text_add_up_and_know_its_header() {
    let row = |number: u32| format!("{},Bremol,1957-03-14,E11.9\n", 7_731_904 + number);
    let rows: String = (0..200).map(row).collect();
    let copy: String = rows.replace(',', "\t");
    // head, rows: a header, the columns of a COPY
    for (head, rows) in [("mrn,last_name,dob,dx\n", rows), ("COPY p (mrn, last_name, dob, dx) FROM stdin;\n", copy)] {
        let text = format!("{head}{rows}");
        let width = rows.len() / 200;
        // Parts share ten rows; each owns half of them.
        let (mut at, mut own_from) = (0, 0);
        let (mut open, mut whole) = (None, None::<Group>);
        while own_from < text.len() {
            let end = text.len().min(at + head.len() + 60 * width);
            let own_end = if end == text.len() { end } else { end - 5 * width };
            let own = Span::new(own_from - at, own_end - at);
            let small = text[at..end].to_ascii_lowercase();
            let telling =
                words().enumerate().filter_map(|(word, letters)| Some(Telling { at: small.find(letters)?, word }));
            let found = find_part(&text.as_bytes()[at..end], telling.collect(), Request::default(), own, &mut open);
            for group in found.groups {
                match &mut whole {
                    Some(whole) => whole.absorb(group),
                    None => whole = Some(group),
                }
            }
            own_from = own_end;
            at = (0..)
                .map(|row| head.len() + row * width)
                .take_while(|start| *start + 5 * width <= own_end)
                .last()
                .unwrap_or(0);
        }
        let told = line(&whole.unwrap().document());
        assert!(told.contains(" 200 A200 C200 H200 unmarked+health"), "{told}");
    }
}

#[test]
fn names_of_things_are_no_names_of_people() {
    let table = |names: [&str; 5]| {
        let rows = names.iter().enumerate().map(|(at, name)| format!("77319{at},1957-03-14,{name}\n"));
        format!("mrn,dob,name\n{}", rows.collect::<String>())
    };
    let people = table(["Maria Kestin", "James Bremol", "Tavi Smith", "Linda Oom", "John Kest"]);
    let things = table(["Oak table", "Blue kettle", "Router", "Red lamp", "Fast pump"]);
    assert_eq!(told(people.as_bytes(), Profile::SafeHarbor), ["delimited text 5 A5 C5 H5 unmarked+health"]);
    assert_eq!(told(things.as_bytes(), Profile::SafeHarbor), ["delimited text 5 C5 H5 unmarked+health"]);
    let note = "MRN 7731904, name: red pump, DOB 1957-03-14";
    assert_eq!(told(note.as_bytes(), Profile::SafeHarbor), ["labelled values 1 C1 H1 unmarked+health"]);
}

#[test]
fn a_table_that_is_named_after_patients_speaks_of_health() {
    let text = b"name\tdob\tcity\nMaria Kestin\t1957-03-14\tLomi\nJames Smith\t1961-07-08\tLomi\n";
    // table, what is found
    let cases: &[(Option<&str>, &[&str])] = &[
        (None, &[]),
        (Some("patients"), &["a table 2 A2 B2 C2 unmarked+health"]),
        (Some("Patient List"), &["a table 2 A2 B2 C2 unmarked+health"]),
        (Some("subscribers"), &[]), // of a newspaper
        (Some("outpatience"), &[]),
        (Some("rows"), &[]),
    ];
    for (table, wanted) in cases {
        let found = asked(text, Request { table: *table, ..Request::default() });
        let told: Vec<String> = found.groups.iter().map(|group| line(&group.document())).collect();
        assert_eq!(told, *wanted, "{table:?}");
    }
    // A name changes nothing where nobody is told from another, and hides nothing.
    let nobody = asked(
        b"name\tcolour\nred lamp\tred\nblue pump\tblue\n",
        Request { table: Some("patients"), ..Request::default() },
    );
    assert!(nobody.groups.is_empty());
    let strong = asked(CSV.as_bytes(), Request { table: Some("colours"), ..Request::default() });
    assert_eq!(line(&strong.groups[0].document()), "a table 1 A2 B1 C1 H1 unmarked+health");
    let document = strong.groups[0].document();
    let detail = detail(&document, crate::document::Kind::PatientRecords, document.root());
    assert_eq!(detail[0], ("records", "1 record in table colours".to_owned()));
}

#[test]
fn resources_are_read_in_parts_of_whatever_they_stand_in() {
    let patient = |at: u32| {
        format!(
            "{{\"resourceType\":\"Patient\",\"name\":[{{\"family\":\"Bremol\"}}],\"text\":{{\"div\":\"a\\\"}}{{\"}},\n \"birthDate\":\"1957-03-{:02}\",\
             \"identifier\":[{{\"type\":{{\"coding\":[{{\"code\":\"MR\"}}]}},\"value\":\"77319{at:02}\"}}]}}",
            at % 28 + 1
        )
    };
    let all: Vec<String> = (0..40).map(patient).collect();
    let array = format!("[{}]", all.join(","));
    let bundle = format!(
        "{{\"resourceType\": \"Bundle\",\"entry\":[{}]}}",
        all.iter().map(|one| format!("{{\"resource\":{one}}}")).collect::<Vec<_>>().join(",")
    );
    for text in [all.join("\n"), array, bundle] {
        let (mut whole, mut at, mut cut) = (None::<Group>, 0, false);
        while at < text.len() {
            // Parts share what a resource takes on either side of what is their own.
            let (start, end) = (at.saturating_sub(400), (at + 1_400).min(text.len()));
            let own = Span::new(at - start, (at + 1_000).min(text.len()) - start);
            let words = words().enumerate().filter(|(_, word)| *word == "\"resourcetype\"");
            let telling = words.map(|(word, _)| Telling { at: 0, word }).collect();
            let found = find_part(&text.as_bytes()[start..end], telling, Request::default(), own, &mut None);
            cut |= found.cut;
            for group in found.groups {
                match &mut whole {
                    Some(whole) => whole.absorb(group),
                    None => whole = Some(group),
                }
            }
            at += 1_000;
        }
        assert_eq!(
            (line(&whole.unwrap().document()).as_str(), cut),
            ("FHIR JSON 40 A40 C40 H40 unmarked+health", false)
        );
    }
    // One that is too long for its part is said to be.
    let long = patient(1).replace("Bre", &"x".repeat(2_000));
    let telling = vec![Telling { at: 1, word: 9 }];
    assert_eq!(words().nth(9), Some("\"resourcetype\""));
    let own = Span::new(0, 1_000);
    assert!(find_part(&long.as_bytes()[..1_400], telling, Request::default(), own, &mut None).cut);
}
