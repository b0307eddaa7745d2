//! The demo repository: something is found of every family, at its place, and told in every format.

mod program;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use program::{bedrail, filled, folder, scan};

/// Fills in the placeholders of the demo and writes it to a folder, which is the root of its paths.
fn demo(to: &Path) {
    fs::create_dir_all(to.join(".git")).expect("folders can be made");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demo");
    for entry in walkdir::WalkDir::new(&from).sort_by_file_name() {
        let entry = entry.expect("the demo can be read");
        let below = entry.path().strip_prefix(&from).expect("is below");
        if entry.file_type().is_dir() {
            fs::create_dir_all(to.join(below)).expect("folders can be made");
        } else {
            let text = fs::read_to_string(entry.path()).expect("the demo is text");
            fs::write(to.join(below), filled(&text, &below.to_string_lossy())).expect("files can be written");
        }
    }
}

#[test]
fn something_is_found_of_every_family() {
    // Where `tests/sarif-of-demo.sh` looks for it.
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
    demo(&root);
    let ran = scan(&root, &["."]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let found = ran.findings();
    let families: BTreeSet<&str> = found.iter().filter_map(|told| told.split('-').next()).collect();
    let rules = bedrail::rule::embedded::rules();
    let known: BTreeSet<&str> = rules.iter().map(bedrail::rule::Rule::family).collect();
    assert_eq!(families, known, "{found:#?}");
    // The place is the value's, or the setting's, not the line's.
    for place in [
        "secret-gitlab-personal-token app/settings.py:4:17",
        "kubernetes-container-privileged deploy/viewer.yaml:16:13",
    ] {
        assert!(found.iter().any(|told| told == place), "{place} is not in {found:#?}");
    }
}

#[test]
fn the_terminal_shows_the_line_without_the_value() {
    let root = folder();
    demo(root.path());
    let ran = bedrail(root.path(), &["scan", "app"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!("demo-terminal", ran.out);
}

#[test]
fn sarif_says_where() {
    let root = folder();
    demo(root.path());
    let ran = bedrail(root.path(), &["scan", "--format", "sarif", "app"]);
    let sarif = ran.json();
    let result = &sarif["runs"][0]["results"][0];
    let location = &result["locations"][0]["physicalLocation"];
    insta::assert_snapshot!("demo-sarif", format!("{:#}\n{:#}", result["ruleId"], location));
}
