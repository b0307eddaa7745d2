//! Rule files of a team: a folder of TOML, loaded with every mistake told.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use super::check_rule::Checker;
use super::schema::{Rule, RuleFile};
use super::source::{Mistakes, Problem, ProblemPlace, read_toml};
use crate::text::failure;

/// A rule file that could be read as one.
#[derive(Debug)]
pub struct RuleText {
    /// The file's name as the user knows it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}

/// Why a folder of rules could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder or a file in it could not be read.
    #[error("{name}: {message}")]
    Unreadable {
        /// What, as the user knows it.
        name: String,
        /// Why.
        message: String,
    },
    /// There is no rule file in it.
    #[error("{0}: there is no .toml file with rules in this folder")]
    Empty(String),
}

/// Reads every `.toml` file at or below `folder`, in the order of their names; `citations.toml` is none of them.
/// `shown` is what the folder is called in messages.
///
/// # Errors
/// What could not be read. Mistakes in a file are returned beside those files that have none.
pub fn read_folder(folder: &Path, shown: &str) -> Result<(Vec<RuleText>, Vec<Mistakes>), FolderError> {
    let (mut files, mut mistakes) = (Vec::new(), Vec::new());
    let unreadable = |name: &str, message: String| FolderError::Unreadable { name: name.to_owned(), message };
    for entry in WalkDir::new(folder).max_depth(16).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let message = error.io_error().map_or_else(|| "cannot be walked".to_owned(), failure);
            unreadable(shown, message)
        })?;
        let path = entry.path();
        let is_rules =
            path.extension().is_some_and(|extension| extension == "toml") && entry.file_name() != "citations.toml";
        if !is_rules || !entry.file_type().is_file() {
            continue;
        }
        let below = path.strip_prefix(folder).ok().filter(|below| !below.as_os_str().is_empty());
        let name = below.map_or_else(|| shown.to_owned(), |below| Path::new(shown).join(below).display().to_string());
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(&name, failure(&error)))?;
        match read_toml::<RuleFile>(&name, &text) {
            Ok(file) => files.push(RuleText { name, text, rules: file.rule }),
            Err(error) => mistakes.push(error),
        }
    }
    if files.is_empty() && mistakes.is_empty() {
        return Err(FolderError::Empty(shown.to_owned()));
    }
    Ok((files, mistakes))
}

/// Every mistake in the rules of `files`; ids must not stand twice, nor be one of `taken`.
pub fn check_files(files: &[RuleText], checker: &Checker, taken: &[&str]) -> Vec<Mistakes> {
    let mut first: BTreeMap<&str, &str> = taken.iter().map(|id| (*id, "bedrail itself")).collect();
    let mut mistakes = Vec::new();
    for file in files {
        let mut problems = Vec::new();
        for (at, rule) in file.rules.iter().enumerate() {
            problems.extend(checker.check(rule, at));
            if let Some(owner) = first.insert(&rule.id, &file.name) {
                problems.push(Problem {
                    place: ProblemPlace::Way(vec!["rule".into(), at.into(), "id".into()], None),
                    message: format!("there is a rule `{}` in {owner} already", rule.id),
                    help: Some("give it another id; a rule of bedrail's own can be switched off with `disable`".into()),
                });
            }
        }
        if !problems.is_empty() {
            mistakes.push(Mistakes { name: file.name.clone(), text: file.text.clone(), problems });
        }
    }
    mistakes
}

/// The rule files that come with the binary, as [`read_folder`] gives others.
pub fn embedded_files() -> (Vec<RuleText>, Vec<Mistakes>) {
    let (mut files, mut mistakes) = (Vec::new(), Vec::new());
    for (name, text) in super::embedded::SOURCES {
        let name = format!("rules/{name}");
        match read_toml::<RuleFile>(&name, text) {
            Ok(file) => files.push(RuleText { name, text: (*text).to_owned(), rules: file.rule }),
            Err(error) => mistakes.push(error),
        }
    }
    (files, mistakes)
}
