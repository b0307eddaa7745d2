//! The `pattern` matcher: text that looks like this.
//!
//! A regex is compiled when its first keyword is seen, and runs only in a window around keywords, as wide as its
//! longest match. All regexes are linear.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, meta};
use regex_syntax::hir::Hir;

use super::gate::Gate;
use super::keywords::Keyword;
use super::surroundings::{FileGlobs, Seen, Surroundings};
use super::windows::{self, Windows};
use super::{TextMatch, certainty::Certainty};
use crate::facts::validators::{self, Validator};
use crate::rule::{Pattern, Rule};
use crate::text::{Span, is_remark};

/// How far a match without a longest length may reach: the largest private keys fit.
const UNBOUNDED: usize = 16 * 1024;
/// The longest window a regex gets, however long its matches could be.
const LONGEST: usize = 64 * 1024;
/// After so many bytes of windows the faster form of a regex has paid for its making.
const WORTH_AN_AUTOMATON: usize = 32 << 10;
/// What one compiled regex may take, in bytes.
const REGEX_SIZE: usize = 8 << 20;

/// A pattern rule, ready to run.
#[derive(Debug)]
pub(super) struct PatternMatcher {
    shape: OnceLock<Result<MatchShape, String>>,
    compiled: OnceLock<Result<Compiled, String>>,
    validator: Option<&'static Validator>,
    surroundings: Option<Surroundings>,
    files: FileGlobs,
}

/// What is known of matches before the regex is compiled.
#[derive(Debug)]
struct MatchShape {
    gate: Gate,
    /// How long a match can be, in bytes.
    reach: usize,
}

/// A regex, compiled twice: quickly for the few bytes that a hook shows it, and to be quick once it has seen more.
#[derive(Debug)]
struct Compiled {
    quick_to_build: Regex,
    quick_to_run: OnceLock<Option<Regex>>,
    searched: AtomicUsize,
    before: OnceLock<Option<Vec<Option<usize>>>>,
    unless: OnceLock<Vec<Regex>>,
    /// The group that holds the value; 0 is the whole.
    value: usize,
}

/// Compiles a rule's regex: ASCII classes, bytes, a bounded size.
///
/// # Errors
/// What is wrong with it, in the words of the regex crate.
pub fn compile_regex(pattern: &str) -> Result<Regex, String> {
    build(pattern, false)
}

/// Without `fast` there is no lazy automaton, which halves the time to compile.
fn build(pattern: &str, fast: bool) -> Result<Regex, String> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(
            meta::Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(REGEX_SIZE))
                .onepass(false)
                .dfa(false)
                .hybrid(fast),
        )
        .build(pattern)
        .map_err(|error| match error.syntax_error() {
            Some(syntax) => syntax.to_string(),
            None => error.to_string(),
        })
}

/// The words that a match holds. Case counts where the rule writes a capital letter, and where the regex has them as
/// they are written and nowhere says that case does not count.
pub(super) fn keywords(pattern: &Pattern) -> Vec<Keyword> {
    let insensitive = is_insensitive(&pattern.regex);
    let mut words = Vec::new();
    let mut add = |text: &str, exact| words.push(Keyword { text: text.to_owned(), exact, ends: false });
    for keyword in &pattern.keywords {
        let forms = if insensitive { Vec::new() } else { forms(&pattern.regex, keyword) };
        if forms.is_empty() {
            add(keyword, keyword.bytes().any(|byte| byte.is_ascii_uppercase()));
        }
        forms.iter().for_each(|form| add(form, true));
    }
    words
}

/// Whether somewhere in a regex case does not count.
fn is_insensitive(regex: &str) -> bool {
    regex.match_indices("(?").any(|(at, _)| {
        let flags = regex[at + 2..].split([':', ')', '<', 'P', '-']).next().unwrap_or_default();
        flags.contains('i')
    })
}

/// How a keyword is written in a regex, each way once.
fn forms(regex: &str, keyword: &str) -> Vec<String> {
    let mut forms: Vec<String> = regex
        .as_bytes()
        .windows(keyword.len())
        .filter(|here| here.eq_ignore_ascii_case(keyword.as_bytes()))
        .map(|here| String::from_utf8_lossy(here).into_owned())
        .collect();
    forms.sort();
    forms.dedup();
    forms
}

impl PatternMatcher {
    pub(super) fn new(pattern: &Pattern) -> Self {
        PatternMatcher {
            shape: OnceLock::new(),
            compiled: OnceLock::new(),
            validator: pattern.validator.as_deref().and_then(validators::named),
            surroundings: pattern.near.as_ref().map(Surroundings::new),
            files: FileGlobs::new(&pattern.files),
        }
    }

    /// Where a match can stand around a keyword; nothing where none can, or in a file that the rule leaves out.
    ///
    /// # Errors
    /// What is wrong with the regex.
    pub(super) fn window(&self, pattern: &Pattern, file: &str, text: &[u8], hit: Span) -> Result<Option<Span>, &str> {
        if !self.files.contain(file) {
            return Ok(None);
        }
        let shape = self.shape.get_or_init(|| MatchShape::new(pattern)).as_ref().map_err(String::as_str)?;
        let window = Span::new(
            hit.end.saturating_sub(shape.reach),
            hit.start.saturating_add(shape.reach).min(text.len()).max(hit.end),
        );
        let is_it = |keyword: &&String| keyword.as_bytes().eq_ignore_ascii_case(&text[hit.range()]);
        let opens = pattern
            .keywords
            .iter()
            .enumerate()
            .filter(|(_, keyword)| is_it(keyword))
            .any(|(at, keyword)| shape.gate.opens(at, text, hit, window, keyword.as_bytes()));
        Ok(opens.then_some(window))
    }

    fn compiled(&self, pattern: &Pattern) -> Result<&Compiled, &str> {
        self.compiled.get_or_init(|| Compiled::new(pattern)).as_ref().map_err(String::as_str)
    }

    /// Adds every match that lies in one of `windows`, which stand in order.
    pub(super) fn search(&self, rule: &Rule, id: u32, text: &[u8], windows: &Windows, found: &mut Vec<TextMatch>) {
        let Some(pattern) = &rule.pattern else { return };
        let bytes = windows.spans.iter().map(|window| window.len()).sum();
        let mut search = None;
        let (mut windows_seen, mut values_seen) = (Seen::default(), Seen::default());
        for window in &windows.spans {
            // Words that must stand near are cheaper to look for than the pattern.
            let near = self.surroundings.as_ref();
            if near.is_some_and(|near| near.rule_out(text, *window, &mut windows_seen)) {
                continue;
            }
            let Ok(compiled) = self.compiled(pattern) else { return };
            let search = search.get_or_insert_with(|| Search::new(compiled, pattern, self.gate(), bytes));
            let mut at = window.start;
            while at <= window.end && search.is_match(text, Span::new(at, window.end), windows) {
                let Some((whole, value)) = search.matched(compiled.value) else { break };
                // What follows the value may be the border of the next one.
                at = if value.is_empty() { whole.end.max(at) + 1 } else { value.end.max(at + 1) };
                if value.is_empty() {
                    continue;
                }
                if let Some(certainty) = self.judge(rule, (pattern, compiled), text, value, &mut values_seen) {
                    found.push(TextMatch { rule: id, span: value, certainty });
                }
            }
        }
    }

    fn gate(&self) -> Option<&Gate> {
        self.shape.get().and_then(|shape| shape.as_ref().ok()).map(|shape| &shape.gate)
    }

    /// Whether a value counts, and how sure it is.
    fn judge(
        &self,
        rule: &Rule,
        (pattern, compiled): (&Pattern, &Compiled),
        text: &[u8],
        value: Span,
        seen: &mut Seen,
    ) -> Option<Certainty> {
        let bytes = &text[value.range()];
        if pattern.code && is_remark(text, value.start) {
            return None;
        }
        if pattern.entropy.is_some_and(|least| entropy(bytes) < least) || compiled.leaves_out(pattern, bytes) {
            return None;
        }
        let mut certainty = Certainty::new(rule.confidence);
        if let Some(validator) = self.validator
            && !certainty.weigh((validator.check)(bytes))
        {
            return None;
        }
        match &self.surroundings {
            Some(surroundings) => surroundings.weigh(text, value, certainty, seen),
            None => Some(certainty),
        }
    }
}

/// One rule's search of one text.
struct Search<'s> {
    regex: &'s Regex,
    captures: Captures,
    /// How far before each keyword a match begins at most, where that is known.
    before: Option<Vec<(&'s str, usize)>>,
}

impl<'s> Search<'s> {
    fn new(compiled: &'s Compiled, pattern: &'s Pattern, gate: Option<&Gate>, bytes: usize) -> Self {
        let regex = compiled.regex(pattern, bytes);
        // Without an automaton it costs more to begin a search than to go on with one.
        let quick = compiled.quick_to_run.get().and_then(Option::as_ref);
        let before = quick.filter(|quick| std::ptr::eq(*quick, regex)).and_then(|_| compiled.before(pattern, gate));
        Search { regex, captures: regex.create_captures(), before }
    }

    /// Looks for the first match in a stretch that ends where its window does.
    fn is_match(&mut self, text: &[u8], within: Span, windows: &Windows) -> bool {
        let hits = self.before.as_ref().and_then(|before| Some((before, windows.hits(within.start, within.end)?)));
        let Some((before, hits)) = hits else {
            self.regex.search_captures(&Input::new(text).range(within.range()), &mut self.captures);
            return self.captures.is_match();
        };
        let mut tried = within.start;
        for hit in hits {
            let keyword = &text[hit.range()];
            let known = before.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(keyword));
            let Some((_, before)) = known else { continue };
            for start in tried.max(hit.start.saturating_sub(*before))..=hit.start {
                let input = Input::new(text).range(start..within.end).anchored(Anchored::Yes);
                self.regex.search_captures(&input, &mut self.captures);
                if self.captures.is_match() {
                    return true;
                }
                tried = start + 1;
            }
        }
        false
    }

    /// What was matched, and the group in it that holds the value.
    fn matched(&self, value: usize) -> Option<(Span, Span)> {
        let whole = self.captures.get_match()?;
        let whole = Span::new(whole.start(), whole.end());
        Some((whole, self.captures.get_group(value).map_or(whole, |group| Span::new(group.start, group.end))))
    }
}

impl Compiled {
    fn new(pattern: &Pattern) -> Result<Self, String> {
        let regex = build(&pattern.regex, false)?;
        let value = regex.group_info().to_index(regex_automata::PatternID::ZERO, "value").unwrap_or(0);
        Ok(Compiled {
            quick_to_build: regex,
            quick_to_run: OnceLock::new(),
            searched: AtomicUsize::new(0),
            before: OnceLock::new(),
            unless: OnceLock::new(),
            value,
        })
    }

    /// The regex to search `bytes` more with.
    fn regex(&self, pattern: &Pattern, bytes: usize) -> &Regex {
        // One window may be a whole file.
        if self.searched.fetch_add(bytes, Ordering::Relaxed) + bytes < WORTH_AN_AUTOMATON {
            return &self.quick_to_build;
        }
        let fast = self.quick_to_run.get_or_init(|| build(&pattern.regex, true).ok());
        fast.as_ref().unwrap_or(&self.quick_to_build)
    }

    /// How far before each keyword a match begins at most. Keywords must be found in any case, and wherever they stand.
    fn before<'p>(&self, pattern: &'p Pattern, gate: Option<&Gate>) -> Option<Vec<(&'p str, usize)>> {
        let known = self.before.get_or_init(|| {
            let lower = pattern.keywords.iter().all(|word| !word.bytes().any(|byte| byte.is_ascii_uppercase()));
            let anywhere = gate.is_some_and(|gate| !gate.looks_behind()) && lower && is_insensitive(&pattern.regex);
            let parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
            let hir = { parser }.parse(&pattern.regex).ok().filter(|_| anywhere)?;
            windows::before_keywords(&hir, &pattern.keywords)
        });
        let words = pattern.keywords.iter().zip(known.as_ref()?);
        Some(words.filter_map(|(word, before)| Some((word.as_str(), (*before)?))).collect())
    }

    /// Whether a value is one that the rule leaves out. What does not compile did not pass the loader.
    fn leaves_out(&self, pattern: &Pattern, value: &[u8]) -> bool {
        let unless =
            self.unless.get_or_init(|| pattern.unless.iter().filter_map(|unless| compile_regex(unless).ok()).collect());
        unless.iter().any(|unless| unless.is_match(value))
    }
}

impl MatchShape {
    fn new(pattern: &Pattern) -> Result<Self, String> {
        let parsed = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(&pattern.regex);
        let hir = parsed.map_err(|error| error.to_string())?;
        Ok(MatchShape { gate: Gate::new(&hir, &pattern.keywords), reach: reach(&hir) })
    }
}

/// How long a match can be, in bytes, within limits.
fn reach(hir: &Hir) -> usize {
    hir.properties().maximum_len().unwrap_or(UNBOUNDED).min(LONGEST)
}

/// Shannon entropy in bits per byte.
pub fn entropy(bytes: &[u8]) -> f64 {
    if bytes.is_empty() {
        return 0.0;
    }
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_shannons() {
        for (text, bits) in [("", 0.0), ("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("0123456789abcdef", 4.0)] {
            assert!((entropy(text.as_bytes()) - bits).abs() < 1e-9, "{text}");
        }
    }

    #[test]
    fn a_window_is_as_wide_as_the_longest_match() {
        for (pattern, bytes) in [("ab[0-9]{4}", 6), ("a.{0,9}b", 11), ("a+", UNBOUNDED), ("a{0,70000}", LONGEST)] {
            let parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
            let hir = { parser }.parse(pattern).expect("valid");
            assert_eq!(reach(&hir), bytes, "{pattern}");
        }
    }

    #[test]
    fn a_bad_regex_is_told_in_words() {
        assert!(compile_regex("a(b").is_err_and(|message| message.contains("unclosed group")));
        assert!(compile_regex(r"(?:\w{1000}){1000}").is_err());
    }
}
