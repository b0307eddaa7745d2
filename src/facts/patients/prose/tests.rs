//! Tables of prose.

use super::super::{Request, find};
use super::*;

/// The letters and how many of each a text is told for.
fn told(text: &str) -> String {
    let found = group(text.as_bytes(), &[], &[], Scope::default());
    found.map_or_else(String::new, |group| group.letters().collect())
}

#[test]
fn patients_are_known_by_name_and_one_thing_more_amid_words_of_care() {
    let cases = [
        ("Maria Lopez (03/14/1961) is under my care for lumbar disc herniation and gets an injection.", "AC"),
        ("LOPEZ, MARIA 03/14/61 F  chest pain, BP 162/98, hx of CHF and COPD, aspirin given.", "AC"),
        ("PT MARIA LOPEZ DOB 3/14/1991 34 WKS PREG LEAKING FLUID NO CTX", "AC"),
        ("Mrs. Lopez, born March 14, 1961, takes warfarin.", "AC"),
        ("Can't sign the note on patient Lopez, Maria, MRN 00482913, says it is locked.", "AH"),
        ("Maria Lopez is a 67-year-old woman with hypertension, diabetes and CHF.", "A"),
        ("Maria Lopez is a 67-year-old woman who paints with watercolours.", ""), // no patient
        ("Maria Lopez was born on March 14, 1961 in Durham and played the violin.", ""),
        ("Dr. Maria Lopez, born 03/14/1961, treats hypertension, diabetes and CHF.", ""),
        ("Maria Lopez, MD, 03/14/1961. Hypertension, diabetes and CHF are common.", ""),
        ("Hypertension, diabetes and CHF are common in people born before 03/14/1961.", ""), // nobody
        ("Thanks to Maria Lopez for MR #84521. Hypertension, diabetes and CHF are spelled out.", ""),
        ("Maria Lopez (born March 14, 1961) is a retired swimmer; surgery and chemotherapy ended a career.", ""),
        ("Maria Lopez, 2009-03-12: rename hypertension, diabetes and CHF.", ""), // a log of changes
        ("Maria Lopez (October 12, 1901 - March 4, 1987) wrote on hypertension, diabetes and CHF.", ""),
        ("Maria Lopez, 400 m, came back after surgery, chemotherapy and an MRI.", ""), // not an age
        ("Maria Lopez, 52 years old, wrote on hypertension, diabetes and CHF.", ""),
        ("Ask Maria Lopez about the meeting on 03/14/2026: diabetes, CHF, hypertension.", ""), // a later date
    ];
    for (text, letters) in cases {
        assert_eq!(told(text), letters, "{text}");
    }
}

#[test]
fn programs_are_no_prose() {
    assert!(is_prose(b"The patient was seen today and feels better.\n"));
    assert!(!is_prose(b"fn main() { let x = \"a\"; println!(\"{}\", x); }\n"));
    assert!(!is_prose(b""));
}

#[test]
fn where_prose_is_found_it_is_hidden() {
    let text = "Mrs. Lopez, born March 14, 1961, takes warfarin. Call her at 919-442-7719.";
    let found = find(text.as_bytes(), Vec::new(), Request::default());
    let hidden: Vec<&str> = found.spans.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(hidden, ["Lopez", "March 14, 1961", "919-442-7719"]);
}
