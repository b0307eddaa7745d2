//! Text rules over one text: keywords first, then what each keyword calls for.

use super::windows::Windows;
use super::{Engine, Matcher, TextMatch, naming, precedence};
use crate::facts::patients;
use crate::text::Span;

/// What text rules matched in one text.
pub(super) struct TextMatches {
    /// One match for each secret, in the order in which they stand.
    pub(super) best: Vec<TextMatch>,
    /// Where any value was matched: what loses to a better match, but reaches further, is not shown either.
    pub(super) spans: Vec<Span>,
    /// Words that tell of patients.
    pub(super) telling: Vec<patients::Telling>,
}

impl Engine {
    /// Every match of a text rule in `text`. Rules that failed are named in `failures`.
    pub(super) fn text_matches(&self, text: &[u8], file: &str, failures: &mut Vec<(u32, String)>) -> TextMatches {
        let mut windows: std::collections::BTreeMap<u32, Windows> = std::collections::BTreeMap::new();
        let mut names = naming::Names::new(file);
        let mut telling = Vec::new();
        let mut assignments = Vec::new();
        self.keywords.search(text, |hit, rules| {
            assignments.clear();
            for id in rules {
                let Some(prepared) = self.rules.get(*id as usize) else {
                    telling.extend(self.patient_word(*id, hit));
                    continue;
                };
                match &prepared.matcher {
                    Matcher::Pattern(matcher) => {
                        let Some(pattern) = &prepared.rule.pattern else { continue };
                        match matcher.window(pattern, file, text, hit) {
                            Ok(Some(window)) => windows.entry(*id).or_default().add(window, hit),
                            Ok(None) => {}
                            Err(message) => failures.push((*id, message.to_owned())),
                        }
                    }
                    Matcher::Assignment(_) => assignments.push(*id),
                    Matcher::Check(_) => {}
                }
            }
            if !assignments.is_empty() {
                names.hit(text, hit, &assignments);
            }
        });
        let mut found = Vec::new();
        for (id, windows) in &mut windows {
            let prepared = &self.rules[*id as usize];
            if let Matcher::Pattern(matcher) = &prepared.matcher {
                windows.complete();
                matcher.search(&prepared.rule, *id, text, windows, &mut found);
            }
        }
        names.judge(text, file, |id| &self.rules[id as usize], &mut found, failures);
        failures.sort();
        failures.dedup();
        found.iter_mut().for_each(|found| found.certainty.stand_in(file));
        let value = |found: &&TextMatch| !self.rule(found.rule).pattern.as_ref().is_some_and(|pattern| pattern.code);
        let spans = found.iter().filter(value).map(|found| found.span).collect();
        let best = if found.len() < 2 { found } else { precedence::keep_best(&self.rules, found) };
        TextMatches { best, spans, telling }
    }
}
