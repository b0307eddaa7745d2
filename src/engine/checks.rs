//! The `check` matcher: a document that says this.
//!
//! A check that cannot be answered is told: an unknown value is a notice, a failing expression fails the scan.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::Engine;
use super::Matcher;
use super::cel::{Binding, Evaluator, Outcome};
use crate::artifact::{Origin, Step};
use crate::document::{Document, Format, Kind, Value};
use crate::facts::{self, Each, Path, Selected, Subject};
use crate::finding::{Notice, NoticeKind, Place};
use crate::rule::Check;
use crate::rule::cel::{self, Expression};
use crate::text::Span;

/// A check rule, ready to run.
#[derive(Debug)]
pub(super) struct CheckMatcher {
    pub(super) on: Kind,
    compiled: OnceLock<Result<Compiled, String>>,
}

#[derive(Debug)]
pub(super) struct Compiled {
    each: Each,
    when: Option<Expression>,
    deny: Expression,
    pub(super) at: Path,
}

/// A node for which a check does not hold.
#[derive(Debug)]
pub(super) struct CheckMatch {
    pub(super) rule: u32,
    /// Where it stands in the text that was parsed.
    pub(super) span: Option<Span>,
    /// Where it is defined, if what stands there is the use of an alias.
    pub(super) defined: Option<Span>,
    /// Where it stands in a text that is not at hand.
    pub(super) place: Option<Place>,
    /// The path in the tree.
    pub(super) path: String,
    /// What it is about, for the fingerprint: kind, namespace and name of an object.
    pub(super) subject: String,
    /// What the facts say beyond the rule's words.
    pub(super) detail: Vec<(&'static str, String)>,
    /// Where the document came from, if not from the text itself.
    pub(super) origin: Option<Origin>,
}

impl CheckMatcher {
    pub(super) fn new(check: &Check) -> Option<Self> {
        Some(CheckMatcher { on: Kind::named(&check.on)?, compiled: OnceLock::new() })
    }

    fn compiled(&self, check: &Check) -> Result<&Compiled, &str> {
        self.compiled.get_or_init(|| Compiled::new(check, self.on)).as_ref().map_err(String::as_str)
    }
}

impl Compiled {
    fn new(check: &Check, kind: Kind) -> Result<Self, String> {
        let path = |error: facts::PathError| error.message;
        let expression = |source: &str| cel::parse(source).map_err(|error| error.to_string());
        Ok(Compiled {
            each: check.each.as_deref().map_or(Ok(Each::top()), |each| Each::parse(each, kind)).map_err(path)?,
            when: check.when.as_deref().map(expression).transpose()?,
            deny: expression(&check.deny)?,
            at: check.at.as_deref().map_or(Ok(Path::default()), Path::parse).map_err(path)?,
        })
    }
}

impl Engine {
    /// Whether a rule could want the documents of such a text; parsing what nobody asks about costs time and
    /// would complain about files that are no concern of ours.
    pub fn wants(&self, format: Format, text: &[u8]) -> bool {
        let holds = |word: &[u8]| memchr::memmem::find(text, word).is_some();
        let any = |kinds: &[Kind]| kinds.iter().any(|kind| self.checks.contains_key(kind));
        let plain = match format {
            Format::Yaml => Kind::Yaml,
            Format::Json => Kind::Json,
            Format::Toml => Kind::Toml,
            Format::Env => Kind::Env,
            Format::Ini | Format::Properties => Kind::Ini,
        };
        let tree = matches!(format, Format::Yaml | Format::Json);
        any(&[plain])
            || (tree
                && (any(&[
                    Kind::KubernetesObject,
                    Kind::KubernetesWorkload,
                    Kind::KubernetesRights,
                    Kind::KubernetesNamespace,
                ]) || holds(b"Secret"))
                && holds(b"apiVersion")
                && holds(b"kind"))
            || (format == Format::Json && holds(b"\"nbformat\""))
            || (format == Format::Json
                && any(&[Kind::TlsEndpoint, Kind::S3Bucket, Kind::PatientRecords])
                && holds(b"bedrail-facts/"))
    }

    /// Judges one document and everything that it is about.
    pub(super) fn check_document(
        &self,
        document: &Document,
        origin: &Origin,
        found: &mut Vec<CheckMatch>,
        notices: &mut Vec<Notice>,
    ) {
        let derived = facts::derive(document);
        for problem in &derived.problems {
            notices.push(Notice {
                origin: Some(origin.clone()),
                line: problem.span.map(|span| span.start),
                kind: NoticeKind::Malformed,
                message: format!("the fact file is wrong at {}: {}", shown_pointer(&problem.pointer), problem.message),
            });
        }
        if derived.cut {
            notices.push(limit(origin, "it holds more objects than are judged".to_owned()));
        }
        for subject in &derived.subjects {
            let mut unjudged = Unknowns::new();
            for id in self.checks.get(&subject.kind).into_iter().flatten() {
                let run = Run { engine: self, id: *id, document: &derived.document, subject, origin };
                run.check(notices, &mut unjudged, |compiled, selected| found.push(run.matched(compiled, selected)));
            }
            let unknown = unjudged.into_iter();
            notices.extend(unknown.map(|(place, rules)| unjudged_notice(origin_of(subject, origin), place, &rules)));
        }
    }
}

/// Values that are not known, by where they stand, and the rules that asked for them.
pub(super) type Unknowns = BTreeMap<(Option<usize>, String), Vec<String>>;

fn limit(origin: &Origin, message: String) -> Notice {
    Notice { origin: Some(origin.clone()), line: None, kind: NoticeKind::Limit, message }
}

fn shown_pointer(pointer: &str) -> &str {
    if pointer.is_empty() { "its top" } else { pointer }
}

/// One rule over one subject.
pub(super) struct Run<'r> {
    pub(super) engine: &'r Engine,
    pub(super) id: u32,
    pub(super) document: &'r Document,
    pub(super) subject: &'r Subject,
    pub(super) origin: &'r Origin,
}

impl Run<'_> {
    /// Calls `found` for each node for which the rule does not hold.
    pub(super) fn check(
        &self,
        notices: &mut Vec<Notice>,
        unjudged: &mut Unknowns,
        mut found: impl FnMut(&Compiled, &Selected),
    ) {
        let prepared = &self.engine.rules[self.id as usize];
        let (Matcher::Check(matcher), Some(check)) = (&prepared.matcher, &prepared.rule.check) else { return };
        let compiled = match matcher.compiled(check) {
            Ok(compiled) => compiled,
            Err(message) => return notices.push(self.engine.failed(self.id, self.origin, None, message)),
        };
        let selection = facts::select(self.document, self.subject, &compiled.each);
        for unknown in &selection.unknown {
            self.not_judged(unknown, None, unjudged);
        }
        if selection.cut {
            notices.push(limit(self.origin, format!("{} judged only a part of it", prepared.rule.id)));
        }
        let mut evaluator = Evaluator::new(self.document);
        evaluator.bind("object", Binding::Node(self.subject.root));
        if let Some(pod) = &self.subject.pod {
            evaluator.bind("pod", Binding::Node(pod.node));
            evaluator.bind("psa", Binding::Int(self.engine.pod_security.minor().into()));
        }
        for selected in &selection.nodes {
            evaluator.bind("self", Binding::Node(selected.node));
            if compiled.each.has_key()
                && let Some(key) = selected.trail.key(self.document)
            {
                evaluator.bind("key", Binding::Text(key));
            }
            let outcome = match compiled.when.as_ref().map(|when| evaluator.evaluate(when)) {
                None | Some(Outcome::True) => evaluator.evaluate(&compiled.deny),
                Some(other) => other,
            };
            match outcome {
                Outcome::True => found(compiled, selected),
                Outcome::False => {}
                // What a patch does not say is said elsewhere, and judged there.
                Outcome::Unknown(unknown)
                    if self.document.is_partial()
                        && !matches!(self.document.value(unknown.node), Value::Unknown(_)) => {}
                Outcome::Unknown(unknown) => self.not_judged(selected, Some(&unknown.why), unjudged),
                // A node that is no map is not what the rule reads: the document is odd, not the rule wrong.
                Outcome::Failed(_) if !matches!(self.document.value(selected.node), Value::Map(_)) => {
                    self.not_judged(selected, None, unjudged);
                }
                Outcome::Failed(error) => {
                    let line = self.document.node(selected.node).span.map(|span| span.start);
                    notices.push(self.engine.failed(self.id, self.origin, line, &error.message));
                }
            }
        }
    }

    /// An unknown value: the rule said neither yes nor no.
    fn not_judged(&self, selected: &Selected, why: Option<&str>, unjudged: &mut Unknowns) {
        let line = self.document.node(selected.node).span.map(|span| span.start);
        // Why an endpoint's answer is not known is told if it was asked just now: what stands in a file is not repeated.
        let live = self.subject.kind == Kind::TlsEndpoint && matches!(self.origin.steps(), [Step::Resource(_)]);
        let place = match why.filter(|_| live) {
            Some(why) => {
                let path = selected.trail.display_named(self.document);
                format!("{} ({why})", if path.is_empty() { "its top" } else { &path })
            }
            None => selected.trail.display(self.document),
        };
        let place = (line, place);
        let rules = unjudged.entry(place).or_default();
        let rule = &self.engine.rule(self.id).id;
        if rules.last() != Some(rule) {
            rules.push(rule.clone());
        }
    }

    fn matched(&self, compiled: &Compiled, selected: &Selected) -> CheckMatch {
        let placed = facts::place(self.document, selected, &compiled.at);
        let area = self.subject.area(self.document, &placed.trail);
        let origin = match (&self.subject.origin, area) {
            // The facts were taken from a file, and say where in it.
            (Some(name), Some(_)) => Some(Origin::file(name.to_string())),
            (Some(_), None) => Some(origin_of(self.subject, self.origin)),
            (None, _) => None,
        };
        CheckMatch {
            rule: self.id,
            span: if area.is_some() { None } else { placed.span },
            defined: if area.is_some() { None } else { placed.defined },
            place: area.map(|area| Place {
                line: area.line,
                column: area.column,
                end_line: area.end_line,
                end_column: area.end_column,
                ..Place::default()
            }),
            path: match self.subject.kind {
                // A suite is the same one wherever it stands in the list.
                Kind::TlsEndpoint => placed.trail.display_named(self.document),
                _ => placed.trail.display(self.document),
            },
            subject: self.identity(),
            detail: facts::patients::detail(self.document, self.subject.kind, self.subject.root),
            origin,
        }
    }

    /// What tells one object of a file from another, whatever line it stands on.
    fn identity(&self) -> String {
        let root = self.subject.root;
        let text = |from, key| self.document.get_str(from, key).unwrap_or_default();
        match self.document.get(root, "metadata") {
            Some(metadata) => {
                format!("{}/{}/{}", text(root, "kind"), text(metadata, "namespace"), text(metadata, "name"))
            }
            None if self.subject.kind == Kind::PatientRecords => {
                format!("{} {}", text(root, "format"), text(root, "table"))
            }
            None => String::new(),
        }
    }
}

/// Facts name what they are about; where they stand in a file, the file comes first.
pub(super) fn origin_of(subject: &Subject, origin: &Origin) -> Origin {
    match &subject.origin {
        // What was learned live is named so already.
        Some(name) if matches!(origin.steps(), [Step::Resource(same)] if **same == **name) => origin.clone(),
        Some(name) => origin.then(Step::Resource(name.to_string())),
        None => origin.clone(),
    }
}

/// One notice for all rules that asked for the same unknown value.
pub(super) fn unjudged_notice(origin: Origin, (line, path): (Option<usize>, String), rules: &[String]) -> Notice {
    let place = if path.is_empty() { String::new() } else { format!(" at {path}") };
    let message = format!("a value is not known, or not of its kind{place}, for {}", rules.join(", "));
    Notice { origin: Some(origin), line, kind: NoticeKind::NotJudged, message }
}
