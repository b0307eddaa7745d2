//! One secret, one finding: which of several matches over the same text is told.

use super::{Prepared, TextMatch};
use crate::rule::Rule;
use crate::text::Span;

/// Leaves out each match that overlaps a better one of the same family.
pub(super) fn keep_best(rules: &[Prepared], mut found: Vec<TextMatch>) -> Vec<TextMatch> {
    let family = |found: &TextMatch| rules[found.rule as usize].rule.family();
    found.sort_by_cached_key(|found| {
        let rule = &rules[found.rule as usize].rule;
        (rule.family(), std::cmp::Reverse(rank(rule, found)), found.span, rule.id.as_str())
    });
    let mut kept: Vec<TextMatch> = Vec::new();
    let mut taken: std::collections::BTreeMap<&str, Taken> = std::collections::BTreeMap::new();
    for candidate in found {
        if taken.entry(family(&candidate)).or_default().claim(candidate.span) {
            kept.push(candidate);
        }
    }
    kept.sort_by(|a, b| (a.span, &rules[a.rule as usize].rule.id).cmp(&(b.span, &rules[b.rule as usize].rule.id)));
    kept
}

/// What makes a match better: a rule for one product before a general one, then surer, worse, longer.
fn rank(rule: &Rule, found: &TextMatch) -> (bool, bool, crate::rule::Confidence, crate::rule::Severity, usize) {
    (!rule.is_generic(), rule.pattern.is_some(), found.certainty.confidence, rule.severity, found.span.len())
}

/// Spans that are taken, none of which overlaps another.
#[derive(Default)]
struct Taken(std::collections::BTreeMap<usize, usize>);

impl Taken {
    /// Takes the span, unless a part of it is taken.
    fn claim(&mut self, span: Span) -> bool {
        let before = self.0.range(..span.end).next_back();
        if before.is_some_and(|(_, end)| *end > span.start) {
            return false;
        }
        self.0.insert(span.start, span.end);
        true
    }
}
