//! Runs rules over texts and documents. No I/O.
//!
//! A match never leaves the engine in clear: what comes out is a [`crate::finding::Finding`], redacted, placed
//! and named by fingerprints.

mod across;
mod assemble;
pub mod assignment;
mod beside;
mod carried;
pub mod cel;
mod certainty;
mod checks;
mod gate;
mod hidden;
mod keywords;
mod masks;
mod naming;
mod novelty;
mod pattern;
mod people;
mod precedence;
mod redact;
mod surroundings;
mod texts;
mod windows;

use std::collections::BTreeMap;

pub use across::{Across, Covered, Kept};
pub use assemble::{Judged, Subject};
pub use carried::Carried;
pub use certainty::Certainty;
pub use hidden::LARGEST_BINARY;
pub use novelty::{Hold, Novelty, SeenKeyword};
pub use pattern::{compile_regex, entropy};
pub use people::ChosenColumns;
pub use surroundings::glob_set;

use keywords::Keyword;

use crate::document::Kind;
use crate::facts::PodSecurityVersion;
use crate::facts::patients::{self, Profile};
use crate::finding::FingerprintKey;
use crate::rule::Rule;
use crate::text::Span;

/// A match of a text rule; its span is the value's.
#[derive(Clone, Debug)]
struct TextMatch {
    rule: u32,
    span: Span,
    certainty: Certainty,
}

/// A rule with what it needs to run.
#[derive(Debug)]
struct Prepared {
    rule: Rule,
    matcher: Matcher,
}

#[derive(Debug)]
enum Matcher {
    Pattern(Box<pattern::PatternMatcher>),
    Assignment(Box<naming::AssignmentMatcher>),
    Check(Box<checks::CheckMatcher>),
}

/// All rules of one scan, ready to run from any thread.
#[derive(Debug)]
pub struct Engine {
    rules: Vec<Prepared>,
    keywords: keywords::Keywords,
    checks: BTreeMap<Kind, Vec<u32>>,
    key: FingerprintKey,
    pod_security: PodSecurityVersion,
    profile: Profile,
    columns: Vec<ChosenColumns>,
}

impl Engine {
    /// Takes rules that passed the loader; nothing is compiled before it is needed.
    pub fn new(rules: Vec<Rule>, key: FingerprintKey) -> Self {
        let rules: Vec<Prepared> = rules.into_iter().filter_map(prepare).collect();
        let mut checks: BTreeMap<Kind, Vec<u32>> = BTreeMap::new();
        for (id, prepared) in (0..).zip(&rules) {
            if let Matcher::Check(check) = &prepared.matcher {
                checks.entry(check.on).or_default().push(id);
            }
        }
        let keywords = keywords::Keywords::new(
            (0..)
                .zip(&rules)
                .flat_map(|(id, prepared)| {
                    let words: Vec<Keyword> = match &prepared.matcher {
                        Matcher::Pattern(_) => prepared.rule.pattern.iter().flat_map(pattern::keywords).collect(),
                        Matcher::Assignment(assignment) => assignment.keywords().collect(),
                        Matcher::Check(_) => Vec::new(),
                    };
                    words.into_iter().map(move |word| (word, id))
                })
                .chain(
                    [Kind::PatientRecords, Kind::PatientsBeside]
                        .iter()
                        .any(|kind| checks.contains_key(kind))
                        .then(|| patient_words(rules.len()))
                        .into_iter()
                        .flatten(),
                ),
        );
        Engine {
            rules,
            keywords,
            checks,
            key,
            profile: Profile::default(),
            columns: Vec::new(),
            pod_security: PodSecurityVersion::LATEST,
        }
    }

    /// The same, with workloads held against this version of the Pod Security Standards.
    #[must_use]
    pub fn with_pod_security(self, version: PodSecurityVersion) -> Self {
        Engine { pod_security: version, ..self }
    }

    /// Whether a rule judges documents, not text.
    pub fn is_check(&self, rule: &str) -> bool {
        self.rules().any(|known| known.id == rule && known.check.is_some())
    }

    /// Whether a rule judges objects of Kubernetes, each by itself.
    pub fn judges_objects(&self, rule: &str) -> bool {
        let kinds = [Kind::KubernetesObject, Kind::KubernetesWorkload];
        kinds.iter().flat_map(|kind| self.checks.get(kind).into_iter().flatten()).any(|id| self.rule(*id).id == rule)
    }

    /// Whether a rule judges groups of records.
    pub fn is_of_records(&self, rule: &str) -> bool {
        self.checks.get(&Kind::PatientRecords).into_iter().flatten().any(|id| self.rule(*id).id == rule)
    }

    /// Whether a rule judges what many documents say together.
    pub fn is_across(&self, rule: &str) -> bool {
        let across = |kind: &Kind, ids: &Vec<u32>| kind.is_across() && ids.iter().any(|id| self.rule(*id).id == rule);
        self.checks.iter().any(|(kind, ids)| across(kind, ids))
    }

    /// The same engine, with another idea of which identifiers are too many.
    #[must_use]
    pub fn with_profile(self, profile: Profile) -> Self {
        Engine { profile, ..self }
    }

    /// The same engine, with columns that were chosen for the tables of some files; the first that fits counts.
    #[must_use]
    pub fn with_columns(self, columns: Vec<ChosenColumns>) -> Self {
        Engine { columns, ..self }
    }

    /// The word of patients that stands at `hit`, if that is what wanted the keyword there, and no rule.
    fn patient_word(&self, wanted_by: u32, hit: Span) -> Option<patients::Telling> {
        let word = (wanted_by as usize).checked_sub(self.rules.len())?;
        Some(patients::Telling { word, at: hit.start })
    }

    /// The rules, in the order in which they were given.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter().map(|prepared| &prepared.rule)
    }
}

/// The words that tell of patients, wanted by numbers behind those of the rules.
fn patient_words(rules: usize) -> impl Iterator<Item = (Keyword, u32)> {
    (0..).zip(patients::words()).map(move |(at, word)| {
        let wanted_by = u32::try_from(rules).unwrap_or(u32::MAX).saturating_add(at);
        (Keyword { text: word.to_owned(), exact: false, ends: false }, wanted_by)
    })
}

/// `None` for a rule without a matcher, or on a kind that does not exist: the loader refuses both.
fn prepare(rule: Rule) -> Option<Prepared> {
    let matcher = match (&rule.pattern, &rule.assignment, &rule.check) {
        (Some(pattern), _, _) => Matcher::Pattern(Box::new(pattern::PatternMatcher::new(pattern))),
        (_, Some(assignment), _) => Matcher::Assignment(Box::new(naming::AssignmentMatcher::new(assignment))),
        (_, _, Some(check)) => Matcher::Check(Box::new(checks::CheckMatcher::new(check)?)),
        _ => return None,
    };
    Some(Prepared { rule, matcher })
}
