//! Rules' own examples, run as a scan would run them.

use crate::artifact::{Origin, Part};
use crate::engine::{Engine, Judged, Subject};
use crate::finding::{FingerprintKey, NoticeKind};
use crate::rule::{Example, Mistakes, Problem, ProblemPlace, Rule, RuleText, Step, expand_example};

use super::collector::documents_of;
use crate::text::{LineIndex, Span};

/// Every example of the wanted rules that does not hold, at its place in its file.
pub fn failing(files: &[RuleText], wanted: impl Fn(&Rule) -> bool) -> Vec<Mistakes> {
    let mut mistakes = Vec::new();
    for file in files {
        let rules = file.rules.iter().enumerate().filter(|(_, rule)| wanted(rule));
        let problems: Vec<Problem> = rules.flat_map(|(at, rule)| failing_of(rule, at)).collect();
        if !problems.is_empty() {
            mistakes.push(Mistakes { name: file.name.clone(), text: file.text.clone(), problems });
        }
    }
    mistakes
}

fn failing_of(rule: &Rule, at: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, examples) in [("bad", &rule.examples.bad), ("good", &rule.examples.good)] {
        for (index, example) in examples.iter().enumerate() {
            // A placeholder that cannot be filled in is told by the checker.
            let Ok((text, filled)) = expand_example(rule, example, name, index) else { continue };
            let engine = Engine::new(vec![rule.clone()], FingerprintKey::default()).with_pod_security(example.psa());
            let judged = judge(&engine, example, &text);
            if let Some(message) =
                complaint(&judged, example, name == "bad").or_else(|| misplaced(rule, &judged, &text, &filled))
            {
                let way: [Step; 5] = ["rule".into(), at.into(), "examples".into(), name.into(), index.into()];
                problems.push(Problem { place: ProblemPlace::Way(way.to_vec(), None), message, help: None });
            }
        }
    }
    problems
}

fn judge(engine: &Engine, example: &Example, text: &str) -> Judged {
    let origin = Origin::file(example.file().unwrap_or("example"));
    let subject = Subject { origin: &origin, text: text.as_bytes(), part: Part::WHOLE };
    let (parsed, notices) = documents_of(subject, |format| engine.wants(format, subject.text));
    let mut judged = engine.judge(subject, &parsed);
    judged.notices.extend(notices);
    let across = engine.judge_across(std::mem::take(&mut judged.kept), true);
    judged.findings.extend(across.findings);
    judged
}

/// What is wrong with how an example was judged.
fn complaint(judged: &Judged, example: &Example, bad: bool) -> Option<String> {
    let failed =
        judged.notices.iter().find(|notice| matches!(notice.kind, NoticeKind::RuleFailed | NoticeKind::Malformed));
    if let Some(notice) = failed {
        return Some(format!("the example could not be judged: {}", notice.message));
    }
    let places: Vec<String> =
        judged.findings.iter().map(|finding| format!("{}:{}", finding.place.line, finding.place.column)).collect();
    match (bad, places.as_slice(), example.at()) {
        (true, [], _) => Some("this bad example is not found".to_owned()),
        (true, _, Some(at)) if !places.iter().any(|place| place == at) => {
            Some(format!("this bad example is found at {}, not at {at}", places.join(" and ")))
        }
        (false, [place, ..], _) => Some(format!("this good example is found, at {place}")),
        _ => None,
    }
}

/// A text rule finds what a placeholder stands for: a finding beside all of them is at the wrong place.
fn misplaced(rule: &Rule, judged: &Judged, text: &str, filled: &[Span]) -> Option<String> {
    let place = judged.findings.first().map(|finding| &finding.place)?;
    if rule.check.is_some() || filled.is_empty() {
        return None;
    }
    let index = LineIndex::new(text.as_bytes());
    let position = |offset| {
        let at = index.position(text.as_bytes(), offset);
        (at.line, at.column)
    };
    let touches = judged.findings.iter().any(|finding| {
        let (start, end) =
            ((finding.place.line, finding.place.column), (finding.place.end_line, finding.place.end_column));
        filled.iter().any(|span| start < position(span.end) && position(span.start) < end)
    });
    (!touches).then(|| format!("this example is found at {}:{}, where no placeholder stands", place.line, place.column))
}
