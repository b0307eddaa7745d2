//! What stands around a match: words on nearby lines, and the name of the file.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::certainty::Certainty;
use crate::rule::Near;
use crate::text::Span;

/// How far a search for nearby lines goes, in bytes each way: lines can be endless.
const FARTHEST: usize = 16 * 1024;

/// Words that a rule wants near.
#[derive(Debug)]
pub(super) struct Surroundings {
    near: Near,
    words: OnceLock<Option<AhoCorasick>>,
}

/// What is known of one text from looking around earlier matches: places are asked for in order, and what lies
/// around one lies around the next.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Where a word stands.
    word: Option<Span>,
    /// Where none stands.
    without: Span,
}

impl Surroundings {
    pub(super) fn new(near: &Near) -> Self {
        Surroundings { near: near.clone(), words: OnceLock::new() }
    }

    /// Raises the certainty where a word stands near; `None` where one must and does not.
    pub(super) fn weigh(&self, text: &[u8], at: Span, mut certainty: Certainty, seen: &mut Seen) -> Option<Certainty> {
        if self.stand_near(text, at, seen) {
            if !self.near.required {
                certainty.confidence = certainty.confidence.raised();
                certainty.because.push("words that belong to it stand near".to_owned());
            }
            return Some(certainty);
        }
        (!self.near.required).then_some(certainty)
    }

    /// Whether no match in `window` can be one, because words that must stand near do not.
    pub(super) fn rule_out(&self, text: &[u8], window: Span, seen: &mut Seen) -> bool {
        self.near.required && !self.stand_near(text, window, seen)
    }

    fn stand_near(&self, text: &[u8], at: Span, seen: &mut Seen) -> bool {
        let around = lines_around(text, at, self.near.lines);
        if seen.word.is_some_and(|word| around.start <= word.start && word.end <= around.end) {
            return true;
        }
        let Some(words) = self.words.get_or_init(|| words(&self.near.any)) else { return false };
        let known = seen.without.start <= around.start && around.start < seen.without.end;
        if known && around.end <= seen.without.end {
            return false;
        }
        // A word may begin where none ends.
        let longest = words.max_pattern_len().saturating_sub(1);
        let from = if known { seen.without.end.saturating_sub(longest).max(around.start) } else { around.start };
        let find = |start: usize, end: usize| {
            let found = words.find(&text[start..end])?;
            Some(Span::new(start + found.start(), start + found.end()))
        };
        // A word behind the place is near the next places, too.
        let behind = at.start.max(from);
        let found = find(behind, around.end).or_else(|| find(from, (behind + longest).min(around.end)));
        match found {
            Some(_) => seen.word = found,
            None if known => seen.without.end = around.end,
            None => seen.without = around,
        }
        found.is_some()
    }
}

fn words(any: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).build(any).ok()
}

/// The bytes of the lines that `at` touches and of `lines` lines on each side, within limits.
pub(super) fn lines_around(text: &[u8], at: Span, lines: usize) -> Span {
    let floor = at.start.saturating_sub(FARTHEST);
    let ceiling = at.end.saturating_add(FARTHEST).min(text.len());
    let start = memchr::memrchr_iter(b'\n', &text[floor..at.start]).nth(lines).map_or(floor, |found| floor + found + 1);
    let end = memchr::memchr_iter(b'\n', &text[at.end..ceiling]).nth(lines).map_or(ceiling, |found| at.end + found);
    Span::new(start, end)
}

/// Globs of file names; no globs mean every file.
#[derive(Debug)]
pub(super) struct FileGlobs {
    globs: Vec<String>,
    set: OnceLock<GlobSet>,
}

impl FileGlobs {
    pub(super) fn new(globs: &[String]) -> Self {
        FileGlobs { globs: globs.to_vec(), set: OnceLock::new() }
    }

    /// Whether the rule looks into a file of that name; a glob without `/` looks at the last part only.
    pub(super) fn contain(&self, file: &str) -> bool {
        self.globs.is_empty() || self.set.get_or_init(|| glob_set(&self.globs).unwrap_or_default()).is_match(file)
    }
}

/// Compiles globs as rules and the configuration write them: without `/` a glob matches at any depth.
///
/// # Errors
/// Which glob is wrong and why.
pub fn glob_set<S: AsRef<str>>(globs: &[S]) -> Result<GlobSet, (usize, String)> {
    let mut set = GlobSetBuilder::new();
    for (index, glob) in globs.iter().enumerate() {
        let glob = glob.as_ref();
        let anywhere = if glob.contains('/') { glob.to_owned() } else { format!("**/{glob}") };
        let built = GlobBuilder::new(&anywhere).literal_separator(true).case_insensitive(true).build();
        set.add(built.map_err(|error| (index, error.kind().to_string()))?);
    }
    set.build().map_err(|error| (0, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_the_match() {
        let text = b"one\ntwo\nthree\nfour\nfive\n";
        let three = Span::new(8, 13);
        for (lines, around) in [(0, "three"), (1, "two\nthree\nfour"), (9, "one\ntwo\nthree\nfour\nfive\n")] {
            assert_eq!(&text[lines_around(text, three, lines).range()], around.as_bytes(), "{lines}");
        }
    }

    #[test]
    fn what_was_seen_around_one_place_is_true_of_the_next() {
        let near = Near { any: vec!["patient".to_owned(), "dob".to_owned()], lines: 1, required: true };
        let text = b"a\nb\nc pat\nient\nd\nthe DOB\ne\nf\ng patient h\ni\nj\n".as_slice();
        // Every order of two or three places says what each of them says alone.
        let alone = |at: usize| !Surroundings::new(&near).rule_out(text, Span::new(at, at + 1), &mut Seen::default());
        let all = Surroundings::new(&near);
        for first in 0..text.len() {
            for second in 0..text.len() {
                let mut seen = Seen::default();
                for at in [first, second, text.len() - 1 - first] {
                    assert_eq!(
                        !all.rule_out(text, Span::new(at, at + 1), &mut seen),
                        alone(at),
                        "{first} {second} {at}"
                    );
                }
            }
        }
        assert!((0..text.len()).any(alone) && !(0..text.len()).all(alone));
    }

    #[test]
    fn a_glob_without_a_slash_matches_at_any_depth() {
        let globs = |globs: &[&str]| FileGlobs::new(&globs.iter().map(|glob| (*glob).to_owned()).collect::<Vec<_>>());
        assert!(globs(&[]).contain("a/b.xml"));
        assert!(globs(&["*.xml"]).contain("a/b.XML"));
        assert!(!globs(&["*.xml"]).contain("a/b.xmlx"));
        assert!(globs(&["conf/*.xml"]).contain("conf/b.xml"));
        assert!(!globs(&["conf/*.xml"]).contain("conf/d/b.xml"));
    }
}
