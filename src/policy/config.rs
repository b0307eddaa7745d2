//! `bedrail.toml`: its shape, and what is wrong with one.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::facts::PodSecurityVersion;
use crate::facts::patients::Columns;
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
    /// What is said about patients.
    pub phi: Phi,
}

/// What a configuration says about patients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Phi {
    /// Which columns of which tables single people out; the first that fits a file counts.
    pub table: Vec<PhiTable>,
}

/// Tables, and the columns by which their rows are put into groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PhiTable {
    /// Globs of the files, or of tables in them: `*.csv`, `data/a.db!patients`.
    pub files: Vec<String>,
    /// The quasi-identifiers; date of birth, ZIP code and sex if there is none.
    #[serde(default)]
    pub quasi_identifiers: Vec<String>,
    /// The sensitive columns.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// How many people a group must have.
    #[serde(default)]
    pub k: Option<i64>,
    /// How many different sensitive values a group must have.
    #[serde(default)]
    pub l: Option<i64>,
}

impl PhiTable {
    /// The columns, and what is demanded.
    pub fn columns(&self) -> Columns {
        let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        Columns {
            quasi: self.quasi_identifiers.clone(),
            sensitive: self.sensitive.clone(),
            k: number(self.k),
            l: number(self.l),
        }
    }

    /// What is wrong with it, and where below it.
    fn problems(&self) -> Vec<(Vec<Step>, String, Option<String>)> {
        let mut problems = Vec::new();
        if self.files.is_empty() {
            problems.push((vec!["files".into()], "no file is named".to_owned(), Some("`[\"*.csv\"]`".to_owned())));
        }
        for (index, glob) in self.files.iter().enumerate() {
            if let Err(error) = globset::Glob::new(glob) {
                let help = "for example `data/**/*.csv`, or `*.db!patients` for one table of a database";
                problems.push((
                    vec!["files".into(), index.into()],
                    format!("not a glob: {}", error.kind()),
                    Some(help.to_owned()),
                ));
            }
        }
        let lists = [("quasi-identifiers", &self.quasi_identifiers), ("sensitive", &self.sensitive)];
        for (key, names) in lists {
            if names.len() > Columns::MOST {
                problems.push((vec![key.into()], format!("more than {} columns", Columns::MOST), None));
            }
            for (index, name) in names.iter().enumerate() {
                let way = vec![key.into(), index.into()];
                if name.trim().is_empty() {
                    problems.push((way, "a column has a name".to_owned(), None));
                } else if names[..index].contains(name) || key == "sensitive" && self.quasi_identifiers.contains(name) {
                    problems.push((way, format!("the column `{name}` is named twice"), None));
                }
            }
        }
        if self.k.is_some_and(|k| k < 2) {
            let help = "11 is what the Centers for Medicare & Medicaid Services demand of what they publish";
            problems.push((vec!["k".into()], "k is 2 or more".to_owned(), Some(help.to_owned())));
        }
        if self.l.is_some_and(|l| !(2..=Columns::MOST_DIFFERENT as i64).contains(&l)) {
            problems.push((vec!["l".into()], format!("l is 2 to {}", Columns::MOST_DIFFERENT), None));
        }
        problems
    }
}

impl Phi {
    fn problems(&self) -> impl Iterator<Item = Problem> {
        self.table.iter().enumerate().flat_map(|(index, table)| {
            table.problems().into_iter().map(move |(below, message, help)| {
                let way = [vec!["phi".into(), "table".into(), index.into()], below].concat();
                Problem { place: ProblemPlace::Way(way, None), message, help }
            })
        })
    }
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
        problems.extend(config.phi.problems());
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
        // of a table of patients: what is wrong, and where
        let table = "[[phi.table]]\nfiles = ['*.csv']\n";
        let cases = [
            ("quasi-identifier = ['dob']", "unknown field", "quasi-identifier"),
            ("quasi-identifiers = ['dob', ' ']", "a column has a name", "' '"),
            ("quasi-identifiers = ['dob', 'dob']", "named twice", "'dob'"),
            ("quasi-identifiers = ['dob']\nsensitive = ['dob']", "named twice", "'dob'"),
            ("k = 1", "k is 2 or more", "1"),
            ("k = 'many'", "invalid type", "'many'"),
            ("l = 65", "l is 2 to 64", "65"),
        ];
        for (line, message, at) in cases {
            let (said, shown) = shown(&format!("{table}{line}\n"));
            assert!(said.contains(message) && shown == at, "{line}: {said} at {shown}");
        }
        assert_eq!(shown("[[phi.table]]\nfiles = ['a[']\n").1, "'a['");
        assert!(shown("[[phi.table]]\nk = 5\n").0.contains("missing field `files`"));
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
