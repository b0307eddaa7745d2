//! What makes a rule valid: everything that can be known before it runs, each mistake with its place.

use super::cel::{self, Environment};
use super::embedded;
use super::schema::{Assignment, Check, Example, Near, Pattern, Rule};
use super::source::{Problem, ProblemPlace, Step};
use super::{CitationFile, placeholder};
use crate::document::Kind;
use crate::facts::{self, validators};
use crate::text::Span;

/// The families that rules may belong to, by the first word of their id.
pub const FAMILIES: &[&str] = &["secret", "phi", "kubernetes", "tls", "storage"];

/// What a rule is checked against.
#[derive(Debug)]
pub struct Checker {
    citations: CitationFile,
    compile_regex: fn(&str) -> Result<(), String>,
}

/// Gathers the mistakes of one rule.
struct Notes<'r> {
    rule: &'r Rule,
    at: usize,
    problems: Vec<Problem>,
}

impl Notes<'_> {
    fn way(&self, steps: &[Step]) -> Vec<Step> {
        [&["rule".into(), self.at.into()], steps].concat()
    }

    fn add(&mut self, steps: &[Step], message: impl Into<String>, help: impl Into<Option<String>>) {
        self.add_inside(steps, None, message, help);
    }

    fn add_inside(
        &mut self,
        steps: &[Step],
        inner: Option<Span>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        let place = ProblemPlace::Way(self.way(steps), inner);
        self.problems.push(Problem { place, message: message.into(), help: help.into() });
    }
}

impl Checker {
    /// A checker with the embedded citations. `compile_regex` says whether the engine takes a pattern.
    pub fn new(compile_regex: fn(&str) -> Result<(), String>) -> Self {
        Checker { citations: embedded::citations(), compile_regex }
    }

    /// Every mistake of the `at`th rule of a file.
    pub fn check(&self, rule: &Rule, at: usize) -> Vec<Problem> {
        let mut notes = Notes { rule, at, problems: Vec::new() };
        check_words(&mut notes);
        self.check_citations(&mut notes);
        let matchers = [rule.pattern.is_some(), rule.assignment.is_some(), rule.check.is_some()];
        if matchers.iter().filter(|has| **has).count() != 1 {
            notes.add(&[], "a rule has exactly one of `pattern`, `assignment` and `check`", None);
        }
        if let Some(pattern) = &rule.pattern {
            self.check_pattern(pattern, &mut notes);
        }
        if let Some(assignment) = &rule.assignment {
            self.check_assignment(assignment, &mut notes);
        }
        if let Some(check) = &rule.check {
            check_check(check, &mut notes);
        }
        check_examples(&mut notes);
        notes.problems
    }

    fn check_citations(&self, notes: &mut Notes<'_>) {
        let known: Vec<&str> = self.citations.citation.iter().map(|citation| citation.id.as_str()).collect();
        for (index, cite) in notes.rule.cites.iter().enumerate() {
            if !known.contains(&cite.as_str()) {
                let help = super::nearest(cite, &known).map(|near| format!("did you mean `{near}`?"));
                notes.add(&["cites".into(), index.into()], format!("there is no citation `{cite}`"), help);
            }
        }
        if !notes.rule.cites.iter().any(|cite| cite.starts_with("hipaa:")) {
            let help = "for example `hipaa:164.312(a)(2)(iv)`".to_owned();
            notes.add(&["cites".into()], "a rule cites at least one HIPAA paragraph", help);
        }
    }

    fn check_pattern(&self, pattern: &Pattern, notes: &mut Notes<'_>) {
        let key = |name: &str| [Step::from("pattern"), name.into()];
        if pattern.keywords.is_empty() {
            notes.add(&key("keywords"), "a pattern needs at least one keyword", None);
        }
        for (index, keyword) in pattern.keywords.iter().enumerate() {
            if keyword.len() < 3 || !keyword.is_ascii() {
                let message = "a keyword has at least three characters, all ASCII";
                notes.add(&["pattern".into(), "keywords".into(), index.into()], message, None);
            }
            // With a capital letter case counts, so a regex that ignores it would find less than it says.
            if pattern.regex.starts_with("(?i)") && keyword.bytes().any(|byte| byte.is_ascii_uppercase()) {
                let message = "case counts in a keyword with a capital letter, but not in this pattern";
                let help = format!("write it `{}`", keyword.to_ascii_lowercase());
                notes.add(&["pattern".into(), "keywords".into(), index.into()], message, Some(help));
            }
        }
        self.check_regex(&key("regex"), &pattern.regex, notes);
        self.check_regexes("pattern", &pattern.unless, notes);
        check_globs("pattern", &pattern.files, notes);
        check_common("pattern", pattern.validator.as_deref(), pattern.near.as_ref(), notes);
    }

    fn check_assignment(&self, assignment: &Assignment, notes: &mut Notes<'_>) {
        let names = [("names", &assignment.names), ("unless_names", &assignment.unless_names)];
        if assignment.names.is_empty() {
            notes.add(&["assignment".into(), "names".into()], "an assignment needs at least one name", None);
        }
        for (list, names) in names {
            for (index, name) in names.iter().enumerate() {
                let words = name.trim_start_matches('^');
                if words.is_empty()
                    || !words.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b' ')
                {
                    let help = "for example `api key` or `^password`".to_owned();
                    notes.add(&["assignment".into(), list.into(), index.into()], "a name is lower-case words", help);
                }
            }
        }
        if let Some(value) = &assignment.value {
            self.check_regex(&["assignment".into(), "value".into()], value, notes);
        }
        self.check_regexes("assignment", &assignment.unless, notes);
        check_globs("assignment", &assignment.files, notes);
        check_common("assignment", assignment.validator.as_deref(), assignment.near.as_ref(), notes);
    }

    fn check_regexes(&self, matcher: &str, unless: &[String], notes: &mut Notes<'_>) {
        for (index, regex) in unless.iter().enumerate() {
            self.check_regex(&[matcher.into(), "unless".into(), index.into()], regex, notes);
        }
    }

    /// Where the parser knows the place of a mistake it is shown there.
    fn check_regex(&self, steps: &[Step], regex: &str, notes: &mut Notes<'_>) {
        let parsed = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex);
        let (span, message) = match parsed {
            Err(regex_syntax::Error::Parse(error)) => (Some(*error.span()), error.kind().to_string()),
            Err(regex_syntax::Error::Translate(error)) => (Some(*error.span()), error.kind().to_string()),
            _ => match (self.compile_regex)(regex) {
                Ok(()) => return,
                Err(message) => (None, message),
            },
        };
        let inner = span.map(|span| Span::new(span.start.offset, span.end.offset));
        let help = (message.contains("look-around") || message.contains("backreference"))
            .then(|| "patterns run in linear time, so there is no look-around and no backreference".to_owned());
        notes.add_inside(steps, inner, format!("not a regular expression: {message}"), help);
    }
}

/// The id, and the words for people.
fn check_words(notes: &mut Notes<'_>) {
    let rule = notes.rule;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !rule.id.bytes().all(plain)
        || rule.id.contains("--")
        || !FAMILIES.contains(&rule.family())
        || rule.family() == rule.id
    {
        let help = format!("the first word is one of {}", FAMILIES.join(", "));
        notes.add(&["id".into()], "an id is lower-case words joined by hyphens, the family first", help);
    }
    for (name, text) in
        [("title", &rule.title), ("message", &rule.message), ("remedy", &rule.remedy), ("since", &rule.since)]
    {
        if text.trim().is_empty() {
            notes.add(&[name.into()], format!("`{name}` must say something"), None);
        }
    }
    if rule.message.ends_with('.') || rule.message.contains('\n') {
        notes.add(&["message".into()], "a message is half a sentence on one line, without its full stop", None);
    }
}

/// A glob that is none would make the rule look nowhere.
fn check_globs(matcher: &str, globs: &[String], notes: &mut Notes<'_>) {
    for (index, glob) in globs.iter().enumerate() {
        if let Err(error) = globset::Glob::new(glob) {
            let help = "for example `*.csv` or `**/deploy/*.yaml`".to_owned();
            notes.add(&[matcher.into(), "files".into(), index.into()], format!("not a glob: {}", error.kind()), help);
        }
    }
}

fn check_common(matcher: &str, validator: Option<&str>, near: Option<&Near>, notes: &mut Notes<'_>) {
    if let Some(name) = validator
        && validators::named(name).is_none()
    {
        let known: Vec<&str> = validators::all().map(|validator| validator.name).collect();
        let help = super::nearest(name, &known)
            .map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        notes.add(&[matcher.into(), "validator".into()], format!("there is no validator `{name}`"), help);
    }
    if near.is_some_and(|near| near.any.is_empty() || near.any.iter().any(String::is_empty)) {
        notes.add(&[matcher.into(), "near".into()], "`near` needs words", None);
    }
}

/// The kind, the view, the place and the expressions of a check.
fn check_check(check: &Check, notes: &mut Notes<'_>) {
    let key = |name: &str| [Step::from("check"), name.into()];
    let Some(kind) = Kind::named(&check.on) else {
        let kinds = Kind::ALL.map(Kind::name).join(", ");
        return notes.add(&key("on"), format!("there is no kind `{}`", check.on), format!("there are {kinds}"));
    };
    if let Some(each) = &check.each {
        if let Err(error) = facts::Each::parse(each, kind) {
            notes.add_inside(&key("each"), Some(Span::new(error.at, error.at + 1)), error.message, None);
        } else {
            check_each(each, kind, notes);
        }
    }
    if let Some(at) = &check.at
        && let Err(error) = facts::Path::parse(at)
    {
        notes.add_inside(&key("at"), Some(Span::new(error.at, error.at + 1)), error.message, None);
    }
    let mut names = facts::variables(kind).to_vec();
    if check.each.as_ref().is_some_and(|each| facts::Each::parse(each, kind).is_ok_and(|each| each.has_key())) {
        names.push("key");
    }
    let mut environment = Environment::new(&names);
    if let Some(fields) = facts::fields(kind) {
        environment = environment.with_fields("object", fields);
        if check.each.is_none() {
            environment = environment.with_fields("self", fields);
        }
    }
    let expressions = [("when", check.when.as_ref()), ("deny", Some(&check.deny))];
    for (name, source) in expressions {
        let Some(source) = source else { continue };
        let errors = match cel::parse(source) {
            Ok(expression) => cel::check(&expression, &environment).err().unwrap_or_default(),
            Err(error) => vec![error],
        };
        for error in errors {
            notes.add_inside(&key(name), Some(error.span), error.message, error.help);
        }
    }
}

/// A path that begins with a name that the kind does not have selects nothing, ever.
fn check_each(each: &str, kind: Kind, notes: &mut Notes<'_>) {
    let views: Vec<&str> = facts::views().iter().filter(|v| v.kinds.contains(&kind)).map(|view| view.name).collect();
    let (before, rest) = match each.strip_prefix("pod.") {
        Some(rest) if kind == Kind::KubernetesWorkload => ("pod.", rest),
        _ => ("", each),
    };
    let Some(fields) = facts::beginnings(kind, before) else { return };
    let name = rest.split(['.', '[', '{', '*']).next().unwrap_or_default();
    let whole = format!("{before}{name}");
    if name.is_empty() || fields.contains(&name) || views.contains(&whole.as_str()) {
        return;
    }
    let fields: Vec<String> = fields.iter().map(|field| format!("{before}{field}")).collect();
    let known: Vec<&str> = views.iter().copied().chain(fields.iter().map(String::as_str)).collect();
    let help = match super::nearest(&whole, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    let message = format!("`{whole}` is neither a named view nor a path in {}", kind.name());
    let place = Span::new(before.len(), before.len() + name.len());
    notes.add_inside(&[Step::from("check"), "each".into()], Some(place), message, Some(help));
}

/// There are examples of both kinds, their placeholders can be filled in, and bad ones hold a keyword.
fn check_examples(notes: &mut Notes<'_>) {
    let rule = notes.rule;
    for (name, examples) in [("bad", &rule.examples.bad), ("good", &rule.examples.good)] {
        if examples.is_empty() {
            notes.add(&["examples".into(), name.into()], format!("a rule has at least one {name} example"), None);
        }
        for (index, example) in examples.iter().enumerate() {
            let steps = ["examples".into(), name.into(), index.into()];
            match expand_example(rule, example, name, index) {
                Err(error) => {
                    let inner =
                        matches!(example, Example::Text(_)).then_some(Span::new(error.offset, error.offset + 1));
                    notes.add_inside(&steps, inner, format!("a placeholder is wrong: {}", error.message), None);
                }
                Ok((text, _)) if name == "bad" => check_keyword(&text, &steps, notes),
                Ok(_) => {}
            }
        }
    }
}

fn check_keyword(text: &str, steps: &[Step], notes: &mut Notes<'_>) {
    let Some(pattern) = &notes.rule.pattern else { return };
    let lower = text.to_ascii_lowercase();
    if !pattern.keywords.iter().any(|keyword| lower.contains(&keyword.to_ascii_lowercase())) {
        notes.add(steps, "none of the rule's keywords stands in this example, so it cannot be found", None);
    }
}

/// The text of an example, its placeholders filled in, and where they stand.
///
/// # Errors
/// Which placeholder is wrong.
pub fn expand_example(
    rule: &Rule,
    example: &Example,
    name: &str,
    index: usize,
) -> Result<(String, Vec<Span>), placeholder::PlaceholderError> {
    placeholder::expand_with_places(example.text(), &format!("{} {name} {index}", rule.id))
}
