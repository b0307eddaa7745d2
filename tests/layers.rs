//! The layers hold: each module uses only what stands to its right.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// From the outermost to the innermost. Those of one group never use each other.
const LAYERS: &[&[&str]] = &[
    &["cli"],
    &["scan"],
    &["source", "engine", "policy", "report"],
    &["finding"],
    &["rule"],
    &["facts"],
    &["document"],
    &["text"],
    &["artifact"],
    &["target"],
];

fn level(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|group| group.contains(&layer))
}

/// Every `crate::NAME` in a source file, comments left out, with the line it stands in.
fn uses(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, code) in (1..).zip(text.lines()) {
        let code = code.split("//").next().unwrap();
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(list) => list.split([',', '}']).map(str::trim).collect(),
                None => vec![rest],
            };
            for name in names {
                let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if !name.is_empty() {
                    found.push((line, name));
                }
            }
        }
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.to_string_lossy().replace('\\', "/"), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Source files with the layer that each belongs to.
fn all() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
        .into_iter()
        .map(|(path, text)| {
            let below = path.split_once("/src/").unwrap().1.to_owned();
            let layer = below.split(['/', '.']).next().unwrap().to_owned();
            (layer, below, text)
        })
        .collect()
}

#[test]
fn a_layer_uses_only_what_is_below_it() {
    let mut wrong = Vec::new();
    for (layer, path, text) in all().iter().filter(|(layer, ..)| !matches!(layer.as_str(), "main" | "lib")) {
        let own = level(layer).unwrap_or_else(|| panic!("{path} belongs to no layer"));
        for (line, used) in uses(text) {
            match level(&used) {
                Some(other) if used != *layer && other <= own => {
                    wrong.push(format!("{path}:{line}: {layer} uses {used}"))
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "layers point one way:\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_uses_sees_them() {
    let text = "use crate::rule::Rule;\nlet x = crate::scan::run();\n// crate::cli\nuse crate::{text::Span, facts};";
    let names: Vec<String> = uses(text).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["rule", "scan", "text", "facts"]);
}

#[test]
fn every_source_file_says_what_it_is_and_long_ones_why() {
    let mut wrong = Vec::new();
    for (_, path, text) in all() {
        if !text.starts_with("//!") {
            wrong.push(format!("{path} does not open with //!"));
        }
        let lines = text.lines().count();
        let head: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        if lines > 400 && !head.contains("Long because") {
            wrong.push(format!("{path} has {lines} lines and does not say `Long because …` at its top"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_name_says_nothing() {
    let empty = ["util", "utils", "helper", "helpers", "common", "manager", "types", "misc"];
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (_, path, _) in all() {
        for part in path.trim_end_matches(".rs").split('/') {
            seen.insert(part.to_owned(), path.clone());
        }
    }
    let wrong: Vec<_> = seen.iter().filter(|(part, _)| empty.contains(&part.as_str())).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
