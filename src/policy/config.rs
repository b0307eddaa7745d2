//! `bedrail.toml`: its shape, and what is wrong with one.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::facts::PodSecurityVersion;
use crate::rule::{Confidence, Mistakes, Problem, ProblemPlace, Rule, Severity, Step, nearest, read_toml};

/// The configuration of one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Globs of paths that are not looked at; without `/` they match at any depth.
    pub exclude: Vec<String>,
    /// Exit with 1 for findings of this severity or worse.
    pub fail_on: Option<Severity>,
    /// Leave out findings below this severity.
    pub min_severity: Option<Severity>,
    /// Leave out findings below this confidence.
    pub min_confidence: Option<Confidence>,
    /// Folders with more rules, relative to the configuration file.
    pub rules: Vec<String>,
    /// Ids of rules that are not run.
    pub disable: Vec<String>,
    /// Other severities for rules, by id.
    pub severity: BTreeMap<String, Severity>,
    /// The version of the Pod Security Standards that workloads are held against: `v1.31` or `latest`.
    pub psa_version: Option<PodSecurityVersion>,
    /// The file that holds the key for fingerprints, relative to the configuration file.
    pub fingerprint_key_file: Option<String>,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn read(name: &str, text: &str) -> Result<Config, Mistakes> {
        let config: Config = read_toml(name, text)?;
        let mut problems = Vec::new();
        for (index, glob) in config.exclude.iter().enumerate() {
            if let Err(error) = globset::Glob::new(glob) {
                problems.push(Problem {
                    place: ProblemPlace::Way(vec!["exclude".into(), index.into()], None),
                    message: format!("not a glob: {}", error.kind()),
                    help: Some("for example `vendor/**` or `*.min.js`".to_owned()),
                });
            }
        }
        if problems.is_empty() { Ok(config) } else { Err(mistakes(name, text, problems)) }
    }

    /// Checks that every rule that the configuration names exists.
    ///
    /// # Errors
    /// Which do not, and what may have been meant.
    pub fn check_rules<'r>(
        &self,
        name: &str,
        text: &str,
        rules: impl Iterator<Item = &'r Rule>,
    ) -> Result<(), Mistakes> {
        let known: Vec<&str> = rules.map(|rule| rule.id.as_str()).collect();
        let disabled = self.disable.iter().enumerate().map(|(index, id)| (vec!["disable".into(), index.into()], id));
        let changed = self.severity.keys().map(|id| (vec!["severity".into(), Step::Key(id.clone())], id));
        let problems: Vec<Problem> = disabled
            .chain(changed)
            .filter(|(_, id)| !known.contains(&id.as_str()))
            .map(|(way, id)| Problem {
                place: ProblemPlace::Way(way, None),
                message: format!("there is no rule `{id}`"),
                help: nearest(id, &known).map(|near| format!("did you mean `{near}`? `bedrail rules list` shows all")),
            })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(mistakes(name, text, problems)) }
    }

    /// The rules that are to be run, with the severities that the configuration gives them.
    #[must_use]
    pub fn choose(&self, rules: Vec<Rule>) -> Vec<Rule> {
        let mut chosen: Vec<Rule> = rules.into_iter().filter(|rule| !self.disable.contains(&rule.id)).collect();
        for rule in &mut chosen {
            rule.severity = self.severity.get(&rule.id).copied().unwrap_or(rule.severity);
        }
        chosen
    }
}

fn mistakes(name: &str, text: &str, problems: Vec<Problem>) -> Mistakes {
    Mistakes { name: name.to_owned(), text: text.to_owned(), problems }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (String, String) {
        let mistakes = Config::read("bedrail.toml", text).expect_err("is wrong");
        let problem = &mistakes.problems[0];
        (problem.message.clone(), text[mistakes.span(problem).range()].to_owned())
    }

    #[test]
    fn mistakes_are_shown_where_they_stand() {
        let (message, at) = shown("fail-on = 'high'\nexclud = ['x']\n");
        assert!(message.contains("unknown field `exclud`"), "{message}");
        assert_eq!(at, "exclud");
        let (message, at) = shown("fail-on = 'hihg'\n");
        assert!(message.contains("unknown variant `hihg`"), "{message}");
        assert_eq!(at, "'hihg'");
        assert_eq!(shown("exclude = ['ok', 'a[']\n").1, "'a['");
        assert_eq!(shown("a = \n").1.trim(), "");
    }

    #[test]
    fn an_unknown_rule_is_shown_with_its_nearest_neighbour() {
        let text = "disable = ['secret-github-tokn']\n[severity]\n'nothing-like-it' = 'low'\n";
        let config = Config::read("bedrail.toml", text).expect("well formed");
        let rule: Rule = read_toml(
            "",
            "id = 'secret-github-token'\ntitle = ''\nseverity = 'low'\nconfidence = 'low'\nmessage = ''\nremedy = ''\ncites = []\nsince = ''",
        )
        .expect("a rule");
        let mistakes = config.check_rules("bedrail.toml", text, [&rule].into_iter()).expect_err("unknown rules");
        let shown: Vec<_> = mistakes
            .problems
            .iter()
            .map(|problem| (&text[mistakes.span(problem).range()], problem.help.is_some()))
            .collect();
        assert_eq!(shown, [("'secret-github-tokn'", true), ("'low'", false)]);
    }
}
