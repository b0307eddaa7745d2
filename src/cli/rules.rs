//! `bedrail rules list`, `explain` and `test`.

use std::fmt::Write;
use std::path::PathBuf;

use super::arguments::{Color, ExplainArguments, ListArguments, TestArguments};
use super::complaint::Complaint;
use super::output::{remark, to_stdout};
use super::setup::{all_rules, compiles};
use super::{Exit, print};
use crate::rule::{self, Checker, Rule, embedded, nearest};
use crate::scan;
use crate::text::visible;

fn folders(rules: &[PathBuf]) -> Vec<(PathBuf, String)> {
    rules.iter().map(|folder| (folder.clone(), folder.display().to_string())).collect()
}

pub(super) fn list(arguments: &ListArguments) -> Result<Exit, Complaint> {
    let mut rules = all_rules(&folders(&arguments.rules))?;
    rules.retain(|rule| arguments.words.iter().all(|word| holds(rule, &word.to_lowercase())));
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let mut shown = String::new();
    if arguments.json {
        shown = serde_json::to_string_pretty(&rules).unwrap_or_default();
        shown.push('\n');
    } else {
        let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
        for rule in &rules {
            let (severity, confidence) = (rule.severity.name(), rule.confidence.name());
            let _ = writeln!(shown, "{:width$}  {severity:8}  {confidence:6}  {}", rule.id, visible(&rule.title));
        }
    }
    print(|out| out.write_all(shown.as_bytes()))
}

fn holds(rule: &Rule, word: &str) -> bool {
    rule.id.contains(word)
        || rule.title.to_lowercase().contains(word)
        || rule.tags.iter().chain(&rule.cites).any(|tag| tag.to_lowercase().contains(word))
}

pub(super) fn explain(arguments: &ExplainArguments) -> Result<Exit, Complaint> {
    let rules = all_rules(&folders(&arguments.rules))?;
    match rules.iter().find(|rule| rule.id == arguments.id) {
        Some(rule) => {
            let page = rule::page(rule, &embedded::citations());
            let lines: Vec<_> = page.lines().map(visible).collect();
            print(|out| writeln!(out, "{}", lines.join("\n")))
        }
        None => {
            let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
            let help = nearest(&arguments.id, &ids).map(|near| format!("did you mean `{near}`?"));
            let help = help.unwrap_or_else(|| "`bedrail rules list` shows all".to_owned());
            Err(Complaint::usage(format!("there is no rule `{}`", visible(&arguments.id)), help))
        }
    }
}

/// Checks rule files and runs their examples.
pub(super) fn test(arguments: &TestArguments) -> Result<Exit, Complaint> {
    let (mut files, mut wrong) =
        if arguments.folders.is_empty() { rule::embedded_files() } else { (Vec::new(), Vec::new()) };
    for (folder, name) in folders(&arguments.folders) {
        let (more, mistakes) =
            rule::read_folder(&folder, &name).map_err(|error| Complaint::usage(visible(&error.to_string()), None))?;
        files.extend(more);
        wrong.extend(mistakes);
    }
    let own: Vec<Rule> = if arguments.folders.is_empty() { Vec::new() } else { embedded::rules() };
    let taken: Vec<&str> = own.iter().map(|rule| rule.id.as_str()).collect();
    let wanted = |rule: &Rule| arguments.only.as_ref().is_none_or(|only| rule.id.contains(only));
    wrong.extend(rule::check_files(&files, &Checker::new(compiles), &taken));
    wrong.extend(scan::examples::failing(&files, wanted));
    let (mut rules, mut examples) = (0, 0);
    for rule in files.iter().flat_map(|file| &file.rules).filter(|rule| wanted(rule)) {
        rules += 1;
        examples += rule.examples.bad.len() + rule.examples.good.len();
    }
    if !wrong.is_empty() {
        let count: usize = wrong.iter().map(|mistakes| mistakes.problems.len()).sum();
        Complaint::Mistakes(wrong).print(Color::Auto);
        remark(&format!("{count} mistakes in {rules} rules"));
        return Ok(Exit::Usage);
    }
    to_stdout(format!("{rules} rules are valid, {examples} examples hold\n").as_bytes())
        .map_err(|error| Complaint::output("standard output", &error))?;
    Ok(Exit::Clean)
}
