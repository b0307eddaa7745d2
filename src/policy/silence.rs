//! Comments that silence one finding: `# bedrail: allow RULE -- reason`.
//!
//! The reason is mandatory. A comment at the end of a line speaks of that line, one that stands alone of the
//! next. One that silences nothing, or that cannot be read, is told: a silence nobody needs hides the next leak.

use super::Date;
use crate::artifact::Origin;
use crate::finding::{Finding, Notice, NoticeKind, Status, Verdict};
use crate::text::{LineIndex, Span};

const MARK: &[u8] = b"bedrail:";
/// What may begin a comment, in any of the languages that have them.
/// The longer come first: `<!--` ends with another language's `--`.
const OPENERS: &[&str] = &["<!--", "{{/*", "rem ", "REM ", "//", "--", "/*", "{#", "#", ";", "*", "%", "'"];
/// How much of a line is looked at on either side of the mark.
const FARTHEST: usize = 400;

/// One silencing comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The line it stands in, from 1.
    pub line: usize,
    /// The line it speaks of.
    pub speaks_of: usize,
    /// The rules it silences there.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
}

/// Every silencing comment of a text, and those that cannot be read, as line and complaint.
pub fn silences(text: &[u8]) -> (Vec<Silence>, Vec<(usize, String)>) {
    let (mut read, mut bad) = (Vec::new(), Vec::new());
    let mut index = None;
    for at in memchr::memmem::find_iter(text, MARK) {
        let index = index.get_or_insert_with(|| LineIndex::new(text));
        let line = index.line(at);
        let span = index.span(text, line);
        let before = String::from_utf8_lossy(&text[span.start.max(at.saturating_sub(FARTHEST))..at]);
        let Some(alone) = opens_comment(&before) else { continue };
        let rest = Span::new(at + MARK.len(), span.end.min(at + FARTHEST));
        match parse(&String::from_utf8_lossy(&text[rest.range()])) {
            Ok((rules, reason, until)) => {
                read.push(Silence { line, speaks_of: if alone { line + 1 } else { line }, rules, reason, until });
            }
            Err(Some(complaint)) => bad.push((line, complaint)),
            Err(None) => {}
        }
    }
    // A comment above another comment speaks of the first line that is none of them.
    for at in (0..read.len()).rev() {
        if let Some(next) = read.get(at + 1)
            && next.line == read[at].speaks_of
            && next.speaks_of > next.line
        {
            read[at].speaks_of = next.speaks_of;
        }
    }
    (read, bad)
}

/// Whether the text before the mark begins a comment; and then whether nothing else stands before that.
fn opens_comment(before: &str) -> Option<bool> {
    let before = before.trim_end();
    let opener = OPENERS.iter().find(|opener| before.ends_with(opener.trim_end()))?;
    Some(before[..before.len() - opener.trim_end().len()].trim().is_empty())
}

type Parsed = (Vec<String>, String, Option<Date>);

/// Reads what follows the mark. `Err(None)` is for text that is no instruction at all.
fn parse(text: &str) -> Result<Parsed, Option<String>> {
    let text = text.trim_start();
    let Some(rest) = text.strip_prefix("allow") else {
        let word: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
        let known = ["ignore", "disable", "silence", "skip", "off"].contains(&word.as_str());
        return Err(known.then(|| format!("`{word}` is not an instruction: write `bedrail: allow RULE -- reason`")));
    };
    let (head, reason) = rest
        .split_once("--")
        .ok_or_else(|| Some("a silencing comment must say why: `bedrail: allow RULE -- reason`".to_owned()))?;
    let reason = reason.trim().trim_end_matches("-->").trim_end_matches("*/").trim_end_matches("#}").trim();
    if reason.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
        return Err(Some("a silencing comment must say why after `--`".to_owned()));
    }
    let (mut rules, mut until) = (Vec::new(), None);
    for word in head.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        match word.strip_prefix("until=") {
            Some(day) => {
                let day =
                    Date::parse(day).ok_or_else(|| Some("`until=` wants a day: `until=2027-01-31`".to_owned()))?;
                until = Some(day);
            }
            None => rules.push(word.to_owned()),
        }
    }
    if rules.is_empty() {
        return Err(Some("a silencing comment must name its rule: `bedrail: allow RULE -- reason`".to_owned()));
    }
    Ok((rules, reason.to_owned(), until))
}

/// Parts comments by the rules that they speak of: those that `wanted` takes, and the others. One that names rules
/// of both is in both.
pub fn split(silences: Vec<Silence>, wanted: impl Fn(&str) -> bool) -> (Vec<Silence>, Vec<Silence>) {
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for silence in silences {
        let (these, others): (Vec<String>, Vec<String>) = silence.rules.iter().cloned().partition(|rule| wanted(rule));
        for (into, rules) in [(&mut taken, these), (&mut left, others)] {
            if !rules.is_empty() {
                into.push(Silence { rules, ..silence.clone() });
            }
        }
    }
    (taken, left)
}

/// Takes findings of one text and its comments for verdicts; adds notices for comments that do not work.
pub fn apply(
    findings: Vec<Finding>,
    (silences, bad): (Vec<Silence>, Vec<(usize, String)>),
    origin: &Origin,
    today: Date,
    notices: &mut Vec<Notice>,
) -> Vec<Verdict> {
    let mut notice = |line, kind, message: String| {
        notices.push(Notice { origin: Some(origin.clone()), line: Some(line), kind, message });
    };
    for (line, complaint) in bad {
        notice(line, NoticeKind::BadSilence, complaint);
    }
    let mut used = vec![Vec::new(); silences.len()];
    let verdicts = findings
        .into_iter()
        .map(|finding| {
            let silence = silences
                .iter()
                .enumerate()
                .find(|(_, silence)| silence.speaks_of == finding.place.line && silence.rules.contains(&finding.rule));
            let status = match silence {
                Some((at, silence)) => {
                    used[at].push(finding.rule.clone());
                    match silence.until {
                        Some(until) if until < today => Status::Open,
                        _ => Status::Silenced { reason: silence.reason.clone() },
                    }
                }
                None => Status::Open,
            };
            Verdict { finding, status }
        })
        .collect();
    for (silence, used) in silences.iter().zip(used) {
        if silence.until.is_some_and(|until| until < today) {
            notice(silence.line, NoticeKind::BadSilence, "a silencing comment has expired".to_owned());
            continue;
        }
        for rule in silence.rules.iter().filter(|rule| !used.contains(rule)) {
            notice(silence.line, NoticeKind::UnusedSilence, format!("{rule} finds nothing there: remove the comment"));
        }
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_read_in_any_language() {
        // text, (line it speaks of, rules, reason)
        let cases: &[(&str, Option<(usize, &str, &str)>)] = &[
            ("key = 1 # bedrail: allow a-b -- a test value", Some((1, "a-b", "a test value"))),
            ("// bedrail: allow a-b -- a test value\nkey", Some((2, "a-b", "a test value"))),
            ("<!-- bedrail: allow a-b, c-d -- demo -->\n<x/>", Some((2, "a-b c-d", "demo"))),
            ("x /* bedrail:allow a-b -- demo */", Some((1, "a-b", "demo"))),
            ("# bedrail: allow a -- one\n# bedrail: allow b -- two\nx", Some((3, "a", "one"))), // a stack of comments
            ("text about bedrail: allow a-b -- not a comment", None),
            ("print('bedrail: hello')", None),
        ];
        for (text, expected) in cases {
            let (read, bad) = silences(text.as_bytes());
            let first =
                read.first().map(|silence| (silence.speaks_of, silence.rules.join(" "), silence.reason.clone()));
            assert_eq!(
                first,
                expected.map(|(line, rules, reason)| (line, rules.to_owned(), reason.to_owned())),
                "{text}"
            );
            assert!(bad.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_comment_without_a_rule_or_a_reason_is_told() {
        for text in [
            "x # bedrail: allow a-b",
            "x # bedrail: allow a-b --",
            "x # bedrail: allow -- reason enough",
            "x # bedrail: ignore a-b -- reason",
            "x # bedrail: allow a-b until=soon -- reason",
        ] {
            let (read, bad) = silences(text.as_bytes());
            assert!(read.is_empty() && bad.len() == 1, "{text}");
        }
    }
}
