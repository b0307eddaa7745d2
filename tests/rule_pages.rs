//! docs/rules is made from the rules; this test keeps it current. `BLESS=1 cargo test --test rule_pages` makes it anew.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use bedrail::rule::{Rule, embedded, page};

/// One page for each topic file, so that a family stays readable.
fn pages() -> BTreeMap<String, String> {
    let citations = embedded::citations();
    let rules: BTreeMap<String, Rule> = embedded::rules().into_iter().map(|rule| (rule.id.clone(), rule)).collect();
    let mut pages = BTreeMap::new();
    let mut contents = String::from("# Rules\n\nMade from the rule files; see CONTRIBUTING.md.\n");
    for (name, text) in embedded::SOURCES {
        let file: bedrail::rule::RuleFile = toml::from_str(text).unwrap();
        let topic = name.trim_end_matches(".toml").to_owned();
        let _ = write!(contents, "\n## [{topic}]({topic}.md)\n\n");
        let mut shown = format!("# {topic}\n");
        for rule in &file.rule {
            let rule = &rules[&rule.id];
            let _ = writeln!(contents, "- `{}` {}", rule.id, rule.title);
            let _ = write!(shown, "\n{}", page(rule, &citations));
        }
        pages.insert(format!("{topic}.md"), shown);
    }
    pages.insert("README.md".to_owned(), contents);
    pages
}

#[test]
fn rule_pages_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let wanted = pages();
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        for (name, text) in &wanted {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let stale: Vec<&String> = wanted
        .iter()
        .filter(|(name, text)| fs::read_to_string(folder.join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| name)
        .collect();
    assert!(stale.is_empty(), "stale pages {stale:?}: run BLESS=1 cargo test --test rule_pages");
    let files = walkdir::WalkDir::new(&folder)
        .into_iter()
        .filter(|entry| entry.as_ref().unwrap().file_type().is_file())
        .count();
    assert_eq!(files, wanted.len(), "pages of rules that are gone: run BLESS=1 cargo test --test rule_pages");
}
