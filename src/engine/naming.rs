//! The `assignment` matcher: a name with a value, in any syntax.
//!
//! Keywords are words of names; at each one the assignment around it is found once, and every rule that wants
//! such a name judges its value.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex_automata::meta::Regex;

use super::assignment::{
    Candidate, Context, Judged, Language, NamePattern, NameWords, assignment_at, judge, judge_setting, language_of,
};
use super::certainty::Certainty;
use super::keywords::Keyword;
use super::pattern::compile_regex;
use super::surroundings::{FileGlobs, Seen, Surroundings};
use super::{Matcher, Prepared, TextMatch};
use crate::facts::validators::{self, Validator};
use crate::rule::{Assignment, Rule};
use crate::text::Span;

/// An assignment rule, ready to run.
#[derive(Debug)]
pub(super) struct AssignmentMatcher {
    names: Vec<NamePattern>,
    unless_names: Vec<NamePattern>,
    compiled: OnceLock<Result<Values, String>>,
    validator: Option<&'static Validator>,
    surroundings: Option<Surroundings>,
    files: FileGlobs,
}

/// What values a rule wants.
#[derive(Debug)]
struct Values {
    whole: Option<Regex>,
    unless: Vec<Regex>,
}

impl Values {
    fn new(assignment: &Assignment) -> Result<Self, String> {
        let whole = assignment.value.as_ref().map(|value| compile_regex(&format!("^(?:{value})$"))).transpose()?;
        let unless = assignment.unless.iter().map(|unless| compile_regex(unless)).collect::<Result<_, _>>()?;
        Ok(Values { whole, unless })
    }

    fn take(&self, value: &[u8]) -> bool {
        self.whole.as_ref().is_none_or(|whole| whole.is_match(value))
            && !self.unless.iter().any(|unless| unless.is_match(value))
    }
}

impl AssignmentMatcher {
    pub(super) fn new(assignment: &Assignment) -> Self {
        let names = |names: &[String]| names.iter().filter_map(|name| NamePattern::new(name)).collect();
        AssignmentMatcher {
            names: names(&assignment.names),
            unless_names: names(&assignment.unless_names),
            compiled: OnceLock::new(),
            validator: assignment.validator.as_deref().and_then(validators::named),
            surroundings: assignment.near.as_ref().map(Surroundings::new),
            files: FileGlobs::new(&assignment.files),
        }
    }

    /// One word of each name: where it stands, an assignment may stand.
    pub(super) fn keywords(&self) -> impl Iterator<Item = Keyword> {
        self.names.iter().map(|name| {
            let (word, ends) = name.keyword();
            Keyword { text: word.to_owned(), exact: false, ends }
        })
    }

    /// How closely the rule's names fit; `None` where they do not.
    fn fit(&self, name: &NameWords) -> Option<usize> {
        if self.unless_names.iter().any(|wanted| name.fit(wanted)) {
            return None;
        }
        self.names.iter().filter(|wanted| name.fit(wanted)).map(NamePattern::weight).max()
    }

    fn values(&self, assignment: &Assignment) -> Result<&Values, &str> {
        self.compiled.get_or_init(|| Values::new(assignment)).as_ref().map_err(String::as_str)
    }
}

/// The assignments of one text that rules may want.
pub(super) struct Names {
    language: Language,
    last: Option<Candidate>,
    found: BTreeMap<Span, (Candidate, Vec<u32>)>,
}

impl Names {
    /// For a text in a file of that name.
    pub(super) fn new(file: &str) -> Self {
        Names { language: language_of(file), last: None, found: BTreeMap::new() }
    }

    /// Takes note of the assignment around a keyword, if there is one.
    pub(super) fn hit(&mut self, text: &[u8], at: Span, rules: &[u32]) {
        // Several words of one name are several keywords.
        let known = self.last.as_ref().filter(|last| last.name.start <= at.start && at.end <= last.name.end).copied();
        let Some(candidate) = known.or_else(|| assignment_at(text, at, self.language)) else { return };
        let (known, wanted) = self.found.entry(candidate.value).or_insert_with(|| (candidate, Vec::new()));
        // Of `private String token = "…"` the word nearest to the value is its name.
        if known.name.end < candidate.name.end {
            *known = candidate;
        }
        wanted.extend(rules.iter().filter(|rule| !wanted.contains(rule)).copied().collect::<Vec<_>>());
        self.last = Some(candidate);
    }

    /// Adds a match for each assignment that a rule wants: the one of the rule whose names fit closest.
    pub(super) fn judge<'r>(
        self,
        text: &[u8],
        file: &str,
        rule: impl Fn(u32) -> &'r Prepared,
        found: &mut Vec<TextMatch>,
        failures: &mut Vec<(u32, String)>,
    ) {
        for (candidate, wanted) in self.found.into_values() {
            let Some(name) = NameWords::new(&text[candidate.name.range()]) else { continue };
            let context = Context::new(&candidate, self.language, file);
            for id in wanted {
                let Prepared { rule, matcher: Matcher::Assignment(matcher) } = rule(id) else { continue };
                let Some(assignment) = &rule.assignment else { continue };
                if !matcher.files.contain(file) || matcher.fit(&name).is_none() {
                    continue;
                }
                match matcher.values(assignment) {
                    Ok(values) if values.take(&text[candidate.value.range()]) => {}
                    Ok(_) => continue,
                    Err(message) => {
                        failures.push((id, message.to_owned()));
                        continue;
                    }
                }
                let certainty = certainty(rule, assignment, matcher, text, &candidate, &context);
                found.extend(certainty.map(|certainty| TextMatch { rule: id, span: candidate.value, certainty }));
            }
        }
    }
}

/// Whether the value counts, and how sure it is: never surer than the rule, unless something raises it.
fn certainty(
    rule: &Rule,
    assignment: &Assignment,
    matcher: &AssignmentMatcher,
    text: &[u8],
    candidate: &Candidate,
    context: &Context<'_>,
) -> Option<Certainty> {
    let value = &text[candidate.value.range()];
    let name = &text[candidate.name.range()];
    let mut judged = judge(value, name, assignment.shape, context);
    if assignment.certain {
        judged = judged.or_surer(judge_setting(value, name, context));
    }
    let Judged::Secret { confidence, because } = judged else { return None };
    let mut certainty = Certainty::new(rule.confidence.min(confidence));
    certainty.because.extend(because.iter().map(|reason| (*reason).to_owned()));
    if let Some(validator) = matcher.validator
        && !certainty.weigh((validator.check)(value))
    {
        return None;
    }
    match &matcher.surroundings {
        Some(surroundings) => surroundings.weigh(text, candidate.value, certainty, &mut Seen::default()),
        None => Some(certainty),
    }
}
