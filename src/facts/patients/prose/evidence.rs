//! What beside a name tells one person from all others of that name: a date of birth, a number of a record; or an age.
//!
//! Knows how these stand in prose, with a label (`born`, `dob`, `MRN`) or right behind the name; not whether the person
//! is a patient.

use super::super::kinds::Shape;
use super::super::shape::judge;
use super::Person;
use crate::text::Span;

/// How far before and behind a name is looked, in bytes.
const BEFORE: usize = 60;
const BEHIND: usize = 180;
/// How far a label may end before its value, in bytes.
const LABEL: usize = 28;
/// The years of a birth without a label: a later date behind a name is rather one of a visit, an earlier one of history.
const YEARS_OF_BIRTH: std::ops::RangeInclusive<u32> = 1905..=2008;
/// The highest age, in years.
const OLDEST: u32 = 120;
/// How far a label of a number may end before it, in bytes.
const NEAR_LABEL: usize = 10;
/// Labels of a birth: those of forms and wards, and those of books, too.
const BIRTH: &[&[u8]] = &[b"dob", b"d.o.b", b"bday", b"b-day", b"bd"];
const BORN: &[&[u8]] = &[b"born", b"birth", b"birthday", b"date of birth", b"birth date"];
const RECORD: &[&[u8]] =
    &[b"mrn", b"chart number", b"chart no", b"chart #", b"record number", b"record no", b"med rec"];
/// What an age is followed by in notes, blanks and dashes left out; and whom it is of, where `year old` is spelled out.
const YEARS: &[&[u8]] = &[b"yo", b"y/o", b"y.o", b"yr"];
const WHOM: &[&[u8]] = &[b"male", b"female", b"man", b"woman", b"gentleman", b"lady", b"boy", b"girl"];
/// What is said of people in books, behind their birth.
const IN_BOOKS: &[&[u8]] = &[b" was a ", b" was an ", b" is an ", b" is a ", b" is the ", b" was the "];

/// What is known of somebody beside the name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    pub(super) birth: Option<Span>,
    /// Whether the date is called one of birth as forms call it.
    pub(super) of_forms: bool,
    pub(super) number: Option<Span>,
}

/// What stands beside a name, up to the next one; nothing if that is nothing.
pub(super) fn evidence(text: &[u8], area: Span, person: &Person, next: usize) -> Option<Evidence> {
    let from = person.span.start.saturating_sub(BEFORE).max(area.start);
    let to = (person.span.end + BEHIND).min(next).min(area.end);
    let mut evidence = Evidence::default();
    let mut at = from;
    while at < to {
        let begins = text[at].is_ascii_alphanumeric() && (at == 0 || !text[at - 1].is_ascii_alphanumeric());
        if !begins || person.span.start <= at && at < person.span.end {
            at += 1;
            continue;
        }
        let behind = at >= person.span.end;
        match date(text, at, to + 12) {
            Some(date) if evidence.birth.is_none() => {
                let of_forms = is_labelled(text, from, at, BIRTH, LABEL);
                let labelled = of_forms || is_labelled(text, from, at, BORN, LABEL);
                let between = text.get(person.span.end..at).unwrap_or(b"later");
                let adjacent = behind && is_set_apart(text, between, date, person.patient);
                if (labelled || adjacent) && !is_in_a_book(text, date.end) {
                    (evidence.birth, evidence.of_forms) = (Some(date), of_forms);
                }
                at = date.end;
            }
            Some(date) => at = date.end,
            None => {
                let length =
                    text[at..to].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
                let number = Span::new(at, at + length);
                let digits = text[number.range()].iter().filter(|byte| byte.is_ascii_digit()).count();
                if evidence.number.is_none() && digits >= 5 && is_labelled(text, from, at, RECORD, NEAR_LABEL) {
                    evidence.number = Some(number);
                }
                at = number.end.max(at + 1);
            }
        }
    }
    let aged = person.whole && is_aged(&text[person.span.end..to]);
    (evidence.birth.is_some() || evidence.number.is_some() || aged).then_some(evidence)
}

/// A date that begins at a place: in digits, or with its month in letters.
fn date(text: &[u8], at: usize, end: usize) -> Option<Span> {
    let rest = &text[at..end.min(text.len())];
    let length = if rest[0].is_ascii_digit() {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'-' | b'.')).count();
        let short = rest[..digits].strip_suffix(b".").map_or(digits, <[u8]>::len);
        if short >= 6 { short } else { spelled(rest)? }
    } else {
        spelled(rest)?
    };
    let span = Span::new(at, at + length);
    judge('C', Shape::Birth, &text[span.range()]).map(|_| span)
}

/// The length of `March 3, 1961`, `3 March 1961`, `Mar 3 1961`.
fn spelled(rest: &[u8]) -> Option<usize> {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b' ' | b',' | b'.');
    let length = rest.iter().take(20).take_while(part).count();
    let year = rest[..length].windows(4).position(|four| four.iter().all(u8::is_ascii_digit))? + 4;
    let known = |month: &&[u8; 3]| rest[..year].windows(3).any(|three| three.eq_ignore_ascii_case(*month));
    const MONTHS: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    MONTHS.iter().any(known).then_some(year)
}

/// The year of a date: its four digits in a row, or the last two, which are of the past century if they are not of this.
fn year(date: &[u8]) -> Option<u32> {
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u32>().ok());
    match date.windows(4).find(|four| four.iter().all(u8::is_ascii_digit)) {
        Some(four) => number(four),
        None => number(&date[date.len().saturating_sub(2)..])
            .map(|short| if short > 26 { 1900 + short } else { 2000 + short }),
    }
}

/// Whether one of the labels ends at most so far before a place, with nothing of weight between.
fn is_labelled(text: &[u8], from: usize, at: usize, labels: &[&[u8]], far: usize) -> bool {
    let mut before = [0; LABEL];
    let start = at.saturating_sub(LABEL).max(from.saturating_sub(LABEL));
    let length = at - start;
    before[..length].copy_from_slice(&text[start..at]);
    before[..length].make_ascii_lowercase();
    let before = &before[..length];
    // A date or a number that stands between is what the label means.
    let last = before.iter().rposition(u8::is_ascii_digit).map_or(0, |last| last + 1);
    let near = |label: &&[u8]| {
        let found = memchr::memmem::rfind(&before[last..], label).map(|found| last + found);
        found.is_some_and(|found| {
            let end = found + label.len();
            let begins = found == 0 || !before[found - 1].is_ascii_alphabetic();
            let ends = before.get(end).is_none_or(|byte| !byte.is_ascii_alphabetic()) || label.ends_with(b"birth");
            begins && ends && before.len() - end <= far
        })
    };
    labels.iter().any(near)
}

/// Whether a date without a label is written behind a name as one of birth is: in brackets, before the sex, or of one who
/// is called a patient; and no life's other end follows.
fn is_set_apart(text: &[u8], between: &[u8], date: Span, patient: bool) -> bool {
    let few = (1..=6).contains(&between.len()) && between.iter().all(|byte| b" (),|-\t".contains(byte));
    let behind = text.get(date.end..).unwrap_or_default();
    let sex = matches!(behind, [b' ' | b',', b'F' | b'M', rest @ ..] if !rest.first().is_some_and(u8::is_ascii_alphanumeric))
        || matches!(behind, [b',', b' ', b'F' | b'M', rest @ ..] if !rest.first().is_some_and(u8::is_ascii_alphanumeric));
    let bracketed = between.ends_with(b"(") && behind.first() == Some(&b')');
    let of_birth = year(&text[date.range()]).is_some_and(|year| YEARS_OF_BIRTH.contains(&year));
    few && of_birth && (bracketed || sex || patient)
}

/// Whether what follows a birth tells a life and no visit.
fn is_in_a_book(text: &[u8], from: usize) -> bool {
    let behind = &text[from..text.len().min(from + 60)];
    IN_BOOKS.iter().any(|words| {
        let found = memchr::memmem::find(behind, words).map(|found| found + words.len());
        // `is a 67-year-old` is how notes begin.
        found.is_some_and(|end| !behind.get(end).is_some_and(u8::is_ascii_digit))
    })
}

/// Whether an age follows that is written as notes write it: `, 67F`, ` is a 67-year-old`, ` (67 yo)`.
fn is_aged(behind: &[u8]) -> bool {
    let mut rest = behind;
    for skipped in [&b","[..], b" ", b"(", b"is ", b"a ", b"an ", b"is a ", b"is an "] {
        rest = rest.strip_prefix(skipped).unwrap_or(rest);
    }
    let rest = match rest {
        [b'A', b' ', ..] => &rest[2..],
        _ => rest.strip_prefix(b"IS A ").unwrap_or(rest),
    };
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let age = std::str::from_utf8(&rest[..digits]).ok().and_then(|digits| digits.parse::<u32>().ok());
    if age.is_none_or(|age| age > OLDEST) {
        return false;
    }
    let glued = &rest[digits..];
    let ends = |rest: &[u8]| !rest.first().is_some_and(u8::is_ascii_alphanumeric);
    match glued {
        // `67F`, `67 F`, `67f`
        [b'F' | b'M' | b'f' | b'm', rest @ ..] | [b' ' | b'-', b'F' | b'M', rest @ ..] if ends(rest) => return true,
        _ => {}
    }
    let mut unit = glued;
    while let [b' ' | b'-', more @ ..] = unit {
        unit = more;
    }
    let is = |text: &[u8], words: &[u8]| text.get(..words.len()).is_some_and(|head| head.eq_ignore_ascii_case(words));
    if is(unit, b"year") {
        let near = &unit[..unit.len().min(30)].to_ascii_lowercase();
        return WHOM.iter().any(|whom| memchr::memmem::find(near, whom).is_some());
    }
    YEARS.iter().any(|years| is(unit, years))
}
