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

impl Surroundings {
    pub(super) fn new(near: &Near) -> Self {
        Surroundings { near: near.clone(), words: OnceLock::new() }
    }

    /// Raises the certainty where a word stands near; `None` where one must and does not.
    pub(super) fn weigh(&self, text: &[u8], at: Span, mut certainty: Certainty) -> Option<Certainty> {
        if self.stand_near(text, at) {
            if !self.near.required {
                certainty.confidence = certainty.confidence.raised();
                certainty.because.push("words that belong to it stand near".to_owned());
            }
            return Some(certainty);
        }
        (!self.near.required).then_some(certainty)
    }

    /// Whether no match in `window` can be one, because words that must stand near do not.
    pub(super) fn rule_out(&self, text: &[u8], window: Span) -> bool {
        self.near.required && !self.stand_near(text, window)
    }

    fn stand_near(&self, text: &[u8], at: Span) -> bool {
        let words =
            self.words.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(&self.near.any).ok());
        words.as_ref().is_some_and(|words| words.is_match(&text[lines_around(text, at, self.near.lines).range()]))
    }
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
    fn a_glob_without_a_slash_matches_at_any_depth() {
        let globs = |globs: &[&str]| FileGlobs::new(&globs.iter().map(|glob| (*glob).to_owned()).collect::<Vec<_>>());
        assert!(globs(&[]).contain("a/b.xml"));
        assert!(globs(&["*.xml"]).contain("a/b.XML"));
        assert!(!globs(&["*.xml"]).contain("a/b.xmlx"));
        assert!(globs(&["conf/*.xml"]).contain("conf/b.xml"));
        assert!(!globs(&["conf/*.xml"]).contain("conf/d/b.xml"));
    }
}
