//! Names with values beside them, in any text: fixtures, logs, dictionaries, attributes, notes.
//!
//! Knows `name: value`, `"name": "value"`, `name=value`, `name => value`, `<name>value</name>` and `Name 123`. Only
//! stretches around words that speak of patients are read, and only stretches that hold enough of a record count:
//! one labelled number is for the rules over text.

use super::group::Group;
use super::hashing::{FastMap, FastSet, hash};
use super::map::{Name, Shape, map};
use super::meaning::Meaning;
use super::shape::{Worth, judge};
use super::{ENOUGH_ALONE, Scope, gazetteer, merged, pieces, words};
use crate::document::delimited::{line_end, line_start};
use crate::text::Span;

/// How far words may stand apart that speak of one record, in bytes.
const NEAR: usize = 1_500;
/// How much is read before the first and behind the last of them.
const AROUND: usize = 600;
/// The longest name, and the longest value.
const MAX_NAME: usize = 60;
const MAX_VALUE: usize = 120;

/// How many people are no example.
const SEVERAL: usize = 3;
/// What names are made of, and numbers and addresses.
const PARTS: [bool; 256] = signs(b"_-. '/", true);
const SIGNS: [bool; 256] = signs(b"-()+@._%", true);
/// What may end a value without quotation marks.
const ENDS: [bool; 256] = signs(b"\n\r\t;|}]\"`<{\\, ", false);

/// Some bytes, and perhaps letters and digits.
const fn signs(others: &[u8], alphanumeric: bool) -> [bool; 256] {
    let mut signs = [false; 256];
    let mut at = 0;
    while at < signs.len() {
        signs[at] = alphanumeric && (at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    at = 0;
    while at < others.len() {
        signs[others[at] as usize] = true;
        at += 1;
    }
    signs
}

struct Pair {
    /// Where the name begins: a value before it ends here.
    at: usize,
    value: Span,
    meaning: Meaning,
}

/// The group of all records of a text, outside of what is `covered` already. With `health` the text is known to be
/// about it: a part of a resource that is too large to be read as one.
pub(super) fn group(text: &[u8], hits: &[usize], covered: &[Span], health: bool, scope: Scope) -> Option<Group> {
    let mut group = Group::new("labelled values", scope);
    let mut at = 0;
    while at < hits.len() {
        let mut last = at;
        while last + 1 < hits.len() && hits[last + 1] - hits[last] <= NEAR {
            last += 1;
        }
        // A line that never ends is no part of a record.
        let start = hits[at].saturating_sub(AROUND);
        let start = line_start(text, start).max(start.saturating_sub(AROUND));
        let end = (hits[last] + AROUND).min(text.len());
        let end = line_end(&text[..text.len().min(end + AROUND)], end);
        cluster(text, Span::new(start, end), &hits[at..=last], covered, health, &mut group);
        at = last + 1;
    }
    (!group.is_empty()).then_some(group)
}

fn cluster(text: &[u8], area: Span, hits: &[usize], covered: &[Span], health: bool, group: &mut Group) {
    let free = |span: Span| !pieces::touches(covered, span);
    let mut pairs: Vec<Pair> = pairs(text, area).into_iter().filter(|pair| free(pair.value)).collect();
    pairs.extend(hits.iter().filter_map(|hit| bare_pair(text, *hit, area.end)).filter(|pair| free(pair.value)));
    pairs.sort_by_key(|pair| (pair.value.start, pair.at));
    pairs.dedup_by_key(|pair| pair.value.start);
    let mut kept: Vec<(Span, &'static Name, Worth)> = Vec::new();
    let mut weights: FastMap<char, u32> = FastMap::default();
    let mut counts: FastMap<(char, u32), u64> = FastMap::default();
    let (mut person, mut context, mut clinical) = (false, health, false);
    let mut whom = Whom::default();
    for pair in &pairs {
        let value = &text[pair.value.range()];
        context |= pair.meaning.context;
        clinical |= pair.meaning.clinical && pair.meaning.field.is_none() && !value.is_empty();
        let Some(field) = pair.meaning.field else { continue };
        // What is called `name` may be anything's; a person's looks like one.
        let anything = field.anything && !pair.meaning.person;
        let Some(worth) = judge(field.letter, field.shape, value) else { continue };
        if anything && !gazetteer::may_be_person(value) {
            continue;
        }
        person |= pair.meaning.person;
        whom.meet(field, pair.meaning, value);
        let weight = weights.entry(field.letter).or_default();
        *weight = (*weight).max(field.weight);
        *counts.entry((field.letter, field.weight)).or_default() += u64::from(group.owns(pair.value.start));
        kept.push((pair.value, field, worth));
    }
    let strong = ['C', 'G', 'H', 'I'].iter().any(|letter| weights.get(letter).is_some_and(|weight| *weight >= 3));
    let score = weights.values().sum::<u32>() + 2 * u32::from(context) + u32::from(person);
    let plain = clinical && whom.are_several() || whom.are_patients();
    if !plain && (!strong || weights.len() < 2 || score < ENOUGH_ALONE) {
        return;
    }
    let least = u32::from(!plain);
    let several = counts.iter().filter(|((_, weight), _)| *weight >= least).map(|(_, count)| *count).max();
    group.records += several.unwrap_or(0);
    if context {
        group.context("words of health beside the values");
    }
    for pair in &pairs {
        if pair.meaning.quasi {
            group.quasi("sex or other characteristics");
        }
    }
    for (span, field, worth) in &kept {
        group.judged(text, *span, field, *worth);
    }
    let taken = merged(kept.iter().map(|(span, ..)| *span).collect());
    unlabelled(text, area, &taken, covered, group);
}

/// Who is meant by labelled values: by different values that are one person's only.
#[derive(Debug, Default)]
struct Whom {
    /// By name, and how many of these are names that many people have.
    names: FastSet<u64>,
    people: usize,
    /// Of these, by names that are said to be patients'.
    patients: usize,
    /// By telephone, by e-mail, by number of a record or a plan.
    others: FastMap<char, FastSet<u64>>,
}

impl Whom {
    fn meet(&mut self, field: &Name, meaning: Meaning, value: &[u8]) {
        match field.letter {
            'A' if self.names.insert(hash(&[value])) => {
                let known = value.is_ascii() && gazetteer::may_be_person(value);
                self.people += usize::from(known);
                self.patients += usize::from(known && meaning.person && meaning.context);
            }
            'D' | 'F' if field.weight >= 1 => _ = self.others.entry(field.letter).or_default().insert(hash(&[value])),
            'H' if field.weight >= 4 => _ = self.others.entry('H').or_default().insert(hash(&[value])),
            'I' if field.weight >= 2 => _ = self.others.entry('I').or_default().insert(hash(&[value])),
            _ => {}
        }
    }

    fn are_people(&self) -> bool {
        self.people * 2 >= self.names.len()
    }

    fn are_several(&self) -> bool {
        self.people >= SEVERAL && self.are_people() || self.others.values().any(|values| values.len() >= SEVERAL)
    }

    fn are_patients(&self) -> bool {
        self.patients >= SEVERAL && self.are_people()
    }
}

/// Every name with a value in a stretch of text.
fn pairs(text: &[u8], area: Span) -> Vec<Pair> {
    let mut found: Vec<Pair> = Vec::new();
    let mut at = area.start;
    while let Some(offset) = memchr::memchr3(b':', b'=', b'>', &text[at..area.end]) {
        let sign = at + offset;
        at = sign + 1;
        let tag = text[sign] == b'>';
        let named = name_before(text, area.start, sign, tag).or_else(|| element_before(text, area.start, sign));
        let Some((name, meaning)) = named else { continue };
        let Some(value) = value_after(text, sign + 1, area.end, tag) else { continue };
        // What a later name begins, an earlier value without quotation marks does not hold.
        if let Some(before) = found.last_mut()
            && before.value.end > name.start
            && before.value.start < name.start
        {
            let cut = text[before.value.start..name.start].trim_ascii_end();
            let cut = cut.strip_suffix(b",").or_else(|| cut.strip_suffix(b";")).unwrap_or(cut);
            let length = cut.trim_ascii_end().len();
            before.value.end = before.value.start + length;
        }
        found.push(Pair { at: name.start, value, meaning });
    }
    found
}

/// The name that ends before a sign, as many words of it as are known.
fn name_before(text: &[u8], least: usize, sign: usize, tag: bool) -> Option<(Span, Meaning)> {
    let mut end = sign;
    // `name => value`, `name := value`, `"name" : value`, `**Name**: value`
    while end > least
        && matches!(
            text[end - 1],
            b' ' | b'\t' | b'"' | b'\'' | b'=' | b':' | b'*' | b'`' | b']' | b'\\' | b')' | b'?' | b'|'
        )
    {
        end -= 1;
    }
    let least = least.max(end.saturating_sub(MAX_NAME));
    // From the longest name to the shortest: `seen by the patient name` is "patient name". The last five beginnings
    // count, that of the whole stretch among them.
    let mut begins = [0; 5];
    let mut count = 0;
    let mut last = None;
    let mut whole = true;
    let mut start = end;
    while start > least && PARTS[usize::from(text[start - 1])] {
        if start < end && matches!(text[start - 1], b' ' | b'.' | b'-' | b'/') {
            if text[start - 1] == b' ' {
                last = last.or(Some(start));
            }
            if text[start] != b' ' && count < begins.len() {
                begins[count] = start;
                count += 1;
            }
            if count == begins.len() && !tag {
                whole = false;
                break;
            }
        }
        start -= 1;
    }
    if tag && (start == 0 || text[start - 1] != b'<') {
        return None;
    }
    if count < begins.len() {
        begins[count] = start;
        count += 1;
    }
    // Where the last word begins.
    let last = last.or(whole.then_some(start));
    let start = begins[count - 1];
    let name = &text[start..end];
    let begins = begins[..count].iter().rev();
    let found = |begin: usize, meaning: Meaning| {
        // A name of several words that only speaks of health may hold a shorter one that is an identifier.
        (meaning.field.is_some() || Some(begin) == last).then_some((Span::new(begin, end), meaning))
    };
    if words::has_genitive(name) {
        return { begins }.find_map(|begin| found(*begin, map().meaning(text[*begin..end].trim_ascii())?));
    }
    // The words of a shorter name are the last ones of the longer.
    let words = words::all(name, MAX_NAME);
    { begins }.find_map(|begin| {
        let from = words.at(*begin - start);
        let may_be = Some(*begin) == last || map().may_be_field(&words, from);
        found(*begin, (may_be.then(|| map().meaning_of(&words, from)).flatten())?)
    })
}

/// The element whose attribute `value` begins with a sign: `<birthDate value="…"/>`.
fn element_before(text: &[u8], least: usize, sign: usize) -> Option<(Span, Meaning)> {
    let head = text[least.max(sign.saturating_sub(MAX_NAME))..sign].strip_suffix(b" value")?;
    let length = head.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = Span::new(sign - b" value".len() - length, sign - b" value".len());
    if !head[..head.len() - length].ends_with(b"<") {
        return None;
    }
    map().meaning(&text[name.range()]).map(|meaning| (name, meaning))
}

/// The value behind a sign, its quotation marks left out.
fn value_after(text: &[u8], from: usize, end: usize, tag: bool) -> Option<Span> {
    let mut at = from;
    while at < end && matches!(text[at], b' ' | b'\t' | b'>' | b'*' | b'\\') {
        at += 1;
    }
    if tag {
        let length = memchr::memchr3(b'<', b'\n', b'\r', &text[at..end])?;
        return (length > 0 && length <= MAX_VALUE).then(|| Span::new(at, at + length));
    }
    // `b'…'`, `u"…"`, `date('…')`, `["…"]`
    if let Some(b'b' | b'u' | b'f' | b'r') = text.get(at).filter(|_| matches!(text.get(at + 1), Some(b'"' | b'\''))) {
        at += 1;
    }
    while at < end && matches!(text[at], b'[' | b'(') {
        at += 1;
    }
    let start = at;
    match text.get(at).copied().filter(|_| at < end)? {
        quote @ (b'"' | b'\'' | b'`') => {
            let limit = end.min(at + 1 + MAX_VALUE);
            let length = memchr::memchr2(quote, b'\n', &text[at + 1..limit])?;
            let inner = Span::new(at + 1, at + 1 + length);
            // `\"…\"` in a literal that holds another language
            let inner =
                if text[inner.range()].ends_with(b"\\") { Span::new(inner.start, inner.end - 1) } else { inner };
            (!inner.is_empty()).then_some(inner)
        }
        byte if byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'+' | b'(') => {
            let rest = &text[start..end.min(start + MAX_VALUE)];
            let stop = |at: usize| match rest[at] {
                b',' => !is_name_comma(rest, at),
                b' ' => rest.get(at + 1) == Some(&b' ') || begins_name(&rest[at + 1..]),
                _ => true,
            };
            let length = (0..rest.len()).find(|at| ENDS[usize::from(rest[*at])] && stop(*at)).unwrap_or(rest.len());
            let value = rest[..length].trim_ascii_end();
            let value = value.strip_suffix(b".").unwrap_or(value);
            let value = if value.contains(&b'(') { value } else { value.strip_suffix(b")").unwrap_or(value) };
            (!value.is_empty()).then(|| Span::new(start, start + value.len()))
        }
        _ => None,
    }
}

/// The comma of `Last, First`: letters before, a blank and a capital behind, and nothing but a name.
fn is_name_comma(rest: &[u8], at: usize) -> bool {
    let before = rest[..at].iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'\'' | b'-'));
    let behind = rest.get(at + 1) == Some(&b' ') && rest.get(at + 2).is_some_and(u8::is_ascii_uppercase);
    let word = rest.get(at + 2..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    before && behind && !matches!(rest.get(at + 2 + word), Some(b':' | b'='))
}

/// Whether a word follows that ends in a sign: `mrn=7` behind an unquoted value.
fn begins_name(rest: &[u8]) -> bool {
    let word = rest.iter().take(MAX_NAME).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    word > 1 && rest[0].is_ascii_alphabetic() && matches!(rest.get(word), Some(b'=' | b':'))
}

/// `MRN 123456`, `DOB 1/2/1960`, `SSN# 123-45-6789`: a strong name, a blank, and a value that begins with a digit.
fn bare_pair(text: &[u8], hit: usize, end: usize) -> Option<Pair> {
    let word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-');
    let length = text[hit..end.min(hit + 40)].iter().take_while(word).count();
    let before = hit.checked_sub(1).map(|at| text[at]);
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let name = Span::new(hit, hit + length);
    let meaning = map().meaning(&text[name.range()])?;
    let field = meaning.field.filter(|field| field.weight >= 3)?;
    let rest = &text[name.end..end.min(name.end + 40)];
    let skip = rest.iter().take_while(|byte| matches!(byte, b' ' | b'#' | b'.' | b'(')).count();
    let skip = if rest[skip..].starts_with(b"is ") { skip + 3 } else { skip };
    let value = &rest[skip..];
    let sign = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'-' | b'/');
    let taken = value.iter().take_while(sign).count();
    let digit = value.first().is_some_and(u8::is_ascii_digit)
        || field.letter != 'C' && value[..taken].iter().any(u8::is_ascii_digit);
    let span = Span::new(name.end + skip, name.end + skip + taken);
    (skip > 0 && digit).then_some(Pair { at: hit, value: span, meaning })
}

/// Strong forms without a name, in a stretch that is a record anyway: Social Security numbers, telephone numbers,
/// e-mail addresses.
pub(super) fn unlabelled(text: &[u8], area: Span, taken: &[Span], covered: &[Span], group: &mut Group) {
    let bytes = &text[area.range()];
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| SIGNS[usize::from(**byte)]).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let mut length = length;
        // `(617) 284-9931`
        if bytes[at] == b'(' && length == 5 && bytes.get(at + 5) == Some(&b' ') {
            length += 1 + bytes[at + 6..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
        }
        let word = &bytes[at..at + length];
        let word_end = word.iter().rposition(|byte| !b".-_".contains(byte)).map_or(0, |last| last + 1);
        let span = Span::new(area.start + at, area.start + at + word_end);
        at += length;
        let value = &text[span.range()];
        let Some((letter, shape)) = strong_form(value) else { continue };
        if !pieces::touches(taken, span) && !pieces::touches(covered, span) {
            group.value(text, span, letter, shape, false);
        }
    }
}

/// Whether a value is of a form, in which a nine stands for any digit.
fn is_of_form(value: &[u8], form: &[u8]) -> bool {
    let fits = |(byte, form): (&u8, &u8)| if *form == b'9' { byte.is_ascii_digit() } else { byte == form };
    value.len() == form.len() && value.iter().zip(form).all(fits)
}

fn strong_form(value: &[u8]) -> Option<(char, Shape)> {
    const PHONES: [&[u8]; 4] = [b"999-999-9999", b"(999)999-9999", b"(999) 999-9999", b"999.999.9999"];
    let domain = || memchr::memchr(b'@', value).is_some_and(|at| value[at..].contains(&b'.'));
    if is_of_form(value, b"999-99-9999") {
        Some(('G', Shape::Ssn))
    } else if PHONES.iter().any(|form| is_of_form(value, form)) {
        Some(('D', Shape::Phone))
    } else if value.len() > 6 && domain() {
        Some(('F', Shape::Email))
    } else {
        None
    }
}
