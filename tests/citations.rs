//! The closed list of citations against what is known of the law and the catalogues.
//!
//! Counts and flags are those of Appendix A to Subpart C of 45 CFR Part 164; this file knows nothing of the rules that cite.

use std::collections::BTreeSet;

use bedrail::rule::{Citation, CitationFile};

const TEXT: &str = include_str!("../rules/citations.toml");

/// Controls of Revision 5 that were withdrawn and have no statement of their own.
const WITHDRAWN: &[&str] = &[
    "AC-13", "AC-15", "AT-5", "AU-15", "CA-4", "CP-5", "IR-10", "PE-7", "PL-3", "PL-5", "PL-6", "RA-4", "SA-6", "SA-7",
    "SA-12", "SA-13", "SA-14", "SA-18", "SA-19", "SC-9", "SC-14", "SC-19", "SC-33", "SI-9",
];

/// CWE categories: groups, not weaknesses.
const CATEGORIES: &[&str] = &["16", "254", "255", "264", "310", "320", "399"];

fn citations() -> CitationFile {
    toml::from_str(TEXT).expect("citations.toml has the shape of a citation file")
}

fn of<'a>(file: &'a CitationFile, catalogue: &'a str) -> impl Iterator<Item = (&'a str, &'a Citation)> {
    file.citation.iter().filter_map(move |citation| {
        let (name, number) = citation.id.split_once(':')?;
        (name == catalogue).then_some((number, citation))
    })
}

/// `164.312(a)(2)(iv)` → `164`, `312`, `[a, 2, iv]`; nothing when it is not of that form.
fn parse_paragraph(id: &str) -> Option<(u16, u16, Vec<&str>)> {
    let (section, rest) = id.split_at(id.find('(').unwrap_or(id.len()));
    let (part, number) = section.split_once('.')?;
    let mut paragraphs = Vec::new();
    let mut rest = rest;
    while !rest.is_empty() {
        let (paragraph, after) = rest.strip_prefix('(')?.split_once(')')?;
        let alphanumeric = !paragraph.is_empty() && paragraph.bytes().all(|byte| byte.is_ascii_alphanumeric());
        alphanumeric.then(|| paragraphs.push(paragraph))?;
        rest = after;
    }
    Some((part.parse().ok()?, number.parse().ok()?, paragraphs))
}

/// Levels of a paragraph, as the CFR numbers them: (a)(1)(i)(A).
fn is_level(level: usize, paragraph: &str) -> bool {
    let all = |test: fn(&u8) -> bool| paragraph.bytes().all(|byte| test(&byte));
    match level {
        0 => paragraph.len() == 1 && all(u8::is_ascii_lowercase),
        1 => all(u8::is_ascii_digit),
        2 => all(|byte| b"ivx".contains(byte)),
        3 => paragraph.len() == 1 && all(u8::is_ascii_uppercase),
        _ => false,
    }
}

#[test]
fn catalogues_have_a_name_and_a_uuid_of_their_own() {
    let file = citations();
    let names: Vec<&str> = file.catalogue.keys().map(String::as_str).collect();
    assert_eq!(names, ["cwe", "hipaa", "nist-800-53"]);
    let guids: BTreeSet<&str> = file.catalogue.values().map(|catalogue| catalogue.guid.as_str()).collect();
    assert_eq!(guids.len(), 3, "guids are distinct");
    for guid in guids {
        let lengths: Vec<usize> = guid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{guid}");
        assert!(guid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{guid}");
    }
}

#[test]
fn ids_are_unique_with_case_kept_and_belong_to_a_catalogue() {
    let file = citations();
    let mut seen = BTreeSet::new();
    for citation in &file.citation {
        assert!(seen.insert(citation.id.as_str()), "{} stands twice", citation.id);
        let (catalogue, _) = citation.id.split_once(':').expect("an id names its catalogue");
        assert!(file.catalogue.contains_key(catalogue), "{}", citation.id);
        assert!(!citation.title.trim().is_empty() && citation.summary.ends_with('.'), "{}", citation.id);
        assert_eq!(citation.kind.is_some(), catalogue == "hipaa", "{}", citation.id);
    }
}

#[test]
fn the_safeguards_have_the_standards_and_specifications_of_appendix_a() {
    // section, standards, required, addressable
    let wanted = [(308, 9, 10, 11), (310, 4, 2, 6), (312, 5, 2, 5)];
    let file = citations();
    for (section, standards, required, addressable) in wanted {
        let count = |kind: &str| {
            of(&file, "hipaa")
                .filter(|(id, citation)| {
                    parse_paragraph(id).is_some_and(|parsed| parsed.1 == section)
                        && citation.kind.as_deref() == Some(kind)
                })
                .count()
        };
        assert_eq!(
            (count("standard"), count("required"), count("addressable")),
            (standards, required, addressable),
            "164.{section}"
        );
    }
}

#[test]
fn every_hipaa_id_parses_into_section_and_paragraphs() {
    let kinds = ["standard", "required", "addressable", "rule", "definition", "privacy"];
    let file = citations();
    let mut last_section = 0;
    for (id, citation) in of(&file, "hipaa") {
        let (part, section, paragraphs) = parse_paragraph(id).unwrap_or_else(|| panic!("{id} does not parse"));
        assert_eq!(part, 164, "{id}");
        for (level, paragraph) in paragraphs.iter().enumerate() {
            assert!(is_level(level, paragraph), "{id}: ({paragraph}) at level {level}");
        }
        let rebuilt: String = paragraphs.iter().map(|paragraph| format!("({paragraph})")).collect();
        assert_eq!(format!("{part}.{section}{rebuilt}"), id);
        assert!(section >= last_section, "{id} is out of order");
        last_section = section;
        let kind = citation.kind.as_deref().unwrap_or_default();
        assert!(kinds.contains(&kind), "{id}: {kind}");
        assert_eq!(kind == "privacy", section >= 500, "{id}: {kind}");
    }
}

#[test]
fn the_eighteen_identifiers_of_safe_harbor_are_there() {
    let file = citations();
    let letters: String =
        of(&file, "hipaa").filter_map(|(id, _)| id.strip_prefix("164.514(b)(2)(i)(")?.strip_suffix(')')).collect();
    assert_eq!(letters, "ABCDEFGHIJKLMNOPQR");
}

#[test]
fn weaknesses_are_numbers_in_order_and_no_categories() {
    let file = citations();
    let numbers: Vec<&str> = of(&file, "cwe").map(|(number, _)| number).collect();
    assert!(numbers.len() > 90);
    let parsed: Vec<u32> = numbers.iter().map(|number| number.parse().expect("a CWE id is a number")).collect();
    assert!(parsed.is_sorted());
    for category in CATEGORIES {
        assert!(!numbers.contains(category), "CWE-{category} is a category");
    }
}

#[test]
fn controls_have_nists_form_and_none_is_withdrawn() {
    let file = citations();
    let ids: BTreeSet<&str> = of(&file, "nist-800-53").map(|(id, _)| id).collect();
    assert!(ids.len() > 130);
    for id in &ids {
        let (base, enhancement) = match id.split_once('(') {
            Some((base, rest)) => (base, rest.strip_suffix(')')),
            None => (*id, Some("1")),
        };
        let (family, number) = base.split_once('-').expect("a control is FAMILY-NUMBER");
        assert!(family.len() == 2 && family.bytes().all(|byte| byte.is_ascii_uppercase()), "{id}");
        for digits in [number, enhancement.expect("an enhancement ends with a parenthesis")] {
            assert!(digits.parse::<u8>().is_ok_and(|value| value > 0) && !digits.starts_with('0'), "{id}");
        }
        assert!(!WITHDRAWN.contains(&base), "{id} is withdrawn");
        assert!(ids.contains(base), "{id} stands without its base control");
    }
}
