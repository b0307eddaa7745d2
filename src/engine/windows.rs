//! Where one rule has to look: windows around its keywords, and where in them a match can begin.
//!
//! Most labels stand at the beginning of what a rule matches, or one character behind it. Where a look at the regex
//! shows that no match begins further from its first keyword, it is tried at these few places, and what lies between
//! is never read.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::text::Span;

/// How far before a keyword a match may begin for the few places to be fewer than all.
const FARTHEST: usize = 6;
/// How many beginnings of matches are spelled out, how long they get, and how often a part of them is repeated.
const MOST: usize = 4_000;
const LONGEST: usize = 60;
const REPEATS: u32 = 4;
/// A class of more characters stands for any.
const FEW: usize = 10;
/// Stands for any character; no keyword has it.
const ANY: u8 = 0;

/// Where a rule has to look in one text.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// Windows, those that touch made one.
    pub(super) spans: Vec<Span>,
    /// Where the keywords in them stand; absent where that was not noted.
    hits: Option<Vec<Span>>,
}

impl Windows {
    /// One window whose keywords are not known.
    pub(super) fn unknown(window: Span) -> Self {
        Windows { spans: vec![window], hits: None }
    }

    /// Takes in the window around a keyword. They come in the order of their ends, so a window can only touch the last
    /// one.
    pub(super) fn add(&mut self, window: Span, keyword: Span) {
        self.hits.get_or_insert_default().push(keyword);
        match self.spans.last_mut() {
            Some(last) if window.start <= last.end => {
                last.start = last.start.min(window.start);
                last.end = last.end.max(window.end);
            }
            _ => self.spans.push(window),
        }
    }

    /// No more is added.
    pub(super) fn complete(&mut self) {
        // Neighbours may come in the wrong order.
        self.hits.iter_mut().for_each(|hits| hits.sort_unstable());
    }

    /// Where the keywords stand that begin from `at` up to `end`.
    pub(super) fn hits(&self, at: usize, end: usize) -> Option<impl Iterator<Item = Span>> {
        let hits = self.hits.as_deref()?;
        let first = hits.partition_point(|hit| hit.start < at);
        Some(hits[first..].iter().copied().take_while(move |hit| hit.start < end))
    }
}

/// For each keyword how many bytes a match may have before it at most, if no other keyword stands before it; nothing
/// for one that is never the first. Keywords in lower case, found in any case. Absent as a whole if that is not known
/// of every match, or is too much.
pub(super) fn before_keywords(hir: &Hir, keywords: &[String]) -> Option<Vec<Option<usize>>> {
    // A keyword that ends inside of another one is met before it, and yet stands behind its beginning.
    let inside = |word: &String, other: &String| {
        memchr::memmem::find(other.as_bytes(), word.as_bytes())
            .is_some_and(|at| at > 0 && at + word.len() < other.len())
    };
    if keywords.iter().any(|word| keywords.iter().any(|other| inside(word, other))) {
        return None;
    }
    let mut beginnings = Beginnings { keywords, farthest: vec![None; keywords.len()] };
    let open = beginnings.grow(vec![Vec::new()], hir)?;
    (open.is_empty() && beginnings.farthest.iter().flatten().all(|far| *far <= FARTHEST)).then_some(beginnings.farthest)
}

struct Beginnings<'k> {
    keywords: &'k [String],
    farthest: Vec<Option<usize>>,
}

impl Beginnings<'_> {
    /// Every way in which strings go on with a part of a regex; those that hold a keyword by then are done.
    fn grow(&mut self, strings: Vec<Vec<u8>>, part: &Hir) -> Option<Vec<Vec<u8>>> {
        if strings.is_empty() {
            return Some(strings);
        }
        let grown = match part.kind() {
            HirKind::Empty | HirKind::Look(_) => strings,
            HirKind::Literal(literal) => strings.into_iter().map(|string| [&string, &*literal.0].concat()).collect(),
            HirKind::Class(class) => {
                let bytes = few(class);
                let with = |string: &Vec<u8>| -> Vec<Vec<u8>> {
                    bytes.iter().map(|byte| [string.as_slice(), &[*byte]].concat()).collect()
                };
                strings.iter().flat_map(with).collect()
            }
            HirKind::Capture(group) => return self.grow(strings, &group.sub),
            HirKind::Concat(parts) => {
                return parts.iter().try_fold(strings, |strings, part| self.grow(strings, part));
            }
            HirKind::Alternation(branches) => {
                let mut all = Vec::new();
                for branch in branches {
                    all.extend(self.grow(strings.clone(), branch)?);
                }
                all
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.filter(|max| max - repetition.min <= REPEATS && *max <= LONGEST as u32)?;
                let mut all = if repetition.min == 0 { strings.clone() } else { Vec::new() };
                let mut strings = strings;
                for count in 1..=most {
                    strings = self.grow(strings, &repetition.sub)?;
                    if count >= repetition.min {
                        all.extend(strings.iter().cloned());
                    }
                }
                all
            }
        };
        self.open(grown)
    }

    /// Those without a keyword; none if there are too many.
    fn open(&mut self, strings: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
        let mut open = Vec::new();
        for mut string in strings {
            string.make_ascii_lowercase();
            let words = self.keywords.iter().enumerate();
            let first =
                words.filter_map(|(at, word)| Some((memchr::memmem::find(&string, word.as_bytes())?, at))).min();
            match first {
                Some((first, word)) => self.farthest[word] = self.farthest[word].max(Some(first)),
                None if string.len() > LONGEST => return None,
                None => open.push(string),
            }
        }
        open.sort_unstable();
        open.dedup();
        (open.len() <= MOST).then_some(open)
    }
}

/// The bytes of a class in lower case, or one that stands for any.
fn few(class: &Class) -> Vec<u8> {
    let Class::Bytes(class) = class else { return vec![ANY] };
    let mut bytes: Vec<u8> = Vec::new();
    for range in class.iter() {
        if usize::from(range.end() - range.start()) > FEW {
            return vec![ANY];
        }
        bytes.extend((range.start()..=range.end()).map(|byte| byte.to_ascii_lowercase()));
    }
    bytes.sort_unstable();
    bytes.dedup();
    if bytes.len() > FEW || bytes.contains(&ANY) { vec![ANY] } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_as_far_from_their_keyword_as_the_regex_allows() {
        // regex, keywords, how many bytes at most stand before each of them where it is the first; `-` where none is
        let label = r"(?:(?:\b|_)(?i:mrn|med(?:ical)?[ _-]?rec)|[a-z](?:MRN|Mrn))\d";
        let cases: &[(&str, &str, Option<&str>)] = &[
            (r"(?i)mrn: (\d+)", "mrn", Some("0")),
            (label, "mrn,medrec,med rec,med_rec,med-rec,medical", Some("1,1,1,1,1,1")),
            (label, "mrn,medrec,med rec,med_rec,medical", None), // `med-rec`
            (r"(?i:rx[ _-]?bin)x", "bin,rxbin,fax", Some("3,0,-")),
            (r"(?i:ab){1,3}c", "abc", Some("4")),
            (r"(?i:x?abcdef|cd|abcdef)", "abcdef,cd", None), // `cd` is met before `abcdef`
            (r"\w{0,9}(?i:mrn)", "mrn", None),               // too far
            (r".*(?i:mrn)", "mrn", None),
            (r"(?i:mrn|dob)", "mrn", None), // a match without a keyword
            (r"(?i:mrn)?", "mrn", None),
            (r"[a-z]+", "mrn", None),
        ];
        for (regex, keywords, wanted) in cases {
            let hir =
                regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex).expect("valid");
            let keywords: Vec<String> = keywords.split(',').map(str::to_owned).collect();
            let told = |far: &Option<usize>| far.map_or("-".to_owned(), |far| far.to_string());
            let before = before_keywords(&hir, &keywords).map(|all| all.iter().map(told).collect::<Vec<_>>().join(","));
            assert_eq!(before.as_deref(), *wanted, "{regex}");
        }
    }

    /// These stand in every line of some files. Each spelling that one of their regexes allows must have a keyword,
    /// or else the rule reads on from its keywords to where they end.
    #[test]
    fn labels_of_patients_begin_with_their_keywords() {
        let often = ["ssn-labelled", "medical-record-number", "health-plan-member-id", "birth-date", "patient-name"];
        let tables = ["ssn-table", "patient-table", "patient-insert"];
        let rules = crate::rule::embedded::rules();
        for name in often.into_iter().chain(tables) {
            let rule = rules.iter().find(|rule| rule.id == format!("phi-{name}")).expect("it is embedded");
            let pattern = rule.pattern.as_ref().expect("it is a pattern");
            let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(&pattern.regex);
            assert!(before_keywords(&hir.expect("valid"), &pattern.keywords).is_some(), "{name}");
        }
    }

    /// The examples of all rules on patients, over and over, searched around keywords and from end to end.
    #[test]
    fn looking_at_keywords_finds_what_reading_on_finds() {
        let rules: Vec<_> = crate::rule::embedded_files().0.into_iter().flat_map(|file| file.rules).collect();
        let rules: Vec<_> = rules.iter().filter(|rule| rule.family() == "phi" && rule.pattern.is_some()).collect();
        let examples = rules.iter().flat_map(|rule| rule.examples.bad.iter().chain(&rule.examples.good));
        let mut text = String::new();
        for (at, example) in examples.enumerate() {
            let expanded = crate::rule::expand(example.text(), &at.to_string()).expect("valid");
            text.extend([expanded.as_str(), if at % 3 == 0 { " " } else { "\n" }]);
        }
        let text = text.repeat(600_000 / text.len().max(1) + 2).into_bytes();
        let lower = text.to_ascii_lowercase();
        let mut total = 0;
        for rule in rules {
            let pattern = rule.pattern.as_ref().expect("it has one");
            let matcher = crate::engine::pattern::PatternMatcher::new(pattern);
            let word = |word: &String| word.to_ascii_lowercase();
            let mut hits: Vec<Span> = Vec::new();
            for keyword in pattern.keywords.iter().map(word) {
                let starts = memchr::memmem::find_iter(&lower, keyword.as_bytes());
                hits.extend(starts.map(|start| Span::new(start, start + keyword.len())));
            }
            hits.sort_by_key(|hit| (hit.end, hit.start));
            let mut windows = Windows::default();
            for hit in hits {
                if let Some(window) = matcher.window(pattern, "a.xml", &text, hit).expect("valid") {
                    windows.add(window, hit);
                }
            }
            windows.complete();
            let plain = Windows { spans: windows.spans.clone(), hits: None };
            let [found, wanted] = [&windows, &plain].map(|windows| {
                let mut found = Vec::new();
                matcher.search(rule, 0, &text, windows, &mut found);
                found.into_iter().map(|found| (found.span, found.certainty)).collect::<Vec<_>>()
            });
            total += wanted.len();
            assert_eq!(found, wanted, "{}", rule.id);
        }
        assert!(total > 1_000, "{total}");
    }

    #[test]
    fn windows_that_touch_are_one_and_hits_stand_in_order() {
        let mut windows = Windows::default();
        for (start, end, hit) in [(0, 9, 5), (8, 20, 12), (7, 19, 11), (30, 40, 33)] {
            windows.add(Span::new(start, end), Span::new(hit, hit + 1));
        }
        windows.complete();
        assert_eq!(windows.spans, [Span::new(0, 20), Span::new(30, 40)]);
        let hits = windows.hits(6, 33).map(Iterator::collect::<Vec<_>>);
        assert_eq!(hits, Some(vec![Span::new(11, 12), Span::new(12, 13)]));
        assert!(Windows::unknown(Span::new(0, 9)).hits(0, 9).is_none());
    }
}
