//! Whether the lines in which a text differs from an earlier state of it bring anything that a rule matches.
//!
//! A history holds each file a thousand times, and one state differs from the next in a few lines. What a rule
//! matches depends on the bytes around it and on nothing else, so where the bytes around are the same, the earlier
//! state told the same. This module knows how far around each rule looks. A rule that looks too far, or whose reach
//! is not known, makes its text one that is always judged whole. It does not know how two texts are compared, and
//! nothing of documents and records of patients: both are judged whole by whoever asks.

mod around;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex_syntax::hir::{Class, Hir, HirKind};

use self::around::{regions, zone};
use super::surroundings::FileGlobs;
use super::{Engine, Matcher, Subject, naming};
use crate::artifact::{Origin, Part};
use crate::facts::patients::Found;
use crate::rule::{Near, Rule};
use crate::text::{DecodeBudget, Span, encoded};

/// A rule may look so many lines with something in them around its keyword, and a change is looked around as far.
const MOST_LINES: usize = 12;
/// The longest match, in bytes, of a rule whose findings may stand near a change without their text being judged whole.
const LONGEST: usize = 2048;
/// How many lines with something in them before a change may hold the name of an assignment that the change is a
/// part of: name, comma, key and value may each have one.
const LINES_BEFORE: usize = 4;
/// How many after it may hold what is read back to it: the bracket before a name.
const LINES_AFTER: usize = 2;
/// How far lines are followed, in bytes: no name stands farther from the end of its value, no match is longer but
/// those of rules that look far.
const FARTHEST: usize = 16 * 1024;
/// No pattern is searched in a wider window around its keyword.
const WIDEST: usize = 64 * 1024;
/// How many keywords of rules that look far are kept in mind.
const MOST_KEYWORDS: usize = 4000;
/// A line that ends with so many digits of base64 may go on in the next one.
const WRAPPED: usize = 40;

/// How far around its matches a rule looks.
#[derive(Debug)]
enum Scope {
    /// Only into the lines of the match.
    Line,
    /// Farther, so that its keywords are kept in mind, in files of these names: [`MOST_LINES`] lines around a change
    /// and so many bytes more.
    Far(FileGlobs, usize),
    /// Too far, but only where one of its words stands.
    FarFromWords,
}

/// What a finding depends on, beside the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its lines alone.
    Lines,
    /// A few lines around them, too, and so many bytes more.
    Around(usize),
}

/// Where a pattern may match, by its rule.
type Windows = BTreeMap<u32, Vec<Span>>;

/// A keyword of a rule that looks far around, or a word that tells of patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenKeyword {
    rule: u32,
    /// Where it stands.
    pub span: Span,
}

impl SeenKeyword {
    /// The same, at another place.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        SeenKeyword { span, ..self }
    }
}

/// Looks at changes for one scan.
#[derive(Debug)]
pub struct Novelty<'e> {
    engine: &'e Engine,
    scopes: Box<[OnceLock<Scope>]>,
    words: OnceLock<Option<AhoCorasick>>,
}

impl<'e> Novelty<'e> {
    /// For the rules of that engine.
    pub fn new(engine: &'e Engine) -> Self {
        let scopes = engine.rules.iter().map(|_| OnceLock::new()).collect();
        Novelty { engine, scopes, words: OnceLock::new() }
    }

    /// The keywords in `text`, or in some `lines` of it, of rules that look far around, and the words that tell of
    /// patients; nothing if a change anywhere may bring a match, so that the text has to be judged whole.
    pub fn keywords(&self, text: &[u8], lines: Span, file: &str) -> Option<Vec<SeenKeyword>> {
        let words = self.words.get_or_init(|| far_words(self.engine.rules()));
        // Without a search for the words every text counts as one that holds them.
        if words.as_ref().is_none_or(|words| words.is_match(&text[lines.range()])) {
            return None;
        }
        let mut found = Vec::new();
        self.engine.keywords.search(&text[lines.range()], |hit, rules| {
            if found.len() <= MOST_KEYWORDS {
                let far = |id: &&u32| match self.scope(**id) {
                    Some(Scope::Far(files, _)) => files.contain(file),
                    Some(_) => false,
                    None => true,
                };
                let span = Span::new(hit.start + lines.start, hit.end + lines.start);
                found.extend(rules.iter().filter(far).map(|rule| SeenKeyword { rule: *rule, span }));
            }
        });
        (found.len() <= MOST_KEYWORDS).then_some(found)
    }

    /// The patients of a text, known by the keywords of all of it.
    pub fn patients(&self, subject: Subject<'_>, keywords: &[SeenKeyword]) -> Found {
        let words = keywords.iter().filter_map(|keyword| self.engine.patient_word(keyword.rule, keyword.span));
        self.engine.patients_at(subject, words.collect(), None)
    }

    /// How far a finding of a rule depends on what stands around its lines; nothing if that is too far to look at.
    pub fn hold(&self, rule: &str) -> Option<Hold> {
        let id = self.engine.rules().position(|known| known.id == rule).and_then(|id| u32::try_from(id).ok())?;
        match self.scope(id)? {
            Scope::Line => Some(Hold::Lines),
            // Half of how far a match may begin is how long it may be.
            Scope::Far(_, reach) => (*reach <= 2 * LONGEST).then_some(Hold::Around(reach / 2)),
            Scope::FarFromWords => None,
        }
    }

    /// Whether a rule matches anything in `text`, in a file of that name, that one of the `changed` stretches has a
    /// part in. They are whole lines, in order and apart; an empty one stands where lines are gone. `keywords` are
    /// those of the whole text, and `findings` the known ones that are still there.
    pub fn is_brought(
        &self,
        text: &[u8],
        file: &str,
        changed: &[Span],
        keywords: &[SeenKeyword],
        findings: &[(Span, Hold)],
    ) -> bool {
        if keywords.len() > MOST_KEYWORDS {
            return true;
        }
        let zones: Vec<Span> = changed.iter().map(|change| zone(text, *change)).collect();
        // Zones overlap, but begin and end in order.
        let touches = |span: Span, reach: usize| {
            let at = zones.partition_point(|zone| zone.end.saturating_add(reach) < span.start);
            zones.get(at).is_some_and(|zone| zone.start <= span.end.saturating_add(reach))
        };
        let shaken = |(lines, hold): &(Span, Hold)| matches!(hold, Hold::Around(reach) if touches(*lines, *reach));
        if findings.iter().any(shaken) {
            return true;
        }
        let mut windows = Windows::new();
        for SeenKeyword { rule, span } in keywords {
            if matches!(self.scope(*rule), Some(Scope::Far(_, reach)) if touches(*span, *reach))
                && !self.open(text, file, *span, *rule, &mut windows)
            {
                return true;
            }
        }
        self.is_found(text, windows)
            || regions(text, changed)
                .iter()
                .any(|region| self.is_matched(text, file, *region) || self.is_hidden(&text[region.range()]))
    }

    /// Notes where a pattern may match around a keyword; false if the rule fails.
    fn open(&self, text: &[u8], file: &str, hit: Span, id: u32, windows: &mut Windows) -> bool {
        let prepared = &self.engine.rules[id as usize];
        let (Matcher::Pattern(matcher), Some(pattern)) = (&prepared.matcher, &prepared.rule.pattern) else {
            return true;
        };
        let window = matcher.window(pattern, file, text, hit);
        if let Ok(Some(window)) = window {
            windows.entry(id).or_default().push(window);
        }
        window.is_ok()
    }

    /// Whether patterns match in their windows.
    fn is_found(&self, text: &[u8], windows: Windows) -> bool {
        let mut found = Vec::new();
        for (id, windows) in windows {
            let prepared = &self.engine.rules[id as usize];
            if let Matcher::Pattern(matcher) = &prepared.matcher {
                for window in merged(windows) {
                    let window = super::windows::Windows::unknown(window);
                    matcher.search(&prepared.rule, id, text, &window, &mut found);
                }
            }
        }
        !found.is_empty()
    }

    /// Whether a rule that looks into lines only matches in a region.
    fn is_matched(&self, text: &[u8], file: &str, region: Span) -> bool {
        let mut windows = Windows::new();
        let mut names = naming::Names::new(file);
        let mut failed = false;
        self.engine.keywords.search(&text[region.range()], |hit, rules| {
            let hit = Span::new(hit.start + region.start, hit.end + region.start);
            let counts = |id: &u32| matches!(self.scope(*id), Some(Scope::Line));
            let mut assignments = Vec::new();
            for id in rules.iter().copied().filter(counts) {
                if matches!(self.engine.rules[id as usize].matcher, Matcher::Assignment(_)) {
                    assignments.push(id);
                } else {
                    failed |= !self.open(text, file, hit, id, &mut windows);
                }
            }
            if !assignments.is_empty() {
                names.hit(text, hit, &assignments);
            }
        });
        if failed || self.is_found(text, windows) {
            return true;
        }
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        names.judge(text, file, |id| &self.engine.rules[id as usize], &mut found, &mut failures);
        !found.is_empty() || !failures.is_empty()
    }

    /// Whether a rule matches in what stands encoded in whole lines.
    fn is_hidden(&self, lines: &[u8]) -> bool {
        let mut budget = DecodeBudget::default();
        let found = encoded(lines, &mut budget);
        budget.is_spent()
            || found.iter().any(|one| {
                let origin = Origin::default();
                let subject = Subject { origin: &origin, text: &one.text, part: Part::WHOLE };
                let found = self.engine.all_matches(subject, &[]);
                found.limited || !found.failures.is_empty() || !found.all().spans.is_empty()
            })
    }

    /// Nothing for what is no rule: a word of patients.
    fn scope(&self, id: u32) -> Option<&Scope> {
        let (known, prepared) = (self.scopes.get(id as usize)?, self.engine.rules.get(id as usize)?);
        Some(known.get_or_init(|| scope(&prepared.rule)))
    }
}

/// How far around a rule looks.
fn scope(rule: &Rule) -> Scope {
    let (near, files) = match (&rule.pattern, &rule.assignment) {
        (Some(pattern), _) => (&pattern.near, &pattern.files),
        (_, Some(assignment)) => (&assignment.near, &assignment.files),
        _ => return Scope::Line,
    };
    let far = near.as_ref().is_some_and(is_far);
    if far && near.as_ref().is_some_and(|near| near.required) {
        return Scope::FarFromWords;
    }
    // Where none of the words stands that are looked for far away, it does not matter how far.
    let near = near.as_ref().filter(|_| !far).map_or(0, |near| near.lines);
    let (feeds, length) = match &rule.pattern {
        Some(pattern) => {
            let parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
            let extent = |hir: Hir| (line_feeds(&hir), hir.properties().maximum_len().unwrap_or(usize::MAX));
            { parser }.parse(&pattern.regex).map_or((usize::MAX, usize::MAX), extent)
        }
        None => (0, 0),
    };
    // A match may begin where another one ends, which is then a part of the change.
    let lines = feeds.saturating_mul(2).saturating_add(near);
    let reach = if lines <= MOST_LINES { 0 } else { length.min(WIDEST).saturating_mul(2) };
    if lines <= LINES_AFTER { Scope::Line } else { Scope::Far(FileGlobs::new(files), reach) }
}

fn is_far(near: &Near) -> bool {
    near.lines > MOST_LINES
}

/// The words of rules that look for them farther than around a change.
fn far_words<'r>(rules: impl Iterator<Item = &'r Rule>) -> Option<AhoCorasick> {
    let nears = rules.filter_map(|rule| match (&rule.pattern, &rule.assignment) {
        (Some(pattern), _) => pattern.near.as_ref(),
        (_, Some(assignment)) => assignment.near.as_ref(),
        _ => None,
    });
    let mut words: Vec<&String> = nears.filter(|near| is_far(near)).flat_map(|near| &near.any).collect();
    words.sort();
    words.dedup();
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
}

/// Over how many line feeds a match may reach; those that follow each other count as one.
fn line_feeds(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.iter().filter(|byte| **byte == b'\n').count(),
        HirKind::Class(class) => usize::from(holds_feed(class)),
        HirKind::Repetition(repetition) => match repetition.sub.kind() {
            HirKind::Class(class) if is_space(class) => 1,
            _ => match line_feeds(&repetition.sub) {
                0 => 0,
                feeds => repetition.max.map_or(usize::MAX, |max| feeds.saturating_mul(max as usize)),
            },
        },
        HirKind::Capture(group) => line_feeds(&group.sub),
        HirKind::Concat(parts) => parts.iter().map(line_feeds).fold(0, usize::saturating_add),
        HirKind::Alternation(parts) => parts.iter().map(line_feeds).max().unwrap_or(0),
    }
}

fn holds_feed(class: &Class) -> bool {
    match class {
        Class::Bytes(class) => class.iter().any(|range| range.start() <= b'\n' && b'\n' <= range.end()),
        Class::Unicode(class) => class.iter().any(|range| range.start() <= '\n' && '\n' <= range.end()),
    }
}

/// Whether a class holds a line feed, and blanks and line ends alone.
fn is_space(class: &Class) -> bool {
    let space = |byte: u32| matches!(byte, 9..=13 | 32);
    holds_feed(class)
        && match class {
            Class::Bytes(class) => {
                class.iter().all(|range| (range.start()..=range.end()).all(|byte| space(byte.into())))
            }
            Class::Unicode(class) => {
                class.iter().all(|range| range.end() <= ' ' && (range.start()..=range.end()).all(|c| space(c.into())))
            }
        }
}

fn merged(mut windows: Vec<Span>) -> Vec<Span> {
    windows.sort_unstable();
    let mut apart: Vec<Span> = Vec::with_capacity(windows.len());
    for window in windows {
        match apart.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => apart.push(window),
        }
    }
    apart
}
