//! One automaton over the keywords of all rules.
//!
//! A hook looks at a few kilobytes and must start at once; a sweep looks at gigabytes. So the search starts with
//! the automaton that is quick to build and changes to the one that is quick to run once enough has been seen.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::text::Span;

/// After so many bytes the fast automaton has paid for its making: it takes about as long to build as the slow
/// one takes to search this much.
const WORTH_A_DFA: usize = 4 << 20;

/// Keywords of all rules, each with the rules that want it.
#[derive(Debug)]
pub(super) struct Automaton {
    keywords: Vec<String>,
    wanted_by: Vec<Vec<u32>>,
    quick_to_build: OnceLock<Option<AhoCorasick>>,
    quick_to_run: OnceLock<Option<AhoCorasick>>,
    seen: AtomicUsize,
}

impl Automaton {
    /// Takes pairs of keyword and rule; keywords match in any case.
    pub(super) fn new(pairs: impl Iterator<Item = (String, u32)>) -> Self {
        let mut by_keyword: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (keyword, rule) in pairs {
            let rules = by_keyword.entry(keyword.to_ascii_lowercase()).or_default();
            if rules.last() != Some(&rule) {
                rules.push(rule);
            }
        }
        let (keywords, wanted_by) = by_keyword.into_iter().unzip();
        Automaton {
            keywords,
            wanted_by,
            quick_to_build: OnceLock::new(),
            quick_to_run: OnceLock::new(),
            seen: AtomicUsize::new(0),
        }
    }

    /// Calls `hit` with every keyword that stands in `text` and the rules that want it, in the order of their ends.
    pub(super) fn search(&self, text: &[u8], mut hit: impl FnMut(Span, &[u32])) {
        let seen = self.seen.fetch_add(text.len(), Ordering::Relaxed);
        let automaton = if seen + text.len() > WORTH_A_DFA {
            self.quick_to_run.get_or_init(|| self.build(AhoCorasickKind::DFA))
        } else {
            self.quick_to_build.get_or_init(|| self.build(AhoCorasickKind::ContiguousNFA))
        };
        let Some(automaton) = automaton else { return };
        for found in automaton.find_overlapping_iter(text) {
            hit(Span::new(found.start(), found.end()), &self.wanted_by[found.pattern().as_usize()]);
        }
    }

    /// `None` when there are no keywords; more keywords than an automaton can hold do not pass the rule loader.
    fn build(&self, kind: AhoCorasickKind) -> Option<AhoCorasick> {
        if self.keywords.is_empty() {
            return None;
        }
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(&self.keywords)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_automata_see_the_same() {
        let pairs = [("token", 0), ("TOKEN", 1), ("ken", 2)].map(|(word, rule)| (word.to_owned(), rule));
        let text = b"a Token, a kEN";
        let hits = |automaton: &Automaton| {
            let mut hits = Vec::new();
            automaton.search(text, |span, rules| hits.push((span.start, rules.to_vec())));
            hits
        };
        let small = Automaton::new(pairs.clone().into_iter());
        let large = Automaton::new(pairs.into_iter());
        large.seen.store(WORTH_A_DFA, Ordering::Relaxed);
        // Keywords that differ in case are one; overlapping ones are both seen.
        assert_eq!(hits(&small), [(2, vec![0, 1]), (4, vec![2]), (11, vec![2])]);
        assert_eq!(hits(&small), hits(&large));
    }
}
