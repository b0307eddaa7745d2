//! Puts the rules into the binary.
//!
//! Parsing all rule files as TOML takes longer than a pre-commit hook may, so they are turned into one JSON text
//! here, their examples left out; the TOML itself is embedded beside it for `rules explain` and `rules test`.
//! Whether the rules are valid is for the tests to say, not for this script.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use walkdir::WalkDir;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("rules");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let (mut rules, mut sources) = (Vec::new(), String::new());
    for entry in WalkDir::new(&root).min_depth(2).sort_by_file_name() {
        let entry = entry?;
        if entry.path().parent() == Some(root.join("fields").as_path()) {
            continue;
        }
        if entry.path().extension().is_some_and(|extension| extension == "toml") {
            let name = entry.path().strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
            rules.extend(rules_of(entry.path())?);
            writeln!(sources, "({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/rules/{name}\"))),")?;
        }
    }
    fs::write(out.join("fields.json"), serde_json::to_string(&fields(&root.join("fields"))?)?)?;
    fs::write(out.join("rules.json"), serde_json::to_string(&rules)?)?;
    fs::write(out.join("rule_sources.rs"), format!("&[\n{sources}]\n"))?;
    let citations: Value = toml::from_str(&fs::read_to_string(root.join("citations.toml"))?)?;
    fs::write(out.join("citations.json"), serde_json::to_string(&citations)?)?;
    Ok(())
}

/// The rules of one file, without their examples.
fn rules_of(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let mut file: Value = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut rules = match file.get_mut("rule").map(Value::take) {
        Some(Value::Array(rules)) => rules,
        _ => Vec::new(),
    };
    for rule in &mut rules {
        if let Some(rule) = rule.as_object_mut() {
            rule.shift_remove("examples");
        }
    }
    Ok(rules)
}

/// The field maps, each under the name of its file.
fn fields(folder: &Path) -> Result<serde_json::Map<String, Value>, Box<dyn Error>> {
    let mut maps = serde_json::Map::new();
    for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let path = entry?.into_path();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let map =
            toml::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        maps.insert(name, map);
    }
    Ok(maps)
}
