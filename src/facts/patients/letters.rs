//! The eighteen letters of Safe Harbor, 45 CFR 164.514(b)(2)(i), and how a group of records is told in words.

use super::tables::A_TABLE;
use crate::document::{Document, Kind, NodeId, Value};

/// What a letter stands for, in few words.
pub(super) fn name(letter: char) -> &'static str {
    match letter {
        'A' => "names",
        'B' => "addresses",
        'C' => "dates",
        'D' => "telephone numbers",
        'E' => "fax numbers",
        'F' => "e-mail addresses",
        'G' => "Social Security numbers",
        'H' => "medical record numbers",
        'I' => "health plan numbers",
        'J' => "account numbers",
        'K' => "licence numbers",
        'L' => "vehicle identifiers",
        'M' => "device identifiers",
        'N' => "URLs",
        'O' => "IP addresses",
        'P' => "biometric identifiers",
        'Q' => "photographs",
        _ => "other identifying numbers",
    }
}

/// The name of one of them.
fn singular(name: &str) -> &str {
    name.strip_suffix("sses").map_or(name.strip_suffix('s').unwrap_or(name), |_| &name[..name.len() - 2])
}

/// Says that not all groups were held, where that is so.
fn counted_of(one_of: i64) -> String {
    if one_of > 1 { format!("; counted over one group of {one_of}, chosen by chance") } else { String::new() }
}

/// What a subject says of itself beyond its rule's words: labels with texts, for reports. Holds no value of the text.
pub fn detail(document: &Document, kind: Kind, root: NodeId) -> Vec<(&'static str, String)> {
    if kind != Kind::PatientRecords {
        return Vec::new();
    }
    let number = |node, key| match document.get(node, key).map(|id| document.value(id)) {
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    let texts = |key| -> Vec<&str> {
        let list = document.get(root, key).map_or(&[][..], |id| document.items(id));
        list.iter().filter_map(|id| document.as_str(*id)).collect()
    };
    let identifiers = document.get(root, "identifiers").map_or(&[][..], |id| document.items(id));
    let told: Vec<String> = identifiers
        .iter()
        .map(|id| {
            let letter = document.get_str(*id, "letter").unwrap_or("R");
            let name = document.get_str(*id, "name").unwrap_or_default();
            let count = number(*id, "count");
            format!("{count} {} ({letter})", if count == 1 { singular(name) } else { name })
        })
        .collect();
    let records = number(root, "records");
    let written = document.get_str(root, "format").unwrap_or_default();
    let table = document.get_str(root, "table").map_or(String::new(), |table| match written {
        A_TABLE => format!(" {table}"),
        _ => format!(", table {table}"),
    });
    // A table by its name, else by how it is written.
    let written = if written == A_TABLE && !table.is_empty() { "table" } else { written };
    let counted = if records == 1 { "1 record".to_owned() } else { format!("{records} records") };
    let mut detail = vec![("records", format!("{counted} in {written}{table}"))];
    if !told.is_empty() {
        detail.push(("identifiers", told.join(", ")));
    }
    for (label, key) in [("health context", "context"), ("quasi-identifiers", "quasi")] {
        let list = texts(key);
        if !list.is_empty() {
            detail.push((label, list.join(", ")));
        }
    }
    if let Some(Value::Int(k)) = document.get(root, "k").map(|id| document.value(id)) {
        // Of groups that were counted by a share of them, as many as there are of all.
        let one_of = number(root, "one_of").max(1);
        let about = if one_of > 1 { "about " } else { "" };
        let people = number(root, "people");
        let all = |key| number(root, key).saturating_mul(one_of).min(people);
        let over = texts("over").join(", ");
        let at_k = all("at_k");
        let mut told = format!("{k} in {about}{at_k} of {people} records; smallest group over ({over})");
        let (wanted, small) = (number(root, "wanted_k"), all("small"));
        if small > 0 {
            let groups = if small == 1 { "1 group" } else { &format!("{small} groups") };
            told += &format!("; {about}{} in {groups} of fewer than {wanted}, of {}", all("exposed"), all("alike"));
        }
        detail.push(("k", told + &counted_of(number(root, "one_of"))));
    }
    if let Some(Value::Int(l)) = document.get(root, "l").map(|id| document.value(id)) {
        let one_of = number(root, "one_of").max(1);
        let all = |key| number(root, key).saturating_mul(one_of);
        let sensitive = texts("sensitive");
        let of = if sensitive.is_empty() {
            if *l == 1 { "diagnosis or other sensitive value" } else { "diagnoses or other sensitive values" }
                .to_owned()
        } else {
            let values = if *l == 1 { "value" } else { "values" };
            format!("{values} of ({})", sensitive.join(", "))
        };
        let mut told = format!("{l} different {of} in the group with the fewest");
        let of = |count: i64| if count == 1 { "1 group".to_owned() } else { format!("{count} groups") };
        if let Some(Value::Int(wanted)) = document.get(root, "wanted_l").map(|id| document.value(id)) {
            let (unvaried, alike) = (all("unvaried"), all("alike"));
            told += &format!("; {unvaried} of {} with fewer than {wanted}", of(alike));
        }
        told += &format!("; {} of two people or more with only one", of(all("uniform")));
        detail.push(("l", told + &counted_of(number(root, "one_of"))));
    }
    let reasons = texts("reasons");
    let because = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) };
    detail.push((
        "people",
        match document.get_str(root, "verdict") {
            Some("synthetic") => format!("made up{because}"),
            Some("doubtful") => format!("perhaps made up{because}"),
            _ => "nothing says that they are made up".to_owned(),
        },
    ));
    detail
}
