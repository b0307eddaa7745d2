//! What must stand around a keyword before a rule's regex is worth compiling.
//!
//! Keywords are short and stand everywhere; a regex is long and costs more to compile than a small file costs to
//! search. So what every match must hold beside the keyword is read off the parsed regex: the letters in their
//! case, what follows a token's prefix, and the long run of characters that the token itself is.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::text::Span;

/// The shortest run that is worth looking for: shorter ones stand in ordinary words.
const SHORTEST_RUN: usize = 16;

/// Bytes that may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ByteSet([u64; 4]);

impl ByteSet {
    const NONE: ByteSet = ByteSet([0; 4]);

    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    fn union(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }
}

/// So many bytes in a row, all from one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    bytes: ByteSet,
    length: usize,
}

/// What every match of one rule holds.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// For each keyword, what directly follows it: literal bytes, then a run. Absent where that is not known.
    after: Vec<Option<(Box<[u8]>, Run)>>,
    /// Somewhere in the match.
    run: Option<Run>,
    /// A character that ordinary text seldom has, somewhere in the match.
    rare: Option<u8>,
}

/// Characters that ordinary text seldom has.
const RARE: &[u8] = b"@~^%?!$#|";

impl Gate {
    /// Reads off a regex what its matches must hold; `keywords` in the order of the rule.
    pub(super) fn new(hir: &Hir, keywords: &[String]) -> Gate {
        let mut parts = Vec::new();
        flatten(hir, &mut parts);
        let literals = parts.iter().filter_map(|part| match part.kind() {
            HirKind::Literal(literal) => Some(&literal.0),
            _ => None,
        });
        let rare = literals.flat_map(|literal| literal.iter().copied()).find(|byte| RARE.contains(byte));
        let after = keywords.iter().map(|keyword| after(&parts, keyword.as_bytes())).collect();
        Gate { after, run: run(hir), rare }
    }

    /// Whether it asks what follows a keyword, so that not every keyword of a match opens it.
    pub(super) fn looks_behind(&self) -> bool {
        self.after.iter().any(Option::is_some)
    }

    /// Whether a match may stand around the keyword at `hit`, within `window`.
    pub(super) fn opens(&self, keyword: usize, text: &[u8], hit: Span, window: Span, as_written: &[u8]) -> bool {
        if let Some(Some((literal, run))) = self.after.get(keyword) {
            // The keyword stands in the regex as it is written, so case counts.
            let rest = &text[hit.end..];
            let follows = rest.strip_prefix(&**literal).is_some_and(|rest| run.starts(rest));
            if !follows || text[hit.range()] != *as_written {
                return false;
            }
        }
        let around = &text[window.range()];
        self.rare.is_none_or(|rare| memchr::memchr(rare, around).is_some())
            && self.run.is_none_or(|run| run.stands_in(around))
    }
}

impl Run {
    fn starts(&self, text: &[u8]) -> bool {
        text.len() >= self.length && text[..self.length].iter().all(|byte| self.bytes.contains(*byte))
    }

    /// Looks at every `length`th byte, and around those that fit.
    fn stands_in(&self, text: &[u8]) -> bool {
        let mut end = self.length;
        while end <= text.len() {
            match text[end - self.length..end].iter().rposition(|byte| !self.bytes.contains(*byte)) {
                None => return true,
                Some(at) => end += at + 1,
            }
        }
        false
    }
}

/// The parts of a regex in the order in which they match, groups opened.
fn flatten<'h>(hir: &'h Hir, parts: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Concat(inner) => inner.iter().for_each(|part| flatten(part, parts)),
        HirKind::Capture(group) => flatten(&group.sub, parts),
        _ => parts.push(hir),
    }
}

/// What follows a keyword that stands in a literal part of the regex. Every match holds that part, so it is enough
/// to open at the keyword there.
fn after(parts: &[&Hir], keyword: &[u8]) -> Option<(Box<[u8]>, Run)> {
    let (at, rest) = parts.iter().enumerate().find_map(|(at, part)| match part.kind() {
        HirKind::Literal(literal) => {
            let start = literal.0.windows(keyword.len()).position(|window| window == keyword)?;
            Some((at, &literal.0[start + keyword.len()..]))
        }
        _ => None,
    })?;
    let run = parts.get(at + 1).and_then(|part| repeated(part)).filter(|run| run.length > 0)?;
    Some((rest.into(), run))
}

/// A class, once or repeated: its bytes and how many there are at least.
fn repeated(part: &Hir) -> Option<Run> {
    let (class, length) = match part.kind() {
        HirKind::Repetition(Repetition { min, sub, .. }) => (sub.as_ref(), *min as usize),
        _ => (part, 1),
    };
    let class = match class.kind() {
        HirKind::Capture(group) => group.sub.as_ref(),
        _ => class,
    };
    Some(Run { bytes: bytes_of(class)?, length })
}

fn bytes_of(class: &Hir) -> Option<ByteSet> {
    let mut set = ByteSet::NONE;
    match class.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().for_each(|range| (range.start()..=range.end()).for_each(|byte| set.insert(byte)));
        }
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.iter() {
                let (start, end) = (u8::try_from(range.start()).ok()?, u8::try_from(range.end()).ok()?);
                if end > 0x7f {
                    return None;
                }
                (start..=end).for_each(|byte| set.insert(byte));
            }
        }
        HirKind::Literal(literal) if literal.0.len() == 1 => set.insert(literal.0[0]),
        _ => return None,
    }
    Some(set)
}

/// The longest run that every match holds, if it is long enough to tell anything.
fn run(hir: &Hir) -> Option<Run> {
    let found = match hir.kind() {
        HirKind::Capture(group) => run(&group.sub),
        HirKind::Concat(inner) => inner.iter().filter_map(run).max_by_key(|run| run.length),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            repeated(hir).into_iter().chain(run(&repetition.sub)).max_by_key(|run| run.length)
        }
        HirKind::Alternation(branches) => {
            let runs: Option<Vec<Run>> = branches.iter().map(run).collect();
            runs?
                .into_iter()
                .reduce(|one, other| Run { bytes: one.bytes.union(other.bytes), length: one.length.min(other.length) })
        }
        _ => None,
    };
    found.filter(|run| run.length >= SHORTEST_RUN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(regex: &str, keyword: &str, text: &str) -> bool {
        let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex).expect("valid");
        let gate = Gate::new(&hir, &[keyword.to_owned()]);
        let start = text.to_ascii_lowercase().find(&keyword.to_ascii_lowercase()).expect("the keyword stands there");
        let hit = Span::new(start, start + keyword.len());
        gate.opens(0, text.as_bytes(), hit, Span::new(0, text.len()), keyword.as_bytes())
    }

    #[test]
    fn a_gate_opens_for_every_match_and_for_little_else() {
        let run = "a1".repeat(10);
        // regex, keyword, text, whether a match may stand there
        let cases = [
            (r"\b(?<value>pat[A-Za-z0-9]{14}\.[a-f0-9]{64})", "pat", "pattern matching of patents", false),
            (r"\b(?<value>pat[A-Za-z0-9]{14}\.[a-f0-9]{64})", "pat", "pata1a1a1a1a1a1a1.short", false),
            (
                r"\b(?<value>pat[A-Za-z0-9]{14}\.[a-f0-9]{64})",
                "pat",
                &format!("pata1a1a1a1a1a1a1.{}", "a1".repeat(32)),
                true,
            ),
            (r"(?<value>SK[a-f0-9]{20})", "SK", &format!("sk{run}"), false), // case counts
            (r"(?<value>SK[a-f0-9]{20})", "SK", &format!("SK{run}"), true),
            (r"(?i)heroku.{0,20}(?<value>[0-9a-f]{20})", "heroku", "deploys to Heroku often", false),
            (r"(?i)heroku.{0,20}(?<value>[0-9a-f]{20})", "heroku", &format!("HEROKU_KEY={run}"), true),
            (r"(?:x|y)(?<value>[a-z]{3})", "y", "yes", true), // nothing is known: open
            (r"\w+://\w{1,9}:(?<value>\w{1,9})@\w", "://", "http://example.org:80/", false), // no @
            (r"\w+://\w{1,9}:(?<value>\w{1,9})@\w", "://", "http://a:b@c", true),
            (r"key=(?:[a-f]{20}|[0-9]{18})", "key=", "key=0000", false),
            (r"key=(?:[a-f]{20}|[0-9]{18})", "key=", "key=000000000000000000", true),
        ];
        for (regex, keyword, text, expected) in cases {
            assert_eq!(opens(regex, keyword, text), expected, "{regex} on {text}");
        }
    }

    #[test]
    fn a_run_is_found_wherever_it_stands() {
        let mut digits = ByteSet::NONE;
        (b'0'..=b'9').for_each(|byte| digits.insert(byte));
        let run = Run { bytes: digits, length: 4 };
        for (text, stands) in
            [("0123", true), ("x0123x", true), ("012x3456x", true), ("012x345x67", false), ("", false)]
        {
            assert_eq!(run.stands_in(text.as_bytes()), stands, "{text}");
        }
    }
}
